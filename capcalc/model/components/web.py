"""The web tier: where requests are answered, stateless or sticky."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from capcalc.model.calls import TierCalls
from capcalc.model.components import _fragments as parts
from capcalc.model.components import _pools as pools
from capcalc.model.components import _sessions as session_facts
from capcalc.model.components._fragments import Fragments
from capcalc.model.components._pools import Pool
from capcalc.model.components._sessions import Sessions
from capcalc.model.components.hosted import Hosted, Site, per_class
from capcalc.model.facts import Fact, Seen
from capcalc.model.work import Call, Serve, Step
from capcalc.units.types import Amount, Numbers, PositiveSeconds, PositiveWhole, Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Web(Hosted):
    """Application hosts behind the balancer."""

    kind: Literal["web"] = "web"
    survive: Literal["host", "zone"] | None = None
    service_time: Seconds | Mapping[str, Seconds]
    scv: Amount | Mapping[str, Amount] = 1.0
    calls: TierCalls | None = None
    #: parts of pages that are kept each on its own; ``service_time`` is what the rest takes
    fragments: Fragments | None = None
    sessions: Sessions | None = None
    pool: Pool | None = None
    #: after it the caller of a visit gives up, and tries again so often
    timeout: PositiveSeconds | None = None
    #: whether the work of who has given up goes on, or what still waits is taken back
    on_timeout: Literal["goes_on", "cancel"] = "goes_on"
    retries: Amount | None = None
    #: places on each host, in service and waiting; who finds none is turned away
    max_connections: PositiveWhole | None = None

    def facts(self, seen: Seen) -> Iterator[Fact]:
        """Its sessions, and how its pool of connections fares."""
        if self.sessions is not None:
            yield from session_facts.facts(self.sessions, self.hosts, seen)
        if self.fragments is not None:
            yield from parts.facts(self.fragments, seen)
        if self.pool is not None:
            yield from pools.facts(self.pool, self.hosts, seen)
        yield from Hosted.facts(self, seen)

    def aftermath(self, failure: str, seen: Seen) -> Iterator[str]:
        """Sessions that go with a host."""
        if self.sessions is not None:
            left = np.asarray(self.without(failure).host_count(), dtype=float)
            lost = 1.0 - left / np.asarray(self.hosts, dtype=float)
            yield from session_facts.aftermath(self.sessions, lost[()], seen)
        yield from Hosted.aftermath(self, failure, seen)

    def cautions(self, seen: Seen) -> Iterator[str]:
        """Hosts with too many sticky sessions, and a pool that is too small."""
        if self.sessions is not None:
            yield from session_facts.cautions(self.sessions, self.hosts, seen)
        if self.pool is not None:
            yield from pools.cautions(self.pool, self.hosts, seen)
        yield from Hosted.cautions(self, seen)

    def own_balancing(self) -> str | None:
        """Sessions that stick to a host bring its requests there, whatever chose it for them."""
        sticky = self.sessions is not None and self.sessions.state == "sticky"
        return "random" if sticky and self.balancing is None else self.balancing

    def room(self) -> Numbers | None:
        """As many connections as each host accepts."""
        return self.max_connections

    def patience(self) -> Numbers | None:
        """The timeout, where what has timed out in the queue is taken back."""
        return self.timeout if self.on_timeout == "cancel" else None

    def work(self, site: Site, port: str) -> tuple[Step, ...]:
        """Own service, then the session, then what the class calls, one after another."""
        serve = Serve(
            role="",
            label=site.request_class,
            service_time=np.add(
                per_class(self.service_time, site.request_class),
                parts.work(self.fragments, site.request_class),
            )[()],
            scv=per_class(self.scv, site.request_class),
        )
        return (serve, *self._session(site), *site.calls)

    def _session(self, site: Site) -> tuple[Step, ...]:
        """One get of the session store, unless the calls count it already (DESIGN ruling 15)."""
        store = None if self.sessions is None else self.sessions.store
        if store is None or site.static or any(call.node[0] == store for call in site.calls):
            return ()
        return (Call(node=(store, site.port_of[store])),)
