"""JSON: lists of records, dicts of columns, JSON lines, Prometheus and CloudWatch answers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from capcalc.results.measurements import Column
from capcalc.scenarios.measurements import cloudwatch, evidence, prometheus, roles
from capcalc.scenarios.measurements.blocks import Block, Tally
from capcalc.scenarios.measurements.classes import Told
from capcalc.scenarios.measurements.columns import Converter
from capcalc.scenarios.measurements.opening import File, refused

#: JSON is read whole; larger files have to be lines of JSON or CSV.
MOST_BYTES = 400_000_000
#: Rows of one block of JSON lines.
ROWS = 50_000
_DEEPEST_KEYS = 300


class Records:
    """Rows of named values, whatever they were written as."""

    def __init__(
        self,
        file: File,
        rows: Mapping[str, Sequence[Any]],
        told: Told,
        tally: Tally,
        form: str = "table",
        columns: Sequence[Column] | None = None,
    ) -> None:
        """Take columns by name, all of one length."""
        self.form = form
        names = list(rows)
        wrong = roles.unknown(names, told.roles)
        if wrong is not None:
            raise wrong
        known = {column.name: column for column in columns or ()}
        guessed, comma = evidence.taken(names, told.roles, list(rows.values()))
        lower = {name.lower() for name in told.roles}
        self.columns = tuple(
            known[each.name] if each.name in known and each.name.lower() not in lower else each
            for each in guessed
        )
        self._rows = [rows[name] for name in names]
        self._size = max((len(each) for each in self._rows), default=0)
        self._converter = Converter(self.columns, tally, told, comma)
        self._file = file

    @property
    def clock(self) -> bool:
        """Whether times are since 1970."""
        return self._converter.clock is not None and self._converter.clock.absolute

    def blocks(self) -> Iterator[Block]:
        """All rows."""
        for start in range(0, self._size, ROWS):
            stop = min(start + ROWS, self._size)
            raw = {
                place: np.array(list(values[start:stop]), dtype=object)
                for place, values in enumerate(self._rows)
            }
            yield self._converter.block(raw, np.arange(start + 1, stop + 1, dtype=np.int64))


class Lines:
    """One JSON object a line."""

    form = "table"

    def __init__(self, file: File, told: Told, tally: Tally) -> None:
        """Take the names from the first lines."""
        self._file, self._tally = file, tally
        first = [flat(each) for each in _objects(file.first_text().splitlines()[:-1][:200])]
        if not first:
            first = [flat(each) for each in _objects(file.first_text().splitlines()[:1])]
        names = list(dict.fromkeys(name for each in first for name in each))
        if not names:
            raise refused(file.name, "its lines are JSON without named values", line=1)
        wrong = roles.unknown(names, told.roles)
        if wrong is not None:
            raise wrong
        self._names = names
        cells = [[row.get(name) for row in first] for name in names]
        self.columns, comma = evidence.taken(names, told.roles, cells)
        self._converter = Converter(self.columns, tally, told, comma)

    @property
    def clock(self) -> bool:
        """Whether times are since 1970."""
        return self._converter.clock is not None and self._converter.clock.absolute

    def blocks(self) -> Iterator[Block]:
        """All rows."""
        rows: list[Mapping[str, Any]] = []
        lines: list[int] = []
        with self._file.text() as text:
            for number, line in enumerate(text, start=1):
                if not line.strip():
                    continue
                entry = next(_objects([line]), None)
                if entry is None:
                    self._tally.add("are no JSON object: left out", 1, number)
                    continue
                rows.append(flat(entry))
                lines.append(number)
                if len(rows) >= ROWS:
                    yield self._block(rows, lines)
                    rows, lines = [], []
        if rows:
            yield self._block(rows, lines)

    def _block(self, rows: Sequence[Mapping[str, Any]], lines: Sequence[int]) -> Block:
        raw = {
            place: np.array([row.get(name) for row in rows], dtype=object)
            for place, name in enumerate(self._names)
        }
        return self._converter.block(raw, np.array(lines, dtype=np.int64))


def document(file: File, told: Told, tally: Tally) -> Records:
    """A file that is one JSON value.

    Raises
    ------
    UsageError
        When it is broken, too large, or holds no table that is known.
    """
    if file.total_bytes > MOST_BYTES:
        raise refused(
            file.name,
            f"JSON of more than {MOST_BYTES / 1e6:,.0f} MB is not read at once",
            "write one object a line, or CSV",
        )
    tree = _tree(file)
    answer = prometheus.table(tree, file, tally) or cloudwatch.table(tree, file, tally)
    if answer is not None:
        form, rows, columns = answer
        return Records(file, rows, told, tally, form, columns)
    return Records(file, _columns(tree, file), told, tally)


def _tree(file: File) -> Any:
    with file.text() as text:
        try:
            return json.loads(text.read())
        except json.JSONDecodeError as error:
            raise refused(
                file.name, f"this is not valid JSON: {error.msg}", line=error.lineno
            ) from None
        except (RecursionError, ValueError) as error:
            raise refused(file.name, f"this JSON cannot be read: {error}") from None


def _columns(tree: Any, file: File) -> dict[str, list[Any]]:
    """Columns of a list of records, or of a dict of lists."""
    if isinstance(tree, dict):
        lists = {str(k): v for k, v in tree.items() if isinstance(v, list)}
        flat_lists = {k: v for k, v in lists.items() if not any(isinstance(e, dict) for e in v)}
        if flat_lists and len({len(each) for each in flat_lists.values()}) == 1:
            return flat_lists
        records = [each for each in lists.values() if each and isinstance(each[0], dict)]
        if len(records) == 1:
            return _columns(records[0], file)
        raise refused(
            file.name,
            "this JSON is neither a list of records nor a dict of lists of one length",
            'write e.g. [{"timestamp": "2026-11-01T00:00:00Z", "requests": 1200}, …]',
        )
    if not isinstance(tree, list) or not tree:
        raise refused(file.name, "this JSON holds no rows")
    rows = [flat(each) for each in tree if isinstance(each, dict)]
    if not rows:
        raise refused(file.name, "this JSON is a list of values without names")
    names = list(dict.fromkeys(name for row in rows for name in row))[:_DEEPEST_KEYS]
    return {name: [row.get(name) for row in rows] for name in names}


def flat(entry: Mapping[str, Any], prefix: str = "", depth: int = 0) -> dict[str, Any]:
    """Nested objects as names with dots; lists are left out."""
    found: dict[str, Any] = {}
    for name, value in entry.items():
        if isinstance(value, dict) and depth < 4:
            found |= flat(value, f"{prefix}{name}.", depth + 1)
        elif not isinstance(value, list | dict):
            found[f"{prefix}{name}"] = value
    return found


def _objects(lines: Sequence[str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(entry, dict):
            yield entry
