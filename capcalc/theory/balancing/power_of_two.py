"""Power of two choices with any number of hosts: each arrival joins the shorter of two."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.polynomial import chebyshev

from capcalc.theory.arrays import Array, Numbers, broadcast, places, spare_rate
from capcalc.theory.balancing import power_of_d, shortest_of_two
from capcalc.theory.queues import mmc

#: Points at which the exact law of two hosts is asked for.
POINTS = 24
#: Halvings of the interval that holds the share of full hosts.
HALVINGS = 80
#: Logarithm of the least share of full hosts that is told from 0.
LEAST = -690.0


def shift(hosts: Numbers) -> Numbers:
    r"""The constant :math:`c_n` of :func:`mean_wait`, :math:`0.41 + 0.85/(n - 1.25)`.

    Fitted to simulations with 3 to 200 hosts, 30 to 99 % busy.

    Parameters
    ----------
    hosts : array_like
        :math:`n \ge 3`.

    References
    ----------
    .. [1] N. Gast, B. Van Houdt, "A refined mean field approximation", Proc. ACM Meas. Anal.
       Comput. Syst. 1(2), 2017 (corrections of order 1/n; the constants are our own).

    Examples
    --------
    >>> round(float(shift(4)), 4)
    0.7191
    """
    with np.errstate(all="ignore"):
        count = np.asarray(hosts, dtype=float)
        return np.where(count >= 3, 0.41 + 0.85 / (count - 1.25), np.nan)[()]


def mean_wait(
    arrival_rate: Numbers, service_rate: Numbers, servers: Numbers, hosts: Numbers, scv: Numbers
) -> Numbers:
    r"""Mean wait at one of n hosts of k servers, two of which are looked at.

    For one server a host and scv 1: M/M/1 for n = 1, the exact law of
    :mod:`capcalc.theory.balancing.shortest_of_two` for n = 2, else

    .. math:: W \approx \frac1\mu \left(\frac{1}{n (1 - \rho)} +
              \frac{n - 1}{n} R_\infty(\rho - c_n / n)\right)

    where :math:`R_\infty` is the response in services with infinitely many hosts
    (:func:`capcalc.theory.balancing.power_of_d.mean_response`) and :math:`c_n` is
    :func:`shift`: right in the limits of many hosts and of full ones, and within 1.2 % of
    simulated responses (3 to 100 hosts, 30 to 99 % busy). Several servers a host come in by

    .. math:: W_{n,k} \approx W_{M/M/nk} + \frac{W_{n,1} - W_{M/M/n}}{W_{\infty,1}}
              W_{\infty,k} \left(1 - 0.13 \log_2 k \, \frac{32}{32 + n} \ln P_{\infty,k}\right)

    with the shares :math:`P_\infty` of :func:`limit`, and other laws of service by the factor
    :math:`(1 + c_s^2)/2`. Both are approximations: the response was within 1 % of simulations
    for scv 1 and 2 to 16 servers (2 to 48 hosts, 50 to 98 % busy; a short wait up to 30 % off),
    and within 4 % for scv 0 to 4 (4 to 30 hosts of 1 and 4 servers, 70 and 90 % busy).

    Parameters
    ----------
    arrival_rate : array_like
        :math:`\lambda` over all hosts together. [1/s]
    service_rate : array_like
        :math:`\mu` of one server. [1/s]
    servers, hosts : array_like
        :math:`k` servers on each of :math:`n` hosts.
    scv : array_like
        Squared coefficient of variation of the service time.

    Returns
    -------
    float or ndarray
        Seconds; ``inf`` where saturated.

    References
    ----------
    .. [1] M. Mitzenmacher, "The power of two choices in randomized load balancing", IEEE Trans.
       Parallel Distrib. Syst. 12, 2001.
    .. [2] N. Gast, B. Van Houdt, "A refined mean field approximation", Proc. ACM Meas. Anal.
       Comput. Syst. 1(2), 2017.

    Examples
    --------
    >>> (1 + mean_wait(np.array([8, 3.6]), 1, 1, np.array([10, 4]), 1)).round(2)
    array([2.08, 3.75])
    """
    rate, speed, count, machines, service = broadcast(
        arrival_rate, service_rate, servers, hosts, scv
    )
    wait = np.full(rate.shape, np.nan)
    with np.errstate(all="ignore"):
        together = places(count, machines)
        spare = spare_rate(rate, speed, together)
        good = (rate >= 0) & (speed > 0) & (service >= 0) & np.isfinite(together)
        wait[good & (spare <= 0)] = np.inf
        some = good & (spare > 0)
        load = np.where(some, rate / (together * speed), 0.0)
        wait[some & (load == 0)] = 0.0
        some = some & (load > 0)
        left = (spare / (together * speed))[some]
        found = _services(load[some], left, count[some], machines[some])
        wait[some] = 0.5 * (1.0 + service[some]) * found / speed[some]
    return wait[()]


def mean_response(
    arrival_rate: Numbers, service_rate: Numbers, servers: Numbers, hosts: Numbers, scv: Numbers
) -> Numbers:
    r"""Mean time from arrival to departure, :math:`W_q + 1/\mu`. [s]

    As good as :func:`mean_wait`.

    Parameters
    ----------
    arrival_rate, service_rate, servers, hosts, scv : array_like
        As for :func:`mean_wait`.

    References
    ----------
    .. [1] M. Mitzenmacher, "The power of two choices in randomized load balancing", IEEE Trans.
       Parallel Distrib. Syst. 12, 2001.

    Examples
    --------
    >>> round(float(mean_response(3.6, 1, 1, 4, 1)), 2)
    3.75
    """
    with np.errstate(all="ignore"):
        own = 1.0 / np.asarray(service_rate, dtype=float)
    return np.add(mean_wait(arrival_rate, service_rate, servers, hosts, scv), own)[()]


def prob_wait(
    arrival_rate: Numbers, service_rate: Numbers, servers: Numbers, hosts: Numbers, scv: Numbers
) -> Numbers:
    r"""Share of arrivals that find both hosts full.

    Between :math:`P_{\infty,k}`, that of infinitely many hosts, and Erlang's C of two hosts,

    .. math:: P \approx P_{\infty,k} + \frac{C(2k, 2k\rho) - P_{\infty,k}}
              {1 + (n/2 - 1) / (0.65 k^{0.38})}

    An approximation fitted to simulations, at most 0.045 off; exact for one host.

    Parameters
    ----------
    arrival_rate, service_rate, servers, hosts, scv : array_like
        As for :func:`mean_wait`.

    References
    ----------
    .. [1] M. Mitzenmacher, "The power of two choices in randomized load balancing", IEEE Trans.
       Parallel Distrib. Syst. 12, 2001.

    Examples
    --------
    >>> round(float(prob_wait(9, 1, 1, 10, 1)), 3)
    0.816
    """
    rate, speed, count, machines, service = broadcast(
        arrival_rate, service_rate, servers, hosts, scv
    )
    share = np.full(rate.shape, np.nan)
    with np.errstate(all="ignore"):
        together = places(count, machines)
        spare = spare_rate(rate, speed, together)
        good = (rate >= 0) & (speed > 0) & (service >= 0) & np.isfinite(together)
        share[good & (spare <= 0)] = 1.0
        share[good & (spare > 0) & (rate == 0)] = 0.0
        some = good & (spare > 0) & (rate > 0)
        load = (rate / (together * speed))[some]
        share[some] = _full(load, count[some], machines[some])
    return share[()]


def _full(load: Array, servers: Array, hosts: Array) -> Array:
    """Share of arrivals that wait."""
    many = limit(load, servers)[0]
    seen = np.minimum(hosts, 2.0)
    few = np.asarray(mmc.prob_wait(load * servers * seen, 1.0, servers * seen))
    pairs = np.maximum(0.5 * hosts - 1.0, 0.0)
    return np.asarray(many + (few - many) / (1.0 + pairs / (0.65 * servers**0.38)))


def _services(load: Array, spare: Array, servers: Array, hosts: Array) -> Array:
    """Mean wait in services for exponential service, stable loads above 0."""
    together = servers * hosts
    pooled = np.asarray(mmc.mean_wait(load * together, 1.0, together))
    alone = np.asarray(mmc.mean_wait(load * hosts, 1.0, hosts))
    extra = _one_server(load, spare, hosts) - alone
    single = servers == 1
    several = np.where(hosts > 1, extra, 0.0)
    if not single.all():
        full, wait = limit(load[~single], servers[~single])
        base = np.asarray(power_of_d.mean_wait(load[~single], 1.0, 1.0, 1.0, 1.0))
        share = np.where(base > 0, several[~single] / np.where(base > 0, base, 1.0), 1.0)
        few = 32.0 / (32.0 + hosts[~single])
        depth = -np.log(np.where(full > 0, full, 1.0))
        spread = 1.0 + 0.13 * np.log2(servers[~single]) * few * depth
        several[~single] = np.where(hosts[~single] > 1, share * wait * spread, 0.0)
    return np.asarray(pooled + np.maximum(several, 0.0))


def _one_server(load: Array, spare: Array, hosts: Array) -> Array:
    """Mean wait in services with one server a host."""
    wait = load / spare
    two, more = hosts == 2, hosts >= 3
    wait[two] = np.asarray(mmc.mean_wait(2.0 * load[two], 1.0, 2.0)) + _beyond_pooled(load[two])
    many, busy = hosts[more], load[more]
    looked = np.maximum(busy - np.asarray(shift(many)) / many, 0.0)
    rest = np.asarray(power_of_d.mean_response(looked, 1.0, 1.0, 1.0, 1.0))
    # 1/(n (1 - rho)) + (n - 1)/n R - 1, without the ones that cancel
    found = busy / spare[more] / many + (1.0 - 1.0 / many) * (rest - 1.0)
    # at low load: who waits meets one request in service, hardly ever more
    light = _full(busy, np.ones_like(busy), many) / ((1.0 + busy) * spare[more])
    wait[more] = np.minimum(found, light)
    return np.asarray(wait)


def _beyond_pooled(load: Array) -> Array:
    """By how much two hosts wait longer than one queue for two servers, in services."""
    return np.asarray(np.square(load) * chebyshev.chebval(2.0 * load - 1.0, _exact_of_two()))


@cache
def _exact_of_two() -> Array:
    """The exact law of two hosts at Chebyshev's points, as a polynomial in the load."""
    places_ = chebyshev.chebpts1(POINTS)
    load = 0.5 * (places_ + 1.0)
    exact = np.asarray(shortest_of_two.mean_wait(2.0 * load, 1.0, 1.0, 2.0, 1.0))
    pooled = np.asarray(mmc.mean_wait(2.0 * load, 1.0, 2.0))
    return np.asarray(chebyshev.chebfit(places_, (exact - pooled) / np.square(load), POINTS - 1))


def limit(load: Numbers, servers: Numbers) -> tuple[Array, Array]:
    r"""Share that waits, and mean wait in services, with infinitely many hosts of k servers.

    The share :math:`s_i` of hosts with at least i requests solves, with :math:`a = k\rho`,

    .. math:: a s_{i-1}^2 = i s_i + \sum_{j=i+1}^{k} s_j \ (i \le k), \qquad
              s_i = \rho s_{i-1}^2 \ (i > k), \qquad s_0 = 1

    so that all follow from :math:`s_k`, which is found by bisection; who waits has found two
    full hosts, :math:`s_k^2`.

    Parameters
    ----------
    load : array_like
        :math:`0 < \rho < 1`.
    servers : array_like
        :math:`k \ge 1`, whole.

    References
    ----------
    .. [1] M. Mitzenmacher, "The power of two choices in randomized load balancing", IEEE Trans.
       Parallel Distrib. Syst. 12, 2001 (k = 1; here with min(i, k) servers at work).

    Examples
    --------
    >>> [round(float(value), 4) for value in limit(0.9, 4)]
    [0.53, 0.2002]
    """
    shape = np.broadcast_shapes(np.shape(load), np.shape(servers))
    busy, count = (each.ravel() for each in broadcast(load, servers))
    full = busy.copy()
    several = np.flatnonzero(count != 1)
    with np.errstate(all="ignore"):
        if several.size:
            full[several] = _full_hosts(busy[several], count[several])
        waiting, share = np.zeros(busy.shape), full
        for _ in range(100):
            share = busy * np.square(share)
            waiting = waiting + share
            if not (share > 0).any():
                break
        prob, wait = np.square(full), waiting / (busy * count)
    return np.reshape(prob, shape), np.reshape(wait, shape)


def _full_hosts(load: Array, servers: Array) -> Array:
    """The share of hosts whose servers are all busy, by halving in its logarithm.

    The largest hosts first: a level of the recursion concerns those that have so many servers.
    """
    order = np.argsort(-servers, kind="stable")
    busy, count = load[order], servers[order]
    most = int(np.max(count, initial=1.0, where=np.isfinite(count)))
    reached = [int(np.count_nonzero(count >= level)) for level in range(most + 1)]
    low, high = np.full(busy.shape, LEAST), np.zeros(busy.shape)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        above = _empty(middle, busy, count, reached) > 1.0
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    found = np.empty(busy.shape)
    found[order] = np.where(low == LEAST, 0.0, np.exp(high))
    return found


def _empty(log_full: Array, load: Array, servers: Array, reached: list[int]) -> Array:
    """What the share of hosts with at least no request would be for that of full hosts."""
    share, above, places_ = np.exp(log_full), np.zeros(load.shape), load * servers
    for level in range(len(reached) - 1, 0, -1):
        some = slice(reached[level])
        below = np.sqrt((level * share[some] + above[some]) / places_[some])
        above[some] += share[some]
        share[some] = below
    return np.asarray(share)
