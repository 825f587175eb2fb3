"""Exact mean value analysis of one class at single servers and delays, all populations at once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from capcalc.theory.arrays import Array, Numbers
from capcalc.theory.networks.closed import Closed, Network, answers, checked, network
from capcalc.theory.networks.convolution import CELLS, limited
from capcalc.theory.networks.saddle import open_rates
from capcalc.theory.networks.series import delays, recursion


def solve(
    population: Numbers, demands: Numbers, think_time: Numbers = 0.0, servers: Numbers = 1.0
) -> Closed:
    r"""Exact answers for one class of customers at single servers and delays.

    .. math:: R_i(n) = D_i (1 + Q_i(n - 1)), \quad X(n) = \frac{n}{Z + \sum_i R_i(n)}, \quad
              Q_i(n) = X(n) R_i(n)

    The recursion is done in compiled code for all populations and networks at once: with
    :math:`X(n) = g(n-1)/g(n)` it is linear in g and in :math:`g Q_i`. A sweep of populations
    costs no more than the largest of them. Relative error of the throughput below 1e-14.

    Parameters
    ----------
    population : array_like, shape (...)
        :math:`N`, whole numbers up to 10 million.
    demands : array_like, shape (..., stations)
        :math:`D_i = V_i S_i`. [s]
    think_time : array_like, shape (...)
        :math:`Z`. [s]
    servers : array_like, shape (..., stations)
        1, or ``inf`` for a delay; anything else is left to
        :func:`capcalc.theory.networks.convolution.solve`.

    Returns
    -------
    Closed
        ``nan`` out of the domain, as where a station has several servers.

    References
    ----------
    .. [1] M. Reiser, S. S. Lavenberg, "Mean-value analysis of closed multichain queuing
       networks", J. ACM 27, 1980.

    Examples
    --------
    >>> solve([1, 20], [0.605, 2.1, 1.35], think_time=15).throughput.round(6)
    array([0.05248 , 0.474516])
    """
    net, usable = _rows(demands, think_time, servers)
    people = np.asarray(population, dtype=float)
    shape = np.broadcast_shapes(people.shape, net.shape)
    # of every element asked for, its population and the row of its network
    n = np.broadcast_to(people, shape).ravel()
    row = np.broadcast_to(np.arange(usable.size).reshape(net.shape), shape).ravel()
    with np.errstate(invalid="ignore"):
        good = (n >= 0) & (n == np.floor(n)) & np.isfinite(n) & (usable[row] | (n == 0))
    good &= net.valid[row] & np.all((net.servers[row] == 1) | np.isinf(net.servers[row]), axis=1)
    longest = np.zeros(usable.size)
    np.maximum.at(longest, row[good], n[good])
    rate = np.where(good, 0.0, np.nan)
    number = np.where(good[:, np.newaxis], np.zeros(net.demands.shape[1]), np.nan)
    for some in _pieces(longest):
        place = np.full(usable.size, -1)
        place[some] = np.arange(some.size)
        asked = np.flatnonzero(good & (n > 0) & (place[row] >= 0))
        here, last = place[row[asked]], n[asked].astype(np.int64)
        rates, series = _series(int(longest[some].max()) + 1, net, some)
        rate[asked] = rates[here, last] * series[here, last - 1] / series[here, last]
        for station, demand in enumerate(net.demands[row[asked]].T):
            number[asked, station] = rate[asked] * demand
            queue = net.servers[row[asked], station] == 1
            if (queue & (demand > 0)).any():
                held = _held(_load(net, some, station, rates), series)
                share = held[here, last] / series[here, last]
                number[asked, station] = np.where(
                    queue & (demand > 0), share, number[asked, station]
                )
    wide = (*shape, net.demands.shape[1])
    times = np.where(good[:, np.newaxis], net.demands[row], np.nan).reshape(wide)
    count = net.servers[row].reshape(wide)
    found = answers(rate.reshape(shape), number.reshape(wide), times, count)
    return checked(found, n.reshape(shape), times, net.think_time[row].reshape(shape), count)


def throughputs(
    population: int, demands: Numbers, think_time: Numbers = 0.0, servers: Numbers = 1.0
) -> Array:
    r"""Exact throughput of every population from 1 to N in one go. [1/s]

    Parameters
    ----------
    population : int
        :math:`N`.
    demands, think_time, servers : array_like
        As for :func:`solve`.

    Returns
    -------
    ndarray, shape (..., N)

    References
    ----------
    .. [1] M. Reiser, S. S. Lavenberg, "Mean-value analysis of closed multichain queuing
       networks", J. ACM 27, 1980.

    Examples
    --------
    >>> throughputs(3, [0.605, 2.1, 1.35], think_time=15).round(6)
    array([0.05248 , 0.103086, 0.151516])
    """
    net, usable = _rows(demands, think_time, servers)
    found = np.full((usable.size, population), np.nan)
    for some in _pieces(np.where(usable, float(population), 0.0)):
        rates, series = _series(population + 1, net, some)
        found[some] = rates[:, 1:] * series[:, :-1] / series[:, 1:]
    return found.reshape(*net.shape, population)


def _rows(
    demands: Numbers, think_time: Numbers, servers: Numbers
) -> tuple[Network, NDArray[np.bool_]]:
    """Networks without their populations, and which of them are answered for here."""
    net = network(0.0, demands, think_time, servers)
    known = np.all((net.servers == 1) | np.isinf(net.servers), axis=1)
    return net, net.valid & known & (net.think_time + net.demands.sum(axis=1) > 0)


def _pieces(longest: Array) -> Iterator[NDArray[np.int64]]:
    """Rows with customers by falling population, as many at a time as fit the cache."""
    limited(longest.max(initial=0.0))
    rows = np.argsort(-longest, kind="stable")
    rows = rows[longest[rows] > 0]
    while rows.size:
        count = max(1, int(CELLS // (longest[rows[0]] + 1)))
        yield rows[:count]
        rows = rows[count:]


def _load(net: Network, some: NDArray[np.int64], station: int, rates: Array) -> Array:
    """Demand times the scale of every population; zero where the station is a delay."""
    queue = net.servers[some, station] == 1
    return np.where(queue, net.demands[some, station], 0.0)[:, np.newaxis] * rates


def _series(length: int, net: Network, some: NDArray[np.int64]) -> tuple[Array, Array]:
    """The scale of every population, and the normalizing constants on that scale."""
    demands, servers = net.demands[some], net.servers[some]
    rates = open_rates(length, demands, net.think_time[some], servers)
    delay = net.think_time[some] + np.where(np.isinf(servers), demands, 0.0).sum(axis=1)
    series = delays(delay[:, np.newaxis] * rates)
    for station in range(demands.shape[1]):
        load = _load(net, some, station, rates)
        if load.any():
            series = recursion(load, series)
    return rates, series


def _held(load: Array, series: Array) -> Array:
    """Number at a single server times the constants: s(n) = a_n (g(n - 1) + s(n - 1))."""
    start = np.zeros(series.shape)
    start[:, 1:] = load[:, 1:] * series[:, :-1]
    return recursion(load, start)
