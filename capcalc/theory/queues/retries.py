r"""Clients that time out and try again: the load they make, from both ends.

Tries arrive at :math:`\Lambda = \lambda \sum_{i=0}^r p^i` where p is the probability that a
response of M/M/c at the rate :math:`\Lambda` takes longer than the timeout. The right side is
convex up to saturation, so that there are none, one or two solutions below it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from capcalc.theory.arrays import Array, Numbers, broadcast, spare_rate
from capcalc.theory.queues import mmc

_GOLDEN = 0.5 * (np.sqrt(5.0) - 1.0)


def lowest_load(
    arrival_rate: Numbers,
    service_rate: Numbers,
    servers: Numbers,
    timeout: Numbers,
    retries: Numbers,
) -> Numbers:
    r"""Rate of tries that a system without a backlog settles at, the lowest fixed point. [1/s]

    An approximation: tries are taken as Poisson, repeated after a long back-off, and work on
    a try goes on after its timeout. Timeouts cluster, so it is low: against simulations at
    30 to 45 % load with back-offs of 20 and 30 services by 1.3 to 5.4 %, by far more without.

    Parameters
    ----------
    arrival_rate, service_rate, servers : array_like
        First tries, and as for :func:`capcalc.theory.queues.mmc.utilization`. [1/s]
    timeout : array_like
        After which a try is given up, :math:`\ge 0`. [s]
    retries : array_like
        :math:`r \ge 0` at most after the first try.

    Returns
    -------
    float or ndarray
        :math:`(1 + r) \lambda` where no fixed point is below saturation: all time out.

    References
    ----------
    .. [1] N. Bronson, A. Aghayev, A. Charapko, T. Zhu, "Metastable failures in distributed
       systems", HotOS, 2021.

    Examples
    --------
    >>> round(float(lowest_load(0.3, 1, 1, 3, 2) / 0.3), 6)
    1.161702
    """
    return _loads(arrival_rate, service_rate, servers, timeout, retries)[0][()]


def highest_load(
    arrival_rate: Numbers,
    service_rate: Numbers,
    servers: Numbers,
    timeout: Numbers,
    retries: Numbers,
) -> Numbers:
    r"""Rate of tries after a backlog, the highest fixed point. [1/s]

    :math:`(1 + r) \lambda` where that saturates the servers, else the same as
    :func:`lowest_load`, with the same error.

    Parameters
    ----------
    arrival_rate, service_rate, servers, timeout, retries : array_like
        As for :func:`lowest_load`.

    References
    ----------
    .. [1] N. Bronson, A. Aghayev, A. Charapko, T. Zhu, HotOS, 2021.

    Examples
    --------
    >>> float(highest_load(0.5, 1, 1, 15, 3))
    2.0
    """
    return _loads(arrival_rate, service_rate, servers, timeout, retries)[2][()]


def tipping_load(
    arrival_rate: Numbers,
    service_rate: Numbers,
    servers: Numbers,
    timeout: Numbers,
    retries: Numbers,
) -> Numbers:
    r"""Rate of tries from which on the load runs away by itself, the unstable fixed point. [1/s]

    Parameters
    ----------
    arrival_rate, service_rate, servers, timeout, retries : array_like
        As for :func:`lowest_load`.

    Returns
    -------
    float or ndarray
        ``nan`` where there is none.

    References
    ----------
    .. [1] N. Bronson, A. Aghayev, A. Charapko, T. Zhu, HotOS, 2021.

    Examples
    --------
    >>> round(float(tipping_load(0.5, 1, 1, 15, 3)), 6)
    0.955493
    """
    return _loads(arrival_rate, service_rate, servers, timeout, retries)[1][()]


def amplification(
    arrival_rate: Numbers,
    service_rate: Numbers,
    servers: Numbers,
    timeout: Numbers,
    retries: Numbers,
) -> Numbers:
    r"""Tries for each visit without a backlog, :math:`\Lambda / \lambda`; see :func:`lowest_load`.

    Parameters
    ----------
    arrival_rate, service_rate, servers, timeout, retries : array_like
        As for :func:`lowest_load`.

    References
    ----------
    .. [1] N. Bronson, A. Aghayev, A. Charapko, T. Zhu, HotOS, 2021.

    Examples
    --------
    >>> round(float(amplification(0.45, 1, 1, 6, 1)), 6)
    1.041226
    """
    load = np.asarray(lowest_load(arrival_rate, service_rate, servers, timeout, retries))
    with np.errstate(all="ignore"):
        return np.where(load >= 0, load / np.asarray(arrival_rate, float), np.nan)[()]


def metastable(
    arrival_rate: Numbers,
    service_rate: Numbers,
    servers: Numbers,
    timeout: Numbers,
    retries: Numbers,
) -> Numbers:
    r"""1 where a backlog can turn a working state into one in which all time out, else 0.

    Parameters
    ----------
    arrival_rate, service_rate, servers, timeout, retries : array_like
        As for :func:`lowest_load`.

    References
    ----------
    .. [1] N. Bronson, A. Aghayev, A. Charapko, T. Zhu, HotOS, 2021.

    Examples
    --------
    >>> metastable(np.array([0.2, 0.5, 0.8]), 1, 1, 15, 3)
    array([0., 1., 0.])
    """
    low, tip, _ = _loads(arrival_rate, service_rate, servers, timeout, retries)
    return np.where(np.isnan(low), np.nan, np.where(np.isnan(tip), 0.0, 1.0))[()]


def stability_limit(service_rate: Numbers, servers: Numbers, retries: Numbers) -> Numbers:
    r"""Arrival rate below which no backlog stays for good, :math:`c\mu / (1 + r)`. [1/s]

    Parameters
    ----------
    service_rate, servers : array_like
        As for :func:`lowest_load`. [1/s]
    retries : array_like
        At most for a visit; or the budget, retries allowed for each first try.

    References
    ----------
    .. [1] N. Bronson, A. Aghayev, A. Charapko, T. Zhu, HotOS, 2021.

    Examples
    --------
    >>> float(stability_limit(1, 1, 3))
    0.25
    """
    speed, count, again = broadcast(service_rate, servers, retries)
    with np.errstate(all="ignore"):
        good = (speed > 0) & (count >= 1) & (again >= 0)
        return np.where(good, count * speed / (1.0 + again), np.nan)[()]


def _loads(
    arrival_rate: Numbers, service_rate: Numbers, servers: Numbers, timeout: Numbers, again: Numbers
) -> tuple[Array, Array, Array]:
    """The lowest, the unstable and the highest fixed point."""
    rate, speed, count, time, more = broadcast(arrival_rate, service_rate, servers, timeout, again)
    with np.errstate(all="ignore"):
        good = (rate >= 0) & (speed > 0) & (count >= 1) & (time >= 0) & (more >= 0)
        good &= np.isfinite(rate + speed + count + more) & np.isfinite(count * speed)
        rate, speed, count, time, more = (
            np.where(good, x, y)
            for x, y in ((rate, 0.25), (speed, 1.0), (count, 1.0), (time, 1.0), (more, 0.0))
        )
        full = (1.0 + more) * rate
        jams = spare_rate(full, speed, count) <= 0

        def excess(load: Array) -> Array:
            within = np.asarray(mmc.response_cdf(time, load, speed, count))
            # 1 + p + ... + p^r with p = 1 - F, without cancellation at either end
            tries = -np.expm1((1.0 + more) * np.log1p(-within)) / within
            tries = np.where(within > 0, tries, 1.0 + more)
            return np.asarray(rate * tries - load)

        top = np.minimum(full, count * speed)
        bottom = _lowest_point(excess, np.minimum(rate, top), top)
        works = ~jams | ((excess(bottom) <= 0) & (bottom < count * speed))
        end = np.where(jams, bottom, top)
        low = np.where(works, _crossing(excess, rate, end, 1.0), full)
        tip = np.where(works & jams, _crossing(excess, bottom, top, -1.0), np.nan)
        high = np.where(jams, full, low)
        low, tip, high = (np.where(good, each, np.nan) for each in (low, tip, high))
    return low, tip, high


def _lowest_point(function: Callable[[Array], Array], low: Array, high: Array) -> Array:
    """Where a convex function is least, by golden sections; always as many, for all alike."""
    for _ in range(90):
        left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        falls = function(left) > function(right)
        low, high = np.where(falls, left, low), np.where(falls, high, right)
    return 0.5 * (low + high)


def _crossing(function: Callable[[Array], Array], low: Array, high: Array, sign: float) -> Array:
    """Root between a point where the signed function is positive and one where it is not."""
    for _ in range(90):
        middle = 0.5 * (low + high)
        before = sign * function(middle) > 0
        low, high = np.where(before, middle, low), np.where(before, high, middle)
    return 0.5 * (low + high)
