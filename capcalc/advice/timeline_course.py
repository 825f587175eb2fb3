"""All tiers' sequences together, held against every limit in every month, and mended upward.

Each tier's sequence is first the cheapest with all other tiers at their largest: what it needs
then it needs in any plan, which gives a lower bound. Together they keep every limit on
utilization; a latency objective may still break, as waits at several tiers add up. Then each
tier is tried as the one that makes up for it, with the others as planned, and the cheapest is
taken; where no single tier can, all are planned for a multiple of the load.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from capcalc.advice.timeline_bound import least_cost
from capcalc.advice.timeline_needs import Months, hosts_needed, out_of_reach
from capcalc.advice.timeline_steps import Sequence, Terms, sequence

#: Sums of the same costs in another order differ by no more than this part.
ROUNDING = 1e-9
#: Multiples of the load for which all tiers are planned where no single tier makes up for a
#: latency objective.
MARGINS = (1.05, 1.1, 1.2, 1.35, 1.5, 1.75, 2.0, 2.5, 3.0, 4.0)

Needs = Mapping[str, NDArray[np.float64]]
Sequences = Mapping[str, Sequence]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One way to grow, for all tiers.

    ``kept`` says month by month whether every limit holds. ``cost`` is that of all hosts until
    the horizon, ``least`` the lower bound on it for any plan under the same rules; ``servers``
    are server-months of tiers without a price. ``reachable`` are the months that each tier
    carries with all others at their largest: no plan under the same rules carries more.
    """

    way: str
    tiers: Sequences
    kept: NDArray[np.bool_]
    cost: float
    servers: float
    least: float
    least_servers: float
    reachable: int

    @property
    def carried(self) -> int:
        """Months until the first in which something breaks."""
        broken = np.flatnonzero(~self.kept)
        return int(broken[0]) if len(broken) else len(self.kept)

    @property
    def proved(self) -> bool:
        """Whether every limit is kept at the least that any plan costs."""
        pairs = ((self.cost, self.least), (self.servers, self.least_servers))
        return bool(self.kept.all()) and all(
            abs(cost - least) <= ROUNDING * cost for cost, least in pairs
        )


def needs(months: Months) -> Needs:
    """What each tier needs at least: all others at their largest."""
    roomy = months.largest()
    return {name: hosts_needed(months, name, roomy) for name in months.every}


def planned(months: Months, least: Needs, terms: Terms, way: str) -> Planned:
    """The plan of one way to grow."""
    every = months.every
    alone = {name: sequence(tier, least[name], terms, way) for name, tier in every.items()}
    bound = {name: least_cost(tier, least[name], terms, way) for name, tier in every.items()}
    priced = [name for name, tier in every.items() if tier.option.priced]
    first = replace(
        _together(months, alone, way),
        least=sum(bound[name] for name in priced),
        least_servers=sum(bound[name] for name in every if name not in priced),
        reachable=min((each.carried for each in alone.values()), default=0),
    )
    return first if first.carried >= first.reachable else _repaired(months, least, terms, first)


def _repaired(months: Months, least: Needs, terms: Terms, first: Planned) -> Planned:
    """The same with more for latency's sake: at one tier, else at all of them."""
    tried = [_mended(months, least, terms, first, name) for name in months.every]
    found = min([first, *tried], key=_worth)
    if found.carried < found.reachable:
        wide = _with_margin(months, terms, first)
        if wide is not None:
            for name in months.every:
                wide = min(wide, _mended(months, least, terms, wide, name), key=_worth)
            found = min(found, wide, key=_worth)
    return found


def _worth(plan: Planned) -> tuple[int, float, float]:
    return -plan.carried, plan.cost, plan.servers


def _together(months: Months, tiers: Sequences, way: str) -> Planned:
    """All tiers' sequences held against every limit; bounds are not known yet."""
    course = {name: each.position for name, each in tiers.items()}
    month = np.arange(min((len(each.kind) for each in tiers.values()), default=0))
    priced = [name for name, tier in months.every.items() if tier.option.priced]
    return Planned(
        way=way,
        tiers=tiers,
        kept=months.kept(months.chosen(course, month), month),
        cost=sum(tiers[name].cost for name in priced),
        servers=sum(each.cost for name, each in tiers.items() if name not in priced),
        least=np.inf,
        least_servers=np.inf,
        reachable=0,
    )


def _as_bounded(plan: Planned, first: Planned) -> Planned:
    """With the bounds of the first plan of the same way."""
    return replace(
        plan,
        least=first.least,
        least_servers=first.least_servers,
        reachable=first.reachable,
    )


def _mended(months: Months, least: Needs, terms: Terms, plan: Planned, name: str) -> Planned:
    """The same plan with one tier making up for what the others leave."""
    end = plan.reachable  # from there on some tier breaks limits of its own
    month = np.arange(terms.horizon)
    course = {other: each.position for other, each in plan.tiers.items()}
    most = {**course, name: months.largest()[name][: terms.horizon]}
    if not months.kept(months.chosen(most, month), month)[: plan.carried + 1].all():
        return plan  # not even its largest makes up for it
    beyond = np.minimum(np.arange(len(months)), terms.horizon - 1)
    course = {other: position[beyond] for other, position in course.items()}
    need = hosts_needed(months, name, course, least[name])
    need[:, end:] = np.maximum(least[name][:, end:], need[:, end - 1 : end])
    changed = sequence(months.every[name], need, terms, plan.way)
    return _as_bounded(_together(months, {**plan.tiers, name: changed}, plan.way), plan)


def _with_margin(months: Months, terms: Terms, first: Planned) -> Planned | None:
    """All tiers planned for more than the load, by the smallest margin that does."""
    for margin in MARGINS:
        loads = months.loads * margin
        lost = out_of_reach(months.system, months.every, loads)
        least = needs(replace(months, loads=loads, lost=lost))
        tiers = {
            name: sequence(tier, least[name], terms, first.way)
            for name, tier in months.every.items()
        }
        found = _as_bounded(_together(months, tiers, first.way), first)
        if found.carried >= first.reachable:
            return found
    return None
