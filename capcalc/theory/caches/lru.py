"""LRU under independent requests of Zipf popularity, by the characteristic-time approximation."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Array, Numbers, by_chunks
from capcalc.theory.caches import tail_integrals
from capcalc.theory.caches.exponential_integral import generalized
from capcalc.theory.caches.zipf import harmonic

#: From so many objects on, integrals stand for sums in :func:`fast_hit_ratio`.
LARGE = 50.0


def hit_ratio(capacity: Numbers, objects: Numbers, exponent: Numbers) -> Numbers:
    r"""Share of the requests that find their object in an LRU cache.

    Every object stays for the same time :math:`T` after its last request ([1]_, [2]_):

    .. math:: \sum_{i=1}^N (1 - e^{-p_i T}) = C, \qquad h = \sum_{i=1}^N p_i (1 - e^{-p_i T}),
       \qquad p_i = i^{-\alpha} / H_{N,\alpha}

    Both are solved to 1e-10. The approximation itself is off by at most 2e-4 in :math:`h`
    from :math:`C = 100` on and by 2e-3, on the safe side, at :math:`C = 5`; exact for
    :math:`\alpha = 0`. Real traces with recency hit more often than independent requests.

    Parameters
    ----------
    capacity : array_like
        :math:`C \ge 0`. [objects]
    objects : array_like
        :math:`N \ge 1`, counted down to a whole number.
    exponent : array_like
        Zipf's :math:`\alpha \ge 0`.

    Returns
    -------
    float or ndarray
        1 where everything fits, ``nan`` out of the domain.

    References
    ----------
    .. [1] R. Fagin, "Asymptotic miss ratios over independent references", J. Comput. Syst.
       Sci. 14, 1977.
    .. [2] H. Che, Y. Tung, Z. Wang, "Hierarchical Web caching systems: modeling, design and
       experimental results", IEEE JSAC 20(7), 2002, sec. III.

    Examples
    --------
    >>> hit_ratio(np.array([0, 1_000, 10_000]), objects=10_000, exponent=0.8).round(4)
    array([0.    , 0.4367, 1.    ])
    """
    with np.errstate(all="ignore"):
        return by_chunks(_hit_ratio, capacity, objects, exponent)[()]


def characteristic_time(capacity: Numbers, objects: Numbers, exponent: Numbers) -> Numbers:
    r"""The number of requests :math:`T` for which an object stays after its last one.

    .. math:: \sum_{i=1}^N (1 - e^{-p_i T}) = C

    Parameters
    ----------
    capacity : array_like
        :math:`C \ge 0`. [objects]
    objects : array_like
        :math:`N \ge 1`, counted down to a whole number.
    exponent : array_like
        Zipf's :math:`\alpha \ge 0`.

    Returns
    -------
    float or ndarray
        Requests; ``inf`` where everything fits, ``nan`` out of the domain.

    References
    ----------
    .. [1] H. Che, Y. Tung, Z. Wang, "Hierarchical Web caching systems: modeling, design and
       experimental results", IEEE JSAC 20(7), 2002, sec. III.

    Examples
    --------
    >>> round(float(characteristic_time(1_000, objects=10_000, exponent=0.8)), 2)
    1472.48
    """
    with np.errstate(all="ignore"):
        return by_chunks(_time, capacity, objects, exponent)[()]


def _hit_ratio(capacity: Array, objects: Array, exponent: Array) -> Array:
    return _solved(capacity, objects, exponent)[0]


def _time(capacity: Array, objects: Array, exponent: Array) -> Array:
    return _solved(capacity, objects, exponent)[1]


def _solved(capacity: Array, objects: Array, exponent: Array) -> tuple[Array, Array]:
    """Hit ratio and characteristic time of flat arrays."""
    number = np.floor(objects)
    valid = (capacity >= 0) & (number >= 1) & (number < np.inf)
    valid &= (exponent >= 0) & (exponent < np.inf)
    some = np.where(capacity > 0, 1.0, 0.0)
    hit = np.where(valid, some, np.nan)
    time = np.where(valid, np.where(capacity > 0, np.inf, 0.0), np.nan)
    part = np.flatnonzero(valid & (capacity > 0) & (capacity < number))
    if part.size:
        hit[part], time[part] = _partial(capacity[part], number[part], exponent[part])
    return hit, time


def _partial(capacity: Array, number: Array, exponent: Array) -> tuple[Array, Array]:
    """Where some but not all objects fit."""
    total = np.asarray(harmonic(number, exponent))
    hit, log_scale = np.empty(capacity.shape), np.full(capacity.shape, np.nan)
    tried = tail_integrals.worth_trying(number, exponent)
    log_scale[tried] = tail_integrals.solve(capacity[tried], number[tried], exponent[tried])
    flat = tail_integrals.holds(log_scale, number, exponent)
    n, a = number[flat], exponent[flat]
    hit[flat] = tail_integrals.hit_ratio(log_scale[flat], n, a, total[flat])
    rest = np.logical_not(flat)
    if rest.any():
        from capcalc.theory.caches import rank_sums

        n, a = number[rest], exponent[rest]
        start = np.where(tried[rest], log_scale[rest], np.log(capacity[rest] / total[rest]))
        log_scale[rest] = rank_sums.solve(capacity[rest], n, a, start)
        hit[rest] = rank_sums.hit_ratio(log_scale[rest], n, a, total[rest])
    return np.clip(hit, 0.0, 1.0), np.exp(log_scale) * total


def fast_hit_ratio(capacity: Numbers, objects: Numbers, exponent: Numbers) -> Numbers:
    r"""The hit ratio of :func:`hit_ratio` by one integral, whatever the catalogue's size.

    With :math:`\nu = 1/\alpha` and the generalised exponential integral :math:`E_\nu`,

    .. math:: \frac{C + 1/2}{N} = 1 - e^{-u} + u E_\nu(u), \qquad
       h = 1 - \frac{N^{1-\alpha}}{\alpha H_{N,\alpha}} E_\nu(u)

    (the sums over ranks as integrals, the half being the boundary term of Euler and
    Maclaurin). Off from the sums by 1.4e-5 at C = 1,000 of N = 10,000 and by less than 2e-7
    from C = 10,000 on; below 50 objects the sums themselves are used.

    Parameters
    ----------
    capacity, objects, exponent : array_like
        As for :func:`hit_ratio`.

    Returns
    -------
    float or ndarray
        1 where everything fits, ``nan`` out of the domain.

    References
    ----------
    .. [1] H. Che, Y. Tung, Z. Wang, IEEE JSAC 20(7), 2002 (the approximation).
    .. [2] C. Fricker, P. Robert, J. Roberts, "A versatile and accurate approximation for LRU
       cache performance", Proc. ITC 24, 2012, sec. 4 (sums as integrals).

    Examples
    --------
    >>> round(float(fast_hit_ratio(400_000, objects=2_000_000, exponent=1.0)), 4)
    0.8497
    """
    with np.errstate(all="ignore"):
        return by_chunks(_fast, capacity, objects, exponent)[()]


def _fast(capacity: Array, objects: Array, exponent: Array) -> Array:
    large = (capacity >= LARGE) & (capacity + 0.5 < objects) & (exponent > 0)
    large = large & (objects < np.inf) & (exponent < np.inf)
    hit = np.empty(capacity.shape)
    small = np.logical_not(large)
    if small.any():
        hit[small] = _hit_ratio(capacity[small], objects[small], exponent[small])
    if large.any():
        hit[large] = _by_integral(capacity[large], objects[large], exponent[large])
    return hit


def _by_integral(capacity: Array, number: Array, exponent: Array) -> Array:
    """Newton in ln u, whose right side rises from 0 to 1; each element stops on its own."""
    order, share = 1.0 / exponent, (capacity + 0.5) / number
    log_u = np.log(share) - np.log1p(order)
    going = np.ones(log_u.shape, dtype=bool)
    for _ in range(100):
        u = np.exp(log_u)
        tail = np.asarray(generalized(order, u))
        value = u * tail - np.expm1(-u)
        # d/du (1 - e^-u + u E) = E_(nu) order, by the recurrence of E
        step = (np.log(share) - np.log(value)) * value / (order * u * tail)
        log_u = np.where(going, log_u + np.clip(step, -3.0, 3.0), log_u)
        going = going & (np.abs(step) > 1e-9)
        if not going.any():
            break
    tail = np.asarray(generalized(order, np.exp(log_u)))
    total = np.asarray(harmonic(number, exponent))
    miss = np.exp((1.0 - exponent) * np.log(number)) / (exponent * total) * tail
    return np.asarray(np.clip(1.0 - miss, 0.0, 1.0))
