"""Open Jackson networks: Poisson arrivals, exponential service, random routing, M/M/c stations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from capcalc.theory.arrays import Array, Numbers, broadcast, spare_rate
from capcalc.theory.networks.routing import arrival_rates
from capcalc.theory.queues import mmc
from capcalc.theory.queues.erlang import log_erlang_c
from capcalc.theory.queues.temme import MANY, log_leading

#: Below this a logarithm adds nothing to 1 any more.
NOTHING = -40.0


class OpenNetwork(NamedTuple):
    """Mean values of an open network; stations on the last axis of the first seven."""

    #: Arrivals at each station, from outside and inside. [1/s]
    arrival_rate: Array
    #: Mean visits of a request to each station.
    visits: Array
    #: Share of the servers that is busy, above 1 when saturated; 0 for delays.
    utilization: Array
    #: Mean wait in one visit. [s]
    mean_wait: Array
    #: Mean time in one visit. [s]
    mean_response: Array
    #: Mean number waiting.
    mean_queue_length: Array
    #: Mean number waiting or served.
    mean_number: Array
    #: Requests from outside. [1/s]
    throughput: Array
    #: Mean time of a request from its arrival to its exit. [s]
    system_response: Array
    #: Mean number of requests in the network.
    total_number: Array
    #: The station of the highest utilization; -1 if no server is used at all.
    bottleneck: NDArray[np.intp]
    #: The factor of all arrivals from outside at which the first station saturates.
    saturation: Array


def solve(
    external_arrival_rates: Numbers,
    routing: Any,
    service_rate: Numbers,
    servers: Numbers = 1.0,
    *,
    exits: Numbers | None = None,
    names: Sequence[str] | None = None,
    refuse: bool = True,
) -> OpenNetwork:
    r"""Mean values of every station and of the whole.

    .. math:: \lambda = \gamma + \lambda P, \qquad W_k = W_{M/M/c_k}(\lambda_k, \mu_k),
              \qquad W = \sum_k \lambda_k W_k \Big/ \sum_k \gamma_k

    Exact. All stations of ``servers`` ``inf`` are delays. A station without traffic holds and
    delays nobody, whatever its service rate; a visit there would take :math:`1/\mu`.

    Parameters
    ----------
    external_arrival_rates : array_like, shape (..., K)
        :math:`\gamma`: arrivals from outside. [1/s]
    routing : array_like, shape (..., K, K), or scipy.sparse matrix
        :math:`P`: probability that a request goes from station i to station j.
    service_rate : array_like, shape (..., K)
        :math:`\mu` of one server. [1/s]
    servers : array_like, shape (..., K)
        :math:`c \ge 1`, or ``inf``.
    exits, names, refuse
        As for :func:`capcalc.theory.networks.routing.arrival_rates`.

    Returns
    -------
    OpenNetwork
        ``inf`` times and numbers where stations with traffic are saturated.

    References
    ----------
    .. [1] J. R. Jackson, "Jobshop-like queueing systems", Management Sci. 10(1), 1963.

    Examples
    --------
    >>> two = solve([2.0, 0.0], [[0.0, 0.5], [0.0, 0.0]], [4.0, 2.0])
    >>> two.mean_number, two.system_response, int(two.bottleneck), two.saturation
    (array([1., 1.]), np.float64(1.0), 0, np.float64(2.0))
    """
    external = np.asarray(external_arrival_rates, dtype=float)
    rates = arrival_rates(external, routing, exits, names=names, refuse=refuse)
    external, rate, speed, count = broadcast(external, rates, service_rate, servers)
    throughput = external.sum(axis=-1)
    return summary(rate, throughput, speed, count)


def summary(
    arrival_rate: Numbers, throughput: Numbers, service_rate: Numbers, servers: Numbers
) -> OpenNetwork:
    """Mean values where the arrivals at every station are known.

    Parameters
    ----------
    arrival_rate : array_like, shape (..., K)
        Arrivals at each station. [1/s]
    throughput : array_like, shape (...)
        Requests from outside. [1/s]
    service_rate, servers : array_like, shape (..., K)
        As for :func:`solve`.

    Returns
    -------
    OpenNetwork

    References
    ----------
    .. [1] E. D. Lazowska, J. Zahorjan, G. S. Graham, K. C. Sevcik, *Quantitative System
       Performance*, Prentice-Hall, 1984, sec. 6.4.

    Examples
    --------
    >>> three_visits = summary(np.array([6.0, 2.0]), 2.0, np.array([10.0, 4.0]), 1.0)
    >>> three_visits.visits, three_visits.system_response
    (array([3., 1.]), np.float64(1.25))
    """
    rate, speed, count = broadcast(arrival_rate, service_rate, servers)
    whole = np.asarray(throughput, dtype=float)
    used, delay = ~(rate == 0), np.isinf(count) & (count > 0)
    with np.errstate(all="ignore"):
        served = np.where(delay, 0.0, rate)
        real = np.where(delay, 1.0, count)
        load = np.asarray(mmc.utilization(served, speed, real))
        wait = np.asarray(mmc.mean_wait(served, speed, real))
        each = wait + 1.0 / speed
        wrong = delay & ~((rate >= 0) & (rate < np.inf) & (speed > 0))
        load, wait, each = (np.where(wrong, np.nan, value) for value in (load, wait, each))
        waiting = np.where(used, rate * wait, 0.0)
        inside = np.where(used, rate * each, 0.0)
        visits = np.where(used, rate / whole[..., np.newaxis], 0.0)
        together = inside.sum(axis=-1)
        response = np.where(whole == 0, 0.0, np.where(used, visits * each, 0.0).sum(axis=-1))
        scale = np.where(used & ~delay, 1.0 / load, np.inf).min(axis=-1)
    busy = np.where(used & ~delay, load, -1.0)
    first = np.where((busy > 0).any(axis=-1), np.argmax(busy, axis=-1), -1)[()]
    return OpenNetwork(
        rate, visits, load, wait, each, waiting, inside, whole[()], response[()], together,
        first, scale,
    )  # fmt: skip


def log_prob_state(
    state: Numbers, arrival_rate: Numbers, service_rate: Numbers, servers: Numbers
) -> Numbers:
    r"""Logarithm of the probability that so many requests are at each station.

    .. math:: P(n_1 \dots n_K) = \prod_k p_k(n_k), \qquad
              p(n) = p(0) \frac{a^n}{\min(n, c)! \; c^{\max(n - c, 0)}}

    Parameters
    ----------
    state : array_like, shape (..., K)
        :math:`n`: number waiting or served at each station.
    arrival_rate, service_rate, servers : array_like, shape (..., K)
        Arrivals at each station [1/s], as in :class:`OpenNetwork`; :math:`\mu` of one server
        [1/s]; :math:`c`, ``inf`` for delays.

    Returns
    -------
    float or ndarray, shape (...)
        ``-inf`` in a network with a saturated station, where numbers grow without end.

    References
    ----------
    .. [1] J. R. Jackson, "Jobshop-like queueing systems", Management Sci. 10(1), 1963.

    Examples
    --------
    >>> float(np.exp(log_prob_state([1, 0], [2.0, 1.0], [4.0, 2.0], 1.0)).round(12))
    0.125
    """
    number, rate, speed, count = broadcast(state, arrival_rate, service_rate, servers)
    with np.errstate(all="ignore"):
        value = np.asarray(_log_prob(number, rate, speed, count)).sum(axis=-1)
        return np.asarray(value)[()]


def _log_prob(number: Array, rate: Array, speed: Array, count: Array) -> Array:
    """Ln p(n) of one station, relative to Poisson's law where hardly anybody ever waits."""
    delay = np.isinf(count)
    real = np.where(delay, 1.0, count)
    spare = spare_rate(rate, speed, real)
    load = rate / speed
    good = (number >= 0) & (number % 1 == 0) & (rate >= 0) & (speed > 0) & (count >= 1)
    stable = good & (rate > 0) & (rate < np.inf) & ((spare > 0) | delay)
    empty = np.where((rate == 0) & (number == 0), 0.0, -np.inf)
    number, load = np.where(stable, number, 0.0), np.where(stable, load, 0.5)
    real, rest = np.where(stable, real, 1.0), np.where(stable, spare / (real * speed), 0.5)
    full = _log_poisson(real, load)
    hardly = delay | (full + np.log(load / (real * rest)) < NOTHING)
    # where some do wait: p(c) = C (1 - rho)
    at_full = np.asarray(log_erlang_c(real, load)) + np.log(rest) - full
    value = _log_poisson(np.where(delay, number, np.minimum(number, real)), load)
    value = value + np.where(hardly, 0.0, at_full)
    beyond = np.where(delay | (number <= real), 0.0, number - real)
    ratio = np.where(rest < 0.5, np.log1p(-rest), np.log(load / real))
    value = value + np.where(beyond > 0, beyond * ratio, 0.0)
    return np.where(stable, value, np.where(good, empty, np.nan))


def _log_poisson(number: Array, load: Array) -> Array:
    """Ln of a^n e^-a / n!; no difference of large terms where the probability is not tiny."""
    value = special.xlogy(number, load) - load - special.gammaln(number + 1.0)
    near = (number >= MANY) & (load <= 2.0 * number)
    value[near] = log_leading(number[near], load[near])
    far = (number >= MANY) & ~near
    n, a = number[far], load[far]
    stirling = (1.0 / 12.0 - (1.0 / 360.0 - 1.0 / (1260.0 * n * n)) / (n * n)) / n
    distance = a - n - n * np.log(a / n)
    value[far] = -(distance + (stirling + 0.5 * np.log(2.0 * np.pi * n)))
    return np.asarray(value)
