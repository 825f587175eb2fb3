"""The cheapest sequence of changes of one tier, by dynamic programming over months.

The rules, so that nothing is bought twice: hosts are never taken away and machines never get
smaller; once the plan has added hosts to a tier it does not change the machine any more, so no
host that it adds is replaced later. A change of machine replaces all hosts of the tier, and
both generations are paid for during the lead time. A change is made only when what runs will
not do for another month, and then lasts for a given number of months at least, beyond the
horizon too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from capcalc.advice.timeline_machines import Machines

#: Months not carried, US dollars until the horizon, changes: compared in this order.
Worth: TypeAlias = tuple[int, float, int]
#: What runs: machine, hosts, and whether the plan has added hosts.
Running: TypeAlias = tuple[int, float, bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The planner's terms, in months.

    ``horizon`` is how many are planned and paid for, ``lasting`` how long a change has to last,
    beyond the horizon if need be.
    """

    horizon: int
    lead_time: float
    lasting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """What one tier runs on, month by month, and what that comes to.

    ``carried`` is the number of months after which nothing that the rules allow will do; all
    arrays end at the horizon. ``cost`` is that of all months and of running two generations
    side by side.
    """

    kind: NDArray[np.intp]
    hosts: NDArray[np.float64]
    position: NDArray[np.intp]
    carried: int
    cost: float
    side_by_side: NDArray[np.float64]


@dataclass(slots=True, kw_only=True)
class _Search:
    """One tier's needs, its rules, and the values found so far."""

    tier: Machines
    need: NDArray[np.float64]
    terms: Terms
    way: str
    known: dict[tuple[Running, int], tuple[Worth, Running | None, int]] = field(
        default_factory=dict
    )

    def lasts(self, running: Running, start: int) -> int:
        """The first month, from the start on, for which what runs will not do."""
        horizon = self.terms.horizon
        short = np.flatnonzero(self.need[running[0], start:horizon] > running[1])
        return start + int(short[0]) if len(short) else horizon

    def best(self, running: Running, start: int) -> tuple[Worth, Running | None, int]:
        """What the months from ``start`` come to at best, the next change and its month."""
        known = self.known.get((running, start))
        if known is not None:
            return known
        until, end = self.lasts(running, start), self.terms.horizon
        kind, hosts, _ = running
        price = float(self.tier.price[kind]) * hosts
        stay: Worth = (end - until, price * (end - start), 0)
        found: tuple[Worth, Running | None, int] = (stay, None, until)
        for after in self.changes(running, until) if until < end else ():
            rest, _, _ = self.best(after, until)
            replaced = price * self.terms.lead_time * (after[0] != kind)
            cost = price * (until - start) + replaced + rest[1]
            worth = (rest[0], round(cost, 6), rest[2] + 1)
            if worth < found[0]:
                found = (worth, after, until)
        self.known[running, start] = found
        return found

    def changes(self, running: Running, month: int) -> Iterator[Running]:
        """What may run from this month on: enough for it, and for as long as a change has to last.

        Where nothing lasts so long, whatever lasts longest.
        """
        ends = {kind: int(np.isfinite(self.need[kind]).sum()) for kind in self._kinds(running)}
        lasting = min(month + self.terms.lasting, max(ends.values(), default=0))
        first = max(lasting, month + 1)
        for kind, end in ends.items():
            for hosts in np.unique(self.need[kind, first - 1 : end]):
                more = max(running[1], float(hosts))
                if self.way != "vertical" or more == running[1]:
                    after = (kind, more, running[2] or more > running[1])
                    if after[:2] != running[:2]:
                        yield after

    def _kinds(self, running: Running) -> list[int]:
        kind, _, added = running
        if added or self.way == "horizontal":
            return [kind]
        bigger = [int(at) for at in np.flatnonzero(self.tier.bigger[kind])]
        return bigger if self.way == "vertical" else [kind, *bigger]


def sequence(tier: Machines, need: NDArray[np.float64], terms: Terms, way: str) -> Sequence:
    """The cheapest sequence that keeps up with the needs for as long as anything can.

    ``need`` is the fewest hosts by machine and month. Exact: every sequence that the rules of
    this module allow is compared, by months not carried, then cost, then number of changes.
    """
    search = _Search(tier=tier, need=need, terms=terms, way=way)
    running: Running = (tier.today, tier.hosts_now(), False)
    start, end = 0, terms.horizon
    kind, hosts, both = np.zeros(end, dtype=np.intp), np.zeros(end), np.zeros(end)
    worth = search.best(running, 0)[0]
    while start < end:
        _, after, until = search.best(running, start)
        until = end if after is None else until
        kind[start:until], hosts[start:until] = running[0], running[1]
        if after is not None and after[0] != running[0]:
            both[until] = float(tier.price[running[0]]) * running[1] * terms.lead_time
        start, running = until, after or running
    position = [tier.at(int(k), float(h)) for k, h in zip(kind, hosts, strict=True)]
    return Sequence(
        kind=kind,
        hosts=hosts,
        position=np.array(position, dtype=np.intp),
        carried=end - worth[0],
        cost=worth[1],
        side_by_side=both,
    )
