"""M/M/1: Poisson arrivals, exponential service, one FCFS server; M/M/c with c = 1."""

from __future__ import annotations

from capcalc.theory.arrays import Numbers
from capcalc.theory.queues import mmc


def utilization(arrival_rate: Numbers, service_rate: Numbers) -> Numbers:
    r"""Share of time that the server is busy, :math:`\rho = \lambda / \mu`.

    Parameters
    ----------
    arrival_rate, service_rate : array_like
        :math:`\lambda` and :math:`\mu`. [1/s]

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 3.2.

    Examples
    --------
    >>> float(utilization(8, 10))
    0.8
    """
    return mmc.utilization(arrival_rate, service_rate, 1.0)


def prob_wait(arrival_rate: Numbers, service_rate: Numbers) -> Numbers:
    r"""Share of arrivals that wait, :math:`\rho`; 1 when saturated.

    Parameters
    ----------
    arrival_rate, service_rate : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 3.2.

    Examples
    --------
    >>> round(float(prob_wait(8, 10)), 12)
    0.8
    """
    return mmc.prob_wait(arrival_rate, service_rate, 1.0)


def mean_wait(arrival_rate: Numbers, service_rate: Numbers) -> Numbers:
    r"""Mean time in queue, :math:`W_q = \rho / (\mu - \lambda)`. [s]

    Parameters
    ----------
    arrival_rate, service_rate : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 3.2.

    Examples
    --------
    >>> round(float(mean_wait(8, 10)), 12)
    0.4
    """
    return mmc.mean_wait(arrival_rate, service_rate, 1.0)


def mean_response(arrival_rate: Numbers, service_rate: Numbers) -> Numbers:
    r"""Mean time from arrival to departure, :math:`W = 1 / (\mu - \lambda)`. [s]

    Parameters
    ----------
    arrival_rate, service_rate : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 3.2.

    Examples
    --------
    >>> round(float(mean_response(8, 10)), 12)
    0.5
    """
    return mmc.mean_response(arrival_rate, service_rate, 1.0)


def mean_queue_length(arrival_rate: Numbers, service_rate: Numbers) -> Numbers:
    r"""Mean number waiting, :math:`L_q = \rho^2 / (1 - \rho)`.

    Parameters
    ----------
    arrival_rate, service_rate : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 3.2.

    Examples
    --------
    >>> round(float(mean_queue_length(8, 10)), 12)
    3.2
    """
    return mmc.mean_queue_length(arrival_rate, service_rate, 1.0)


def mean_number(arrival_rate: Numbers, service_rate: Numbers) -> Numbers:
    r"""Mean number in the system, :math:`L = \rho / (1 - \rho)`.

    Parameters
    ----------
    arrival_rate, service_rate : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 3.2.

    Examples
    --------
    >>> round(float(mean_number(8, 10)), 12)
    4.0
    """
    return mmc.mean_number(arrival_rate, service_rate, 1.0)


def wait_cdf(time: Numbers, arrival_rate: Numbers, service_rate: Numbers) -> Numbers:
    r"""Probability of waiting at most ``time``, :math:`1 - \rho e^{-(\mu-\lambda)t}`.

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
    >>> round(float(wait_cdf(0, 8, 10)), 12)
    0.2
    """
    return mmc.wait_cdf(time, arrival_rate, service_rate, 1.0)


def wait_quantile(p: Numbers, arrival_rate: Numbers, service_rate: Numbers) -> Numbers:
    r"""The wait that a share ``p`` does not exceed, :math:`\ln(\rho/(1-p)) / (\mu-\lambda)`. [s]

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
    1.039721
    """
    return mmc.wait_quantile(p, arrival_rate, service_rate, 1.0)


def response_cdf(time: Numbers, arrival_rate: Numbers, service_rate: Numbers) -> Numbers:
    r"""Probability of a response within ``time``, :math:`1 - e^{-(\mu-\lambda)t}`.

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
    0.632121
    """
    return mmc.response_cdf(time, arrival_rate, service_rate, 1.0)


def response_quantile(p: Numbers, arrival_rate: Numbers, service_rate: Numbers) -> Numbers:
    r"""The response that a share ``p`` does not exceed, :math:`-\ln(1-p) / (\mu-\lambda)`. [s]

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
    >>> round(float(response_quantile(0.99, 8, 10)), 6)
    2.302585
    """
    return mmc.response_quantile(p, arrival_rate, service_rate, 1.0)
