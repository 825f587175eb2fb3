"""The cache before a database: a get, and on a miss a read of what it fronts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Self

from capcalc.model.components.hosted import Hosted, Site, per_class
from capcalc.model.work import Call, Either, Serve, Step
from capcalc.theory.caches import lru
from capcalc.units.types import Amount, Bytes, Numbers, PositiveAmount, Seconds, Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Objects:
    """What is asked for: how many objects, how popular, how large."""

    count: PositiveAmount
    zipf: Amount
    size: Bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cache(Hosted):
    """Objects spread over hosts by key (DESIGN ruling 11)."""

    kind: Literal["cache"] = "cache"
    service_time: Seconds | Mapping[str, Seconds]
    scv: Amount | Mapping[str, Amount] = 1.0
    hit_ratio: Share | None = None
    policy: Literal["lru"] | None = None
    capacity: PositiveAmount | None = None
    objects: Objects | None = None
    fronts: str | None = None
    survive: Literal["host", "zone", "tier"] | None = None
    answering: bool = field(default=True, metadata={"hidden": True})

    def hit(self) -> Numbers:
        """The given hit ratio, or LRU's for Zipf popularity (Che's approximation)."""
        if self.hit_ratio is not None:
            return self.hit_ratio
        if self.capacity is None or self.objects is None:
            raise ValueError("a cache has either a hit_ratio or a capacity and objects")
        return lru.fast_hit_ratio(self.capacity, self.objects.count, self.objects.zipf)

    def without(self, failure: str) -> Self:
        """One host or zone lost takes its keys with it; the whole tier lost answers nothing."""
        if failure == "tier":
            return replace(self, answering=False)
        return self._fewer_hosts(failure)

    def _fewer_hosts(self, failure: str) -> Self:
        left = Hosted.without(self, failure)
        if self.capacity is None:
            return left
        return replace(left, capacity=self.capacity * left.hosts / self.hosts)

    def work(self, site: Site, port: str) -> tuple[Step, ...]:
        """A get and, with the miss ratio, one read behind it; without the tier all reads."""
        behind = self.fronts
        miss = () if behind is None else (Call(node=(behind, site.port_of[behind])),)
        if not self.answering:
            return miss
        serve = Serve(
            role="",
            label=site.request_class,
            service_time=per_class(self.service_time, site.request_class),
            scv=per_class(self.scv, site.request_class),
        )
        return (serve, Either(share=1.0 - self.hit(), then=miss)) if miss else (serve,)
