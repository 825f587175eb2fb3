"""Why, for the whole system: what changes, what it costs, how long it lasts, what to mind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import numpy as np

from capcalc.advice.options import MOST_HOSTS
from capcalc.advice.reasons import money
from capcalc.advice.search import Search
from capcalc.advice.states import months
from capcalc.model.system import System
from capcalc.results.advice import Choice, Plan
from capcalc.units import format as human


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
