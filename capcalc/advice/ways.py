"""One tier's two ways to grow, every option of both judged at once.

Vertical: as many hosts as today, each as large or larger. Horizontal: more hosts of today's kind.
All limits of all options are solved in one broadcast; a requirement is left out by ignoring its
limits, so that asking what it decides costs nothing more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from capcalc.advice.checks import Limit
from capcalc.advice.found import allowed
from capcalc.advice.options import Options
from capcalc.advice.search import Search
from capcalc.results.advice import Choice
from capcalc.solve.cost import HOURS

WAYS = ("vertical", "horizontal")
#: Costs that differ by less are the same. [USD per month]
CENT = 0.005
#: Says of a limit whether it is left out.
Ignored = Callable[[Limit], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """The options of both ways, and what each keeps.

    ``option`` holds only these; ``may`` says which of them each way may use.
    """

    within: Search
    option: Options
    may: Mapping[str, NDArray[np.bool_]]
    limits: tuple[Limit, ...]

    @property
    def costs(self) -> NDArray[np.float64]:
        """Of each option: US dollars per month, or servers where the tier has no price."""
        return costs(self.option)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The cheapest of each way; None where that way does not do."""

    vertical: Choice | None
    horizontal: Choice | None
    vertical_cost: float
    horizontal_cost: float
    #: positions among all options of the tier
    positions: Mapping[str, int | None]

    @property
    def cheaper(self) -> str | None:
        """``vertical``, ``horizontal``, ``same``, or None where neither does."""
        if self.vertical is None and self.horizontal is None:
            return None
        if abs(self.vertical_cost - self.horizontal_cost) < CENT:
            return "same"
        return "vertical" if self.vertical_cost < self.horizontal_cost else "horizontal"

    @property
    def difference(self) -> float:
        """What the dearer way costs more; ``inf`` where it does not do."""
        if self.cheaper is None or self.cheaper == "same":
            return 0.0
        return abs(self.vertical_cost - self.horizontal_cost)


def costs(option: Options) -> NDArray[np.float64]:
    """US dollars per month, or servers where the tier has no price, option by option."""
    if option.priced:
        return option.price * option.hosts * HOURS
    return option.hosts * option.servers


def both(option: Options) -> tuple[Options, Mapping[str, NDArray[np.bool_]]]:
    """The options that one way or the other may use, and which of them each may."""
    positions = {kind: allowed(option, kind) for kind in WAYS}
    union = np.union1d(positions["vertical"], positions["horizontal"])
    return option.picked(union), {kind: np.isin(union, at) for kind, at in positions.items()}


def judged(
    within: Search,
    option: Options,
    may: Mapping[str, NDArray[np.bool_]],
    others: Mapping[str, Options],
) -> Ways:
    """All limits of all options of one tier, the other tiers as given (one option each)."""
    rest = {name: each for name, each in others.items() if name != option.tier}
    limits = within.limits(within.solved({**rest, option.tier: option}))
    return Ways(within=within, option=option, may=may, limits=tuple(limits))


def outcome(ways: Ways, ignored: Ignored | None = None, option: Options | None = None) -> Outcome:
    """The cheapest of each way, with some limits left out or at other prices."""
    priced = ways.option if option is None else option
    able = np.ones(len(priced), dtype=bool)
    for limit in ways.limits:
        if ignored is None or not ignored(limit):
            able &= limit.met
    found = {kind: _least(priced, able & ways.may[kind]) for kind in WAYS}
    money = costs(priced)
    choices = {
        kind: None if at is None else priced.choice(ways.within.system, at)
        for kind, at in found.items()
    }
    return Outcome(
        vertical=choices["vertical"],
        horizontal=choices["horizontal"],
        vertical_cost=_at(money, found["vertical"]),
        horizontal_cost=_at(money, found["horizontal"]),
        positions={
            kind: None if at is None else int(priced.origin[at]) for kind, at in found.items()
        },
    )


def _least(option: Options, able: NDArray[np.bool_]) -> int | None:
    order = option.order()
    fits = order[able[order]]
    return int(fits[0]) if len(fits) else None


def _at(money: NDArray[np.float64], at: int | None) -> float:
    return float("inf") if at is None else float(money[at])


def machines(
    option: Options,
    *,
    hosts: NDArray[np.float64],
    servers: NDArray[np.float64],
    contention: NDArray[np.float64],
    extra: float,
) -> Options:
    """Machines that no table lists: today's kind and price a server, so many of either.

    ``extra`` is what a host costs an hour whatever its size.
    """
    now, size = option.today, len(hosts)
    each = (float(option.price[now]) - extra) / float(option.servers[now])
    return replace(
        option,
        row=np.where(servers == option.servers[now], option.row[now], -1),
        hosts=hosts,
        servers=servers,
        price=each * servers + extra if option.priced else np.zeros(size),
        slowdown=np.full(size, option.slowdown[now]),
        contention=contention,
        origin=np.arange(size),
        today=0,
    )
