"""What a report holds, before any format: tables of raw values, and sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite, isnan
from typing import Any

from capcalc.units import format as human


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: its name in CSV and JSON, its head in a table, how a person reads a value."""

    name: str
    head: str
    show: Callable[[Any], str] = str
    unit: str = ""

    @property
    def csv_name(self) -> str:
        """The name with its unit."""
        return f"{self.name}_{self.unit}" if self.unit else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of raw values by column name; a missing value is None."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, Any]]

    def cells(self) -> list[list[str]]:
        """All cells as a person reads them."""
        return [
            [shown(row.get(column.name), column) for column in self.columns] for row in self.rows
        ]

    def filled(self) -> Table:
        """The table without columns that are empty in every row."""
        used = [c for c in self.columns if any(row.get(c.name) is not None for row in self.rows)]
        return Table(name=self.name, title=self.title, columns=used, rows=self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading and its sentences."""

    title: str
    sentences: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Everything that a format may show.

    ``tables`` and ``sections`` are for people, ``flat`` is the CSV, ``data`` the JSON.
    """

    title: str
    tables: Sequence[Table] = ()
    sections: Sequence[Section] = ()
    flat: Table
    data: Mapping[str, Any] = field(default_factory=dict)


def shown(value: Any, column: Column) -> str:
    """One cell."""
    if value is None:
        return ""
    if isinstance(value, float) and (isnan(value) or not isfinite(value)):
        return human.significant(value)
    return column.show(value)


def yes(value: Any) -> str:
    """A truth value."""
    return "yes" if value else "NO"


def number(value: Any) -> str:
    """A plain number."""
    return human.significant(float(value), 4)
