"""Every station's queue: how busy it is, who waits, and how long.

Each host has its own queue unless the balancing is one central queue; the formulas are in
:mod:`capcalc.theory.balancing`, chosen by name. Where hosts get unequal parts (by key, by
weight) the fullest host's utilization is the station's, and decides when it is saturated. All
work at a station is one mixture: its mean service time and scv decide the wait (DESIGN rulings 8
and 9).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from capcalc.model import routes
from capcalc.model.system import System
from capcalc.model.work import Station
from capcalc.solve import balanced, finite_room, impatience
from capcalc.solve.balanced import Parts
from capcalc.theory.balancing import (
    central_queue,
    idle_first,
    least_connections,
    power_of_two,
    random_split,
    round_robin,
)
from capcalc.traffic.flows import Flows, StationKey, Work
from capcalc.units.types import Numbers

#: A station counts as saturated from this utilization on, a relative margin of 1e-9 below 1:
#: with less, rounding alone calls exactly critical stations stable (DESIGN ruling 22).
CRITICAL = 1.0 - 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The formulas of one way to find a host, and what they are called."""

    prob_wait: Callable[..., Numbers]
    mean_wait: Callable[..., Numbers]
    model: str
    #: both at once, where that is less work
    waiting: Callable[..., tuple[Numbers, Numbers]] | None = None


POLICIES: Mapping[str, Policy] = {
    "random": Policy(
        prob_wait=random_split.prob_wait,
        mean_wait=random_split.mean_wait,
        model="M/G/k per host",
        waiting=random_split.waiting,
    ),
    "round_robin": Policy(
        prob_wait=round_robin.prob_wait,
        mean_wait=round_robin.mean_wait,
        model="G/G/k per host, round robin",
    ),
    "least_connections": Policy(
        prob_wait=least_connections.prob_wait,
        mean_wait=least_connections.mean_wait,
        model="least connections",
    ),
    "central_queue": Policy(
        prob_wait=central_queue.prob_wait,
        mean_wait=central_queue.mean_wait,
        model="M/G/nk, one queue",
    ),
    "power_of_two": Policy(
        prob_wait=power_of_two.prob_wait,
        mean_wait=power_of_two.mean_wait,
        model="power of two choices",
    ),
    "join_idle_queue": Policy(
        prob_wait=idle_first.prob_wait,
        mean_wait=idle_first.mean_wait,
        model="join idle queue",
    ),
    "hash": Policy(
        prob_wait=balanced.prob_wait,
        mean_wait=balanced.mean_wait,
        model="M/G/k per host, consistent hash",
    ),
    "weighted_random": Policy(
        prob_wait=balanced.prob_wait,
        mean_wait=balanced.mean_wait,
        model="M/G/k per host, by weight",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """One station solved."""

    station: Station
    model: str
    arrival_rate: Numbers
    service_time: Numbers
    scv: Numbers
    offered_load: Numbers
    utilization: Numbers
    prob_wait: Numbers
    wait: Numbers
    #: share of all work that finds no place on its host
    rejected: Numbers
    #: part of the offered load that nobody waits for: writes replayed by replicas
    replayed_load: Numbers
    #: what each host gets, where hosts differ; then ``utilization`` is the fullest host's
    parts: Parts | None = None

    @property
    def imbalance(self) -> Numbers:
        """Load of the fullest host over the mean of all; 1 where all get the same."""
        return 1.0 if self.parts is None else self.parts.imbalance

    @property
    def limit(self) -> Numbers:
        """Saturation rate over arrival rate. ``inf`` without load."""
        with np.errstate(divide="ignore"):
            return np.divide(1.0, self.utilization)[()]


def queues(system: System, flows: Flows) -> Mapping[StationKey, Queue]:
    """Solve every station that some class can reach."""
    found = {}
    for key, station in routes.stations(system).items():
        work = [piece for piece in flows.work if piece.station == key]
        if work:
            found[key] = _queue(system, station, work)
    return found


def _queue(system: System, station: Station, work: list[Work]) -> Queue:
    rate, mean, scv = _mixture(work)
    offered = rate * mean
    places = np.multiply(station.hosts, station.servers)
    utilization = _ratio(offered, places)
    rejected: Numbers = 0.0
    parts = None
    if station.patience is not None:
        prob_wait, wait, rejected = impatience.waiting(station, rate, mean)
        model = impatience.MODEL
    elif station.room is None:
        parts = balanced.parts(system, station)
        if parts is not None:
            utilization = np.multiply(utilization, parts.imbalance)[()]
        policy = POLICIES[_policy(system, station, parts)]
        extra = _extra(station, work, rate, parts)
        prob_wait, wait = _waiting(station, policy, extra, (rate, mean, scv), utilization)
        model = policy.model
    else:
        prob_wait, wait, rejected = finite_room.waiting(station, rate, mean)
        model = finite_room.MODEL
    return Queue(
        station=station,
        model=model,
        arrival_rate=rate,
        service_time=mean,
        scv=scv,
        offered_load=offered,
        utilization=utilization,
        prob_wait=prob_wait,
        wait=wait,
        rejected=rejected,
        replayed_load=_replayed(work),
        parts=parts,
    )


def _policy(system: System, station: Station, parts: Parts | None) -> str:
    """The key of :data:`POLICIES`; hosts of equal weight are chosen at random."""
    name = balanced.policy(system, station)
    return "random" if name == "weighted_random" and parts is None else name


def _extra(
    station: Station, work: list[Work], rate: Numbers, parts: Parts | None
) -> dict[str, Any]:
    """What a policy's formulas ask for beside rates, servers and hosts."""
    if parts is not None:
        return {"of": parts}
    return _dealt(station, work, rate) if station.balancing == "round_robin" else {}


def _replayed(work: list[Work]) -> Numbers:
    return sum(piece.rate * piece.step.service_time for piece in work if not piece.waited_for)


def _mixture(work: list[Work]) -> tuple[Numbers, Numbers, Numbers]:
    """Total rate, mean and scv of all work at the station together."""
    rate: Numbers = sum(piece.rate for piece in work)
    load: Numbers = sum(piece.rate * piece.step.service_time for piece in work)
    mean = _ratio(load, rate, idle=work[0].step.service_time)
    squares: Numbers = sum(
        piece.rate * (1.0 + piece.step.scv) * np.square(piece.step.service_time) for piece in work
    )
    scv = _ratio(squares, rate * np.square(mean), idle=1.0 + work[0].step.scv) - 1.0
    return rate, mean, np.maximum(scv, 0.0)[()]


def _waiting(
    station: Station,
    policy: Policy,
    extra: dict[str, Any],
    mixture: tuple[Numbers, Numbers, Numbers],
    utilization: Numbers,
) -> tuple[Numbers, Numbers]:
    """P(wait) and mean wait; saturated from :data:`CRITICAL` on, no wait without load."""
    rate, mean, scv = mixture
    stable = np.asarray(utilization) < CRITICAL
    busy = stable & (np.asarray(utilization) > 0)
    arguments = (
        np.where(busy, rate, 0.1),
        np.where(busy, _ratio(1.0, mean, idle=1.0), 1.0),
        np.where(busy, station.servers, 1.0),
        np.where(busy, station.hosts, 1.0),
        scv,
    )
    if policy.waiting is None:
        both = policy.prob_wait(*arguments, **extra), policy.mean_wait(*arguments, **extra)
    else:
        both = policy.waiting(*arguments, **extra)
    prob_wait, wait = (np.where(busy, each, 0.0) for each in both)
    undefined = np.isnan(utilization)
    prob_wait = np.where(stable, prob_wait, np.where(undefined, np.nan, 1.0))
    return prob_wait[()], np.where(stable, wait, np.where(undefined, np.nan, np.inf))[()]


def _dealt(station: Station, work: list[Work], rate: Numbers) -> dict[str, Numbers]:
    """Arrival scv of a host when only part of the work is dealt out in turn.

    Work dealt over n hosts has scv 1/n at each, the rest comes as Poisson; their superposition
    is weighted by rate (W. Whitt, "The Queueing Network Analyzer", Bell Syst. Tech. J. 62(9),
    1983, sec. 4.3, lower-order form).
    """
    if station.dealt_labels is None:
        return {}
    dealt: Numbers = sum(piece.rate for piece in work if piece.label in station.dealt_labels)
    share = _ratio(dealt, rate, idle=1.0)
    return {"arrival_scv": share / np.maximum(station.hosts, 1.0) + (1.0 - share)}


def _ratio(numerator: Numbers, denominator: Numbers, idle: Numbers = 0.0) -> Numbers:
    """A quotient that is ``idle`` for 0/0 and ``inf`` for load on nothing."""
    numerator, denominator = np.asarray(numerator, float), np.asarray(denominator, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        quotient = numerator / denominator
    return np.where((numerator == 0) & (denominator == 0), idle, quotient)[()]
