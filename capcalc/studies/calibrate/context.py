"""What a calibration knows beside the measurements."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from capcalc.model.system import System


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The scenario if there is one, and what the user said."""

    system: System | None = None
    #: the tier that series without a tier of their own belong to; "" if nobody said
    tier: str = ""
    #: servers (vCPUs) behind one utilization of the tier; None: as the scenario says, else 1
    servers: float | None = None
    #: of the intervals
    level: float = 0.95

    def named(self, tier: str) -> str:
        """The tier of a series: its own, the one that was told, or the only one on hosts."""
        if tier or self.tier:
            return tier or self.tier
        owners = [] if self.system is None else list(self.system.owners())
        return owners[0] if len(owners) == 1 else ""

    def per_host(self, tier: str) -> float | None:
        """Servers of one host, as the scenario says; None where it does not have the tier."""
        if self.system is None or tier not in self.system.hosted():
            return None
        return float(np.asarray(self.system.servers(tier)))

    def of_kind(self, kind: str) -> str:
        """The tier that was told, or the only one of its kind; "" where there are several."""
        if self.tier or self.system is None:
            return self.tier
        kinds = {name: getattr(tier, "kind", "") for name, tier in self.system.tiers.items()}
        alike = [name for name, each in kinds.items() if each == kind]
        return alike[0] if len(alike) == 1 else ""
