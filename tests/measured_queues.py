"""Measurements as queues would give them: the errors come from the queue, not from added noise.

Requests of several classes arrive as Poisson streams whose rates move slowly (an autoregression
of their logarithm), are served first come, first served, by c servers, and what an agent would
report is counted interval by interval: arrivals, completions, busy time, responses. Work begun
in one interval and finished in the next, and the scatter of services, make the errors.
"""

from __future__ import annotations

from heapq import heapreplace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Measured(NamedTuple):
    """What was reported in each interval."""

    #: share of the time that the servers were busy, background work included
    utilization: Array
    #: requests per second that were finished, and that came, of each class (n, k)
    completions: Array
    arrivals: Array
    #: mean response of what was finished in the interval [s]; nan if nothing was
    response: Array
    #: mean number in the system
    concurrency: Array
    step: float


def slow(rng: np.random.Generator, n: int, autocorrelation: float, size: float) -> Array:
    """A factor around 1 that moves slowly."""
    shocks = rng.standard_normal(n + 200) * np.sqrt(1 - autocorrelation**2)
    level = np.empty(n + 200)
    last = rng.standard_normal()
    for i, shock in enumerate(shocks):
        last = autocorrelation * last + shock
        level[i] = last
    return np.exp(size * level[200:] - size**2 / 2)


def measure(
    rng: np.random.Generator,
    *,
    intervals: int = 200,
    step: float = 60.0,
    rates: tuple[float, ...] = (20.0,),
    service_times: tuple[float, ...] = (0.02,),
    scv: float = 1.0,
    servers: int = 1,
    autocorrelation: float = 0.9,
    load_variation: float = 0.3,
    mix_variation: float = 0.3,
    background: float = 0.03,
    most: float = 0.95,
) -> Measured:
    """Simulate; the rates are held below ``most`` of what the servers can do."""
    common = slow(rng, intervals, autocorrelation, load_variation)
    each = [slow(rng, intervals, autocorrelation, mix_variation) for _ in rates]
    level = np.array(rates)[:, np.newaxis] * common * np.stack(each)
    offered = (level * np.array(service_times)[:, np.newaxis]).sum(axis=0) / servers
    level = level * np.minimum(1.0, most / offered)
    came, kind = _arrivals(rng, level, step)
    shape = 1.0 / scv
    service = rng.gamma(shape, np.array(service_times)[kind] / shape)
    start = _starts(came, service, servers)
    end = start + service
    edges = np.arange(intervals + 1) * step
    busy = np.diff(_worked(start, end, edges)) / step
    inside = np.diff(_worked(came, end, edges)) / step
    own = background * slow(rng, intervals, 0.5, 0.2) if background else 0.0
    done = np.minimum((end // step).astype(int), intervals)
    k = len(rates)
    finished = np.stack(
        [np.bincount(done[kind == j], minlength=intervals + 1) for j in range(k)], 1
    )
    arrived = np.stack(
        [np.bincount((came[kind == j] // step).astype(int), minlength=intervals) for j in range(k)],
        1,
    )
    with np.errstate(invalid="ignore"):
        total = np.bincount(done, end - came, intervals + 1)[:intervals]
        response = total / finished[:intervals].sum(axis=1)
    return Measured(
        utilization=np.minimum(busy / servers + own, 1.0),
        completions=finished[:intervals] / step,
        arrivals=arrived[:, :][:intervals] / step,
        response=response,
        concurrency=inside,
        step=step,
    )


def _arrivals(
    rng: np.random.Generator, level: Array, step: float
) -> tuple[Array, NDArray[np.int64]]:
    """Instants and classes, in order."""
    counts = rng.poisson(level * step)
    starts = np.arange(level.shape[1]) * step
    times, kinds = [], []
    for j, row in enumerate(counts):
        times.append(np.repeat(starts, row) + rng.uniform(0, step, row.sum()))
        kinds.append(np.full(row.sum(), j))
    time, kind = np.concatenate(times), np.concatenate(kinds)
    order = np.argsort(time)
    return time[order], kind[order]


def _starts(came: Array, service: Array, servers: int) -> Array:
    """When each is begun, first come, first served."""
    if servers == 1:
        walk = np.concatenate([[0.0], np.cumsum(service[:-1] - np.diff(came))])
        return np.asarray(came + walk - np.minimum.accumulate(walk))
    free = [0.0] * servers
    start = np.empty(came.size)
    for i, (at, time) in enumerate(zip(came.tolist(), service.tolist(), strict=True)):
        begun = max(at, free[0])
        heapreplace(free, begun + time)
        start[i] = begun
    return start


def _worked(start: Array, end: Array, edges: Array) -> Array:
    """Time spent between start and end, of all, up to each edge."""

    def since(times: Array) -> Array:
        ordered = np.sort(times)
        sums = np.concatenate([[0.0], np.cumsum(ordered)])
        before = np.searchsorted(ordered, edges)
        return np.asarray(before * edges - sums[before])

    return since(start) - since(end)
