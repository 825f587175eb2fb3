"""Gates as the annotations that GitHub shows beside a change."""

from __future__ import annotations

from collections.abc import Mapping

from capcalc.results.gates import Gate, GateReport


def github(report: GateReport, lines: Mapping[str, int]) -> str:
    """One ``::error`` for each broken gate, one ``::warning`` for each without a verdict.

    The scenario's own warnings are notices.

    Parameters
    ----------
    report : GateReport
        The gates.
    lines : mapping of str to int
        Lines of the scenario file by path; a limit that stands nowhere points to no line.
    """
    told = [_annotation("error", gate, report, lines) for gate in report.broken]
    told += [_annotation("warning", gate, report, lines) for gate in report.unknown]
    told += [f"::notice title=capcalc::{_data(each)}" for each in report.warnings]
    return "".join(f"{each}\n" for each in told)


def _annotation(level: str, gate: Gate, report: GateReport, lines: Mapping[str, int]) -> str:
    places = {"file": report.file}
    if gate.path in lines:
        places["line"] = str(lines[gate.path])
    places["title"] = gate.name
    shown = ",".join(f"{key}={_property(value)}" for key, value in places.items() if value)
    return f"::{level} {shown}::{_data(gate.says)}"


def _data(text: str) -> str:
    """What a workflow command's message may not hold as it is, control characters among it."""
    kept = "".join(mark if mark.isprintable() or mark in "\r\n" else "\ufffd" for mark in text)
    return kept.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
