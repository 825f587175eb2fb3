"""The store that makes the web tier stateless: one get per request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Self

import numpy as np

from capcalc.model.components.hosted import Hosted, Site, per_class
from capcalc.model.facts import Fact, Seen
from capcalc.model.work import Serve, Step
from capcalc.theory.balancing import sessions as session_theory
from capcalc.units.format import share as format_share
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
    answering: bool = field(default=True, metadata={"hidden": True})

    def without(self, failure: str) -> Self:
        """One host or zone less; without the whole tier nobody is known, and nothing is asked."""
        if failure == "tier":
            return replace(self, answering=False)
        return Hosted.without(self, failure)

    def aftermath(self, failure: str, seen: Seen) -> Iterator[str]:
        """Sessions lost with their hosts."""
        hosts = np.asarray(self.host_count(), dtype=float)
        left = np.asarray(self.without(failure).host_count(), dtype=float)
        share = 1.0 if failure == "tier" else float((hosts - left) / hosts)
        yield f"{format_share(share)} of all sessions are lost unless the store keeps copies"
        yield from Hosted.aftermath(self, failure, seen)

    def facts(self, seen: Seen) -> Iterator[Fact]:
        """What the sessions take: those that are open, and those kept for their ttl."""
        if self.size is None or not self.answering:
            return
        for tier in seen.system.tiers.values():
            sessions = getattr(tier, "sessions", None)
            begun = None if sessions is None else sessions.begun(seen)
            if sessions is None or sessions.store != seen.name or begun is None:
                continue
            length = 0.0 if sessions.length is None else sessions.length
            kept = 0.0 if self.ttl is None else self.ttl
            yield Fact(
                name="memory",
                value=session_theory.store_memory(begun, length, self.size, kept),
                kind="size",
                says="of session state, over all hosts",
                source="sessions begun x (length + ttl) x size (Little)",
            )

    def work(self, site: Site, port: str) -> tuple[Step, ...]:
        """One get."""
        if not self.answering:
            return ()
        return (
            Serve(
                role="",
                label=site.request_class,
                service_time=per_class(self.service_time, site.request_class),
                scv=per_class(self.scv, site.request_class),
            ),
        )
