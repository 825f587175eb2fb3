"""Raw columns to numbers in SI units; what cannot be is counted and left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from capcalc.results.measurements import Column
from capcalc.scenarios.measurements import words
from capcalc.scenarios.measurements.blocks import Array, Block, Tally
from capcalc.scenarios.measurements.classes import Told
from capcalc.scenarios.measurements.numbers import numbers_of
from capcalc.scenarios.measurements.processor import IDLE
from capcalc.scenarios.measurements.roles import KINDS, TEXTS
from capcalc.scenarios.measurements.times import Clock
from capcalc.scenarios.words import shown

#: A share up to here may be measured (rounding, hyper-threads); beyond it is an error.
MOST_SHARE = 1.05
#: Words of a time's name that say when something was over.
_ENDS = frozenset(["end", "ended", "finished", "done", "completed"])
_LONGEST_UNIT = 12
_FOREIGN = dict.fromkeys(("€", "eur", "eur k", "k eur", "keur", "k€", "€k"), "EUR") | dict.fromkeys(
    ("£", "gbp"), "GBP"
)
_NEGATIVE = frozenset({"value"})


class Converter:
    """Turns raw columns into blocks, the same way from the first to the last."""

    def __init__(
        self, columns: Sequence[Column], tally: Tally, told: Told, comma: str = ""
    ) -> None:
        """Take the columns with their roles, and the cell that shows a decimal comma, if any."""
        self._comma = bool(comma)
        if comma:
            tally.note(f"numbers have a decimal comma, as {comma!r} shows")
        self._columns, self._tally, self._classes = columns, tally, told.classes
        for column in columns:
            self._strange(column)
        self._factors: dict[int, float] = {}
        self._examples: dict[int, str] = {}
        times = [column for column in columns if column.role == "time"]
        self._ends = bool(times) and bool(_ENDS & set(words.tokens(times[0].name)))
        self.clock = Clock(times[0], told.time_zone, tally) if times else None

    def block(self, raw: Mapping[int, Any], lines: NDArray[np.int64]) -> Block:
        """Rows by position of the column; texts stay texts."""
        time = None
        numbers: dict[int, Array] = {}
        texts: dict[str, NDArray[np.object_]] = {}
        bad = np.zeros(lines.size, dtype=bool)
        for place, column in enumerate(self._columns):
            if place not in raw:
                continue
            if column.role == "time" and time is None and self.clock is not None:
                time = self.clock.seconds(raw[place])
            elif column.role in TEXTS:
                found = _texts(raw[place])
                if column.role == "class":
                    found = np.array([self._classes.named(text) for text in found], dtype=object)
                texts[column.role] = found
            elif column.role:
                numbers[place], wrong = self._numbers(place, column, raw[place], lines)
                bad |= wrong
            elif _is_text(raw[place]):
                texts[column.name] = _texts(raw[place])
        if time is not None and self._ends:
            time = self._begun(time, numbers)
        if time is not None:
            lost = np.isnan(time)
            self._count("without a time that can be read are left out", lost, lines)
            keep = ~lost
            time, lines = time[keep], lines[keep]
            numbers = {place: each[keep] for place, each in numbers.items()}
            texts = {name: each[keep] for name, each in texts.items()}
        return Block(time=time, numbers=numbers, texts=texts, lines=lines, size=lines.size)

    def _strange(self, column: Column) -> None:
        """Brackets that should tell the unit, and do not; money that is not US dollars."""
        if column.unit in _FOREIGN:
            self._tally.note(
                f"{column.name!r} is in {_FOREIGN[column.unit]}, not converted: read $ as that"
            )
        texts = [text for text in words.bracketed(column.name) if 0 < len(text) <= _LONGEST_UNIT]
        if column.role in KINDS and not column.unit and texts:
            self._tally.note(
                f"{column.name!r}: {texts[0]!r} is no unit of {column.role.replace('_', ' ')} that"
                " is known here, and not used"
            )

    def _begun(self, time: Array, numbers: Mapping[int, Array]) -> Array:
        """When requests came, of a file that tells when they ended."""
        for place, values in numbers.items():
            if self._columns[place].role == "response":
                name = self._columns[place].name
                self._tally.note(f"times are of ends: requests came {name!r} before them")
                return np.asarray(time - np.where(np.isfinite(values), values, 0.0))
        return time

    def _numbers(
        self, place: int, column: Column, raw: Any, lines: NDArray[np.int64]
    ) -> tuple[Array, NDArray[np.bool_]]:
        kind = KINDS.get(column.role, "")
        values, own, wrong, example = numbers_of(raw, kind, comma=self._comma)
        if wrong.any():
            self._examples.setdefault(place, shown(example))
            why = f"have text in {column.name!r} where a number is needed"
            self._count(f"{why}, such as {self._examples[place]}", wrong, lines)
        infinite = np.isinf(values)
        values = np.where(infinite, np.nan, values)
        if column.unit == "ln":
            with np.errstate(over="ignore"):
                values = np.exp(values)
        else:
            values = np.where(own, values, values * self._factor(place, column, values[~own]))
        if column.unit == IDLE:
            values = 1.0 - values
        impossible = np.zeros(values.shape, dtype=bool)
        if column.role not in _NEGATIVE:
            impossible = values < 0
            why = f"have a negative {column.role.replace('_', ' ')} in {column.name!r}"
            self._count(f"{why}: a gap", impossible, lines)
        if column.role in ("utilization", "hit_ratio", "miss_ratio", "retention"):
            above = values > MOST_SHARE
            why = f"have a {column.role.replace('_', ' ')} above 100 % in {column.name!r}: a gap"
            self._count(why, above, lines)
            impossible |= above
        self._count(f"have an infinite value in {column.name!r}: a gap", infinite, lines)
        return np.where(impossible, np.nan, values), wrong

    def _factor(self, place: int, column: Column, values: Array) -> float:
        """What one unit is in SI; a share without a unit is in per cent if it has to be."""
        if place in self._factors:
            return self._factors[place]
        factor, kind = words.UNITS.get(column.unit, (1.0, ""))
        known = values[np.isfinite(values)]
        if KINDS.get(column.role) == "share":
            large = bool(known.size) and float(np.quantile(known, 0.99)) > 1.5
            if not column.unit and large:
                factor = 0.01
                self._tally.note(f"{column.name!r} is in per cent: it has values above 1.5")
            elif factor == 1.0 and column.unit and large:
                factor = 0.01
                self._tally.note(f"{column.name!r} is in per cent whatever its name says")
        elif KINDS.get(column.role) == "time" and not column.unit and known.size:
            factor = self._time_factor(column, known)
        elif column.role == "response" and kind == "":
            factor = 1.0
        self._factors[place] = factor
        return factor

    def _time_factor(self, column: Column, known: Array) -> float:
        """Times without a unit: seconds, or milliseconds where seconds would be absurd."""
        middle = float(np.median(known))
        if column.role.startswith("response") or column.role == "service_time":
            if middle > 5.0:
                self._tally.note(
                    f"{column.name!r} has no unit: taken as milliseconds (as seconds its middle"
                    f" would be {middle:,.0f} s)"
                )
                return 1e-3
            self._tally.note(f"{column.name!r} has no unit: taken as seconds")
        return 1.0

    def _count(self, why: str, which: NDArray[np.bool_], lines: NDArray[np.int64]) -> None:
        if which.any():
            self._tally.add(why, int(which.sum()), int(lines[np.argmax(which)]))


def _texts(raw: Any) -> NDArray[np.object_]:
    import pandas as pd

    column = pd.Series(raw)
    return column.where(column.notna(), "").astype(str).to_numpy(dtype=object)


def _is_text(raw: Any) -> bool:
    import pandas as pd

    column = pd.Series(raw)
    return column.dtype == object or pd.api.types.is_string_dtype(column.dtype)
