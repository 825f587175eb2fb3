"""One queue for all hosts: a shared accept queue, or workers that pull."""

from __future__ import annotations

from capcalc.theory.arrays import Numbers, places
from capcalc.theory.queues import mgc


def prob_wait(
    arrival_rate: Numbers, service_rate: Numbers, servers: Numbers, hosts: Numbers, scv: Numbers
) -> Numbers:
    r"""Share of arrivals that wait: Erlang's :math:`C(nk, a)`.

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
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 3.5.

    Examples
    --------
    >>> round(float(prob_wait(8, 1, 1, 10, 1)), 4)
    0.4092
    """
    return mgc.prob_wait(arrival_rate, service_rate, places(servers, hosts), scv)


def mean_wait(
    arrival_rate: Numbers, service_rate: Numbers, servers: Numbers, hosts: Numbers, scv: Numbers
) -> Numbers:
    r"""Mean wait in the one queue, M/G/nk.

    Exact for scv 1, else the approximation of :func:`capcalc.theory.queues.mgc.mean_wait`.

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
    .. [1] A. M. Lee, P. A. Longton, Oper. Res. Quart. 10(1), 1959.

    Examples
    --------
    >>> round(float(1 + mean_wait(8, 1, 1, 10, 1)), 4)
    1.2046
    """
    return mgc.mean_wait(arrival_rate, service_rate, places(servers, hosts), scv)
