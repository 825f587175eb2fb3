"""How far ahead a growth plan looks, and how long before its need a change is begun."""

from __future__ import annotations

from dataclasses import dataclass

from capcalc.units.kinds import MONTH
from capcalc.units.types import PositiveSeconds, Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Planning:
    """The growth plan's terms; the defaults are told wherever a plan is printed."""

    horizon: PositiveSeconds = 24 * MONTH
    #: from the decision for a change until it serves
    lead_time: Seconds = 1 * MONTH
