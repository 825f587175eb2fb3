"""Exact closed networks of several classes, over all populations up to the one asked for."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from capcalc.errors import NoVerdict
from capcalc.theory.arrays import Array, Numbers
from capcalc.theory.networks import schweitzer
from capcalc.theory.networks.closed import (
    Closed,
    Network,
    answers,
    checked,
    network_of_classes,
)
from capcalc.theory.networks.lattice import (
    Lattice,
    Series,
    Weights,
    lattice,
    times_station,
)
from capcalc.theory.networks.series import FLOOR, others, poisson_terms

Places: TypeAlias = NDArray[np.int64]

#: Numbers in one table at most: populations times stations (or times arrays in use); 400 MB.
MOST = 50_000_000
#: Numbers in one table of rows at a time.
CELLS = 1 << 19
#: Arrays of the size of a table that a convolution has in use.
WIDTH = 12


class Convolved(NamedTuple):
    """What a convolution over populations finds."""

    throughput: Array  # (rows, classes)
    number: Array  # (rows, classes, stations)
    #: Probabilities of customers of all classes at a station, (rows, stations, N + 1).
    together: Array
    log_constant: Array  # (rows,)


def solve(
    population: Numbers, demands: Numbers, think_time: Numbers = 0.0, servers: Numbers = 1.0
) -> Closed:
    r"""Exact answers for several classes at stations of c servers and delays.

    Product form: at stations with queues all classes share one exponential service time, or
    servers are shared equally. Networks of single servers and delays go by mean value analysis,

    .. math:: R_{ri}(n) = D_{ri} (1 + Q_i(n - 1_r)), \quad
              X_r(n) = \frac{n_r}{Z_r + \sum_i R_{ri}(n)}, \quad
              Q_i(n) = \sum_r X_r(n) R_{ri}(n)

    over all populations of one total at once; others by a convolution that subtracts nothing.
    Time and memory grow with :math:`\prod_r (N_r + 1)`, which times the stations (with several
    servers: times 12) may be 50 million, about 400 MB: beyond that ``NoVerdict`` says so.

    Parameters
    ----------
    population, think_time : array_like, shape (..., classes)
        :math:`N_r`, whole numbers; :math:`Z_r` [s]; a scalar counts for all classes.
    demands : array_like, shape (..., classes, stations)
        :math:`D_{ri} = V_{ri} S_{ri}`. [s]
    servers : array_like, shape (..., stations)
        :math:`c_i`; ``inf`` is a delay.

    Returns
    -------
    Closed
        ``throughput`` and ``response`` have the classes on their last axis, the others classes
        and stations; ``utilization`` is what every class keeps busy of a server. ``nan`` out of
        the domain.

    References
    ----------
    .. [1] M. Reiser, S. S. Lavenberg, "Mean-value analysis of closed multichain queuing
       networks", J. ACM 27, 1980.
    .. [2] F. Baskett, K. M. Chandy, R. R. Muntz, F. G. Palacios, "Open, closed, and mixed
       networks of queues with different classes of customers", J. ACM 22, 1975.

    Examples
    --------
    >>> solve([2, 1], [[1.0, 0.0, 0.025], [0.0, 15.0, 0.5]],
    ...       servers=[np.inf, np.inf, 1]).throughput.round(4)
    array([1.9485, 0.0644])
    """
    net = network_of_classes(population, demands, think_time, servers)
    # as many servers as customers: nobody waits
    delays = net.servers >= net.population.sum(axis=1, keepdims=True)
    queue = np.where(delays[:, np.newaxis], 0.0, net.demands)
    apart = net.think_time + (net.demands - queue).sum(axis=2)
    several = (~delays & (net.servers > 1)).any(axis=1)
    anybody = net.valid & (net.population > 0).any(axis=1)
    rate = np.where(net.valid[:, np.newaxis], np.zeros(net.population.shape), np.nan)
    number = np.where(net.valid[:, np.newaxis, np.newaxis], np.zeros(queue.shape), np.nan)
    for some in pieces(net.population, anybody & ~several, queue.shape[2]):
        n, d, z = net.population[some], queue[some], apart[some]
        rate[some], number[some] = _mean_values(n, d, z)
    for some in pieces(net.population, anybody & several, WIDTH):
        n, d, z, c = net.population[some], queue[some], apart[some], net.servers[some]
        weights = [of_servers(each) for each in np.where(delays[some], 1.0, c).T]
        rate[some], number[some], *_ = convolved(n, d, guess(n, d, z, c), z, weights)
    number = np.where(delays[:, np.newaxis], rate[..., np.newaxis] * net.demands, number)
    return finished(net, rate, number)


def log_constant(
    population: Numbers, demands: Numbers, think_time: Numbers = 0.0, servers: Numbers = 1.0
) -> Numbers:
    r"""Logarithm of the normalizing constant, with factors :math:`Z_r^{n} / n!` thinking.

    Parameters
    ----------
    population, demands, think_time, servers : array_like
        As for :func:`solve`.

    References
    ----------
    .. [1] M. Reiser, H. Kobayashi, "Queuing networks with multiple closed chains: theory and
       computational algorithms", IBM J. Res. Dev. 19, 1975.

    Examples
    --------
    >>> log_constant([2, 1], [[1.0, 0.0, 0.025], [0.0, 15.0, 0.5]],
    ...              servers=[np.inf, np.inf, 1]).round(6)
    np.float64(2.099282)
    """
    net = network_of_classes(population, demands, think_time, servers)
    found = np.where(net.valid, 0.0, np.nan)
    # who always finds a free server is delayed only; weights are as many as servers
    everybody = net.population.sum(axis=1, keepdims=True)
    delays = np.isinf(net.servers) | (net.servers >= everybody)
    queue = np.where(delays[:, np.newaxis], 0.0, net.demands)
    apart = net.think_time + (net.demands - queue).sum(axis=2)
    for some in pieces(net.population, net.valid & (net.population > 0).any(axis=1), WIDTH):
        n, d, z = net.population[some], queue[some], apart[some]
        count = np.where(delays[some], 1.0, net.servers[some])
        weights = [of_servers(each) for each in count.T]
        found[some] = convolved(n, d, guess(n, d, z, count), z, weights).log_constant
    return found.reshape(net.shape)[()]


def of_servers(servers: Array) -> Weights:
    """The series of a station of c servers.

    Parameters
    ----------
    servers : ndarray, shape (rows,)
        :math:`c`, finite.

    References
    ----------
    .. [1] M. Reiser, H. Kobayashi, "Queuing networks with multiple closed chains: theory and
       computational algorithms", IBM J. Res. Dev. 19, 1975.

    Examples
    --------
    >>> of_servers(np.array([2.0])).tails
    array([[1. ],
           [0.5]])
    """
    places = np.arange(int(servers.max(initial=1.0)))[:, np.newaxis]
    with np.errstate(divide="ignore"):
        ratios = np.repeat(1.0 / places[1:], servers.size, axis=1)
    tails = np.maximum(1.0 - places / servers, 0.0)
    return Weights(ratios, np.zeros(tails.shape), tails, 1.0 / servers)


def finished(net: Network, rate: Array, number: Array) -> Closed:
    """Rows back in their shape with all that follows, and checked.

    Parameters
    ----------
    net : Network
        The rows, with classes.
    rate : ndarray, shape (rows, classes)
        Throughputs. [1/s]
    number : ndarray, shape (rows, classes, stations)
        Customers at the stations.

    References
    ----------
    .. [1] J. D. C. Little, "A proof for the queuing formula L = lambda W", Oper. Res. 9, 1961.

    Examples
    --------
    >>> one = network_of_classes([1], [[0.5]], 0.5, 1)
    >>> finished(one, np.array([[1.0]]), np.array([[[0.5]]])).utilization
    array([[0.5]])
    """
    wide = (*net.shape, *net.demands.shape[1:])
    times = np.where(net.valid[:, np.newaxis, np.newaxis], net.demands, np.nan).reshape(wide)
    count, rate = net.servers.reshape(*net.shape, net.servers.shape[1]), rate.reshape(wide[:-1])
    found = answers(rate, number.reshape(wide), times, count[..., np.newaxis, :])
    people, think = net.population.reshape(rate.shape), net.think_time.reshape(rate.shape)
    return checked(found, people, times, think, count, classes=True)


def convolved(
    population: Array, demands: Array, rates: Array, delay: Array, stations: list[Weights]
) -> Convolved:
    """Answers by convolution over the populations.

    Parameters
    ----------
    population, delay : ndarray, shape (rows, classes)
        Customers, and the time that they spend where nobody waits. [s]
    demands : ndarray, shape (rows, classes, stations)
        Zero where a station is a delay. [s]
    rates : ndarray, shape (rows, classes)
        About the throughputs: a scale on which nothing overflows, without influence else. [1/s]
    stations : list of Weights
        The series of every station.

    References
    ----------
    .. [1] M. Reiser, H. Kobayashi, "Queuing networks with multiple closed chains: theory and
       computational algorithms", IBM J. Res. Dev. 19, 1975.

    Examples
    --------
    >>> one, single = np.ones((1, 1)), of_servers(np.ones(1))
    >>> convolved(2 * one, np.array([[[0.2, 0.4]]]), one, 0 * one, [single] * 2).throughput.round(4)
    array([[2.1429]])
    """
    here = lattice(population.max(axis=0).astype(np.int64))
    rows, places = np.arange(population.shape[0]), here.at(population)
    base, start = _delays(here, population, rates * delay)
    loads = np.moveaxis(rates[..., np.newaxis] * demands, 0, -1)  # (classes, stations, rows)

    def times(series: Series, these: list[int]) -> Series:
        for k in these:
            series = times_station(series, here, loads[:, k], stations[k])
        return series

    left = population[:, np.newaxis] - here.people
    inside = np.asarray((left >= 0).all(axis=2))
    mirror = here.at(np.where(inside[..., np.newaxis], left, 0.0))
    unit = np.zeros(base.shape)
    unit[0] = 1.0
    number = np.zeros(demands.shape)
    together = np.zeros((rows.size, demands.shape[2], len(here.levels) - 1))
    together[:, :, 0] = 1.0
    used = [k for k in range(demands.shape[2]) if loads[:, k].any()]
    for k, rest in others(times, Series(base, start), used):
        own = times(Series(unit, np.zeros(rows.size)), [k]).values[:-1].T
        weights = own * np.where(inside, rest.values[mirror, rows[:, np.newaxis]], 0.0)
        weights = weights / weights.sum(axis=1, keepdims=True)
        number[:, :, k] = weights @ here.people
        together[:, k] = np.add.reduceat(weights, here.levels[:-1], axis=1)
    series = times(Series(base, start), used)
    last, scale = series.values[places, rows], series.log_scale
    fewer = series.values[here.before[:, places], rows].T
    with np.errstate(divide="ignore", invalid="ignore"):
        drawn = np.where(population > 0, population * np.log(rates), 0.0).sum(axis=1)
    rate = rates * fewer / last[:, np.newaxis]
    return Convolved(rate, number, together, np.log(last) + scale - drawn)


def guess(population: Array, demands: Array, delay: Array, servers: Array) -> Array:
    """Throughputs by Schweitzer's approximation; 1 for a class of nobody.

    Parameters
    ----------
    population, delay : ndarray, shape (rows, classes)
        Customers, and the time that they spend where nobody waits. [s]
    demands : ndarray, shape (rows, classes, stations)
        Zero where a station is a delay. [s]
    servers : ndarray, shape (rows, stations)
        Servers of the others.

    References
    ----------
    .. [1] P. J. Schweitzer, "Approximate analysis of multiclass closed networks of queues",
       Int. Conf. on Stochastic Control and Optimization, Amsterdam, 1979.

    Examples
    --------
    >>> ones = np.ones((1, 1))
    >>> guess(4 * ones, np.ones((1, 1, 1)), 0 * ones, ones)
    array([[1.]])
    """
    queue, apart = schweitzer.seidmann(demands, servers[:, np.newaxis])
    more = np.zeros(queue.shape)
    rates = schweitzer.fixed_point(population, queue, delay + apart.sum(axis=2), more)[0]
    return np.where(rates > 0, rates, 1.0)


def pieces(population: Array, chosen: NDArray[np.bool_], width: int) -> list[Places]:
    """Rows to be worked on together: of about alike populations, as many as fit the cache.

    Parameters
    ----------
    population : ndarray, shape (rows, classes)
        Customers.
    chosen : ndarray of bool, shape (rows,)
        Rows that count.
    width : int
        Numbers held for every population.

    References
    ----------
    .. [1] M. Reiser, H. Kobayashi, "Queuing networks with multiple closed chains: theory and
       computational algorithms", IBM J. Res. Dev. 19, 1975.

    Examples
    --------
    >>> pieces(np.array([[1.0, 2.0], [2.0, 2.0]]), np.array([True, True]), 3)
    [array([0, 1])]
    """
    rows = np.flatnonzero(chosen)
    largest = np.prod(population[rows] + 1.0, axis=1).max(initial=0.0)
    if largest * width > MOST:
        raise NoVerdict(
            f"exact answers for several classes would take {largest:,.0f} populations, more than "
            f"{MOST // width:,}: linearizer and schweitzer take any number of customers"
        )
    waiting = [rows[np.lexsort(population[rows].T)]] if rows.size else []
    found = []
    while waiting:
        some = waiting.pop()
        together = np.prod(population[some].max(axis=0) + 1.0) * width
        if some.size == 1 or together * some.size <= CELLS:
            found.append(some)
        else:
            waiting += [some[: some.size // 2], some[some.size // 2 :]]
    return found


def _delays(here: Lattice, population: Array, load: Array) -> tuple[Array, Array]:
    """Series of all delays, a product over the classes, and the logarithm of its scale."""
    values = np.ones((here.people.shape[0] + 1, population.shape[0]))
    values[-1] = 0.0
    scale = np.zeros(population.shape[0])
    for r, top in enumerate(here.people[-1]):
        each = load[:, r, np.newaxis]
        values[:-1] *= poisson_terms(each, int(top) + 1)[:, here.people[:, r]].T
        largest = np.minimum(np.floor(each[:, 0]), top)
        scale += np.where(largest > 0, largest * np.log(np.maximum(each[:, 0], 1e-300)), 0.0)
        scale -= gammaln(largest + 1.0)
    values[:-1] = np.maximum(values[:-1], FLOOR)
    return values, scale


def _mean_values(population: Array, demands: Array, delay: Array) -> tuple[Array, Array]:
    """Throughputs, and numbers at single servers."""
    here = lattice(population.max(axis=0).astype(np.int64))
    rows = np.arange(population.shape[0])
    held = np.zeros((here.people.shape[0] + 1, rows.size, demands.shape[2]))
    for first, last in zip(here.levels[1:], here.levels[2:], strict=False):
        for r, before in enumerate(here.before):
            residence = demands[:, r] * (1.0 + held[before[first:last]])
            cycle = delay[:, r] + residence.sum(axis=2)
            people = here.people[first:last, r, np.newaxis]
            # a class that one of the rows has not may take no time there
            rate = people / np.where(cycle > 0, cycle, 1.0)
            held[first:last] += rate[..., np.newaxis] * residence
    before = here.before[:, here.at(population)]  # (classes, rows)
    residence = demands * (1.0 + np.moveaxis(held[before, rows], 0, 1))
    cycle = np.where(population > 0, delay + residence.sum(axis=2), 1.0)
    rate = population / cycle
    return rate, rate[..., np.newaxis] * residence
