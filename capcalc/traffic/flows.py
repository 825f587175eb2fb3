"""Flows thinned tier by tier: how often each class visits each station, and with what work.

Expected visits solve the traffic equations v = e + v P, where P counts the calls that one
visit makes. Without feedback they are summed in topological order; with feedback they are one
linear system (K. S. Trivedi, *Probability and Statistics with Reliability, Queuing, and
Computer Science Applications*, 2nd ed., Wiley, 2002, sec. 9.6).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from capcalc.model import routes
from capcalc.model.system import System
from capcalc.model.work import ENTRY, Call, Either, Load, Node, Paths, Serve, Step
from capcalc.theory.networks import traffic as equations
from capcalc.traffic.edge import Edge, edge
from capcalc.traffic.rates import peak_rates
from capcalc.units.types import Numbers

#: A station: tier and role.
StationKey: TypeAlias = tuple[str, str]
#: How often a visit to a tier is tried on average, by tier; once where it is not named.
Attempts: TypeAlias = Mapping[str, Numbers]
NONE_AGAIN: Attempts = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One kind of work at one station, of one class and one way in.

    ``rate`` counts pieces of work per second over all hosts; ``visits`` the visits per request
    of the class that ask for it; ``waited_for`` is false for replays.
    """

    tier: str
    station: StationKey
    request_class: str
    label: str
    step: Serve | Load
    visits: Numbers
    rate: Numbers
    waited_for: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassFlow:
    """One request class: what comes, what reaches the origin, and the way it takes there."""

    name: str
    arrival_rate: Numbers
    edge: Edge
    origin_rate: Numbers
    paths: Paths
    visits: Mapping[Node, Numbers]
    #: the visits that one request waits for, each tried once
    waited_visits: Mapping[Node, Numbers]
    cyclic: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Flows:
    """All classes, and all work that they bring to the stations."""

    classes: Mapping[str, ClassFlow]
    work: tuple[Work, ...]


def flows(system: System, attempts: Attempts = NONE_AGAIN) -> Flows:
    """Follow every class from the edge to the last tier.

    ``attempts`` says how often a visit to a tier is tried on average, where not once.
    """
    rates = peak_rates(system.demand)
    classes = {name: _class_flow(system, name, rate, attempts) for name, rate in rates.items()}
    work = tuple(piece for flow in classes.values() for piece in _work(system, flow))
    return Flows(classes=classes, work=work)


def _class_flow(system: System, name: str, rate: Numbers, attempts: Attempts) -> ClassFlow:
    at_edge = edge(system, name)
    paths = routes.paths(system, name)
    order = topological(paths)
    once = visits_from(ENTRY, paths, order)
    plain = not attempts and all(map(_all_waited_for, paths.values()))
    return ClassFlow(
        name=name,
        arrival_rate=rate,
        edge=at_edge,
        origin_rate=rate * at_edge.reach,
        paths=paths,
        visits=once if plain else visits_from(ENTRY, paths, order, attempts, waited_only=False),
        waited_visits=once,
        cyclic=order is None,
    )


def visits_from(
    start: Node,
    paths: Paths,
    order: list[Node] | None,
    attempts: Attempts = NONE_AGAIN,
    waited_only: bool = True,
) -> dict[Node, Numbers]:
    """Visits to every node that one visit to the start brings."""
    calls = {node: expected_calls(steps, attempts, waited_only) for node, steps in paths.items()}
    if order is None:
        return _visits_by_loop(start, calls)
    visits: dict[Node, Numbers] = dict.fromkeys(paths, 0.0)
    visits[start] = 1.0
    for node in order:
        for called, count in calls[node].items():
            visits[called] = visits[called] + visits[node] * count
    return visits


def _all_waited_for(steps: tuple[Step, ...]) -> bool:
    return all(call.waited_for for call in routes.found_calls(steps))


def pieces(steps: tuple[Step, ...], weight: Numbers = 1.0) -> Iterator[tuple[Step, Numbers]]:
    """Every step that is no choice, with how often it happens in one visit."""
    for step in steps:
        if isinstance(step, Either):
            yield from pieces(step.then, weight * step.share)
            yield from pieces(step.otherwise, weight * (1.0 - step.share))
        else:
            yield step, weight


def expected_calls(
    steps: tuple[Step, ...], attempts: Attempts = NONE_AGAIN, waited_only: bool = False
) -> dict[Node, Numbers]:
    """Calls that one visit makes on average, by node."""
    calls: dict[Node, Numbers] = {}
    for step, weight in pieces(steps):
        if isinstance(step, Call) and (step.waited_for or not waited_only):
            count = weight * step.count * attempts.get(step.node[0], 1.0)
            calls[step.node] = calls.get(step.node, 0.0) + count
    return calls


def topological(paths: Paths) -> list[Node] | None:
    """The nodes, callers first, or None where calls come back."""
    below = {node: set(expected_calls(steps)) for node, steps in paths.items()}
    callers = {node: sum(node in called for called in below.values()) for node in paths}
    order = []
    ready = [node for node, count in callers.items() if count == 0]
    while ready:
        node = ready.pop()
        order.append(node)
        for called in below[node]:
            callers[called] -= 1
            if callers[called] == 0:
                ready.append(called)
    return order if len(order) == len(paths) else None


def _visits_by_loop(
    start: Node, calls: Mapping[Node, Mapping[Node, Numbers]]
) -> dict[Node, Numbers]:
    """Solve the traffic equations; ``nan`` where the visits do not converge."""
    nodes = list(calls)
    entering = _unit(len(nodes), nodes.index(start))
    solution = np.asarray(equations.visits(_matrix(calls), entering))
    return {node: solution[..., position][()] for position, node in enumerate(nodes)}


def call_matrix(paths: Paths) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Expected calls from each node to each node, with the sweep's axes in front."""
    return _matrix({node: expected_calls(steps) for node, steps in paths.items()})


def _matrix(
    calls: Mapping[Node, Mapping[Node, Numbers]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    rows = [[calls[caller].get(called, 0.0) for called in calls] for caller in calls]
    shape = np.broadcast_shapes(*(np.shape(count) for row in rows for count in row))
    stacked = [[np.broadcast_to(np.asarray(count), shape) for count in row] for row in rows]
    return np.stack([np.stack(row, axis=-1) for row in stacked], axis=-2)


def _unit(size: int, place: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    first = np.zeros(size)
    first[place] = 1.0
    return first


def _work(system: System, flow: ClassFlow) -> Iterator[Work]:
    for node, steps in flow.paths.items():
        for step, weight in pieces(steps):
            if isinstance(step, Serve | Load):
                visits = flow.visits[node] * weight
                several = step.branches if isinstance(step, Serve) else step.copies
                yield Work(
                    tier=node[0],
                    station=routes.station_of(system, node[0], step.role),
                    request_class=flow.name,
                    label=step.label,
                    step=step,
                    visits=visits,
                    rate=flow.origin_rate * visits * several,
                    waited_for=isinstance(step, Serve),
                )
