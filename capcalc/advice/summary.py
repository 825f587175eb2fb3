"""What each plan comes to: how busy, how slow, what it survives, how far it carries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from capcalc.advice.checks import Limit, Solved
from capcalc.advice.found import SYSTEM, Found, assignments
from capcalc.advice.options import Options
from capcalc.advice.search import Search
from capcalc.model.objectives import Objectives
from capcalc.results.advice import Check
from capcalc.results.solution import PERCENTILES
from capcalc.solve.cost import cdn_per_month
from capcalc.solve.requests import law_of
from capcalc.solve.tiers import tier_results
from capcalc.units import format as human
from capcalc.units.types import Numbers

#: Points at which a range of loads is tried at a time, and how often the range is narrowed.
GRID, ROUNDS = 33, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One plan in numbers, at today's load; ``broken`` says in words what it misses."""

    utilization: float
    after_failure: float | None
    p99: float | None
    load_factor: float
    survives: tuple[str, ...]
    checks: tuple[Check, ...]
    broken: str
    other_cost: float


def summarize(
    within: Search,
    every: Mapping[str, Options],
    found: Found,
) -> Mapping[tuple[str, str], Summary]:
    """All plans at once, one element of an array each."""
    listed = assignments(every, found)
    chosen = _stacked(every, list(listed.values()))
    strict = replace(within, waived=frozenset())
    now = at_load(strict, 1.0).solved(chosen)
    planned = strict.solved(chosen)
    limits_now, limits_planned = list(strict.limits(now)), list(strict.limits(planned))
    p99 = _worst_p99(now[0])
    tier_p99 = {
        tier.name: tier.response_p99
        for tier in tier_results(now[0].system, now[0].coming, now[0].queues, True)
    }
    carried = _carried(within, chosen, limits_now, len(listed))
    summaries = {}
    for at, (subject, kind) in enumerate(listed):
        mine = [limit for limit in limits_now if _concerns(limit, subject)]
        summaries[subject, kind] = Summary(
            utilization=_busiest(mine, at, failed=False) or 0.0,
            after_failure=_busiest(mine, at, failed=True),
            p99=_at(p99 if subject == SYSTEM else tier_p99.get(subject), at),
            load_factor=float(carried[at]) if subject == SYSTEM else _factor(mine, at),
            survives=_survived(mine, at),
            checks=_checks(limits_planned, planned, at)
            if (subject, kind) == (SYSTEM, "today")
            else (),
            broken=_broken(limits_planned, planned, subject, at),
            other_cost=_edge_cost(within) if subject == SYSTEM else 0.0,
        )
    return summaries


def at_load(within: Search, load: Numbers) -> Search:
    """The same search with all states at another load."""
    return replace(within, states=tuple(replace(state, load=load) for state in within.states))


def _stacked(every: Mapping[str, Options], plans: list[Mapping[str, int]]) -> dict[str, Options]:
    return {
        name: option.picked(np.array([plan[name] for plan in plans]))
        for name, option in every.items()
    }


def _concerns(limit: Limit, subject: str) -> bool:
    """Whether a limit is the system's business (all are) or that of one tier's hosts."""
    return not subject or (not isinstance(limit.subject, str) and limit.subject[0] == subject)


def _at(values: ArrayLike | None, position: int) -> float | None:
    if values is None:
        return None
    array = np.asarray(values)
    return float(array if array.ndim == 0 else array[position])


def _busiest(limits: list[Limit], at: int, *, failed: bool) -> float | None:
    values = [
        _at(limit.value, at) or 0.0
        for limit in limits
        if limit.value is not None
        and (limit.state.failure is not None) == failed
        and np.isfinite(_at(limit.limit, at) or np.inf)
    ]
    return max(values) if values else None


def _factor(limits: list[Limit], at: int) -> float:
    """The growth of load at which the first utilization limit is reached."""
    room = [
        (_at(limit.limit, at) or 0.0) / value
        for limit in limits
        if limit.value is not None and (value := _at(limit.value, at))
    ]
    return min(room) if room else float("inf")


def _survived(limits: list[Limit], at: int) -> tuple[str, ...]:
    """Failures after which every limit of that state is kept."""
    states = dict.fromkeys(each.state.name for each in limits if each.state.failure is not None)
    lost = {each.state.name for each in limits if not _at(each.met, at)}
    return tuple(name for name in states if name not in lost)


def _worst_p99(up: Solved) -> Numbers | None:
    names = list(up.system.objectives.requests) or list(up.coming.classes)
    values = [law_of(up.coming, up.queues, name).quantile(0.99) for name in names]
    return np.max(np.stack(np.broadcast_arrays(*values)), axis=0) if values else None


def _carried(
    within: Search, chosen: Mapping[str, Options], limits_now: list[Limit], size: int
) -> NDArray[np.float64]:
    """Largest factor on today's load at which all limits hold, plan by plan.

    Utilization limits give it in closed form; latency objectives, which only get worse with
    load, by narrowing the range below that.
    """
    high = np.array([_factor(limits_now, at) for at in range(size)])
    if within.system.objectives == Objectives() or not np.isfinite(high).all():
        return high
    low = np.zeros(size)
    rows = {
        name: option.picked(np.repeat(np.arange(size), GRID)) for name, option in chosen.items()
    }
    for _ in range(ROUNDS):
        loads = np.linspace(low, high, GRID, axis=-1)
        kept = at_load(within, loads.ravel()).kept(rows).reshape(size, GRID)
        last = np.maximum(np.cumprod(kept, axis=-1).sum(axis=-1) - 1, 0)
        low = loads[np.arange(size), last]
        high = loads[np.arange(size), np.minimum(last + 1, GRID - 1)]
    return low


def _broken(limits: list[Limit], planned: tuple[Solved, ...], subject: str, at: int) -> str:
    """The limits that a plan misses, in words."""
    missed = [limit for limit in limits if not _at(limit.met, at)]
    mine = [limit for limit in missed if _concerns(limit, subject)] or missed
    return "; ".join(dict.fromkeys(describe(limit, planned, at) for limit in mine[:4]))


def value_of(limit: Limit, planned: tuple[Solved, ...], at: int) -> float:
    """The value that a limit is held against."""
    if limit.value is not None:
        return _at(limit.value, at) or 0.0
    each = next(one for one in planned if one.state.name == limit.state.name)
    law = law_of(each.coming, each.queues, str(limit.subject))
    value = law.mean if limit.measure == "mean" else law.quantile(PERCENTILES[limit.measure])
    return _at(value, at) or 0.0


def describe(limit: Limit, planned: tuple[Solved, ...], at: int) -> str:
    """One broken limit, e.g. ``web is 78 % busy (limit 65 %)``."""
    value, bound = value_of(limit, planned, at), _at(limit.limit, at) or 0.0
    when = "" if limit.state.failure is None else f" when {limit.state.name}"
    if isinstance(limit.subject, str):
        shown, most = human.apart(value, bound, human.duration)
        return f"{limit.subject} {limit.measure} is {shown} (limit {most}){when}"
    name = " ".join(part for part in limit.subject if part)
    shown, most = human.apart(value, bound, human.share)
    return f"{name} is {shown} busy (limit {most}){when}"


def _checks(limits: list[Limit], planned: tuple[Solved, ...], at: int) -> tuple[Check, ...]:
    return tuple(
        Check(
            state=limit.state.name,
            subject=limit.subject
            if isinstance(limit.subject, str)
            else " ".join(limit.subject).strip(),
            measure=limit.measure,
            value=value_of(limit, planned, at),
            limit=_at(limit.limit, at) or 0.0,
        )
        for limit in limits
    )


def _edge_cost(within: Search) -> float:
    """The CDN's share of the cost, the same in every plan. [USD per month]"""
    names = [name for name, tier in within.system.tiers.items() if tier.kind == "cdn"]
    return float(sum(cdn_per_month(within.system, name) or 0.0 for name in names))
