"""M/M/1/K: one server and K places in all; who comes when all are taken is lost."""

from __future__ import annotations

from capcalc.theory.arrays import Numbers
from capcalc.theory.queues import mmck


def utilization(arrival_rate: Numbers, service_rate: Numbers, capacity: Numbers) -> Numbers:
    r"""Share of time that the server is busy, :math:`1 - p_0`.

    Parameters
    ----------
    arrival_rate, service_rate : array_like
        :math:`\lambda` that come, :math:`\mu` of the server. [1/s]
    capacity : array_like
        :math:`K \ge 1`, places with the one in service, a whole number.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 2.4.

    Examples
    --------
    >>> round(float(utilization(1, 1, 10)), 6)
    0.909091
    """
    return mmck.utilization(arrival_rate, service_rate, 1.0, capacity)


def throughput(arrival_rate: Numbers, service_rate: Numbers, capacity: Numbers) -> Numbers:
    r"""Arrivals that are accepted, :math:`X = \lambda (1 - p_K)`. [1/s]

    Parameters
    ----------
    arrival_rate, service_rate, capacity : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 2.4.

    Examples
    --------
    >>> round(float(throughput(1, 1, 10)), 6)
    0.909091
    """
    return mmck.throughput(arrival_rate, service_rate, 1.0, capacity)


def prob_loss(arrival_rate: Numbers, service_rate: Numbers, capacity: Numbers) -> Numbers:
    r"""Share of arrivals that find all places taken, :math:`p_K = \rho^K / (1 + \dots + \rho^K)`.

    Parameters
    ----------
    arrival_rate, service_rate, capacity : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 2.4.

    Examples
    --------
    >>> round(float(prob_loss(1, 1, 10)), 6)
    0.090909
    """
    return mmck.prob_loss(arrival_rate, service_rate, 1.0, capacity)


def prob_wait(arrival_rate: Numbers, service_rate: Numbers, capacity: Numbers) -> Numbers:
    r"""Share of the accepted arrivals that find the server busy.

    Parameters
    ----------
    arrival_rate, service_rate, capacity : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 2.4.

    Examples
    --------
    >>> round(float(prob_wait(1, 1, 10)), 6)
    0.9
    """
    return mmck.prob_wait(arrival_rate, service_rate, 1.0, capacity)


def prob_empty(arrival_rate: Numbers, service_rate: Numbers, capacity: Numbers) -> Numbers:
    r"""Probability that nobody is there, :math:`p_0 = 1 / (1 + \dots + \rho^K)`.

    Parameters
    ----------
    arrival_rate, service_rate, capacity : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 2.4.

    Examples
    --------
    >>> round(float(prob_empty(1, 1, 10)), 6)
    0.090909
    """
    return mmck.prob_empty(arrival_rate, service_rate, 1.0, capacity)


def mean_wait(arrival_rate: Numbers, service_rate: Numbers, capacity: Numbers) -> Numbers:
    r"""Mean wait of the accepted arrivals. [s]

    Parameters
    ----------
    arrival_rate, service_rate, capacity : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 2.4.

    Examples
    --------
    >>> round(float(mean_wait(1, 1, 10)), 6)
    4.5
    """
    return mmck.mean_wait(arrival_rate, service_rate, 1.0, capacity)


def mean_response(arrival_rate: Numbers, service_rate: Numbers, capacity: Numbers) -> Numbers:
    r"""Mean time of the accepted arrivals. [s]

    Parameters
    ----------
    arrival_rate, service_rate, capacity : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 2.4.

    Examples
    --------
    >>> round(float(mean_response(1, 1, 10)), 6)
    5.5
    """
    return mmck.mean_response(arrival_rate, service_rate, 1.0, capacity)


def mean_queue_length(arrival_rate: Numbers, service_rate: Numbers, capacity: Numbers) -> Numbers:
    r"""Mean number waiting.

    Parameters
    ----------
    arrival_rate, service_rate, capacity : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 2.4.

    Examples
    --------
    >>> round(float(mean_queue_length(1, 1, 10)), 6)
    4.090909
    """
    return mmck.mean_queue_length(arrival_rate, service_rate, 1.0, capacity)


def mean_number(arrival_rate: Numbers, service_rate: Numbers, capacity: Numbers) -> Numbers:
    r"""Mean number waiting or served.

    Parameters
    ----------
    arrival_rate, service_rate, capacity : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 2.4.

    Examples
    --------
    >>> round(float(mean_number(1, 1, 10)), 6)
    5.0
    """
    return mmck.mean_number(arrival_rate, service_rate, 1.0, capacity)


def wait_cdf(
    time: Numbers, arrival_rate: Numbers, service_rate: Numbers, capacity: Numbers
) -> Numbers:
    r"""Probability that an accepted arrival waits at most ``time``.

    Parameters
    ----------
    time : array_like
        [s]
    arrival_rate, service_rate, capacity : array_like
        As for :func:`utilization`; ``nan`` for more than a million waiting places.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 2.4.

    Examples
    --------
    >>> round(float(wait_cdf(9.434601651411185, 1, 1, 10)), 6)
    0.9
    """
    return mmck.wait_cdf(time, arrival_rate, service_rate, 1.0, capacity)


def wait_quantile(
    p: Numbers, arrival_rate: Numbers, service_rate: Numbers, capacity: Numbers
) -> Numbers:
    r"""The wait that a share ``p`` of the accepted arrivals does not exceed. [s]

    Parameters
    ----------
    p : array_like
        :math:`0 \le p < 1`.
    arrival_rate, service_rate, capacity : array_like
        As for :func:`utilization`; ``nan`` for more than a million waiting places.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 2.4.

    Examples
    --------
    >>> round(float(wait_quantile(0.9, 1, 1, 10)), 6)
    9.434602
    """
    return mmck.wait_quantile(p, arrival_rate, service_rate, 1.0, capacity)


def response_cdf(
    time: Numbers, arrival_rate: Numbers, service_rate: Numbers, capacity: Numbers
) -> Numbers:
    r"""Probability that an accepted arrival is answered within ``time``.

    Parameters
    ----------
    time : array_like
        [s]
    arrival_rate, service_rate, capacity : array_like
        As for :func:`utilization`; ``nan`` for more than a million waiting places.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 2.4.

    Examples
    --------
    >>> round(float(response_cdf(0.1, 8, 10, 1)), 6)
    0.632121
    """
    return mmck.response_cdf(time, arrival_rate, service_rate, 1.0, capacity)


def response_quantile(
    p: Numbers, arrival_rate: Numbers, service_rate: Numbers, capacity: Numbers
) -> Numbers:
    r"""The time that a share ``p`` of the accepted arrivals does not exceed. [s]

    Parameters
    ----------
    p : array_like
        :math:`0 \le p < 1`.
    arrival_rate, service_rate, capacity : array_like
        As for :func:`utilization`; ``nan`` for more than a million waiting places.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 2.4.

    Examples
    --------
    >>> round(float(response_quantile(0.5, 8, 10, 1)), 6)
    0.069315
    """
    return mmck.response_quantile(p, arrival_rate, service_rate, 1.0, capacity)
