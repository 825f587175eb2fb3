"""Access logs in common and combined form, with the time of a request at the end if there is."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from capcalc.errors import Problem, UsageError
from capcalc.results.measurements import Column
from capcalc.scenarios.measurements.blocks import Block, Tally
from capcalc.scenarios.measurements.classes import Told
from capcalc.scenarios.measurements.opening import File
from capcalc.scenarios.measurements.times import Clock

#: Lines of one block.
ROWS = 50_000
_LINE = re.compile(
    r'^(?P<host>\S+) \S+ .*?\[(?P<time>[^\]]+)\] "(?P<request>(?:[^"\\]|\\.)*)"'
    r" (?P<status>\d{3}) (?P<size>\d+|-)(?P<rest>.*)$"
)
#: A time at the line's end: seconds with a point (nginx), or whole microseconds (Apache's %D).
_SECONDS = re.compile(r"(?:^|[\s=\"])(\d+\.\d+)\"?\s*$")
_MICROSECONDS = re.compile(r"(?:^|[\s=\"])(\d+)\"?\s*$")


def is_log(lines: list[str]) -> bool:
    """Whether most of these lines are of an access log."""
    some = [line for line in lines if line.strip()][:50]
    return bool(some) and sum(bool(_LINE.match(line)) for line in some) >= 0.5 * len(some)


class AccessLog:
    """A line a request."""

    form = "access log"
    clock = True

    def __init__(
        self,
        file: File,
        told: Told,
        tally: Tally,
    ) -> None:
        """Look whether lines end with a time."""
        if told.roles:
            name = next(iter(told.roles))
            hint = "its columns are fixed; leave --column out"
            raise UsageError(
                Problem(key=f"--column {name}", message="an access log has no columns", hint=hint)
            )
        self._file, self._tally, self._classes = file, tally, told.classes
        self._scale = self._time_scale(file.first_text().splitlines())
        self._clock = Clock(Column(name="time", role="time"), told.time_zone, tally)
        ending = {1.0: "seconds at the line's end", 1e-6: "microseconds at the line's end (%D)"}
        columns = [
            Column(name="time", role="time", why="in brackets"),
            Column(
                name="class",
                role="class",
                why="by --class" if told.classes.told else "files by their ending, else dynamic",
            ),
            Column(name="status", role="status", why="behind the request"),
            Column(name="size", role="size", unit="bytes", why="behind the status"),
        ]
        if self._scale:
            columns.append(Column(name="request time", role="response", why=ending[self._scale]))
        self.columns = tuple(columns)

    @staticmethod
    def _time_scale(lines: list[str]) -> float:
        """What the last number of a line is: seconds, microseconds, or no time."""
        rests = [found["rest"] for line in lines[:200] if (found := _LINE.match(line))]
        if not rests:
            return 0.0
        if np.mean([bool(_SECONDS.search(rest)) for rest in rests]) > 0.8:
            return 1.0
        if np.mean([bool(_MICROSECONDS.search(rest)) for rest in rests]) > 0.8:
            return 1e-6
        return 0.0

    def blocks(self) -> Iterator[Block]:
        """All requests."""
        rows: list[tuple[str, str, str, float, float]] = []
        numbers: list[int] = []
        with self._file.text() as text:
            for number, line in enumerate(text, start=1):
                found = _LINE.match(line) if len(line) < 65_536 else None
                if found is None:
                    if line.strip():
                        self._tally.add("are no line of an access log: left out", 1, number)
                    continue
                rows.append(self._row(found))
                numbers.append(number)
                if len(rows) >= ROWS:
                    yield self._block(rows, numbers)
                    rows, numbers = [], []
        if rows:
            yield self._block(rows, numbers)

    def _row(self, found: re.Match[str]) -> tuple[str, str, str, float, float]:
        request = found["request"].split(" ")
        kind = self._classes.of(request[1] if len(request) > 1 else "")
        size = float(found["size"]) if found["size"] != "-" else np.nan
        took = np.nan
        if self._scale:
            pattern = _SECONDS if self._scale == 1.0 else _MICROSECONDS
            ending = pattern.search(found["rest"])
            took = float(ending[1]) * self._scale if ending else np.nan
        return found["time"], kind, found["status"], size, took

    def _block(self, rows: list[tuple[str, str, str, float, float]], numbers: list[int]) -> Block:
        times, kinds, statuses, sizes, took = zip(*rows, strict=True)
        lines = np.array(numbers, dtype=np.int64)
        time = self._clock.seconds(np.array(times, dtype=object))
        keep = np.isfinite(time)
        if not keep.all():
            why = "without a time that can be read are left out"
            self._tally.add(why, int((~keep).sum()), int(lines[~keep][0]))
        values = {3: np.array(sizes)[keep]}
        if self._scale:
            values[4] = np.array(took)[keep]
        return Block(
            time=time[keep],
            numbers=values,
            texts={
                "class": np.array(kinds, dtype=object)[keep],
                "status": np.array(statuses, dtype=object)[keep],
            },
            lines=lines[keep],
            size=int(keep.sum()),
        )
