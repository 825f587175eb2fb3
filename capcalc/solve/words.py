"""What a reader has to know beside the numbers: warnings, and the approximations in use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from capcalc.model import routes
from capcalc.model.components import Cache, Database
from capcalc.model.system import System
from capcalc.solve import balanced, contention, cost
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
    orders = demand.business is not None and demand.business.orders_per_user_day is not None
    if orders and demand.daily_active_users is None:
        yield "demand.business needs demand.daily_active_users: no revenue is told"


def _ranges(system: System) -> Iterator[str]:
    for path, (low, high) in system.inputs.ranges.items():
        yield f"{path} is a range, {low:g} to {high:g}: solved at its middle, {(low + high) / 2:g}"


def _no_price(system: System) -> Iterator[str]:
    unknown = cost.unpriced_hosts(system)
    if unknown:
        yield f"no price is known for {', '.join(unknown)} (no instance): not in the cost"
    for name in cost.unpriced_edges(system):
        yield f"no price is known for {name}: not in the cost"


def _sizes(system: System) -> Iterator[str]:
    unknown = cost.unsized(system)
    if unknown:
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
        how, hosts = balanced.policy(system, station), np.asarray(station.hosts, dtype=float)
        if how == "least_connections" and np.any(hosts > 100):
            yield (
                f"{name} has more than 100 hosts behind least connections: the fitted constant "
                "of 100 is used (error at most 0.4 C(c, a) S)"
            )
        if how == "join_idle_queue" and np.any(hosts > 100):
            yield (
                f"{name} has more than 100 hosts behind join idle queue: the fitted constant of "
                "100 is used, which makes its short waits too long (by 0.14 C(c, a) S at most)"
            )
        if how in _FITTED and np.any(np.asarray(station.servers) > _FITTED[how]):
            yield (
                f"{name} has hosts of more than {_FITTED[how]} servers behind "
                f"{how.replace('_', ' ')}, for which its formula was not tested"
            )
        yield from _weights(system, name, how, hosts)


#: Most servers a host in the simulations that a formula was fitted to.
_FITTED = {"power_of_two": 16, "join_idle_queue": 8}


def _weights(
    system: System, name: str, how: str, hosts: np.ndarray[tuple[int, ...], np.dtype[np.float64]]
) -> Iterator[str]:
    """Weights that are not used, or not for every host."""
    weights = system.hosted()[name].weights
    if how == "weighted_random" and weights is None:
        yield f"{name} has no weights: its hosts are taken as equal; give tiers.{name}.weights"
    if weights is None:
        return
    if how != "weighted_random":
        yield f"the weights of {name} are ignored: {how.replace('_', ' ')} does not use them"
    elif np.any(hosts > len(weights)):
        yield f"{name} has more hosts than weights ({len(weights)}): the others get the mean weight"
    elif np.any(hosts < len(weights)):
        yield (
            f"{name} has fewer hosts than weights ({len(weights)}): the heaviest is taken to be "
            "there and the next heaviest to be missing, the worst case"
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
    if any(getattr(tier, "kept", None) is not None for tier in system.tiers.values()):
        found.append(
            "caches in a row: each sees only what those before it miss, object by object; the time "
            "between two misses is taken as a fixed and an exponential part (Martina, Garetto, "
            "Leonardi 2014), within 0.01 of simulations for sizes that differ, 0.02 for nearly "
            "equal ones; ages count from each cache's own fetch."
        )
    if any(isinstance(tier, Database) and tier.shards for tier in system.tiers.values()):
        found.append(
            "shards: a hash gives every shard its keys, and requests ask for keys independently by "
            "Zipf's law; the hottest shard has its expected load, within 1 % of simulations, and "
            "all others share the rest equally: a mean wait as of a typical hash (within 12 % of "
            "the median of random ones; 16 shards, Zipf 1). Hashes differ by chance: where the "
            "hottest shard is said to be 76 % busy, one hash in 27 saturated it."
        )
    found += contention.assumptions(queues, system)
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
    "power of two choices": (
        "the shorter of two hosts picked at random: mean field, corrected for a finite number of "
        "hosts (Mitzenmacher 2001; Gast & Van Houdt 2017; constants of our own), exact for one "
        "host, and for two of one server, with scv 1; the response was within 1.2 % of "
        "simulations for scv 1 (3 to 100 hosts, 30 to 99 % busy) and 4 % for scv up to 4. Mean "
        "field alone would be 30 % low for 4 hosts 90 % busy. The share that waits is within "
        "0.045; waits above 0 taken as exponential put p99 of the wait up to a fifth too high for "
        "scv 1, more for scv below, and a tenth too low for scv 4"
    ),
    "join idle queue": (
        "a host with a free server, else any at random (Lu et al. 2011): M/M/nk times a factor "
        "for choosing blindly plus a term, both fitted to simulations, whose response was within "
        "2.5 % for scv 1 (2 to 100 hosts of 1 to 8 servers, 50 to 95 % busy) and 5 % for scv up to "
        "4; the share that waits is up to 0.09 too high for several servers a host, p99 of the "
        "wait up to 15 % too low"
    ),
    "M/G/k per host, consistent hash": (
        "hosts by key on a ring with virtual_nodes points each (160 unless given, as in "
        "libketama and nginx): every host is M/G/k with its part of a typical ring, the fullest "
        "with the expected largest part (Karger et al. 1997); its utilization is shown and decides "
        "when the tier is saturated. Another ring's fullest differs by chance (by 4 % for 160 "
        "points), and popular keys come on top. The hosts' waits are taken as one law with their "
        "first two moments: p99 within 6 %, the share that waits too low"
    ),
    "M/G/k per host, by weight": (
        "each host gets its weight's part at random and is M/G/k; all hosts are equally fast; the "
        "heaviest's utilization is shown and decides when the tier is saturated. The hosts' waits "
        "are taken as one law with their first two moments: p99 within 6 %, the share that waits "
        "too low"
    ),
    "M/M/k+D per host": (
        "what has waited longer than the timeout is taken back: M/M/k with a fixed patience for "
        "every host on its own, exact for exponential service and hosts chosen at random (Barrer "
        "1957); waits taken as exponential, which puts percentiles too high; what stands behind "
        "is still asked for by all"
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
