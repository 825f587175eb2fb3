"""How irregular arrivals are: scv between them, dispersion of counts, peaks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from capcalc.results.fit import Estimate, Finding
from capcalc.results.measurements import Measurements, Sample, Series
from capcalc.studies.calibrate.context import Context
from capcalc.theory.arrays import Array
from capcalc.theory.calibration import burstiness
from capcalc.units.format import duration, significant

#: Scales of the index of dispersion, in intervals.
SCALES = (1, 5, 15, 60, 240)
_DAY = 86_400.0
_GUSELLA = "Gusella 1991; Cox & Lewis 1966, sec. 4.5"


def found(measurements: Measurements, context: Context) -> Finding:
    """The scv of arrivals, their dispersion at every scale, and whether they are Poisson."""
    estimates: list[Estimate] = []
    warnings: list[str] = []
    begun = any(True for _ in measurements.samples_of("service_time"))
    answered = any(True for _ in measurements.samples_of("response"))
    if begun and not answered:
        return Finding()  # services are listed as they begin, which is not when requests come
    for sample in measurements.samples_of("interarrival"):
        estimates.append(_between(sample, context))
        warnings += _verdict(estimates[-1], measurements)
    if measurements.time is not None and not estimates:
        counts = next((e for e in measurements.of_role("requests") if not e.label), None)
        if counts is not None and measurements.step:
            some, told = _dispersion(counts, measurements.step, context)
            estimates += some
            warnings += told
    return Finding(estimates=tuple(estimates), warnings=tuple(warnings))


def _between(sample: Sample, context: Context) -> Estimate:
    told = burstiness.scv(sample.batches, context.level)
    return Estimate(
        name="arrival_scv",
        value=told.scv,
        low=told.low,
        high=told.high,
        level=context.level,
        unit="1",
        n=told.n,
        method="mean square of the times between arrivals over their squared mean, less 1",
        reference="Whitt 1982",
        assumptions=(
            (
                "a rate that changes over the file counts as irregularity: take a stretch of steady"
                " load to tell the two apart"
            ),
        ),
    )


def _verdict(estimate: Estimate, measured: Measurements) -> Iterator[str]:
    counts = next((e for e in measured.of_role("requests") if not e.label), None)
    moves = _moves(counts)
    if estimate.low <= 1.0 <= estimate.high:
        yield "arrivals are as irregular as a Poisson stream (the scv's interval holds 1)"
    elif estimate.value > 1:
        text = (
            f"arrivals are more irregular than a Poisson stream: scv {significant(estimate.value)};"
            f" at one server that makes waits about {significant((1 + estimate.value) / 2)} times"
            " as long as M/M/1 has them"
        )
        yield text + (f". The rate itself moves ({moves}), which is part of it" if moves else "")
    else:
        yield (
            f"arrivals are more even than a Poisson stream: scv {significant(estimate.value)};"
            " waits are shorter than M/M/c has them"
        )


def _moves(counts: Series | None) -> str:
    """How much the rate varies from interval to interval beyond Poisson."""
    if counts is None:
        return ""
    known = counts.values[np.isfinite(counts.values)]
    if known.size < 8 or known.mean() <= 0:
        return ""
    excess = float(known.var(ddof=1) - known.mean())
    part = np.sqrt(max(excess, 0.0)) / float(known.mean())
    return f"by {significant(100 * part, 2)} % beyond chance" if part > 0.1 else ""


def _dispersion(counts: Series, step: float, context: Context) -> tuple[list[Estimate], list[str]]:
    index = burstiness.dispersion(counts.values, SCALES)
    known = int(np.isfinite(counts.values).sum())
    estimates = [
        Estimate(
            name="index_of_dispersion",
            label=f"at {duration(step * scale)}",
            value=float(value),
            low=float("nan"),
            high=float("nan"),
            level=context.level,
            unit="1",
            n=known // scale,
            method="variance over mean of the counts",
            reference=_GUSELLA,
        )
        for scale, value in zip(SCALES, index, strict=True)
        if np.isfinite(value)
    ]
    first = float(index[0])
    low, high = burstiness.poisson_within(first, known, context.level)
    if not np.isfinite(first) or not np.isfinite(low):
        return estimates, []
    if first > high:
        text = (
            f"counts of {duration(step)} vary {significant(first)} times as much as those of a"
            f" steady Poisson stream (chance allows {significant(high)})"
        )
        rest = _without_day(counts.values, step)
        if rest is not None:
            text += f"; without the daily profile still {significant(rest)} times"
        return estimates, [
            text + ". Within such an interval queues see a rate that is not the mean: plan for"
            " its peaks"
        ]
    if first < low:
        return estimates, [f"counts of {duration(step)} are more even than a Poisson stream's"]
    return estimates, [f"counts of {duration(step)} are as a steady Poisson stream has them"]


def _without_day(values: Array, step: float) -> float | None:
    period = round(_DAY / step)
    if period < 2 or values.size < 3 * period:
        return None
    return float(burstiness.dispersion(burstiness.without_season(values, period), [1])[0])
