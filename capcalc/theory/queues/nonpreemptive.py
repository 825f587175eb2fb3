"""M/G/1 with priorities that do not interrupt a service; class 0 goes first."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Array, Numbers
from capcalc.theory.queues import mmc, priority


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
    rates, speeds, spreads = priority.grid(arrival_rates, service_rates, scvs)
    with np.errstate(all="ignore"):
        load: Array = rates / speeds
        return np.where(priority.valid(rates, speeds, spreads), load, np.nan)


def prob_wait(arrival_rates: Numbers, service_rates: Numbers, scvs: Numbers = 1.0) -> Numbers:
    r"""Share of the arrivals of each class that wait, :math:`\sum_j \rho_j`; 1 when saturated.

    Parameters
    ----------
    arrival_rates, service_rates, scvs : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] R. W. Wolff, "Poisson arrivals see time averages", Oper. Res. 30, 1982.

    Examples
    --------
    >>> prob_wait([0.2, 0.5], [2, 1])
    array([0.6, 0.6])
    """
    rates, speeds, spreads = priority.grid(arrival_rates, service_rates, scvs)
    spare = priority.spare_loads(rates, speeds)
    with np.errstate(all="ignore"):
        load = np.where(priority.valid(rates, speeds, spreads), rates / speeds, np.nan)
        total = np.sum(load, axis=-1, keepdims=True)
        busy = np.where((spare[..., -1:] > 0) | np.isnan(total), np.minimum(total, 1.0), 1.0)
        return np.array(np.broadcast_to(busy, load.shape))


def mean_wait(arrival_rates: Numbers, service_rates: Numbers, scvs: Numbers = 1.0) -> Numbers:
    r"""Mean time from arrival to the start of service of each class (Cobham).

    .. math:: W_k = \frac{\sum_j \rho_j (1 + c_j^2) / (2\mu_j)}
              {(1 - \sigma_{k-1}) (1 - \sigma_k)}, \qquad \sigma_k = \sum_{j \le k} \rho_j

    Where :math:`\sigma_k \ge 1` class k and those after it wait for ever; class k then fills
    what the ones before it leave of the server, and counts in the sum with that share.

    Parameters
    ----------
    arrival_rates, service_rates, scvs : array_like
        As for :func:`utilization`.

    Returns
    -------
    ndarray
        Seconds, by class; ``inf`` where saturated.

    References
    ----------
    .. [1] A. Cobham, "Priority assignment in waiting line problems", Oper. Res. 2, 1954.
    .. [2] L. Kleinrock, *Queueing Systems, vol. 2: Computer Applications*, Wiley, 1976, sec. 3.3.

    Examples
    --------
    >>> mean_wait([0.2, 0.5], [2, 1]).round(6)
    array([0.611111, 1.527778])
    >>> mean_wait([0.25, 3.0], [1, 1])
    array([1.33333333,        inf])
    """
    rates, speeds, spreads = priority.grid(arrival_rates, service_rates, scvs)
    spare = priority.spare_loads(rates, speeds)
    earlier = priority.before(spare, 1.0)
    with np.errstate(all="ignore"):
        load = np.where(priority.valid(rates, speeds, spreads), rates / speeds, np.nan)
        served = np.where(spare > 0, load, np.where(earlier > 0, earlier, 0.0 * load))
        served = np.where(np.isnan(load), np.nan, np.where(np.isnan(served), 0.0, served))
        rest = np.sum(served * (0.5 + 0.5 * spreads) / speeds, axis=-1, keepdims=True)
        wait: Array = np.where(spare > 0, rest / earlier / spare, np.inf)
        return np.where(np.isnan(rest), np.nan, wait)


def mean_response(arrival_rates: Numbers, service_rates: Numbers, scvs: Numbers = 1.0) -> Numbers:
    r"""Mean time from arrival to departure of each class, wait and :math:`1/\mu_k`. [s]

    Parameters
    ----------
    arrival_rates, service_rates, scvs : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] A. Cobham, "Priority assignment in waiting line problems", Oper. Res. 2, 1954.

    Examples
    --------
    >>> mean_response([0.2, 0.5], [2, 1]).round(6)
    array([1.111111, 2.527778])
    """
    with np.errstate(all="ignore"):
        own = 1.0 / np.asarray(service_rates, dtype=float)
    return np.add(mean_wait(arrival_rates, service_rates, scvs), own)


def mean_queue_length(
    arrival_rates: Numbers, service_rates: Numbers, scvs: Numbers = 1.0
) -> Numbers:
    r"""Mean number of each class waiting, :math:`\lambda_k W_k` (Little).

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
    array([0.122222, 0.763889])
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
    array([0.222222, 1.263889])
    """
    return mmc.held(arrival_rates, mean_response(arrival_rates, service_rates, scvs))
