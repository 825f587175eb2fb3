"""Latency: the percentiles of every request class beside their limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isfinite

from capcalc.reports.document import Document
from capcalc.reports.page.markup import Markup, element, joined
from capcalc.reports.page.tables import table
from capcalc.reports.plots.ranges import RADIUS, axis, span
from capcalc.reports.plots.scales import Logarithmic, logarithmic
from capcalc.results.solution import PERCENTILES, RequestResult, Solution
from capcalc.units import format as human

Limits = Mapping[str, Mapping[str, float]]


def latency(found: Solution, told: Document) -> Markup:
    """A picture of all classes, the table, the objectives."""
    tables = {each.name: each for each in told.tables}
    return joined(
        _picture(found),
        None if found.objective_results else element("p", "The scenario sets no objectives."),
        table(tables["requests"]),
        table(tables["objectives"]) if "objectives" in tables else None,
    )


def _limits(found: Solution) -> Limits:
    limits: dict[str, dict[str, float]] = {}
    for each in found.objective_results:
        if each.measure in PERCENTILES:
            limits.setdefault(each.request_class, {})[each.measure] = float(each.limit)
    return limits


def _times(request: RequestResult) -> dict[str, float]:
    times = {name: getattr(request, name) for name in PERCENTILES}
    return {name: float(value) for name, value in times.items() if value is not None}


def _picture(found: Solution) -> Markup:
    limits = _limits(found)
    classes = {each.name: _times(each) for each in found.request_results}
    every = [time for times in (*classes.values(), *limits.values()) for time in times.values()]
    scale = logarithmic(every)
    if scale is None:
        return element("p", "Overloaded: on the way of every request a queue grows without end.")
    rows = [_row(name, times, limits.get(name, {}), scale) for name, times in classes.items()]
    return element(
        "figure",
        element("figcaption", "Time to answer, server side, everything up"),
        element("ol", rows, class_="rows"),
        element("ol", element("li", element("span"), axis(scale)), class_="rows"),
        element("p", _key(bool(limits)), class_="key"),
    )


def _key(limited: bool) -> Markup:
    marks = [
        joined(_sample(name), label)
        for name, label in (
            ("p50", "p50, p90 and p99.9"),
            ("p95", "p95"),
            ("p99", "p99"),
        )
    ]
    text = "upright line: a limit; times are on a logarithmic scale"
    said = text if limited else "times are on a logarithmic scale"
    return joined([element("span", mark) for mark in marks], element("span", said))


def _sample(name: str) -> Markup:
    mark = element("circle", cx=7, cy=7, r=RADIUS[name], class_=name)
    return element("svg", mark, width=14, height=14, aria_hidden="true")


def _row(
    name: str, times: Mapping[str, float], limits: Mapping[str, float], scale: Logarithmic
) -> Markup:
    says = "; ".join(_says(times, limits))
    return element(
        "li",
        element("div", element("b", name)),
        element("div", span(times, limits, scale, label=f"{name}: {says}")),
        element("div", says, class_="says"),
    )


def _says(times: Mapping[str, float], limits: Mapping[str, float]) -> Iterator[str]:
    if not all(map(isfinite, times.values())):
        yield "overloaded: the queue grows without end"
    elif "p99" in times:
        yield f"p99 {human.duration(times['p99'])}"
    for name, limit in limits.items():
        kept = name in times and times[name] <= limit
        verb = "kept" if kept else "BROKEN"
        yield f"{name} of {human.duration(limit)} {verb}"
