"""M^X/G/1: Poisson arrivals of whole batches, one server, first come, first served."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Array, Numbers, broadcast, spare_rate
from capcalc.theory.queues import mmc


def utilization(
    arrival_rate: Numbers,
    service_rate: Numbers,
    batch_size: Numbers,
    batch_scv: Numbers = 0.0,
    scv: Numbers = 1.0,
) -> Numbers:
    r"""Share of time that the server is busy, :math:`\rho = \lambda b / \mu`.

    Parameters
    ----------
    arrival_rate, service_rate : array_like
        :math:`\lambda`, rate of batches; :math:`\mu`, rate of single services. [1/s]
    batch_size : array_like
        :math:`b \ge 1`, mean number of requests in a batch.
    batch_scv : array_like
        :math:`c_b^2`, squared coefficient of variation of that number: 0 for fixed batches,
        :math:`1 - 1/b` for geometric ones.
    scv : array_like
        :math:`c_s^2` of the service time; 1 is M^X/M/1.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 3.1.

    Examples
    --------
    >>> float(utilization(0.1, 1, batch_size=4))
    0.4
    """
    rate, speed, size, spread, law = broadcast(
        arrival_rate, service_rate, batch_size, batch_scv, scv
    )
    with np.errstate(all="ignore"):
        spare = _spare(rate, speed, size, spread, law)
        return np.where(np.isnan(spare), np.nan, rate * size / speed)[()]


def mean_wait(
    arrival_rate: Numbers,
    service_rate: Numbers,
    batch_size: Numbers,
    batch_scv: Numbers = 0.0,
    scv: Numbers = 1.0,
) -> Numbers:
    r"""Mean wait of a request: that of its batch and that behind others of the batch.

    .. math:: W_q = \frac{1}{2\mu} \left( \frac{\rho \, (c_s^2 + q)}{1 - \rho} + q - 1 \right),
              \qquad q = \frac{E X^2}{E X} = b (1 + c_b^2)

    Parameters
    ----------
    arrival_rate, service_rate, batch_size, batch_scv, scv : array_like
        As for :func:`utilization`.

    Returns
    -------
    float or ndarray
        Seconds; ``inf`` where saturated (:math:`\lambda b \ge \mu`, without rounding).

    References
    ----------
    .. [1] P. J. Burke, "Delays in single-server queues with batch input", Oper. Res. 23, 1975.
    .. [2] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 3.1.

    Examples
    --------
    >>> float(mean_wait(0.125, 1, batch_size=4))
    4.0
    """
    rate, speed, size, spread, law = broadcast(
        arrival_rate, service_rate, batch_size, batch_scv, scv
    )
    with np.errstate(all="ignore"):
        spare = _spare(rate, speed, size, spread, law)
        mixed = size * spread
        first = rate * size / speed * (law + size + mixed) / spare
        within = (size - 1.0 + mixed) / speed
        wait: Array = 0.5 * (first + within)
        return np.where(np.isnan(spare), np.nan, np.where(spare > 0, wait, np.inf))[()]


def mean_response(
    arrival_rate: Numbers,
    service_rate: Numbers,
    batch_size: Numbers,
    batch_scv: Numbers = 0.0,
    scv: Numbers = 1.0,
) -> Numbers:
    r"""Mean time from arrival to departure of a request, :math:`W = W_q + 1/\mu`. [s]

    Parameters
    ----------
    arrival_rate, service_rate, batch_size, batch_scv, scv : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 3.1.

    Examples
    --------
    >>> float(mean_response(0.125, 1, batch_size=4))
    5.0
    """
    with np.errstate(all="ignore"):
        own = 1.0 / np.asarray(service_rate, dtype=float)
    return np.add(mean_wait(arrival_rate, service_rate, batch_size, batch_scv, scv), own)[()]


def mean_queue_length(
    arrival_rate: Numbers,
    service_rate: Numbers,
    batch_size: Numbers,
    batch_scv: Numbers = 0.0,
    scv: Numbers = 1.0,
) -> Numbers:
    r"""Mean number of requests waiting, :math:`L_q = \lambda b W_q` (Little).

    Parameters
    ----------
    arrival_rate, service_rate, batch_size, batch_scv, scv : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] J. D. C. Little, "A proof for the queuing formula L = lambda W", Oper. Res. 9, 1961.

    Examples
    --------
    >>> float(mean_queue_length(0.125, 1, batch_size=4))
    2.0
    """
    wait = mean_wait(arrival_rate, service_rate, batch_size, batch_scv, scv)
    return mmc.held(_customers(arrival_rate, batch_size), wait)


def mean_number(
    arrival_rate: Numbers,
    service_rate: Numbers,
    batch_size: Numbers,
    batch_scv: Numbers = 0.0,
    scv: Numbers = 1.0,
) -> Numbers:
    r"""Mean number of requests waiting or served, :math:`L = \lambda b W` (Little).

    Parameters
    ----------
    arrival_rate, service_rate, batch_size, batch_scv, scv : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] J. D. C. Little, "A proof for the queuing formula L = lambda W", Oper. Res. 9, 1961.

    Examples
    --------
    >>> float(mean_number(0.125, 1, batch_size=4))
    2.5
    """
    response = mean_response(arrival_rate, service_rate, batch_size, batch_scv, scv)
    return mmc.held(_customers(arrival_rate, batch_size), response)


def _customers(arrival_rate: Numbers, batch_size: Numbers) -> Array:
    """Customers that come per second."""
    rate, size = broadcast(arrival_rate, batch_size)
    with np.errstate(all="ignore"):
        return np.asarray(rate * size)


def _spare(rate: Array, speed: Array, size: Array, spread: Array, law: Array) -> Array:
    """The rate left over, mu - lambda b, rounded once; ``nan`` out of range."""
    good = (rate >= 0) & (speed > 0) & (size >= 1) & (spread >= 0) & (law >= 0)
    good &= np.isfinite(rate + speed + size + spread + law)
    return np.where(good, -spare_rate(speed, size, rate), np.nan)
