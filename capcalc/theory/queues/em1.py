"""E_n/M/1: Erlang arrivals, exponential service, one server; one host of n in round robin."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Array, Numbers, broadcast
from capcalc.theory.queues import mm1


def prob_wait(arrival_rate: Numbers, service_rate: Numbers, phases: Numbers) -> Numbers:
    r"""Share of arrivals that wait, the root :math:`\sigma` in (0, 1) of

    .. math:: \sigma = \left(\frac{n\rho}{n\rho + 1 - \sigma}\right)^n

    Parameters
    ----------
    arrival_rate, service_rate : array_like
        :math:`\lambda` and :math:`\mu` of this server. [1/s]
    phases : array_like
        :math:`n \ge 1`; times between arrivals are Erlang with n phases.

    Returns
    -------
    float or ndarray
        Probability; 1 where saturated.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 6.4.

    Examples
    --------
    >>> round(float(prob_wait(0.8, 1, 10)), 5)
    0.6578
    """
    rate, speed, count = broadcast(arrival_rate, service_rate, phases)
    load = np.asarray(mm1.utilization(rate, speed))
    with np.errstate(all="ignore"):
        stable = (load < 1) & (load > 0) & (count >= 1)
        sigma = np.where(load >= 1, 1.0, np.where(load == 0, 0.0, np.nan))
        sigma[stable] = 1.0 - _gap(load[stable], count[stable])
        return np.where(count >= 1, sigma, np.nan)[()]


def _gap(load: Array, count: Array) -> Array:
    r"""The root x = 1 - sigma of ln(1 - x) + n ln(1 + x / (n rho)) = 0 in (0, 1).

    The function rises from 0 and then falls for good, so Newton from the right converges
    monotonically once past the root; a bracket keeps it there.
    """
    # the summit, where the derivative vanishes, lies left of the root
    low = count * (1.0 - load) / (count + 1.0)
    high = np.ones_like(load)
    x = np.minimum(2.0 * low, 0.5 * (1.0 + low))
    for _ in range(100):
        value = np.log1p(-x) + count * np.log1p(x / (count * load))
        slope = -1.0 / (1.0 - x) + 1.0 / (load + x / count)
        low, high = np.where(value > 0, x, low), np.where(value > 0, high, x)
        newton = x - value / slope
        inside = (newton > low) & (newton < high)
        after = np.where(inside, newton, 0.5 * (low + high))
        done = np.abs(after - x) <= 2e-16 * x
        x = np.where(done, x, after)
        if np.all(done):
            break
    return x


def mean_wait(arrival_rate: Numbers, service_rate: Numbers, phases: Numbers) -> Numbers:
    r"""Mean time in queue, :math:`W_q = S \sigma / (1 - \sigma)`, exact. [s]

    Parameters
    ----------
    arrival_rate, service_rate, phases : array_like
        As for :func:`prob_wait`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 6.4.

    Examples
    --------
    >>> round(float(1 + mean_wait(0.8, 1, 10)), 4)
    2.9223
    """
    rate, speed, count = broadcast(arrival_rate, service_rate, phases)
    load = np.asarray(mm1.utilization(rate, speed))
    with np.errstate(all="ignore"):
        stable = (load < 1) & (load > 0) & (count >= 1)
        wait = np.where(load >= 1, np.inf, np.where(load == 0, 0.0, np.nan))
        gap = _gap(load[stable], count[stable])
        wait[stable] = (1.0 - gap) / gap / speed[stable]
        return np.where(count >= 1, wait, np.nan)[()]


def mean_response(arrival_rate: Numbers, service_rate: Numbers, phases: Numbers) -> Numbers:
    r"""Mean time from arrival to departure, :math:`W = S / (1 - \sigma)`, exact. [s]

    Parameters
    ----------
    arrival_rate, service_rate, phases : array_like
        As for :func:`prob_wait`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 6.4.

    Examples
    --------
    >>> round(float(mean_response(0.8, 1, 10)), 4)
    2.9223
    """
    own = mm1.mean_response(0.0, service_rate)
    return np.add(mean_wait(arrival_rate, service_rate, phases), own)[()]
