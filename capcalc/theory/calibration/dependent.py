"""Regression with errors that are slow movements under noise, evenly spaced, gaps allowed."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from capcalc.theory.arrays import Array

#: Autocorrelations of the slow part from value to value, and shares of noise, that are tried.
_SLOW = np.array([0.0, 0.15, 0.3, 0.45, 0.6, 0.7, 0.78, 0.85, 0.9, 0.935, 0.96, 0.98, 0.99, 0.996])
_NOISE = np.array([0.0, 0.2, 0.4, 0.6, 0.8, 0.92])
_FEW_SLOW = np.array([0.0, 0.3, 0.6, 0.8, 0.9, 0.96, 0.99])
_FEW_NOISE = np.array([0.0, 0.4, 0.8])
#: How much of a residual may be rounding.
_ROUNDING = 1e-13


class Interval(NamedTuple):
    """A combination of coefficients, its ends and its standard error."""

    value: float
    low: float
    high: float
    error: float


class Whitened(NamedTuple):
    """A regression under every pair of autocorrelation and noise, and how likely each is."""

    slow: Array
    noise: Array
    #: adds up to 1
    weight: Array
    #: (pairs, k), and (pairs, k, k): inverse of the normal equations
    coefficients: Array
    inverse: Array
    #: variance of the errors
    variance: Array
    freedom: int

    def means(self) -> tuple[float, float]:
        """Expected share of noise, and autocorrelation of the slow part."""
        return float(self.weight @ self.noise), float(self.weight @ self.slow)

    def spread(self) -> float:
        """Standard deviation of the errors."""
        return float(np.sqrt(self.weight @ self.variance))

    def squares(self, columns: Array, right: Array) -> Array:
        """Whitened sums of squares that a regression leaves, under the likeliest pair."""
        best = [int(self.weight.argmax())]
        both = np.concatenate([columns, right], axis=1)
        white, _ = _white(both, self.slow[best], self.noise[best])
        left, rest = white[:, 0, : columns.shape[1]], white[:, 0, columns.shape[1] :]
        found = np.linalg.lstsq(left, rest, rcond=None)[0]
        return np.asarray(((rest - left @ found) ** 2).sum(axis=0))


def whiten(columns: Array, values: Array) -> Whitened:
    """The regression under all pairs, weighted with their restricted likelihood.

    Parameters
    ----------
    columns : ndarray of shape (n, k)
        Regressors at every place, also where the value is missing.
    values : ndarray of shape (n,)
        ``nan`` where it is missing.

    References
    ----------
    .. [1] A. C. Harvey, *Forecasting, Structural Time Series Models and the Kalman Filter*,
       Cambridge, 1989, sec. 3.4 (generalised least squares by the filter).

    Examples
    --------
    >>> columns = np.column_stack([np.ones(50), np.arange(50.0)])
    >>> noise = np.random.default_rng(2).standard_normal(50)
    >>> found = whiten(columns, 3 + 0.5 * np.arange(50.0) + 0.1 * noise)
    >>> round(combination(found, np.array([0.0, 1.0])).value, 2)
    0.5
    """
    slow, noise, prior = _pairs(_SLOW, _NOISE)
    k = columns.shape[1]
    both = np.column_stack([columns, values])
    white, determinant = _white(both, slow, noise)
    parts = np.einsum("nga,ngb->gab", white, white, optimize=True)
    normal, cross, total = parts[:, :k, :k], parts[:, :k, k], parts[:, k, k]
    inverse = np.linalg.pinv(normal, hermitian=True)
    found = np.einsum("gab,gb->ga", inverse, cross)
    left = np.maximum(total - np.einsum("ga,ga->g", found, cross), _ROUNDING * total)
    freedom = max(len(white) - k, 1)
    size = np.linalg.slogdet(normal)[1]
    likely = -0.5 * (determinant + size + freedom * np.log(np.maximum(left, 1e-300)))
    weight = prior * np.exp(likely - likely.max())
    return Whitened(slow, noise, weight / weight.sum(), found, inverse, left / freedom, freedom)


def combination(found: Whitened, factors: Array, level: float = 0.95) -> Interval:
    """A linear combination of the coefficients: median and quantiles of the mixture.

    Parameters
    ----------
    found : Whitened
        The regression.
    factors : ndarray of shape (k,)
        Of the coefficients.
    level : float
        Of the interval.

    References
    ----------
    .. [1] A. Zellner, G. C. Tiao, "Bayesian analysis of the regression model with autocorrelated
       errors", J. Am. Stat. Assoc. 59, 1964 (Student's t for every autocorrelation, mixed).

    Examples
    --------
    >>> columns = np.column_stack([np.ones(50), np.arange(50.0)])
    >>> noise = np.random.default_rng(2).standard_normal(50)
    >>> told = combination(whiten(columns, 3 + noise), np.array([1.0, 0.0]))
    >>> bool(told.low < 3 < told.high)
    True
    """
    centre = found.coefficients @ factors
    error = np.sqrt(
        np.maximum(found.variance * np.einsum("a,gab,b->g", factors, found.inverse, factors), 0.0)
    )
    ends = np.array([0.5, 0.5 - level / 2.0, 0.5 + level / 2.0])
    reach = 2.0 * float(special.stdtrit(found.freedom, ends[2]))
    low = np.full(3, (centre - reach * error).min())
    high = np.full(3, (centre + reach * error).max())
    scale = np.maximum(error, 1e-300)
    for _ in range(60):
        middle = (low + high) / 2.0
        below = special.stdtr(found.freedom, (middle[:, np.newaxis] - centre) / scale)
        short = below @ found.weight < ends
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    value, least, most = (low + high) / 2.0
    between = float(found.weight @ (error**2 + (centre - found.weight @ centre) ** 2))
    return Interval(float(value), float(least), float(most), float(np.sqrt(between)))


def added(columns: Array, values: Array, candidates: Array) -> Array:
    """Twice the log likelihood ratio of each one further column, the errors fitted anew.

    Parameters
    ----------
    columns : ndarray of shape (n, k)
        Regressors.
    values : ndarray of shape (n,)
        ``nan`` where a value is missing.
    candidates : ndarray of shape (n, m)
        Further columns, each tried alone.

    References
    ----------
    .. [1] D. W. K. Andrews, "Tests for parameter instability and structural change with unknown
       change point", Econometrica 61(4), 1993.

    Examples
    --------
    >>> place = np.arange(40)
    >>> values = np.where(place < 25, 0.0, 5.0) + np.random.default_rng(1).standard_normal(40)
    >>> steps = (place[:, np.newaxis] >= np.array([10, 25, 30])).astype(float)
    >>> int(added(np.ones((40, 1)), values, steps).argmax())
    1
    """
    slow, noise, _ = _pairs(_FEW_SLOW, _FEW_NOISE)
    k, m = columns.shape[1], candidates.shape[1]
    both = np.column_stack([columns, values, candidates])
    white, determinant = _white(both, slow, noise)
    base, further = white[:, :, : k + 1], white[:, :, k + 1 :]
    parts = np.einsum("nga,ngb->gab", base, base, optimize=True)
    cross = np.matmul(base.transpose(1, 2, 0), further.transpose(1, 0, 2))
    own = np.einsum("ngm,ngm->gm", further, further)
    inverse = np.linalg.pinv(parts[:, :k, :k], hermitian=True)
    found = np.einsum("gab,gb->ga", inverse, parts[:, :k, k])
    left = parts[:, k, k] - np.einsum("ga,ga->g", found, parts[:, :k, k])
    left = np.maximum(left, _ROUNDING * parts[:, k, k])
    against = cross[:, k] - np.einsum("ga,gam->gm", found, cross[:, :k])
    room = own - np.einsum("gam,gab,gbm->gm", cross[:, :k], inverse, cross[:, :k], optimize=True)
    with np.errstate(all="ignore"):
        gain = np.where(room > 1e-9 * own, against**2 / room, 0.0)
    rest = np.maximum(left[:, np.newaxis] - gain, _ROUNDING * parts[:, k, k, np.newaxis])
    n = len(white)
    without = float((-determinant - n * np.log(left)).max())
    likely = (-determinant[:, np.newaxis] - n * np.log(rest)).max(axis=0)
    return np.asarray(likely - without).reshape(m)


def worth(columns: Array, values: Array, error: float) -> float:
    """Share of the values that are independent: squared error without dependence over that with.

    Parameters
    ----------
    columns : ndarray of shape (n, k)
        Regressors, the second one being asked about.
    values : ndarray of shape (n,)
        ``nan`` where a value is missing.
    error : float
        Standard error of its coefficient that allows for dependence.

    References
    ----------
    .. [1] G. S. Fishman, *Discrete-Event Simulation*, Springer, 2001, ch. 6 (effective number).

    Examples
    --------
    >>> columns = np.column_stack([np.ones(4), [-1.0, 1.0, -1.0, 1.0]])
    >>> round(worth(columns, np.array([1.0, 0.0, 0.0, 1.0]), 1.0), 3)
    0.125
    """
    known = np.isfinite(values)
    x, y = columns[known], values[known]
    rest = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    inverse = np.linalg.pinv(x.T @ x, hermitian=True)
    plain = float(rest @ rest) / max(len(y) - x.shape[1], 1) * float(inverse[1, 1])
    return plain / error**2 if error > 0 else 1.0


def _pairs(slow: Array, noise: Array) -> tuple[Array, Array, Array]:
    """All pairs with their weights before the data; without a slow part one.

    They are even over the noise, and thin out with the root of the distance of neighbours in the
    autocorrelation: with this the intervals of a trend held the truth best in simulations, from
    independent errors to an autocorrelation of 0.95.
    """
    width = np.sqrt(np.gradient(slow))
    pairs = [
        (s, q, w / len(noise) if s > 0 else w)
        for s, w in zip(slow, width, strict=True)
        for q in (noise if s > 0 else noise[:1])
    ]
    found = np.array(pairs)
    return found[:, 0], found[:, 1], found[:, 2]


def _white(both: Array, slow: Array, noise: Array) -> tuple[Array, Array]:
    """Errors of prediction of every column over their deviations (n, pairs, columns).

    Rows with a ``nan`` are passed over: time goes on, nothing is learned. Beside them the
    logarithm of the determinant of the errors' correlations, by pair.
    """
    known: NDArray[np.bool_] = np.atleast_1d(np.isfinite(both).all(axis=1))
    moving = 1.0 - noise
    renewed = moving * (1.0 - slow**2)
    spread = moving.copy()
    state = np.zeros((slow.size, both.shape[1]))
    white = np.empty((int(known.sum()), slow.size, both.shape[1]))
    determinant = np.zeros(slow.size)
    place = 0
    for row, here in zip(both, known, strict=True):
        if here:
            variance = spread + noise
            surprise = row - state
            np.multiply(surprise, (variance**-0.5)[:, np.newaxis], out=white[place])
            state = state + surprise * (spread / variance)[:, np.newaxis]
            spread = spread * noise / variance
            determinant += np.log(variance)
            place += 1
        state = state * slow[:, np.newaxis]
        spread = slow**2 * spread + renewed
    return white, determinant
