"""The law of waits and responses in M/G/1 with gamma service, by inverting its transform."""

from __future__ import annotations

from math import comb, factorial
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
#: Fixed service: sums of fewer residual services than this are taken in closed form.
_SHARP = 10


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
    smooth, fixed = scv >= SMOOTH, (scv == 0) & (not served)
    ways = (
        (smooth, inversion.survival_by_hyperbola),
        (~smooth & ~fixed, inversion.survival_by_euler),
    )
    for part, invert in ways:
        if part.any():
            law = _Law(rate[part], speed[part], scv[part], served)
            tail[part], density[part] = law.scaled(*invert(law, time[part]))
    if fixed.any():
        tail[fixed], density[fixed] = _fixed(time[fixed], rate[fixed], speed[fixed])
    return np.clip(tail, 0.0, 1.0), density


def _fixed(time: Array, rate: Array, speed: Array) -> tuple[Array, Array]:
    """Wait for fixed services: n residual services, uniform, with probability (1 - rho) rho^n.

    The first n make the kinks and are summed exactly; what is left is smooth, and inverted.
    """
    law = _Rest(rate, speed, np.zeros(time.shape), served=False)
    tail, density = inversion.survival_by_euler(law, time)
    weight = law.busy**_SHARP
    tail, density = weight * tail, weight * density
    for number in range(_SHARP - 1, 0, -1):
        weight = law.idle * law.busy**number
        tail = tail + weight * _uniform_sum(number - time * speed, number, number)
        density = density + weight * speed * _uniform_sum(time * speed, number, number - 1)
    return tail, density


def _uniform_sum(x: Array, number: int, power: int) -> Array:
    """Irwin and Hall's law of a sum of uniform times: the cdf for power n, the density n - 1."""
    low = np.clip(np.minimum(x, number - x), 0.0, None)
    total = np.zeros(x.shape)
    for k in range(number // 2 + 1):
        step = np.where(low >= k, low - k, 0.0) ** power if power else 1.0 * (low >= k)
        total = total + (-1) ** k * comb(number, k) / factorial(power) * step
    inside = (x > 0) & (x < number)
    if power < number:
        return np.where(inside, total, 0.0)
    return np.where(
        x <= 0, 0.0, np.where(x >= number, 1.0, np.where(2 * x <= number, total, 1.0 - total))
    )


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


class _Rest(_Law):
    """The wait of those who meet many residual services: all of it but its kinks."""

    def __call__(self, s: Complex) -> Complex:
        """Transform at s."""
        _, residual, missing = self._service(s)
        return np.asarray(self.idle * residual**_SHARP / (self.idle + self.busy * missing))


def _missing(points: Complex, scv: Array) -> Complex:
    """1 - (1 - B) / (m s) by the moments of the service."""
    total = np.zeros(points.shape, dtype=complex)
    for j in range(_TERMS, 0, -1):
        total = points * (1.0 + j * scv) / (j + 1.0) * (1.0 - total)
    return total
