"""Requests inside by Little's law, beside what was measured or configured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from capcalc.results.fit import Estimate
from capcalc.results.measurements import Measurements, Series
from capcalc.studies.calibrate.context import Context
from capcalc.studies.calibrate.regressors import DONE, per_second
from capcalc.theory.arrays import Array
from capcalc.theory.calibration.series_mean import mean
from capcalc.units.format import significant

#: Requests inside that differ by more than this from throughput times response.
APART = 0.10


def inside(measured: Measurements, context: Context) -> tuple[list[Estimate], list[str]]:
    """N = X R of each tier whose throughput and response were measured; sentences about it."""
    estimates: list[Estimate] = []
    sentences: list[str] = []
    good, excluded = _sound(measured)
    for response in measured.of_role("response_mean"):
        rate = _rate(measured, response)
        if response.label or rate is None:
            continue
        count = np.where(good, per_second(rate, measured.step) * response.values, np.nan)
        if not np.isfinite(count).any():
            continue
        estimates.append(_estimate(count, response, rate, measured.time is not None, context))
        sentences += _beside(count, response, measured)
    return estimates, [*(excluded if estimates else []), *sentences]


def _sound(measured: Measurements) -> tuple[NDArray[np.bool_], list[str]]:
    """Rows of a table that had neither errors nor timeouts, and how many were left out."""
    failed = next(measured.of_role("errors"), None)
    if measured.time is not None or failed is None:
        return np.ones((), dtype=bool), []
    bad = failed.values > 0
    if not bad.any():
        return ~bad, []
    text = (
        f"{int(bad.sum()):,} of {bad.size:,} rows have errors or timeouts and do not count in what"
        " is said of requests inside"
    )
    return ~bad, [text]


def _rate(measured: Measurements, response: Series) -> Series | None:
    """What was answered where the response was measured: the tier's own, else the only one."""
    # a count is a rate only where the length of the interval is known
    roles = [role for role in DONE if role != "requests" or measured.step]
    rates = [each for role in roles for each in measured.of_role(role) if not each.label]
    for same in (
        [each for each in rates if (each.tier, each.host) == (response.tier, response.host)],
        [each for each in rates if not each.tier or not response.tier],
    ):
        if same:
            return same[0]
    return None


def _estimate(
    count: Array, response: Series, rate: Series, timed: bool, context: Context
) -> Estimate:
    told = mean(count, context.level)
    return Estimate(
        name="concurrency",
        tier=response.tier or rate.tier,
        label=response.host,
        value=told.value,
        low=max(told.low, 0.0) if timed else float(np.nanmin(count)),
        high=told.high if timed else float(np.nanmax(count)),
        level=context.level,
        unit="1",
        n=told.n,
        method="N = X R" if timed else "N = X R of each row; the ends are those of the rows",
        reference="Little 1961",
    )


def _beside(count: Array, response: Series, measured: Measurements) -> Iterator[str]:
    """Where the file says another number of requests inside."""
    other = _counted([*measured.of_role("concurrency")], response) or _counted(
        [*measured.of_role("load")], response
    )
    if other is None:
        return
    both = np.isfinite(count) & np.isfinite(other.values) & (other.values > 0)
    if not both.any():
        return
    seen = float(np.median(count[both] / other.values[both]))
    if abs(seen - 1) <= APART:
        return
    why = (
        "Clients that wait, think or time out are not inside: do not take the configured number"
        " for the concurrency"
        if seen < 1
        else "Requests wait where they are not counted, or the response is measured elsewhere"
        " than the throughput"
    )
    yield (
        "Little's law does not hold between these columns: throughput times response is"
        f" {significant(float(np.median(count[both])))} requests, but {other.column!r} says"
        f" {significant(float(np.median(other.values[both])))}. {why}"
    )


def _counted(series: Sequence[Series], response: Series) -> Series | None:
    """The one of the response's own place; one of another tier tells nothing of this."""
    return next(
        (
            each
            for each in series
            if (not each.tier or not response.tier or each.tier == response.tier)
            and (not each.host or not response.host or each.host == response.host)
        ),
        None,
    )
