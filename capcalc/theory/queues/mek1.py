"""M/E_k/1: Poisson arrivals, Erlang service of k stages, one FCFS server."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Numbers
from capcalc.theory.queues import mg1


def utilization(arrival_rate: Numbers, service_rate: Numbers, stages: Numbers) -> Numbers:
    r"""Share of time that the server is busy, :math:`\rho = \lambda E S`.

    Parameters
    ----------
    arrival_rate, service_rate : array_like
        :math:`\lambda` and :math:`\mu`. [1/s]
    stages : array_like
        :math:`k \ge 1`, a whole number: the scv of the service is :math:`1/k`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.2.

    Examples
    --------
    >>> round(float(utilization(8, 10, 4)), 6)
    0.8
    """
    return mg1.utilization(arrival_rate, service_rate, _scv(stages))


def prob_wait(arrival_rate: Numbers, service_rate: Numbers, stages: Numbers) -> Numbers:
    r"""Share of arrivals that wait, :math:`\rho`; 1 when saturated.

    Parameters
    ----------
    arrival_rate, service_rate, stages : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.3.

    Examples
    --------
    >>> round(float(prob_wait(8, 10, 4)), 6)
    0.8
    """
    return mg1.prob_wait(arrival_rate, service_rate, _scv(stages))


def mean_wait(arrival_rate: Numbers, service_rate: Numbers, stages: Numbers) -> Numbers:
    r"""Mean time in queue by Pollaczek and Khinchine, exact. [s]

    Parameters
    ----------
    arrival_rate, service_rate, stages : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.6.

    Examples
    --------
    >>> round(float(mean_wait(8, 10, 4)), 6)
    0.25
    """
    return mg1.mean_wait(arrival_rate, service_rate, _scv(stages))


def mean_response(arrival_rate: Numbers, service_rate: Numbers, stages: Numbers) -> Numbers:
    r"""Mean time from arrival to departure, exact. [s]

    Parameters
    ----------
    arrival_rate, service_rate, stages : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.6.

    Examples
    --------
    >>> round(float(mean_response(8, 10, 4)), 6)
    0.35
    """
    return mg1.mean_response(arrival_rate, service_rate, _scv(stages))


def mean_queue_length(arrival_rate: Numbers, service_rate: Numbers, stages: Numbers) -> Numbers:
    r"""Mean number waiting, :math:`L_q = \lambda W_q`.

    Parameters
    ----------
    arrival_rate, service_rate, stages : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.6.

    Examples
    --------
    >>> round(float(mean_queue_length(8, 10, 4)), 6)
    2.0
    """
    return mg1.mean_queue_length(arrival_rate, service_rate, _scv(stages))


def mean_number(arrival_rate: Numbers, service_rate: Numbers, stages: Numbers) -> Numbers:
    r"""Mean number waiting or served, :math:`L = \lambda W`.

    Parameters
    ----------
    arrival_rate, service_rate, stages : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.6.

    Examples
    --------
    >>> round(float(mean_number(8, 10, 4)), 6)
    2.8
    """
    return mg1.mean_number(arrival_rate, service_rate, _scv(stages))


def wait_cdf(
    time: Numbers, arrival_rate: Numbers, service_rate: Numbers, stages: Numbers
) -> Numbers:
    r"""Probability of waiting at most ``time``, by inversion of the transform.

    Parameters
    ----------
    time : array_like
        [s]
    arrival_rate, service_rate, stages : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.7.

    Examples
    --------
    >>> round(float(wait_cdf(0.5, 8, 10, 4)), 6)
    0.842366
    """
    return mg1.wait_cdf(time, arrival_rate, service_rate, _scv(stages))


def wait_quantile(
    p: Numbers, arrival_rate: Numbers, service_rate: Numbers, stages: Numbers
) -> Numbers:
    r"""The wait that a share ``p`` does not exceed; 0 up to :math:`1 - \rho`. [s]

    Parameters
    ----------
    p : array_like
        :math:`0 \le p < 1`.
    arrival_rate, service_rate, stages : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.7.

    Examples
    --------
    >>> round(float(wait_quantile(0.9, 8, 10, 4)), 6)
    0.636022
    """
    return mg1.wait_quantile(p, arrival_rate, service_rate, _scv(stages))


def response_cdf(
    time: Numbers, arrival_rate: Numbers, service_rate: Numbers, stages: Numbers
) -> Numbers:
    r"""Probability of a response within ``time``, by inversion of the transform.

    Parameters
    ----------
    time : array_like
        [s]
    arrival_rate, service_rate, stages : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.7.

    Examples
    --------
    >>> round(float(response_cdf(0.5, 8, 10, 4)), 6)
    0.776439
    """
    return mg1.response_cdf(time, arrival_rate, service_rate, _scv(stages))


def response_quantile(
    p: Numbers, arrival_rate: Numbers, service_rate: Numbers, stages: Numbers
) -> Numbers:
    r"""The response that a share ``p`` does not exceed. [s]

    Parameters
    ----------
    p : array_like
        :math:`0 \le p < 1`.
    arrival_rate, service_rate, stages : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.7.

    Examples
    --------
    >>> round(float(response_quantile(0.9, 8, 10, 4)), 6)
    0.740454
    """
    return mg1.response_quantile(p, arrival_rate, service_rate, _scv(stages))


def _scv(stages: Numbers) -> Numbers:
    """One over the stages; ``nan`` where these are no whole number."""
    count = np.asarray(stages, dtype=float)
    with np.errstate(all="ignore"):
        good = (count >= 1) & (count == np.floor(count)) & np.isfinite(count)
        return np.where(good, 1.0 / count, np.nan)[()]
