"""An `Advice` as data with plain keys: what JSON holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from capcalc.results.advice import Advice, Plan
from capcalc.results.deciding import Counterfactual, Deciding


def data(advice: Advice) -> dict[str, Any]:
    """The whole answer with plain keys, for JSON."""
    return {
        "name": advice.name,
        "recommendation": advice.recommendation,
        "planned_load": advice.planned_load,
        "states": advice.states,
        "system": {plan.kind: _plan(plan) for plan in advice.plans},
        "reasons": advice.reasons,
        "infeasible": advice.infeasible,
        "growing": [asdict(each) for each in advice.growing],
        "tiers": [
            {
                "tier": each.tier,
                "recommendation": each.recommendation,
                **{
                    p.kind: _plan(p)
                    for p in (each.today, each.vertical, each.horizontal, each.mixed)
                },
                "reasons": each.reasons,
                "deciding": None if each.deciding is None else _why(each.deciding),
                "break_even": {
                    "load_factor": each.break_even.factor,
                    "cheaper_below": each.break_even.first,
                    "cheaper_above": each.break_even.then,
                    "vertical_ends_at": each.break_even.vertical_end,
                    "horizontal_ends_at": each.break_even.horizontal_end,
                    "sentence": each.break_even.sentence,
                },
            }
            for each in advice.tiers
        ],
        "warnings": advice.warnings,
    }


def _why(found: Deciding) -> dict[str, Any]:
    unit = "usd_per_month" if found.priced else "servers"
    return {
        "load_factor": found.load_factor,
        "cheaper": found.cheaper,
        "decided_by": found.kind,
        "explains": found.explains,
        "unit": unit,
        **_sides(found),
        "counterfactuals": [
            {
                "kind": each.kind,
                "without": each.without,
                "cheaper": each.cheaper,
                "decides": each.decides,
                "explains": each.explains,
                **_sides(each),
            }
            for each in found.counterfactuals
        ],
        "sentence": found.sentence,
    }


def _sides(found: Deciding | Counterfactual) -> dict[str, Any]:
    return {
        "vertical": None if found.vertical is None else _choice(found.vertical),
        "horizontal": None if found.horizontal is None else _choice(found.horizontal),
        "vertical_cost": found.vertical_cost,
        "horizontal_cost": found.horizontal_cost,
    }


def _plan(plan: Plan) -> dict[str, Any]:
    return {
        "feasible": plan.feasible,
        "nearest": plan.usable and plan.nearest,
        "choices": [_choice(choice) for choice in plan.choices],
        "cost_usd_per_month": plan.cost,
        "unpriced_servers": plan.unpriced_servers,
        "utilization": plan.utilization,
        "utilization_after_failure": plan.utilization_after_failure,
        "p99": plan.p99,
        "load_factor": plan.load_factor,
        "survives": plan.survives,
        "why_not": plan.why_not,
        "checks": [
            {
                "state": check.state,
                "subject": check.subject,
                "measure": check.measure,
                "value": check.value,
                "limit": check.limit,
                "met": check.met,
            }
            for check in plan.checks
        ],
    }


def _choice(choice: Any) -> dict[str, Any]:
    names: Sequence[str] = ("tier", "instance", "hosts", "servers")
    record = {name: getattr(choice, name) for name in names}
    return {**record, "cost_usd_per_month": choice.cost}
