"""Stations gathered into tiers: one line for each tier of the scenario."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from capcalc.model.components import Browser, Cache, Cdn, ReverseProxy
from capcalc.model.system import System
from capcalc.results.solution import PERCENTILES, StationResult, TierResult
from capcalc.solve import cost
from capcalc.solve.law import Law, mixture_law
from capcalc.solve.sojourn import Sojourn
from capcalc.solve.stations import Queue
from capcalc.theory.queues import mmc
from capcalc.traffic.edge import Offload, offloads
from capcalc.traffic.flows import Flows, StationKey, Work
from capcalc.units.types import Numbers


def station_results(queues: Mapping[StationKey, Queue]) -> tuple[StationResult, ...]:
    """Every station that work reaches, with the laws of Little applied. [Little 1961]"""
    return tuple(_station(queue) for queue in queues.values())


def _station(queue: Queue) -> StationResult:
    station = queue.station
    response = np.add(queue.wait, queue.service_time)[()]
    return StationResult(
        tier=station.tier,
        role=station.role,
        model=queue.model,
        hosts=station.hosts,
        servers=station.servers,
        arrival_rate=queue.arrival_rate,
        service_time=queue.service_time,
        scv=queue.scv,
        offered_load=queue.offered_load,
        utilization=queue.utilization,
        prob_wait=queue.prob_wait,
        wait=queue.wait,
        response=response,
        queue_length=mmc.held(queue.arrival_rate, queue.wait),
        number_in_system=mmc.held(queue.arrival_rate, response),
        headroom=queue.limit,
    )


def sojourn(queue: Queue, piece: Work) -> Sojourn:
    """The stay of one piece of work: the station's wait, its own service."""
    return Sojourn(
        prob_wait=queue.prob_wait,
        wait=queue.wait,
        service_time=piece.step.service_time,
        scv=piece.step.scv,
        branches=getattr(piece.step, "branches", 1),
    )


def tier_results(
    system: System, flows: Flows, queues: Mapping[StationKey, Queue], quantiles: bool
) -> tuple[TierResult, ...]:
    """One result for each tier, in file order."""
    edge = offloads(system)
    found = []
    for name, tier in system.tiers.items():
        if isinstance(tier, Browser | Cdn):
            found.append(_edge(system, name, tier, edge[name]))
        elif name in system.hosted():
            found.append(_hosted(system, name, flows, queues, quantiles))
        else:
            found.append(TierResult(name=name, kind=tier.kind))
    return tuple(found)


def _edge(system: System, name: str, tier: Browser | Cdn, offload: Offload) -> TierResult:
    with np.errstate(divide="ignore", invalid="ignore"):
        request_share = 1.0 - np.divide(offload.origin_requests, offload.requests)
        byte_share = 1.0 - np.divide(offload.origin_bytes, offload.bytes)
    return TierResult(
        name=name,
        kind=tier.kind,
        arrival_rate=offload.requests,
        hit_ratio=_edge_hits(system, tier, offload.by_class),
        offload=request_share[()],
        byte_offload=None if np.all(np.asarray(offload.bytes) == 0) else byte_share[()],
        cost=cost.cdn_per_month(system, name) if isinstance(tier, Cdn) else None,
    )


def _edge_hits(
    system: System, tier: Browser | Cdn | ReverseProxy, rates: Mapping[str, Numbers]
) -> Numbers | None:
    """Share of what it may answer that it does: as given, or over all classes."""
    if tier.hit_ratio is not None:
        return tier.hit_ratio
    kinds = system.demand.requests
    asked = [name for name, each in kinds.items() if each.edge_cacheable and name in rates]
    if not asked:
        return None
    total = np.add.reduce(np.broadcast_arrays(*(rates[name] for name in asked)))
    found = [np.multiply(rates[name], tier.hit(name, kinds[name])) for name in asked]
    hits = np.add.reduce(np.broadcast_arrays(*found))
    return np.where(total > 0, hits / np.where(total > 0, total, 1.0), 0.0)[()]


def _hits(system: System, name: str, flows: Flows) -> Numbers | None:
    """Hit ratio of a cache or of a proxy that keeps answers."""
    tier = system.tiers[name]
    if isinstance(tier, Cache) and tier.answering:
        return tier.hit()
    if not isinstance(tier, ReverseProxy) or not tier.answering:
        return None
    rates = {each.request_class: each.rate for each in flows.work if each.tier == name}
    hits = _edge_hits(system, tier, rates)
    return None if hits is None else np.multiply(tier.warm, hits)[()]


def _hosted(
    system: System,
    name: str,
    flows: Flows,
    queues: Mapping[StationKey, Queue],
    quantiles: bool,
) -> TierResult:
    tier = system.hosted()[name]
    owner = system.hosted()[system.host_of(name)]
    pieces = [piece for piece in flows.work if piece.tier == name]
    asked = [piece for piece in pieces if piece.waited_for]
    used = [queues[key] for key in dict.fromkeys(piece.station for piece in pieces)]
    hosts = owner.host_count()
    numbers: dict[str, Numbers | None] = _latency(asked, queues, quantiles) if asked else {}
    if used:
        numbers |= _load(used, pieces, queues)
    return TierResult(
        name=name,
        kind=tier.kind,
        hosts=hosts,
        servers=np.multiply(hosts, system.servers(name))[()],
        hit_ratio=_hits(system, name, flows),
        cost=cost.hosts_per_month(system, name),
        **numbers,
    )


def _load(
    used: list[Queue], pieces: list[Work], queues: Mapping[StationKey, Queue]
) -> dict[str, Numbers | None]:
    """Utilization of the busiest station; what the tier's own work holds and queues."""
    busiest = used[0].utilization
    for queue in used[1:]:
        busiest = np.maximum(busiest, queue.utilization)
    waiting: Numbers = 0.0
    inside: Numbers = 0.0
    for piece in pieces:
        wait = queues[piece.station].wait
        waiting = waiting + mmc.held(piece.rate, wait)
        inside = inside + mmc.held(piece.rate, np.add(wait, piece.step.service_time))
    with np.errstate(divide="ignore"):
        headroom = np.divide(1.0, busiest)[()]
    return {
        "utilization": busiest,
        "queue_length": waiting,
        "number_in_system": inside,
        "headroom": headroom,
    }


def _latency(
    asked: list[Work], queues: Mapping[StationKey, Queue], quantiles: bool
) -> dict[str, Numbers | None]:
    """Visits per second, and how long one visit of any class waits and stays."""
    rates = [_visit_rate(piece) for piece in asked]
    stays = [sojourn(queues[piece.station], piece) for piece in asked]
    law = mixture_law(list(zip(rates, stays, strict=True)))
    waits = [
        (rate, Sojourn(prob_wait=stay.prob_wait, wait=stay.wait, service_time=0.0, scv=1.0))
        for rate, stay in zip(rates, stays, strict=True)
    ]
    numbers: dict[str, Numbers | None] = {
        "arrival_rate": sum(rates),
        "wait": mixture_law(waits).mean,
        "response": law.mean,
    }
    if quantiles:
        times = quantiles_of(law, list(PERCENTILES.values()))
        numbers |= {f"response_{name}": time for name, time in zip(PERCENTILES, times, strict=True)}
    return numbers


def _visit_rate(piece: Work) -> Numbers:
    """Visits per second: pieces of work over the branches that one visit has."""
    return np.divide(piece.rate, getattr(piece.step, "branches", 1))[()]


def quantiles_of(law: Law, levels: Sequence[Numbers]) -> list[Numbers]:
    """Several percentiles of one law in one inversion, each in the shape of the sweep."""
    shape = np.broadcast_shapes(*(np.shape(level) for level in levels), np.shape(law.mean))
    stacked = np.stack([np.broadcast_to(np.asarray(level, float), shape) for level in levels])
    return [time[()] for time in np.asarray(law.quantile(stacked))]
