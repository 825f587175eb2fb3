"""The load that each option of a tier carries before one of its limits or an objective breaks.

Utilization grows in proportion to load, which gives the ends by its limits in closed form; where
a latency objective (or retries) ends it earlier, the range below is narrowed, all at once. That
latency only gets worse with load is taken for granted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from capcalc.advice.checks import SLACK, Limit, utilization_limits
from capcalc.advice.options import Options
from capcalc.advice.search import Search
from capcalc.advice.summary import at_load
from capcalc.model.system import System
from capcalc.solve.objectives import limits

#: Points at which a range of loads is tried at a time, and how often the range is narrowed.
GRID, ROUNDS = 9, 5
#: Plans judged at a time: bounds memory.
CHUNK = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Strict:
    """How strict the limits are, plan by plan: one factor on latency, one on utilization."""

    classes: frozenset[str]
    latency: NDArray[np.float64]
    utilization: NDArray[np.float64]

    def picked(self, which: NDArray[np.intp]) -> Strict:
        """Of some of the plans."""
        return replace(self, latency=self.latency[which], utilization=self.utilization[which])

    def of(self, system: System) -> System:
        """The system with its latency limits multiplied."""
        kept = dict(system.objectives.requests)
        for name in self.classes & kept.keys():
            bounds: dict[str, Any] = {
                measure: np.multiply(limit, self.latency)
                for measure, limit in limits(kept[name]).items()
            }
            kept[name] = replace(kept[name], **bounds)
        return replace(system, objectives=replace(system.objectives, requests=kept))

    def met(self, limit: Limit) -> NDArray[np.bool_]:
        """A limit on utilization, multiplied."""
        most = np.multiply(limit.limit, self.utilization)
        return np.asarray(np.asarray(limit.value) <= most * (1 + SLACK))


def carried(
    within: Search, others: Mapping[str, Options], option: Options, strict: Strict
) -> NDArray[np.float64]:
    """The factor on today's load that each option carries; the arrays are parallel.

    Parameters
    ----------
    within : Search
        At any load; limits that are waived stay so.
    others : mapping of str to Options
        One option of every other tier, which is there at every load.
    option : Options
        The tier's.
    strict : Strict
        As many factors as options.
    """
    high = _by_utilization(within, others, option, strict)
    far = np.isfinite(high)
    open_ = far.copy()
    open_[far] = ~_keeps(within, others, option, strict, np.flatnonzero(far), high[far])
    which = np.flatnonzero(open_)
    low, top = np.zeros(len(which)), high[which]
    for _ in range(ROUNDS if len(which) else 0):
        loads = np.linspace(low, top, GRID, axis=-1)
        rows = np.repeat(which, GRID)
        kept = _keeps(within, others, option, strict, rows, loads.ravel()).reshape(-1, GRID)
        kept[:, 0] = True
        last = np.cumprod(kept, axis=-1).sum(axis=-1) - 1
        low = loads[np.arange(len(which)), last]
        top = loads[np.arange(len(which)), np.minimum(last + 1, GRID - 1)]
    found = high.copy()
    found[which] = low
    return found


def _by_utilization(
    within: Search, others: Mapping[str, Options], option: Options, strict: Strict
) -> NDArray[np.float64]:
    """Limit over utilization at today's load, the least of all states."""
    rest = {name: each for name, each in others.items() if name != option.tier}
    unlike, back = np.unique(option.origin, return_index=True, return_inverse=True)[1:]
    found = at_load(within, 1.0).solved({**rest, option.tier: option.picked(unlike)})
    most = np.full(len(option), np.inf)
    for limit in utilization_limits(found):
        if limit.subject[0] == option.tier and limit.value is not None:
            with np.errstate(divide="ignore", invalid="ignore"):
                room = np.broadcast_to(
                    np.asarray(limit.limit) / np.asarray(limit.value), unlike.shape
                )
            each = room[back] * strict.utilization
            most = np.minimum(most, np.where(np.isnan(each), np.inf, each))
    return most


def _keeps(
    within: Search,
    others: Mapping[str, Options],
    option: Options,
    strict: Strict,
    which: NDArray[np.intp],
    loads: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Whether so many plans keep the tier's limits and all objectives, each at its own load."""
    parts = [
        _part(
            within,
            others,
            option.picked(which[at : at + CHUNK]),
            strict.picked(which[at : at + CHUNK]),
            loads[at : at + CHUNK],
        )
        for at in range(0, len(which), CHUNK)
    ]
    return np.concatenate(parts) if parts else np.ones(0, dtype=bool)


def _part(
    within: Search,
    others: Mapping[str, Options],
    option: Options,
    strict: Strict,
    loads: NDArray[np.float64],
) -> NDArray[np.bool_]:
    rest = {name: each for name, each in others.items() if name != option.tier}
    there = at_load(replace(within, system=strict.of(within.system)), loads)
    ok = np.ones(len(loads), dtype=bool)
    for limit in there.limits(there.solved({**rest, option.tier: option})):
        if isinstance(limit.subject, str):
            ok &= limit.met
        elif limit.subject[0] == option.tier:
            ok &= strict.met(limit)
    return ok
