"""Bars: how much of what there is, beside its limit."""

from __future__ import annotations

from math import isfinite, isnan

from capcalc.reports.page.markup import Markup, element, joined, percent

#: Height of a bar and of the thinner one below it.
TALL, THIN = 18, 6


def bar(
    value: float | None,
    *,
    label: str,
    top: float = 1.0,
    limit: float | None = None,
    look: str = "fine",
    below: float | None = None,
) -> Markup:
    """One bar of a row, from 0 to ``top``; what is more ends in an arrow.

    Parameters
    ----------
    value : float or None
        How long it is; None or undefined draws the empty track.
    label : str
        What it says, for those who hear it or point at it.
    limit : float, optional
        Where a line stands.
    look : str
        Class of the bar: ``fine``, ``near`` or ``over``.
    below : float, optional
        Length of a second, thinner bar below.
    """
    height = TALL if below is None else TALL + THIN + 1
    return element(
        "svg",
        element("title", label),
        element("rect", width="100%", height=height, class_="track"),
        _length(value, top, 0, TALL, look),
        _length(below, top, TALL + 1, THIN, "after"),
        _tick(limit, top, height),
        class_="bar",
        width="100%",
        height=height,
        role="img",
        aria_label=label,
    )


def _length(value: float | None, top: float, at: float, height: float, look: str) -> Markup:
    if value is None or isnan(value) or value <= 0:
        return joined()
    share = min(1.0, value / top) if isfinite(value) else 1.0
    drawn = element("rect", y=at, width=percent(share), height=height, class_=look)
    if value <= top * (1 + 1e-9):
        return drawn
    arrow = element("text", "▶", x="99%", y=at + height - 4, text_anchor="end", class_="arrow")
    return joined(drawn, arrow if height == TALL else None)


def _tick(limit: float | None, top: float, height: float) -> Markup:
    if limit is None or not 0 < limit <= top:
        return joined()
    x = percent(limit / top)
    return element("line", x1=x, x2=x, y1=0, y2=height, class_="limit")


def axis(top: float, label: str, ticks: int = 4) -> Markup:
    """Per cent below a chart of bars."""
    marks = []
    for at in range(ticks + 1):
        share = at / ticks
        anchor = "start" if at == 0 else "end" if at == ticks else "middle"
        text = f"{100 * top * share:g} %"
        marks.append(element("text", text, x=percent(share), y=12, text_anchor=anchor))
    return element(
        "svg", *marks, class_="axis", width="100%", height=16, role="img", aria_label=label
    )
