"""Sums over Zipf ranks of any smooth function of popularity, and the roots of such sums."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from capcalc.theory.arrays import Array
from capcalc.theory.caches.zipf import harmonic

#: Ranks summed one by one, where nothing is steep.
HEAD = 64
#: Nodes of a panel, and a panel's width in the logarithm of the rank.
NODES, WIDTH = 10, 0.7
#: The steepest that is resolved, as a multiple of what the two above do.
STEEPEST = 64
#: Panels come in multiples of so many, so that catalogues of about one size are done together.
STRIDE = 4
#: Numbers in an intermediate array.
BLOCK = 16_000
#: Steps of the search at most; more than a halving of the widest bracket takes.
STEPS = 200
#: A step in the logarithm of the time that ends the search: its square is what is left.
SMALL_STEP = 1e-9
#: Requests beyond which an object is there for sure; exponentials that vanish are slow.
MANY = 700.0
#: A difference of logarithms that rounding may leave.
ROUNDING = 1e-14
#: Differences of Euler-Maclaurin's formula at a half-way point, for six points around it.
_ENDS = np.array([-1, 5, -10, 10, -5, 1]) * -367 / 967680
_ENDS += np.array([0, -1, 3, -3, 1, 0]) * 17 / 5760
_ENDS -= np.array([0, 0, -1, 1, 0, 0]) / 24
_AROUND = np.arange(-2.0, 4.0)
_GAUSS, _GAUSS_WEIGHTS = np.polynomial.legendre.leggauss(NODES)

#: Elements by their places, and which of them are meant.
Places: TypeAlias = NDArray[np.intp]
Mask: TypeAlias = NDArray[np.bool_]
#: Share of the time an object is there, and its slope in the logarithm of its requests.
Occupancy: TypeAlias = Callable[..., tuple[Array, Array]]
#: A rising sum and its slope, at logarithms of times and the places of the elements meant.
Contents: TypeAlias = Callable[[Array, Places], tuple[Array, Array]]


@dataclass(frozen=True)
class Ranks:
    """Popularities, one row for each catalogue, and how many objects each stands for."""

    log_share: Array
    weights: Array

    def requests(self, log_time: Array, at: Places | slice = slice(None)) -> Array:
        """Requests for the objects within a time that is counted in requests."""
        return np.exp(np.minimum(log_time[:, np.newaxis] + self.log_share[at], 700.0))

    def objects(self, values: Array, at: Places | slice = slice(None)) -> Array:
        """Sum of a value over all objects."""
        return np.asarray(np.einsum("ij,ij->i", self.weights[at], values))

    def per_request(self, values: Array, at: Places | slice = slice(None)) -> Array:
        """Mean of a value over all requests."""
        shares = np.exp(self.log_share[at])
        return np.asarray(np.einsum("ij,ij,ij->i", self.weights[at], shares, values))


def groups(
    number: Array, exponent: Array, steepness: Array | float = 1.0
) -> Iterator[tuple[Places, Ranks]]:
    r"""Places of the elements done together, and their ranks.

    How an element is done depends on itself alone. The first ranks are summed one by one, the
    others by Gauss and Legendre in the logarithm of the rank, with the ends after Euler and
    Maclaurin: some 64 + 15 log N nodes. Sums of :math:`1 - e^{-pT}` and the like are good to
    1e-11.

    Parameters
    ----------
    number : ndarray
        Objects N, whole.
    exponent : ndarray
        Zipf's :math:`\alpha`.
    steepness : array_like
        How many times as fast as :math:`e^{-pT}` the values change with the logarithm of the
        popularity.

    Yields
    ------
    tuple
        Places, and their :class:`Ranks`.

    References
    ----------
    .. [1] NIST Digital Library of Mathematical Functions, 2.10.1 (Euler-Maclaurin) and 3.5.15
       (Gauss-Legendre).

    Examples
    --------
    >>> _, ranks = next(groups(np.array([1e12]), np.array([0.9])))
    >>> ranks.objects(np.ones(ranks.weights.shape)).round(0)
    array([1.e+12])
    """
    which = rules(number, exponent, steepness)
    for everyone, (factor, count) in by_rule(which):
        rows = max(1, BLOCK // (HEAD * factor + NODES * count))
        for start in range(0, everyone.size, rows):
            at = everyone[start : start + rows]
            yield at, ranks(number[at], exponent[at], factor, count)


def rules(number: Array, exponent: Array, steepness: Array | float = 1.0) -> Array:
    """How each element is done: the factor on the ranks at the head, and panels behind it.

    Parameters
    ----------
    number, exponent, steepness : array_like
        As for :func:`groups`.

    References
    ----------
    .. [1] NIST Digital Library of Mathematical Functions, 3.5.15 (Gauss-Legendre).

    Examples
    --------
    >>> rules(np.array([50.0, 1e6]), np.array([0.8, 0.8]))
    array([[ 1.,  1.],
           [ 0., 16.]])
    """
    steep = np.maximum(exponent * steepness / 1.5, 1.0)
    scale = np.minimum(2.0 ** np.ceil(np.log2(steep)), STEEPEST)
    head = HEAD * scale
    span = np.log(np.maximum(number + 0.5, head + 0.5) / (head + 0.5))
    return np.stack([scale, STRIDE * np.ceil(span * scale / (WIDTH * STRIDE))])


def by_rule(which: Array) -> Iterator[tuple[Places, tuple[int, ...]]]:
    """Places of the elements of one rule, a column each, and the rule.

    Parameters
    ----------
    which : ndarray
        Columns of :func:`rules`.

    References
    ----------
    .. [1] NIST Digital Library of Mathematical Functions, 3.5.15 (Gauss-Legendre).

    Examples
    --------
    >>> [(places.tolist(), rule) for places, rule in by_rule(np.array([[1.0, 2.0, 1.0]]))]
    [([0, 2], (1,)), ([1], (2,))]
    """
    found, column = np.unique(which, axis=1, return_inverse=True)
    for place, rule in enumerate(found.T.astype(int)):
        yield np.flatnonzero(column.ravel() == place), tuple(rule.tolist())


def ranks(number: Array, exponent: Array, factor: int, panels: int) -> Ranks:
    """The ranks of catalogues that one rule is for.

    Parameters
    ----------
    number, exponent : ndarray
        As for :func:`groups`, of the elements of one rule.
    factor, panels : int
        The rule.

    References
    ----------
    .. [1] NIST Digital Library of Mathematical Functions, 2.10.1 (Euler-Maclaurin).

    Examples
    --------
    >>> float(ranks(np.array([3.0]), np.array([0.0]), 1, 0).weights.sum())
    3.0
    """
    head = HEAD * factor
    first = np.arange(1.0, head + 1.0)
    logs = [np.broadcast_to(np.log(first), (number.size, head))]
    weights = [(first <= number[:, np.newaxis]).astype(float)]
    if panels:
        start = np.log(head + 0.5)
        span = np.log(number + 0.5)[:, np.newaxis] - start
        places = ((np.arange(panels)[:, np.newaxis] + 0.5 * (1.0 + _GAUSS)) / panels).ravel()
        tail = start + span * places
        logs.append(tail)
        weights.append(np.exp(tail) * span * np.tile(0.5 * _GAUSS_WEIGHTS / panels, panels))
        for end, sign in ((np.full(number.shape, float(head)), -1.0), (number, 1.0)):
            logs.append(np.log(end[:, np.newaxis] + _AROUND))
            weights.append(np.broadcast_to(sign * _ENDS, logs[-1].shape))
    total = np.log(np.asarray(harmonic(number, exponent)))
    log_share = -exponent[:, np.newaxis] * np.concatenate(logs, axis=1) - total[:, np.newaxis]
    return Ranks(log_share, np.concatenate(weights, axis=1))


def solve(contents: Contents, capacity: Array, start: Array) -> Array:
    """Logarithm of the time at which rising contents equal the capacity.

    Newton's method in both logarithms. What is known to lie too low or too high bounds the next
    step, and where a step would leave these bounds they are halved. Each element stops on its
    own, by the length of its step: close to the root rounding blurs the sign.

    Parameters
    ----------
    contents : callable
        Contents and their slope, from the logarithms of times and the places of the elements
        meant.
    capacity : ndarray
        What the contents have to be.
    start : ndarray
        A guess at each logarithm.

    References
    ----------
    .. [1] W. H. Press et al., "Numerical recipes", 3rd ed., 2007, sec. 9.4 (Newton's method
       within bounds).

    Examples
    --------
    >>> def twice(log_time: Array, at: Places) -> tuple[Array, Array]:
    ...     return 2 * np.exp(log_time), 2 * np.exp(log_time)
    >>> np.exp(solve(twice, np.array([6.0]), np.array([0.0]))).round(6)
    array([3.])
    """
    log_time = start.astype(float)
    low, high = np.full(start.shape, -np.inf), np.full(start.shape, np.inf)
    at = np.arange(start.size)
    for _ in range(STEPS):
        if not at.size:
            break
        here = log_time[at]
        value, slope = contents(here, at)
        gap = np.log(capacity[at] / value)
        # without a slope: all but a rounding error fits, or a plateau that has to be crossed
        flat = np.where(np.abs(gap) > ROUNDING, np.sign(gap) * np.inf, 0.0)
        step = np.where(slope > 0, gap * value / slope, flat)
        low[at] = np.where(gap > 0, here, low[at])
        high[at] = np.where(gap < 0, here, high[at])
        there = here + np.clip(step, -3.0, 3.0)
        outside = (there <= low[at]) | (there >= high[at])
        middle = 0.5 * (low[at] + high[at])
        small = np.abs(step) <= SMALL_STEP
        log_time[at] = np.where(outside & ~small & np.isfinite(middle), middle, there)
        at = at[~small & (high[at] - low[at] > 1e-15 * np.abs(here))]
    return log_time


def partial(
    capacity: Array, objects: Array, exponent: Array, valid: Mask
) -> tuple[Array, Array, Places, Array]:
    """Hit ratios and times of caches that hold nothing or all, the others' places and N.

    Parameters
    ----------
    capacity, objects, exponent : ndarray
        Of one shape.
    valid : ndarray of bool
        Where what else there is lies in its domain.

    References
    ----------
    .. [1] R. Fagin, "Asymptotic miss ratios over independent references", J. Comput. Syst.
       Sci. 14, 1977.

    Examples
    --------
    >>> ends = partial(np.array([0.0, 1.0, 3.0]), np.full(3, 3.5), np.ones(3), np.full(3, True))
    >>> ends[0], ends[2]
    (array([0., 1., 1.]), array([1]))
    """
    number = np.floor(objects)
    valid = valid & (capacity >= 0) & (number >= 1) & (number < np.inf)
    valid = valid & (exponent >= 0) & (exponent < np.inf)
    hit = np.where(valid, np.where(capacity > 0, 1.0, 0.0), np.nan)
    time = np.where(valid, np.where(capacity > 0, np.inf, 0.0), np.nan)
    return hit, time, np.flatnonzero(valid & (capacity > 0) & (capacity < number)), number


def solved(
    occupancy: Occupancy,
    capacity: Array,
    objects: Array,
    exponent: Array,
    *parameters: Array,
    valid: Mask,
    steepness: Array | float = 1.0,
) -> tuple[Array, Array]:
    """Hit ratio and time of a policy, given for which share of the time it keeps an object.

    Parameters
    ----------
    occupancy : callable
        That share and its slope in the logarithm, from the requests pT and further parameters.
    capacity, objects, exponent : ndarray
        Flat and of one length.
    *parameters : ndarray
        Passed on, as columns.
    valid : ndarray of bool
        Where they lie in their domain.
    steepness : array_like
        As for :func:`groups`.

    References
    ----------
    .. [1] V. Martina, M. Garetto, E. Leonardi, "A unified approach to the performance analysis
       of caching systems", Proc. INFOCOM 2014.

    Examples
    --------
    >>> def random(requests: Array) -> tuple[Array, Array]:
    ...     return requests / (1 + requests), requests / (1 + requests) ** 2
    >>> place = np.array([1e3]), np.array([1e4]), np.array([1.0])
    >>> solved(random, *place, valid=np.array([True]))[0].round(4)
    array([0.6309])
    """
    hit, time, part, number = partial(capacity, objects, exponent, valid)
    steep = np.broadcast_to(steepness, capacity.shape)[part]
    for at, ranks in groups(number[part], exponent[part], steep):
        place = part[at]
        columns = [parameter[place, np.newaxis] for parameter in parameters]
        hit[place], time[place] = _solved(occupancy, ranks, capacity[place], columns)
    return hit, time


def _solved(
    occupancy: Occupancy, ranks: Ranks, capacity: Array, columns: list[Array]
) -> tuple[Array, Array]:
    def contents(log_time: Array, at: Places) -> tuple[Array, Array]:
        there, slope = occupancy(ranks.requests(log_time, at), *(each[at] for each in columns))
        return ranks.objects(there, at), ranks.objects(slope, at)

    log_time = solve(contents, capacity, np.log(capacity))
    there = occupancy(ranks.requests(log_time), *columns)[0]
    return np.clip(ranks.per_request(there), 0.0, 1.0), np.exp(log_time)
