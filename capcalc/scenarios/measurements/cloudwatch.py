"""Answers of CloudWatch: statistics and metric data as JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from capcalc.results.measurements import Column
from capcalc.scenarios.measurements import roles
from capcalc.scenarios.measurements.blocks import Tally
from capcalc.scenarios.measurements.opening import File, refused

_INSTANCE = re.compile(r"\bi-[0-9a-f]{8,17}\b")
_BALANCER = re.compile(r"\b(?:app|net)/[\w-]+/[0-9a-f]+\b|\btargetgroup/[\w-]+/[0-9a-f]+\b")
#: Before the id of a metric whose label another one has too.
_ALIKE = "#"
_STATISTICS = ("Average", "Sum", "Maximum", "Minimum", "SampleCount")
#: CloudWatch's units and ours.
_UNITS = {
    "Percent": "%",
    "Seconds": "s",
    "Milliseconds": "ms",
    "Microseconds": "us",
    "Count/Second": "/s",
    "Bytes": "bytes",
}

Table = tuple[str, dict[str, Sequence[Any]], list[Column]]


def table(tree: Any, file: File, tally: Tally) -> Table | None:
    """Time and one column for each metric; None for what is no answer of CloudWatch."""
    if not isinstance(tree, dict):
        return None
    if isinstance(tree.get("MetricDataResults"), list):
        return _of_data(tree["MetricDataResults"], file)
    if isinstance(tree.get("Datapoints"), list):
        return _of_statistics(tree, file, tally)
    return None


def _of_data(results: Sequence[Any], file: File) -> Table:
    """``get-metric-data``: timestamps and values side by side."""
    values: dict[str, dict[Any, Any]] = {}
    ids: dict[str, str] = {}
    for place, each in enumerate(results):
        if isinstance(each, dict):
            name = str(each.get("Label") or each.get("Id") or f"metric {place + 1}")
            own = str(each.get("Id") or place + 1)
            if ids.setdefault(name, own) != own:  # of another host, and only the id says so
                name = f"{name} {_ALIKE}{own}"
            pairs = zip(each.get("Timestamps") or (), each.get("Values") or (), strict=False)
            values.setdefault(name, {}).update(dict(pairs))
    if not any(values.values()):
        raise refused(file.name, "CloudWatch's answer has no values")
    return _joined(values, {})


def _of_statistics(tree: Mapping[str, Any], file: File, tally: Tally) -> Table:
    """``get-metric-statistics``: one record for each time."""
    points = [each for each in tree["Datapoints"] if isinstance(each, dict)]
    if not points:
        raise refused(file.name, "CloudWatch's answer has no values")
    label = str(tree.get("Label") or "value")
    statistic = next((each for each in _STATISTICS if each in points[0]), None)
    counted = roles.guessed(label).role in ("requests", "errors", "rejected")
    if counted and "Sum" in points[0]:
        statistic = "Sum"
    if statistic is None:
        raise refused(file.name, "CloudWatch's values have none of Average, Sum, Maximum")
    tally.note(f"{label}: its {statistic} is taken")
    unit = _UNITS.get(str(points[0].get("Unit", "")), "")
    held = {each.get("Timestamp"): each.get(statistic) for each in points}
    return _joined({label: held}, {label: unit})


def _column(name: str, unit: str) -> Column:
    """What a metric is; the ids of instances and balancers are no part of its name."""
    plain, _, own = name.partition(_ALIKE)
    host = next(iter(_INSTANCE.findall(plain)), own)
    guess = roles.guessed(_BALANCER.sub(" ", _INSTANCE.sub(" ", plain)))
    why = f"{guess.why}; CloudWatch tells the unit" if unit else guess.why
    return replace(guess, name=name, host=host, unit=unit or guess.unit, why=why)


def _joined(values: Mapping[str, Mapping[Any, Any]], units: Mapping[str, str]) -> Table:
    times = sorted({time for held in values.values() for time in held if time}, key=str)
    rows: dict[str, Sequence[Any]] = {"timestamp": times}
    columns = []
    for name, held in values.items():
        rows[name] = [held.get(time) for time in times]
        found = _column(name, units.get(name, ""))
        if found.role:
            columns.append(found)
    return "cloudwatch", rows, columns
