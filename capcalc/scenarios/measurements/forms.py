"""Which form a file of measurements has, by what stands in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capcalc.scenarios.measurements.blocks import Tally
from capcalc.scenarios.measurements.classes import Told
from capcalc.scenarios.measurements.opening import File

if TYPE_CHECKING:
    from capcalc.scenarios.measurements import Form


def form_of(file: File, told: Told, tally: Tally) -> Form:
    """The reader of a file."""
    if file.encoding == "binary":
        from capcalc.scenarios.measurements.parquet import Parquet

        return Parquet(file, told, tally)
    text = file.first_text().lstrip()
    if text.startswith(("{", "[")):
        from capcalc.scenarios.measurements import records

        if _is_lines(text):
            return records.Lines(file, told, tally)
        return records.document(file, told, tally)
    from capcalc.scenarios.measurements.logs import AccessLog, is_log

    if is_log(text.splitlines()):
        return AccessLog(file, told, tally)
    from capcalc.scenarios.measurements.tables import Table

    return Table(file, told, tally)


def _is_lines(text: str) -> bool:
    """Whether each of the first lines is a JSON object of its own."""
    import json

    lines = [line for line in text.splitlines() if line.strip()]
    if not lines or not lines[0].startswith("{"):
        return False
    try:
        first = json.loads(lines[0])
    except (ValueError, RecursionError):
        return False
    if not isinstance(first, dict) or ("status" in first and "error" in first):
        return False
    return len(lines) > 1 or not any(isinstance(each, list | dict) for each in first.values())
