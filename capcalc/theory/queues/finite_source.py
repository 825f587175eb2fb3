"""M/M/c//N: N sources that each ask, wait for the answer, and think; machine repair."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from capcalc.theory.arrays import Array, Numbers, broadcast, in_turn

#: States further from the likeliest than this count of spreads are below 1e-18.
_SPREADS = 84.0
#: Populations up to which all states are summed, so that the rarest are right, too.
ALL = 4096
#: Populations beyond this have no answer: the states that matter fill the memory.
MOST = 1e10
#: Numbers in one array of states.
CELLS = 1 << 21


class _Sums(NamedTuple):
    """Probabilities summed over the states; of N sources."""

    busy: Array
    waiting: Array
    number: Array
    blocked: Array  # idle sources while all servers are busy
    idle: Array
    empty: Array


def utilization(
    source_rate: Numbers, service_rate: Numbers, servers: Numbers, population: Numbers
) -> Numbers:
    r"""Share of servers that are busy, :math:`X / (c\mu)`.

    Parameters
    ----------
    source_rate : array_like
        :math:`\nu` at which one idle source asks. [1/s]
    service_rate : array_like
        :math:`\mu` of one server. [1/s]
    servers : array_like
        :math:`c \ge 1`.
    population : array_like
        :math:`N \ge 1` sources, a whole number up to 1e10.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 2.7.

    Examples
    --------
    >>> round(float(utilization(1 / 30, 1 / 3, 2, 5)), 6)
    0.22676
    """
    _, _, count, _, valid, sums = _solved(source_rate, service_rate, servers, population)
    with np.errstate(all="ignore"):
        return _answer(valid, sums.busy / count)


def throughput(
    source_rate: Numbers, service_rate: Numbers, servers: Numbers, population: Numbers
) -> Numbers:
    r"""Requests answered, :math:`X = \mu \, E \min(n, c)`. [1/s]

    Parameters
    ----------
    source_rate, service_rate, servers, population : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 2.7.

    Examples
    --------
    >>> round(float(throughput(8, 2, 5, 12)), 6)
    9.999894
    """
    _, speed, _, _, valid, sums = _solved(source_rate, service_rate, servers, population)
    with np.errstate(all="ignore"):
        return _answer(valid, sums.busy * speed)


def prob_empty(
    source_rate: Numbers, service_rate: Numbers, servers: Numbers, population: Numbers
) -> Numbers:
    r"""Probability that nobody waits or is served.

    Relative error 1e-12 up to 4,096 sources, 1e-9 for a million.

    Parameters
    ----------
    source_rate, service_rate, servers, population : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 2.7.

    Examples
    --------
    >>> round(float(prob_empty(1 / 30, 1 / 3, 2, 5)), 6)
    0.618592
    """
    *_, valid, sums = _solved(source_rate, service_rate, servers, population)
    return _answer(valid, sums.empty)


def prob_wait(
    source_rate: Numbers, service_rate: Numbers, servers: Numbers, population: Numbers
) -> Numbers:
    r"""Share of requests that wait: these find what N - 1 sources leave.

    .. math:: P_w = \frac{\sum_{n \ge c} (N - n) p_n}{\sum_n (N - n) p_n}

    Parameters
    ----------
    source_rate, service_rate, servers, population : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] K. C. Sevcik, I. Mitrani, "The distribution of queuing network states at input and
       output instants", J. ACM 28(2), 1981.

    Examples
    --------
    >>> round(float(prob_wait(1 / 30, 1 / 3, 2, 5)), 6)
    0.045216
    """
    *_, valid, sums = _solved(source_rate, service_rate, servers, population)
    with np.errstate(all="ignore"):
        return _answer(valid, sums.blocked / sums.idle)


def mean_queue_length(
    source_rate: Numbers, service_rate: Numbers, servers: Numbers, population: Numbers
) -> Numbers:
    r"""Mean number waiting, :math:`L_q`.

    Parameters
    ----------
    source_rate, service_rate, servers, population : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 2.7.

    Examples
    --------
    >>> round(float(mean_queue_length(1 / 30, 1 / 3, 2, 5)), 6)
    0.011274
    """
    *_, valid, sums = _solved(source_rate, service_rate, servers, population)
    return _answer(valid, sums.waiting)


def mean_number(
    source_rate: Numbers, service_rate: Numbers, servers: Numbers, population: Numbers
) -> Numbers:
    r"""Mean number waiting or served, :math:`L`.

    Parameters
    ----------
    source_rate, service_rate, servers, population : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 2.7.

    Examples
    --------
    >>> round(float(mean_number(1 / 30, 1 / 3, 2, 5)), 6)
    0.464794
    """
    *_, valid, sums = _solved(source_rate, service_rate, servers, population)
    return _answer(valid, sums.number)


def mean_wait(
    source_rate: Numbers, service_rate: Numbers, servers: Numbers, population: Numbers
) -> Numbers:
    r"""Mean wait, :math:`W_q = L_q / X`. [s]

    Parameters
    ----------
    source_rate, service_rate, servers, population : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 2.7.

    Examples
    --------
    >>> round(float(mean_wait(1 / 30, 1 / 3, 2, 5)), 6)
    0.074575
    """
    rate, speed, _, _, valid, sums = _solved(source_rate, service_rate, servers, population)
    with np.errstate(all="ignore"):
        return _answer(valid, np.where(rate == 0, 0.0, sums.waiting / (sums.busy * speed)))


def mean_response(
    source_rate: Numbers, service_rate: Numbers, servers: Numbers, population: Numbers
) -> Numbers:
    r"""Mean time from asking to the answer, :math:`W = W_q + 1/\mu`. [s]

    Parameters
    ----------
    source_rate, service_rate, servers, population : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 2.7.

    Examples
    --------
    >>> round(float(mean_response(1 / 30, 1 / 3, 2, 5)), 6)
    3.074575
    """
    with np.errstate(all="ignore"):
        own = 1.0 / np.asarray(service_rate, dtype=float)
    return np.add(mean_wait(source_rate, service_rate, servers, population), own)[()]


def _answer(valid: NDArray[np.bool_], value: Array) -> Numbers:
    return np.where(valid, value, np.nan)[()]


def _solved(
    source_rate: Numbers, service_rate: Numbers, servers: Numbers, population: Numbers
) -> tuple[Array, Array, Array, Array, NDArray[np.bool_], _Sums]:
    rate, speed, count, people = broadcast(source_rate, service_rate, servers, population)
    with np.errstate(all="ignore"):
        valid = (rate >= 0) & (speed > 0) & (count >= 1) & (people >= 1)
        valid &= np.isfinite(rate + speed) & (people == np.floor(people)) & (people <= MOST)
        valid &= (count == np.floor(count)) & np.isfinite(count)
        ratio = np.where(valid, rate / speed, 0.0).ravel()
        c, n = np.where(valid, count, 1.0).ravel(), np.where(valid, people, 1.0).ravel()
        found = np.zeros((6, ratio.size))
        low, width = _window(ratio, c, n)
        order = np.argsort(width, kind="stable")
        start = 0
        while start < order.size:  # elements of windows alike together, as memory allows
            first = int(width[order[start]])
            size = max(1, CELLS // max(first, 1))
            some = order[start : start + size]
            some = some[width[some] <= max(2 * first, 64)]
            found[:, some] = _sums(ratio[some], c[some], n[some], low[some], int(width[some].max()))
            start += some.size
    sums = _Sums(*(each.reshape(rate.shape) for each in found))
    return rate, speed, count, people, np.asarray(valid), sums


def _mode(ratio: Array, servers: Array, population: Array) -> Array:
    """The likeliest state: where the chance of one more falls below that of one less."""
    few = np.floor((population + 1.0) * ratio / (1.0 + ratio))
    many = np.ceil(population - servers / ratio)
    return np.clip(np.where(few < servers, few, np.maximum(many, servers)), 0.0, population)


def _window(ratio: Array, servers: Array, population: Array) -> tuple[Array, NDArray[np.int64]]:
    """First state and number of states that hold all but 1e-18."""
    mode = np.where(ratio == 0, 0.0, _mode(ratio, servers, population))
    spread = np.ceil(60.0 + np.sqrt(_SPREADS * (population + 50.0)))
    everything = population <= ALL
    low = np.where(everything, 0.0, np.maximum(mode - spread, 0.0))
    high = np.where(everything, population, np.minimum(mode + spread, population))
    return low, (high - low + 1.0).astype(np.int64)


def _sums(ratio: Array, servers: Array, population: Array, low: Array, width: int) -> Array:
    n = low[:, np.newaxis] + np.arange(width)
    base, c, people = (each[:, np.newaxis] for each in (ratio, servers, population))
    inside = n <= people
    mode = np.where(base == 0, 0.0, _mode(base, c, people))
    # chance of a state over that of the one below it, multiplied outward from the likeliest
    up = (people - n + 1.0) * base / np.minimum(n, c)
    down = np.minimum(n + 1.0, c) / ((people - n) * base)
    rising = np.cumprod(np.where((n > mode) & inside, up, 1.0), axis=1)
    falling = np.cumprod(np.where(n < mode, down, 1.0)[:, ::-1], axis=1)[:, ::-1]
    chance = np.where(inside, rising * falling, 0.0)
    whole = in_turn(chance)
    chance /= whole[:, np.newaxis]
    idle = np.where(inside, people - n, 0.0) * chance
    first = np.where(low == 0, chance[:, 0], _far_empty(ratio, servers, population, whole))
    return np.stack(
        [
            in_turn(np.minimum(n, c) * chance),
            in_turn(np.maximum(n - c, 0.0) * chance),
            in_turn(n * chance),
            in_turn(np.where(n >= c, idle, 0.0)),
            in_turn(idle),
            first,
        ]
    )


def _far_empty(ratio: Array, servers: Array, population: Array, whole: Array) -> Array:
    """The empty state where it is outside of the window, from the likeliest by logarithms."""
    mode = _mode(ratio, servers, population)
    full = np.minimum(mode, servers)
    chosen = special.gammaln(population + 1.0) - special.gammaln(population - mode + 1.0)
    served = special.gammaln(full + 1.0) + (mode - full) * np.log(servers)
    return np.exp(-(chosen - served + mode * np.log(ratio))) / whole
