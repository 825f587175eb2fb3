"""Times as people and programs write them, to seconds."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from capcalc.errors import Problem, UsageError
from capcalc.results.measurements import Column
from capcalc.scenarios.measurements import dates
from capcalc.scenarios.measurements.blocks import Array, Tally
from capcalc.scenarios.measurements.words import UNITS

#: Numbers from here on are epochs: seconds, milliseconds, microseconds, nanoseconds.
_EPOCHS = ((1e17, 1e-9), (1e14, 1e-6), (1e11, 1e-3), (1e8, 1.0))
_UNITS = {"minute": 60.0, "min": 60.0, "hour": 3600.0, "day": 86400.0, "week": 604800.0, "ms": 1e-3}


class Clock:
    """Reads one column of times, the same way from the first block to the last."""

    def __init__(self, column: Column, time_zone: str | None, tally: Tally) -> None:
        """Take the column, for its unit, and the zone of times that tell none."""
        self._name, self._told = column.name.lower(), column.unit
        self._zone, self._tally = time_zone, tally
        self._column = column.name
        self._last: float | None = None
        self._of_day = False
        self._format: str | None = None
        self._scale: float | None = None
        #: whether seconds are since 1970
        self.absolute = False
        if time_zone is not None:
            _known(time_zone)

    def seconds(self, values: Any) -> Array:
        """Seconds; ``nan`` for what is no time."""
        import pandas as pd

        column = pd.Series(values)
        numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float)
        if self._scale is None and self._format is None:
            self._begin(column, numbers)
        if self._scale is not None:
            return np.asarray(numbers * self._scale)
        if self._of_day:
            return self._clock(column)
        return self._dates(column)

    def _begin(self, column: Any, numbers: Array) -> None:
        known = numbers[np.isfinite(numbers)]
        compact = (
            known.size
            and np.all((known > 19_000_101) & (known < 21_001_231))
            and self._name[-2:] != "s"
        )
        if known.size >= 0.5 * len(column) and not (compact and self._looks_compact(known)):
            size = float(np.median(np.abs(known)))
            epoch = next((scale for least, scale in _EPOCHS if size >= least), None)
            self.absolute = epoch is not None
            self._scale = epoch if epoch is not None else self._unit()
            return
        if dates.clock_times(column, None) is not None:
            self._of_day, self._format = True, "of day"
            self._tally.note(f"{self._column!r} has times of day without a date: days are counted")
            return
        self.absolute = True
        chosen = dates.fitting(column, self._told)
        self._format = chosen.form
        texts = column.dropna().astype(str)
        dates.said(chosen, self._tally, self._column, next(iter(texts), ""))
        zoned = texts.str.contains(r"(?:Z|[+-]\d\d:?\d\d|UTC|GMT)\s*$", regex=True).mean() > 0.5
        if not zoned:
            zone = self._zone or "UTC"
            told = "as told" if self._zone else "as none is given"
            self._tally.note(f"times are taken in {zone}, {told}")

    def _clock(self, column: Any) -> Array:
        found = dates.clock_times(column, self._last)
        if found is None:
            return np.full(len(column), np.nan)
        known = found[np.isfinite(found)]
        self._last = float(known[-1]) if known.size else self._last
        return found

    @staticmethod
    def _looks_compact(known: Array) -> bool:
        """Dates written as 20261123."""
        days, months = known % 100, known // 100 % 100
        return bool(np.all((days >= 1) & (days <= 31) & (months >= 1) & (months <= 12)))

    def _unit(self) -> float:
        if self._told in UNITS and UNITS[self._told][1] == "time":
            return UNITS[self._told][0]
        for word, size in _UNITS.items():
            if self._name.startswith(word) or self._name.endswith(f"_{word}"):
                if word != "ms":
                    self._tally.note(
                        f"column {self._name!r} counts from the file's start, by the {word}"
                    )
                return size
        return 1.0

    def _dates(self, column: Any) -> Array:

        texts = column.astype(str).str.strip() if column.dtype == object else column.astype(str)
        if self._zone is None:
            read = dates.read(texts, str(self._format))
        else:
            plain = dates.read(texts, str(self._format), utc=False)
            if getattr(plain.dtype, "tz", None) is None and plain.dtype != object:
                local = plain.dt.tz_localize(self._zone, ambiguous="NaT", nonexistent="NaT")
                lost = int((local.isna() & plain.notna()).sum())
                if lost:
                    self._tally.add("fall in the hour in which clocks are changed", lost)
                read = local.dt.tz_convert("UTC")
            else:
                read = dates.read(texts, str(self._format))
        whole: NDArray[np.int64] = read.to_numpy(dtype="datetime64[ns]").astype(np.int64)
        return np.where(read.isna().to_numpy(), np.nan, whole / 1e9)


def _known(zone: str) -> None:
    from zoneinfo import ZoneInfo, available_timezones

    from capcalc.scenarios.words import did_you_mean

    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        area = zone.split("/", maxsplit=1)[0]
        near = [name for name in sorted(available_timezones()) if name.startswith(f"{area}/")]
        hint = did_you_mean(zone, near, "zones are") or "e.g. Europe/Berlin or America/New_York"
        raise UsageError(
            Problem(key="--time-zone", message=f"{zone!r} is not known", hint=hint)
        ) from None
