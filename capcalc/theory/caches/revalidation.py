"""Caches that ask whether what they hold has changed, and pages put together of cached parts."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from capcalc.theory.arrays import Array, Numbers, broadcast, in_turn
from capcalc.theory.caches import lru, ttl

#: A mean number of changes, below which a series replaces a difference.
FEW = 0.5
#: Coefficients of (y - 1 + e^-y) / y by falling powers, from y^14 to y^0.
_SERIES = [(-1.0) ** (k + 1) / np.prod(np.arange(1.0, k + 2.0)) for k in range(14, 0, -1)] + [0.0]


def fresh_ratio(rate: Numbers, max_age: Numbers) -> Numbers:
    r"""Share of requests answered without asking: :math:`\lambda D / (1 + \lambda D)`.

    Parameters
    ----------
    rate : array_like
        Poisson requests :math:`\lambda` for the object. [1/s]
    max_age : array_like
        D, from the last fetch or confirmation on. [s]

    References
    ----------
    .. [1] R. Fielding, M. Nottingham, J. Reschke, "HTTP Caching", RFC 9111, 2022, sec. 4.2.
    .. [2] J. Jung, A. W. Berger, H. Balakrishnan, INFOCOM, 2003.

    Examples
    --------
    >>> round(float(fresh_ratio(0.1, 60)), 6)
    0.857143
    """
    return ttl.hit_ratio(rate, max_age)


def not_modified_ratio(rate: Numbers, max_age: Numbers, change_rate: Numbers) -> Numbers:
    r"""Share of requests that the origin answers with 304, the content being the same.

    .. math:: \frac{e^{-\mu D}}{1 + \lambda D} \frac{\lambda}{\lambda + \mu}

    No change within D, nor until the next request. Exact for Poisson requests and changes, and
    a cache with room for everything.

    Parameters
    ----------
    rate : array_like
        Poisson requests :math:`\lambda` for the object. [1/s]
    max_age : array_like
        D, from the last fetch or confirmation on. [s]
    change_rate : array_like
        Poisson changes :math:`\mu` of the object. [1/s]

    References
    ----------
    .. [1] R. Fielding, M. Nottingham, J. Reschke, "HTTP Caching", RFC 9111, 2022, sec. 4.3.

    Examples
    --------
    >>> round(float(not_modified_ratio(0.1, 60, 0.005)), 6)
    0.100792
    """
    asked, age, changes, good = _checked(rate, max_age, change_rate)
    with np.errstate(all="ignore"):
        same = np.exp(-_product(changes, age)) * _first(asked, changes)
        return np.where(good, same / (1.0 + _product(asked, age)), np.nan)[()]


def full_ratio(rate: Numbers, max_age: Numbers, change_rate: Numbers) -> Numbers:
    r"""Share of requests that the origin answers with the content, 200.

    .. math:: \frac{1}{1 + \lambda D} \left(1 - \frac{\lambda e^{-\mu D}}{\lambda + \mu}\right)

    What the other two, :func:`fresh_ratio` and :func:`not_modified_ratio`, leave.

    Parameters
    ----------
    rate, max_age, change_rate : array_like
        As for :func:`not_modified_ratio`.

    References
    ----------
    .. [1] R. Fielding, M. Nottingham, J. Reschke, "HTTP Caching", RFC 9111, 2022, sec. 4.3.

    Examples
    --------
    >>> round(float(full_ratio(0.1, 60, 0.005)), 6)
    0.042066
    """
    asked, age, changes, good = _checked(rate, max_age, change_rate)
    with np.errstate(all="ignore"):
        first = _first(asked, changes)
        other = _first(changes, asked) - first * np.expm1(-_product(changes, age))
        other = np.where((asked == 0) & (changes == 0), 1.0, other)
        return np.where(good, other / (1.0 + _product(asked, age)), np.nan)[()]


def stale_ratio(rate: Numbers, max_age: Numbers, change_rate: Numbers) -> Numbers:
    r"""Share of all requests that get what has changed since.

    .. math:: \frac{\lambda D}{1 + \lambda D}
       \left(1 - \frac{1 - e^{-\mu D}}{\mu D}\right)

    Parameters
    ----------
    rate, max_age, change_rate : array_like
        As for :func:`not_modified_ratio`.

    References
    ----------
    .. [1] R. Fielding, M. Nottingham, J. Reschke, "HTTP Caching", RFC 9111, 2022, sec. 4.2.

    Examples
    --------
    >>> round(float(stale_ratio(0.1, 60, 0.005)), 6)
    0.116623
    """
    asked, age, changes, good = _checked(rate, max_age, change_rate)
    with np.errstate(all="ignore"):
        changed = _product(changes, age)
        old = np.polyval(_SERIES, np.minimum(changed, FEW))
        old = np.where(changed < FEW, old, 1.0 + np.expm1(-changed) / changed)
        return np.where(good, np.asarray(fresh_ratio(asked, age)) * old, np.nan)[()]


def visible_miss_ratio(rate: Numbers, max_age: Numbers, stale_window: Numbers) -> Numbers:
    r"""Share of requests that wait for the origin with stale-while-revalidate.

    .. math:: \frac{e^{-\lambda w}}{1 + \lambda D}

    The first request within w after D gets the old content at once, and a request goes to the
    origin all the same: its load does not change.

    Parameters
    ----------
    rate : array_like
        Poisson requests :math:`\lambda` for the object. [1/s]
    max_age : array_like
        D, from the last fetch or confirmation on. [s]
    stale_window : array_like
        w, from D on; 0 without. [s]

    References
    ----------
    .. [1] M. Nottingham, "HTTP Cache-Control extensions for stale content", RFC 5861, 2010,
       sec. 3.

    Examples
    --------
    >>> visible_miss_ratio(0.1, 60, np.array([0, 30])).round(4)
    array([0.1429, 0.0071])
    """
    asked, age, window, good = _checked(rate, max_age, stale_window)
    with np.errstate(all="ignore"):
        miss = np.exp(-_product(asked, window)) / (1.0 + _product(asked, age))
        return np.where(good, miss, np.nan)[()]


def origin_bytes(
    rate: Numbers,
    max_age: Numbers,
    change_rate: Numbers,
    size: Numbers,
    header_size: Numbers = 400.0,
) -> Numbers:
    r"""Mean bytes that the origin sends for a request to the cache.

    Parameters
    ----------
    rate, max_age, change_rate : array_like
        As for :func:`not_modified_ratio`.
    size : array_like
        Of the content and its headers. [bytes]
    header_size : array_like
        Of a 304 answer, commonly 300 to 600. [bytes]

    References
    ----------
    .. [1] R. Fielding, M. Nottingham, J. Reschke, "HTTP Caching", RFC 9111, 2022, sec. 4.3.

    Examples
    --------
    >>> round(float(origin_bytes(0.1, 60, 0.005, size=50_000)), 1)
    2143.6
    """
    full, same, body, header = broadcast(
        full_ratio(rate, max_age, change_rate),
        not_modified_ratio(rate, max_age, change_rate),
        size,
        header_size,
    )
    with np.errstate(all="ignore"):
        sent = _product(full, body) + _product(same, header)
        good = (full >= 0) & (same >= 0) & (body >= 0) & (header >= 0)
        return np.where(good, sent, np.nan)[()]


def page_time(
    compose_time: Numbers,
    fragment_hit_ratios: ArrayLike,
    fragment_times: ArrayLike,
    page_hit_ratio: Numbers = 0.0,
    cacheable: Numbers = 1.0,
) -> Numbers:
    r"""Mean work for a page of fragments that are cached each, and as a whole.

    .. math:: (1 - f h) \left(D_0 + \sum_k (1 - h_k) D_k\right)

    [s]

    Parameters
    ----------
    compose_time : array_like
        :math:`D_0`, to put the fragments together. [s]
    fragment_hit_ratios, fragment_times : array_like
        :math:`h_k` and :math:`D_k`, fragments along the last axis. [s]
    page_hit_ratio : array_like
        h of whole pages, among those that may be cached.
    cacheable : array_like
        Share f of the pages without anything personal.

    References
    ----------
    .. [1] A. Datta et al., "Proxy-based acceleration of dynamically generated content on the
       World Wide Web", Proc. SIGMOD 2002.

    Examples
    --------
    >>> round(float(page_time(0.002, [0.9, 0.5], [0.050, 0.010])), 6)
    0.012
    """
    hits, times = broadcast(
        np.asarray(fragment_hit_ratios, float), np.asarray(fragment_times, float)
    )
    with np.errstate(all="ignore"):
        fine = (hits >= 0) & (hits <= 1) & (times >= 0)
        parts = np.where(fine, _product(1.0 - hits, times), np.nan)
        work = in_turn(parts) if parts.ndim and parts.shape[-1] else parts.sum()
        base, work, whole, part = broadcast(compose_time, work, page_hit_ratio, cacheable)
        good = (base >= 0) & (work >= 0) & (whole >= 0) & (whole <= 1) & (part >= 0) & (part <= 1)
        return np.where(good, _product(1.0 - part * whole, base + work), np.nan)[()]


def per_user_hit_ratio(
    capacity: Numbers, objects: Numbers, exponent: Numbers, users: Numbers
) -> Numbers:
    r"""LRU's hit ratio where each of u users has objects of their own.

    There are :math:`u N` objects of popularity :math:`p_i / u`, which in the approximation of
    :func:`capcalc.theory.caches.lru.hit_ratio` is a cache of :math:`C / u` places for N.

    Parameters
    ----------
    capacity : array_like
        :math:`C \ge 0`. [objects]
    objects : array_like
        N of each user, counted down to a whole number.
    exponent : array_like
        Zipf's :math:`\alpha \ge 0` among a user's objects.
    users : array_like
        Active users :math:`u \ge 1`, all alike.

    References
    ----------
    .. [1] H. Che, Y. Tung, Z. Wang, IEEE JSAC 20(7), 2002 (the approximation).

    Examples
    --------
    >>> per_user_hit_ratio(1_000, 10_000, 0.8, users=np.array([1, 100])).round(4)
    array([0.4367, 0.0282])
    """
    room, count = broadcast(capacity, users)
    with np.errstate(all="ignore"):
        each = np.where((count >= 1) & (count < np.inf), room / count, np.nan)
    return lru.hit_ratio(each, objects, exponent)


def _product(first: Array, second: Array) -> Array:
    return np.where((first == 0) | (second == 0), 0.0, first * second)


def _first(rate: Array, other: Array) -> Array:
    """Probability that of two things the first happens first."""
    return np.where(rate == 0, 0.0, 1.0 / (1.0 + other / rate))


def _checked(
    rate: Numbers, first: Numbers, second: Numbers
) -> tuple[Array, Array, Array, NDArray[np.bool_]]:
    asked, one, two = broadcast(rate, first, second)
    with np.errstate(all="ignore"):
        return asked, one, two, (asked >= 0) & (one >= 0) & (two >= 0)
