"""A `GateReport` as a document: broken gates first, one line each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from capcalc.reports.document import Column, Document, Section, Table
from capcalc.results.gates import Change, Gate, GateReport
from capcalc.units import format as human

VERDICTS = {True: "kept", False: "BROKEN", None: "no verdict"}
PEOPLE = (
    Column(name="verdict", head="verdict"),
    Column(name="gate", head="gate"),
    Column(name="subject", head="of"),
    Column(name="state", head="when"),
    Column(name="says", head="what is"),
)
FLAT = (
    *(Column(name=name, head=name) for name in ("gate", "subject", "state", "verdict")),
    Column(name="value", head="value"),
    Column(name="limit", head="limit"),
    Column(name="path", head="path"),
    Column(name="says", head="says"),
)
CHANGES = (
    Column(name="tier", head="tier"),
    Column(name="utilization", head="busy"),
    Column(name="response_p99", head="p99"),
    Column(name="runway", head="runway, months"),
)


def document(report: GateReport) -> Document:
    """The gates, and what changed."""
    kept = [gate for gate in report.gates if gate.kept]
    tables = []
    if report.changes:
        tables.append(_changed(report))
    tables.append(
        Table(name="kept", title="Kept", columns=PEOPLE, rows=[_row(gate) for gate in kept])
    )
    return Document(
        title=f"{report.name}: {headline(report)}",
        tables=[table for table in tables if table.rows],
        sections=[
            Section(title="Broken", sentences=[line(gate) for gate in report.broken]),
            Section(title="No verdict", sentences=[line(gate) for gate in report.unknown]),
            Section(title="Warnings", sentences=list(report.warnings)),
        ],
        flat=Table(name="gates", title="", columns=FLAT, rows=[*report.rows()]),
        data={
            "name": report.name,
            "exit_code": report.exit_code,
            "compared_with": report.compared_with or None,
            "gates": [{**asdict(gate), "name": gate.name} for gate in report.gates],
            "changes": [asdict(change) for change in report.changes],
            "warnings": report.warnings,
        },
    )


def headline(report: GateReport) -> str:
    """How many gates are broken."""
    count = len(report.gates)
    if not count:
        return "there is no gate: nothing is limited"
    if report.broken:
        verb = "is" if len(report.broken) == 1 else "are"
        return f"{len(report.broken)} of {count} gates {verb} broken"
    if report.unknown:
        return f"no verdict on {len(report.unknown)} of {count} gates; the others are kept"
    return f"all {count} gates are kept"


def line(gate: Gate) -> str:
    """One gate in one line."""
    return f"{gate.name}: {gate.says}"


def _row(gate: Gate) -> dict[str, Any]:
    return {
        "verdict": VERDICTS[gate.kept],
        "gate": gate.gate,
        "subject": gate.subject,
        "state": gate.state,
        "says": gate.says,
    }


def _changed(report: GateReport) -> Table:
    rows = [row for change in report.changes if (row := _change(change))]
    title = f"Changed against {report.compared_with}"
    return Table(name="changes", title=title, columns=CHANGES, rows=rows)


def _change(change: Change) -> dict[str, Any] | None:
    """What is not as before; None where all is."""
    pairs = {
        "utilization": (change.utilization_before, change.utilization, human.share),
        "response_p99": (change.response_p99_before, change.response_p99, human.duration),
        "runway": (change.runway_before, change.runway, human.significant),
    }
    texts = {name: _apart(*pair) for name, pair in pairs.items()}
    return {"tier": change.tier, **texts} if any(texts.values()) else None


def _apart(before: float | None, after: float | None, show: Any) -> str | None:
    if before == after:
        return None
    shown = ["–" if value is None else show(value) for value in (before, after)]
    return None if shown[0] == shown[1] else " → ".join(shown)


def broken_lines(report: GateReport) -> Sequence[str]:
    """What a log should hold: a line for each gate that is broken or has no verdict."""
    return [f"{VERDICTS[gate.kept]}  {line(gate)}" for gate in (*report.broken, *report.unknown)]
