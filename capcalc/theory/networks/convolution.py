"""Exact closed networks with stations of one or more servers, by convolution (Buzen 1973)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from capcalc.errors import NoVerdict
from capcalc.theory.arrays import Array, Numbers
from capcalc.theory.networks.closed import Closed, Network, answers, checked, network
from capcalc.theory.networks.saddle import open_rate, open_rates
from capcalc.theory.networks.series import (
    delays,
    others,
    poisson_terms,
    recursion,
    station_terms,
    times_polynomial,
)

Places: TypeAlias = NDArray[np.int64]

#: Customers at most: every station is a series of so many numbers.
MOST = 10_000_000
#: Numbers in one array of rows at a time.
CELLS = 1 << 17


class _Rows(NamedTuple):
    """Networks as products of positive series, scaled to the open network of a rate."""

    population: Array
    rate: Array
    loads: Array  # zero where a station is a delay
    servers: Array  # one where a station is a delay
    queues: NDArray[np.bool_]
    thinking: Array  # load of all delays together
    stations: list[int]  # those that are a queue in any row
    length: int

    def unit(self) -> Array:
        one = np.zeros((self.rate.size, self.length))
        one[:, 0] = 1.0
        return one

    def times(self, series: Array, stations: list[int]) -> Array:
        """The series times those of some stations."""
        for station in stations:
            load, servers = self.loads[:, [station]], self.servers[:, [station]]
            series = times_polynomial(station_terms(load, servers), series)
            series = recursion(load / servers, series)
        return series

    def reversed(self, series: Array) -> Array:
        """What a series has for all that are not here: g(N - k)."""
        left = self.population[:, np.newaxis] - np.arange(self.length)
        found = np.take_along_axis(series, np.maximum(left, 0.0).astype(np.int64), axis=1)
        return np.where(left >= 0, found, 0.0)


def solve(
    population: Numbers, demands: Numbers, think_time: Numbers = 0.0, servers: Numbers = 1.0
) -> Closed:
    r"""Exact answers for one class of customers at stations of c servers and delays.

    The series of a station is divided by :math:`1 - a z / c` and keeps positive coefficients,
    so that nothing is subtracted: the relative error of the throughput is below 1e-14 at any
    load. Memory and time grow as :math:`N \sum c_i`.

    Parameters
    ----------
    population : array_like, shape (...)
        :math:`N`, whole numbers up to 10 million.
    demands : array_like, shape (..., stations)
        :math:`D_i = V_i S_i`. [s]
    think_time : array_like, shape (...)
        :math:`Z`. [s]
    servers : array_like, shape (..., stations)
        :math:`c_i`; ``inf`` is a delay.

    Returns
    -------
    Closed
        ``nan`` out of the domain: counts that are not whole, negative times, or a network in
        which nothing takes time.

    References
    ----------
    .. [1] J. P. Buzen, "Computational algorithms for closed queueing networks with exponential
       servers", Comm. ACM 16, 1973.
    .. [2] M. Reiser, H. Kobayashi, "Queuing networks with multiple closed chains: theory and
       computational algorithms", IBM J. Res. Dev. 19, 1975.

    Examples
    --------
    >>> solve([60, 100, 200], [1.0, 0.01], think_time=1.0, servers=[50, 1]).throughput.round(3)
    array([29.79 , 48.105, 50.   ])
    """
    net = network(population, demands, think_time, servers)
    rate, number = _empty(net)

    def keep(rows: _Rows, some: Places) -> None:
        rate[some], held = _throughput_and_numbers(rows)
        number[some] = np.where(rows.queues, held, rate[some, np.newaxis] * net.demands[some])

    _by_rows(net, keep)
    return _finished(net, rate, number)


def throughputs(
    population: int, demands: Numbers, think_time: Numbers = 0.0, servers: Numbers = 1.0
) -> Array:
    r"""Exact throughput of every population from 1 to N in one go. [1/s]

    Parameters
    ----------
    population : int
        :math:`N`.
    demands, servers : array_like, shape (..., stations)
        As for :func:`solve`.
    think_time : array_like, shape (...)
        As for :func:`solve`.

    Returns
    -------
    ndarray, shape (..., N)

    References
    ----------
    .. [1] M. Reiser, H. Kobayashi, "Queuing networks with multiple closed chains: theory and
       computational algorithms", IBM J. Res. Dev. 19, 1975.

    Examples
    --------
    >>> throughputs(200, [1.0, 0.01], think_time=1.0, servers=[50, 1])[[59, 99, 199]].round(3)
    array([29.79 , 48.105, 50.   ])
    """
    net = network(float(population), demands, think_time, servers)
    limited(population)
    found = np.full((net.valid.size, population), np.nan)
    rows = np.flatnonzero(net.valid)
    step = max(1, CELLS // (population + 1))
    for start in range(0, rows.size, step):
        some = rows[start : start + step]
        count = np.where(net.servers[some] >= population, np.inf, net.servers[some])
        found[some] = _every_population(
            population + 1, net.demands[some], net.think_time[some], count
        )
    return found.reshape(*net.shape, population)


def log_constant(
    population: Numbers, demands: Numbers, think_time: Numbers = 0.0, servers: Numbers = 1.0
) -> Numbers:
    r"""Logarithm of the normalizing constant, :math:`\ln G(N)`, with a factor Z^n / n! thinking.

    Parameters
    ----------
    population, demands, think_time, servers : array_like
        As for :func:`solve`.

    References
    ----------
    .. [1] J. P. Buzen, "Computational algorithms for closed queueing networks with exponential
       servers", Comm. ACM 16, 1973.

    Examples
    --------
    >>> np.exp(log_constant([0, 1, 2], [0.2, 0.4])).round(6)
    array([1.  , 0.6 , 0.28])
    """
    net = network(population, demands, think_time, servers)
    found = np.where(net.valid, 0.0, np.nan)

    def keep(rows: _Rows, some: Places) -> None:
        series = rows.times(poisson_terms(rows.thinking, rows.length), rows.stations)
        last = np.take_along_axis(series, rows.population.astype(np.int64)[:, np.newaxis], axis=1)
        scale = _log_largest(rows.thinking[:, 0], np.floor(rows.thinking[:, 0]))
        for station in rows.stations:
            load = rows.loads[:, station]
            largest = np.minimum(np.floor(load), rows.servers[:, station] - 1.0)
            scale += _log_largest(load, largest)
        found[some] = np.log(last[:, 0]) + scale - rows.population * np.log(rows.rate)

    _by_rows(net, keep)
    return found.reshape(net.shape)[()]


def queue_length_probabilities(
    population: Numbers,
    demands: Numbers,
    think_time: Numbers = 0.0,
    servers: Numbers = 1.0,
    *,
    station: int,
) -> Array:
    r"""Probabilities of 0, 1, ..., N customers at a station, on a new last axis.

    Parameters
    ----------
    population, demands, think_time, servers : array_like
        As for :func:`solve`.
    station : int
        Place on the axis of stations.

    Returns
    -------
    ndarray, shape (..., largest N + 1)
        Zero above a population; what is smaller than 1e-280 is not resolved.

    References
    ----------
    .. [1] J. P. Buzen, "Computational algorithms for closed queueing networks with exponential
       servers", Comm. ACM 16, 1973.

    Examples
    --------
    >>> queue_length_probabilities(2, [0.2, 0.4], station=0).round(4)
    array([0.5714, 0.2857, 0.1429])
    """
    net = network(population, demands, think_time, servers)
    station = range(net.demands.shape[1])[station]
    longest = int(net.population.max(initial=0))
    limited(longest)
    found = np.full((net.valid.size, longest + 1), np.nan)
    found[net.valid] = np.where(np.arange(longest + 1) == 0, 1.0, 0.0)

    def keep(rows: _Rows, some: Places) -> None:
        others = [each for each in rows.stations if each != station]
        rest = rows.times(poisson_terms(rows.thinking, rows.length), others)
        load = (rows.rate * net.demands[some, station])[:, np.newaxis]
        own = poisson_terms(load, rows.length)
        queues = rows.queues[:, station]
        if queues.any():
            own[queues] = rows.times(rows.unit(), [station])[queues]
        weights = own * rows.reversed(rest)
        found[some] = 0.0
        found[some, : rows.length] = weights / weights.sum(axis=1, keepdims=True)

    _by_rows(net, keep, apart=station)
    return found.reshape(*net.shape, longest + 1)


def prob_idle(
    population: Numbers, demands: Numbers, think_time: Numbers = 0.0, servers: Numbers = 1.0
) -> Array:
    r"""Probability that nobody is at a station, for every station.

    Parameters
    ----------
    population, demands, think_time, servers : array_like
        As for :func:`solve`.

    References
    ----------
    .. [1] J. P. Buzen, "Computational algorithms for closed queueing networks with exponential
       servers", Comm. ACM 16, 1973.

    Examples
    --------
    >>> prob_idle(2, [0.2, 0.4]).round(4)
    array([0.5714, 0.1429])
    """
    stations = range(np.broadcast(np.atleast_1d(demands), np.atleast_1d(servers)).shape[-1])
    each = [
        queue_length_probabilities(population, demands, think_time, servers, station=k)[..., 0]
        for k in stations
    ]
    return np.stack(each, axis=-1)


def limited(population: float) -> None:
    """Refuse what no memory holds.

    Parameters
    ----------
    population : float
        Largest number of customers.

    References
    ----------
    .. [1] J. P. Buzen, "Computational algorithms for closed queueing networks with exponential
       servers", Comm. ACM 16, 1973.

    Examples
    --------
    >>> limited(10**6)
    """
    if population > MOST:
        raise NoVerdict(
            f"exact answers go up to {MOST:,} customers, not {population:,.0f}: "
            "schweitzer and bounds take any number"
        )


def _empty(net: Network) -> tuple[Array, Array]:
    rate = np.where(net.valid, 0.0, np.nan)
    return rate, np.where(net.valid[:, np.newaxis], np.zeros(net.demands.shape), np.nan)


def _finished(net: Network, rate: Array, number: Array) -> Closed:
    """The rows back in their shape, and checked."""
    shape, wide = net.shape, (*net.shape, net.demands.shape[1])
    demands = np.where(net.valid[:, np.newaxis], net.demands, np.nan).reshape(wide)
    servers = net.servers.reshape(wide)
    found = answers(rate.reshape(shape), number.reshape(wide), demands, servers)
    people, think = net.population.reshape(shape), net.think_time.reshape(shape)
    return checked(found, people, demands, think, servers)


def _by_rows(net: Network, keep: Callable[[_Rows, Places], None], apart: int | None = None) -> None:
    """Hand over rows that have anybody in pieces that fit the cache, alike populations together."""
    limited(net.population.max(initial=0.0))
    order = np.flatnonzero(net.valid & (net.population > 0))
    order = order[np.argsort(net.population[order], kind="stable")]
    last = order.size
    while last > 0:
        length = int(net.population[order[last - 1]]) + 1
        first = max(0, last - max(1, CELLS // length))
        some = order[first:last]
        keep(_rows(net, some, length, apart), some)
        last = first


def _rows(net: Network, some: Places, length: int, apart: int | None) -> _Rows:
    population, demands = net.population[some], net.demands[some]
    # as many servers as customers: nobody waits
    servers = np.where(net.servers[some] >= population[:, np.newaxis], np.inf, net.servers[some])
    rate = open_rate(population, demands, net.think_time[some], servers)
    loads = rate[:, np.newaxis] * demands
    queues = np.isfinite(servers)
    delays = np.where(queues, 0.0, demands)
    if apart is not None:
        delays[:, apart] = 0.0
    thinking = rate * (net.think_time[some] + delays.sum(axis=1))
    stations = np.flatnonzero((queues & (loads > 0)).any(axis=0)).tolist()
    return _Rows(
        population,
        rate,
        np.where(queues, loads, 0.0),
        np.where(queues, servers, 1.0),
        queues,
        thinking[:, np.newaxis],
        stations,
        length,
    )


def _throughput_and_numbers(rows: _Rows) -> tuple[Array, Array]:
    held, people = np.zeros(rows.loads.shape), np.arange(rows.length, dtype=float)
    rate = None
    thinking = poisson_terms(rows.thinking, rows.length)
    for station, product in others(rows.times, thinking, rows.stations):
        own, rest = rows.times(rows.unit(), [station]), rows.reversed(product)
        weights = own * rest
        total = weights.sum(axis=1)
        held[:, station] = (weights * people).sum(axis=1) / total
        if rate is None:
            rate = rows.rate * (own[:, :-1] * rest[:, 1:]).sum(axis=1) / total
    if rate is None:  # all stations are delays
        rate = rows.rate * rows.population / rows.thinking[:, 0]
    return rate, held


def _log_largest(load: Array, largest: Array) -> Array:
    """ln(a^m / m!), the scale that a series was divided by."""
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.where(largest > 0, largest * np.log(load), 0.0)
    return np.asarray(log - gammaln(largest + 1.0))


def _every_population(length: int, demands: Array, think_time: Array, servers: Array) -> Array:
    """Throughputs by series whose scale follows the population."""
    rates = open_rates(length, demands, think_time, servers)
    queues = np.isfinite(servers)
    delay = think_time + np.where(queues, 0.0, demands).sum(axis=1)
    series = delays(delay[:, np.newaxis] * rates)
    for station in range(demands.shape[1]):
        load = np.where(queues[:, [station]], demands[:, [station]], 0.0) * rates
        count = np.where(queues[:, [station]], servers[:, [station]], 1.0)
        total, term = series, series
        for j in range(1, int(count.max())):
            # the weight of j here: of j - 1 with one customer less, times a / j
            term = np.concatenate([np.zeros((len(term), 1)), term[:, :-1]], axis=1) * load / j
            total = total + np.maximum(1.0 - j / count, 0.0) * term
        series = recursion(load / count, total)
    return rates[:, 1:] * series[:, :-1] / series[:, 1:]
