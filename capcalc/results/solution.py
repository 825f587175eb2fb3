"""The answer to `solve`: stations, tiers, request classes, and what was assumed.

Times are in seconds, rates per second, money in US dollars per month (730 hours). In a sweep
every number is an array with the sweep's axes; a saturated value is ``inf``, one outside the
domain ``nan``, and ``status`` says which.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from capcalc.units.types import Numbers

if TYPE_CHECKING:
    import pandas as pd

#: The percentiles that are answered, by their name in files, tables and objectives.
PERCENTILES: Mapping[str, float] = {
    "p50": 0.5,
    "p90": 0.9,
    "p95": 0.95,
    "p99": 0.99,
    "p999": 0.999,
}


#: The latency measures of objectives; ``availability`` is the only other one.
MEASURES = ("mean", *PERCENTILES)


@dataclass(frozen=True, slots=True, kw_only=True)
class StationResult:
    """One kind of queue: all hosts of a tier, or of one role in it (primary, replica)."""

    tier: str
    role: str
    model: str
    hosts: Numbers
    servers: Numbers
    arrival_rate: Numbers
    service_time: Numbers
    scv: Numbers
    offered_load: Numbers
    utilization: Numbers
    prob_wait: Numbers
    wait: Numbers
    response: Numbers
    queue_length: Numbers
    number_in_system: Numbers
    headroom: Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class TierResult:
    """One tier; ``utilization`` is that of its busiest station."""

    name: str
    kind: str
    hosts: Numbers | None = None
    servers: Numbers | None = None
    arrival_rate: Numbers | None = None
    utilization: Numbers | None = None
    wait: Numbers | None = None
    response: Numbers | None = None
    queue_length: Numbers | None = None
    number_in_system: Numbers | None = None
    response_p50: Numbers | None = None
    response_p90: Numbers | None = None
    response_p95: Numbers | None = None
    response_p99: Numbers | None = None
    response_p999: Numbers | None = None
    headroom: Numbers | None = None
    hit_ratio: Numbers | None = None
    offload: Numbers | None = None
    byte_offload: Numbers | None = None
    cost: Numbers | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestResult:
    """One request class, server side (DESIGN ruling 1); ``user_…`` adds the edge."""

    name: str
    arrival_rate: Numbers
    origin_rate: Numbers
    mean: Numbers
    p50: Numbers | None = None
    p90: Numbers | None = None
    p95: Numbers | None = None
    p99: Numbers | None = None
    p999: Numbers | None = None
    user_mean: Numbers
    user_p50: Numbers | None = None
    user_p90: Numbers | None = None
    user_p95: Numbers | None = None
    user_p99: Numbers | None = None
    user_p999: Numbers | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectiveResult:
    """One objective: what is asked, what is, and whether it is kept."""

    request_class: str
    measure: str
    limit: Numbers
    value: Numbers | None
    met: NDArray[np.bool_] | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FactResult:
    """One number that a tier says of itself; ``kind`` is its unit's: duration [s], rate [1/s] …"""

    tier: str
    name: str
    value: Numbers
    kind: str
    says: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """What would bring a saturated station down to its limit."""

    tier: str
    role: str
    utilization: float
    sustainable: float
    hosts: float | None
    servers: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """All that `solve` found."""

    name: str
    shape: tuple[int, ...]
    stations: tuple[StationResult, ...]
    tier_results: tuple[TierResult, ...]
    request_results: tuple[RequestResult, ...]
    objective_results: tuple[ObjectiveResult, ...]
    bottleneck_position: Numbers
    bottleneck_names: tuple[str, ...]
    headroom: Numbers
    cost: Numbers | None
    first_request_delay: Numbers
    defined: NDArray[np.bool_] | bool
    fact_results: tuple[FactResult, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    warnings: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    defaults: Mapping[str, object] | None = None
    ranges: Mapping[str, tuple[float, float]] | None = None

    @property
    def bottleneck(self) -> Any:
        """Name of the tier that saturates first; an array of names in a sweep."""
        names = np.array([*self.bottleneck_names, ""], dtype=object)
        position = np.where(np.isnan(self.bottleneck_position), -1, self.bottleneck_position)
        return names[position.astype(int)]

    @property
    def saturated(self) -> NDArray[np.bool_] | bool:
        """Whether some station gets more than it can serve."""
        loads = [np.asarray(station.utilization) for station in self.stations]
        busiest = np.max(np.stack(np.broadcast_arrays(*loads)), axis=0) if loads else 0.0
        return np.asarray(busiest >= 1.0)[()]

    def tier(self, name: str) -> TierResult:
        """One tier's numbers by name."""
        return next(tier for tier in self.tier_results if tier.name == name)

    def station(self, tier: str, role: str = "") -> StationResult:
        """One station's numbers by tier and role."""
        wanted = (tier, role)
        return next(each for each in self.stations if (each.tier, each.role) == wanted)

    def request(self, name: str) -> RequestResult:
        """One request class's numbers by name."""
        return next(request for request in self.request_results if request.name == name)

    def fact(self, tier: str, name: str) -> Numbers:
        """One further number of a tier by name, e.g. ``fact("db", "lag")``."""
        return next(f.value for f in self.fact_results if (f.tier, f.name) == (tier, name))

    @property
    def tiers(self) -> pd.DataFrame:
        """All tiers as a table; in a sweep one row for each scenario and tier."""
        from capcalc.results.frames import frame

        return frame(self.tier_results)

    @property
    def requests(self) -> pd.DataFrame:
        """All request classes as a table."""
        from capcalc.results.frames import frame

        return frame(self.request_results)

    @property
    def facts(self) -> pd.DataFrame:
        """What the tiers say of themselves beside utilization and latency, as a table."""
        from capcalc.results.frames import frame

        return frame(self.fact_results)

    @property
    def objectives(self) -> pd.DataFrame:
        """All latency objectives as a table."""
        from capcalc.results.frames import frame

        return frame(self.objective_results)
