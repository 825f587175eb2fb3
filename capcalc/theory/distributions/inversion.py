"""Survival functions and quantiles of times by numerical inversion of their transforms."""

from __future__ import annotations

from collections.abc import Callable
from math import comb
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from capcalc.theory.arrays import Numbers

Real: TypeAlias = NDArray[np.float64]
Complex: TypeAlias = NDArray[np.complex128]
Transform: TypeAlias = Callable[[Complex], Complex]
Survival: TypeAlias = Callable[[Real], tuple[Real, Real]]

#: Damping of the Fourier series, and the number of interleaved series.
DAMPING, SERIES = 25.0, 2
#: Partial sums that Euler's summation averages.
AVERAGED = 14


def survival_by_hyperbola(
    transform: Transform, time: Numbers, nodes: int = 16
) -> tuple[Real, Real]:
    step = 1.08179 / nodes
    u = (np.arange(nodes) + 0.5) * step
    z = 4.4921 * nodes * (1.0 + np.sin(1j * u - 1.17210))
    slope = 4.4921j * nodes * np.cos(1j * u - 1.17210)
    weights = np.exp(z) * slope * step / (np.pi * 1j)
    return _weighted(transform, np.asarray(time, dtype=float), z, weights)


def survival_by_euler(transform: Transform, time: Numbers, terms: int = 40) -> tuple[Real, Real]:
    z, weights = _fourier(terms)
    return _weighted(transform, np.asarray(time, dtype=float), z, weights)


def _fourier(terms: int) -> tuple[Complex, Complex]:
    """Nodes and weights of the interleaved, Euler-summed Fourier series."""
    k = np.arange(terms + AVERAGED + 1)
    binomial = np.array([comb(AVERAGED, m) for m in range(AVERAGED + 1)], dtype=float)
    late = np.cumsum(binomial[::-1])[::-1] / 2.0**AVERAGED
    factor = (-1.0) ** k * np.concatenate([np.ones(terms), late])
    j = np.arange(1, SERIES + 1)[:, np.newaxis]
    damping = DAMPING / (2 * SERIES)
    z = damping + 1j * np.pi * (j / SERIES + k)
    weights = np.exp(damping + 1j * np.pi * j / SERIES) / SERIES * factor
    first = np.array([np.exp(damping) / (2 * SERIES)])
    return (
        np.concatenate([[damping + 0j], z.ravel()]),
        np.concatenate([first, weights.ravel()]),
    )


def _weighted(
    transform: Transform, time: Real, z: Complex, weights: Complex
) -> tuple[Real, Real]:
    """Sum over the nodes, in order, so that no element depends on its neighbours."""
    with np.errstate(all="ignore"):
        usable = (time > 0) & (time < np.inf)
        safe = np.where(usable, time, 1.0)
        s = z.reshape((-1,) + (1,) * time.ndim) / safe
        values = transform(s)
        survival, density = np.zeros(time.shape), np.zeros(time.shape)
        for k, weight in enumerate(weights):
            value = values[k]
            survival = survival + (weight / z[k] * (1.0 - value)).real
            density = density + (weight * value).real
        survival = np.where(usable, survival, _outside(time))
        return survival[()], np.where(usable, density / safe, np.nan)[()]


def _outside(time: Real) -> Real:
    return np.where(time <= 0, 1.0, np.where(time == np.inf, 0.0, np.nan))


def quantile(survival: Survival, p: Numbers, start: Numbers) -> Numbers:
    level, time = np.broadcast_arrays(np.asarray(p, dtype=float), np.asarray(start, dtype=float))
    with np.errstate(all="ignore"):
        return _quantile(survival, level, time)[()]


def _quantile(survival: Survival, level: Real, start: Real) -> Real:
    inside = (level > 0) & (level < 1) & (start > 0) & (start < np.inf)
    wanted = np.where(inside, 1.0 - level, 0.5)
    time = np.where(inside, start, 1.0)
    low, high = np.zeros(time.shape), np.full(time.shape, np.inf)
    last = np.full(time.shape, np.inf)
    open_ = inside.copy()
    for _ in range(100):
        if not open_.any():
            break
        tail, density = survival(time)
        above = tail > wanted
        low = np.where(open_ & above, time, low)
        high = np.where(open_ & ~above, time, high)
        newton = time + tail / density * np.log(tail / wanted)
        good = (newton > low) & (newton < high) & (newton < 8.0 * time)
        middle = np.where(low > 0, 0.5 * (low + high), high / 16.0)
        middle = np.where(high == np.inf, 4.0 * time, middle)
        following = np.where(good, newton, middle)
        following = np.where(tail == wanted, time, following)
        step = np.abs(following - time) / time
        done = (good & (step < 1e-8)) | (step < 1e-14) | ((step < 1e-6) & (step > 0.5 * last))
        last = step
        time = np.where(open_, following, time)
        open_ = open_ & ~done & (time > 1e-60 * start)
    time = np.where(time > 1e-60 * start, time, 0.0)
    edge = np.where(level == 0, 0.0, np.where(level == 1, np.inf, np.nan))
    return np.where(inside, time, np.where(np.isnan(start), np.nan, edge))
