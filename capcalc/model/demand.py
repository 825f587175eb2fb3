"""How much comes, as the scenario says it: users or rates, per request class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from capcalc.model.objects import Objects
from capcalc.units.kinds import DAY
from capcalc.units.types import (
    Amount,
    Bytes,
    Factor,
    GrowthPerMonth,
    Numbers,
    PositiveSeconds,
    Rate,
    Seconds,
    UsDollars,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestClass:
    """One kind of request: how often it comes, and whether it may be answered early."""

    per_user_day: Amount | None = None
    rate: Rate | None = None
    static: bool = False
    cacheable: bool = False
    size: Bytes | None = None
    #: the different answers that caches may keep
    objects: Objects | None = None
    #: whether every user gets answers of their own
    personal: bool = False
    #: how long an answer is fresh (Cache-Control: max-age); for ever where it is not given
    max_age: Seconds | None = None
    #: mean time between changes of an answer; unchanged ones are confirmed with 304
    changes_every: PositiveSeconds | None = None
    #: how long beyond max_age an answer may be served while it is fetched again
    stale_while_revalidate: Seconds | None = None

    @property
    def edge_cacheable(self) -> bool:
        """Whether a CDN may answer it (DESIGN ruling 2)."""
        return self.static or self.cacheable


@dataclass(frozen=True, slots=True, kw_only=True)
class Business:
    """Orders and their value: what an hour of the peak is worth."""

    orders_per_user_day: Amount | None = None
    order_value: UsDollars | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spike:
    """A crowd: the load at its height over that before, and how long it takes to come."""

    factor: Factor
    ramp: Seconds | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """The demand at its peak, and how it grows."""

    requests: Mapping[str, RequestClass]
    daily_active_users: Amount | None = None
    #: visits (sessions) that one user begins in a day
    visits_per_user_day: Amount | None = None
    growth: GrowthPerMonth = 0.0
    start: str | None = field(default=None, metadata={"pattern": r"^\d{4}-(0[1-9]|1[0-2])$"})
    peak_to_average: Factor = 1.0
    business: Business | None = None
    spike: Spike | None = None

    def visit_rate(self) -> Numbers | None:
        """Visits begun per second at the peak; None where the scenario does not say."""
        users, visits = self.daily_active_users, self.visits_per_user_day
        if users is None or visits is None:
            return None
        return np.multiply(users, visits * np.asarray(self.peak_to_average) / DAY)[()]
