"""Why, for one tier: sentences, each built from numbers and bound to its condition.

A function yields a sentence only where its condition holds in the data, so that a sentence
disappears when the numbers change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from capcalc.advice.search import Search
from capcalc.model.components import Database
from capcalc.model.system import System
from capcalc.results.advice import BreakEven, Plan
from capcalc.solve.loads import loads
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
    if choice == "today" and today.usable:
        after = today.utilization_after_failure
        lost = "" if after is None else f", {human.share(after)} after the failure to survive"
        yield (
            f"today's {today.choices[0]} will do: {human.share(today.utilization or 0)} busy{lost}"
        )
    elif best.usable:
        yield f"today's {today.choices[0]} will not do{at}: {today.why_not}"
        yield f"{best.choices[0]} ({choice}) is the cheapest that does{money(best)}"
    else:
        yield f"nothing will do{at}: {today.why_not}"


def money(plan: Plan) -> str:
    """A plan's cost as the end of a sentence; nothing where no price is known."""
    return "" if plan.cost is None else f", {human.dollars(plan.cost)} per month"


def _comparison(plans: Mapping[str, Plan]) -> Iterator[str]:
    """Price and speed of up against out, where both are possible and differ."""
    up, out = plans["vertical"], plans["horizontal"]
    if not (up.usable and out.usable) or up.choices == out.choices:
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
    if choice != "today" or not (mixed.usable and best.usable):
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
        if not plan.usable and plan.why_not:
            yield f"{kind} is impossible: {plan.why_not}"


def _write_wall(system: System, name: str) -> Iterator[str]:
    """Replicas replay every write: the load at which adding them ends."""
    tier = system.tiers[name]
    if not isinstance(tier, Database) or tier.with_ is not None:
        return
    found = loads(system).queues
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
        more = "more " if tier.shards else ""
        yield (
            f"the primary takes all writes alone: this size lasts to {human.significant(room)} "
            f"times today's load, then only a larger instance or {more}shards help"
        )


def _only_service(system: System, name: str, plans: Mapping[str, Plan]) -> Iterator[str]:
    """Where waiting is a small part of the response, machines cannot make it quicker."""
    found = [q for (tier, _), q in loads(system).queues.items() if tier == name]
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
