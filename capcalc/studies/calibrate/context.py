"""What a calibration knows beside the measurements."""

from __future__ import annotations

from dataclasses import dataclass

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
