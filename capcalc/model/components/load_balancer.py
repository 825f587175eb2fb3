"""The load balancer: a station of its own, and the policy for the tier behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from capcalc.model.components.hosted import Balancing, Hosted, Site, per_class
from capcalc.model.work import Serve, Step
from capcalc.units.types import Amount, Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadBalancer(Hosted):
    """Takes every request that passes the edge and hands it to a host behind it."""

    kind: Literal["load_balancer"] = "load_balancer"
    survive: Literal["host", "zone"] | None = None
    policy: Balancing = "random"
    service_time: Seconds | Mapping[str, Seconds]
    scv: Amount | Mapping[str, Amount] = 1.0

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
