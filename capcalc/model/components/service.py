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
    #: after it the caller of a visit gives up, tries again so often, and its work goes on
    timeout: PositiveSeconds | None = None
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
        return iter(()) if self.pool is None else pools.facts(self.pool, self.hosts, seen)

    def cautions(self, seen: Seen) -> Iterator[str]:
        """A pool that is too small."""
        return iter(()) if self.pool is None else pools.cautions(self.pool, self.hosts, seen)

    def room(self) -> Numbers | None:
        """As many connections as each host accepts."""
        return self.max_connections

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
