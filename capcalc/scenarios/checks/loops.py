"""Calls that come back: a loop is fine as long as less comes back than went out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod
from typing import TypeAlias

import numpy as np

from capcalc.errors import Problem
from capcalc.model.work import Node, Paths
from capcalc.scenarios.document import Document, Path
from capcalc.theory.networks import traffic as equations
from capcalc.traffic.flows import expected_calls

#: Tiers of a loop that are named.
LONGEST = 8
#: Expected calls of one visit, by caller and called.
Graph: TypeAlias = dict[Node, dict[Node, float]]


def problems(document: Document, paths: Mapping[str, Paths]) -> Iterator[Problem]:
    """One problem for each class whose visits do not converge, naming the loop."""
    for request_class, nodes in paths.items():
        looping = _looping(nodes)
        endless = _endless(looping)
        if endless:
            yield _problem(document, request_class, looping, _loop(looping, endless))


def _looping(paths: Paths) -> Graph:
    """The calls among nodes that lie on a loop or between two."""
    calls = {node: expected_calls(steps) for node, steps in paths.items()}
    graph = {
        node: {to: float(count) for to, count in below.items() if count > 0}
        for node, below in calls.items()
    }
    while len(inner := _inner(graph)) < len(graph):
        graph = {node: _only(graph[node], inner) for node in inner}
    return graph


def _inner(graph: Graph) -> dict[Node, None]:
    """The nodes that are called and that call, in order."""
    called = {to for below in graph.values() for to in below}
    return {node: None for node, below in graph.items() if below and node in called}


def _only(calls: dict[Node, float], kept: dict[Node, None]) -> dict[Node, float]:
    return {to: count for to, count in calls.items() if to in kept}


def _endless(graph: Graph) -> list[Node]:
    """The nodes whose expected visits have no bound."""
    if not graph:
        return []
    matrix = np.array([[below.get(to, 0.0) for to in graph] for below in graph.values()])
    visits = np.asarray(equations.visits(matrix, np.ones(len(graph))))
    return [node for node, count in zip(graph, visits, strict=True) if not np.isfinite(count)]


def _loop(graph: Graph, endless: list[Node]) -> list[Node]:
    """The loop by which most comes back, among those found along the heaviest calls."""
    loops = [loop for start in endless if (loop := _walk(graph, endless, start))]
    return max(loops, key=lambda loop: _gain(graph, loop), default=endless)


def _walk(graph: Graph, endless: list[Node], start: Node) -> list[Node]:
    seen = [start]
    while True:
        ahead = {to: count for to, count in graph[seen[-1]].items() if to in endless}
        if not ahead:
            return []
        following = start if start in ahead and len(seen) > 1 else max(ahead, key=ahead.__getitem__)
        if following in seen:
            return seen[seen.index(following) :]
        seen.append(following)


def _gain(graph: Graph, loop: list[Node]) -> float:
    pairs = zip(loop, [*loop[1:], loop[0]], strict=True)
    return prod(graph[caller].get(called, 0.0) for caller, called in pairs)


def _problem(document: Document, request_class: str, graph: Graph, loop: list[Node]) -> Problem:
    names = [name for name, _ in loop]
    gain = _gain(graph, loop)
    shown = names if len(names) <= LONGEST else [*names[: LONGEST - 2], "…", names[-1]]
    loop_text = " -> ".join([*shown, names[0]])
    message = f"the visits of class {request_class} never end: {loop_text}: {_back(gain)}"
    hint = "less than one call may come back for each that is made"
    return document.problem(_place(document, request_class, names), message, hint)


def _back(gain: float) -> str:
    if gain < 1:
        return "too many calls come back by this loop and those beside it"
    noun = "call comes" if gain == 1 else "calls come"
    return f"{gain:.3g} {noun} back for each call"


def _place(document: Document, request_class: str, names: list[str]) -> Path:
    """Where the call that closes the loop is written."""
    caller, called = names[-1], names[0]
    above: tuple[Path, ...] = (
        ("tiers", caller, "calls", called),
        ("tiers", caller, "calls", request_class, called),
        ("calls", request_class, called),
        ("tiers", caller, "fronts"),
    )
    return next((path for path in above if document.at(path) is not None), ("tiers", caller))
