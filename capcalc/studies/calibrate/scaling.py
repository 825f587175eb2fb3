"""Throughput against processors, hosts or clients: the Universal Scalability Law."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from capcalc.results.fit import Estimate, Finding
from capcalc.results.measurements import Measurements, Series
from capcalc.studies.calibrate.context import Context
from capcalc.studies.calibrate.groups import groups
from capcalc.studies.measured.hosts import over_hosts
from capcalc.theory.arrays import Array
from capcalc.theory.calibration import usl_intervals
from capcalc.theory.calibration.usl_intervals import Interval, Scaling
from capcalc.units.format import duration, rate, share, significant

_GUNTHER = "Gunther 2007, ch. 4-6"
_ASSUMPTIONS = (
    "the scalability law needs the same work at every size, and errors that are independent",
)
#: A point further off than this, and than others are, is named.
FAR = 0.10
#: Width of contention's interval from which on it says next to nothing.
VAGUE = 0.5
#: Rows, and how far rates have to reach, for a word on responses; growth that counts as none.
LEAST_ROWS, WIDE, FLAT = 6, 1.1, 1.25
#: Growth of throughput over growth of size below which a resource is shared.
BENT = 0.5


def found(measurements: Measurements, context: Context) -> Finding:
    """Contention, coherency and the peak of each group of rows."""
    if measurements.time is not None:
        return Finding()
    size, done = _axes(measurements)
    if size is None or done is None:
        return Finding(warnings=tuple(_flat(measurements)))
    estimates: list[Estimate] = []
    warnings: list[str] = []
    left: list[str] = []
    failed = next(measurements.of_role("errors"), None)
    good = np.isfinite(size.values) & np.isfinite(done.values)
    if failed is not None:
        good &= ~(failed.values > 0)
    for name, rows in groups(measurements, good, size.values):
        n, x = size.values[rows], done.values[rows]
        subject = f"{name}: " if name else ""
        if np.unique(n).size < 2:
            continue
        if _of_machines(size):
            warnings += [f"{subject}{text}" for text in _steps(n, x, size.column)]
        law = usl_intervals.fit(n, x, context.level)
        if not np.isfinite(law.contention.value):
            left.append(
                f"{subject}contention and coherency need throughput at four sizes or more, three"
                f" of them different; there are {np.unique(n).size}"
            )
            continue
        estimates += _estimates(law, name, size, context)
        warnings += [f"{subject}{text}" for text in _words(law, n, size.column)]
    warnings += _hosts_beside(measurements, size, done, good)
    return Finding(estimates=tuple(estimates), warnings=tuple(warnings), left_out=tuple(left))


def _of_machines(size: Series) -> bool:
    """Whether machines were added; where clients were, a bend is only the machines being full."""
    words = ("core", "cpu", "processor", "host", "server", "instance", "replica", "node")
    return size.role in ("hosts", "servers") or any(w in size.column.lower() for w in words)


def _hosts_beside(
    measured: Measurements, size: Series, done: Series, good: NDArray[np.bool_]
) -> Iterator[str]:
    """What more hosts bring at the same load, where both were varied."""
    hosts = next(measured.of_role("hosts"), None)
    if hosts is None or hosts is size or _of_machines(size):
        return
    for load in np.unique(size.values[good]):
        here = good & (size.values == load)
        for name, rows in groups(measured, here, hosts.values):
            where = ", ".join(part for part in (name, f"{size.column} = {load:g}") if part)
            for text in _steps(hosts.values[rows], done.values[rows], hosts.column):
                yield f"{where}: {text}"


def _axes(measured: Measurements) -> tuple[Series | None, Series | None]:
    """What was varied and what came of it: the column that varies most is the size."""
    done = next(
        (e for role in ("throughput", "arrival_rate") for e in over_hosts(measured.of_role(role))),
        None,
    )
    sizes = [
        each
        for role in ("load", "concurrency", "servers", "hosts")
        for each in measured.of_role(role)
        if np.unique(each.values[np.isfinite(each.values)]).size >= 2
    ]
    return (sizes[0] if sizes else None), done


def _estimates(law: Scaling, name: str, size: Series, context: Context) -> list[Estimate]:
    # the scenario's scaling is of the cores of one host
    cores = any(word in size.column.lower() for word in ("core", "cpu", "processor", "thread"))
    tier = context.tier
    vague = law.contention.high - law.contention.low > VAGUE
    path = f"tiers.{tier}.scaling" if tier and cores and not name and not vague else ""

    def one(
        what: str, interval: Interval, unit: str, where: str = "", caution: str = ""
    ) -> Estimate:
        return Estimate(
            name=what,
            tier=tier,
            label=name,
            path=where,
            value=interval.value,
            low=interval.low,
            high=interval.high,
            level=context.level,
            unit=unit,
            n=law.n,
            method="n/X linear in 1, n-1, n(n-1): least squares of the throughput",
            reference=_GUNTHER,
            assumptions=_ASSUMPTIONS,
            caution=caution,
        )

    hardly = "hardly known: measure more sizes, each several times" if vague else ""
    beyond = ""
    if np.isinf(law.peak_size.high):
        beyond = "that there is a peak at all is not certain: coherency may be 0"
    return [
        one("contention", law.contention, "share", f"{path}.contention" if path else "", hardly),
        one("coherency", law.coherency, "share", f"{path}.coherency" if path else ""),
        one("throughput_of_one", law.single, "1/s"),
        one("peak_size", law.peak_size, "1", caution=beyond),
        one("peak_throughput", law.peak_throughput, "1/s"),
    ]


def _words(law: Scaling, n: Array, column: str) -> Iterator[str]:
    """What the fit says, and which points it does not."""
    if law.peak_size.value < n.max() and law.coherency.low > 0:
        yield (
            f"beyond {column} = {law.peak_size.value:,.0f} throughput falls again: what is"
            " shared costs more than another one brings"
        )
    usual = float(np.median(np.abs(law.residuals)))
    far = np.abs(law.residuals) > max(FAR, 4.0 * usual)
    for place in np.flatnonzero(far)[:5]:
        off = float(law.residuals[place])
        word = "below" if off < 0 else "above"
        yield (
            f"the point {column} = {n[place]:g} lies {share(abs(off))} {word} the law: measure it"
            " again, or leave it out"
        )
    if law.mean_absolute_error > FAR:
        yield (
            f"the law misses the throughput by {share(law.mean_absolute_error)} on average: this"
            " is not contention and coherency alone"
        )


def _steps(n: Array, x: Array, column: str) -> Iterator[str]:
    """Where more brings next to nothing, or less: a resource that all of them share."""
    sizes = np.unique(n)
    means = np.array([x[n == size].mean() for size in sizes])
    for before, after in zip(range(len(sizes) - 1), range(1, len(sizes)), strict=True):
        growth = means[after] / means[before] - 1.0
        ideal = sizes[after] / sizes[before] - 1.0
        if growth < 0 and -growth > 0.05:
            yield (
                f"from {column} = {sizes[before]:g} to {sizes[after]:g} throughput falls by"
                f" {share(-growth)}, from {rate(float(means[before]))} to"
                f" {rate(float(means[after]))}: the added part is slower, or what is shared is"
                " overloaded"
            )
            return
        if growth < BENT * ideal:
            bound = float(means[after:].max())
            yield (
                f"from {column} = {sizes[before]:g} to {sizes[after]:g} throughput"
                f" {f'grows by {share(growth)} only' if growth > 0 else 'does not grow'}"
                f" (in proportion it would by {share(ideal)}): something that all share,"
                f" a database as a rule, is nearly full at {rate(bound)}. Look at how busy it is"
                " there; more of the same will not help"
            )
            return
    span = sizes[-1] / sizes[0]
    if span >= 2:
        yield (
            f"from {column} = {sizes[0]:g} to {sizes[-1]:g} throughput grows"
            f" {significant(float(means[-1] / means[0]))} times (in proportion"
            f" {significant(float(span))})"
        )


def _flat(measured: Measurements) -> Iterator[str]:
    """Where more load does not make responses longer: the file does not reach the limit."""
    done = next(
        (e for role in ("throughput", "arrival_rate") for e in over_hosts(measured.of_role(role))),
        None,
    )
    response = next(measured.of_role("response_mean"), None)
    named = any(len(set(texts)) == len(texts) for texts in measured.texts.values())
    if done is None or response is None or named:
        return
    known = np.isfinite(done.values) & np.isfinite(response.values) & (response.values > 0)
    for name, rows in groups(measured, known, done.values):
        rates, times = done.values[rows], response.values[rows]
        ends = np.quantile(rates, [1 / 3, 2 / 3]) if rates.size else np.zeros(2)
        least, most = rates.min(initial=np.inf), rates.max(initial=0.0)
        if rates.size < LEAST_ROWS or most < WIDE * least:
            continue
        light = float(np.median(times[rates <= ends[0]]))
        heavy = float(np.median(times[rates >= ends[1]]))
        # shorter ones at more load are those of other systems, or of a fixed number of clients
        if light / FLAT < heavy < FLAT * light:
            yield (
                f"{f'{name}: ' if name else ''}from {rate(float(least))} to {rate(float(most))}"
                f" responses do not grow with the load (median {duration(light)} in the lowest"
                f" third, {duration(heavy)} in the highest): nothing is near its limit there, and"
                " where the limit is this file does not tell"
            )
