"""LRU that lets an object in by chance, under independent requests of Zipf popularity."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Array, Numbers, by_chunks
from capcalc.theory.caches import ranks


def hit_ratio(
    capacity: Numbers, objects: Numbers, exponent: Numbers, insertion_probability: Numbers
) -> Numbers:
    r"""Share of the requests that find their object in an LRU cache with chance insertion.

    A miss brings its object in with probability :math:`q`; hits renew it as in LRU. With
    :math:`e_i = e^{-p_i T}`,

    .. math:: o_i = \frac{q (1 - e_i)}{e_i + q (1 - e_i)}, \qquad \sum_{i=1}^N o_i = C, \qquad
       h = \sum_{i=1}^N p_i o_i

    LRU for :math:`q = 1`, perfect LFU as :math:`q \to 0`. Solved to 1e-10, from
    :math:`q = 10^{-6}` on. The approximation itself errs on the optimistic side for small
    caches: against simulations of :math:`q = 0.1`
    at most 2e-4 at :math:`C \ge 1000`, 7e-4 at 100, 6e-3 at 10; of :math:`q = 0.01`
    2.7e-3, 1.9e-3, 1.5e-2, and 3.7e-2 at :math:`C = 5`. A small :math:`q` also takes many
    requests, about :math:`1/q` for each object, until this state is reached.

    Parameters
    ----------
    capacity : array_like
        :math:`C \ge 0`. [objects]
    objects : array_like
        :math:`N \ge 1`, counted down to a whole number.
    exponent : array_like
        Zipf's :math:`\alpha \ge 0`.
    insertion_probability : array_like
        :math:`0 < q \le 1`.

    Returns
    -------
    float or ndarray
        1 where everything fits, ``nan`` out of the domain.

    References
    ----------
    .. [1] V. Martina, M. Garetto, E. Leonardi, "A unified approach to the performance analysis
       of caching systems", Proc. INFOCOM 2014 (q-LRU).

    Examples
    --------
    >>> hit_ratio(1_000, 10_000, 0.8, insertion_probability=np.array([1.0, 0.01])).round(4)
    array([0.4367, 0.5426])
    """
    with np.errstate(all="ignore"):
        return by_chunks(_hit_ratio, capacity, objects, exponent, insertion_probability)[()]


def characteristic_time(
    capacity: Numbers, objects: Numbers, exponent: Numbers, insertion_probability: Numbers
) -> Numbers:
    r"""The number of requests :math:`T` for which an object stays after its last one.

    .. math:: \sum_{i=1}^N \frac{q (1 - e^{-p_i T})}{e^{-p_i T} + q (1 - e^{-p_i T})} = C

    Parameters
    ----------
    capacity : array_like
        :math:`C \ge 0`. [objects]
    objects : array_like
        :math:`N \ge 1`, counted down to a whole number.
    exponent : array_like
        Zipf's :math:`\alpha \ge 0`.
    insertion_probability : array_like
        :math:`0 < q \le 1`.

    Returns
    -------
    float or ndarray
        Requests; ``inf`` where everything fits, ``nan`` out of the domain.

    References
    ----------
    .. [1] V. Martina, M. Garetto, E. Leonardi, Proc. INFOCOM 2014 (q-LRU).

    Examples
    --------
    >>> round(float(characteristic_time(1_000, 10_000, 0.8, insertion_probability=1.0)), 2)
    1472.48
    """
    with np.errstate(all="ignore"):
        return by_chunks(_time, capacity, objects, exponent, insertion_probability)[()]


def _hit_ratio(capacity: Array, objects: Array, exponent: Array, chance: Array) -> Array:
    return _solved(capacity, objects, exponent, chance)[0]


def _time(capacity: Array, objects: Array, exponent: Array, chance: Array) -> Array:
    return _solved(capacity, objects, exponent, chance)[1]


def _solved(capacity: Array, objects: Array, exponent: Array, chance: Array) -> tuple[Array, Array]:
    valid = (chance > 0) & (chance <= 1)
    # the step from out to in, at log(1/q) requests, is as narrow as their inverse
    steepness = np.maximum(1.0, 1.0 - 0.18 * np.log(10.0 * np.where(valid, chance, 1.0)))
    return ranks.solved(
        _occupancy, capacity, objects, exponent, chance, valid=valid, steepness=steepness
    )


def _occupancy(requests: Array, chance: Array) -> tuple[Array, Array]:
    requests = np.minimum(requests, ranks.MANY)
    gone = np.exp(-requests)
    entered = -chance * np.expm1(-requests)
    total = gone + entered
    there = entered / total
    return there, np.where(gone > 0, chance * requests * gone / total**2, 0.0)
