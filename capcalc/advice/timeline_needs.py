"""How many hosts of each machine a tier needs in each month, all found by one bisection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from capcalc.advice.checks import Limit, Solved, latency_limits, solved, utilization_limits
from capcalc.advice.options import Options, applied
from capcalc.advice.search import largest, one
from capcalc.advice.states import states
from capcalc.advice.timeline_machines import Machines
from capcalc.model.system import System
from capcalc.traffic.flows import StationKey

#: A limit, whatever the load: state, subject, measure.
Key: TypeAlias = tuple[str, StationKey | str, str]
#: What every tier runs on, month by month: positions among its options.
Course: TypeAlias = Mapping[str, NDArray[np.intp]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Months:
    """A system's months to come: the highest load of each, and what nothing could keep then."""

    system: System
    every: Mapping[str, Machines]
    loads: NDArray[np.float64]
    #: by limit, the months in which it breaks even with every tier at its largest
    lost: Mapping[Key, NDArray[np.bool_]]

    def __len__(self) -> int:
        """How many months there are."""
        return len(self.loads)

    def part(self, which: slice) -> Months:
        """Some of the months."""
        lost = {limit: broken[which] for limit, broken in self.lost.items()}
        some = {limit: broken for limit, broken in lost.items() if broken.any()}
        return replace(self, loads=self.loads[which], lost=some)

    def found(self, chosen: Mapping[str, Options], month: NDArray[np.intp]) -> tuple[Solved, ...]:
        """All states with options put in, each element in its month."""
        load = self.loads[month]
        return solved(applied(self.system, chosen), states(self.system, load))

    def limits(
        self, found: tuple[Solved, ...], month: NDArray[np.intp], *, latency: bool = True
    ) -> Iterator[Limit]:
        """Every limit; what nothing could keep in that month counts as met."""
        yield from self._lost(utilization_limits(found), month)
        if latency:
            yield from self._lost(latency_limits(found), month)

    def _lost(self, every: Iterator[Limit], month: NDArray[np.intp]) -> Iterator[Limit]:
        for limit in every:
            lost = self.lost.get(key(limit))
            yield limit if lost is None else replace(limit, met=limit.met | lost[month])

    def kept(
        self, chosen: Mapping[str, Options], month: NDArray[np.intp], *, latency: bool = True
    ) -> NDArray[np.bool_]:
        """Element by element, whether all limits are kept."""
        ok = np.ones(len(month), dtype=bool)
        for limit in self.limits(self.found(chosen, month), month, latency=latency):
            ok &= limit.met
        return ok

    def chosen(self, course: Course, month: NDArray[np.intp]) -> dict[str, Options]:
        """The options of every tier in these months."""
        return {name: each.option.picked(course[name][month]) for name, each in self.every.items()}

    def largest(self) -> Course:
        """Every tier at its largest in every month."""
        return {
            name: np.full(len(self), largest(each.option), dtype=np.intp)
            for name, each in self.every.items()
        }


def key(limit: Limit) -> Key:
    """A limit, whatever the load."""
    return limit.state.name, limit.subject, limit.measure


def out_of_reach(
    system: System, every: Mapping[str, Machines], loads: NDArray[np.float64]
) -> Mapping[Key, NDArray[np.bool_]]:
    """The limits that break in some month even with every tier at its largest."""
    best = {name: one(each.option, largest(each.option)) for name, each in every.items()}
    found = solved(applied(system, best), states(system, loads))
    lost = {}
    for each in (*utilization_limits(found), *latency_limits(found)):
        broken = ~np.broadcast_to(each.met, loads.shape)
        if broken.any():
            lost[key(each)] = broken
    return lost


def hosts_needed(
    months: Months, name: str, others: Course, at_least: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """The fewest hosts of each machine (rows) that keep all limits in each month (columns).

    More hosts are never worse, so the count is bisected: by the limits on utilization, which
    are cheap, then by latency from there on; or by all from a known lower bound on. ``inf``
    where no count will do. All machines and months are one array.
    """
    tier = months.every[name]
    kinds, size = tier.position.shape
    kind, month = (
        grid.ravel()
        for grid in np.meshgrid(np.arange(kinds), np.arange(len(months)), indexing="ij")
    )
    need = np.zeros(len(kind), dtype=np.intp)
    if at_least is not None:
        need = np.searchsorted(tier.counts, at_least).ravel()
    for latency in (False, True) if at_least is None else (True,):
        left = np.flatnonzero(need < size)
        left = left[~_ok(months, tier, others, kind[left], month[left], need[left], latency)]
        need[left] = _bisected(months, tier, others, kind[left], month[left], need[left], latency)
    hosts = np.append(tier.counts, np.inf)[need].reshape(kinds, len(months))
    return np.maximum.accumulate(hosts, axis=1)


def _bisected(
    months: Months,
    tier: Machines,
    others: Course,
    kind: NDArray[np.intp],
    month: NDArray[np.intp],
    short: NDArray[np.intp],
    latency: bool,
) -> NDArray[np.intp]:
    """The first count that will do, above one that will not; one past the last if none does."""
    low, high = short.copy(), np.full(len(short), tier.position.shape[1], dtype=np.intp)
    while len(going := np.flatnonzero(high - low > 1)):
        middle = (low[going] + high[going]) // 2
        ok = _ok(months, tier, others, kind[going], month[going], middle, latency)
        high[going] = np.where(ok, middle, high[going])
        low[going] = np.where(ok, low[going], middle)
    return high


def _ok(
    months: Months,
    tier: Machines,
    others: Course,
    kind: NDArray[np.intp],
    month: NDArray[np.intp],
    count: NDArray[np.intp],
    latency: bool,
) -> NDArray[np.bool_]:
    if not len(kind):
        return np.zeros(0, dtype=bool)
    chosen = months.chosen(others, month)
    chosen[tier.tier] = tier.option.picked(tier.position[kind, count])
    return months.kept(chosen, month, latency=latency)
