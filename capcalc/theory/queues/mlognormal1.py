"""M/G/1 with lognormal service: Poisson arrivals, one FCFS server, service with a long tail."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from capcalc.theory.arrays import Array, Numbers
from capcalc.theory.distributions import inversion, lognormal
from capcalc.theory.queues.single_server import Station


def utilization(arrival_rate: Numbers, service_rate: Numbers, scv: Numbers) -> Numbers:
    r"""Share of time that the server is busy, :math:`\rho = \lambda E S`.

    Parameters
    ----------
    arrival_rate, service_rate : array_like
        :math:`\lambda` and :math:`\mu`. [1/s]
    scv : array_like
        Squared coefficient of variation of the service, above 0.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.2.

    Examples
    --------
    >>> round(float(utilization(8, 10, 2)), 6)
    0.8
    """
    return _station(arrival_rate, service_rate, scv).utilization()


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
    >>> round(float(prob_wait(8, 10, 2)), 6)
    0.8
    """
    return _station(arrival_rate, service_rate, scv).prob_wait()


def mean_wait(arrival_rate: Numbers, service_rate: Numbers, scv: Numbers) -> Numbers:
    r"""Mean time in queue by Pollaczek and Khinchine, exact. [s]

    Parameters
    ----------
    arrival_rate, service_rate, scv : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.6.

    Examples
    --------
    >>> round(float(mean_wait(8, 10, 2)), 6)
    0.6
    """
    return _station(arrival_rate, service_rate, scv).mean_wait()


def mean_response(arrival_rate: Numbers, service_rate: Numbers, scv: Numbers) -> Numbers:
    r"""Mean time from arrival to departure, exact. [s]

    Parameters
    ----------
    arrival_rate, service_rate, scv : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.6.

    Examples
    --------
    >>> round(float(mean_response(8, 10, 2)), 6)
    0.7
    """
    return _station(arrival_rate, service_rate, scv).mean_response()


def mean_queue_length(arrival_rate: Numbers, service_rate: Numbers, scv: Numbers) -> Numbers:
    r"""Mean number waiting, :math:`L_q = \lambda W_q`.

    Parameters
    ----------
    arrival_rate, service_rate, scv : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.6.

    Examples
    --------
    >>> round(float(mean_queue_length(8, 10, 2)), 6)
    4.8
    """
    return _station(arrival_rate, service_rate, scv).mean_queue_length()


def mean_number(arrival_rate: Numbers, service_rate: Numbers, scv: Numbers) -> Numbers:
    r"""Mean number waiting or served, :math:`L = \lambda W`.

    Parameters
    ----------
    arrival_rate, service_rate, scv : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.6.

    Examples
    --------
    >>> round(float(mean_number(8, 10, 2)), 6)
    5.6
    """
    return _station(arrival_rate, service_rate, scv).mean_number()


def wait_cdf(time: Numbers, arrival_rate: Numbers, service_rate: Numbers, scv: Numbers) -> Numbers:
    r"""Probability of waiting at most ``time``, by inversion of the transform.

    Parameters
    ----------
    time : array_like
        [s]
    arrival_rate, service_rate, scv : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.7.

    Examples
    --------
    >>> round(float(wait_cdf(0.5, 8, 10, 2)), 6)
    0.625241
    """
    return _station(arrival_rate, service_rate, scv).wait_cdf(time)


def wait_quantile(
    p: Numbers, arrival_rate: Numbers, service_rate: Numbers, scv: Numbers
) -> Numbers:
    r"""The wait that a share ``p`` does not exceed; 0 up to :math:`1 - \rho`. [s]

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
    >>> round(float(wait_quantile(0.9, 8, 10, 2)), 6)
    1.626126
    """
    return _station(arrival_rate, service_rate, scv).wait_quantile(p)


def response_cdf(
    time: Numbers, arrival_rate: Numbers, service_rate: Numbers, scv: Numbers
) -> Numbers:
    r"""Probability of a response within ``time``, by inversion of the transform.

    Parameters
    ----------
    time : array_like
        [s]
    arrival_rate, service_rate, scv : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.7.

    Examples
    --------
    >>> round(float(response_cdf(0.5, 8, 10, 2)), 6)
    0.564902
    """
    return _station(arrival_rate, service_rate, scv).response_cdf(time)


def response_quantile(
    p: Numbers, arrival_rate: Numbers, service_rate: Numbers, scv: Numbers
) -> Numbers:
    r"""The response that a share ``p`` does not exceed. [s]

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
    >>> round(float(response_quantile(0.9, 8, 10, 2)), 6)
    1.742763
    """
    return _station(arrival_rate, service_rate, scv).response_quantile(p)


def _station(arrival_rate: Numbers, service_rate: Numbers, scv: Numbers) -> Station:
    speed, spread = np.broadcast_arrays(
        np.asarray(service_rate, dtype=float), np.asarray(scv, dtype=float)
    )
    with np.errstate(all="ignore"):
        good = (speed > 0) & (speed < np.inf) & (spread > 0) & (spread < np.inf)
        mean = np.where(good, 1.0 / speed, np.nan)

    def service(
        part: Mapping[str, Array], s: NDArray[np.complex128]
    ) -> tuple[NDArray[np.complex128], ...]:
        return lognormal.transforms(s, part["mean"], part["scv"])

    shape = np.broadcast_shapes(np.shape(arrival_rate), mean.shape)
    wide = {"mean": np.broadcast_to(mean, shape), "scv": np.broadcast_to(spread, shape)}
    return Station(arrival_rate, mean, spread, wide, service, inversion.survival_by_euler)
