"""Hosts whose callers take their requests back after a time: who waits too long is not served."""

from __future__ import annotations

import numpy as np

from capcalc.model.work import Station
from capcalc.theory.queues import mmc_patience
from capcalc.units.types import Numbers

MODEL = "M/M/k+D per host"


def waiting(station: Station, rate: Numbers, mean: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """P(wait) and mean wait of those served, and the share that gives up.

    Every host on its own, whatever the balancing, with exponential service: an approximation
    where balancing or another service law spreads the load better or worse. Finite at any load.
    """
    hosts = np.asarray(station.hosts, dtype=float)
    busy = (np.asarray(rate) > 0) & (np.asarray(mean) > 0) & (hosts > 0)
    arguments = (
        np.where(busy, np.asarray(rate) / np.where(hosts > 0, hosts, 1.0), 0.5),
        np.where(busy, 1.0 / np.where(busy, mean, 1.0), 1.0),
        np.where(busy, station.servers, 1.0),
        np.asarray(station.patience, dtype=float),
    )
    none = (hosts <= 0) & (np.asarray(rate) > 0)
    left = np.where(busy, mmc_patience.prob_loss(*arguments), np.where(none, 1.0, 0.0))
    prob_wait = np.where(busy, mmc_patience.prob_wait(*arguments), np.where(none, 1.0, 0.0))
    wait = np.where(busy, mmc_patience.mean_wait(*arguments), np.where(none, np.inf, 0.0))
    undefined = np.isnan(np.asarray(rate) * mean * hosts * station.servers * arguments[3])
    return (
        np.where(undefined, np.nan, prob_wait)[()],
        np.where(undefined, np.nan, wait)[()],
        np.where(undefined, np.nan, left)[()],
    )
