"""Gamma service times: any mean, any squared coefficient of variation."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from capcalc.theory.arrays import Numbers

Complex: TypeAlias = NDArray[np.complex128]


def transform(s: Complex, mean: Numbers, scv: Numbers) -> Complex:
    r"""Laplace-Stieltjes transform :math:`E e^{-sX}` of a gamma time.

    .. math:: (1 + c^2 m s)^{-1/c^2}, \qquad e^{-ms} \text{ for } c^2 = 0

    Relative error below 1e-14 for :math:`|{\log}\,E e^{-sX}| \le 1`, growing with that
    logarithm; the branch is cut along the negative axis left of :math:`-1/(c^2 m)`.

    Parameters
    ----------
    s : ndarray of complex
        Points, the axis of nodes first. [1/s]
    mean : array_like
        :math:`m \ge 0`, broadcast against the trailing axes of ``s``. [s]
    scv : array_like
        Squared coefficient of variation :math:`c^2 \ge 0`, broadcast likewise.

    Returns
    -------
    ndarray of complex
        ``nan`` where a parameter is out of its domain.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, app. I.3.

    Examples
    --------
    >>> transform(np.array([1.0 + 0j]), mean=2.0, scv=1.0).round(4)
    array([0.3333+0.j])
    """
    with np.errstate(all="ignore"):
        points = np.asarray(s, dtype=complex) * np.where(np.less(mean, 0), np.nan, mean)
        if np.ndim(scv) == 0:
            return _of_one_scv(points, np.asarray(scv, dtype=float))
        return _of_several(points, np.asarray(scv, dtype=float))


def _of_one_scv(points: Complex, scv: NDArray[np.float64]) -> Complex:
    """Where all elements share the shape."""
    if scv == 1:
        return np.asarray(1.0 / (1.0 + points))
    if scv == 0:
        return np.asarray(np.exp(-points))
    return _power(points, np.where(scv < 0, np.nan, scv))


def _of_several(points: Complex, scv: NDArray[np.float64]) -> Complex:
    """Each shape by its own form, compressed."""
    shape = np.broadcast_shapes(points.shape[1:], scv.shape)
    points = np.broadcast_to(points, points.shape[:1] + shape)
    scv = np.broadcast_to(scv, shape)
    result = np.empty(points.shape, dtype=complex)
    for value in (1.0, 0.0):
        same = scv == value
        result[:, same] = _of_one_scv(points[:, same], np.asarray(value))
    rest = (scv != 1) & (scv != 0)
    result[:, rest] = _power(points[:, rest], np.where(scv < 0, np.nan, scv)[rest])
    return result


def _power(points: Complex, scv: NDArray[np.float64]) -> Complex:
    """(1 + scv z)^(-1/scv), also for the smallest scv."""
    scaled = points * scv
    x, y = scaled.real, scaled.imag
    size = 0.5 * np.log1p(x * (2.0 + x) + y * y)
    return np.asarray(np.exp(-(size + 1j * np.arctan2(y, 1.0 + x)) / scv))
