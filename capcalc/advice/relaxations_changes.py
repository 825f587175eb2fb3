"""What may be relaxed, one requirement at a time: the system that each change leaves to plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from capcalc.advice import search
from capcalc.advice.checks import Limit, Solved
from capcalc.advice.options import MOST_HOSTS, Options, options
from capcalc.advice.search import Search
from capcalc.advice.states import planned_load, states
from capcalc.model.components import Database
from capcalc.model.components._shards import Shards
from capcalc.model.failures import ZONE, to_survive
from capcalc.model.system import System
from capcalc.results.solution import PERCENTILES
from capcalc.solve.objectives import limits
from capcalc.solve.requests import law_of
from capcalc.units import format as human
from capcalc.units.kinds import MONTH

#: An objective is loosened to a value that is this much above what a plan has.
ROUND = 1.0005
#: Keys that are spread evenly where the scenario does not say how many there are.
KEYS = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One requirement relaxed: the system that is left to plan."""

    kind: str
    words: str
    system: System
    #: of an objective: the class and the measure that its value is of
    value_of: tuple[str, str] | None = None
    #: of a maximum: the tier whose hosts the words end with
    counts: str | None = None


def search_of(system: System) -> tuple[Search, Mapping[str, Options]]:
    """The search for the system's cheapest plan, and the options of each tier."""
    within = Search(system=system, states=states(system, planned_load(system)))
    return within, options(system)


def worst(found: tuple[Solved, ...], name: str, measure: str) -> float:
    """The worst value of a measure over all states."""
    values = []
    for each in found:
        law = law_of(each.coming, each.queues, name)
        value = law.mean if measure == "mean" else law.quantile(PERCENTILES[measure])
        values.append(float(np.max(np.asarray(value))))
    return max(values)


def changes_of(system: System, broken: list[Limit]) -> Iterator[Change]:
    """Everything that may be relaxed, one at a time."""
    yield from _failures(system)
    yield from _objectives(system)
    yield from _runways(system, bool(broken))
    yield from _maxima(system)
    yield from _shards(system, broken)


def _failures(system: System) -> Iterator[Change]:
    for failure in to_survive(system):
        asking = [
            name
            for name, tier in system.tiers.items()
            if getattr(tier, "survive", None) == failure.kind
            and (failure.kind == ZONE or name in failure.tiers)
        ]
        tiers: dict[str, Any] = dict(system.tiers)
        for name in asking:
            tiers[name] = replace(tiers[name], survive=None)
        yield Change(
            kind="survive",
            words=f"without `survive: {failure.kind}` of {' and '.join(asking)}",
            system=replace(system, tiers=tiers),
        )


def _objectives(system: System) -> Iterator[Change]:
    for name, objective in system.objectives.requests.items():
        for measure, limit in limits(objective).items():
            loose = {**system.objectives.requests, name: replace(objective, **{measure: None})}
            shown = human.duration(float(np.asarray(limit)))
            yield Change(
                kind="objective",
                words=f"{name} {measure} {shown}",
                system=replace(system, objectives=replace(system.objectives, requests=loose)),
                value_of=(name, measure),
            )


def nearest(system: System, broken: list[Limit], roomy: tuple[Solved, ...]) -> Iterator[Change]:
    """Objectives out of reach, each loosened to what the largest machines keep."""
    missed = {(limit.subject, limit.measure) for limit in broken if isinstance(limit.subject, str)}
    for name, objective in system.objectives.requests.items():
        for measure, limit in limits(objective).items():
            least = worst(roomy, name, measure) * ROUND if (name, measure) in missed else np.inf
            if np.isfinite(least):
                loose = {**system.objectives.requests, name: replace(objective, **{measure: least})}
                shown, most = human.apart(float(np.asarray(limit)), least, human.duration)
                yield Change(
                    kind="objective",
                    words=f"{name} {measure} {shown} -> {most}",
                    system=replace(system, objectives=replace(system.objectives, requests=loose)),
                )


def _runways(system: System, broken: bool) -> Iterator[Change]:
    """Without any runway; where nothing will do, also the longest in whole months that will."""
    runway = system.objectives.min_runway
    if runway is None or planned_load(system) <= 1.0:
        return
    asked = float(np.asarray(runway)) / MONTH
    months = 0.0
    if broken:
        months = _longest(system, asked)
        if not months:
            return
    yield Change(
        kind="min_runway",
        words=(
            f"min_runway of {human.significant(months)} instead of {human.significant(asked)} "
            "months"
        ),
        system=lasting(system, months),
    )


def lasting(system: System, months: float) -> System:
    """The same system with another ``min_runway``."""
    return replace(system, objectives=replace(system.objectives, min_runway=months * MONTH))


def _longest(system: System, asked: float) -> float:
    """The most whole months for which some plan lasts; 0 where none does even today."""
    low, high = 0, int(np.ceil(asked))
    while high - low > 1:
        middle = (low + high) // 2
        within, every = search_of(lasting(system, float(middle)))
        low, high = (low, middle) if search.out_of_reach(within, every) else (middle, high)
    return float(low)


def _maxima(system: System) -> Iterator[Change]:
    for name, tier in system.owners().items():
        for key in ("max_hosts", "max_replicas"):
            most = getattr(tier, key, None)
            if most is not None and float(np.asarray(most)) < MOST_HOSTS - 1:
                changes: dict[str, Any] = {key: None}
                yield Change(
                    kind="max_hosts",
                    words=f"more than `{key}: {float(np.asarray(most)):g}` of {name}",
                    system=system.with_tier(name, replace(tier, **changes)),
                    counts=name,
                )


def _shards(system: System, broken: list[Limit]) -> Iterator[Change]:
    """Twice the primaries, only where one cannot take the writes, whatever its size."""
    for name, tier in system.owners().items():
        walled = any(limit.subject == (name, "primary") for limit in broken)
        if walled and isinstance(tier, Database) and tier.shards is None:
            shards = Shards(count=2.0, keys=KEYS, zipf=0.0)
            yield Change(
                kind="shards",
                words=f"{name} in 2 shards, if its keys are asked for alike",
                system=system.with_tier(name, replace(tier, shards=shards)),
            )
