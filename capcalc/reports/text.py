"""Text formats: tables for a terminal, Markdown, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any

import numpy as np

from capcalc.reports.document import Document, Table

#: First characters that a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def terminal(document: Document, width: int = 120, color: bool = False) -> str:
    """Aligned tables and wrapped sentences, for a terminal of this width."""
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    out = io.StringIO()
    console = Console(
        file=out, width=width, force_terminal=color, no_color=not color, highlight=False
    )
    console.print(Text(document.title, style="bold"))
    for table in document.tables:
        console.print()
        console.print(Text(table.title, style="bold"))
        console.print(_rich(table))
    for section in document.sections:
        if section.sentences:
            console.print()
            console.print(Text(section.title, style="bold"))
            for sentence in section.sentences:
                console.print(Padding(Text(f"• {sentence}"), (0, 0, 0, 2)))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def _rich(table: Table) -> Any:
    from rich import box
    from rich.table import Table as RichTable

    shown = table.filled()
    grid = RichTable(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), show_edge=False)
    for position, column in enumerate(shown.columns):
        texts = [row.get(column.name) for row in shown.rows]
        left = position == 0 or any(isinstance(text, str) for text in texts)
        grid.add_column(column.head, justify="left" if left else "right", overflow="fold")
    for cells in shown.cells():
        grid.add_row(*(cell.replace("[", "\\[") for cell in cells))
    return grid


def markdown(document: Document) -> str:
    """Headings, pipe tables and lists."""
    lines = [f"# {_escaped(document.title)}"]
    for table in document.tables:
        shown = table.filled()
        heads = [column.head for column in shown.columns]
        lines += ["", f"## {table.title}", "", _row(heads), _row(["---"] * len(heads))]
        lines += [_row(cells) for cells in shown.cells()]
    for section in document.sections:
        if section.sentences:
            lines += ["", f"## {section.title}", ""]
            lines += [f"- {_escaped(sentence)}" for sentence in section.sentences]
    return "\n".join(lines) + "\n"


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(_escaped(cell) for cell in cells) + " |"


def _escaped(text: str) -> str:
    safe = text.replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|")
    return " ".join(safe.split())


def comma_separated(document: Document) -> str:
    """One flat table; ``inf`` for saturated, an empty cell for undefined."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column.csv_name for column in document.flat.columns])
    for row in document.flat.rows:
        writer.writerow([cell(row.get(column.name)) for column in document.flat.columns])
    return out.getvalue()


def cell(value: Any) -> str:
    """One CSV cell; text that a spreadsheet would run is neutralised by an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    number = float(value)
    if np.isnan(number):
        return ""
    return repr(int(number)) if number.is_integer() and abs(number) < 2**53 else repr(number)


def json_text(document: Document) -> str:
    """The data with plain types; what is infinite or undefined is null (DESIGN ruling 23)."""
    return json.dumps(plain(document.data), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def plain(value: Any) -> Any:
    """Only what JSON knows."""
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, list | tuple | frozenset | set):
        return [plain(each) for each in value]
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | float | np.number):
        return _number(float(value))
    return None if value is None else str(value)


def _number(value: float) -> int | float | None:
    if not isfinite(value):
        return None
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


FORMATS: Mapping[str, Callable[[Document], str]] = {
    "table": terminal,
    "csv": comma_separated,
    "json": json_text,
    "markdown": markdown,
}
