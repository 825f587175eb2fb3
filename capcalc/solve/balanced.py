"""Hosts with unequal parts of the load, by key or by weight: which ones, and how busy each is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from capcalc.model.components import LoadBalancer
from capcalc.model.components.hosted import Hosted
from capcalc.model.components.load_balancer import VIRTUAL_NODES
from capcalc.model.system import System
from capcalc.model.work import Station
from capcalc.results.solution import FactResult
from capcalc.theory.arrays import Array
from capcalc.theory.balancing import uneven
from capcalc.traffic.flows import StationKey
from capcalc.units.types import Numbers

if TYPE_CHECKING:
    from capcalc.solve.stations import Queue

#: Different weights that are told one by one.
MOST_TOLD = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What one host of each group gets of all visits, and how many hosts there are in it."""

    shares: Array
    counts: Array

    @property
    def imbalance(self) -> Numbers:
        """Load of the fullest host over the mean of all."""
        return uneven.largest_over_mean(self.shares, self.counts)


def policy(system: System, station: Station) -> str:
    """The balancing of a station; weights make a random choice a weighted one."""
    weighted = system.hosted()[station.tier].weights is not None
    return "weighted_random" if weighted and station.balancing == "random" else station.balancing


def parts(system: System, station: Station) -> Parts | None:
    """The hosts' parts where they differ, else None."""
    tier, how = system.hosted()[station.tier], policy(system, station)
    hosts = np.maximum(np.asarray(station.hosts, dtype=float), 1.0)
    if how == "hash":
        shares, counts = uneven.by_key(hosts, virtual_nodes(system, tier))
    elif how == "weighted_random" and tier.weights is not None:
        shares, counts = uneven.by_weight([float(weight) for weight in tier.weights], hosts)
    else:
        return None
    return Parts(shares=shares, counts=counts)


def virtual_nodes(system: System, tier: Hosted) -> Numbers:
    """Points of each host on the ring: its tier's, else those of the balancer before it."""
    if tier.virtual_nodes is not None:
        return tier.virtual_nodes
    given = [
        each.virtual_nodes
        for each in system.tiers.values()
        if isinstance(each, LoadBalancer) and each.virtual_nodes is not None
    ]
    return given[-1] if given and tier.balancing is None else VIRTUAL_NODES


def prob_wait(
    arrival_rate: Numbers,
    service_rate: Numbers,
    servers: Numbers,
    hosts: Numbers,
    scv: Numbers,
    *,
    of: Parts,
) -> Numbers:
    """Share of visits that wait in the one law that stands for all hosts' waits."""
    del hosts  # the parts say how many there are
    return uneven.prob_wait_of_one_law(
        arrival_rate, service_rate, servers, of.shares, of.counts, scv
    )


def mean_wait(
    arrival_rate: Numbers,
    service_rate: Numbers,
    servers: Numbers,
    hosts: Numbers,
    scv: Numbers,
    *,
    of: Parts,
) -> Numbers:
    """Mean wait of all visits, over all hosts."""
    del hosts
    return uneven.mean_wait(arrival_rate, service_rate, servers, of.shares, of.counts, scv)


def facts(system: System, queues: Mapping[StationKey, Queue]) -> Iterator[FactResult]:
    """How busy hosts with unequal parts are: on average, and those of each weight."""
    for (name, _), queue in queues.items():
        if queue.parts is None:
            continue
        most = np.asarray(queue.imbalance)
        mean = np.divide(queue.utilization, most)[()]
        says = "busy: all hosts on average; the table has the fullest"
        yield _fact(name, "mean_utilization", mean, "share", says, "load over all servers")
        says = "times the mean load at the fullest host"
        how = policy(system, queue.station)
        yield _fact(name, "imbalance", most[()], "number", says, _SOURCE[how])
        if how == "weighted_random":
            yield from _by_weight(system, queue)


_SOURCE = {
    "hash": "largest of gamma shares of a ring of random points (Karger et al. 1997)",
    "weighted_random": "largest weight over the mean weight",
}


def _by_weight(system: System, queue: Queue) -> Iterator[FactResult]:
    """How busy the hosts of each weight are."""
    name = queue.station.tier
    weights = system.hosted()[name].weights or ()
    told = sorted({float(weight) for weight in weights}, reverse=True)[:MOST_TOLD]
    for weight in told:
        busy = np.multiply(queue.utilization, weight / told[0])[()]
        says = f"busy: each host of weight {weight:g}"
        source = "weight over the sum of all weights"
        yield _fact(name, f"utilization_weight_{weight:g}", busy, "share", says, source)


def _fact(tier: str, name: str, value: Numbers, kind: str, says: str, source: str) -> FactResult:
    return FactResult(tier=tier, name=name, value=value, kind=kind, says=says, source=source)
