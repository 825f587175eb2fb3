"""Instance tables: a CSV file, checked, as the model's catalogue of arrays."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from io import StringIO
from pathlib import Path

import numpy as np

from capcalc.errors import Problem, ScenarioError, UsageError
from capcalc.model.catalogue import Catalogue
from capcalc.scenarios.cells import Row, header_problems, row_problems
from capcalc.scenarios.document import in_order
from capcalc.scenarios.nodes import MOST_BYTES, decode
from capcalc.scenarios.words import did_you_mean, shown

_FOLDER = Path(__file__).parent / "data"
_GIB = 2.0**30


@cache
def builtin_names() -> tuple[str, ...]:
    """Names of the tables that come with capcalc."""
    found = (entry.name for entry in _FOLDER.iterdir())
    return tuple(sorted(name.removesuffix(".csv") for name in found if name.endswith(".csv")))


def read_catalogue(source: str | Path, folder: Path | None = None) -> Catalogue:
    """Read an instance table.

    Parameters
    ----------
    source : str or Path
        A built-in table's name (``aws-us-east-1``) or the path of a CSV file with at least the
        columns ``instance``, ``vcpus`` and ``price_usd_per_hour``; ``family``, ``memory_gib``,
        ``speed``, ``term``, ``region`` and ``as_of`` are read where they are given.
    folder : Path, optional
        Where a relative path starts; the working directory if not given.

    Returns
    -------
    Catalogue
        The on-demand rows, in the order of the table.

    Raises
    ------
    ScenarioError
        When the table cannot be read: each problem with its line and column.
    """
    if str(source) in builtin_names():
        return _builtin(str(source))
    path = (folder or Path()) / source
    return _parsed(decode(_content(path, source), str(source)), str(source))


@cache
def _builtin(name: str) -> Catalogue:
    return _parsed((_FOLDER / f"{name}.csv").read_text(encoding="utf-8"), name)


def _content(path: Path, source: str | Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except (OSError, ValueError):
        known = did_you_mean(str(source), builtin_names(), "the built-in table is")
        message = f"there is no instance table {shown(str(source))}"
        raise UsageError(Problem(message=message, hint=known)) from None


def _parsed(text: str, name: str) -> Catalogue:
    rows = [row for row in _rows(text, name) if row.term == "on_demand"]
    if not rows:
        raise ScenarioError(Problem(file=name, message="the table has no on-demand row"))
    return _catalogue(rows, name)


def _rows(text: str, name: str) -> Iterator[Row]:
    try:
        lines = list(csv.DictReader(StringIO(text), strict=True))
    except csv.Error as error:
        raise ScenarioError(Problem(file=name, message=f"this is not CSV: {error}")) from None
    reader = csv.reader(StringIO(text))
    found = header_problems(next(reader, []), name)
    rows = [Row(name, number + 2, cells) for number, cells in enumerate(lines)]
    found = found or row_problems(rows)
    if found:
        raise ScenarioError(in_order(found))
    yield from rows


def _catalogue(rows: list[Row], name: str) -> Catalogue:
    return Catalogue(
        instance=tuple(row.instance for row in rows),
        family=tuple(row.family for row in rows),
        vcpus=np.array([row.number("vcpus") for row in rows]),
        memory=np.array([row.number("memory_gib", np.nan) * _GIB for row in rows]),
        price=np.array([row.number("price_usd_per_hour") for row in rows]),
        speed=np.array([row.number("speed", 1.0) for row in rows]),
        region=rows[0].text("region"),
        term=rows[0].term,
        as_of=max(row.text("as_of") for row in rows),
        source=name,
    )
