"""What a reader has to know beside the numbers: warnings, and the approximations in use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from capcalc.model import routes
from capcalc.model.components import Cache, Database
from capcalc.model.system import System
from capcalc.solve.sojourn import SHARP
from capcalc.solve.stations import Queue
from capcalc.traffic.flows import Flows, StationKey

#: What simulation found on the built-in examples: p50 and p99 of every class are within this of
#: it; worst where one request visits the same busy hosts again and again.
PERCENTILE_ERROR = 0.08


def warnings(system: System) -> tuple[str, ...]:
    """What was accepted but not computed with, and where the numbers stand on thin ice."""
    found = [
        *_named_only(system),
        *_ranges(system),
        *_no_price(system),
        *_sizes(system),
        *_shared_database(system),
        *_far_from_table(system),
    ]
    return tuple(found)


def _named_only(system: System) -> Iterator[str]:
    demand = system.demand
    for path, value in (
        ("demand.spike", demand.spike),
        ("demand.business", demand.business),
    ):
        if value is not None:
            yield f"{path} is accepted but not modelled yet: ignored"


def _ranges(system: System) -> Iterator[str]:
    for path, (low, high) in system.inputs.ranges.items():
        yield f"{path} is a range, {low:g} to {high:g}: solved at its middle, {(low + high) / 2:g}"


def _no_price(system: System) -> Iterator[str]:
    unknown = [
        name
        for name, tier in system.owners().items()
        if system.price(name) is None and getattr(tier, "price", None) is None
    ]
    if unknown:
        yield f"no price is known for {', '.join(unknown)} (no instance): not in the cost"
    for name, cdn in routes.cdns(system).items():
        if cdn.price is None:
            yield f"no price is known for {name}: not in the cost"


def _sizes(system: System) -> Iterator[str]:
    unknown = [name for name, request in system.demand.requests.items() if request.size is None]
    priced = any(cdn.price is not None for cdn in routes.cdns(system).values())
    if unknown and priced:
        yield f"no size is given for {', '.join(unknown)}: their bytes are not in the CDN's cost"


def _shared_database(system: System) -> Iterator[str]:
    for name, tier in system.hosted().items():
        owner = system.hosted()[system.host_of(name)]
        if isinstance(tier, Database) and tier.with_ and np.any(np.asarray(owner.host_count()) > 1):
            yield (
                f"{name} runs on the {tier.with_} hosts, of which there are several: its work is "
                "taken as spread evenly over them, which one database cannot do"
            )


def _far_from_table(system: System) -> Iterator[str]:
    for (name, _), station in routes.stations(system).items():
        if station.balancing == "least_connections" and np.any(np.asarray(station.hosts) > 100):
            yield (
                f"{name} has more than 100 hosts behind least connections: the fitted constant "
                "of 100 is used (error at most 0.4 C(c, a) S)"
            )


def assumptions(
    system: System, flows: Flows, queues: Mapping[StationKey, Queue], quantiles: bool
) -> tuple[str, ...]:
    """The formulas in use, which of them are approximations, and how far off they may be."""
    poisson = (
        "Poisson arrivals; first come, first served; service gamma with the given scv "
        "(exponential unless given). A caller's server is not held while it waits."
    )
    found = [
        poisson,
        *_station_models(queues),
    ]
    if any(isinstance(tier, Cache) and tier.capacity is not None for tier in system.tiers.values()):
        found.append(
            "hit ratio: LRU under Zipf popularity and independent requests by Che's approximation "
            "(Che, Tung, Wang 2002; Fricker, Robert, Roberts 2012), error below 2e-4 from 1,000 "
            "objects on; real traces have recency and may differ by 0.1 and more: measure it."
        )
    if any(flow.cyclic for flow in flows.classes.values()):
        found.append(
            "calls come back: visits by the traffic equations, repeated visits independent."
        )
    if quantiles:
        found.append(
            "percentiles: the law of the whole path, inverted numerically (relative error below "
            f"1e-8; 1e-6 with feedback, a large fan-out or scv below {SHARP:g}). Waits above 0 "
            "are taken as exponential, successive visits and parallel branches as independent: "
            "approximations, exact for overtake-free exponential stations of one server. Against "
            f"simulation p50 and p99 of the built-in examples are within {PERCENTILE_ERROR:.0%}; "
            "p90 and p95 of requests much shorter than the wait were up to 35 % high."
        )
    return tuple(found)


_MODEL_WORDS = {
    "M/G/k per host": (
        "each host has its own queue, M/G/k (Pollaczek-Khinchine, exact, for one server; "
        "Lee & Longton 1959 for more: exact for scv 1, else within about 10 % of the wait "
        "for scv up to 4); waits beyond 0 taken as exponential"
    ),
    "G/G/k per host, round robin": (
        "hosts in turn: E_n/M/1 exact for one server and scv 1; else Allen-Cunneen with the "
        "Kraemer-Langenbach-Belz factor, an approximation, about 4 % of the response at 95 % load"
    ),
    "least connections": (
        "fewest connections first: M/M/nk wait plus a term fitted to simulations, at most 2.6 % "
        "above simulation for scv 1"
    ),
    "M/M/k/K per host": (
        "each host takes so many connections and turns the others away: M/M/k/K for every "
        "host on its own, exponential service (an approximation for other laws and balancing), "
        "waits taken as exponential, which puts percentiles up to a third too high; "
        "what stands behind is still asked for by all"
    ),
    "M/G/nk, one queue": (
        "one queue for all hosts: Lee & Longton 1959, exact for scv 1, an approximation else"
    ),
}


def _station_models(queues: Mapping[StationKey, Queue]) -> Iterator[str]:
    by_model: dict[str, list[str]] = {}
    for (tier, role), queue in queues.items():
        if np.any(np.asarray(queue.station.hosts) > 0):
            by_model.setdefault(queue.model, []).append(f"{tier} {role}".strip())
    for model, names in by_model.items():
        yield f"{', '.join(names)}: {_MODEL_WORDS[model]}."
