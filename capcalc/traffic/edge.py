"""What the edge answers: requests and bytes that never reach the origin, and their delay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from capcalc.model import routes
from capcalc.model.system import System
from capcalc.traffic.rates import peak_rates
from capcalc.units.types import Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One request class at the edge.

    Attributes
    ----------
    hits : tuple of (share, delay)
        Share of all requests that each CDN tier answers, and the round trip. [s]
    reach : float or ndarray
        Share that goes on to the origin.
    delay : float or ndarray
        Round trips that every request to the origin pays before it arrives. [s]
    """

    hits: tuple[tuple[Numbers, Numbers], ...]
    reach: Numbers
    delay: Numbers


def edge(system: System, request_class: str) -> Edge:
    """Thin one class at every CDN tier in file order (DESIGN ruling 2)."""
    request = system.demand.requests[request_class]
    reach: Numbers = 1.0
    delay: Numbers = 0.0
    hits = []
    for cdn in routes.cdns(system).values():
        hits.append((reach * cdn.hit(request), delay + cdn.round_trip))
        delay = delay + cdn.round_trip + cdn.origin_round_trip
        if cdn.shield_hit_ratio is not None:
            hits.append((reach * cdn.shield(request), delay))
        reach = reach * cdn.reach(request)
    return Edge(hits=tuple(hits), reach=reach, delay=delay)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offload:
    """One CDN tier: requests and bytes that come and that it passes on. [1/s], [bytes/s]"""

    requests: Numbers
    origin_requests: Numbers
    bytes: Numbers
    origin_bytes: Numbers


def offloads(system: System) -> Mapping[str, Offload]:
    """What each CDN tier takes off those behind it, all classes together."""
    rates = dict(peak_rates(system.demand))
    kinds = system.demand.requests
    sizes = {name: 0.0 if each.size is None else each.size for name, each in kinds.items()}
    volumes = {name: rate * sizes[name] for name, rate in rates.items()}
    found = {}
    for tier, cdn in routes.cdns(system).items():
        kinds = system.demand.requests
        passed = {name: rate * cdn.reach(kinds[name]) for name, rate in rates.items()}
        left = {name: volume * cdn.byte_reach(kinds[name]) for name, volume in volumes.items()}
        found[tier] = Offload(
            requests=sum(rates.values()),
            origin_requests=sum(passed.values()),
            bytes=sum(volumes.values()),
            origin_bytes=sum(left.values()),
        )
        rates, volumes = passed, left
    return found
