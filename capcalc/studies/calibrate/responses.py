"""Service times from response times, where nobody measured how busy the servers are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from capcalc.results.fit import Estimate, Finding
from capcalc.results.measurements import Measurements, Series
from capcalc.studies.calibrate.context import Context
from capcalc.studies.calibrate.regressors import Work, work_at
from capcalc.theory.arrays import Array
from capcalc.theory.calibration import response_times
from capcalc.theory.calibration.series_mean import ratio
from capcalc.units.format import duration, significant


def findings(measured: Measurements, context: Context) -> Iterator[Finding]:
    """Where no utilization is known: the service time at which a queue would answer so."""
    for series in measured.of_role("response_mean"):
        tier = context.named(series.tier)
        work, missing = work_at(measured, tier, context.system)
        mine = [each for each in work if each.label == series.label or len(work) == 1]
        total = np.sum([each.rate for each in work], axis=0) if work else None
        if total is None or (series.label and not mine):
            yield Finding(left_out=(f"a service time from responses: {missing}",))
            continue
        servers = context.servers or context.per_host(tier)
        hosts = 1.0
        if context.system is not None and tier in context.system.hosted():
            hosts = float(np.asarray(context.system.hosted()[tier].host_count()))
        yield _by_queue(series, total, servers, hosts, tier, mine, context)


def _by_queue(
    series: Series,
    rate: Array,
    servers: float | None,
    hosts: float,
    tier: str,
    work: Sequence[Work],
    context: Context,
) -> Finding:
    each_rate, count = rate / hosts, servers or 1.0
    times = np.asarray(response_times.service_time(series.values, each_rate, count))
    told = ratio(times * rate, rate, context.level)
    least = response_times.light_load(series.values)
    if not np.isfinite(told.value):
        return Finding()
    caution = (
        "from responses alone: what is spent outside the queue (network, other tiers) is in it;"
        f" the lightest intervals answer in {duration(least)}, which it cannot exceed"
    )
    if servers is None:
        caution += f"; for {significant(count)} server (--servers tells how many there are)"
    # without the number of servers it is a guess, which does not go into a scenario
    path = work[0].path if len(work) == 1 and servers is not None else ""
    return Finding(
        estimates=(
            Estimate(
                name="service_time",
                tier=tier,
                label=series.label,
                path=path,
                value=told.value,
                low=max(told.low, 0.0),
                high=told.high,
                level=context.level,
                unit="s",
                n=told.n,
                method="service time at which M/M/c answers as was measured, interval by interval",
                reference="Kleinrock 1975, sec. 3.5",
                assumptions=("Poisson arrivals, exponential services, nothing outside the queue",),
                caution=caution,
            ),
        )
    )
