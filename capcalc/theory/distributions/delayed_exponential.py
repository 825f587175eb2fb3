"""A wait that is 0 or exponential, and the stay of such a wait followed by gamma service."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import special

from capcalc.theory.arrays import Numbers

Real: TypeAlias = NDArray[np.float64]
Complex: TypeAlias = NDArray[np.complex128]


def transform(s: Complex, prob_wait: Numbers, mean_wait: Numbers) -> Complex:
    with np.errstate(all="ignore"):
        delay = _delay(prob_wait, mean_wait)
        no_wait = 1.0 - np.asarray(prob_wait, dtype=float)
        points = np.asarray(s, dtype=complex) * delay
        return np.asarray((1.0 + no_wait * points) / (1.0 + points))


def _delay(prob_wait: Numbers, mean_wait: Numbers) -> Real:
    """Mean wait of those who wait."""
    prob_wait, mean_wait = np.asarray(prob_wait, dtype=float), np.asarray(mean_wait, dtype=float)
    some = prob_wait != 0
    delay = np.where(some, mean_wait / np.where(some, prob_wait, 1.0), 0.0)
    return np.where((prob_wait < 0) | (prob_wait > 1) | (mean_wait < 0), np.nan, delay)


def cdf(
    time: Numbers, prob_wait: Numbers, mean_wait: Numbers, mean: Numbers, scv: Numbers
) -> Numbers:
    with np.errstate(all="ignore"):
        t, p, d, m, c = np.broadcast_arrays(
            np.asarray(time, dtype=float), np.asarray(prob_wait, dtype=float),
            _delay(prob_wait, mean_wait), np.asarray(mean, dtype=float), np.asarray(scv, dtype=float),
        )
        result = np.full(t.shape, np.nan)
        valid = (t > 0) & (m > 0)
        kinds = ((valid & (c == 1), _exponential), (valid & (c == 0), _fixed),
                 (valid & (c > 0) & (c != 1), _gamma))
        for kind, of in kinds:
            result[kind] = of(t[kind], p[kind], d[kind], m[kind], c[kind])
        result[(t <= 0)] = 0.0
        return np.where(np.isnan(d + m + c), np.nan, result)[()]


def _exponential(t: Real, p: Real, d: Real, m: Real, c: Real) -> Real:
    theta, mu = np.where(d > 0, 1 / np.where(d > 0, d, 1), np.inf), 1 / m
    lag = np.abs(theta - mu) * t
    slow = np.minimum(theta, mu)
    phi = np.where(lag > 0, -np.expm1(-lag) / np.where(lag > 0, lag, 1.0), 1.0)
    extra = np.where(d > 0, mu * t * np.exp(-slow * t) * phi, 0.0)
    return -np.expm1(-mu * t) - p * extra


def _fixed(t: Real, p: Real, d: Real, m: Real, c: Real) -> Real:
    late = t - m
    waited = np.where(d > 0, -np.expm1(-late / np.where(d > 0, d, 1.0)), 1.0)
    return np.where(late >= 0, 1.0 - p + p * waited, 0.0)


def _gamma(t: Real, p: Real, d: Real, m: Real, c: Real) -> Real:
    a, b = 1 / c, m * c
    served = special.gammainc(a, t / b)
    some = (p > 0) & (d > 0)
    extra = np.zeros(t.shape)
    rate = (1 / b - 1 / np.where(d > 0, d, 1.0)) * t
    far = some & (rate > a + 1.0)
    near = some & ~far
    tb = (t / b)[near]
    extra[near] = np.exp(special.xlogy(a[near], tb) - tb - special.gammaln(a[near] + 1)) * special.hyp1f1(1.0, a[near] + 1.0, rate[near])
    extra[far] = np.exp(-t[far] / d[far] - a[far] * np.log1p(-b[far] / d[far])) * special.gammainc(a[far], rate[far])
    return served - p * extra
