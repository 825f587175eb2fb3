"""Round robin: hosts in turn, so that arrivals at one host are more regular than Poisson."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Numbers, broadcast, per_host
from capcalc.theory.balancing import random_split
from capcalc.theory.queues import em1, ggc

#: Service counts as exponential within this distance of scv 1.
EXPONENTIAL = 1e-9


def prob_wait(
    arrival_rate: Numbers,
    service_rate: Numbers,
    servers: Numbers,
    hosts: Numbers,
    scv: Numbers,
    *,
    arrival_scv: Numbers | None = None,
) -> Numbers:
    r"""Share of arrivals that wait, taken as Erlang's :math:`C(k, a/n)` of one host.

    An approximation from above: regular arrivals wait less often.

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
    arrival_scv : array_like, optional
        Of the times between arrivals at one host, where it is not :math:`1/n`.

    References
    ----------
    .. [1] W. Whitt, "Approximations for the GI/G/m queue", Prod. Oper. Manag. 2(2), 1993.

    Examples
    --------
    >>> round(float(prob_wait(8, 1, 1, 10, 1)), 12)
    0.8
    """
    del arrival_scv  # the share that waits is taken from Poisson arrivals all the same
    return random_split.prob_wait(arrival_rate, service_rate, servers, hosts, scv)


def mean_wait(
    arrival_rate: Numbers,
    service_rate: Numbers,
    servers: Numbers,
    hosts: Numbers,
    scv: Numbers,
    *,
    arrival_scv: Numbers | None = None,
) -> Numbers:
    r"""Mean wait at one of n hosts that take Poisson arrivals in turn.

    Exact, :math:`E_n/M/1`, for one server a host and exponential service; else G/G/k with
    :math:`c_a^2 = 1/n` by :func:`capcalc.theory.queues.ggc.mean_wait`, an approximation.

    Parameters
    ----------
    arrival_rate, service_rate, servers, hosts, scv, arrival_scv : array_like
        As for :func:`prob_wait`.

    Returns
    -------
    float or ndarray
        Seconds; ``inf`` where saturated.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 6.4.
    .. [2] W. Kraemer, M. Langenbach-Belz, Proc. 8th Int. Teletraffic Congress, 1976.

    Examples
    --------
    >>> round(float(1 + mean_wait(8, 1, 1, 10, 1)), 4)
    2.9223
    """
    rate, speed, count, machines, service = broadcast(
        arrival_rate, service_rate, servers, hosts, scv
    )
    share = per_host(rate, machines)
    with np.errstate(all="ignore"):
        regular = 1.0 / machines if arrival_scv is None else arrival_scv
    wait = np.asarray(ggc.mean_wait(share, speed, count, regular, service))
    if arrival_scv is not None:
        return wait[()]
    exact = (np.abs(service - 1.0) <= EXPONENTIAL) & (count == 1)
    if exact.any():
        wait = np.array(wait)
        wait[exact] = em1.mean_wait(share[exact], speed[exact], machines[exact])
    return wait[()]
