"""What the system means for the business: cost of users, revenue that hangs on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from capcalc.model.system import System
from capcalc.results.solution import FactResult, TierResult
from capcalc.solve import cost
from capcalc.solve.stations import Queue
from capcalc.traffic.flows import StationKey
from capcalc.units.types import Numbers

#: Facts of the whole system carry no tier's name.
SYSTEM = ""
HOURS_OF_A_DAY = 24.0


def facts(
    system: System,
    tiers: tuple[TierResult, ...],
    total: Numbers | None,
    queues: Mapping[StationKey, Queue],
) -> Iterator[FactResult]:
    """Cost of 1,000 daily users, of 1,000 more, and revenue at risk at the peak.

    Nothing where the scenario has no daily users, no prices or no orders.
    """
    users = system.demand.daily_active_users
    if users is None:
        return
    if total is not None:
        yield _fact(
            "cost_per_thousand_users",
            _per_thousand(total, users),
            "money",
            "a month for 1,000 daily users",
            "cost a month / daily users",
        )
        yield _fact(
            "marginal_cost_per_thousand_users",
            _per_thousand(marginal(system, tiers, queues), users),
            "money",
            "a month for 1,000 more daily users",
            "use that is paid for, and hosts filled to max_utilization, in proportion to load",
        )
    yield from _revenue(system, users)


def _per_thousand(amount: Numbers, users: Numbers) -> Numbers:
    many = np.asarray(users, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(many > 0, 1e3 * np.asarray(amount) / many, np.nan)[()]


def marginal(
    system: System, tiers: tuple[TierResult, ...], queues: Mapping[StationKey, Queue]
) -> Numbers:
    """What today's load costs if hosts could be bought in parts, each at its limit. [USD/month]

    The part of each tier's hosts that its busiest station needs at ``max_utilization``; what is
    paid by use (bytes and requests of the edge) as it is. Without spare for failures and
    growth, which do not grow with every user.
    """
    with np.errstate(invalid="ignore"):  # a tier with no host left is endlessly busy, for nothing
        return _needed(system, tiers, queues)


def _needed(
    system: System, tiers: tuple[TierResult, ...], queues: Mapping[StationKey, Queue]
) -> Numbers:
    needed: Numbers = 0.0
    for tier in tiers:
        if tier.cost is None:
            continue
        hosts = cost.hosts_per_month(system, tier.name) if tier.name in system.hosted() else 0.0
        fixed = 0.0 if hosts is None else hosts
        used = np.subtract(tier.cost, fixed)
        busy = [queue.utilization for (name, _), queue in queues.items() if name == tier.name]
        part: Numbers = 0.0
        for utilization in busy:
            limit = system.hosted()[tier.name].max_utilization
            part = np.maximum(part, np.divide(utilization, limit))
        needed = needed + used + np.multiply(fixed, part)
    return np.asarray(needed)[()]


def _revenue(system: System, users: Numbers) -> Iterator[FactResult]:
    business = system.demand.business
    if business is None or business.orders_per_user_day is None:
        return
    peak = np.asarray(system.demand.peak_to_average)
    orders = np.multiply(users, business.orders_per_user_day) * peak / HOURS_OF_A_DAY
    yield _fact(
        "orders_per_hour",
        orders[()],
        "number",
        "orders in the peak hour",
        "daily users x orders of each x peak_to_average / 24",
    )
    if business.order_value is not None:
        yield _fact(
            "revenue_at_risk_per_hour",
            np.asarray(orders * business.order_value)[()],
            "money",
            "revenue of the peak hour, lost while all is down",
            "orders in the peak hour x order_value",
        )


def _fact(name: str, value: Numbers, kind: str, says: str, source: str) -> FactResult:
    return FactResult(tier=SYSTEM, name=name, value=value, kind=kind, says=says, source=source)
