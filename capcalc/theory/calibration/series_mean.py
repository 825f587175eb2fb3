"""Means of measured series with intervals that allow for neighbours that are alike."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from capcalc.theory.arrays import Array

#: Where fewer values than this are independent the interval is a guess, and should be called so.
LEAST_EFFECTIVE = 5.0
_LEAST = 4


class Mean(NamedTuple):
    """A mean, the ends of its interval, its standard error, and what it rests on."""

    value: float
    low: float
    high: float
    error: float
    #: as many independent values would tell as much
    effective_n: float
    n: int


class LongRun(NamedTuple):
    """Variance of the mean times n, and how many independent values n are worth."""

    variance: float
    effective_n: float


def long_run(values: ArrayLike) -> LongRun:
    r"""The variance that the mean of a dependent series has, times the number of its values.

    .. math:: \sigma^2_\infty = \gamma_0 + 2 \sum_{k \ge 1} \gamma_k

    The larger one of two estimates: from an autoregression whose order Akaike's criterion
    chooses, and from one of order 1 whose coefficient is corrected for its bias in short series
    (Kendall 1954). The second holds up in short series, the first where noise hides a slow
    movement.

    Parameters
    ----------
    values : array_like of shape (n,)
        Evenly spaced; ``nan`` (a gap) is left out.

    Returns
    -------
    LongRun
        ``nan`` with fewer than four values.

    References
    ----------
    .. [1] D. W. K. Andrews, J. C. Monahan, "An improved heteroskedasticity and autocorrelation
       consistent covariance matrix estimator", Econometrica 60(4), 1992 (prewhitening).
    .. [2] M. G. Kendall, "Note on bias in the estimation of autocorrelation", Biometrika
       41(3-4), 1954.
    .. [3] H. Akaike, "Power spectrum estimation through autoregressive model fitting", Ann.
       Inst. Stat. Math. 21, 1969.

    Examples
    --------
    >>> found = long_run(np.sin(np.arange(400) / 20))
    >>> round(found.effective_n, 1)
    3.8
    """
    series = _finite(values)
    n = series.size
    if n < _LEAST:
        return LongRun(float("nan"), 0.0)
    rest = series - series.mean()
    around = float(rest @ rest) / n
    if around <= 1e-30 * max(float(series @ series) / n, 1e-300):
        return LongRun(0.0, float(n))
    found = (_first_order(rest), _chosen_order(rest))
    variance = min(max(found), around * n / 2.0)
    return LongRun(variance, float(np.clip(n * around / variance, 1.0, n)))


def mean(values: ArrayLike, level: float = 0.95) -> Mean:
    """Mean of a series with an interval.

    Measured on autoregressions of coefficient 0 / 0.5 / 0.9 / 0.98, a 95 % interval covers
    95 / 95 / 96 / 94 % of 1,500 series of 500 values, and 96 / 95 / 93 / 89 % of 1,500 of 100:
    a slow movement needs long series. Where a movement of coefficient 0.95 hides under noise
    (ARMA 0.95, -0.8) 500 values cover 86 %, 2,000 cover 92 %.

    Parameters
    ----------
    values : array_like of shape (n,)
        Evenly spaced; ``nan`` is left out.
    level : float
        Of the interval.

    Returns
    -------
    Mean
        The ends are ``nan`` with fewer than four values; with an effective number below
        :data:`LEAST_EFFECTIVE` they cover less than they say.

    References
    ----------
    .. [1] G. S. Fishman, *Discrete-Event Simulation*, Springer, 2001, ch. 6 (means of
       dependent series).

    Examples
    --------
    >>> found = mean([1.0, 2.0, 1.0, 3.0, 2.0, 1.0, 2.0, 2.0])
    >>> round(found.value, 3), round(found.low, 2), round(found.high, 2)
    (1.75, 1.14, 2.36)
    """
    series = _finite(values)
    if not series.size:
        return Mean(np.nan, np.nan, np.nan, np.nan, 0.0, 0)
    return _with_interval(float(series.mean()), long_run(series), 1.0, series.size, level)


def ratio(numerator: ArrayLike, denominator: ArrayLike, level: float = 0.95) -> Mean:
    r"""Ratio of two sums, e.g. hits of lookups, with an interval.

    .. math:: r = \frac{\sum y_i}{\sum x_i}, \qquad
       \operatorname{se}(r) = \frac{\sigma_\infty(y - r x)}{\bar x \sqrt{n}}

    Parameters
    ----------
    numerator, denominator : array_like of shape (n,)
        Of the same intervals; where either is ``nan`` both are left out.
    level : float
        Of the interval.

    Returns
    -------
    Mean
        ``nan`` where the denominators add up to nothing.

    References
    ----------
    .. [1] W. G. Cochran, *Sampling Techniques*, 3rd ed., Wiley, 1977, sec. 2.11.

    Examples
    --------
    >>> ratio([90.0, 180.0, 95.0, 190.0, 91.0], [100.0, 200.0, 100.0, 200.0, 100.0]).value
    0.9228571428571428
    """
    above, below = np.asarray(numerator, dtype=float), np.asarray(denominator, dtype=float)
    known = np.isfinite(above) & np.isfinite(below)
    above, below = above[known], below[known]
    if not below.size or below.sum() <= 0:
        return Mean(np.nan, np.nan, np.nan, np.nan, 0.0, int(below.size))
    value = float(above.sum() / below.sum())
    found = long_run(above - value * below)
    return _with_interval(value, found, float(below.mean()), below.size, level)


def _with_interval(value: float, found: LongRun, scale: float, n: int, level: float) -> Mean:
    error = float(np.sqrt(found.variance / n)) / scale
    if not np.isfinite(error):
        return Mean(value, np.nan, np.nan, np.nan, found.effective_n, n)
    free = max(found.effective_n - 1.0, 1.0)
    reach = float(special.stdtrit(free, 0.5 + level / 2.0)) * error
    return Mean(value, value - reach, value + reach, error, found.effective_n, n)


def _finite(values: ArrayLike) -> Array:
    series = np.asarray(values, dtype=float).ravel()
    return np.asarray(series[np.isfinite(series)])


def _first_order(rest: Array) -> float:
    n = rest.size
    slope = float(rest[1:] @ rest[:-1]) / float(rest @ rest)
    slope = float(np.clip(slope + (1.0 + 3.0 * slope) / (n - 1), -0.97, 0.995))
    shock = rest[1:] - slope * rest[:-1]
    return float(shock @ shock) / (n - 2) / (1.0 - slope) ** 2


def _chosen_order(rest: Array) -> float:
    """Levinson's recursion up to 10 log10(n), the order with Akaike's least criterion."""
    n = rest.size
    most = min(int(10 * np.log10(n)), n // 4)
    spectrum = np.abs(np.fft.rfft(rest, 2 * n)) ** 2
    covariance = np.fft.irfft(spectrum)[: most + 1] / n
    weights = np.zeros(0)
    left = float(covariance[0])
    best, found = n * np.log(left), left * n / (n - 1)
    for order in range(1, most + 1):
        known = weights @ covariance[1:order][::-1]
        partial = float(np.clip((covariance[order] - known) / left, -0.999, 0.999))
        weights = np.append(weights - partial * weights[::-1], partial)
        left *= 1.0 - partial * partial
        criterion = n * np.log(left) + 2 * order
        if criterion < best:
            spread = left * n / max(n - order - 1, 1)
            best, found = criterion, spread / max(1.0 - float(weights.sum()), 0.01) ** 2
    return float(found)
