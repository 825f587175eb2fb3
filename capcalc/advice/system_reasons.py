"""Why, for the whole system: what changes, what it costs, how long it lasts, what to mind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import numpy as np

from capcalc.advice.options import MOST_HOSTS
from capcalc.advice.reasons import money
from capcalc.advice.search import Search
from capcalc.advice.states import months
from capcalc.model.components import Cache, Cdn
from capcalc.model.system import System
from capcalc.results.advice import Choice, Plan
from capcalc.solve.loads import Loads, loads
from capcalc.traffic.edge import offloads
from capcalc.units import format as human

#: Fewer hits by so much are told of [share] where so many times as much gets through.
POINTS, MUCH_MORE = 0.05, 1.5


def system(
    system: System,
    within: Search,
    plans: Mapping[str, Plan],
    choice: str,
) -> Iterator[str]:
    """The reasons for the whole system's recommendation."""
    load = float(np.max(within.states[0].load))
    if load > 1:
        yield (
            f"sized for {human.significant(load)} times today's load, which "
            f"{human.share(float(system.demand.growth))} growth a month reaches within min_runway"
        )
    best, today = plans[choice], plans["today"]
    if choice == "today" and today.usable:
        if best.nearest:
            yield "what runs today keeps all that can be kept; the rest is out of reach (below)"
        else:
            yield "what runs today keeps every objective and survives what it should"
    elif best.usable:
        yield f"today's system will not do: {today.why_not}"
        yield f"the cheapest plan that does is {choice}{money(best)}: {_changes(today, best)}"
    yield from _one_way_only(plans["vertical"], plans["horizontal"])
    for kind in ("vertical", "horizontal"):
        if not plans[kind].usable:
            yield f"purely {kind} is impossible: {plans[kind].why_not}"
    yield from _lasts(system, best)
    yield from _lone_hosts(today, best)
    yield from _hits(system)


def _one_way_only(up: Plan, out: Plan) -> Iterator[str]:
    """Every tier up against every tier out."""
    if not (up.usable and out.usable) or up.choices == out.choices:
        return
    if up.cost is not None and out.cost is not None:
        cheaper = "vertical" if up.cost < out.cost else "horizontal"
        yield (
            f"growing every tier one way only: vertical {human.dollars(up.cost)}, horizontal "
            f"{human.dollars(out.cost)} per month; {cheaper} is the cheaper of the two"
        )


def _hits(system: System) -> Iterator[str]:
    """How much more gets past a cache with a few hits less: points that look alike are not."""
    now = loads(system)
    for name, tier in now.system.tiers.items():
        if isinstance(tier, Cdn | Cache) and tier.answering:
            hits = _hit_ratio(tier)
            asked = _asked(now, name)
            if hits is not None and asked > 0:
                low, high = system.inputs.ranges.get(f"tiers.{name}.hit_ratio", (hits, hits))
                yield from _passed(name, hits, asked, low, high)


def _hit_ratio(tier: Cdn | Cache) -> float | None:
    hits = tier.hit() if isinstance(tier, Cache) else tier.hit_ratio
    return None if hits is None else float(np.max(np.asarray(hits)))


def _asked(now: Loads, name: str) -> float:
    """What a cache is asked for that it may answer. [1/s]"""
    if isinstance(now.system.tiers[name], Cache):
        return float(sum(np.max(piece.rate) for piece in now.flows.work if piece.tier == name))
    kinds = now.system.demand.requests
    rates = offloads(now.system)[name].by_class
    return float(sum(np.max(rates[each]) for each in rates if kinds[each].edge_cacheable))


def _passed(name: str, hits: float, asked: float, low: float, high: float) -> Iterator[str]:
    """What gets past at these hits against a few points less, or over the range that is given."""
    if low < high < 1 and (1 - low) / (1 - high) >= MUCH_MORE:
        yield (
            f"{name} answers {human.share(low)} to {human.share(high)} of what it may and lets "
            f"{human.rate(asked * (1 - low))} to {human.rate(asked * (1 - high))} through, "
            f"{human.significant((1 - low) / (1 - high))} times apart: measure it first"
        )
    elif POINTS <= hits < 1 and (1 - hits + POINTS) / (1 - hits) >= MUCH_MORE:
        now, then = asked * (1 - hits), asked * (1 - hits + POINTS)
        yield (
            f"{name} answers {human.share(hits)} of what it may and lets {human.rate(now)} "
            f"through; at {human.share(hits - POINTS)} it would be {human.rate(then)}, "
            f"{human.significant(then / now)} times as much"
        )


def _lone_hosts(today: Plan, best: Plan) -> Iterator[str]:
    """Redundancy that the cheapest plan gives up because nothing asks for it."""
    before = {choice.tier: choice.hosts for choice in today.choices}
    lone = [each.tier for each in best.choices if each.hosts == 1 and before[each.tier] > 1]
    if lone:
        yield (
            f"it runs {', '.join(lone)} on one host each, a single point of failure that the "
            "scenario allows: `survive: host` there keeps a second one"
        )


def _changes(today: Plan, best: Plan) -> str:
    now = {choice.tier: choice for choice in today.choices}
    changed = [
        f"{each.tier} {now[each.tier]} -> {each}"
        for each in best.choices
        if _machine(each) != _machine(now[each.tier])
    ]
    return ", ".join(changed) or "no change"


def _machine(choice: Choice) -> tuple[object, ...]:
    return choice.instance, choice.hosts, choice.servers


def _lasts(system: System, plan: Plan) -> Iterator[str]:
    if plan.load_factor is None or not np.isfinite(plan.load_factor):
        return
    text = f"it lasts to {human.significant(plan.load_factor)} times today's load"
    ahead = months(system, plan.load_factor) if plan.load_factor > 0 else -np.inf
    if np.isfinite(ahead) and ahead > 0:
        text += f", {human.significant(ahead)} months at the given growth"
    if plan.load_factor >= 1:
        yield text


def cautions(system: System, plan: Plan) -> Iterator[str]:
    """What a plan leaves out or takes for granted."""
    table = system.catalogue
    if table is not None and any(choice.instance for choice in plan.choices):
        yield from stale(table.as_of, table.source)
    if any(choice.hosts >= MOST_HOSTS for choice in plan.choices):
        yield f"no more than {MOST_HOSTS} hosts a tier are searched"


def stale(as_of: str, source: str) -> Iterator[str]:
    """A warning for prices more than 90 days old."""
    try:
        age = (date.today() - date.fromisoformat(as_of)).days
    except ValueError:
        yield f"the prices of {source} carry no date"
        return
    if age > 90:
        yield f"the prices of {source} are {age} days old (as of {as_of}): check them"
