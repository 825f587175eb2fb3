"""A crowd that comes within minutes: what stands up to it before new hosts serve."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Numbers, broadcast


def load_factor(time: Numbers, factor: Numbers, ramp: Numbers) -> Numbers:
    r"""Load at a time after the crowd began to come, over that before.

    .. math:: 1 + (f - 1) \min(t / r, 1)

    Parameters
    ----------
    time : array_like
        :math:`t \ge 0` since the beginning. [s]
    factor : array_like
        :math:`f \ge 1`, the load at the height over that before.
    ramp : array_like
        Time r until the height; 0 for all at once. [s]

    References
    ----------
    .. [1] G. F. Newell, *Applications of Queueing Theory*, 2nd ed., Chapman and Hall, 1982,
       ch. 2.

    Examples
    --------
    >>> load_factor(np.array([0, 30, 180]), 5, 60)
    array([1., 3., 5.])
    """
    when, most, rise = broadcast(time, factor, ramp)
    with np.errstate(all="ignore"):
        part = np.where(rise > 0, np.minimum(when / np.where(rise > 0, rise, 1.0), 1.0), 1.0)
        good = (when >= 0) & (most >= 1) & (rise >= 0)
        return np.where(good, 1.0 + (most - 1.0) * part, np.nan)[()]


def backlog(
    time: Numbers, arrival_rate: Numbers, utilization: Numbers, factor: Numbers, ramp: Numbers
) -> Numbers:
    r"""Requests that wait at a time after the crowd began to come, as a fluid.

    .. math:: \int_0^t \left(\lambda(s) - \lambda/\rho\right)^+ ds

    An approximation for overloads of many requests: chance is left out, so that nobody waits
    while the load is below what can be served.

    Parameters
    ----------
    time, factor, ramp : array_like
        As for :func:`load_factor`.
    arrival_rate : array_like
        :math:`\lambda` before. [1/s]
    utilization : array_like
        :math:`\rho` before.

    References
    ----------
    .. [1] G. F. Newell, *Applications of Queueing Theory*, 2nd ed., Chapman and Hall, 1982,
       ch. 2 (fluid approximation).

    Examples
    --------
    >>> float(backlog(180, arrival_rate=100, utilization=0.5, factor=5, ramp=60))
    42750.0
    """
    when, rate, busy, most, rise = broadcast(time, arrival_rate, utilization, factor, ramp)
    with np.errstate(all="ignore"):
        room = 1.0 / busy - 1.0  # of the load before
        # the height counts where it takes no time to reach it
        steep = np.where(rise > 0, rise, 1.0)
        full = np.where(room <= 0, 0.0, np.where(most - 1.0 > room, room / (most - 1.0), np.inf))
        over = np.clip(np.minimum(when, rise) / steep - full, 0.0, 1.0)
        start = np.maximum(-room, 0.0)  # already beyond what can be served
        rising = np.where(over > 0, rise * over * (start + 0.5 * (most - 1.0) * over), 0.0)
        steady = np.maximum(when - rise, 0.0) * np.maximum(most - 1.0 - room, 0.0)
        found = rate * (rising + steady)
        found = np.where((rate == 0) | (busy == 0), 0.0, found)
        good = (when >= 0) & (rate >= 0) & (busy >= 0) & (most >= 1) & (rise >= 0)
        return np.where(good, found, np.nan)[()]


def hosts_to_hold(
    time: Numbers,
    offered_load: Numbers,
    servers: Numbers,
    limit: Numbers,
    factor: Numbers,
    ramp: Numbers,
) -> Numbers:
    r"""Hosts that keep their utilization within a limit until new ones serve.

    .. math:: \left\lceil \frac{a f(t)}{u c} \right\rceil

    Parameters
    ----------
    time, factor, ramp : array_like
        As for :func:`load_factor`: the time until new hosts serve.
    offered_load : array_like
        a, of all hosts together, before. [erlangs]
    servers : array_like
        c of each host.
    limit : array_like
        u, the highest utilization that is allowed.

    References
    ----------
    .. [1] B. Beyer et al., *Site Reliability Engineering*, O'Reilly, 2016, ch. 21.

    Examples
    --------
    >>> float(hosts_to_hold(180, offered_load=24, servers=4, limit=0.9, factor=5, ramp=60))
    34.0
    """
    load, count, most = broadcast(offered_load, servers, limit)
    with np.errstate(all="ignore"):
        needed = load * np.asarray(load_factor(time, factor, ramp)) / (most * count)
        hosts: Numbers = np.ceil(np.round(needed, 9))[()]
        return hosts


def target_utilization(limit: Numbers, time: Numbers, factor: Numbers, ramp: Numbers) -> Numbers:
    r"""Utilization that an autoscaler may aim at so that a crowd finds room while hosts start.

    .. math:: u / f(t)

    Parameters
    ----------
    limit : array_like
        u, the highest utilization that is allowed.
    time, factor, ramp : array_like
        As for :func:`load_factor`: the time until new hosts serve.

    References
    ----------
    .. [1] B. Beyer et al., *Site Reliability Engineering*, O'Reilly, 2016, ch. 21.

    Examples
    --------
    >>> float(target_utilization(0.9, 180, 5, 60))
    0.18
    """
    with np.errstate(all="ignore"):
        return np.asarray(limit / np.asarray(load_factor(time, factor, ramp)))[()]
