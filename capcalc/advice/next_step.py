"""When today's machines of each tier stop doing: the load at which the tier has to grow.

All other tiers are at their largest, and what breaks even then is left out: only what the tier's
own machines decide counts. All tiers are looked at together, one element of an array each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from capcalc.advice.checks import Limit, utilization_limits
from capcalc.advice.options import Options
from capcalc.advice.search import Search
from capcalc.advice.summary import at_load

#: How little more than what today's machines carry is more. Relative.
BEYOND = 1e-5
#: Points at which a range of loads is tried at a time, and how often the range is narrowed.
GRID, ROUNDS = 33, 4
_ARRAYS = ("row", "hosts", "servers", "price", "slowdown", "contention", "origin")


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """The first load at which one tier's machines do not do, and the limits to keep there."""

    load: float
    within: Search


def next_steps(
    within: Search,
    every: Mapping[str, Options],
    rest: Mapping[str, Options],
    names: Sequence[str],
) -> Mapping[str, NextStep]:
    """Of each tier named; none where its machines do at every load.

    Parameters
    ----------
    within : Search
        At the load planned for, at which today's machines of these tiers do.
    rest : mapping of str to Options
        Every tier at its largest.
    """
    ends = _by_utilization(within, every, rest, names)
    finite = [name for name in names if np.isfinite(ends[name])]
    if not finite:
        return {}
    high = np.array([ends[name] for name in finite])
    fine = _kept(within, every, rest, finite, high)
    early = [name for name, kept in zip(finite, fine, strict=True) if not kept]
    ends |= _narrowed(within, every, rest, early, ends)
    loads = np.array([ends[name] * (1 + BEYOND) for name in finite])
    return _reachable(within, rest, finite, loads)


def _by_utilization(
    within: Search, every: Mapping[str, Options], rest: Mapping[str, Options], names: Sequence[str]
) -> dict[str, float]:
    """Limit over utilization at today's load, the least of each tier."""
    found = at_load(within, 1.0).solved(_plans(every, rest, names, 1))
    most = dict.fromkeys(names, float("inf"))
    for limit in utilization_limits(found):
        name = limit.subject[0]
        if name in most and limit.value is not None and not _is_waived(within, limit):
            at, size = names.index(name), len(names)
            busy = float(np.broadcast_to(limit.value, (size,))[at])
            bound = float(np.broadcast_to(limit.limit, (size,))[at])
            if busy > 0:
                most[name] = min(most[name], bound / busy)
    return most


def _is_waived(within: Search, limit: Limit) -> bool:
    return (limit.state.name, limit.subject, limit.measure) in within.waived


def _narrowed(
    within: Search,
    every: Mapping[str, Options],
    rest: Mapping[str, Options],
    names: Sequence[str],
    ends: Mapping[str, float],
) -> dict[str, float]:
    """Where latency (or retries) ends what the machines carry before utilization does."""
    if not names:
        return {}
    high = np.array([ends[name] for name in names])
    low = np.minimum(float(np.max(within.states[0].load)), high)
    for _ in range(ROUNDS):
        loads = np.linspace(low, high, GRID, axis=-1)
        kept = _kept(within, every, rest, names, loads.ravel(), GRID).reshape(-1, GRID)
        last = np.cumprod(kept, axis=-1).sum(axis=-1)
        rows = np.arange(len(names))
        low = loads[rows, np.maximum(last - 1, 0)]
        high = loads[rows, np.clip(last, 1, GRID - 1)]
    return dict(zip(names, map(float, high), strict=True))


def _kept(
    within: Search,
    every: Mapping[str, Options],
    rest: Mapping[str, Options],
    names: Sequence[str],
    loads: NDArray[np.float64],
    times: int = 1,
) -> NDArray[np.bool_]:
    """Whether each tier's own limits are kept, and all objectives that the largest tiers keep."""
    size = len(loads)
    both = _plans(every, rest, names, times, beside=True)
    there = at_load(within, np.tile(loads, 2))
    owner = np.repeat(np.arange(len(names)), times)
    ok = np.ones(size, dtype=bool)
    for limit in there.limits(there.solved(both)):
        met = np.broadcast_to(limit.met, (2 * size,))
        if isinstance(limit.subject, str):
            ok &= met[:size] | ~met[size:]
        elif limit.subject[0] in names:
            mine = owner == names.index(limit.subject[0])
            ok &= met[:size] | ~met[size:] | ~mine
    return ok


def _plans(
    every: Mapping[str, Options],
    rest: Mapping[str, Options],
    names: Sequence[str],
    times: int,
    *,
    beside: bool = False,
) -> dict[str, Options]:
    """For each tier so often a plan with it as today and all others at their largest.

    ``beside``: then as many plans with all tiers at their largest.
    """
    owner = np.repeat(np.arange(len(names)), times)
    plans = {}
    for name, option in every.items():
        own = owner == names.index(name) if name in names else np.zeros(len(owner), dtype=bool)
        own = np.append(own, np.zeros(len(owner), dtype=bool)) if beside else own
        plans[name] = _mixed(option, rest[name], own)
    return plans


def _mixed(option: Options, roomy: Options, own: NDArray[np.bool_]) -> Options:
    """Today's option where it says so, else the largest."""
    arrays: dict[str, Any] = {
        name: np.where(own, getattr(option, name)[option.today], getattr(roomy, name)[0])
        for name in _ARRAYS
    }
    return replace(option, today=-1, **arrays)


def _reachable(
    within: Search,
    rest: Mapping[str, Options],
    names: Sequence[str],
    loads: NDArray[np.float64],
) -> Mapping[str, NextStep]:
    """At each tier's load, the limits that the largest of all tiers keep."""
    size = len(names)
    there = at_load(within, loads)
    most = {name: option.picked(np.zeros(size, dtype=int)) for name, option in rest.items()}
    lost: list[set[Any]] = [set() for _ in names]
    for limit in there.limits(there.solved(most)):
        for at in np.flatnonzero(~np.broadcast_to(limit.met, (size,))):
            lost[at].add((limit.state.name, limit.subject, limit.measure))
    return {
        name: NextStep(
            load=float(load),
            within=replace(at_load(within, float(load)), waived=within.waived | frozenset(gone)),
        )
        for name, load, gone in zip(names, loads, lost, strict=True)
    }
