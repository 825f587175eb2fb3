"""Gates as JUnit XML, which continuous-integration servers read as tests."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from capcalc.reports.gates import line
from capcalc.results.gates import Gate, GateReport


def junit(report: GateReport) -> str:
    """One test suite, one test case a gate; a broken gate is a failure, no verdict is skipped."""
    suite = ET.Element(
        "testsuite",
        name=_clean(f"capcalc {report.name}"),
        tests=str(len(report.gates)),
        failures=str(len(report.broken)),
        errors="0",
        skipped=str(len(report.unknown)),
    )
    for gate in report.gates:
        _case(suite, gate)
    if report.warnings:
        ET.SubElement(suite, "system-out").text = _clean("\n".join(report.warnings))
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    body = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _case(suite: ET.Element, gate: Gate) -> None:
    case = ET.SubElement(suite, "testcase", classname=gate.gate, name=_clean(gate.name))
    if gate.kept is False:
        ET.SubElement(case, "failure", message=_clean(gate.says)).text = _clean(line(gate))
    elif gate.kept is None:
        ET.SubElement(case, "skipped", message=_clean(gate.says))


def _clean(text: str) -> str:
    """Without the characters that XML 1.0 cannot hold, even escaped."""
    return "".join(mark if _allowed(ord(mark)) else "\ufffd" for mark in text)


def _allowed(code: int) -> bool:
    return (
        code in (0x9, 0xA, 0xD)
        or 0x20 <= code <= 0xD7FF
        or 0xE000 <= code <= 0xFFFD
        or code >= 0x10000
    )
