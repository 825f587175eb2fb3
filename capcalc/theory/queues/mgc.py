"""M/G/c: Poisson arrivals, general service, c servers, one FCFS queue (an approximation)."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Numbers
from capcalc.theory.queues import mmc


def utilization(
    arrival_rate: Numbers, service_rate: Numbers, servers: Numbers, scv: Numbers
) -> Numbers:
    r"""Share of servers that are busy, :math:`\rho = \lambda / (c\mu)`, exact.

    Parameters
    ----------
    arrival_rate, service_rate : array_like
        :math:`\lambda` of the station, :math:`\mu` of one server. [1/s]
    servers : array_like
        :math:`c \ge 1`.
    scv : array_like
        Squared coefficient of variation of the service time, :math:`\ge 0`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 2.1.

    Examples
    --------
    >>> float(utilization(9, 1, 12, 2))
    0.75
    """
    return _valid(scv, mmc.utilization(arrival_rate, service_rate, servers))


def prob_wait(
    arrival_rate: Numbers, service_rate: Numbers, servers: Numbers, scv: Numbers
) -> Numbers:
    r"""Share of arrivals that wait, taken as Erlang's C: exact for c = 1 and for scv 1.

    Parameters
    ----------
    arrival_rate, service_rate, servers, scv : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] W. Whitt, "Approximations for the GI/G/m queue", Prod. Oper. Manag. 2(2), 1993.

    Examples
    --------
    >>> round(float(prob_wait(8, 1, 10, 4)), 4)
    0.4092
    """
    return _valid(scv, mmc.prob_wait(arrival_rate, service_rate, servers))


def mean_wait(
    arrival_rate: Numbers, service_rate: Numbers, servers: Numbers, scv: Numbers
) -> Numbers:
    r"""Mean wait by Lee and Longton's approximation.

    .. math:: W_q \approx \frac{1 + c_s^2}{2} \; W_q^{M/M/c}

    Exact for c = 1 (Pollaczek-Khinchine) and for scv 1. For ten servers at 80 % load it is 6 %
    high in the response for scv 4 and 0.6 % low for deterministic service.

    Parameters
    ----------
    arrival_rate, service_rate, servers, scv : array_like
        As for :func:`utilization`.

    Returns
    -------
    float or ndarray
        Seconds; ``inf`` where saturated.

    References
    ----------
    .. [1] A. M. Lee, P. A. Longton, "Queueing processes associated with airline passenger
       check-in", Oper. Res. Quart. 10(1), 1959.

    Examples
    --------
    >>> round(float(1 + mean_wait(8, 1, 10, 4)), 3)
    1.511
    """
    poisson = np.asarray(mmc.mean_wait(arrival_rate, service_rate, servers))
    with np.errstate(all="ignore"):
        return _valid(scv, 0.5 * (1.0 + np.asarray(scv, float)) * poisson)


def mean_response(
    arrival_rate: Numbers, service_rate: Numbers, servers: Numbers, scv: Numbers
) -> Numbers:
    r"""Mean time from arrival to departure, :math:`W = W_q + 1/\mu`. [s]

    Parameters
    ----------
    arrival_rate, service_rate, servers, scv : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] A. M. Lee, P. A. Longton, Oper. Res. Quart. 10(1), 1959.

    Examples
    --------
    >>> round(float(mean_response(8, 1, 10, 4)), 3)
    1.511
    """
    own = mmc.mean_response(0.0, service_rate, servers)
    return np.add(mean_wait(arrival_rate, service_rate, servers, scv), own)[()]


def mean_queue_length(
    arrival_rate: Numbers, service_rate: Numbers, servers: Numbers, scv: Numbers
) -> Numbers:
    r"""Mean number waiting, :math:`L_q = \lambda W_q` (Little).

    Parameters
    ----------
    arrival_rate, service_rate, servers, scv : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] J. D. C. Little, "A proof for the queuing formula L = lambda W", Oper. Res. 9, 1961.

    Examples
    --------
    >>> round(float(mean_queue_length(8, 1, 10, 4)), 2)
    4.09
    """
    return mmc.held(arrival_rate, mean_wait(arrival_rate, service_rate, servers, scv))


def mean_number(
    arrival_rate: Numbers, service_rate: Numbers, servers: Numbers, scv: Numbers
) -> Numbers:
    r"""Mean number waiting or served, :math:`L = \lambda W` (Little).

    Parameters
    ----------
    arrival_rate, service_rate, servers, scv : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] J. D. C. Little, "A proof for the queuing formula L = lambda W", Oper. Res. 9, 1961.

    Examples
    --------
    >>> round(float(mean_number(8, 1, 10, 4)), 2)
    12.09
    """
    return mmc.held(arrival_rate, mean_response(arrival_rate, service_rate, servers, scv))


def _valid(scv: Numbers, value: Numbers) -> Numbers:
    return np.where(np.asarray(scv, float) >= 0, value, np.nan)[()]
