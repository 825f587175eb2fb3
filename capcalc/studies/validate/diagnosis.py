"""Why a model does not fit where it does not: each sentence with the test it has to pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from capcalc.results.measurements import Measurements
from capcalc.results.solution import PERCENTILES
from capcalc.results.validation import GOOD, Compared
from capcalc.units.format import duration, share, significant

Array = NDArray[np.float64]

#: Requests beyond a percentile from which on an interval tells it.
LEAST_BEYOND = 20.0
#: Intervals from which on patterns are looked for.
LEAST = 12
#: Standard errors beyond which a pattern is taken for one.
CLEAR = 3.0
#: Smallest effect that is worth a sentence.
WORTH = 0.10


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line through points, with the standard error of its slope."""

    offset: float
    slope: float
    slope_error: float
    offset_error: float


def findings(compared: Sequence[Compared], measured: Measurements) -> Iterator[str]:
    """All that can be said, tier by tier and class by class."""
    for each in compared:
        told = list(_of(each, measured))
        yield from told
    yield from _retries(compared)


def _of(each: Compared, measured: Measurements) -> Iterator[str]:
    pairs = _pairs(each)
    yield from _few(each, measured)
    if each.saturated:
        yield (
            f"{each.name}: the model says saturated in {each.saturated:,} of"
            f" {each.n + each.saturated:,} intervals that were measured: its service time is too"
            " long, or its load is counted too high"
        )
    if pairs is None:
        return
    if each.quantity in ("utilization", "busy_servers"):
        yield from _of_utilization(each, *pairs)
    elif each.quantity.startswith("response_mean"):
        yield from _of_response(each, measured, *pairs)
    if each.quantity in ("utilization", "response_mean"):
        yield from _drift(each, measured, *pairs)


def _few(each: Compared, measured: Measurements) -> Iterator[str]:
    """Percentiles of intervals that have hardly any request beyond them."""
    p = PERCENTILES.get(each.quantity.removeprefix("response_"), 0.0)
    known = each.load[np.isfinite(each.load)]
    if not p or not measured.step or not known.size or abs(each.error) <= GOOD:
        return
    count = float(known.mean()) * measured.step
    if each.n == np.isfinite(each.measured_values).sum() and count * (1 - p) < LEAST_BEYOND:
        yield (
            f"{each.name}: {each.quantity.removeprefix('response_')} of intervals with about"
            f" {significant(count)} requests is a mean of noisy ones, lower as a rule than that of"
            " all requests together: longer intervals, or the requests themselves, tell it better"
        )


def _pairs(each: Compared) -> tuple[Array, Array] | None:
    """Measured and predicted where both are known, if they are enough."""
    both = np.isfinite(each.measured_values) & np.isfinite(each.predicted_values)
    both &= each.predicted_values > 0
    if both.sum() < LEAST:
        return None
    return each.measured_values[both], each.predicted_values[both]


def line(x: Array, y: Array) -> Line | None:
    """Least squares with standard errors that allow for neighbours that are alike.

    Newey-West with the lag 4 (n/100)^(2/9) [W. K. Newey, K. D. West, Econometrica 55(3), 1987].
    """
    spread = x - x.mean()
    total = float(spread @ spread)
    if total <= 1e-12 * max(float(x @ x), 1e-300):
        return None
    slope = float(spread @ y) / total
    offset = float(y.mean() - slope * x.mean())
    rest = y - offset - slope * x
    columns = np.stack([np.ones(x.size), x])
    scores = columns * rest
    lags = int(4 * (x.size / 100) ** (2 / 9)) + 1
    middle = scores @ scores.T
    for lag in range(1, min(lags, x.size - 1) + 1):
        cross = scores[:, lag:] @ scores[:, :-lag].T
        middle += (1 - lag / (lags + 1)) * (cross + cross.T)
    inner = np.linalg.pinv(columns @ columns.T)
    errors = np.sqrt(np.maximum(np.diag(inner @ middle @ inner), 0.0) * x.size / (x.size - 2))
    return Line(offset, slope, float(errors[1]), float(errors[0]))


def _of_utilization(each: Compared, seen: Array, said: Array) -> Iterator[str]:
    found = line(said, seen)
    ratio = seen.mean() / said.mean()
    bend = _bend(said, seen)
    if bend is not None:
        low, high = bend
        yield (
            f"{each.name}: a request costs more the busier the tier is: measured over predicted"
            f" utilization goes from {significant(low)} to {significant(high)}. That is what"
            " contention looks like (locks, caches of the processor, collection of garbage);"
            " fit `scaling` of the tier"
        )
        return
    if found is not None and found.offset > max(
        CLEAR * found.offset_error, WORTH / 2 * float(seen.mean())
    ):
        yield (
            f"{each.name}: {share(found.offset)} of it is busy without any request of the"
            " scenario: background work, or requests that the scenario does not have"
        )
    elif abs(ratio - 1) > WORTH and (
        found is None or abs(found.offset) < CLEAR * found.offset_error
    ):
        yield (
            f"{each.name}: it is {significant(ratio)} times as busy as predicted at every load:"
            f" service times {significant(ratio)} times as long (or as many calls) would fit"
        )


def _bend(said: Array, seen: Array) -> tuple[float, float] | None:
    """Measured over predicted in the lowest and the highest third, if it clearly rises."""
    ratio = seen / said
    order = np.argsort(said)
    third = max(said.size // 3, 1)
    low, high = ratio[order[:third]], ratio[order[-third:]]
    error = np.hypot(low.std() / np.sqrt(third), high.std() / np.sqrt(third))
    rises = high.mean() - low.mean()
    if rises > CLEAR * error and rises > WORTH * low.mean():
        return float(low.mean()), float(high.mean())
    return None


def _of_response(each: Compared, measured: Measurements, seen: Array, said: Array) -> Iterator[str]:
    gap = seen - said
    order = np.argsort(said)
    third = max(seen.size // 3, 1)
    low, high = gap[order[:third]], gap[order[-third:]]
    low_error, high_error = (part.std() / np.sqrt(third) for part in (low, high))
    if abs(seen.mean() / said.mean() - 1) <= GOOD:
        return
    grows = high.mean() - low.mean() > CLEAR * np.hypot(low_error, high_error)
    if low.mean() > CLEAR * low_error and low.mean() > WORTH * said[order[:third]].mean():
        yield (
            f"{each.name}: responses are {duration(float(low.mean()))} longer than predicted even"
            " at the lowest load: time that is spent outside the queues (network, hand-over,"
            " TLS, a tier that the scenario does not have)"
        )
    if grows and high.mean() > WORTH * said[order[-third:]].mean():
        yield _bursty(each, measured, float(low.mean()), float(high.mean()))
    elif gap.mean() < 0 and abs(gap.mean()) > WORTH * said.mean():
        yield (
            f"{each.name}: responses are shorter than predicted by {duration(float(-gap.mean()))}:"
            " the service times of the scenario are too long, services vary less than it says"
            " (scv), or the balancing is better than it says"
        )


def _bursty(each: Compared, measured: Measurements, low: float, high: float) -> str:
    """What makes waits longer than a steady Poisson stream would have them."""
    text = (
        f"{each.name}: what the model misses grows with the load, from {duration(low)} to"
        f" {duration(high)} a request: arrivals come in batches, services vary more than scv"
        " says, or the load changes within an interval"
    )
    scv = next((sample.scv for sample in measured.samples_of("interarrival")), np.nan)
    if np.isfinite(scv) and scv > 1 + WORTH:
        text += (
            f"; the times between arrivals have an scv of {significant(float(scv))} (1 would be"
            f" Poisson), which alone makes waits about {significant((1 + float(scv)) / 2)} times"
            " as long on one server"
        )
    return text


def _drift(each: Compared, measured: Measurements, seen: Array, said: Array) -> Iterator[str]:
    """Values that, at the same prediction, go one way over time."""
    if measured.time is None:
        return
    level = line(said, seen)
    rest = seen - seen.mean() if level is None else seen - level.offset - level.slope * said
    found = line(np.linspace(0.0, 1.0, rest.size), rest)
    if found is None or abs(found.slope) <= CLEAR * found.slope_error:
        return
    change = found.slope / float(seen.mean())
    if abs(change) <= 2 * WORTH:
        return
    what = "utilization" if each.quantity == "utilization" else "response time"
    yield (
        f"{each.name}: it is not stationary: at the same load its {what} is"
        f" {share(abs(change))} {'higher' if change > 0 else 'lower'} at the end than at the"
        " beginning. Something changed in between (a deployment, data that grew, a cache that"
        " warmed up): fit the parts on their own"
    )


def _retries(compared: Sequence[Compared]) -> Iterator[str]:
    """More work arrives at a tier than the requests explain, the more the higher the load."""
    for each in compared:
        if each.quantity not in ("arrival_rate", "throughput") or not each.tier:
            continue
        pairs = _pairs(each)
        if pairs is None:
            continue
        bend = _bend(pairs[1], pairs[0])
        if bend is not None:
            yield (
                f"{each.name}: the more comes, the more often each request asks for it"
                f" ({significant(bend[0])} to {significant(bend[1])} times as predicted): callers"
                " try again (retries), or a cache in front hits less under load"
            )
        elif each.error < -WORTH:
            yield (
                f"{each.name}: {share(-each.error)} of what it gets is not explained by the"
                " scenario's calls: more calls a request, retries, or other users of the tier"
            )
