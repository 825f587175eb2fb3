"""Random choice of a host, or choice by key: every host is a queue of its own."""

from __future__ import annotations

from capcalc.theory.arrays import Numbers, per_host
from capcalc.theory.queues import mgc


def prob_wait(
    arrival_rate: Numbers, service_rate: Numbers, servers: Numbers, hosts: Numbers, scv: Numbers
) -> Numbers:
    r"""Share of arrivals that wait: Erlang's :math:`C(k, a/n)` of one host.

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
    .. [1] M. Harchol-Balter, *Performance Modeling and Design of Computer Systems*, Cambridge
       University Press, 2013, ch. 24 (splitting a Poisson stream).

    Examples
    --------
    >>> round(float(prob_wait(8, 1, 1, 10, 1)), 12)
    0.8
    """
    share = per_host(arrival_rate, hosts)
    return mgc.prob_wait(share, service_rate, servers, scv)


def waiting(
    arrival_rate: Numbers, service_rate: Numbers, servers: Numbers, hosts: Numbers, scv: Numbers
) -> tuple[Numbers, Numbers]:
    r"""Share of arrivals that wait and mean wait at once, for half the work of both.

    Parameters
    ----------
    arrival_rate, service_rate, servers, hosts, scv : array_like
        As for :func:`prob_wait`.

    Returns
    -------
    tuple of float or ndarray
        Exactly :func:`prob_wait` and :func:`mean_wait`.

    References
    ----------
    .. [1] M. Harchol-Balter, *Performance Modeling and Design of Computer Systems*, Cambridge
       University Press, 2013, ch. 24.

    Examples
    --------
    >>> [round(float(each), 6) for each in waiting(8, 1, 1, 10, 1)]
    [0.8, 4.0]
    """
    share = per_host(arrival_rate, hosts)
    return mgc.waiting(share, service_rate, servers, scv)


def mean_wait(
    arrival_rate: Numbers, service_rate: Numbers, servers: Numbers, hosts: Numbers, scv: Numbers
) -> Numbers:
    r"""Mean wait at one of n hosts, each an M/G/k queue with rate :math:`\lambda / n`.

    Exact for one server a host (Pollaczek-Khinchine) and for scv 1, else the approximation of
    :func:`capcalc.theory.queues.mgc.mean_wait`.

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
    .. [1] M. Harchol-Balter, *Performance Modeling and Design of Computer Systems*, Cambridge
       University Press, 2013, ch. 24.

    Examples
    --------
    >>> round(float(1 + mean_wait(8, 1, 1, 10, 1)), 6)
    5.0
    """
    share = per_host(arrival_rate, hosts)
    return mgc.mean_wait(share, service_rate, servers, scv)
