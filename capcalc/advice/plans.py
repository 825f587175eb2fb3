"""The plans: today's, cheapest vertical, cheapest horizontal, cheapest of all."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from capcalc.advice import search
from capcalc.advice.found import KINDS, SYSTEM, Found, Positions, allowed, assignments, largest
from capcalc.advice.options import Options
from capcalc.advice.search import Search
from capcalc.advice.summary import Summary
from capcalc.model.system import System
from capcalc.results.advice import Choice, Plan


def find(within: Search, every: Mapping[str, Options]) -> Found:
    """Search all plans."""
    unproved = set()
    whole: dict[str, Positions] = {}
    for kind in KINDS:
        try:
            whole[kind] = _whole(within, every, kind)
        except search.TooMany:
            whole[kind] = None
            unproved.add(kind)
    cheapest = whole["mixed"] or {name: search.largest(each) for name, each in every.items()}
    base = _base(within, every, cheapest)
    tiers = {
        name: _of_tier(within, every, base, name) or _of_tier(within, every, cheapest, name) or {}
        for name in every
    }
    return Found(
        whole=whole,
        tiers=tiers,
        base=base,
        unproved=frozenset(unproved),
        nearest=bool(within.waived),
    )


def _whole(within: Search, every: Mapping[str, Options], kind: str) -> Positions:
    subset = {name: option.picked(allowed(option, kind)) for name, option in every.items()}
    useful = search.useful(within, subset)
    best = search.cheapest(within, useful)
    if best is None:
        return None
    return {name: int(useful[name].origin[position]) for name, position in best.items()}


def _base(
    within: Search, every: Mapping[str, Options], cheapest: Mapping[str, int]
) -> Mapping[str, int]:
    """Today's option of every tier that can stay as it is, else the cheapest plan's."""
    roomy = search.roomiest(within, every)
    kept = {}
    for name, option in every.items():
        stays = within.kept({**roomy, name: search.one(option, option.today)})[0]
        kept[name] = option.today if stays else cheapest[name]
    return kept


def _of_tier(
    within: Search, every: Mapping[str, Options], base: Mapping[str, int], name: str
) -> dict[str, int | None] | None:
    """The cheapest option of each kind with all other tiers fixed; None where there is none."""
    option = every[name]
    size = len(option)
    others = {
        other: every[other].picked(np.full(size, base[other])) for other in every if other != name
    }
    able = np.flatnonzero(within.able({**others, name: option}))
    order = option.order()
    ranked = order[np.isin(order, able)]

    def keeps(positions: NDArray[np.intp]) -> NDArray[np.bool_]:
        some = {other: each.picked(positions) for other, each in others.items()}
        return within.kept({**some, name: option.picked(positions)})

    found = {kind: _least(ranked[np.isin(ranked, allowed(option, kind))], keeps) for kind in KINDS}
    if all(each is None for each in found.values()):
        return None
    return found


def _least(
    ranked: NDArray[np.intp], keeps: Callable[[NDArray[np.intp]], NDArray[np.bool_]]
) -> int | None:
    """The first that keeps all limits; ever more are tried at a time."""
    start, batch = 0, 8
    while start < len(ranked):
        some = ranked[start : start + batch]
        hits = np.flatnonzero(keeps(some))
        if len(hits):
            return int(some[hits[0]])
        start, batch = start + batch, batch * 8
    return None


def whole(
    system: System,
    every: Mapping[str, Options],
    found: Found,
    summaries: Mapping[tuple[str, str], Summary],
    kind: str,
) -> Plan:
    """The system's plan of one kind."""
    summary = summaries[SYSTEM, kind]
    positions = assignments(every, found)[SYSTEM, kind]
    if found.whole[kind] is None and kind != "today":
        return Plan(kind=kind, why_not=_why_none(found, kind, "the largest", summary))
    choices = tuple(every[name].choice(system, at) for name, at in positions.items())
    kept = found.whole[kind] is not None
    return _plan(kind, choices, summary, "" if kept else summary.broken, found.nearest)


def _why_none(found: Found, kind: str, largest: str, summary: Summary) -> str:
    if kind in found.unproved:
        return (
            f"not found: more than {search.MOST_TRIED:,} cheaper combinations miss a latency "
            "objective; loosen it or allow fewer families"
        )
    return f"even {largest} will not do: {summary.broken}"


def of_tier(
    system: System,
    option: Options,
    found: Found,
    summaries: Mapping[tuple[str, str], Summary],
    name: str,
    kind: str,
) -> Plan:
    """One tier's plan of one kind, the other tiers as in ``found.base``."""
    position, summary = found.tiers[name].get(kind), summaries[name, kind]
    if position is None and kind != "today":
        most = str(option.choice(system, largest(option, kind)))
        return Plan(kind=kind, why_not=_why_none(found, kind, most, summary))
    choice = option.choice(system, option.today if position is None else position)
    why_not = "" if position is not None else summary.broken
    return _plan(kind, (choice,), summary, why_not, found.nearest)


def _plan(
    kind: str, choices: tuple[Choice, ...], summary: Summary, why_not: str, nearest: bool
) -> Plan:
    costs = [choice.cost for choice in choices if choice.cost is not None]
    return Plan(
        kind=kind,
        choices=choices,
        cost=None if not costs else sum(costs) + summary.other_cost,
        unpriced_servers=sum(each.hosts * each.servers for each in choices if each.cost is None),
        utilization=summary.utilization,
        utilization_after_failure=summary.after_failure,
        p99=summary.p99,
        load_factor=summary.load_factor,
        survives=summary.survives,
        checks=summary.checks,
        why_not=why_not,
        nearest=nearest,
    )


def preferred(plans: Mapping[str, Plan]) -> str:
    """The recommendation: nothing if today's will do, else the cheapest way to make it do."""
    if plans["today"].usable:
        return "today"
    ways = [kind for kind in ("vertical", "horizontal", "mixed") if plans[kind].usable]
    return min(ways, key=lambda kind: _rank(plans[kind])) if ways else "today"


def _rank(plan: Plan) -> tuple[float, int]:
    return (round(plan.cost or 0.0, 6), plan.unpriced_servers)
