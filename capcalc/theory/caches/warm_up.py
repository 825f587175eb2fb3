"""An LRU cache that starts empty: hits so far, misses until it is full, and how long that takes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import gammainc

from capcalc.theory.arrays import Array, Numbers, by_chunks
from capcalc.theory.caches.lru import characteristic_time
from capcalc.theory.caches.ranks import Mask, Places, Ranks, groups, solve

#: A few requests, for which a series replaces a difference.
FEW = 0.5
#: Coefficients of (y - 1 + e^-y) / y by falling powers, from y^14 to y^0.
_SERIES = [(-1.0) ** (k + 1) / np.prod(np.arange(1.0, k + 2.0)) for k in range(14, 0, -1)] + [0.0]


def hit_ratio(time: Numbers, capacity: Numbers, objects: Numbers, exponent: Numbers) -> Numbers:
    r"""Hit ratio of the request that comes after t others.

    .. math:: h(t) = \sum_{i=1}^N p_i (1 - e^{-p_i \min(t, T)})

    Until it is full a cache holds all that was asked for; it is full at LRU's characteristic
    time T and as good as ever from then on. Within 0.001 of simulations at C = 1,000.

    Parameters
    ----------
    time : array_like
        Requests :math:`t \ge 0` since the cache was empty.
    capacity : array_like
        :math:`C \ge 0`. [objects]
    objects : array_like
        :math:`N \ge 1`, counted down to a whole number.
    exponent : array_like
        Zipf's :math:`\alpha \ge 0`.

    Returns
    -------
    float or ndarray
        ``nan`` out of the domain.

    References
    ----------
    .. [1] C. Fricker, P. Robert, J. Roberts, "A versatile and accurate approximation for LRU
       cache performance", Proc. ITC 24, 2012, sec. 3 (T as the time in which C objects are
       asked for).

    Examples
    --------
    >>> hit_ratio(np.array([50, 1_050, 1e6]), 1_000, objects=10_000, exponent=0.8).round(4)
    array([0.0992, 0.3907, 0.4367])
    """
    with np.errstate(all="ignore"):
        return by_chunks(_hit_ratio, time, capacity, objects, exponent)[()]


def mean_hit_ratio(
    start: Numbers, end: Numbers, capacity: Numbers, objects: Numbers, exponent: Numbers
) -> Numbers:
    r"""Mean of the hit ratio over the requests from one to another.

    .. math:: \frac 1{b - a} \int_a^b h(t)\, dt

    Parameters
    ----------
    start, end : array_like
        Requests :math:`0 \le a \le b` since the cache was empty.
    capacity, objects, exponent : array_like
        As for :func:`hit_ratio`, which says how good the approximation is.

    References
    ----------
    .. [1] C. Fricker, P. Robert, J. Roberts, Proc. ITC 24, 2012, sec. 3.

    Examples
    --------
    >>> round(float(mean_hit_ratio(0, 100, 1_000, objects=10_000, exponent=0.8)), 4)
    0.0914
    """
    with np.errstate(all="ignore"):
        return by_chunks(_mean, start, end, capacity, objects, exponent)[()]


def misses(requests: Numbers, capacity: Numbers, objects: Numbers, exponent: Numbers) -> Numbers:
    r"""Mean misses among the first n requests to an empty cache.

    .. math:: \sum_{i=1}^N (1 - e^{-p_i \min(n, T)}) + (n - T)^+ (1 - h)

    Different objects as long as there is room, which are C when the cache is full. Simulations
    gave 2987.4 (3.3 either way) instead of 2987.2 for the example.

    Parameters
    ----------
    requests : array_like
        :math:`n \ge 0`.
    capacity, objects, exponent : array_like
        As for :func:`hit_ratio`.

    References
    ----------
    .. [1] C. Fricker, P. Robert, J. Roberts, Proc. ITC 24, 2012, sec. 3.

    Examples
    --------
    >>> round(float(misses(5_000, 1_000, objects=10_000, exponent=0.8)), 1)
    2987.2
    """
    with np.errstate(all="ignore"):
        return by_chunks(_misses, requests, capacity, objects, exponent)[()]


def extra_misses(capacity: Numbers, objects: Numbers, exponent: Numbers) -> Numbers:
    r"""Misses that a restart costs in all, over those of a warm cache.

    .. math:: \int_0^T (h - h(t))\, dt = \sum_{i=1}^N (1 - (1 + p_i T) e^{-p_i T})

    Parameters
    ----------
    capacity, objects, exponent : array_like
        As for :func:`hit_ratio`.

    Returns
    -------
    float or ndarray
        N where everything fits, ``nan`` out of the domain.

    References
    ----------
    .. [1] C. Fricker, P. Robert, J. Roberts, Proc. ITC 24, 2012, sec. 3.

    Examples
    --------
    >>> round(float(extra_misses(1_000, objects=10_000, exponent=0.8)), 1)
    170.5
    """
    with np.errstate(all="ignore"):
        return by_chunks(_extra, capacity, objects, exponent)[()]


def requests_to_warm(
    share: Numbers, capacity: Numbers, objects: Numbers, exponent: Numbers
) -> Numbers:
    r"""Requests until the hit ratio is a share of what it will be, :math:`h(t) = s h(T)`.

    Parameters
    ----------
    share : array_like
        :math:`s` from 0 to 1; 1 stands for a full cache, after T requests.
    capacity, objects, exponent : array_like
        As for :func:`hit_ratio`.

    Returns
    -------
    float or ndarray
        ``inf`` for all of the hits where everything fits, ``nan`` out of the domain.

    References
    ----------
    .. [1] C. Fricker, P. Robert, J. Roberts, Proc. ITC 24, 2012, sec. 3.

    Examples
    --------
    >>> requests_to_warm(np.array([0.5, 0.9, 1]), 1_000, objects=10_000, exponent=0.8).round(1)
    array([ 226.1, 1068.5, 1472.5])
    """
    with np.errstate(all="ignore"):
        return by_chunks(_to_warm, share, capacity, objects, exponent)[()]


def _over(
    function: Callable[..., Array], valid: Mask, sizes: tuple[Array, ...], *values: Array
) -> Array:
    """A function of ranks, the time until a cache is full, and values; ``nan`` if not valid."""
    capacity, objects, exponent = sizes
    number = np.floor(objects)
    good = valid & (capacity >= 0) & (number >= 1) & (number < np.inf)
    part = np.flatnonzero(good & (exponent >= 0) & (exponent < np.inf))
    full = np.asarray(characteristic_time(capacity[part], number[part], exponent[part]))
    result = np.full(capacity.shape, np.nan)
    for at, ranks in groups(number[part], exponent[part]):
        place = part[at]
        result[place] = function(ranks, full[at], *(value[place] for value in values))
    return result


def _found(ranks: Ranks, time: Array) -> Array:
    """Share of the requests for what was asked for within a time."""
    found = -np.expm1(-ranks.requests(np.log(time)))
    return np.where(np.isinf(time), 1.0, np.clip(ranks.per_request(found), 0.0, 1.0))


def _hit_ratio(time: Array, *sizes: Array) -> Array:
    def at_time(ranks: Ranks, full: Array, after: Array) -> Array:
        return _found(ranks, np.minimum(after, full))

    return _over(at_time, time >= 0, sizes, time)


def _mean(start: Array, end: Array, *sizes: Array) -> Array:
    def between(ranks: Ranks, full: Array, first: Array, last: Array) -> Array:
        begin, finish = np.minimum(first, full), np.minimum(last, full)
        before = ranks.requests(np.log(begin))
        rising = np.exp(-before) * _mean_found(ranks.requests(np.log(finish - begin)))
        rising = ranks.per_request(rising - np.expm1(-before))
        length = np.where(np.isinf(last), np.where(np.isinf(full), 1.0, 0.0), finish - begin)
        share = np.where(last > first, length / np.where(np.isinf(last), 1.0, last - first), 1.0)
        rest = np.where(share < 1, (1.0 - share) * _found(ranks, full), 0.0)
        mean = np.clip(np.where(share > 0, share * rising, 0.0) + rest, 0.0, 1.0)
        return np.asarray(np.where(np.isinf(last) & np.isinf(full), 1.0, mean))

    valid = (start >= 0) & (end >= start) & (start < np.inf)
    return _over(between, valid, sizes, start, end)


def _mean_found(requests: Array) -> Array:
    """Mean of 1 - e^-s for s from 0 to y."""
    series = np.polyval(_SERIES, np.minimum(requests, FEW))
    return np.where(requests < FEW, series, 1.0 + np.expm1(-requests) / requests)


def _misses(requests: Array, *sizes: Array) -> Array:
    def among(ranks: Ranks, full: Array, number: Array) -> Array:
        filling = np.minimum(number, full)
        filled = ranks.objects(-np.expm1(-ranks.requests(np.log(filling))))
        missed = ranks.per_request(np.exp(-ranks.requests(np.log(full))))
        return filled + np.where(number > full, (number - full) * missed, 0.0)

    return _over(among, requests >= 0, sizes, requests)


def _extra(*sizes: Array) -> Array:
    def all_of_them(ranks: Ranks, full: Array) -> Array:
        return ranks.objects(np.asarray(gammainc(2.0, ranks.requests(np.log(full))), dtype=float))

    valid = np.full(sizes[0].shape, True)
    return _over(all_of_them, valid, sizes)


def _to_warm(share: Array, *sizes: Array) -> Array:
    def until(ranks: Ranks, full: Array, part: Array) -> Array:
        wanted = part * _found(ranks, full)
        some = np.flatnonzero((wanted > 0) & (part < 1))

        def found(log_time: Array, at: Places) -> tuple[Array, Array]:
            requests, here = ranks.requests(log_time, some[at]), ranks.log_share[some[at]]
            weights = ranks.weights[some[at]] * np.exp(here)
            slope = np.sum(weights * requests * np.exp(-requests), axis=1)
            return np.sum(weights * -np.expm1(-requests), axis=1), slope

        begin = np.where(np.isfinite(full), full, np.exp(-ranks.log_share[:, 0]))[some]
        time = np.where(part < 1, 0.0, full)
        time[some] = np.exp(solve(found, wanted[some], np.log(part[some] * begin)))
        return time

    return _over(until, (share >= 0) & (share <= 1), sizes, share)
