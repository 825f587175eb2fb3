"""G/G/c: general arrivals and service, c servers, one FCFS queue (an approximation)."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Array, Numbers, broadcast
from capcalc.theory.queues import mmc


def mean_wait(
    arrival_rate: Numbers,
    service_rate: Numbers,
    servers: Numbers,
    arrival_scv: Numbers,
    scv: Numbers,
) -> Numbers:
    r"""Mean wait by Allen and Cunneen's formula with Kraemer and Langenbach-Belz' factor.

    .. math:: W_q \approx W_q^{M/M/c} \; \frac{c_a^2 + c_s^2}{2} \; g

    with :math:`g = \exp\left(-\frac{2(1-\rho)(1-c_a^2)^2}{3\rho(c_a^2+c_s^2)}\right)` for
    :math:`c_a^2 < 1`, and :math:`g = \exp\left(-\frac{(1-\rho)(c_a^2-1)}{c_a^2+4c_s^2}\right)`
    above. Exact for M/M/c and M/G/1; for regular arrivals over several servers about 4 % high
    in the response at 95 % load.

    Parameters
    ----------
    arrival_rate, service_rate : array_like
        :math:`\lambda` of the station, :math:`\mu` of one server. [1/s]
    servers : array_like
        :math:`c \ge 1`.
    arrival_scv, scv : array_like
        Squared coefficients of variation of the times between arrivals and of service.

    Returns
    -------
    float or ndarray
        Seconds; ``inf`` where saturated.

    References
    ----------
    .. [1] W. Kraemer, M. Langenbach-Belz, "Approximate formulae for the delay in the queueing
       system GI/G/1", Proc. 8th Int. Teletraffic Congress, 1976.
    .. [2] A. O. Allen, *Probability, Statistics, and Queueing Theory*, 2nd ed., Academic Press,
       1990, sec. 5.3.

    Examples
    --------
    >>> round(float(mean_wait(0.8, 1, 1, 0.5, 1.5)), 4)
    3.9175
    """
    rate, speed, count, arrivals, service = broadcast(
        arrival_rate, service_rate, servers, arrival_scv, scv
    )
    load = np.asarray(mmc.utilization(rate, speed, count))
    wait = np.asarray(mmc.mean_wait(rate, speed, count))
    with np.errstate(all="ignore"):
        shape = 0.5 * (arrivals + service) * correction(load, arrivals, service)
        shape = np.where(arrivals + service == 0, 0.0, shape)
        value = np.where(np.isinf(wait), wait, np.where(wait == 0, 0.0, wait * shape))
        return np.where((arrivals >= 0) & (service >= 0), value, np.nan)[()]


def correction(load: Array, arrivals: Array, service: Array) -> Array:
    r"""The factor g of Kraemer and Langenbach-Belz in :func:`mean_wait`; 1 for Poisson arrivals.

    Parameters
    ----------
    load, arrivals, service : ndarray
        Utilization :math:`\rho`, and the squared coefficients of variation of the times between
        arrivals and of service.

    References
    ----------
    .. [1] W. Kraemer, M. Langenbach-Belz, Proc. 8th Int. Teletraffic Congress, 1976.

    Examples
    --------
    >>> correction(np.array(0.8), np.array(1.0), np.array(1.0)).round(3)
    np.float64(1.0)
    """
    regular = -2.0 * (1.0 - load) * (1.0 - arrivals) ** 2 / (3.0 * load * (arrivals + service))
    bursty = -(1.0 - load) * (arrivals - 1.0) / (arrivals + 4.0 * service)
    return np.where(arrivals == 1, 1.0, np.exp(np.where(arrivals < 1, regular, bursty)))


def mean_response(
    arrival_rate: Numbers,
    service_rate: Numbers,
    servers: Numbers,
    arrival_scv: Numbers,
    scv: Numbers,
) -> Numbers:
    r"""Mean time from arrival to departure, :math:`W = W_q + 1/\mu`. [s]

    Parameters
    ----------
    arrival_rate, service_rate, servers, arrival_scv, scv : array_like
        As for :func:`mean_wait`.

    References
    ----------
    .. [1] A. O. Allen, *Probability, Statistics, and Queueing Theory*, 2nd ed., Academic Press,
       1990, sec. 5.3.

    Examples
    --------
    >>> round(float(mean_response(0.8, 1, 1, 0.5, 1.5)), 4)
    4.9175
    """
    own = mmc.mean_response(0.0, service_rate, servers)
    wait = mean_wait(arrival_rate, service_rate, servers, arrival_scv, scv)
    return np.add(wait, own)[()]
