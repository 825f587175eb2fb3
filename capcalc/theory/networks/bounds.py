"""Bounds on throughput and response of closed networks, at the price of a few operations."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from capcalc.theory.arrays import Array, Numbers


class Bounds(NamedTuple):
    """What throughput and response lie between."""

    #: [1/s]
    throughput_lower: Array
    #: [1/s]
    throughput_upper: Array
    #: N / X - Z of the upper throughput. [s]
    response_lower: Array
    #: N / X - Z of the lower throughput. [s]
    response_upper: Array


def knee(demands: Numbers, think_time: Numbers = 0.0, servers: Numbers = 1.0) -> Numbers:
    r"""Population at which queueing must begin, :math:`N^* = (D + Z) / \max_i (D_i / c_i)`.

    Parameters
    ----------
    demands : array_like, shape (..., stations)
        :math:`D_i`. [s]
    think_time : array_like, shape (...)
        :math:`Z`. [s]
    servers : array_like, shape (..., stations)
        :math:`c_i`; ``inf`` is a delay.

    Returns
    -------
    float or ndarray
        ``inf`` where no station is a queue.

    References
    ----------
    .. [1] P. J. Denning, J. P. Buzen, "The operational analysis of queueing network models",
       ACM Computing Surveys 10, 1978.

    Examples
    --------
    >>> round(float(knee([9.2, 8.0], think_time=120)), 3)
    14.913
    """
    _, think, total, slowest = _parameters(1.0, demands, think_time, servers)
    with np.errstate(all="ignore"):
        return ((total + think) / slowest)[()]


def asymptotic(
    population: Numbers, demands: Numbers, think_time: Numbers = 0.0, servers: Numbers = 1.0
) -> Bounds:
    r"""Asymptotic bounds, for stations of any number of servers.

    .. math:: \frac{N}{Z + N D} \le X \le \min\Big(\frac{N}{Z + D}, \min_i \frac{c_i}{D_i}\Big)

    Parameters
    ----------
    population : array_like, shape (...)
        :math:`N \ge 1`.
    demands : array_like, shape (..., stations)
        :math:`D_i`. [s]
    think_time : array_like, shape (...)
        :math:`Z`. [s]
    servers : array_like, shape (..., stations)
        :math:`c_i`; ``inf`` is a delay.

    Returns
    -------
    Bounds
        ``nan`` out of the domain.

    References
    ----------
    .. [1] P. J. Denning, J. P. Buzen, "The operational analysis of queueing network models",
       ACM Computing Surveys 10, 1978.
    .. [2] E. D. Lazowska, J. Zahorjan, G. S. Graham, K. C. Sevcik, *Quantitative System
       Performance*, Prentice-Hall, 1984, sec. 5.2.

    Examples
    --------
    >>> asymptotic(20, [9.2, 8.0], think_time=120).throughput_upper.round(4)
    np.float64(0.1087)
    """
    n, think, total, slowest = _parameters(population, demands, think_time, servers)
    with np.errstate(all="ignore"):
        return _bounds(
            n, think, n / (think + n * total), np.minimum(n / (think + total), 1.0 / slowest)
        )


def balanced_job(population: Numbers, demands: Numbers, think_time: Numbers = 0.0) -> Bounds:
    r"""Balanced job bounds, for single servers.

    .. math:: \frac{N}{Z + D + \frac{(N - 1) D_{max}}{1 + Z/(N D)}} \le X \le
              \min\Big(\frac{1}{D_{max}}, \frac{N}{Z + D + \frac{(N - 1) D / K}{1 + Z/D}}\Big)

    Parameters
    ----------
    population, demands, think_time : array_like
        As for :func:`asymptotic`; a delay belongs to the think time.

    References
    ----------
    .. [1] J. Zahorjan, K. C. Sevcik, D. L. Eager, B. Galler, "Balanced job bound analysis of
       queueing networks", Comm. ACM 25, 1982.
    .. [2] E. D. Lazowska, J. Zahorjan, G. S. Graham, K. C. Sevcik, *Quantitative System
       Performance*, Prentice-Hall, 1984, sec. 5.4.

    Examples
    --------
    >>> balanced_job(20, [9.2, 8.0], think_time=120).throughput_lower.round(5)
    np.float64(0.07496)
    """
    n, think, total, slowest = _parameters(population, demands, think_time, 1.0)
    mean = total / np.asarray(demands).shape[-1]
    with np.errstate(all="ignore"):
        lower = n / (think + total + (n - 1.0) * slowest / (1.0 + think / (n * total)))
        upper = n / (think + total + (n - 1.0) * mean / (1.0 + think / total))
        return _bounds(n, think, lower, np.minimum(upper, 1.0 / slowest))


def proportional(population: Numbers, demands: Numbers, think_time: Numbers = 0.0) -> Bounds:
    r"""Proportional bounds, for single servers: queues taken in proportion to powers of demands.

    .. math:: \frac{N}{Z + D + (N - 1) \frac{\sum D_i^N}{\sum D_i^{N - 1}}} \le X \le
              \min\Big(\frac{1}{D_{max}}, \frac{N}{Z + D + (N - 1 - Z / D_{max})
              \frac{\sum D_i^2}{D}}\Big)

    With a long think time the upper bound is a poor one: take the least of it and the others.

    Parameters
    ----------
    population, demands, think_time : array_like
        As for :func:`balanced_job`.

    References
    ----------
    .. [1] C.-T. Hsieh, S. S. Lam, "Two classes of performance bounds for closed queueing
       networks", Performance Evaluation 7, 1987.

    Examples
    --------
    >>> proportional(10, [0.1, 0.1, 0.09, 0.08]).throughput_upper.round(4)
    np.float64(8.27)
    """
    n, think, total, slowest = _parameters(population, demands, think_time, 1.0)
    times = np.asarray(demands, dtype=float)
    with np.errstate(all="ignore"):
        share = times / slowest[..., np.newaxis]
        power = share ** (n - 1.0)[..., np.newaxis]
        mean = slowest * (power * share).sum(axis=-1) / power.sum(axis=-1)
        lower = n / (think + total + (n - 1.0) * mean)
        return _bounds(n, think, lower, _proportional_upper(n, think, total, slowest, times))


def geometric(population: Numbers, demands: Numbers, think_time: Numbers = 0.0) -> Bounds:
    r"""Geometric bounds, for single servers: queues bounded by geometric sums.

    .. math:: X = \frac{2 N}{b + \sqrt{b^2 - 4 Z D_{max} M}}, \quad
              b = Z + D + D_{max} (N - 1) - \sum_i (D_{max} - D_i) Q_i, \quad
              Q_i = \frac{y_i - y_i^N}{1 - y_i}

    with :math:`M = N - 1,\; y_i = (N - 1) D_i / (Z + D + D_{max} (N - 1))` below and
    :math:`M = N,\; y_i = D_i X^+(N - 1)` above, where :math:`X^+` is the least of the asymptotic
    and proportional bounds.

    Parameters
    ----------
    population, demands, think_time : array_like
        As for :func:`balanced_job`.

    References
    ----------
    .. [1] G. Casale, R. R. Muntz, G. Serazzi, "Geometric bounds: a noniterative analysis
       technique for closed queueing networks", IEEE Trans. Computers 57, 2008.

    Examples
    --------
    >>> geometric(10, [0.1, 0.1, 0.09, 0.08]).throughput_lower.round(4)
    np.float64(8.1521)
    """
    n, think, total, slowest = _parameters(population, demands, think_time, 1.0)
    times = np.asarray(demands, dtype=float)
    fewer = n - 1.0
    with np.errstate(all="ignore"):
        below = fewer / (think + total + slowest * fewer)
        above = np.minimum(fewer / (think + total), 1.0 / slowest)
        above = np.minimum(above, _proportional_upper(fewer, think, total, slowest, times))
        ends = []
        for rate, waiting in ((below, fewer), (above, n)):
            shorter = slowest[..., np.newaxis] - times
            load = times * rate[..., np.newaxis]
            number = np.where(shorter > 0, (load - load ** n[..., np.newaxis]) / (1.0 - load), 0.0)
            base = think + total + slowest * fewer - (shorter * number).sum(axis=-1)
            root = np.sqrt(base * base - 4.0 * think * slowest * waiting)
            ends.append(np.where(np.isnan(root) & ~np.isnan(n), np.inf, 2.0 * n / (base + root)))
        return _bounds(n, think, ends[0], np.minimum(ends[1], 1.0 / slowest))


def _parameters(
    population: Numbers, demands: Numbers, think_time: Numbers, servers: Numbers
) -> tuple[Array, Array, Array, Array]:
    """Population, think time, total demand and the largest demand of a server."""
    # a demand of -0 is none
    times, count = np.asarray(demands, dtype=float) + 0.0, np.asarray(servers, dtype=float)
    with np.errstate(all="ignore"):
        good = np.all((times >= 0) & np.isfinite(times) & (count >= 1), axis=-1)
        slowest = (times / count).max(axis=-1)
        n, think, total = np.broadcast_arrays(
            np.asarray(population, dtype=float),
            np.asarray(think_time, dtype=float),
            np.where(good, np.where(np.isnan(slowest), np.nan, times.sum(axis=-1)), np.nan),
        )
        good = (n >= 1) & np.isfinite(n) & (think >= 0) & np.isfinite(think)
    n = np.where(good & ~np.isnan(total), n, np.nan)
    return n, think, total, np.broadcast_to(slowest, n.shape)


def _proportional_upper(
    n: Array, think: Array, total: Array, slowest: Array, times: Array
) -> Array:
    waiting = (n - 1.0 - think / slowest) * (times * times).sum(axis=-1) / total
    reached = think + total + waiting
    return np.minimum(np.where(reached <= 0, np.inf, n / reached), 1.0 / slowest)


def _bounds(n: Array, think: Array, lower: Array, upper: Array) -> Bounds:
    shortest = np.maximum(n / upper - think, 0.0)  # a poor bound may say less than no time
    return Bounds(lower[()], upper[()], shortest[()], (n / lower - think)[()])
