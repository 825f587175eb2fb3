"""Sums of powers of the utilization near, at and above 1, without cancellation or overflow."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Array

#: Terms of the series of log(1 + y) - y where y is small.
_TERMS = 12


def curvature(y: Array) -> Array:
    r"""The bend of the logarithm, :math:`(y - \ln(1 + y)) / y^2`, 1/2 at 0.

    Parameters
    ----------
    y : ndarray
        Above -1.

    References
    ----------
    .. [1] M. Abramowitz, I. A. Stegun, *Handbook of Mathematical Functions*, 1964, 4.1.27.

    Examples
    --------
    >>> curvature(np.array([0.0, 1.0])).round(6)
    array([0.5     , 0.306853])
    """
    inverse = 1.0 / (2.0 + y)
    ratio = y * inverse
    square = ratio * ratio
    series = np.zeros_like(y)
    for k in range(_TERMS - 1, -1, -1):
        series = series * square + 2.0 / (2 * k + 3)
    near = np.abs(y) < 0.4
    far = np.where(near, 1.0, y)
    return np.where(
        near, inverse * (1.0 - ratio * inverse * series), (far - np.log1p(far)) / far**2
    )


def ratio_expm1(x: Array) -> Array:
    r"""The function :math:`(e^x - 1) / x`, 1 at 0.

    Parameters
    ----------
    x : ndarray

    References
    ----------
    .. [1] N. J. Higham, *Accuracy and Stability of Numerical Algorithms*, 2nd ed., SIAM, 2002,
       sec. 1.14.1.

    Examples
    --------
    >>> ratio_expm1(np.array([0.0, 1.0])).round(6)
    array([1.      , 1.718282])
    """
    return np.where(x == 0, 1.0, np.expm1(x) / np.where(x == 0, 1.0, x))


def log_ratio(ratio: Array, missing: Array) -> Array:
    r"""Logarithm of the utilization, :math:`\ln \rho`, near 1 from what is missing to it.

    Parameters
    ----------
    ratio, missing : ndarray
        :math:`\rho \ge 0` and :math:`1 - \rho`, each exact to its last digit.

    References
    ----------
    .. [1] M. Abramowitz, I. A. Stegun, *Handbook of Mathematical Functions*, 1964, 4.1.

    Examples
    --------
    >>> log_ratio(np.array([0.5, 2.0, 1e-20]), np.array([0.5, -1.0, 1.0])).round(6)
    array([ -0.693147,   0.693147, -46.051702])
    """
    with np.errstate(all="ignore"):
        near = ratio > 0.5
        close = np.log1p(-np.where(near, missing, 0.0))
        return np.where(near, close, np.log(np.where(near, 1.0, ratio)))


def powers(ratio: Array, missing: Array, count: Array) -> Array:
    r"""The sum :math:`\sum_{j=0}^{m-1} \rho^j`; from saturation on over :math:`\rho^m`.

    Parameters
    ----------
    ratio, missing : ndarray
        :math:`\rho` and :math:`1 - \rho`.
    count : ndarray
        :math:`m \ge 0`.

    References
    ----------
    .. [1] R. L. Graham, D. E. Knuth, O. Patashnik, *Concrete Mathematics*, 2nd ed.,
       Addison-Wesley, 1994, sec. 2.3.

    Examples
    --------
    >>> powers(np.array([0.5, 1.0, 2.0]), np.array([0.5, 0.0, -1.0]), np.array([3.0, 3.0, 3.0]))
    array([1.75 , 3.   , 0.875])
    """
    with np.errstate(all="ignore"):
        logged = log_ratio(ratio, missing)
        # above saturation the powers are counted from the top: each is rho^-m times as large
        exponent = -np.abs(count * logged)
        slope = np.where(missing == 0, 1.0, -logged / np.where(missing == 0, 1.0, missing))
        near = count * slope * ratio_expm1(exponent)
        few = -np.expm1(exponent) / missing
        return np.where(count == 0, 0.0, np.where(ratio < 0.5, few, near))


def weighted_powers(ratio: Array, missing: Array, count: Array) -> Array:
    r"""The sum :math:`\sum_{j=1}^m j \rho^j`; from saturation on over :math:`\rho^m`.

    .. math:: \rho \, \frac{1 - \rho^m (1 + m \epsilon)}{\epsilon^2}, \quad \epsilon = 1 - \rho,
              \quad \ln[\rho^m (1 + m\epsilon)] = m [\ln(1 - \epsilon) + \epsilon]
              + [\ln(1 + m\epsilon) - m\epsilon]

    Both brackets are negative, so that nothing cancels.

    Parameters
    ----------
    ratio, missing, count : ndarray
        As for :func:`powers`.

    References
    ----------
    .. [1] R. L. Graham, D. E. Knuth, O. Patashnik, *Concrete Mathematics*, 2nd ed.,
       Addison-Wesley, 1994, sec. 2.3 (rearranged).

    Examples
    --------
    >>> weighted_powers(np.array([0.5, 1.0, 2.0]), np.array([0.5, 0.0, -1.0]), np.full(3, 3.0))
    array([1.375, 6.   , 4.25 ])
    """
    with np.errstate(all="ignore"):
        logged = log_ratio(ratio, missing)
        top = np.where(missing < 0, count * logged, 0.0)
        product = count * missing
        few, high = ratio < 0.5, product <= -0.9
        part = np.where(high | few, 0.0, product)
        gap = np.where(few, 0.0, missing)
        # ln of rho^m (1 + m eps), over -eps^2: m (m + 1) / 2 at saturation
        bend = count * curvature(-gap) + count * count * curvature(part)
        near = ratio * ratio_expm1(-gap * gap * bend) * bend * np.exp(-top)
        square = np.where(missing == 0, 1.0, missing * missing)
        above = (np.exp(-top) + (-product - 1.0)) / square * ratio
        small = ratio * (1.0 - np.exp(count * logged) * (1.0 + product)) / square
        found = np.where(few, small, np.where(high, above, near))
        return np.where((count == 0) | (ratio == 0), 0.0, found)
