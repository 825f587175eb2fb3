"""Times as people and programs write them, to seconds."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from capcalc.errors import Problem, UsageError
from capcalc.scenarios.measurements.blocks import Array, Tally

#: Formats that are tried after ISO 8601.
_FORMATS = (
    "%d/%b/%Y:%H:%M:%S %z",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
    "%a %b %d %H:%M:%S %Y",
    "%d %b %Y %H:%M:%S",
    "%Y%m%d%H%M%S",
)
#: Numbers from here on are epochs: seconds, milliseconds, microseconds, nanoseconds.
_EPOCHS = ((1e17, 1e-9), (1e14, 1e-6), (1e11, 1e-3), (1e8, 1.0))
_UNITS = {"minute": 60.0, "min": 60.0, "hour": 3600.0, "day": 86400.0, "week": 604800.0, "ms": 1e-3}


class Clock:
    """Reads one column of times, the same way from the first block to the last."""

    def __init__(self, name: str, time_zone: str | None, tally: Tally) -> None:
        """Take the column's name, for its unit, and the zone of times that tell none."""
        self._name, self._zone, self._tally = name.lower(), time_zone, tally
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
        self.absolute = True
        self._format = self._fitting(column)
        texts = column.dropna().astype(str)
        zoned = texts.str.contains(r"(?:Z|[+-]\d\d:?\d\d|UTC|GMT)\s*$", regex=True).mean() > 0.5
        if not zoned:
            zone = self._zone or "UTC"
            told = "as told" if self._zone else "as none is given"
            self._tally.note(f"times are taken in {zone}, {told}")

    @staticmethod
    def _looks_compact(known: Array) -> bool:
        """Dates written as 20261123."""
        days, months = known % 100, known // 100 % 100
        return bool(np.all((days >= 1) & (days <= 31) & (months >= 1) & (months <= 12)))

    def _unit(self) -> float:
        for word, size in _UNITS.items():
            if self._name.startswith(word) or self._name.endswith(f"_{word}"):
                if word != "ms":
                    self._tally.note(
                        f"column {self._name!r} counts from the file's start, by the {word}"
                    )
                return size
        return 1.0

    def _fitting(self, column: Any) -> str:
        """The format that reads most of the first values."""
        import pandas as pd

        sample = column.dropna().astype(str).str.strip().head(200)
        best, most = "ISO8601", -1.0
        for form in ("ISO8601", *_FORMATS):
            read = pd.to_datetime(sample, format=form, errors="coerce", utc=True)
            share = float(read.notna().mean()) if len(sample) else 0.0
            if share > most + 1e-9:
                best, most = form, share
        if best.startswith("%m/%d"):
            self._tally.note("dates are read as month/day/year")
        return best

    def _dates(self, column: Any) -> Array:
        import pandas as pd

        texts = column.astype(str).str.strip() if column.dtype == object else column.astype(str)
        if self._zone is None:
            read = pd.to_datetime(texts, format=self._format, errors="coerce", utc=True)
        else:
            plain = pd.to_datetime(texts, format=self._format, errors="coerce", utc=False)
            if getattr(plain.dtype, "tz", None) is None and plain.dtype != object:
                local = plain.dt.tz_localize(self._zone, ambiguous="NaT", nonexistent="NaT")
                lost = int((local.isna() & plain.notna()).sum())
                if lost:
                    self._tally.add("fall in the hour in which clocks are changed", lost)
                read = local.dt.tz_convert("UTC")
            else:
                read = pd.to_datetime(texts, format=self._format, errors="coerce", utc=True)
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
