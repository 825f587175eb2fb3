"""Approximate closed networks of several classes, ten times closer than Schweitzer's."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Array, Numbers
from capcalc.theory.networks.closed import Closed, answers, checked, network_of_classes
from capcalc.theory.networks.schweitzer import MOST, fixed_point, seidmann

#: Estimates of how shares change from population to population; the authors' number.
_ROUNDS = 3
#: Above this share of a busy server the estimates are beyond repair.
_EXCESS = 0.01


def solve(
    population: Numbers, demands: Numbers, think_time: Numbers = 0.0, servers: Numbers = 1.0
) -> Closed:
    r"""Approximate answers for several classes, at a cost that does not grow with populations.

    Shares of the classes at the stations are compared between the full network and those with
    one customer less, and the change is used in what an arrival finds:

    .. math:: R_{ri} = D_{ri} \Big(1 + \sum_s (N - 1_r)_s \big(Q_{si}/N_s + \delta_{sir}\big)\Big)

    An approximation: in 1,000 random networks of six single servers the throughput of one class
    is at most 0.2 % off at N = 2, 0.5 % at 5, 0.3 % at 20, 0.8 % at 50 and 0.04 % at 200; those of
    two or three classes are up to 2 % off. Where the estimates leave what is possible (2 % of
    random networks of four classes of hundreds of customers) Schweitzer's are returned; a station
    busy for more than all of the time (by 0.1 % at most) slows its visitors down to all of it.
    Stations of several servers are replaced as in
    :func:`capcalc.theory.networks.schweitzer.solve`, with the errors stated there.

    Parameters
    ----------
    population, think_time : array_like, shape (..., classes)
        :math:`N_r \ge 1`, or 0, a billion at most; :math:`Z_r` [s]; a scalar counts for all
        classes.
    demands : array_like, shape (..., classes, stations)
        :math:`D_{ri} = V_{ri} S_{ri}`. [s]
    servers : array_like, shape (..., stations)
        ``inf`` is a delay.

    Returns
    -------
    Closed
        ``nan`` out of the domain.

    References
    ----------
    .. [1] K. M. Chandy, D. Neuse, "Linearizer: a heuristic algorithm for queueing network
       models of computing systems", Comm. ACM 25, 1982.

    Examples
    --------
    >>> solve([6, 6], [[0.1, 0.2], [0.15, 0.3]], think_time=[1.0, 2.0]).throughput.round(3)
    array([2.608, 1.506])
    """
    people = np.asarray(population, dtype=float)
    people = np.where(people <= MOST, people, np.nan)
    net = network_of_classes(people, demands, think_time, servers, whole=False)
    queue, apart = seidmann(net.demands, net.servers[:, np.newaxis])
    rate, number = _inside(net.population, queue, net.think_time + apart.sum(axis=2))
    number = number + rate[..., np.newaxis] * apart
    rate[~net.valid], number[~net.valid] = np.nan, np.nan
    wide = (*net.shape, *net.demands.shape[1:])
    times = np.where(net.valid[:, np.newaxis, np.newaxis], net.demands, np.nan).reshape(wide)
    count, rate = net.servers.reshape(*net.shape, net.servers.shape[1]), rate.reshape(wide[:-1])
    found = answers(rate, number.reshape(wide), times, count[..., np.newaxis, :])
    people, think = net.population.reshape(rate.shape), net.think_time.reshape(rate.shape)
    return checked(found, people, times, think, count, classes=True)


def _inside(population: Array, demands: Array, delay: Array) -> tuple[Array, Array]:
    """The method's answer, held to what is possible."""
    rate, number = _linearized(population, demands, delay)
    with np.errstate(invalid="ignore"):
        busy = (rate[..., np.newaxis] * demands).sum(axis=1)
        sane = np.all(busy <= 1.0 + _EXCESS, axis=1) & np.all(number >= 0, axis=(1, 2))
    lost = np.flatnonzero(~sane)
    if lost.size:
        more = np.zeros((lost.size, *demands.shape[1:]))
        rate[lost], number[lost] = fixed_point(population[lost], demands[lost], delay[lost], more)
        busy[lost] = (rate[lost, :, np.newaxis] * demands[lost]).sum(axis=1)
    # who visits a station that is busy for more than all of the time is as slow as that
    fullest = np.where(demands > 0, busy[:, np.newaxis], 0.0).max(axis=2, initial=0.0)
    over = fullest > 1.0
    slower = np.where(over, rate / np.maximum(fullest, 1.0), rate)
    there = number.sum(axis=2)
    share = np.where(over, (population - delay * slower) / np.where(there > 0, there, 1.0), 1.0)
    return slower, number * share[..., np.newaxis]


def _linearized(population: Array, demands: Array, delay: Array) -> tuple[Array, Array]:
    """Throughputs and numbers; axes rows, classes and stations, and who is missing in front."""
    rows, classes, stations = demands.shape
    one_less = np.maximum(population - np.eye(classes)[:, np.newaxis], 0.0)  # (t, rows, r)
    change = np.zeros((classes, rows, classes, stations))  # of the share of s, t missing
    rate, number = fixed_point(population, demands, delay, np.zeros(demands.shape))
    for _ in range(_ROUNDS - 1):
        shares = _shares(number, population)
        fewer = np.stack(
            [
                fixed_point(people, demands, delay, _found_more(people, change))[1]
                for people in one_less
            ]
        )
        change = _shares(fewer, one_less) - shares
        # a class of nobody has no share to change
        change = np.where((one_less > 0)[..., np.newaxis], change, 0.0)
        rate, number = fixed_point(population, demands, delay, _found_more(population, change))
    return rate, number


def _shares(number: Array, population: Array) -> Array:
    people = population[..., np.newaxis]
    return number / np.where(people > 0, people, 1.0)


def _found_more(population: Array, change: Array) -> Array:
    """What an arrival of class r finds beside Schweitzer's guess, (rows, classes, stations)."""
    classes = population.shape[-1]
    left = np.maximum(population - np.eye(classes)[:, np.newaxis], 0.0)
    return np.moveaxis((left[..., np.newaxis] * change).sum(axis=2), 0, 1)
