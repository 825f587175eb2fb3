"""Universal scalability law: what contention and coherency leave of n processors."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from capcalc.theory.arrays import Array, Numbers, broadcast

#: Parameters that may be at zero in a fit: none, coherency, contention, both.
_SETS = ((0, 1, 2), (0, 1), (0, 2), (0,))


def throughput(size: Numbers, single: Numbers, contention: Numbers, coherency: Numbers) -> Numbers:
    r"""Throughput of n processors, hosts or clients.

    .. math:: X(n) = \frac{\gamma n}{1 + \sigma (n - 1) + \kappa n (n - 1)}

    Parameters
    ----------
    size : array_like
        :math:`n \ge 1`.
    single : array_like
        :math:`\gamma`, the throughput of one. [1/s]
    contention, coherency : array_like
        :math:`0 \le \sigma \le 1` and :math:`\kappa \ge 0`.

    References
    ----------
    .. [1] N. J. Gunther, *Guerrilla Capacity Planning*, Springer, 2007, ch. 4-6.

    Examples
    --------
    >>> round(float(throughput(32, 1, 0.05, 0.001)), 4)
    9.0344
    """
    n, one, sigma, kappa = broadcast(size, single, contention, coherency)
    with np.errstate(all="ignore"):
        good = (one >= 0) & np.isfinite(one)
        return np.where(good, one / _burden(n, sigma, kappa), np.nan)[()]


def efficiency(size: Numbers, contention: Numbers, coherency: Numbers) -> Numbers:
    r"""Share of the ideal throughput that is left, :math:`X(n) / (n\gamma)`.

    Parameters
    ----------
    size, contention, coherency : array_like
        As for :func:`throughput`.

    References
    ----------
    .. [1] N. J. Gunther, *Guerrilla Capacity Planning*, Springer, 2007, ch. 4.

    Examples
    --------
    >>> round(float(efficiency(32, 0.05, 0.001)), 4)
    0.2823
    """
    n, sigma, kappa = broadcast(size, contention, coherency)
    with np.errstate(all="ignore"):
        return (1.0 / (n * _burden(n, sigma, kappa)))[()]


def peak_size(contention: Numbers, coherency: Numbers) -> Numbers:
    r"""Size at which throughput peaks, :math:`\sqrt{(1 - \sigma)/\kappa}`; at least 1.

    Parameters
    ----------
    contention, coherency : array_like
        As for :func:`throughput`; without coherency there is no peak: ``inf``.

    References
    ----------
    .. [1] N. J. Gunther, *Guerrilla Capacity Planning*, Springer, 2007, sec. 4.4.

    Examples
    --------
    >>> round(float(peak_size(0.05, 0.001)), 2)
    30.82
    """
    sigma, kappa = broadcast(contention, coherency)
    with np.errstate(all="ignore"):
        peak = np.sqrt(1.0 - sigma) / np.sqrt(kappa)
        peak = np.where(sigma == 1, 1.0, np.maximum(peak, 1.0))
        return np.where(_valid(sigma, kappa), peak, np.nan)[()]


def peak_throughput(single: Numbers, contention: Numbers, coherency: Numbers) -> Numbers:
    r"""Throughput at :func:`peak_size`; its limit :math:`\gamma / \sigma` without coherency.

    Parameters
    ----------
    single, contention, coherency : array_like
        As for :func:`throughput`.

    References
    ----------
    .. [1] N. J. Gunther, *Guerrilla Capacity Planning*, Springer, 2007, sec. 4.4.

    Examples
    --------
    >>> round(float(peak_throughput(100, 0.05, 0.001)), 2)
    903.8
    """
    return throughput(peak_size(contention, coherency), single, contention, coherency)


def best_integer(contention: Numbers, coherency: Numbers) -> Numbers:
    r"""Whole number of processors with the largest throughput, the smaller one of a tie.

    From m to m + 1 throughput grows exactly when :math:`1 - \sigma > \kappa m (m + 1)`.

    Parameters
    ----------
    contention, coherency : array_like
        As for :func:`throughput`.

    References
    ----------
    .. [1] N. J. Gunther, *Guerrilla Capacity Planning*, Springer, 2007, sec. 4.4.

    Examples
    --------
    >>> float(best_integer(0.05, 0.001))
    31.0
    """
    sigma, kappa = broadcast(contention, coherency)
    with np.errstate(all="ignore"):
        below = np.floor(np.asarray(peak_size(sigma, kappa)))
        grows = (1.0 - sigma) / kappa > below * (below + 1.0)
        best: Array = np.where(grows & np.isfinite(below), below + 1.0, below)
        return best[()]


def limit(single: Numbers, contention: Numbers) -> Numbers:
    r"""Throughput that no size exceeds, :math:`\gamma / \sigma` (Amdahl's asymptote). [1/s]

    Parameters
    ----------
    single, contention : array_like
        As for :func:`throughput`.

    References
    ----------
    .. [1] N. J. Gunther, *Guerrilla Capacity Planning*, Springer, 2007, ch. 4.

    Examples
    --------
    >>> float(limit(100, 0.05))
    2000.0
    """
    one, sigma = broadcast(single, contention)
    with np.errstate(all="ignore"):
        return np.where((one > 0) & (sigma >= 0) & (sigma <= 1), one / sigma, np.nan)[()]


def fit(size: Numbers, throughput: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    r"""Law fitted to measurements: single, contention and coherency, none of them negative.

    :math:`n / X` is linear in :math:`1, n - 1, n(n - 1)`; least squares weighted with
    :math:`X^2`, over all sets of parameters that may be zero, is exact and needs no start.

    Parameters
    ----------
    size, throughput : array_like
        Measured pairs along the last axis, at least three. [-], [1/s]

    References
    ----------
    .. [1] N. J. Gunther, *Guerrilla Capacity Planning*, Springer, 2007, sec. 5.2.
    .. [2] C. L. Lawson, R. J. Hanson, *Solving Least Squares Problems*, 1974, ch. 23.

    Examples
    --------
    >>> n = np.array([1.0, 4, 8, 16, 32])
    >>> [round(float(x), 6) for x in fit(n, 10 * n / (1 + 0.05 * (n - 1) + 0.001 * n * (n - 1)))]
    [10.0, 0.05, 0.001]
    """
    n, rate, good = _measured(size, throughput)
    return _named(_least(n, n / rate, rate), good)


def fit_throughput(size: Numbers, throughput: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    r"""Law with the least squared error of the throughput itself, by Gauss-Newton steps.

    Each step is the weighted linear fit that :func:`fit` is, around the last; it starts there.

    Parameters
    ----------
    size, throughput : array_like
        As for :func:`fit`.

    References
    ----------
    .. [1] A. Bjorck, *Numerical Methods for Least Squares Problems*, SIAM, 1996, sec. 9.2.

    Examples
    --------
    >>> n = np.array([1.0, 18, 36, 72, 108, 144, 216])
    >>> x = np.array([64.9, 995.9, 1652.4, 1853.2, 1828.9, 1775.0, 1702.2])
    >>> [round(float(value), 4) for value in fit_throughput(n, x)]
    [89.9952, 0.0277, 0.0001]
    """
    n, rate, good = _measured(size, throughput)
    found = _least(n, n / rate, rate)
    moving = np.ones(found.shape[:-1], dtype=bool)
    columns = _columns(n)
    with np.errstate(all="ignore"):
        for _ in range(200):
            time = (columns @ found[..., np.newaxis])[..., 0]
            after = _least(n, time * (2.0 - rate * time / n), n / (time * time))
            step = np.abs(after - found).max(axis=-1) / found[..., 0]
            found = np.where(moving[..., np.newaxis], after, found)
            moving &= step > 1e-14
            if not moving.any():
                break
    return _named(found, good)


def _valid(sigma: Array, kappa: Array) -> NDArray[np.bool_]:
    good: NDArray[np.bool_] = (sigma >= 0) & (sigma <= 1) & (kappa >= 0) & np.isfinite(kappa)
    return good


def _burden(n: Array, sigma: Array, kappa: Array) -> Array:
    """The denominator over n, a sum of positive terms."""
    shared = np.where(kappa == 0, 0.0, kappa * (n - 1.0))
    good = _valid(sigma, kappa) & (n >= 1)
    return np.where(good, (1.0 - sigma) / n + sigma + shared, np.nan)


def _measured(size: Numbers, throughput: Numbers) -> tuple[Array, Array, Array]:
    """Pairs, harmless where unusable, and which are usable."""
    n, rate = broadcast(np.atleast_1d(size), np.atleast_1d(throughput))
    sound = (n >= 1) & (rate > 0) & np.isfinite(n) & np.isfinite(rate)
    good = sound.all(axis=-1) & (n.shape[-1] >= 3)
    keep = good[..., np.newaxis]
    return np.where(keep, n, 1.0), np.where(keep, rate, 1.0), np.asarray(good)


def _columns(n: Array) -> Array:
    return np.stack([np.ones(n.shape), n - 1.0, n * (n - 1.0)], axis=-1)


def _least(n: Array, target: Array, weight: Array) -> Array:
    """Non-negative least squares: the best of the plain ones that are not negative."""
    columns, wanted = _columns(n) * weight[..., np.newaxis], target * weight
    scale = np.maximum(np.abs(columns).max(axis=-2, keepdims=True), 1e-300)
    columns = columns / scale
    best = np.zeros((*n.shape[:-1], 3))
    least = np.full(n.shape[:-1], np.inf)
    for chosen in _SETS:
        part = columns[..., list(chosen)]
        values = np.zeros(best.shape)
        values[..., list(chosen)] = (np.linalg.pinv(part) @ wanted[..., np.newaxis])[..., 0]
        miss = ((columns @ values[..., np.newaxis])[..., 0] - wanted) ** 2
        error = np.where((values >= 0).all(axis=-1), miss.sum(axis=-1), np.inf)
        best = np.where((error < least)[..., np.newaxis], values, best)
        least = np.minimum(error, least)
    return np.asarray(best / scale[..., 0, :])


def _named(found: Array, good: Array) -> tuple[Numbers, Numbers, Numbers]:
    with np.errstate(all="ignore"):
        first = np.where(good, found[..., 0], np.nan)
        return (1.0 / first)[()], (found[..., 1] / first)[()], (found[..., 2] / first)[()]
