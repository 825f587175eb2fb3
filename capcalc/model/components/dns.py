"""The domain name system: what the first request of a visit waits for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from capcalc.model.facts import Observed
from capcalc.units.types import Seconds, Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Dns(Observed):
    """Name resolution; its delay is reported apart and is in no percentile (DESIGN ruling 3)."""

    kind: Literal["dns"] = "dns"
    lookup_time: Seconds
    ttl: Seconds | None = None
    #: share of the time that it answers
    availability: Share | None = None
