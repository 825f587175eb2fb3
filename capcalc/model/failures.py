"""What can fail, one thing at a time, each failure as the system that it leaves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from capcalc.model.components import Browser, Cache, Cdn, Database, ReverseProxy, SessionStore
from capcalc.model.components.hosted import Hosted
from capcalc.model.system import System

#: One lost zone takes hosts of every tier that is spread over zones.
ZONE = "zone"
#: Right after the failure, or when the hosts that are left have taken over the lost keys.
AT_ONCE, REFILLED = "at once", "refilled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One event: what fails, in which tiers, and when after it one looks."""

    kind: str
    tiers: tuple[str, ...]
    phase: str = AT_ONCE

    def __str__(self) -> str:
        """E.g. ``web loses a zone``."""
        names = " and ".join(self.tiers)
        verb = "loses" if len(self.tiers) == 1 else "lose"
        if self.kind == "tier":
            return f"{names} lost"
        lost = {"contents": "its contents", "primary": "the primary"}.get(
            self.kind, f"a {self.kind}"
        )
        text = f"{names} {verb} {lost}"
        return text if self.phase == AT_ONCE else f"{text}, {self.phase}"

    def applied(self, system: System) -> System:
        """The system after the failure; nothing is repaired yet."""
        left = dict(system.tiers)
        for name in self.tiers:
            tier = left[name]
            if isinstance(tier, Cache) and self.phase == REFILLED:
                left[name] = tier.refilled(self.kind)
            elif isinstance(tier, Hosted | Browser | Cdn):
                left[name] = tier.without(self.kind)
        return replace(system, tiers=left)


def to_survive(system: System) -> tuple[Failure, ...]:
    """One failure for each ``survive``; a zone is one event for all tiers spread over zones."""
    found: dict[Failure, None] = {}
    for name, tier in system.tiers.items():
        kind = getattr(tier, "survive", None)
        if kind == ZONE:
            found[Failure(kind=ZONE, tiers=zoned(system))] = None
        elif kind is not None:
            found[Failure(kind=kind, tiers=(name,))] = None
    return tuple(found)


def single(system: System) -> tuple[Failure, ...]:
    """Every single failure that the scenario knows, tier by tier, then the zone."""
    found = [failure for name in system.tiers for failure in _of_tier(system, name)]
    spread = zoned(system)
    return tuple([*found, Failure(kind=ZONE, tiers=spread)] if spread else found)


def _of_tier(system: System, name: str) -> Iterator[Failure]:
    tier = system.tiers[name]
    if isinstance(tier, Browser | Cdn):
        yield Failure(kind="tier", tiers=(name,))
    if not isinstance(tier, Hosted) or system.host_of(name) != name:
        return
    if isinstance(tier, Database):
        if np.any(np.asarray(tier.replicas) > 0):
            yield Failure(kind="replica", tiers=(name,))
        yield Failure(kind="primary", tiers=(name,))
        return
    yield Failure(kind="host", tiers=(name,))
    if isinstance(tier, ReverseProxy):
        yield Failure(kind="contents", tiers=(name,))
    if isinstance(tier, Cache):
        sized = tier.capacity is not None and not tier.local
        if sized and np.any(np.asarray(tier.hosts) > 1):
            yield Failure(kind="host", tiers=(name,), phase=REFILLED)
        yield Failure(kind="contents", tiers=(name,))
    if isinstance(tier, Cache | SessionStore):
        yield Failure(kind="tier", tiers=(name,))


def zoned(system: System) -> tuple[str, ...]:
    """The tiers that are spread over zones."""
    return tuple(name for name, tier in system.owners().items() if tier.zones is not None)
