"""Truncated power series with positive coefficients, one a row: the arithmetic of product forms.

A station of a closed network is a series whose n-th coefficient weighs n customers there, a
network is the product of its stations. Nothing is subtracted, so no digit is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

import numpy as np
from scipy.linalg.lapack import dtbtrs

from capcalc.theory.arrays import Array

Series = TypeVar("Series")

#: What is smaller than this beside sums of order 1 is lifted to it: denormal numbers are slow.
FLOOR = 1e-290


def recursion(coefficient: Array, series: Array) -> Array:
    r"""The series divided by :math:`1 - r z`: :math:`h(n) = g(n) + r_n h(n - 1)` in every row.

    All rows are one lower bidiagonal system, solved forward in compiled code.

    Parameters
    ----------
    coefficient : ndarray, shape (rows, 1) or (rows, length)
        :math:`r_n`; the first of a row is not used.
    series : ndarray, shape (rows, length)
        :math:`g`, not negative and finite.

    References
    ----------
    .. [1] J. P. Buzen, "Computational algorithms for closed queueing networks with exponential
       servers", Comm. ACM 16, 1973.

    Examples
    --------
    >>> recursion(np.array([[0.5]]), np.array([[1.0, 0.0, 0.0]]))
    array([[1.  , 0.5 , 0.25]])
    """
    rows, length = series.shape
    bands = np.empty((2, series.size), order="F")  # the diagonal is 1 and not looked at
    below = bands[1].reshape(rows, length)
    wide = coefficient.shape[1] > 1
    np.negative(coefficient[:, 1:] if wide else coefficient, out=below[:, :-1])
    below[:, -1] = 0.0  # rows know nothing of one another
    right = np.maximum(series, FLOOR).reshape(-1, 1)
    solved, _ = dtbtrs(bands, right, uplo="L", diag="U", overwrite_b=True)
    return np.asarray(solved).reshape(rows, length)


def times_polynomial(factors: Array, series: Array) -> Array:
    """Product of every row of a series with a row of a polynomial.

    Parameters
    ----------
    factors : ndarray, shape (rows, terms)
        Coefficients of the polynomial, from the power 0.
    series : ndarray, shape (rows, length)
        Not negative; the product is cut at the same length.

    References
    ----------
    .. [1] J. P. Buzen, "Computational algorithms for closed queueing networks with exponential
       servers", Comm. ACM 16, 1973.

    Examples
    --------
    >>> times_polynomial(np.array([[1.0, 2.0]]), np.array([[1.0, 1.0, 1.0]]))
    array([[1., 3., 3.]])
    """
    length = series.shape[1]
    product = factors[:, :1] * series
    for power in range(1, min(factors.shape[1], length)):
        factor = factors[:, power, np.newaxis]
        if factor.any():
            product[:, power:] += factor * series[:, : length - power]
    return product


def outward(ratios: Array, mode: Array) -> Array:
    r"""Terms with given ratios of neighbours, 1 at the mode, so that nothing overflows.

    .. math:: w_0, \dots, w_n \quad\text{with}\quad w_k / w_{k-1} = r_k, \quad w_{mode} = 1

    Parameters
    ----------
    ratios : ndarray, shape (rows, n)
        :math:`r_1, \dots, r_n`, not negative.
    mode : ndarray of int, shape (rows, 1)
        Place of the largest term.

    References
    ----------
    .. [1] B. L. Fox, P. W. Glynn, "Computing Poisson probabilities", Comm. ACM 31, 1988.

    Examples
    --------
    >>> outward(np.array([[2.0, 1.0, 0.5]]), np.array([[1]]))
    array([[0.5, 1. , 1. , 0.5]])
    """
    rows, count = ratios.shape
    place = np.arange(1, count + 1)
    terms = np.ones((rows, count + 1))
    with np.errstate(divide="ignore", over="ignore", under="ignore"):
        np.cumprod(np.where(place > mode, ratios, 1.0), axis=1, out=terms[:, 1:])
        falling = np.where(place <= mode, 1.0 / ratios, 1.0)
        terms[:, :-1] *= np.cumprod(falling[:, ::-1], axis=1)[:, ::-1]
    return terms


def poisson_terms(load: Array, length: int) -> Array:
    r"""The terms :math:`a^n / n!` for n below a length, over the largest of all n.

    Parameters
    ----------
    load : ndarray, shape (rows, 1)
        :math:`a \ge 0`.
    length : int
        Number of terms.

    References
    ----------
    .. [1] B. L. Fox, P. W. Glynn, "Computing Poisson probabilities", Comm. ACM 31, 1988.

    Examples
    --------
    >>> poisson_terms(np.array([[2.0]]), 4)
    array([[0.5       , 1.        , 1.        , 0.66666667]])
    """
    mode = np.minimum(np.floor(load), length - 1)
    return outward(load / np.arange(1, length), mode.astype(np.int64))


def station_terms(load: Array, servers: Array) -> Array:
    r"""Numerator of a station of c servers, all of its coefficients positive.

    .. math:: \left(1 - \tfrac{a}{c} z\right) F(z)
              = \sum_{j < c} \frac{a^j}{j!} \left(1 - \frac{j}{c}\right) z^j

    Parameters
    ----------
    load : ndarray, shape (rows, 1)
        :math:`a < c`, offered load.
    servers : ndarray, shape (rows, 1)
        :math:`c`; the width is the largest of all rows.

    References
    ----------
    .. [1] M. Reiser, H. Kobayashi, "Queuing networks with multiple closed chains: theory and
       computational algorithms", IBM J. Res. Dev. 19, 1975 (the series; its factor is ours).

    Examples
    --------
    >>> station_terms(np.array([[1.0]]), np.array([[2.0]]))
    array([[1. , 0.5]])
    """
    width = int(servers.max(initial=1))
    if width == 1:
        return np.ones(servers.shape)
    count = np.arange(width)
    return poisson_terms(load, width) * np.maximum(1.0 - count / servers, 0.0)


def delays(load: Array) -> Array:
    r"""The series of a delay, :math:`\prod_{k \le n} a_k / k`, on a scale of its own for every n.

    Parameters
    ----------
    load : ndarray, shape (rows, length)
        :math:`a_k`; the first of a row is not used.

    References
    ----------
    .. [1] F. Baskett, K. M. Chandy, R. R. Muntz, F. G. Palacios, "Open, closed, and mixed
       networks of queues with different classes of customers", J. ACM 22, 1975.

    Examples
    --------
    >>> delays(np.array([[0.0, 2.0, 2.0, 2.0]]))
    array([[1.        , 2.        , 2.        , 1.33333333]])
    """
    series = np.ones(load.shape)
    np.cumprod(load[:, 1:] / np.arange(1, load.shape[1]), axis=1, out=series[:, 1:])
    return np.maximum(series, FLOOR)


def others(
    times: Callable[[Series, list[int]], Series], series: Series, stations: list[int]
) -> Iterator[tuple[int, Series]]:
    """Every station with the product of all others, by halves: nothing is divided out.

    Parameters
    ----------
    times : callable
        Product of a series and those of a list of stations.
    series : any
        What belongs to no station.
    stations : list of int
        All of them; M stations take M log M products.

    References
    ----------
    .. [1] S. S. Lam, Y. L. Lien, "A tree convolution algorithm for the solution of queueing
       networks", Comm. ACM 26, 1983 (products along a tree; here for every station at once).

    Examples
    --------
    >>> dict(others(lambda series, these: series * np.prod(these), np.array(1.0), [2, 3, 5]))
    {2: np.float64(15.0), 3: np.float64(10.0), 5: np.float64(6.0)}
    """
    if len(stations) < 2:
        for station in stations:
            yield station, series
        return
    half = len(stations) // 2
    front, back = stations[:half], stations[half:]
    yield from others(times, times(series, back), front)
    yield from others(times, times(series, front), back)
