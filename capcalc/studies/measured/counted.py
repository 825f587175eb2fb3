"""Events of one kind in intervals: how many, their times, and the law of these."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from capcalc.results.measurements import Series
from capcalc.studies.measured.samples import CELLS, PERCENTILES, cell, quantile
from capcalc.studies.measured.source import Array


class Counted:
    """Events of one class in intervals: how many, their times, the law of these."""

    def __init__(self) -> None:
        self.place = np.empty(0, dtype=np.int64)
        self.count = np.empty(0)
        self.total = np.empty(0)
        self.known = np.empty(0)
        self.cells: dict[int, NDArray[np.int64]] = {}

    def add(self, place: NDArray[np.int64], values: Array | None) -> None:
        """Take events at their intervals, with their times if they have any."""
        where = np.concatenate([self.place, place])
        ones = np.ones(place.size)
        has = np.zeros(place.size) if values is None else np.isfinite(values).astype(float)
        sums = np.zeros(place.size) if values is None else np.where(has > 0, values, 0.0)
        self._take(
            where,
            np.concatenate([self.count, ones]),
            np.concatenate([self.total, sums]),
            np.concatenate([self.known, has]),
        )
        if values is not None:
            good = has > 0
            flat = place[good] * CELLS + cell(values[good])
            for where, number in zip(*np.unique(flat, return_counts=True), strict=True):
                at, step = divmod(int(where), CELLS)
                self._law(at)[step] += int(number)

    def _law(self, at: int) -> NDArray[np.int64]:
        if at not in self.cells:
            self.cells[at] = np.zeros(CELLS, dtype=np.int32)
        return self.cells[at]

    def coarser(self, factor: int) -> None:
        """Intervals so many times as long."""
        self._take(self.place // factor, self.count, self.total, self.known)
        cells, self.cells = self.cells, {}
        for at, law in cells.items():
            self._law(at // factor)[:] += law

    def _take(self, where: NDArray[np.int64], count: Array, total: Array, known: Array) -> None:
        self.place, index = np.unique(where, return_inverse=True)
        self.count = np.bincount(index, count, self.place.size).astype(float)
        self.total = np.bincount(index, total, self.place.size).astype(float)
        self.known = np.bincount(index, known, self.place.size).astype(float)


def percentiles(
    cells: Mapping[int, NDArray[np.int64]], grid: NDArray[np.int64], of: tuple[str, str, str]
) -> list[Series]:
    """The percentiles of every interval, as series of a tier, host and class."""
    found = []
    for name, p in PERCENTILES.items():
        values = np.full(grid.size, np.nan)
        for at, law in cells.items():
            values[at - grid[0]] = quantile(law, p)
        tier, host, label = of
        found.append(
            Series(
                role=f"response_{name}",
                tier=tier,
                host=host,
                label=label,
                values=values,
                column="events",
            )
        )
    return found
