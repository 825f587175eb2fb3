"""M/M/c/K: c servers, K places in all; who comes when all are taken is lost."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from capcalc.theory.arrays import Array, Numbers, broadcast, spare_rate
from capcalc.theory.distributions import inversion
from capcalc.theory.queues import geometric, poisson
from capcalc.theory.queues.erlang import carried_to_lost, erlang_b, log_erlang_b

#: Waiting places up to which distributions are given.
MOST_WAITING = 1e6


class _Parts(NamedTuple):
    """What all questions are made of; sums are over the probability of c busy servers.

    All are scaled by the same factor, so that neither few nor many arrivals overflow.
    """

    rate: Array
    speed: Array
    servers: Array
    room: Array  # m = K - c
    ratio: Array  # rho
    missing: Array  # 1 - rho
    idle: Array  # states below c and c itself: 1 / B
    waiting: Array  # rho + ... + rho^m
    waited: Array  # 1 + ... + rho^(m-1): accepted arrivals that wait
    weighted: Array  # rho + 2 rho^2 + ... + m rho^m
    last: Array  # rho^m
    accepted: Array  # all states but the last
    valid: NDArray[np.bool_]


def utilization(
    arrival_rate: Numbers, service_rate: Numbers, servers: Numbers, capacity: Numbers
) -> Numbers:
    r"""Share of servers that are busy with what is accepted, :math:`X / (c\mu)`.

    Parameters
    ----------
    arrival_rate, service_rate : array_like
        :math:`\lambda` that come, :math:`\mu` of one server. [1/s]
    servers : array_like
        :math:`c \ge 1`.
    capacity : array_like
        :math:`K \ge c`, places with those in service, a whole number.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 2.4.

    Examples
    --------
    >>> round(float(utilization(50, 10, 4, 6)), 6)
    0.883071
    """
    rate, speed, count, room = broadcast(arrival_rate, service_rate, servers, capacity)
    with np.errstate(all="ignore"):
        return np.divide(throughput(rate, speed, count, room), count * speed)[()]


def throughput(
    arrival_rate: Numbers, service_rate: Numbers, servers: Numbers, capacity: Numbers
) -> Numbers:
    r"""Arrivals that are accepted, :math:`X = \lambda (1 - p_K)`. [1/s]

    Parameters
    ----------
    arrival_rate, service_rate, servers, capacity : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 2.4.

    Examples
    --------
    >>> round(float(throughput(50, 10, 4, 6)), 6)
    35.32285
    """
    parts = _parts(arrival_rate, service_rate, servers, capacity)
    with np.errstate(all="ignore"):
        share = parts.accepted / (parts.idle + parts.waiting)
        return _answer(parts, np.where(parts.rate == 0, 0.0, parts.rate * share))


def prob_loss(
    arrival_rate: Numbers, service_rate: Numbers, servers: Numbers, capacity: Numbers
) -> Numbers:
    r"""Share of arrivals that find all places taken.

    .. math:: p_K = \frac{\rho^{K-c}}{1/B(c, a) + \rho + \dots + \rho^{K-c}}

    Parameters
    ----------
    arrival_rate, service_rate, servers, capacity : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 2.4.

    Examples
    --------
    >>> round(float(prob_loss(50, 10, 4, 6)), 6)
    0.293543
    """
    parts = _parts(arrival_rate, service_rate, servers, capacity)
    with np.errstate(all="ignore"):
        return _answer(parts, parts.last / (parts.idle + parts.waiting))


def prob_wait(
    arrival_rate: Numbers, service_rate: Numbers, servers: Numbers, capacity: Numbers
) -> Numbers:
    r"""Share of the accepted arrivals that find all servers busy.

    Parameters
    ----------
    arrival_rate, service_rate, servers, capacity : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 2.4.

    Examples
    --------
    >>> round(float(prob_wait(50, 10, 4, 6)), 6)
    0.598341
    """
    parts = _parts(arrival_rate, service_rate, servers, capacity)
    with np.errstate(all="ignore"):
        return _answer(parts, parts.waited / parts.accepted)


def prob_empty(
    arrival_rate: Numbers, service_rate: Numbers, servers: Numbers, capacity: Numbers
) -> Numbers:
    r"""Probability that nobody is there, :math:`p_0 = p_c \, c! / a^c`.

    Parameters
    ----------
    arrival_rate, service_rate, servers, capacity : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 2.4.

    Examples
    --------
    >>> round(float(prob_empty(50, 10, 4, 6)), 6)
    0.007214
    """
    parts = _parts(arrival_rate, service_rate, servers, capacity)
    with np.errstate(all="ignore"):
        load = parts.rate / parts.speed
        lost = np.asarray(erlang_b(parts.servers, load))
        # all servers free, of the states without waiting: M/M/infinity's e^-a over what these
        # states hold there; from Erlang's B down where e^-a is out of range
        held = special.gammaincc(parts.servers + 1.0, np.minimum(load, 700.0))
        full = parts.servers * np.log(load) - special.gammaln(parts.servers + 1.0)
        least = np.exp(np.asarray(log_erlang_b(parts.servers, load)) - full)
        free = np.where(load > 700.0, least, np.exp(-load) / held)
        top = np.exp(-parts.room * geometric.log_ratio(parts.ratio, parts.missing))
        scale = np.where(parts.missing < 0, top / lost, 1.0)
        return _answer(parts, free * scale / (parts.idle + parts.waiting))


def mean_wait(
    arrival_rate: Numbers, service_rate: Numbers, servers: Numbers, capacity: Numbers
) -> Numbers:
    r"""Mean wait of the accepted arrivals, :math:`W_q = L_q / X`. [s]

    Parameters
    ----------
    arrival_rate, service_rate, servers, capacity : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 2.4.

    Examples
    --------
    >>> round(float(mean_wait(50, 10, 4, 6)), 8)
    0.0232688
    """
    parts = _parts(arrival_rate, service_rate, servers, capacity)
    with np.errstate(all="ignore"):
        # weighted / rate = (1 + 2 rho + ...) / (c mu), which is there for no arrivals, too
        wait = parts.weighted / (parts.accepted * parts.rate)
        return _answer(parts, np.where(parts.rate == 0, 0.0, wait))


def mean_response(
    arrival_rate: Numbers, service_rate: Numbers, servers: Numbers, capacity: Numbers
) -> Numbers:
    r"""Mean time of the accepted arrivals, :math:`W = W_q + 1/\mu`. [s]

    Parameters
    ----------
    arrival_rate, service_rate, servers, capacity : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 2.4.

    Examples
    --------
    >>> round(float(mean_response(50, 10, 4, 6)), 8)
    0.1232688
    """
    with np.errstate(all="ignore"):
        own = 1.0 / np.asarray(service_rate, dtype=float)
    return np.add(mean_wait(arrival_rate, service_rate, servers, capacity), own)[()]


def mean_queue_length(
    arrival_rate: Numbers, service_rate: Numbers, servers: Numbers, capacity: Numbers
) -> Numbers:
    r"""Mean number waiting, :math:`L_q`.

    Parameters
    ----------
    arrival_rate, service_rate, servers, capacity : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 2.4.

    Examples
    --------
    >>> round(float(mean_queue_length(50, 10, 4, 6)), 6)
    0.82192
    """
    parts = _parts(arrival_rate, service_rate, servers, capacity)
    with np.errstate(all="ignore"):
        return _answer(parts, parts.weighted / (parts.idle + parts.waiting))


def mean_number(
    arrival_rate: Numbers, service_rate: Numbers, servers: Numbers, capacity: Numbers
) -> Numbers:
    r"""Mean number waiting or served, :math:`L = L_q + X/\mu`.

    Parameters
    ----------
    arrival_rate, service_rate, servers, capacity : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 2.4.

    Examples
    --------
    >>> round(float(mean_number(50, 10, 4, 6)), 6)
    4.354205
    """
    waiting = mean_queue_length(arrival_rate, service_rate, servers, capacity)
    with np.errstate(all="ignore"):
        served = np.divide(throughput(arrival_rate, service_rate, servers, capacity), service_rate)
    return np.add(waiting, served)[()]


def wait_cdf(
    time: Numbers,
    arrival_rate: Numbers,
    service_rate: Numbers,
    servers: Numbers,
    capacity: Numbers,
) -> Numbers:
    r"""Probability that an accepted arrival waits at most ``time``.

    .. math:: P(W_q > t) = \frac{\sum_{k<m} e^{-x} \frac{x^k}{k!}
              (\rho^k + \dots + \rho^{m-1})}{1/B + \rho + \dots + \rho^{m-1}},
              \quad x = c\mu t, \quad m = K - c

    A sum of positive terms around :math:`k = x`; absolute error 1e-15.

    Parameters
    ----------
    time : array_like
        :math:`t`. [s]
    arrival_rate, service_rate, servers, capacity : array_like
        As for :func:`utilization`.

    Returns
    -------
    float or ndarray
        ``nan`` for more than a million waiting places, too.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 2.4.

    Examples
    --------
    >>> round(float(wait_cdf(0.067669700457749, 50, 10, 4, 6)), 12)
    0.9
    """
    time, *rest = broadcast(time, arrival_rate, service_rate, servers, capacity)
    parts = _parts(*rest)
    with np.errstate(all="ignore"):
        beyond = _wait_survival(time, parts)[0]
        within = np.where(time < 0, 0.0, np.where(time == np.inf, 1.0, 1.0 - beyond))
        within = np.where(np.isnan(time) | (parts.room > MOST_WAITING), np.nan, within)
        return _answer(parts, within)


def wait_quantile(
    p: Numbers,
    arrival_rate: Numbers,
    service_rate: Numbers,
    servers: Numbers,
    capacity: Numbers,
) -> Numbers:
    r"""The wait that a share ``p`` of the accepted arrivals does not exceed. [s]

    Parameters
    ----------
    p : array_like
        :math:`0 \le p < 1`.
    arrival_rate, service_rate, servers, capacity : array_like
        As for :func:`wait_cdf`.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 2.4.

    Examples
    --------
    >>> round(float(wait_quantile(0.99, 50, 10, 4, 6)), 12)
    0.137258459052
    """
    return _quantile(p, (arrival_rate, service_rate, servers, capacity), _wait_survival, True)


def response_cdf(
    time: Numbers,
    arrival_rate: Numbers,
    service_rate: Numbers,
    servers: Numbers,
    capacity: Numbers,
) -> Numbers:
    r"""Probability that an accepted arrival is answered within ``time``.

    By inversion of the transform, absolute error some 1e-10.

    .. math:: \frac{\mu}{\mu + s} \left[1 - P_w + P_w \, u \,
              \frac{1 - \rho}{1 - \rho^m} \, \frac{1 - (\rho u)^m}{1 - \rho u}\right],
              \quad u = \frac{c\mu}{c\mu + s}

    Parameters
    ----------
    time : array_like
        :math:`t`. [s]
    arrival_rate, service_rate, servers, capacity : array_like
        As for :func:`wait_cdf`.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 2.4.

    Examples
    --------
    >>> round(float(response_cdf(0.2, 50, 10, 4, 6)), 6)
    0.818092
    """
    time, *rest = broadcast(time, arrival_rate, service_rate, servers, capacity)
    parts = _parts(*rest)
    with np.errstate(all="ignore"):
        beyond = _response_survival(time, parts)[0]
        within = np.where(time <= 0, 0.0, np.where(time == np.inf, 1.0, 1.0 - beyond))
        within = np.where(np.isnan(time) | (parts.room > MOST_WAITING), np.nan, within)
        return _answer(parts, np.clip(within, 0.0, 1.0))


def response_quantile(
    p: Numbers,
    arrival_rate: Numbers,
    service_rate: Numbers,
    servers: Numbers,
    capacity: Numbers,
) -> Numbers:
    r"""The time within which a share ``p`` of the accepted arrivals is answered. [s]

    Parameters
    ----------
    p : array_like
        :math:`0 \le p < 1`; relative error 1e-8 up to 99.9 %.
    arrival_rate, service_rate, servers, capacity : array_like
        As for :func:`wait_cdf`.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 2.4.

    Examples
    --------
    >>> round(float(response_quantile(0.5, 8, 10, 1, 1)), 8)
    0.06931472
    """
    return _quantile(p, (arrival_rate, service_rate, servers, capacity), _response_survival, False)


def _parts(
    arrival_rate: Numbers, service_rate: Numbers, servers: Numbers, capacity: Numbers
) -> _Parts:
    rate, speed, count, places = broadcast(arrival_rate, service_rate, servers, capacity)
    with np.errstate(all="ignore"):
        room = places - count
        valid = (rate >= 0) & (speed > 0) & (count >= 1) & (room >= 0) & (room == np.floor(room))
        valid &= np.isfinite(rate) & np.isfinite(speed) & np.isfinite(places)
        room = np.where(valid, room, 0.0)
        ratio = rate / (count * speed)
        missing = spare_rate(rate, speed, count) / (count * speed)
        lost = np.asarray(erlang_b(count, rate / speed))
        top = np.where(missing < 0, np.exp(-room * geometric.log_ratio(ratio, missing)), 1.0)
        # times B below saturation, where 1/B may overflow; over rho^m above, where that may
        scale = np.where(missing < 0, 1.0, lost)
        idle = np.where(missing < 0, top / lost, 1.0)
        waited = scale * geometric.powers(ratio, missing, room)
        before = scale * geometric.powers(ratio, missing, np.maximum(room - 1.0, 0.0)) * ratio
        before = np.where(missing < 0, before / ratio, before)  # scaled by rho^(m-1) itself
        last = scale * np.where(
            missing < 0, 1.0, np.exp(room * geometric.log_ratio(ratio, missing))
        )
        last = np.where(room == 0, scale, last)
        served = np.asarray(carried_to_lost(count, rate / speed))
        none = np.where(missing < 0, served, 1.0 - lost)
        accepted = np.where(room == 0, none, idle + before)
        weighted = scale * geometric.weighted_powers(ratio, missing, room)
        waiting = waited * ratio
    return _Parts(
        rate, speed, count, room, ratio, missing, idle, waiting, waited, weighted, last, accepted,
        np.asarray(valid),
    )  # fmt: skip


def _answer(parts: _Parts, value: Array) -> Numbers:
    return np.where(parts.valid, value, np.nan)[()]


def _wait_survival(time: Array, parts: _Parts) -> tuple[Array, Array]:
    """P(W > t) of accepted arrivals and its density."""
    x = parts.servers * parts.speed * np.maximum(time, 0.0)
    some = parts.valid & (parts.room > 0) & (parts.room <= MOST_WAITING) & (x < np.inf)
    beyond, density = np.zeros(x.shape), np.zeros(x.shape)
    if some.any():
        share = parts.waited[some] / parts.accepted[some]
        tail, slope = poisson.tail_of_powers(
            x[some], parts.ratio[some], parts.missing[some], parts.room[some]
        )
        beyond[some] = share * tail
        density[some] = share * slope * (parts.servers * parts.speed)[some]
    return beyond, density


def _response_survival(time: Array, parts: _Parts) -> tuple[Array, Array]:
    """P(T > t) of accepted arrivals and its density, by inversion."""
    waits = np.where(parts.room > 0, parts.waited / parts.accepted, 0.0)
    ratio, room = parts.ratio, np.maximum(parts.room, 1.0)
    even = 1.0 / geometric.powers(parts.ratio, parts.missing, room)
    high = parts.missing < 0

    def transform(s: NDArray[np.complex128]) -> NDArray[np.complex128]:
        u = 1.0 / (1.0 + s / (parts.servers * parts.speed))
        # above saturation counted from the top: rho^-m (1 - (rho u)^m) = rho^-m - u^m
        top = np.where(high, np.exp(-room * geometric.log_ratio(parts.ratio, parts.missing)), 1.0)
        last = np.where(high, 1.0, np.exp(room * geometric.log_ratio(parts.ratio, parts.missing)))
        gap = parts.missing + ratio * s / (parts.servers * parts.speed) * u
        waited = u * even * (top - last * u**room) / gap
        return (1.0 - waits + waits * waited) / (1.0 + s / parts.speed)

    return inversion.survival_by_euler(transform, time, 30)


def _quantile(p: Numbers, parameters: tuple[Numbers, ...], survival: object, atom: bool) -> Numbers:
    level, *rest = broadcast(p, *parameters)
    parts = _parts(*rest)
    with np.errstate(all="ignore"):
        good = parts.valid & (level >= 0) & (level < 1) & (parts.room <= MOST_WAITING)
        start = (1.0 + parts.room / parts.servers) / parts.speed
        start = np.where(good, start, np.nan)
        if atom:
            waits = np.where(parts.room > 0, parts.waited / parts.accepted, 0.0)
            at_once = good & (level <= 1.0 - waits)
            start = np.where(at_once, 1.0, start)

        def law(time: Array) -> tuple[Array, Array]:
            found: tuple[Array, Array] = survival(time, parts)  # type: ignore[operator]
            return found

        time = np.asarray(inversion.quantile(law, level, start))
        if atom:
            time = np.where(at_once, 0.0, time)
        return np.where(good, time, np.nan)[()]
