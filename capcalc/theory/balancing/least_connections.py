"""Least connections: each arrival joins the host with the fewest in the system."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Array, Numbers, broadcast, places
from capcalc.theory.balancing import central_queue
from capcalc.theory.queues import mmc

#: Fitted by simulation at 70, 85 and 95 % load for hosts of one server, scv 1: hosts and kappa.
HOSTS = (1.0, 2.0, 3.0, 4.0, 5.0, 8.0, 16.0, 32.0, 100.0)
KAPPA = (0.0, 0.256, 0.327, 0.355, 0.371, 0.384, 0.370, 0.304, 0.212)


def kappa(hosts: Numbers) -> Numbers:
    r"""The fitted constant of :func:`mean_wait`, linear in :math:`\ln n`, constant from 100 on.

    Parameters
    ----------
    hosts : array_like
        :math:`n \ge 1`.

    References
    ----------
    .. [1] V. Gupta, M. Harchol-Balter, K. Sigman, W. Whitt, "Analysis of join-the-shortest-queue
       routing for web server farms", Perform. Eval. 64, 2007 (the policy; the constants are
       fitted to simulations of our own).

    Examples
    --------
    >>> float(kappa(8))
    0.384
    """
    with np.errstate(all="ignore"):
        fitted: Numbers = np.interp(np.log(np.asarray(hosts, float)), np.log(HOSTS), KAPPA)[()]
        return fitted


def prob_wait(
    arrival_rate: Numbers, service_rate: Numbers, servers: Numbers, hosts: Numbers, scv: Numbers
) -> Numbers:
    r"""Share of arrivals that wait, taken as Erlang's :math:`C(nk, a)` of all servers.

    Parameters
    ----------
    arrival_rate : array_like
        :math:`\lambda` over all hosts together. [1/s]
    service_rate : array_like
        :math:`\mu` of one server. [1/s]
    servers, hosts : array_like
        :math:`k` servers on each of :math:`n` hosts.
    scv : array_like
        Squared coefficient of variation of the service time.

    References
    ----------
    .. [1] V. Gupta et al., Perform. Eval. 64, 2007.

    Examples
    --------
    >>> round(float(prob_wait(8, 1, 1, 10, 1)), 4)
    0.4092
    """
    return central_queue.prob_wait(arrival_rate, service_rate, servers, hosts, scv)


def mean_wait(
    arrival_rate: Numbers, service_rate: Numbers, servers: Numbers, hosts: Numbers, scv: Numbers
) -> Numbers:
    r"""Mean wait: that of one central queue plus a fitted term for looking at hosts only.

    .. math:: W_q \approx \frac{1 + c_s^2}{2}
              \left(W_q^{M/M/nk} + \kappa_n \, C(nk, a) \, \frac{S}{k}\right)

    An approximation: for scv 1 at most 1.5 % of the response off for one server a host and at
    most 2.6 % high for several; not tested for other scv. A lower bound is M/G/nk.

    Parameters
    ----------
    arrival_rate, service_rate, servers, hosts, scv : array_like
        As for :func:`prob_wait`.

    Returns
    -------
    float or ndarray
        Seconds; ``inf`` where saturated.

    References
    ----------
    .. [1] V. Gupta et al., Perform. Eval. 64, 2007.

    Examples
    --------
    >>> round(float(1 + mean_wait(8, 1, 1, 10, 1)), 3)
    1.36
    """
    rate, speed, count, machines, service = broadcast(
        arrival_rate, service_rate, servers, hosts, scv
    )
    together = places(count, machines)
    pooled = np.asarray(mmc.mean_wait(rate, speed, together))
    waits = np.asarray(mmc.prob_wait(rate, speed, together))
    with np.errstate(all="ignore"):
        wait: Array = 0.5 * (1.0 + service) * (pooled + kappa(machines) * waits / speed / count)
        return np.where(service >= 0, wait, np.nan)[()]
