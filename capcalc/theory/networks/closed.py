"""What every method answers about a closed network, and the laws that its answer must keep."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from capcalc.theory.arrays import Array, Numbers


class Closed(NamedTuple):
    """Answers about a closed network; stations on the last axis, classes before them."""

    #: Cycles that are completed, at visit ratio 1. [1/s]
    throughput: Array
    #: Time of a cycle without thinking, N / X - Z. [s]
    response: Array
    #: Customers at each station.
    mean_number: Array
    #: Time that one cycle spends at each station, all visits together. [s]
    residence_time: Array
    #: Busy share of a server at each station; at a delay station the mean number busy.
    utilization: Array


class Network(NamedTuple):
    """A single-class network as rows: every combination of parameters that broadcasts."""

    population: Array
    demands: Array
    think_time: Array
    servers: Array
    valid: NDArray[np.bool_]
    shape: tuple[int, ...]


def network(
    population: Numbers,
    demands: Numbers,
    think_time: Numbers,
    servers: Numbers,
    *,
    whole: bool = True,
) -> Network:
    """Broadcast the parameters of a single-class network and lay them out as rows.

    Parameters
    ----------
    population, think_time : array_like, shape (...)
        Customers (a whole number), time between cycles. [s]
    demands, servers : array_like, shape (..., stations)
        Visits times service time [s]; ``inf`` servers are a delay.
    whole : bool
        Whether customers come whole only; else none, or 1 and more.

    Returns
    -------
    Network
        Rows out of the domain are replaced by an empty network and marked as not valid.

    References
    ----------
    .. [1] E. D. Lazowska, J. Zahorjan, G. S. Graham, K. C. Sevcik, *Quantitative System
       Performance*, Prentice-Hall, 1984, ch. 6.

    Examples
    --------
    >>> network([1, 2.5], [0.1, 0.2], 1.0, 1).valid
    array([ True, False])
    """
    people, think = np.asarray(population, dtype=float), flushed(np.asarray(think_time, float))
    time, count = flushed(np.asarray(demands, dtype=float)), np.asarray(servers, dtype=float)
    time = np.atleast_1d(time)
    stations = np.broadcast_shapes(time.shape[-1:], count.shape[-1:])
    shape = np.broadcast_shapes(people.shape, think.shape, time.shape[:-1], count.shape[:-1])
    n, z = (np.broadcast_to(each, shape).ravel() for each in (people, think))
    d, c = (
        np.broadcast_to(each, shape + stations).reshape(-1, *stations) for each in (time, count)
    )
    with np.errstate(invalid="ignore"):
        valid = _people(n, whole) & times_in_range(z)
        valid &= np.all(times_in_range(d) & (c >= 1) & (c == np.floor(c)), axis=1)
        valid &= (z + d.sum(axis=1) > 0) | (n == 0)
    n, z = np.where(valid, n, 0.0), np.where(valid, z, 1.0)
    d, c = np.where(valid[:, np.newaxis], d, 0.0), np.where(valid[:, np.newaxis], c, 1.0)
    return Network(n, d, z, c, np.asarray(valid), shape)


def network_of_classes(
    population: Numbers,
    demands: Numbers,
    think_time: Numbers,
    servers: Numbers,
    *,
    whole: bool = True,
) -> Network:
    """Broadcast the parameters of a network of several classes and lay them out as rows.

    Parameters
    ----------
    population, think_time : array_like, shape (..., classes)
        Customers of every class, time between their cycles [s]; a scalar counts for all.
    demands : array_like, shape (..., classes, stations)
        Visits times service time. [s]
    servers : array_like, shape (..., stations)
        ``inf`` is a delay.
    whole : bool
        As for :func:`network`.

    Returns
    -------
    Network
        Rows out of the domain are replaced by an empty network and marked as not valid.

    References
    ----------
    .. [1] E. D. Lazowska, J. Zahorjan, G. S. Graham, K. C. Sevcik, *Quantitative System
       Performance*, Prentice-Hall, 1984, ch. 7.

    Examples
    --------
    >>> network_of_classes([[1, 2], [1, -1]], [[0.1, 0.2], [0.3, 0.1]], 1.0, 1).valid
    array([ True, False])
    """
    time, count = flushed(np.asarray(demands, dtype=float)), np.asarray(servers, dtype=float)
    people, think = np.asarray(population, dtype=float), flushed(np.asarray(think_time, float))
    people, think, count = (np.atleast_1d(each) for each in (people, think, count))
    time = time if time.ndim > 1 else np.atleast_1d(time)[np.newaxis]
    classes = np.broadcast_shapes(people.shape[-1:], think.shape[-1:], time.shape[-2:-1])
    stations = np.broadcast_shapes(time.shape[-1:], count.shape[-1:])
    shape = np.broadcast_shapes(
        people.shape[:-1], think.shape[:-1], time.shape[:-2], count.shape[:-1]
    )
    n, z = (np.broadcast_to(x, shape + classes).reshape(-1, *classes) for x in (people, think))
    d = np.broadcast_to(time, shape + classes + stations).reshape(-1, *classes, *stations)
    c = np.broadcast_to(count, shape + stations).reshape(-1, *stations)
    with np.errstate(invalid="ignore"):
        good = _people(n, whole) & times_in_range(z) & np.all(times_in_range(d), axis=-1)
        good &= (z + d.sum(axis=-1) > 0) | (n == 0)
        valid = good.all(axis=-1) & np.all((c >= 1) & (c == np.floor(c)), axis=-1)
    n, z = (np.where(valid[:, np.newaxis], x, y) for x, y in ((n, 0.0), (z, 1.0)))
    d, c = np.where(valid[:, np.newaxis, np.newaxis], d, 0.0), np.where(valid[:, None], c, 1.0)
    return Network(n, d, z, c, np.asarray(valid), shape)


def times_in_range(time: Array) -> NDArray[np.bool_]:
    """Whether times are from 0 to 1e100 s, where no product of them overflows.

    Parameters
    ----------
    time : ndarray
        [s]

    References
    ----------
    .. [1] IEEE Standard for Floating-Point Arithmetic, IEEE 754-2019, sec. 3.3.

    Examples
    --------
    >>> times_in_range(np.array([0.0, 1.0, -1.0, np.nan, 1e200]))
    array([ True,  True, False, False, False])
    """
    return np.asarray((time >= 0) & (time <= 1e100))


def flushed(time: Array) -> Array:
    """Times with those below 1e-100 s taken for 0, so that their quotients do not overflow.

    Parameters
    ----------
    time : ndarray
        [s]

    References
    ----------
    .. [1] IEEE Standard for Floating-Point Arithmetic, IEEE 754-2019, sec. 3.3.

    Examples
    --------
    >>> flushed(np.array([0.0, 5e-324, 1.0]))
    array([0., 0., 1.])
    """
    with np.errstate(invalid="ignore"):
        return np.where(time < 1e-100, np.minimum(time, 0.0), time)


def _people(population: Array, whole: bool) -> NDArray[np.bool_]:
    right = population == np.floor(population) if whole else (population >= 1) | (population == 0)
    return np.asarray((population >= 0) & right & np.isfinite(population))


def answers(throughput: Array, mean_number: Array, demands: Array, servers: Array) -> Closed:
    r"""Everything that follows from throughput and numbers by Little's law.

    .. math:: R_i = Q_i / X, \quad R = \sum_i R_i, \quad U_i = X D_i / c_i

    Without customers residence times are the demands: what a first customer takes.

    Parameters
    ----------
    throughput : ndarray, shape (...)
        :math:`X`. [1/s]
    mean_number, demands, servers : ndarray, shape (..., stations)
        :math:`Q_i`, :math:`D_i` [s], :math:`c_i`.

    References
    ----------
    .. [1] J. D. C. Little, "A proof for the queuing formula L = lambda W", Oper. Res. 9, 1961.

    Examples
    --------
    >>> answers(np.array(2.0), np.array([1.0]), np.array([0.4]), np.array([1.0])).response
    np.float64(0.5)
    """
    rate = throughput[..., np.newaxis]
    with np.errstate(all="ignore"):
        residence = np.where(rate == 0, demands, mean_number / rate)
        busy = rate * demands / np.where(np.isfinite(servers), servers, 1.0)
    response = residence.sum(axis=-1)
    return Closed(throughput[()], response[()], mean_number, residence, busy)


def checked(
    found: Closed,
    population: Numbers,
    demands: Numbers,
    think_time: Numbers,
    servers: Numbers,
    *,
    classes: bool = False,
    tolerance: float = 1e-9,
) -> Closed:
    r"""The answer itself, after a look at the laws that no closed network breaks.

    .. math:: \sum_i Q_i + Z X = N, \qquad \sum_r U_{ri} \le 1, \qquad
              \frac{N}{Z + N_{all} D} \le X \le \min\left(\frac{N}{Z + D},
              \min_i \frac{c_i}{D_i}\right)

    Parameters
    ----------
    found : Closed
        The answer; undefined elements are passed over.
    population, demands, think_time, servers : array_like
        What was asked for, with a class axis before the stations (and last in ``population``
        and ``think_time``) if ``classes``.
    classes : bool
        Whether there is an axis of classes.
    tolerance : float
        Relative error allowed for.

    Returns
    -------
    Closed
        ``found``. A broken law is a defect of the program: ``ArithmeticError``.

    References
    ----------
    .. [1] P. J. Denning, J. P. Buzen, "The operational analysis of queueing network models",
       ACM Computing Surveys 10, 1978.

    Examples
    --------
    >>> half = np.array([0.5])
    >>> right = answers(np.array(0.5), half, half * 2, np.array([1.0]))
    >>> checked(right, 1, [1.0], 1.0, 1).throughput
    np.float64(0.5)
    >>> checked(right, 3, [1.0], 1.0, 1)
    Traceback (most recent call last):
        ...
    ArithmeticError: closed network: numbers at the stations do not add up to the population
    """
    people, think = np.asarray(population, dtype=float), np.asarray(think_time, dtype=float)
    count = np.asarray(servers, dtype=float)
    own = np.sum(demands, axis=-1)
    everybody = people.sum(axis=-1, keepdims=True) if classes else people
    rate = np.asarray(found.throughput)
    with np.errstate(all="ignore"):
        number = found.mean_number.sum(axis=-1) + rate * think
        busy = (
            np.where(np.isfinite(count), found.utilization.sum(axis=-2), 0.0)
            if classes
            else (np.where(np.isfinite(count), found.utilization, 0.0))
        )
        slack = tolerance * np.maximum(people, 1.0)
        laws = {
            "numbers at the stations do not add up to the population": (
                np.abs(number - people) > slack
            ),
            "a station is busy for more than all of the time": busy > 1.0 + tolerance,
            "a number of customers is negative": found.mean_number < 0,
            "throughput is above N / (Z + D)": rate * (think + own) > people + slack,
            "throughput is below N / (Z + N D)": (
                rate * (think + everybody * own) < people - slack
            ),
        }
    for law, broken in laws.items():
        if np.any(broken):
            raise ArithmeticError(f"closed network: {law}")
    return found
