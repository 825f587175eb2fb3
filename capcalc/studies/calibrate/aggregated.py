"""Aggregated metrics: hits of a cache, reads and writes, service samples, requests inside."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from capcalc.results.fit import Estimate, Finding
from capcalc.results.measurements import Measurements, Sample, Series
from capcalc.studies.calibrate.context import Context
from capcalc.studies.calibrate.regressors import DONE, per_second
from capcalc.theory.arrays import Array
from capcalc.theory.calibration import burstiness
from capcalc.theory.calibration.series_mean import LEAST_EFFECTIVE, Mean, mean, ratio
from capcalc.units.format import share, significant

#: Requests inside that differ by more than this from throughput times response.
APART = 0.10
#: Rows of a table whose misses are told one by one.
MOST_ROWS = 60
_COCHRAN = "Cochran 1977, sec. 2.11"
_OWN_LOG = (
    "a service time that the application logs leaves out what the server takes to hand over the"
    " next request (0.2 to 0.6 ms was measured at proxies): at high load this counts"
)


def found(measurements: Measurements, context: Context) -> Finding:
    """Hit ratios, mixes, apply times, service times from samples, Little's law."""
    estimates = [
        *_hits(measurements, context),
        *_behind(measurements, context),
        *_mix(measurements, context),
        *_means(measurements, context),
        *_services(measurements, context),
        *_sizes(measurements, context),
    ]
    inside, warnings = _little(measurements, context)
    return Finding(estimates=(*estimates, *inside), warnings=tuple(warnings))


def _tier(series: Series | Sample, context: Context, kind: str = "") -> str:
    """The tier of a series: its own, the one told, or the only one of its kind."""
    return series.tier or context.of_kind(kind)


def _hits(measured: Measurements, context: Context) -> Iterator[Estimate]:
    for hits in measured.of_role("hits"):
        misses = next(measured.of_role("misses", tier=hits.tier), None)
        lookups = None if misses is None else hits.values + misses.values
        if lookups is None:
            asked = next(measured.of_role("requests", tier=hits.tier), None)
            lookups = None if asked is None else asked.values
        if lookups is None:
            continue
        told = ratio(hits.values, lookups, context.level)
        yield _share(told, hits, context, "hits over lookups, sums of all intervals")
    for series in measured.of_role("hit_ratio", "miss_ratio"):
        if not np.isfinite(series.values).any() or measured.time is None:
            continue
        missed = series.role == "miss_ratio"
        told = mean(1.0 - series.values if missed else series.values, context.level)
        yield _share(told, series, context, "mean of the intervals' hit ratios")


def _behind(measured: Measurements, context: Context) -> Iterator[Estimate]:
    """What caches let through, row by row of a table without time."""
    missed = next(measured.of_role("miss_ratio"), None)
    asked = next((e for role in DONE for e in measured.of_role(role)), None)
    if measured.time is not None or missed is None or asked is None:
        return
    names = next((each for each in measured.texts.values() if len(set(each)) == len(each)), None)
    both = np.flatnonzero(np.isfinite(missed.values) & np.isfinite(asked.values))
    for row in both[:MOST_ROWS]:
        value = float(missed.values[row] * asked.values[row])
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


def _share(told: Mean, series: Series, context: Context, method: str) -> Estimate:
    tier = _tier(series, context, "cache")
    return Estimate(
        name="hit_ratio",
        tier=tier,
        label=series.label,
        path=f"tiers.{tier}.hit_ratio" if tier and not series.label else "",
        value=told.value,
        low=max(told.low, 0.0),
        high=min(told.high, 1.0),
        level=context.level,
        unit="share",
        n=told.n,
        method=method,
        reference=_COCHRAN,
        caution=_rough(told),
    )


def _rough(told: Mean) -> str:
    if told.effective_n >= LEAST_EFFECTIVE or not np.isfinite(told.low):
        return ""
    return (
        f"its {told.n:,} intervals move so slowly that they are worth"
        f" {significant(told.effective_n, 2)}: the interval is a guess, measure longer"
    )


def _mix(measured: Measurements, context: Context) -> Iterator[Estimate]:
    pairs = (("reads", "writes"), ("read_rate", "write_rate"))
    for first, second in pairs:
        for reads in measured.of_role(first):
            writes = next(measured.of_role(second, tier=reads.tier), None)
            if writes is None:
                continue
            told = ratio(writes.values, reads.values + writes.values, context.level)
            yield Estimate(
                name="write_share",
                tier=_tier(reads, context, "database"),
                value=told.value,
                low=max(told.low, 0.0),
                high=min(told.high, 1.0),
                level=context.level,
                unit="share",
                n=told.n,
                method="writes over reads and writes",
                reference=_COCHRAN,
            )


def _means(measured: Measurements, context: Context) -> Iterator[Estimate]:
    if measured.time is None:
        return
    for role, field in (("apply_time", "apply_time"), ("lag", "")):
        for series in measured.of_role(role):
            told = mean(series.values, context.level)
            tier = _tier(series, context, "database")
            yield Estimate(
                name=role,
                tier=tier,
                label=series.label,
                path=f"tiers.{tier}.{field}" if tier and field else "",
                value=told.value,
                low=max(told.low, 0.0),
                high=told.high,
                level=context.level,
                unit="s",
                n=told.n,
                method="mean of the intervals",
                caution=_rough(told),
            )


def _services(measured: Measurements, context: Context) -> Iterator[Estimate]:
    """Service times that were logged one by one: their mean and scv, hosts together."""
    groups: dict[tuple[str, str, str], list[Sample]] = {}
    for role in ("service_time", "apply_time"):
        for sample in measured.samples_of(role):
            tier = _tier(sample, context, "web")
            groups.setdefault((role, tier, sample.label), []).append(sample)
    for (role, tier, label), samples in groups.items():
        rows = _merged(samples)
        told = burstiness.scv(rows, context.level)
        path = f"tiers.{tier}.{role}" if tier else ""
        ending = f".{label}" if path and label else ""
        yield Estimate(
            name=role,
            tier=tier,
            label=label,
            path=f"{path}{ending}",
            value=told.mean,
            low=told.mean_low,
            high=told.mean_high,
            level=context.level,
            unit="s",
            n=told.n,
            method="mean of the logged times, batches of them for the interval",
            reference="Fishman 2001, ch. 6",
            caution=_OWN_LOG if role == "service_time" else "",
        )
        if role == "service_time":
            yield Estimate(
                name="scv",
                tier=tier,
                label=label,
                path=f"tiers.{tier}.scv{ending}" if tier else "",
                value=told.scv,
                low=told.low,
                high=told.high,
                level=context.level,
                unit="1",
                n=told.n,
                method="mean square over squared mean, less 1",
                reference="Iglehart 1976",
                caution=_odd_law(samples, told.scv),
            )


def _sizes(measured: Measurements, context: Context) -> Iterator[Estimate]:
    """Mean bytes of an answer, by class."""
    known = () if context.system is None else tuple(context.system.demand.requests)
    for sample in measured.samples_of("size"):
        told = burstiness.scv(sample.batches, context.level)
        yield Estimate(
            name="size",
            label=sample.label,
            path=f"demand.requests.{sample.label}.size" if sample.label in known else "",
            value=told.mean,
            low=told.mean_low,
            high=told.mean_high,
            level=context.level,
            unit="B",
            n=told.n,
            method="mean bytes of the answers",
            reference="Fishman 2001, ch. 6",
        )


def _merged(samples: list[Sample]) -> Array:
    """Batches of several hosts, one after another."""
    return np.concatenate([sample.batches for sample in samples])


def _odd_law(samples: list[Sample], scv: float) -> str:
    """Where the times are far from the gamma law that the model takes."""
    from scipy.special import gammaincinv

    largest = max(samples, key=lambda sample: sample.n)
    seen = largest.quantiles.get(0.99, float("nan"))
    if not np.isfinite(seen) or scv <= 0 or largest.mean <= 0:
        return ""
    said = float(gammaincinv(1.0 / scv, 0.99)) * scv * largest.mean
    off = seen / said - 1.0
    if abs(off) < 0.25:
        return ""
    word = "longer" if off > 0 else "shorter"
    return (
        f"the 99th percentile of the times is {share(abs(off))} {word} than that of a gamma law"
        " with this mean and scv, which the model takes"
    )


def _little(measured: Measurements, context: Context) -> tuple[list[Estimate], list[str]]:
    """Requests inside by Little's law, beside what was measured or configured."""
    responses = next((e for e in measured.of_role("response_mean") if not e.label), None)
    rate = next((e for role in DONE for e in measured.of_role(role) if not e.label), None)
    if responses is None or rate is None:
        return [], []
    inside = per_second(rate, measured.step) * responses.values
    failed = next(measured.of_role("errors"), None)
    warnings = []
    if measured.time is None and failed is not None:
        bad = failed.values > 0
        if bad.any():
            warnings.append(
                f"{int(bad.sum()):,} of {bad.size:,} rows have errors or timeouts and do not count"
                " in what is said of requests inside"
            )
            inside = np.where(bad, np.nan, inside)
    told = mean(inside, context.level)
    if not np.isfinite(told.value):
        return [], warnings
    estimate = Estimate(
        name="concurrency",
        tier=rate.tier,
        value=told.value,
        low=max(told.low, 0.0) if measured.time is not None else float(np.nanmin(inside)),
        high=told.high if measured.time is not None else float(np.nanmax(inside)),
        level=context.level,
        unit="1",
        n=told.n,
        method="N = X R"
        if measured.time is not None
        else "N = X R of each row; the ends are those of the rows",
        reference="Little 1961",
    )
    beside = next(measured.of_role("concurrency"), None) or next(measured.of_role("load"), None)
    if beside is not None:
        both = np.isfinite(inside) & np.isfinite(beside.values) & (beside.values > 0)
        if both.any():
            seen = float(np.median(inside[both] / beside.values[both]))
            if abs(seen - 1) > APART:
                said = float(np.median(beside.values[both]))
                warnings.append(
                    f"Little's law does not hold: throughput times response is"
                    f" {significant(float(np.median(inside[both])))} requests, but"
                    f" {beside.column!r} says {significant(said)}."
                    + (
                        " Clients that wait, think or time out are not inside: do not take the"
                        " configured number for the concurrency"
                        if seen < 1
                        else " Requests wait where they are not counted, or the response is"
                        " measured elsewhere than the throughput"
                    )
                )
    return [estimate], warnings
