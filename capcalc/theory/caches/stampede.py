"""Many requests for one object that has just expired, while it is being fetched."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from capcalc.theory.arrays import Array, Numbers, broadcast


def calls_per_expiry(rate: Numbers, fetch_time: Numbers) -> Numbers:
    r"""Mean calls of what stands behind at each expiry, without coalescing: :math:`1 + \lambda L`.

    Every request during the fetch fetches as well. With coalescing it is one.

    Parameters
    ----------
    rate : array_like
        Poisson requests :math:`\lambda` for the object. [1/s]
    fetch_time : array_like
        L, constant. [s]

    References
    ----------
    .. [1] A. Vattani, F. Chierichetti, K. Lowenstein, "Optimal probabilistic cache stampede
       prevention", Proc. VLDB Endowment 8(8), 2015, sec. 1.

    Examples
    --------
    >>> float(calls_per_expiry(50, 0.5))
    26.0
    """
    asked, fetch = broadcast(rate, fetch_time)
    with np.errstate(all="ignore"):
        good = (asked >= 0) & (fetch >= 0)
        return np.where(good, 1.0 + _product(asked, fetch), np.nan)[()]


def call_rate(rate: Numbers, ttl: Numbers, fetch_time: Numbers) -> Numbers:
    r"""Calls of what stands behind without coalescing.

    .. math:: \frac{\lambda (1 + \lambda L)}{1 + \lambda (T + L)}

    where the first answer starts the time to live. With coalescing it is
    :math:`\lambda` times :func:`miss_ratio`. [1/s]

    Parameters
    ----------
    rate : array_like
        Poisson requests :math:`\lambda` for the object. [1/s]
    ttl : array_like
        Time to live T, from the answer on. [s]
    fetch_time : array_like
        L, constant. [s]

    References
    ----------
    .. [1] D. R. Cox, *Renewal Theory*, Methuen, 1962, ch. 8 (cumulative processes).

    Examples
    --------
    >>> round(float(call_rate(50, 10, 0.5)), 4)
    2.4715
    """
    asked, life, fetch, good = _checked(rate, ttl, fetch_time)
    with np.errstate(all="ignore"):
        calls = 1.0 + _product(asked, fetch)
        return np.where(good, asked * (calls / (calls + _product(asked, life))), np.nan)[()]


def hit_ratio(rate: Numbers, ttl: Numbers, fetch_time: Numbers) -> Numbers:
    r"""Share of requests answered at once.

    .. math:: \frac{\lambda T}{1 + \lambda (T + L)}

    With coalescing or without.

    Parameters
    ----------
    rate, ttl, fetch_time : array_like
        As for :func:`call_rate`.

    References
    ----------
    .. [1] D. R. Cox, *Renewal Theory*, Methuen, 1962, ch. 8.
    .. [2] N. Atre, J. Sherry, W. Wang, D. Berger, "Caching with delayed hits", Proc. SIGCOMM
       2020.

    Examples
    --------
    >>> round(float(hit_ratio(50, 10, 0.5)), 4)
    0.9506
    """
    asked, life, fetch, good = _checked(rate, ttl, fetch_time)
    with np.errstate(all="ignore"):
        return _share(_product(asked, life), 1.0 + _product(asked, fetch), good)[()]


def delayed_ratio(rate: Numbers, ttl: Numbers, fetch_time: Numbers) -> Numbers:
    r"""Share of requests that wait for a fetch that another one has started, with coalescing.

    .. math:: \frac{\lambda L}{1 + \lambda (T + L)}

    Parameters
    ----------
    rate, ttl, fetch_time : array_like
        As for :func:`call_rate`.

    References
    ----------
    .. [1] N. Atre, J. Sherry, W. Wang, D. Berger, "Caching with delayed hits", Proc. SIGCOMM
       2020.

    Examples
    --------
    >>> round(float(delayed_ratio(50, 10, 0.5)), 4)
    0.0475
    """
    asked, life, fetch, good = _checked(rate, ttl, fetch_time)
    with np.errstate(all="ignore"):
        return _share(_product(asked, fetch), 1.0 + _product(asked, life), good)[()]


def miss_ratio(rate: Numbers, ttl: Numbers, fetch_time: Numbers) -> Numbers:
    r"""Share of requests that start a fetch, with coalescing.

    .. math:: \frac{1}{1 + \lambda (T + L)}

    Parameters
    ----------
    rate, ttl, fetch_time : array_like
        As for :func:`call_rate`.

    References
    ----------
    .. [1] N. Atre, J. Sherry, W. Wang, D. Berger, "Caching with delayed hits", Proc. SIGCOMM
       2020.

    Examples
    --------
    >>> round(float(miss_ratio(50, 10, 0.5)), 6)
    0.001901
    """
    asked, life, fetch, good = _checked(rate, ttl, fetch_time)
    with np.errstate(all="ignore"):
        passed = 1.0 + _product(asked, life) + _product(asked, fetch)
        return np.where(good, 1.0 / passed, np.nan)[()]


def mean_added_delay(rate: Numbers, ttl: Numbers, fetch_time: Numbers) -> Numbers:
    r"""Mean time that a request waits for a fetch, its own or another's, with coalescing.

    .. math:: \frac{L + \lambda L^2 / 2}{1 + \lambda (T + L)}

    [s]

    Parameters
    ----------
    rate, ttl, fetch_time : array_like
        As for :func:`call_rate`.

    References
    ----------
    .. [1] N. Atre, J. Sherry, W. Wang, D. Berger, "Caching with delayed hits", Proc. SIGCOMM
       2020.

    Examples
    --------
    >>> round(float(mean_added_delay(50, 10, 0.5)), 6)
    0.012833
    """
    _, _, fetch, good = _checked(rate, ttl, fetch_time)
    with np.errstate(all="ignore"):
        waiting = np.asarray(delayed_ratio(rate, ttl, fetch_time)) * 0.5
        waiting = waiting + np.asarray(miss_ratio(rate, ttl, fetch_time))
        return np.where(good, np.where(waiting == 0, 0.0, fetch * waiting), np.nan)[()]


def late_refresh_ratio(
    rate: Numbers, ttl: Numbers, fetch_time: Numbers, eagerness: Numbers = 1.0
) -> Numbers:
    r"""Probability that an object expires although requests refresh it early by chance.

    A request at s before the expiry refreshes with probability :math:`e^{-s / (\beta L)}`, so
    that none has with probability

    .. math:: \exp\left(-\lambda \beta L (1 - e^{-T / (\beta L)})\right)

    Parameters
    ----------
    rate, ttl, fetch_time : array_like
        As for :func:`call_rate`.
    eagerness : array_like
        :math:`\beta \ge 0`; 0 for no early refresh.

    References
    ----------
    .. [1] A. Vattani, F. Chierichetti, K. Lowenstein, "Optimal probabilistic cache stampede
       prevention", Proc. VLDB Endowment 8(8), 2015, sec. 3.

    Examples
    --------
    >>> late_refresh_ratio(5, 10, 0.5, eagerness=np.array([0, 1, 2])).round(4)
    array([1.    , 0.0821, 0.0067])
    """
    asked, life, fetch, eager = broadcast(rate, ttl, fetch_time, eagerness)
    with np.errstate(all="ignore"):
        good = (asked >= 0) & (life >= 0) & (fetch >= 0) & (eager >= 0)
        reach = _product(eager, fetch)
        reached = np.where(np.isinf(reach), life, reach * -np.expm1(-life / reach))
        reached = np.where((reach == 0) | (life == 0), 0.0, reached)
        return np.where(good, np.exp(-_product(asked, reached)), np.nan)[()]


def _product(first: Array, second: Array) -> Array:
    return np.where((first == 0) | (second == 0), 0.0, first * second)


def _share(part: Array, rest: Array, good: NDArray[np.bool_]) -> Array:
    """Share of a part in the sum of it and a rest of at least 1."""
    return np.where(good, np.where(part == 0, 0.0, 1.0 / (1.0 + rest / part)), np.nan)


def _checked(
    rate: Numbers, ttl: Numbers, fetch_time: Numbers
) -> tuple[Array, Array, Array, NDArray[np.bool_]]:
    asked, life, fetch = broadcast(rate, ttl, fetch_time)
    with np.errstate(all="ignore"):
        good = (asked >= 0) & (life >= 0) & (fetch >= 0)
        # with both without end one cannot say which of the two a request meets
        good = good & ~(np.isinf(_product(asked, life)) & np.isinf(_product(asked, fetch)))
    return asked, life, fetch, good
