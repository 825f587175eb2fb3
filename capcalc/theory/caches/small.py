"""Exact hit ratios of tiny caches under independent requests, to measure approximations by."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Array, Numbers, by_chunks
from capcalc.theory.caches.ranks import Places

#: Largest catalogue under LRU, all subsets of which are gone through, and under FIFO.
MOST_LRU, MOST_FIFO = 20, 2_000
#: Numbers in an intermediate array.
BLOCK = 2**22


def lru_hit_ratio(capacity: Numbers, objects: Numbers, exponent: Numbers) -> Numbers:
    r"""Share of the requests that find their object in an LRU cache, exactly.

    The cache holds the objects :math:`i_1, \dots, i_C`, the last one asked for first, with
    the probability

    .. math:: \pi(i_1, \dots, i_C) = \prod_{k=1}^C \frac{p_{i_k}}{1 - p_{i_1} - \dots - p_{i_{k-1}}}

    Summed over the orders of each subset from one size to the next. Meant for tests and for
    tiny caches: time and memory double with each object.

    Parameters
    ----------
    capacity : array_like
        :math:`C \ge 0`, counted down to a whole number. [objects]
    objects : array_like
        :math:`1 \le N \le 20`, counted down to a whole number.
    exponent : array_like
        Zipf's :math:`\alpha \ge 0`.

    Returns
    -------
    float or ndarray
        1 where everything fits, ``nan`` out of the domain.

    References
    ----------
    .. [1] W. F. King, "Analysis of demand paging algorithms", Proc. IFIP Congress 1971.

    Examples
    --------
    >>> round(float(lru_hit_ratio(2, objects=5, exponent=1.0)), 6)
    0.518885
    """
    with np.errstate(all="ignore"):
        return by_chunks(_lru, capacity, objects, exponent)[()]


def fifo_hit_ratio(capacity: Numbers, objects: Numbers, exponent: Numbers) -> Numbers:
    r"""Share of the requests that find their object in a FIFO or random cache, exactly.

    The cache holds a set of objects in proportion to the product of their popularities, so
    that with the elementary symmetric polynomials :math:`e_k` of all popularities

    .. math:: h = 1 - \frac{(C + 1) \, e_{C+1}}{e_C}

    Meant for tests and for small caches: the time grows with :math:`N C`.

    Parameters
    ----------
    capacity : array_like
        :math:`C \ge 0`, counted down to a whole number. [objects]
    objects : array_like
        :math:`1 \le N \le 2000`, counted down to a whole number.
    exponent : array_like
        Zipf's :math:`\alpha \ge 0`.

    Returns
    -------
    float or ndarray
        1 where everything fits, ``nan`` out of the domain.

    References
    ----------
    .. [1] W. F. King, "Analysis of demand paging algorithms", Proc. IFIP Congress 1971 (FIFO).
    .. [2] E. Gelenbe, "A unified approach to the evaluation of a class of replacement
       algorithms", IEEE Trans. Comput. C-22(6), 1973 (random alike).

    Examples
    --------
    >>> round(float(fifo_hit_ratio(3, objects=8, exponent=0.8)), 6)
    0.461421
    """
    with np.errstate(all="ignore"):
        return by_chunks(_fifo, capacity, objects, exponent)[()]


def _begin(
    capacity: Array, objects: Array, exponent: Array, most: int
) -> tuple[Array, Places, Array, Array]:
    """Answers that need no sum, the others' places, and whole numbers."""
    number, held = np.floor(objects), np.floor(capacity)
    valid = (capacity >= 0) & (number >= 1) & (number <= most)
    valid &= (exponent >= 0) & (exponent < np.inf)
    hit = np.where(valid, np.where(held >= number, 1.0, 0.0), np.nan)
    return hit, np.flatnonzero(valid & (held >= 1) & (held < number)), held, number


def _popularity(number: Array, exponent: Array) -> Array:
    rank = np.arange(1.0, number.max() + 1.0)
    asked = np.where(rank <= number[:, np.newaxis], rank ** -exponent[:, np.newaxis], 0.0)
    return np.asarray(asked / asked.sum(axis=1, keepdims=True))


def _lru(capacity: Array, objects: Array, exponent: Array) -> Array:
    """Catalogues of one size after the other; there are few sizes."""
    hit, part, held, number = _begin(capacity, objects, exponent, MOST_LRU)
    for count in np.unique(number[part]).astype(int):
        same = part[number[part] == count]
        rows = max(1, BLOCK >> count)
        for start in range(0, same.size, rows):
            at = same[start : start + rows]
            hit[at] = _king(held[at], _popularity(number[at], exponent[at]))
    return hit


def _king(held: Array, share: Array) -> Array:
    """Probabilities of all subsets, from one size to the next."""
    count = share.shape[1]
    sums = np.zeros((share.shape[0], 1))
    sizes = np.zeros(1, dtype=int)
    for place in range(count):
        sums = np.concatenate([sums, sums + share[:, place : place + 1]], axis=1)
        sizes = np.concatenate([sizes, sizes + 1])
    outside = sums[:, ::-1]  # the complement of a subset, whose bits are all the others
    law = np.zeros(sums.shape)
    law[:, 0] = 1.0
    hit = np.full(held.shape, np.nan)
    for size in range(1, int(held.max()) + 1):
        before = np.flatnonzero(sizes == size - 1)
        rate = law[:, before] / outside[:, before]
        for place in range(count):
            free = (before >> place) & 1 == 0
            law[:, before[free] | 1 << place] += rate[:, free] * share[:, place : place + 1]
        here = np.flatnonzero(sizes == size)
        found = (law[:, here] * sums[:, here]).sum(axis=1)
        hit = np.where(held == size, found, hit)
    return np.asarray(np.minimum(hit, 1.0))


def _fifo(capacity: Array, objects: Array, exponent: Array) -> Array:
    hit, part, held, number = _begin(capacity, objects, exponent, MOST_FIFO)
    if not part.size:
        return hit
    most, size = int(number[part].max()), int(held[part].max()) + 2
    rows = max(1, BLOCK // max(most, size))
    for start in range(0, part.size, rows):
        at = part[start : start + rows]
        hit[at] = _product_form(held[at], _popularity(number[at], exponent[at]))
    return hit


def _product_form(held: Array, share: Array) -> Array:
    """By logarithms of the polynomials, object by object."""
    logs = np.full((share.shape[0], int(held.max()) + 2), -np.inf)
    logs[:, 0] = 0.0
    for place in range(share.shape[1]):
        grown = logs[:, :-1] + np.log(share[:, place : place + 1])
        logs[:, 1:] = np.logaddexp(logs[:, 1:], grown)
    rows, at = np.arange(held.size), held.astype(int)
    return np.asarray(-np.expm1(np.log(held + 1.0) + logs[rows, at + 1] - logs[rows, at]))
