"""Where a Markov chain is after a time, by a matrix exponential of positive terms only."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Array

#: Terms of the power series beyond the number of phases, for a step of one jump on average.
TERMS = 20
#: Squarings at most: the ratio of the longest to the shortest double.
SQUARINGS = 1100


def transient(time: Array, start: Array, rates: Array, exit_rates: Array) -> Array:
    r"""Probability of each phase after a time, :math:`\alpha e^{Qt}`.

    With the greatest rate r out of a phase and :math:`h = t / 2^k \le 1/r`,

    .. math:: e^{Qh} = e^{-rh} \sum_j \frac{(rh)^j}{j!} P^j, \qquad P = I + Q/r \ge 0, \qquad
       e^{Qt} = (e^{Qh})^{2^k}

    with a last phase for those who have left. Nothing is subtracted, so that entries of any size
    keep their digits; errors that squaring would double are taken out after each: in chains
    without a way back the diagonal is set to :math:`e^{-d_i h}`, in others every row is scaled to
    the sum 1 that it has.

    Parameters
    ----------
    time : ndarray, shape (N,)
        Not negative. [s]
    start : ndarray, shape (N, m)
        Probabilities at the start.
    rates : ndarray, shape (N, m, m)
        Rates between phases, 0 on the diagonal. [1/s]
    exit_rates : ndarray, shape (N, m)
        Rates of leaving for good. [1/s]

    Returns
    -------
    ndarray, shape (N, m)

    References
    ----------
    .. [1] J. Xue, Q. Ye, "Entrywise relative perturbation bounds for exponentials of
       essentially non-negative matrices", Numer. Math. 110, 2008.
    .. [2] A. H. Al-Mohy, N. J. Higham, SIAM J. Matrix Anal. Appl. 31, 2009, sec. 2.

    Examples
    --------
    >>> one = np.ones((1, 1))
    >>> transient(np.array([2.0]), one, 0.0 * one[:, :, np.newaxis], one).round(6)
    array([[0.135335]])
    """
    size = rates.shape[-1]
    rates = np.concatenate([rates, exit_rates[:, :, np.newaxis]], axis=2)
    rates = np.concatenate([rates, np.zeros_like(rates[:, :1, :])], axis=1)
    out = rates.sum(axis=-1)
    fastest = out.max(axis=-1)
    jumps = fastest * time
    halvings = np.clip(np.ceil(np.log2(np.where(jumps > 1.0, jumps, 1.0))), 0, SQUARINGS)
    ahead = (np.tril(rates) == 0).all(axis=(-2, -1))
    power = _first(np.ldexp(time, -halvings.astype(int)), rates, out, fastest)
    diagonal = np.arange(size + 1)
    for k in range(int(halvings.max(initial=0)) + 1):
        step = np.ldexp(time, (k - halvings).astype(int))
        kept = np.where(ahead & (k <= halvings), step, np.nan)[:, np.newaxis]
        exact = np.exp(-out * kept)
        own = power[:, diagonal, diagonal]
        power[:, diagonal, diagonal] = np.where(np.isnan(exact), own, exact)
        back = ~ahead & (k <= halvings)
        power[back] /= power[back].sum(axis=-1, keepdims=True)
        going = k < halvings
        if not going.any():
            break
        power[going] = np.matmul(power[going], power[going])
    return np.asarray(np.matmul(start[:, np.newaxis, :], power[:, :size, :size])[:, 0, :])


def _first(step: Array, rates: Array, out: Array, fastest: Array) -> Array:
    """The exponential over a time in which one jump is expected at most."""
    m = rates.shape[-1]
    scale = np.where(fastest > 0, fastest, 1.0)
    one = np.eye(m)
    chain = rates / scale[:, np.newaxis, np.newaxis]
    chain = chain + one * (1.0 - out / scale[:, np.newaxis])[:, :, np.newaxis]
    jumps = (fastest * step)[:, np.newaxis, np.newaxis]
    total = np.broadcast_to(one, chain.shape).copy()
    # Horner's rule: I + aP(I + aP/2 (I + aP/3 (...)))
    for j in range(m + TERMS, 0, -1):
        total = one + np.matmul(chain, total) * (jumps / j)
    return np.asarray(np.exp(-jumps) * total)
