"""What a plan must keep: utilization limits and latency objectives, in every state.

Works on arrays of options: one element is one plan.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from capcalc.advice.states import State
from capcalc.model.system import System
from capcalc.results.solution import PERCENTILES
from capcalc.solve.loads import loads
from capcalc.solve.objectives import limits
from capcalc.solve.requests import law_of
from capcalc.solve.stations import Queue
from capcalc.traffic.flows import Flows, StationKey
from capcalc.units.types import Numbers

#: Slack for rounding: a limit met exactly is met.
SLACK = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """One state of a system, its stations solved."""

    state: State
    system: System
    coming: Flows
    queues: Mapping[StationKey, Queue]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One thing to keep in one state: whether it is, plan by plan.

    ``subject`` is a station's key or a request class; ``value`` is known for utilizations.
    """

    state: State
    subject: StationKey | str
    measure: str
    limit: Numbers
    value: Numbers | None
    met: NDArray[np.bool_]


def solved(system: System, states: tuple[State, ...]) -> tuple[Solved, ...]:
    """All states of a system, or of many at once."""
    found = []
    for state in states:
        there = state.of(system)
        loaded = loads(there, after_backlog=False)
        found.append(
            Solved(state=state, system=loaded.system, coming=loaded.flows, queues=loaded.queues)
        )
    return tuple(found)


def utilization_limit(system: System, tier: str, failed: bool) -> float:
    """The strictest limit among the tiers on the same hosts."""
    name = "max_utilization_after_failure" if failed else "max_utilization"
    group = [each for key, each in system.hosted().items() if system.host_of(key) == tier]
    return min(float(np.min(getattr(each, name))) for each in group)


def utilization_limits(found: tuple[Solved, ...]) -> Iterator[Limit]:
    """Every station in every state; after a failure, those that it makes busier."""
    up = found[0]
    for each in found:
        for key, queue in each.queues.items():
            if each is up:
                yield _utilization(each, key, queue, False)
            elif key in up.queues:
                worse = _busier(queue, up.queues[key])
                limit = _utilization(each, key, queue, True)
                if np.any(worse):
                    yield Limit(
                        state=limit.state,
                        subject=limit.subject,
                        measure=limit.measure,
                        limit=np.where(worse, limit.limit, np.inf)[()],
                        value=limit.value,
                        met=limit.met | ~worse,
                    )


def _busier(queue: Queue, before: Queue) -> NDArray[np.bool_]:
    return np.asarray(queue.utilization) > np.multiply(before.utilization, 1 + SLACK)


def _utilization(each: Solved, key: StationKey, queue: Queue, failed: bool) -> Limit:
    limit = utilization_limit(each.system, key[0], failed)
    met = np.asarray(queue.utilization) <= limit * (1 + SLACK)
    return Limit(
        state=each.state,
        subject=key,
        measure="utilization",
        limit=limit,
        value=queue.utilization,
        met=met,
    )


def latency_limits(found: tuple[Solved, ...]) -> Iterator[Limit]:
    """Every latency objective in every state, by the tail beyond its limit."""
    for each in found:
        for name, objective in each.system.objectives.requests.items():
            bounds = limits(objective)
            if bounds:
                yield from _latencies(each, name, bounds)


def _latencies(each: Solved, name: str, bounds: Mapping[str, Numbers]) -> Iterator[Limit]:
    law = law_of(each.coming, each.queues, name)
    for measure, limit in bounds.items():
        if measure == "mean":
            met = np.asarray(law.mean) <= np.multiply(limit, 1 + SLACK)
        else:
            beyond, _ = law.survival(limit)
            met = beyond <= (1.0 - PERCENTILES[measure]) * (1 + SLACK)
        yield Limit(
            state=each.state, subject=name, measure=measure, limit=limit, value=None, met=met
        )


def all_met(every: Iterator[Limit], size: int) -> NDArray[np.bool_]:
    """Plan by plan, whether all limits are kept."""
    ok = np.ones(size, dtype=bool)
    for limit in every:
        ok &= limit.met
    return ok
