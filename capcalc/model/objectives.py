"""What the system has to keep: latency per request class, availability, runway, cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from capcalc.units.types import PositiveSeconds, PositiveShare, Seconds, UsDollars


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyObjective:
    """Limits on one request class's server-side response (DESIGN ruling 1)."""

    mean: PositiveSeconds | None = None
    p50: PositiveSeconds | None = None
    p90: PositiveSeconds | None = None
    p95: PositiveSeconds | None = None
    p99: PositiveSeconds | None = None
    p999: PositiveSeconds | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Objectives:
    """All objectives; in the file the request classes stand beside the other keys."""

    requests: Mapping[str, LatencyObjective] = field(
        default_factory=dict, metadata={"flatten": True}
    )
    availability: PositiveShare | None = None
    min_runway: Seconds | None = None
    #: US dollars per month for each 1,000 daily users
    max_cost_per_thousand_users: UsDollars | None = None
    #: runway that a change may lose against what it is compared with
    max_runway_loss: Seconds | None = None
