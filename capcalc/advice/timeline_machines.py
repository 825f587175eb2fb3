"""What each tier may grow into: its machine today or a bigger one, so many hosts or more.

A growth plan never takes hosts away and never changes to a smaller machine, so whatever
carries a load now is never undone; that it would be cheaper to shrink is `advise`'s answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from capcalc.advice.options import Options, options
from capcalc.model.system import System
from capcalc.solve.cost import HOURS

#: How a tier may grow: bigger machines, more of them, or both.
WAYS = ("plan", "vertical", "horizontal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Machines:
    """The machines of one tier, smallest first, today's among them.

    ``position[kind, count]`` is the option that so many hosts of a machine are; ``bigger[a, b]``
    says whether b may replace a.
    """

    option: Options
    counts: NDArray[np.float64]
    position: NDArray[np.intp]
    #: US dollars per host and month; servers where the tier has no price
    price: NDArray[np.float64]
    bigger: NDArray[np.bool_]
    today: int

    @property
    def tier(self) -> str:
        """The tier's name."""
        return self.option.tier

    def hosts_now(self) -> float:
        """Hosts today."""
        return float(self.option.hosts[self.option.today])

    def at(self, kind: int, hosts: float) -> int:
        """The option that so many hosts of a machine are."""
        return int(self.position[kind, int(np.searchsorted(self.counts, hosts))])


def machines(system: System) -> Mapping[str, Machines]:
    """Every tier's machines."""
    return {name: _of_tier(system, _priced(system, o)) for name, o in options(system).items()}


def _priced(system: System, option: Options) -> Options:
    """With discounts and what operating a host costs in its price."""
    prices = np.append(system.prices(), 0.0)  # -1 stands for no instance
    return replace(option, price=np.asarray(prices[option.row], dtype=float))


def _of_tier(system: System, option: Options) -> Machines:
    now = option.today
    speed = option.servers / (option.slowdown * option.contention)
    memory = _memory(system, option)
    hosts, most = option.hosts, _most_hosts(system, option)
    more = (hosts >= hosts[now]) & (hosts <= np.maximum(most, hosts[now]))
    grows = (speed >= speed[now]) & (memory >= memory[now]) & more
    pairs = np.stack([option.row, option.servers, speed, memory], axis=-1)
    found = np.unique(pairs[grows], axis=0)
    found = found[np.lexsort((found[:, 0], found[:, 3], found[:, 2]))]
    counts = np.unique(option.hosts[grows])
    position = np.full((len(found), len(counts)), -1, dtype=np.intp)
    for at in np.flatnonzero(grows):
        kind = int(np.flatnonzero((found == pairs[at]).all(axis=-1))[0])
        position[kind, int(np.searchsorted(counts, option.hosts[at]))] = at
    complete = (position >= 0).all(axis=-1)
    found, position = found[complete], position[complete]
    first = position[:, 0]
    return Machines(
        option=option,
        counts=counts,
        position=position,
        price=option.price[first] * HOURS if option.priced else option.servers[first],
        bigger=_bigger(found),
        today=int(np.flatnonzero(position[:, 0] == now)[0]),
    )


def _most_hosts(system: System, option: Options) -> float:
    """The most hosts that the scenario allows."""
    most = system.owners()[option.tier].max_hosts
    return np.inf if most is None else float(np.asarray(most))


def _memory(system: System, option: Options) -> NDArray[np.float64]:
    """Bytes of each option's host; 0 where the table does not say."""
    if system.catalogue is None:
        return np.zeros(len(option))
    known = np.nan_to_num(np.append(system.catalogue.memory, 0.0))
    return np.asarray(known[option.row], dtype=float)


def _bigger(found: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether a machine is at least as fast and has as much memory as another, and is not it."""
    speed, memory = found[:, 2], found[:, 3]
    at_least = (speed[None, :] >= speed[:, None]) & (memory[None, :] >= memory[:, None])
    result: NDArray[np.bool_] = at_least & ~np.eye(len(found), dtype=bool)
    return result
