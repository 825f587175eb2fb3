"""How far ahead a growth plan looks, and how long before its need a change is begun."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor

from capcalc.units.kinds import MONTH
from capcalc.units.types import PositiveSeconds, Seconds

#: A moment so little before a month begins is taken as its beginning. [months]
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Planning:
    """The growth plan's terms; the defaults are told wherever a plan is printed."""

    horizon: PositiveSeconds = 24 * MONTH
    #: from the decision for a change until it serves
    lead_time: Seconds = 1 * MONTH


def month_after(start: str, months: float) -> str:
    """The calendar month that holds the moment so many months after the start's beginning.

    Examples
    --------
    >>> month_after("2026-12", 3.27), month_after("2026-12", -1), month_after("2026-12", 0)
    ('2027-03', '2026-11', '2026-12')
    """
    year, month = map(int, start.split("-"))
    years, rest = divmod(year * 12 + month - 1 + floor(months + _ROUNDING), 12)
    return f"{years:04d}-{rest + 1:02d}"
