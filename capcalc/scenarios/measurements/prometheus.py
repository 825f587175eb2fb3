"""The answer of Prometheus to a range query, as columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

import numpy as np

from capcalc.results.measurements import COUNTERS, Column
from capcalc.scenarios.measurements import roles
from capcalc.scenarios.measurements.blocks import Array, Tally
from capcalc.scenarios.measurements.opening import File, refused

#: Labels that name the tier, the host and the request class.
_TIERS = ("tier", "service", "job", "app", "component", "deployment", "container")
_HOSTS = ("host", "instance", "pod", "node", "hostname")
_CLASSES = ("class", "route", "handler", "path", "endpoint", "uri", "operation")
#: Modes of node_cpu_seconds_total in which a processor does no work.
_IDLE = ("idle", "iowait", "steal")
#: Series of one file at most.
MOST = 2_000

Table = tuple[str, dict[str, Any], list[Column]]


def table(tree: Any, file: File, tally: Tally) -> Table | None:
    """Time and one column for each series; None for what is no answer of Prometheus.

    Raises
    ------
    UsageError
        For an error, an instant query, or a result without series.
    """
    if not isinstance(tree, dict) or "status" not in tree or not ({"data", "error"} & set(tree)):
        return None
    if tree.get("status") == "error":
        what = str(tree.get("error", "unknown"))[:200]
        raise refused(file.name, f"Prometheus answered with an error: {what}")
    data = tree.get("data")
    kind = data.get("resultType") if isinstance(data, dict) else None
    if not isinstance(data, dict) or kind is None:
        return None
    if kind != "matrix":
        raise refused(
            file.name,
            f"this is an instant query of Prometheus ({kind}), one moment only",
            "ask /api/v1/query_range with start, end and step",
        )
    result = data.get("result")
    if not isinstance(result, list) or not result:
        raise refused(file.name, "Prometheus found no series for this query")
    return _of_series(result, tally)


def _of_series(result: Sequence[Any], tally: Tally) -> Table:
    """Idle time is turned into busy time, buckets and sums are kept by their names."""
    columns: dict[str, Column] = {}
    values: dict[str, list[dict[float, Any]]] = {}
    for each in result[:MOST]:
        if not isinstance(each, dict):
            continue
        labels = each.get("metric") if isinstance(each.get("metric"), dict) else {}
        column = _column({str(k): str(v) for k, v in (labels or {}).items()})
        if column is None:
            continue
        columns.setdefault(column.name, column)
        values.setdefault(column.name, []).append(_points(each))
    if len(result) > MOST:
        tally.note(f"{len(result):,} series: the first {MOST:,} are read")
    every = (held for parts in values.values() for held in parts)
    times = sorted({time for held in every for time in held if isfinite(time)})
    rows: dict[str, Any] = {"time": times}
    for name, parts in values.items():
        counter = columns[name].role in COUNTERS
        rows[name] = _added(parts, times, counter=counter)
    time = Column(name="time", role="time", unit="s", why="Prometheus tells seconds since 1970")
    return "prometheus", rows, [time, *columns.values()]


def _points(each: Mapping[str, Any]) -> dict[float, Any]:
    """The values of one series by their time."""
    points = each.get("values") or ()
    pairs = [p for p in points if isinstance(p, list | tuple) and len(p) == 2]
    return {_number(time): value for time, value in pairs}


def _added(
    parts: Sequence[Mapping[float, Any]], times: Sequence[float], *, counter: bool
) -> Sequence[Any]:
    """Series of one tier, host and class that differ in other labels only add up.

    Of counters what each grew by is added, so that one of them may be reset, begin or end.
    """
    if len(parts) == 1:
        return [parts[0].get(time) for time in times]
    values = np.array([[_number(held.get(time)) for time in times] for held in parts])
    if counter:
        return list(np.stack([_grown(each) for each in values]).sum(axis=0))
    known = np.isfinite(values)
    return list(np.where(known.any(axis=0), np.where(known, values, 0.0).sum(axis=0), np.nan))


def _grown(values: Array) -> Array:
    """What a counter has grown by since its first value, through resets; ``nan`` in gaps."""
    known = np.flatnonzero(np.isfinite(values))
    if not known.size:
        return np.zeros(values.size)
    moves = np.diff(values[known])
    moves = np.where(moves < 0, values[known][1:], moves)
    total = np.concatenate([[0.0], np.cumsum(moves)])
    place = np.searchsorted(known, np.arange(values.size), side="right") - 1
    held = total[np.maximum(place, 0)]
    inside = (place >= 0) & (place < known.size - 1) & ~np.isfinite(values)
    return np.where(inside, np.nan, held)


def _number(text: Any) -> float:
    try:
        return float(text)
    except (TypeError, ValueError):
        return float("nan")


def _column(labels: Mapping[str, str]) -> Column | None:
    """What one series is, by its name and labels; None for what says nothing here."""
    name = labels.get("__name__", "value")
    if name == "node_cpu_seconds_total" and labels.get("mode") in _IDLE:
        return None
    guess = roles.guessed(_plain(name))
    tier = next((labels[key] for key in _TIERS if labels.get(key)), "")
    host = next((labels[key] for key in _HOSTS if labels.get(key)), "")
    label = next((labels[key] for key in _CLASSES if labels.get(key)), "")
    if name.endswith("_bucket"):
        return None
    if name.startswith("node_"):
        tier, label = tier if tier != "node" else "", ""
    role, unit = guess.role, guess.unit
    if name.endswith("_count") and ("request" in name or "duration" in name):
        role, unit = "requests_total", ""
    if name.endswith("_total"):
        role = f"{role}_total" if f"{role}_total" in COUNTERS else role
    shown = ", ".join(part for part in (tier, host, label) if part)
    if role in ("utilization", "busy_total"):
        label = guess.label
    return Column(
        name=f"{name}{{{shown}}}" if shown else name,
        role=role,
        tier=tier or guess.tier,
        host=host,
        label=label or (guess.label if role != "requests_total" else ""),
        unit=unit,
        why=f"its name says {role.replace('_', ' ')}" if role else "its name tells no role",
    )


def _plain(name: str) -> str:
    """The name without the words that every exporter puts in."""
    kept = [
        word for word in name.split("_") if word not in ("http", "node", "process", "container")
    ]
    return "_".join(kept) if kept else name
