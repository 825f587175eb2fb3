"""A service that others call: microservices, search shards, back ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from capcalc.model.calls import TierCalls
from capcalc.model.components import _pools as pools
from capcalc.model.components._pools import Pool
from capcalc.model.components.hosted import Hosted, Site, per_class
from capcalc.model.facts import Fact, Seen
from capcalc.model.work import Serve, Step
from capcalc.units.types import Amount, Numbers, PositiveSeconds, PositiveWhole, Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Service(Hosted):
    """Hosts that serve calls; a visit may fan out to several hosts and wait for the slowest."""

    kind: Literal["service"] = "service"
    survive: Literal["host", "zone"] | None = None
    service_time: Seconds | Mapping[str, Seconds]
    scv: Amount | Mapping[str, Amount] = 1.0
    calls: TierCalls | None = None
    fan_out: int = field(default=1, metadata={"minimum": 1})
    pool: Pool | None = None
    #: after it the caller of a visit gives up, and tries again so often
    timeout: PositiveSeconds | None = None
    #: whether the work of who has given up goes on, or what still waits is taken back
    on_timeout: Literal["goes_on", "cancel"] = "goes_on"
    retries: Amount | None = None
    #: places on each host, in service and waiting; who finds none is turned away
    max_connections: PositiveWhole | None = None

    def aftermath(self, failure: str, seen: Seen) -> Iterator[str]:
        """Shards that cannot be asked any more."""
        left = float(np.asarray(self.without(failure).host_count()))
        if self.fan_out > 1 and left < self.fan_out:
            yield (
                f"{seen.name} asks {self.fan_out} hosts at once, of which {left:g} are left: "
                "answers lack the others' part unless shards have copies"
            )
        yield from Hosted.aftermath(self, failure, seen)

    def facts(self, seen: Seen) -> Iterator[Fact]:
        """How its pool of connections fares."""
        if self.pool is not None:
            yield from pools.facts(self.pool, self.hosts, seen)
        yield from Hosted.facts(self, seen)

    def cautions(self, seen: Seen) -> Iterator[str]:
        """A pool that is too small."""
        if self.pool is not None:
            yield from pools.cautions(self.pool, self.hosts, seen)
        yield from Hosted.cautions(self, seen)

    def room(self) -> Numbers | None:
        """As many connections as each host accepts."""
        return self.max_connections

    def patience(self) -> Numbers | None:
        """The timeout, where what has timed out in the queue is taken back."""
        return self.timeout if self.on_timeout == "cancel" else None

    def work(self, site: Site, port: str) -> tuple[Step, ...]:
        """Own service on one host or on several at once, then what it calls."""
        serve = Serve(
            role="",
            label=site.request_class,
            service_time=per_class(self.service_time, site.request_class),
            scv=per_class(self.scv, site.request_class),
            branches=self.fan_out,
        )
        return (serve, *site.calls)
