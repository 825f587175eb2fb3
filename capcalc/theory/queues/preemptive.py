"""M/G/1 with preemptive-resume priorities; class 0 goes first."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Array, Numbers
from capcalc.theory.queues import mmc, nonpreemptive, priority


def utilization(arrival_rates: Numbers, service_rates: Numbers, scvs: Numbers = 1.0) -> Numbers:
    r"""Load of each class, :math:`\rho_k = \lambda_k / \mu_k`; their sum is that of the server.

    Parameters
    ----------
    arrival_rates, service_rates : array_like
        :math:`\lambda_k`, :math:`\mu_k`; classes on the last axis, class 0 first. [1/s]
    scvs : array_like
        Squared coefficients of variation of the service times, by class.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 2: Computer Applications*, Wiley, 1976, sec. 3.1.

    Examples
    --------
    >>> utilization([0.2, 0.5], [2, 1])
    array([0.1, 0.5])
    """
    return nonpreemptive.utilization(arrival_rates, service_rates, scvs)


def prob_wait(arrival_rates: Numbers, service_rates: Numbers, scvs: Numbers = 1.0) -> Numbers:
    r"""Share of arrivals of a class not served at once, :math:`\sigma_k = \sum_{j \le k} \rho_j`.

    Parameters
    ----------
    arrival_rates, service_rates, scvs : array_like
        As for :func:`utilization`.

    Returns
    -------
    ndarray
        Probability, by class; 1 where saturated. Later interruptions do not count.

    References
    ----------
    .. [1] R. W. Conway, W. L. Maxwell, L. W. Miller, *Theory of Scheduling*, Addison-Wesley,
       1967, sec. 8-7.

    Examples
    --------
    >>> prob_wait([0.2, 0.5], [2, 1])
    array([0.1, 0.6])
    """
    rates, speeds, spreads = priority.grid(arrival_rates, service_rates, scvs)
    spare = priority.spare_loads(rates, speeds)
    with np.errstate(all="ignore"):
        load = np.where(priority.valid(rates, speeds, spreads), rates / speeds, np.nan)
        busy = np.cumsum(load, axis=-1)
        full = ~(spare > 0) & ~np.isnan(busy)
        return np.where(full, 1.0, np.minimum(busy, 1.0))


def mean_wait(arrival_rates: Numbers, service_rates: Numbers, scvs: Numbers = 1.0) -> Numbers:
    r"""Mean time that a request of each class is not in service, interruptions included.

    .. math:: W_k = \frac{\sum_{j \le k} \rho_j (1 + c_j^2) / (2\mu_j)}
              {(1 - \sigma_{k-1}) (1 - \sigma_k)} + \frac{\sigma_{k-1}}{1 - \sigma_{k-1}}
              \frac{1}{\mu_k}, \qquad \sigma_k = \sum_{j \le k} \rho_j

    Parameters
    ----------
    arrival_rates, service_rates, scvs : array_like
        As for :func:`utilization`.

    Returns
    -------
    ndarray
        Seconds, by class; ``inf`` where :math:`\sigma_k \ge 1`. Later classes do not count.

    References
    ----------
    .. [1] R. W. Conway, W. L. Maxwell, L. W. Miller, *Theory of Scheduling*, Addison-Wesley,
       1967, sec. 8-7.
    .. [2] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 3.4.

    Examples
    --------
    >>> mean_wait([0.2, 0.5], [2, 1]).round(6)
    array([0.055556, 1.638889])
    """
    rates, speeds, spreads = priority.grid(arrival_rates, service_rates, scvs)
    spare = priority.spare_loads(rates, speeds)
    earlier = priority.before(spare, 1.0)
    with np.errstate(all="ignore"):
        load = np.where(priority.valid(rates, speeds, spreads), rates / speeds, np.nan)
        rest = np.cumsum(load * (0.5 + 0.5 * spreads) / speeds, axis=-1)
        taken = priority.before(np.cumsum(load, axis=-1), 0.0)
        wait: Array = rest / earlier / spare + taken / earlier / speeds
        wait = np.where(spare > 0, wait, np.inf)
        return np.where(np.isnan(rest), np.nan, wait)


def mean_response(arrival_rates: Numbers, service_rates: Numbers, scvs: Numbers = 1.0) -> Numbers:
    r"""Mean time from arrival to departure of each class, wait and :math:`1/\mu_k`. [s]

    Parameters
    ----------
    arrival_rates, service_rates, scvs : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 3.4.

    Examples
    --------
    >>> mean_response([0.2, 0.5], [2, 1]).round(6)
    array([0.555556, 2.638889])
    """
    with np.errstate(all="ignore"):
        own = 1.0 / np.asarray(service_rates, dtype=float)
    return np.add(mean_wait(arrival_rates, service_rates, scvs), own)


def mean_queue_length(
    arrival_rates: Numbers, service_rates: Numbers, scvs: Numbers = 1.0
) -> Numbers:
    r"""Mean number of each class not in service, interrupted ones included (Little).

    Parameters
    ----------
    arrival_rates, service_rates, scvs : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] J. D. C. Little, "A proof for the queuing formula L = lambda W", Oper. Res. 9, 1961.

    Examples
    --------
    >>> mean_queue_length([0.2, 0.5], [2, 1]).round(6)
    array([0.011111, 0.819444])
    """
    return mmc.held(arrival_rates, mean_wait(arrival_rates, service_rates, scvs))


def mean_number(arrival_rates: Numbers, service_rates: Numbers, scvs: Numbers = 1.0) -> Numbers:
    r"""Mean number of each class waiting or served (Little).

    Parameters
    ----------
    arrival_rates, service_rates, scvs : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] J. D. C. Little, "A proof for the queuing formula L = lambda W", Oper. Res. 9, 1961.

    Examples
    --------
    >>> mean_number([0.2, 0.5], [2, 1]).round(6)
    array([0.111111, 1.319444])
    """
    return mmc.held(arrival_rates, mean_response(arrival_rates, service_rates, scvs))
