"""Why: recommendations in sentences, each built from numbers and bound to its condition.

A function yields a sentence only where its condition holds in the data, so that a sentence
disappears when the numbers change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from capcalc.advice import search
from capcalc.advice.checks import Limit
from capcalc.advice.options import MOST_HOSTS, Options
from capcalc.advice.search import Search, largest, one
from capcalc.advice.states import months
from capcalc.advice.summary import at_load, describe, value_of
from capcalc.model.components import Database
from capcalc.model.system import System
from capcalc.results.advice import BreakEven, Choice, Plan
from capcalc.solve.stations import queues
from capcalc.traffic.flows import flows
from capcalc.units import format as human

SHARED = (
    "a database runs on these hosts and cannot be copied to more of them: give it hosts of its "
    "own (drop `with`) before adding hosts"
)
#: A wait below this share of the response is no queueing to speak of.
NO_QUEUE = 0.1


def tier(
    system: System,
    within: Search,
    name: str,
    plans: Mapping[str, Plan],
    choice: str,
    even: BreakEven,
) -> Iterator[str]:
    """The reasons for one tier's recommendation."""
    yield from _verdict(within, plans, choice)
    yield from _comparison(plans)
    yield from _saving(plans, choice)
    for plan in dict.fromkeys((plans["today"], plans[choice])):
        yield from _zone_rounding(system, name, plan)
    yield from _single_point(plans[choice])
    yield from _impossible(plans)
    yield from _write_wall(system, name)
    yield from _only_service(system, name, plans)
    yield from _other_family(system, name, plans[choice])
    yield f"break-even: {even.sentence}"


def _verdict(within: Search, plans: Mapping[str, Plan], choice: str) -> Iterator[str]:
    today, best = plans["today"], plans[choice]
    load = float(np.max(within.states[0].load))
    at = "" if load == 1 else f" at {human.significant(load)} times today's load"
    if choice == "today" and today.feasible:
        after = today.utilization_after_failure
        lost = "" if after is None else f", {human.share(after)} after the failure to survive"
        yield (
            f"today's {today.choices[0]} will do: {human.share(today.utilization or 0)} busy{lost}"
        )
    elif best.feasible:
        yield f"today's {today.choices[0]} will not do{at}: {today.why_not}"
        yield f"{best.choices[0]} ({choice}) is the cheapest that does{_money(best)}"
    else:
        yield f"nothing will do{at}: {today.why_not}"


def _money(plan: Plan) -> str:
    return "" if plan.cost is None else f", {human.dollars(plan.cost)} per month"


def _comparison(plans: Mapping[str, Plan]) -> Iterator[str]:
    """Price and speed of up against out, where both are possible and differ."""
    up, out = plans["vertical"], plans["horizontal"]
    if not (up.feasible and out.feasible) or up.choices == out.choices:
        return
    if up.cost is not None and out.cost is not None:
        yield _dearer("vertical", up, "horizontal", out, up.cost, out.cost)
    elif up.unpriced_servers != out.unpriced_servers:
        yield (
            f"vertical needs {up.unpriced_servers} servers ({up.choices[0]}), horizontal "
            f"{out.unpriced_servers} ({out.choices[0]})"
        )
    if up.p99 is not None and out.p99 is not None and up.p99 < out.p99 * 0.99:
        yield (
            f"fewer, larger hosts answer sooner: p99 {human.duration(up.p99)} against "
            f"{human.duration(out.p99)}, since more servers share each queue"
        )


def _dearer(first: str, one_: Plan, second: str, other: Plan, a: float, b: float) -> str:
    names = (
        f"{first} ({one_.choices[0]}) costs {human.dollars(a)} per month, "
        f"{second} ({other.choices[0]})"
    )
    if abs(a - b) < 0.005:
        return f"{names} the same"
    ratio = abs(a - b) / max(a, b)
    cheaper = first if a < b else second
    return f"{names} {human.dollars(b)}: {cheaper} is {human.share(round(ratio, 3))} cheaper"


def _saving(plans: Mapping[str, Plan], choice: str) -> Iterator[str]:
    """A cheaper mix than what is recommended, when today's plan stays."""
    mixed, best = plans["mixed"], plans[choice]
    if choice != "today" or not (mixed.feasible and best.feasible):
        return
    if mixed.cost is not None and best.cost is not None and mixed.cost < best.cost - 0.005:
        yield (
            f"{mixed.choices[0]} would also do, for {human.dollars(best.cost - mixed.cost)} "
            f"less per month ({human.share(mixed.utilization or 0)} busy)"
        )


def _zone_rounding(system: System, name: str, plan: Plan) -> Iterator[str]:
    """One more host that a lost zone takes away again."""
    tier = system.hosted()[name]
    if tier.survive != "zone" or tier.zones is None or not plan.choices:
        return
    zones, hosts = int(np.max(tier.zones)), plan.choices[0].hosts
    lost, lost_more = -(-hosts // zones), -(-(hosts + 1) // zones)
    if hosts + 1 - lost_more == hosts - lost:
        yield (
            f"host number {hosts + 1} buys no load under `survive: zone`: with {zones} zones the "
            f"fullest of {hosts + 1} hosts has {lost_more}, so {hosts + 1 - lost_more} stay, as "
            f"many as of {hosts}"
        )


def _single_point(plan: Plan) -> Iterator[str]:
    if plan.choices and plan.choices[0].hosts == 1:
        yield (
            "one host is a single point of failure; nothing in the scenario asks this tier to "
            "survive its loss"
        )


def _impossible(plans: Mapping[str, Plan]) -> Iterator[str]:
    """Where one way ends while another goes on."""
    for kind in ("vertical", "horizontal"):
        plan = plans[kind]
        if not plan.feasible and plan.why_not:
            yield f"{kind} is impossible: {plan.why_not}"


def _write_wall(system: System, name: str) -> Iterator[str]:
    """Replicas replay every write: the load at which adding them ends."""
    tier = system.tiers[name]
    if not isinstance(tier, Database) or tier.with_ is not None:
        return
    coming = flows(system)
    found = queues(system, coming)
    replica, primary = found.get((name, "replica")), found.get((name, "primary"))
    if replica is not None and float(np.max(replica.station.hosts)) > 0:
        replays = float(np.max(replica.replayed_load)) / float(np.max(replica.station.hosts))
        if replays > 0:
            wall = float(tier.max_utilization) * float(np.max(replica.station.servers)) / replays
            yield (
                f"write wall: every replica replays every write; at {human.significant(wall)} "
                "times today's writes the replays alone fill a replica of this size and no "
                "number of replicas helps"
            )
    if primary is not None and float(np.max(primary.utilization)) > 0:
        room = float(tier.max_utilization) / float(np.max(primary.utilization))
        yield (
            f"the primary takes all writes alone: this size lasts to {human.significant(room)} "
            "times today's load, then only a larger instance or shards help"
        )


def _only_service(system: System, name: str, plans: Mapping[str, Plan]) -> Iterator[str]:
    """Where waiting is a small part of the response, machines cannot make it quicker."""
    found = [q for (tier, _), q in queues(system, flows(system)).items() if tier == name]
    waits = [float(np.max(q.wait)) / float(np.max(q.service_time)) for q in found if q.service_time]
    if waits and max(waits) < NO_QUEUE and plans["today"].p99:
        yield (
            f"its p99 of {human.duration(plans['today'].p99)} is service, not queueing (waiting is "
            f"{human.share(max(waits))} of a mean service): more hosts will not make it quicker, "
            "less work per request will"
        )


def _other_family(system: System, name: str, plan: Plan) -> Iterator[str]:
    now, choice = system.owners()[name].instance, plan.choices[0] if plan.choices else None
    table = system.catalogue
    if now is None or table is None or choice is None or choice.instance in (None, now):
        return
    before, after = table.position(now), table.position(str(choice.instance))
    if table.family[before] != table.family[after] and table.speed[before] == table.speed[after]:
        yield (
            f"{choice.instance} is taken to be as fast per vCPU as {now}; give "
            "`instances: {speed: {family: factor}}` where you have measured it"
        )
    memory = table.memory[[before, after]] / 2**30
    if np.isfinite(memory).all() and memory[1] < memory[0]:
        yield (
            f"memory is not modelled: {choice.instance} has {human.significant(memory[1])} GiB "
            f"where {now} has {human.significant(memory[0])} GiB"
        )


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
    if choice == "today" and today.feasible:
        yield "what runs today keeps every objective and survives what it should"
    elif best.feasible:
        yield f"today's system will not do: {today.why_not}"
        yield f"the cheapest plan that does is {choice}{_money(best)}: {_changes(today, best)}"
    yield from _one_way_only(plans["vertical"], plans["horizontal"])
    for kind in ("vertical", "horizontal"):
        if not plans[kind].feasible:
            yield f"purely {kind} is impossible: {plans[kind].why_not}"
    yield from _lasts(system, best)
    yield from _lone_hosts(today, best)


def _one_way_only(up: Plan, out: Plan) -> Iterator[str]:
    """Every tier up against every tier out."""
    if not (up.feasible and out.feasible) or up.choices == out.choices:
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
    from datetime import date

    try:
        age = (date.today() - date.fromisoformat(as_of)).days
    except ValueError:
        yield f"the prices of {source} carry no date"
        return
    if age > 90:
        yield f"the prices of {source} are {age} days old (as of {as_of}): check them"


def out_of_reach(
    within: Search, every: Mapping[str, Options], broken: list[Limit]
) -> Iterator[str]:
    """What no plan can keep, how near one comes, and what would have to give."""
    if not broken:
        return
    best = {name: one(option, largest(option)) for name, option in every.items()}
    found = within.solved(best)
    today = {_key(each) for each in out_of_reach_now(within, every)}
    for limit in broken:
        value = value_of(limit, found, 0)
        said = describe(limit, found, 0)
        gives = _gives(limit, value, later=_key(limit) not in today)
        yield f"{said} even with every tier at its largest: {gives}"


def out_of_reach_now(within: Search, every: Mapping[str, Options]) -> list[Limit]:
    """What no plan can keep even at today's load."""
    return search.out_of_reach(at_load(within, 1.0), every)


def _key(limit: Limit) -> tuple[object, ...]:
    return limit.state.name, limit.subject, limit.measure


def _gives(limit: Limit, value: float, *, later: bool) -> str:
    """The nearest thing that would be feasible; ``later``: it is kept at today's load."""
    ways = []
    if isinstance(limit.subject, str) and np.isfinite(value):
        nearest = human.duration(value * 1.0005, 4)
        ways.append(f"an objective of {limit.subject} {limit.measure} of {nearest}")
    if limit.state.failure is not None:
        names = ", ".join(limit.state.failure.tiers)
        ways.append(f"no `survive: {limit.state.failure.kind}` for {names}")
    if not isinstance(limit.subject, str):
        ways.append("less work per request, or the load spread over shards")
    if later:
        ways.append("a shorter min_runway")
    return "feasible would be " + " or ".join(ways) + "; the plans here leave this one limit out"
