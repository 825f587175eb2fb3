"""An LRU cache spread over nodes that loses one: hits at once, until it has settled, and then."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Array, Numbers, broadcast, by_chunks
from capcalc.theory.caches import lru, warm_up
from capcalc.theory.caches.ranks import Mask

#: Nodes and weights of the mean over a window, after Gauss and Legendre, on 0 to 1.
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(24)
_NODES, _WEIGHTS = 0.5 * (1.0 + _NODES), 0.5 * _WEIGHTS


def immediate_hit_ratio(hit_ratio: Numbers, nodes: Numbers, copies: Numbers = 1.0) -> Numbers:
    r"""Hit ratio right after the loss of one of n nodes, :math:`(1 - 1/n) h`.

    With consistent hashing only the lost node's objects are gone; with two copies or more of
    everything none are.

    Parameters
    ----------
    hit_ratio : array_like
        Before the loss, of what the copies leave room for.
    nodes : array_like
        :math:`n \ge 1`, before the loss.
    copies : array_like
        Of each object, on different nodes, 1 to n.

    References
    ----------
    .. [1] D. Karger et al., "Consistent hashing and random trees", Proc. STOC 1997.

    Examples
    --------
    >>> immediate_hit_ratio(0.99, nodes=10, copies=np.array([1, 2])).round(3)
    array([0.891, 0.99 ])
    """
    hit, count, each, good = _checked(hit_ratio, nodes, copies)
    with np.errstate(all="ignore"):
        return np.where(good, np.where(each < 2, hit * ((count - 1.0) / count), hit), np.nan)[()]


def multiplier(hit_ratio: Numbers, nodes: Numbers, copies: Numbers = 1.0) -> Numbers:
    r"""How many times as many requests reach what stands behind, right after the loss.

    .. math:: \frac{1 - h + h / n}{1 - h} = 1 + \frac{h}{n (1 - h)}

    Parameters
    ----------
    hit_ratio, nodes, copies : array_like
        As for :func:`immediate_hit_ratio`.

    Returns
    -------
    float or ndarray
        ``inf`` where nothing did before, ``nan`` out of the domain.

    References
    ----------
    .. [1] D. Karger et al., "Consistent hashing and random trees", Proc. STOC 1997.

    Examples
    --------
    >>> multiplier(np.array([0.9, 0.99]), nodes=10).round(1)
    array([ 1.9, 10.9])
    """
    hit, count, each, good = _checked(hit_ratio, nodes, copies)
    with np.errstate(all="ignore"):
        more = 1.0 + hit / (count * (1.0 - hit))
        return np.where(good, np.where(each < 2, more, 1.0), np.nan)[()]


def modulo_hit_ratio(hit_ratio: Numbers, nodes: Numbers) -> Numbers:
    r"""Hit ratio right after the loss where keys go by the hash modulo n, :math:`h / n`.

    Of the pairs of remainders modulo n and n - 1, which are all equally frequent, one in n
    means the same node. Whichever node is lost and however the others are numbered.

    Parameters
    ----------
    hit_ratio, nodes : array_like
        As for :func:`immediate_hit_ratio`.

    References
    ----------
    .. [1] D. Karger et al., "Consistent hashing and random trees", Proc. STOC 1997, sec. 1
       (almost all keys move).

    Examples
    --------
    >>> float(modulo_hit_ratio(0.9, nodes=10))
    0.09
    """
    hit, count, _, good = _checked(hit_ratio, nodes, 1.0)
    with np.errstate(all="ignore"):
        return np.where(good, np.where(count > 1, hit / count, 0.0), np.nan)[()]


def modulo_multiplier(hit_ratio: Numbers, nodes: Numbers) -> Numbers:
    r"""How many times as many requests reach what stands behind: :math:`(1 - h/n) / (1 - h)`.

    Parameters
    ----------
    hit_ratio, nodes : array_like
        As for :func:`modulo_hit_ratio`.

    References
    ----------
    .. [1] D. Karger et al., "Consistent hashing and random trees", Proc. STOC 1997, sec. 1.

    Examples
    --------
    >>> round(float(modulo_multiplier(0.9, nodes=10)), 12)
    9.1
    """
    hit, count, _, good = _checked(hit_ratio, nodes, 1.0)
    with np.errstate(all="ignore"):
        left = np.where(count > 1, hit / count, 0.0)
        return np.where(good, (1.0 - left) / (1.0 - hit), np.nan)[()]


def final_hit_ratio(
    nodes: Numbers,
    capacity: Numbers,
    objects: Numbers,
    exponent: Numbers,
    copies: Numbers = 1.0,
) -> Numbers:
    r"""Hit ratio when all has settled: LRU's with :math:`(1 - 1/n) C / r` places.

    Parameters
    ----------
    nodes : array_like
        :math:`n \ge 1`, before the loss.
    capacity : array_like
        :math:`C \ge 0` of all nodes together, before the loss. [objects]
    objects : array_like
        :math:`N \ge 1`, counted down to a whole number.
    exponent : array_like
        Zipf's :math:`\alpha \ge 0`.
    copies : array_like
        :math:`r` of each object, 1 to n.

    References
    ----------
    .. [1] H. Che, Y. Tung, Z. Wang, IEEE JSAC 20(7), 2002 (the approximation for LRU).

    Examples
    --------
    >>> round(float(final_hit_ratio(5, 3_000, objects=10_000, exponent=0.8)), 4)
    0.6073
    """
    count, room, each = broadcast(nodes, capacity, copies)
    with np.errstate(all="ignore"):
        good = (count >= 1) & (each >= 1) & (each <= count)
        left = np.where(good, room * ((count - 1.0) / count) / each, np.nan)
        return np.asarray(lru.hit_ratio(left, objects, exponent))[()]


def hit_ratio(
    time: Numbers, nodes: Numbers, capacity: Numbers, objects: Numbers, exponent: Numbers
) -> Numbers:
    r"""Hit ratio at t requests after the loss, with consistent hashing and single copies.

    What was on the lost node comes back one by one and drives other objects out. With T the
    time that an object stays,

    .. math:: \left(1 - \frac 1n\right) \sum (1 - e^{-p T})
       + \frac 1n \sum (1 - e^{-p \min(t, T)}) = \left(1 - \frac 1n\right) C

    and the hit ratio has the same weights with p. An approximation within 0.003 of simulations
    (n = 5, C = 3,000 of 10,000), where the surviving nodes count as one cache.

    Parameters
    ----------
    time : array_like
        Requests :math:`t \ge 0` since the loss, to all nodes.
    nodes, capacity, objects, exponent : array_like
        As for :func:`final_hit_ratio`.

    References
    ----------
    .. [1] C. Fricker, P. Robert, J. Roberts, "A versatile and accurate approximation for LRU
       cache performance", Proc. ITC 24, 2012, sec. 3 (T as the time in which C objects are
       asked for).

    Examples
    --------
    >>> hit_ratio(np.array([0, 1_000, 1e5]), 5, 3_000, objects=10_000, exponent=0.8).round(4)
    array([0.5271, 0.5922, 0.6073])
    """
    with np.errstate(all="ignore"):
        return by_chunks(_hit_ratio, time, nodes, capacity, objects, exponent)[()]


def mean_hit_ratio(
    start: Numbers,
    end: Numbers,
    nodes: Numbers,
    capacity: Numbers,
    objects: Numbers,
    exponent: Numbers,
) -> Numbers:
    r"""Mean of the hit ratio over the requests from one to another after the loss.

    Parameters
    ----------
    start, end : array_like
        Requests :math:`0 \le a \le b` since the loss, to all nodes.
    nodes, capacity, objects, exponent : array_like
        As for :func:`hit_ratio`, which says how good the approximation is.

    References
    ----------
    .. [1] C. Fricker, P. Robert, J. Roberts, Proc. ITC 24, 2012, sec. 3.

    Examples
    --------
    >>> round(float(mean_hit_ratio(0, 250, 5, 3_000, objects=10_000, exponent=0.8)), 4)
    0.5558
    """
    with np.errstate(all="ignore"):
        sizes = (nodes, capacity, objects, exponent)
        return by_chunks(_mean, start, end, *sizes)[()]


def _checked(hit: Numbers, nodes: Numbers, copies: Numbers) -> tuple[Array, Array, Array, Mask]:
    ratio, count, each = broadcast(hit, nodes, copies)
    with np.errstate(all="ignore"):
        good = (ratio >= 0) & (ratio <= 1) & (count >= 1) & (each >= 1) & (each <= count)
    return ratio, count, each, good & (count < np.inf)


def _hit_ratio(
    time: Array, nodes: Array, capacity: Array, objects: Array, exponent: Array
) -> Array:
    left, settled = _settled(nodes, capacity, objects, exponent)
    old = _old(np.minimum(time, settled), nodes, capacity, objects, exponent)
    new = np.asarray(warm_up.hit_ratio(time, left, objects, exponent))
    end = np.asarray(lru.hit_ratio(left, objects, exponent))
    moving = np.where(nodes > 1, (1.0 - 1.0 / nodes) * old, 0.0) + new / nodes
    return np.where(np.isnan(new), np.nan, np.where(time < settled, moving, end))


def _settled(nodes: Array, capacity: Array, objects: Array, exponent: Array) -> tuple[Array, Array]:
    """Places that are left, and requests until the time that objects stay has settled."""
    good = (nodes >= 1) & (nodes < np.inf)
    left = np.where(good, capacity * ((nodes - 1.0) / nodes), np.nan)
    return left, np.asarray(lru.characteristic_time(left, objects, exponent))


def _old(time: Array, nodes: Array, capacity: Array, objects: Array, exponent: Array) -> Array:
    """Hit ratio of what was on other nodes: LRU's with the places that the new ones leave."""
    back = np.asarray(warm_up.misses(time, objects, objects, exponent))
    room = np.maximum(capacity - back / (nodes - 1.0), 0.0)
    return np.asarray(lru.hit_ratio(room, objects, exponent))


def _mean(
    start: Array, end: Array, nodes: Array, capacity: Array, objects: Array, exponent: Array
) -> Array:
    valid = (start >= 0) & (end >= start) & (start < np.inf)
    left, settled = _settled(nodes, capacity, objects, exponent)
    new = np.asarray(warm_up.mean_hit_ratio(start, end, left, objects, exponent))
    final = np.asarray(lru.hit_ratio(left, objects, exponent))
    first, last = np.minimum(start, settled), np.minimum(end, settled)
    length = np.where(last > first, last - first, 0.0)
    # the first requests bring back the most popular: nodes crowd where time is short
    times = first[:, np.newaxis] + length[:, np.newaxis] * _NODES**2
    sizes = (each[:, np.newaxis] for each in (nodes, capacity, objects, exponent))
    old = by_chunks(_old, times, *sizes) @ (2.0 * _NODES * _WEIGHTS)
    window = end - start
    moving = np.where(window > 0, length / window, 0.0)
    there = np.where(moving > 0, moving * old, 0.0) + (1.0 - moving) * final
    mean = np.where(nodes > 1, (1.0 - 1.0 / nodes) * there, 0.0) + new / nodes
    point = _hit_ratio(start, nodes, capacity, objects, exponent)
    mean = np.where(window == np.inf, final, np.where(window > 0, mean, point))
    return np.where(valid, mean, np.nan)
