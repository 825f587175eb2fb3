"""LRU caches of objects that also expire: what is evicted first, and what is too old first."""

from __future__ import annotations

import numpy as np
from scipy.special import lambertw

from capcalc.theory.arrays import Array, Numbers, broadcast, by_chunks
from capcalc.theory.caches import lru
from capcalc.theory.caches import ttl as expiry
from capcalc.theory.caches.ranks import Places, Ranks, groups, partial, solve
from capcalc.theory.caches.zipf import harmonic


def exponential_hit_ratio(rate: Numbers, ttl: Numbers, stay: Numbers) -> Numbers:
    r"""Hit ratio of an object that expires at exponential times.

    .. math:: h = \frac{\lambda}{\lambda + 1/D} (1 - e^{-(\lambda + 1/D) T})

    Exact for Poisson requests: the object is there if a request was the last thing that
    happened to it within T.

    Parameters
    ----------
    rate : array_like
        Requests :math:`\lambda` for the object. [1/s]
    ttl : array_like
        Mean time D to expiry. [s]
    stay : array_like
        Time T after its last request at which the object is evicted. [s]

    References
    ----------
    .. [1] N. Choungmo Fofack, P. Nain, G. Neglia, D. Towsley, "Performance evaluation of
       hierarchical TTL-based cache networks", Computer Networks 65, 2014.

    Examples
    --------
    >>> round(float(exponential_hit_ratio(1.0, ttl=5.0, stay=1.0)), 4)
    0.5823
    """
    asked, life, last = broadcast(rate, ttl, stay)
    with np.errstate(all="ignore"):
        share = np.asarray(expiry.hit_ratio(asked, life))
        until = _product(asked, last) + np.where(last == 0, 0.0, last / life)
        until = np.where(np.isinf(last), np.inf, until)
        return np.where(last >= 0, share * -np.expm1(-until), np.nan)[()]


def fixed_hit_ratio(rate: Numbers, ttl: Numbers, stay: Numbers) -> Numbers:
    r"""Hit ratio of an object with a fixed maximum age, by the smaller of two.

    .. math:: h = \min\left(1 - e^{-\lambda T}, \frac{\lambda D}{1 + \lambda D}\right)

    An upper bound, since each limit alone gives one. Exact where one limit is far from the
    other; too high by up to 0.057 where the two are equal (0.667 for 0.610 at worst, by the
    renewal equation), by less than 0.014 where :math:`T` is twice as long or more.

    Parameters
    ----------
    rate : array_like
        Requests :math:`\lambda` for the object. [1/s]
    ttl : array_like
        Maximum age D since the fetch. [s]
    stay : array_like
        Time T after its last request at which the object is evicted. [s]

    References
    ----------
    .. [1] J. Jung, A. W. Berger, H. Balakrishnan, "Modeling TTL-based Internet caches",
       INFOCOM, 2003 (the bound by age).
    .. [2] H. Che, Y. Tung, Z. Wang, IEEE JSAC 20(7), 2002 (that by eviction).

    Examples
    --------
    >>> round(float(fixed_hit_ratio(2.0, ttl=10.0, stay=1.0)), 4)
    0.8647
    """
    asked, life, last = broadcast(rate, ttl, stay)
    with np.errstate(all="ignore"):
        evicted = np.asarray(expiry.sliding_hit_ratio(asked, last))
        bound: Array = np.minimum(evicted, np.asarray(expiry.hit_ratio(asked, life)))
        return bound[()]


def catalogue_hit_ratio(
    request_rate: Numbers,
    ttl: Numbers,
    capacity: Numbers,
    objects: Numbers,
    exponent: Numbers,
) -> Numbers:
    r"""Hit ratio over a Zipf catalogue with a fixed maximum age, in an LRU cache of C places.

    .. math:: h = \sum_{i=1}^N p_i
       \min\left(1 - e^{-p_i \lambda T}, \frac{p_i \lambda D}{1 + p_i \lambda D}\right)

    with LRU's characteristic time T: what is too old keeps its place, to be renewed or evicted.
    The rule of :func:`fixed_hit_ratio`, with its error, over all objects; the sum itself is good
    to 1e-9.

    Parameters
    ----------
    request_rate : array_like
        Requests :math:`\lambda` for all objects. [1/s]
    ttl : array_like
        Maximum age D since the fetch. [s]
    capacity : array_like
        :math:`C \ge 0`. [objects]
    objects : array_like
        :math:`N \ge 1`, counted down to a whole number.
    exponent : array_like
        Zipf's :math:`\alpha \ge 0`.

    References
    ----------
    .. [1] H. Che, Y. Tung, Z. Wang, IEEE JSAC 20(7), 2002 (LRU's time).
    .. [2] J. Jung, A. W. Berger, H. Balakrishnan, INFOCOM, 2003.

    Examples
    --------
    >>> catalogue_hit_ratio(10, np.array([60, 3_600, 1e9]), 1_000, 10_000, 0.8).round(4)
    array([0.2761, 0.4362, 0.4367])
    """
    held = _product(*broadcast(request_rate, ttl))
    with np.errstate(all="ignore"):
        return by_chunks(_fixed, held, capacity, objects, exponent)[()]


def exponential_catalogue_hit_ratio(
    request_rate: Numbers,
    ttl: Numbers,
    capacity: Numbers,
    objects: Numbers,
    exponent: Numbers,
) -> Numbers:
    r"""Hit ratio over a Zipf catalogue whose objects leave at exponential times of mean D.

    .. math:: o_i = \frac{p_i}{p_i + 1/d} (1 - e^{-(p_i + 1/d) T}), \qquad
       \sum_{i=1}^N o_i = C, \qquad h = \sum_{i=1}^N p_i o_i

    with T and :math:`d = \lambda D` in requests; without an end of T where expiry leaves room
    for all. What expires gives its place back at once. The approximation is LRU's.

    Parameters
    ----------
    request_rate, ttl, capacity, objects, exponent : array_like
        As for :func:`catalogue_hit_ratio`, with the mean time D to expiry.

    References
    ----------
    .. [1] H. Che, Y. Tung, Z. Wang, IEEE JSAC 20(7), 2002 (the approximation).
    .. [2] N. Choungmo Fofack, P. Nain, G. Neglia, D. Towsley, Computer Networks 65, 2014.

    Examples
    --------
    >>> exponential_catalogue_hit_ratio(10, np.array([60, 3_600, 1e9]), 1_000, 10_000, 0.8).round(4)
    array([0.2761, 0.4351, 0.4367])
    """
    held = _product(*broadcast(request_rate, ttl))
    with np.errstate(all="ignore"):
        return by_chunks(_exponential, held, capacity, objects, exponent)[()]


def _product(rate: Array, time: Array) -> Array:
    """Requests within a time."""
    with np.errstate(all="ignore"):
        product = np.where((rate == 0) | (time == 0), 0.0, rate * time)
        return np.where((rate >= 0) & (time >= 0), product, np.nan)


def _fixed(held: Array, capacity: Array, objects: Array, exponent: Array) -> Array:
    number = np.floor(objects)
    hit = np.asarray(lru.hit_ratio(capacity, number, exponent))
    time = np.asarray(lru.characteristic_time(capacity, number, exponent))
    aged = np.asarray(expiry.catalogue_hit_ratio(held, 1.0, number, exponent))
    result = np.where(held <= time, aged, hit)
    result = np.where(capacity == 0, 0.0, result)
    result = np.where(np.isnan(hit) | np.isnan(aged), np.nan, result)
    # the popular are too old first, the others are evicted first: a sum for each of the two
    last = _last_aged(held, time, number, exponent)
    part = np.flatnonzero((held > time) & (capacity > 0) & (last >= 1))
    for at, ranks in groups(last[part], exponent[part]):
        place = part[at]
        smaller = np.log(np.asarray(harmonic(last[place], exponent[place])))
        offset = (smaller - np.log(np.asarray(harmonic(number[place], exponent[place]))))[:, None]
        log_share = ranks.log_share + offset
        evicted = -np.expm1(-np.exp(np.minimum(log_share + np.log(time[place, None]), 700.0)))
        old = 1.0 / (1.0 + np.exp(-log_share - np.log(held[place, None])))
        less = np.exp(offset[:, 0]) * ranks.per_request(evicted - old)
        result[place] = np.clip(hit[place] - less, 0.0, 1.0)
    return result


def _last_aged(held: Array, time: Array, number: Array, exponent: Array) -> Array:
    """Rank of the last object for which age is the smaller limit: e^x - 1 = x d / T there.

    The two limits are equal at this rank, so that it need not be known well.
    """
    ratio = np.where(held > time, held / time, 2.0)
    requests = -1.0 / ratio - np.real(lambertw(-np.exp(-1.0 / ratio) / ratio, -1))
    total = np.asarray(harmonic(number, exponent))
    log_rank = (np.log(time) - np.log(total) - np.log(requests)) / exponent
    last = np.floor(np.exp(np.minimum(log_rank, 700.0)))
    return np.minimum(np.where(np.isnan(log_rank), 0.0, last), number)


def _exponential(held: Array, capacity: Array, objects: Array, exponent: Array) -> Array:
    hit, _, part, number = partial(capacity, objects, exponent, held >= 0)
    everything = np.asarray(expiry.catalogue_hit_ratio(held, 1.0, number, exponent))
    contents = np.asarray(expiry.catalogue_contents(held, 1.0, number, exponent))
    hit = np.where((capacity > 0) & (contents <= capacity), everything, hit)
    hit = np.where((capacity >= number) & (capacity > 0) & (held >= 0), everything, hit)
    part = part[contents[part] > capacity[part]]
    for at, ranks in groups(number[part], exponent[part]):
        place = part[at]
        hit[place] = _expiring(ranks, np.log(held[place]), capacity[place])
    return hit


def _expiring(ranks: Ranks, log_held: Array, capacity: Array) -> Array:
    def there(log_time: Array, at: Places) -> tuple[Array, Array]:
        requests = ranks.requests(log_time, at)
        leaving = np.exp(np.minimum(log_time - log_held[at], 700.0))[:, np.newaxis]
        share = 1.0 / (1.0 + np.exp(-ranks.log_share[at] - log_held[at, np.newaxis]))
        either = requests + leaving
        return share * -np.expm1(-either), requests * np.exp(-either)

    def contents(log_time: Array, at: Places) -> tuple[Array, Array]:
        held, slope = there(log_time, at)
        return ranks.objects(held, at), ranks.objects(slope, at)

    log_time = solve(contents, capacity, np.log(capacity))
    found = there(log_time, np.arange(capacity.size))[0]
    return np.clip(ranks.per_request(found), 0.0, 1.0)
