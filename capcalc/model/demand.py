"""How much comes, as the scenario says it: users or rates, per request class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from capcalc.units.kinds import DAY
from capcalc.units.types import (
    Amount,
    Bytes,
    Factor,
    GrowthPerMonth,
    Numbers,
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

    @property
    def edge_cacheable(self) -> bool:
        """Whether a CDN may answer it (DESIGN ruling 2)."""
        return self.static or self.cacheable


@dataclass(frozen=True, slots=True, kw_only=True)
class Business:
    """Orders and their value: accepted, named in the warnings, not yet computed with."""

    orders_per_user_day: Amount | None = None
    order_value: UsDollars | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spike:
    """A crowd: accepted, named in the warnings, not yet computed with."""

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
