"""Tables and sentences of documents as HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from capcalc.reports.document import Column, Section, Table, shown, yes
from capcalc.reports.page.markup import Content, Markup, element, joined

#: The column that marks the plan to choose.
CHOSEN = "recommended"
#: Texts of so many characters are not broken into lines; those of more get a wide column.
SHORT, LONG = 24, 36
#: What is to be written as it stands in a file, between two marks.
_CODE = re.compile(r"`([^`]+)`")


def table(found: Table) -> Markup:
    """A table with caption and scopes, that scrolls by itself where the screen is narrow.

    Nothing for a table without rows.
    """
    filled = found.filled()
    if not filled.rows:
        return joined()
    left = [_is_text(column, filled.rows) for column in filled.columns]
    heads = [
        element("th", column.head, scope="col", class_=_side(side))
        for column, side in zip(filled.columns, left, strict=True)
    ]
    rows = [_row(row, filled, left) for row in filled.rows]
    whole = element(
        "table",
        element("caption", element("span", filled.title)),
        element("thead", element("tr", heads)),
        element("tbody", rows),
    )
    label = filled.title or filled.name
    return element("div", whole, class_="scroll", tabindex=0, role="region", aria_label=label)


def _is_text(column: Column, rows: Sequence[Mapping[str, Any]]) -> bool:
    words = str | bool | np.bool_
    return any(isinstance(row.get(column.name), words) for row in rows)


def _side(left: bool, text: str = "") -> str | None:
    """Numbers to the right; what is short in one line."""
    if not left:
        return "number"
    return "short" if 0 < len(text) <= SHORT else "long" if len(text) > LONG else None


def _row(row: Mapping[str, Any], found: Table, left: Sequence[bool]) -> Markup:
    cells = []
    for at, (column, side) in enumerate(zip(found.columns, left, strict=True)):
        value = row.get(column.name)
        text = "recommended" if column.name == CHOSEN and value else shown(value, column)
        marks = " ".join(filter(None, (_side(side, text), _alarm(found, column, value))))
        tag, scope = ("th", "row") if at == 0 else ("td", None)
        cells.append(element(tag, text, scope=scope, class_=marks or None))
    return element("tr", cells, class_="chosen" if row.get(CHOSEN) else None)


def _alarm(found: Table, column: Column, value: Any) -> str | None:
    """What stands out: a no where a yes is wanted, and what is overloaded."""
    if value is None or isinstance(value, str):
        return None
    if column.show is yes:
        return None if value else "alarm"
    busy = found.name == "utilization" or column.name.startswith("utilization")
    endless = np.isposinf(value) and column.name not in ("headroom", "load_factor")
    return "alarm" if endless or (busy and value >= 1) else None


def sentences(said: Iterable[str]) -> Markup:
    """A list, or nothing where nothing is said."""
    found = [element("li", sentence(each)) for each in said]
    return element("ul", found) if found else joined()


def sentence(said: str) -> Markup:
    """Text in which what stands between backticks is set as code.

    Examples
    --------
    >>> sentence("set `hosts: <n>` & go")
    'set <code>hosts: &lt;n&gt;</code> &amp; go'
    """
    parts = _CODE.split(said)
    return joined([element("code", part) if at % 2 else part for at, part in enumerate(parts)])


def section(found: Section, level: str = "h3") -> Markup:
    """A heading and its sentences, or nothing."""
    if not found.sentences:
        return joined()
    return joined(element(level, found.title), sentences(found.sentences))


def folded(summary: str, *content: Content) -> Markup:
    """What is there for those who ask; open in print."""
    if not any(content):
        return joined()
    return element("details", element("summary", summary), *content)
