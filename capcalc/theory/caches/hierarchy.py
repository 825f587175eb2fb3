"""Caches behind caches: a parent of many edges, and tiers one behind the other, all of them LRU."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from capcalc.theory.arrays import Array, Numbers, broadcast, by_chunks
from capcalc.theory.caches.lru import characteristic_time
from capcalc.theory.caches.ranks import MANY, Mask, Places, Ranks, groups, solve


def parent_hit_ratio(
    edges: Numbers,
    edge_capacity: Numbers,
    parent_capacity: Numbers,
    objects: Numbers,
    exponent: Numbers,
) -> Numbers:
    r"""Share of what n equal edges miss that their common parent has.

    An approximation. An edge that keeps objects for :math:`T_1` misses none of them twice
    within :math:`T_1`, so that its misses are no Poisson stream. The time between two is taken
    as :math:`T_1` and an exponential time, with the right mean :math:`1/m`:

    .. math:: m = p e^{-p T_1}, \qquad \frac 1\nu = \frac 1m - T_1, \qquad
       P_0(T) = (1 - m \min(T, T_1)) e^{-\nu (T - T_1)^+}

    with :math:`P_0` the probability of no miss at one edge within :math:`T`. Then

    .. math:: \sum (1 - P_0(T_2)^n) = C_2, \qquad
       h_2 = \frac{\sum m (1 - P_0(T_2)^{n-1} e^{-\nu (T_2 - T_1)^+})}{\sum m}

    Against simulation (catalogue 10,000, :math:`\alpha = 0.8`) it is off by less than 0.002
    from four edges on, and for one edge by 0.0001 with a parent ten times as large, by 0.010
    with one twice as large and by 0.008 with one of the same size. Misses taken for
    independent requests would give 0.160 instead of 0.029 in that last case.

    Parameters
    ----------
    edges : array_like
        :math:`n \ge 1`, each with the same share of the requests.
    edge_capacity, parent_capacity : array_like
        Of each edge and of the parent. [objects]
    objects : array_like
        :math:`N \ge 1`, counted down to a whole number.
    exponent : array_like
        Zipf's :math:`\alpha \ge 0`.

    Returns
    -------
    float or ndarray
        1 where the parent holds everything; else 0 where the edges do, so that it is never
        asked; ``nan`` out of the domain.

    References
    ----------
    .. [1] V. Martina, M. Garetto, E. Leonardi, "A unified approach to the performance analysis
       of caching systems", Proc. INFOCOM 2014, sec. V (misses are apart by the edge's time).
    .. [2] D. R. Cox, *Renewal Theory*, Methuen, 1962, sec. 5.2 (time to the next miss).

    Examples
    --------
    >>> parent_hit_ratio(np.array([1, 10]), 100, 1_000, objects=10_000, exponent=0.8).round(4)
    array([0.3312, 0.3288])
    """
    with np.errstate(all="ignore"):
        sizes = (edge_capacity, parent_capacity, objects, exponent)
        return by_chunks(_shifted, edges, *sizes)[()]


def corrected_parent_hit_ratio(
    edges: Numbers,
    edge_capacity: Numbers,
    parent_capacity: Numbers,
    objects: Numbers,
    exponent: Numbers,
) -> Numbers:
    r"""The parent's hit ratio with the correction by the edge's time alone.

    .. math:: \sum (1 - e^{-n m T_2}) = C_2, \qquad
       h = 1 - e^{-(n - 1) m T_2 - m (T_2 - T_1)^+}

    for a request whose edge misses it at rate :math:`m`. An approximation with two errors that
    partly cancel: low by 0.004 to 0.009 for large parents and many edges, by 0.001 for one edge
    and a parent twice as large, high by 0.013 for a parent of the same size (simulated).
    :func:`parent_hit_ratio` is the closer one but for the second of these.

    Parameters
    ----------
    edges, edge_capacity, parent_capacity, objects, exponent : array_like
        As for :func:`parent_hit_ratio`.

    References
    ----------
    .. [1] V. Martina, M. Garetto, E. Leonardi, "A unified approach to the performance analysis
       of caching systems", Proc. INFOCOM 2014, sec. V.

    Examples
    --------
    >>> round(float(corrected_parent_hit_ratio(1, 500, 1_000, 10_000, 0.8)), 4)
    0.1397
    """
    with np.errstate(all="ignore"):
        sizes = (edge_capacity, parent_capacity, objects, exponent)
        return by_chunks(_corrected, edges, *sizes)[()]


def chain_hit_ratios(capacities: ArrayLike, objects: Numbers, exponent: Numbers) -> Array:
    r"""Hit ratios of caches one behind the other, each of what reaches it.

    The approximation of :func:`parent_hit_ratio` for one edge, again and again. A tier that
    keeps objects for :math:`T_k` misses those requests whose distance to the last exceeds it:

    .. math:: m_k = m_{k-1} e^{-\nu_{k-1} (T_k - S_{k-1})^+}, \qquad
       S_k = \max(S_{k-1}, T_k), \qquad \frac 1{\nu_k} = \frac 1{m_k} - S_k

    Two misses are at least :math:`S_k` apart; what comes on top is taken as exponential. Off by
    at most 0.002 in simulations where each tier is four times as large as the one before, and
    by 0.02 where it is one and a half times as large. A tier that is smaller than one before
    has next to nothing that the other has not.

    Parameters
    ----------
    capacities : array_like
        Tiers from the user's on along the last axis. [objects]
    objects, exponent : array_like
        As for :func:`parent_hit_ratio`; they broadcast with the axes before the last.

    Returns
    -------
    ndarray
        Tiers along the last axis. The share of all requests that passes them all is the
        product of what each one misses.

    References
    ----------
    .. [1] V. Martina, M. Garetto, E. Leonardi, "A unified approach to the performance analysis
       of caching systems", Proc. INFOCOM 2014, sec. V.

    Examples
    --------
    >>> chain_hit_ratios([100, 1_000, 5_000], objects=10_000, exponent=0.8).round(4)
    array([0.1566, 0.3312, 0.6298])
    """
    sizes = np.moveaxis(np.atleast_1d(np.asarray(capacities, dtype=float)), -1, 0)
    with np.errstate(all="ignore"):
        first, *rest = broadcast(sizes[0] if len(sizes) else np.nan, objects, exponent)
        shape = first.shape
        tiers = np.stack([np.broadcast_to(size, shape).ravel() for size in sizes], axis=1)
        hits = _chain(tiers, *(each.ravel() for each in rest))
    return hits.reshape(*shape, len(sizes))


@dataclass(frozen=True)
class _Stream:
    """Requests of each object: at least a shift apart, and an exponential time on top."""

    log_rate: Array
    log_shift: Array

    def past(self, log_time: Array, at: Places) -> tuple[Array, Array, Array]:
        """Minus the logarithms of no request within a time up to the shift and beyond.

        And how fast their sum rises with the logarithm of the time.
        """
        log_rate, shift = self.log_rate[at], self.log_shift[at, np.newaxis]
        time = log_time[:, np.newaxis]
        near = np.exp(log_rate + np.minimum(time, shift))
        log_fast = log_rate - np.log1p(-np.exp(log_rate + shift))
        fast = np.exp(np.minimum(log_fast + time, MANY))
        beyond = fast * -np.expm1(np.minimum(shift - time, 0.0))
        rise = np.where(time < shift, near / (1.0 - near), fast)
        return -np.log1p(-near), beyond, rise


def _every(stream: _Stream) -> Places:
    return np.arange(stream.log_shift.size)


def _misses(ranks: Ranks, log_time: Array) -> _Stream:
    """What an LRU cache lets through of independent requests."""
    return _Stream(ranks.log_share - ranks.requests(log_time), log_time)


def _ends(
    edges: Array, small: Array, large: Array, objects: Array, exponent: Array
) -> tuple[Array, Places, Array]:
    """Results where there is nothing to solve, the places where there is, and N."""
    number = np.floor(objects)
    valid = (edges >= 1) & (edges < np.inf) & (small >= 0) & (large >= 0)
    valid = valid & (number >= 1) & (number < np.inf) & (exponent >= 0) & (exponent < np.inf)
    hit = np.where(valid, np.where(large >= number, 1.0, 0.0), np.nan)
    return hit, np.flatnonzero(valid & (large > 0) & (large < number) & (small < number)), number


def _shifted(edges: Array, small: Array, large: Array, objects: Array, exponent: Array) -> Array:
    hit, part, number = _ends(edges, small, large, objects, exponent)
    log_time = np.log(characteristic_time(small[part], number[part], exponent[part]))
    steep = _steepness(large[part] / small[part], number[part])
    for at, ranks in groups(number[part], exponent[part], steep):
        place = part[at]
        stream = _misses(ranks, log_time[at])
        count = edges[place]
        log_stay = _stay(ranks, stream, count, large[place])
        hit[place] = _found(ranks, stream, count, log_stay)
    return hit


def _steepness(ratio: Array, number: Array) -> Array:
    """Objects that a parent lacks for being popular end steeply: e^(-p T) of an e^(-p T)."""
    return 1.0 + np.log1p(np.minimum(ratio, number))


def _stay(ranks: Ranks, stream: _Stream, edges: Array, capacity: Array) -> Array:
    """Logarithm of the parent's time."""

    def contents(log_time: Array, at: Places) -> tuple[Array, Array]:
        count = edges[at, np.newaxis]
        near, beyond, rise = stream.past(log_time, at)
        absent = np.exp(-count * (near + beyond))
        there = ranks.objects(-np.expm1(-count * (near + beyond)), at)
        return there, ranks.objects(absent * count * rise, at)

    total = edges * ranks.objects(np.exp(stream.log_rate))
    return solve(contents, capacity, np.log(capacity) - np.log(total))


def _found(ranks: Ranks, stream: _Stream, edges: Array, log_time: Array) -> Array:
    """Share of the stream's requests that come within the parent's time after another."""
    near, beyond, _ = stream.past(log_time, _every(stream))
    count = edges[:, np.newaxis]
    found = -np.expm1(-(count - 1.0) * near - count * beyond)
    rate = np.exp(stream.log_rate)
    return np.clip(ranks.objects(rate * found) / ranks.objects(rate), 0.0, 1.0)


def _corrected(edges: Array, small: Array, large: Array, objects: Array, exponent: Array) -> Array:
    hit, part, number = _ends(edges, small, large, objects, exponent)
    log_time = np.log(characteristic_time(small[part], number[part], exponent[part]))
    steep = _steepness(large[part] / small[part], number[part])
    for at, ranks in groups(number[part], exponent[part], steep):
        place = part[at]
        stream, count = _misses(ranks, log_time[at]), edges[place]
        poisson = _Stream(stream.log_rate, np.full(at.shape, -np.inf))
        log_stay = _stay(ranks, poisson, count, large[place])
        rate = np.exp(stream.log_rate)
        held = np.exp(np.minimum(stream.log_rate + log_stay[:, np.newaxis], MANY))
        own = -np.expm1(np.minimum(log_time[at] - log_stay, 0.0))
        found = -np.expm1(-(count - 1.0 + own)[:, np.newaxis] * held)
        hit[place] = np.clip(ranks.objects(rate * found) / ranks.objects(rate), 0.0, 1.0)
    return hit


def _chain(sizes: Array, objects: Array, exponent: Array) -> Array:
    number = np.floor(objects)
    valid = (sizes >= 0).all(axis=1) & (number >= 1) & (number < np.inf)
    valid = valid & (exponent >= 0) & (exponent < np.inf)
    full = sizes >= number[:, np.newaxis]
    hits = np.where(valid[:, np.newaxis], np.where(full, 1.0, 0.0), np.nan)
    asked = np.logical_not(np.logical_or.accumulate(full, axis=1)) & (sizes > 0)
    part = np.flatnonzero(valid & asked.any(axis=1))
    least = np.where(sizes > 0, sizes, np.inf).min(axis=1, initial=np.inf)
    most = np.where(asked, sizes, 0.0).max(axis=1, initial=0.0)
    steep = _steepness(most[part] / least[part], number[part])
    for at, ranks in groups(number[part], exponent[part], steep):
        place = part[at]
        hits[place] = _tiers(ranks, sizes[place], asked[place], hits[place])
    return hits


def _tiers(ranks: Ranks, sizes: Array, asked: Mask, hits: Array) -> Array:
    """Tier by tier, of catalogues done together; those not asked let everything pass."""
    stream = _Stream(ranks.log_share, np.full(len(sizes), -np.inf))
    for tier in range(sizes.shape[1]):
        at = np.flatnonzero(asked[:, tier])
        if not at.size:
            continue
        some = Ranks(ranks.log_share[at], ranks.weights[at])
        now = _Stream(stream.log_rate[at], stream.log_shift[at])
        one = np.ones(at.size)
        log_stay = _stay(some, now, one, sizes[at, tier])
        hits[at, tier] = _found(some, now, one, log_stay)
        log_rate, log_shift = stream.log_rate.copy(), stream.log_shift.copy()
        log_rate[at] -= now.past(log_stay, _every(now))[1]
        log_shift[at] = np.maximum(now.log_shift, log_stay)
        stream = _Stream(log_rate, log_shift)
    return hits
