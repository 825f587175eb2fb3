"""Zipf popularity: the object of rank i is asked for in proportion to a power of i."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Array, Numbers, by_chunks

#: Ranks summed one by one.
HEAD = 24
#: Bernoulli numbers B_2k over (2k)!.
_EULER_MACLAURIN = (1 / 12, -1 / 720, 1 / 30240, -1 / 1209600, 1 / 47900160)


def harmonic(objects: Numbers, exponent: Numbers) -> Numbers:
    r"""Generalized harmonic number :math:`H_{N,\alpha}`, in a time that does not grow with N.

    .. math:: H_{N,\alpha} = \sum_{i=1}^{N} i^{-\alpha}

    The first 24 terms one by one, the others by the Euler-Maclaurin formula. Relative error
    below 1e-13.

    Parameters
    ----------
    objects : array_like
        :math:`N \ge 1`, counted down to a whole number.
    exponent : array_like
        :math:`\alpha \ge 0`; 1 and its neighbours are as good as any.

    Returns
    -------
    float or ndarray
        ``nan`` out of the domain.

    References
    ----------
    .. [1] L. Breslau, P. Cao, L. Fan, G. Phillips, S. Shenker, "Web caching and Zipf-like
       distributions: evidence and implications", INFOCOM 1999, sec. 2.
    .. [2] NIST Digital Library of Mathematical Functions, 2.10.1.

    Examples
    --------
    >>> harmonic(np.array([1, 3, 10**12]), 1.0).round(6)
    array([ 1.      ,  1.833333, 28.208237])
    """
    with np.errstate(all="ignore"):
        return by_chunks(_harmonic, objects, exponent)[()]


def _harmonic(objects: Array, exponent: Array) -> Array:
    valid = (objects >= 1) & (objects < np.inf) & (exponent >= 0)
    n = np.where(valid, np.floor(objects), np.nan)
    total = np.zeros(n.shape)
    for rank in range(HEAD, 0, -1):
        total = total + np.where(rank <= n, float(rank) ** -exponent, 0.0)
    many = n > HEAD
    total[many] += _beyond(n[many], exponent[many])
    return np.where(valid, total, np.nan)


def _beyond(n: Array, exponent: Array) -> Array:
    """Sum over the ranks after the head."""
    first = float(HEAD) ** -exponent
    log_ratio = np.log(n / HEAD)
    last = first * np.exp(-exponent * log_ratio)
    total = first * HEAD * log_ratio * _phi((1.0 - exponent) * log_ratio) + 0.5 * (last - first)
    rising, here, there = exponent, first / HEAD, last / n
    for k, coefficient in enumerate(_EULER_MACLAURIN):
        total = total + coefficient * rising * (here - there)
        rising = rising * (exponent + 2 * k + 1) * (exponent + 2 * k + 2)
        here, there = here / HEAD**2, there / n**2
    return total


def _phi(z: Array) -> Array:
    """(exp(z) - 1) / z."""
    some = z != 0
    return np.where(some, np.expm1(z) / np.where(some, z, 1.0), 1.0)
