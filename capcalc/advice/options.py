"""What each tier could run on: every allowed instance type times every count of hosts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from capcalc.model.components import Database, Service
from capcalc.model.components.hosted import Hosted
from capcalc.model.system import System
from capcalc.results.advice import Choice
from capcalc.solve.cost import HOURS

#: More hosts than this are not searched.
MOST_HOSTS = 64
#: Without a table of instances a host may be doubled so many times.
DOUBLINGS = 6
_TIMES = ("service_time", "read_time", "write_time", "apply_time")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """One tier's options as arrays, one element an option.

    ``row`` is the instance's row in the catalogue, -1 where the tier has no instance;
    ``price`` is per host and hour, 0 where none is known; ``slowdown`` multiplies service
    times, so does the ``contention`` of a host's cores, which the model sees to itself;
    ``today`` is the position of what runs now.
    """

    tier: str
    row: NDArray[np.intp]
    hosts: NDArray[np.float64]
    servers: NDArray[np.float64]
    price: NDArray[np.float64]
    slowdown: NDArray[np.float64]
    contention: NDArray[np.float64]
    #: position of each option among all of the tier's options
    origin: NDArray[np.intp]
    priced: bool
    #: whether any tier of the system has a price
    others_priced: bool
    today: int

    def __len__(self) -> int:
        """How many options there are."""
        return len(self.hosts)

    def picked(self, which: NDArray[np.intp]) -> Options:
        """Some of the options; ``today`` is lost (-1) where it is not among them."""
        positions = np.flatnonzero(np.asarray(which) == self.today)
        arrays = {
            name: getattr(self, name)[which]
            for name in ("row", "hosts", "servers", "price", "slowdown", "contention", "origin")
        }
        return replace(self, today=int(positions[0]) if len(positions) else -1, **arrays)

    def rank(self) -> list[tuple[int, ...]]:
        """Sort keys, cheapest first; sums of them over tiers compare plans, exactly.

        Cost in micro-dollars per hour; then, for a tier without a price, whether it changes at
        all (no price, no ground to change; only where nothing has a price do fewer servers
        win, DESIGN ruling 18) and its servers; then less change, no lone host, fewer hosts.
        """
        return list(map(tuple, self._keys().tolist()))

    def _keys(self) -> NDArray[np.int64]:
        """The sort keys, one row an option."""
        money = np.round(self.price * 1e6).astype(np.int64) * self.hosts.astype(np.int64)
        changed = np.arange(len(self)) != self.today
        unpriced = not self.priced
        servers = self.hosts * self.servers * unpriced
        columns = (
            money,
            changed & (unpriced and self.others_priced),
            servers,
            changed,
            self.hosts == 1,
            self.hosts,
        )
        return np.stack([column.astype(np.int64) for column in columns], axis=-1)

    def price_rank(self) -> list[tuple[int, ...]]:
        """Cost and servers without a price alone, for comparing two ways to grow."""
        return list(map(tuple, self._keys()[:, [0, 2]].tolist()))

    def order(self) -> NDArray[np.intp]:
        """Positions from the cheapest up."""
        return np.lexsort(self._keys().T[::-1])

    def choice(self, system: System, position: int) -> Choice:
        """One option in words."""
        row, hosts = int(self.row[position]), int(self.hosts[position])
        instance = system.catalogue.instance[row] if system.catalogue and row >= 0 else None
        cost = float(self.price[position]) * hosts * HOURS if self.priced else None
        servers = int(self.servers[position])
        return Choice(tier=self.tier, instance=instance, hosts=hosts, servers=servers, cost=cost)


def options(system: System) -> Mapping[str, Options]:
    """All options of every tier with hosts of its own that can change."""
    return {name: _options(system, name, tier) for name, tier in system.owners().items()}


def _options(system: System, name: str, tier: Hosted) -> Options:
    hosts_now, servers_now = float(tier.host_count()), float(system.servers(name))
    rows, servers, price, slowdown = _machines(system, tier, servers_now)
    counts = _counts(system, name, tier)
    row, hosts = (grid.ravel() for grid in np.meshgrid(np.arange(len(rows)), counts, indexing="ij"))
    now = _row_now(system, tier)
    same = (rows[row] == now) & (servers[row] == servers_now) & (hosts == hosts_now)
    return Options(
        tier=name,
        row=rows[row],
        hosts=hosts.astype(float),
        servers=servers[row],
        price=price[row],
        slowdown=slowdown[row],
        contention=_contention(tier, servers[row]),
        origin=np.arange(len(row)),
        priced=tier.instance is not None,
        others_priced=any(each.instance is not None for each in system.owners().values()),
        today=int(np.flatnonzero(same)[0]),
    )


def _row_now(system: System, tier: Hosted) -> int:
    if tier.instance is None or system.catalogue is None:
        return -1
    return system.catalogue.position(tier.instance)


def _machines(
    system: System, tier: Hosted, servers_now: float
) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Row, servers, price and slowdown of each machine that may be chosen."""
    catalogue, now = system.catalogue, _row_now(system, tier)
    if catalogue is None or now < 0:
        steps = np.arange(-_halvings(servers_now), DOUBLINGS + 1.0)
        servers = np.asarray(servers_now * 2.0**steps, dtype=float)
        none = np.full(len(servers), -1, dtype=np.intp)
        return none, servers, np.zeros(len(servers)), np.ones(len(servers))
    rows = catalogue.rows(_families(system, catalogue.family[now]))
    rows = rows if now in rows else np.append(rows, np.intp(now))
    servers = np.array(catalogue.vcpus[rows])
    servers[rows == now] = servers_now
    price = np.asarray(system.prices(), dtype=float)[rows]
    return rows, servers, price, catalogue.speed[now] / catalogue.speed[rows]


def _contention(tier: Hosted, servers: NDArray[np.float64]) -> NDArray[np.float64]:
    """How much longer the cores of a host make a service."""
    if tier.scaling is None:
        return np.ones(len(servers))
    return np.asarray(tier.scaling.slowdown(servers), dtype=float)


def _halvings(servers: float) -> int:
    """How often whole servers can be halved."""
    count = int(servers)
    return (count & -count).bit_length() - 1 if count == servers else 0


def _families(system: System, own: str) -> tuple[str, ...]:
    """The families the scenario allows, else the tier's own (DESIGN ruling 18)."""
    return system.instances.families if system.instances and system.instances.families else (own,)


def _counts(system: System, name: str, tier: Hosted) -> NDArray[np.float64]:
    """The counts of hosts to try, today's among them even where it is above the maximum.

    A host on which a database runs cannot be copied.
    """
    now, least, most = float(tier.host_count()), 1.0, float(MOST_HOSTS)
    if tier.max_hosts is not None:
        most = min(most, float(np.asarray(tier.max_hosts)))
    if isinstance(tier, Database):
        return _of_shards(tier, now, most)
    if isinstance(tier, Service):
        least = float(tier.fan_out)
    if shares_database(system, name):
        return np.array([now])
    return np.union1d(np.arange(least, most + 1.0), now)


def _of_shards(tier: Database, now: float, most: float) -> NDArray[np.float64]:
    """A primary and so many replicas in every shard; one shard where there are none."""
    shards = float(tier.shard_count())
    most = max(1.0, np.floor(most / shards))
    if tier.max_replicas is not None:
        most = min(most, float(tier.max_replicas) + 1.0)
    return np.union1d(shards * np.arange(1.0, most + 1.0), now)


def shares_database(system: System, name: str) -> bool:
    """Whether a database runs on this tier's hosts, so that a host cannot simply be copied."""
    return any(
        isinstance(tier, Database) and tier.with_ == name for tier in system.hosted().values()
    )


def applied(system: System, chosen: Mapping[str, Options]) -> System:
    """The system with every option of each tier as one element of an array."""
    tiers: dict[str, Any] = dict(system.tiers)
    for name, option in chosen.items():
        tiers[name] = replace(system.owners()[name].with_hosts(option.hosts), cores=option.servers)
        if np.any(option.slowdown != 1.0):
            for sharing in system.hosted():
                if system.host_of(sharing) == name:
                    tiers[sharing] = slowed(tiers[sharing], option.slowdown)
    return replace(system, tiers=tiers)


def slowed(tier: Any, factor: NDArray[np.float64]) -> Any:
    """The tier with all its service times multiplied."""
    changes: dict[str, Any] = {}
    for field in fields(tier):
        value = getattr(tier, field.name)
        if field.name in _TIMES and value is not None:
            changes[field.name] = (
                {key: time * factor for key, time in value.items()}
                if isinstance(value, Mapping)
                else value * factor
            )
    fragments = getattr(tier, "fragments", None)
    if fragments is not None:
        changes["fragments"] = {
            name: {key: replace(each, time=each.time * factor) for key, each in parts.items()}
            for name, parts in fragments.items()
        }
    return replace(tier, **changes)
