"""All populations of several classes below a largest one, and series over them."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from capcalc.theory.arrays import Array
from capcalc.theory.networks.series import FLOOR, recursion

Places: TypeAlias = NDArray[np.int64]


class Lattice(NamedTuple):
    """Populations by rising total; one more place after the last stands for all outside."""

    #: Customers of every class, shape (points, classes).
    people: Places
    #: Place of the population with one customer less, shape (classes, points).
    before: Places
    #: First place of every total, and the number of points.
    levels: list[int]
    #: Place of a point by its number in plain (C) order.
    places: Places
    #: Steps in plain order, shape (classes,).
    strides: Places

    def at(self, population: Array) -> Places:
        """Places of populations, shape (..., classes)."""
        return np.asarray(self.places[population.astype(np.int64) @ self.strides])


def lattice(largest: Places) -> Lattice:
    """All populations from nobody to the largest.

    Parameters
    ----------
    largest : ndarray of int, shape (classes,)
        Customers of every class.

    References
    ----------
    .. [1] M. Reiser, H. Kobayashi, "Queuing networks with multiple closed chains: theory and
       computational algorithms", IBM J. Res. Dev. 19, 1975.

    Examples
    --------
    >>> lattice(np.array([1, 2])).people.tolist()
    [[0, 0], [0, 1], [1, 0], [0, 2], [1, 1], [1, 2]]
    """
    sides = largest + 1
    points = int(np.prod(sides))
    strides = np.concatenate([np.cumprod(sides[:0:-1])[::-1], [1]]).astype(np.int64)
    plain = np.arange(points)[:, np.newaxis] // strides % sides
    order = np.argsort(plain.sum(axis=1), kind="stable")
    count = plain[order]
    places = np.empty(points, dtype=np.int64)
    places[order] = np.arange(points)
    lower = order[:, np.newaxis] - strides
    before = np.where(count > 0, places[np.maximum(lower, 0)], points).T.copy()
    levels = np.searchsorted(count.sum(axis=1), np.arange(largest.sum() + 2)).tolist()
    return Lattice(count, before, levels, places, strides)


class Series(NamedTuple):
    """A series over a lattice, and the logarithm of what every row was divided by."""

    values: Array  # (points + 1, rows); the last is zero
    log_scale: Array  # (rows,)


class Weights(NamedTuple):
    """A station as a series in the load u of its customers, see :func:`times_station`."""

    ratios: Array  # (terms - 1, rows)
    shares: Array  # (terms, rows)
    tails: Array  # (terms, rows)
    decay: Array  # (rows,)


def times_station(series: Series, here: Lattice, loads: Array, station: Weights) -> Series:
    r"""The series times that of a station, nothing subtracted.

    .. math:: F = \sum_j \Big(s_j + \frac{t_j}{1 - \rho u}\Big)
              \Big(\prod_{i \le j} r_i\Big) u^j, \qquad u = \sum_r a_r z_r

    Parameters
    ----------
    series : Series
        Over the lattice ``here``.
    here : Lattice
        With the classes of ``loads``.
    loads : ndarray, shape (classes, rows)
        :math:`a_r`.
    station : Weights
        :math:`r_1, r_2, \dots`, :math:`s_0, s_1, \dots`, :math:`t_0, t_1, \dots` and
        :math:`\rho`.

    References
    ----------
    .. [1] M. Reiser, H. Kobayashi, "Queuing networks with multiple closed chains: theory and
       computational algorithms", IBM J. Res. Dev. 19, 1975.

    Examples
    --------
    >>> two = lattice(np.array([2]))
    >>> one = Series(np.array([[1.0], [0.0], [0.0], [0.0]]), np.zeros(1))
    >>> single = Weights(np.ones((0, 1)), np.zeros((1, 1)), np.ones((1, 1)), np.ones(1))
    >>> times_station(one, two, np.array([[0.5]]), single).values[:3, 0]
    array([1.  , 0.5 , 0.25])
    """
    ratios, shares, tails, decay = station
    term, scale = series.values, series.log_scale
    parts = [shares[0] * term, tails[0] * term]
    for ratio, *factors in zip(ratios, shares[1:], tails[1:], strict=True):
        term = _one_more(term, here, loads * ratio)
        parts = [part + each * term for part, each in zip(parts, factors, strict=True)]
        largest = np.maximum(term.max(axis=0), (parts[0] + parts[1]).max(axis=0))
        # powers of two only: scaling rounds nothing
        power = np.where(largest > 1e100, np.exp2(-np.floor(np.log2(largest))), 1.0)
        if (power < 1.0).any():
            term, parts, scale = (
                term * power,
                [each * power for each in parts],
                scale - np.log(power),
            )
        if not term.any():
            break
    return Series(parts[0] + _divided(parts[1], here, loads * decay), scale)


def _divided(series: Array, here: Lattice, loads: Array) -> Array:
    """The series over 1 - u."""
    if len(loads) == 1:
        series[:-1] = recursion(loads[0][:, np.newaxis], series[:-1].T).T
        return series
    series[:-1] = np.maximum(series[:-1], FLOOR)
    for first, last in zip(here.levels[1:], here.levels[2:], strict=False):
        for load, before in zip(loads, here.before, strict=True):
            series[first:last] += load * series[before[first:last]]
    return series


def _one_more(term: Array, here: Lattice, loads: Array) -> Array:
    """The series times u: with one customer more, of any class."""
    more = np.zeros(term.shape)
    for load, before in zip(loads, here.before, strict=True):
        more[:-1] += load * term[before]
    return more
