"""A `Solution` as a document: tiers, requests, what binds, what was assumed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from math import isinf, isnan
from typing import Any

import numpy as np

from capcalc.reports import facts, kept
from capcalc.reports.document import Column, Document, Section, Table, number
from capcalc.results.solution import Remedy, Solution
from capcalc.units import format as human

TIERS = (
    Column(name="name", head="tier"),
    Column(name="kind", head="kind"),
    Column(name="hosts", head="hosts", show=number),
    Column(name="servers", head="servers", show=number),
    Column(name="arrival_rate", head="arrivals", show=human.rate, unit="per_s"),
    Column(name="utilization", head="busy", show=human.share),
    Column(name="wait", head="wait", show=human.duration, unit="s"),
    Column(name="response", head="response", show=human.duration, unit="s"),
    Column(name="response_p99", head="p99", show=human.duration, unit="s"),
    Column(name="headroom", head="headroom", show=lambda value: f"x{human.significant(value)}"),
    Column(name="hit_ratio", head="hits", show=human.share),
    Column(name="byte_offload", head="bytes off", show=human.share),
    Column(name="cost", head="$/month", show=human.dollars, unit="usd_per_month"),
)
REQUESTS = (
    Column(name="name", head="request"),
    Column(name="arrival_rate", head="peak", show=human.rate, unit="per_s"),
    Column(name="origin_rate", head="at origin", show=human.rate, unit="per_s"),
    Column(name="mean", head="mean", show=human.duration, unit="s"),
    Column(name="p50", head="p50", show=human.duration, unit="s"),
    Column(name="p90", head="p90", show=human.duration, unit="s"),
    Column(name="p95", head="p95", show=human.duration, unit="s"),
    Column(name="p99", head="p99", show=human.duration, unit="s"),
    Column(name="p999", head="p99.9", show=human.duration, unit="s"),
    Column(name="user_mean", head="user mean", show=human.duration, unit="s"),
    Column(name="user_p99", head="user p99", show=human.duration, unit="s"),
)
STATIONS = (
    Column(name="tier", head="tier"),
    Column(name="role", head="role"),
    Column(name="hosts", head="hosts", show=number),
    Column(name="servers", head="servers/host", show=number),
    Column(name="arrival_rate", head="work", show=human.rate, unit="per_s"),
    Column(name="service_time", head="service", show=human.duration, unit="s"),
    Column(name="scv", head="scv", show=number),
    Column(name="offered_load", head="load (erl)", show=number),
    Column(name="utilization", head="busy", show=human.share),
    Column(name="prob_wait", head="must wait", show=human.share),
    Column(name="wait", head="wait", show=human.duration, unit="s"),
)
#: CSV: tiers and requests in one table; a request's mean stands under ``response``.
FLAT = (
    Column(name="record", head="record"),
    Column(name="name", head="name"),
    Column(name="kind", head="kind"),
    Column(name="status", head="status"),
    *(
        Column(name=name, head=name, unit=unit)
        for name, unit in (
            ("hosts", ""),
            ("servers", ""),
            ("arrival_rate", "per_s"),
            ("utilization", ""),
            ("wait", "s"),
            ("response", "s"),
            ("response_p50", "s"),
            ("response_p90", "s"),
            ("response_p95", "s"),
            ("response_p99", "s"),
            ("response_p999", "s"),
            ("queue_length", ""),
            ("number_in_system", ""),
            ("headroom", ""),
            ("hit_ratio", ""),
            ("offload", ""),
            ("byte_offload", ""),
            ("cost", "usd_per_month"),
            ("user_mean", "s"),
            ("user_p50", "s"),
            ("user_p90", "s"),
            ("user_p95", "s"),
            ("user_p99", "s"),
            ("user_p999", "s"),
        )
    ),
)


def document(solution: Solution) -> Document:
    """All that a person wants to see of one solved scenario."""
    tiers = [_record(tier) for tier in solution.tier_results]
    requests = [_record(request) for request in solution.request_results]
    objectives = [_record(objective) for objective in solution.objective_results]
    return Document(
        title=f"{solution.name}: {headline(solution)}",
        tables=_tables(solution, tiers, requests, objectives),
        sections=_sections(solution),
        flat=Table(name="solution", title="", columns=FLAT, rows=_flat(tiers, requests)),
        data=_data(solution, tiers, requests, objectives),
    )


def _record(result: Any) -> dict[str, Any]:
    """A result as a plain record with its status."""
    record = {field.name: _scalar(getattr(result, field.name)) for field in fields(result)}
    return {**record, "status": status(record)}


def _scalar(value: Any) -> Any:
    return value.item() if isinstance(value, np.ndarray | np.generic) else value


def status(record: Mapping[str, Any]) -> str:
    """``undefined`` where a number is nan, ``saturated`` where a time is infinite, else ``ok``."""
    floats = {name: value for name, value in record.items() if isinstance(value, float)}
    if any(isnan(value) for value in floats.values()):
        return "undefined"
    endless = any(isinf(value) for name, value in floats.items() if name != "headroom")
    return "saturated" if endless else "ok"


def headline(solution: Solution) -> str:
    """The bottleneck and how far the load may grow."""
    headroom = float(solution.headroom)
    if isnan(headroom):
        return "undefined"
    busy = human.share(1 / headroom) if headroom > 0 else "∞"
    name = solution.bottleneck
    if isinf(headroom):
        return "no load, so nothing saturates"
    if headroom <= 1:
        return f"SATURATED: {name} is asked for {busy} of what it can serve"
    return f"{name} saturates first, at {human.significant(headroom)} times this load ({busy} busy)"


def _tables(
    solution: Solution,
    tiers: list[dict[str, Any]],
    requests: list[dict[str, Any]],
    objectives: list[dict[str, Any]],
) -> list[Table]:
    tables = [
        Table(name="tiers", title="Tiers", columns=TIERS, rows=tiers),
        Table(
            name="requests",
            title="Requests, server side; user: with the edge's round trips",
            columns=REQUESTS,
            rows=requests,
        ),
    ]
    if objectives:
        tables.append(kept.table(objectives))
    several = [station for station in solution.stations if station.role]
    if several:
        rows = [_record(station) for station in several]
        tables.append(
            Table(name="stations", title="Roles of the database", columns=STATIONS, rows=rows)
        )
    if solution.fact_results:
        tables.append(facts.table(solution.fact_results))
    return tables


def _sections(solution: Solution) -> list[Section]:
    money = [] if solution.cost is None else [f"{human.dollars(float(solution.cost))} per month"]
    delay = float(solution.first_request_delay)
    lookup = (
        [f"the first request of a visit waits {human.duration(delay)} more for name resolution"]
        if delay
        else []
    )
    return [
        Section(title="Saturated", sentences=[remedy(each) for each in solution.remedies]),
        Section(title="Cost and first visit", sentences=[*money, *lookup]),
        Section(title="Warnings", sentences=list(solution.warnings)),
        Section(title="Defaults used", sentences=list(defaults(solution.defaults or {}))),
        Section(title="How the numbers were got", sentences=list(solution.assumptions)),
    ]


def remedy(each: Remedy) -> str:
    """Which station, by how much, and what would fix it."""
    name = f"{each.tier} {each.role}".strip()
    asked = (
        f"{name} is asked for {human.share(each.utilization)} of what it can serve: it carries "
        f"{human.share(each.sustainable)} of this load"
    )
    fixes = []
    if each.hosts is not None:
        noun = "replicas" if each.role.startswith("replica") else "hosts"
        fixes.append(f"{human.significant(each.hosts)} {noun} of this size")
    fixes.append(f"{human.significant(each.servers)} servers (vCPUs) in each host")
    return f"{asked}; {' or '.join(fixes)} would bring it to its limit"


def defaults(used: Mapping[str, object]) -> Iterator[str]:
    """The defaults by value: one sentence for each setting."""
    grouped: dict[tuple[str, object], list[str]] = {}
    for path, value in used.items():
        parent, _, key = path.rpartition(".")
        owner = parent.removeprefix("tiers.")
        grouped.setdefault((key, value), []).append(owner)
    for (key, value), owners in grouped.items():
        shown = f"{value:g}" if isinstance(value, float) else str(value)
        yield f"{key} = {shown} ({', '.join(owners)})"


def _flat(tiers: list[dict[str, Any]], requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = [{"record": "tier", **tier} for tier in tiers]
    for request in requests:
        times = {f"response_{name}": request[name] for name in ("p50", "p90", "p95", "p99", "p999")}
        rows.append({"record": "request", "response": request["mean"], **times, **request})
    return rows


def _data(
    solution: Solution,
    tiers: list[dict[str, Any]],
    requests: list[dict[str, Any]],
    objectives: list[dict[str, Any]],
) -> dict[str, Any]:
    return {
        "name": solution.name,
        "bottleneck": solution.bottleneck,
        "headroom": solution.headroom,
        "saturated": solution.saturated,
        "cost_usd_per_month": solution.cost,
        "first_request_delay": solution.first_request_delay,
        "tiers": tiers,
        "stations": [_record(station) for station in solution.stations],
        "requests": requests,
        "objectives": objectives,
        "facts": facts.data(solution.fact_results),
        "remedies": [_record(each) for each in solution.remedies],
        "warnings": solution.warnings,
        "assumptions": solution.assumptions,
        "defaults": solution.defaults or {},
        "ranges": solution.ranges or {},
    }
