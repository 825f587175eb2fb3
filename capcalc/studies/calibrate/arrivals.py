"""How irregular arrivals are: scv between them, dispersion of counts, peaks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from capcalc.results.fit import Estimate, Finding
from capcalc.results.measurements import Measurements, Sample, Series
from capcalc.studies.calibrate.context import Context
from capcalc.studies.measured.hosts import over_hosts
from capcalc.theory.arrays import Array
from capcalc.theory.calibration import burstiness
from capcalc.units.format import duration, share, significant

#: Scales of the index of dispersion, in intervals.
SCALES = (1, 5, 15, 60, 240)
_DAY = 86_400.0
#: Arrivals of a stretch that tell more than the time between two.
LEAST_STRETCH = 10.0
#: How many times as large as the scv the dispersion over stretches has to be to be told.
LARGER = 1.25
#: Counts from which on a peak is told.
LEAST_COUNTS = 8
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
        between, over = _between(sample, context), _over(sample, context)
        estimates += [between, *over]
        warnings += _verdict(between, over[0] if over else None, measurements)
    if measurements.time is not None and not estimates:
        counts = _counts(measurements)
        if counts is not None and measurements.step:
            some, told = _dispersion(counts, measurements.step, context)
            estimates += some
            warnings += told
    return Finding(estimates=tuple(estimates), warnings=tuple(warnings))


def _counts(measured: Measurements) -> Series | None:
    """Requests of all classes, over all hosts."""
    return next((e for e in over_hosts(measured.of_role("requests")) if not e.label), None)


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


def _over(sample: Sample, context: Context) -> list[Estimate]:
    """How irregular arrivals are over the shortest stretches that were kept."""
    stretches, index = burstiness.interval_dispersion(sample.batches)
    if not stretches.size or stretches[0] < LEAST_STRETCH:
        return []
    value, number = float(index[0]), len(sample.batches)
    # the index of m stretches is about chi-squared over m - 1, as that of counts is
    low, high = burstiness.poisson_within(value, number, context.level)
    return [
        Estimate(
            name="arrival_dispersion",
            label=f"over {stretches[0]:,.0f} arrivals",
            value=value,
            low=value / high,
            high=value / low,
            level=context.level,
            unit="1",
            n=number,
            method="variance of the time of so many arrivals, in place of one, over their mean's",
            reference="Sriram & Whitt 1986; Fendick & Whitt 1989",
            assumptions=("stretches of arrivals that follow each other are independent",),
        )
    ]


def _verdict(estimate: Estimate, over: Estimate | None, measured: Measurements) -> Iterator[str]:
    if not np.isfinite(estimate.low):
        return
    counts = _counts(measured)
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
    yield from _alike(estimate, over)


def _alike(estimate: Estimate, over: Estimate | None) -> Iterator[str]:
    """Where times between arrivals are alike, or make up for each other, over many of them."""
    if over is None:
        return
    higher, lower = over.low > LARGER * estimate.high, over.high * LARGER < estimate.low
    if not (higher or lower):
        return
    stretch = float(over.label.split()[1].replace(",", ""))
    # a queue at utilization r sees the stream over about (1 - r)^-2 arrivals
    from_here = 1.0 - 1.0 / np.sqrt(stretch)
    word = "more irregular: short times follow short ones" if higher else "more even"
    yield (
        f"{over.label} they are {word} (dispersion {significant(over.value)}, where independent"
        f" times would have {significant(estimate.value)}). A queue that is {share(from_here)} busy"
        " or more sees this, one that is less busy something in between: take it for the scv of"
        " arrivals there"
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
    estimates += _peak(counts, step, context)
    first = float(index[0])
    low, high = burstiness.poisson_within(first, known, context.level)
    if not np.isfinite(first) or not np.isfinite(low):
        return estimates, []
    if first > high:
        text = (
            f"counts of {duration(step)} vary {significant(first)} times as much as those of a"
            f" steady Poisson stream (chance allows {significant(high)})"
        )
        day = _beside_day(counts.values, step, context.level)
        text += (
            f"{day}. The rate itself moves: at the mean rate waits come out too short, plan for the"
            " intervals with the most"
        )
        return estimates, [text]
    if first < low:
        return estimates, [f"counts of {duration(step)} are more even than a Poisson stream's"]
    return estimates, [f"counts of {duration(step)} are as a steady Poisson stream has them"]


def _peak(counts: Series, step: float, context: Context) -> list[Estimate]:
    """The largest count over the mean one."""
    known = counts.values[np.isfinite(counts.values)]
    if known.size < LEAST_COUNTS or known.mean() <= 0:
        return []
    value = float(known.max() / known.mean())
    return [
        Estimate(
            name="peak_over_mean",
            label=f"at {duration(step)}",
            value=value,
            low=value,
            high=value,
            level=context.level,
            unit="1",
            n=int(known.size),
            method="largest count over the mean of all; longer files have larger ones",
        )
    ]


def _beside_day(values: Array, step: float, level: float) -> str:
    """How irregular counts are beside the profile of the day."""
    period = round(_DAY / step)
    if period < 2 or values.size < 3 * period:
        return ""
    index, freedom = burstiness.beside_season(values, period)
    low, high = burstiness.poisson_within(index, freedom + 1, level)
    if not np.isfinite(index) or not np.isfinite(low):
        return ""
    if index <= high:
        return "; the daily profile explains it, beside that they are as Poisson arrivals"
    return f"; without the daily profile still {significant(index)} times"
