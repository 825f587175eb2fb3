"""A cache that holds the most popular objects for good: perfect LFU, the best there is."""

from __future__ import annotations

import numpy as np
from scipy import special

from capcalc.theory.arrays import Array, Numbers, by_chunks
from capcalc.theory.caches.exponential_integral import _log_gamma_slope
from capcalc.theory.caches.zipf import harmonic


def hit_ratio(capacity: Numbers, objects: Numbers, exponent: Numbers) -> Numbers:
    r"""Share of the requests for the most popular objects, :math:`H_{C,\alpha} / H_{N,\alpha}`.

    What perfect knowledge of steady popularities makes of a cache, and for independent
    requests the most that any policy can reach. A broken place holds its part of an object.
    Relative error below 1e-12. Popularities that change lower what LFU really reaches.

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
    .. [1] A. V. Aho, P. J. Denning, J. D. Ullman, "Principles of optimal page replacement",
       J. ACM 18(1), 1971 (policy A0).

    Examples
    --------
    >>> hit_ratio(np.array([0, 1_000, 10_000]), objects=10_000, exponent=0.8).round(4)
    array([0.    , 0.5706, 1.    ])
    """
    with np.errstate(all="ignore"):
        return by_chunks(_hit_ratio, capacity, objects, exponent)[()]


def lru_miss_ratio_limit(exponent: Numbers) -> Numbers:
    r"""How many times as often LRU misses as perfect LFU, for caches large in endless catalogues.

    .. math:: \Bigl(1 - \frac{1}{\alpha}\Bigr) \Gamma\Bigl(1 - \frac{1}{\alpha}\Bigr)^\alpha

    between 1, at :math:`\alpha \to 1`, and :math:`e^\gamma = 1.781`, at
    :math:`\alpha \to \infty`. Exact in the limit. Next to 1 finite catalogues are far from it.

    Parameters
    ----------
    exponent : array_like
        Zipf's :math:`\alpha > 1`.

    Returns
    -------
    float or ndarray
        ``nan`` out of the domain.

    References
    ----------
    .. [1] P. R. Jelenković, "Asymptotic approximation of the move-to-front search cost
       distribution and least-recently used caching fault probabilities", Ann. Appl. Probab.
       9(2), 1999.

    Examples
    --------
    >>> round(float(lru_miss_ratio_limit(2.0)), 6)
    1.570796
    """
    with np.errstate(all="ignore"):
        return by_chunks(_limit, exponent)[()]


def _hit_ratio(capacity: Array, objects: Array, exponent: Array) -> Array:
    number = np.floor(objects)
    valid = (capacity >= 0) & (number >= 1) & (number < np.inf)
    valid &= (exponent >= 0) & (exponent < np.inf)
    whole = np.floor(np.minimum(capacity, number))
    full = np.where(whole >= 1, np.asarray(harmonic(np.maximum(whole, 1.0), exponent)), 0.0)
    rest = np.minimum(capacity, number) - whole
    found = full + np.where(rest > 0, rest * (whole + 1.0) ** -exponent, 0.0)
    share = np.minimum(found / np.asarray(harmonic(number, exponent)), 1.0)
    return np.where(valid, np.where(capacity >= number, 1.0, share), np.nan)


def _limit(exponent: Array) -> Array:
    inverse, spare = 1.0 / exponent, np.log((exponent - 1.0) / exponent)
    # gamma(1 - 1/a) is 1/(1 - 1/a) times what is smooth at 1
    low = exponent * special.gammaln(2.0 - inverse) + (1.0 - exponent) * spare
    high = spare + _log_gamma_slope(np.minimum(inverse, 0.5))
    return np.where(exponent > 1, np.exp(np.where(exponent < 2, low, high)), np.nan)
