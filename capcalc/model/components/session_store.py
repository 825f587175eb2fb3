"""The store that makes the web tier stateless: one get per request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from capcalc.model.components.hosted import Hosted, Site, per_class
from capcalc.model.work import Serve, Step
from capcalc.units.types import Amount, Bytes, Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStore(Hosted):
    """Sessions by key, spread over the hosts."""

    kind: Literal["session_store"] = "session_store"
    survive: Literal["host", "zone"] | None = None
    service_time: Seconds | Mapping[str, Seconds]
    scv: Amount | Mapping[str, Amount] = 1.0
    size: Bytes | None = None
    ttl: Seconds | None = None

    def work(self, site: Site, port: str) -> tuple[Step, ...]:
        """One get."""
        return (
            Serve(
                role="",
                label=site.request_class,
                service_time=per_class(self.service_time, site.request_class),
                scv=per_class(self.scv, site.request_class),
            ),
        )
