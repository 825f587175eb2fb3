"""M/M/c+M, Erlang A: c servers, one queue, and customers who leave it when patience ends."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from capcalc.theory.arrays import Array, Numbers, broadcast, spare_rate
from capcalc.theory.distributions import inversion
from capcalc.theory.queues import mmc
from capcalc.theory.queues.erlang import carried_to_lost
from capcalc.theory.queues.patience import waiting


class _Parts(NamedTuple):
    """One row for every element: sums over that of c customers, scaled by ``log_total``."""

    rate: Array
    speed: Array
    servers: Array
    leaving: Array  # theta
    #: ln (1/B + sum over those with somebody waiting).
    log_total: Array
    #: Share of arrivals that find all servers busy.
    busy: Array
    #: Mean number waiting, and the same while all servers are busy.
    queue: Array
    queue_if_busy: Array
    #: Mean number of busy servers.
    working: Array
    valid: NDArray[np.bool_]


def utilization(
    arrival_rate: Numbers,
    service_rate: Numbers,
    servers: Numbers,
    abandonment_rate: Numbers,
) -> Numbers:
    r"""Share of servers that are busy, :math:`X / (c\mu)`.

    Parameters
    ----------
    arrival_rate, service_rate : array_like
        :math:`\lambda` that come, :math:`\mu` of one server. [1/s]
    servers : array_like
        :math:`c \ge 1`; need not be a whole number.
    abandonment_rate : array_like
        :math:`\theta \ge 0` of one who waits: 1 over mean patience; at 0 all wait. [1/s]

    References
    ----------
    .. [1] O. Garnett, A. Mandelbaum, M. Reiman, "Designing a call center with impatient
       customers", Manuf. Serv. Oper. Manag. 4(3), 2002.

    Examples
    --------
    >>> round(float(utilization(110, 1, 100, 1)), 6)
    0.990889
    """
    parts = _parts(arrival_rate, service_rate, servers, abandonment_rate)
    with np.errstate(all="ignore"):
        return _answer(parts, parts.working / parts.servers)


def throughput(
    arrival_rate: Numbers,
    service_rate: Numbers,
    servers: Numbers,
    abandonment_rate: Numbers,
) -> Numbers:
    r"""Arrivals that are served, :math:`X = \mu \, E \min(n, c)`. [1/s]

    Parameters
    ----------
    arrival_rate, service_rate, servers, abandonment_rate : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] O. Garnett, A. Mandelbaum, M. Reiman, "Designing a call center with impatient
       customers", Manuf. Serv. Oper. Manag. 4(3), 2002.

    Examples
    --------
    >>> round(float(throughput(110, 1, 100, 1)), 6)
    99.088928
    """
    parts = _parts(arrival_rate, service_rate, servers, abandonment_rate)
    with np.errstate(all="ignore"):
        return _answer(parts, parts.working * parts.speed)


def prob_wait(
    arrival_rate: Numbers,
    service_rate: Numbers,
    servers: Numbers,
    abandonment_rate: Numbers,
) -> Numbers:
    r"""Share of arrivals that find all servers busy.

    Parameters
    ----------
    arrival_rate, service_rate, servers, abandonment_rate : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] O. Garnett, A. Mandelbaum, M. Reiman, "Designing a call center with impatient
       customers", Manuf. Serv. Oper. Manag. 4(3), 2002.

    Examples
    --------
    >>> round(float(prob_wait(110, 1, 100, 1)), 6)
    0.841721
    """
    parts = _parts(arrival_rate, service_rate, servers, abandonment_rate)
    with np.errstate(all="ignore"):
        return _answer(parts, parts.busy)


def prob_loss(
    arrival_rate: Numbers,
    service_rate: Numbers,
    servers: Numbers,
    abandonment_rate: Numbers,
) -> Numbers:
    r"""Share of arrivals that leave unserved, :math:`\theta L_q / \lambda`.

    Parameters
    ----------
    arrival_rate, service_rate, servers, abandonment_rate : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] O. Garnett, A. Mandelbaum, M. Reiman, "Designing a call center with impatient
       customers", Manuf. Serv. Oper. Manag. 4(3), 2002.

    Examples
    --------
    >>> round(float(prob_loss(110, 1, 100, 1)), 6)
    0.099192
    """
    parts = _parts(arrival_rate, service_rate, servers, abandonment_rate)
    with np.errstate(all="ignore"):
        return _answer(parts, _leaving_share(parts, parts.queue))


def prob_abandon_given_wait(
    arrival_rate: Numbers,
    service_rate: Numbers,
    servers: Numbers,
    abandonment_rate: Numbers,
) -> Numbers:
    r"""Share of those who have to wait that leave unserved.

    Parameters
    ----------
    arrival_rate, service_rate, servers, abandonment_rate : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] O. Garnett, A. Mandelbaum, M. Reiman, "Designing a call center with impatient
       customers", Manuf. Serv. Oper. Manag. 4(3), 2002.

    Examples
    --------
    >>> round(float(prob_abandon_given_wait(110, 1, 100, 1)), 6)
    0.117844
    """
    parts = _parts(arrival_rate, service_rate, servers, abandonment_rate)
    with np.errstate(all="ignore"):
        return _answer(parts, _leaving_share(parts, parts.queue_if_busy))


def prob_empty(
    arrival_rate: Numbers,
    service_rate: Numbers,
    servers: Numbers,
    abandonment_rate: Numbers,
) -> Numbers:
    r"""Probability that nobody is there.

    Parameters
    ----------
    arrival_rate, service_rate, servers, abandonment_rate : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] O. Garnett, A. Mandelbaum, M. Reiman, "Designing a call center with impatient
       customers", Manuf. Serv. Oper. Manag. 4(3), 2002.

    Examples
    --------
    >>> round(float(prob_empty(110, 1, 100, 1)), 6)
    0.0
    """
    parts = _parts(arrival_rate, service_rate, servers, abandonment_rate)
    with np.errstate(all="ignore"):
        load = np.minimum(parts.rate / parts.speed, 800.0)
        # e^-a / P(Poisson <= c) is that of Erlang's loss station, from which the others follow
        held = special.gammaincc(parts.servers + 1.0, load)
        ratio = np.asarray(carried_to_lost(parts.servers, parts.rate / parts.speed))
        logged = np.where(np.isinf(ratio), 0.0, np.log1p(ratio) - parts.log_total)
        empty = np.where(load >= 800.0, 0.0, np.exp(logged - load) / held)
        return _answer(parts, empty)


def mean_wait(
    arrival_rate: Numbers,
    service_rate: Numbers,
    servers: Numbers,
    abandonment_rate: Numbers,
) -> Numbers:
    r"""Mean time in queue over all arrivals, served or not, :math:`L_q / \lambda`. [s]

    Parameters
    ----------
    arrival_rate, service_rate, servers, abandonment_rate : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] O. Garnett, A. Mandelbaum, M. Reiman, "Designing a call center with impatient
       customers", Manuf. Serv. Oper. Manag. 4(3), 2002.

    Examples
    --------
    >>> round(float(mean_wait(110, 1, 100, 1)), 6)
    0.099192
    """
    parts = _parts(arrival_rate, service_rate, servers, abandonment_rate)
    with np.errstate(all="ignore"):
        return _answer(parts, np.where(parts.rate == 0, 0.0, parts.queue / parts.rate))


def mean_response(
    arrival_rate: Numbers,
    service_rate: Numbers,
    servers: Numbers,
    abandonment_rate: Numbers,
) -> Numbers:
    r"""Mean time over all arrivals, served or not, :math:`L / \lambda`. [s]

    Parameters
    ----------
    arrival_rate, service_rate, servers, abandonment_rate : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] O. Garnett, A. Mandelbaum, M. Reiman, "Designing a call center with impatient
       customers", Manuf. Serv. Oper. Manag. 4(3), 2002.

    Examples
    --------
    >>> round(float(mean_response(110, 1, 100, 1)), 6)
    1.0
    """
    parts = _parts(arrival_rate, service_rate, servers, abandonment_rate)
    with np.errstate(all="ignore"):
        time = (parts.queue + parts.working) / parts.rate
        return _answer(parts, np.where(parts.rate == 0, 1.0 / parts.speed, time))


def mean_queue_length(
    arrival_rate: Numbers,
    service_rate: Numbers,
    servers: Numbers,
    abandonment_rate: Numbers,
) -> Numbers:
    r"""Mean number waiting, :math:`L_q`.

    Parameters
    ----------
    arrival_rate, service_rate, servers, abandonment_rate : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] O. Garnett, A. Mandelbaum, M. Reiman, "Designing a call center with impatient
       customers", Manuf. Serv. Oper. Manag. 4(3), 2002.

    Examples
    --------
    >>> round(float(mean_queue_length(110, 1, 100, 1)), 6)
    10.911072
    """
    parts = _parts(arrival_rate, service_rate, servers, abandonment_rate)
    with np.errstate(all="ignore"):
        return _answer(parts, parts.queue)


def mean_number(
    arrival_rate: Numbers,
    service_rate: Numbers,
    servers: Numbers,
    abandonment_rate: Numbers,
) -> Numbers:
    r"""Mean number waiting or served, :math:`L`.

    Parameters
    ----------
    arrival_rate, service_rate, servers, abandonment_rate : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] O. Garnett, A. Mandelbaum, M. Reiman, "Designing a call center with impatient
       customers", Manuf. Serv. Oper. Manag. 4(3), 2002.

    Examples
    --------
    >>> round(float(mean_number(110, 1, 100, 1)), 6)
    110.0
    """
    parts = _parts(arrival_rate, service_rate, servers, abandonment_rate)
    with np.errstate(all="ignore"):
        return _answer(parts, parts.queue + parts.working)


def wait_cdf(
    time: Numbers,
    arrival_rate: Numbers,
    service_rate: Numbers,
    servers: Numbers,
    abandonment_rate: Numbers,
) -> Numbers:
    r"""Probability that an arrival is in queue for at most ``time``, served after it or gone.

    .. math:: P(W > t) = e^{-\theta t} \, p_c \, S(x, y e^{-\theta t}) \,
              e^{y (1 - e^{-\theta t}) - c\mu t}, \quad x = c\mu/\theta, \; y = \lambda/\theta,
              \quad S(x, y) = \sum_{j \ge 0} \frac{y^j}{(x+1) \cdots (x+j)}

    Parameters
    ----------
    time : array_like
        :math:`t`. [s]
    arrival_rate, service_rate, servers, abandonment_rate : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] O. Garnett, A. Mandelbaum, M. Reiman, "Designing a call center with impatient
       customers", Manuf. Serv. Oper. Manag. 4(3), 2002.

    Examples
    --------
    >>> round(float(wait_cdf(0.1, 110, 1, 100, 1)), 6)
    0.552457
    """
    time, *rest = broadcast(time, arrival_rate, service_rate, servers, abandonment_rate)
    parts = _parts(*rest)
    with np.errstate(all="ignore"):
        beyond = _survival(np.maximum(time, 0.0), parts)[0]
        within = np.where(time < 0, 0.0, np.where(time == np.inf, 1.0, 1.0 - beyond))
        saturated = parts.valid & np.isinf(parts.queue)
        within = np.where(saturated, 0.0, within)
        return _answer(parts, np.where(np.isnan(time), np.nan, within))


def wait_quantile(
    p: Numbers,
    arrival_rate: Numbers,
    service_rate: Numbers,
    servers: Numbers,
    abandonment_rate: Numbers,
) -> Numbers:
    r"""The time in queue that a share ``p`` of the arrivals does not exceed. [s]

    Parameters
    ----------
    p : array_like
        :math:`0 \le p < 1`.
    arrival_rate, service_rate, servers, abandonment_rate : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] O. Garnett, A. Mandelbaum, M. Reiman, "Designing a call center with impatient
       customers", Manuf. Serv. Oper. Manag. 4(3), 2002.

    Examples
    --------
    >>> round(float(wait_quantile(0.5, 110, 1, 100, 1)), 6)
    0.087207
    """
    level, *rest = broadcast(p, arrival_rate, service_rate, servers, abandonment_rate)
    parts = _parts(*rest)
    with np.errstate(all="ignore"):
        good = parts.valid & (level >= 0) & (level < 1)
        saturated = np.isinf(parts.queue)
        at_once = level <= 1.0 - parts.busy
        start = np.where(good & ~saturated & ~at_once, 1.0 / (parts.speed + parts.leaving), np.nan)
        time = np.asarray(inversion.quantile(lambda t: _survival(t, parts), level, start))
        time = np.where(at_once, 0.0, np.where(saturated, np.inf, time))
        return np.where(good, time, np.nan)[()]


def _parts(
    arrival_rate: Numbers, service_rate: Numbers, servers: Numbers, abandonment_rate: Numbers
) -> _Parts:
    rate, speed, count, leaving = broadcast(arrival_rate, service_rate, servers, abandonment_rate)
    with np.errstate(all="ignore"):
        valid = (rate >= 0) & (speed > 0) & (count >= 1) & (leaving >= 0)
        valid &= np.isfinite(rate + speed + count + leaving)
        patient = valid & (leaving == 0)
        some = valid & (leaving > 0)
        log_total, busy, queue, given_busy, working = (
            np.full(rate.shape, np.nan) for _ in range(5)
        )
        if some.any():
            found = _impatient(*(each[some] for each in (rate, speed, count, leaving)))
            log_total[some], busy[some], given_busy[some], working[some] = found
            queue[some] = busy[some] * given_busy[some]
        if patient.any():
            given = rate[patient], speed[patient], count[patient]
            busy[patient] = mmc.prob_wait(*given)
            queue[patient] = mmc.mean_queue_length(*given)
            load = given[0] / given[1]
            given_busy[patient] = given[0] / np.maximum(spare_rate(*given), 0.0)
            working[patient] = np.where(np.isinf(queue[patient]), given[2], load)
            ratio = np.asarray(carried_to_lost(given[2], load))
            room = np.maximum(spare_rate(*given) / given[1], 0.0)
            log_total[patient] = np.log1p(ratio + load / room)
    return _Parts(
        rate, speed, count, leaving, log_total, busy, queue, given_busy, working, np.asarray(valid)
    )


def _impatient(
    rate: Array, speed: Array, servers: Array, leaving: Array
) -> tuple[Array, Array, Array, Array]:
    load = rate / speed
    x, y = servers * speed / leaving, rate / leaving
    sums = waiting(x, y, spare_rate(rate, speed, servers) / leaving)
    ratio = np.asarray(carried_to_lost(servers, load))  # J = 1/B - 1
    # total = 1/B + S - 1, and shares of it; each part may overflow, but not both
    log_free = np.log(ratio)
    log_total = np.logaddexp(log_free, sums.log_all)
    busy = np.where(np.isinf(ratio), 0.0, 1.0 / (1.0 + ratio * np.exp(-sums.log_all)))
    small = np.isfinite(ratio) & np.isfinite(sums.some)
    total = 1.0 + ratio + sums.some
    working = np.where(
        small,
        servers * (sums.some / total) + load * (ratio / total),
        np.where(np.isinf(ratio), load, servers),
    )
    return log_total, busy, sums.queue, working


def _leaving_share(parts: _Parts, queue: Array) -> Array:
    """Share of arrivals that a queue of this mean length loses; who is patient never leaves."""
    nobody = (parts.rate == 0) | (parts.leaving == 0)
    return np.where(nobody, 0.0, parts.leaving * (queue / parts.rate))


def _survival(time: Array, parts: _Parts) -> tuple[Array, Array]:
    """P(W > t) over all arrivals and its density."""
    beyond, density = np.full(time.shape, np.nan), np.full(time.shape, np.nan)
    patient = parts.valid & (parts.leaving == 0)
    some = parts.valid & (parts.leaving > 0) & (time < np.inf)
    spare = spare_rate(parts.rate, parts.speed, parts.servers)
    decay = np.exp(-spare * time)
    beyond[patient] = (parts.busy * decay)[patient]
    density[patient] = (parts.busy * spare * decay)[patient]
    if some.any():
        t, leaving, total = time[some], parts.leaving[some], parts.log_total[some]
        pace, rate = (parts.servers * parts.speed)[some], parts.rate[some]
        gone = -np.expm1(-leaving * t)
        x, y = pace / leaving, rate / leaving
        left = y * np.exp(-leaving * t)
        # x - y e^(-theta t), from the exact difference of the rates
        gap = spare[some] / leaving + y * gone
        logged = y * gone - pace * t - total
        sums = waiting(x, left, gap)
        beyond[some] = np.exp(logged + sums.log_all - leaving * t)
        density[some] = leaving * beyond[some] + pace * np.exp(logged - leaving * t)
    return beyond, density


def _answer(parts: _Parts, value: Array) -> Numbers:
    return np.where(parts.valid, value, np.nan)[()]
