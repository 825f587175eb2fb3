"""Sums of independent exponential times of any rates, equal and nearly equal ones included."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from capcalc.theory.arrays import Array, Numbers
from capcalc.theory.distributions import phase_type


def mean(rates: ArrayLike) -> Numbers:
    r"""Mean of the sum, :math:`\sum_i 1/\mu_i`. [s]

    Parameters
    ----------
    rates : array_like, shape (..., m)
        :math:`\mu_i` of each part; ``inf`` is a part that takes no time. [1/s]

    References
    ----------
    .. [1] S. M. Ross, *Introduction to Probability Models*, 11th ed., Academic Press, 2014,
       sec. 5.2.4.

    Examples
    --------
    >>> mean([1, 2, 4])
    np.float64(1.75)
    """
    with np.errstate(all="ignore"):
        return np.asarray((1.0 / _checked(rates)).sum(axis=-1))[()]


def scv(rates: ArrayLike) -> Numbers:
    r"""Squared coefficient of variation, :math:`\sum_i \mu_i^{-2} / (\sum_i \mu_i^{-1})^2`.

    Parameters
    ----------
    rates : array_like
        As for :func:`mean`.

    References
    ----------
    .. [1] S. M. Ross, *Introduction to Probability Models*, 11th ed., Academic Press, 2014,
       sec. 5.2.4.

    Examples
    --------
    >>> scv([3, 3])
    np.float64(0.5)
    """
    with np.errstate(all="ignore"):
        times = 1.0 / _checked(rates)
        share = times / times.sum(axis=-1, keepdims=True)
        return np.asarray((share**2).sum(axis=-1))[()]


def survival(time: Numbers, rates: ArrayLike) -> Numbers:
    r"""Probability that the sum takes longer.

    .. math:: P(T > t) = \sum_i e^{-\mu_i t} \prod_{j \ne i} \frac{\mu_j}{\mu_j - \mu_i}

    for distinct rates; evaluated as a phase-type law, without the differences that take this
    formula's digits where two rates are near each other. Relative error below 1e-13, in the
    tail too.

    Parameters
    ----------
    time : array_like
        :math:`t`; broadcasts with what stands before the axis of parts. [s]
    rates : array_like
        As for :func:`mean`.

    References
    ----------
    .. [1] S. M. Ross, *Introduction to Probability Models*, 11th ed., Academic Press, 2014,
       sec. 5.2.4.

    Examples
    --------
    >>> survival(2.0, [[1, 3], [2, 2]]).round(10)
    array([0.20176355, 0.09157819])
    """
    return phase_type.survival(time, *_chain(_checked(rates)))


def cdf(time: Numbers, rates: ArrayLike) -> Numbers:
    r"""Probability that the sum ends in time, :math:`P(T \le t)`.

    Parameters
    ----------
    time, rates : array_like
        As for :func:`survival`.

    References
    ----------
    .. [1] S. M. Ross, *Introduction to Probability Models*, 11th ed., Academic Press, 2014,
       sec. 5.2.4.

    Examples
    --------
    >>> f"{cdf(1e-5, [1, 1, 1]):.8e}"
    '1.66665417e-16'
    """
    parts = _checked(rates)
    times = np.asarray(time, dtype=float)
    ended = np.asarray(phase_type.cdf(times, *_chain(parts)))
    instant = np.isinf(parts).all(axis=-1) & (times >= 0)
    return np.where(instant, 1.0, ended)[()]


def quantile(p: Numbers, rates: ArrayLike) -> Numbers:
    """The time within which a share ``p`` of the sums ends.

    Parameters
    ----------
    p : array_like
        Level.
    rates : array_like
        As for :func:`mean`.

    Returns
    -------
    float or ndarray
        Seconds, to 1e-13 relative; ``nan`` for levels out of range.

    References
    ----------
    .. [1] S. M. Ross, *Introduction to Probability Models*, 11th ed., Academic Press, 2014,
       sec. 5.2.4.

    Examples
    --------
    >>> round(float(quantile(0.99, [100 - 90, 100 - 90, 100 - 90])), 10)
    0.8405946915
    """
    parts = _checked(rates)
    times = np.asarray(phase_type.quantile(p, *_chain(parts)))
    instant = np.isinf(parts).all(axis=-1) & (np.asarray(p) >= 0) & (np.asarray(p) <= 1)
    return np.where(instant, 0.0, times)[()]


def _checked(rates: ArrayLike) -> Array:
    """The rates with an axis of parts; ``nan`` where one is not positive."""
    parts = np.atleast_1d(np.asarray(rates, dtype=float))
    good = (parts > 0).all(axis=-1, keepdims=True)
    return np.where(good, parts, np.nan)


def _chain(parts: Array) -> tuple[Array, Array, Array]:
    """Phases one after the other; parts that take no time are left out, at the end of the row."""
    m = parts.shape[-1]
    order = np.argsort(np.isinf(parts), axis=-1, kind="stable")
    row = np.take_along_axis(parts, order, axis=-1)
    real = ~np.isinf(row)
    after = np.concatenate([real[..., 1:], np.zeros_like(real[..., :1])], axis=-1)
    row = np.where(real, row, 1.0)
    jumps = np.zeros((*row.shape, m))
    place = np.arange(m - 1)
    jumps[..., place, place + 1] = np.where(after, row, 0.0)[..., :-1]
    alpha = np.zeros(row.shape)
    alpha[..., 0] = np.where(np.isnan(parts[..., 0]), np.nan, real[..., 0])
    return alpha, np.nan_to_num(jumps), np.where(np.isnan(row), 1.0, np.where(after, 0.0, row))
