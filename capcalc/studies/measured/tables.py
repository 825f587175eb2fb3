"""Tables of intervals, folded into series in bounded memory."""

from __future__ import annotations

import numpy as np

from capcalc.results.measurements import COUNTERS, Column, Series
from capcalc.studies.measured.bins import Bins
from capcalc.studies.measured.grid import COUNTS, gridded
from capcalc.studies.measured.keys import MOST, Key, split
from capcalc.studies.measured.source import Array, Block

#: Values of one series that are kept as they are.
MOST_ROWS = 200_000
#: Intervals that are kept of longer ones.
MOST_BINS = 50_000
#: Text columns that are kept of a table without time.
MOST_TEXTS = 20


class TableMeter:
    """Takes a table block by block."""

    def __init__(self, columns: tuple[Column, ...]) -> None:
        """Take the columns with their roles."""
        self._columns = columns
        self._rows: dict[Key, list[tuple[Array, Array]]] = {}
        self._bins: dict[Key, Bins] | None = None
        self._width = 0.0
        self._values = 0
        self._left_out = 0
        self._texts: dict[str, list[str]] = {}
        self._counted = 0
        self.notes: list[str] = []

    def feed(self, block: Block) -> None:
        """Take the next rows."""
        if block.time is None:
            self._without_time(block)
            return
        for key, place, rows in split(block, self._columns):
            values = block.numbers[place]
            time = block.time
            if rows is not None:
                time, values = time[rows], values[rows]
            self._take(key, time, values)

    def _take(self, key: Key, time: Array, values: Array) -> None:
        if self._bins is not None:
            self._bin(key, time, values)
            return
        if key not in self._rows and len(self._rows) >= MOST:
            self._left_out += time.size
            return
        self._rows.setdefault(key, []).append((time, values))
        self._values = max(self._values, sum(each.size for each, _ in self._rows[key]))
        if self._values > MOST_ROWS:
            self._begin_bins()

    def _begin_bins(self) -> None:
        """From now on rows are pooled in time."""
        rows, self._rows = self._rows, {}
        times = np.concatenate([time for parts in rows.values() for time, _ in parts])
        span = float(times.max() - times.min())
        self._width = max(span / MOST_BINS * 2, 1e-6)
        self._bins = {}
        for key, parts in rows.items():
            for time, values in parts:
                self._bin(key, time, values)

    def _bin(self, key: Key, time: Array, values: Array) -> None:
        assert self._bins is not None
        if key not in self._bins and len(self._bins) >= MOST:
            self._left_out += time.size
            return
        self._bins.setdefault(key, Bins()).add(np.floor(time / self._width), values)
        while any(each.place.size > MOST_BINS for each in self._bins.values()):
            for each in self._bins.values():
                each.halved()
            self._width *= 2

    def _without_time(self, block: Block) -> None:
        room = max(MOST_ROWS - self._counted, 0)
        self._counted += block.size
        nothing = np.empty(0)
        for place, values in block.numbers.items():
            column = self._columns[place]
            key = Key(column.role, column.tier, column.host, column.label, column.name)
            self._rows.setdefault(key, []).append((nothing, values[:room]))
        for name, texts in list(block.texts.items())[:MOST_TEXTS]:
            self._texts.setdefault(name, []).extend(str(text) for text in texts[:room])

    def result(
        self,
    ) -> tuple[Array | None, float | None, tuple[Series, ...], dict[str, tuple[str, ...]]]:
        """Times, their step, all series, and the texts of a table without time."""
        if self._left_out:
            self.notes.append(
                f"more than {MOST} series: {self._left_out:,} values of the others are left out"
            )
        if self._bins is not None:
            return (*self._pooled(), {})
        timed = {key: parts for key, parts in self._rows.items() if parts[0][0].size}
        if timed:
            points = {
                key: (np.concatenate([t for t, _ in parts]), np.concatenate([v for _, v in parts]))
                for key, parts in timed.items()
            }
            return (*gridded(points, self.notes), {})
        if self._counted > MOST_ROWS:
            self.notes.append(
                f"of {self._counted:,} rows without time the first {MOST_ROWS:,} count"
            )
        series = tuple(
            Series(
                role=key.role,
                tier=key.tier,
                host=key.host,
                label=key.label,
                column=key.column,
                values=np.concatenate([values for _, values in parts]),
            )
            for key, parts in self._rows.items()
        )
        return None, None, series, {name: tuple(each) for name, each in self._texts.items()}

    def _pooled(self) -> tuple[Array, float | None, tuple[Series, ...]]:
        """Series of what was pooled: sums of counts, means of all else."""
        assert self._bins is not None
        self.notes.append(
            f"more than {MOST_ROWS:,} rows: pooled in intervals of {self._width:,.6g} s (counts are"
            " added up, percentiles averaged)"
        )
        points: dict[Key, tuple[Array, Array]] = {}
        for key, bins in self._bins.items():
            if key.role in COUNTERS:
                values = bins.last
            elif key.role in COUNTS:
                values = bins.total
            else:
                values = bins.total / bins.count
            points[key] = (np.asarray(bins.place * self._width, dtype=float), values)
        return gridded(points, self.notes)
