"""Advice: what each way to run the system costs, and why one is recommended."""

from __future__ import annotations

from collections.abc import Iterator

from capcalc.reports.advice import document
from capcalc.reports.page.markup import Markup, element, joined
from capcalc.reports.page.tables import folded, section, table
from capcalc.reports.plots.bars import bar
from capcalc.results.advice import Advice, Plan
from capcalc.units import format as human


def advising(advice: Advice | None, why: str | None) -> Markup:
    """The plans in a picture and in tables, the reasons, then tier by tier."""
    if advice is None:
        return element("p", why) if why else joined()
    told = document(advice)
    tables = {each.name: each for each in told.tables}
    system = [each for each in told.sections if each.title in ("Why", "Out of reach")]
    tiers = [each for each in told.sections if each not in system and each.title != "Warnings"]
    return joined(
        _picture(advice),
        table(tables["system"]),
        table(tables["recommended"]),
        *[section(each) for each in system],
        folded("Reasons tier by tier", *[section(each) for each in tiers]),
        folded("Plans tier by tier", table(tables["tiers"])),
        *[table(tables[name]) for name in ("growing", "deciding") if name in tables],
    )


def _picture(advice: Advice) -> Markup:
    """Bars of cost or, where nothing has a price, of servers."""
    plans = [plan for plan in advice.plans if plan.choices]
    priced = any(plan.cost for plan in plans)
    sizes = {plan.kind: (plan.cost or 0.0) if priced else plan.unpriced_servers for plan in plans}
    top = max(sizes.values(), default=0.0)
    if top <= 0:
        return joined()
    what = "costs in a month" if priced else "has in servers (no prices are known)"
    rows = [_row(advice, plan, sizes.get(plan.kind), top) for plan in advice.plans]
    return element(
        "figure",
        element("figcaption", f"What each plan {what}"),
        element("ol", rows, class_="rows"),
    )


def _row(advice: Advice, plan: Plan, size: float | None, top: float) -> Markup:
    says = "; ".join(_says(plan))
    chosen = plan.kind == advice.recommendation
    look = "over" if not plan.usable else "fine" if chosen else "after"
    drawn = bar(size, label=f"{plan.kind}: {says}", top=top, look=look)
    mark = element("small", " recommended") if chosen else None
    return element(
        "li",
        element("div", element("b", plan.kind), mark),
        element("div", drawn),
        element("div", says, class_="says"),
    )


def _says(plan: Plan) -> Iterator[str]:
    if plan.cost is not None and plan.choices:
        yield f"{human.dollars(plan.cost)} per month"
    elif plan.unpriced_servers and plan.choices:
        yield f"{plan.unpriced_servers} servers"
    yield (
        "will do"
        if plan.feasible
        else "all but what is out of reach"
        if plan.usable
        else "will not do"
    )
    if plan.load_factor is not None:
        yield f"lasts to x{human.significant(plan.load_factor)}"
