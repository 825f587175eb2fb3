"""M/D/c: Poisson arrivals, every service as long as any other, c servers and one queue; exact."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import special

from capcalc.theory.arrays import Array, Numbers, broadcast, spare_rate
from capcalc.theory.distributions import inversion
from capcalc.theory.queues import md1, mmc
from capcalc.theory.queues.erlang import log_erlang_b
from capcalc.theory.queues.patience import waiting

Complex: TypeAlias = NDArray[np.complex128]
Mask: TypeAlias = NDArray[np.bool_]

#: Decay of Spitzer's terms from which on so many of them are summed; below, roots are.
DECAY, TERMS = 0.02, 2200
#: Servers up to which the law of the wait is given.
MOST = 1000
#: Numbers in one array of roots.
CELLS = 1 << 20


def utilization(arrival_rate: Numbers, service_rate: Numbers, servers: Numbers) -> Numbers:
    r"""Share of servers that are busy, :math:`\rho = \lambda / (c\mu)`.

    Parameters
    ----------
    arrival_rate, service_rate : array_like
        :math:`\lambda` of the station, :math:`\mu` of one server: a service takes
        :math:`1/\mu`. [1/s]
    servers : array_like
        :math:`c \ge 1`, a whole number.

    References
    ----------
    .. [1] C. D. Crommelin, "Delay probability formulae when the holding times are constant", Post
       Office Elec. Eng. J. 25, 1932.

    Examples
    --------
    >>> float(utilization(9, 1, 12))
    0.75
    """
    return mmc.utilization(arrival_rate, service_rate, servers)


def prob_wait(arrival_rate: Numbers, service_rate: Numbers, servers: Numbers) -> Numbers:
    r"""Share of arrivals that wait; 1 when saturated.

    .. math:: 1 - \exp\Bigl(-\sum_{n \ge 1} \frac1n P(X_{na} \ge nc)\Bigr)

    with :math:`X` Poisson; near saturation :math:`1 - (c - a) / \prod_k (1 - z_k)` with the roots
    of :math:`z^c = e^{a(z-1)}` inside of the unit circle.

    Parameters
    ----------
    arrival_rate, service_rate, servers : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] F. Spitzer, "A combinatorial lemma and its application to probability theory", Trans.
       Amer. Math. Soc. 82, 1956 (thm. 3.1).

    Examples
    --------
    >>> round(float(prob_wait(9, 1, 10)), 6)
    0.646861
    """
    rate, speed, count, valid, stable = _checked(arrival_rate, service_rate, servers)
    found = np.where(valid, 1.0, np.nan)
    if stable.any():
        found[stable] = _solved(rate[stable], speed[stable], count[stable])[0]
    return found[()]


def mean_wait(arrival_rate: Numbers, service_rate: Numbers, servers: Numbers) -> Numbers:
    r"""Mean time in queue: a server gets every c-th arrival, as if alone. [s]

    .. math:: W_q = \frac1\lambda \sum_{n \ge 1} \frac1n E (X_{na} - nc)^+

    with :math:`X` Poisson; near saturation

    .. math:: L_q = \frac{c - a}2 + \frac{c}{2 (c - a)} - \frac{c + 1}2
              + \sum_k \frac{1 - |z_k|^2}{2 |1 - z_k|^2}

    Relative error below 1e-12.

    Parameters
    ----------
    arrival_rate, service_rate, servers : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] F. Spitzer, "A combinatorial lemma and its application to probability theory", Trans.
       Amer. Math. Soc. 82, 1956 (thm. 3.1).

    Examples
    --------
    >>> round(float(1 + mean_wait(8, 1, 10)), 4)
    1.1098
    """
    rate, speed, count, valid, stable = _checked(arrival_rate, service_rate, servers)
    found = np.where(valid, np.inf, np.nan)
    if stable.any():
        found[stable] = _solved(rate[stable], speed[stable], count[stable])[1]
    return np.where(valid & (rate == 0), 0.0, found)[()]


def mean_response(arrival_rate: Numbers, service_rate: Numbers, servers: Numbers) -> Numbers:
    r"""Mean time from arrival to departure, :math:`W = W_q + 1/\mu`. [s]

    Parameters
    ----------
    arrival_rate, service_rate, servers : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] C. D. Crommelin, "Delay probability formulae when the holding times are constant", Post
       Office Elec. Eng. J. 25, 1932.

    Examples
    --------
    >>> round(float(mean_response(8, 1, 10)), 4)
    1.1098
    """
    own = mmc.mean_response(0.0, service_rate, servers)
    return np.add(mean_wait(arrival_rate, service_rate, servers), own)[()]


def mean_queue_length(arrival_rate: Numbers, service_rate: Numbers, servers: Numbers) -> Numbers:
    r"""Mean number waiting, :math:`L_q = \lambda W_q` (Little).

    Parameters
    ----------
    arrival_rate, service_rate, servers : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] C. D. Crommelin, "Delay probability formulae when the holding times are constant", Post
       Office Elec. Eng. J. 25, 1932.

    Examples
    --------
    >>> round(float(mean_queue_length(8, 1, 10)), 4)
    0.8786
    """
    return mmc.held(arrival_rate, mean_wait(arrival_rate, service_rate, servers))


def mean_number(arrival_rate: Numbers, service_rate: Numbers, servers: Numbers) -> Numbers:
    r"""Mean number waiting or served, :math:`L = \lambda W` (Little).

    Parameters
    ----------
    arrival_rate, service_rate, servers : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] C. D. Crommelin, "Delay probability formulae when the holding times are constant", Post
       Office Elec. Eng. J. 25, 1932.

    Examples
    --------
    >>> round(float(mean_number(8, 1, 10)), 4)
    8.8786
    """
    return mmc.held(arrival_rate, mean_response(arrival_rate, service_rate, servers))


def wait_cdf(
    time: Numbers, arrival_rate: Numbers, service_rate: Numbers, servers: Numbers
) -> Numbers:
    r"""Probability of waiting at most ``time``, by inversion of the transform.

    .. math:: E e^{-sW} = \frac{(c - a) s}{\lambda} \,
              \frac{\prod_k (1 - s/s_k)}{e^{-sD} - (1 - s/\lambda)^c}, \quad
              s_k = \lambda (1 - z_k)

    Absolute error, measured: 1e-6 for 2 servers, 4e-8 for 3, 8e-10 for 4, 1.2e-11 from 6 on (the
    law has kinks at multiples of the service time, the sharper the fewer servers); ``nan`` for
    more than a thousand servers. One server is M/D/1.

    Parameters
    ----------
    time : array_like
        [s]
    arrival_rate, service_rate, servers : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] G. J. Franx, "A simple solution for the M/D/c waiting time distribution", Oper. Res.
       Lett. 29(5), 2001.

    Examples
    --------
    >>> round(float(wait_cdf(0.5, 8, 1, 10)), 4)
    0.9393
    """
    time, *given = broadcast(time, arrival_rate, service_rate, servers)
    rate, speed, count, valid, stable = _checked(*given)
    with np.errstate(all="ignore"):
        known = ~np.isnan(time) & (count <= MOST)
        result = np.where(valid & known, 0.0, np.nan)
        result[valid & known & stable & (time == np.inf)] = 1.0
        some = stable & known & (count > 1) & (time >= 0) & (time < np.inf)
        if some.any():
            law, times = _law(rate[some], speed[some], count[some]), time[some]
            found = law(times)[0]
            # a node of the inversion on s = lambda is 0/0 there: the law is smooth, look beside
            beside = law(times * (1.0 + 1e-11))[0] if np.isnan(found).any() else found
            result[some] = 1.0 - np.where(np.isnan(found), beside, found)
        # next to nobody waits, which the inversion cannot resolve
        rare = some & (np.asarray(prob_wait(rate, speed, count)) < 1e-15)
        result[rare] = 1.0
        alone = valid & (count == 1)
        result[alone] = md1.wait_cdf(time[alone], rate[alone], speed[alone])
        return result[()]


def wait_quantile(
    p: Numbers, arrival_rate: Numbers, service_rate: Numbers, servers: Numbers
) -> Numbers:
    r"""The wait that a share ``p`` does not exceed; as precise as :func:`wait_cdf`. [s]

    Parameters
    ----------
    p : array_like
        :math:`0 \le p < 1`.
    arrival_rate, service_rate, servers : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] G. J. Franx, "A simple solution for the M/D/c waiting time distribution", Oper. Res.
       Lett. 29(5), 2001.

    Examples
    --------
    >>> round(float(wait_quantile(0.95, 8, 1, 10)), 3)
    0.544
    """
    level, *given = broadcast(p, arrival_rate, service_rate, servers)
    rate, speed, count, valid, stable = _checked(*given)
    with np.errstate(all="ignore"):
        good = valid & (level >= 0) & (level < 1) & (count <= MOST)
        result = np.where(good, np.inf, np.nan)
        waits = np.asarray(prob_wait(rate, speed, count))
        zero = good & stable & (level <= 1.0 - waits)
        result[zero] = 0.0
        some = good & stable & ~zero & (count > 1)
        if some.any():
            parts = rate[some], speed[some], count[some]
            start = np.asarray(mean_wait(*parts)) / waits[some]
            result[some] = inversion.quantile(_law(*parts), level[some], start)
        alone = good & (count == 1)
        result[alone] = md1.wait_quantile(level[alone], rate[alone], speed[alone])
        return result[()]


def response_cdf(
    time: Numbers, arrival_rate: Numbers, service_rate: Numbers, servers: Numbers
) -> Numbers:
    r"""Probability of a response within ``time``: a wait, and the service time after it.

    Parameters
    ----------
    time : array_like
        [s]
    arrival_rate, service_rate, servers : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] G. J. Franx, "A simple solution for the M/D/c waiting time distribution", Oper. Res.
       Lett. 29(5), 2001.

    Examples
    --------
    >>> round(float(response_cdf(1.5, 8, 1, 10)), 4)
    0.9393
    """
    with np.errstate(all="ignore"):
        before = np.asarray(time, dtype=float) - 1.0 / np.asarray(service_rate, dtype=float)
    return wait_cdf(before, arrival_rate, service_rate, servers)


def response_quantile(
    p: Numbers, arrival_rate: Numbers, service_rate: Numbers, servers: Numbers
) -> Numbers:
    r"""The response that a share ``p`` does not exceed: a wait, and the service time after it. [s]

    Parameters
    ----------
    p : array_like
        :math:`0 \le p < 1`.
    arrival_rate, service_rate, servers : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] G. J. Franx, "A simple solution for the M/D/c waiting time distribution", Oper. Res.
       Lett. 29(5), 2001.

    Examples
    --------
    >>> round(float(response_quantile(0.95, 8, 1, 10)), 3)
    1.544
    """
    wait = np.asarray(wait_quantile(p, arrival_rate, service_rate, servers))
    with np.errstate(all="ignore"):
        own = 1.0 / np.asarray(service_rate, dtype=float)
        return np.where(np.asarray(p) == 0, 0.0 * wait, wait + own)[()]


def _checked(
    arrival_rate: Numbers, service_rate: Numbers, servers: Numbers
) -> tuple[Array, Array, Array, Mask, Mask]:
    rate, speed, count = broadcast(arrival_rate, service_rate, servers)
    with np.errstate(all="ignore"):
        valid = (rate >= 0) & (speed > 0) & (count >= 1) & (count == np.floor(count))
        valid &= np.isfinite(rate) & np.isfinite(speed) & np.isfinite(count)
        stable = valid & (spare_rate(rate, speed, count) > 0)
    return rate, speed, count, np.asarray(valid), np.asarray(stable)


def _solved(rate: Array, speed: Array, servers: Array) -> tuple[Array, Array]:
    """Probability of waiting and mean wait of stable stations, flat."""
    load, gap = rate / speed, spare_rate(rate, speed, servers) / speed
    waits, wait = np.zeros(rate.shape), np.zeros(rate.shape)
    with np.errstate(all="ignore"):
        ratio = gap / servers
        decay = servers * np.where(ratio > 0.5, -ratio - np.log1p(-ratio), _bend(ratio))
        near, some = decay < DECAY, load > 0
        far = some & ~near
        if far.any():
            waits[far], number = _by_terms(load[far], servers[far], gap[far])
            wait[far] = number / rate[far]
        for part in _alike(servers, some & near):
            waits[part], number = _by_roots(load[part], int(servers[part][0]), gap[part])
            wait[part] = number / rate[part]
    return waits, wait


def _bend(ratio: Array) -> Array:
    """-x - ln(1 - x), where x is small."""
    total = np.zeros_like(ratio)
    for k in range(60, 1, -1):
        total = total * ratio + 1.0 / k
    return total * ratio * ratio


def _by_terms(load: Array, servers: Array, gap: Array) -> tuple[Array, Array]:
    """Spitzer's sums, element by element as many terms as it takes, several at a time."""
    exponent, number = np.zeros(load.shape), np.zeros(load.shape)
    moving, start = np.arange(load.size), 1
    while moving.size and start < TERMS:
        count = max(1, min(64, CELLS // (64 * moving.size)))
        n = start + np.arange(count, dtype=float)[:, np.newaxis]
        terms = _terms(n, load[moving], servers[moving], gap[moving])
        exponent[moving] = np.cumsum(np.vstack([exponent[moving], terms[0]]), axis=0)[-1]
        number[moving] = np.cumsum(np.vstack([number[moving], terms[1]]), axis=0)[-1]
        going = terms[1][-1] * n[-1] > 1e-18 * number[moving]
        going |= terms[0][-1] * n[-1] > 1e-18 * exponent[moving]
        moving, start = moving[going], start + n.size
    return -np.expm1(-exponent), number


def _terms(n: Array, load: Array, servers: Array, gap: Array) -> tuple[Array, Array]:
    """P(X >= nc) / n and E (X - nc)+ / n for a row of n, X Poisson of mean na."""
    x, y, rest = n * servers, n * load, n * gap
    sums = waiting(x.ravel(), y.ravel(), rest.ravel())
    log_all, some, queue = (each.reshape(x.shape) for each in sums)
    # B is the probability of nc over that of nc and below
    logged = np.asarray(log_erlang_b(x, y))
    beyond = np.exp(logged + log_all) / (1.0 + np.exp(logged) * some)
    return beyond / n, beyond * queue / n


def _alike(servers: Array, some: Mask) -> Iterator[NDArray[np.intp]]:
    """The elements of a mask by their number of servers, as many at a time as fit."""
    for count in np.unique(servers[some]):
        here = np.flatnonzero(some & (servers == count))
        step = max(1, int(CELLS // count))
        for start in range(0, here.size, step):
            yield here[start : start + step]


def _by_roots(load: Array, servers: int, gap: Array) -> tuple[Array, Array]:
    """Crommelin's formulas, for stations near saturation."""
    z = _roots(load, servers)
    waits = -np.expm1(np.log(gap) - np.log(np.abs(1.0 - z)).sum(axis=1))
    rest = ((1.0 - np.abs(z) ** 2) / (2.0 * np.abs(1.0 - z) ** 2)).sum(axis=1)
    number = 0.5 * gap + 0.5 * servers / gap - 0.5 * (servers + 1.0) + rest
    return waits, number


def _roots(load: Array, servers: int) -> Complex:
    """Roots of z^c = e^(a (z - 1)) inside of the unit circle but for 1, by Lambert's function."""
    a = load[:, np.newaxis]
    share = a / servers
    turn = np.exp(2j * np.pi * np.arange(1, servers) / servers)
    z: Complex = -special.lambertw(np.asarray(-share * np.exp(-share) * turn), 0) / share
    for _ in range(2):  # Newton on c ln z - a (z - 1) - 2 pi i k
        miss = servers * np.log(z) - a * (z - 1.0)
        miss = miss - 2j * np.pi * np.round(miss.imag / (2.0 * np.pi))
        z = np.asarray(z - miss / (servers / z - a))
    return z


def _law(rate: Array, speed: Array, servers: Array) -> Callable[[Array], tuple[Array, Array]]:
    """Tail and density of the wait by time, stations with as many servers together."""
    waits, _ = _solved(rate, speed, servers)
    parts = [
        (part, _Law(rate[part], speed[part], int(servers[part][0]), waits[part]))
        for part in _alike(servers, np.ones(rate.shape, dtype=bool))
    ]

    def law(time: Array) -> tuple[Array, Array]:
        tail, density = np.zeros(time.shape), np.zeros(time.shape)
        for part, transform in parts:
            beyond, slope = inversion.survival_by_euler(transform, time[part], 60)
            tail[part] = waits[part] * np.clip(beyond, 0.0, 1.0)
            density[part] = waits[part] * slope
        return tail, density

    return law


class _Law:
    """Transform of the wait of those who wait."""

    def __init__(self, rate: Array, speed: Array, servers: int, waits: Array) -> None:
        """Flat arrays of stations with this number of servers."""
        self.rate, self.service, self.servers, self.waits = rate, 1.0 / speed, servers, waits
        self.gap = spare_rate(rate, speed, float(servers)) / speed
        self.roots = (rate[:, np.newaxis] * (1.0 - _roots(rate / speed, servers))).T

    def __call__(self, s: Complex) -> Complex:
        """At points to the right of the axis."""
        arrival = 1.0 / (1.0 - s / self.rate)
        below = np.expm1(self.servers * np.log(arrival) - s * self.service)
        ratio = arrival.copy()
        for root in self.roots:  # factor by factor, so that neither side overflows
            ratio *= (1.0 - s / root) * arrival
        whole = self.gap * s / self.rate * ratio / below
        return np.asarray((whole - (1.0 - self.waits)) / self.waits)
