"""Lists of events (a row a request), folded into intervals and samples in bounded memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from capcalc.results.measurements import Column, Sample, Series
from capcalc.studies.measured.keys import Key, split
from capcalc.studies.measured.source import Array, Block

#: Intervals at most, and events in one on average at least.
MOST_BINS, LEAST_EVENTS = 2_000, 100
#: Classes, tiers and hosts that are told apart.
MOST_KEYS = 24
#: Part of the first and the last interval that may be without events.
PART = 0.1
#: Batches that a sample is kept in.
MOST_BATCHES = 400
#: Times from 1 microsecond on, in steps of 2 %.
_LEAST_TIME, _RATIO, _CELLS = 1e-6, 1.02, 1_200
_PERCENTILES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}
#: Lengths of intervals that read well. [s]
_NICE: tuple[float, ...] = (
    *(1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600),
    *(900, 1800, 3600, 7200, 14400, 21600, 43200, 86400, 604800),
)


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
        self.cells = np.zeros(_CELLS, dtype=np.int64)
        self.n, self.total, self.squares = 0, 0.0, 0.0

    def add(self, values: Array) -> None:
        """Take the next values."""
        values = values[np.isfinite(values) & (values >= 0)]
        self.batches.add(values)
        self.cells += np.bincount(cell(values), minlength=_CELLS)
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
            quantiles={p: quantile(self.cells, p) for p in _PERCENTILES.values()},
            batches=self.batches.rows(),
        )


def cell(values: Array) -> NDArray[np.intp]:
    """The step of the logarithmic scale in which a duration lies."""
    with np.errstate(divide="ignore"):
        steps = np.log(np.maximum(values, _LEAST_TIME) / _LEAST_TIME) / np.log(_RATIO)
    return np.asarray(np.clip(steps.astype(np.intp), 0, _CELLS - 1), dtype=np.intp)


def quantile(cells: NDArray[np.int64], p: float) -> float:
    """A quantile of the law in the cells, within 1 %; ``nan`` of nothing."""
    total = int(cells.sum())
    if not total:
        return float("nan")
    at = int(np.searchsorted(np.cumsum(cells), p * total))
    return float(_LEAST_TIME * _RATIO ** (min(at, _CELLS - 1) + 0.5))


class _Series:
    """Events of one class in intervals: how many, their times, the law of these."""

    def __init__(self) -> None:
        self.place = np.empty(0, dtype=np.int64)
        self.count = np.empty(0)
        self.total = np.empty(0)
        self.known = np.empty(0)
        self.cells: dict[int, NDArray[np.int64]] = {}

    def add(self, place: NDArray[np.int64], values: Array | None) -> None:
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
            flat = place[good] * _CELLS + cell(values[good])
            for where, number in zip(*np.unique(flat, return_counts=True), strict=True):
                at, step = divmod(int(where), _CELLS)
                self._law(at)[step] += int(number)

    def _law(self, at: int) -> NDArray[np.int64]:
        if at not in self.cells:
            self.cells[at] = np.zeros(_CELLS, dtype=np.int32)
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


class EventMeter:
    """Takes events block by block."""

    def __init__(self, columns: tuple[Column, ...], interval: float | None) -> None:
        """Take the columns, and the length of the intervals where one is wanted."""
        self._columns, self._wanted = columns, interval
        self._width: float | None = interval
        self._series: dict[tuple[str, str, str], _Series] = {}
        self._times: dict[tuple[str, str, str, str], Times] = {}
        self._gaps = Times()
        self._first: float | None = None
        self._latest: float | None = None
        self._failed = _Series()
        self._busy: dict[tuple[str, str], _Series] = {}
        self._turned = 0
        self.notes: list[str] = []

    def feed(self, block: Block) -> None:
        """Take the next events."""
        if block.time is not None and block.size:
            self._arrivals(block.time)
        place = self._places(block.time)
        self._counts(block, place)
        for key, position, rows in split(block, self._columns):
            values = block.numbers[position]
            values = values if rows is None else values[rows]
            self._durations(key, values)

    def _durations(self, key: Key, values: Array) -> None:
        if key.role not in ("response", "service_time", "apply_time", "lag"):
            return
        name = (key.role, key.tier, key.host, key.label)
        if name in self._times or len(self._times) < 4 * MOST_KEYS:
            self._times.setdefault(name, Times()).add(values)

    def _arrivals(self, time: Array) -> None:
        """Times between arrivals; events that stand out of order are put in it, block by block."""
        if (np.diff(time) < 0).any():
            self._turned += int((np.diff(time) < 0).sum())
            time = np.sort(time)
        least = float(time[0])
        self._first = least if self._first is None else min(self._first, least)
        line = time if self._latest is None else np.concatenate([[self._latest], time])
        self._gaps.add(np.maximum(np.diff(line), 0.0))
        self._latest = float(line.max())

    def _places(self, time: Array | None) -> NDArray[np.int64] | None:
        if time is None:
            return None
        if self._width is None:
            span = float(time.max() - time.min()) if time.size else 1.0
            wanted = max(span / MOST_BINS, 1e-3)
            self._width = next((nice for nice in _NICE if nice >= wanted), wanted)
        return np.floor(time / self._width).astype(np.int64)

    def _counts(self, block: Block, place: NDArray[np.int64] | None) -> None:
        if place is None:
            return
        responses = next(
            (v for p, v in block.numbers.items() if self._columns[p].role == "response"), None
        )
        label = block.texts.get("class")
        self._one(("", "", ""), place, responses)
        if label is not None:
            for name in np.unique(label):
                which = label == name
                values = None if responses is None else responses[which]
                self._one(("", "", str(name)), place[which], values)
        status = block.texts.get("status")
        if status is not None:
            failed = np.array([str(each)[:1] in ("5", "e", "E", "t", "T") for each in status], bool)
            if failed.any():
                self._failed.add(place[failed], None)
        self._services(block, place)
        self._coarsen()

    def _services(self, block: Block, place: NDArray[np.int64]) -> None:
        """Busy time of each host (worker), from the service times that begin in an interval."""
        for position, values in block.numbers.items():
            if self._columns[position].role != "service_time":
                continue
            hosts = block.texts.get("host")
            names = [""] if hosts is None else [str(name) for name in np.unique(hosts)]
            for name in names[:MOST_KEYS]:
                which = slice(None) if hosts is None else hosts == name
                key = (self._columns[position].tier, name)
                self._busy.setdefault(key, _Series()).add(place[which], values[which])

    def _one(
        self, key: tuple[str, str, str], place: NDArray[np.int64], values: Array | None
    ) -> None:
        if key in self._series or len(self._series) < MOST_KEYS:
            self._series.setdefault(key, _Series()).add(place, values)

    def _every(self) -> list[_Series]:
        return [*self._series.values(), self._failed, *self._busy.values()]

    def _coarsen(self) -> None:
        if self._wanted is not None:
            return
        while any(each.place.size > MOST_BINS for each in self._series.values()):
            self._times_as_long(2)

    def _times_as_long(self, factor: int) -> None:
        assert self._width is not None
        for each in self._every():
            each.coarser(factor)
        self._width *= factor

    def result(self) -> tuple[Array | None, float | None, tuple[Series, ...], tuple[Sample, ...]]:
        """Times, their step, the series and the samples."""
        if self._turned:
            self.notes.append(
                f"{self._turned:,} events stand before an earlier one: sorted within blocks"
            )
        samples = [
            sample
            for (role, tier, host, label), times in self._times.items()
            if (sample := times.sample(role, tier, host, label)) is not None
        ]
        gaps = self._gaps.sample("interarrival", "", "", "")
        samples += [] if gaps is None else [gaps]
        everything = self._series.get(("", "", ""))
        if everything is None or not everything.place.size or self._width is None:
            return None, None, (), tuple(samples)
        if self._wanted is None:
            self._settle(everything)
        first, last = int(everything.place[0]), int(everything.place[-1])
        grid = np.arange(first, last + 1)
        series = list(self._found(grid))
        self.notes.append(
            f"events are counted in intervals of {self._width:,.6g} s"
            + ("" if self._wanted else " (--interval tells another)")
        )
        times = np.asarray(grid * float(self._width), dtype=float)
        return times, self._width, tuple(series), tuple(samples)

    def _settle(self, everything: _Series) -> None:
        """Intervals long enough for percentiles to mean something, at least twelve of them."""
        assert self._width is not None
        events = everything.count.sum() / max(int(np.ptp(everything.place)) + 1, 1)
        length = int(np.ptp(everything.place)) + 1
        factor = int(min(np.ceil(LEAST_EVENTS / max(events, 1e-9)), max(length // 12, 1)))
        wanted = self._width * factor
        nice = next((each for each in _NICE if each >= wanted * (1 - 1e-9)), wanted)
        whole = round(nice / self._width)
        if abs(whole * self._width / nice - 1) < 1e-6 and length / max(whole, 1) >= 10:
            factor = whole
        if factor > 1:
            self._times_as_long(factor)

    def _found(self, grid: NDArray[np.int64]) -> list[Series]:
        found = []
        for (tier, host, label), each in self._series.items():
            place = each.place - grid[0]
            count = np.zeros(grid.size)
            count[place] = each.count
            found.append(
                Series(
                    role="requests",
                    tier=tier,
                    host=host,
                    label=label,
                    values=count,
                    column="events",
                )
            )
            if each.known.sum() > 0:
                mean = np.full(grid.size, np.nan)
                known = each.known > 0
                mean[place[known]] = each.total[known] / each.known[known]
                found.append(
                    Series(
                        role="response_mean",
                        tier=tier,
                        host=host,
                        label=label,
                        values=mean,
                        column="events",
                    )
                )
                found += _percentiles(each.cells, grid, (tier, host, label))
        if self._failed.place.size:
            values = np.zeros(grid.size)
            values[self._failed.place - grid[0]] = self._failed.count
            found.append(Series(role="errors", values=values, column="status"))
        for (tier, host), each in self._busy.items():
            values = np.zeros(grid.size)
            values[each.place - grid[0]] = each.total
            found.append(
                Series(
                    role="busy_servers",
                    tier=tier,
                    host=host,
                    values=values / float(self._width or 1.0),
                    column="service times",
                )
            )
        return [self._whole(each, grid) for each in found]

    def _whole(self, series: Series, grid: NDArray[np.int64]) -> Series:
        """Open at either end where the events cover only a part of the interval."""
        width = float(self._width or 1.0)
        values = series.values.copy()
        if self._first is not None and self._first - grid[0] * width > PART * width:
            values[0] = np.nan
        if self._latest is not None and (grid[-1] + 1) * width - self._latest > PART * width:
            values[-1] = np.nan
        return replace(series, values=values)


def _percentiles(
    cells: Mapping[int, NDArray[np.int64]], grid: NDArray[np.int64], of: tuple[str, str, str]
) -> list[Series]:
    found = []
    for name, p in _PERCENTILES.items():
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
