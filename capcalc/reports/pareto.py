"""A `Pareto` as a document: one table a front, cheapest first."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from capcalc.reports.document import Column, Document, Section, Table, number
from capcalc.results.pareto import Pareto
from capcalc.units import format as human

COLUMNS = (
    Column(name="cost_usd_per_month", head="$/month", show=human.dollars),
    Column(name="unpriced_servers", head="unpriced servers", show=number),
    Column(name="p99", head="p99", show=human.duration, unit="s"),
    Column(name="headroom", head="headroom", show=lambda value: f"x{human.significant(value)}"),
    Column(name="choice", head="machines"),
)
FLAT = (Column(name="front", head="front"), Column(name="bound", head="bound"), *COLUMNS)
TITLES = {
    "p99": "Cost against p99: the cheapest plan for each",
    "headroom": "Cost against headroom: the cheapest plan for each",
}
HOW = (
    (
        "Every row is the cheapest plan that keeps all limits and is as good; there may be more "
        "plans between two rows."
    ),
    (
        "p99: the worst of the classes with an objective; headroom: the factor on the load at "
        "which the first station saturates. Both today, with everything up."
    ),
)


def document(pareto: Pareto) -> Document:
    """Both fronts, and what their first steps buy."""
    return Document(
        title=f"{pareto.name}: {headline(pareto)}",
        tables=[
            Table(
                name=front,
                title=title,
                columns=COLUMNS,
                rows=[
                    {**row, "unpriced_servers": row["unpriced_servers"] or None}
                    for row in pareto.rows()
                    if row["front"] == front
                ],
            )
            for front, title in TITLES.items()
            if pareto.front(front)
        ],
        sections=[
            Section(title="What more buys", sentences=pareto.sentences),
            Section(title="How to read this", sentences=HOW if pareto.points else ()),
        ],
        flat=Table(name="pareto", title="", columns=FLAT, rows=list(pareto.rows())),
        data=_data(pareto),
    )


def headline(pareto: Pareto) -> str:
    """One line to take away."""
    if not pareto.points:
        return "no plan was found"
    left = " (but for what is out of reach: see advise)" if pareto.nearest else ""
    return f"what less latency and more headroom cost{left}"


def _data(pareto: Pareto) -> dict[str, Any]:
    return {
        "name": pareto.name,
        "fastest_p99": pareto.fastest,
        "nearest": pareto.nearest,
        "points": [asdict(point) for point in pareto.points],
        "sentences": pareto.sentences,
    }
