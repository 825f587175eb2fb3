"""The kinds of quantity a scenario may hold, and the units in which a person may write each.

Inside capcalc a duration is in seconds, a size in bytes, a rate per second, money in US
dollars, growth a fraction per month, a share a number from 0 to 1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

HOUR = 3600.0
DAY = 24 * HOUR
#: An average month: 730 hours, the convention of cloud price lists (DESIGN ruling 19).
MONTH = 730 * HOUR

NUMBER = r"[+-]?(?:\d+(?:_\d+)*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"

_DECIMAL = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
_BINARY = {"Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40}
_MULTIPLES = {**_DECIMAL, **_BINARY}
_PERIODS = {
    "s": 1.0,
    "sec": 1.0,
    "second": 1.0,
    "min": 60.0,
    "minute": 60.0,
    "h": HOUR,
    "hour": HOUR,
    "d": DAY,
    "day": DAY,
    "week": 7 * DAY,
    "month": MONTH,
    "year": 12 * MONTH,
}
_DURATIONS = {
    "ns": 1e-9,
    "us": 1e-6,
    "µs": 1e-6,
    "μs": 1e-6,
    "ms": 1e-3,
    **_PERIODS,
    **{f"{name}s": size for name, size in _PERIODS.items() if len(name) > 2 and name != "min"},
}
_SIZES = {f"{prefix}B": size for prefix, size in _MULTIPLES.items()}
_RATES = {
    f"{prefix}{noun}/{period}": multiple / seconds
    for prefix, multiple in _DECIMAL.items()
    for noun in ("", "req", "requests", " req", " requests")
    for period, seconds in _PERIODS.items()
} | {f"{prefix}rps": multiple for prefix, multiple in _DECIMAL.items()}
_RATES |= {f"{prefix} rps": multiple for prefix, multiple in _DECIMAL.items() if prefix}
_BANDWIDTHS = {f"{size}/s": value for size, value in _SIZES.items()} | {
    f"{prefix}bit/s": multiple / 8 for prefix, multiple in _DECIMAL.items()
}
_MONEY = {"USD": 1.0}
_PRICES = {
    f"{money}/{size}": value / bytes_
    for money, value in _MONEY.items()
    for size, bytes_ in _SIZES.items()
}
_GROWTH_PERIODS = {"day": MONTH / DAY, "week": MONTH / (7 * DAY), "month": 1.0, "year": 1 / 12}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of quantity: its units, what a bare number means, and examples."""

    noun: str
    units: Mapping[str, float]
    bare: str
    examples: str
    compounds: bool = False

    def pattern(self) -> str:
        """A regular expression for what may be written, shared by parser and JSON Schema."""
        names = sorted((unit for unit in self.units if unit), key=lambda unit: (-len(unit), unit))
        unit = "|".join(re.escape(name).replace("\\ ", " ").replace("\\/", "/") for name in names)
        return rf"^\s*{NUMBER}(?:\s*(?:{unit}))?\s*$"


KINDS: Mapping[str, Kind] = {
    "number": Kind("number", _MULTIPLES, "itself", "12, 1.2M, 400k"),
    "duration": Kind("duration", _DURATIONS, "seconds", "8ms, 2s, 5min, 6 months"),
    "rate": Kind("rate", _RATES, "per second", "900/s, 9k/s, 5M/day"),
    "share": Kind("share", {"%": 0.01}, "a fraction of 1", "94%, 0.94"),
    "size": Kind("size", _SIZES, "bytes", "34kB, 4MB, 64GiB"),
    "bandwidth": Kind("bandwidth", _BANDWIDTHS, "bytes per second", "25MB/s, 10Gbit/s"),
    "money": Kind("amount of money", _MONEY, "US dollars", "48 USD"),
    "price": Kind("price per byte", _PRICES, "US dollars per byte", "0.02 USD/GB"),
    "growth": Kind(
        "growth",
        {f"%/{period}": power for period, power in _GROWTH_PERIODS.items()},
        "a fraction per month",
        "6%/month, 40%/year",
        compounds=True,
    ),
}
