"""Traffic equations: expected visits to every node of a network of calls."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from capcalc.theory.arrays import Array, Numbers

Mask: TypeAlias = NDArray[np.bool_]

#: A loop that gives back all but so little of what goes round never ends.
ENDLESS = 16 * float(np.finfo(float).eps)


def visits(routing: Numbers, entry: Numbers) -> Array:
    r"""Expected visits to every node, from outside and from other nodes.

    .. math:: v = e + v P

    Where calls come back the visits converge if the spectral radius of every loop that is
    reached is below 1. Relative error some 1e-16 over the share of calls that leaves a loop.

    Parameters
    ----------
    routing : array_like, shape (..., K, K)
        :math:`P`: expected calls from node i to node j in one visit to i.
    entry : array_like, shape (..., K)
        :math:`e`: visits from outside.

    Returns
    -------
    ndarray, shape (..., K)
        ``nan`` at the nodes of a loop that never ends and at those called from it, and at all
        nodes where ``routing`` or ``entry`` has a negative or undefined element.

    References
    ----------
    .. [1] J. R. Jackson, "Networks of waiting lines", Oper. Res. 5, 1957.
    .. [2] K. S. Trivedi, *Probability and Statistics with Reliability, Queuing, and Computer
       Science Applications*, 2nd ed., Wiley, 2002, sec. 9.6.

    Examples
    --------
    >>> visits([[0.0, 2.0], [0.25, 0.0]], [1.0, 0.0])
    array([2., 4.])
    """
    calls, first = np.asarray(routing, dtype=float), np.asarray(entry, dtype=float)
    shape = np.broadcast_shapes(calls.shape[:-1], first.shape)
    calls = np.broadcast_to(calls, (*shape, shape[-1]))
    first = np.broadcast_to(first, shape)
    every = _sound(first) & np.all(_sound(calls), axis=-1)
    sound = np.asarray(np.all(every, axis=-1, keepdims=True))
    calls = np.where(sound[..., np.newaxis], calls, 0.0)
    first = np.where(sound, first, 0.0)
    reached, endless = _walks(calls, first)
    finite = np.logical_not(endless)
    kept = reached & finite
    calls = np.where(kept[..., np.newaxis] & kept[..., np.newaxis, :], calls, 0.0)
    return np.where(sound & finite, _solve(calls, first), np.nan)


def _sound(values: Array) -> Mask:
    return np.asarray((values >= 0) & (values < np.inf))


def _solve(calls: Array, first: Array) -> Array:
    """Visits where all loops end."""
    matrix = np.eye(first.shape[-1]) - np.swapaxes(calls, -1, -2)
    return np.asarray(np.linalg.solve(matrix, first[..., np.newaxis])[..., 0])


def _walks(calls: Array, first: Array) -> tuple[Mask, Mask]:
    """The nodes that are reached, and those on or called from a reached loop without end."""
    reach = _closure(calls > 0)
    mutual = reach & np.swapaxes(reach, -1, -2)
    reached = _any_from(first > 0, reach)
    bad = _not_positive(np.where(mutual, calls, 0.0))
    bad = _any_from(bad, mutual) & reached
    return reached, _any_from(bad, reach)


def _any_from(nodes: Mask, reach: Mask) -> Mask:
    """The nodes that any of the given ones reaches."""
    return np.asarray((nodes[..., np.newaxis] & reach).any(axis=-2))


def _closure(edges: Mask) -> Mask:
    """Which node reaches which, itself included (Warshall)."""
    reach = edges | np.eye(edges.shape[-1], dtype=bool)
    for via in range(edges.shape[-1]):
        reach = reach | (reach[..., :, via, np.newaxis] & reach[..., np.newaxis, via, :])
    return reach


def _not_positive(calls: Array) -> Mask:
    """Pivots of I - P that are not above 0: there are none if all loops end."""
    left = np.eye(calls.shape[-1]) - calls
    bad = np.zeros(calls.shape[:-1], dtype=bool)
    for pivot in range(calls.shape[-1]):
        size = left[..., pivot, pivot]
        bad[..., pivot] = size <= ENDLESS
        safe = np.where(bad[..., pivot], 1.0, size)[..., np.newaxis]
        column = np.where(bad[..., pivot, np.newaxis], 0.0, left[..., :, pivot] / safe)
        column[..., : pivot + 1] = 0.0
        left = left - column[..., np.newaxis] * left[..., pivot, np.newaxis, :]
    return bad


def strongly_connected(mask: Mask) -> list[list[int]]:
    """Groups of nodes that reach one another, callers before called.

    Parameters
    ----------
    mask : ndarray of bool, shape (K, K)
        Whether node i calls node j.

    Returns
    -------
    list of list of int
        Every node once, groups in topological order.

    References
    ----------
    .. [1] S. Warshall, "A theorem on Boolean matrices", J. ACM 9, 1962.

    Examples
    --------
    >>> strongly_connected(np.array([[0, 1, 0], [0, 0, 0], [1, 0, 0]], dtype=bool))
    [[2], [0], [1]]
    """
    reach = _closure(np.asarray(mask, dtype=bool))
    mutual = reach & reach.T
    above = reach.sum(axis=0)
    groups = {tuple(np.flatnonzero(row).tolist()) for row in mutual}
    return [list(group) for group in sorted(groups, key=lambda group: (above[group[0]], group))]
