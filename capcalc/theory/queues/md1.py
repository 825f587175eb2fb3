"""M/D/1: Poisson arrivals, every service as long as any other, one FCFS server."""

from __future__ import annotations

from capcalc.theory.arrays import Numbers
from capcalc.theory.queues import mg1


def utilization(arrival_rate: Numbers, service_rate: Numbers) -> Numbers:
    r"""Share of time that the server is busy, :math:`\rho = \lambda E S`.

    Parameters
    ----------
    arrival_rate, service_rate : array_like
        :math:`\lambda` and :math:`\mu`. [1/s]

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.2.

    Examples
    --------
    >>> round(float(utilization(8, 10)), 6)
    0.8
    """
    return mg1.utilization(arrival_rate, service_rate, 0.0)


def prob_wait(arrival_rate: Numbers, service_rate: Numbers) -> Numbers:
    r"""Share of arrivals that wait, :math:`\rho`; 1 when saturated.

    Parameters
    ----------
    arrival_rate, service_rate : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.3.

    Examples
    --------
    >>> round(float(prob_wait(8, 10)), 6)
    0.8
    """
    return mg1.prob_wait(arrival_rate, service_rate, 0.0)


def mean_wait(arrival_rate: Numbers, service_rate: Numbers) -> Numbers:
    r"""Mean time in queue by Pollaczek and Khinchine, exact. [s]

    Parameters
    ----------
    arrival_rate, service_rate : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.6.

    Examples
    --------
    >>> round(float(mean_wait(8, 10)), 6)
    0.2
    """
    return mg1.mean_wait(arrival_rate, service_rate, 0.0)


def mean_response(arrival_rate: Numbers, service_rate: Numbers) -> Numbers:
    r"""Mean time from arrival to departure, exact. [s]

    Parameters
    ----------
    arrival_rate, service_rate : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.6.

    Examples
    --------
    >>> round(float(mean_response(8, 10)), 6)
    0.3
    """
    return mg1.mean_response(arrival_rate, service_rate, 0.0)


def mean_queue_length(arrival_rate: Numbers, service_rate: Numbers) -> Numbers:
    r"""Mean number waiting, :math:`L_q = \lambda W_q`.

    Parameters
    ----------
    arrival_rate, service_rate : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.6.

    Examples
    --------
    >>> round(float(mean_queue_length(8, 10)), 6)
    1.6
    """
    return mg1.mean_queue_length(arrival_rate, service_rate, 0.0)


def mean_number(arrival_rate: Numbers, service_rate: Numbers) -> Numbers:
    r"""Mean number waiting or served, :math:`L = \lambda W`.

    Parameters
    ----------
    arrival_rate, service_rate : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.6.

    Examples
    --------
    >>> round(float(mean_number(8, 10)), 6)
    2.4
    """
    return mg1.mean_number(arrival_rate, service_rate, 0.0)


def wait_cdf(time: Numbers, arrival_rate: Numbers, service_rate: Numbers) -> Numbers:
    r"""Probability of waiting at most ``time``, by inversion of the transform.

    Parameters
    ----------
    time : array_like
        [s]
    arrival_rate, service_rate : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.7.

    Examples
    --------
    >>> round(float(wait_cdf(0.5, 8, 10)), 6)
    0.899503
    """
    return mg1.wait_cdf(time, arrival_rate, service_rate, 0.0)


def wait_quantile(p: Numbers, arrival_rate: Numbers, service_rate: Numbers) -> Numbers:
    r"""The wait that a share ``p`` does not exceed; 0 up to :math:`1 - \rho`. [s]

    Parameters
    ----------
    p : array_like
        :math:`0 \le p < 1`.
    arrival_rate, service_rate : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.7.

    Examples
    --------
    >>> round(float(wait_quantile(0.9, 8, 10)), 6)
    0.501151
    """
    return mg1.wait_quantile(p, arrival_rate, service_rate, 0.0)


def response_cdf(time: Numbers, arrival_rate: Numbers, service_rate: Numbers) -> Numbers:
    r"""Probability of a response within ``time``, by inversion of the transform.

    Parameters
    ----------
    time : array_like
        [s]
    arrival_rate, service_rate : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.7.

    Examples
    --------
    >>> round(float(response_cdf(0.5, 8, 10)), 6)
    0.845375
    """
    return mg1.response_cdf(time, arrival_rate, service_rate, 0.0)


def response_quantile(p: Numbers, arrival_rate: Numbers, service_rate: Numbers) -> Numbers:
    r"""The response that a share ``p`` does not exceed. [s]

    Parameters
    ----------
    p : array_like
        :math:`0 \le p < 1`.
    arrival_rate, service_rate : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.7.

    Examples
    --------
    >>> round(float(response_quantile(0.9, 8, 10)), 6)
    0.601151
    """
    return mg1.response_quantile(p, arrival_rate, service_rate, 0.0)
