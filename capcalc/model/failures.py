"""The failures that a scenario has to survive, each as the system that it leaves."""

from __future__ import annotations

from dataclasses import dataclass, replace

from capcalc.model.components import Cdn
from capcalc.model.components.hosted import Hosted
from capcalc.model.system import System

#: One lost zone takes hosts of every tier that is spread over zones.
ZONE = "zone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One event: what fails, in which tiers."""

    kind: str
    tiers: tuple[str, ...]

    def __str__(self) -> str:
        """E.g. ``web loses a zone``."""
        names = " and ".join(self.tiers)
        verb = "loses" if len(self.tiers) == 1 else "lose"
        return f"{names} lost" if self.kind == "tier" else f"{names} {verb} a {self.kind}"

    def applied(self, system: System) -> System:
        """The system after the failure; nothing is repaired yet."""
        left = dict(system.tiers)
        for name in self.tiers:
            tier = left[name]
            if isinstance(tier, Hosted | Cdn):
                left[name] = tier.without(self.kind)
        return replace(system, tiers=left)


def to_survive(system: System) -> tuple[Failure, ...]:
    """One failure for each ``survive``; a zone is one event for all tiers spread over zones."""
    found: dict[Failure, None] = {}
    for name, tier in system.tiers.items():
        kind = getattr(tier, "survive", None)
        if kind == ZONE:
            found[Failure(kind=ZONE, tiers=_zoned(system))] = None
        elif kind is not None:
            found[Failure(kind=kind, tiers=(name,))] = None
    return tuple(found)


def _zoned(system: System) -> tuple[str, ...]:
    return tuple(name for name, tier in system.owners().items() if tier.zones is not None)
