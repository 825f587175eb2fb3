"""Hosts that accept only so many connections: who finds no place is turned away."""

from __future__ import annotations

import numpy as np

from capcalc.model.work import Station
from capcalc.theory.queues import mmck
from capcalc.units.types import Numbers

MODEL = "M/M/k/K per host"


def waiting(station: Station, rate: Numbers, mean: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """P(wait) and mean wait of what is accepted, and the share that is turned away.

    Every host on its own, whatever the balancing, with exponential service: an approximation
    where balancing or another service law spreads the load better or worse.
    """
    hosts = np.asarray(station.hosts, dtype=float)
    busy = (np.asarray(rate) > 0) & (np.asarray(mean) > 0) & (hosts > 0)
    # no fewer places than servers
    servers = np.asarray(station.servers, dtype=float)
    room = np.maximum(np.asarray(station.room, dtype=float), servers)
    arguments = (
        np.where(busy, np.asarray(rate) / np.where(hosts > 0, hosts, 1.0), 0.5),
        np.where(busy, 1.0 / np.where(busy, mean, 1.0), 1.0),
        np.where(busy, servers, 1.0),
        np.where(busy, room, 1.0),
    )
    none = (hosts <= 0) & (np.asarray(rate) > 0)
    rejected = np.where(busy, mmck.prob_loss(*arguments), np.where(none, 1.0, 0.0))
    prob_wait = np.where(busy, mmck.prob_wait(*arguments), np.where(none, 1.0, 0.0))
    wait = np.where(busy, mmck.mean_wait(*arguments), np.where(none, np.inf, 0.0))
    undefined = np.isnan(np.asarray(rate) * mean * hosts * servers)
    return (
        np.where(undefined, np.nan, prob_wait)[()],
        np.where(undefined, np.nan, wait)[()],
        np.where(undefined, np.nan, rejected)[()],
    )
