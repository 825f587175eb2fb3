"""Tables of an `Advice`: what decided between both ways, and what each costs as load grows."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import Any

from capcalc.reports.document import Column, Table
from capcalc.results.advice import Advice, Choice
from capcalc.results.deciding import Counterfactual, Deciding
from capcalc.units import format as human


def _times(value: Any) -> str:
    return f"x{human.significant(float(value))}"


GROWING = (
    Column(name="occasion", head=""),
    Column(name="load_factor", head="load", show=_times),
    Column(name="vertical", head="vertical"),
    Column(name="horizontal", head="horizontal"),
)


def growing(advice: Advice) -> Iterator[Table]:
    """What every tier grown one way only comes to, CDNs at that load."""
    rows = [
        {
            "occasion": each.occasion,
            "load_factor": each.load_factor,
            "vertical": _bill(each.vertical, each.vertical_servers),
            "horizontal": _bill(each.horizontal, each.horizontal_servers),
        }
        for each in advice.growing
    ]
    if rows:
        title = "Every tier grown one way only, $/month, CDNs at that load"
        yield Table(name="growing", title=title, columns=GROWING, rows=rows)


def _bill(cost: float | None, servers: int | None) -> str:
    """Money, or servers where nothing has a price; a dash where that way does not do."""
    if servers is None:
        return "–"
    return f"{servers} servers" if cost is None else human.dollars(cost)


DECIDING = (
    Column(name="tier", head="tier"),
    Column(name="load_factor", head="at load", show=_times),
    Column(name="vertical", head="vertical"),
    Column(name="horizontal", head="horizontal"),
    Column(name="cheaper", head="cheaper"),
    Column(name="kind", head="decided by"),
    Column(name="then", head="without it"),
)
#: What decided, in the words of a table.
KINDS = {
    "price": "price of a vCPU",
    "size_steps": "sizes of machines",
    "n_plus_one": "N+1 tax",
    "failure_elsewhere": "failure elsewhere",
    "zone_rounding": "zone rounding",
    "write_replay": "write replay",
    "ladder": "end of the ladder",
    "contention": "contended cores",
    "statefulness": "statefulness",
    "single_point": "single point of failure",
    "latency": "latency",
    "operations_cost": "operations cost",
    "machines": "servers needed",
}


def deciding(advice: Advice) -> Iterator[Table]:
    """What decided between up and out, tier by tier."""
    rows = [_decided(each.tier, each.deciding) for each in advice.tiers if each.deciding]
    if rows:
        title = "What decided between vertical and horizontal"
        yield Table(name="deciding", title=title, columns=DECIDING, rows=rows)


def _decided(tier: str, found: Deciding) -> dict[str, Any]:
    without = found.main
    return {
        "tier": tier,
        "load_factor": found.load_factor,
        "vertical": _option(found.vertical, found.vertical_cost, found.priced),
        "horizontal": _option(found.horizontal, found.horizontal_cost, found.priced),
        "cheaper": found.cheaper or "neither does",
        "kind": KINDS.get(found.kind, "–"),
        "then": None if without is None else _then(without),
    }


def _then(found: Counterfactual) -> str:
    """The cheaper way without it, and what both come to."""
    if not (isfinite(found.vertical_cost) and isfinite(found.horizontal_cost)):
        return found.cheaper or "neither does"
    if found.cheaper == "same":
        return "the same"
    nearer = "" if found.decides else "still "
    return f"{nearer}{found.cheaper}"


def _option(choice: Choice | None, cost: float, priced: bool) -> str:
    if choice is None:
        return "–"
    return f"{choice}, {human.dollars(cost)}" if priced else str(choice)
