"""Join the shorter of two queues: two hosts, each arrival goes to the one with fewer requests."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Array, Numbers, broadcast, spare_rate
from capcalc.theory.queues import qbd

#: Differences between the queues that are kept; each further one is less than a third as likely.
DIFFERENCES = 40
#: Elements whose matrices are held at a time.
AT_A_TIME = 256


def mean_wait(
    arrival_rate: Numbers, service_rate: Numbers, servers: Numbers, hosts: Numbers, scv: Numbers
) -> Numbers:
    r"""Mean wait, :math:`W - 1/\mu`. [s]

    As exact as :func:`mean_response`, from which it is taken.

    Parameters
    ----------
    arrival_rate, service_rate, servers, hosts, scv : array_like
        As for :func:`mean_response`.

    References
    ----------
    .. [1] I. J. B. F. Adan, J. Wessels, W. H. M. Zijm, "Analysis of the symmetric shortest queue
       problem", Stoch. Models 6, 1990.

    Examples
    --------
    >>> round(float(mean_wait(1, 1, 1, 2, 1)), 6)
    0.426321
    """
    response = mean_response(arrival_rate, service_rate, servers, hosts, scv)
    with np.errstate(all="ignore"):
        wait = np.subtract(response, 1.0 / np.asarray(service_rate, dtype=float))
        return np.maximum(wait, 0.0)[()]  # next to no wait is a difference of rounded times


def mean_response(
    arrival_rate: Numbers, service_rate: Numbers, servers: Numbers, hosts: Numbers, scv: Numbers
) -> Numbers:
    r"""Mean time from arrival to departure for two hosts of one server each.

    Levels are the shorter queue, phases the difference, up to 40. From the balance of the square
    of the number of requests,

    .. math:: L = \frac{\lambda}{2\mu - \lambda} +
       \frac{\sum_{d>0} d \, \pi_{0,d}}{2 \pi_{0,0} + \sum_{d>0} \pi_{0,d}}

    where one host is idle and the other has d requests: no sum over levels, and no digits lost
    near saturation.

    Parameters
    ----------
    arrival_rate : array_like
        :math:`\lambda` over both hosts together. [1/s]
    service_rate : array_like
        :math:`\mu` of one server. [1/s]
    servers, hosts, scv : array_like
        1 server on each of 2 hosts, scv 1; others give ``nan``.

    Returns
    -------
    float or ndarray
        Seconds; ``inf`` where saturated.

    References
    ----------
    .. [1] J. F. C. Kingman, "Two similar queues in parallel", Ann. Math. Stat. 32, 1961.
    .. [2] I. J. B. F. Adan, J. Wessels, W. H. M. Zijm, "Analysis of the symmetric shortest queue
       problem", Stoch. Models 6, 1990.

    Examples
    --------
    >>> round(float(mean_response(1, 1, 1, 2, 1)), 6)
    1.426321
    """
    rate, speed, count, machines, law = broadcast(arrival_rate, service_rate, servers, hosts, scv)
    spare = spare_rate(rate, speed, 2.0)
    with np.errstate(all="ignore"):
        good = (rate >= 0) & (speed > 0) & (count == 1) & (machines == 2) & (law == 1)
        good = good & np.isfinite(rate + speed)
        load, left = (rate / speed).ravel(), (spare / speed).ravel()
    found = np.where(good & (rate > 0), np.inf, np.where(good, 1.0, np.nan)).ravel()
    where = np.nonzero((good & (spare > 0) & (rate > 0)).ravel())[0]
    for start in range(0, where.size, AT_A_TIME):
        some = where[start : start + AT_A_TIME]
        found[some] = _response(load[some], left[some])
    with np.errstate(all="ignore"):
        return np.asarray(found.reshape(rate.shape) / speed)[()]


def _response(load: Array, spare: Array) -> Array:
    """Mean response in services for arrivals at ``load`` per service."""
    size = DIFFERENCES + 1
    place = np.arange(size)
    up, level, floor, down = (np.zeros((load.size, size, size)) for _ in range(4))
    # an arrival shortens the difference, or makes one
    up[:, place[1:], place[:-1]] = load[:, np.newaxis]
    for matrix in (level, floor):
        matrix[:, 0, 1] = load
        matrix[:, place[1:], place[:-1]] += 1.0
    # a service of the shorter queue; of either one where both are alike
    down[:, place[:-1], place[1:]] = 1.0
    down[:, 0, 1] = 2.0
    down[:, -1, -1] = 1.0
    for matrix, falling in ((level, down), (floor, 0.0 * down)):
        matrix[:, place, place] -= (matrix + up + falling).sum(axis=-1)
    passage = qbd.first_passage(up, level, down)
    ratio = qbd.upward(up, level, passage, up)
    first = qbd.bottom(floor + ratio @ down)
    # with one host idle (level 0) the other has as many requests as they differ by
    idle = 2.0 * first[:, 0] + first[:, 1:].sum(axis=-1)
    response: Array = 1.0 / spare + (first @ place) / idle / load
    return response
