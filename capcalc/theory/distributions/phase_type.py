"""Phase-type times: how long a Markov chain takes to leave for good."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from capcalc.theory.arrays import Array, Numbers
from capcalc.theory.distributions import inversion
from capcalc.theory.distributions.matrix_exponential import transient

#: Elements at a time: each has a matrix.
BLOCK = 4096


def moment(order: int, initial: ArrayLike, rates: ArrayLike, exit_rates: ArrayLike) -> Numbers:
    r"""The raw moment :math:`E T^n`, of the order 1 the mean.

    .. math:: E T^n = n! \, \alpha (-Q)^{-n} \mathbf 1

    By elimination without subtractions, the exits being data: chains that hardly ever end keep
    all their digits.

    Parameters
    ----------
    order : int
        :math:`n \ge 0`.
    initial : array_like, shape (..., m)
        Probability :math:`\alpha_i` to start in each phase; what is missing to 1 ends at once.
    rates : array_like, shape (..., m, m)
        Rate of going from phase i to phase j; the diagonal is not looked at. [1/s]
    exit_rates : array_like, shape (..., m)
        Rate of leaving for good from each phase. [1/s]

    Returns
    -------
    float or ndarray
        Seconds to the power of the order; ``inf`` where some of it never ends.

    References
    ----------
    .. [1] M. F. Neuts, *Matrix-Geometric Solutions in Stochastic Models*, Johns Hopkins
       University Press, 1981, sec. 2.2.
    .. [2] W. K. Grassmann, M. I. Taksar, D. P. Heyman, "Regenerative analysis and steady state
       distributions for Markov chains", Oper. Res. 33, 1985 (the elimination).

    Examples
    --------
    >>> moment(2, [1, 0], [[0, 3], [0, 0]], [0, 3])
    np.float64(0.6666666666666666)
    """
    from capcalc.theory.networks.elimination import eliminate

    alpha, jumps, leaving = _checked(initial, rates, exit_rates)
    grid = alpha.shape[:-1]
    time = np.moveaxis(alpha, -1, 0).copy()
    calls = np.moveaxis(jumps, (-2, -1), (0, 1))
    out = np.moveaxis(leaving, -1, 0)
    value = np.full(grid, 1.0)
    with np.errstate(all="ignore"):
        lost = alpha.sum(axis=-1)
        value = np.where(lost <= 1.0 + 1e-9, value, np.nan) if order == 0 else value
        for power in range(1, order + 1):
            time = power * np.asarray(eliminate(time, calls.copy(), out.copy()))
            value = time.sum(axis=0)
        value = np.where(np.isnan(alpha).any(axis=-1), np.nan, value)
    return np.asarray(value)[()]


def mean(initial: ArrayLike, rates: ArrayLike, exit_rates: ArrayLike) -> Numbers:
    r"""Mean time :math:`\alpha (-Q)^{-1} \mathbf 1`. [s]

    Parameters
    ----------
    initial, rates, exit_rates : array_like
        As for :func:`moment`.

    References
    ----------
    .. [1] M. F. Neuts, *Matrix-Geometric Solutions in Stochastic Models*, Johns Hopkins
       University Press, 1981, sec. 2.2.

    Examples
    --------
    >>> round(float(mean([1, 0], [[0, 3], [1, 0]], [0, 1])), 12)
    1.666666666667
    """
    return moment(1, initial, rates, exit_rates)


def cdf(time: Numbers, initial: ArrayLike, rates: ArrayLike, exit_rates: ArrayLike) -> Numbers:
    r"""Probability to have left by then, :math:`1 - \alpha e^{Qt} \mathbf 1`.

    As the probability to be in an added phase that is never left, so that small ones keep
    their digits.

    Parameters
    ----------
    time : array_like
        :math:`t`; broadcasts with what stands before the axes of phases. [s]
    initial, rates, exit_rates : array_like
        As for :func:`moment`.

    References
    ----------
    .. [1] M. F. Neuts, *Matrix-Geometric Solutions in Stochastic Models*, Johns Hopkins
       University Press, 1981, sec. 2.2.

    Examples
    --------
    >>> round(float(cdf(1.0, [1, 0], [[0, 2], [0, 0]], [0, 2])), 12)
    0.59399415029
    """
    alpha, jumps, leaving = _checked(initial, rates, exit_rates)
    wider = np.concatenate([jumps, leaving[..., np.newaxis]], axis=-1)
    wider = np.concatenate([wider, np.zeros_like(wider[..., :1, :])], axis=-2)
    at_once = np.maximum(1.0 - alpha.sum(axis=-1, keepdims=True), 0.0)
    start = np.concatenate([alpha, at_once], axis=-1)
    gone = np.zeros_like(start)
    gone[..., -1] = 1.0
    with np.errstate(all="ignore"):
        times = np.asarray(time, dtype=float)
        ended = _weighed(times, start, wider, np.zeros_like(start), gone)[1]
        known = np.where(np.isnan(times) | np.isnan(alpha).any(axis=-1), np.nan, 0.0)
        edge = np.where(times < 0, 0.0, np.where(times == np.inf, 1.0, at_once[..., 0]))
        found = np.where((times > 0) & (times < np.inf), ended, edge) + known
        return np.asarray(np.clip(found, 0.0, 1.0))[()]


def survival(time: Numbers, initial: ArrayLike, rates: ArrayLike, exit_rates: ArrayLike) -> Numbers:
    r"""Probability to be still there, :math:`\alpha e^{Qt} \mathbf 1`.

    The matrix exponential is built of positive terms only and squared: every digit counts, in
    the tail too: relative error below 1e-13, at any ratio of the rates, in chains without a way
    back (sums, mixtures and maxima of exponential times) as in others.

    Parameters
    ----------
    time : array_like
        :math:`t`; broadcasts with what stands before the axes of phases. [s]
    initial, rates, exit_rates : array_like
        As for :func:`moment`.

    References
    ----------
    .. [1] J. Xue, Q. Ye, "Entrywise relative perturbation bounds for exponentials of
       essentially non-negative matrices", Numer. Math. 110, 2008.
    .. [2] A. H. Al-Mohy, N. J. Higham, "A new scaling and squaring algorithm for the matrix
       exponential", SIAM J. Matrix Anal. Appl. 31, 2009, sec. 2 (triangular matrices).

    Examples
    --------
    >>> f"{survival(400.0, [1, 0], [[0, 1], [0, 0]], [0, 1]):.10e}"
    '7.6798300828e-172'
    """
    return _law(time, *_checked(initial, rates, exit_rates))[0][()]


def density(time: Numbers, initial: ArrayLike, rates: ArrayLike, exit_rates: ArrayLike) -> Numbers:
    r"""Density :math:`\alpha e^{Qt} x` with the exit rates :math:`x`. [1/s]

    Parameters
    ----------
    time : array_like
        :math:`t`. [s]
    initial, rates, exit_rates : array_like
        As for :func:`moment`.

    References
    ----------
    .. [1] M. F. Neuts, *Matrix-Geometric Solutions in Stochastic Models*, Johns Hopkins
       University Press, 1981, sec. 2.2.

    Examples
    --------
    >>> round(float(density(1.0, [1, 0], [[0, 2], [0, 0]], [0, 2])), 12)
    0.541341132946
    """
    return _law(time, *_checked(initial, rates, exit_rates))[1][()]


def quantile(p: Numbers, initial: ArrayLike, rates: ArrayLike, exit_rates: ArrayLike) -> Numbers:
    """The time within which a share ``p`` of all leave, by Newton on the logarithm of the tail.

    Parameters
    ----------
    p : array_like
        Level.
    initial, rates, exit_rates : array_like
        As for :func:`moment`.

    Returns
    -------
    float or ndarray
        Seconds; ``nan`` for levels out of range.

    References
    ----------
    .. [1] M. F. Neuts, *Matrix-Geometric Solutions in Stochastic Models*, Johns Hopkins
       University Press, 1981, sec. 2.2.

    Examples
    --------
    >>> round(float(quantile(0.99, [1, 0], [[0, 1], [0, 0]], [0, 1])), 10)
    6.638352068
    """
    alpha, jumps, leaving = _checked(initial, rates, exit_rates)
    start = np.asarray(mean(alpha, jumps, leaving))
    start = np.where(start < np.inf, start, np.nan)
    return inversion.quantile(lambda t: _law(t, alpha, jumps, leaving), p, start)


def _checked(
    initial: ArrayLike, rates: ArrayLike, exit_rates: ArrayLike
) -> tuple[Array, Array, Array]:
    """The chain in its common shape, ``nan`` all over where it is none."""
    alpha, jumps, leaving = (np.asarray(v, dtype=float) for v in (initial, rates, exit_rates))
    if jumps.ndim < 2 or not jumps.shape[-2:] == (alpha.shape[-1:] * 2) == (leaving.shape[-1:] * 2):
        raise ValueError(
            "initial, rates and exit_rates need the shapes (..., m), (..., m, m) and (..., m); "
            f"they have {alpha.shape}, {jumps.shape} and {leaving.shape}"
        )
    grid = np.broadcast_shapes(alpha.shape[:-1], jumps.shape[:-2], leaving.shape[:-1])
    m = alpha.shape[-1]
    alpha = np.broadcast_to(alpha, (*grid, m)).copy()
    jumps = np.broadcast_to(jumps, (*grid, m, m)).copy()
    leaving = np.broadcast_to(leaving, (*grid, m)).copy()
    jumps[..., np.arange(m), np.arange(m)] = 0.0
    with np.errstate(all="ignore"):
        good = (alpha >= 0).all(axis=-1) & (alpha.sum(axis=-1) <= 1.0 + 1e-9)
        good &= ((jumps >= 0) & (jumps < np.inf)).all(axis=(-2, -1))
        good &= ((leaving >= 0) & (leaving < np.inf)).all(axis=-1)
    alpha[~good] = np.nan
    jumps[~good], leaving[~good] = 0.0, 1.0
    return alpha, jumps, leaving


def _law(time: Numbers, alpha: Array, jumps: Array, leaving: Array) -> tuple[Array, Array]:
    """Survival and density at all times."""
    with np.errstate(all="ignore"):
        tail, rate = _weighed(time, alpha, jumps, leaving, leaving)
        times = np.asarray(time, dtype=float)
        known = np.where(np.isnan(times) | np.isnan(alpha).any(axis=-1), np.nan, 0.0)
        edge = np.where(times < 0, 1.0, np.where(times == np.inf, 0.0, alpha.sum(axis=-1)))
        inside = (times > 0) & (times < np.inf)
        return np.where(inside, np.minimum(tail, 1.0), edge) + known, np.where(inside, rate, np.nan)


def _weighed(
    time: Numbers, alpha: Array, jumps: Array, leaving: Array, weights: Array
) -> tuple[Array, Array]:
    """Total and weighted total of the phases' probabilities, block by block."""
    times = np.asarray(time, dtype=float)
    m = alpha.shape[-1]
    grid = np.broadcast_shapes(times.shape, alpha.shape[:-1])
    t = np.broadcast_to(times, grid).ravel()
    start, out, weight = (
        np.broadcast_to(value, (*grid, m)).reshape(-1, m) for value in (alpha, leaving, weights)
    )
    rates = np.broadcast_to(jumps, (*grid, m, m)).reshape(-1, m, m)
    total, weighted = np.empty(t.size), np.empty(t.size)
    for first in range(0, t.size, BLOCK):
        part = slice(first, first + BLOCK)
        inside = (t[part] > 0) & (t[part] < np.inf)
        there = transient(np.where(inside, t[part], 0.0), start[part], rates[part], out[part])
        total[part] = there.sum(axis=-1)
        weighted[part] = (there * weight[part]).sum(axis=-1)
    return total.reshape(grid), weighted.reshape(grid)
