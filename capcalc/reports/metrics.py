"""How a file of measurements was read, for `fit` and `validate`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from capcalc.reports.document import Column, Section, Table
from capcalc.results.measurements import Measurements
from capcalc.units import format as human

#: Columns of a file that are shown; a file may have thousands.
MOST_COLUMNS = 40


def tables(measurements: Sequence[Measurements]) -> Iterator[Table]:
    """One table a file: what each column was taken for, and why."""
    columns = (
        Column(name="column", head="column"),
        Column(name="role", head="taken for"),
        Column(name="tier", head="tier"),
        Column(name="host", head="host"),
        Column(name="label", head="class or resource"),
        Column(name="unit", head="unit"),
        Column(name="why", head="because"),
    )
    for each in measurements:
        rows = [
            {
                "column": column.name,
                "role": column.role.replace("_", " ") if column.role else "nothing",
                "tier": column.tier or None,
                "host": column.host or None,
                "label": column.label or None,
                "unit": column.unit or None,
                "why": column.why or ("guessed" if column.guessed else "told"),
            }
            for column in each.columns[:MOST_COLUMNS]
        ]
        yield Table(name="columns", title=_title(each), columns=columns, rows=rows)


def _title(each: Measurements) -> str:
    parts = [f"{each.source}: {each.form}, {each.rows:,} rows"]
    if each.time is not None and len(each.time):
        parts.append(f"{len(each.time):,} intervals")
        if each.step:
            parts.append(f"of {human.duration(each.step)}")
        if each.clock:
            ends = (_date(float(at)) for at in (each.time[0], each.time[-1]))
            parts.append(f"from {' to '.join(ends)} UTC")
    more = len(each.columns) - MOST_COLUMNS
    if more > 0:
        parts.append(f"the first {MOST_COLUMNS} of {len(each.columns):,} columns")
    return ", ".join(parts)


def _date(seconds: float) -> str:
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M}"
    except (OverflowError, OSError, ValueError):
        return f"{seconds:,.0f} s"


def section(measurements: Sequence[Measurements]) -> Section:
    """What was dropped or mended, and what was assumed."""
    sentences = []
    for each in measurements:
        for dropped in each.dropped:
            where = "" if dropped.first_line is None else f", first in line {dropped.first_line:,}"
            rows = "row" if dropped.rows == 1 else "rows"
            sentences.append(f"{each.source}: {dropped.rows:,} {rows} {dropped.why}{where}")
        sentences += [f"{each.source}: {note}" for note in each.notes]
    return Section(title="How the files were read", sentences=sentences)


def data(measurements: Sequence[Measurements]) -> list[dict[str, Any]]:
    """The same for JSON."""
    return [
        {
            "source": each.source,
            "form": each.form,
            "rows": each.rows,
            "intervals": None if each.time is None else len(each.time),
            "step": each.step,
            "columns": [
                {
                    "name": column.name,
                    "role": column.role or None,
                    "tier": column.tier or None,
                    "host": column.host or None,
                    "label": column.label or None,
                    "unit": column.unit or None,
                    "guessed": column.guessed,
                    "why": column.why,
                }
                for column in each.columns
            ],
            "dropped": [
                {"rows": dropped.rows, "why": dropped.why, "first_line": dropped.first_line}
                for dropped in each.dropped
            ],
            "notes": list(each.notes),
        }
        for each in measurements
    ]
