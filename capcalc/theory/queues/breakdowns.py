"""M/M/c with servers that fail and are repaired."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from capcalc.theory.arrays import Array, Numbers
from capcalc.theory.queues import mmc, qbd

#: More servers than this are not worked out: means of the queue are ``nan``.
MOST_SERVERS = 64
#: Elements whose matrices are held at a time.
AT_A_TIME = 256
#: Load from which the mean number is taken from a balance instead of a sum over levels.
BUSY = 0.1


def mean_servers_up(
    servers: Numbers, failure_rate: Numbers, repair_rate: Numbers, crews: Numbers | None = None
) -> Numbers:
    r"""Mean number of servers that are not down, :math:`\bar u`.

    Servers fail while up, busy or idle, each at a rate :math:`\xi`; each of the r crews repairs
    one server at a time, at a rate :math:`\eta`.

    Parameters
    ----------
    servers : array_like
        :math:`c`, whole, from 1 to 64; ``nan`` for others.
    failure_rate, repair_rate : array_like
        :math:`\xi` of one server that is up, :math:`\eta` of one crew. [1/s]
    crews : array_like, optional
        :math:`r \ge 1`; as many as servers if not given.

    References
    ----------
    .. [1] K. S. Trivedi, *Probability and Statistics with Reliability, Queuing, and Computer
       Science Applications*, 2nd ed., Wiley, 2002, ch. 8.

    Examples
    --------
    >>> round(float(mean_servers_up(3, 0.01, 0.1)), 6)
    2.727273
    """
    count, fail, repair, many = _repairable(servers, failure_rate, repair_rate, crews)
    share = _shares(count, fail, repair, many)
    return np.asarray(share @ np.arange(MOST_SERVERS + 1.0))[()]


def availability(
    servers: Numbers, failure_rate: Numbers, repair_rate: Numbers, crews: Numbers | None = None
) -> Numbers:
    r"""Share of time in which at least one server is up.

    Parameters
    ----------
    servers, failure_rate, repair_rate, crews : array_like
        As for :func:`mean_servers_up`.

    References
    ----------
    .. [1] K. S. Trivedi, *Probability and Statistics with Reliability, Queuing, and Computer
       Science Applications*, 2nd ed., Wiley, 2002, ch. 8.

    Examples
    --------
    >>> round(float(availability(2, 0.01, 0.09)), 12)
    0.99
    """
    share = _shares(*_repairable(servers, failure_rate, repair_rate, crews))
    return np.asarray(share[..., 1:].sum(axis=-1))[()]


def utilization(
    arrival_rate: Numbers,
    service_rate: Numbers,
    servers: Numbers,
    failure_rate: Numbers,
    repair_rate: Numbers,
    crews: Numbers | None = None,
) -> Numbers:
    r"""Share of the time that servers are up in which they are busy, :math:`\lambda/(\mu\bar u)`.

    The station is stable if and only if it is below 1.

    Parameters
    ----------
    arrival_rate, service_rate : array_like
        :math:`\lambda` of the station, :math:`\mu` of one server. [1/s]
    servers, failure_rate, repair_rate, crews : array_like
        As for :func:`mean_servers_up`.

    References
    ----------
    .. [1] I. L. Mitrany, B. Avi-Itzhak, "A many-server queue with service interruptions",
       Oper. Res. 16, 1968.

    Examples
    --------
    >>> round(float(utilization(2, 1, 3, 0.01, 0.1)), 6)
    0.733333
    """
    up = np.asarray(mean_servers_up(servers, failure_rate, repair_rate, crews))
    with np.errstate(all="ignore"):
        rate, speed = np.asarray(arrival_rate, dtype=float), np.asarray(service_rate, dtype=float)
        good = (rate >= 0) & (speed > 0) & np.isfinite(rate + speed)
        return np.where(good, rate / (speed * up), np.nan)[()]


def mean_number(
    arrival_rate: Numbers,
    service_rate: Numbers,
    servers: Numbers,
    failure_rate: Numbers,
    repair_rate: Numbers,
    crews: Numbers | None = None,
) -> Numbers:
    r"""Mean number of requests waiting or served, exact.

    A server that fails leaves its request, which goes on where it stopped on another server or
    later. For one server

    .. math:: L = \frac{\lambda\,((\xi+\eta)^2 + \xi\mu)}
                       {(\xi+\eta)\,(\eta(\mu-\lambda) - \lambda\xi)};

    for more, the levels of a quasi-birth-death process in the number of servers up. Relative
    error against 50 digits: 1e-12 up to 99 % of saturation, with times to repair of up to 1e5
    services; then some 1e-16 over the share of capacity left, which is the conditioning.

    Parameters
    ----------
    arrival_rate, service_rate, servers, failure_rate, repair_rate, crews : array_like
        As for :func:`utilization`.

    Returns
    -------
    float or ndarray
        Number; ``inf`` where saturated, ``nan`` for more than 64 servers.

    References
    ----------
    .. [1] H. White, L. S. Christie, "Queuing with preemptive priorities or with breakdown",
       Oper. Res. 6, 1958.
    .. [2] I. L. Mitrany, B. Avi-Itzhak, "A many-server queue with service interruptions",
       Oper. Res. 16, 1968.
    .. [3] M. F. Neuts, *Matrix-Geometric Solutions in Stochastic Models*, Johns Hopkins, 1981,
       sec. 6.2.

    Examples
    --------
    >>> round(float(mean_number(2, 1, 3, 0.01, 0.1)), 4)
    4.8854
    """
    return _solved(arrival_rate, service_rate, servers, failure_rate, repair_rate, crews)[0]


def prob_empty(
    arrival_rate: Numbers,
    service_rate: Numbers,
    servers: Numbers,
    failure_rate: Numbers,
    repair_rate: Numbers,
    crews: Numbers | None = None,
) -> Numbers:
    r"""Share of time without any request; 0 where saturated.

    Parameters
    ----------
    arrival_rate, service_rate, servers, failure_rate, repair_rate, crews : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] I. L. Mitrany, B. Avi-Itzhak, "A many-server queue with service interruptions",
       Oper. Res. 16, 1968.

    Examples
    --------
    >>> round(float(prob_empty(0.5, 1, 1, 0.1, 1)), 6)
    0.436364
    """
    return _solved(arrival_rate, service_rate, servers, failure_rate, repair_rate, crews)[1]


def mean_response(
    arrival_rate: Numbers,
    service_rate: Numbers,
    servers: Numbers,
    failure_rate: Numbers,
    repair_rate: Numbers,
    crews: Numbers | None = None,
) -> Numbers:
    r"""Mean time from arrival to departure, interruptions included, :math:`L / \lambda`. [s]

    Parameters
    ----------
    arrival_rate, service_rate, servers, failure_rate, repair_rate, crews : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] J. D. C. Little, "A proof for the queuing formula L = lambda W", Oper. Res. 9, 1961.

    Examples
    --------
    >>> round(float(mean_response(0.5, 1, 1, 0.1, 1)), 6)
    2.646465
    """
    number = mean_number(arrival_rate, service_rate, servers, failure_rate, repair_rate, crews)
    with np.errstate(all="ignore"):
        return np.divide(number, arrival_rate)[()]


def mean_wait(
    arrival_rate: Numbers,
    service_rate: Numbers,
    servers: Numbers,
    failure_rate: Numbers,
    repair_rate: Numbers,
    crews: Numbers | None = None,
) -> Numbers:
    r"""Mean time that a request is not in service, interruptions included, :math:`W - 1/\mu`. [s]

    Parameters
    ----------
    arrival_rate, service_rate, servers, failure_rate, repair_rate, crews : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] J. D. C. Little, "A proof for the queuing formula L = lambda W", Oper. Res. 9, 1961.

    Examples
    --------
    >>> round(float(mean_wait(0.5, 1, 1, 0.1, 1)), 6)
    1.646465
    """
    response = mean_response(arrival_rate, service_rate, servers, failure_rate, repair_rate, crews)
    with np.errstate(all="ignore"):
        return np.subtract(response, 1.0 / np.asarray(service_rate, dtype=float))[()]


def mean_queue_length(
    arrival_rate: Numbers,
    service_rate: Numbers,
    servers: Numbers,
    failure_rate: Numbers,
    repair_rate: Numbers,
    crews: Numbers | None = None,
) -> Numbers:
    r"""Mean number of requests not in service, :math:`L_q = \lambda W_q` (Little).

    Parameters
    ----------
    arrival_rate, service_rate, servers, failure_rate, repair_rate, crews : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] J. D. C. Little, "A proof for the queuing formula L = lambda W", Oper. Res. 9, 1961.

    Examples
    --------
    >>> round(float(mean_queue_length(0.5, 1, 1, 0.1, 1)), 6)
    0.823232
    """
    wait = mean_wait(arrival_rate, service_rate, servers, failure_rate, repair_rate, crews)
    return mmc.held(arrival_rate, wait)


def _repairable(
    servers: Numbers, fail: Numbers, repair: Numbers, crews: Numbers | None
) -> tuple[Array, Array, Array, Array]:
    """Servers, rates and crews in their common shape; servers ``nan`` where out of range."""
    count, lost, mended, many = (
        np.asarray(each, dtype=float)
        for each in np.broadcast_arrays(servers, fail, repair, servers if crews is None else crews)
    )
    with np.errstate(all="ignore"):
        good = (count >= 1) & (count <= MOST_SERVERS) & (count == np.floor(count)) & (many >= 1)
        good = good & (lost >= 0) & (mended > 0) & np.isfinite(lost + mended)
    return np.where(good, count, np.nan), lost, mended, many


def _shares(count: Array, fail: Array, repair: Array, crews: Array) -> Array:
    """Shares of time with 0, 1, ... servers up, on a new last axis."""
    up = np.arange(MOST_SERVERS + 1.0)
    column = (count[..., np.newaxis], crews[..., np.newaxis])
    with np.errstate(all="ignore"):
        # weights of the numbers down, from none on: all of them at most the binomial ones
        ratio = (fail / repair)[..., np.newaxis]
        left = column[0] - up[:-1]
        steps = np.where(left > 0, left * ratio / np.minimum(up[1:], column[1]), 0.0)
        logs = np.concatenate(
            [np.zeros((*count.shape, 1)), np.cumsum(np.log(steps), axis=-1)], axis=-1
        )
        weights = np.exp(logs - np.max(logs, axis=-1, keepdims=True))
        down = weights / weights.sum(axis=-1, keepdims=True)
        place = np.where(np.isnan(column[0]), 0.0, column[0]) - up
        share = np.take_along_axis(down, np.maximum(place, 0.0).astype(int), axis=-1)
        return np.where(np.isnan(column[0]), np.nan, np.where(place >= 0, share, 0.0))


def _solved(
    rate: Numbers,
    speed: Numbers,
    servers: Numbers,
    fail: Numbers,
    repair: Numbers,
    crews: Numbers | None,
) -> tuple[Numbers, Numbers]:
    """Mean number and share of time empty, for each number of servers at once."""
    parts = _repairable(servers, fail, repair, crews)
    together = np.broadcast_arrays(rate, speed, *parts)
    shape = together[0].shape
    flow, pace, count, lost, mended, many = (
        np.array(each, dtype=float).ravel() for each in together
    )
    used = np.asarray(utilization(flow, pace, count, lost, mended, many))
    with np.errstate(all="ignore"):
        number = np.where(np.isnan(used), np.nan, np.where(used < 1, 0.0, np.inf))
        empty = np.where(np.isnan(used), np.nan, np.where(used < 1, 1.0, 0.0))
        busy = (used < 1) & (flow > 0)
        for each in np.unique(count[busy]):
            where = np.nonzero(busy & (count == each))[0]
            for start in range(0, where.size, AT_A_TIME):
                some = where[start : start + AT_A_TIME]
                arguments = (value[some] for value in (flow, pace, lost, mended, many))
                number[some], empty[some] = _stack(int(each), *arguments)
    return number.reshape(shape)[()], empty.reshape(shape)[()]


@dataclass
class _Levels:
    """Weights of the states below the level c, and what they amount to."""

    first: Array
    missing: Array  # sum over n < u of (u - n) p(n, u), by u
    later: Array  # sum over n < u of n (u - n) p(n, u)
    mass: Array
    number: Array
    last: Array
    ratio: Array


def _stack(
    servers: int, flow: Array, pace: Array, fail: Array, repair: Array, crews: Array
) -> tuple[Array, Array]:
    """Mean number and share empty of a stack of stations with as many servers."""
    up = np.arange(servers + 1.0)
    # rates in units of the service rate
    flow, fail, repair = flow / pace, fail / pace, repair / pace
    share = _shares(np.full(flow.shape, float(servers)), fail, repair, crews)[:, : servers + 1]
    phases = _phases(servers, fail, repair, crews)
    levels = _levels(servers, flow, phases)
    mean_up = share @ up
    # the service rate left over, from the states with idle servers, sets the scale
    spare = mean_up - flow
    unit = spare / levels.missing.sum(axis=-1)
    balance = _balance(servers, flow, share, phases, levels, unit) / spare
    eye = np.eye(servers + 1)
    tail = np.linalg.solve(
        np.swapaxes(eye - levels.ratio, -1, -2),
        (levels.last[..., np.newaxis, :] @ levels.ratio)[..., 0, :, np.newaxis],
    )[..., 0]
    again = np.linalg.solve(np.swapaxes(eye - levels.ratio, -1, -2), tail[..., np.newaxis])[..., 0]
    mass = levels.mass + tail.sum(axis=-1)
    summed = levels.number + (servers - 1) * tail.sum(axis=-1) + again.sum(axis=-1)
    quiet = flow < BUSY * mean_up
    number = np.where(quiet, summed / mass, balance)
    first = levels.first.sum(axis=-1)
    return number, np.where(quiet, first / mass, first * unit)


def _phases(servers: int, fail: Array, repair: Array, crews: Array) -> Array:
    """Generators of the number of servers up."""
    up = np.arange(servers + 1.0)
    phases = np.zeros((*fail.shape, servers + 1, servers + 1))
    fewer, more = np.arange(1, servers + 1), np.arange(servers)
    phases[..., fewer, fewer - 1] = fail[..., np.newaxis] * up[1:]
    phases[..., more, more + 1] = repair[..., np.newaxis] * np.minimum(
        servers - up[:-1], crews[..., np.newaxis]
    )
    phases[..., np.arange(servers + 1), np.arange(servers + 1)] = -phases.sum(axis=-1)
    return phases


def _levels(servers: int, flow: Array, phases: Array) -> _Levels:
    """Solve the levels from c downwards, then their weights from 0 upwards."""
    up, eye = np.arange(servers + 1.0), np.eye(servers + 1)
    rise = flow[..., np.newaxis, np.newaxis] * eye

    def local(level: int) -> Array:
        inner: Array = phases - rise - np.diag(np.minimum(level, up))
        return inner

    passage = qbd.first_passage(rise, local(servers), np.broadcast_to(np.diag(up), rise.shape))
    # of a level like all above it, -A1 - R A2 = -A1 - A0 G
    after = qbd.upward(rise, local(servers), passage, rise)
    ratios = [after]
    for level in range(servers - 1, 0, -1):
        down = np.diag(np.minimum(level + 1, up))
        ratios.append(qbd.upward(rise, local(level), down, ratios[-1]))
    ratios.reverse()
    ground = local(0) + ratios[0] @ np.diag(np.minimum(1, up))
    # eliminated from the fewest up on: repairs lead out of every state, failures may not
    weights = qbd.bottom(ground[..., ::-1, ::-1])[..., ::-1]
    first = weights
    missing, later = up * weights, np.zeros(flow.shape)
    mass, number = weights.sum(axis=-1), np.zeros(flow.shape)
    for level in range(1, servers):
        weights = (weights[..., np.newaxis, :] @ ratios[level - 1])[..., 0, :]
        idle = np.maximum(up - level, 0.0) * weights
        missing, later = missing + idle, later + level * idle.sum(axis=-1)
        mass, number = mass + weights.sum(axis=-1), number + level * weights.sum(axis=-1)
    return _Levels(first, missing, later, mass, number, weights, ratios[-1])


def _balance(
    servers: int, flow: Array, share: Array, phases: Array, levels: _Levels, unit: Array
) -> Array:
    r"""The mean number times the rate left over, from the first and second moments' balance.

    With the mean numbers by phase :math:`\ell`, :math:`\ell Q = \sum_n \pi_n D_n - \lambda\varphi`
    and :math:`\sum_u u \ell_u = \lambda (L + 1) + \sum_{n<u} n (u-n) \pi_{n,u}`; the weights of
    :math:`\ell` by :math:`u` follow from the bias d, :math:`Q d = u - \bar u`.
    """
    up = np.arange(servers + 1.0)
    mean_up = (share @ up)[..., np.newaxis]
    # bias of a birth-death process: differences between neighbours from the flow across the cut
    # it, summed from the side where all terms have one sign
    terms = share * (up - mean_up)
    above = np.cumsum(terms[..., ::-1], axis=-1)[..., ::-1][..., 1:]
    across = np.where(up[:-1] < mean_up, np.cumsum(terms, axis=-1)[..., :-1], -above)
    repairs = phases[..., np.arange(servers), np.arange(1, servers + 1)]
    steps = np.where(share[..., :-1] > 0, across / (share[..., :-1] * repairs), 0.0)
    bias = np.concatenate([np.zeros((*flow.shape, 1)), np.cumsum(steps, axis=-1)], axis=-1)
    bias = bias - np.sum(bias * share, axis=-1, keepdims=True)
    missing = levels.missing * unit[..., np.newaxis]
    drift = np.sum(bias * (up * share - missing), axis=-1)
    total: Array = flow + levels.later * unit - drift
    return total
