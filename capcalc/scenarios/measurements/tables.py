"""Tables of text (CSV and its relatives), block by block."""

from __future__ import annotations

import csv
import re
import warnings
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

import numpy as np

from capcalc.results.measurements import Column
from capcalc.scenarios.measurements import evidence, roles
from capcalc.scenarios.measurements.blocks import Block, Tally
from capcalc.scenarios.measurements.classes import Told
from capcalc.scenarios.measurements.columns import Converter
from capcalc.scenarios.measurements.opening import LONGEST_LINE, File, refused

#: Rows of one block.
ROWS = 100_000
#: More columns than this are no table of measurements.
MOST_COLUMNS = 5_000
_SKIPPED = re.compile(r"Skipping line (\d+)")


class Table:
    """A table with a line of names."""

    form = "table"

    def __init__(self, file: File, told: Told, tally: Tally) -> None:
        """Read the names and guess the roles."""
        self._file, self._tally = file, tally
        self._comma, self._skip, self.names = _head(file)
        wrong = roles.unknown(self.names, told.roles)
        if wrong is not None:
            raise wrong
        cells = _first_cells(file, self._comma, self._skip)
        self.columns: tuple[Column, ...]
        self.columns, self._decimal = evidence.taken(self.names, told.roles, cells)
        self._converter = Converter(self.columns, tally, told, self._decimal)

    @property
    def clock(self) -> bool:
        """Whether times are since 1970."""
        return self._converter.clock is not None and self._converter.clock.absolute

    def blocks(self) -> Iterator[Block]:
        """All rows."""
        import pandas as pd

        line = self._skip + 2
        with self._file.text() as text, warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            try:
                reader: Any = pd.read_csv(
                    text,
                    sep=self._comma,
                    skiprows=self._skip,
                    chunksize=ROWS,
                    header=0,
                    names=list(range(len(self.names))),
                    on_bad_lines="warn",
                    skipinitialspace=True,
                    low_memory=False,
                    index_col=False,
                    skip_blank_lines=True,
                    # with a decimal comma 1.234 is no fraction: nothing is turned to numbers here
                    dtype=str if self._decimal else None,
                )
                for chunk in reader:
                    lines = np.arange(line, line + len(chunk), dtype=np.int64)
                    line += len(chunk)
                    self._ragged(told)
                    yield self._converter.block({int(n): chunk[n].to_numpy() for n in chunk}, lines)
            except (pd.errors.ParserError, pd.errors.EmptyDataError, csv.Error) as error:
                message = " ".join(str(error).split())
                raise refused(self._file.name, f"this is no table: {message}") from None
            self._ragged(told)

    def _ragged(self, told: list[warnings.WarningMessage]) -> None:
        for warning in told:
            for number in _SKIPPED.findall(str(warning.message)):
                self._tally.add("have more cells than there are columns: left out", 1, int(number))
        told.clear()


def _head(file: File) -> tuple[str, int, list[str]]:
    """The separator, lines before the names, and the names."""
    text = file.first_text()
    if "\n" not in text and "\r" not in text and len(text) >= LONGEST_LINE:
        raise refused(file.name, "its first line is longer than 1 MB: this is no table")
    lines = text.splitlines()
    skip = next((n for n, each in enumerate(lines) if each.strip() and not each.startswith("#")), 0)
    comma = _separator(lines[skip : skip + 20])
    if skip and _is_head(lines[skip - 1], lines[skip], comma):
        skip -= 1
        lines[skip] = lines[skip].lstrip("# ")
    told = _of_console(lines, skip, comma)
    if told is not None:
        return comma, *told
    names = next(iter(csv.reader([lines[skip]], delimiter=comma)), [])
    if len(names) > MOST_COLUMNS or (len(lines) == 1 and len(text) >= 65_000):
        raise refused(
            file.name, f"it has more than {MOST_COLUMNS:,} columns", "export the ones that matter"
        )
    if names and all(_is_number(name) for name in names):
        raise refused(
            file.name,
            "its first line has numbers where the columns' names should be",
            "add a line with names, e.g. timestamp,requests,cpu_percent",
            line=skip + 1,
        )
    return comma, skip, [name.strip() for name in _once(names)]


def _is_head(comment: str, row: str, comma: str) -> bool:
    """Whether the comment before the first row has its names: "# hostname;interval;%user"."""
    names, cells = (next(csv.reader([line], delimiter=comma), []) for line in (comment, row))
    numbers = sum(_is_number(cell) for cell in cells)
    return len(names) == len(cells) > 1 and numbers > 0 and not any(map(_is_number, names))


def _first_cells(file: File, comma: str, skip: int) -> list[tuple[str, ...]]:
    """The first cells of each column, which show how its numbers are written."""
    text = file.first_text()
    lines = text.splitlines()[skip + 1 : None if text.endswith(("\n", "\r")) else -1]
    rows = csv.reader(lines[: evidence.SAMPLE], delimiter=comma)
    try:
        return list(zip_longest(*rows, fillvalue=""))
    except csv.Error:
        return []


def _of_console(lines: list[str], skip: int, comma: str) -> tuple[int, list[str]] | None:
    """A download from CloudWatch's console: rows about the metrics, then times and values."""
    cells = [next(iter(csv.reader([line], delimiter=comma)), []) for line in lines[:40]]
    if not cells[skip : skip + 1] or cells[skip][0].strip().lower() not in _ABOUT:
        return None
    labels = next((row[1:] for row in cells if row and row[0].strip().lower() == "label"), None)
    first = next(
        (n for n, row in enumerate(cells) if row and re.match(r"\d{4}[-/]\d", row[0])), None
    )
    if first is None or first == 0:
        return None
    names = labels or cells[skip][1:]
    return first - 1, ["timestamp", *(name.strip() for name in _once(names))]


_ABOUT = ("full label", "label", "id", "account id")


def _separator(lines: list[str]) -> str:
    """The one that every line has as often as the first."""
    best, most = ",", 0
    for comma in (",", ";", "\t", "|"):
        counts = [
            len(next(iter(csv.reader([each], delimiter=comma)), [])) - 1
            for each in lines
            if each.strip()
        ]
        even = (
            counts
            and counts[0] > 0
            and sum(count == counts[0] for count in counts) >= 0.6 * len(counts)
        )
        if even and counts[0] > most:
            best, most = comma, counts[0]
    return best


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _once(names: list[str]) -> list[str]:
    """Names that stand twice get a number."""
    seen: dict[str, int] = {}
    found = []
    for place, raw in enumerate(names):
        name = raw.strip() or f"column {place + 1}"
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return found
