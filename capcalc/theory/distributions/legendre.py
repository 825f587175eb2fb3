"""Laplace integrals of smooth pieces: Legendre expansion, exponential integrated exactly."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from capcalc.theory.arrays import Array

Complex: TypeAlias = NDArray[np.complex128]

#: Nodes of a panel, and their Gauss-Legendre weights.
ORDER = 16
NODES, WEIGHTS = np.polynomial.legendre.leggauss(ORDER)
#: Elements at a time.
BLOCK = 8
#: Coefficients of the Legendre expansion from values at the nodes.
_EXPAND = (
    (np.arange(ORDER) + 0.5)[:, np.newaxis]
    * WEIGHTS
    * np.polynomial.legendre.legvander(NODES, ORDER - 1).T
)
#: From this modulus on the recurrence of the moments runs upwards.
UPWARDS = 3.0
_DEEP = 24


def in_order(values: Array, weights: Array | None = None) -> Array:
    """Weighted sum over the first axis, in the order of that axis."""
    total = np.zeros(values.shape[1:])
    for position, value in enumerate(values):
        total = total + (value if weights is None else weights[position] * value)
    return total


def laplace(s: Complex, ends: Array, values: Array) -> Complex:
    r"""Integral of :math:`e^{-st} f(t)` over consecutive panels.

    Parameters
    ----------
    s : ndarray of complex
        Points with positive real part, of shape (points, elements).
    ends : ndarray
        Ends of the panels, of shape (panels + 1, elements).
    values : ndarray
        f at the nodes of the panels, of shape (ORDER, panels, elements).

    Returns
    -------
    ndarray of complex
        Of the shape of ``s``.
    """
    half = 0.5 * np.diff(ends, axis=0)[:, np.newaxis]
    z = s * half
    decay = np.exp(-s * ends[:, np.newaxis])
    sums: Complex = np.empty(z.shape, dtype=complex)
    coefficients = _expansion(values)
    shape = (ORDER, *z.shape)
    spread = np.broadcast_to(coefficients[:, :, np.newaxis], shape)
    large = np.abs(z) >= UPWARDS
    for mask, way in ((large, _upwards), (~large, _downwards)):
        sums[mask] = way(z[mask], decay[:-1][mask], decay[1:][mask], spread[:, mask])
    sums *= half
    return _total(sums)


def _expansion(values: Array) -> Array:
    """Legendre coefficients of every panel."""
    result = np.zeros(values.shape)
    for weights, value in zip(_EXPAND.T, values, strict=True):
        result = result + weights[:, np.newaxis, np.newaxis] * value
    return result


def _total(sums: Complex) -> Complex:
    total = np.zeros(sums.shape[1:], dtype=complex)
    for value in sums:
        total = total + value
    return total


def _upwards(z: Complex, first: Complex, last: Complex, coefficients: Array) -> Complex:
    """Moments of the Legendre polynomials by their recurrence from below."""
    inverse = 1.0 / z
    before = (first - last) * inverse
    moment = (before - (first + last)) * inverse
    total = coefficients[0] * before + coefficients[1] * moment
    for n in range(1, ORDER - 1):
        before, moment = moment, before + (2 * n + 1) * inverse * moment
        total = total + coefficients[n + 1] * moment
    return np.asarray(total)


def _downwards(z: Complex, first: Complex, _: Complex, coefficients: Array) -> Complex:
    """Moments by the ratios of neighbours, from far above, where z is small."""
    ratios: list[Complex] = []
    ratio = np.zeros(z.shape, dtype=complex)
    for n in range(_DEEP, -1, -1):
        ratio = z / (2 * n + 3 + z * ratio)
        ratios.append(ratio)
    some = z != 0
    safe = np.where(some, z, 1.0)
    # twice exp(-s middle) sinh(z) / z, whose two exponentials nearly cancel for small z
    middle = np.where(some, first * -np.expm1(-2.0 * safe) / safe, 2.0 * first)
    moment = middle
    total = coefficients[0] * moment
    for n in range(ORDER - 1):
        moment = -moment * ratios[_DEEP - n]
        total = total + coefficients[n + 1] * moment
    return np.asarray(total)
