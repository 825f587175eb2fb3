"""A `FailureStudy` as a document: one row a failure, every tier's load and p99 beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from math import isinf, isnan
from typing import Any

from capcalc.reports.document import Column, Document, Section, Table, yes
from capcalc.results.failures import FailureResult, FailureStudy
from capcalc.units import format as human

SUMMARY = (
    Column(name="failure", head="failure"),
    Column(name="stable", head="stable", show=yes),
    Column(name="busiest", head="busiest"),
    Column(name="utilization", head="busy", show=human.share),
    Column(name="shed", head="turn away", show=human.share),
    Column(name="objectives_kept", head="objectives", show=yes),
    Column(name="recovery_time", head="over after", show=human.duration, unit="s"),
    Column(name="asked", head="survive"),
)
FLAT = (
    Column(name="failure", head="failure"),
    Column(name="tier", head="tier"),
    Column(name="status", head="status"),
    Column(name="stable", head="stable"),
    Column(name="objectives_kept", head="objectives_kept"),
    Column(name="shed", head="shed"),
    Column(name="recovery_time", head="recovery_time", unit="s"),
    Column(name="arrival_rate_before", head="arrival_rate_before", unit="per_s"),
    Column(name="arrival_rate", head="arrival_rate", unit="per_s"),
    Column(name="utilization_before", head="utilization_before"),
    Column(name="utilization", head="utilization"),
    Column(name="response_p99_before", head="response_p99_before", unit="s"),
    Column(name="response_p99", head="response_p99", unit="s"),
    Column(name="hit_ratio", head="hit_ratio"),
)


HOW = (
    "Every state is solved like today's, nothing repaired, no load turned away.",
    (
        "turn away: the share of all requests alike that keeps what gets busier within "
        "max_utilization_after_failure."
    ),
    (
        "over after: until things are as before, where boot_time, failover_time and the contents "
        "of caches are given. Backlogs are taken as turned away."
    ),
)


def document(study: FailureStudy) -> Document:
    """The failures, what they do to every tier, and what else happens."""
    return Document(
        title=f"{study.name}: {headline(study)}",
        tables=[
            Table(
                name="failures",
                title="One failure at a time, right after it",
                columns=SUMMARY,
                rows=[_row(each) for each in study.results],
            ),
            _by_tier(study, "utilization", "How busy it makes every tier", human.share),
            _by_tier(study, "response_p99", "p99 of one visit to every tier", human.duration),
            _by_class(study),
            *_courses(study),
        ],
        sections=[
            Section(title="Objectives broken", sentences=_broken(study)),
            Section(title="What else happens", sentences=_says(study)),
            Section(title="Warnings", sentences=study.warnings),
            Section(title="How to read this", sentences=HOW),
        ],
        flat=Table(name="failures", title="", columns=FLAT, rows=[*map(_flat, study.rows())]),
        data={
            "name": study.name,
            "failures": [_data(each) for each in study.results],
            "warnings": study.warnings,
        },
    )


def headline(study: FailureStudy) -> str:
    """How many failures are borne."""
    at_once = [each for each in study.results if each.phase == "at once"]
    unstable = [each.failure for each in at_once if not each.stable]
    if not unstable:
        broken = [each for each in at_once if each.objectives_kept is False]
        verb = "breaks" if len(broken) == 1 else "break"
        kept = f"but {len(broken)} {verb} an objective" if broken else "and keeps its objectives"
        return f"bears each of {len(at_once)} single failures, {kept}"
    return f"{len(unstable)} of {len(at_once)} single failures overload it"


def _row(each: FailureResult) -> dict[str, Any]:
    return {
        "failure": each.failure,
        "stable": each.stable,
        "busiest": each.busiest,
        "utilization": each.utilization,
        "shed": each.shed or None,
        "objectives_kept": each.objectives_kept,
        "recovery_time": each.recovery_time,
        "asked": "asked for" if each.survive else None,
    }


def _by_tier(study: FailureStudy, name: str, title: str, show: Any) -> Table:
    tiers = [tier.tier for tier in study.results[0].after] if study.results else []
    used = [
        tier
        for tier in tiers
        if any(getattr(each.tier(tier), name) is not None for each in study.results)
    ]
    rows: list[dict[str, Any]] = []
    if study.results:
        first = study.results[0]
        rows.append(
            {"failure": "today"} | {t: getattr(first.tier(t), f"{name}_before") for t in used}
        )
    rows += [
        {"failure": each.failure} | {t: getattr(each.tier(t), name) for t in used}
        for each in study.results
    ]
    columns = (
        Column(name="failure", head="failure"),
        *(Column(name=tier, head=tier, show=show) for tier in used),
    )
    return Table(name=name, title=title, columns=columns, rows=rows)


def _by_class(study: FailureStudy) -> Table:
    names = [each.request_class for each in study.results[0].requests] if study.results else []
    rows: list[dict[str, Any]] = []
    if study.results:
        rows.append(
            {"failure": "today"}
            | {each.request_class: each.p99_before for each in study.results[0].requests}
        )
    rows += [
        {"failure": each.failure} | {one.request_class: one.p99 for one in each.requests}
        for each in study.results
    ]
    columns = (
        Column(name="failure", head="failure"),
        *(Column(name=name, head=name, show=human.duration) for name in names),
    )
    return Table(
        name="requests", title="p99 of each request, server side", columns=columns, rows=rows
    )


def _courses(study: FailureStudy) -> list[Table]:
    """How hits come back, a row for each time that is told."""
    rows = [
        {"failure": each.failure, "time": time, "hit_ratio": hit, "misses": misses}
        for each in study.results
        for time, hit, misses in each.misses_by_time()
    ]
    columns = (
        Column(name="failure", head="failure"),
        Column(name="time", head="after", show=human.duration, unit="s"),
        Column(name="hit_ratio", head="hits", show=human.share),
        Column(name="misses", head="misses", show=human.rate, unit="per_s"),
    )
    if not rows:
        return []
    title = "How the hits come back, if what is behind bears the misses"
    return [Table(name="course", title=title, columns=columns, rows=rows)]


def _broken(study: FailureStudy) -> Sequence[str]:
    return [f"{each.failure}: {'; '.join(each.broken)}" for each in study.results if each.broken]


def _says(study: FailureStudy) -> Sequence[str]:
    said: dict[str, list[str]] = {}
    for each in study.results:
        for sentence in each.says:
            said.setdefault(sentence, []).append(each.failure)
    return [f"{', '.join(names)}: {sentence}" for sentence, names in said.items()]


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "status": _status(row)}


def _status(row: Mapping[str, Any]) -> str:
    floats = [value for value in row.values() if isinstance(value, float)]
    if any(isnan(value) for value in floats):
        return "undefined"
    return "saturated" if any(isinf(value) for value in floats) else "ok"


def _data(each: FailureResult) -> dict[str, Any]:
    data = asdict(each)
    data["course"] = [
        {"time": time, "hit_ratio": hit, "misses": misses}
        for time, hit, misses in each.misses_by_time()
    ]
    data["tiers_failed"] = data.pop("tiers")
    data["tiers"] = [{**tier, "status": _status(tier)} for tier in data.pop("after")]
    data["objectives_broken"] = data.pop("broken")
    return data
