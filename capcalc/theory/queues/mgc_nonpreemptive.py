"""M/G/c with priorities that do not interrupt, services by class; class 0 goes first."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Array, Numbers
from capcalc.theory.queues import mgc, mmc, mmc_nonpreemptive, nonpreemptive, priority


def utilization(
    arrival_rates: Numbers, service_rates: Numbers, servers: Numbers, scvs: Numbers = 1.0
) -> Numbers:
    r"""Load of each class on each server, :math:`\rho_k = \lambda_k / (c\mu_k)`.

    Parameters
    ----------
    arrival_rates, service_rates : array_like
        :math:`\lambda_k`, :math:`\mu_k`; classes on the last axis, class 0 first. [1/s]
    servers : array_like
        :math:`c \ge 1`; no axis of classes.
    scvs : array_like
        Squared coefficients of variation of the service times, by class.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 2: Computer Applications*, Wiley, 1976, sec. 3.1.

    Examples
    --------
    >>> utilization([0.8, 1.2], [1, 0.8], 4)
    array([0.2  , 0.375])
    """
    rates, speeds, spreads, count = _parts(arrival_rates, service_rates, servers, scvs)
    return nonpreemptive.utilization(rates, _fast(speeds, count), spreads)


def prob_wait(
    arrival_rates: Numbers, service_rates: Numbers, servers: Numbers, scvs: Numbers = 1.0
) -> Numbers:
    r"""Share of arrivals that wait, taken as Erlang's C at the load of all classes.

    Exact for one server and for one exponential law for all; else an approximation.

    Parameters
    ----------
    arrival_rates, service_rates, servers, scvs : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] A. B. Bondi, J. P. Buzen, "The response times of priority classes under preemptive
       resume in M/G/m queues", Perform. Eval. Rev. 12, 1984.

    Examples
    --------
    >>> prob_wait([1, 1.5], [1, 1], 4).round(6)
    array([0.319857, 0.319857])
    """
    rates, speeds, spreads, count = _parts(arrival_rates, service_rates, servers, scvs)
    return mmc_nonpreemptive.prob_wait(*_common(rates, speeds, spreads, count))


def mean_wait(
    arrival_rates: Numbers, service_rates: Numbers, servers: Numbers, scvs: Numbers = 1.0
) -> Numbers:
    r"""Mean wait of each class, scaled from one fast server (Bondi and Buzen).

    .. math:: W_k \approx W_k^{M/G/1} \, \frac{W^{M/G/c}}{W^{M/G/1}}

    where the one server is c times as fast and the quotient is that of first come, first
    served. An approximation: exact for one server and for one exponential law for all; within
    3 % of simulated means at 3 servers, services of 1 and 1.2 and a load of 75 %.

    Parameters
    ----------
    arrival_rates, service_rates, servers, scvs : array_like
        As for :func:`utilization`.

    Returns
    -------
    ndarray
        Seconds, by class; ``inf`` where saturated.

    References
    ----------
    .. [1] A. B. Bondi, J. P. Buzen, "The response times of priority classes under preemptive
       resume in M/G/m queues", Perform. Eval. Rev. 12, 1984.

    Examples
    --------
    >>> mean_wait([0.8, 1.2], [1, 1 / 1.2], 3).round(4)
    array([0.2886, 1.1392])
    """
    rates, speeds, spreads, count = _parts(arrival_rates, service_rates, servers, scvs)
    fast = np.asarray(nonpreemptive.mean_wait(rates, _fast(speeds, count), spreads))
    with np.errstate(all="ignore"):
        total, mean, spread = _together(rates, speeds, spreads)
        # C(c, a) and the correction for the law of service, without the common factor
        some = np.asarray(mgc.mean_wait(total, 1.0 / mean, count, spread))
        one = np.asarray(mgc.mean_wait(total, count / mean, 1.0, spread))
        # a queue without end is shared out as if all servers were always busy
        factor = np.where(np.isfinite(one), some / one, np.where(np.isnan(one), np.nan, 1.0))
        return np.where(total == 0, fast * 0.0, fast * factor)


def mean_response(
    arrival_rates: Numbers, service_rates: Numbers, servers: Numbers, scvs: Numbers = 1.0
) -> Numbers:
    r"""Mean time from arrival to departure of each class, wait and :math:`1/\mu_k`. [s]

    As good as :func:`mean_wait`.

    Parameters
    ----------
    arrival_rates, service_rates, servers, scvs : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] A. B. Bondi, J. P. Buzen, "The response times of priority classes under preemptive
       resume in M/G/m queues", Perform. Eval. Rev. 12, 1984.

    Examples
    --------
    >>> mean_response([1, 1.5], [1, 1], 4).round(6)
    array([1.106619, 1.284317])
    """
    with np.errstate(all="ignore"):
        own = 1.0 / np.asarray(service_rates, dtype=float)
    return np.add(mean_wait(arrival_rates, service_rates, servers, scvs), own)


def mean_queue_length(
    arrival_rates: Numbers, service_rates: Numbers, servers: Numbers, scvs: Numbers = 1.0
) -> Numbers:
    r"""Mean number of each class waiting, :math:`\lambda_k W_k` (Little).

    Parameters
    ----------
    arrival_rates, service_rates, servers, scvs : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] J. D. C. Little, "A proof for the queuing formula L = lambda W", Oper. Res. 9, 1961.

    Examples
    --------
    >>> mean_queue_length([1, 1.5], [1, 1], 4).round(6)
    array([0.106619, 0.426476])
    """
    return mmc.held(arrival_rates, mean_wait(arrival_rates, service_rates, servers, scvs))


def mean_number(
    arrival_rates: Numbers, service_rates: Numbers, servers: Numbers, scvs: Numbers = 1.0
) -> Numbers:
    r"""Mean number of each class waiting or served (Little).

    Parameters
    ----------
    arrival_rates, service_rates, servers, scvs : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] J. D. C. Little, "A proof for the queuing formula L = lambda W", Oper. Res. 9, 1961.

    Examples
    --------
    >>> mean_number([1, 1.5], [1, 1], 4).round(6)
    array([1.106619, 1.926476])
    """
    return mmc.held(arrival_rates, mean_response(arrival_rates, service_rates, servers, scvs))


def wait_quantile(
    p: Numbers,
    arrival_rates: Numbers,
    service_rates: Numbers,
    servers: Numbers,
    scvs: Numbers = 1.0,
) -> Numbers:
    r"""The wait that a share ``p`` of each class does not exceed, of the mean of this model.

    An approximation: the law of a common exponential service of the same load, stretched to
    :func:`mean_wait`; exact for one exponential law for all, within 5 % of simulated 95th
    percentiles at 3 servers, services of 1 and 1.2 and a load of 75 %.

    Parameters
    ----------
    p : array_like
        :math:`0 \le p < 1`; with an axis of classes, of length 1 perhaps, or a scalar.
    arrival_rates, service_rates, servers, scvs : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] R. H. Davis, "Waiting-time distribution of a multi-server, priority queuing system",
       Oper. Res. 14, 1966.

    Examples
    --------
    >>> wait_quantile(0.95, [0.8, 1.2], [1, 1 / 1.2], 3).round(2)
    array([1.24, 5.14])
    """
    rates, speeds, spreads, count = _parts(arrival_rates, service_rates, servers, scvs)
    common = _common(rates, speeds, spreads, count)
    found = np.asarray(mmc_nonpreemptive.wait_quantile(p, *common))
    mean = np.asarray(mmc_nonpreemptive.mean_wait(*common))
    own = np.asarray(mean_wait(arrival_rates, service_rates, servers, scvs))
    with np.errstate(all="ignore"):
        stretch: Array = own / mean
        return np.where((found == 0) | (found == np.inf), found, found * stretch)


def _parts(
    rates: Numbers, speeds: Numbers, servers: Numbers, spreads: Numbers
) -> tuple[Array, Array, Array, Array]:
    """All by class; out of range ``nan``."""
    count = np.asarray(servers, dtype=float)[..., np.newaxis]
    flow, pace, many, spread = priority.grid(rates, speeds, count, spreads)
    return flow, pace, spread, np.where((many >= 1) & (many < np.inf), many, np.nan)


def _fast(speeds: Array, count: Array) -> Array:
    """Rates of one server as fast as all together."""
    with np.errstate(all="ignore"):
        return speeds * count


def _together(rates: Array, speeds: Array, spreads: Array) -> tuple[Array, Array, Array]:
    """Rate, mean service and its scv over all classes, with an axis of one class."""
    with np.errstate(all="ignore"):
        total = np.sum(rates, axis=-1, keepdims=True)
        mean = np.sum(rates / speeds, axis=-1, keepdims=True) / total
        # variance: within classes, and between their means
        own = 1.0 / (speeds * mean)
        parts = spreads * own**2 + (own - 1.0) ** 2
        spread = np.sum(rates / total * parts, axis=-1, keepdims=True)
        return total, mean, spread


def _common(
    rates: Array, speeds: Array, spreads: Array, count: Array
) -> tuple[Array, Array, Array]:
    """Rates in work of a mean service, that service's rate and the servers, for one law."""
    with np.errstate(all="ignore"):
        total, mean, _ = _together(rates, speeds, spreads)
        pace = np.where(total > 0, 1.0 / mean, speeds[..., :1])
        good = priority.valid(rates, speeds, spreads)
        work = np.where(good, rates / speeds * pace, np.nan)
        return work, pace[..., 0], count[..., 0]
