"""The slowest of several independent stays, each a wait and then a gamma service."""

from __future__ import annotations

from math import comb
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from capcalc.theory.arrays import Array, Numbers, broadcast
from capcalc.theory.distributions import legendre
from capcalc.theory.distributions.panels import panels, unfinished

Complex: TypeAlias = NDArray[np.complex128]

#: Above this many branches the slowest one is so sharp that the fast inversion loses digits.
MANY = 12


def mean(k: int, prob_wait: Numbers, wait: Numbers, service_time: Numbers, scv: Numbers) -> Numbers:
    r"""Mean of the slowest of k stays.

    .. math:: E M = \int_0^\infty (1 - F(t)^k) \, dt

    with the law :math:`F` of :func:`delayed_exponential.cdf`, by Gauss-Legendre quadrature on
    graded panels. Relative error below 1e-12.

    Parameters
    ----------
    k : int
        Number of branches, at least 1.
    prob_wait : array_like
        Probability that a branch waits.
    wait : array_like
        Mean wait of a branch, over those that wait and those that do not. [s]
    service_time : array_like
        Mean service time of a branch. [s]
    scv : array_like
        Squared coefficient of variation of the service time.

    Returns
    -------
    float or ndarray
        Seconds; ``nan`` out of the domain.

    References
    ----------
    .. [1] H. A. David, H. N. Nagaraja, *Order Statistics*, 3rd ed., Wiley, 2003, sec. 3.1.

    Examples
    --------
    >>> round(float(mean(3, prob_wait=0.0, wait=0.0, service_time=6.0, scv=1.0)), 10)
    11.0
    """
    arrays = broadcast(prob_wait, wait, service_time, scv)
    flat = tuple(array.ravel() for array in arrays)
    result = np.empty(arrays[0].size)
    with np.errstate(all="ignore"):
        for start in range(0, result.size, legendre.BLOCK):
            part = tuple(array[start : start + legendre.BLOCK] for array in flat)
            result[start : start + legendre.BLOCK] = _mean(k, *part)
    return result.reshape(arrays[0].shape)[()]


def _mean(k: int, prob_wait: Array, wait: Array, service_time: Array, scv: Array) -> Array:
    ends = panels(k, prob_wait, wait, service_time, scv)
    middle, half = 0.5 * (ends[1:] + ends[:-1]), 0.5 * np.diff(ends, axis=0)
    times = middle + half * legendre.NODES[:, np.newaxis, np.newaxis]
    values = unfinished(k, times, prob_wait, wait, service_time, scv)
    return legendre.in_order(legendre.in_order(values, legendre.WEIGHTS) * half)


def transform(
    s: Complex,
    k: int,
    prob_wait: Numbers,
    wait: Numbers,
    service_time: Numbers,
    scv: Numbers,
) -> Complex:
    r"""Transform of the slowest of k stays with exponential service, for any s off the cut.

    With i branches waiting and j in service, each wait ending at the rate :math:`\theta` and
    each service at :math:`\mu`, the rest of the time until all are done has the transform

    .. math:: \phi_{ij} = \frac{i\theta\,\phi_{i-1,j+1} + j\mu\,\phi_{i,j-1}}
       {s + i\theta + j\mu}, \qquad \phi_{00} = 1

    and at the start i is binomial. Nothing is subtracted, so :math:`\theta = \mu` is a case
    like any other. Some :math:`k^2/2` divisions.

    Parameters
    ----------
    s : ndarray of complex
        Points off the negative real axis, the axis of nodes first. [1/s]
    k : int
        Number of branches, at least 1.
    prob_wait, wait, service_time, scv : array_like
        As for :func:`mean`.

    Returns
    -------
    ndarray of complex
        Of the shape of ``s``; ``nan`` where ``scv`` is not 1.

    References
    ----------
    .. [1] M. F. Neuts, *Matrix-Geometric Solutions in Stochastic Models*, Johns Hopkins
       University Press, 1981, sec. 2.2 (maxima of phase-type laws).

    Examples
    --------
    >>> transform(np.array([1.0 + 0j]), 2, 0.0, 0.0, 1.0, 1.0).round(6)
    array([0.333333+0.j])
    """
    with np.errstate(all="ignore"):
        chance, waited, service, shape = _checked(prob_wait, wait, service_time, scv)
        ratio = np.where(waited > 0, service * chance / np.where(waited > 0, waited, 1.0), np.inf)
        at_once = ~(ratio < np.inf)
        chance = np.where(at_once, np.where(np.isnan(chance), np.nan, 0.0), chance)
        ratio = np.where(at_once, 1.0, ratio)
        points = np.asarray(s, dtype=complex) * np.where(shape == 1, service, np.nan)
        return _binomial(points, k, chance, ratio)


def _checked(*parameters: Numbers) -> tuple[Array, Array, Array, Array]:
    """The parameters, ``nan`` for those below 0."""
    prob_wait, wait, service_time, scv = (
        np.where(np.less(value, 0), np.nan, np.asarray(value, dtype=float)) for value in parameters
    )
    return np.where(prob_wait > 1, np.nan, prob_wait), wait, service_time, scv


def _binomial(points: Complex, k: int, chance: Array, ratio: Array) -> Complex:
    """Sum over the number that wait; rows of the recursion by that number."""
    result = np.zeros(points.shape, dtype=complex)
    above: list[Complex] = []
    for i in range(k + 1):
        row: list[Complex] = [] if i else [np.ones(points.shape, dtype=complex)]
        for j in range(len(row), k - i + 1):
            number = i * ratio * above[j + 1] if i else np.zeros(points.shape)
            number = number + j * row[j - 1] if j else number
            row.append(number / (points + i * ratio + j))
        weight = comb(k, i) * chance**i * (1.0 - chance) ** (k - i)
        result = result + weight * row[k - i]
        above = row
    return result


def transform_by_quadrature(
    s: Complex,
    k: int,
    prob_wait: Numbers,
    wait: Numbers,
    service_time: Numbers,
    scv: Numbers,
) -> Complex:
    r"""Transform of the slowest of k stays with any gamma service, for positive real parts.

    .. math:: E e^{-sM} = 1 - s \int_0^\infty e^{-st} (1 - F(t)^k) \, dt

    The slow factor is expanded in Legendre polynomials on graded panels, each of which is
    integrated against the exponential exactly, however fast that oscillates. Absolute error
    below 1e-11.

    Parameters
    ----------
    s : ndarray of complex
        Points with positive real part, the axis of nodes first. [1/s]
    k : int
        Number of branches, at least 1.
    prob_wait, wait, service_time, scv : array_like
        As for :func:`mean`.

    Returns
    -------
    ndarray of complex
        Of the shape of ``s``.

    References
    ----------
    .. [1] D. Levin, "Fast integration of rapidly oscillatory functions", J. Comput. Appl.
       Math. 67, 1996.
    .. [2] NIST Digital Library of Mathematical Functions, 10.51, 10.54.

    Examples
    --------
    >>> transform_by_quadrature(np.array([1.0 + 0j]), 2, 0.0, 0.0, 1.0, 1.0).round(6)
    array([0.333333+0.j])
    """
    points = np.asarray(s, dtype=complex)
    checked = _checked(prob_wait, wait, service_time, scv)
    grid = np.broadcast_shapes(points.shape[1:], *(value.shape for value in checked))
    size = int(np.prod(grid))
    flat = [np.broadcast_to(value, grid).ravel() for value in checked]
    points = np.broadcast_to(points, points.shape[:1] + grid).reshape(points.shape[0], size)
    result = np.empty(points.shape, dtype=complex)
    with np.errstate(all="ignore"):
        for start in range(0, size, legendre.BLOCK):
            part = slice(start, start + legendre.BLOCK)
            result[:, part] = _by_quadrature(points[:, part], k, *(v[part] for v in flat))
    return result.reshape(points.shape[:1] + grid)


def _by_quadrature(
    s: Complex, k: int, prob_wait: Array, wait: Array, service_time: Array, scv: Array
) -> Complex:
    ends = panels(k, prob_wait, wait, service_time, scv)
    middle, half = 0.5 * (ends[1:] + ends[:-1]), 0.5 * np.diff(ends, axis=0)
    times = middle + half * legendre.NODES[:, np.newaxis, np.newaxis]
    values = unfinished(k, times, prob_wait, wait, service_time, scv)
    return np.asarray(1.0 - s * legendre.laplace(s, ends, values))


def is_well_conditioned(
    k: int, prob_wait: Numbers, wait: Numbers, service_time: Numbers, scv: Numbers
) -> NDArray[np.bool_]:
    """Where :func:`transform` holds and is tame enough for the fast inversion.

    That is for exponential service and up to twelve branches.

    Parameters
    ----------
    k : int
        Number of branches, at least 1.
    prob_wait, wait, service_time, scv : array_like
        As for :func:`mean`.

    Returns
    -------
    ndarray of bool
        Of the common shape of the parameters.

    References
    ----------
    .. [1] J. A. C. Weideman, L. N. Trefethen, Math. Comp. 76, 2007, sec. 4 (the contour; the
       number of branches is measured in the tests).

    Examples
    --------
    >>> is_well_conditioned(3, 0.2, 0.1, 1.0, np.array([0.5, 1.0]))
    array([False,  True])
    """
    exponential = broadcast(scv, prob_wait, wait, service_time)[0] == 1
    return np.asarray(exponential & (k <= MANY))
