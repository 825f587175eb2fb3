"""Number to text, as a scenario file writes it: ``written(0.0123, "duration") == "12.3ms"``."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import Literal

Rounding = Literal["nearest", "down", "up"]

_ROUNDINGS = {"nearest": ROUND_HALF_EVEN, "down": ROUND_FLOOR, "up": ROUND_CEILING}
#: By kind, the units to write in, from the largest: what one is, and its name.
_UNITS: dict[str, tuple[tuple[Decimal, str], ...]] = {
    "duration": ((Decimal(1), "s"), (Decimal("1e-3"), "ms"), (Decimal("1e-6"), "us")),
    "rate": ((Decimal(1), "/s"),),
    "share": ((Decimal("0.01"), "%"),),
    "growth": ((Decimal("0.01"), "%/month"),),
    "size": ((Decimal(10**9), "GB"), (Decimal(10**6), "MB"), (Decimal(1000), "kB")),
    "money": ((Decimal(1), " USD"),),
}


def written(value: float, kind: str, rounding: Rounding = "nearest", digits: int = 4) -> str:
    """A finite number in a unit of its kind, which :func:`capcalc.units.parse.parse` reads.

    Parameters
    ----------
    value : float
        In SI units.
    kind : str
        A key of :data:`capcalc.units.kinds.KINDS`.
    rounding : {"nearest", "down", "up"}
        Ends of ranges are rounded outwards, so that they still hold what they held.
    digits : int
        Significant ones.

    Examples
    --------
    >>> written(0.00731, "duration"), written(0.9412, "share"), written(1_200_000, "number")
    ('7.31ms', '94.12%', '1200000')
    """
    exact = Decimal(repr(float(value)))
    units = _UNITS.get(kind, ())
    size, unit = next(
        (each for each in units if abs(exact) >= each[0]),
        units[-1] if units and exact and kind != "size" else (Decimal(1), ""),
    )
    return f"{_rounded(exact / size, rounding, digits)}{unit}"


def _rounded(number: Decimal, rounding: Rounding, digits: int) -> str:
    if not number:
        return "0"
    place = Decimal(1).scaleb(min(number.adjusted() - digits + 1, 0))
    short = number.quantize(place, rounding=_ROUNDINGS[rounding])
    return f"{short.normalize():f}" if short else "0"
