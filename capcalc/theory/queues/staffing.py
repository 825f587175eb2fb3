"""The inverses of M/M/c: fewest servers, and largest arrival rate, that keep a promise."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import special

from capcalc.theory.arrays import Array, Numbers, broadcast, spare_rate
from capcalc.theory.queues.erlang import log_erlang_c
from capcalc.theory.queues.geometric import ratio_expm1

Mask: TypeAlias = NDArray[np.bool_]
#: Logarithm of what is to be small, by arrival rate, service rate, servers and time.
Tail: TypeAlias = Callable[[Array, Array, Array, Array], Array]

#: Rounds at most in the search for an integer; a bracket is halved at the latest.
_ROUNDS = 200


def servers_for_prob_wait(
    prob_wait: Numbers, arrival_rate: Numbers, service_rate: Numbers
) -> Numbers:
    r"""Fewest servers with which no more than a share ``prob_wait`` of the arrivals waits.

    Certain: :math:`C(c) \le p < C(c - 1)`; some 2.2 evaluations of Erlang's C each.

    Parameters
    ----------
    prob_wait : array_like
        :math:`0 < p < 1`.
    arrival_rate, service_rate : array_like
        :math:`\lambda` of the station, :math:`\mu` of one server. [1/s]

    Returns
    -------
    float or ndarray
        A whole number, 1 where nobody comes.

    References
    ----------
    .. [1] S. Halfin, W. Whitt, "Heavy-traffic limits for queues with many exponential servers",
       Oper. Res. 29(3), 1981 (the start of the search).

    Examples
    --------
    >>> float(servers_for_prob_wait(0.2, 1000.0, 1.0))
    1034.0
    """
    level, rate, speed = broadcast(prob_wait, arrival_rate, service_rate)
    return _fewest(np.log, level, (level > 0) & (level < 1), rate, speed, np.zeros(level.shape))


def servers_for_wait(
    time: Numbers, p: Numbers, arrival_rate: Numbers, service_rate: Numbers
) -> Numbers:
    r"""Fewest servers with which a share ``p`` of the arrivals waits no longer than ``time``.

    .. math:: C(c, a) \, e^{-(c\mu - \lambda) t} \le 1 - p

    Parameters
    ----------
    time : array_like
        :math:`t \ge 0`. [s]
    p : array_like
        :math:`0 < p < 1`, e.g. 0.99.
    arrival_rate, service_rate : array_like
        As for :func:`servers_for_prob_wait`.

    References
    ----------
    .. [1] S. Halfin, W. Whitt, Oper. Res. 29(3), 1981.

    Examples
    --------
    >>> float(servers_for_wait(0.5, 0.99, 9.0, 1.0))
    14.0
    """
    time, level, rate, speed = broadcast(time, p, arrival_rate, service_rate)
    with np.errstate(all="ignore"):
        good = (level > 0) & (level < 1) & (time >= 0) & np.isfinite(time)
        return _fewest(_log_rest, level, good, rate, speed, np.where(good, time, 0.0))


def servers_for_response(
    time: Numbers, p: Numbers, arrival_rate: Numbers, service_rate: Numbers
) -> Numbers:
    r"""Fewest servers with which a share ``p`` of the responses takes no longer than ``time``.

    Parameters
    ----------
    time : array_like
        :math:`t > 0`. [s]
    p : array_like
        :math:`0 < p < 1`, e.g. 0.99.
    arrival_rate, service_rate : array_like
        As for :func:`servers_for_prob_wait`.

    Returns
    -------
    float or ndarray
        ``inf`` where service alone takes longer, so that no number of servers is enough.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 2.3.

    Examples
    --------
    >>> float(servers_for_response(5.0, 0.99, 8.0, 1.0))
    10.0
    """
    time, level, rate, speed = broadcast(time, p, arrival_rate, service_rate)
    with np.errstate(all="ignore"):
        good = (level > 0) & (level < 1) & (time > 0) & np.isfinite(time) & (speed > 0)
        hopeless = good & (-speed * time >= np.log1p(-level))
        some = good & ~hopeless
        found = _fewest(
            _log_rest, level, some, rate, speed, np.where(some, time, 1.0), _log_response
        )
        valid = (rate >= 0) & np.isfinite(rate) & np.isfinite(speed)
        return np.where(hopeless & valid, np.inf, found)[()]


def servers_for_mean_wait(
    mean_wait: Numbers, arrival_rate: Numbers, service_rate: Numbers
) -> Numbers:
    r"""Fewest servers with which the mean wait is no longer than ``mean_wait``.

    Parameters
    ----------
    mean_wait : array_like
        :math:`W_q > 0`. [s]
    arrival_rate, service_rate : array_like
        As for :func:`servers_for_prob_wait`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 3.5.

    Examples
    --------
    >>> float(servers_for_mean_wait(0.1, 9.0, 1.0))
    12.0
    """
    limit, rate, speed = broadcast(mean_wait, arrival_rate, service_rate)
    with np.errstate(all="ignore"):
        good = (limit > 0) & np.isfinite(limit)
        return _fewest(np.log, limit, good, rate, speed, np.zeros(limit.shape), _log_mean_wait)


def arrival_rate_for_prob_wait(
    prob_wait: Numbers, service_rate: Numbers, servers: Numbers
) -> Numbers:
    r"""Largest arrival rate at which no more than a share ``prob_wait`` waits. [1/s]

    Parameters
    ----------
    prob_wait : array_like
        :math:`0 < p < 1`.
    service_rate, servers : array_like
        :math:`\mu` of one server [1/s], and :math:`c \ge 1`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 3.5.

    Examples
    --------
    >>> round(float(arrival_rate_for_prob_wait(0.2661, 1.0, 12)), 4)
    9.0004
    """
    level, speed, count = broadcast(prob_wait, service_rate, servers)
    with np.errstate(all="ignore"):
        good = (level > 0) & (level < 1)
        return _largest(np.log(np.where(good, level, 0.5)), good, speed, count, 0.0, _log_wait)


def arrival_rate_for_wait(
    time: Numbers, p: Numbers, service_rate: Numbers, servers: Numbers
) -> Numbers:
    r"""Largest arrival rate at which a share ``p`` waits no longer than ``time``. [1/s]

    Parameters
    ----------
    time : array_like
        :math:`t \ge 0`. [s]
    p : array_like
        :math:`0 < p < 1`.
    service_rate, servers : array_like
        As for :func:`arrival_rate_for_prob_wait`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 3.5.

    Examples
    --------
    >>> round(float(arrival_rate_for_wait(1.093681, 0.99, 1.0, 12)), 5)
    9.0
    """
    time, level, speed, count = broadcast(time, p, service_rate, servers)
    with np.errstate(all="ignore"):
        good = (level > 0) & (level < 1) & (time >= 0) & np.isfinite(time)
        target = np.log1p(-np.where(good, level, 0.5))
        return _largest(target, good, speed, count, np.where(good, time, 0.0), _log_wait)


def arrival_rate_for_response(
    time: Numbers, p: Numbers, service_rate: Numbers, servers: Numbers
) -> Numbers:
    r"""Largest arrival rate at which a share ``p`` of the responses keeps ``time``. [1/s]

    Parameters
    ----------
    time : array_like
        :math:`t > 0`. [s]
    p : array_like
        :math:`0 < p < 1`.
    service_rate, servers : array_like
        As for :func:`arrival_rate_for_prob_wait`.

    Returns
    -------
    float or ndarray
        0 where service alone takes longer.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 2.3.

    Examples
    --------
    >>> round(float(arrival_rate_for_response(4.9461094, 0.99, 1.0, 10)), 5)
    8.0
    """
    time, level, speed, count = broadcast(time, p, service_rate, servers)
    with np.errstate(all="ignore"):
        good = (level > 0) & (level < 1) & (time > 0) & np.isfinite(time)
        target = np.log1p(-np.where(good, level, 0.5))
        hopeless = good & (-speed * time >= target)
        held = np.where(good, time, 1.0)
        found = _largest(target, good & ~hopeless, speed, count, held, _log_response)
        valid = (speed > 0) & (count >= 1) & np.isfinite(speed + count)
        return np.where(hopeless & valid, 0.0, found)[()]


def arrival_rate_for_mean_response(
    mean_response: Numbers, service_rate: Numbers, servers: Numbers
) -> Numbers:
    r"""Largest arrival rate at which the mean response is no longer than given. [1/s]

    Parameters
    ----------
    mean_response : array_like
        :math:`W`. [s]
    service_rate, servers : array_like
        As for :func:`arrival_rate_for_prob_wait`.

    Returns
    -------
    float or ndarray
        0 where service alone takes longer.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 3.5.

    Examples
    --------
    >>> round(float(arrival_rate_for_mean_response(0.5, 10.0, 1)), 10)
    8.0
    """
    limit, speed, count = broadcast(mean_response, service_rate, servers)
    with np.errstate(all="ignore"):
        wait = limit - 1.0 / speed
        good = (wait > 0) & np.isfinite(limit)
        target = np.log(np.where(good, wait, 1.0))
        found = _largest(target, good, speed, count, 0.0, _log_mean_wait)
        valid = (speed > 0) & (count >= 1) & np.isfinite(speed + count) & (limit > 0)
        return np.where(valid & (wait <= 0), 0.0, found)[()]


def _log_rest(level: Array) -> Array:
    return np.asarray(np.log1p(-level))


def _log_wait(rate: Array, speed: Array, servers: Array, time: Array) -> Array:
    """The logarithm of P(W > t)."""
    beyond = np.asarray(log_erlang_c(servers, rate / speed))
    return beyond - spare_rate(rate, speed, servers) * time


def _log_mean_wait(rate: Array, speed: Array, servers: Array, _: Array) -> Array:
    waits = np.asarray(log_erlang_c(servers, rate / speed))
    return waits - np.log(spare_rate(rate, speed, servers))


def _log_response(rate: Array, speed: Array, servers: Array, time: Array) -> Array:
    """The logarithm of P(T > t), :math:`-x + ln(1 + C x phi((1 - k) x))`."""
    waits = np.asarray(log_erlang_c(servers, rate / speed))
    x, slack = speed * time, spare_rate(rate, speed, servers) / speed
    z = (1.0 - slack) * x
    high = z > 30.0
    near = np.log1p(np.exp(waits) * x * ratio_expm1(np.where(high, 0.0, z)))
    far = np.logaddexp(0.0, waits + z + np.log(x / np.where(high, z, 1.0)))
    return np.where(high, far, near) - x


def _fewest(
    logarithm: Callable[[Array], Array],
    level: Array,
    good: Mask,
    rate: Array,
    speed: Array,
    time: Array,
    tail: Tail = _log_wait,
) -> Numbers:
    with np.errstate(all="ignore"):
        valid = good & (rate >= 0) & (speed > 0) & np.isfinite(rate) & np.isfinite(speed)
        result = np.where(valid, 1.0, np.nan)
        some = valid & (rate > 0)
        if some.any():
            target = logarithm(level[some])
            result[some] = _search(target, rate[some], speed[some], time[some], tail)
    return result[()]


def _start(target: Array, load: Array, pace: Array) -> Array:
    """Servers by the square root rule: Newton on the logarithm of its delay probability."""
    root = np.sqrt(load)
    beta = np.where(target > -2, 1.0, np.sqrt(-2.0 * np.minimum(target, -2.0)))
    for _ in range(4):
        hazard = np.exp(-0.5 * beta * beta - special.log_ndtr(beta)) / np.sqrt(2 * np.pi)
        delay = 1.0 / (1.0 + beta / hazard)
        value = np.log(delay) - beta * root * pace - target
        slope = -(1.0 - delay) * (1.0 / beta + beta + hazard) - root * pace
        beta = np.maximum(beta - value / slope, 0.05 * beta)
    return np.asarray(load + beta * root + np.minimum(1.0, beta * beta / 6.0) / 2.0)


def _search(
    target: Array,
    rate: Array,
    speed: Array,
    time: Array,
    tail: Tail,
) -> Array:
    """Smallest integer whose tail is at most the target: one that is, and the one below is not."""
    load = rate / speed
    low = np.floor(load)  # saturated, or as good as: never enough
    low = np.where(spare_rate(rate, speed, low) > 0, low - 1.0, low)
    low = np.where(spare_rate(rate, speed, low + 1.0) > 0, low, low + 1.0)
    high = np.full(load.shape, np.inf)
    guess = np.maximum(np.ceil(_start(target, load, speed * time)), low + 1.0)
    slope = np.zeros(load.shape)
    last, value_there = np.full(load.shape, np.nan), np.full(load.shape, np.nan)
    moving = np.arange(load.size)
    for turn in range(_ROUNDS):
        here = guess[moving]
        value = tail(rate[moving], speed[moving], here, time[moving])
        enough = value <= target[moving]
        high[moving] = np.where(enough, here, high[moving])
        low[moving] = np.where(enough, low[moving], here)
        by_secant = (value - value_there[moving]) / (here - last[moving])
        model = -np.log((here + 1.0) / load[moving]) - 0.5 / np.sqrt(load[moving])
        model = model - speed[moving] * time[moving]
        slope[moving] = np.where(np.isfinite(by_secant) & (by_secant < 0), by_secant, model)
        last[moving], value_there[moving] = here, value
        moving = moving[high[moving] - low[moving] > 1.0]
        if moving.size == 0:
            break
        guess[moving] = _next(
            last[moving], value_there[moving] - target[moving], slope[moving],
            low[moving], high[moving], turn,
        )  # fmt: skip
    return high


def _next(here: Array, miss: Array, slope: Array, low: Array, high: Array, turn: int) -> Array:
    """The next integer to try: the one below a success that should fail, or one that should do."""
    root = here - miss / slope
    after = np.where(miss <= 0, np.minimum(np.ceil(root) - 1.0, here - 1.0), np.ceil(root))
    after = np.where(np.isfinite(after), after, here + 1.0)
    bounded = np.isfinite(high)
    middle = np.floor(0.5 * (low + np.where(bounded, high, 2.0 * here + 2.0)))
    if turn > 6:  # the model is wrong here: halve, or double
        after = np.where(bounded, middle, 2.0 * here + 1.0)
    return np.clip(after, low + 1.0, np.where(bounded, high - 1.0, np.inf))


def _largest(
    target: Array,
    good: Mask,
    speed: Array,
    servers: Array,
    time: Numbers,
    tail: Tail,
) -> Numbers:
    """The rate at which the tail is the target, in the logit of the utilization."""
    from scipy.optimize import elementwise

    with np.errstate(all="ignore"):
        valid = good & (speed > 0) & (servers >= 1) & np.isfinite(speed) & np.isfinite(servers)
        goal, pace, count, held = (
            np.broadcast_to(each, valid.shape)[valid] for each in (target, speed, servers, time)
        )

        def miss(logit: Array, goal: Array, pace: Array, count: Array, held: Array) -> Array:
            rate = count * pace * special.expit(logit)
            return np.asarray(tail(rate, pace, count, held) - goal)

        found = np.full(valid.shape, np.nan)
        if goal.size:
            ends = (np.full(goal.shape, -700.0), np.full(goal.shape, 34.0))
            solved = elementwise.find_root(miss, ends, args=(goal, pace, count, held))
            logit = np.where(solved.success, solved.x, 34.0)
            found[valid] = count * pace * special.expit(logit)
    return found[()]
