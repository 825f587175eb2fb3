"""Whether traffic equations have a solution, and the names of the stations that prevent it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from capcalc.errors import Problem, ScenarioError
from capcalc.theory.arrays import Array, Numbers
from capcalc.theory.networks.traffic import ENDLESS, Mask

#: Given exits and the rows of the routing may miss 1 together by this much.
LOOSE = 1e-9
#: Stations named in an error.
NAMED = 8


def exit_shares(routing: Array) -> Array:
    r"""Probability of leaving after each station, :math:`1 - \sum_j P_{ij}`.

    The sum is formed in twice the precision; what is within 16 roundings of 0 is 0.

    Parameters
    ----------
    routing : ndarray, shape (K, K, ...)
        Probability that a request goes from station i to station j, stations' axes first.

    References
    ----------
    .. [1] T. Ogita, S. M. Rump, S. Oishi, "Accurate sum and dot product", SIAM J. Sci.
       Comput. 26(6), 2005, alg. 4.4.

    Examples
    --------
    >>> exit_shares(np.array([[0.0, 0.75], [0.7, 0.3]]))
    array([0.25, 0.  ])
    """
    left: Array = np.ones(routing.shape[:1] + routing.shape[2:])
    lost: Array = np.zeros(left.shape)
    for j in range(routing.shape[1]):
        part = routing[:, j]
        after = left - part
        back = after - left
        lost = lost + ((left - (after - back)) - (part + back))
        left = after
    left = left + lost
    return np.where(left > ENDLESS, left, 0.0)


def is_valid(external: Array, routing: Array, exits: Array | None) -> Mask:
    """Where rates and probabilities are numbers in their domain.

    Parameters
    ----------
    external : ndarray, shape (..., K)
        Arrivals from outside. [1/s]
    routing : ndarray, shape (..., K, K)
        Probability that a request goes from station i to station j.
    exits : ndarray, shape (..., K), optional
        Probability that a request leaves after station i.

    Returns
    -------
    ndarray of bool, shape (...)

    References
    ----------
    .. [1] J. G. Kemeny, J. L. Snell, *Finite Markov Chains*, Springer, 1976, sec. 3.1.

    Examples
    --------
    >>> is_valid(np.array([1.0]), np.array([[[0.5]], [[1.5]], [[-1.0]]]), None)
    array([ True, False, False])
    """
    good = _sound(external, 1) & _sound(routing, 2)
    with np.errstate(invalid="ignore"):
        total = _row_sums(routing)
        if exits is None:
            return np.asarray(good & _all(total <= 1.0 + ENDLESS, 1))
        good = good & _sound(exits, 1)
        return np.asarray(good & _all(np.abs(total + exits - 1.0) <= LOOSE, 1))


def _sound(values: Array, axes: int) -> Mask:
    """Whether no element is negative, infinite or undefined."""
    if values.size and values.min() >= 0 and values.max() < np.inf:
        return np.ones(values.shape[: values.ndim - axes], dtype=bool)
    return _all((values >= 0) & (values < np.inf), axes)


def _all(mask: Mask, axes: int) -> Mask:
    if mask.all():
        return np.ones(mask.shape[: mask.ndim - axes], dtype=bool)
    return np.asarray(mask.all(axis=tuple(range(mask.ndim - axes, mask.ndim))))


def _row_sums(routing: Array) -> Array:
    total = routing[..., 0]
    for j in range(1, routing.shape[-1]):
        total = total + routing[..., j]
    return total


def trapped(external: Array, routing: Array, exits: Array) -> tuple[Mask, Mask] | None:
    """Stations in closed loops, from which no request ever leaves, and those that are reached.

    Parameters
    ----------
    external : ndarray, shape (K, ...)
        Arrivals from outside. [1/s]
    routing : ndarray, shape (K, K, ...)
        Probability that a request goes from station i to station j, stations' axes first.
    exits : ndarray, shape (K, ...)
        Probability that a request leaves after station i.

    Returns
    -------
    tuple of ndarray of bool, shape (K, ...), or None
        ``None`` if requests leave from everywhere.

    References
    ----------
    .. [1] J. G. Kemeny, J. L. Snell, *Finite Markov Chains*, Springer, 1976, sec. 2.4 (ergodic
       sets).

    Examples
    --------
    >>> one, two = np.array([1.0, 0.0]), np.array([[0.0, 1.0], [0.0, 1.0]])
    >>> trapped(one, two, np.array([0.0, 0.0]))
    (array([False,  True]), array([ True,  True]))
    """
    leaves = np.asarray(exits > 0)
    if leaves.all():
        return None
    calls = np.asarray(routing > 0)
    leaves = _spread(leaves, lambda now: np.any(calls & now[np.newaxis], axis=1))
    if leaves.all():
        return None
    shape = np.broadcast_shapes(external.shape[1:], calls.shape[2:])
    reached = np.broadcast_to(external > 0, (external.shape[0], *shape))
    reached = _spread(reached, lambda now: np.any(calls & now[:, np.newaxis], axis=0))
    reach = calls
    for via in range(calls.shape[0]):
        reach = reach | (reach[:, via, np.newaxis] & reach[np.newaxis, via])
    # all that a station of a closed loop reaches comes back to it
    closed = np.all(~reach | np.swapaxes(reach, 0, 1), axis=1)
    return np.asarray(~leaves & closed), reached


def _spread(nodes: Mask, onward: Callable[[Mask], Mask]) -> Mask:
    """The nodes and all that follow from them."""
    while True:
        more = nodes | onward(nodes)
        if more.sum() == nodes.sum() and more.shape == nodes.shape:
            return np.asarray(more)
        nodes = np.asarray(more)


def require_solvable(
    external_arrival_rates: Numbers,
    routing: Numbers,
    exits: Numbers | None = None,
    *,
    names: Sequence[str] | None = None,
) -> None:
    """Raise an error that names the stations because of which there is no solution.

    Parameters
    ----------
    external_arrival_rates : array_like, shape (..., K)
        Arrivals from outside. [1/s]
    routing : array_like, shape (..., K, K)
        Probability that a request goes from station i to station j.
    exits : array_like, shape (..., K), optional
        Probability that a request leaves after station i.
    names : sequence of str, optional
        Names of the stations; else "station 0" and so on.

    Raises
    ------
    ScenarioError
        If a probability is negative, if those of a station sum to more than 1 (with ``exits``:
        to anything else), or if requests reach stations from which none ever leaves. Networks
        with undefined or infinite probabilities are passed over.

    References
    ----------
    .. [1] J. R. Jackson, "Networks of waiting lines", Oper. Res. 5, 1957.

    Examples
    --------
    >>> require_solvable([1.0, 0.0], [[0.0, 0.9], [0.5, 0.7]], names=["web", "db"])
    Traceback (most recent call last):
    ...
    capcalc.errors.ScenarioError: routing: the probabilities after db sum to 1.2, more than 1
    """
    first, calls = np.asarray(external_arrival_rates, float), np.asarray(routing, float)
    leave = None if exits is None else np.asarray(exits, float)
    known = np.isfinite(calls).all(axis=(-2, -1))
    if leave is not None:
        known = known & np.isfinite(leave).all(axis=-1)
        leave = np.where(known[..., np.newaxis], leave, 1.0)
    calls = np.where(known[..., np.newaxis, np.newaxis], calls, 0.0)
    valid = is_valid(first, calls, leave)[..., np.newaxis]
    with np.errstate(invalid="ignore"):
        negative = np.any(calls < 0, axis=-1)
        total = _row_sums(calls)
        missed = np.zeros(total.shape, dtype=bool)
        if leave is not None:
            negative = negative | (leave < 0)
            missed = np.abs(total + leave - 1.0) > LOOSE
            total = np.minimum(total, 1.0)
    first = np.moveaxis(np.where(valid, first, 0.0), -1, 0)
    calls = np.moveaxis(np.where(valid[..., np.newaxis], calls, 0.0), (-2, -1), (0, 1))
    shares = np.moveaxis(np.where(valid, leave, 1.0), -1, 0) if leave is not None else None
    stuck = trapped(first, calls, exit_shares(calls) if shares is None else shares)
    lost = np.zeros(first.shape[0], dtype=bool)
    if stuck is not None:
        lost = _anywhere(np.moveaxis(stuck[0] & stuck[1], 0, -1))
    largest = np.fmax.reduce(total.reshape(-1, total.shape[-1]), axis=0)
    refuse(_anywhere(negative), largest, _anywhere(missed), lost, names)


def refuse(
    negative: Mask, total: Array, missed: Mask, lost: Mask, names: Sequence[str] | None
) -> None:
    """Raise an error if anything is wrong with the probabilities after some stations.

    Parameters
    ----------
    negative : ndarray of bool, shape (K,)
        Stations with a negative probability.
    total : ndarray, shape (K,)
        Sum of the probabilities of a station's row.
    missed : ndarray of bool, shape (K,)
        Stations whose row and exit do not sum to 1.
    lost : ndarray of bool, shape (K,)
        Stations that requests reach and never leave.
    names : sequence of str, optional
        Names of the stations; else "station 0" and so on.

    Raises
    ------
    ScenarioError
        With one problem for each kind.

    References
    ----------
    .. [1] J. G. Kemeny, J. L. Snell, *Finite Markov Chains*, Springer, 1976, sec. 2.4.

    Examples
    --------
    >>> no, yes = np.array([False]), np.array([True])
    >>> refuse(no, np.array([1.0]), no, yes, None)
    Traceback (most recent call last):
    ...
    capcalc.errors.ScenarioError: routing: no request ever leaves station 0, which requests reach
    """
    over = total > 1.0 + ENDLESS
    sentences = [
        (negative, "the probabilities after {} must not be negative"),
        (over, f"the probabilities after {{}} sum to {_largest(total)}, more than 1"),
        (missed, "the probabilities after {} and of leaving there do not sum to 1"),
        (lost, "no request ever leaves {}, which requests reach"),
    ]
    problems = [
        Problem(key="routing", message=text.format(_listed(stations, names)))
        for stations, text in sentences
        if stations.any()
    ]
    if problems:
        raise ScenarioError(problems)


def _largest(total: Array) -> str:
    """The largest sum, with digits enough to be seen to be above 1."""
    largest = float(np.fmax.reduce(total))
    several = "up to " if int((total > 1.0 + ENDLESS).sum()) > 1 else ""
    short = f"{largest:.6g}"
    return several + (short if float(short) > 1 else repr(largest))


def _listed(stations: Mask, names: Sequence[str] | None) -> str:
    """Names of some stations in a sentence, at most eight."""
    numbers: list[int] = np.flatnonzero(stations).tolist()
    found = [str(names[number]) if names is not None else f"station {number}" for number in numbers]
    if len(found) > NAMED:
        found = [*found[:NAMED], f"{len(found) - NAMED} more"]
    return " and ".join([", ".join(found[:-1]), found[-1]] if len(found) > 1 else found)


def _anywhere(mask: Mask) -> Mask:
    """In any network of a stack."""
    return np.asarray(mask.any(axis=tuple(range(mask.ndim - 1))))
