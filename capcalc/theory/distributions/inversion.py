"""Survival functions and quantiles of times by numerical inversion of their transforms."""

from __future__ import annotations

from collections.abc import Callable
from math import comb
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from capcalc.theory.arrays import Array, Numbers

Complex: TypeAlias = NDArray[np.complex128]
Transform: TypeAlias = Callable[[Complex], Complex]
Survival: TypeAlias = Callable[[Array], tuple[Array, Array]]

#: Damping of the Fourier series, and the number of interleaved series.
DAMPING, SERIES = 25.0, 2
#: A Newton step this small (relative to the time) is the last, as the next would be its square;
#: one of noise is the last if it is no smaller than half the one before.
CLOSE, NOISE = 1e-8, 1e-5
#: Rounds at most, and the part of the start below which a time is 0: the law has an atom there.
ROUNDS, VANISHING = 120, 1e-60
#: Partial sums that Euler's summation averages.
AVERAGED = 14


def survival_by_hyperbola(
    transform: Transform, time: Numbers, nodes: int = 16
) -> tuple[Array, Array]:
    r"""Survival function and density of a time, by a hyperbola around the negative axis.

    .. math:: S(t) = \frac{1}{2\pi i} \int e^{st} \, \frac{1 - F^*(s)}{s} \, ds
       \approx \frac1t \,\mathrm{Re} \sum_k w_k \frac{1 - F^*(z_k/t)}{z_k/t}

    The transform has to continue to the left half-plane, but for the negative axis: no fixed
    times, no jumps. Relative error with 16 nodes, from the median to the 99.9th percentile:
    2e-10 for gamma times of an scv from 0.05 to 10 and their sums with exponential ones of
    any size; 1e-7 to 1e-5 at scv 0.02; useless below 0.01. What counts is the scv of the sum
    where equal times are added.

    Parameters
    ----------
    transform : callable
        :math:`F^*(s) = E e^{-sT}` at an array of points [1/s] with the axis of nodes first and
        the axes of ``time`` after it.
    time : array_like
        :math:`t`. [s]
    nodes : int
        Evaluations for each time; 12 give some 1e-8.

    Returns
    -------
    survival, density : ndarray
        :math:`P(T > t)`, and the density [1/s]. At 0 the first is 1, the second undefined.

    References
    ----------
    .. [1] J. A. C. Weideman, L. N. Trefethen, "Parabolic and hyperbolic contours for computing
       the Bromwich integral", Math. Comp. 76, 2007, sec. 4.

    Examples
    --------
    >>> survival, density = survival_by_hyperbola(lambda s: 1 / (1 + s), np.array([1.0, 2.0]))
    >>> survival.round(8), density.round(8)
    (array([0.36787944, 0.13533528]), array([0.36787944, 0.13533528]))
    """
    step = 1.08179 / nodes
    u = (np.arange(nodes) + 0.5) * step
    z = 4.4921 * nodes * (1.0 + np.sin(1j * u - 1.17210))
    slope = 4.4921j * nodes * np.cos(1j * u - 1.17210)
    weights = np.exp(z) * slope * step / (np.pi * 1j)
    return _weighted(transform, np.asarray(time, dtype=float), z, weights)


def survival_by_euler(transform: Transform, time: Numbers, terms: int = 60) -> tuple[Array, Array]:
    r"""Survival function and density of a time, by a Fourier series on a line of :math:`\Re s > 0`.

    .. math:: S(t) \approx \frac{e^{A/2l}}{2lt} \sum_{k=-\infty}^{\infty}
       e^{i\pi k/l} \, \hat S\Bigl(\frac{A + 2\pi i k}{2lt}\Bigr), \qquad
       \hat S(s) = \frac{1 - F^*(s)}{s}

    with :math:`A = 25`, :math:`l = 2`, and Euler's summation of the alternating series. Nothing
    is asked of the left half-plane. Error, absolute and relative to :math:`S`, from the median
    to the 99.9th percentile: 1e-11 and 5e-11 for gamma times of an scv from 0.02 on; 3e-12 and
    2e-9 at 0.01; 2e-10 and 2e-8 at 0.005; 1e-6 and 1e-5 at 0.001. Next to a jump of the law
    the series overshoots: a fixed time that all take should be taken out first.

    Parameters
    ----------
    transform : callable
        As for :func:`survival_by_hyperbola`; called for positive real parts only.
    time : array_like
        :math:`t`. [s]
    terms : int
        Terms of each of the two series before the averaging; twice that and 31 evaluations.

    Returns
    -------
    survival, density : ndarray
        :math:`P(T > t)`, and the density [1/s]. At 0 the first is 1, the second undefined.

    References
    ----------
    .. [1] J. Abate, W. Whitt, "The Fourier-series method for inverting transforms of
       probability distributions", Queueing Systems 10, 1992, sec. 5.
    .. [2] G. L. Choudhury, D. M. Lucantoni, W. Whitt, "Multidimensional transform inversion
       with applications to the transient M/G/1 queue", Ann. Appl. Probab. 4, 1994, sec. 2.

    Examples
    --------
    >>> survival, density = survival_by_euler(lambda s: 1 / (1 + s), np.array([1.0, 2.0]))
    >>> survival.round(8), density.round(8)
    (array([0.36787944, 0.13533528]), array([0.36787944, 0.13533528]))
    """
    z, weights = _fourier(terms)
    return _weighted(transform, np.asarray(time, dtype=float), z, weights)


def _fourier(terms: int) -> tuple[Complex, Complex]:
    """Nodes and weights of the interleaved, Euler-summed Fourier series."""
    k = np.arange(terms + AVERAGED + 1)
    binomial = np.array([comb(AVERAGED, m) for m in range(AVERAGED + 1)], dtype=float)
    late = np.cumsum(binomial[::-1])[::-1] / 2.0**AVERAGED
    factor = (-1.0) ** k * np.concatenate([np.ones(terms), late])
    j = np.arange(1, SERIES + 1)[:, np.newaxis]
    damping = DAMPING / (2 * SERIES)
    z = damping + 1j * np.pi * (j / SERIES + k)
    weights = np.exp(damping + 1j * np.pi * j / SERIES) / SERIES * factor
    first = np.array([np.exp(damping) / (2 * SERIES)])
    return (
        np.concatenate([[damping + 0j], z.ravel()]),
        np.concatenate([first, weights.ravel()]),
    )


def _weighted(
    transform: Transform, time: Array, z: Complex, weights: Complex
) -> tuple[Array, Array]:
    """Sum over the nodes, in order, so that no element depends on its neighbours."""
    with np.errstate(all="ignore"):
        usable = (time > 0) & (time < np.inf)
        safe = np.where(usable, time, 1.0)
        s = z.reshape((-1,) + (1,) * time.ndim) / safe
        values = transform(s)
        survival, density = np.zeros(time.shape), np.zeros(time.shape)
        for k, weight in enumerate(weights):
            value = values[k]
            survival = survival + (weight / z[k] * (1.0 - value)).real
            density = density + (weight * value).real
        survival = np.where(usable, survival, _outside(time))
        return survival[()], np.where(usable, density / safe, np.nan)[()]


def _outside(time: Array) -> Array:
    """The survival where no transform is needed."""
    return np.where(time <= 0, 1.0, np.where(time == np.inf, 0.0, np.nan))


def quantile(survival: Survival, p: Numbers, start: Numbers) -> Numbers:
    r"""The time within which a share of all ends, :math:`S(t) = 1 - p`.

    .. math:: t \leftarrow t + \frac{S(t)}{f(t)} \log \frac{S(t)}{1 - p}

    Newton's method on the logarithm of the tail, exact in one step for an exponential time, kept
    in a bracket; element by element, some 4 to 6 evaluations. As accurate as the survival.

    Parameters
    ----------
    survival : callable
        Survival and density [1/s] at an array of times [s] of the result's shape.
    p : array_like
        Level.
    start : array_like
        A positive time of the order of the result; ``nan`` elements stay so. [s]

    Returns
    -------
    float or ndarray
        Seconds; 0 for the levels up to an atom at 0, 0 and ``inf`` for the levels 0 and 1,
        ``nan`` for others out of range.

    References
    ----------
    .. [1] W. H. Press, S. A. Teukolsky, W. T. Vetterling, B. P. Flannery, *Numerical Recipes*,
       3rd ed., Cambridge University Press, 2007, sec. 9.4.

    Examples
    --------
    >>> quantile(lambda t: (np.exp(-t), np.exp(-t)), np.array([0.5, 0.99]), 1.0).round(6)
    array([0.693147, 4.60517 ])
    """
    level, time = np.broadcast_arrays(np.asarray(p, dtype=float), np.asarray(start, dtype=float))
    with np.errstate(all="ignore"):
        return _quantile(survival, level, time)[()]


def _quantile(survival: Survival, level: Array, start: Array) -> Array:
    """Newton on the logarithm of the tail, kept in a bracket; what has settled stays."""
    inside = (level > 0) & (level < 1) & (start > 0) & (start < np.inf)
    wanted = np.where(inside, 1.0 - level, 0.5)
    time = np.where(inside, start, 1.0)
    low, high = np.zeros(time.shape), np.full(time.shape, np.inf)
    last, going = high, inside
    for _ in range(ROUNDS):
        if not going.any():
            break
        tail, density = survival(time)
        above = tail > wanted
        low, high = np.where(above, time, low), np.where(above, high, time)
        newton = time + np.log(tail / wanted) * tail / density
        step = np.abs(newton - time) / time
        settled = (step < CLOSE) | ((step < NOISE) & (step > 0.5 * last))
        following = np.where(settled, newton, _inside(newton, low, high, time))
        time, last = np.where(going, following, time), step
        wide = (high == np.inf) | (high - low > 1e-15 * high)
        going = going & ~settled & wide & (time > VANISHING * start)
    time = np.where(time > VANISHING * start, time, 0.0)
    edge = np.where(level == 0, 0.0, np.where(level == 1, np.inf, np.nan))
    return np.where(inside, time, np.where(np.isnan(start), np.nan, edge))


def _inside(newton: Array, low: Array, high: Array, time: Array) -> Array:
    """Newton's point if it lies within the bracket and not too far off, else one that does."""
    good = (newton > low) & (newton < high) & (newton < 8.0 * time)
    middle = np.where(high > 4.0 * low, np.sqrt(low * high), 0.5 * (low + high))
    middle = np.where(low > 0, middle, 0.25 * high)
    return np.where(good, newton, np.where(high < np.inf, middle, 4.0 * time))
