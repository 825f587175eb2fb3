"""Sessions that stick to hosts: how unequal the hosts' shares of the load are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainccinv, gammaincinv, log_ndtr, ndtr

from capcalc.theory.arrays import Array, Numbers, broadcast

#: Points of the trapezoidal rule over a normal variable; far outside densities vanish.
_POINTS = np.arange(-9.5, 12.0, 0.05)
_LOG_DENSITY = -0.5 * _POINTS**2 - 0.5 * np.log(2.0 * np.pi) + np.log(0.05)
_LOG_BELOW = log_ndtr(_POINTS)


def share_cv2(sessions: Numbers, hosts: Numbers, weight_scv: Numbers = 0.0) -> Numbers:
    r"""Squared coefficient of variation of a host's share of the load.

    .. math:: \frac{(n - 1)(1 + w^2)}{S + w^2}

    Sessions fall on hosts at random. Exact for equal and for exponential weights; for others
    up to terms of relative order 1/S.

    Parameters
    ----------
    sessions : array_like
        :math:`S \ge 1`, of all hosts together.
    hosts : array_like
        :math:`n \ge 1`.
    weight_scv : array_like
        Squared coefficient of variation :math:`w^2` of the load of a session.

    References
    ----------
    .. [1] N. L. Johnson, S. Kotz, N. Balakrishnan, *Continuous Multivariate Distributions* 1,
       2nd ed., Wiley, 2000, ch. 49 (shares of exponential weights are Dirichlet).

    Examples
    --------
    >>> round(float(share_cv2(200, hosts=10, weight_scv=1)), 4)
    0.0896
    """
    number, count, spread, good = _checked(sessions, hosts, weight_scv)
    with np.errstate(all="ignore"):
        cv2 = (count - 1.0) * ((1.0 + spread) / (number + spread))
        return np.where(good, np.where(np.isinf(number), 0.0, cv2), np.nan)[()]


def expected_max_over_mean(sessions: Numbers, hosts: Numbers, weight_scv: Numbers = 0.0) -> Numbers:
    r"""Mean load of the busiest host over the mean of all, after the normal law.

    .. math:: 1 + z_n \sqrt{\frac{(n - 1)(1 + w^2)}{S + w^2}}

    with :math:`z_n` of :func:`mean_largest_normal`, and never more than n. An approximation for
    many sessions per host; 4 % low with 20 of exponential weight on each of ten hosts.

    Parameters
    ----------
    sessions, hosts, weight_scv : array_like
        As for :func:`share_cv2`.

    References
    ----------
    .. [1] H. A. David, H. N. Nagaraja, *Order Statistics*, 3rd ed., Wiley, 2003, sec. 3.1.

    Examples
    --------
    >>> round(float(expected_max_over_mean(200, hosts=10, weight_scv=1)), 4)
    1.4605
    """
    _, count, _ = broadcast(sessions, hosts, weight_scv)
    with np.errstate(all="ignore"):
        spread = np.sqrt(np.asarray(share_cv2(sessions, hosts, weight_scv)))
        largest = np.asarray(mean_largest_normal(count))
        ratio = np.minimum(1.0 + np.where(spread == 0, 0.0, largest * spread), count)
        return np.asarray(ratio)[()]


def expected_max_over_mean_gamma(
    sessions: Numbers, hosts: Numbers, weight_scv: Numbers = 0.0
) -> Numbers:
    r"""Mean load of the busiest host over the mean of all, after the gamma law.

    The mean of the largest of n gamma variables of mean 1 and shape :math:`S / (n (1 + w^2))`,
    and never more than n. An approximation that knows the law's skewness: 1.3 % high with 20
    sessions of exponential weight on each of ten hosts.

    Parameters
    ----------
    sessions, hosts, weight_scv : array_like
        As for :func:`share_cv2`.

    References
    ----------
    .. [1] H. A. David, H. N. Nagaraja, *Order Statistics*, 3rd ed., Wiley, 2003, sec. 3.1.

    Examples
    --------
    >>> round(float(expected_max_over_mean_gamma(200, hosts=10, weight_scv=1)), 4)
    1.5385
    """
    number, count, spread, good = _checked(sessions, hosts, weight_scv)
    with np.errstate(all="ignore"):
        shape = np.where(good, number / (count * (1.0 + spread)), np.nan)
        ratio = np.minimum(np.asarray(mean_largest_gamma(count, shape)), count)
        return np.asarray(ratio)[()]


def mean_largest_normal(number: Numbers) -> Numbers:
    r"""Mean of the largest of n standard normal variables.

    .. math:: \int x\, n \varphi(x) \Phi(x)^{n-1} dx

    By the trapezoidal rule, which is good to 1e-13 here.

    Parameters
    ----------
    number : array_like
        n from 1 to 1e12.

    References
    ----------
    .. [1] H. A. David, H. N. Nagaraja, *Order Statistics*, 3rd ed., Wiley, 2003, sec. 3.1.
    .. [2] L. N. Trefethen, J. A. C. Weideman, "The exponentially convergent trapezoidal rule",
       SIAM Review 56, 2014.

    Examples
    --------
    >>> mean_largest_normal(np.array([2, 10, 1e6])).round(4)
    array([0.5642, 1.5388, 4.8629])
    """
    (count,) = broadcast(number)
    with np.errstate(all="ignore"):
        good = (count >= 1) & (count <= 1e12)
        mean = np.where(count == 1, 0.0, _density(count) @ _POINTS)
        return np.where(good, mean, np.nan)[()]


def mean_largest_gamma(number: Numbers, shape: Numbers) -> Numbers:
    r"""Mean of the largest of n gamma variables of mean 1.

    .. math:: \int Q(\Phi(x))\, n \varphi(x) \Phi(x)^{n-1} dx

    with the quantile Q of the gamma law; the rule of :func:`mean_largest_normal`. For shape 1
    it is :math:`1 + 1/2 + \dots + 1/n`.

    Parameters
    ----------
    number : array_like
        n from 1 to 1e12.
    shape : array_like
        Above 0; ``inf`` for variables that do not vary.

    References
    ----------
    .. [1] H. A. David, H. N. Nagaraja, *Order Statistics*, 3rd ed., Wiley, 2003, sec. 3.1.

    Examples
    --------
    >>> mean_largest_gamma(10, np.array([1.0, 100.0])).round(4)
    array([2.929 , 1.1594])
    """
    count, form = broadcast(number, shape)
    with np.errstate(all="ignore"):
        good = (count >= 1) & (count <= 1e12) & (form > 0)
        size = np.where(good & (form < np.inf), form, 1.0)[..., np.newaxis]
        middle = _POINTS < 0
        low = gammaincinv(size, ndtr(_POINTS[middle]))
        high = gammainccinv(size, ndtr(-_POINTS[~middle]))
        sizes = np.concatenate([low, high], axis=-1) / size
        mean = np.sum(_density(count) * sizes, axis=-1)
        # the largest of n is no less than the mean and no more than all; the quantiles' own
        # rounding (1e-11 at shapes of millions) would show next to these
        mean = np.where(np.isinf(form) | (count == 1), 1.0, np.clip(mean, 1.0, count))
        return np.where(good, mean, np.nan)[()]


def _density(count: Array) -> Array:
    """Weights of the points for the largest of n normal variables."""
    many = np.where((count >= 1) & (count <= 1e12), count, 1.0)[..., np.newaxis]
    return np.asarray(np.exp(np.log(many) + _LOG_DENSITY + (many - 1.0) * _LOG_BELOW))


def _checked(
    sessions: Numbers, hosts: Numbers, weight_scv: Numbers
) -> tuple[Array, Array, Array, NDArray[np.bool_]]:
    number, count, spread = broadcast(sessions, hosts, weight_scv)
    good = (number >= 1) & (count >= 1) & (count < np.inf) & (spread >= 0) & (spread < np.inf)
    return number, count, spread, good
