"""The cheapest combination of options that keeps every limit, found in order of cost.

Exact: options that no plan can use are removed (with all other tiers at their largest, a limit
still breaks), then those that another option beats in cost and in every wait; the remaining
combinations are tried from the cheapest up, so the first that keeps all limits is the optimum.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from capcalc.advice.checks import Limit, Solved, all_met, latency_limits, solved, utilization_limits
from capcalc.advice.options import Options, applied
from capcalc.advice.states import State
from capcalc.model.components import Cache
from capcalc.model.system import System
from capcalc.solve.stations import Queue
from capcalc.traffic.flows import StationKey
from capcalc.units.types import Numbers

#: Combinations tried before the search gives up and says so.
MOST_TRIED = 100_000

#: One position in every tier's options: a plan.
Plan: TypeAlias = Mapping[str, int]
#: A sort key that adds up over tiers.
Rank: TypeAlias = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A system, the states to keep, and limits that are known to be out of reach."""

    system: System
    states: tuple[State, ...]
    waived: frozenset[tuple[str, StationKey | str, str]] = field(default_factory=frozenset)

    def limits(self, found: tuple[Solved, ...]) -> Iterator[Limit]:
        """All limits but those waived."""
        for limit in chain(utilization_limits(found), latency_limits(found)):
            if not self._waived(limit):
                yield limit

    def _waived(self, limit: Limit) -> bool:
        return (limit.state.name, limit.subject, limit.measure) in self.waived

    def solved(self, chosen: Mapping[str, Options]) -> tuple[Solved, ...]:
        """All states with the options put in."""
        return solved(applied(self.system, chosen), self.states)

    def able(self, chosen: Mapping[str, Options]) -> NDArray[np.bool_]:
        """Plan by plan, whether all limits on utilization are kept: much less work than all."""
        size = len(next(iter(chosen.values())))
        found = utilization_limits(self.solved(chosen))
        return all_met((each for each in found if not self._waived(each)), size)

    def kept(self, chosen: Mapping[str, Options]) -> NDArray[np.bool_]:
        """Plan by plan, whether all limits are kept; the options' arrays are parallel."""
        size = len(next(iter(chosen.values())))
        return all_met(self.limits(self.solved(chosen)), size)


def largest(option: Options) -> int:
    """Position of the option with the most and fastest servers and the most hosts."""
    speed = option.servers / (option.slowdown * option.contention)
    return int(np.lexsort((-option.price, option.hosts, speed))[-1])


def roomiest(search: Search, every: Mapping[str, Options]) -> dict[str, Options]:
    """Every tier at its largest; of cores that slow each other down not more than do good.

    Where cores contend, more of them carry more, each more slowly: hosts of every size are tried,
    in all such tiers alike, and those taken with which the fewest limits break, by the least.
    """
    plain = {name: one(option, largest(option)) for name, option in every.items()}
    ladders = {name: _ladder(option) for name, option in every.items() if _contended(option)}
    if not ladders:
        return plain
    rungs = range(max(map(len, ladders.values())))
    tried = [plain]
    for rung in rungs:
        some = {
            name: one(every[name], ladder[min(rung, len(ladder) - 1)])
            for name, ladder in ladders.items()
        }
        tried.append({**plain, **some})
    return min(tried, key=lambda chosen: _broken(search, chosen))


def _contended(option: Options) -> bool:
    return bool(np.any(option.contention > 1))


def _ladder(option: Options) -> list[int]:
    """The most hosts of every size, those with the quickest service first."""
    slower = option.slowdown * option.contention
    most = np.flatnonzero(option.hosts == option.hosts.max())
    return [int(at) for at in most[np.argsort(slower[most], kind="stable")]]


def _broken(search: Search, chosen: Mapping[str, Options]) -> tuple[int, float]:
    """How many limits break, and how far the worst is beyond its own."""
    broken, worst = 0, 0.0
    for limit in search.limits(search.solved(chosen)):
        if not bool(np.all(limit.met)):
            broken += 1
            if limit.value is not None:
                worst = max(worst, float(np.max(np.divide(limit.value, limit.limit))))
    return broken, worst


def one(option: Options, position: int) -> Options:
    """A single option as an array of one."""
    return option.picked(np.array([position]))


def useful(search: Search, every: Mapping[str, Options]) -> Mapping[str, Options]:
    """Without the options that no plan can use, cheapest first, none beaten by another."""
    best = roomiest(search, every)
    kept = {}
    for name, all_of_them in every.items():
        option = all_of_them.picked(_unlike(all_of_them))
        found = search.solved({**best, name: option})
        ok = all_met(search.limits(found), len(option))
        kept[name] = _unbeaten(option, ok, _waits(found, name, len(option), option))
    return kept


def _unlike(option: Options) -> NDArray[np.intp]:
    """Of options that serve alike (instance types differ in name and price) the cheapest."""
    order = option.order()
    what = (option.servers, option.slowdown, option.contention, option.hosts)
    _, first = np.unique(np.stack(what, axis=-1)[order], axis=0, return_index=True)
    return np.sort(order[first])


def _unbeaten(option: Options, ok: NDArray[np.bool_], waits: NDArray[np.float64]) -> Options:
    """Options in order of cost that no cheaper one beats in every wait."""
    order = option.order()
    chosen: list[int] = []
    for position in order[ok[order]]:
        better = waits[:, chosen] <= waits[:, [position]] if chosen else np.zeros((1, 1), bool)
        if not better.all(axis=0).any():
            chosen.append(int(position))
    return option.picked(np.array(chosen, dtype=int))


def _waits(found: tuple[Solved, ...], tier: str, size: int, option: Options) -> NDArray[np.float64]:
    """What a plan feels of one tier, one row each: the less the better, whatever else it has.

    A wait is 0 with probability 1 - P, else exponential with mean W / P: it is shorter in law
    where both are smaller. A cache that keeps less after a failure sends more to others.
    """
    rows: list[Numbers] = [option.slowdown * option.contention]
    for each in found:
        queues = {key: queue for key, queue in each.queues.items() if key[0] == tier}
        for key, queue in queues.items():
            rows += _wait(queues.get((tier, "primary")), key, queue)
        member = each.system.tiers[tier]
        if isinstance(member, Cache) and member.answering:
            rows.append(1.0 - member.hit())
    return np.stack([np.broadcast_to(row, (size,)) for row in rows])


def _wait(primary: Queue | None, key: StationKey, queue: Queue) -> list[Numbers]:
    prob_wait, wait = np.asarray(queue.prob_wait), np.asarray(queue.wait)
    if key[1] == "replica" and primary is not None:
        none = np.asarray(queue.station.hosts) == 0  # then the primary answers the reads
        prob_wait = np.where(none, primary.prob_wait, prob_wait)
        wait = np.where(none, primary.wait, wait)
    delayed = np.where(prob_wait > 0, wait / np.where(prob_wait > 0, prob_wait, 1.0), 0.0)
    return [prob_wait, delayed]


def cheapest(search: Search, options: Mapping[str, Options]) -> Plan | None:
    """Positions of the optimum among the options, or None where no combination will do.

    Raises
    ------
    TooMany
        When more than :data:`MOST_TRIED` combinations are cheaper than the optimum.
    """
    if any(len(option) == 0 for option in options.values()):
        return None
    names, tried, batch = list(options), 0, 1
    order = _by_cost([option.rank() for option in options.values()])
    while plans := list(islice(order, batch)):
        columns = np.array(plans).T
        chosen = {
            name: options[name].picked(column) for name, column in zip(names, columns, strict=True)
        }
        hits = np.flatnonzero(search.kept(chosen))
        if len(hits):
            return dict(zip(names, plans[hits[0]], strict=True))
        tried += len(plans)
        batch = min(batch * 8, 2048)
        if tried >= MOST_TRIED:
            raise TooMany(tried)
    return None


class TooMany(Exception):
    """The search ended before the optimum was proved."""


def _by_cost(ranks: Sequence[Sequence[Rank]]) -> Iterator[tuple[int, ...]]:
    """All combinations of positions in order of the sum of their ranks, each once.

    A combination's successors move one tier, at or after the last tier that moved, to its next
    dearer option.
    """
    orders = [sorted(range(len(rank)), key=rank.__getitem__) for rank in ranks]
    costs = [[rank[i] for i in order] for rank, order in zip(ranks, orders, strict=True)]
    first = (0,) * len(ranks)
    heap = [(_sum([cost[0] for cost in costs]), first, 0)]
    while heap:
        _, at, last = heapq.heappop(heap)
        yield tuple(order[i] for order, i in zip(orders, at, strict=True))
        for tier in range(last, len(ranks)):
            if at[tier] + 1 < len(costs[tier]):
                after = (*at[:tier], at[tier] + 1, *at[tier + 1 :])
                total = _sum([cost[i] for cost, i in zip(costs, after, strict=True)])
                heapq.heappush(heap, (total, after, tier))


def _sum(ranks: Sequence[Rank]) -> Rank:
    return tuple(map(sum, zip(*ranks, strict=True)))


def out_of_reach(search: Search, every: Mapping[str, Options]) -> list[Limit]:
    """The limits that break even with every tier at its largest option."""
    best = roomiest(search, every)
    return [limit for limit in search.limits(search.solved(best)) if not bool(np.all(limit.met))]
