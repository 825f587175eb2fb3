"""Maps: what holds over a range of loads, a row for each strictness, as one SVG file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log2

from capcalc.reports.page.markup import Markup, element

#: Room for a row, for the texts beside the rows, above and below them, and for the map. [px]
ROW, LEFT, ABOVE, BELOW, WIDE = 26, 120, 44, 76, 640
#: Characters of a legend's text take about so much. [px]
LETTER = 6.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Part of a row: from one load to another, what holds there, and words for who points."""

    start: float
    end: float
    what: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One strictness: its name, and its stretches from left to right."""

    name: str
    stretches: Sequence[Stretch]
    marked: bool = False


def drawing(
    rows: Sequence[Row],
    *,
    title: str,
    span: tuple[float, float],
    colors: Mapping[str, str],
    legend: Mapping[str, str],
) -> Markup:
    """The map as a whole SVG file that needs no style sheet and no library.

    Parameters
    ----------
    rows : sequence of Row
        From the top down.
    title : str
        What it shows.
    span : tuple of float
        The first and the last load; equal factors stand equally far apart.
    colors, legend : mapping of str to str
        A colour and a name for each thing that may hold; only what is there is explained.
    """
    width, height = LEFT + WIDE + 20, ABOVE + ROW * len(rows) + BELOW
    used = {stretch.what for row in rows for stretch in row.stretches}
    shown = {what: name for what, name in legend.items() if what in used}
    return element(
        "svg",
        element("title", title),
        element("rect", width=width, height=height, fill="#ffffff"),
        _text(title, 12, 24, size=15, weight="bold"),
        [_row(row, at, span, colors) for at, row in enumerate(rows)],
        list(_axis(span, ABOVE + ROW * len(rows))),
        list(_legend(shown, colors, height - 10, width)),
        xmlns="http://www.w3.org/2000/svg",
        width=width,
        height=height,
        viewBox=f"0 0 {width} {height}",
        role="img",
        font_family="sans-serif",
    )


def _text(
    words: str,
    x: float,
    y: float,
    *,
    size: float = 12,
    weight: str = "normal",
    anchor: str = "start",
) -> Markup:
    return element(
        "text",
        words,
        x=x,
        y=y,
        font_size=size,
        font_weight=weight,
        text_anchor=anchor,
        fill="#222222",
    )


def across(load: float, span: tuple[float, float]) -> float:
    """Where a load stands in the picture, cut off at its edges. [px]

    Examples
    --------
    >>> across(1.0, (0.25, 4.0)) == LEFT + WIDE / 2
    True
    """
    share = log2(load / span[0]) / log2(span[1] / span[0])
    return LEFT + WIDE * min(1.0, max(0.0, share))


def _row(row: Row, at: int, span: tuple[float, float], colors: Mapping[str, str]) -> list[Markup]:
    top = ABOVE + ROW * at
    weight = "bold" if row.marked else "normal"
    drawn = [_text(row.name, LEFT - 10, top + ROW * 0.65, weight=weight, anchor="end")]
    for each in row.stretches:
        left, right = across(each.start, span), across(each.end, span)
        if right > left:
            drawn.append(
                element(
                    "rect",
                    element("title", each.title),
                    x=left,
                    y=top + 1,
                    width=right - left,
                    height=ROW - 2,
                    fill=colors[each.what],
                )
            )
    return drawn


def _axis(span: tuple[float, float], top: float) -> Iterator[Markup]:
    """Powers of two below the rows."""
    for power in range(-20, 21):
        load = 2.0**power
        if span[0] * (1 - 1e-9) <= load <= span[1] * (1 + 1e-9):
            x = across(load, span)
            yield element("line", x1=x, x2=x, y1=top, y2=top + 5, stroke="#222222")
            yield _text(f"x{load:g}", x, top + 18, anchor="middle")
    yield _text("load", LEFT - 26, top + 18, anchor="end")


def _legend(
    shown: Mapping[str, str], colors: Mapping[str, str], base: float, width: float
) -> Iterator[Markup]:
    """What the colours mean, in as many lines as it takes, the last at ``base``."""
    lines: list[list[tuple[float, str, str]]] = [[]]
    x = 12.0
    for what, name in shown.items():
        if x + 16 + LETTER * len(name) > width:
            lines.append([])
            x = 12.0
        lines[-1].append((x, what, name))
        x += 28 + LETTER * len(name)
    for up, line in enumerate(reversed(lines)):
        y = base - 20 * up
        for x, what, name in line:
            yield element("rect", x=x, y=y - 10, width=12, height=12, fill=colors[what])
            yield _text(name, x + 16, y, size=11)
