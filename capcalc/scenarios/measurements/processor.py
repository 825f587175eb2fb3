"""Columns that split a processor's time, as sar, mpstat, vmstat and top print it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from capcalc.results.measurements import Column
from capcalc.scenarios.measurements import words

__all__ = ["IDLE", "whole"]

#: The unit of a share in per cent of which the rest was work.
IDLE = "% idle"
_IDLE = frozenset(["idle", "id", "%idle"])
_PARTS = _IDLE | {
    *("user", "usr", "us", "%user", "%usr", "system", "sys", "sy", "%system", "%sys"),
    *("nice", "ni", "%nice", "iowait", "wa", "wait", "%iowait", "steal", "st", "%steal"),
    *("irq", "soft", "softirq", "hi", "si", "guest", "%irq", "%soft", "%guest", "gnice", "%gnice"),
}
#: Parts that a table has to have to be taken for such a split.
_LEAST = 3
_OTHER = {"cpu", "percent", "pct", "time", "usage", "%"}


def whole(columns: Sequence[Column]) -> list[Column]:
    """The processor's load from what was idle; its parts are not used on their own.

    Waiting for the disk and time stolen by other machines count as work then, as they do for who
    waits; without an idle column the parts say too little, and nothing is used.
    """
    parts = {n: part for n, each in enumerate(columns) if (part := _part(each))}
    if len(set(parts.values())) < _LEAST:
        return list(columns)
    idle = next((n for n, part in parts.items() if part in _IDLE), None)
    found = [_numbered(each) for each in columns]
    for place in parts:
        why = "a part of the processor's time"
        why += (
            "; what was idle tells the whole" if idle is not None else ": an idle column is needed"
        )
        found[place] = replace(columns[place], role="", tier="", label="", unit="", why=why)
    if idle is not None:
        found[idle] = replace(
            columns[idle],
            role="utilization",
            tier="",
            label="cpu",
            unit=IDLE,
            why="what was not idle was work",
        )
    return found


def _numbered(column: Column) -> Column:
    """Beside the parts, a column called CPU tells which processor (-1 or "all": all of them)."""
    if column.guessed and words.tokens(column.name) == ["cpu"]:
        return replace(column, role="", label="", why="which processor a row is of")
    return column


def _part(column: Column) -> str:
    """The part of the processor's time that a name tells; "" for any other column."""
    if not column.guessed:
        return ""
    said = set(words.tokens(column.name)) - _OTHER
    return next(iter(said)) if len(said) == 1 and said <= _PARTS else ""
