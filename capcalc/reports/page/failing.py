"""Failures: how busy each single one makes the busiest tier, and what else it does."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite

from capcalc.reports.failures import document
from capcalc.reports.page.markup import Markup, element, joined
from capcalc.reports.page.tables import folded, section, sentences, table
from capcalc.reports.plots.bars import axis, bar
from capcalc.reports.plots.lines import Line, Panel, panel
from capcalc.reports.plots.scales import round_top
from capcalc.results.failures import FailureResult, FailureStudy
from capcalc.units import format as human

#: Bars end here at the latest.
MOST = 3.0


def failing(study: FailureStudy | None, why: str | None) -> Markup:
    """The picture, the summary, what breaks; the tables tier by tier for those who ask."""
    if study is None:
        return element("p", why) if why else joined()
    if not study.results:
        return element("p", "Nothing in this scenario can fail by itself.")
    told = document(study)
    tables = {each.name: each for each in told.tables}
    said = {each.title: each for each in told.sections}
    more = [
        table(tables[name])
        for name in ("utilization", "response_p99", "requests")
        if name in tables
    ]
    course = [_course(study), table(tables["course"])] if "course" in tables else []
    return joined(
        _picture(study),
        table(tables["failures"]),
        section(said["Objectives broken"]),
        section(said["What else happens"]),
        folded("What each failure does to every tier and request", *more),
        folded("How hits come back after a cache has lost them", *course),
        folded("How to read this", sentences(said["How to read this"].sentences)),
    )


def _picture(study: FailureStudy) -> Markup:
    loads = [each.utilization for each in study.results]
    top = min(MOST, round_top(loads, 1.2))
    return element(
        "figure",
        element("figcaption", "How busy the busiest tier is right after each single failure"),
        element("ol", [_row(each, top) for each in study.results], class_="rows"),
        element("ol", element("li", element("span"), axis(top, "utilization")), class_="rows"),
        element("p", "line: all that the tier can serve (100 %)", class_="key"),
    )


def _row(each: FailureResult, top: float) -> Markup:
    says = "; ".join(_says(each))
    look = "over" if not each.stable else "near" if each.objectives_kept is False else "fine"
    asked = element("small", " to be survived") if each.survive else None
    drawn = bar(each.utilization, label=f"{each.failure}: {says}", top=top, limit=1.0, look=look)
    return element(
        "li",
        element("div", element("b", each.failure), asked),
        element("div", drawn),
        element("div", says, class_="says"),
    )


def _says(each: FailureResult) -> Iterator[str]:
    verdict = "holds"
    if not each.stable:
        verdict = "OVERLOADED"
    elif each.objectives_kept is False:
        verdict = "objective BROKEN"
    busy = f"{human.share(each.utilization)} busy"
    yield f"{verdict}: {each.busiest} {busy if isfinite(each.utilization) else 'has no host left'}"
    if each.shed > 0:
        yield f"turn away {human.share(each.shed)}"


def _course(study: FailureStudy) -> Markup:
    """Hits over time after each failure that takes them."""
    figures = []
    for each in study.results:
        points = [(time, hit) for time, hit, _ in each.misses_by_time() if isfinite(time)]
        if len(points) < 2 or points[-1][0] <= 0:
            continue
        end = points[-1][0]
        axes = Panel(
            label=f"{each.failure}: hit ratio over time, up to {human.share(points[-1][1])}",
            right=end,
            top=1.0,
            show=human.share,
            ticks=[(0.0, "0"), (end / 2, human.duration(end / 2)), (end, human.duration(end))],
        )
        drawn = panel(axes, [Line(name="hit ratio", points=points, look="first")])
        figures.append(element("figure", element("figcaption", each.failure), drawn))
    return element("div", figures, class_="panels")
