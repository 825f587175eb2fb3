"""M/M/c/c//N, Engset's loss station: N sources, c servers, no room to wait; any law of service."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from capcalc.theory.arrays import Array, Numbers, broadcast, in_turn

#: Beyond so many states there is no answer: they fill the memory.
MOST = 1e7
#: Numbers in one array of states.
CELLS = 1 << 21


def prob_time_congestion(
    source_rate: Numbers, service_rate: Numbers, servers: Numbers, population: Numbers
) -> Numbers:
    r"""Share of time in which all servers are busy.

    .. math:: E(N) = \frac{\binom{N}{c} r^c}{\sum_{k \le c} \binom{N}{k} r^k}, \quad r = \nu / \mu

    Parameters
    ----------
    source_rate : array_like
        :math:`\nu` at which one idle source asks. [1/s]
    service_rate : array_like
        :math:`\mu` of one server. [1/s]
    servers : array_like
        :math:`c \ge 1`, a whole number.
    population : array_like
        :math:`N \ge 1` sources, a whole number; ten million servers or sources at most.

    References
    ----------
    .. [1] T. O. Engset, "Die Wahrscheinlichkeitsrechnung zur Bestimmung der Waehleranzahl in
       automatischen Fernsprechaemtern", Elektrotechn. Zeitschrift 39, 1918.

    Examples
    --------
    >>> round(float(prob_time_congestion(0.2, 1, 4, 10)), 6)
    0.055118
    """
    rate, speed, count, people, valid = _checked(source_rate, service_rate, servers, population)
    with np.errstate(all="ignore"):
        full = _sums(rate / speed, count, people)[0]
        return np.where(valid, np.where(people < count, 0.0, full), np.nan)[()]


def prob_loss(
    source_rate: Numbers, service_rate: Numbers, servers: Numbers, population: Numbers
) -> Numbers:
    r"""Share of requests that find all servers busy: they see N - 1 sources, :math:`E(N - 1)`.

    Parameters
    ----------
    source_rate, service_rate, servers, population : array_like
        As for :func:`prob_time_congestion`.

    References
    ----------
    .. [1] T. O. Engset, Elektrotechn. Zeitschrift 39, 1918.

    Examples
    --------
    >>> round(float(prob_loss(0.2, 1, 4, 10)), 6)
    0.039424
    """
    rate, speed, count, people, valid = _checked(source_rate, service_rate, servers, population)
    with np.errstate(all="ignore"):
        full = _sums(rate / speed, count, people - 1.0)[0]
        return np.where(valid, np.where(people <= count, 0.0, full), np.nan)[()]


def mean_number(
    source_rate: Numbers, service_rate: Numbers, servers: Numbers, population: Numbers
) -> Numbers:
    r"""Mean number of busy servers.

    Parameters
    ----------
    source_rate, service_rate, servers, population : array_like
        As for :func:`prob_time_congestion`.

    References
    ----------
    .. [1] T. O. Engset, Elektrotechn. Zeitschrift 39, 1918.

    Examples
    --------
    >>> round(float(mean_number(0.2, 1, 4, 10)), 6)
    1.611549
    """
    rate, speed, count, people, valid = _checked(source_rate, service_rate, servers, population)
    with np.errstate(all="ignore"):
        return np.where(valid, _sums(rate / speed, count, people)[1], np.nan)[()]


def throughput(
    source_rate: Numbers, service_rate: Numbers, servers: Numbers, population: Numbers
) -> Numbers:
    r"""Requests served, :math:`X = \mu L`. [1/s]

    Parameters
    ----------
    source_rate, service_rate, servers, population : array_like
        As for :func:`prob_time_congestion`.

    References
    ----------
    .. [1] T. O. Engset, Elektrotechn. Zeitschrift 39, 1918.

    Examples
    --------
    >>> round(float(throughput(0.2, 1, 4, 10)), 6)
    1.611549
    """
    number = mean_number(source_rate, service_rate, servers, population)
    with np.errstate(all="ignore"):
        return np.multiply(number, service_rate)[()]


def utilization(
    source_rate: Numbers, service_rate: Numbers, servers: Numbers, population: Numbers
) -> Numbers:
    r"""Share of servers that are busy, :math:`L / c`.

    Parameters
    ----------
    source_rate, service_rate, servers, population : array_like
        As for :func:`prob_time_congestion`.

    References
    ----------
    .. [1] T. O. Engset, Elektrotechn. Zeitschrift 39, 1918.

    Examples
    --------
    >>> round(float(utilization(0.2, 1, 4, 10)), 6)
    0.402887
    """
    number = mean_number(source_rate, service_rate, servers, population)
    with np.errstate(all="ignore"):
        return np.divide(number, servers)[()]


def mean_response(
    source_rate: Numbers, service_rate: Numbers, servers: Numbers, population: Numbers
) -> Numbers:
    r"""Mean time of the accepted requests, :math:`1 / \mu`: nobody waits. [s]

    Parameters
    ----------
    source_rate, service_rate, servers, population : array_like
        As for :func:`prob_time_congestion`.

    References
    ----------
    .. [1] T. O. Engset, Elektrotechn. Zeitschrift 39, 1918.

    Examples
    --------
    >>> float(mean_response(0.2, 2, 4, 10))
    0.5
    """
    *_, speed, _, _, valid = _checked(source_rate, service_rate, servers, population)
    with np.errstate(all="ignore"):
        return np.where(valid, 1.0 / speed, np.nan)[()]


def _checked(
    source_rate: Numbers, service_rate: Numbers, servers: Numbers, population: Numbers
) -> tuple[Array, Array, Array, Array, NDArray[np.bool_]]:
    rate, speed, count, people = broadcast(source_rate, service_rate, servers, population)
    with np.errstate(all="ignore"):
        valid = (rate >= 0) & (speed > 0) & (count >= 1) & (people >= 1)
        valid &= np.isfinite(rate + speed + count + people)
        valid &= (count == np.floor(count)) & (people == np.floor(people))
        valid &= np.minimum(count, people) <= MOST
        count, people = np.where(valid, count, 1.0), np.where(valid, people, 1.0)
    return rate, speed, count, people, np.asarray(valid)


def _sums(ratio: Array, servers: Array, population: Array) -> tuple[Array, Array]:
    """Probability of the fullest state and mean number, downward from the fullest state."""
    shape = ratio.shape
    base, c, n = (np.where(np.isfinite(v), v, 1.0).ravel() for v in (ratio, servers, population))
    most = np.minimum(np.maximum(c, 0.0), np.maximum(n, 0.0))
    full, number = np.empty(base.size), np.empty(base.size)
    start = 0
    while start < base.size:
        rows = max(1, int(CELLS // (most[start] + 2.0)))
        some = slice(start, start + rows)
        while rows > 1 and rows * (most[some].max() + 2.0) > 4 * CELLS:
            rows //= 2
            some = slice(start, start + rows)
        full[some], number[some] = _part(base[some], most[some], n[some])
        start += rows
    return full.reshape(shape), number.reshape(shape)


def _part(ratio: Array, most: Array, population: Array) -> tuple[Array, Array]:
    top, base, people = (each[:, np.newaxis] for each in (most, ratio, population))
    k = np.maximum(top - np.arange(int(most.max()) + 1), 0.0)
    # chance of k over that of k + 1: (k + 1) / ((N - k) r), from the fullest down to nobody
    step = (k + 1.0) / ((people - k) * base)
    step[:, 0] = 0.0
    logs = np.cumsum(np.log(np.where(step > 0, step, 1.0)), axis=1)
    inside = np.arange(k.shape[1]) <= top
    peak = np.where(inside, logs, -np.inf).max(axis=1, keepdims=True)
    # as products where they do not overflow, which keeps the last digits
    plain = peak < 600.0
    product = np.cumprod(np.where(step > 0, np.where(plain, step, 1.0), 1.0), axis=1)
    chance = np.where(plain, product, np.exp(logs - peak))
    chance = np.where(inside & ((base > 0) | (k == 0)), chance, 0.0)
    whole = in_turn(chance)
    first = np.where(ratio == 0, np.where(most == 0, 1.0, 0.0), chance[:, 0] / whole)
    return first, np.where(ratio == 0, 0.0, in_turn(k * chance) / whole)
