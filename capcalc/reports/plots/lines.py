"""Lines: values over time in a panel that fills its place, whatever its width."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite

from capcalc.reports.page.markup import Markup, element, percent

HEIGHT, ABOVE, BELOW = 150, 14, 18
_DEPTH = HEIGHT - ABOVE - BELOW
#: The inner picture is stretched over the panel: its lines keep their width, text is outside.
_SIZE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Points (x, y) from left to right; ``look`` is a class, ``name`` what it is."""

    name: str
    points: Sequence[tuple[float, float]]
    look: str = "first"
    steps: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Axes from 0: how far they go, what is written beside them, and where a limit is."""

    label: str
    right: float
    top: float
    show: Callable[[float], str]
    ticks: Sequence[tuple[float, str]] = ()
    limit: float | None = None


def panel(
    axes: Panel, lines: Sequence[Line], marks: Sequence[tuple[float, float, str]] = ()
) -> Markup:
    """A panel with its lines, and a mark with a title for each (x, y, title).

    Undefined and infinite points break a line.
    """
    drawn = element(
        "svg",
        element("title", axes.label),
        element(
            "svg",
            [_level(axes, height, "grid") for height in _heights(axes)],
            None if axes.limit is None else _level(axes, axes.limit, "limit"),
            [_path(axes, line) for line in lines],
            y=ABOVE,
            width="100%",
            height=_DEPTH,
            viewBox=f"0 0 {_SIZE} {_SIZE}",
            preserveAspectRatio="none",
        ),
        [_mark(axes, *each) for each in marks if isfinite(each[1])],
        [_tick(axes, *each) for each in axes.ticks],
        class_="panel",
        width="100%",
        height=HEIGHT,
        role="img",
        aria_label=axes.label,
    )
    beside = element(
        "svg",
        [_height(axes, height) for height in _heights(axes)],
        class_="heights",
        width="100%",
        height=HEIGHT,
        aria_hidden="true",
    )
    return element("div", beside, drawn, class_="plot")


def _heights(axes: Panel) -> tuple[float, float, float]:
    return (0.0, axes.top / 2, axes.top)


def _up(axes: Panel, y: float) -> float:
    """How far down a value stands, from 0 at the top to 1."""
    return 1.0 - min(1.0, max(0.0, y / axes.top))


def _level(axes: Panel, y: float, look: str) -> Markup:
    at = round(_SIZE * _up(axes, y))
    return element("line", x1=0, x2=_SIZE, y1=at, y2=at, class_=look)


def _path(axes: Panel, line: Line) -> Markup:
    pen, drawn = "M", []
    for x, y in line.points:
        if not isfinite(y):
            pen = "M"
            continue
        across, down = round(_SIZE * x / axes.right), round(_SIZE * _up(axes, y))
        drawn.append(f"H{across}V{down}" if line.steps and pen == "L" else f"{pen}{across} {down}")
        pen = "L"
    return element(
        "path", element("title", line.name), d="".join(drawn), class_=f"line {line.look}"
    )


def _mark(axes: Panel, x: float, y: float, title: str) -> Markup:
    return element(
        "circle",
        element("title", title),
        cx=percent(x / axes.right),
        cy=ABOVE + _DEPTH * _up(axes, y),
        r=4,
        class_="change",
    )


def _height(axes: Panel, y: float) -> Markup:
    text = axes.show(y) if y else "0"
    down = ABOVE + _DEPTH * _up(axes, y) + 4
    return element("text", text, x="92%", y=down, text_anchor="end")


def _tick(axes: Panel, x: float, text: str) -> Markup:
    at = x / axes.right
    anchor = "start" if at < 0.1 else "end" if at > 0.9 else "middle"
    return element("text", text, x=percent(at), y=HEIGHT - 4, text_anchor=anchor)
