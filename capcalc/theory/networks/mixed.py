"""Exact networks with classes that come and go and classes of a fixed number of customers."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from capcalc.theory.arrays import Array, Numbers, two_product
from capcalc.theory.networks import convolution, multiclass
from capcalc.theory.networks.closed import Closed, answers, flushed, times_in_range
from capcalc.theory.networks.lattice import Weights
from capcalc.theory.networks.series import poisson_terms
from capcalc.theory.queues.erlang import erlang_c

Places: TypeAlias = NDArray[np.int64]
Mask: TypeAlias = NDArray[np.bool_]


class Mixed(NamedTuple):
    """Answers about a mixed network; classes and stations on the last two axes."""

    #: The classes of a fixed number of customers.
    closed: Closed
    #: Mean time in the network of the classes that come and go. [s]
    response: Array
    #: Their customers at each station.
    mean_number: Array
    #: Time at each station, all visits together. [s]
    residence_time: Array
    #: Share of a server that each keeps busy; at a delay station the mean number busy.
    utilization: Array


class _Demand(NamedTuple):
    """Closed classes that get on, and their demands before and after single servers are slowed."""

    population: Array
    demands: Array
    slowed: Array


class _Rows(NamedTuple):
    """The parameters as rows."""

    arrival_rate: Array  # (rows, open)
    open_demands: Array  # (rows, open, stations)
    population: Array  # (rows, closed)
    demands: Array  # (rows, closed, stations)
    think_time: Array  # (rows, closed)
    servers: Array  # (rows, stations)
    valid: Mask
    shape: tuple[int, ...]


def solve(
    arrival_rate: Numbers,
    open_demands: Numbers,
    population: Numbers,
    closed_demands: Numbers,
    think_time: Numbers = 0.0,
    servers: Numbers = 1.0,
) -> Mixed:
    r"""Exact answers for open and closed classes together.

    Open customers take :math:`\rho_i` of a single server away, so that the closed classes see
    demands :math:`D_{ri} / (1 - \rho_i)`, and themselves wait behind the closed ones:

    .. math:: R_{si} = \frac{D_{si} (1 + Q_i^{closed})}{1 - \rho_i}

    A station of c servers that both visit becomes one whose pace depends on the closed
    customers there, averaged over the open ones. Each of the two kinds may be missing.

    Parameters
    ----------
    arrival_rate : array_like, shape (..., open classes)
        :math:`\lambda_s`; an empty axis for none. [1/s]
    open_demands : array_like, shape (..., open classes, stations)
        :math:`D_{si}`. [s]
    population, think_time : array_like, shape (..., closed classes)
        :math:`N_r`, whole numbers; an empty axis for none; :math:`Z_r` [s].
    closed_demands : array_like, shape (..., closed classes, stations)
        :math:`D_{ri}`. [s]
    servers : array_like, shape (..., stations)
        :math:`c_i`; ``inf`` is a delay.

    Returns
    -------
    Mixed
        Where open classes alone fill a station they wait ``inf`` there, and closed classes that
        visit it are stuck: throughput 0, all their customers at such stations, in equal parts
        if there are several. ``nan`` out of the domain.

    References
    ----------
    .. [1] E. D. Lazowska, J. Zahorjan, G. S. Graham, K. C. Sevcik, *Quantitative System
       Performance*, Prentice-Hall, 1984, sec. 7.4.
    .. [2] F. Baskett, K. M. Chandy, R. R. Muntz, F. G. Palacios, "Open, closed, and mixed
       networks of queues with different classes of customers", J. ACM 22, 1975.

    Examples
    --------
    >>> both = solve([1.0], [[0.25, 0.0]], [3], [[0.25, 0.1]])
    >>> both.response.round(4), both.closed.throughput.round(4)
    (array([1.2014]), array([2.9428]))
    """
    rows = _rows(arrival_rate, open_demands, population, closed_demands, think_time, servers)
    load, spare = _load_and_spare(rows.arrival_rate, rows.open_demands, rows.servers)
    full: Mask = np.asarray((spare <= 0)[:, np.newaxis] & (rows.demands > 0))
    stuck: Mask = np.asarray(full.any(axis=2))
    moving = np.where(stuck, 0.0, rows.population)
    left = np.where(spare > 0, spare, 1.0)
    rate, number, ahead = _closed(rows, moving, load, left)
    parts = full / np.maximum(full.sum(axis=2, keepdims=True), 1)
    number = number + parts * np.where(stuck, rows.population, 0.0)[..., np.newaxis]
    nothing = ~rows.valid
    rate[nothing], number[nothing], ahead[nothing] = np.nan, np.nan, np.nan
    closed = _closed_answers(rows, rate, number, stuck)
    with np.errstate(invalid="ignore"):
        # what comes waits for ever where it finds no spare, and nowhere if it does not go there
        share = np.where(spare > 0, ahead, np.inf)[:, np.newaxis]
        residence = np.where(rows.open_demands > 0, rows.open_demands * share, 0.0)
        flow = rows.arrival_rate[..., np.newaxis]
        held = np.where(flow > 0, flow * residence, 0.0)
        busy = flow * rows.open_demands / _finite(rows.servers)[:, np.newaxis]
    for each in (residence, held, busy):
        each[nothing] = np.nan
    _check(rows, rate, number, closed.utilization, busy)
    wide = (*rows.shape, *rows.open_demands.shape[1:])
    response = residence.sum(axis=2).reshape(wide[:-1])
    found = (each.reshape(wide) for each in (held, residence, busy))
    return Mixed(_reshaped(closed, rows), response, *found)


def _rows(*values: Numbers) -> _Rows:
    rate, open_demands, people, demands, think, count = (
        np.asarray(value, dtype=float) for value in values
    )
    open_demands, demands, think = (flushed(each) for each in (open_demands, demands, think))
    rate, people, think, count = (np.atleast_1d(each) for each in (rate, people, think, count))
    open_demands, demands = (
        each if each.ndim > 1 else np.atleast_1d(each)[np.newaxis]
        for each in (open_demands, demands)
    )
    comes = np.broadcast_shapes(rate.shape[-1:], open_demands.shape[-2:-1])
    stays = np.broadcast_shapes(people.shape[-1:], demands.shape[-2:-1], think.shape[-1:])
    stations = np.broadcast_shapes(open_demands.shape[-1:], demands.shape[-1:], count.shape[-1:])
    shape = np.broadcast_shapes(
        *(each.shape[:-1] for each in (rate, people, think, count)),
        *(each.shape[:-2] for each in (open_demands, demands)),
    )

    def wide(value: Array, *sizes: int) -> Array:
        size = int(np.prod(shape))
        return np.broadcast_to(value, shape + sizes).reshape(size, *sizes)

    found = (
        wide(rate, *comes),
        wide(open_demands, *comes, *stations),
        wide(people, *stays),
        wide(demands, *stays, *stations),
        wide(think, *stays),
        wide(count, *stations),
    )
    with np.errstate(invalid="ignore"):
        flow, n, c = found[0], found[2], found[-1]
        valid = np.all((flow >= 0) & (flow <= 1e100), axis=1)
        for times in (found[1], found[3], found[4]):
            valid &= np.all(times_in_range(times), axis=tuple(range(1, times.ndim)))
        valid &= np.all((c >= 1) & (c == np.floor(c)), axis=1)
        some = (found[4] + found[3].sum(axis=2) > 0) | (n == 0)
        valid &= np.all((n >= 0) & (n == np.floor(n)) & np.isfinite(n) & some, axis=1)
    one, two = valid[:, np.newaxis], valid[:, np.newaxis, np.newaxis]
    return _Rows(
        np.where(one, flow, 0.0),
        np.where(two, found[1], 0.0),
        np.where(one, n, 0.0),
        np.where(two, found[3], 0.0),
        np.where(one, found[4], 0.0),
        np.where(one, c, 1.0),
        valid,
        shape,
    )


def _finite(servers: Array) -> Array:
    return np.where(np.isfinite(servers), servers, 1.0)


def _load_and_spare(rate: Array, demands: Array, servers: Array) -> tuple[Array, Array]:
    """Offered load of all open classes, and servers less that load, as if rounded once."""
    spare, error = servers + np.zeros(demands.shape[::2]), np.zeros(servers.shape)
    for each, time in zip(rate.T, np.moveaxis(demands, 1, 0), strict=True):
        load, missed = two_product(each[:, np.newaxis], time)
        with np.errstate(invalid="ignore"):
            after = spare - load
            gone = spare - after
            error = error + (gone - load) + (spare - (after + gone)) - missed
        spare = after
    load = (rate[..., np.newaxis] * demands).sum(axis=1)
    return load, np.where(np.isfinite(servers), spare + error, np.inf)


def _closed(rows: _Rows, moving: Array, load: Array, spare: Array) -> tuple[Array, Array, Array]:
    """Closed throughputs and numbers, and time of an open customer at a station over demand."""
    queues, ones = np.isfinite(rows.servers), rows.servers == 1
    demands = np.where((moving > 0)[..., np.newaxis], rows.demands, 0.0)
    slowed = demands / np.where(ones, spare, 1.0)[:, np.newaxis]
    closed = _Demand(moving, demands, slowed)
    both = (rows.open_demands > 0).any(axis=1) & demands.any(axis=1)
    shared: Mask = np.asarray(queues & (rows.servers > 1) & both)
    rate, number = np.zeros(moving.shape), np.zeros(demands.shape)
    plain = rows.valid & ~shared.any(axis=1) & (moving > 0).any(axis=1)
    if plain.any():
        rate[plain], number[plain] = _alone(
            moving[plain], slowed[plain], rows.think_time[plain], rows.servers[plain]
        )
    # M/M/c where nobody of a closed class comes
    waiting = np.asarray(erlang_c(_finite(rows.servers), np.where(queues, load, 0.0)))
    ahead = np.where(queues, 1.0 + waiting / spare, 1.0)
    for some in multiclass.pieces(moving, np.asarray(shared.any(axis=1)), multiclass.WIDTH):
        rate[some], number[some], found = _together(rows, some, closed, shared, load, spare)
        ahead[some] = np.where(shared[some], found, ahead[some])
    return rate, number, np.where(ones, (1.0 + number.sum(axis=1)) / spare, ahead)


def _alone(
    population: Array, demands: Array, think_time: Array, servers: Array
) -> tuple[Array, Array]:
    """Closed classes whose demands have been stretched."""
    if population.shape[1] == 1:
        found = convolution.solve(population[:, 0], demands[:, 0], think_time[:, 0], servers)
        return found.throughput[:, np.newaxis], found.mean_number[:, np.newaxis]
    found = multiclass.solve(population, demands, think_time, servers)
    return found.throughput, found.mean_number


def _together(
    rows: _Rows, some: Places, closed: _Demand, shared: Mask, load: Array, spare: Array
) -> tuple[Array, Array, Array]:
    """The same where stations of several servers serve both kinds."""
    people, count = closed.population[some], rows.servers[some]
    finite, waits = _finite(count), np.isfinite(count)
    most = int(people.max(axis=0).sum())  # that the lattice of all rows reaches
    after = np.arange(1.0, most + 2.0)[:, np.newaxis]
    times = np.where(shared[some].any(axis=0), closed.demands[some], closed.slowed[some])
    queue = np.where(waits[:, np.newaxis], times, 0.0)
    delay = rows.think_time[some] + (times - queue).sum(axis=2)
    open_load, room = (
        np.where(waits, each[some], other) for each, other in ((load, 0), (spare, 1))
    )
    stations, paces = [], {}
    for k in range(queue.shape[2]):
        if shared[some, k].any():
            paces[k] = _paces(open_load[:, k], room[:, k], finite[:, k], most + 1)
            stations.append(_of_paces(paces[k][:most], finite[:, k], room[:, k]))
        else:
            stations.append(multiclass.of_servers(finite[:, k]))
    stretched = np.where(waits, finite / np.where(waits, room, 1.0), 1.0)
    guessed = np.where(shared[some].any(axis=0), stretched, 1.0)[:, np.newaxis] * queue
    rates = multiclass.guess(people, guessed, delay, finite)
    found = multiclass.convolved(people, queue, rates, delay, stations)
    thought = found.throughput[..., np.newaxis] * times
    number = np.where(waits[:, np.newaxis], found.number, thought)
    ahead = np.ones(count.shape)
    for k, pace in paces.items():
        ahead[:, k] = (found.together[:, k].T * after * pace).sum(axis=0)
    return found.throughput, number, ahead


def _paces(load: Array, spare: Array, servers: Array, count: int) -> Array:
    r"""Ratios e(k)/e(k - 1), k = 1 ... count, of the weights of k closed customers.

    e(k) is the sum over m open customers of (k + m)!/(k! m!) a^m over the product of
    min(i, c), i = 1 ... k + m. With w_j = a^j/j! it is E_k/k! up to k = c, where
    E_k = w_0 + ... + w_(c-k-1) + V_k and V_k = ((k/c) V_(k-1) + w_(c-k)) c/(c - a),
    which Pascal's rule gives for the sum over m of at least c - k; nothing is subtracted.
    """
    width = int(servers.max()) + 1
    terms = poisson_terms(load[:, np.newaxis], width).T
    sums = np.concatenate([np.zeros((1, load.size)), np.cumsum(terms, axis=0)])
    rows, whole = np.arange(load.size), servers.astype(np.int64)
    paces = np.repeat(1.0 / spare[np.newaxis], count, axis=0)
    beyond, before, scale = np.zeros(load.size), np.ones(load.size), np.ones(load.size)
    for k in range(min(count, width - 1) + 1):
        place = np.maximum(whole - k, 0)
        beyond = (k / servers * beyond + scale * terms[place, rows]) * servers / spare
        weight = scale * sums[place, rows] + beyond
        if k > 0:
            paces[k - 1] = np.where(k <= servers, weight / (k * before), paces[k - 1])
        # what grows without bound is counted in larger and larger units
        unit = np.where(weight > 1e100, weight, 1.0)
        beyond, before, scale = beyond / unit, weight / unit, scale / unit
    return paces


def _of_paces(paces: Array, servers: Array, spare: Array) -> Weights:
    """The series of these weights: e(k) u^k up to k = c, and from there a geometric one."""
    ratios = paces[: int(servers.max())]
    places = np.arange(len(ratios) + 1)[:, np.newaxis]
    below, last = (places < servers).astype(float), (places == servers).astype(float)
    return Weights(ratios, below, last, 1.0 / spare)


def _closed_answers(rows: _Rows, rate: Array, number: Array, stuck: Mask) -> Closed:
    times = np.where(rows.valid[:, np.newaxis, np.newaxis], rows.demands, np.nan)
    found = answers(rate, number, times, rows.servers[:, np.newaxis])
    residence = np.where(stuck[..., np.newaxis] & (number > 0), np.inf, found.residence_time)
    return found._replace(residence_time=residence, response=residence.sum(axis=2))


def _reshaped(closed: Closed, rows: _Rows) -> Closed:
    return Closed(*(np.asarray(each).reshape(*rows.shape, *each.shape[1:]) for each in closed))


def _check(rows: _Rows, rate: Array, number: Array, closed_busy: Array, open_busy: Array) -> None:
    """The laws of :func:`capcalc.theory.networks.closed.checked`, with both kinds there."""
    missing = np.abs(number.sum(axis=2) + rate * rows.think_time - rows.population)
    busy = closed_busy.sum(axis=1) + np.minimum(open_busy.sum(axis=1), 1.0)
    if np.any(missing > 1e-9 * np.maximum(rows.population, 1.0)):
        raise ArithmeticError("mixed network: numbers do not add up to the populations")
    if np.any(np.isfinite(rows.servers) & (busy > 1.0 + 1e-9)) or np.any(number < 0):
        raise ArithmeticError("mixed network: a station is busy for more than all of the time")
