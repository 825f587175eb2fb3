"""What the first values of a column say of it, where its name alone would mislead."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any

import numpy as np

from capcalc.results.measurements import COUNTERS, Column
from capcalc.scenarios.measurements import roles, words
from capcalc.scenarios.measurements.blocks import Array
from capcalc.scenarios.measurements.numbers import comma_decimals, numbers_of, unit_in

__all__ = ["SAMPLE", "corrected", "taken"]

#: Values of each column that are looked at.
SAMPLE = 5_000
#: A counter never falls; so do counts of a test in steps, which has fewer rows than this.
LEAST_OF_COUNTER = 24
#: Shares above 1 that are no slip: as many of all, and at least so many.
OFTEN, SOME = 0.01, 3
_MOST_SHARE = 1.05
_RESET, _MOST_RESETS = 0.1, 0.02
_COUNTED = {counted: counter for counter, counted in COUNTERS.items() if counter != "busy_total"}
_MILLI = re.compile(r"\d+m")


def taken(
    names: Sequence[str], told: Mapping[str, str], cells: Sequence[Sequence[Any]]
) -> tuple[tuple[Column, ...], str]:
    """What the columns are, and the cell that shows a decimal comma ("" where none does).

    Parameters
    ----------
    names : sequence of str
        Of the columns.
    told : mapping of str to str
        What the user says of some of them, by name.
    cells : sequence of sequence
        The first cells of each, in the order of the file.
    """
    texts = [[cell for cell in each[:SAMPLE] if isinstance(cell, str)] for each in cells]
    units = {name: unit_in(each) for name, each in zip(names, texts, strict=False)}
    columns = tuple(roles.of_names(names, told, units))
    comma = comma_decimals(
        each for column, each in zip(columns, texts, strict=False) if column.role in roles.NUMBERS
    )
    first = [each[:SAMPLE] for each in cells]
    return tuple(corrected(columns, first, comma=bool(comma))), comma


def corrected(
    columns: Sequence[Column], cells: Sequence[Sequence[Any]], *, comma: bool = False
) -> Iterator[Column]:
    """Columns whose role was guessed, as their values have it.

    Busy time above 100 % is that of single processors, and a count that never falls is a counter.

    Parameters
    ----------
    columns : sequence of Column
        What the names say.
    cells : sequence of sequence
        The first cells of each, in the order of the file.
    comma : bool
        Whether decimals have a comma.
    """
    timed = any(column.role == "time" for column in columns)
    rows = _of_one(columns, cells)
    for place, column in enumerate(columns):
        found, every = column, cells[place] if place < len(cells) else ()
        if column.guessed and every:
            if column.role == "utilization" and column.label in ("cpu", ""):
                found = _processors(column, every, comma)
            elif column.role == "servers":
                found = _at_work(column, every, comma)
            elif column.role in (*_COUNTED, *_COUNTED.values()) and timed:
                found = _counter(column, [every[row] for row in rows if row < len(every)], comma)
        yield found


def _of_one(columns: Sequence[Column], cells: Sequence[Sequence[Any]]) -> list[int]:
    """Rows of the first host (tier, class) that is named; all where none is."""
    named = [
        each
        for column, each in zip(columns, cells, strict=False)
        if column.role in ("host", "tier", "class")
    ]
    size = max(map(len, cells), default=0)
    keys = list(zip_longest(*named)) if named else [()] * size
    return [row for row, key in enumerate(keys) if key == keys[0]]


def _processors(column: Column, cells: Sequence[Any], comma: bool) -> Column:
    """Cores at work, where the name says only how busy the processor was."""
    filled = [str(cell).strip() for cell in cells if cell is not None and str(cell).strip()]
    if filled and sum(bool(_MILLI.fullmatch(cell)) for cell in filled) > 0.8 * len(filled):
        return _of_cores(column, "millicores", "its cells are of thousandths of a core")
    if not column.unit:
        return column
    values = _values(cells, "share", comma) * words.UNITS[column.unit][0]
    above = values > _MOST_SHARE
    if above.sum() < SOME or above.mean() <= OFTEN or column.unit not in _PER_CENT:
        return column
    why = f"it is up to {float(values.max()):,.0%}: per cent of one core, as top counts it"
    return _of_cores(column, column.unit, why)


_PER_CENT = ("%", "pct", "percent", "percentage")


def _at_work(column: Column, cells: Sequence[Any], comma: bool) -> Column:
    """Cores of which there are fractions are those at work."""
    values = _values(cells, "", comma)
    if (values % 1 > 0).sum() < SOME or not words.tokens(column.name).count("cpu"):
        return column
    return replace(column, role="busy_servers", why=f"{column.why}; with fractions: cores at work")


def _of_cores(column: Column, unit: str, why: str) -> Column:
    return replace(column, role="busy_servers", unit=unit, why=f"{column.why}; {why}")


def _counter(column: Column, cells: Sequence[Any], comma: bool) -> Column:
    """A count of each interval, or one since some start."""
    named = column.role in _COUNTED and words.tokens(column.name)[-1:] == ["total"]
    if named:
        why = f"{column.why}; a name that ends in total is that of a counter"
        column = replace(column, role=_COUNTED[column.role], why=why)
    counter, known = column.role in COUNTERS, _values(cells, "", comma)
    moves = np.diff(known)
    if moves.size < (1 if counter else LEAST_OF_COUNTER - 1):
        return column
    falls = moves < 0
    resets = falls & (known[1:] <= _RESET * known[:-1])
    if counter and falls.mean() > OFTEN and falls.sum() >= SOME and falls.sum() > resets.sum():
        why = "its values go up and down, so that it is no counter"
        return replace(column, role=COUNTERS[column.role], why=f"{column.why}; {why}")
    if counter or (falls & ~resets).any() or resets.mean() > _MOST_RESETS:
        return column
    if (moves > 0).mean() < 0.5:
        return column
    why = (
        "it never falls: a counter since some start (if not, tell --column"
        f" '{column.name}={column.role}')"
    )
    return replace(column, role=_COUNTED[column.role], why=f"{column.why}; {why}")


def _values(cells: Sequence[Any], kind: str, comma: bool) -> Array:
    values = numbers_of(np.array(cells, dtype=object), kind, comma=comma).values
    return values[np.isfinite(values)]
