"""Hit ratios of caches, and what they let through."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from capcalc.results.fit import Estimate
from capcalc.results.measurements import Measurements, Series
from capcalc.studies.calibrate.context import Context
from capcalc.studies.calibrate.regressors import DONE
from capcalc.theory.arrays import Array
from capcalc.theory.calibration.series_mean import LEAST_EFFECTIVE, Mean, mean, ratio
from capcalc.units.format import significant

#: Rows of a table whose misses are told one by one.
MOST_ROWS = 60
COCHRAN = "Cochran 1977, sec. 2.11"
_Place = tuple[str, str]


def hits(measured: Measurements, context: Context) -> tuple[list[Estimate], list[str]]:
    """The hit ratio of each cache, hosts together; what could not be told."""
    estimates: list[Estimate] = []
    left: list[str] = []
    for place, pairs in _pairs(measured).items():
        above, below = summed(pairs)
        told = ratio(above, below, context.level)
        if not told.value <= 1.0:
            if np.isfinite(told.value):
                left.append(
                    f"the hit ratio{f' of {place[0]}' if place[0] else ''}: there are"
                    f" {significant(told.value)} hits for each request, so that requests are not"
                    " the lookups; measure misses (or lookups) beside"
                )
            continue
        estimates.append(_share(told, place, context, "hits over lookups, sums of all intervals"))
    estimates += _of_ratios(measured, context)
    return estimates, left


def through(measured: Measurements, context: Context) -> Iterator[Estimate]:
    """What caches let through, row by row of a table without time."""
    told = next(measured.of_role("miss_ratio", "hit_ratio"), None)
    asked = next((e for role in DONE for e in measured.of_role(role)), None)
    if measured.time is not None or told is None or asked is None or asked.role == "requests":
        return
    missed = told.values if told.role == "miss_ratio" else 1.0 - told.values
    names = next((each for each in measured.texts.values() if len(set(each)) == len(each)), None)
    both = np.flatnonzero(np.isfinite(missed) & np.isfinite(asked.values))
    for row in both[:MOST_ROWS]:
        value = float(missed[row] * asked.values[row])
        yield Estimate(
            name="backend_rate",
            label=str(row + 1) if names is None else names[row],
            value=value,
            low=value,
            high=value,
            level=context.level,
            unit="1/s",
            n=1,
            method="requests times the share that misses",
        )


def summed(pairs: Sequence[tuple[Array, Array]]) -> tuple[Array, Array]:
    """Sums over hosts; a host that has a gap is left out of that interval."""
    above = np.stack([first for first, _ in pairs])
    below = np.stack([second for _, second in pairs])
    known = np.isfinite(above) & np.isfinite(below)
    none = ~known.any(axis=0)
    sums = [np.where(known, part, 0.0).sum(axis=0) for part in (above, below)]
    return np.where(none, np.nan, sums[0]), np.where(none, np.nan, sums[1])


def beside(measured: Measurements, role: str, series: Series) -> Series | None:
    """The series of this role of the same tier, host and label."""
    place = (series.tier, series.host, series.label)
    return next(
        (e for e in measured.of_role(role) if (e.tier, e.host, e.label) == place),
        None,
    )


def rough(told: Mean) -> str:
    """Where the interval is a guess."""
    if told.effective_n >= LEAST_EFFECTIVE or not np.isfinite(told.low):
        return ""
    return (
        f"its {told.n:,} intervals move so slowly that they are worth"
        f" {significant(told.effective_n, 2)}: the interval is a guess, measure longer"
    )


def _pairs(measured: Measurements) -> dict[_Place, list[tuple[Array, Array]]]:
    """Hits and lookups of each host, by tier and label."""
    found: dict[_Place, list[tuple[Array, Array]]] = {}
    for each in measured.of_role("hits"):
        misses = beside(measured, "misses", each)
        asked = beside(measured, "requests", each)
        if misses is not None:
            lookups = each.values + misses.values
        elif asked is not None:
            lookups = asked.values
        else:
            continue
        found.setdefault((each.tier, each.label), []).append((each.values, lookups))
    return found


def _of_ratios(measured: Measurements, context: Context) -> Iterator[Estimate]:
    """From ratios of the intervals: weighted with the requests where these are known."""
    if measured.time is None:
        return
    weighted: dict[_Place, list[tuple[Array, Array]]] = {}
    plain: dict[_Place, list[Array]] = {}
    for series in measured.of_role("hit_ratio", "miss_ratio"):
        values = 1.0 - series.values if series.role == "miss_ratio" else series.values
        place = series.tier, series.label
        plain.setdefault(place, []).append(values)
        found = [beside(measured, role, series) for role in DONE]
        weight = next((each.values for each in found if each is not None), None)
        if weight is not None:
            weighted.setdefault(place, []).append((values * weight, weight))
    for place, each in plain.items():
        if len(weighted.get(place, [])) == len(each):
            above, below = summed(weighted[place])
            told = ratio(above, below, context.level)
            method = "the intervals' hit ratios, weighted with their requests"
        else:
            ones = [(one, np.ones(one.shape)) for one in each]
            above, below = summed(ones)
            with np.errstate(invalid="ignore", divide="ignore"):
                told = mean(above / below, context.level)
            method = "mean of the intervals' hit ratios"
        if np.isfinite(told.value):
            yield _share(told, place, context, method)


def _share(told: Mean, place: _Place, context: Context, method: str) -> Estimate:
    tier, label = place[0] or context.of_kind("cache"), place[1]
    return Estimate(
        name="hit_ratio",
        tier=tier,
        label=label,
        path=f"tiers.{tier}.hit_ratio" if tier and not label else "",
        value=told.value,
        low=max(told.low, 0.0),
        high=min(told.high, 1.0),
        level=context.level,
        unit="share",
        n=told.n,
        method=method,
        reference=COCHRAN,
        caution=rough(told),
    )
