"""M/M/c: Poisson arrivals, exponential service, c identical servers, one FCFS queue."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from capcalc.theory.arrays import Array, Numbers, broadcast, spare_rate
from capcalc.theory.queues.erlang import erlang_c


def utilization(arrival_rate: Numbers, service_rate: Numbers, servers: Numbers) -> Numbers:
    r"""Share of servers that are busy, :math:`\rho = \lambda / (c\mu)`; above 1 when saturated.

    Parameters
    ----------
    arrival_rate, service_rate : array_like
        :math:`\lambda` of the station, :math:`\mu` of one server. [1/s]
    servers : array_like
        :math:`c \ge 1`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 2.1.

    Examples
    --------
    >>> float(utilization(9, 1, 12))
    0.75
    """
    rate, speed, count = broadcast(arrival_rate, service_rate, servers)
    with np.errstate(all="ignore"):
        return np.where(_valid(rate, speed, count), rate / (count * speed), np.nan)[()]


def prob_wait(arrival_rate: Numbers, service_rate: Numbers, servers: Numbers) -> Numbers:
    r"""Share of arrivals that wait, Erlang's :math:`C(c, \lambda/\mu)`; 1 when saturated.

    Parameters
    ----------
    arrival_rate, service_rate, servers : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 3.5.

    Examples
    --------
    >>> round(float(prob_wait(9, 1, 12)), 6)
    0.266035
    """
    rate, speed, count = broadcast(arrival_rate, service_rate, servers)
    with np.errstate(all="ignore"):
        waits = np.asarray(erlang_c(count, rate / speed))
        waits = np.where(spare_rate(rate, speed, count) > 0, waits, 1.0)
        return np.where(_valid(rate, speed, count), waits, np.nan)[()]


def waiting(
    arrival_rate: Numbers, service_rate: Numbers, servers: Numbers
) -> tuple[Numbers, Numbers]:
    r"""Share of arrivals that wait and mean wait at once, for half the work of both.

    Parameters
    ----------
    arrival_rate, service_rate, servers : array_like
        As for :func:`utilization`.

    Returns
    -------
    tuple of float or ndarray
        Exactly :func:`prob_wait` and :func:`mean_wait`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 3.5.

    Examples
    --------
    >>> [round(float(each), 6) for each in waiting(9, 1, 12)]
    [0.266035, 0.088678]
    """
    rate, speed, count = broadcast(arrival_rate, service_rate, servers)
    share = prob_wait(rate, speed, count)
    return share, _mean_of(np.asarray(share), rate, speed, count)


def _mean_of(share: Array, rate: Array, speed: Array, count: Array) -> Numbers:
    """The mean wait that follows from the share that waits."""
    spare = spare_rate(rate, speed, count)
    with np.errstate(all="ignore"):
        wait = np.where(spare > 0, share / spare, np.inf)
        return np.where(_valid(rate, speed, count), wait, np.nan)[()]


def mean_wait(arrival_rate: Numbers, service_rate: Numbers, servers: Numbers) -> Numbers:
    r"""Mean time from arrival to the start of service, :math:`W_q`.

    .. math:: W_q = \frac{C(c, a)}{c\mu - \lambda}, \qquad a = \lambda / \mu

    Parameters
    ----------
    arrival_rate, service_rate, servers : array_like
        As for :func:`utilization`.

    Returns
    -------
    float or ndarray
        Seconds; ``inf`` where saturated (:math:`\lambda \ge c\mu`, without rounding).

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 3.5.

    Examples
    --------
    >>> mean_wait(np.array([10, 13, 14]), service_rate=1, servers=14).round(3)
    array([0.044, 0.714,   inf])
    """
    return waiting(arrival_rate, service_rate, servers)[1]


def mean_response(arrival_rate: Numbers, service_rate: Numbers, servers: Numbers) -> Numbers:
    r"""Mean time from arrival to departure, :math:`W = W_q + 1/\mu`. [s]

    Parameters
    ----------
    arrival_rate, service_rate, servers : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 3.5.

    Examples
    --------
    >>> round(float(mean_response(9, 1, 12)), 6)
    1.088678
    """
    with np.errstate(all="ignore"):
        own = 1.0 / np.asarray(service_rate, float)
    return np.add(mean_wait(arrival_rate, service_rate, servers), own)[()]


def mean_queue_length(arrival_rate: Numbers, service_rate: Numbers, servers: Numbers) -> Numbers:
    r"""Mean number waiting, :math:`L_q = \lambda W_q` (Little).

    Parameters
    ----------
    arrival_rate, service_rate, servers : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] J. D. C. Little, "A proof for the queuing formula L = lambda W", Oper. Res. 9, 1961.

    Examples
    --------
    >>> round(float(mean_queue_length(9, 1, 12)), 6)
    0.798104
    """
    return held(arrival_rate, mean_wait(arrival_rate, service_rate, servers))


def mean_number(arrival_rate: Numbers, service_rate: Numbers, servers: Numbers) -> Numbers:
    r"""Mean number waiting or served, :math:`L = \lambda W` (Little).

    Parameters
    ----------
    arrival_rate, service_rate, servers : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] J. D. C. Little, "A proof for the queuing formula L = lambda W", Oper. Res. 9, 1961.

    Examples
    --------
    >>> round(float(mean_number(9, 1, 12)), 6)
    9.798104
    """
    return held(arrival_rate, mean_response(arrival_rate, service_rate, servers))


def wait_cdf(
    time: Numbers, arrival_rate: Numbers, service_rate: Numbers, servers: Numbers
) -> Numbers:
    r"""Probability that an arrival waits at most ``time``.

    .. math:: P(W_q \le t) = 1 - C(c, a)\, e^{-(c\mu - \lambda) t}

    Parameters
    ----------
    time : array_like
        :math:`t`. [s]
    arrival_rate, service_rate, servers : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 3.5.

    Examples
    --------
    >>> round(float(wait_cdf(0.5, 9, 1, 12)), 6)
    0.94064
    """
    time, rate, speed, count = broadcast(time, arrival_rate, service_rate, servers)
    spare = spare_rate(rate, speed, count)
    with np.errstate(all="ignore"):
        within = 1.0 - prob_wait(rate, speed, count) * np.exp(-spare * time)
        within = np.where(time < 0, 0.0, np.where(spare > 0, within, 0.0))
        return np.where(_valid(rate, speed, count) & ~np.isnan(time), within, np.nan)[()]


def wait_quantile(
    p: Numbers, arrival_rate: Numbers, service_rate: Numbers, servers: Numbers
) -> Numbers:
    r"""The wait that a share ``p`` of all arrivals does not exceed; 0 up to :math:`1 - C`.

    .. math:: t_p = \max\left(0, \frac{\ln(C / (1 - p))}{c\mu - \lambda}\right)

    Parameters
    ----------
    p : array_like
        :math:`0 \le p < 1`.
    arrival_rate, service_rate, servers : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 3.5.

    Examples
    --------
    >>> round(float(wait_quantile(0.99, 9, 1, 12)), 6)
    1.093681
    """
    p, rate, speed, count = broadcast(p, arrival_rate, service_rate, servers)
    spare = spare_rate(rate, speed, count)
    with np.errstate(all="ignore"):
        time = np.log(prob_wait(rate, speed, count) / (1.0 - p)) / spare
        time = np.where(spare > 0, np.maximum(time, 0.0), np.inf)
        good = _valid(rate, speed, count) & (p >= 0) & (p < 1)
        return np.where(good, time, np.nan)[()]


def response_cdf(
    time: Numbers, arrival_rate: Numbers, service_rate: Numbers, servers: Numbers
) -> Numbers:
    r"""Probability that a response takes at most ``time``.

    .. math:: P(T > t) = e^{-x} (1 + C x \varphi((1 - k) x)), \quad x = \mu t,
              \quad k = c - a, \quad \varphi(z) = (e^z - 1) / z

    This form has no singularity at :math:`k = 1`.

    Parameters
    ----------
    time : array_like
        :math:`t`. [s]
    arrival_rate, service_rate, servers : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 2.3 (rearranged).

    Examples
    --------
    >>> round(float(response_cdf(1.0, 9, 1, 12)), 6)
    0.589809
    """
    time, rate, speed, count = broadcast(time, arrival_rate, service_rate, servers)
    spare = spare_rate(rate, speed, count)
    with np.errstate(all="ignore"):
        beyond = _survival(time * speed, spare / speed, np.asarray(prob_wait(rate, speed, count)))
        within = np.where(time <= 0, 0.0, np.where(spare > 0, 1.0 - beyond, 0.0))
        return np.where(_valid(rate, speed, count) & ~np.isnan(time), within, np.nan)[()]


def response_quantile(
    p: Numbers, arrival_rate: Numbers, service_rate: Numbers, servers: Numbers
) -> Numbers:
    r"""The response that a share ``p`` does not exceed, the root of :func:`response_cdf`.

    Parameters
    ----------
    p : array_like
        :math:`0 \le p < 1`.
    arrival_rate, service_rate, servers : array_like
        As for :func:`utilization`.

    Returns
    -------
    float or ndarray
        Seconds, by safeguarded Newton steps on the logarithm of the tail; ``inf`` where
        saturated.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 2.3.

    Examples
    --------
    >>> round(float(response_quantile(0.99, arrival_rate=8, service_rate=1, servers=10)), 5)
    4.94611
    """
    p, rate, speed, count = broadcast(p, arrival_rate, service_rate, servers)
    spare = spare_rate(rate, speed, count)
    with np.errstate(all="ignore"):
        good = _valid(rate, speed, count) & (p >= 0) & (p < 1)
        stable = good & (spare > 0)
        time = np.where(good, np.inf, np.nan)
        waits = np.asarray(prob_wait(rate[stable], speed[stable], count[stable]))
        x = _root(p[stable], spare[stable] / speed[stable], waits)
        time[stable] = x / speed[stable]
    return time[()]


def _valid(rate: Array, speed: Array, count: Array) -> NDArray[np.bool_]:
    valid: NDArray[np.bool_] = (
        (rate >= 0) & (speed > 0) & (count >= 1) & np.isfinite(rate * 0 + count * 0)
    )
    return valid


def held(rate: Numbers, time: Numbers) -> Numbers:
    r"""Mean number held, :math:`L = \lambda W` (Little); nothing where nothing comes.

    Parameters
    ----------
    rate : array_like
        :math:`\lambda`. [1/s]
    time : array_like
        :math:`W`, mean time that each stays. [s]

    References
    ----------
    .. [1] J. D. C. Little, "A proof for the queuing formula L = lambda W", Oper. Res. 9, 1961.

    Examples
    --------
    >>> held(np.array([0.0, 2.0]), np.inf)
    array([ 0., inf])
    """
    with np.errstate(invalid="ignore"):
        held = np.multiply(rate, time)
    return np.where((np.asarray(rate) == 0) & ~np.isnan(time), 0.0, held)[()]


def _survival(x: Array, slack: Array, waits: Array) -> Array:
    """P(mu T > x) for slack c - a and probability of waiting."""
    return np.exp(-x) + waits * _delayed(x, slack)


def _delayed(x: Array, slack: Array) -> Array:
    """e^-x x phi((1 - k) x) = (e^-kx - e^-x) / (1 - k), without overflow or cancellation."""
    gap = 1.0 - slack
    z = gap * x
    small = np.abs(z) < 0.5
    near = np.exp(-x) * x * np.where(z == 0, 1.0, np.expm1(z) / np.where(z == 0, 1.0, z))
    far = (np.exp(-slack * x) - np.exp(-x)) / np.where(gap == 0, 1.0, gap)
    return np.where(small, near, far)


def _root(p: Array, slack: Array, waits: Array) -> Array:
    """Newton on ln P(mu T > x) = ln(1 - p) in a bracket that shrinks; settled elements stay."""
    target = np.log1p(-p)
    low = -target  # service alone
    high = low + np.maximum(0.0, -target + np.log1p(waits)) / np.minimum(slack, 1.0) + 1.0 / slack
    x = low + waits / slack
    moving = np.ones(x.shape, dtype=bool)
    for _ in range(80):
        tail = _survival(x, slack, waits)
        # -d/dx of the tail: e^-x + C (k e^-kx - e^-x) / (1 - k)
        slope = np.exp(-x) + waits * (slack * _delayed(x, slack) - np.exp(-x))
        miss = np.log(tail) - target
        low, high = np.where(miss > 0, x, low), np.where(miss > 0, high, x)
        newton = x + miss * tail / slope
        inside = (newton > low) & (newton < high)
        after = np.where(inside, newton, 0.5 * (low + high))
        step = np.where(inside, np.abs(after - x), np.minimum(np.abs(newton - x), high - low))
        x = np.where(moving & (inside | (step > 4e-16 * x)), after, x)
        moving &= step > 4e-16 * x
        if not moving.any():
            break
    return np.where(p == 0, 0.0, x)
