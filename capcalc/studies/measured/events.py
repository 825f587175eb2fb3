"""Lists of events (a row a request), folded into intervals and samples in bounded memory."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from capcalc.results.measurements import Column, Sample, Series
from capcalc.studies.measured.counted import Counted, percentiles
from capcalc.studies.measured.keys import Key, split
from capcalc.studies.measured.samples import Times
from capcalc.studies.measured.source import Array, Block

#: Intervals at most, and events in one on average at least.
MOST_BINS, LEAST_EVENTS = 2_000, 100
#: Classes, tiers and hosts that are told apart.
MOST_KEYS = 24
#: Arrivals have to be so many ticks of the clock apart for their irregularity to be told.
COARSE = 10.0
#: Part of the first and the last interval that may be without events.
PART = 0.1
#: Lengths of intervals that read well. [s]
_NICE: tuple[float, ...] = (
    *(1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600),
    *(900, 1800, 3600, 7200, 14400, 21600, 43200, 86400, 604800),
)


def _whole(time: Array, tick: float) -> bool:
    """Whether all times are multiples of a tick, as far as numbers of their size tell."""
    steps = time / tick
    return bool(np.all(np.abs(steps - np.round(steps)) <= 1e-6 + 4e-16 * np.abs(steps)))


class EventMeter:
    """Takes events block by block."""

    def __init__(self, columns: tuple[Column, ...], interval: float | None) -> None:
        """Take the columns, and the length of the intervals where one is wanted."""
        self._columns, self._wanted = columns, interval
        self._width: float | None = interval
        self._series: dict[tuple[str, str, str], Counted] = {}
        self._times: dict[tuple[str, str, str, str], Times] = {}
        self._gaps = Times()
        self._ticks: list[float] = [1.0, 0.001]
        self._first: float | None = None
        self._latest: float | None = None
        self._failed = Counted()
        self._busy: dict[tuple[str, str], Counted] = {}
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
        if key.role not in ("response", "service_time", "apply_time", "lag", "size"):
            return
        name = (key.role, key.tier, key.host, key.label)
        if name in self._times or len(self._times) < 4 * MOST_KEYS:
            self._times.setdefault(name, Times()).add(values)

    def _arrivals(self, time: Array) -> None:
        """Times between arrivals; events that stand out of order are put in it, block by block."""
        if (np.diff(time) < 0).any():
            self._turned += int((np.diff(time) < 0).sum())
            time = np.sort(time)
        self._ticks = [tick for tick in self._ticks if _whole(time, tick)]
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
                self._busy.setdefault(key, Counted()).add(place[which], values[which])

    def _one(
        self, key: tuple[str, str, str], place: NDArray[np.int64], values: Array | None
    ) -> None:
        if key in self._series or len(self._series) < MOST_KEYS:
            self._series.setdefault(key, Counted()).add(place, values)

    def _every(self) -> list[Counted]:
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
        coarse = [tick for tick in self._ticks if gaps is not None and gaps.mean < COARSE * tick]
        if coarse:
            gaps = None
            self.notes.append(
                f"times are told to {max(coarse):g} s, as coarse as requests follow each other: how"
                " irregular arrivals are from one to the next cannot be told"
            )
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

    def _settle(self, everything: Counted) -> None:
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
                found += percentiles(each.cells, grid, (tier, host, label))
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
