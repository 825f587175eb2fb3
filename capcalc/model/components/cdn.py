"""The content delivery network in front of the origin."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal, Self

from capcalc.model.demand import RequestClass
from capcalc.model.facts import Observed
from capcalc.units.types import Numbers, Seconds, Share, UsDollarsPerByte


@dataclass(frozen=True, slots=True, kw_only=True)
class Cdn(Observed):
    """Edge caches that answer a share of what may be cached (DESIGN ruling 2)."""

    kind: Literal["cdn"] = "cdn"
    hit_ratio: Share
    byte_hit_ratio: Share | None = None
    round_trip: Seconds = 0.0
    origin_round_trip: Seconds = 0.0
    price: UsDollarsPerByte | None = None
    #: share of the time that it answers
    availability: Share | None = None
    survive: Literal["tier"] | None = None
    answering: bool = field(default=True, metadata={"hidden": True})

    def hit(self, request: RequestClass) -> Numbers:
        """Share of a class's requests that the edge answers."""
        return self.hit_ratio if self.answering and request.edge_cacheable else 0.0

    def byte_hit(self, request: RequestClass) -> Numbers:
        """Share of a class's bytes that the edge answers."""
        ratio = self.hit_ratio if self.byte_hit_ratio is None else self.byte_hit_ratio
        return ratio if self.answering and request.edge_cacheable else 0.0

    def without(self, failure: str) -> Self:
        """Bypassed: nothing is answered at the edge."""
        return replace(self, answering=False) if failure == "tier" else self
