"""What each requirement costs, and what would make an infeasible system feasible.

One requirement is relaxed at a time, everything else is kept, and the exact search says what the
cheapest plan costs then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from capcalc.advice import search
from capcalc.advice.checks import Limit, Solved
from capcalc.advice.options import MOST_HOSTS, Options, options
from capcalc.advice.search import Search
from capcalc.advice.states import planned_load, states
from capcalc.advice.summary import describe
from capcalc.errors import NoVerdict, UsageError
from capcalc.model.components import Database
from capcalc.model.components._shards import Shards
from capcalc.model.failures import ZONE, to_survive
from capcalc.model.system import System
from capcalc.results.advice import Choice
from capcalc.results.relaxations import Relaxation, Relaxations
from capcalc.results.solution import PERCENTILES
from capcalc.solve.chunks import shape_of
from capcalc.solve.cost import cdn_per_month
from capcalc.solve.objectives import limits
from capcalc.solve.requests import law_of
from capcalc.units import format as human
from capcalc.units.kinds import MONTH

#: An objective is loosened to a value that is this much above what a plan has.
ROUND = 1.0005
#: Keys that are spread evenly where the scenario does not say how many there are.
KEYS = 1e6


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One requirement relaxed: the system that is left to plan."""

    kind: str
    words: str
    system: System
    #: of an objective: the class and the measure that its value is of
    value_of: tuple[str, str] | None = None
    #: of a maximum: the tier whose hosts the words end with
    counts: str | None = None


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
    within, every = _search(system)
    broken = search.out_of_reach(within, every)
    try:
        best = None if broken else _optimum(system)
    except search.TooMany:
        raise NoVerdict(_UNPROVED) from None
    roomy = within.solved(search.roomiest(within, every)) if broken else ()
    changes = [*_changes(system, broken), *_nearest(system, broken, roomy)]
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


def _search(system: System) -> tuple[Search, Mapping[str, Options]]:
    within = Search(system=system, states=states(system, planned_load(system)))
    return within, options(system)


def _optimum(system: System) -> Optimum | None:
    """The cheapest plan that keeps everything; None where there is none or it is not proved."""
    within, every = _search(system)
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


def _changes(system: System, broken: list[Limit]) -> Iterator[Change]:
    """Everything that may be relaxed, one at a time."""
    yield from _failures(system)
    yield from _objectives(system)
    yield from _runways(system, bool(broken))
    yield from _maxima(system)
    yield from _shards(system, broken)


def _failures(system: System) -> Iterator[Change]:
    for failure in to_survive(system):
        asking = [
            name
            for name, tier in system.tiers.items()
            if getattr(tier, "survive", None) == failure.kind
            and (failure.kind == ZONE or name in failure.tiers)
        ]
        tiers: dict[str, Any] = dict(system.tiers)
        for name in asking:
            tiers[name] = replace(tiers[name], survive=None)
        yield Change(
            kind="survive",
            words=f"without `survive: {failure.kind}` of {' and '.join(asking)}",
            system=replace(system, tiers=tiers),
        )


def _objectives(system: System) -> Iterator[Change]:
    for name, objective in system.objectives.requests.items():
        for measure, limit in limits(objective).items():
            loose = {**system.objectives.requests, name: replace(objective, **{measure: None})}
            shown = human.duration(float(np.asarray(limit)))
            yield Change(
                kind="objective",
                words=f"{name} {measure} {shown}",
                system=replace(system, objectives=replace(system.objectives, requests=loose)),
                value_of=(name, measure),
            )


def _nearest(system: System, broken: list[Limit], roomy: tuple[Solved, ...]) -> Iterator[Change]:
    """Objectives out of reach, each loosened to what the largest machines keep."""
    missed = {(limit.subject, limit.measure) for limit in broken if isinstance(limit.subject, str)}
    for name, objective in system.objectives.requests.items():
        for measure, limit in limits(objective).items():
            least = _worst(roomy, name, measure) * ROUND if (name, measure) in missed else np.inf
            if np.isfinite(least):
                loose = {**system.objectives.requests, name: replace(objective, **{measure: least})}
                shown, most = human.apart(float(np.asarray(limit)), least, human.duration)
                yield Change(
                    kind="objective",
                    words=f"{name} {measure} {shown} -> {most}",
                    system=replace(system, objectives=replace(system.objectives, requests=loose)),
                )


def _runways(system: System, broken: bool) -> Iterator[Change]:
    """Without any runway; where nothing will do, also the longest in whole months that will."""
    runway = system.objectives.min_runway
    if runway is None or planned_load(system) <= 1.0:
        return
    asked = float(np.asarray(runway)) / MONTH
    months = 0.0
    if broken:
        months = _longest(system, asked)
        if not months:
            return
    yield Change(
        kind="min_runway",
        words=(
            f"min_runway of {human.significant(months)} instead of {human.significant(asked)} "
            "months"
        ),
        system=_lasting(system, months),
    )


def _lasting(system: System, months: float) -> System:
    return replace(system, objectives=replace(system.objectives, min_runway=months * MONTH))


def _longest(system: System, asked: float) -> float:
    """The most whole months for which some plan lasts; 0 where none does even today."""
    low, high = 0, int(np.ceil(asked))
    while high - low > 1:
        middle = (low + high) // 2
        within, every = _search(_lasting(system, float(middle)))
        low, high = (low, middle) if search.out_of_reach(within, every) else (middle, high)
    return float(low)


def _maxima(system: System) -> Iterator[Change]:
    for name, tier in system.owners().items():
        for key in ("max_hosts", "max_replicas"):
            most = getattr(tier, key, None)
            if most is not None and float(np.asarray(most)) < MOST_HOSTS - 1:
                changes: dict[str, Any] = {key: None}
                yield Change(
                    kind="max_hosts",
                    words=f"more than `{key}: {float(np.asarray(most)):g}` of {name}",
                    system=system.with_tier(name, replace(tier, **changes)),
                    counts=name,
                )


def _shards(system: System, broken: list[Limit]) -> Iterator[Change]:
    """Twice the primaries, only where one cannot take the writes, whatever its size."""
    for name, tier in system.owners().items():
        walled = any(limit.subject == (name, "primary") for limit in broken)
        if walled and isinstance(tier, Database) and tier.shards is None:
            shards = Shards(count=2.0, keys=KEYS, zipf=0.0)
            yield Change(
                kind="shards",
                words=f"{name} in 2 shards, if its keys are asked for alike",
                system=system.with_tier(name, replace(tier, shards=shards)),
            )


def _relaxed(change: Change, best: Optimum | None) -> Relaxation | None:
    """The cheapest plan after a change; None where there is none or it is no cheaper."""
    plan = _optimum(change.system)
    if plan is None or (best is not None and plan.price >= best.price):
        return None
    words = change.words
    if change.value_of is not None:
        words += f" -> {human.duration(_worst(plan.found, *change.value_of) * ROUND)}"
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


def _worst(found: tuple[Solved, ...], name: str, measure: str) -> float:
    """The worst value of a measure over all states."""
    values = []
    for each in found:
        law = law_of(each.coming, each.queues, name)
        value = law.mean if measure == "mean" else law.quantile(PERCENTILES[measure])
        values.append(float(np.max(np.asarray(value))))
    return max(values)


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
