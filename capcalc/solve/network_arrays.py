"""A network as arrays: visits, service times, servers; classes and stations on the last axes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from capcalc.model import rounds
from capcalc.model.network import EXIT, Network
from capcalc.theory.arrays import Array
from capcalc.theory.networks import traffic
from capcalc.units.types import Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrays:
    """One network as numbers; leading axes are a sweep's.

    ``visits`` and ``service_times`` are (..., classes, stations), ``entry`` too; ``routing`` is
    (..., classes, stations, stations); rates, populations and think times (..., classes), ``nan``
    rates for closed classes and ``nan`` populations for open ones; the rest (..., stations),
    ``inf`` servers for a delay station.
    """

    classes: tuple[str, ...]
    stations: tuple[str, ...]
    open_classes: tuple[int, ...]
    closed_classes: tuple[int, ...]
    shape: tuple[int, ...]
    visits: Array
    routing: Array
    entry: Array
    service_times: Array
    arrival_rates: Array
    arrival_scv: Array
    populations: Array
    think_times: Array
    servers: Array
    scv: Array
    disciplines: tuple[str, ...]

    @property
    def demands(self) -> Array:
        """Service that one way through the network asks of each station. [s]"""
        return self.visits * self.service_times


def arrays_of(network: Network) -> Arrays:
    """The numbers of a network, in the order of the file."""
    names, stations = tuple(network.classes), tuple(network.stations)
    each = [network.classes[name] for name in names]
    kinds = [network.stations[name] for name in stations]
    ways = [_ways(network, name) for name in names]
    visits = stack([way[0] for way in ways], 2)
    numbers = {
        "service_times": matrix([[kind.service(name) for kind in kinds] for name in names]),
        "arrival_rates": row(
            np.nan if one.arrival_rate is None else one.arrival_rate for one in each
        ),
        "arrival_scv": row(one.arrival_scv for one in each),
        "populations": row(np.nan if one.population is None else one.population for one in each),
        "think_times": row(one.think_time for one in each),
        "servers": row(np.inf if kind.discipline == "delay" else kind.servers for kind in kinds),
        "scv": row(kind.scv for kind in kinds),
    }
    depth = {name: 2 if name == "service_times" else 1 for name in numbers}
    leading = [value.shape[: value.ndim - depth[name]] for name, value in numbers.items()]
    return Arrays(
        classes=names,
        stations=stations,
        open_classes=tuple(at for at, one in enumerate(each) if one.is_open),
        closed_classes=tuple(at for at, one in enumerate(each) if not one.is_open),
        shape=np.broadcast_shapes(visits.shape[:-2], *leading),
        visits=visits,
        routing=stack([way[1] for way in ways], 3),
        entry=stack([way[2] for way in ways], 2),
        disciplines=tuple(kind.discipline for kind in kinds),
        **numbers,
    )


def row(values: Iterable[Numbers]) -> Array:
    """Numbers side by side on a new last axis."""
    arrays = np.broadcast_arrays(*(np.asarray(value, dtype=float) for value in values))
    return np.stack(arrays, axis=-1)


def matrix(rows: Iterable[Iterable[Numbers]]) -> Array:
    """Rows of numbers on two new last axes."""
    return stack([row(each) for each in rows], 2)


def stack(parts: list[Array], depth: int) -> Array:
    """Arrays on a new axis that is the ``depth``-th from the end."""
    return np.stack(np.broadcast_arrays(*parts), axis=-depth)


def _ways(network: Network, name: str) -> tuple[Array, Array, Array]:
    """Visits, routing and entry of one class; no routing where the visits are given."""
    given, stations = network.classes[name].visits, tuple(network.stations)
    if given is not None:
        visits = row(given.get(station, 0.0) for station in stations)
        nowhere = np.full((len(stations), len(stations)), np.nan)
        return visits, nowhere, np.full(len(stations), np.nan)
    routing = _matrix(network.rows(name), stations)
    start = network.entry(name)
    entry = row(start.get(station, 0.0) for station in stations)
    if not network.classes[name].is_open and rounds.trapped(network, name):
        reference = stations.index(next(iter(start)))  # a round ends where the next begins
        routing = routing.copy()
        routing[..., :, reference] = 0.0
    return traffic.visits(routing, entry), routing, entry


def _matrix(rows: Mapping[str, Mapping[str, Numbers]], stations: tuple[str, ...]) -> Array:
    onward = (
        {to: share for to, share in rows.get(name, {}).items() if to != EXIT} for name in stations
    )
    return matrix([each.get(to, 0.0) for to in stations] for each in onward)
