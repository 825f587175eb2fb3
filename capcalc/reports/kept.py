"""Objectives beside what is: times, and shares of time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from capcalc.reports.document import Column, Table, yes
from capcalc.units import format as human

COLUMNS = (
    Column(name="request_class", head="objective"),
    Column(name="measure", head="measure"),
    Column(name="limit", head="limit"),
    Column(name="value", head="value"),
    Column(name="met", head="kept", show=yes),
)


def table(records: Sequence[Mapping[str, Any]]) -> Table:
    """For people: limit and value in words."""
    return Table(
        name="objectives",
        title="Objectives",
        columns=COLUMNS,
        rows=[_row(each) for each in records],
    )


def _row(record: Mapping[str, Any]) -> dict[str, Any]:
    show = _percent if record["measure"] == "availability" else human.duration
    shown = {key: record[key] for key in ("limit", "value")}
    return {**record, **{key: None if v is None else show(v) for key, v in shown.items()}}


def _percent(share: float) -> str:
    return human.share(share, 6)
