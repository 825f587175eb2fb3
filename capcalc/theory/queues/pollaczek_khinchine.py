"""The law of waits and responses in M/G/1 with gamma service, by inverting its transform."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from capcalc.theory.arrays import Array, spare_rate
from capcalc.theory.distributions import gamma_service, inversion

Complex: TypeAlias = NDArray[np.complex128]

#: From this scv on the fast contour of the inversion holds, below it the Fourier series.
SMOOTH = 0.2
#: Points nearer to 0 than this, in mean services and their spread, take the series of moments.
_NEAR, _TERMS = 0.05, 14


def survival(
    time: Array, rate: Array, speed: Array, scv: Array, served: bool
) -> tuple[Array, Array]:
    r"""Tail and density of the wait, or of the response if ``served``, of stable M/G/1 queues.

    .. math:: E e^{-s W_q} = \frac{(1 - \rho) s}{s - \lambda (1 - B(s))}

    Parameters
    ----------
    time : ndarray
        :math:`t > 0`, flat like all others. [s]
    rate, speed : ndarray
        :math:`\lambda < \mu`. [1/s]
    scv : ndarray
        Of the service time, :math:`\ge 0`.
    served : bool
        The response instead of the wait.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.7, eq. 5.105.

    Examples
    --------
    >>> one = np.array([1.0])
    >>> survival(one, 0.5 * one, one, one, served=True)[0].round(6)
    array([0.606531])
    """
    tail, density = np.empty(time.shape), np.empty(time.shape)
    smooth = scv >= SMOOTH
    ways = ((smooth, inversion.survival_by_hyperbola), (~smooth, inversion.survival_by_euler))
    for part, invert in ways:
        if part.any():
            law = _Law(rate[part], speed[part], scv[part], served)
            tail[part], density[part] = law.scaled(*invert(law, time[part]))
    return np.clip(tail, 0.0, 1.0), density


class _Law:
    """The wait of those who wait, or everybody's response, as a transform."""

    def __init__(self, rate: Array, speed: Array, scv: Array, served: bool) -> None:
        self.mean, self.scv, self.served = 1.0 / speed, scv, served
        self.busy = rate / speed
        self.idle = spare_rate(rate, speed, 1.0) / speed

    def __call__(self, s: Complex) -> Complex:
        """Transform at s; no cancellation near saturation, where s is next to 0."""
        service, residual, missing = self._service(s)
        below = self.idle + self.busy * missing
        if self.served:
            return np.asarray(self.idle / below * service)
        return np.asarray(self.idle * residual / below)

    def scaled(self, tail: Array, density: Array) -> tuple[Array, Array]:
        """Of all arrivals: only a share rho waits."""
        share = 1.0 if self.served else self.busy
        return share * tail, share * density

    def _service(self, s: Complex) -> tuple[Complex, Complex, Complex]:
        """B(s), the residual service (1 - B) / (m s), and what that lacks to 1."""
        points = s * self.mean
        service = gamma_service.transform(s, self.mean, self.scv)
        residual = (1.0 - service) / points
        missing = 1.0 - residual
        near = np.abs(points) * np.maximum(1.0, self.scv) < _NEAR
        if near.any():
            spread = np.broadcast_to(self.scv, points.shape)[near]
            missing[near] = _missing(points[near], spread)
            residual[near] = 1.0 - missing[near]
        return service, residual, missing


def _missing(points: Complex, scv: Array) -> Complex:
    """1 - (1 - B) / (m s) by the moments of the service."""
    total = np.zeros(points.shape, dtype=complex)
    for j in range(_TERMS, 0, -1):
        total = points * (1.0 + j * scv) / (j + 1.0) * (1.0 - total)
    return total
