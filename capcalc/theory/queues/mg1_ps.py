"""M/G/1-PS: Poisson arrivals, one server shared equally by all who are there."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Array, Numbers, broadcast, spare_rate
from capcalc.theory.queues import mmc


def utilization(arrival_rate: Numbers, service_rate: Numbers) -> Numbers:
    r"""Share of time that the server is busy, :math:`\rho = \lambda / \mu`.

    Parameters
    ----------
    arrival_rate, service_rate : array_like
        :math:`\lambda` and :math:`\mu`, one over the mean time of a job alone. [1/s]

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 2: Computer Applications*, Wiley, 1976, sec. 4.4.

    Examples
    --------
    >>> float(utilization(8, 10))
    0.8
    """
    return mmc.utilization(arrival_rate, service_rate, 1.0)


def mean_response(arrival_rate: Numbers, service_rate: Numbers) -> Numbers:
    r"""Mean time of a job, :math:`W = 1 / (\mu - \lambda)`, for any law of service. [s]

    The law of the response has no simple form: its mean does not depend on the law of service,
    its percentiles do, so that none are given.

    Parameters
    ----------
    arrival_rate, service_rate : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 2: Computer Applications*, Wiley, 1976, sec. 4.4.

    Examples
    --------
    >>> float(mean_response(8, 10))
    0.5
    """
    rate, speed = broadcast(arrival_rate, service_rate)
    spare = spare_rate(rate, speed, 1.0)
    with np.errstate(all="ignore"):
        time = np.where(spare > 0, 1.0 / spare, np.inf)
        return _valid(rate, speed, time)


def mean_response_of_size(size: Numbers, arrival_rate: Numbers, service_rate: Numbers) -> Numbers:
    r"""Mean time of a job that alone would take ``size``, :math:`x / (1 - \rho)`. [s]

    Parameters
    ----------
    size : array_like
        :math:`x \ge 0`. [s]
    arrival_rate, service_rate : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 2: Computer Applications*, Wiley, 1976, sec. 4.4.

    Examples
    --------
    >>> round(float(mean_response_of_size(0.05, 8, 10)), 12)
    0.25
    """
    own, rate, speed = broadcast(size, arrival_rate, service_rate)
    spare = spare_rate(rate, speed, 1.0)
    with np.errstate(all="ignore"):
        time = np.where(spare > 0, own * speed / spare, np.where(own == 0, 0.0, np.inf))
        return _valid(rate, speed, np.where(own >= 0, time, np.nan))


def mean_wait(arrival_rate: Numbers, service_rate: Numbers) -> Numbers:
    r"""Mean time that sharing adds to a job alone, :math:`\rho / (\mu - \lambda)`. [s]

    Parameters
    ----------
    arrival_rate, service_rate : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 2: Computer Applications*, Wiley, 1976, sec. 4.4.

    Examples
    --------
    >>> round(float(mean_wait(8, 10)), 12)
    0.4
    """
    rate, speed = broadcast(arrival_rate, service_rate)
    spare = spare_rate(rate, speed, 1.0)
    with np.errstate(all="ignore"):
        time = np.where(spare > 0, rate / speed / spare, np.inf)
        return _valid(rate, speed, time)


def mean_number(arrival_rate: Numbers, service_rate: Numbers) -> Numbers:
    r"""Mean number of jobs there, :math:`L = \rho / (1 - \rho)`.

    Parameters
    ----------
    arrival_rate, service_rate : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 2: Computer Applications*, Wiley, 1976, sec. 4.4.

    Examples
    --------
    >>> float(mean_number(8, 10))
    4.0
    """
    return mmc.held(arrival_rate, mean_response(arrival_rate, service_rate))


def _valid(rate: Array, speed: Array, value: Array) -> Numbers:
    with np.errstate(all="ignore"):
        good = (rate >= 0) & (speed > 0) & np.isfinite(rate) & np.isfinite(speed)
        return np.where(good, value, np.nan)[()]
