"""What would bring a saturated station down to its limit."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np

from capcalc.model.components import Database
from capcalc.model.system import System
from capcalc.results.solution import Remedy
from capcalc.solve.stations import CRITICAL, Queue
from capcalc.traffic.flows import StationKey


def remedies(system: System, queues: Mapping[StationKey, Queue]) -> Iterator[Remedy]:
    """One remedy for each saturated station of a single scenario."""
    for (name, role), queue in queues.items():
        if np.ndim(queue.utilization) == 0 and float(queue.utilization) >= CRITICAL:
            yield _remedy(system, name, role, queue)


def _remedy(system: System, name: str, role: str, queue: Queue) -> Remedy:
    tier = system.hosted()[name]
    limit, load = float(tier.max_utilization), _load(queue)
    hosts, servers = float(queue.station.hosts), float(queue.station.servers)
    return Remedy(
        tier=name,
        role=role,
        utilization=float(queue.utilization),
        sustainable=1.0 / float(queue.utilization),
        hosts=_hosts(tier, role, queue, limit),
        servers=math.ceil(load / (limit * hosts) - 1e-9) if hosts else servers,
    )


def _load(queue: Queue) -> float:
    """Offered load, as if all hosts had as much as the fullest."""
    return float(queue.offered_load) * float(queue.imbalance)


def _hosts(tier: object, role: str, queue: Queue, limit: float) -> float | None:
    """Hosts at this size that suffice, or None where more hosts cannot help.

    A primary stays one host. Replicas replay every write, so only what replays leave free
    serves reads: n k u S^-1 >= reads + n writes.
    """
    servers, load = float(queue.station.servers), _load(queue)
    if not isinstance(tier, Database):
        return float(math.ceil(load / (limit * servers) - 1e-9))
    if role.startswith("primary"):
        return None
    replicas = float(queue.station.hosts)
    replayed = queue.replayed_load / replicas
    room = limit * servers - replayed
    reads = load - queue.replayed_load
    return float(math.ceil(reads / room - 1e-9)) if room > 0 else None
