"""What the edge answers: requests and bytes that never reach the origin, and their delay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

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
    awaited : float or ndarray
        Share whose users wait for the origin; the others of ``reach`` only make old answers new.
    delay : float or ndarray
        Round trips that every request to the origin pays before it arrives. [s]
    """

    hits: tuple[tuple[Numbers, Numbers], ...]
    reach: Numbers
    awaited: Numbers
    delay: Numbers


def edge(system: System, request_class: str) -> Edge:
    """Thin one class at every CDN tier in file order (DESIGN ruling 2)."""
    request = system.demand.requests[request_class]
    name = request_class
    reach: Numbers = 1.0
    awaited: Numbers = 1.0
    delay: Numbers = 0.0
    hits = []
    for tier in routes.edges(system).values():
        seen = tier.seen_hit(name, request)
        hits.append((awaited * seen, delay + tier.round_trip))
        delay = delay + tier.round_trip + tier.origin_round_trip
        share: Numbers = tier.reach(name, request)
        if tier.shielded:
            hits.append((awaited * tier.shield(name, request), delay))
        # old answers are fetched again by nobody who waits
        old = np.subtract(seen, tier.hit(name, request))
        reach, awaited = reach * share, awaited * np.maximum(share - old, 0.0)[()]
    return Edge(hits=tuple(hits), reach=reach, awaited=awaited, delay=delay)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offload:
    """One CDN tier: requests and bytes that come and that it passes on. [1/s], [bytes/s]"""

    requests: Numbers
    origin_requests: Numbers
    bytes: Numbers
    origin_bytes: Numbers
    #: requests that come, by class [1/s]
    by_class: Mapping[str, Numbers]


def offloads(system: System) -> Mapping[str, Offload]:
    """What each CDN tier takes off those behind it, all classes together."""
    rates = dict(peak_rates(system.demand))
    kinds = system.demand.requests
    sizes = {name: 0.0 if each.size is None else each.size for name, each in kinds.items()}
    volumes = {name: rate * sizes[name] for name, rate in rates.items()}
    found = {}
    for tier, cdn in routes.edges(system).items():
        passed = {name: rate * cdn.reach(name, kinds[name]) for name, rate in rates.items()}
        left = {
            name: volume * cdn.byte_reach(name, kinds[name]) for name, volume in volumes.items()
        }
        found[tier] = Offload(
            requests=sum(rates.values()),
            origin_requests=sum(passed.values()),
            bytes=sum(volumes.values()),
            origin_bytes=sum(left.values()),
            by_class=rates,
        )
        rates, volumes = passed, left
    return found
