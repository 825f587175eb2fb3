"""LRU under reads and writes of Zipf popularity, where a write spoils what the cache holds."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Array, Numbers, by_chunks
from capcalc.theory.caches import lru, ranks


def ceiling(write_share: Numbers) -> Numbers:
    r"""The hit ratio of reads that no amount of memory exceeds, :math:`1 - w`.

    A read finds its object only if the last thing that happened to it was a read. Exact where
    each object's writes are the same share of its requests.

    Parameters
    ----------
    write_share : array_like
        Writes as a share w of all requests, 0 to 1.

    Returns
    -------
    float or ndarray
        ``nan`` out of the domain.

    References
    ----------
    .. [1] P. R. Jelenković, A. Radovanović, "Least-recently-used caching with dependent
       requests", Theor. Comput. Sci. 326, 2004 (the characteristic time of LRU).

    Examples
    --------
    >>> ceiling(np.array([0.0, 0.25]))
    array([1.  , 0.75])
    """
    with np.errstate(all="ignore"):
        share = np.asarray(write_share, dtype=float)
        return np.where((share >= 0) & (share <= 1), 1.0 - share, np.nan)[()]


def hit_ratio(
    capacity: Numbers, objects: Numbers, exponent: Numbers, write_share: Numbers
) -> Numbers:
    r"""Hit ratio of reads where a write takes its object out of the cache.

    With a share w of writes, the same for each object, and T in requests of both kinds,

    .. math:: \sum_{i=1}^N (1 - w)(1 - e^{-p_i T}) = C, \qquad
       h = (1 - w) \sum_{i=1}^N p_i (1 - e^{-p_i T})

    which is :math:`1 - w` times LRU's with :math:`C / (1 - w)` places; without an end of T
    where :math:`(1 - w) N \le C`. Solved to 1e-10; the approximation itself lies at most 5e-4
    away from simulations.

    Parameters
    ----------
    capacity : array_like
        :math:`C \ge 0`. [objects]
    objects : array_like
        :math:`N \ge 1`, counted down to a whole number.
    exponent : array_like
        Zipf's :math:`\alpha \ge 0`.
    write_share : array_like
        Writes as a share w of all requests, 0 to 1.

    Returns
    -------
    float or ndarray
        The :func:`ceiling` where everything fits, ``nan`` out of the domain.

    References
    ----------
    .. [1] H. Che, Y. Tung, Z. Wang, IEEE JSAC 20(7), 2002 (the approximation for reads alone).

    Examples
    --------
    >>> hit_ratio(9_000, 10_000, 0.8, write_share=np.array([0.0, 0.05, 0.2])).round(4)
    array([0.9683, 0.9349, 0.8   ])
    """
    with np.errstate(all="ignore"):
        return by_chunks(_invalidated, capacity, objects, exponent, write_share)[()]


def write_through_hit_ratio(
    capacity: Numbers, objects: Numbers, exponent: Numbers, write_share: Numbers
) -> Numbers:
    r"""Hit ratio of reads where a write puts its object into the cache: LRU's.

    .. math:: \sum_{i=1}^N (1 - e^{-p_i T}) = C, \qquad h = \sum_{i=1}^N p_i (1 - e^{-p_i T})

    Every request, read or write, renews its object, so that the share of writes does not
    matter. The approximation is that of LRU, with its errors.

    Parameters
    ----------
    capacity, objects, exponent, write_share : array_like
        As for :func:`hit_ratio`.

    Returns
    -------
    float or ndarray
        1 where everything fits, ``nan`` out of the domain.

    References
    ----------
    .. [1] H. Che, Y. Tung, Z. Wang, IEEE JSAC 20(7), 2002.

    Examples
    --------
    >>> round(float(write_through_hit_ratio(1_000, 10_000, 0.8, write_share=0.5)), 4)
    0.4367
    """
    with np.errstate(all="ignore"):
        return by_chunks(_through, capacity, objects, exponent, write_share)[()]


def lazy_hit_ratio(
    capacity: Numbers, objects: Numbers, exponent: Numbers, write_share: Numbers
) -> Numbers:
    r"""Hit ratio of reads where a write spoils an object but leaves it in its place.

    Only reads renew an object and what is spoilt takes room until it is evicted:

    .. math:: \sum_{i=1}^N (1 - e^{-(1-w) p_i T}) = C, \qquad
       h = (1 - w) \sum_{i=1}^N p_i (1 - e^{-p_i T})

    Never above :func:`hit_ratio`, which gives the room back at once. The approximation is that
    of LRU; not measured on its own.

    Parameters
    ----------
    capacity, objects, exponent, write_share : array_like
        As for :func:`hit_ratio`.

    Returns
    -------
    float or ndarray
        The :func:`ceiling` where everything fits, ``nan`` out of the domain.

    References
    ----------
    .. [1] H. Che, Y. Tung, Z. Wang, IEEE JSAC 20(7), 2002 (the approximation for reads alone).

    Examples
    --------
    >>> lazy_hit_ratio(9_000, 10_000, 0.8, write_share=np.array([0.0, 0.05, 0.2])).round(4)
    array([0.9683, 0.9229, 0.7846])
    """
    with np.errstate(all="ignore"):
        return by_chunks(_lazy, capacity, objects, exponent, write_share)[()]


def _invalidated(capacity: Array, objects: Array, exponent: Array, share: Array) -> Array:
    kept = np.asarray(ceiling(share))
    room = np.where(kept > 0, capacity / kept, capacity)
    return np.asarray(kept * lru.hit_ratio(room, objects, exponent))


def _through(capacity: Array, objects: Array, exponent: Array, share: Array) -> Array:
    valid = (share >= 0) & (share <= 1)
    return np.where(valid, np.asarray(lru.hit_ratio(capacity, objects, exponent)), np.nan)


def _lazy(capacity: Array, objects: Array, exponent: Array, share: Array) -> Array:
    kept = np.asarray(ceiling(share))
    hit, _, part, number = ranks.partial(capacity, objects, exponent, kept >= 0)
    time = np.asarray(lru.characteristic_time(capacity[part], number[part], exponent[part]))
    log_time = np.log(time / kept[part])
    for at, these in ranks.groups(number[part], exponent[part]):
        found = -np.expm1(-these.requests(log_time[at]))
        hit[part[at]] = np.clip(these.per_request(found), 0.0, 1.0)
    return np.asarray(kept * hit)
