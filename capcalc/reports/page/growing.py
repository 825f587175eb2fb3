"""Growth: what breaks when and what to do by then, month by month in panels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import nan

from capcalc.reports.page.markup import Markup, element, joined
from capcalc.reports.page.tables import folded, section, sentences, table
from capcalc.reports.plots.lines import Line, Panel, panel
from capcalc.reports.plots.scales import round_top
from capcalc.reports.timeline import document
from capcalc.results.timeline import TierMonth, Timeline
from capcalc.units import format as human

#: Ways to grow in the picture of costs: how they are called and drawn.
WAYS = (
    ("plan", "the plan", "first"),
    ("vertical", "bigger machines alone", "second"),
    ("horizontal", "more hosts alone", "third"),
)
MAIN = ("What follows", "Out of reach")
FOLDED = ("How it was planned", "How to read this")


def growing(timeline: Timeline | None, why: str | None) -> Markup:
    """The changes, the panels, what breaks first, costs, and the rules of the plan."""
    if timeline is None:
        return element("p", why) if why else joined()
    told = document(timeline)
    tables = {each.name: each for each in told.tables}
    said = {each.title: each for each in told.sections}
    return joined(
        table(tables["steps"]) if "steps" in tables else None,
        _busy(timeline),
        _costs(timeline),
        [table(tables[name]) for name in ("breaks", "costs", "machines") if name in tables],
        [section(said[name]) for name in MAIN if name in said],
        [folded(name, sentences(said[name].sentences)) for name in FOLDED if name in said],
    )


def _busy(timeline: Timeline) -> Markup:
    """One panel for each tier: the share used of its nearest limit."""
    tiers = dict.fromkeys(row.tier for row in timeline.months)
    panels = []
    for tier in tiers:
        rows = [row for row in timeline.months if row.tier == tier]
        if any(row.used is not None for row in rows):
            panels.append(_tier(timeline, tier, rows))
    if not panels:
        return joined()
    return element(
        "figure",
        element("figcaption", "How much of its nearest limit each tier uses, as planned"),
        element("div", panels, class_="panels"),
        element(
            "p",
            "dotted line: the limit, 100 %; circle: a change serves from this month on; each "
            "month at its highest load",
            class_="key",
        ),
    )


def _tier(timeline: Timeline, tier: str, rows: Sequence[TierMonth]) -> Markup:
    used = [nan if row.used is None else row.used for row in rows]
    top = round_top(used, 1.0)
    steps = [step for step in timeline.steps if step.tier == tier]
    changes = [
        (step.needed, used[step.needed], f"{step.date or step.needed}: {step.after}")
        for step in steps
    ]
    said = [f"{step.date or f'month {step.needed}'}: {step.after}" for step in steps]
    axes = Panel(
        label=f"{tier}: share used of its nearest limit, {len(rows)} months",
        right=len(rows),
        top=top,
        show=human.share,
        ticks=_ticks(rows),
        limit=1.0,
    )
    line = Line(name=tier, points=_held(used), steps=True, look="first")
    drawn = panel(axes, [line], changes)
    return element("figure", element("figcaption", tier), drawn, sentences(said))


def _held(values: Sequence[float]) -> list[tuple[float, float]]:
    """One point at the beginning of each month, the last one held to its end."""
    points = [(float(month), value) for month, value in enumerate(values)]
    return [*points, (float(len(values)), values[-1])] if values else []


def _ticks(rows: Sequence[TierMonth]) -> list[tuple[float, str]]:
    """The first month, the middle and the last, by name where there is a start."""
    if len(rows) < 2:
        return []
    places = sorted({0, len(rows) // 2, len(rows) - 1})
    return [(float(at), rows[at].date or f"month {rows[at].month}") for at in places]


def _costs(timeline: Timeline) -> Markup:
    """Hosts by way to grow, as far as each carries."""
    lines = list(_lines(timeline))
    if not lines:
        return joined()
    rows = [row for row in timeline.months if row.tier == timeline.months[0].tier]
    axes = Panel(
        label="Cost of all hosts in a month, by way to grow",
        right=len(rows),
        top=round_top(cost for line in lines for _, cost in line.points),
        show=human.dollars,
        ticks=_ticks(rows),
    )
    return element(
        "figure",
        element("figcaption", "What the hosts cost in a month, by way to grow"),
        element("div", panel(axes, lines), class_="wide"),
        element("p", [_sample(line) for line in lines], class_="key"),
    )


def _lines(timeline: Timeline) -> Iterator[Line]:
    for name, label, look in WAYS:
        way = timeline.way(name)
        kept = list(way.hosts_cost[: timeline.horizon if name == "plan" else way.carried])
        if any(kept):
            ends = "" if len(kept) >= timeline.horizon else f" (carries {len(kept)} months)"
            yield Line(name=f"{label}{ends}", points=_held(kept), steps=True, look=look)


def _sample(line: Line) -> Markup:
    mark = element("path", d="M0 7H28", class_=f"line {line.look}")
    swatch = element("svg", mark, width=28, height=14, aria_hidden="true")
    return element("span", swatch, line.name)
