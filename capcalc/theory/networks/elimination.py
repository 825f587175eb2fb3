"""Flows through a network of routing probabilities by elimination that never subtracts."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from capcalc.theory.arrays import Array

Flow = TypeVar("Flow", np.float64, np.complex128)


def eliminate(external: NDArray[Flow], routing: Array, leaving: NDArray[Flow]) -> NDArray[Flow]:
    r"""Flow through every station, by Gaussian elimination without subtractions.

    .. math:: \lambda_j (e_j + \sum_{k \ne j} P_{jk}) = \gamma_j + \sum_{i \ne j} \lambda_i P_{ij}

    What leaves a station, :math:`e`, is data; the diagonal of ``routing`` is not looked at, as
    :math:`1 - P_{jj}` is the bracket. A station is taken out by sending its calls on to those
    left; all terms are positive, so that near-closed loops keep all digits: relative error
    below 2e-15 for a loop of six stations which one in 1e10 leaves.

    Parameters
    ----------
    external : ndarray, shape (K, ...)
        :math:`\gamma`: what comes to each station from outside. Any unit.
    routing : ndarray, shape (K, K, ...)
        :math:`P`: share of what station i lets go that moves to station j.
    leaving : ndarray, shape (K, ...)
        :math:`e`: share that leaves the network. Complex numbers of positive real part stand
        for shares that are lost to an exponential clock (transforms).

    Returns
    -------
    ndarray, shape (K, ...)
        Of the unit of ``external``; the axes after the stations broadcast.

    References
    ----------
    .. [1] W. K. Grassmann, M. I. Taksar, D. P. Heyman, "Regenerative analysis and steady state
       distributions for Markov chains", Oper. Res. 33(5), 1985.
    .. [2] C. A. O'Cinneide, "Entrywise perturbation theory and error analysis for Markov
       chains", Numer. Math. 65, 1993.

    Examples
    --------
    >>> eliminate(np.array([1.0, 0.0]), np.array([[0, 1], [0.75, 0]]), np.array([0, 0.25]))
    array([4., 4.])
    """
    count = external.shape[0]
    kind = np.result_type(external, leaving)
    trailing: tuple[int, ...] = np.broadcast_shapes(
        external.shape[1:], routing.shape[2:], leaving.shape[1:]
    )
    inner: tuple[int, ...] = np.broadcast_shapes(routing.shape[2:], leaving.shape[1:])
    flow = np.array(np.broadcast_to(external, (count, *trailing)), dtype=kind)
    calls = np.array(np.broadcast_to(routing, (count, count, *inner)), dtype=kind)
    left = np.array(np.broadcast_to(leaving, (count, *inner)), dtype=kind)
    with np.errstate(all="ignore"):
        for k in range(count - 1, 0, -1):
            _take_out(k, flow, calls, left)
        flow[0] = flow[0] / left[0]
        for k in range(1, count):
            flow[k] += np.add.reduce(flow[:k] * calls[:k, k], axis=0)
    return flow


def _take_out(k: int, flow: NDArray[Flow], calls: NDArray[Flow], left: NDArray[Flow]) -> None:
    """Send what comes to station k on to the stations before it; keep what it gets of each."""
    size = left[k] + np.add.reduce(calls[k, :k], axis=0)
    flow[k] /= size
    flow[:k] += flow[k] * calls[k, :k]
    calls[:k, k] /= size
    calls[:k, :k] += calls[:k, k, np.newaxis] * calls[k, :k]
    left[:k] += calls[:k, k] * left[k]
