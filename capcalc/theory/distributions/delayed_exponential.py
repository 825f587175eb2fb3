"""A wait that is 0 or exponential, and the stay of such a wait followed by gamma service."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import special

from capcalc.theory.arrays import Array, Numbers, broadcast

Complex: TypeAlias = NDArray[np.complex128]
#: Stirling's correction of log Gamma in powers of 1/a, used from this a on.
_STIRLING, _LARGE = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188), 20.0


def transform(s: Complex, prob_wait: Numbers, mean_wait: Numbers) -> Complex:
    r"""Laplace-Stieltjes transform of a wait: 0, or exponential with probability P.

    .. math:: 1 - P + P \frac{\theta}{\theta + s}, \qquad \theta = P / W

    Exact for M/M/c; the usual approximation for others.

    Parameters
    ----------
    s : ndarray of complex
        Points, the axis of nodes first. [1/s]
    prob_wait : array_like
        Probability :math:`P` to wait at all.
    mean_wait : array_like
        Mean wait :math:`W` over those that wait and those that do not. [s]

    Returns
    -------
    ndarray of complex
        ``nan`` where a parameter is out of its domain.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.12.

    Examples
    --------
    >>> transform(np.array([1.0 + 0j]), prob_wait=0.5, mean_wait=0.5).round(4)
    array([0.75+0.j])
    """
    with np.errstate(all="ignore"):
        delay = _delay(prob_wait, mean_wait)
        no_wait = 1.0 - np.asarray(prob_wait, dtype=float)
        points = np.asarray(s, dtype=complex) * delay
        return np.asarray((1.0 + no_wait * points) / (1.0 + points))


def _delay(prob_wait: Numbers, mean_wait: Numbers) -> Array:
    """Mean wait of those who wait."""
    chance, wait = np.asarray(prob_wait, dtype=float), np.asarray(mean_wait, dtype=float)
    some = chance != 0
    delay = np.where(some, wait / np.where(some, chance, 1.0), 0.0)
    return np.where((chance < 0) | (chance > 1) | (wait < 0), np.nan, delay)


def cdf(
    time: Numbers, prob_wait: Numbers, mean_wait: Numbers, mean: Numbers, scv: Numbers
) -> Numbers:
    r"""Probability that such a wait and then a gamma service end within a time.

    .. math:: F(t) = G(t) - P e^{-\theta t} \int_0^t e^{\theta x} g(x) \, dx

    with the gamma law :math:`G` and its density :math:`g`. The integral is an incomplete gamma
    function of the tilted law where :math:`\theta` is well below the rate of the gamma phases,
    and Kummer's function elsewhere, so :math:`\theta = \mu` is a case like any other.
    Absolute error below 2e-14 for scv >= 1e-3 (or 0), below 1e-12 for scv >= 1e-6.

    Parameters
    ----------
    time : array_like
        :math:`t`. [s]
    prob_wait : array_like
        Probability :math:`P` to wait at all.
    mean_wait : array_like
        Mean wait :math:`W`, over those that wait and those that do not. [s]
    mean : array_like
        Mean service time, above 0. [s]
    scv : array_like
        Squared coefficient of variation of the service time.

    Returns
    -------
    float or ndarray
        ``nan`` where a parameter is out of its domain.

    References
    ----------
    .. [1] NIST Digital Library of Mathematical Functions, 8.5.1, 13.6.5.

    Examples
    --------
    >>> round(float(cdf(2.0, prob_wait=1.0, mean_wait=1.0, mean=1.0, scv=1.0)), 6)
    0.593994
    """
    with np.errstate(all="ignore"):
        t, p, d, m, c = broadcast(time, prob_wait, _delay(prob_wait, mean_wait), mean, scv)
        known = (d >= 0) & (m > 0) & (c >= 0)
        result = np.where(known & (t <= 0), 0.0, np.nan)
        valid = known & (t > 0) & (t < np.inf)
        for mask, law in (
            (valid & (c == 1), _exponential),
            (valid & (c == 0), _fixed),
            (valid & (c > 0) & (c != 1), _gamma),
        ):
            if mask.any():
                result[mask] = law(t[mask], p[mask], d[mask], m[mask], c[mask])
        # beyond this no double is left of either tail
        far = t > 1e8 * (m * np.maximum(c, 1.0) + d)
        return np.clip(np.where(known & far, 1.0, result), 0.0, 1.0)[()]


def _exponential(t: Array, p: Array, d: Array, m: Array, _: Array) -> Array:
    """Closed form, smooth where the rates coincide."""
    mu = 1.0 / m
    theta = np.where(d > 0, 1.0 / np.where(d > 0, d, 1.0), np.inf)
    lag = np.abs(theta - mu) * t
    phi = np.where(lag > 0, -np.expm1(-lag) / np.where(lag > 0, lag, 1.0), 1.0)
    extra = np.where(theta < np.inf, mu * t * np.exp(-np.minimum(theta, mu) * t) * phi, 0.0)
    return np.asarray(-np.expm1(-mu * t) - p * extra)


def _fixed(t: Array, p: Array, d: Array, m: Array, _: Array) -> Array:
    """A fixed service time."""
    late = t - m
    ended = np.where(d > 0, -np.expm1(-late / np.where(d > 0, d, 1.0)), 1.0)
    return np.where(late >= 0, 1.0 - p + p * ended, 0.0)


def _gamma(t: Array, p: Array, d: Array, m: Array, c: Array) -> Array:
    """Any other shape."""
    a, b = 1.0 / c, m * c
    gap = (1.0 / b - 1.0 / np.where(d > 0, d, 1.0)) * t
    served = special.gammainc(a, t / b)
    some = (p > 0) & (d > 0)
    far = some & (gap > a + 1.0)
    near = some & ~far
    extra = np.zeros(t.shape)
    extra[far] = _tilted(t[far], d[far], a[far], b[far], gap[far])
    extra[near] = _power(a[near], (t / b)[near]) * special.hyp1f1(1.0, a[near] + 1.0, gap[near])
    return np.asarray(served - p * extra)


def _tilted(t: Array, d: Array, a: Array, b: Array, gap: Array) -> Array:
    """The integral as an incomplete gamma function."""
    return np.asarray(np.exp(-t / d - a * np.log1p(-b / d)) * special.gammainc(a, gap))


def _power(a: Array, x: Array) -> Array:
    """x^a e^-x / Gamma(a + 1), without the loss of large logarithms."""
    result = np.exp(special.xlogy(a, x) - x - special.gammaln(a + 1.0))
    large = a >= _LARGE
    a, off = a[large], (x[large] - a[large]) / a[large]
    series = np.polyval(_STIRLING[::-1], a**-2) / a
    result[large] = np.exp(-a * (off - np.log1p(off)) - series) / np.sqrt(2.0 * np.pi * a)
    return np.asarray(result)
