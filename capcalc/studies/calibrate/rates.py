"""Mean rates of requests over a file: what comes, class by class."""

from __future__ import annotations

import numpy as np

from capcalc.results.fit import Estimate, Finding
from capcalc.results.measurements import Measurements, Series
from capcalc.studies.calibrate.context import Context
from capcalc.studies.calibrate.regressors import DONE, per_second
from capcalc.studies.measured.hosts import over_hosts
from capcalc.theory.calibration.series_mean import LEAST_EFFECTIVE, mean
from capcalc.units.format import significant

_CAME = ("requests", "arrival_rate", "throughput")


def found(measurements: Measurements, context: Context) -> Finding:
    """The mean rate of each class, else of all; it is no peak, and has no place in a scenario."""
    if measurements.time is None or any(True for _ in _services(measurements)):
        return Finding()
    first: dict[tuple[str, str], Series] = {}
    for role in _CAME:
        for each in over_hosts(measurements.of_role(role)):
            if role in DONE:
                first.setdefault((each.tier, each.label), each)
    estimates = [_estimate(each, measurements, context) for each in first.values()]
    return Finding(estimates=tuple(each for each in estimates if np.isfinite(each.value)))


def _services(measurements: Measurements) -> list[object]:
    """Lists of services say when they begin, not when requests come."""
    answered = list(measurements.samples_of("response"))
    return [] if answered else list(measurements.samples_of("service_time"))


def _estimate(series: Series, measurements: Measurements, context: Context) -> Estimate:
    told = mean(per_second(series, measurements.step), context.level)
    caution = ""
    if told.effective_n < LEAST_EFFECTIVE and np.isfinite(told.low):
        caution = (
            f"the rate moves so slowly that {told.n:,} intervals are worth"
            f" {significant(told.effective_n, 2)}: its interval is a guess"
        )
    return Estimate(
        name="arrival_rate",
        tier=series.tier,
        label=series.label,
        value=told.value,
        low=max(told.low, 0.0) if np.isfinite(told.low) else told.low,
        high=told.high,
        level=context.level,
        unit="1/s",
        n=told.n,
        method="mean of the file, which is no peak",
        caution=caution,
    )
