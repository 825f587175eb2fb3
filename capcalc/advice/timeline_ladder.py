"""How far bigger machines carry what more hosts cannot: the writes of a primary."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from capcalc.advice.checks import solved, utilization_limits
from capcalc.advice.options import applied
from capcalc.advice.search import largest, one
from capcalc.advice.states import months, states
from capcalc.advice.timeline_found import Frame
from capcalc.advice.timeline_machines import Machines
from capcalc.model.components import Database
from capcalc.results.timeline import Timeline
from capcalc.units import format as human

PRIMARY = "primary"


def ladders(found: Timeline, frame: Frame) -> Iterator[str]:
    """For each database with replicas: the load that each machine carries as its primary.

    Told where demand grows, so that there is a month to each.
    """
    if found.growth <= 0:
        return
    for name, tier in frame.months.every.items():
        component = frame.months.system.tiers[name]
        if isinstance(component, Database) and np.all(np.asarray(component.replicas) > 0):
            yield from _ladder(found, frame, tier)


def _ladder(found: Timeline, frame: Frame, tier: Machines) -> Iterator[str]:
    first = next(
        (
            each
            for each in found.runways
            if (each.subject, each.role) == (tier.tier, PRIMARY) and np.isfinite(each.load_factor)
        ),
        None,
    )
    if first is None:
        return
    carries = _carries(frame, tier)
    now = _when(frame, first.load_factor)
    text = (
        f"{first.name}: its writes and its own reads are not shared with replicas; today's "
        f"machine carries {human.significant(first.load_factor)} times today's load{now}"
    )
    rungs = [_rung(frame, tier, kind, float(carries[kind])) for kind in _steps(tier, carries)]
    bigger = f", {', '.join(rungs)}" if rungs else ""
    yield f"{text}{bigger}; beyond that its data has to be split over shards"


def _carries(frame: Frame, tier: Machines) -> NDArray[np.float64]:
    """The factor on today's load that each machine carries as the primary, by utilization."""
    every, system = frame.months.every, frame.months.system
    chosen = {name: one(each.option, largest(each.option)) for name, each in every.items()}
    chosen[tier.tier] = tier.option.picked(tier.position[:, 0])
    most = np.full(len(tier.position), np.inf)
    for limit in utilization_limits(solved(applied(system, chosen), states(system, 1.0))):
        if limit.subject == (tier.tier, PRIMARY) and limit.value is not None:
            busy = np.asarray(limit.value, dtype=float)
            with np.errstate(divide="ignore"):
                most = np.minimum(most, np.asarray(limit.limit) / busy)
    return most


def _steps(tier: Machines, carries: NDArray[np.float64]) -> list[int]:
    """The cheapest machine of each size above today's; of many the first three and the last."""
    best: dict[float, int] = {}
    for kind in np.flatnonzero(tier.bigger[tier.today] & (carries > carries[tier.today])):
        size = round(float(carries[kind]), 9)
        if size not in best or tier.price[kind] < tier.price[best[size]]:
            best[size] = int(kind)
    sizes = sorted(best)
    return [best[size] for size in (sizes if len(sizes) < 5 else [*sizes[:3], sizes[-1]])]


def _rung(frame: Frame, tier: Machines, kind: int, factor: float) -> str:
    choice = tier.option.choice(frame.months.system, int(tier.position[kind, 0]))
    cost = "" if choice.cost is None else f", {human.dollars(choice.cost)} a month"
    machine = choice.instance or f"{choice.servers} servers"
    return f"{machine} {human.significant(factor)} times{_when(frame, factor, cost)}"


def _when(frame: Frame, factor: float, cost: str = "") -> str:
    away = months(frame.months.system, factor)
    date = frame.date(away) if np.isfinite(away) else None
    if date is None and np.isfinite(away):
        date = f"month {human.significant(away)}"
    inside = f"{'' if date is None else date}{cost}".removeprefix(", ")
    return f" ({inside})" if inside else ""
