"""The Universal Scalability Law fitted to measurements, with intervals."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from capcalc.theory.arrays import Array
from capcalc.theory.scaling import usl

#: Draws from the law of the parameters, for what is computed from them.
DRAWS = 20_000
_LEAST = 4


class Interval(NamedTuple):
    """A value and the ends of its interval."""

    value: float
    low: float
    high: float


class Scaling(NamedTuple):
    """The law's parameters, where it peaks, and how well it fits."""

    #: throughput of one [1/s]
    single: Interval
    contention: Interval
    coherency: Interval
    #: size of the largest throughput; ``inf`` without coherency
    peak_size: Interval
    #: at that size, else the limit that contention sets [1/s]
    peak_throughput: Interval
    #: measured over fitted throughput, less 1, point by point
    residuals: Array
    #: mean of the absolute residuals
    mean_absolute_error: float
    n: int


def fit(size: ArrayLike, throughput: ArrayLike, level: float = 0.95) -> Scaling:
    r"""Contention, coherency and the peak from pairs of size and throughput, with intervals.

    .. math:: \frac{n}{X} = \frac{1}{\gamma} \left(1 + \sigma (n - 1) + \kappa n (n - 1)\right)

    is linear in three numbers; the values are those of
    :func:`capcalc.theory.scaling.usl.fit_throughput` (least squares of the throughput). Their
    intervals are those of the linear form around the fit, for errors that are independent, each
    of its own size; those of the peak come from draws of the three numbers, none of them
    negative. A parameter at its bound 0 has an interval from 0; where coherency may be 0 the peak
    may be at any size, and no more than contention allows bounds the throughput. The throughput of
    the peak hangs on few points: its interval also holds that of the delta method on its
    logarithm, with the degrees of freedom that those points leave.

    Parameters
    ----------
    size, throughput : array_like of shape (n,)
        Measured pairs, at least four; sizes from 1 on. [-], [1/s]
    level : float
        Of the intervals.

    Returns
    -------
    Scaling
        ``nan`` everywhere with fewer than four usable pairs or three different sizes.

    References
    ----------
    .. [1] N. J. Gunther, *Guerrilla Capacity Planning*, Springer, 2007, ch. 4-6.
    .. [2] J. G. MacKinnon, H. White, "Some heteroskedasticity-consistent covariance matrix
       estimators with improved finite sample properties", J. Econometrics 29(3), 1985 (HC3).
    .. [3] R. M. Bell, D. F. McCaffrey, "Bias reduction in standard errors for linear regression
       with multi-stage samples", Survey Methodology 28(2), 2002 (degrees of freedom).
    .. [4] G. A. F. Seber, C. J. Wild, *Nonlinear Regression*, Wiley, 1989, sec. 2.1, 5.1.

    Examples
    --------
    >>> n = np.array([1.0, 2, 4, 8, 16, 32])
    >>> x = 10 * n / (1 + 0.05 * (n - 1) + 0.001 * n * (n - 1)) * [1.01, 0.99, 1, 1.01, 0.99, 1]
    >>> found = fit(n, x)
    >>> round(found.contention.value, 3), found.contention.low < 0.05 < found.contention.high
    (0.053, True)
    """
    n, x = (np.asarray(each, dtype=float).ravel() for each in (size, throughput))
    good = np.isfinite(n) & np.isfinite(x) & (n >= 1) & (x > 0)
    n, x = n[good], x[good]
    if n.size < _LEAST or np.unique(n).size < 3:
        return _unknown(n.size)
    single, contention, coherency = (float(v) for v in usl.fit_throughput(n, x))
    fitted = np.asarray(usl.throughput(n, single, contention, coherency))
    centre = np.array([1.0, contention, coherency]) / single
    free, spread, slopes = _spread(n, x, fitted)
    reach = float(special.stdtrit(free, 0.5 + level / 2.0))
    errors = np.sqrt(np.diag(spread))
    relative = _relative(centre, spread)
    ends = (1.0 - level) / 2.0, (1.0 + level) / 2.0
    residuals = x / fitted - 1.0
    first = centre[0] - reach * errors[0]
    of_contention = _bounded(contention, reach * relative[0], 1.0)
    of_coherency = _bounded(coherency, reach * relative[1], np.inf)
    of_single = Interval(
        single,
        float(1.0 / (centre[0] + reach * errors[0])),
        float(1.0 / first) if first > 0 else np.inf,
    )
    peak, top = _peaks(_draws(centre, spread, free), ends)
    few = _top_by_few(centre, spread, slopes, level)
    # no measurement is further off than four times the scatter of all
    scatter = float(np.sqrt(np.sum((x / fitted - 1.0) ** 2) / free))
    least = float(fitted.max()) / (1.0 + 4.0 * scatter)
    top = min(top[0], max(few[0], least)), max(top[1], few[1])
    if of_coherency.low == 0:
        peak = peak[0], np.inf
        with np.errstate(divide="ignore"):
            top = top[0], max(top[1], float(np.divide(of_single.high, of_contention.low)))
    at = float(usl.peak_size(contention, coherency))
    return Scaling(
        single=of_single,
        contention=of_contention,
        coherency=of_coherency,
        peak_size=Interval(at, *peak),
        peak_throughput=Interval(
            float(_tops(np.array([[single], [contention], [coherency]]))[0]), *top
        ),
        residuals=residuals,
        mean_absolute_error=float(np.abs(residuals).mean()),
        n=int(n.size),
    )


def _peaks(
    draws: Array, ends: tuple[float, float]
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Ends of the intervals of size and throughput at the peak."""
    sizes = np.asarray(usl.peak_size(np.minimum(draws[1], 1.0), draws[2]))
    low, high = np.quantile(sizes, ends, method="nearest")
    least, most = np.quantile(_tops(draws), ends, method="nearest")
    return (float(low), float(high)), (float(least), float(most))


def _top_by_few(centre: Array, spread: Array, slopes: Array, level: float) -> tuple[float, float]:
    """Ends for the throughput at the peak by the delta method, with Bell & McCaffrey's degrees."""
    first, second, third = (float(each) for each in centre)
    room = first - second
    if not 0 < third < room:
        return np.inf, -np.inf
    # 1 / X = (a - b) / n + b - c + c n is least at the root of (a - b) / c
    root = np.sqrt(third / room)
    least = second - third + 2.0 * np.sqrt(room * third)
    along = np.array([root, 1.0 - root, 1.0 / root - 1.0]) / least
    inner = np.linalg.pinv(slopes.T @ slopes)
    leverage = np.einsum("ij,jk,ik->i", slopes, inner, slopes)
    pull = (slopes @ inner @ along / np.maximum(1.0 - leverage, 0.05)) ** 2
    inside = (slopes.T * pull) @ slopes @ inner
    total = float(pull @ (1.0 - leverage))
    squares = float(pull**2 @ (1.0 - 2.0 * leverage) + np.trace(inside @ inside))
    free = max(total**2 / squares, 1.0) if squares > 0 else 1.0
    error = np.sqrt(max(float(along @ spread @ along), 0.0))
    reach = float(special.stdtrit(free, 0.5 + level / 2.0) * error)
    with np.errstate(over="ignore"):
        return float(np.exp(-reach) / least), float(np.exp(reach) / least)


def _spread(n: Array, x: Array, fitted: Array) -> tuple[int, Array, Array]:
    """Degrees of freedom and covariance of 1/gamma, sigma/gamma and kappa/gamma; slopes of X."""
    # X = n / t, so dX = -(n / t^2) dt with t linear in the three numbers
    slopes = (fitted**2 / n)[:, np.newaxis] * np.stack(
        [np.ones(n.size), n - 1.0, n * (n - 1.0)], axis=-1
    )
    inner = np.linalg.pinv(slopes.T @ slopes)
    leverage = np.einsum("ij,jk,ik->i", slopes, inner, slopes)
    # each point's own error, so that larger throughputs may scatter more (HC3)
    own = ((x - fitted) / np.maximum(1.0 - leverage, 0.05)) ** 2
    return max(n.size - 3, 1), inner @ (slopes.T * own) @ slopes @ inner, slopes


def _relative(centre: Array, spread: Array) -> Array:
    """Standard errors of the two ratios to the first number, by the delta method."""
    errors = []
    for place in (1, 2):
        slope = np.zeros(3)
        slope[place] = 1.0 / centre[0]
        slope[0] = -centre[place] / centre[0] ** 2
        errors.append(np.sqrt(max(float(slope @ spread @ slope), 0.0)))
    return np.array(errors)


def _bounded(value: float, reach: float, most: float) -> Interval:
    return Interval(value, float(max(value - reach, 0.0)), float(min(value + reach, most)))


def _draws(centre: Array, spread: Array, free: int) -> Array:
    """Single throughput, contention and coherency, none negative, by the law of the estimate."""
    rng = np.random.default_rng(20_261_123)
    size, vectors = np.linalg.eigh((spread + spread.T) / 2.0)
    root = vectors * np.sqrt(np.maximum(size, 0.0))
    scale = np.sqrt(free / rng.chisquare(free, DRAWS))
    moved = centre[:, np.newaxis] + root @ rng.standard_normal((3, DRAWS)) * scale
    first = np.maximum(moved[0], centre[0] * 1e-3)
    return np.stack([1.0 / first, *(np.maximum(moved[1:], 0.0) / first)])


def _tops(draws: Array) -> Array:
    """Throughput at the peak, or the limit that contention sets where there is none."""
    single, contention, coherency = draws
    with np.errstate(divide="ignore"):
        limit = np.asarray(usl.limit(single, np.minimum(contention, 1.0)))
    peak = np.asarray(usl.peak_throughput(single, np.minimum(contention, 1.0), coherency))
    return np.where(coherency > 0, peak, limit)


def _unknown(n: int) -> Scaling:
    none = Interval(np.nan, np.nan, np.nan)
    return Scaling(none, none, none, none, none, np.full(n, np.nan), np.nan, n)
