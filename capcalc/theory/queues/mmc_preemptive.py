"""M/M/c with preemptive-resume priorities, one service rate for all; class 0 goes first."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Array, Numbers
from capcalc.theory.queues import mmc, priority
from capcalc.theory.queues.erlang import erlang_c

#: Nodes of the mean growth of the queue, and the growth from which a difference does.
NODES, GROWTH = 12, 1.5


def utilization(arrival_rates: Numbers, service_rate: Numbers, servers: Numbers) -> Numbers:
    r"""Load of each class on each server, :math:`\rho_k = \lambda_k / (c\mu)`.

    Parameters
    ----------
    arrival_rates : array_like
        :math:`\lambda_k`; classes on the last axis, class 0 first. [1/s]
    service_rate : array_like
        :math:`\mu` of one server, the same for all classes; no axis of classes. [1/s]
    servers : array_like
        :math:`c \ge 1`; no axis of classes.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 2: Computer Applications*, Wiley, 1976, sec. 3.1.

    Examples
    --------
    >>> utilization([1, 1.5], 1, 4)
    array([0.25 , 0.375])
    """
    rates, speed, count = priority.stations(arrival_rates, service_rate, servers)
    return np.asarray(mmc.utilization(rates, speed, count))


def prob_wait(arrival_rates: Numbers, service_rate: Numbers, servers: Numbers) -> Numbers:
    r"""Share of arrivals of a class not served at once: Erlang's C of it and those before.

    Parameters
    ----------
    arrival_rates, service_rate, servers : array_like
        As for :func:`utilization`.

    Returns
    -------
    ndarray
        Probability, by class; 1 where saturated. Later interruptions do not count.

    References
    ----------
    .. [1] J. P. Buzen, A. B. Bondi, "The response times of priority classes under preemptive
       resume in M/M/m queues", Oper. Res. 31, 1983.

    Examples
    --------
    >>> prob_wait([1, 1.5], 1, 4).round(6)
    array([0.020408, 0.319857])
    """
    flow, pace, count, spare = _parts(arrival_rates, service_rate, servers)
    with np.errstate(all="ignore"):
        waits = np.asarray(erlang_c(count, np.cumsum(flow, axis=-1) / pace))
        return np.where(spare > 0, waits, np.where(np.isnan(spare), np.nan, 1.0))


def mean_wait(arrival_rates: Numbers, service_rate: Numbers, servers: Numbers) -> Numbers:
    r"""Mean time that a request of each class is not in service, interruptions included.

    .. math:: W_k = \frac{L_q(\Lambda_k) - L_q(\Lambda_{k-1})}{\lambda_k}, \qquad
              \Lambda_k = \sum_{j \le k} \lambda_j

    since classes 0 to k together are an M/M/c queue of their own. For a queue that class k
    lengthens by less than half the difference is the mean of

    .. math:: \frac{d \ln L_q}{d \ln a} = c - a + \frac{c + a (1 - C)}{c - a}

    (times :math:`L_q/a`) over the interval, a sum of positive terms.

    Parameters
    ----------
    arrival_rates, service_rate, servers : array_like
        As for :func:`utilization`.

    Returns
    -------
    ndarray
        Seconds, by class; ``inf`` where :math:`\Lambda_k \ge c\mu`, without rounding.

    References
    ----------
    .. [1] J. P. Buzen, A. B. Bondi, "The response times of priority classes under preemptive
       resume in M/M/m queues", Oper. Res. 31, 1983.

    Examples
    --------
    >>> mean_wait([1, 1.5], 1, 4).round(6)
    array([0.006803, 0.350861])
    """
    flow, pace, count, spare = _parts(arrival_rates, service_rate, servers)
    with np.errstate(all="ignore"):
        earlier = priority.before(spare, count * pace)
        ahead = priority.before(np.cumsum(flow, axis=-1), 0.0)
        before, after = (
            _queue(ahead, earlier, pace, count),
            _queue(ahead + flow, spare, pace, count),
        )
        apart = (after - before) / flow
        points, weights = np.polynomial.legendre.leggauss(NODES)
        slope = np.zeros(flow.shape)
        for point, weight in zip(0.5 + 0.5 * points, 0.5 * weights, strict=True):
            left = spare + flow * (1.0 - point)
            slope += weight * _slope(ahead + flow * point, left, pace, count)
        wait: Array = np.where(after > GROWTH * before, apart, slope)
        wait = np.where(spare > 0, wait, np.inf)
        return np.where(np.isnan(spare), np.nan, wait)


def mean_response(arrival_rates: Numbers, service_rate: Numbers, servers: Numbers) -> Numbers:
    r"""Mean time from arrival to departure of each class, wait and :math:`1/\mu`. [s]

    Parameters
    ----------
    arrival_rates, service_rate, servers : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] J. P. Buzen, A. B. Bondi, "The response times of priority classes under preemptive
       resume in M/M/m queues", Oper. Res. 31, 1983.

    Examples
    --------
    >>> mean_response([1, 1.5], 1, 4).round(6)
    array([1.006803, 1.350861])
    """
    with np.errstate(all="ignore"):
        own = 1.0 / np.asarray(service_rate, dtype=float)[..., np.newaxis]
    return np.add(mean_wait(arrival_rates, service_rate, servers), own)


def mean_queue_length(arrival_rates: Numbers, service_rate: Numbers, servers: Numbers) -> Numbers:
    r"""Mean number of each class not in service, interrupted ones included (Little).

    Parameters
    ----------
    arrival_rates, service_rate, servers : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] J. D. C. Little, "A proof for the queuing formula L = lambda W", Oper. Res. 9, 1961.

    Examples
    --------
    >>> mean_queue_length([1, 1.5], 1, 4).round(6)
    array([0.006803, 0.526292])
    """
    return mmc.held(arrival_rates, mean_wait(arrival_rates, service_rate, servers))


def mean_number(arrival_rates: Numbers, service_rate: Numbers, servers: Numbers) -> Numbers:
    r"""Mean number of each class waiting or served (Little).

    Parameters
    ----------
    arrival_rates, service_rate, servers : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] J. D. C. Little, "A proof for the queuing formula L = lambda W", Oper. Res. 9, 1961.

    Examples
    --------
    >>> mean_number([1, 1.5], 1, 4).round(6)
    array([1.006803, 2.026292])
    """
    return mmc.held(arrival_rates, mean_response(arrival_rates, service_rate, servers))


def _parts(rates: Numbers, speed: Numbers, servers: Numbers) -> tuple[Array, ...]:
    """Rates, speed and servers by class, and the rate left over; ``nan`` where out of range."""
    flow, pace, count = priority.stations(rates, speed, servers)
    with np.errstate(all="ignore"):
        good = priority.valid(flow, pace, count) & (count >= 1) & np.isfinite(count * pace)
        good = np.logical_and.accumulate(good, axis=-1)
        spare = np.where(good, priority.spare_rates(flow, pace, count), np.nan)
    return flow, pace, count, spare


def _queue(rate: Array, spare: Array, pace: Array, count: Array) -> Array:
    """Mean number waiting in M/M/c, from the rate left over."""
    waits = np.asarray(erlang_c(count, rate / pace))
    queue: Array = waits * rate / spare
    return queue


def _slope(rate: Array, spare: Array, pace: Array, count: Array) -> Array:
    """Derivative of the mean number waiting for the rate of arrivals. [s]"""
    load, left = rate / pace, spare / pace
    waits = np.asarray(erlang_c(count, load))
    growth = left + (count + load * (1.0 - waits)) / left
    slope: Array = waits / spare * growth
    return slope
