"""Durations of events: their moments in stretches, and their law, in bounded memory."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from capcalc.results.measurements import Sample
from capcalc.studies.measured.source import Array

#: Batches that a sample is kept in.
MOST_BATCHES = 400
#: Cells of the logarithmic scale: from 1 microsecond on, in steps of 2 %.
CELLS = 1_200
_LEAST_TIME, _RATIO = 1e-6, 1.02
#: The percentiles that are kept.
PERCENTILES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}


class Batches:
    """Moments over stretches in the order of the file; stretches double when there are many."""

    def __init__(self) -> None:
        """Begin with stretches of one event."""
        self._length = 1
        self._full: list[NDArray[np.float64]] = []
        self._rest = np.empty(0)

    def add(self, values: Array) -> None:
        """Take the next values."""
        values = np.concatenate([self._rest, values[np.isfinite(values)]])
        whole = values.size // self._length * self._length
        self._rest = values[whole:]
        if whole:
            cut = values[:whole].reshape(-1, self._length)
            parts = [np.full(len(cut), float(self._length)), cut.sum(axis=1), (cut**2).sum(axis=1)]
            self._full.append(np.stack(parts, axis=1))
        while sum(map(len, self._full)) > MOST_BATCHES:
            rows = np.concatenate(self._full)
            even = len(rows) // 2 * 2
            odd = rows[even:]
            self._full = [rows[:even].reshape(-1, 2, 3).sum(axis=1)]
            self._length *= 2
            if len(odd):  # half a stretch goes in with the last whole one
                self._full[0][-1] += odd[0]

    def rows(self) -> NDArray[np.float64]:
        """All stretches: events, their sum, their sum of squares."""
        rows = list(self._full)
        if self._rest.size and (not rows or self._rest.size > self._length / 2):
            rest = self._rest
            rows.append(np.array([[rest.size, rest.sum(), (rest**2).sum()]]))
        return np.concatenate(rows) if rows else np.empty((0, 3))


class Times:
    """Durations of one kind: their moments, in stretches and in all, and their law."""

    def __init__(self) -> None:
        """Begin without any."""
        self.batches = Batches()
        self.cells = np.zeros(CELLS, dtype=np.int64)
        self.n, self.total, self.squares = 0, 0.0, 0.0

    def add(self, values: Array) -> None:
        """Take the next values."""
        values = values[np.isfinite(values) & (values >= 0)]
        self.batches.add(values)
        self.cells += np.bincount(cell(values), minlength=CELLS)
        self.n += values.size
        self.total += float(values.sum())
        self.squares += float((values**2).sum())

    def sample(self, role: str, tier: str, host: str, label: str) -> Sample | None:
        """What is known of them; None of nothing."""
        if not self.n or not self.total:
            return None
        mean = self.total / self.n
        return Sample(
            role=role,
            tier=tier,
            host=host,
            label=label,
            n=self.n,
            mean=mean,
            scv=max(self.squares / self.n / mean**2 - 1.0, 0.0),
            quantiles={}
            if role == "size"
            else {p: quantile(self.cells, p) for p in PERCENTILES.values()},
            batches=self.batches.rows(),
        )


def cell(values: Array) -> NDArray[np.intp]:
    """The step of the logarithmic scale in which a duration lies."""
    with np.errstate(divide="ignore"):
        steps = np.log(np.maximum(values, _LEAST_TIME) / _LEAST_TIME) / np.log(_RATIO)
    return np.asarray(np.clip(steps.astype(np.intp), 0, CELLS - 1), dtype=np.intp)


def quantile(cells: NDArray[np.int64], p: float) -> float:
    """A quantile of the law in the cells, within 1 %; ``nan`` of nothing."""
    total = int(cells.sum())
    if not total:
        return float("nan")
    at = int(np.searchsorted(np.cumsum(cells), p * total))
    return float(_LEAST_TIME * _RATIO ** (min(at, CELLS - 1) + 0.5))
