"""Caches that keep an object for a set time: one object, and whole catalogues of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import gammainc

from capcalc.theory.arrays import Array, Numbers, broadcast, by_chunks
from capcalc.theory.caches import warm_up
from capcalc.theory.caches.ranks import Ranks, groups
from capcalc.theory.delivery import dns

#: Terms of the renewal function around the mean number of renewals; what is before is 1 each.
TERMS, BEFORE = 60, 26
#: Exponent from which on the waves of the renewal function have died away.
CALM = 42.0


def hit_ratio(rate: Numbers, ttl: Numbers) -> Numbers:
    r"""Hit ratio of an object that expires a set time after it was fetched.

    .. math:: h = \frac{\lambda T}{1 + \lambda T}

    Exact for Poisson requests and times to live of any law with mean T: a fetch is followed by
    :math:`\lambda T` hits on average.

    Parameters
    ----------
    rate : array_like
        Requests :math:`\lambda` for the object. [1/s]
    ttl : array_like
        Time to live T. [s]

    References
    ----------
    .. [1] J. Jung, A. W. Berger, H. Balakrishnan, "Modeling TTL-based Internet caches",
       INFOCOM, 2003.

    Examples
    --------
    >>> float(hit_ratio(0.05, 60))
    0.75
    """
    return dns.hit_ratio(rate, ttl)


def sliding_hit_ratio(rate: Numbers, ttl: Numbers) -> Numbers:
    r"""Hit ratio where every request starts the time to live anew: :math:`1 - e^{-\lambda T}`.

    Parameters
    ----------
    rate, ttl : array_like
        As for :func:`hit_ratio`.

    References
    ----------
    .. [1] N. Choungmo Fofack, P. Nain, G. Neglia, D. Towsley, "Performance evaluation of
       hierarchical TTL-based cache networks", Computer Networks 65, 2014.

    Examples
    --------
    >>> round(float(sliding_hit_ratio(0.01, 300)), 4)
    0.9502
    """
    with np.errstate(all="ignore"):
        held = _held(rate, ttl)
        return np.asarray(-np.expm1(-held))[()]


def hit_ratio_erlang(rate: Numbers, ttl: Numbers, stages: Numbers) -> Numbers:
    r"""Hit ratio of an object that is asked for at Erlang-distributed times.

    With the renewal function M, the mean number of requests within T after one,

    .. math:: h = \frac{M(T)}{1 + M(T)}, \qquad
       M(T) = \sum_{n \ge 1} P[\mathrm{Poisson}(k \lambda T) \ge n k]

    Requests more even than Poisson's hit less often where they are rare, and the more so the
    more stages. All terms are positive; relative error below 1e-12
    down to hit ratios of 1e-100.

    Parameters
    ----------
    rate, ttl : array_like
        As for :func:`hit_ratio`.
    stages : array_like
        k, whole, from 1 (Poisson) on.

    References
    ----------
    .. [1] J. Jung, A. W. Berger, H. Balakrishnan, INFOCOM, 2003.
    .. [2] D. R. Cox, *Renewal Theory*, Methuen, 1962, sec. 4.2 (the renewal function).

    Examples
    --------
    >>> hit_ratio_erlang(1, 3, np.array([1, 2, 10])).round(4)
    array([0.75  , 0.7333, 0.7182])
    """
    with np.errstate(all="ignore"):
        held = _held(rate, ttl)
        return by_chunks(_erlang, held, stages)[()]


def exponential_hit_ratio(rate: Numbers, ttl: Numbers, stages: Numbers = 1.0) -> Numbers:
    r"""Hit ratio with an exponential time to live, :math:`(1 + 1/(k \lambda T))^{-k}`.

    What is left of the time to live is the same whenever one asks, so that a request is a hit
    if the time since the last one is shorter: :math:`E e^{-X/T}`. For k = 1, Poisson requests,
    it is as good as a fixed one; for more even requests either may be better.

    Parameters
    ----------
    rate, ttl, stages : array_like
        As for :func:`hit_ratio_erlang`, with the mean time to live.

    References
    ----------
    .. [1] N. Choungmo Fofack, P. Nain, G. Neglia, D. Towsley, Computer Networks 65, 2014.

    Examples
    --------
    >>> exponential_hit_ratio(1, 3, np.array([1, 2])).round(4)
    array([0.75  , 0.7347])
    """
    held, count = broadcast(_held(rate, ttl), stages)
    with np.errstate(all="ignore"):
        good = (count >= 1) & (count == np.floor(count)) & (count < np.inf)
        return np.where(good, np.exp(-count * np.log1p(1.0 / (count * held))), np.nan)[()]


def catalogue_hit_ratio(
    request_rate: Numbers, ttl: Numbers, objects: Numbers, exponent: Numbers
) -> Numbers:
    r"""Hit ratio over a Zipf catalogue of objects that expire a set time after their fetch.

    .. math:: \sum_{i=1}^N p_i \frac{p_i \lambda T}{1 + p_i \lambda T}

    There is room for all; :mod:`capcalc.theory.caches.lru_ttl` has room for some.

    Parameters
    ----------
    request_rate : array_like
        Requests :math:`\lambda` for all objects. [1/s]
    ttl : array_like
        Time to live T. [s]
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
    .. [1] J. Jung, A. W. Berger, H. Balakrishnan, INFOCOM, 2003.

    Examples
    --------
    >>> catalogue_hit_ratio(100, np.array([60, 3_600]), objects=10_000, exponent=0.8).round(4)
    array([0.5753, 0.9739])
    """

    def hits(ranks: Ranks, held: Array) -> Array:
        found = 1.0 / (1.0 + np.exp(-ranks.log_share - np.log(held)[:, np.newaxis]))
        return np.clip(ranks.per_request(found), 0.0, 1.0)

    return _catalogue(hits, _held(request_rate, ttl), objects, exponent)


def catalogue_contents(
    request_rate: Numbers, ttl: Numbers, objects: Numbers, exponent: Numbers
) -> Numbers:
    r"""Mean number of objects that have not expired.

    .. math:: \sum_{i=1}^N \frac{p_i \lambda T}{1 + p_i \lambda T}

    Parameters
    ----------
    request_rate, ttl, objects, exponent : array_like
        As for :func:`catalogue_hit_ratio`.

    References
    ----------
    .. [1] J. Jung, A. W. Berger, H. Balakrishnan, INFOCOM, 2003.

    Examples
    --------
    >>> round(float(catalogue_contents(100, 60, objects=10_000, exponent=0.8)), 1)
    2548.0
    """

    def contents(ranks: Ranks, held: Array) -> Array:
        return ranks.objects(1.0 / (1.0 + np.exp(-ranks.log_share - np.log(held)[:, np.newaxis])))

    return _catalogue(contents, _held(request_rate, ttl), objects, exponent)


def sliding_catalogue_hit_ratio(
    request_rate: Numbers, ttl: Numbers, objects: Numbers, exponent: Numbers
) -> Numbers:
    r"""Hit ratio over a Zipf catalogue where every request starts the time to live anew.

    .. math:: \sum_{i=1}^N p_i (1 - e^{-p_i \lambda T})

    Parameters
    ----------
    request_rate, ttl, objects, exponent : array_like
        As for :func:`catalogue_hit_ratio`.

    References
    ----------
    .. [1] N. Choungmo Fofack, P. Nain, G. Neglia, D. Towsley, Computer Networks 65, 2014.

    Examples
    --------
    >>> round(float(sliding_catalogue_hit_ratio(100, 60, objects=10_000, exponent=0.8)), 4)
    0.6554
    """
    return warm_up.hit_ratio(_held(request_rate, ttl), objects, objects, exponent)


def origin_rate(
    request_rate: Numbers,
    ttl: Numbers,
    objects: Numbers,
    exponent: Numbers,
    caches: Numbers = 1.0,
) -> Numbers:
    r"""Fetches by n caches that each see the same rate of requests.

    .. math:: n \sum_{i=1}^N \frac{p_i \lambda}{1 + p_i \lambda T} \le \frac{n N}{T}

    However much is asked for, no cache fetches an object more than once in T. [1/s]

    Parameters
    ----------
    request_rate : array_like
        Of each cache, for all objects. [1/s]
    ttl, objects, exponent : array_like
        As for :func:`catalogue_hit_ratio`.
    caches : array_like
        :math:`n \ge 0`.

    References
    ----------
    .. [1] J. Jung, A. W. Berger, H. Balakrishnan, INFOCOM, 2003.

    Examples
    --------
    >>> round(float(origin_rate(100, 60, objects=10_000, exponent=0.8, caches=5)), 1)
    212.3
    """

    def missed(ranks: Ranks, held: Array) -> Array:
        requests = np.exp(ranks.log_share + np.log(held)[:, np.newaxis])
        return ranks.per_request(1.0 / (1.0 + requests))

    share = _catalogue(missed, _held(request_rate, ttl), objects, exponent)
    rate, life, count = broadcast(request_rate, ttl, caches)
    with np.errstate(all="ignore"):
        most = np.where(np.isfinite(share), np.asarray(objects) // 1.0 / life, np.nan)
        total = np.where(np.isinf(rate) & (life > 0), most, rate * share)
        total = np.where((rate == 0) & np.isfinite(share), 0.0, total)
        return np.where(count >= 0, count * total, np.nan)[()]


def _held(rate: Numbers, ttl: Numbers) -> Array:
    """Mean requests within the time to live."""
    asked, life = broadcast(rate, ttl)
    with np.errstate(all="ignore"):
        held = np.where((asked == 0) | (life == 0), 0.0, asked * life)
        return np.where((asked >= 0) & (life >= 0), held, np.nan)


def _erlang(held: Array, stages: Array) -> Array:
    good = (stages >= 1) & (stages == np.floor(stages)) & (stages < np.inf)
    mean = stages * held
    # the slowest of the waves that the remainder of a Poisson number modulo k makes
    calm = mean * 2.0 * np.sin(np.pi / stages) ** 2 > CALM
    settled = held - 0.5 * (stages - 1.0) / stages
    first = np.maximum(np.floor(held) - BEFORE, 1.0)
    renewals = first - 1.0
    for term in range(TERMS):
        renewals = renewals + gammainc((first + term) * stages, mean)
    renewals = np.where(stages == 1, held, np.where(calm, settled, renewals))
    return np.where(good, 1.0 / (1.0 + 1.0 / renewals), np.nan)


def _catalogue(
    function: Callable[[Ranks, Array], Array], held: Array, objects: Numbers, exponent: Numbers
) -> Numbers:
    """A function of ranks and of the requests within the time to live."""

    def flat(inside: Array, number: Array, power: Array) -> Array:
        good = (inside >= 0) & (number >= 1) & (number < np.inf) & (power >= 0) & (power < np.inf)
        part = np.flatnonzero(good)
        result = np.full(inside.shape, np.nan)
        for at, ranks in groups(np.floor(number[part]), power[part]):
            result[part[at]] = function(ranks, inside[part[at]])
        return result

    with np.errstate(all="ignore"):
        return by_chunks(flat, held, objects, exponent)[()]
