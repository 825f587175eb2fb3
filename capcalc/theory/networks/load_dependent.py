"""Exact closed networks with stations whose service time depends on the number there."""

from __future__ import annotations

import numpy as np

from capcalc.errors import NoVerdict
from capcalc.theory.arrays import Array, Numbers
from capcalc.theory.networks.closed import Closed, flushed, times_in_range
from capcalc.theory.networks.series import others, outward, poisson_terms, times_polynomial

#: Customers at most: the work grows as their square.
MOST = 30_000
#: Numbers in one array of rows at a time.
CELLS = 1 << 17


def solve(
    population: Numbers, visits: Numbers, service_time: Numbers, think_time: Numbers = 0.0
) -> Closed:
    r"""Exact answers for one class at stations that are quicker or slower the more are there.

    .. math:: F_i(z) = \sum_n z^n \prod_{k=1}^{n} V_i S_i(k)

    The convolution adds and multiplies positive numbers only: relative error about 1e-14.

    Parameters
    ----------
    population : array_like, shape (...)
        :math:`N`, whole numbers up to 30,000.
    visits : array_like, shape (..., stations)
        :math:`V_i`.
    service_time : array_like, shape (..., stations, lengths)
        :math:`S_i(1), S_i(2), \dots`: mean time between departures while so many are there;
        the last counts for all beyond. [s]
    think_time : array_like, shape (...)
        :math:`Z`. [s]

    Returns
    -------
    Closed
        ``utilization`` is the share of time that anybody is there; ``nan`` out of the domain.

    References
    ----------
    .. [1] J. P. Buzen, "Computational algorithms for closed queueing networks with exponential
       servers", Comm. ACM 16, 1973.
    .. [2] G. Bolch, S. Greiner, H. de Meer, K. S. Trivedi, *Queueing Networks and Markov
       Chains*, 2nd ed., Wiley, 2006, sec. 8.1.2.

    Examples
    --------
    >>> two_servers = [0.5, 0.25, 0.25]
    >>> solve(3, [1.0, 0.5], [two_servers, [0.6, 0.6, 0.6]]).mean_number.round(4)
    array([1.5187, 1.4813])
    """
    rate, shares, demand = _solved(population, visits, service_time, think_time)
    people = np.arange(shares.shape[-1], dtype=float)
    number = (shares * people).sum(axis=-1)
    with np.errstate(all="ignore"):
        residence = np.where(rate[..., np.newaxis] == 0, demand, number / rate[..., np.newaxis])
    known = ~np.isnan(rate)[..., np.newaxis]
    busy = np.where(known, shares[..., 1:].sum(axis=-1), np.nan)
    found = Closed(rate[()], residence.sum(axis=-1)[()], number, residence, busy)
    missing = number.sum(axis=-1) + rate * think_time - population
    if np.any(np.abs(missing) > 1e-9 * np.maximum(population, 1.0)):
        raise ArithmeticError(
            "closed network: numbers at the stations do not add up to the population"
        )
    return found


def queue_length_probabilities(
    population: Numbers, visits: Numbers, service_time: Numbers, think_time: Numbers = 0.0
) -> Array:
    r"""Probabilities of 0, 1, ..., N customers at every station, on a new last axis.

    Parameters
    ----------
    population, visits, service_time, think_time : array_like
        As for :func:`solve`.

    Returns
    -------
    ndarray, shape (..., stations, largest N + 1)

    References
    ----------
    .. [1] J. P. Buzen, "Computational algorithms for closed queueing networks with exponential
       servers", Comm. ACM 16, 1973.

    Examples
    --------
    >>> queue_length_probabilities(2, [1.0, 1.0], [[0.2], [0.4]])[..., 0].round(4)
    array([0.5714, 0.1429])
    """
    return _solved(population, visits, service_time, think_time)[1]


def prob_idle(
    population: Numbers, visits: Numbers, service_time: Numbers, think_time: Numbers = 0.0
) -> Array:
    r"""Probability that nobody is at a station, for every station.

    Parameters
    ----------
    population, visits, service_time, think_time : array_like
        As for :func:`solve`.

    References
    ----------
    .. [1] J. P. Buzen, "Computational algorithms for closed queueing networks with exponential
       servers", Comm. ACM 16, 1973.

    Examples
    --------
    >>> prob_idle(2, [1.0, 1.0], [[0.2], [0.4]]).round(4)
    array([0.5714, 0.1429])
    """
    return queue_length_probabilities(population, visits, service_time, think_time)[..., 0]


def _solved(
    population: Numbers, visits: Numbers, service_time: Numbers, think_time: Numbers
) -> tuple[Array, Array, Array]:
    """Throughput, probabilities of every number at every station, and demands alone."""
    people, think = np.asarray(population, dtype=float), flushed(np.asarray(think_time, float))
    with np.errstate(all="ignore"):
        each = np.asarray(visits, dtype=float)[..., np.newaxis] * np.asarray(service_time, float)
    each = flushed(each)
    shape = np.broadcast_shapes(people.shape, think.shape, each.shape[:-2])
    stations, lengths = each.shape[-2:]
    n, z = np.broadcast_to(people, shape).ravel(), np.broadcast_to(think, shape).ravel()
    steps = np.broadcast_to(each, (*shape, stations, lengths)).reshape(-1, stations, lengths)
    with np.errstate(invalid="ignore"):
        valid = (n >= 0) & (n == np.floor(n)) & np.isfinite(n) & times_in_range(z)
        valid &= np.all(times_in_range(steps), axis=(1, 2))
        valid &= (z + steps[:, :, 0].sum(axis=1) > 0) | (n == 0)
    longest = int(n[valid].max(initial=0.0))
    if longest > MOST:
        raise NoVerdict(f"load-dependent stations take up to {MOST:,} customers, not {longest:,}")
    rate = np.where(valid, 0.0, np.nan)
    shares = np.full((n.size, stations, longest + 1), np.nan)
    shares[valid] = np.arange(longest + 1) == 0
    order = np.flatnonzero(valid & (n > 0))
    order = order[np.argsort(n[order], kind="stable")]
    last = order.size
    while last > 0:
        length = int(n[order[last - 1]]) + 1
        some = order[max(0, last - max(1, CELLS // (length * stations))) : last]
        places = np.minimum(np.arange(length - 1), lengths - 1)
        rate[some], found = _rows(n[some], steps[some][:, :, places], z[some])
        shares[some] = 0.0
        shares[some, :, :length] = found
        last -= some.size
    demand = np.where(valid[:, np.newaxis], steps[:, :, 0], np.nan)
    wide = (*shape, stations)
    return rate.reshape(shape), shares.reshape(*wide, longest + 1), demand.reshape(wide)


def _rows(population: Array, steps: Array, think_time: Array) -> tuple[Array, Array]:
    """Throughput and probabilities of rows, on the scale of an open network that is as full."""
    rows, stations, length = steps.shape[0], steps.shape[1], steps.shape[2] + 1
    with np.errstate(divide="ignore"):
        logs = np.concatenate(
            [np.zeros((rows, stations, 1)), np.cumsum(np.log(steps), axis=2)], axis=2
        )
    inside = np.arange(length) <= population[:, np.newaxis, np.newaxis]
    logs = np.where(inside, logs, -np.inf)
    log_rate = _log_rate(population, logs, steps, think_time)
    rate = np.exp(log_rate)
    mode = np.argmax(_tilted(logs, log_rate), axis=2)
    with np.errstate(over="ignore"):
        terms = [
            outward(steps[:, k] * rate[:, np.newaxis], mode[:, k, np.newaxis]) * inside[:, 0]
            for k in range(stations)
        ]

    def times(series: Array, these: list[int]) -> Array:
        for k in these:
            series = times_polynomial(terms[k], series)
            series = series / series.max(axis=1, keepdims=True)
        return series

    left = (population[:, np.newaxis] - np.arange(length)).astype(np.int64)
    thinking = poisson_terms((rate * think_time)[:, np.newaxis], length)
    shares, found = np.zeros((rows, stations, length)), np.zeros(rows)
    for k, product in others(times, thinking, list(range(stations))):
        rest = np.take_along_axis(product, np.maximum(left, 0), axis=1)
        weights = terms[k] * np.where(left >= 0, rest, 0.0)
        total = weights.sum(axis=1)
        total = np.where(total > 0, total, np.nan)  # so quick that there is nowhere to be
        shares[:, k] = weights / total[:, np.newaxis]
        if k == 0:
            below = np.take_along_axis(product, np.maximum(left - 1, 0), axis=1)
            found = rate * (terms[k] * np.where(left >= 1, below, 0.0)).sum(axis=1) / total
    return found, shares


def _tilted(logs: Array, log_rate: Array) -> Array:
    """Logarithms of the weights of every number when customers arrive at a rate."""
    with np.errstate(invalid="ignore"):
        return np.asarray(logs + log_rate[:, np.newaxis, np.newaxis] * np.arange(logs.shape[2]))


def _log_rate(population: Array, logs: Array, steps: Array, think_time: Array) -> Array:
    """Halve an interval until the open stations, cut at N, hold N together."""
    people = np.arange(logs.shape[2])
    with np.errstate(divide="ignore", invalid="ignore"):
        margin, thinking = 2.0 + np.log(population), -np.log(think_time)
        each = np.where(np.isfinite(logs), -logs / people, np.inf)[:, :, 1:]
        low = np.minimum(each.min(axis=(1, 2)), thinking) - margin
        high = np.where(steps > 0, -np.log(steps), -np.inf).max(axis=(1, 2))
        high = np.where(think_time > 0, thinking, high) + margin
    for _ in range(50):
        middle = 0.5 * (low + high)
        weights = _tilted(logs, middle)
        weights = np.exp(weights - weights.max(axis=2, keepdims=True))
        number = (weights * people).sum(axis=2) / weights.sum(axis=2)
        few = number.sum(axis=1) + np.exp(middle) * think_time < population
        low, high = np.where(few, middle, low), np.where(few, high, middle)
    return np.asarray(0.5 * (low + high))
