"""S3-FIFO: a small queue, a main queue and a ghost queue, under independent Zipf requests."""

from __future__ import annotations

import numpy as np
from scipy import special

from capcalc.theory.arrays import Array, Numbers, by_chunks
from capcalc.theory.caches import ranks
from capcalc.theory.caches.clock import rounds
from capcalc.theory.caches.ranks import Places, Ranks

#: The main queue's counter, as its authors have it.
COUNTER = 3
#: Newton steps at most, halvings of one, and the largest step in the logarithm of a time.
STEPS, HALVINGS, LONGEST = 100, 12, 2.0
#: Largest relative error of the three contents.
CLOSE = 1e-12


def hit_ratio(
    capacity: Numbers,
    objects: Numbers,
    exponent: Numbers,
    small: Numbers = 0.1,
    ghost: Numbers = 0.9,
    threshold: Numbers = 2.0,
) -> Numbers:
    r"""Share of the requests that find their object in an S3-FIFO cache.

    An object comes into the small queue, stays there for :math:`T_S`, and moves to the main
    queue after :math:`\theta` hits, else its name to the ghost queue for up to :math:`T_G`,
    where one more request takes it to the main queue. That is CLOCK with a counter of 3,
    whose hand goes round in :math:`T_M`. For an object of popularity p,

    .. math:: g = P(\text{Poisson}(p T_S) \ge \theta), \quad e = 1 - e^{-p T_G}, \quad
       P_M = g + (1 - g) e

    and its time goes to the queues as :math:`T_S`, :math:`(1-g) e / p`,
    :math:`P_M T_M u(p T_M)` and :math:`1/p` outside. The three times are those at which the
    expected contents are sC, gC and (1 - s)C. Where the ghost queue has room for all the names
    that it may get, :math:`T_G` is infinite. The contents are solved to 1e-12.

    An approximation: at most 7e-4 away from simulations of catalogues of 10,000 objects with
    100 and 1,000 in the cache. It holds for the policy as described; other variants of the
    counters and of the ghost queue's size differ.

    Parameters
    ----------
    capacity : array_like
        :math:`C \ge 0`, small and main queue together. [objects]
    objects : array_like
        :math:`N \ge 1`, counted down to a whole number.
    exponent : array_like
        Zipf's :math:`\alpha \ge 0`.
    small : array_like
        The small queue's share s of the capacity, between 0 and 1.
    ghost : array_like
        Names in the ghost queue as a positive multiple g of the capacity.
    threshold : array_like
        Hits :math:`\theta > 0` in the small queue that lead to the main queue.

    Returns
    -------
    float or ndarray
        1 where everything fits, ``nan`` out of the domain.

    References
    ----------
    .. [1] J. Yang, Y. Zhang, Z. Qiu, Y. Yue, K. V. Rashmi, "FIFO queues are all you need for
       cache eviction", Proc. SOSP 2023 (the policy).
    .. [2] V. Martina, M. Garetto, E. Leonardi, Proc. INFOCOM 2014 (the kind of approximation).

    Examples
    --------
    >>> round(float(hit_ratio(1_000, objects=10_000, exponent=0.8)), 4)
    0.5287
    """
    with np.errstate(all="ignore"):
        arguments = (capacity, objects, exponent, small, ghost, threshold)
        return by_chunks(_hit_ratio, *arguments)[()]


def characteristic_time(
    capacity: Numbers,
    objects: Numbers,
    exponent: Numbers,
    small: Numbers = 0.1,
    ghost: Numbers = 0.9,
    threshold: Numbers = 2.0,
) -> Numbers:
    r"""The number of requests :math:`T_M` in which the main queue's hand goes round.

    .. math:: \sum_{i=1}^N o_M(p_i) = (1 - s) C

    with the share of its time that an object spends in the main queue, an approximation.

    Parameters
    ----------
    capacity : array_like
        :math:`C \ge 0`, small and main queue together. [objects]
    objects : array_like
        :math:`N \ge 1`, counted down to a whole number.
    exponent : array_like
        Zipf's :math:`\alpha \ge 0`.
    small, ghost, threshold : array_like
        As for :func:`hit_ratio`.

    Returns
    -------
    float or ndarray
        Requests; ``inf`` where everything fits, ``nan`` out of the domain.

    References
    ----------
    .. [1] J. Yang et al., "FIFO queues are all you need for cache eviction", Proc. SOSP 2023.

    Examples
    --------
    >>> characteristic_time(np.array([0, 10_000]), objects=10_000, exponent=0.8)
    array([ 0., inf])
    """
    with np.errstate(all="ignore"):
        arguments = (capacity, objects, exponent, small, ghost, threshold)
        return by_chunks(_time, *arguments)[()]


def _hit_ratio(*arguments: Array) -> Array:
    return _solved(*arguments)[0]


def _time(*arguments: Array) -> Array:
    return _solved(*arguments)[1]


def _solved(
    capacity: Array, objects: Array, exponent: Array, small: Array, ghost: Array, threshold: Array
) -> tuple[Array, Array]:
    valid = (small > 0) & (small < 1) & (ghost > 0) & (ghost < np.inf)
    valid &= (threshold > 0) & (threshold < np.inf)
    hit, time, part, number = ranks.partial(capacity, objects, exponent, valid)
    steepness = np.maximum(1.0, np.sqrt(threshold) / 3.0)
    for at, these in ranks.groups(number[part], exponent[part], steepness[part]):
        place = part[at]
        parts = np.stack([small[place], ghost[place], 1.0 - small[place]], axis=1)
        sizes = capacity[place, np.newaxis] * parts
        log_times = _times(these, sizes, threshold[place, np.newaxis])
        there = _shares(these, log_times, threshold[place, np.newaxis], slice(None))[0]
        hit[place] = np.clip(these.per_request(there[0] + there[2]), 0.0, 1.0)
        time[place] = np.exp(log_times[:, 2])
    return hit, time


def _times(these: Ranks, sizes: Array, threshold: Array) -> Array:
    """Logarithms of the three times; first without an end of the ghost queue."""
    start = np.log(sizes)
    start[:, 1] = np.inf
    endless = _newton(these, sizes, threshold, start)
    there = _shares(these, endless, threshold, slice(None))[0]
    ends = these.objects(there[1]) > sizes[:, 1]
    at = np.flatnonzero(ends)
    if at.size:
        start = np.log(sizes[at])
        rows = Ranks(these.log_share[at], these.weights[at])
        endless[at] = _newton(rows, sizes[at], threshold[at], start)
    return endless


def _newton(these: Ranks, sizes: Array, threshold: Array, start: Array) -> Array:
    """Newton in the logarithms of times and contents, shortened until the gaps shrink."""
    log_times = start.copy()
    at = np.arange(start.shape[0])
    gaps, matrix = _gaps(these, log_times, sizes, threshold, at)
    for _ in range(STEPS):
        step = _step(matrix, gaps)
        before = np.square(gaps).sum(axis=1)
        share = np.ones(at.size)
        here = log_times[at]
        trying = np.arange(at.size)
        for _ in range(HALVINGS):
            there = here[trying] + share[trying, np.newaxis] * step[trying]
            found, slopes = _gaps(these, there, sizes, threshold, at[trying])
            better = np.square(found).sum(axis=1) < before[trying]
            done = trying[better]
            log_times[at[done]], gaps[done] = there[better], found[better]
            matrix[done] = slopes[better]
            trying = trying[~better]
            if not trying.size:
                break
            share[trying] *= 0.5
        going = np.abs(gaps).max(axis=1) > CLOSE
        going[trying] = False  # rounding is all that is left, or there is no way on
        at, gaps, matrix = at[going], gaps[going], matrix[going]
        if not at.size:
            break
    return log_times


def _step(matrix: Array, gaps: Array) -> Array:
    """Newton's step, none of whose parts is too long."""
    ridge = 1e-14 * np.abs(matrix).max(axis=(1, 2), keepdims=True) * np.eye(3)
    step: Array = np.linalg.solve(np.nan_to_num(matrix) + ridge, -gaps[:, :, np.newaxis])[:, :, 0]
    length = np.abs(step).max(axis=1, keepdims=True)
    return np.where(length > LONGEST, step * (LONGEST / length), step)


def _gaps(
    these: Ranks, log_times: Array, sizes: Array, threshold: Array, at: Places
) -> tuple[Array, Array]:
    """Logarithms of contents over sizes, and their slopes in the logarithms of the times."""
    there, slopes = _shares(these, log_times, threshold[at], at)
    contents = np.stack([these.objects(each, at) for each in there], axis=1)
    rows = [[these.objects(each, at) for each in row] for row in slopes]
    matrix = np.moveaxis(np.array(rows), 2, 0) / contents[:, :, np.newaxis]
    gaps = np.log(contents / sizes[at])
    endless = np.isinf(log_times[:, 1])
    gaps[endless, 1] = 0.0
    matrix[endless, 1] = [0.0, 1.0, 0.0]
    matrix[endless, :, 1] = [0.0, 1.0, 0.0]
    return gaps, matrix


def _shares(
    these: Ranks, log_times: Array, threshold: Array, at: Places | slice
) -> tuple[list[Array], list[list[Array]]]:
    """Shares of an object's time in the three queues, and slopes by the three times.

    All parts of the cycle are divided by its requests and by exp(3 p T_M).
    """
    first, second, third = (these.requests(log_times[:, queue], at) for queue in range(3))
    second, third = np.minimum(second, ranks.MANY), np.minimum(third, ranks.MANY / COUNTER)
    passed, falls = _passed(first, threshold)
    named, missed = -np.expm1(-second), np.exp(-second)
    stay, growth = rounds(third, COUNTER)
    scale = np.exp(-COUNTER * third)
    main = third * stay
    main_slope = main + third * (COUNTER * main + third * growth)
    failed = 1.0 - passed
    named_slope = np.where(missed > 0, second * missed, 0.0)
    promoted = passed + failed * named
    parts = [first * scale, failed * named * scale, promoted * main]
    slopes = [
        [first * scale, 0.0 * first, 0.0 * first],
        [-falls * named * scale, failed * named_slope * scale, 0.0 * first],
        [falls * missed * main, failed * named_slope * main, promoted * main_slope],
    ]
    return _normalized(parts, slopes, scale)


def _normalized(
    parts: list[Array], slopes: list[list[Array]], outside: Array
) -> tuple[list[Array], list[list[Array]]]:
    """Shares of the sum with what is outside, and their slopes."""
    total = parts[0] + parts[1] + parts[2] + outside
    shares = [part / total for part in parts]
    drift = [(slopes[0][k] + slopes[1][k] + slopes[2][k]) / total for k in range(3)]
    rows = [[slopes[q][k] / total - shares[q] * drift[k] for k in range(3)] for q in range(3)]
    return shares, rows


def _passed(requests: Array, threshold: Array) -> tuple[Array, Array]:
    """Chance of enough hits in the small queue, and its slope in the logarithm of the time."""
    log_fall = threshold * np.log(requests) - requests - special.gammaln(threshold)
    return np.asarray(special.gammainc(threshold, requests)), np.exp(log_fall)
