"""How irregular arrivals and services are: scv of times, index of dispersion for counts."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from capcalc.theory.arrays import Array
from capcalc.theory.calibration.series_mean import long_run

_LEAST = 8


class Scv(NamedTuple):
    """A mean and a squared coefficient of variation, each with its interval."""

    mean: float
    mean_low: float
    mean_high: float
    scv: float
    low: float
    high: float
    n: int
    #: correlation of neighbouring batches' means: near 0 for times that are independent
    correlation: float
    #: batches of a normal law that tell as much of the scv as these: few where long times carry it
    telling: float


def scv(batches: ArrayLike, level: float = 0.95) -> Scv:
    r"""Mean and scv of times from batches of them.

    .. math:: c^2 = \frac{\overline{x^2}}{\bar x^2} - 1

    with the interval by linearising around the means of the batches, whose dependence is
    allowed for. On a logarithmic scale of :math:`1 + c^2`, so that the lower end stays possible;
    long tails, whose few long times carry the square, are allowed for by Hall's transformation
    for skewness and by degrees of freedom that kurtosis leaves.

    Measured on 300 logs each, a 95 % interval of the scv covers 92 to 97 % for exponential and
    gamma times from 10 batches on. For lognormal times of scv 4 it covers 89 / 94 / 96 % in logs
    of 2,000 / 20,000 / 200,000 times, of scv 16 88 / 92 / 94 %, and in 200 times no more than 60
    to 70 %: long tails need long logs.

    Parameters
    ----------
    batches : array_like of shape (m, 3)
        Rows of count, sum and sum of squares over stretches of about the same length, in order.
    level : float
        Of the intervals.

    Returns
    -------
    Scv
        The intervals are ``nan`` with fewer than eight batches.

    References
    ----------
    .. [1] D. L. Iglehart, "Simulating stable stochastic systems, VI: quantile estimation",
       J. ACM 23(2), 1976 (ratios by batches).
    .. [2] P. Hall, "On the removal of skewness by transformation", J. Royal Stat. Soc. B 54(1),
       1992.
    .. [3] W. Whitt, "Approximating a point process by a renewal process, I", Oper. Res. 30(1),
       1982 (what the scv of a stream means for a queue).

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.exponential(2.0, (100, 50))
    >>> rows = np.stack([np.full(100, 50.0), x.sum(axis=1), (x**2).sum(axis=1)], axis=1)
    >>> found = scv(rows)
    >>> bool(found.low < 1 < found.high)
    True
    """
    rows = np.asarray(batches, dtype=float).reshape(-1, 3)
    rows = rows[(rows[:, 0] > 0) & np.isfinite(rows).all(axis=1)]
    count, total, squares = rows.sum(axis=0) if len(rows) else (0.0, 0.0, 0.0)
    if not count or total <= 0:
        none = float("nan")
        return Scv(none, none, none, none, none, none, int(count), none, 0.0)
    mean, second = total / count, squares / count
    value = max(second / mean**2 - 1.0, 0.0)
    if len(rows) < _LEAST:
        return Scv(mean, np.nan, np.nan, value, np.nan, np.nan, int(count), np.nan, 0.0)
    usual = rows[:, 0].mean()
    of_mean = (rows[:, 1] - mean * rows[:, 0]) / usual
    of_second = (rows[:, 2] - second * rows[:, 0]) / usual
    # ln(1 + c^2) = ln E[x^2] - 2 ln E[x]
    of_log = of_second / second - 2.0 * of_mean / mean
    reach_mean = _reach(of_mean, level)
    below, above, telling = _skew_ends(of_log, level)
    ratio = 1.0 + value
    return Scv(
        mean,
        mean - reach_mean,
        mean + reach_mean,
        value,
        max(ratio * np.exp(below) - 1.0, 0.0),
        ratio * np.exp(above) - 1.0,
        int(count),
        _neighbours(rows[:, 1] / rows[:, 0]),
        telling,
    )


def dispersion(counts: ArrayLike, scales: ArrayLike) -> Array:
    r"""Index of dispersion for counts, :math:`I(k) = \operatorname{Var} N_k / E N_k`.

    1 at every scale for Poisson arrivals; a load that moves slowly makes it grow with the scale.

    Parameters
    ----------
    counts : array_like of shape (n,)
        Arrivals in intervals of one length; ``nan`` (gaps) are left out, and no stretch of
        several intervals bridges them.
    scales : array_like of int
        How many intervals are taken together, k.

    Returns
    -------
    ndarray
        One value for each scale; ``nan`` where fewer than eight stretches are left.

    References
    ----------
    .. [1] D. R. Cox, P. A. W. Lewis, *The Statistical Analysis of Series of Events*, Methuen,
       1966, sec. 4.5.
    .. [2] R. Gusella, "Characterizing the variability of arrival processes with indexes of
       dispersion", IEEE J. Sel. Areas Commun. 9(2), 1991.

    Examples
    --------
    >>> dispersion([3, 5, 4, 4, 3, 5, 4, 4, 3, 5], [1]).round(3)
    array([0.167])
    """
    series = np.asarray(counts, dtype=float).ravel()
    found = []
    for scale in np.atleast_1d(np.asarray(scales, dtype=int)):
        whole = series[: series.size // scale * scale].reshape(-1, max(int(scale), 1)).sum(axis=1)
        whole = whole[np.isfinite(whole)]
        mean = whole.mean() if whole.size else 0.0
        known = whole.size >= _LEAST and mean > 0
        found.append(float(whole.var(ddof=1) / mean) if known else np.nan)
    return np.array(found)


def beside_season(counts: ArrayLike, period: int) -> tuple[float, int]:
    r"""Index of dispersion of counts beside a profile that repeats, and its degrees of freedom.

    .. math:: I = \frac{1}{f} \sum_i \frac{(N_i - m_i)^2}{m_i}

    with :math:`m_i` the mean of the interval's place in the period, and f the counts less the
    places. 1 for Poisson arrivals whose rate is the profile, however steep it is; :math:`f I` is
    then about chi-squared with f degrees.

    Parameters
    ----------
    counts : array_like of shape (n,)
        Arrivals in intervals of one length; ``nan`` (gaps) are left out.
    period : int
        Intervals in one period, e.g. 1,440 minutes.

    Returns
    -------
    tuple of float and int
        ``nan`` and 0 where no place has been seen twice.

    References
    ----------
    .. [1] P. McCullagh, J. A. Nelder, *Generalized Linear Models*, 2nd ed., Chapman & Hall, 1989,
       sec. 4.5, 6.2 (Pearson's statistic over its degrees of freedom).

    Examples
    --------
    >>> beside_season([1.0, 30.0, 3.0, 50.0, 2.0, 40.0], 2)
    (1.5, 4)
    """
    series = np.asarray(counts, dtype=float).ravel()
    known = np.isfinite(series)
    place = (np.arange(series.size) % period)[known]
    number = np.bincount(place, minlength=period)
    total = np.bincount(place, series[known], period)
    usual = (total / np.maximum(number, 1))[place]
    # a place without any arrivals tells nothing
    told = (usual > 0) & (number[place] > 1)
    freedom = int(told.sum() - np.unique(place[told]).size)
    if freedom < 1:
        return float("nan"), 0
    rest = (series[known][told] - usual[told]) ** 2 / usual[told]
    return float(rest.sum() / freedom), freedom


def interval_dispersion(batches: ArrayLike) -> tuple[Array, Array]:
    r"""Index of dispersion for intervals: how irregular arrivals are over stretches of many.

    .. math:: J(k) = k \frac{\operatorname{Var} S_k}{(\mathrm E S_k)^2}

    for the time :math:`S_k` of k arrivals. The scv of the times between arrivals at k = 1; it
    stays there if they are independent. A queue at utilization :math:`\rho` sees the stream over
    about :math:`(1 - \rho)^{-2}` arrivals, so that J there is what to take for the scv of
    arrivals in G/G/c.

    Parameters
    ----------
    batches : array_like of shape (m, 3)
        Rows of count, sum and sum of squares over stretches of about the same length, in order.

    Returns
    -------
    tuple of ndarray
        Stretches k, from one batch on, doubling; and J of each. At least 16 stretches are behind
        each.

    References
    ----------
    .. [1] K. Sriram, W. Whitt, "Characterizing superposition arrival processes in packet
       multiplexers for voice and data", IEEE J. Sel. Areas Commun. 4(6), 1986.
    .. [2] K. W. Fendick, W. Whitt, "Measurements and approximations to describe the offered
       traffic and predict the average workload in a single-server queue", Proc. IEEE 77(1), 1989.

    Examples
    --------
    >>> rows = [[10, 9, 20], [10, 11, 20]] * 16
    >>> [each.round(3).tolist() for each in interval_dispersion(rows)]
    [[10.0, 20.0], [0.103, 0.0]]
    """
    rows = np.asarray(batches, dtype=float).reshape(-1, 3)
    rows = rows[(rows[:, 0] > 0) & np.isfinite(rows).all(axis=1)]
    sizes, found = [], []
    while len(rows) >= 2 * _LEAST and rows[:, 1].sum() > 0:
        mean = rows[:, 1].sum() / rows[:, 0].sum()
        rest = rows[:, 1] - mean * rows[:, 0]
        usual = float(rows[:, 0].mean())
        sizes.append(usual)
        found.append(float(rest @ rest) / (len(rows) - 1) / (usual * mean**2))
        rows = rows[: len(rows) // 2 * 2].reshape(-1, 2, 3).sum(axis=1)
    return np.array(sizes), np.array(found)


def poisson_within(index: float, n: int, level: float = 0.95) -> tuple[float, float]:
    r"""Where the index of dispersion of n Poisson counts lies with this probability.

    :math:`(n - 1) I` is about chi-squared with n - 1 degrees of freedom (counts of five and
    more).

    Parameters
    ----------
    index : float
        The index that was measured: its own place decides nothing, ``nan`` is passed on.
    n : int
        Counts.
    level : float
        Of the interval.

    References
    ----------
    .. [1] D. R. Cox, P. A. W. Lewis, *The Statistical Analysis of Series of Events*, Methuen,
       1966, sec. 6.3 (dispersion test).

    Examples
    --------
    >>> [round(end, 3) for end in poisson_within(1.2, 100)]
    [0.741, 1.297]
    """
    if n < 2 or not np.isfinite(index):
        return np.nan, np.nan
    free = n - 1.0
    low = float(special.gammaincinv(free / 2.0, (1.0 - level) / 2.0)) * 2.0 / free
    high = float(special.gammaincinv(free / 2.0, (1.0 + level) / 2.0)) * 2.0 / free
    return low, high


def _reach(scores: Array, level: float) -> float:
    """Half the width of the interval of a mean of these."""
    found = long_run(scores)
    error = np.sqrt(found.variance / scores.size)
    return float(special.stdtrit(max(found.effective_n - 1.0, 1.0), 0.5 + level / 2.0) * error)


def _skew_ends(scores: Array, level: float) -> tuple[float, float, float]:
    """Ends around 0 of the mean of skew scores, and the batches that they are worth."""
    found = long_run(scores)
    n = scores.size
    spread = float(np.sqrt(found.variance))
    rest = scores - scores.mean()
    around = float(rest @ rest) / n
    if not spread > 0 or around <= 0:
        return 0.0, 0.0, float(n)
    kurtosis = float(np.mean(rest**4)) / around**2
    skewness = float(np.mean(rest**3)) / around**1.5
    # the variance of n values of a normal law has n degrees, of others 2 n / (kurtosis - 1)
    telling = min(found.effective_n, 2.0 * n / max(kurtosis - 1.0, 2.0))
    reach = float(special.stdtrit(max(telling - 1.0, 1.0), 0.5 + level / 2.0) / np.sqrt(n))
    if abs(skewness) < 1e-6:
        return -reach * spread, reach * spread, telling
    low, high = (
        3.0 / skewness * (np.cbrt(1.0 + skewness * (x - skewness / (6.0 * n))) - 1.0)
        for x in (reach, -reach)
    )
    return -spread * float(low), -spread * float(high), telling


def _neighbours(means: Array) -> float:
    rest = means - means.mean()
    around = float(rest @ rest)
    return float(rest[1:] @ rest[:-1]) / around if around > 0 else 0.0
