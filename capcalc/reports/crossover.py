"""A `Crossover` as a document: the map in characters, the break-even line, and a picture."""

from __future__ import annotations

from math import log2
from typing import Any

from capcalc.reports.document import Column, Document, Section, Table
from capcalc.reports.plots.maps import Row, Stretch, drawing
from capcalc.results.crossover import MARKS, Crossover
from capcalc.units import format as human

LEGEND = {
    "today": "today's machines do",
    "vertical": "vertical is cheaper",
    "horizontal": "horizontal is cheaper",
    "same": "both cost the same",
    "only_vertical": "only vertical does",
    "only_horizontal": "only horizontal does",
    "neither": "neither does",
}


def _times(value: Any) -> str:
    return f"x{human.significant(float(value))}"


TURNS = (
    Column(name="load_from", head="load from", show=_times),
    Column(name="load_to", head="to", show=_times),
    Column(name="says", head="at today's limits"),
)


def document(found: Crossover) -> Document:
    """The map, the line of today's limits, what both say, and how to read them."""
    map_ = Table(
        name="map",
        title="Which way is cheaper: load to the right, looser limits down",
        columns=(
            Column(name="strictness", head="limits", show=_times),
            Column(name="marks", head=_axis(found)),
            Column(name="limits", head="which are"),
        ),
        rows=[
            {"strictness": float(strictness), "marks": marks, "limits": limits}
            for strictness, marks, limits in zip(
                found.strictness, found.marks(), found.limits, strict=True
            )
        ],
    )
    lines = _stretches(found)
    turns = Table(name="line", title="The break-even line", columns=TURNS, rows=lines)
    return Document(
        title=f"{found.name}: {headline(found)}",
        tables=[map_, turns] if lines else [map_],
        sections=[
            Section(title="What it says", sentences=found.sentences),
            Section(title="Left out, being out of reach of every plan", sentences=found.waived),
            Section(title="How to read this", sentences=_how(found)),
        ],
        flat=Table(name="cells", title="", columns=_flat(), rows=list(found.rows())),
        data=_data(found),
    )


def headline(found: Crossover) -> str:
    """One line to take away."""
    what = "latency limits" if found.varied == "latency" else "limits on its utilization"
    return f"{found.tier}, bigger machines against more of them, over load and {what}"


def _axis(found: Crossover) -> str:
    """The powers of two over their columns."""
    line = [" "] * (len(found.load_factors) + 3)
    for at, load in enumerate(found.load_factors):
        power = log2(load)
        if abs(power - round(power)) < 1e-9:
            label = f"{load:g}".removeprefix("0")
            if "".join(line[at : at + len(label) + 1]).strip() == "" and not line[at - 1].strip():
                line[at : at + len(label)] = label
    return "".join(line).rstrip() or "load"


def _how(found: Crossover) -> tuple[str, ...]:
    used = [name for name in MARKS if (found.cheaper == name).any()]
    marks = ", ".join(f"{MARKS[name]} {LEGEND[name]}" for name in used)
    return (
        marks,
        (
            "vertical: as many hosts as today, each as large or larger; horizontal: more hosts of "
            "today's kind; all limits kept, after each failure to be survived too"
        ),
        (
            "every other tier is at its largest, so that only this one can end a way; latency is "
            "taken to get only worse with load"
        ),
    )


def _stretches(found: Crossover) -> list[dict[str, Any]]:
    """The line of today's limits as stretches of load."""
    turns = [turn for turn in found.turns if turn.strictness == 1.0]
    rows: list[dict[str, Any]] = []
    start = None
    for turn in turns:
        rows.append({"load_from": start, "load_to": turn.load_factor, "says": LEGEND[turn.before]})
        start = turn.load_factor
    if turns:
        rows.append({"load_from": start, "load_to": None, "says": LEGEND[turns[-1].after]})
    return rows


def _flat() -> tuple[Column, ...]:
    names = (
        *("tier", "varied", "load_factor", "strictness", "limits", "cheaper"),
        *("vertical", "horizontal", "vertical_cost", "horizontal_cost", "saves", "unit"),
    )
    return tuple(Column(name=name, head=name) for name in names)


def _data(found: Crossover) -> dict[str, Any]:
    return {
        "name": found.name,
        "tier": found.tier,
        "varied": found.varied,
        "load_factors": found.load_factors,
        "strictness": found.strictness,
        "limits": found.limits,
        "cells": list(found.rows()),
        "break_even_lines": [
            {
                "strictness": turn.strictness,
                "load_factor": turn.load_factor,
                "before": turn.before,
                "after": turn.after,
            }
            for turn in found.turns
        ],
        "waived": found.waived,
        "sentences": found.sentences,
    }


#: Colours that stay apart for people who see fewer of them (Okabe and Ito, 2008), light for what
#: is a matter of price, dark for what is the only way.
COLORS = {
    "today": "#eeeeee",
    "vertical": "#f0b27a",
    "horizontal": "#85c1e9",
    "same": "#c8d6af",
    "only_vertical": "#d55e00",
    "only_horizontal": "#0072b2",
    "neither": "#555555",
}


def svg(found: Crossover) -> str:
    """The map as a picture, stretches of load with their exact ends."""
    span = float(found.load_factors.min()), float(found.load_factors.max())
    rows = [
        Row(
            name=f"limits {_times(strictness)}",
            stretches=_row(found, at, span),
            marked=bool(strictness == 1.0),
        )
        for at, strictness in enumerate(found.strictness)
    ]
    title = f"{found.name}: {headline(found)}"
    return str(drawing(rows, title=title, span=span, colors=COLORS, legend=LEGEND))


def _row(found: Crossover, at: int, span: tuple[float, float]) -> list[Stretch]:
    turns = [turn for turn in found.turns if turn.strictness == found.strictness[at]]
    if not turns:
        what = str(found.cheaper[at, 0])
        return [Stretch(start=span[0], end=span[1], what=what, title=LEGEND[what])]
    ends = [span[0], *(turn.load_factor for turn in turns), max(span[1], turns[-1].load_factor)]
    names = [*(turn.before for turn in turns), turns[-1].after]
    return [
        Stretch(
            start=start,
            end=end,
            what=what,
            title=f"{found.limits[at]}, {_times(start)} to {_times(end)}: {LEGEND[what]}",
        )
        for start, end, what in zip(ends[:-1], ends[1:], names, strict=True)
    ]
