"""Series on one even grid of times: sorted, doubles mended, gaps open, counters differenced."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from capcalc.results.measurements import COUNTERS, Series
from capcalc.studies.measured.keys import Key
from capcalc.studies.measured.source import Array

#: Roles that add up over time; all others are means.
COUNTS = frozenset(
    [
        "requests",
        "rejected",
        "errors",
        "hits",
        "misses",
        "reads",
        "writes",
        "bytes",
        "sessions",
        "orders",
        "revenue",
        "new_users",
    ]
)
#: What is averaged over an interval as it is read.
_AVERAGES = {"utilization", "busy_servers", "arrival_rate", "throughput", "response_mean"}
#: Steps that are off by this are still even.
EVEN = 0.02
#: Grids with more holes than this are left as the rows are.
MOST_HOLES = 5.0


def gridded(
    points: Mapping[Key, tuple[Array, Array]], notes: list[str]
) -> tuple[Array, float | None, tuple[Series, ...]]:
    """Times, their step, and every series on them."""
    every = np.concatenate([time for time, _ in points.values()])
    times = np.unique(every)
    if times.size < 2:
        return times, None, tuple(_series(key, values) for key, (_, values) in points.items())
    turned = any(bool((np.diff(time) < 0).any()) for time, _ in points.values())
    if turned:
        notes.append("rows were not in the order of time: sorted")
    step = _step(times)
    start = times[0]
    place = np.round((times - start) / step)
    even = float(np.mean(np.abs((times - start) / step - place) <= 0.3)) > 0.9
    length = int(place[-1]) + 1
    if not even or length > MOST_HOLES * times.size + 10:
        notes.append(
            f"times are uneven (the middle step is {step:,.6g} s): rows are taken as they are"
        )
        grid = times
    else:
        grid = start + step * np.arange(length)
        holes = length - np.unique(place).size
        if holes:
            longest = int(np.diff(np.unique(place)).max()) - 1
            notes.append(
                f"{holes:,} of {length:,} intervals are missing (the longest gap is {longest:,}):"
                " left open"
            )
    past = _of_the_past({key.role for key in points})
    if past:
        notes.append(
            "counters stand beside averages: a row is taken to tell of the interval that ends there"
        )
    found = [
        _on_grid(key, time, values, grid, step, notes, past=past)
        for key, (time, values) in points.items()
    ]
    return grid, float(step), tuple(each for series in found for each in series)


def _of_the_past(roles: set[str]) -> bool:
    """Whether rows are about the interval before them.

    Who reads a counter and an average at one moment has the average since the last reading.
    """
    return bool(roles & COUNTERS.keys()) and bool(roles & _AVERAGES)


def _step(times: Array) -> float:
    """The usual step: the middle one, made precise by the whole stretch."""
    steps = np.diff(times)
    middle = float(np.median(steps))
    if middle <= 0:
        middle = float(steps[steps > 0].min())
    near = steps[np.abs(steps / middle - 1) < 0.25]
    return float(near.mean()) if near.size else middle


def _on_grid(
    key: Key,
    time: Array,
    values: Array,
    grid: Array,
    step: float,
    notes: list[str],
    *,
    past: bool,
) -> list[Series]:
    order = np.argsort(time, kind="stable")
    time, values = time[order], values[order]
    if key.role in COUNTERS:
        return _counted(key, time, values, grid, step, notes, past=past)
    place = _places(time, grid, step)
    return [_series(key, _averaged(key, place, values, grid.size, notes))]


def _places(time: Array, grid: Array, step: float) -> Array:
    near = np.clip(np.searchsorted(grid, time - step / 2), 0, grid.size - 1)
    return np.asarray(near)


def _averaged(key: Key, place: Array, values: Array, size: int, notes: list[str]) -> Array:
    known = np.isfinite(values)
    count = np.bincount(place[known], minlength=size)
    total = np.bincount(place[known], values[known], size)
    if (count > 1).any():
        spread = np.bincount(place[known], values[known] ** 2, size) - total**2 / np.maximum(
            count, 1
        )
        apart = (count > 1) & (spread > 1e-9 * np.maximum(total**2, 1e-300))
        both = int((count > 1).sum())
        notes.append(
            f"{both:,} times stand more than once in {key.column!r}: "
            + (
                f"averaged ({int(apart.sum()):,} with different values)"
                if apart.any()
                else "once taken"
            )
        )
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(count > 0, total / count, np.nan)


def _counted(
    key: Key,
    time: Array,
    values: Array,
    grid: Array,
    step: float,
    notes: list[str],
    *,
    past: bool,
) -> list[Series]:
    """What a counter grew by in each interval (after or before a row); after a reset from 0."""
    known = np.isfinite(values)
    time, values = time[known], values[known]
    grown, length = np.diff(values), np.diff(time)
    resets = grown < 0
    if resets.any():
        notes.append(
            f"the counter {key.column!r} was reset {int(resets.sum()):,} times: it is taken to"
            " begin at 0 again (what came between the last value and the reset is lost)"
        )
        grown = np.where(resets, values[1:], grown)
    role = COUNTERS[key.role]
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = np.where((length > 0) & (length < 2.5 * step), grown / length, np.nan)
    place = _places(time[1:] if past else time[:-1], grid, step)
    found = _averaged(key, place, rate, grid.size, notes)
    values = found * step if role in COUNTS else found
    return [_series(key._replace(role=role), values)]


def _series(key: Key, values: Array) -> Series:
    return Series(
        role=key.role,
        tier=key.tier,
        host=key.host,
        label=key.label,
        values=np.asarray(values, dtype=float),
        column=key.column,
    )
