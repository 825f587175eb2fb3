"""The open network that holds as many customers as a closed one: a scale on which to count."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from capcalc.theory.arrays import Array
from capcalc.theory.queues.erlang import erlang_c

Places: TypeAlias = NDArray[np.int64]

#: How close the mean number comes to the population; the scale needs no more.
_TOLERANCE = 1e-4
_STEPS = 60


def open_rate(population: Array, demands: Array, think_time: Array, servers: Array) -> Array:
    r"""Arrival rate at which the same stations, open, hold N customers on average.

    .. math:: Z x + \sum_i L_i(x D_i) = N

    Given N customers in all, an open network of any rate is distributed as the closed one;
    at this rate N is likely, so its probabilities neither overflow nor underflow. The rate is
    also near the throughput, but nothing relies on that.

    Parameters
    ----------
    population, think_time : ndarray, shape (rows,)
        :math:`N \ge 1`, :math:`Z`. [s]
    demands, servers : ndarray, shape (rows, stations)
        Demands [s]; ``inf`` servers are a delay.

    Returns
    -------
    ndarray, shape (rows,)
        Relative error of the number held some 1e-4. [1/s]

    References
    ----------
    .. [1] P. J. Schweitzer, "Approximate analysis of multiclass closed networks of queues",
       Int. Conf. on Stochastic Control and Optimization, Amsterdam, 1979.
    .. [2] M. Dowell, P. Jarratt, "A modified regula falsi method", BIT 11, 1971.

    Examples
    --------
    >>> rate = open_rate(np.array([3.0]), np.array([[1.0]]), np.array([0.0]), np.array([[1.0]]))
    >>> rate.round(3)
    array([0.75])
    """
    queues = np.isfinite(servers)
    delay = think_time + np.where(queues, 0.0, demands).sum(axis=1)
    per_server = np.where(queues, demands / np.where(queues, servers, 1.0), 0.0)
    slowest = per_server.max(axis=1, initial=0.0)
    held = slowest > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = population / delay  # where nobody ever waits
    n, per_server, z = population[held], per_server[held], delay[held]
    least = n / (z + (n + 1.0) * np.where(queues, demands, 0.0)[held].sum(axis=1))
    top = 1.0 / slowest[held]
    share = per_server * top[:, np.newaxis]
    count = np.where(queues, servers, 1.0)[held]

    def miss(logit: Array, some: Places) -> Array:
        number = _number(logit, top[some], share[some], count[some], z[some])
        return np.asarray(np.log(number / n[some]))

    low, high = np.log(least / np.maximum(top - least, 0.25 * top)) - 1e-9, np.log(n)
    logit = _root(miss, np.minimum(low, high), high)
    rate[held] = top / (1.0 + np.exp(-logit))
    return np.asarray(rate)


def _number(logit: Array, top: Array, share: Array, servers: Array, delay: Array) -> Array:
    """Mean number held at the rate top / (1 + exp(-logit))."""
    grown = np.exp(-logit)[:, np.newaxis]
    load = share / (1.0 + grown)
    spare = (1.0 - share) + share * (grown / (1.0 + grown))  # 1 - load
    waiting = load / spare
    several = servers > 1
    waiting[several] *= np.asarray(erlang_c(servers[several], (servers * load)[several]))
    busy = np.where(several, servers * load, 0.0) + np.where(several, 0.0, load * load / spare)
    waits = np.where(several, waiting, load)
    total = delay * top / (1.0 + grown[:, 0]) + (busy + waits).sum(axis=1)
    return np.asarray(total)


def _root(miss: Callable[[Array, Places], Array], low: Array, high: Array) -> Array:
    """Illinois steps in a bracket; every element stops by itself."""
    every = np.arange(low.size)
    at_low, at_high = miss(low, every), miss(high, every)
    best = np.where(np.abs(at_low) < np.abs(at_high), low, high)
    left = every[np.minimum(np.abs(at_low), np.abs(at_high)) > _TOLERANCE]
    for _ in range(_STEPS):
        if left.size == 0:
            break
        a, b, fa, fb = low[left], high[left], at_low[left], at_high[left]
        middle = a - fa * (b - a) / (fb - fa)
        found = miss(middle, left)
        under = found < 0
        # the end that stays counts half, so that both ends move
        low[left] = np.where(under, middle, a)
        high[left] = np.where(under, b, middle)
        at_low[left] = np.where(under, found, 0.5 * fa)
        at_high[left] = np.where(under, 0.5 * fb, found)
        best[left] = middle
        left = left[(np.abs(found) > _TOLERANCE)]
    return best


def open_rates(length: int, demands: Array, think_time: Array, servers: Array) -> Array:
    r"""The rate of :func:`open_rate` for every population, in between a few by straight lines.

    Parameters
    ----------
    length : int
        Populations 0 to length - 1; the rate of 0 is that of 1.
    demands, servers : ndarray, shape (rows, stations)
        As for :func:`open_rate`.
    think_time : ndarray, shape (rows,)
        As for :func:`open_rate`.

    Returns
    -------
    ndarray, shape (rows, length)
        [1/s]

    References
    ----------
    .. [1] P. J. Schweitzer, "Approximate analysis of multiclass closed networks of queues",
       Int. Conf. on Stochastic Control and Optimization, Amsterdam, 1979.

    Examples
    --------
    >>> some = open_rates(5, np.array([[1.0]]), np.array([0.0]), np.array([[1.0]]))
    >>> some.shape
    (1, 5)
    """
    knots = [1]
    while knots[-1] < length - 1:
        # so close that no scaled series leaves the range of doubles in between
        knots.append(knots[-1] + 16 + int(2.0 * np.sqrt(40.0 * knots[-1])))
    rows = think_time.size
    at = np.repeat(np.array(knots, dtype=float)[np.newaxis], rows, axis=0).ravel()
    each = np.repeat(np.arange(rows), len(knots))
    found = open_rate(at, demands[each], think_time[each], servers[each]).reshape(rows, -1)
    population = np.maximum(np.arange(length), 1)
    right = np.clip(np.searchsorted(knots, population), 1, max(len(knots) - 1, 1))
    if len(knots) == 1:
        return np.repeat(found, length, axis=1)
    place = np.array(knots)
    share = (population - place[right - 1]) / (place[right] - place[right - 1])
    return np.asarray(found[:, right - 1] * (1.0 - share) + found[:, right] * share)
