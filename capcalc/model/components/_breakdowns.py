"""Hosts that fail and are repaired: how many requests that leaves waiting, on average."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from capcalc.model.facts import Fact, Seen
from capcalc.theory.arrays import Array

if TYPE_CHECKING:
    from capcalc.model.components.hosted import Hosted

#: Hosts up to which the chain of failures and repairs is solved.
MOST_HOSTS = 64


def facts(tier: Hosted, seen: Seen) -> Iterator[Fact]:
    """Mean answer with all failures and repairs, where the scenario says enough.

    Nothing for hosts of several servers, which fail together: no closed form.
    """
    station = seen.stations.get("")
    if tier.availability is None or tier.repair_time is None or station is None:
        return
    hosts = np.asarray(station.hosts, dtype=float)
    if np.any(np.asarray(station.servers) != 1) or np.any(hosts > MOST_HOSTS) or np.any(hosts < 1):
        return
    number = _number(tier, seen)
    rate = np.asarray(station.arrival_rate, dtype=float)
    with np.errstate(all="ignore"):
        response = np.where(rate > 0, number / np.where(rate > 0, rate, 1.0), np.nan)
    yield Fact(
        name="number_with_breakdowns",
        value=number[()],
        kind="number",
        says="requests in one queue for all hosts, with failures and repairs",
        source="M/M/c with breakdowns, exact (Mitrany, Avi-Itzhak 1968)",
    )
    yield Fact(
        name="response_with_breakdowns",
        value=response[()],
        kind="duration",
        says="mean answer of one queue for all hosts, with failures and repairs",
        source="number in the system / arrival rate (Little)",
    )


def _number(tier: Hosted, seen: Seen) -> Array:
    from capcalc.theory.queues import breakdowns

    station = seen.stations[""]
    up = np.asarray(tier.availability, dtype=float)
    with np.errstate(all="ignore"):
        repair = 1.0 / np.asarray(tier.repair_time, dtype=float)
        failure = repair * (1.0 - up) / up
        return np.asarray(
            breakdowns.mean_number(
                station.arrival_rate,
                np.divide(1.0, station.service_time),
                station.hosts,
                failure,
                repair,
            )
        )
