"""Traffic equations of networks with routing probabilities: the arrivals at every station."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from capcalc.theory.arrays import Array, Numbers
from capcalc.theory.networks.elimination import eliminate
from capcalc.theory.networks.routing_checks import (
    exit_shares,
    is_valid,
    require_solvable,
    trapped,
)
from capcalc.theory.networks.traffic import Mask

METHODS = ("auto", "feed-forward", "elimination", "factorization")
#: Up to so many stations elimination is quicker than LAPACK, or as quick.
FEW = 32
#: Numbers in the routing matrices worked on at a time, so that they stay in the cache.
BLOCK = 262_144


def arrival_rates(
    external_arrival_rates: Numbers,
    routing: Any,
    exits: Numbers | None = None,
    *,
    method: str = "auto",
    names: Sequence[str] | None = None,
    refuse: bool = True,
) -> Array:
    r"""Arrival rate of every station, from outside and from other stations.

    .. math:: \lambda = \gamma + \lambda P

    Where no station can be visited twice the rates are summed along the calls; up to 32
    stations, and wherever ``exits`` is given, loops are solved by an elimination that never
    subtracts, with a relative error below 2e-15; else by LAPACK. Of a loop that a share e
    leaves, the rounded rows alone say how often it is run through only to 1e-16 / e: ``exits``
    keeps all digits. LAPACK on several threads is slower for stacks of small matrices (by a
    factor of 10 and more): set ``OPENBLAS_NUM_THREADS=1``.

    Parameters
    ----------
    external_arrival_rates : array_like, shape (..., K)
        :math:`\gamma`: arrivals from outside. [1/s]
    routing : array_like, shape (..., K, K), or scipy.sparse matrix
        :math:`P`: probability that a request goes from station i to station j. A sparse
        matrix is solved as by :func:`capcalc.theory.networks.sparse.arrival_rates`.
    exits : array_like, shape (..., K), optional
        Probability that a request leaves after station i, if it is known better than as
        one minus the sum of the row, of which rounding (3.6e-15) is taken off.
    method : {"auto", "feed-forward", "elimination", "factorization"}
        How it is solved.
    names : sequence of str, optional
        Names of the stations, for the error.
    refuse : bool
        Whether an error is raised for routing that has no solution.

    Returns
    -------
    ndarray, shape (..., K)
        [1/s]; ``nan`` for all stations where a rate or probability is undefined. With
        ``refuse`` off, ``nan`` also at the stations that requests reach but never leave, and
        at all stations of a network whose probabilities are negative or sum to more than 1.

    Raises
    ------
    ScenarioError
        If probabilities are negative, sum to more than 1, or if requests reach stations from
        which none ever leaves; all such stations are named.

    References
    ----------
    .. [1] J. R. Jackson, "Networks of waiting lines", Oper. Res. 5, 1957.
    .. [2] W. K. Grassmann, M. I. Taksar, D. P. Heyman, "Regenerative analysis and steady state
       distributions for Markov chains", Oper. Res. 33(5), 1985.

    Examples
    --------
    >>> arrival_rates([1.0, 0.0], [[0.0, 1.0], [0.75, 0.0]])
    array([4., 4.])
    >>> arrival_rates([1.0], [[1.0]], names=["web"])
    Traceback (most recent call last):
    ...
    capcalc.errors.ScenarioError: routing: no request ever leaves web, which requests reach
    """
    if method not in METHODS:
        raise ValueError(f"method {method} is none of {', '.join(METHODS)}")
    if hasattr(routing, "tocsr"):
        from capcalc.theory.networks.sparse import arrival_rates as of_sparse

        return of_sparse(external_arrival_rates, routing, exits, names=names)
    first, calls = np.asarray(external_arrival_rates, float), np.asarray(routing, float)
    leave = None if exits is None else np.asarray(exits, float)
    valid = is_valid(first, calls, leave)
    every = bool(valid.all())
    if not every:
        first, calls, leave = _blank(valid, first, calls, leave)
    rates, ends = _solve(first, calls, leave, method)
    if refuse and not (every and ends):
        require_solvable(external_arrival_rates, routing, exits, names=names)
    return rates if every else np.where(valid[..., np.newaxis], rates, np.nan)


def _blank(
    valid: Mask, first: Array, calls: Array, leave: Array | None
) -> tuple[Array, Array, Array | None]:
    """Networks out of the domain as ones without traffic or calls."""
    good = valid[..., np.newaxis]
    leave = None if leave is None else np.where(good, leave, 1.0)
    return np.where(good, first, 0.0), np.where(good[..., np.newaxis], calls, 0.0), leave


def _solve(first: Array, calls: Array, leave: Array | None, method: str) -> tuple[Array, bool]:
    """The rates, and whether all requests leave in the end."""
    count = calls.shape[-1]
    order = None
    if method in ("auto", "feed-forward"):
        order = topological_order(np.any(calls != 0, axis=tuple(range(calls.ndim - 2))))
    if order is not None:
        rates = _feed_forward(first, calls, order)
        lead = (
            rates.shape[:-1]
            if leave is None
            else np.broadcast_shapes(rates.shape[:-1], leave.shape[:-1])
        )
        return np.broadcast_to(rates, (*lead, count)), True
    if method == "feed-forward":
        raise ValueError("the calls have a loop")
    small = count <= FEW or leave is not None
    by_elimination = method == "elimination" or (method == "auto" and small)
    lead = np.broadcast_shapes(
        first.shape[:-1], calls.shape[:-2], () if leave is None else leave.shape[:-1]
    )
    size = int(np.prod(lead))
    shared = calls.ndim == 2 and (leave is None or leave.ndim == 1)
    flat = _flat(first, lead, 1)
    matrices = calls[np.newaxis] if shared else _flat(calls, lead, 2)
    exits = None if leave is None else leave[np.newaxis] if shared else _flat(leave, lead, 1)
    block = max(1, BLOCK // (count if shared else count * count))
    result, ends = np.empty((size, count)), True
    for start in range(0, size, block):
        part = slice(start, start + block)
        own = slice(None) if shared else part
        own_exits = None if exits is None else exits[own]
        result[part], solved = _piece(flat[part], matrices[own], own_exits, by_elimination)
        ends = ends and solved
    return result.reshape(*lead, count), ends


def _flat(values: Array, lead: tuple[int, ...], kept: int) -> Array:
    own = values.shape[values.ndim - kept :]
    return np.broadcast_to(values, (*lead, *own)).reshape(-1, *own)


def _piece(
    first: Array, matrices: Array, exits: Array | None, by_elimination: bool
) -> tuple[Array, bool]:
    """Some networks, the stations' axes in front, so that each step is one array operation."""
    flow = np.ascontiguousarray(first.T)
    calls = np.ascontiguousarray(np.moveaxis(matrices, 0, -1))
    leave = exit_shares(calls) if exits is None else np.ascontiguousarray(exits.T)
    stuck = trapped(flow, calls, leave)
    if stuck is not None:
        held, reached = stuck
        leave = np.where(held, 1.0, leave)
        calls = np.where(held[:, np.newaxis], 0.0, calls)
    rates = eliminate(flow, calls, leave) if by_elimination else _factorized(flow, calls, leave)
    if stuck is None:
        return rates.T, True
    lost = held & reached
    return np.where(lost, np.nan, rates).T, not lost.any()


def _factorized(flow: Array, calls: Array, leave: Array) -> Array:
    """LAPACK's solution; the matrix needs no pivoting and no element of the result is negative."""
    count = flow.shape[0]
    diagonal = np.arange(count)
    matrix = np.array(np.moveaxis(-calls, -1, 0))
    matrix[:, diagonal, diagonal] = 0.0
    matrix[:, diagonal, diagonal] = leave.T - matrix.sum(axis=-1)
    turned = np.swapaxes(matrix, -1, -2)
    if matrix.shape[0] == 1:
        rates = np.linalg.solve(turned[0], flow)
    else:
        rates = np.linalg.solve(turned, flow.T[..., np.newaxis])[..., 0].T
    return np.maximum(rates, 0.0)


def _feed_forward(first: Array, calls: Array, order: list[int]) -> Array:
    """Rates summed in the order of the calls."""
    shape = np.broadcast_shapes(first.shape[:-1], calls.shape[:-2])
    rates: dict[int, Array] = {}
    result = np.empty((*shape, len(order)))
    used = np.any(calls != 0, axis=tuple(range(calls.ndim - 2)))
    for place, j in enumerate(order):
        rate = first[..., j]
        for i in order[:place]:
            if used[i, j]:
                rate = rate + rates[i] * calls[..., i, j]
        rates[j] = rate
        result[..., j] = rate
    return result


def topological_order(calls: Mask) -> list[int] | None:
    """Stations in an order in which all calls go forward; ``None`` if there is a loop.

    Parameters
    ----------
    calls : ndarray of bool, shape (K, K)
        Whether station i calls station j.

    References
    ----------
    .. [1] A. B. Kahn, "Topological sorting of large networks", Comm. ACM 5(11), 1962.

    Examples
    --------
    >>> topological_order(np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0]], dtype=bool))
    [2, 1, 0]
    >>> topological_order(np.array([[True]])) is None
    True
    """
    edges = np.asarray(calls, dtype=bool)
    waiting = edges.sum(axis=0)
    order: list[int] = []
    ready = np.flatnonzero(waiting == 0)
    while ready.size:
        order += ready.tolist()
        waiting = waiting - edges[ready].sum(axis=0)
        waiting[order] = -1
        ready = np.flatnonzero(waiting == 0)
    return order if len(order) == len(edges) else None
