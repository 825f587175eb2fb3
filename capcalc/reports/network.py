"""A `NetworkSolution` as a document: stations, classes, visits, bounds, what was assumed."""

from __future__ import annotations

from dataclasses import fields
from math import isinf, isnan
from typing import Any

import numpy as np

from capcalc.reports.document import Column, Document, Section, Table, number
from capcalc.reports.solution import defaults, status
from capcalc.results.network import NetworkSolution
from capcalc.units import format as human

STATIONS = (
    Column(name="name", head="station"),
    Column(name="discipline", head="discipline"),
    Column(name="servers", head="servers", show=number),
    Column(name="arrival_rate", head="arrivals", show=human.rate, unit="per_s"),
    Column(name="utilization", head="busy", show=human.share),
    Column(name="wait", head="wait", show=human.duration, unit="s"),
    Column(name="response", head="response", show=human.duration, unit="s"),
    Column(name="queue_length", head="waiting", show=number),
    Column(name="number_in_system", head="there", show=number),
)
CLASSES = (
    Column(name="name", head="class"),
    Column(name="kind", head="kind"),
    Column(name="throughput", head="throughput", show=human.rate, unit="per_s"),
    Column(name="mean", head="mean", show=human.duration, unit="s"),
    Column(name="p50", head="p50", show=human.duration, unit="s"),
    Column(name="p90", head="p90", show=human.duration, unit="s"),
    Column(name="p95", head="p95", show=human.duration, unit="s"),
    Column(name="p99", head="p99", show=human.duration, unit="s"),
    Column(name="p999", head="p99.9", show=human.duration, unit="s"),
    Column(name="number_in_system", head="in the system", show=number),
    Column(name="thinking", head="thinking", show=number),
)
VISITS = (
    Column(name="request_class", head="class"),
    Column(name="station", head="station"),
    Column(name="visits", head="visits", show=number),
    Column(name="arrival_rate", head="arrivals", show=human.rate, unit="per_s"),
    Column(name="utilization", head="busy", show=human.share),
    Column(name="residence_time", head="time there", show=human.duration, unit="s"),
    Column(name="number_in_system", head="there", show=number),
)
BOUNDS = (
    Column(name="request_class", head="class"),
    Column(name="throughput_low", head="throughput at least", show=human.rate, unit="per_s"),
    Column(name="throughput_high", head="at most", show=human.rate, unit="per_s"),
    Column(name="saturation_population", head="queues build up from", show=number),
)
#: CSV: stations, classes and visits in one table; a class's mean stands under ``response``.
FLAT = (
    Column(name="record", head="record"),
    Column(name="name", head="name"),
    Column(name="request_class", head="request_class"),
    Column(name="status", head="status"),
    *(
        Column(name=name, head=name, unit=unit)
        for name, unit in (
            ("servers", ""),
            ("visits", ""),
            ("arrival_rate", "per_s"),
            ("utilization", ""),
            ("wait", "s"),
            ("response", "s"),
            ("residence_time", "s"),
            ("response_p50", "s"),
            ("response_p90", "s"),
            ("response_p95", "s"),
            ("response_p99", "s"),
            ("response_p999", "s"),
            ("queue_length", ""),
            ("number_in_system", ""),
            ("thinking", ""),
        )
    ),
)


def document(solution: NetworkSolution) -> Document:
    """All that a person wants to see of one solved network."""
    stations = [_record(each) for each in solution.station_results]
    classes = [_record(each) for each in solution.class_results]
    visits = [_record(each) for each in solution.visit_results]
    bounds = [_record(each) for each in solution.bounds]
    tables = [
        Table(name="stations", title="Stations", columns=STATIONS, rows=stations),
        Table(name="classes", title="Classes", columns=CLASSES, rows=classes),
    ]
    if len(classes) > 1:
        title = "Each class at each station"
        tables.append(Table(name="visits", title=title, columns=VISITS, rows=visits))
    if bounds:
        tables.append(Table(name="bounds", title="Bounds", columns=BOUNDS, rows=bounds))
    return Document(
        title=f"{solution.name}: {headline(solution)}",
        tables=tables,
        sections=[
            Section(title="Warnings", sentences=list(solution.warnings)),
            Section(title="Defaults used", sentences=list(defaults(dict(solution.defaults or {})))),
            Section(title="How the numbers were got", sentences=list(solution.assumptions)),
        ],
        flat=Table(name="network", title="", columns=FLAT, rows=_flat(stations, classes, visits)),
        data={
            "name": solution.name,
            "method": solution.method,
            "stations": stations,
            "classes": classes,
            "visits": visits,
            "bounds": bounds,
            "bottleneck": solution.bottleneck,
            "headroom": solution.headroom,
            "warnings": solution.warnings,
            "defaults": solution.defaults or {},
            "assumptions": solution.assumptions,
        },
    )


def headline(solution: NetworkSolution) -> str:
    """The station that limits, and how far."""
    name, busy = solution.bottleneck, _busy(solution)
    if solution.headroom is None:
        return f"{name} is the busiest station, {busy}"
    headroom = float(solution.headroom)
    if isnan(headroom):
        return "undefined"
    if isinf(headroom):
        return "nothing saturates"
    if headroom <= 1:
        return f"SATURATED: {name} is asked for {busy.removesuffix(' busy')} of what it can serve"
    return f"{name} saturates first, at {human.significant(headroom)} times this load ({busy})"


def _busy(solution: NetworkSolution) -> str:
    return f"{human.share(float(solution.station(solution.bottleneck).utilization))} busy"


def _record(result: Any) -> dict[str, Any]:
    record = {field.name: _scalar(getattr(result, field.name)) for field in fields(result)}
    finite = {name: value for name, value in record.items() if name != "servers"}
    return {**record, "status": status(finite)}


def _scalar(value: Any) -> Any:
    return value.item() if isinstance(value, np.ndarray | np.generic) else value


def _flat(
    stations: list[dict[str, Any]], classes: list[dict[str, Any]], visits: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    rows = [{"record": "station", **each} for each in stations]
    for each in classes:
        percentiles = {
            f"response_{name}": each[name] for name in ("p50", "p90", "p95", "p99", "p999")
        }
        own = {"record": "class", "arrival_rate": each["throughput"], "response": each["mean"]}
        rows.append({**each, **own, **percentiles})
    rows.extend({"record": "visit", "name": each["station"], **each} for each in visits)
    return rows
