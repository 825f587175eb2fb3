"""How large a node is cheapest when throughput follows the universal scalability law."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Array, Numbers, broadcast
from capcalc.theory.scaling import usl


def cost_per_throughput(
    cores: Numbers, fixed_price: Numbers, contention: Numbers, coherency: Numbers
) -> Numbers:
    r"""Price of a unit of throughput, that of one core without a fixed part being 1.

    .. math:: \frac{(f + n) (1 + \sigma (n - 1) + \kappa n (n - 1))}{n}

    Parameters
    ----------
    cores : array_like
        :math:`n \ge 1` in a node.
    fixed_price : array_like
        :math:`f \ge 0`, what a node costs besides its cores, in prices of a core.
    contention, coherency : array_like
        :math:`\sigma, \kappa` of :func:`capcalc.theory.scaling.usl.throughput`.

    References
    ----------
    .. [1] N. J. Gunther, *Guerrilla Capacity Planning*, Springer, 2007, ch. 4 (throughput); the
       price over it is derived here.

    Examples
    --------
    >>> round(float(cost_per_throughput(10, 2.0, 0.02, 0.0)), 6)
    1.416
    """
    n, fixed, sigma, kappa = broadcast(cores, fixed_price, contention, coherency)
    with np.errstate(all="ignore"):
        price = (fixed + n) / np.asarray(usl.throughput(n, 1.0, sigma, kappa))
        return np.where((fixed >= 0) & np.isfinite(fixed), price, np.nan)[()]


def cheapest_cores(fixed_price: Numbers, contention: Numbers, coherency: Numbers) -> Numbers:
    r"""Cores of the node whose throughput is cheapest; not a whole number, at least 1.

    The positive root of :math:`2\kappa n^3 + (f\kappa + \sigma - \kappa) n^2 = f (1 - \sigma)`;
    without coherency :math:`n^* = \sqrt{f (1 - \sigma) / \sigma}`.

    Parameters
    ----------
    fixed_price, contention, coherency : array_like
        As for :func:`cost_per_throughput`.

    Returns
    -------
    float or ndarray
        ``inf`` where nothing limits the size.

    References
    ----------
    .. [1] N. J. Gunther, *Guerrilla Capacity Planning*, Springer, 2007, ch. 4 (throughput); the
       optimum is derived here.

    Examples
    --------
    >>> round(float(cheapest_cores(2.0, 0.02, 0.0)), 6)
    9.899495
    """
    fixed, sigma, kappa = broadcast(fixed_price, contention, coherency)
    with np.errstate(all="ignore"):
        good = (fixed >= 0) & (sigma >= 0) & (sigma <= 1) & (kappa >= 0)
        good &= np.isfinite(fixed) & np.isfinite(kappa)
        pull = fixed * (1.0 - sigma)
        size = 1.0 / _inverse_size(pull, fixed * kappa + (sigma - kappa), kappa)
        return np.where(good, np.where(pull == 0, 1.0, np.maximum(size, 1.0)), np.nan)[()]


def price_exponent(cores: Numbers, contention: Numbers, coherency: Numbers) -> Numbers:
    r"""Exponent of the price up to which a larger node pays, :math:`d\ln X / d\ln n`.

    .. math:: g(n) = \frac{1 - \sigma - \kappa n^2}{1 + \sigma (n - 1) + \kappa n (n - 1)}

    Where a node of n cores costs :math:`n^g`, growing pays while g is below this.

    Parameters
    ----------
    cores, contention, coherency : array_like
        As for :func:`cost_per_throughput`.

    References
    ----------
    .. [1] N. J. Gunther, *Guerrilla Capacity Planning*, Springer, 2007, ch. 4 (derivative of the
       law).

    Examples
    --------
    >>> round(float(price_exponent(8, 0.02, 0.0001)), 6)
    0.84986
    """
    n, sigma, kappa = broadcast(cores, contention, coherency)
    with np.errstate(all="ignore"):
        gain = (1.0 - sigma) - kappa * n * n
        exponent: Array = gain * np.asarray(usl.efficiency(n, sigma, kappa))
        return exponent[()]


def _inverse_size(pull: Array, slope: Array, kappa: Array) -> Array:
    """Root y of pull y^3 - slope y = 2 kappa: Newton from above, where the cubic is convex."""
    y = np.sqrt(np.maximum(slope, 0.0) / pull) + np.cbrt(2.0 * kappa / pull)
    moving = np.ones(y.shape, dtype=bool)
    for _ in range(60):
        square = pull * y * y
        after = 2.0 * (square * y + kappa) / (3.0 * square - slope)
        moving &= after < y
        y = np.where(moving, after, y)
        if not moving.any():
            break
    return y
