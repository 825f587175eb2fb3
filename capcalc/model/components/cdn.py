"""The content delivery network in front of the origin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Self, TypeAlias

import numpy as np

from capcalc.model.components._edge import Keeping, Kept
from capcalc.model.demand import RequestClass
from capcalc.model.facts import Fact, Observed, Seen
from capcalc.theory.delivery import offload, ttfb
from capcalc.units import format as human
from capcalc.units.kinds import MONTH
from capcalc.units.parse import parse
from capcalc.units.types import (
    Numbers,
    PositiveAmount,
    PositiveBytes,
    PositiveWhole,
    Seconds,
    Share,
    UsDollars,
    UsDollarsPerByte,
)

Protocol: TypeAlias = Literal["tls1.2", "tls1.3", "quic"]
#: Round trips of the handshake beyond that of TCP; QUIC does both in one.
HANDSHAKES: Mapping[str, float] = {"tls1.2": 2.0, "tls1.3": 1.0, "quic": 0.0}
_FIRST = "lookup + round trips + origin (RFC 8446, 5246, 9000)"


def _slowest(seen: Seen) -> Numbers:
    """Mean answer of the origin over the classes that pass, the slowest of them."""
    passing = [
        np.asarray(mean)
        for name, mean in seen.answers.items()
        if not seen.system.demand.requests[name].edge_cacheable
    ]
    if not passing:
        passing = [np.asarray(mean) for mean in seen.answers.values()]
    return np.maximum.reduce(np.broadcast_arrays(*passing))[()] if passing else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cdn(Keeping, Observed):
    """Edge caches that answer a share of what may be cached (DESIGN ruling 2)."""

    kind: Literal["cdn"] = "cdn"
    #: given, or else from what each edge has room for and the classes' objects
    hit_ratio: Share | None = None
    #: places where requests arrive, each with a cache of its own; users stay with one
    edges: PositiveWhole | None = None
    #: of each edge, in objects or in bytes; all that is asked for where neither is given
    capacity: PositiveAmount | None = None
    memory: PositiveBytes | None = None
    #: of the common cache before the origin, in objects
    shield_capacity: PositiveAmount | None = None
    #: how long answers are kept, whatever the classes' max_age says
    max_age: Seconds | None = None
    byte_hit_ratio: Share | None = None
    round_trip: Seconds = 0.0
    origin_round_trip: Seconds = 0.0
    #: part of the edges' misses that one common cache before the origin answers
    shield_hit_ratio: Share | None = None
    #: how users connect: what a first request costs beside its answer
    protocol: Protocol | None = None
    #: per byte; by monthly volume where it is a map, e.g. {0B: 0.085 USD/GB, 10TB: 0.08 USD/GB}
    price: UsDollarsPerByte | Mapping[str, UsDollarsPerByte] | None = None
    price_per_request: UsDollars | None = None
    #: share of the time that it answers
    availability: Share | None = None
    survive: Literal["tier"] | None = None
    answering: bool = field(default=True, metadata={"hidden": True})
    kept: Mapping[str, Kept] | None = field(default=None, metadata={"hidden": True})

    @property
    def shielded(self) -> bool:
        """Whether there is a common cache before the origin."""
        return self.shield_hit_ratio is not None or self.shield_capacity is not None

    def _shield_ratio(self, name: str, request: RequestClass) -> Numbers:
        """Share of what passes the edges that the shield answers."""
        if not self.answering or not request.edge_cacheable:
            return 0.0
        given = self.shield_hit_ratio
        return self.of_class(name, request).shield if given is None else given

    def shield(self, name: str, request: RequestClass) -> Numbers:
        """Share of a class's requests that pass the edge and that the shield answers."""
        ratio = self._shield_ratio(name, request)
        return np.multiply(1.0 - np.asarray(self.hit(name, request)), ratio)[()]

    def reach(self, name: str, request: RequestClass) -> Numbers:
        """Share of a class's requests that go on to the origin."""
        answered = np.add(self.hit(name, request), self.shield(name, request))
        left: Numbers = np.subtract(1.0, answered)[()]
        return left

    def byte_reach(self, name: str, request: RequestClass) -> Numbers:
        """Share of a class's bytes that the origin has to send; 304 sends none."""
        kept = self.of_class(name, request)
        hit = kept.hit_ratio
        if self.byte_hit_ratio is not None and self.answering and request.edge_cacheable:
            hit = self.byte_hit_ratio
        passed = 1.0 - np.asarray(self._shield_ratio(name, request))
        left = (1.0 - np.asarray(hit)) * passed - np.asarray(kept.unchanged)
        sent: Numbers = np.maximum(left, 0.0)[()]
        return sent

    def cost(self, bytes_per_month: Numbers) -> Numbers | None:
        """US dollars per month for so many bytes; None where they have no price."""
        if isinstance(self.price, Mapping):
            steps = sorted((parse(start, "size"), price) for start, price in self.price.items())
            starts = np.array([start for start, _ in steps])
            prices = np.array([price for _, price in steps])
            return np.asarray(offload.tiered_cost(bytes_per_month, starts, prices))[()]
        return None if self.price is None else np.multiply(bytes_per_month, self.price)[()]

    def usage_cost(self, seen: Seen) -> Numbers | None:
        """US dollars per month for requests, at the mean rate."""
        if self.price_per_request is None:
            return None
        peak = sum((np.asarray(rate) for rate in seen.arriving.values()), np.asarray(0.0))
        mean = peak / np.asarray(seen.system.demand.peak_to_average)
        return np.asarray(mean * MONTH * self.price_per_request)[()]

    def facts(self, seen: Seen) -> Iterator[Fact]:
        """Time to the first byte, of hits and of answers that pass."""
        if self.protocol is None:
            return
        trips = HANDSHAKES[self.protocol]
        lookup: Numbers = 0.0
        for tier in seen.system.tiers.values():
            lookup = np.add(lookup, getattr(tier, "lookup_time", 0.0))[()]
        answer = _slowest(seen)
        near, far = self.round_trip, self.origin_round_trip
        for name, says, value in (
            ("first_byte_hit", "of a hit", ttfb.tcp(near, 0.0, lookup, trips)),
            (
                "first_byte_passed",
                "of the slowest class's answer",
                ttfb.through_edge(near, far, answer, lookup, trips),
            ),
            (
                "first_byte_direct",
                "of the same without the edge",
                ttfb.tcp(np.add(near, far), answer, lookup, trips),
            ),
        ):
            told = f"first byte {says}, new connection"
            yield Fact(name=name, value=value, kind="duration", says=told, source=_FIRST)

    def cautions(self, seen: Seen) -> Iterator[str]:
        """Edges with room for a few objects."""
        return self.small(seen.name)

    def aftermath(self, failure: str, seen: Seen) -> Iterator[str]:
        """Another event of the same size."""
        yield f"a purge of everything at {seen.name} does the same until its edges are warm again"
        yield from self._warming(seen)

    def _room_for(self, request: RequestClass, count: float) -> float:
        """Objects of one class that an edge has room for."""
        if self.capacity is not None:
            return float(self.capacity)
        known = None if request.objects is None else request.objects.size
        size = request.size if known is None else known
        return count if self.memory is None or not size else float(self.memory) / float(size)

    def _warming(self, seen: Seen) -> Iterator[str]:
        """How soon an edge that has been purged answers again, class by class.

        Independent requests of Zipf popularity, whose most popular object is asked for as often
        as it reaches one edge; no later than after their maximum age, and as if each class had
        all room for itself.
        """
        from capcalc.theory.caches import warm_up
        from capcalc.theory.caches.zipf import harmonic

        for name, request in seen.system.demand.requests.items():
            kept = None if self.kept is None else self.kept.get(name)
            if kept is None or request.objects is None or not self.answering:
                continue
            count, zipf = float(request.objects.count), float(request.objects.zipf)
            rate = float(np.asarray(kept.object_rate)) * float(harmonic(count, zipf))
            if not rate > 0 or not float(np.asarray(kept.hit_ratio)) > 0:
                continue
            age = request.max_age if self.max_age is None else self.max_age
            latest = np.inf if age is None else float(age)
            half, most = (
                min(latest, float(np.asarray(warm_up.requests_to_warm(*size))) / rate)
                for size in (
                    (share, self._room_for(request, count), count, zipf) for share in (0.5, 0.9)
                )
            )
            yield (
                f"half of the hits of {name} at an edge of {seen.name} are back after "
                f"{human.duration(half)}, nine tenths after {human.duration(most)}"
            )

    def without(self, failure: str) -> Self:
        """Bypassed: nothing is answered at the edge."""
        return replace(self, answering=False) if failure == "tier" else self
