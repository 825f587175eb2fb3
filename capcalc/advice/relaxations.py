"""What each requirement costs, and what would make an infeasible system feasible.

One requirement is relaxed at a time, everything else is kept, and the exact search says what the
cheapest plan costs then.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from capcalc.advice import search
from capcalc.advice.checks import Limit, Solved
from capcalc.advice.relaxations_changes import (
    ROUND,
    Change,
    changes_of,
    nearest,
    search_of,
    worst,
)
from capcalc.advice.summary import describe
from capcalc.errors import NoVerdict, UsageError
from capcalc.model.system import System
from capcalc.results.advice import Choice
from capcalc.results.relaxations import Relaxation, Relaxations
from capcalc.solve.chunks import shape_of
from capcalc.solve.cost import cdn_per_month
from capcalc.units import format as human


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimum:
    """The cheapest plan of a system: what runs where, and every state with it."""

    choices: tuple[Choice, ...]
    cost: float | None
    unpriced: int
    found: tuple[Solved, ...]

    @property
    def price(self) -> tuple[float, int]:
        """What plans are compared by."""
        return round(self.cost or 0.0, 6), self.unpriced


def relaxations(system: System) -> Relaxations:
    """Price every requirement of a system by leaving it out.

    Parameters
    ----------
    system : System
        One scenario; no field may be an array.

    Returns
    -------
    Relaxations
        For a feasible system what would save money, else what would make it feasible: each
        failure not to be survived, each latency objective, ``min_runway``, each maximum of
        hosts, and shards where the primary's writes are beyond every instance.

    Raises
    ------
    UsageError
        When a field is an array.
    NoVerdict
        When the search for the cheapest plan ends before it is proved.
    """
    if shape_of(system):
        raise UsageError("relaxations are of one scenario, not of a sweep of them")
    within, every = search_of(system)
    broken = search.out_of_reach(within, every)
    try:
        best = None if broken else _optimum(system)
    except search.TooMany:
        raise NoVerdict(_UNPROVED) from None
    roomy = within.solved(search.roomiest(within, every)) if broken else ()
    changes = [*changes_of(system, broken), *nearest(system, broken, roomy)]
    relaxed, unproved = _all(changes, best)
    found = sorted(relaxed, key=lambda each: each.price)
    return Relaxations(
        name=system.name,
        feasible=best is not None,
        cost=None if best is None else best.cost,
        choices=() if best is None else best.choices,
        binds=tuple(describe(limit, roomy, 0) for limit in broken),
        found=tuple(found),
        notes=tuple(_notes(best, broken, found, unproved)) if changes else (),
    )


_UNPROVED = (
    f"more than {search.MOST_TRIED:,} cheaper combinations miss a latency objective: the cheapest "
    "plan is not proved; loosen it or allow fewer families"
)


def _all(changes: list[Change], best: Optimum | None) -> tuple[list[Relaxation], list[str]]:
    """The relaxations that help, and those whose search ended before it was proved."""
    found, unproved = [], []
    for change in changes:
        try:
            relaxed = _relaxed(change, best)
        except search.TooMany:
            unproved.append(change.words)
        else:
            found += [] if relaxed is None else [relaxed]
    return found, unproved


def _notes(
    best: Optimum | None, broken: list[Limit], found: list[Relaxation], unproved: list[str]
) -> Iterator[str]:
    for words in unproved:
        yield f"{words}: the search ended before its cheapest plan was proved"
    if unproved:
        return
    if best is None and not found:
        more = f": {len(broken)} limits are out of reach" if len(broken) > 1 else ""
        yield f"no single change among these makes it feasible{more}"
    if best is not None and not found:
        yield "no requirement costs anything: without any one of them the plan is the same"


def _optimum(system: System) -> Optimum | None:
    """The cheapest plan that keeps everything; None where there is none or it is not proved."""
    within, every = search_of(system)
    if search.out_of_reach(within, every):
        return None
    useful = search.useful(within, every)
    best = search.cheapest(within, useful)
    if best is None:
        return None
    choices = tuple(useful[name].choice(system, at) for name, at in best.items())
    costs = [each.cost for each in choices if each.cost is not None]
    edge = sum(
        cdn_per_month(system, name) or 0.0
        for name, tier in system.tiers.items()
        if tier.kind == "cdn"
    )
    return Optimum(
        choices=choices,
        cost=float(sum(costs) + edge) if costs else None,
        unpriced=sum(each.hosts * each.servers for each in choices if each.cost is None),
        found=within.solved({name: search.one(useful[name], at) for name, at in best.items()}),
    )


def _relaxed(change: Change, best: Optimum | None) -> Relaxation | None:
    """The cheapest plan after a change; None where there is none or it is no cheaper."""
    plan = _optimum(change.system)
    if plan is None or (best is not None and plan.price >= best.price):
        return None
    words = change.words
    if change.value_of is not None:
        words += f" -> {human.duration(worst(plan.found, *change.value_of) * ROUND)}"
    if change.counts is not None:
        hosts = next(each.hosts for each in plan.choices if each.tier == change.counts)
        words += f" ({hosts} hosts)"
    priced = best is not None and best.cost is not None and plan.cost is not None
    saves = (best.cost or 0.0) - (plan.cost or 0.0) if best is not None and priced else None
    fewer = None if best is None else best.unpriced - plan.unpriced
    return Relaxation(
        kind=change.kind,
        change=words,
        cost=plan.cost,
        unpriced_servers=plan.unpriced,
        saves=saves,
        fewer_servers=fewer,
        choices=plan.choices,
        sentence=f"{words}: {_price(plan, best, saves, fewer)}",
    )


def _price(plan: Optimum, best: Optimum | None, saves: float | None, fewer: int | None) -> str:
    """What the change saves against the cheapest plan, or what the plan costs then."""
    if best is None:
        if plan.cost is None:
            return f"feasible with {plan.unpriced} servers"
        return f"feasible at {human.dollars(plan.cost)} a month"
    money = f"{human.dollars(saves)} a month less" if saves is not None and saves > 0 else ""
    servers = f"{fewer} server{'' if fewer == 1 else 's'} fewer" if fewer else ""
    return f"{' and '.join(filter(None, (money, servers)))} ({_moved(plan, best)})"


def _moved(plan: Optimum, best: Optimum) -> str:
    """The tiers that run on something else."""
    before = {each.tier: each for each in best.choices}
    return "; ".join(
        _instead(each, before[each.tier])
        for each in plan.choices
        if (each.instance, each.hosts, each.servers)
        != (before[each.tier].instance, before[each.tier].hosts, before[each.tier].servers)
    )


def _instead(now: Choice, before: Choice) -> str:
    less = before.hosts - now.hosts
    if now.instance == before.instance and now.servers == before.servers and less > 0:
        return f"{now.tier}: {less} host{'' if less == 1 else 's'} fewer"
    return f"{now.tier}: {now} instead of {before}"
