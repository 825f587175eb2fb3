"""M/G/1: Poisson arrivals, general service, one FCFS server; gamma service for distributions."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from capcalc.theory.arrays import Array, Numbers, broadcast, spare_rate
from capcalc.theory.distributions import gamma_service, inversion
from capcalc.theory.queues import mgc

Complex: TypeAlias = NDArray[np.complex128]

#: From this scv on the fast contour of the inversion holds, below it the Fourier series.
SMOOTH = 0.2
#: Points nearer to 0 than this, in mean services and their spread, take the series of moments.
_NEAR, _TERMS = 0.05, 14


def utilization(arrival_rate: Numbers, service_rate: Numbers, scv: Numbers) -> Numbers:
    r"""Share of time that the server is busy, :math:`\rho = \lambda / \mu`.

    Parameters
    ----------
    arrival_rate, service_rate : array_like
        :math:`\lambda` and :math:`\mu`. [1/s]
    scv : array_like
        Squared coefficient of variation :math:`c_s^2 \ge 0` of the service time.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.2.

    Examples
    --------
    >>> float(utilization(8, 10, 4))
    0.8
    """
    return mgc.utilization(arrival_rate, service_rate, 1.0, scv)


def prob_wait(arrival_rate: Numbers, service_rate: Numbers, scv: Numbers) -> Numbers:
    r"""Share of arrivals that wait, :math:`\rho`; 1 when saturated.

    Parameters
    ----------
    arrival_rate, service_rate, scv : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.3.

    Examples
    --------
    >>> round(float(prob_wait(8, 10, 4)), 12)
    0.8
    """
    return mgc.prob_wait(arrival_rate, service_rate, 1.0, scv)


def mean_wait(arrival_rate: Numbers, service_rate: Numbers, scv: Numbers) -> Numbers:
    r"""Mean time in queue by Pollaczek and Khinchine, exact for any service law. [s]

    .. math:: W_q = \frac{1 + c_s^2}{2} \, \frac{\rho}{\mu - \lambda}

    Parameters
    ----------
    arrival_rate, service_rate, scv : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.6, eq. 5.69.

    Examples
    --------
    >>> round(float(mean_wait(8, 10, 4)), 12)
    1.0
    """
    return mgc.mean_wait(arrival_rate, service_rate, 1.0, scv)


def mean_response(arrival_rate: Numbers, service_rate: Numbers, scv: Numbers) -> Numbers:
    r"""Mean time from arrival to departure, :math:`W = W_q + 1/\mu`, exact. [s]

    Parameters
    ----------
    arrival_rate, service_rate, scv : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.6.

    Examples
    --------
    >>> round(float(mean_response(8, 10, 4)), 12)
    1.1
    """
    return mgc.mean_response(arrival_rate, service_rate, 1.0, scv)


def mean_queue_length(arrival_rate: Numbers, service_rate: Numbers, scv: Numbers) -> Numbers:
    r"""Mean number waiting, :math:`L_q = \lambda W_q` (Little), exact.

    Parameters
    ----------
    arrival_rate, service_rate, scv : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] J. D. C. Little, "A proof for the queuing formula L = lambda W", Oper. Res. 9, 1961.

    Examples
    --------
    >>> round(float(mean_queue_length(8, 10, 4)), 12)
    8.0
    """
    return mgc.mean_queue_length(arrival_rate, service_rate, 1.0, scv)


def mean_number(arrival_rate: Numbers, service_rate: Numbers, scv: Numbers) -> Numbers:
    r"""Mean number waiting or served, :math:`L = \lambda W` (Little), exact.

    Parameters
    ----------
    arrival_rate, service_rate, scv : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] J. D. C. Little, "A proof for the queuing formula L = lambda W", Oper. Res. 9, 1961.

    Examples
    --------
    >>> round(float(mean_number(8, 10, 4)), 12)
    8.8
    """
    return mgc.mean_number(arrival_rate, service_rate, 1.0, scv)


def wait_cdf(time: Numbers, arrival_rate: Numbers, service_rate: Numbers, scv: Numbers) -> Numbers:
    r"""Probability that an arrival waits at most ``time``, for gamma service.

    The inverse of Pollaczek and Khinchine's transform, with :math:`B` that of the service:

    .. math:: E e^{-s W_q} = \frac{(1 - \rho) s}{s - \lambda (1 - B(s))}

    Measured against 30-digit inversion: relative error of the tail below 2e-10 from the median
    to 99.9 % for scv from 0.2 on, absolute error below 2e-11 for scv 0.02 to 0.2. For fixed
    service (scv 0) the law has kinks at multiples of the service time, where the series is off
    by up to 5e-4 in probability within 1 % of the first, 1e-5 at 10 %, 2e-6 farther off.

    Parameters
    ----------
    time : array_like
        [s]
    arrival_rate, service_rate, scv : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.7, eq. 5.105.

    Examples
    --------
    >>> round(float(wait_cdf(0.5, 8, 10, 1)), 6)
    0.705696
    """
    return _cdf(time, arrival_rate, service_rate, scv, served=False)


def wait_quantile(
    p: Numbers, arrival_rate: Numbers, service_rate: Numbers, scv: Numbers
) -> Numbers:
    r"""The wait that a share ``p`` does not exceed, for gamma service; 0 up to 1 - rho. [s]

    Parameters
    ----------
    p : array_like
        :math:`0 \le p < 1`.
    arrival_rate, service_rate, scv : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.7.

    Examples
    --------
    >>> round(float(wait_quantile(0.9, 8, 10, 1)), 6)
    1.039721
    """
    return _quantile(p, arrival_rate, service_rate, scv, served=False)


def response_cdf(
    time: Numbers, arrival_rate: Numbers, service_rate: Numbers, scv: Numbers
) -> Numbers:
    r"""Probability of a response within ``time``, for gamma service.

    The transform of :func:`wait_cdf` times that of the service; errors as there.

    Parameters
    ----------
    time : array_like
        [s]
    arrival_rate, service_rate, scv : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.7, eq. 5.100.

    Examples
    --------
    >>> round(float(response_cdf(0.5, 8, 10, 1)), 6)
    0.632121
    """
    return _cdf(time, arrival_rate, service_rate, scv, served=True)


def response_quantile(
    p: Numbers, arrival_rate: Numbers, service_rate: Numbers, scv: Numbers
) -> Numbers:
    r"""The response that a share ``p`` does not exceed, for gamma service. [s]

    Parameters
    ----------
    p : array_like
        :math:`0 \le p < 1`.
    arrival_rate, service_rate, scv : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.7.

    Examples
    --------
    >>> round(float(response_quantile(0.99, 8, 10, 1)), 6)
    2.302585
    """
    return _quantile(p, arrival_rate, service_rate, scv, served=True)


def _cdf(time: Numbers, rate: Numbers, speed: Numbers, scv: Numbers, *, served: bool) -> Numbers:
    """All who wait take the conditional law, the others none or their service alone."""
    time, rate, speed, spread = broadcast(time, rate, speed, scv)
    busy = np.asarray(prob_wait(rate, speed, spread))
    with np.errstate(all="ignore"):
        stable = (spare_rate(rate, speed, 1.0) > 0) & np.isfinite(busy)
        result = np.where(np.isnan(busy + time), np.nan, 0.0)
        inside = stable & (time > 0)
        tail, _ = _survival(time[inside], rate[inside], speed[inside], spread[inside], served)
        result[inside] = 1.0 - tail
        at_once = stable & (time == 0) & (not served)
        result[at_once] = 1.0 - busy[at_once]
    return result[()]


def _quantile(p: Numbers, rate: Numbers, speed: Numbers, scv: Numbers, *, served: bool) -> Numbers:
    level, rate, speed, spread = broadcast(p, rate, speed, scv)
    mean = np.asarray(mean_response(rate, speed, spread))
    busy = np.asarray(prob_wait(rate, speed, spread))
    good = (level >= 0) & (level < 1) & ~np.isnan(mean)
    result = np.where(good, np.inf, np.nan)
    zero = good & ((level == 0) | (level <= 1.0 - busy) & (not served)) & np.isfinite(mean)
    result[zero] = 0.0
    some = good & np.isfinite(mean) & ~zero
    rates, speeds, spreads = rate[some], speed[some], spread[some]
    result[some] = inversion.quantile(
        lambda time: _survival(time, rates, speeds, spreads, served), level[some], mean[some]
    )
    return result[()]


def _survival(
    time: Array, rate: Array, speed: Array, scv: Array, served: bool
) -> tuple[Array, Array]:
    """Tail and density: the contour where service is spread out, else the Fourier series."""
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
