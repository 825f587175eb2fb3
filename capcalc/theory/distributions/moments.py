"""Moments of sums, mixtures and numbers of repeats, and what they say of a law's form."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from capcalc.theory.arrays import Numbers, broadcast


def scv(first: Numbers, second: Numbers) -> Numbers:
    r"""Squared coefficient of variation, :math:`E T^2 / (E T)^2 - 1`.

    Parameters
    ----------
    first, second : array_like
        Raw moments. [s, s^2]

    Returns
    -------
    float or ndarray
        ``nan`` where no law has such moments.

    References
    ----------
    .. [1] W. J. Hopp, M. L. Spearman, *Factory Physics*, 3rd ed., Waveland, 2011, sec. 8.3.

    Examples
    --------
    >>> scv(2.0, 8.0)
    np.float64(1.0)
    """
    one, two = broadcast(first, second)
    with np.errstate(all="ignore"):
        value = two / one**2 - 1.0
        # equal times may come out a rounding below 0
        value = np.where((value < 0) & (value > -1e-12), 0.0, value)
        return np.where((one > 0) & (value >= 0), value, np.nan)[()]


def skewness(first: Numbers, second: Numbers, third: Numbers) -> Numbers:
    r"""Skewness, :math:`E (T - m)^3 / \sigma^3`.

    Parameters
    ----------
    first, second, third : array_like
        Raw moments. [s, s^2, s^3]

    References
    ----------
    .. [1] N. L. Johnson, S. Kotz, N. Balakrishnan, *Continuous Univariate Distributions,
       vol. 1*, 2nd ed., Wiley, 1994, ch. 12.

    Examples
    --------
    >>> skewness(1.0, 2.0, 6.0)
    np.float64(2.0)
    """
    one, two, three = broadcast(first, second, third)
    with np.errstate(all="ignore"):
        variance = two - one**2
        central = three - 3.0 * one * two + 2.0 * one**3
        return np.where(variance > 0, central / np.power(variance, 1.5), np.nan)[()]


def of_sum(means: ArrayLike, scvs: ArrayLike) -> tuple[Numbers, Numbers]:
    r"""Mean and scv of a sum of independent times; means and variances add.

    Parameters
    ----------
    means, scvs : array_like, shape (..., parts)
        Mean [s] and squared coefficient of variation of each part.

    Returns
    -------
    mean, scv : float or ndarray

    References
    ----------
    .. [1] W. Feller, *An Introduction to Probability Theory and Its Applications, vol. 1*,
       3rd ed., Wiley, 1968, sec. IX.5.

    Examples
    --------
    >>> [float(value) for value in of_sum([1.0, 1.0], [1.0, 1.0])]
    [2.0, 0.5]
    """
    one, spread = broadcast(np.atleast_1d(means), np.atleast_1d(scvs))
    with np.errstate(all="ignore"):
        good = ((one >= 0) & (spread >= 0)).all(axis=-1)
        mean = one.sum(axis=-1)
        share = one / np.where(mean > 0, mean, 1.0)[..., np.newaxis]
        total = (spread * share**2).sum(axis=-1)
        return np.where(good, mean, np.nan)[()], np.where(good & (mean > 0), total, np.nan)[()]


def of_mixture(weights: ArrayLike, means: ArrayLike, scvs: ArrayLike) -> tuple[Numbers, Numbers]:
    r"""Mean and scv of a time drawn from one of several laws; raw moments are averaged.

    .. math:: m = \sum_b w_b m_b, \qquad m^2 c^2 = \sum_b w_b \bigl(c_b^2 m_b^2 + (m_b - m)^2\bigr)

    Parameters
    ----------
    weights : array_like, shape (..., branches)
        Not negative; scaled to sum to 1.
    means, scvs : array_like, shape (..., branches)
        Mean [s] and squared coefficient of variation of each branch.

    Returns
    -------
    mean, scv : float or ndarray

    References
    ----------
    .. [1] W. Feller, *An Introduction to Probability Theory and Its Applications, vol. 2*,
       2nd ed., Wiley, 1971, sec. V.9.

    Examples
    --------
    >>> [round(float(value), 6) for value in of_mixture([0.8, 0.2], [1.0, 21.0], [1.0, 1.0])]
    [5.0, 6.12]
    """
    share, one, spread = broadcast(*(np.atleast_1d(v) for v in (weights, means, scvs)))
    with np.errstate(all="ignore"):
        good = ((share >= 0) & (one >= 0) & (spread >= 0)).all(axis=-1)
        share = share / share.sum(axis=-1, keepdims=True)
        mean = (share * one).sum(axis=-1)
        off = one - mean[..., np.newaxis]
        variance = (share * (spread * one**2 + off**2)).sum(axis=-1)
        found = np.where(good & (mean > 0), variance / mean**2, np.nan)
        return np.where(good, mean, np.nan)[()], found[()]


def of_repeats(
    mean_count: Numbers, variance_of_count: Numbers, mean: Numbers, scv: Numbers
) -> tuple[Numbers, Numbers]:
    r"""Mean and scv of a sum of a random number of independent, equal times.

    .. math:: m = \bar n \bar x, \qquad m^2 c^2 = \bar n \bar x^2 c_x^2 + \sigma_n^2 \bar x^2

    Parameters
    ----------
    mean_count, variance_of_count : array_like
        Of the number of times, which does not depend on their lengths.
    mean, scv : array_like
        Mean [s] and squared coefficient of variation of one.

    Returns
    -------
    mean, scv : float or ndarray

    References
    ----------
    .. [1] S. M. Ross, *Introduction to Probability Models*, 11th ed., Academic Press, 2014,
       sec. 3.4 (compound variables).

    Examples
    --------
    >>> [float(value) for value in of_repeats(2.0, 2.0, 3.0, 1.0)]
    [6.0, 1.0]
    """
    count, varied, one, spread = broadcast(mean_count, variance_of_count, mean, scv)
    with np.errstate(all="ignore"):
        good = (count >= 0) & (varied >= 0) & (one >= 0) & (spread >= 0)
        total = count * one
        found = spread / count + varied / count**2
        found = np.where(good & (count > 0), found, np.nan)
        return np.where(good, total, np.nan)[()], found[()]
