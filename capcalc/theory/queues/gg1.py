"""G/G/1: general arrivals and service, one FCFS server; named approximations and a bound."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Array, Numbers, broadcast
from capcalc.theory.queues import ggc, mmc


def mean_wait(
    arrival_rate: Numbers, service_rate: Numbers, arrival_scv: Numbers, scv: Numbers
) -> Numbers:
    r"""Mean wait by Kraemer and Langenbach-Belz, an approximation. [s]

    .. math:: W_q \approx \frac{\rho}{\mu - \lambda} \, \frac{c_a^2 + c_s^2}{2} \, g

    with the factor g of :func:`capcalc.theory.queues.ggc.correction`. Exact for Poisson
    arrivals. Two moments do not fix the wait; see
    :func:`capcalc.theory.queues.approximations.errors` for what was measured.

    Parameters
    ----------
    arrival_rate, service_rate : array_like
        :math:`\lambda` and :math:`\mu`. [1/s]
    arrival_scv, scv : array_like
        Squared coefficients of variation of the times between arrivals and of service.

    References
    ----------
    .. [1] W. Kraemer, M. Langenbach-Belz, "Approximate formulae for the delay in the queueing
       system GI/G/1", Proc. 8th Int. Teletraffic Congress, 1976.

    Examples
    --------
    >>> round(float(mean_wait(0.8, 1, 0.5, 1.5)), 4)
    3.9175
    """
    return ggc.mean_wait(arrival_rate, service_rate, 1.0, arrival_scv, scv)


def mean_wait_heavy_traffic(
    arrival_rate: Numbers, service_rate: Numbers, arrival_scv: Numbers, scv: Numbers
) -> Numbers:
    r"""Mean wait in heavy traffic (Kingman's VUT formula), an approximation. [s]

    .. math:: W_q \approx \frac{\rho}{\mu - \lambda} \, \frac{c_a^2 + c_s^2}{2}

    Right in the limit of saturation; too high at light load for regular arrivals.

    Parameters
    ----------
    arrival_rate, service_rate, arrival_scv, scv : array_like
        As for :func:`mean_wait`.

    References
    ----------
    .. [1] J. F. C. Kingman, "The single server queue in heavy traffic", Proc. Camb. Phil. Soc. 57,
       1961.

    Examples
    --------
    >>> round(float(mean_wait_heavy_traffic(0.8, 1, 0.5, 1.5)), 12)
    4.0
    """
    rate, speed, arrivals, service = broadcast(arrival_rate, service_rate, arrival_scv, scv)
    wait = np.asarray(mmc.mean_wait(rate, speed, 1.0))
    with np.errstate(all="ignore"):
        return _valid(arrivals, service, _times(wait, 0.5 * (arrivals + service)))


def mean_wait_kingman_bound(
    arrival_rate: Numbers, service_rate: Numbers, arrival_scv: Numbers, scv: Numbers
) -> Numbers:
    r"""Upper bound of the mean wait, for any arrivals and service. [s]

    .. math:: W_q \le \frac{\lambda (\sigma_a^2 + \sigma_s^2)}{2 (1 - \rho)}

    Parameters
    ----------
    arrival_rate, service_rate, arrival_scv, scv : array_like
        As for :func:`mean_wait`.

    References
    ----------
    .. [1] J. F. C. Kingman, "Some inequalities for the queue GI/G/1", Biometrika 49, 1962.

    Examples
    --------
    >>> round(float(mean_wait_kingman_bound(0.8, 1, 0.5, 1.5)), 4)
    4.5625
    """
    rate, speed, arrivals, service = broadcast(arrival_rate, service_rate, arrival_scv, scv)
    with np.errstate(all="ignore"):
        load = rate / speed
        # lambda sigma^2 / (1 - rho) in units of 1 / (mu - lambda), which is exact
        spare = np.asarray(mmc.mean_response(rate, speed, 1.0))
        bound = 0.5 * (arrivals / load + service * load) * spare
        bound = np.where(np.isinf(spare), spare, np.where(rate == 0, np.nan, bound))
        return _valid(arrivals, service, bound)


def mean_wait_marchal(
    arrival_rate: Numbers, service_rate: Numbers, arrival_scv: Numbers, scv: Numbers
) -> Numbers:
    r"""Mean wait by Marchal, an approximation: Kingman's bound scaled to be exact for M/G/1. [s]

    .. math:: W_q \approx \frac{1 + c_s^2}{1/\rho^2 + c_s^2} \, \frac{\lambda (\sigma_a^2 +
              \sigma_s^2)}{2 (1 - \rho)}

    Parameters
    ----------
    arrival_rate, service_rate, arrival_scv, scv : array_like
        As for :func:`mean_wait`.

    References
    ----------
    .. [1] W. G. Marchal, "An approximate formula for waiting time in single server queues", AIIE
       Trans. 8(4), 1976.

    Examples
    --------
    >>> round(float(mean_wait_marchal(0.8, 1, 0.5, 1.5)), 4)
    3.7245
    """
    rate, speed, arrivals, service = broadcast(arrival_rate, service_rate, arrival_scv, scv)
    wait = np.asarray(mmc.mean_wait(rate, speed, 1.0))
    with np.errstate(all="ignore"):
        square = (rate / speed) ** 2
        shape = (1.0 + service) * (arrivals + service * square) / (1.0 + service * square)
        return _valid(arrivals, service, _times(wait, 0.5 * shape))


def utilization(
    arrival_rate: Numbers, service_rate: Numbers, arrival_scv: Numbers, scv: Numbers
) -> Numbers:
    r"""Share of time that the server is busy, :math:`\rho = \lambda / \mu`, exact.

    Parameters
    ----------
    arrival_rate, service_rate, arrival_scv, scv : array_like
        As for :func:`mean_wait`.

    References
    ----------
    .. [1] J. F. C. Kingman, "Some inequalities for the queue GI/G/1", Biometrika 49, 1962.

    Examples
    --------
    >>> float(utilization(0.8, 1, 0.5, 1.5))
    0.8
    """
    load = np.asarray(mmc.utilization(arrival_rate, service_rate, 1.0))
    _, arrivals, service = broadcast(load, arrival_scv, scv)
    return _valid(arrivals, service, load)


def mean_response(
    arrival_rate: Numbers, service_rate: Numbers, arrival_scv: Numbers, scv: Numbers
) -> Numbers:
    r"""Mean time from arrival to departure, :math:`W = W_q + 1/\mu`. [s]

    Parameters
    ----------
    arrival_rate, service_rate, arrival_scv, scv : array_like
        As for :func:`mean_wait`.

    References
    ----------
    .. [1] W. Kraemer, M. Langenbach-Belz, "Approximate formulae for the delay in the queueing
       system GI/G/1", Proc. 8th Int. Teletraffic Congress, 1976.

    Examples
    --------
    >>> round(float(mean_response(0.8, 1, 0.5, 1.5)), 4)
    4.9175
    """
    own = mmc.mean_response(0.0, service_rate, 1.0)
    wait = mean_wait(arrival_rate, service_rate, arrival_scv, scv)
    return np.add(wait, own)[()]


def mean_queue_length(
    arrival_rate: Numbers, service_rate: Numbers, arrival_scv: Numbers, scv: Numbers
) -> Numbers:
    r"""Mean number waiting, :math:`L_q = \lambda W_q` (Little).

    Parameters
    ----------
    arrival_rate, service_rate, arrival_scv, scv : array_like
        As for :func:`mean_wait`.

    References
    ----------
    .. [1] W. Kraemer, M. Langenbach-Belz, "Approximate formulae for the delay in the queueing
       system GI/G/1", Proc. 8th Int. Teletraffic Congress, 1976.

    Examples
    --------
    >>> round(float(mean_queue_length(0.8, 1, 0.5, 1.5)), 4)
    3.134
    """
    return mmc.held(arrival_rate, mean_wait(arrival_rate, service_rate, arrival_scv, scv))


def mean_number(
    arrival_rate: Numbers, service_rate: Numbers, arrival_scv: Numbers, scv: Numbers
) -> Numbers:
    r"""Mean number waiting or served, :math:`L = \lambda W` (Little).

    Parameters
    ----------
    arrival_rate, service_rate, arrival_scv, scv : array_like
        As for :func:`mean_wait`.

    References
    ----------
    .. [1] W. Kraemer, M. Langenbach-Belz, "Approximate formulae for the delay in the queueing
       system GI/G/1", Proc. 8th Int. Teletraffic Congress, 1976.

    Examples
    --------
    >>> round(float(mean_number(0.8, 1, 0.5, 1.5)), 4)
    3.934
    """
    return mmc.held(arrival_rate, mean_response(arrival_rate, service_rate, arrival_scv, scv))


def _times(wait: Array, shape: Array) -> Array:
    """Infinite and absent waits stay what they are."""
    return np.where(np.isinf(wait) | (wait == 0), wait, wait * shape)


def _valid(arrivals: Array, service: Array, value: Array) -> Numbers:
    with np.errstate(all="ignore"):
        good = (arrivals >= 0) & (service >= 0) & np.isfinite(arrivals) & np.isfinite(service)
        return np.where(good, value, np.nan)[()]
