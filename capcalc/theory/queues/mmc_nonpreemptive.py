"""M/M/c with priorities that do not interrupt, one service rate for all; class 0 goes first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from capcalc.theory.arrays import Array, Numbers
from capcalc.theory.distributions.inversion import quantile
from capcalc.theory.queues import delayed_busy_period, mmc, priority
from capcalc.theory.queues.erlang import erlang_c


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
    r"""Share of the arrivals of each class that wait: Erlang's C of all classes together.

    Parameters
    ----------
    arrival_rates, service_rate, servers : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] R. H. Davis, "Waiting-time distribution of a multi-server, priority queuing system",
       Oper. Res. 14, 1966.

    Examples
    --------
    >>> prob_wait([1, 1.5], 1, 4).round(6)
    array([0.319857, 0.319857])
    """
    return _spares(arrival_rates, service_rate, servers)[3]


def mean_wait(arrival_rates: Numbers, service_rate: Numbers, servers: Numbers) -> Numbers:
    r"""Mean time from arrival to the start of service of each class.

    .. math:: W_k = \frac{C(c, a) \; c\mu}{(c\mu - \Lambda_{k-1}) (c\mu - \Lambda_k)}, \qquad
              \Lambda_k = \sum_{j \le k} \lambda_j

    Classes that saturate wait for ever; those before them wait as if all servers were busy.

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
    .. [1] A. Cobham, "Priority assignment in waiting line problems", Oper. Res. 2, 1954.
    .. [2] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 3.4.2.

    Examples
    --------
    >>> mean_wait([1, 1.5], 1, 4).round(6)
    array([0.106619, 0.284317])
    """
    spare, earlier, whole, waits = _spares(arrival_rates, service_rate, servers)
    with np.errstate(all="ignore"):
        wait: Array = waits * (whole / earlier) / spare
        return np.where(np.isnan(waits), np.nan, np.where(spare > 0, wait, np.inf))


def mean_response(arrival_rates: Numbers, service_rate: Numbers, servers: Numbers) -> Numbers:
    r"""Mean time from arrival to departure of each class, wait and :math:`1/\mu`. [s]

    Parameters
    ----------
    arrival_rates, service_rate, servers : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] A. Cobham, "Priority assignment in waiting line problems", Oper. Res. 2, 1954.

    Examples
    --------
    >>> mean_response([1, 1.5], 1, 4).round(6)
    array([1.106619, 1.284317])
    """
    with np.errstate(all="ignore"):
        own = 1.0 / np.asarray(service_rate, dtype=float)[..., np.newaxis]
    return np.add(mean_wait(arrival_rates, service_rate, servers), own)


def mean_queue_length(arrival_rates: Numbers, service_rate: Numbers, servers: Numbers) -> Numbers:
    r"""Mean number of each class waiting, :math:`\lambda_k W_k` (Little).

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
    array([0.106619, 0.426476])
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
    array([1.106619, 1.926476])
    """
    return mmc.held(arrival_rates, mean_response(arrival_rates, service_rate, servers))


def wait_cdf(
    time: Numbers, arrival_rates: Numbers, service_rate: Numbers, servers: Numbers
) -> Numbers:
    r"""Probability that an arrival of each class waits at most ``time``.

    .. math:: P(W_k \le t) = 1 - C(c, a) \, P(D_k > t)

    with the delay :math:`D_k`, a busy period of the classes before, as the mixture of
    exponential times of :func:`capcalc.theory.queues.delayed_busy_period.mixture`.

    Parameters
    ----------
    time : array_like
        With an axis of classes, of length 1 perhaps, or a scalar. [s]
    arrival_rates, service_rate, servers : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] R. H. Davis, "Waiting-time distribution of a multi-server, priority queuing system",
       Oper. Res. 14, 1966.
    .. [2] O. Kella, U. Yechiali, "Waiting times in the non-preemptive priority M/M/c queue",
       Stoch. Models 1, 1985.

    Examples
    --------
    >>> wait_cdf(1.0, [1, 1.5], 1, 4).round(6)
    array([0.984075, 0.900668])
    """
    when, waits, good, law = _law(time, arrival_rates, service_rate, servers)
    with np.errstate(all="ignore"):
        share = (1.0 - waits) + waits * law(_within, when)
        share = np.where(good, np.minimum(share, 1.0), 0.0)
        share = np.where(when < 0, 0.0, np.where((when == np.inf) & good, 1.0, share))
        return np.where(np.isnan(waits + when), np.nan, share)


def wait_quantile(
    p: Numbers, arrival_rates: Numbers, service_rate: Numbers, servers: Numbers
) -> Numbers:
    r"""The wait that a share ``p`` of each class does not exceed, the root of :func:`wait_cdf`.

    Parameters
    ----------
    p : array_like
        :math:`0 \le p < 1`; with an axis of classes, of length 1 perhaps, or a scalar.
    arrival_rates, service_rate, servers : array_like
        As for :func:`utilization`.

    Returns
    -------
    ndarray
        Seconds, by Newton steps on the logarithm of the tail; 0 up to :math:`1 - C`, ``inf``
        where saturated.

    References
    ----------
    .. [1] R. H. Davis, "Waiting-time distribution of a multi-server, priority queuing system",
       Oper. Res. 14, 1966.

    Examples
    --------
    >>> wait_quantile(0.95, [1, 1.5], 1, 4).round(6)
    array([0.618617, 1.689001])
    """
    level, waits, good, law = _law(p, arrival_rates, service_rate, servers)
    start = np.asarray(mean_wait(arrival_rates, service_rate, servers))
    with np.errstate(all="ignore"):
        # among those that wait, the share that waits longer
        beyond = (1.0 - level) / waits
        some = good & (beyond < 1) & (beyond > 0) & (level >= 0)
        begin = np.where(some, start / waits, np.nan)

        def tail(when: Array) -> tuple[Array, Array]:
            found = law(_survival, when)
            slope = law(_density, when)
            # given as a share of what is wanted, so that a far tail keeps its digits
            return found / beyond * 0.5, slope / beyond * 0.5

        time = np.asarray(quantile(tail, 0.5, begin))
        time = np.where(some, time, np.where(good, 0.0, np.inf))
        usable = (level >= 0) & (level < 1) & ~np.isnan(waits)
        return np.where(usable, time, np.nan)


def response_cdf(
    time: Numbers, arrival_rates: Numbers, service_rate: Numbers, servers: Numbers
) -> Numbers:
    r"""Probability that a response of each class takes at most ``time``.

    The wait of :func:`wait_cdf` and an exponential service, term by term of the mixture.

    Parameters
    ----------
    time : array_like
        With an axis of classes, of length 1 perhaps, or a scalar. [s]
    arrival_rates, service_rate, servers : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] R. H. Davis, "Waiting-time distribution of a multi-server, priority queuing system",
       Oper. Res. 14, 1966.

    Examples
    --------
    >>> response_cdf(3.0, [1, 1.5], 1, 4).round(6)
    array([0.94227 , 0.908634])
    """
    when, waits, good, law = _law(time, arrival_rates, service_rate, servers)
    pace = np.asarray(service_rate, dtype=float)[..., np.newaxis]
    with np.errstate(all="ignore"):
        share = 1.0 - _stay(when, pace, waits, law)[0]
        share = np.where(good & (when > 0), np.clip(share, 0.0, 1.0), 0.0)
        share = np.where((when == np.inf) & good, 1.0, share)
        return np.where(np.isnan(waits + when), np.nan, share)


def response_quantile(
    p: Numbers, arrival_rates: Numbers, service_rate: Numbers, servers: Numbers
) -> Numbers:
    r"""The response that a share ``p`` of each class does not exceed: :func:`response_cdf`'s root.

    Parameters
    ----------
    p : array_like
        :math:`0 \le p < 1`; with an axis of classes, of length 1 perhaps, or a scalar.
    arrival_rates, service_rate, servers : array_like
        As for :func:`utilization`.

    Returns
    -------
    ndarray
        Seconds, by Newton steps on the logarithm of the tail; ``inf`` where saturated.

    References
    ----------
    .. [1] R. H. Davis, "Waiting-time distribution of a multi-server, priority queuing system",
       Oper. Res. 14, 1966.

    Examples
    --------
    >>> response_quantile(0.95, [1, 1.5], 1, 4).round(6)
    array([3.143834, 3.711455])
    """
    level, waits, good, law = _law(p, arrival_rates, service_rate, servers)
    pace = np.asarray(service_rate, dtype=float)[..., np.newaxis]
    start = np.asarray(mean_response(arrival_rates, service_rate, servers))
    with np.errstate(all="ignore"):
        some = good & (level > 0) & (level < 1)
        beyond = 1.0 - level

        def tail(when: Array) -> tuple[Array, Array]:
            found, slope = _stay(when, pace, waits, law)
            return found / beyond * 0.5, slope / beyond * 0.5

        time = np.asarray(quantile(tail, 0.5, np.where(some, start, np.nan)))
        time = np.where(some, time, np.where(level == 0, 0.0, np.inf))
        usable = (level >= 0) & (level < 1) & ~np.isnan(waits)
        return np.where(usable, time, np.nan)


def _stay(when: Array, pace: Array, waits: Array, law: _Delay) -> tuple[Array, Array]:
    """Survival and density of wait and service together."""
    with np.errstate(all="ignore"):
        # a delay of an exponential time and the service
        longer = law(lambda rate, time: _later(time * pace, rate / pace), when)
        slope = law(lambda rate, time: rate * _later(time * pace, rate / pace), when)
        own = np.exp(-pace * when)
        return own + waits * longer, (1.0 - waits) * pace * own + waits * slope


def _later(x: Array, slack: Array) -> Array:
    """(e^-kx - e^-x) / (1 - k): how much likelier a time of rate k more makes it to exceed x."""
    gap = 1.0 - slack
    z = gap * x
    small = np.abs(z) < 0.5
    near = np.exp(-x) * x * np.where(z == 0, 1.0, np.expm1(z) / np.where(z == 0, 1.0, z))
    far = (np.exp(-slack * x) - np.exp(-x)) / np.where(gap == 0, 1.0, gap)
    return np.where(small, near, far)


def _survival(rate: Array, time: Array) -> Array:
    """P(T > t) of an exponential time."""
    tail: Array = np.exp(-rate * time)
    return tail


def _density(rate: Array, time: Array) -> Array:
    """Density of an exponential time. [1/s]"""
    slope: Array = rate * np.exp(-rate * time)
    return slope


def _within(rate: Array, time: Array) -> Array:
    """P(T <= t) of an exponential time."""
    share: Array = -np.expm1(-rate * time)
    return share


class _Delay:
    """The law of the delay of each class, given that it is delayed."""

    def __init__(self, *parts: Array) -> None:
        self.parts = parts

    def __call__(self, law: delayed_busy_period.Law, when: Array) -> Array:
        return delayed_busy_period.mixture(law, when, *self.parts)


def _law(
    value: Numbers, rates: Numbers, speed: Numbers, servers: Numbers
) -> tuple[Array, Array, NDArray[np.bool_], _Delay]:
    """A time or level in the full shape, shares that wait, which are stable, and the delay."""
    spare, earlier, whole, waits = _spares(rates, speed, servers)
    flow = np.broadcast_to(np.asarray(rates, dtype=float), spare.shape)
    with np.errstate(all="ignore"):
        ahead = priority.before(np.cumsum(flow, axis=-1), 0.0)
    each = priority.grid(value, waits, flow, ahead, spare, earlier, whole)
    good = (each[4] > 0) & ~np.isnan(each[1])
    return each[0], each[1], good, _Delay(*each[2:])


def _spares(rates: Numbers, speed: Numbers, servers: Numbers) -> tuple[Array, Array, Array, Array]:
    """Rates left over by each class and those before it, of all servers; shares that wait."""
    flow, pace, count = priority.stations(rates, speed, servers)
    spare = priority.spare_rates(flow, pace, count)
    with np.errstate(all="ignore"):
        whole = count * pace
        good = priority.valid(flow, pace, count) & (count >= 1) & np.isfinite(whole)
        good = np.broadcast_to(good.all(axis=-1, keepdims=True), flow.shape)
        waits = np.asarray(erlang_c(count, np.sum(flow, axis=-1, keepdims=True) / pace))
        waits = np.where(spare[..., -1:] > 0, waits, 1.0)
        return spare, priority.before(spare, whole), whole, np.where(good, waits, np.nan)
