"""The generalized exponential integral of real order."""

from __future__ import annotations

import numpy as np
from scipy import special

from capcalc.theory.arrays import Array, Numbers, by_chunks

#: Terms of the power series, good to an argument of 1.
TERMS = 20
#: Levels of the continued fraction, enough beyond an argument of 1 or an order of 20.
LEVELS = 100
#: From this order on the continued fraction does for every argument.
HIGH_ORDER = 20.0
#: (zeta(k) - 1) / k for k = 2, 3, ...
_ZETA = np.array([special.zetac(k) / k for k in range(2, 30)])


def generalized(order: Numbers, x: Numbers) -> Numbers:
    r"""Generalized exponential integral :math:`E_\nu(x)` of any real order.

    .. math:: E_\nu(x) = \int_1^\infty t^{-\nu} e^{-xt} \, dt

    By its power series up to :math:`x = 1`, where the two terms that are singular at a whole
    order are joined, and by its continued fraction beyond. Relative error below 1e-13.

    Parameters
    ----------
    order : array_like
        :math:`\nu \ge 0`; whole orders and those next to them are as good as any.
    x : array_like
        :math:`x \ge 0`.

    Returns
    -------
    float or ndarray
        ``inf`` at 0 where :math:`\nu \le 1`, ``nan`` out of the domain.

    References
    ----------
    .. [1] NIST Digital Library of Mathematical Functions, 8.19.7, 8.19.10, 8.19.17.

    Examples
    --------
    >>> generalized(np.array([1.0, 2.0, 2.5]), 0.5).round(6)
    array([0.559774, 0.326644, 0.265126])
    """
    with np.errstate(all="ignore"):
        return by_chunks(_generalized, order, x)[()]


def _generalized(order: Array, x: Array) -> Array:
    result = np.full(x.shape, np.nan)
    valid = (order >= 0) & (order < np.inf) & (x >= 0)
    low = order < HIGH_ORDER
    for mask, branch in (
        (valid & (x == 0), _at_zero),
        (valid & low & (x > 0) & (x <= 1), _series),
        (valid & (x > 0) & ((x > 1) | ~low), _fraction),
    ):
        if mask.any():
            result[mask] = branch(order[mask], x[mask])
    return result


def _at_zero(order: Array, x: Array) -> Array:
    return np.where(order > 1, 1.0 / (order - 1.0), np.inf) + x


def _series(order: Array, x: Array) -> Array:
    """Power series without its singular term, plus what that makes with the leading one."""
    k = np.arange(TERMS)
    factors = -x[:, np.newaxis] / np.maximum(k, 1)
    factors[:, 0] = 1.0
    whole = np.maximum(np.rint(order), 0.0)
    divisors = (1.0 - order)[:, np.newaxis] + k
    singular = k == whole[:, np.newaxis] - 1.0
    regular = np.where(singular, 0.0, 1.0 / divisors)
    series = (np.cumprod(factors, axis=1) * regular).sum(axis=1)
    return np.asarray(_leading(order, x, whole) - series)


def _leading(order: Array, x: Array, whole: Array) -> Array:
    """The leading term less the singular one of the series, smooth across whole orders."""
    result = special.gamma(1.0 - order) * x ** (order - 1.0)
    near = whole >= 1
    n, delta, log_x = whole[near], (order - whole)[near], np.log(x[near])
    slope = log_x + _log_gamma_slope(delta) - _log_factors(n, delta)
    sign = 1.0 - 2.0 * (n % 2)
    result[near] = sign * np.exp((n - 1) * log_x - special.gammaln(n)) * _growth(slope, delta)
    return result


def _growth(slope: Array, delta: Array) -> Array:
    """(exp(slope delta) - 1) / delta."""
    some = delta != 0
    return np.where(some, np.expm1(slope * delta) / np.where(some, delta, 1.0), slope)


def _log_gamma_slope(delta: Array) -> Array:
    """Slope log Gamma(1 - delta) / delta for abs(delta) <= 1/2."""
    some = delta != 0
    log_term = np.where(some, -np.log1p(-delta) / np.where(some, delta, 1.0), 1.0)
    regular: Array = delta * np.polyval(_ZETA[::-1], delta)
    return np.asarray((np.euler_gamma - 1.0) + log_term + regular)


def _log_factors(n: Array, delta: Array) -> Array:
    """Sum of log(1 + delta / j) / delta for 0 < j < n."""
    total = np.zeros(n.shape)
    some = delta != 0
    safe = np.where(some, delta, 1.0)
    for j in range(1, int(n.max(initial=1.0))):
        term = np.where(some, np.log1p(safe / j) / safe, 1.0 / j)
        total = total + np.where(j < n, term, 0.0)
    return total


def _fraction(order: Array, x: Array) -> Array:
    """Continued fraction, from its far end."""
    tail = np.zeros(x.shape)
    for level in range(LEVELS, 0, -1):
        tail = level * (order + (level - 1.0)) / (x + order + 2.0 * level - tail)
    return np.where(x < np.inf, np.exp(-x) / (x + order - tail), 0.0)
