"""M/G/1: Poisson arrivals, general service, one FCFS server; gamma service for distributions."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Numbers, broadcast, spare_rate
from capcalc.theory.distributions import inversion
from capcalc.theory.queues import mgc, pollaczek_khinchine


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
    service (scv 0), whose law has kinks, the sums of few residual services are taken exactly.
    Then the absolute error is below 2e-11 as well, next to the kinks too.
    Nearly fixed service is worse than either: absolute errors up to 5e-9 at scv 0.001, 4e-6 at
    0.0001 and 2e-5 below.

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

    The transform of :func:`wait_cdf` times that of the service, or its shift by a fixed
    service; errors as there, but for nearly fixed
    service, where the response all but jumps: up to 2e-8 at scv 0.002, 2e-6 at 0.001, 0.004 at
    0.0001, and 0.05 within some per cent of the jump below.

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
    time, rate, speed, spread = broadcast(time, arrival_rate, service_rate, scv)
    result, fixed = np.empty(time.shape), spread == 0
    with np.errstate(all="ignore"):
        shifted = time - np.where(fixed, 1.0 / speed, 0.0)
    for part, served in ((~fixed, True), (fixed, False)):
        parameters = (rate[part], speed[part], spread[part])
        result[part] = _cdf(shifted[part], *parameters, served=served)
    return result[()]


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
    level, rate, speed, spread = broadcast(p, arrival_rate, service_rate, scv)
    result, fixed = np.empty(level.shape), spread == 0
    for part, served in ((~fixed, True), (fixed, False)):
        parameters = (rate[part], speed[part], spread[part])
        result[part] = _quantile(level[part], *parameters, served=served)
    with np.errstate(all="ignore"):
        return np.where(fixed & (level > 0), result + 1.0 / speed, result)[()]


def _cdf(time: Numbers, rate: Numbers, speed: Numbers, scv: Numbers, *, served: bool) -> Numbers:
    """All who wait take the conditional law, the others none or their service alone."""
    time, rate, speed, spread = broadcast(time, rate, speed, scv)
    busy = np.asarray(prob_wait(rate, speed, spread))
    with np.errstate(all="ignore"):
        stable = (spare_rate(rate, speed, 1.0) > 0) & np.isfinite(busy)
        result = np.where(np.isnan(busy + time), np.nan, 0.0)
        inside = stable & (time > 0)
        tail, _ = pollaczek_khinchine.survival(
            time[inside], rate[inside], speed[inside], spread[inside], served
        )
        # no less than those who do not wait at all
        result[inside] = np.clip(1.0 - tail, 0.0 if served else 1.0 - busy[inside], 1.0)
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
        lambda time: pollaczek_khinchine.survival(time, rates, speeds, spreads, served),
        level[some],
        mean[some],
    )
    return result[()]
