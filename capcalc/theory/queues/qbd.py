"""Quasi-birth-death processes: levels in a row that differ at the bottom only."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Array

ROUNDS = 64


def first_passage(up: Array, local: Array, down: Array) -> Array:
    r"""The matrix G of first passages to the level below, by logarithmic reduction.

    .. math:: A_2 + A_1 G + A_0 G^2 = 0

    Each round doubles the number of levels that the excursions may climb; a round without
    effect ends it, matrix by matrix.

    Parameters
    ----------
    up, local, down : ndarray
        :math:`A_0, A_1, A_2`, stacks of matrices of shape (..., phases, phases); the rows of
        their sum are zero, the drift is downwards. [1/s]

    References
    ----------
    .. [1] G. Latouche, V. Ramaswami, "A logarithmic reduction algorithm for
       quasi-birth-death processes", J. Appl. Probab. 30, 1993.

    Examples
    --------
    >>> one = np.ones((1, 1))
    >>> first_passage(0.5 * one, -1.5 * one, one).round(12)
    array([[1.]])
    """
    eye = np.eye(local.shape[-1])
    higher, lower = np.linalg.solve(-local, up), np.linalg.solve(-local, down)
    found: Array = np.asarray(lower, dtype=float)
    climbed = higher
    moving = np.ones(local.shape[:-2], dtype=bool)
    for _ in range(ROUNDS):
        going = moving[..., np.newaxis, np.newaxis]
        stay = eye - higher @ lower - lower @ higher
        # a matrix that has settled may become singular; it is not looked at again
        stay = np.where(going, stay, eye)
        higher, lower = (np.linalg.solve(stay, each @ each) for each in (higher, lower))
        # either is reached first for certain: what rounding takes, close to no drift, comes back
        certain = (higher + lower).sum(axis=-1, keepdims=True)
        certain = np.where(going & (certain > 0), certain, 1.0)
        higher, lower = higher / certain, lower / certain
        added = climbed @ lower
        found = np.where(going, found + added, found)
        climbed = np.where(going, climbed @ higher, climbed)
        moving = moving & (np.abs(added).sum(axis=(-2, -1)) > 1e-17)
        if not moving.any():
            break
    return found


def upward(up: Array, local: Array, down_after: Array, after: Array) -> Array:
    r"""The matrix R of a level, from that of the level above.

    .. math:: R_n = A_0 \left(-A_1^{(n)} - R_{n+1} A_2^{(n+1)}\right)^{-1}, \qquad
              \pi_n = \pi_{n-1} R_n

    Parameters
    ----------
    up, local : ndarray
        Rates into level n from below, and within level n. [1/s]
    down_after, after : ndarray
        Rates from level n + 1 down, and the matrix R of level n + 1.

    References
    ----------
    .. [1] L. Bright, P. G. Taylor, "Calculating the equilibrium distribution in level dependent
       quasi-birth-and-death processes", Stoch. Models 11, 1995.

    Examples
    --------
    >>> one = np.ones((1, 1))
    >>> upward(0.5 * one, -1.5 * one, one, 0.5 * one)
    array([[0.5]])
    """
    inner = -local - after @ down_after
    solved = np.linalg.solve(np.swapaxes(inner, -1, -2), np.swapaxes(up, -1, -2))
    return np.asarray(np.swapaxes(solved, -1, -2), dtype=float)


def bottom(local: Array) -> Array:
    r"""A row vector :math:`\pi_0` with :math:`\pi_0 Q = 0`, by elimination without subtraction.

    Parameters
    ----------
    local : ndarray
        Generators of shape (..., phases, phases); what is on the diagonal is not used. [1/s]

    References
    ----------
    .. [1] W. K. Grassmann, M. I. Taksar, D. P. Heyman, "Regenerative analysis and steady state
       distributions for Markov chains", Oper. Res. 33, 1985.

    Examples
    --------
    >>> bottom(np.array([[-1.0, 1.0], [3.0, -3.0]]))
    array([0.75, 0.25])
    """
    rates = np.array(local, dtype=float)
    size = rates.shape[-1]
    for last in range(size - 1, 0, -1):
        leaving = rates[..., last, :last].sum(axis=-1)
        rates[..., :last, last] /= leaving[..., np.newaxis]
        rates[..., :last, :last] += (
            rates[..., :last, last, np.newaxis] * rates[..., last, np.newaxis, :last]
        )
    share = np.zeros(rates.shape[:-1])
    share[..., 0] = 1.0
    for phase in range(1, size):
        share[..., phase] = (share[..., :phase] * rates[..., :phase, phase]).sum(axis=-1)
    total: Array = share.sum(axis=-1, keepdims=True)
    return share / total
