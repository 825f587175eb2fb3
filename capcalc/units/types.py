"""The types of the model's numbers: each says its kind of quantity and its range, once.

Validation, JSON Schema, ``--set``, sweeps and reports all read these annotations.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Annotated, TypeAlias

import numpy as np
from numpy.typing import NDArray

#: A number of the model: one value, or an array of them in a sweep.
Numbers: TypeAlias = float | NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a number is (a key of ``units.kinds.KINDS``) and where it may lie."""

    kind: str = "number"
    low: float = -inf
    high: float = inf
    above: bool = False
    whole: bool = False

    def holds(self, value: Numbers) -> NDArray[np.bool_]:
        """Element by element, whether a value lies in the domain; ``nan`` never does."""
        value = np.asarray(value, dtype=float)
        with np.errstate(invalid="ignore"):
            inside = (value > self.low) if self.above else (value >= self.low)
            inside &= (value <= self.high) & np.isfinite(value)
            return inside & (value == np.floor(value)) if self.whole else inside

    def range(self) -> str:
        """The domain in words, for messages."""
        noun = "a whole number" if self.whole else "a number"
        low = "" if self.low == -inf else f"{'above' if self.above else 'at least'} {self.low:g}"
        high = "" if self.high == inf else f"at most {self.high:g}"
        limits = " and ".join(part for part in (low, high) if part)
        return f"{noun} {limits}".strip()


Seconds = Annotated[Numbers, Quantity("duration", low=0)]
PositiveSeconds = Annotated[Numbers, Quantity("duration", low=0, above=True)]
Rate = Annotated[Numbers, Quantity("rate", low=0)]
Amount = Annotated[Numbers, Quantity("number", low=0)]
PositiveAmount = Annotated[Numbers, Quantity("number", low=0, above=True)]
Factor = Annotated[Numbers, Quantity("number", low=1)]
Whole = Annotated[Numbers, Quantity("number", low=0, whole=True)]
PositiveWhole = Annotated[Numbers, Quantity("number", low=1, whole=True)]
Share = Annotated[Numbers, Quantity("share", low=0, high=1)]
PositiveShare = Annotated[Numbers, Quantity("share", low=0, high=1, above=True)]
Bytes = Annotated[Numbers, Quantity("size", low=0)]
PositiveBytesPerSecond = Annotated[Numbers, Quantity("bandwidth", low=0, above=True)]
PositiveBytes = Annotated[Numbers, Quantity("size", low=0, above=True)]
UsDollars = Annotated[Numbers, Quantity("money", low=0)]
UsDollarsPerByte = Annotated[Numbers, Quantity("price", low=0)]
GrowthPerMonth = Annotated[Numbers, Quantity("growth", low=-1, above=True)]
