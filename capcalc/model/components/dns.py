"""The domain name system: what the first request of a visit waits for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from capcalc.model.facts import Fact, Observed, Seen
from capcalc.theory.delivery import dns
from capcalc.units.types import PositiveAmount, Seconds, Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Dns(Observed):
    """Name resolution; its delay is reported apart and is in no percentile (DESIGN ruling 3)."""

    kind: Literal["dns"] = "dns"
    lookup_time: Seconds
    ttl: Seconds | None = None
    #: resolvers that users ask, each with a cache of its own
    resolvers: PositiveAmount | None = None
    #: an answer from the resolver's cache; ``lookup_time`` is then one that it has to fetch
    cached_time: Seconds | None = None
    #: from the loss of a region until its addresses are no longer answered
    detection_time: Seconds | None = None
    #: share of the time that it answers
    availability: Share | None = None

    def facts(self, seen: Seen) -> Iterator[Fact]:
        """Resolver caches, the load on the authoritative servers, and a change of address."""
        if self.ttl is None:
            return
        visits = seen.system.demand.visit_rate()
        if visits is not None and self.resolvers is not None:
            yield from self._resolving(np.asarray(visits) / self.resolvers)
        if self.detection_time is not None:
            time = dns.failover_time(self.detection_time, self.ttl)
            yield Fact(
                name="failover_time",
                value=time,
                kind="duration",
                says="mean until a user of a lost region is sent to another",
                source="detection + ttl / 2",
            )
            coming = sum((np.asarray(rate) for rate in seen.arriving.values()), np.asarray(0.0))
            yield Fact(
                name="lost_requests",
                value=dns.lost_requests(coming, self.detection_time, self.ttl),
                kind="number",
                says="requests lost meanwhile, if all of them went there",
                source="rate x (detection + ttl / 2)",
            )

    def _resolving(self, each: object) -> Iterator[Fact]:
        """What the caches of resolvers do; ``each`` is the rate of visits at one of them."""
        rate = np.asarray(each, dtype=float)
        assert self.ttl is not None
        assert self.resolvers is not None
        yield Fact(
            name="hit_ratio",
            value=dns.hit_ratio(rate, self.ttl),
            kind="share",
            says="lookups that resolvers answer from their caches",
            source="rate x ttl / (1 + rate x ttl) (Jung et al. 2003)",
        )
        yield Fact(
            name="authoritative_rate",
            value=dns.authoritative_rate(rate, self.ttl, self.resolvers),
            kind="rate",
            says="lookups that reach the authoritative servers",
            source="resolvers x rate / (1 + rate x ttl)",
        )
        if self.cached_time is not None:
            yield Fact(
                name="mean_delay",
                value=dns.mean_delay(rate, self.ttl, self.cached_time, self.lookup_time),
                kind="duration",
                says="mean lookup, of both kinds",
                source="(rate x ttl x cached_time + lookup_time) / (1 + rate x ttl)",
            )
