"""Request classes end to end: server side, and as the user sees it through the edge."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from capcalc.model.work import Node, Serve
from capcalc.results.solution import PERCENTILES, RequestResult
from capcalc.solve.law import Law, Sojourns, request_law
from capcalc.solve.sojourn import Sojourn
from capcalc.solve.stations import Queue
from capcalc.solve.tiers import quantiles_of, sojourn
from capcalc.traffic.edge import Edge
from capcalc.traffic.flows import ClassFlow, Flows, StationKey, topological, visits_from
from capcalc.units.types import Numbers


def law_of(flows: Flows, queues: Mapping[StationKey, Queue], name: str) -> Law:
    """The law of one class's server-side response."""
    flow = flows.classes[name]
    return request_law(flow.paths, flow.cyclic, flow.waited_visits, stays_of(flows, queues, name))


def law_from(flows: Flows, queues: Mapping[StationKey, Queue], name: str, start: Node) -> Law:
    """The law of the answer to one visit of a class to one tier, with all that it calls."""
    flow = flows.classes[name]
    visits = visits_from(start, flow.paths, topological(flow.paths))
    return request_law(flow.paths, flow.cyclic, visits, stays_of(flows, queues, name), start)


def stays_of(flows: Flows, queues: Mapping[StationKey, Queue], name: str) -> Sojourns:
    """The stay of each piece of work that a class waits for."""
    stays = {
        (piece.tier, id(piece.step)): sojourn(queues[piece.station], piece)
        for piece in flows.work
        if piece.request_class == name and piece.waited_for
    }

    def of(node: Node, step: Serve) -> Sojourn:
        return stays[node[0], id(step)]

    return of


def request_results(
    flows: Flows, queues: Mapping[StationKey, Queue], quantiles: bool
) -> tuple[RequestResult, ...]:
    """One result for each class, in file order."""
    return tuple(
        _request(flow, law_of(flows, queues, flow.name), quantiles)
        for flow in flows.classes.values()
    )


def _request(flow: ClassFlow, law: Law, quantiles: bool) -> RequestResult:
    numbers = _percentiles(flow.edge, law) if quantiles else {}
    return RequestResult(
        name=flow.name,
        arrival_rate=flow.arrival_rate,
        origin_rate=flow.origin_rate,
        mean=law.mean,
        user_mean=_user_mean(flow.edge, law.mean),
        **numbers,
    )


def _user_mean(edge: Edge, mean: Numbers) -> Numbers:
    """Edge hits and origin answers together, each with its round trips."""
    hits = sum((np.multiply(share, delay) for share, delay in edge.hits), np.asarray(0.0))
    reach = np.asarray(edge.awaited)
    origin = np.where(reach == 0, 0.0, reach * np.where(reach == 0, 0.0, edge.delay + mean))
    return (hits + origin)[()]


def _percentiles(edge: Edge, law: Law) -> dict[str, Numbers]:
    names, levels = list(PERCENTILES), list(PERCENTILES.values())
    if not any(np.any(np.asarray(share) != 0) for share, _ in edge.hits):
        times = quantiles_of(law, levels)
        server = dict(zip(names, times, strict=True))
        return server | {
            f"user_{name}": np.add(time, edge.delay)[()] for name, time in server.items()
        }
    behind = [_behind_edge(edge, level) for level in levels]
    times = quantiles_of(law, [*levels, *behind])
    at_origin, origin = times[: len(levels)], times[len(levels) :]
    user = [_user_quantile(edge, level, time) for level, time in zip(levels, origin, strict=True)]
    return dict(zip(names, at_origin, strict=True)) | {
        f"user_{name}": time for name, time in zip(names, user, strict=True)
    }


def _behind_edge(edge: Edge, level: float) -> Numbers:
    """The level among origin answers that makes ``level`` among all; edge hits come first.

    Exact while a hit is quicker than any origin answer, which pays at least the same round
    trip to the edge.
    """
    hits = sum((np.asarray(share) for share, _ in edge.hits), np.asarray(0.0))
    reach = np.where(np.asarray(edge.awaited) > 0, edge.awaited, 1.0)
    return np.clip((level - hits) / reach, 1e-6, 1.0 - 1e-12)[()]


def _user_quantile(edge: Edge, level: float, origin: Numbers) -> Numbers:
    """The edge hit that covers this level, else the origin's answer with its round trips."""
    covered, answer = np.asarray(0.0), np.add(origin, edge.delay)
    chosen = np.zeros(np.shape(answer), dtype=bool)
    for share, delay in edge.hits:
        covered = covered + share
        here = ~chosen & (covered >= level)
        answer = np.where(here, delay, answer)
        chosen = chosen | here
    return answer[()]
