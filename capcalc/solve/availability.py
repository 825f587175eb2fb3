"""How much of the time enough hosts work: tier by tier, and all tiers in series."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from capcalc.model.components import Browser, Database
from capcalc.model.components.hosted import Hosted
from capcalc.model.system import System
from capcalc.results.solution import FactResult, ObjectiveResult
from capcalc.solve.stations import Queue
from capcalc.theory.reliability import k_out_of_n
from capcalc.traffic.flows import StationKey
from capcalc.units.types import Numbers

#: What the whole is called beside the tiers.
SYSTEM = "system"
_SOURCE = "k of n hosts, independent (Trivedi 2002, sec. 2.5)"
_COMMON = f"{_SOURCE}; beta-factor for common causes (Fleming 1975)"


def facts(system: System, queues: Mapping[StationKey, Queue]) -> Iterator[FactResult]:
    """Availability of every tier that says how available one host is, and of all together."""
    total: Numbers = 1.0
    known = False
    for name, tier in system.tiers.items():
        share = getattr(tier, "availability", None)
        if share is None or system.host_of(name) != name:
            continue
        known = True
        if isinstance(tier, Hosted):
            needed = _needed(name, tier, queues)
            shards = tier.shard_count() if isinstance(tier, Database) else 1.0
            share = _of_hosts(tier, share, needed, shards)
            needed = np.multiply(needed, shards)[()]
            yield _fact(name, "hosts_needed", needed, "number", "hosts that have to work", _HOW)
        total = np.multiply(total, share)[()]
        yield _fact(name, "availability", share, "availability", "availability", _source(tier))
    if known:
        yield _fact(
            SYSTEM, "availability", total, "availability", "availability", "tiers in series"
        )
        down = np.multiply(1.0 - np.asarray(total), 30 * 86_400.0)[()]
        says = "expected downtime in 30 days"
        yield _fact(SYSTEM, "downtime", down, "duration", says, "tiers in series")


_HOW = "fewest that stay within max_utilization_after_failure"


def _source(tier: object) -> str:
    if not isinstance(tier, Hosted):
        return "given"
    return _SOURCE if tier.common_cause is None else _COMMON


def _fact(tier: str, name: str, value: Numbers, kind: str, says: str, source: str) -> FactResult:
    return FactResult(tier=tier, name=name, value=value, kind=kind, says=says, source=source)


def _of_hosts(tier: Hosted, share: Numbers, needed: Numbers, shards: Numbers) -> Numbers:
    """At least so many hosts up in every shard; a part of the failures of one takes all of them."""
    hosts = np.asarray(tier.host_count(), dtype=float) / shards
    common = np.asarray(0.0 if tier.common_cause is None else tier.common_cause)
    # more than there are: never enough
    enough = np.asarray(needed) <= hosts
    alone = 1.0 - (1.0 - common) * (1.0 - np.asarray(share))
    least = np.where(enough, needed, hosts)
    independent = np.asarray(k_out_of_n.availability(alone, least, hosts)) ** shards
    together = 1.0 - common * (1.0 - np.asarray(share))
    return np.where(enough, independent * together, 0.0)[()]


def _needed(name: str, tier: Hosted, queues: Mapping[StationKey, Queue]) -> Numbers:
    """The fewest hosts that carry what comes, counted from capacity."""
    limit = np.asarray(tier.max_utilization_after_failure)
    if isinstance(tier, Database):
        return _database(name, limit, queues)
    queue = queues.get((name, ""))
    if queue is None:
        return 1.0
    load = np.asarray(queue.offered_load) * np.asarray(queue.imbalance)
    return np.maximum(1.0, _up(load / (limit * queue.station.servers)))[()]


def _database(
    name: str,
    limit: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    queues: Mapping[StationKey, Queue],
) -> Numbers:
    """A primary, and replicas that bear the reads beside their own replays, in every shard."""
    queue = queues.get((name, "replica"))
    if queue is None:
        return 1.0
    replicas = np.asarray(queue.station.hosts, dtype=float)
    with np.errstate(all="ignore"):
        replayed = np.asarray(queue.replayed_load) / replicas
        room = limit * queue.station.servers - replayed
        reads = np.asarray(queue.offered_load) - queue.replayed_load
        least = np.where(room > 0, _up(reads / room), np.inf)
    return np.where(replicas > 0, 1.0 + least, 1.0)[()]


def _up(value: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Numbers:
    return np.ceil(value - 1e-9)


def objective(system: System, found: tuple[FactResult, ...]) -> tuple[ObjectiveResult, ...]:
    """The availability that is asked for, beside the one that is to be expected."""
    limit = system.objectives.availability
    value = next(
        (each.value for each in found if (each.tier, each.name) == (SYSTEM, "availability")), None
    )
    if limit is None or value is None:
        return ()
    met = np.asarray(np.asarray(value) >= limit)[()]
    return (
        ObjectiveResult(
            request_class=SYSTEM, measure="availability", limit=limit, value=value, met=met
        ),
    )


def _parts(system: System) -> list[str]:
    """The tiers that can be down: not those on others' hosts, nor the users' own caches."""
    tiers = system.tiers.items()
    return [
        name
        for name, tier in tiers
        if system.host_of(name) == name and not isinstance(tier, Browser)
    ]


def left_out(system: System) -> list[str]:
    """The tiers that do not say how available they are: taken as never down."""
    return [
        name for name in _parts(system) if getattr(system.tiers[name], "availability", None) is None
    ]


def cautions(system: System) -> Iterator[str]:
    """An objective that cannot be checked, and tiers that are left out of the product."""
    owners, silent = _parts(system), left_out(system)
    if len(silent) == len(owners):
        if system.objectives.availability is not None:
            yield (
                "objectives.availability is not checked: no tier says how available one of its "
                f"hosts is; give e.g. tiers.{owners[-1]}.availability: 99.9%"
            )
    elif silent:
        yield f"availability leaves out {', '.join(silent)}: taken as never down"
