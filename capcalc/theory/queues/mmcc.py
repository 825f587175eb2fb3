"""M/M/c/c, Erlang's loss station: who finds all servers busy is lost; any law of service."""

from __future__ import annotations

import numpy as np
from scipy import special

from capcalc.theory.arrays import Array, Numbers, broadcast
from capcalc.theory.queues import erlang

#: Newton steps and halvings at most.
_STEPS = 200


def utilization(arrival_rate: Numbers, service_rate: Numbers, servers: Numbers) -> Numbers:
    r"""Share of servers that are busy with what is accepted, :math:`a (1 - B) / c`.

    Parameters
    ----------
    arrival_rate, service_rate : array_like
        :math:`\lambda` that come, :math:`\mu` of one server. [1/s]
    servers : array_like
        :math:`c > 0`; need not be a whole number.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 2.5.

    Examples
    --------
    >>> round(float(utilization(16, 1, 20)), 6)
    0.748471
    """
    rate, speed, count = broadcast(arrival_rate, service_rate, servers)
    with np.errstate(all="ignore"):
        value = _carried(rate / speed, count) / count
        return _valid(rate, speed, count, value)


def throughput(arrival_rate: Numbers, service_rate: Numbers, servers: Numbers) -> Numbers:
    r"""Arrivals that are accepted, :math:`X = \lambda (1 - B)`. [1/s]

    Parameters
    ----------
    arrival_rate, service_rate, servers : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 2.5.

    Examples
    --------
    >>> round(float(throughput(16, 1, 20)), 6)
    14.969425
    """
    rate, speed, count = broadcast(arrival_rate, service_rate, servers)
    with np.errstate(all="ignore"):
        value = _carried(rate / speed, count) * speed
        return _valid(rate, speed, count, value)


def prob_loss(arrival_rate: Numbers, service_rate: Numbers, servers: Numbers) -> Numbers:
    r"""Share of arrivals that find all servers busy, Erlang's :math:`B(c, \lambda/\mu)`.

    Parameters
    ----------
    arrival_rate, service_rate, servers : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 2.5.

    Examples
    --------
    >>> round(float(prob_loss(16, 1, 20)), 6)
    0.064411
    """
    rate, speed, count = broadcast(arrival_rate, service_rate, servers)
    with np.errstate(all="ignore"):
        value = np.asarray(erlang.erlang_b(count, rate / speed))
        return _valid(rate, speed, count, value)


def mean_number(arrival_rate: Numbers, service_rate: Numbers, servers: Numbers) -> Numbers:
    r"""Mean number served, :math:`L = a (1 - B)`.

    Parameters
    ----------
    arrival_rate, service_rate, servers : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 2.5.

    Examples
    --------
    >>> round(float(mean_number(16, 1, 20)), 6)
    14.969425
    """
    rate, speed, count = broadcast(arrival_rate, service_rate, servers)
    with np.errstate(all="ignore"):
        value = _carried(rate / speed, count)
        return _valid(rate, speed, count, value)


def mean_response(arrival_rate: Numbers, service_rate: Numbers, servers: Numbers) -> Numbers:
    r"""Mean time of the accepted arrivals, :math:`1 / \mu`: nobody waits. [s]

    Parameters
    ----------
    arrival_rate, service_rate, servers : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 2.5.

    Examples
    --------
    >>> float(mean_response(16, 2, 20))
    0.5
    """
    rate, speed, count = broadcast(arrival_rate, service_rate, servers)
    with np.errstate(all="ignore"):
        value = 1.0 / speed
        return _valid(rate, speed, count, value)


def response_cdf(
    time: Numbers, arrival_rate: Numbers, service_rate: Numbers, servers: Numbers
) -> Numbers:
    r"""Probability that an accepted arrival is answered within ``time``, :math:`1 - e^{-\mu t}`.

    Parameters
    ----------
    time : array_like
        [s]
    arrival_rate, service_rate, servers : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 2.5.

    Examples
    --------
    >>> round(float(response_cdf(1.0, 16, 1, 20)), 6)
    0.632121
    """
    time, rate, speed, count = broadcast(time, arrival_rate, service_rate, servers)
    with np.errstate(all="ignore"):
        within = np.where(time < 0, 0.0, -np.expm1(-speed * time))
        return _valid(rate, speed, count, within)


def response_quantile(
    p: Numbers, arrival_rate: Numbers, service_rate: Numbers, servers: Numbers
) -> Numbers:
    r"""The time within which a share ``p`` of the accepted arrivals is answered. [s]

    Parameters
    ----------
    p : array_like
        :math:`0 \le p < 1`.
    arrival_rate, service_rate, servers : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 2.5.

    Examples
    --------
    >>> round(float(response_quantile(0.5, 16, 1, 20)), 6)
    0.693147
    """
    level, rate, speed, count = broadcast(p, arrival_rate, service_rate, servers)
    with np.errstate(all="ignore"):
        time = np.where((level >= 0) & (level < 1), -np.log1p(-level) / speed, np.nan)
        return _valid(rate, speed, count, time)


def offered_load(prob_loss: Numbers, servers: Numbers) -> Numbers:
    r"""The load of which a share ``prob_loss`` is lost, the inverse of Erlang's B in erlangs.

    Newton steps in :math:`\ln a` on :math:`\ln B`, which is concave there, so that they only
    ever fall short: :math:`d \ln B / d \ln a = c - a (1 - B)`.

    Parameters
    ----------
    prob_loss : array_like
        :math:`0 < B < 1`.
    servers : array_like
        :math:`c > 0`.

    References
    ----------
    .. [1] D. L. Jagerman, "Methods in traffic calculations", AT&T Bell Lab. Tech. J. 63(7),
       1984.

    Examples
    --------
    >>> round(float(offered_load(0.005, 40)), 8)
    27.38181447
    """
    level, count = broadcast(prob_loss, servers)
    shape, level, count = level.shape, level.ravel(), count.ravel()
    with np.errstate(all="ignore"):
        good = (level > 0) & (level < 1) & (count > 0) & np.isfinite(count)
        result = np.full(level.size, np.nan)
        result[good] = np.exp(_log_load(level[good], count[good]))
    return result.reshape(shape)[()]


def _log_load(level: Array, count: Array) -> Array:
    target = np.log(level)
    above = target > np.asarray(erlang.log_erlang_b(count, count))
    x = np.where(above, np.log(count) - np.log1p(-level), np.log(count))
    least = (target + special.gammaln(count + 1.0)) / count  # as B <= a^c / c!
    moving = np.arange(x.size)
    for _ in range(_STEPS):
        c, load = count[moving], np.exp(x[moving])
        logged = np.asarray(erlang.log_erlang_b(c, load))
        slope = c - np.asarray(_carried(load, c))
        step = np.where(load > 0, (target[moving] - logged) / slope, 0.0)
        x[moving] = np.maximum(x[moving] + step, least[moving])
        moving = moving[np.abs(step) > 2e-15]
        if moving.size == 0:
            break
    return x


def fewest_servers(prob_loss: Numbers, offered_load: Numbers) -> Numbers:
    r"""Fewest servers that lose no more than a share ``prob_loss``.

    By doubling and halving; each answer c is certain: :math:`B(c) \le p < B(c - 1)`.

    Parameters
    ----------
    prob_loss : array_like
        :math:`0 < p < 1`.
    offered_load : array_like
        :math:`a \ge 0`, in erlangs.

    Returns
    -------
    float or ndarray
        A whole number, 0 where nothing is offered.

    References
    ----------
    .. [1] A. A. Jagers, E. A. van Doorn, "On the continued Erlang loss function", Oper. Res.
       Lett. 5(1), 1986 (B falls in c).

    Examples
    --------
    >>> float(fewest_servers(0.01, 16.0))
    25.0
    """
    level, load = broadcast(prob_loss, offered_load)
    with np.errstate(all="ignore"):
        good = (level > 0) & (level < 1) & (load >= 0) & np.isfinite(load)
        target = np.log(np.where(good, level, 0.5))
        load = np.where(good, load, 0.0)
        low, high = np.zeros(load.shape), np.ceil(load) + 1.0
        for _ in range(_STEPS):
            short = np.asarray(erlang.log_erlang_b(high, load)) > target
            if not short.any():
                break
            low, high = np.where(short, high, low), np.where(short, 2.0 * high, high)
        while True:
            middle = np.floor(low + 0.5 * (high - low))
            # beyond 2^53 the neighbours of a float are more than 1 away
            if not np.any((high - low > 1.0) & (middle > low) & (middle < high)):
                break
            enough = np.asarray(erlang.log_erlang_b(np.maximum(middle, 1.0), load)) <= target
            enough &= middle > 0
            low, high = np.where(enough, low, middle), np.where(enough, middle, high)
        return np.where(good, np.where(load == 0, 0.0, high), np.nan)[()]


def _carried(load: Array, servers: Array) -> Array:
    """Busy servers, a (1 - B), precise where nearly all is lost as where nothing is."""
    ratio = np.asarray(erlang.carried_to_lost(servers, load))
    return np.where(np.isinf(ratio), load, load * (ratio / (1.0 + ratio)))


def _valid(rate: Array, speed: Array, servers: Array, value: Array) -> Numbers:
    good = (rate >= 0) & (speed > 0) & (servers > 0) & np.isfinite(rate + speed + servers)
    return np.where(good, value, np.nan)[()]
