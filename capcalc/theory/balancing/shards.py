"""Keys of Zipf popularity spread over shards by a hash: how much more the hottest shard takes."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from capcalc.theory.arrays import Array, Numbers, broadcast, by_chunks
from capcalc.theory.caches.zipf import harmonic

#: Keys placed one by one, and how often; always the same random numbers.
HEAD, PLACEMENTS, SEED = 200, 4_000, 20_260
#: Placements and elements worked on at a time.
STEP, ELEMENTS = 40, 24


def share_cv2(shards: Numbers, objects: Numbers, exponent: Numbers) -> Numbers:
    r"""Squared coefficient of variation of a shard's share of the requests.

    .. math:: (n - 1) \sum_{i=1}^N p_i^2 = (n - 1) \frac{H_{N, 2\alpha}}{H_{N, \alpha}^2}

    Exact for keys that are placed independently, whatever N in the same time.

    Parameters
    ----------
    shards : array_like
        :math:`n \ge 1`.
    objects : array_like
        Keys :math:`N \ge 1`, counted down to a whole number.
    exponent : array_like
        Zipf's :math:`\alpha \ge 0`.

    References
    ----------
    .. [1] L. Breslau, P. Cao, L. Fan, G. Phillips, S. Shenker, INFOCOM 1999, sec. 2 (the
       popularity).
    .. [2] W. Feller, *An Introduction to Probability Theory and Its Applications* 1, 3rd ed.,
       Wiley, 1968, sec. IX.5 (variance of a sum).

    Examples
    --------
    >>> round(float(share_cv2(16, objects=100_000, exponent=1.2)), 4)
    0.8004
    """
    count, number, power = broadcast(shards, objects, exponent)
    with np.errstate(all="ignore"):
        total = np.asarray(harmonic(number, power))
        squares = np.asarray(harmonic(number, 2.0 * power)) / total / total
        good = (count >= 1) & (count < np.inf)
        return np.where(good, (count - 1.0) * squares, np.nan)[()]


def least_max_over_mean(shards: Numbers, objects: Numbers, exponent: Numbers) -> Numbers:
    r"""Lower bound of the hottest shard's mean load over the mean, :math:`n p_1 + 1 - p_1`.

    The load of the shard with the most popular key.

    Parameters
    ----------
    shards, objects, exponent : array_like
        As for :func:`share_cv2`.

    References
    ----------
    .. [1] L. Breslau, P. Cao, L. Fan, G. Phillips, S. Shenker, INFOCOM 1999, sec. 2.

    Examples
    --------
    >>> round(float(least_max_over_mean(16, objects=100_000, exponent=1.0)), 4)
    2.2407
    """
    count, number, power = broadcast(shards, objects, exponent)
    with np.errstate(all="ignore"):
        good = (count >= 1) & (count < np.inf)
        first = 1.0 / np.asarray(harmonic(number, power))
        return np.where(good, 1.0 + (count - 1.0) * first, np.nan)[()]


def ceiling(objects: Numbers, exponent: Numbers) -> Numbers:
    r"""Throughput of however many shards over that of one, at most: :math:`1 / p_1`.

    All requests for one key go to one shard. Beyond this number of shards only copies of the
    most popular keys, or a cache in front, help.

    Parameters
    ----------
    objects, exponent : array_like
        As for :func:`share_cv2`.

    References
    ----------
    .. [1] L. Breslau, P. Cao, L. Fan, G. Phillips, S. Shenker, INFOCOM 1999, sec. 2.

    Examples
    --------
    >>> round(float(ceiling(objects=100_000, exponent=1.0)), 2)
    12.09
    """
    return harmonic(objects, exponent)


def expected_max_over_mean(shards: Numbers, objects: Numbers, exponent: Numbers) -> Numbers:
    r"""Mean load of the hottest shard over the mean of all.

    The 200 most popular keys are placed 4,000 times at random, with the same random numbers in
    every call; the load of all others is normal, with the variance
    :math:`\sum_{i > 200} p_i^2 / n` at each shard. Within 1 % of simulations of all keys. One
    normal law for all keys would be far too low: 1.73 instead of 2.25 for 16 shards and
    :math:`\alpha = 1`.

    Parameters
    ----------
    shards, objects, exponent : array_like
        As for :func:`share_cv2`.

    Returns
    -------
    float or ndarray
        The throughput of n shards is that of one, times n, over this.

    References
    ----------
    .. [1] L. Breslau, P. Cao, L. Fan, G. Phillips, S. Shenker, INFOCOM 1999, sec. 2.
    .. [2] H. A. David, H. N. Nagaraja, *Order Statistics*, 3rd ed., Wiley, 2003, sec. 2.1
       (the largest of many by one random number).

    Examples
    --------
    >>> round(float(expected_max_over_mean(16, objects=100_000, exponent=1.0)), 1)
    2.2
    """
    with np.errstate(all="ignore"):
        return by_chunks(_expected_max, shards, objects, exponent)[()]


def _expected_max(shards: Array, objects: Array, exponent: Array) -> Array:
    number, count = np.floor(objects), np.floor(shards)
    total = np.asarray(harmonic(number, exponent))
    good = (count >= 1) & (count < np.inf) & np.isfinite(total)
    result = np.where(good, 1.0, np.nan)
    part = np.flatnonzero(good & (count > 1))
    if part.size:
        count, number, power = count[part], number[part], exponent[part]
        rank = np.arange(1.0, HEAD + 1.0)
        shares = rank ** -power[:, np.newaxis] / total[part, np.newaxis]
        shares = np.where(rank <= number[:, np.newaxis], shares, 0.0)
        values = (shares, *_others(number, power, total[part], count), count)
        for start in range(0, part.size, ELEMENTS):
            window = slice(start, start + ELEMENTS)
            result[part[window]] = _mean_largest(*(value[window] for value in values))
        least = np.asarray(least_max_over_mean(count, number, power))
        result[part] = np.clip(result[part], least, count)
    return result


def _others(number: Array, exponent: Array, total: Array, count: Array) -> tuple[Array, Array]:
    """Share of the keys that are not placed, and its standard deviation at a shard."""
    more = number > HEAD
    sums = [
        np.asarray(harmonic(number, power)) - np.asarray(harmonic(np.minimum(number, HEAD), power))
        for power in (exponent, 2.0 * exponent)
    ]
    rest = np.where(more, np.maximum(sums[0], 0.0), 0.0) / total
    squares = np.where(more, np.maximum(sums[1], 0.0), 0.0) / total / total
    return rest, np.sqrt(squares / count)


def _mean_largest(shares: Array, rest: Array, deviation: Array, count: Array) -> Array:
    """Mean of the largest load over the mean, a few placements of all elements at a time."""
    elements = count.size
    rng = np.random.default_rng(SEED)
    sum_of_largest = np.zeros(elements)
    for _ in range(PLACEMENTS // STEP):
        drawn = rng.random((STEP, 2 * HEAD + 1))
        for_key, for_shard, for_others = drawn[:, :HEAD], drawn[:, HEAD:-1], drawn[:, -1]
        place = np.floor(for_key * count[:, np.newaxis, np.newaxis])
        load, used = _loads(place, np.broadcast_to(shares[:, np.newaxis], place.shape))
        noise = deviation[:, np.newaxis, np.newaxis]
        load = np.where(np.isnan(load), -np.inf, load + noise * ndtri(for_shard))
        empty = count[:, np.newaxis] - used
        # the largest of m normal variables is as likely below x as one uniform below Phi(x)^m
        top = -deviation[:, np.newaxis] * ndtri(-np.expm1(np.log(for_others) / empty))
        top = np.where(empty > 0, np.where(deviation[:, np.newaxis] > 0, top, 0.0), -np.inf)
        sum_of_largest += np.maximum(load.max(axis=-1), top).sum(axis=-1)
    return rest + count * sum_of_largest / PLACEMENTS


def _loads(place: Array, shares: Array) -> tuple[Array, Array]:
    """Loads of the shards that have keys, then ``nan``; and how many have."""
    shape = place.shape
    order = np.argsort(place, axis=-1)
    place, shares = np.take_along_axis(place, order, -1), np.take_along_axis(shares, order, -1)
    new = np.concatenate([np.zeros((*shape[:-1], 1)), np.diff(place, axis=-1) > 0], axis=-1)
    which = np.cumsum(new, axis=-1).astype(int)
    rows = np.arange(np.prod(shape[:-1])).reshape(*shape[:-1], 1)
    slots = (rows * shape[-1] + which).ravel()
    load = np.bincount(slots, shares.ravel(), minlength=place.size).reshape(shape)
    used = which[..., -1] + 1
    held = np.arange(shape[-1]) < used[..., np.newaxis]
    return np.where(held, load, np.nan), used.astype(float)
