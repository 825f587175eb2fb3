"""Aggregated metrics: hits of a cache, reads and writes, service samples, requests inside."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from capcalc.results.fit import Estimate, Finding
from capcalc.results.measurements import Measurements, Sample, Series
from capcalc.studies.calibrate.context import Context
from capcalc.studies.calibrate.hits import COCHRAN, beside, hits, rough, summed, through
from capcalc.studies.calibrate.inside import inside
from capcalc.theory.arrays import Array
from capcalc.theory.calibration import burstiness
from capcalc.theory.calibration.series_mean import mean, ratio
from capcalc.units.format import share

#: Batches, and share of them, below which the interval of an scv is a guess.
FEW, FEW_OF = 30.0, 0.4
_OWN_LOG = (
    "a service time that the application logs leaves out what the server takes to hand over the"
    " next request (0.2 to 0.6 ms was measured at proxies): at high load this counts"
)


def found(measurements: Measurements, context: Context) -> Finding:
    """Hit ratios, mixes, apply times, service times from samples, Little's law."""
    told, left = hits(measurements, context)
    count, warnings = inside(measurements, context)
    estimates = [
        *told,
        *through(measurements, context),
        *_mix(measurements, context),
        *_means(measurements, context),
        *_services(measurements, context),
        *_sizes(measurements, context),
    ]
    return Finding(estimates=(*estimates, *count), warnings=tuple(warnings), left_out=tuple(left))


def _tier(series: Series | Sample, context: Context, kind: str = "") -> str:
    """The tier of a series: its own, the one told, or the only one of its kind."""
    return series.tier or context.of_kind(kind)


def _mix(measured: Measurements, context: Context) -> Iterator[Estimate]:
    """The share of writes of each tier, hosts together."""
    for first, second in (("reads", "writes"), ("read_rate", "write_rate")):
        pairs: dict[tuple[str, str], list[tuple[Array, Array]]] = {}
        for reads in measured.of_role(first):
            writes = beside(measured, second, reads)
            if writes is not None:
                both = writes.values, reads.values + writes.values
                pairs.setdefault((reads.tier, reads.label), []).append(both)
        for (tier, label), each in pairs.items():
            told = ratio(*summed(each), context.level)
            if not np.isfinite(told.value):
                continue
            yield Estimate(
                name="write_share",
                tier=tier or context.of_kind("database"),
                label=label,
                value=told.value,
                low=max(told.low, 0.0),
                high=min(told.high, 1.0),
                level=context.level,
                unit="share",
                n=told.n,
                method="writes over reads and writes",
                reference=COCHRAN,
                caution=rough(told),
            )


def _means(measured: Measurements, context: Context) -> Iterator[Estimate]:
    if measured.time is None:
        return
    for role, field in (("apply_time", "apply_time"), ("lag", "")):
        for series in measured.of_role(role):
            told = mean(series.values, context.level)
            if not np.isfinite(told.value):
                continue
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
                caution=rough(told),
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
                caution="; ".join(
                    filter(None, (_few(told, len(rows)), _odd_law(samples, told.scv)))
                ),
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


def _few(told: burstiness.Scv, batches: int) -> str:
    """Where a few long times make the scv."""
    if not np.isfinite(told.low) or told.telling >= min(FEW, FEW_OF * batches):
        return ""
    return (
        f"a few long times, or slow changes, carry it: {batches:,} batches tell as much as"
        f" {told.telling:.0f} would, and the interval is a guess; log more of them"
    )


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
