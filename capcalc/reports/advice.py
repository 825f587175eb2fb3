"""An `Advice` as a document: the recommendation first, then each tier with its plans."""

from __future__ import annotations

from typing import Any

from capcalc.reports.advice_data import data
from capcalc.reports.deciding import deciding, growing
from capcalc.reports.document import Column, Document, Section, Table, number
from capcalc.results.advice import Advice, TierAdvice
from capcalc.units import format as human


def _times(value: Any) -> str:
    return f"x{human.significant(float(value))}"


def _mark(value: Any) -> str:
    return "<==" if value else ""


PLANS = (
    Column(name="subject", head="tier"),
    Column(name="plan", head="plan"),
    Column(name="choice", head="machines"),
    Column(name="cost_usd_per_month", head="$/month", show=human.dollars),
    Column(name="unpriced_servers", head="unpriced servers", show=number),
    Column(name="utilization", head="busy", show=human.share),
    Column(name="utilization_after_failure", head="after failure", show=human.share),
    Column(name="p99", head="p99", show=human.duration, unit="s"),
    Column(name="load_factor", head="lasts to", show=_times),
    Column(name="survives", head="survives"),
    Column(name="does", head="does"),
    Column(name="recommended", head="", show=_mark),
)
FLAT = (
    *PLANS[:-2],
    Column(name="feasible", head="feasible"),
    Column(name="nearest", head="nearest"),
    Column(name="recommended", head="recommended"),
    Column(name="why_not", head="why not"),
)


def document(advice: Advice) -> Document:
    """The recommendation, the plans for the system and for each tier, and the reasons."""
    rows = [{**row, "p99": row.pop("p99_s"), "does": _does(row)} for row in advice.rows()]
    whole = [row for row in rows if row["subject"] == "system"]
    return Document(
        title=f"{advice.name}: {headline(advice)}",
        tables=[
            Table(
                name="system",
                title="Plans for the whole system",
                columns=PLANS[1:2] + PLANS[3:],
                rows=whole,
            ),
            Table(name="recommended", title="Machines", columns=MACHINES, rows=_machines(advice)),
            *growing(advice),
            Table(
                name="tiers",
                title="Plans tier by tier (others as today, or as recommended where they change)",
                columns=PLANS,
                rows=[_tidy(row) for row in rows if row["subject"] != "system"],
            ),
            *deciding(advice),
        ],
        sections=[
            Section(title="Why", sentences=advice.reasons),
            Section(title="Out of reach", sentences=advice.infeasible),
            *(
                Section(title=f"{each.tier}: {recommendation(each)}", sentences=each.reasons)
                for each in advice.tiers
            ),
            Section(title="Warnings", sentences=advice.warnings),
        ],
        flat=Table(name="plans", title="", columns=FLAT, rows=rows),
        data=data(advice),
    )


MACHINES = (
    Column(name="tier", head="tier"),
    Column(name="today", head="today"),
    Column(name="vertical", head="vertical"),
    Column(name="horizontal", head="horizontal"),
    Column(name="mixed", head="mixed (cheapest)"),
)


def _machines(advice: Advice) -> list[dict[str, Any]]:
    """What each tier runs on under each plan for the whole system."""
    by_plan = {
        plan.kind: {choice.tier: str(choice) for choice in plan.choices} for plan in advice.plans
    }
    return [
        {"tier": each.tier, **{kind: found.get(each.tier, "–") for kind, found in by_plan.items()}}
        for each in advice.tiers
    ]


def _does(row: dict[str, Any]) -> str:
    if row["feasible"]:
        return "yes"
    return "nearly" if row["nearest"] else "no"


def _tidy(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "unpriced_servers": row["unpriced_servers"] or None}


def headline(advice: Advice) -> str:
    """One line to take away."""
    plan = advice.recommended
    if not plan.usable:
        return "nothing that may be chosen keeps every objective"
    cost = "" if plan.cost is None else f", {human.dollars(plan.cost)} per month"
    kept = "" if not plan.nearest else " (but for what is out of reach, below)"
    if advice.recommendation == "today":
        return f"stay as you are{cost}{kept}"
    return f"change to the {advice.recommendation} plan{cost}{kept}"


def recommendation(advice: TierAdvice) -> str:
    """One tier's recommendation in a word or two."""
    plan = advice.recommended
    if not plan.usable:
        return "no plan will do"
    if advice.recommendation == "today":
        return f"stay with {plan.choices[0]}"
    return f"{advice.recommendation}, {plan.choices[0]}"
