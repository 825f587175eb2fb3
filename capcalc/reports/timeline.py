"""A `Timeline` as a document: what to do by when, what breaks first, and what each way costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from math import isfinite
from typing import Any

from capcalc.reports.document import Column, Document, Section, Table
from capcalc.results.timeline import Runway, Step, Timeline, Way
from capcalc.units import format as human


def _times(value: Any) -> str:
    return f"x{human.significant(float(value))}"


STEPS = (
    Column(name="begin", head="begin"),
    Column(name="needed", head="needed from"),
    Column(name="tier", head="tier"),
    Column(name="before", head="from"),
    Column(name="after", head="to"),
    Column(name="because", head="because otherwise"),
    Column(name="cost_before", head="$/month", show=human.dollars),
    Column(name="cost_after", head="after", show=human.dollars),
    Column(name="added", head="adds in all", show=human.dollars),
)
BREAKS = (
    Column(name="what", head="what breaks"),
    Column(name="up_value", head="today"),
    Column(name="up_limit", head="limit"),
    Column(name="up_factor", head="breaks at", show=_times),
    Column(name="up_date", head="date"),
    Column(name="state", head="or when"),
    Column(name="value", head="today"),
    Column(name="limit", head="limit"),
    Column(name="factor", head="breaks at", show=_times),
    Column(name="date", head="date"),
)
UP = "everything up"
FLAT = tuple(
    Column(name=name, head=name)
    for name in (
        *("month", "date", "load_factor", "tier", "status", "instance", "hosts"),
        *("servers_per_host", "utilization", "utilization_after_failure", "limit_used"),
        *("cost_usd_per_month", "change_from", "begin_month", "begin_date", "because"),
        *("side_by_side_usd", "added_until_horizon_usd"),
    )
)
HOW = (
    "begin: the lead time before it is needed, on the first day of that month.",
    (
        "breaks at: the factor on today's demand at which today's machines break the limit: with "
        "everything up, and after the failure to be survived that breaks it first (JSON has all)."
    ),
    (
        "costs: hosts in that month and CDNs at the load of its middle, in US dollars per month; a "
        "dash where that way breaks a limit. adds in all: until the horizon, with what runs side "
        "by side while a machine is replaced."
    ),
)


def document(timeline: Timeline) -> Document:
    """The changes, what breaks first, the costs of all ways to grow, and the rules."""
    return Document(
        title=f"{timeline.name}: {headline(timeline)}",
        tables=[
            *_if_any("steps", "What to do", STEPS, [_step(e) for e in timeline.steps]),
            *_if_any("breaks", "What breaks first, as it runs today", BREAKS, _breaks(timeline)),
            *_costs(timeline),
            *_machines(timeline),
        ],
        sections=[
            Section(title="What follows", sentences=timeline.reasons),
            Section(title="Out of reach", sentences=timeline.out_of_reach),
            Section(title="How it was planned", sentences=timeline.rules),
            Section(title="Warnings", sentences=timeline.warnings),
            Section(title="How to read this", sentences=HOW),
        ],
        flat=Table(name="months", title="", columns=FLAT, rows=[*map(_flat, timeline.rows())]),
        data=_data(timeline),
    )


def headline(timeline: Timeline) -> str:
    """One line to take away."""
    now = sum(step.begin <= 0 for step in timeline.steps)
    later = len(timeline.steps) - now
    end = _end(timeline)
    money = f"; {human.dollars(timeline.total)} until {end}" if timeline.total else ""
    if not timeline.steps and timeline.growth <= 0:
        return f"nothing changes as long as demand does not grow{money}"
    if not timeline.steps:
        return f"nothing to change until {end}{money}"
    parts = [f"{now} change{'' if now == 1 else 's'} to begin now"] if now else []
    if later:
        last = timeline.steps[-1]
        when = last.date or f"month {last.needed}"
        noun = "" if now else f" change{'' if later == 1 else 's'}"
        parts.append(f"{later}{' more' if now else ''}{noun} by {when}")
    wall = "" if timeline.horizon == timeline.asked else ", where no machine carries more"
    return f"{', '.join(parts)}{money}{wall}"


def _end(timeline: Timeline) -> str:
    """The last month planned."""
    return (
        timeline.months[-1].date or f"month {timeline.horizon - 1}" if timeline.months else "then"
    )


def _if_any(
    name: str, title: str, columns: tuple[Column, ...], rows: list[dict[str, Any]]
) -> Iterator[Table]:
    if rows:
        yield Table(name=name, title=title, columns=columns, rows=rows)


def _step(step: Step) -> dict[str, Any]:
    if step.overdue:
        begin = "now (late)"
    elif step.begin <= 0:
        begin = "now"
    else:
        begin = step.begin_date or f"month {human.significant(step.begin)}"
    return {
        "begin": begin,
        "needed": step.date or f"month {step.needed}",
        "tier": step.tier,
        "before": str(step.before),
        "after": str(step.after),
        "because": step.because,
        "cost_before": step.cost_before,
        "cost_after": step.cost_after,
        "added": step.added,
    }


def _breaks(timeline: Timeline) -> list[dict[str, Any]]:
    """Each limit with everything up, and in the state after a failure that breaks it first."""
    rows: dict[str, dict[str, Any]] = {}
    for each in timeline.runways:
        if not isfinite(each.load_factor):
            continue
        what = f"{each.name} busy" if each.measure == "utilization" else each.name
        row = rows.setdefault(what, {"what": what})
        if each.state == UP:
            row |= {f"up_{name}": value for name, value in _break(each).items()}
        elif "state" not in row:
            row |= {"state": each.state, **_break(each)}
    return list(rows.values())


def _break(each: Runway) -> dict[str, Any]:
    show = human.share if each.measure == "utilization" else human.duration
    when = each.date if isfinite(each.months) else None
    if when is None and isfinite(each.months):
        when = f"month {human.significant(each.months)}"
    return {
        "value": show(each.value) if isfinite(each.value) else "overloaded",
        "limit": show(each.limit),
        "factor": each.load_factor,
        "date": "broken today" if each.broken_today else when,
    }


def _costs(timeline: Timeline) -> Iterator[Table]:
    """What each way costs today, at each step of the plan, at the horizon, and in all."""
    if not timeline.total:
        return
    names = [way.name for way in timeline.ways]
    rows: dict[tuple[int, str], dict[str, Any]] = {}
    for cost in timeline.costs:
        when = cost.date or f"month {cost.month}"
        row = rows.setdefault((cost.month, cost.occasion), {"when": when})
        row["load_factor"] = cost.load_factor
        row["occasion"] = cost.occasion
        row[cost.way] = human.dollars(cost.cost) if cost.keeps else "–"
    total: dict[str, Any] = {"when": f"all {timeline.horizon} months", "occasion": "total"}
    total |= {way.name: _total(timeline, way) for way in timeline.ways}
    columns = (
        Column(name="when", head="month"),
        Column(name="occasion", head=""),
        Column(name="load_factor", head="load", show=_times),
        *(Column(name=name, head=_head(name)) for name in names),
    )
    yield Table(
        name="costs", title="What each way costs", columns=columns, rows=[*rows.values(), total]
    )


def _total(timeline: Timeline, way: Way) -> str:
    if way.carried < timeline.horizon:
        return f"ends in month {way.carried}"
    return human.dollars(way.total)


def _head(name: str) -> str:
    return {"vertical": "bigger machines", "horizontal": "more hosts"}.get(name, name)


def _machines(timeline: Timeline) -> Iterator[Table]:
    """What every tier runs on at the horizon; not for a way that ends before."""
    if not timeline.steps:
        return
    today = {step.tier: str(step.before) for step in reversed(timeline.steps)}
    rows = []
    for at, choice in enumerate(timeline.way("plan").machines[-1]):
        row: dict[str, Any] = {"tier": choice.tier, "today": today.get(choice.tier, str(choice))}
        for way in timeline.ways:
            ends = way.carried < timeline.horizon
            row[way.name] = "–" if ends else str(way.machines[-1][at])
        rows.append(row)
    columns = (
        Column(name="tier", head="tier"),
        Column(name="today", head="today"),
        *(Column(name=way.name, head=_head(way.name)) for way in timeline.ways),
    )
    yield Table(name="machines", title="Machines at the horizon", columns=columns, rows=rows)


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    busy = row["utilization"]
    return {**row, "status": "saturated" if busy is not None and busy >= 1 else "ok"}


def _data(timeline: Timeline) -> dict[str, Any]:
    found = {
        name: getattr(timeline, name)
        for name in ("name", "start", "growth", "reasons", "out_of_reach", "rules", "warnings")
    }
    return {
        **found,
        "cost_today_usd_per_month": timeline.cost_today,
        "total_usd": timeline.total,
        "horizon_months": timeline.asked,
        "planned_months": timeline.horizon,
        "lead_time_months": timeline.lead_time,
        "lasting_months": timeline.lasting,
        "runways": [_runway(each) for each in timeline.runways],
        "steps": [_step_data(each) for each in timeline.steps],
        "ways": [_way(timeline, each) for each in timeline.ways],
        "costs": [asdict(each) for each in timeline.costs],
        "months": [*map(_flat, timeline.rows())],
    }


def _runway(each: Runway) -> dict[str, Any]:
    return {**asdict(each), "status": "ok" if isfinite(each.value) else "saturated"}


def _step_data(step: Step) -> dict[str, Any]:
    record = asdict(step)
    renamed = {
        "begin": "begin_month",
        "needed": "needed_month",
        "date": "needed_date",
        "cost_before": "cost_before_usd_per_month",
        "cost_after": "cost_after_usd_per_month",
        "side_by_side": "side_by_side_usd",
        "added": "added_until_horizon_usd",
        "until": "until_month",
    }
    return {renamed.get(name, name): value for name, value in record.items()} | {
        "overdue": step.overdue
    }


def _way(timeline: Timeline, way: Way) -> dict[str, Any]:
    return {
        "way": way.name,
        "total_usd": way.total,
        "hosts_usd": way.hosts_total,
        "cdn_usd": way.edge_total,
        "side_by_side_usd": way.side_by_side,
        "lower_bound_hosts_usd": way.least,
        "proved": way.proved,
        "unpriced_servers": way.unpriced_servers,
        "carried_months": way.carried,
        "reachable_months": way.reachable,
        "carries_to_horizon": way.carried >= timeline.horizon,
        "ends": way.ends,
    }
