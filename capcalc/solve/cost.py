"""What it costs a month: hosts by the hour, the edge by the byte (DESIGN rulings 16, 18)."""

from __future__ import annotations

import numpy as np

from capcalc.model import routes
from capcalc.model.system import System
from capcalc.traffic.edge import offloads
from capcalc.traffic.tuned import tuned
from capcalc.units.kinds import HOUR, MONTH
from capcalc.units.types import Numbers

#: Hours of a billing month.
HOURS = MONTH / HOUR


def hosts_per_month(system: System, name: str) -> Numbers | None:
    """US dollars per month for a tier's hosts; None where no price is known.

    A tier that shares another's hosts costs nothing of its own.
    """
    if system.host_of(name) != name:
        return 0.0
    price = system.price(name)
    return (
        None
        if price is None
        else np.multiply(system.hosted()[name].host_count(), price * HOURS)[()]
    )


def unpriced_hosts(system: System) -> list[str]:
    """The tiers on hosts whose price is not known."""
    return [
        name
        for name, tier in system.owners().items()
        if system.price(name) is None and getattr(tier, "price", None) is None
    ]


def unpriced_edges(system: System) -> list[str]:
    """The CDN tiers whose bytes have no price."""
    return [name for name, cdn in routes.cdns(system).items() if cdn.price is None]


def unsized(system: System) -> list[str]:
    """The classes whose bytes are not in the cost of a CDN that has a price."""
    priced = any(cdn.price is not None for cdn in routes.cdns(system).values())
    requests = system.demand.requests.items()
    return [name for name, request in requests if priced and request.size is None]


def cdn_per_month(system: System, name: str) -> Numbers | None:
    """US dollars per month for all bytes that a CDN tier serves, at the mean rate."""
    mean_bytes = offloads(tuned(system))[name].bytes / np.asarray(system.demand.peak_to_average)
    return routes.cdns(system)[name].cost(mean_bytes * MONTH)
