"""Sums and counts in intervals whose length doubles when there are too many."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from capcalc.studies.measured.source import Array


class Bins:
    """Of one series: where it has values, their sums, how many they are, and the last."""

    def __init__(self) -> None:
        """Begin without any."""
        self.place: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self.total: Array = np.empty(0)
        self.count: Array = np.empty(0)
        self.last: Array = np.empty(0)

    def add(self, place: Array, values: Array) -> None:
        """Take values at places, in the order in which they came."""
        known = np.isfinite(values)
        if not known.any():
            return
        where = np.concatenate([self.place, place[known].astype(np.int64)])
        total = np.concatenate([self.total, values[known]])
        count = np.concatenate([self.count, np.ones(int(known.sum()))])
        last = np.concatenate([self.last, values[known]])
        self._take(where, total, count, last)

    def halved(self) -> None:
        """Intervals of twice the length."""
        self._take(self.place // 2, self.total, self.count, self.last)

    def _take(self, where: NDArray[np.int64], total: Array, count: Array, last: Array) -> None:
        self.place, index = np.unique(where, return_inverse=True)
        self.total = np.bincount(index, total, self.place.size).astype(float)
        self.count = np.bincount(index, count, self.place.size).astype(float)
        newest = np.zeros(self.place.size)
        newest[index] = last  # of several the last one stays
        self.last = newest
