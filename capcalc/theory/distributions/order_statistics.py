"""The k-th of n independent times to end: quorums, fan-outs and hedged requests."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from capcalc.theory.arrays import Array, Numbers, broadcast

#: Panels and reach of the trapezoidal rule for the mean, in the logarithm of time.
_STEP, _BELOW, _ABOVE = 0.2, 42.0, 7.0


def cdf(k: Numbers, n: Numbers, ended: Numbers) -> Numbers:
    r"""Probability that k of n have ended, each with the same probability.

    .. math:: F_{(k)} = \sum_{j=k}^n \binom nj F^j (1 - F)^{n-j} = I_F(k, n - k + 1)

    k = n is the slowest of a fan-out, k = 1 the first of a hedged request, k in between a
    quorum. Exact for independent, equal laws of any form.

    Parameters
    ----------
    k, n : array_like
        :math:`1 \le k \le n`, counted down to whole numbers.
    ended : array_like
        :math:`F(t)`, the probability that one has ended.

    Returns
    -------
    float or ndarray
        ``nan`` out of the domain.

    References
    ----------
    .. [1] H. A. David, H. N. Nagaraja, *Order Statistics*, 3rd ed., Wiley, 2003, sec. 2.1.

    Examples
    --------
    >>> round(float(cdf(2, 3, 0.9)), 12)
    0.972
    """
    first, last, chance = _checked(k, n, ended)
    with np.errstate(all="ignore"):
        return np.asarray(special.betainc(first, last - first + 1.0, chance), dtype=float)[()]


def survival(k: Numbers, n: Numbers, running: Numbers) -> Numbers:
    r"""Probability that fewer than k of n have ended, from that of one to be still running.

    .. math:: S_{(k)} = I_{S}(n - k + 1, k)

    Keeps the digits of tails, which :func:`cdf` does not have.

    Parameters
    ----------
    k, n : array_like
        :math:`1 \le k \le n`, counted down to whole numbers.
    running : array_like
        :math:`S(t) = 1 - F(t)`.

    References
    ----------
    .. [1] H. A. David, H. N. Nagaraja, *Order Statistics*, 3rd ed., Wiley, 2003, sec. 2.1.

    Examples
    --------
    >>> f"{survival(2, 3, 1e-10):.6e}"
    '3.000000e-20'
    """
    first, last, chance = _checked(k, n, running)
    with np.errstate(all="ignore"):
        return np.asarray(special.betainc(last - first + 1.0, first, chance), dtype=float)[()]


def level(p: Numbers, k: Numbers, n: Numbers) -> Numbers:
    r"""How much of one law has to have passed, :math:`1 - F`, where a share p of the k-th has.

    The quantile of the k-th of n is the quantile of one at ``1 - level(p, k, n)``; the missing
    part is what is returned, as p99 of 100 branches is a p99.99 of one.

    Parameters
    ----------
    p : array_like
        Level of the k-th.
    k, n : array_like
        :math:`1 \le k \le n`, counted down to whole numbers.

    References
    ----------
    .. [1] H. A. David, H. N. Nagaraja, *Order Statistics*, 3rd ed., Wiley, 2003, sec. 2.1.

    Examples
    --------
    >>> f"{level(0.99, 100, 100):.6e}"
    '1.004983e-04'
    """
    first, last, share = _checked(k, n, p)
    with np.errstate(all="ignore"):
        return np.asarray(special.betaincinv(last - first + 1.0, first, 1.0 - share), dtype=float)[
            ()
        ]


def exponential_mean(k: Numbers, n: Numbers, mean: Numbers) -> Numbers:
    r"""Mean of the k-th of n exponential times, :math:`m \sum_{j=n-k+1}^n 1/j`.

    Parameters
    ----------
    k, n : array_like
        :math:`1 \le k \le n`, counted down to whole numbers.
    mean : array_like
        Mean :math:`m` of one. [s]

    References
    ----------
    .. [1] A. Rényi, "On the theory of order statistics", Acta Math. Acad. Sci. Hung. 4, 1953.

    Examples
    --------
    >>> exponential_mean(np.array([1, 3, 5]), 5, 1.0).round(6)
    array([0.2     , 0.783333, 2.283333])
    """
    first, last, _ = _checked(k, n, 0.5)
    time = np.where(np.asarray(mean, dtype=float) >= 0, mean, np.nan)
    with np.errstate(all="ignore"):
        # a difference of digammas loses digits where k is a small part of n
        few = np.clip(first, 0, 64)
        direct = 0.0 * first
        for j in range(64):
            direct = direct + np.where(j < few, 1.0 / (last - j), 0.0)
        beyond = special.digamma(last - few + 1.0) - special.digamma(last - first + 1.0)
        return np.asarray(time * (direct + np.where(first > 64, beyond, 0.0)))[()]


def exponential_scv(k: Numbers, n: Numbers) -> Numbers:
    r"""Squared coefficient of variation of the k-th of n exponential times.

    .. math:: \sum_{j=n-k+1}^n j^{-2} \Big/ \Bigl(\sum_{j=n-k+1}^n j^{-1}\Bigr)^2

    Parameters
    ----------
    k, n : array_like
        :math:`1 \le k \le n`, counted down to whole numbers.

    References
    ----------
    .. [1] A. Rényi, "On the theory of order statistics", Acta Math. Acad. Sci. Hung. 4, 1953.

    Examples
    --------
    >>> exponential_scv(np.array([1, 2]), 2).round(6)
    array([1.      , 0.555556])
    """
    first, last, _ = _checked(k, n, 0.5)
    with np.errstate(all="ignore"):
        few = np.clip(first, 0, 64)
        squares = 0.0 * first
        for j in range(64):
            squares = squares + np.where(j < few, 1.0 / (last - j) ** 2, 0.0)
        beyond = special.polygamma(1, last - first + 1.0) - special.polygamma(1, last - few + 1.0)
        squares = squares + np.where(first > 64, beyond, 0.0)
        return np.asarray(squares / np.asarray(exponential_mean(first, last, 1.0)) ** 2)[()]


def exponential_quantile(p: Numbers, k: Numbers, n: Numbers, mean: Numbers) -> Numbers:
    r"""The time within which a share p of all k-th of n exponential times end. [s]

    Parameters
    ----------
    p : array_like
        Level.
    k, n : array_like
        :math:`1 \le k \le n`, counted down to whole numbers.
    mean : array_like
        Mean of one. [s]

    References
    ----------
    .. [1] A. Rényi, "On the theory of order statistics", Acta Math. Acad. Sci. Hung. 4, 1953.

    Examples
    --------
    >>> round(float(exponential_quantile(0.99, 2, 3, 1.0)), 10)
    2.8318609507
    """
    time = np.where(np.asarray(mean, dtype=float) >= 0, mean, np.nan)
    with np.errstate(all="ignore"):
        missing = np.asarray(level(p, k, n))
        return np.asarray(-np.log(missing) * time)[()]


def cdf_of_unequal(k: int, ended: ArrayLike) -> Numbers:
    r"""Probability that k of several unlike times have ended.

    The number that have ended is a sum of unlike yes-or-no's; its law is built one after the
    other from positive terms (relative error below 1e-14 a term).

    Parameters
    ----------
    k : int
        At least 1.
    ended : array_like, shape (..., n)
        :math:`F_i(t)` of each.

    References
    ----------
    .. [1] Y. H. Wang, "On the number of successes in independent trials", Statistica Sinica 3,
       1993.

    Examples
    --------
    >>> round(float(cdf_of_unequal(2, [0.9, 0.9, 0.9])), 12)
    0.972
    """
    chances = np.atleast_1d(np.asarray(ended, dtype=float))
    if int(k) != k or k < 1:
        raise ValueError(f"k is the number that has to end, a whole number from 1 on; got {k}")
    n = chances.shape[-1]
    counts = [np.ones(chances.shape[:-1])] + [np.zeros(chances.shape[:-1]) for _ in range(n)]
    with np.errstate(all="ignore"):
        chances = np.where((chances >= 0) & (chances <= 1), chances, np.nan)
        for i in range(n):
            yes = chances[..., i]
            for j in range(i + 1, 0, -1):
                counts[j] = counts[j] * (1.0 - yes) + counts[j - 1] * yes
            counts[0] = counts[0] * (1.0 - yes)
    total = np.zeros(chances.shape[:-1]) + 0.0 * chances.sum(axis=-1)
    for j in range(int(k), n + 1):
        total = total + counts[j]
    return np.asarray(np.minimum(total, 1.0))[()]


def slowest_exponential_mean(rates: ArrayLike) -> Numbers:
    r"""Mean of the slowest of unlike exponential times. [s]

    .. math:: E \max_i T_i = \int_0^\infty \Bigl(1 - \prod_i (1 - e^{-\mu_i t})\Bigr) dt

    By the trapezoidal rule in the logarithm of time, which converges as fast as the digits
    last: relative error below 1e-13 whatever the rates.

    Parameters
    ----------
    rates : array_like, shape (..., n)
        :math:`\mu_i > 0`. [1/s]

    References
    ----------
    .. [1] L. N. Trefethen, J. A. C. Weideman, "The exponentially convergent trapezoidal rule",
       SIAM Review 56, 2014.

    Examples
    --------
    >>> round(float(slowest_exponential_mean([1.0, 2.0])), 12)
    1.166666666667
    """
    speeds = np.atleast_1d(np.asarray(rates, dtype=float))
    with np.errstate(all="ignore"):
        speeds = np.where((speeds > 0).all(axis=-1, keepdims=True), speeds, np.nan)
        scale = 1.0 / speeds.min(axis=-1)
        ratio = speeds * scale[..., np.newaxis]
        total = np.zeros(scale.shape)
        reach = _ABOVE + np.log(1.0 + np.log(speeds.shape[-1]))
        for place in np.arange(-_BELOW, reach, _STEP):
            late = np.log1p(-np.exp(-ratio * np.exp(place))).sum(axis=-1)
            total = total - np.expm1(late) * np.exp(place)
        return np.asarray(np.where(scale == 0, 0.0, total * _STEP * scale))[()]


def slowest_exponential_survival(time: Numbers, rates: ArrayLike) -> Numbers:
    r"""Probability that the slowest of unlike exponential times takes longer.

    .. math:: P(\max_i T_i > t) = 1 - \prod_i (1 - e^{-\mu_i t})

    Parameters
    ----------
    time : array_like
        :math:`t`; broadcasts with what stands before the axis of parts. [s]
    rates : array_like, shape (..., n)
        :math:`\mu_i > 0`. [1/s]

    References
    ----------
    .. [1] H. A. David, H. N. Nagaraja, *Order Statistics*, 3rd ed., Wiley, 2003, sec. 5.2.

    Examples
    --------
    >>> f"{slowest_exponential_survival(100.0, [1.0, 2.0]):.6e}"
    '3.720076e-44'
    """
    speeds = np.atleast_1d(np.asarray(rates, dtype=float))
    with np.errstate(all="ignore"):
        speeds = np.where(speeds > 0, speeds, np.nan)
        t = np.maximum(np.asarray(time, dtype=float), 0.0)[..., np.newaxis]
        ended = np.log1p(-np.exp(-speeds * t))
        ended = np.where(np.isinf(speeds) & (t == 0), 0.0, ended)
        return np.asarray(-np.expm1(ended.sum(axis=-1)))[()]


def fastest_exponential_mean(rates: ArrayLike) -> Numbers:
    r"""Mean of the first of unlike exponential times to end, :math:`1 / \sum_i \mu_i`. [s]

    Parameters
    ----------
    rates : array_like, shape (..., n)
        :math:`\mu_i > 0`. [1/s]

    References
    ----------
    .. [1] S. M. Ross, *Introduction to Probability Models*, 11th ed., Academic Press, 2014,
       sec. 5.2.3.

    Examples
    --------
    >>> fastest_exponential_mean([1.0, 3.0])
    np.float64(0.25)
    """
    speeds = np.atleast_1d(np.asarray(rates, dtype=float))
    with np.errstate(all="ignore"):
        return np.asarray(1.0 / np.where(speeds > 0, speeds, np.nan).sum(axis=-1))[()]


def _checked(k: Numbers, n: Numbers, chance: Numbers) -> tuple[Array, Array, Array]:
    """Whole numbers and a probability, ``nan`` where they are none."""
    first, last, share = broadcast(k, n, chance)
    with np.errstate(all="ignore"):
        first, last = np.floor(first), np.floor(last)
        good = (first >= 1) & (first <= last) & (last < np.inf) & (share >= 0) & (share <= 1)
        return tuple(np.where(good, value, np.nan) for value in (first, last, share))  # type: ignore[return-value]
