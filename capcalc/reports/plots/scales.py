"""Scales: where a value stands across, and the round values to write beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor, inf, isfinite, log10


@dataclass(frozen=True, slots=True, kw_only=True)
class Logarithmic:
    """From ``low`` to ``high``, equal factors equally far apart."""

    low: float
    high: float

    def at(self, value: float) -> float:
        """Where a value stands, from 0 to 1."""
        whole = log10(self.high / self.low)
        return min(1.0, max(0.0, log10(value / self.low) / whole))

    def ticks(self) -> list[float]:
        """Powers of ten; 2 and 5 times them too where there are few."""
        exponents = range(floor(log10(self.low)), ceil(log10(self.high)) + 1)
        factors = (1, 2, 5) if len(exponents) <= 2 else (1, 3) if len(exponents) <= 3 else (1,)
        found = [float(f"{factor}e{power}") for power in exponents for factor in factors]
        return [each for each in found if self.low * 0.999 <= each <= self.high * 1.001]


def logarithmic(values: Iterable[float]) -> Logarithmic | None:
    """The scale that holds all finite values above 0, with a little room; None without any."""
    found = [each for each in values if isfinite(each) and each > 0]
    if not found:
        return None
    return Logarithmic(low=min(found) / 1.25, high=max(found) * 1.25)


def round_top(values: Iterable[float], least: float = 0.0) -> float:
    """The least of 1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8 times a power of ten that holds them all.

    Examples
    --------
    >>> round_top([0.4, 1.76]), round_top([23856.0]), round_top([])
    (2.0, 25000.0, 1.0)
    """
    most = max((each for each in values if isfinite(each)), default=-inf)
    most = max(most, least)
    if most <= 0:
        return 1.0
    power = floor(log10(most))
    steps = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
    return next(float(f"{s}e{power}") for s in steps if float(f"{s}e{power}") >= most * 0.999999)
