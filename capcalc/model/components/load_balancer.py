"""The load balancer: a station of its own, and the policy for the tier behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from capcalc.model.components import _balancer_facts as balancer_facts
from capcalc.model.components.hosted import Balancing, Hosted, Site, per_class
from capcalc.model.facts import Fact, Seen
from capcalc.model.work import Serve, Step
from capcalc.units.types import Amount, PositiveWhole, Seconds

#: Points of each host on the ring of ``hash`` where none are given, as in libketama and nginx.
VIRTUAL_NODES = 160.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadBalancer(Hosted):
    """Takes every request that passes the edge and hands it to a host behind it."""

    kind: Literal["load_balancer"] = "load_balancer"
    survive: Literal["host", "zone"] | None = None
    policy: Balancing = "random"
    service_time: Seconds | Mapping[str, Seconds]
    scv: Amount | Mapping[str, Amount] = 1.0
    #: for which a connection stays open after an answer
    keepalive: Seconds | None = None
    #: connections that one host can hold open
    max_connections: PositiveWhole | None = None

    def facts(self, seen: Seen) -> Iterator[Fact]:
        """Connections that it holds open."""
        return balancer_facts.facts(self.keepalive, self.max_connections, seen)

    def cautions(self, seen: Seen) -> Iterator[str]:
        """One host alone, and more connections than it can hold."""
        return balancer_facts.cautions(self.keepalive, self.max_connections, seen)

    def work(self, site: Site, port: str) -> tuple[Step, ...]:
        """One service; who comes next is the entry path's business."""
        return (
            Serve(
                role="",
                label=site.request_class,
                service_time=per_class(self.service_time, site.request_class),
                scv=per_class(self.scv, site.request_class),
            ),
            *site.calls,
        )
