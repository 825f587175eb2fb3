"""Ranges: the percentiles of a latency on a logarithmic scale, beside their limits."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

from capcalc.reports.page.markup import Markup, element, joined, percent
from capcalc.reports.plots.scales import Logarithmic
from capcalc.units import format as human

HEIGHT = 30
#: Radius of the mark of each percentile; the further out, the larger.
RADIUS: Mapping[str, float] = {"p50": 3, "p90": 3, "p95": 5, "p99": 6.5, "p999": 3}


def span(
    values: Mapping[str, float], limits: Mapping[str, float], scale: Logarithmic, *, label: str
) -> Markup:
    """One row: a line through the percentiles, a mark for each, a line at each limit.

    Parameters
    ----------
    values : mapping of str to float
        Times by percentile; what is infinite or undefined is left out. [s]
    limits : mapping of str to float
        Limits by percentile. [s]
    scale : Logarithmic
        Where times stand.
    label : str
        What the row says.
    """
    known = {name: value for name, value in values.items() if isfinite(value) and value > 0}
    places = [scale.at(value) for value in known.values()]
    middle = HEIGHT / 2
    through = (
        element(
            "line",
            x1=percent(min(places)),
            x2=percent(max(places)),
            y1=middle,
            y2=middle,
            class_="through",
        )
        if places
        else None
    )
    return element(
        "svg",
        element("title", label),
        [_grid(tick, scale) for tick in scale.ticks()],
        through,
        [_mark(name, value, scale) for name, value in known.items() if name in RADIUS],
        [_limit(name, value, scale) for name, value in limits.items()],
        class_="range",
        width="100%",
        height=HEIGHT,
        role="img",
        aria_label=label,
    )


def _grid(tick: float, scale: Logarithmic) -> Markup:
    x = percent(scale.at(tick))
    return element("line", x1=x, x2=x, y1=0, y2=HEIGHT, class_="grid")


def _mark(name: str, value: float, scale: Logarithmic) -> Markup:
    return element(
        "circle",
        element("title", f"{name} {human.duration(value)}"),
        cx=percent(scale.at(value)),
        cy=HEIGHT / 2,
        r=RADIUS[name],
        class_=name,
    )


def _limit(name: str, value: float, scale: Logarithmic) -> Markup:
    x = percent(scale.at(value))
    title = element("title", f"limit of {name}: {human.duration(value)}")
    return joined(
        element("line", title, x1=x, x2=x, y1=0, y2=HEIGHT, class_="limit"),
    )


def axis(scale: Logarithmic) -> Markup:
    """Times below the rows."""
    marks = []
    for tick in scale.ticks():
        at = scale.at(tick)
        anchor = "start" if at < 0.04 else "end" if at > 0.96 else "middle"
        marks.append(element("text", human.duration(tick), x=percent(at), y=12, text_anchor=anchor))
    return element(
        "svg",
        *marks,
        class_="axis",
        width="100%",
        height=16,
        role="img",
        aria_label="time, logarithmic",
    )
