"""Number to text, as a person reads it: ``duration(0.0123) == "12.3 ms"``."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from math import isfinite, isnan

from capcalc.units.kinds import MONTH

_TIMES = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"))


def significant(value: float, digits: int = 3) -> str:
    """A number with so many significant digits and thousands separators, never in e-notation."""
    if isnan(value):
        return "–"
    if not isfinite(value):
        return "∞" if value > 0 else "-∞"
    if value == 0:
        return "0"
    rounded = Decimal(f"{value:.{digits - 1}e}")
    if abs(rounded) >= 10 ** (digits - 1):
        return f"{value:,.0f}"
    return f"{rounded.normalize():f}"


#: Months that are whole but for rounding.
_WHOLE = 1e-9
#: Digits that tell a share from 1.
_MOST_DIGITS = 12
#: Shorter than anything that a computer does. [s]
_LEAST = 1e-12


def duration(seconds: float, digits: int = 3) -> str:
    """Seconds as µs, ms, s, min, h or days."""
    if isnan(seconds) or not isfinite(seconds) or seconds == 0:
        return significant(seconds)
    months = seconds / MONTH
    if months >= 2 and abs(months - round(months)) < _WHOLE:
        return f"{significant(round(months), digits)} months"
    for size, unit in ((86400.0, "days"), (3600.0, "h"), (60.0, "min")):
        if seconds >= 2 * size:
            return f"{significant(seconds / size, digits)} {unit}"
    for size, unit in _TIMES:
        if seconds >= size * 0.9995:
            return f"{significant(seconds / size, digits)} {unit}"
    if 0 < seconds < _LEAST:
        return "< 1 ps"
    return f"{significant(seconds / 1e-6, digits)} µs"


def apart(first: float, second: float, show: Callable[[float, int], str]) -> tuple[str, str]:
    """Two different numbers with as many digits as tell them apart, at least three."""
    for digits in range(3, 12):
        shown = show(first, digits), show(second, digits)
        if shown[0] != shown[1]:
            break
    return shown


def rate(per_second: float) -> str:
    """A rate per second, e.g. ``1,161/s``."""
    return f"{significant(per_second, 4)}/s"


def share(fraction: float, digits: int = 3) -> str:
    """A fraction as per cent, e.g. ``41.4 %``; as many decimals as tell it from 0 and 100."""
    percent = fraction * 100
    if not isfinite(percent):
        return significant(percent)
    shown = significant(percent, digits)
    while shown == "100" and fraction < 1 and digits < _MOST_DIGITS:
        digits += 1
        shown = significant(percent, digits)
    return f"{shown} %"


def size(count: float) -> str:
    """Bytes in decimal multiples, e.g. ``34 kB``."""
    for multiple, unit in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if count >= multiple:
            return f"{significant(count / multiple)} {unit}"
    return f"{significant(count)} B"


def dollars(amount: float) -> str:
    """US dollars, e.g. ``$1,234``; cents below ten dollars."""
    return f"${amount:,.2f}" if abs(amount) < 10 else f"${amount:,.0f}"
