"""`Relaxations` as a document: what binds, and what each requirement costs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from capcalc.reports.document import Column, Document, Section, Table, number
from capcalc.results.relaxations import Relaxations
from capcalc.units import format as human

COLUMNS = (
    Column(name="change", head="relaxed"),
    Column(name="cost_usd_per_month", head="$/month then", show=human.dollars),
    Column(name="unpriced_servers", head="unpriced servers", show=number),
    Column(name="saves_usd_per_month", head="saves", show=human.dollars),
    Column(name="choice", head="machines then"),
)
FLAT = (
    Column(name="kind", head="kind"),
    *COLUMNS[:4],
    Column(name="fewer_servers", head="fewer servers"),
    COLUMNS[4],
    Column(name="sentence", head="sentence"),
)
HOW = (
    (
        "Each row relaxes one requirement, keeps all others, and is the cheapest plan then "
        "(at most 64 hosts a tier)."
    ),
)


def document(found: Relaxations) -> Document:
    """What no plan keeps, and the price of each change."""
    title = "What each requirement costs" if found.feasible else "What would make it feasible"
    rows = list(found.rows())
    tables = [
        Table(
            name="relaxations",
            title=title,
            columns=COLUMNS,
            rows=[{**row, "unpriced_servers": row["unpriced_servers"] or None} for row in rows],
        )
    ]
    return Document(
        title=f"{found.name}: {headline(found)}",
        tables=tables if rows else (),
        sections=[
            Section(title="What binds, with every tier at its largest", sentences=found.binds),
            Section(title="In words", sentences=[*found.notes, *(e.sentence for e in found.found)]),
            Section(title="How to read this", sentences=HOW if rows else ()),
        ],
        flat=Table(name="relaxations", title="", columns=FLAT, rows=rows),
        data=_data(found),
    )


def headline(found: Relaxations) -> str:
    """One line to take away."""
    if found.feasible:
        cost = "" if found.cost is None else f" at {human.dollars(found.cost)} per month"
        return f"everything can be kept{cost}"
    if not found.found:
        return "no plan keeps everything"
    return f"no plan keeps everything; cheapest way out: {found.found[0].sentence}"


def _data(found: Relaxations) -> dict[str, Any]:
    return {
        "name": found.name,
        "feasible": found.feasible,
        "cost_usd_per_month": found.cost,
        "binds": found.binds,
        "relaxations": [asdict(each) for each in found.found],
        "notes": found.notes,
    }
