"""The cells of an instance table: what each has to be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite, nan
from typing import Any

from capcalc.errors import Problem
from capcalc.scenarios.words import did_you_mean, dotted, nearest, shown

NEEDED = ("instance", "vcpus", "price_usd_per_hour")
COLUMNS = (*NEEDED, "family", "physical_cores", "memory_gib", "speed", "term", "region", "as_of")
_POSITIVE = ("vcpus", "price_usd_per_hour", "physical_cores", "memory_gib", "speed")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table, its cells by column name."""

    file: str
    line: int
    cells: dict[str, Any]

    def text(self, column: str) -> str:
        """A cell without the blanks around it; empty where it is missing."""
        return str(self.cells.get(column) or "").strip()

    def number(self, column: str, otherwise: float = nan) -> float:
        """A cell as a number; ``otherwise`` where it is empty, ``nan`` where it is none."""
        try:
            return float(self.text(column) or otherwise)
        except ValueError:
            return nan

    @property
    def instance(self) -> str:
        """The name of the instance type."""
        return self.text("instance")

    @property
    def family(self) -> str:
        """The family given, else the part of the name before the dot."""
        return self.text("family") or self.instance.partition(".")[0]

    @property
    def term(self) -> str:
        """How it is paid for."""
        return self.text("term") or "on_demand"

    def problem(self, column: str, message: str, hint: str = "") -> Problem:
        """A problem with one cell."""
        return Problem(file=self.file, line=self.line, key=column, message=message, hint=hint)


def header_problems(header: list[str], file: str) -> list[Problem]:
    """Columns that are missing; the nearest that is there, if it looks like a slip."""
    names = [name.strip() for name in header]
    missing = [name for name in NEEDED if name not in names]
    unknown = [name for name in names if name not in COLUMNS]
    if missing:  # perhaps no table at all: its text stays out of the message
        unknown = [name for name in unknown if nearest(name, missing)]
    hint = f"needed are {', '.join(NEEDED)}"
    return [
        Problem(file=file, line=1, key=name, message="this column is missing", hint=hint)
        for name in missing
    ] + [
        Problem(
            file=file,
            line=1,
            key=dotted((name,)),
            message="unknown column",
            hint=did_you_mean(name, COLUMNS),
        )
        for name in unknown
    ]


def row_problems(rows: list[Row]) -> list[Problem]:
    """All cells that are missing, no numbers, not positive, and all instances given twice."""
    return [*(problem for row in rows for problem in _cell_problems(row)), *_twice(rows)]


def _cell_problems(row: Row) -> Iterator[Problem]:
    if None in row.cells:
        yield row.problem("", "the row has more cells than the table has columns")
    for column in NEEDED:
        if not row.text(column):
            yield row.problem(column, "the cell is empty", "every instance needs one")
    for column in _POSITIVE:
        value = row.number(column, otherwise=1.0)
        if not (isfinite(value) and value > 0):
            yield row.problem(column, f"{shown(row.text(column))} is not a number above 0")


def _twice(rows: list[Row]) -> Iterator[Problem]:
    first: dict[tuple[str, str], int] = {}
    for row in rows:
        line = first.setdefault((row.instance, row.term), row.line)
        if row.instance and line != row.line:
            message = f"{shown(row.instance)} is given twice"
            yield row.problem("instance", message, f"it stands in line {line} already")
