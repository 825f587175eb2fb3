"""What speaks against a fit of the utilization law: each sentence with its test."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from capcalc.results.measurements import Measurements
from capcalc.studies.measured.hosts import over_hosts
from capcalc.studies.validate.diagnosis import CLEAR, line
from capcalc.theory.arrays import Array
from capcalc.theory.calibration.demands import Demands
from capcalc.units.format import share, significant

#: Variation of the load (standard deviation over mean) below which a slope is a guess.
LEAST_VARIATION = 0.1
#: Part of the variance that the rates should explain.
LEAST_EXPLAINED = 0.5
_LAGS = 5


def of_law(
    subject: str,
    busy: Array,
    rates: Array,
    law: Demands,
    measured: Measurements,
) -> Iterator[str]:
    """All doubts about one fit."""
    total = rates.sum(axis=1)
    known = np.isfinite(total) & np.isfinite(busy)
    total, used = total[known], busy[known]
    if total.size < 4 or total.mean() <= 0:
        return
    variation = float(total.std() / total.mean())
    if variation < LEAST_VARIATION:
        yield (
            f"{subject}: the load hardly varies (standard deviation {share(variation)} of the"
            " mean), so that service time and background cannot be told apart: measure through a"
            " whole day, or a load test in steps"
        )
    elif law.r_squared < LEAST_EXPLAINED:
        yield (
            f"{subject}: the requests explain only {share(max(law.r_squared, 0.0))} of how busy"
            " it is: other work runs there, the rates are of something else, or clocks differ"
        )
    yield from _clocks(subject, total, used, measured)
    yield from _trend(subject, law, measured)
    yield from _bend(subject, law, busy)


def _clocks(subject: str, total: Array, used: Array, measured: Measurements) -> Iterator[str]:
    """Busy time that follows the requests of another interval."""
    if total.size < 30 or not measured.step:
        return
    best, lag = _correlation(total, used), 0
    for shift in range(1, _LAGS + 1):
        for way in (shift, -shift):
            first = total[:-shift] if way > 0 else total[shift:]
            second = used[shift:] if way > 0 else used[:-shift]
            found = _correlation(first, second)
            if found > best + 0.05:
                best, lag = found, way
    if lag:
        yield (
            f"{subject}: busy time fits the requests of {abs(lag)}"
            f" {'interval' if abs(lag) == 1 else 'intervals'} {'before' if lag > 0 else 'after'}"
            f" best (correlation {best:.2f}): are the clocks {abs(lag) * measured.step:,.6g} s"
            " apart?"
        )


def _correlation(first: Array, second: Array) -> float:
    if first.std() <= 0 or second.std() <= 0:
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])


def _trend(subject: str, law: Demands, measured: Measurements) -> Iterator[str]:
    """A service time that grows or shrinks over the file."""
    known = np.isfinite(law.residuals)
    rest = law.residuals[known]
    if rest.size < 20:
        return
    found = line(np.linspace(0.0, 1.0, rest.size), rest)
    level = float(law.mixed) if np.isfinite(law.mixed) else 0.0
    if found is None or level <= 0 or abs(found.slope) <= CLEAR * found.slope_error:
        return
    usual = float(np.nanmean(_fitted(law, measured))) if known.any() else 0.0
    if usual > 0 and abs(found.slope) > 0.1 * usual:
        word = "more" if found.slope > 0 else "less"
        yield (
            f"{subject}: at the end a request costs {share(abs(found.slope) / usual)} {word} than"
            " at the beginning: something changed in between (a deployment, data that grew);"
            " fit the parts on their own"
        )


def _fitted(law: Demands, measured: Measurements) -> Array:
    """The size of what was fitted, as far as residuals tell it."""
    scale = law.background + law.mixed * _mean_rate(measured)
    return np.full(law.residuals.shape, scale)


def _mean_rate(measured: Measurements) -> float:
    rates = [
        each.values / (measured.step or 1.0) if each.role == "requests" else each.values
        for each in over_hosts(measured.of_role("throughput", "requests", "arrival_rate"))
    ]
    return float(np.nanmean(rates[0])) if rates else 0.0


def _bend(subject: str, law: Demands, busy: Array) -> Iterator[str]:
    """Busy time that grows faster than the requests."""
    known = np.isfinite(law.residuals) & np.isfinite(busy)
    rest, used = law.residuals[known], busy[known] - law.residuals[known]
    if rest.size < 20 or used.std() <= 0:
        return
    scaled = (used - used.mean()) / used.std()
    found = line(scaled**2, rest)
    if found is None or found.slope <= CLEAR * found.slope_error:
        return
    bend = found.slope * float(scaled.max() ** 2)
    if bend > 0.1 * float(used.max()):
        yield (
            f"{subject}: a request costs more the busier it is (by about"
            f" {significant(100 * bend / float(used.max()), 2)} % at the top): contention. Measure"
            " throughput against concurrency and fit `scaling`"
        )
