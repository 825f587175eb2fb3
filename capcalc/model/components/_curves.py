"""A measured curve of hit ratios, read between its points."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from capcalc.units.parse import parse
from capcalc.units.types import Numbers


def points(curve: Mapping[str, Numbers]) -> list[tuple[float, Numbers]]:
    """Capacity and hit ratio, the smallest first."""
    return sorted(((parse(key, "number"), ratio) for key, ratio in curve.items()), key=_capacity)


def _capacity(point: tuple[float, Numbers]) -> float:
    return point[0]


def interpolated(curve: Mapping[str, Numbers], capacity: Numbers) -> Numbers:
    """Linear in the logarithm of the capacity; beyond the ends as at them."""
    known = points(curve)
    held = np.asarray(capacity, dtype=float)
    result = np.asarray(known[0][1], dtype=float) + 0.0 * held
    for (low, below), (high, above) in pairwise(known):
        part = np.clip(np.log(held / low) / np.log(high / low), 0.0, 1.0)
        result = np.where(held > low, below + part * (np.asarray(above) - below), result)
    return np.asarray(result)[()]
