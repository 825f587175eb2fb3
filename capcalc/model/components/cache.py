"""The cache before a database: a get, and on a miss a read of what it fronts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Self

import numpy as np

from capcalc.model.components.hosted import Hosted, Site, per_class
from capcalc.model.facts import Seen
from capcalc.model.work import Call, Either, Serve, Step
from capcalc.theory.caches import lru
from capcalc.units.format import duration
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
    #: share of what is asked for whose host still has its contents
    warm: Numbers = field(default=1.0, metadata={"hidden": True})

    def hit(self) -> Numbers:
        """Share of gets that find their object: of those whose host has not lost its contents."""
        return np.multiply(self.warm, self.hit_when_warm())[()]

    def hit_when_warm(self) -> Numbers:
        """The given hit ratio, or LRU's for Zipf popularity (Che's approximation)."""
        if self.hit_ratio is not None:
            return self.hit_ratio
        if self.capacity is None or self.objects is None:
            raise ValueError("a cache has either a hit_ratio or a capacity and objects")
        return lru.fast_hit_ratio(self.capacity, self.objects.count, self.objects.zipf)

    def without(self, failure: str) -> Self:
        """What is left at once; the whole tier lost answers nothing.

        The keys of a lost host go to others, which do not have them yet: their part of the
        gets misses until it has been asked for again (``contents``: all of them).
        """
        if failure == "tier":
            return replace(self, answering=False)
        if failure == "contents":
            return replace(self, warm=np.multiply(self.warm, 0.0)[()])
        left = Hosted.without(self, failure)
        return replace(left, warm=np.multiply(self.warm, left.hosts / np.asarray(self.hosts))[()])

    def refilled(self, failure: str) -> Self:
        """What is left once the other hosts have taken the lost keys up, with less room for all."""
        left = Hosted.without(self, failure)
        if self.capacity is None:
            return left
        return replace(left, capacity=self.capacity * left.hosts / self.hosts)

    def refill_time(self, seen: Seen) -> Numbers | None:
        """Until all that an LRU cache would hold has been asked for again, at today's gets.

        The characteristic time, in requests, over the rate of gets; misses are most in its
        first part. None where the contents are not modelled.
        """
        if self.capacity is None or self.objects is None:
            return None
        requests = lru.characteristic_time(self.capacity, self.objects.count, self.objects.zipf)
        rate = np.asarray(seen.rate())
        with np.errstate(divide="ignore"):
            return np.asarray(requests / rate)[()]

    def recovery_time(self, failure: str, seen: Seen) -> Numbers | None:
        """A new host, if one was lost, and then its contents."""
        fill = self.refill_time(seen)
        boot = 0.0 if failure == "contents" else self.boot_time
        return None if fill is None or boot is None else np.add(boot, fill)[()]

    def aftermath(self, failure: str, seen: Seen) -> Iterator[str]:
        """How many more reads reach what it fronts, and how long until the contents are back."""
        fill = self.refill_time(seen)
        if fill is None:
            yield (
                f"how soon {seen.name} is warm again is not known: give capacity and objects "
                "instead of a hit_ratio"
            )
        elif np.isfinite(fill):
            yield (
                f"{seen.name} is as warm as before some {duration(float(fill))} after its hosts "
                "are back, if what it fronts bears the misses meanwhile"
            )
        if failure != "contents":
            yield from Hosted.aftermath(self, failure, seen)

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
