"""The lognormal time and its transform, which has no closed form."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import special

from capcalc.theory.arrays import Array, Numbers, broadcast

Complex: TypeAlias = NDArray[np.complex128]

#: Points and reach of the trapezoidal rule, in standard deviations of the logarithm.
_STEP, _REACH = 0.125, 12.0
#: Nearer to 0 than this, in means and their spread, what is missing to 1 is integrated itself.
_NEAR = 1e-3


def parameters(mean: Numbers, scv: Numbers) -> tuple[Array, Array]:
    r"""Location and scale of the logarithm, :math:`\mu` and :math:`\sigma`.

    .. math:: \sigma^2 = \ln(1 + c^2), \qquad \mu = \ln m - \sigma^2 / 2

    Parameters
    ----------
    mean, scv : array_like
        :math:`m > 0` [s] and :math:`c^2 > 0`.

    Returns
    -------
    location, scale : ndarray

    References
    ----------
    .. [1] N. L. Johnson, S. Kotz, N. Balakrishnan, *Continuous Univariate Distributions, vol. 1*,
       2nd ed., Wiley, 1994, ch. 14.

    Examples
    --------
    >>> [float(each.round(6)) for each in parameters(1.0, 1.0)]
    [-0.346574, 0.832555]
    """
    time, spread = broadcast(mean, scv)
    with np.errstate(all="ignore"):
        good = (time > 0) & (spread > 0)
        variance = np.where(good, np.log1p(spread), np.nan)
        return np.log(np.where(good, time, np.nan)) - 0.5 * variance, np.sqrt(variance)


def transforms(s: Complex, mean: Array, scv: Array) -> tuple[Complex, Complex, Complex]:
    r"""Transforms of the time and of its residual time, and what the latter lacks to 1.

    .. math:: B(s) = \int e^{-s e^{\mu + \sigma z}} \varphi(z) \, dz

    along a level line through the saddle point :math:`z_0 = -W(s \sigma^2 e^\mu) / \sigma`, with
    Lambert's W, by the trapezoidal rule: nothing oscillates or cancels. Relative error 1e-12.

    Parameters
    ----------
    s : ndarray of complex
        Points with positive real part, the axis of nodes first. [1/s]
    mean, scv : ndarray
        As for :func:`parameters`.

    Returns
    -------
    time, residual, missing : ndarray of complex
        :math:`B`, :math:`B_e = (1 - B) / (m s)` and :math:`1 - B_e`.

    References
    ----------
    .. [1] S. Asmussen, J. L. Jensen, L. Rojas-Nandayapa, "On the Laplace transform of the
       lognormal distribution", Methodol. Comput. Appl. Probab. 18, 2016.

    Examples
    --------
    >>> time, _, _ = transforms(np.array([[1.0 + 0j]]), np.ones(1), np.ones(1))
    >>> time.real.round(6)
    array([[0.475058]])
    """
    location, scale = parameters(mean, scv)
    points = s * np.exp(location)
    lambert: Complex = special.lambertw(np.asarray(points * scale**2, dtype=np.complex128), 0)
    saddle = -lambert / scale
    total = np.zeros(s.shape, dtype=complex)
    steps = np.arange(-_REACH, _REACH + _STEP / 2, _STEP)
    for y in steps:
        total += np.exp(saddle / scale * np.exp(scale * y) - 0.5 * (saddle + y) ** 2)
    own = total * (_STEP / np.sqrt(2.0 * np.pi))
    residual = (1.0 - own) / (s * mean)
    missing = 1.0 - residual
    near = np.abs(s * mean) * np.maximum(1.0, scv) < _NEAR
    if near.any():
        wide = [np.broadcast_to(each, s.shape)[near] for each in (location, scale)]
        missing[near] = _missing(s[near], *wide)
        residual[near] = 1.0 - missing[near]
    return own, residual, missing


def _missing(s: Complex, location: Array, scale: Array) -> Complex:
    """1 - B_e as the mean of x / m (1 - (1 - e^-sx) / (sx)), weighted by length."""
    total = np.zeros(s.shape, dtype=complex)
    for y in np.arange(-_REACH, _REACH + _STEP / 2, _STEP):
        # length-biased lognormal: the logarithm is shifted by its variance
        u = s * np.exp(location + scale * (y + scale))
        small = np.abs(u) < 0.5
        series = np.zeros(s.shape, dtype=complex)
        for k in range(16, 0, -1):
            series = np.where(small, u / (k + 1.0) * (1.0 - series), 0.0)
        value = np.where(small, series, 1.0 + np.expm1(-u) / np.where(u == 0, 1.0, u))
        total += value * np.exp(-0.5 * y * y)
    return np.asarray(total * (_STEP / np.sqrt(2.0 * np.pi)))
