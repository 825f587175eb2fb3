"""The cache before a database: a get, and on a miss a read of what it fronts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Self, TypeAlias

import numpy as np

from capcalc.model.components import _cache_facts as cache_facts
from capcalc.model.components import _curves as curves
from capcalc.model.components._edge import Kept
from capcalc.model.components.hosted import Hosted, Site, per_class
from capcalc.model.facts import Fact, Seen
from capcalc.model.objects import Objects
from capcalc.model.work import Call, Either, Serve, Step
from capcalc.theory.caches import lru
from capcalc.units.format import duration
from capcalc.units.types import (
    Amount,
    Numbers,
    PositiveAmount,
    PositiveBytes,
    PositiveBytesPerSecond,
    PositiveSeconds,
    Seconds,
    Share,
)

Policy: TypeAlias = Literal["lru", "fifo", "random", "clock", "lfu", "q-lru", "2-lru", "s3-fifo"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cache(Hosted):
    """Objects spread over hosts by key (DESIGN ruling 11)."""

    kind: Literal["cache"] = "cache"
    service_time: Seconds | Mapping[str, Seconds]
    scv: Amount | Mapping[str, Amount] = 1.0
    hit_ratio: Share | None = None
    policy: Policy | None = None
    #: what the whole tier holds, in objects or in bytes
    capacity: PositiveAmount | None = None
    memory: PositiveBytes | None = None
    objects: Objects | None = None
    #: measured: hit ratios by capacity, e.g. {100k: 61%, 400k: 85%}
    hit_ratio_curve: Mapping[str, Share] | None = None
    #: part of gets and writes together that are writes, each of which drops its object
    write_share: Share | None = None
    #: how long a value is used after it was fetched
    max_age: PositiveSeconds | None = None
    #: whether each host keeps what its own callers ask for: ``capacity`` is then that of one host
    local: bool = False
    #: whether gets of a value that is being fetched wait for it instead of fetching it too
    coalescing: bool = False
    #: what one host's network carries
    network: PositiveBytesPerSecond | None = None
    fronts: str | None = None
    survive: Literal["host", "zone", "tier"] | None = None
    answering: bool = field(default=True, metadata={"hidden": True})
    #: share of what is asked for whose host still has its contents
    warm: Numbers = field(default=1.0, metadata={"hidden": True})
    #: what it hits by what reaches it, where that matters (``traffic.tuned``)
    kept: Kept | None = field(default=None, metadata={"hidden": True})

    def hit(self) -> Numbers:
        """Share of gets that find their object: of those whose host has not lost its contents."""
        return np.multiply(self.warm, self.hit_when_warm())[()]

    def hit_when_warm(self) -> Numbers:
        """The given hit ratio, or LRU's for Zipf popularity (Che's approximation)."""
        if self.hit_ratio is not None:
            return self.hit_ratio
        if self.kept is not None:
            return self.kept.hit_ratio
        held = self.held()
        if self.hit_ratio_curve is not None:
            return curves.interpolated(self.hit_ratio_curve, held)
        if self.objects is None:
            raise ValueError("a cache has a hit_ratio, or a capacity and objects or a curve")
        return self._modelled(held, self.objects)

    def held(self) -> Numbers:
        """Objects that the whole tier has room for; one host, where each has its own."""
        if self.capacity is not None:
            return self.capacity
        size = None if self.objects is None else self.objects.size
        if self.memory is None or size is None:
            raise ValueError("a cache without capacity has memory, and objects with a size")
        return np.divide(self.memory, size)[()]

    def _modelled(self, held: Numbers, objects: Objects) -> Numbers:
        """By the eviction policy, for independent requests of Zipf popularity."""
        policy = "lru" if self.policy is None else self.policy
        if self.write_share is not None:
            from capcalc.theory.caches import writes

            return writes.hit_ratio(held, objects.count, objects.zipf, self.write_share)
        if policy == "lru":
            return lru.fast_hit_ratio(held, objects.count, objects.zipf)
        from capcalc.theory.caches import policies

        return policies.hit_ratio(policy, held, objects.count, objects.zipf)

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
        if self.local:
            return left
        return replace(left, warm=np.multiply(self.warm, left.hosts / np.asarray(self.hosts))[()])

    def refilled(self, failure: str) -> Self:
        """What is left once the other hosts have taken the lost keys up, with less room for all."""
        left = Hosted.without(self, failure)
        if self.local:
            return left
        part = left.hosts / np.asarray(self.hosts)
        if self.capacity is not None:
            left = replace(left, capacity=np.multiply(self.capacity, part)[()])
        if self.memory is not None:
            left = replace(left, memory=np.multiply(self.memory, part)[()])
        return left

    @property
    def modelled(self) -> bool:
        """Whether the hit ratio follows from what the cache holds."""
        return self.hit_ratio is None

    def refill_time(self, seen: Seen) -> Numbers | None:
        """Until all that an LRU cache would hold has been asked for again, at today's gets.

        The characteristic time, in requests, over the rate of gets; misses are most in its
        first part. None where the contents are not modelled, or not alone.
        """
        if not self.modelled or self.objects is None or self.kept is not None:
            return None
        requests = lru.characteristic_time(self.held(), self.objects.count, self.objects.zipf)
        rate = np.asarray(seen.rate()) / (np.asarray(self.hosts) if self.local else 1.0)
        with np.errstate(divide="ignore"):
            return np.asarray(requests / rate)[()]

    def recovery_time(self, failure: str, seen: Seen) -> Numbers | None:
        """A new host, if one was lost, and then its contents."""
        fill = self.refill_time(seen)
        boot = 0.0 if failure == "contents" else self.boot_time
        return None if fill is None or boot is None else np.add(boot, fill)[()]

    def course(self, failure: str, seen: Seen) -> tuple[tuple[float, float], ...]:
        """Time since the loss and share of gets hit, until all is as warm as it gets."""
        return cache_facts.course(self, failure, seen)

    def aftermath(self, failure: str, seen: Seen) -> Iterator[str]:
        """How many more reads reach what it fronts, and how long until the contents are back."""
        fill = self.refill_time(seen)
        if self.local and failure == "host":
            yield f"the other hosts of {seen.name} keep what they have"
        elif fill is None and self.modelled and self.objects is not None:
            yield (
                f"how soon {seen.name} is warm again is not modelled with max_age, local or "
                "another cache before it"
            )
        elif fill is None:
            yield (
                f"how soon {seen.name} is warm again is not known: give capacity and objects "
                "instead of a hit_ratio"
            )
        elif np.isfinite(fill):
            yield (
                f"{seen.name} is as warm as before some {duration(float(fill))} after its hosts "
                "are back, if what it fronts bears the misses meanwhile"
            )
            yield from cache_facts.cold_start(self, failure, seen)
        if failure != "contents":
            yield from Hosted.aftermath(self, failure, seen)

    def facts(self, seen: Seen) -> Iterator[Fact]:
        """What its hits are worth, and what they hang on."""
        return cache_facts.facts(self, seen) if self.answering else iter(())

    def cautions(self, seen: Seen) -> Iterator[str]:
        """Where the hit ratio's model is out of its depth."""
        return cache_facts.cautions(self, seen)

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
