"""Why, for one tier: sentences, each built from numbers and bound to its condition.

A function yields a sentence only where its condition holds in the data, so that a sentence
disappears when the numbers change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from capcalc.advice.search import Search
from capcalc.model.components import Database
from capcalc.model.system import System
from capcalc.results.advice import BreakEven, Plan
from capcalc.results.deciding import Deciding
from capcalc.solve.law import mixture_law
from capcalc.solve.loads import Loads, loads
from capcalc.solve.objectives import limits
from capcalc.solve.tiers import sojourn
from capcalc.units import format as human

SHARED = (
    "a database runs on these hosts and cannot be copied to more of them: give it hosts of its "
    "own (drop `with`) before adding hosts"
)
#: A p99 that is no more above that without any queue is the service's own.
NO_QUEUE = 0.05
#: A tier's p99 below this share of the tightest limit is not worth a word.
MATTERS = 0.1


def tier(
    system: System,
    within: Search,
    name: str,
    plans: Mapping[str, Plan],
    choice: str,
    even: BreakEven,
    decided: Deciding | None,
) -> Iterator[str]:
    """The reasons for one tier's recommendation."""
    now = loads(system)
    yield from _verdict(within, plans, choice)
    yield from _impossible(plans)
    if decided is not None and decided.sentence:
        yield decided.sentence
    yield from _quicker(plans)
    yield from _saving(plans, choice)
    for plan in dict.fromkeys((plans["today"], plans[choice])):
        yield from _zone_rounding(system, name, plan)
    yield from _single_point(plans[choice])
    yield from _walls(system, now, name)
    yield from _only_service(system, now, name)
    yield from _other_family(system, name, plans[choice])
    yield from _break_even(system, now, name, even)


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


def _quicker(plans: Mapping[str, Plan]) -> Iterator[str]:
    """Fast against many: what larger hosts are worth in latency, where both ways are possible."""
    up, out = plans["vertical"], plans["horizontal"]
    if not (up.usable and out.usable) or up.choices == out.choices:
        return
    if up.p99 is not None and out.p99 is not None and up.p99 < out.p99 * 0.99:
        yield (
            f"fewer, larger hosts answer sooner: p99 {human.duration(up.p99)} against "
            f"{human.duration(out.p99)}, since more servers share each queue"
        )


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


def _walls(system: System, now: Loads, name: str) -> Iterator[str]:
    """Replicas replay every write, the primary takes all: where adding replicas ends."""
    tier = system.tiers[name]
    if not isinstance(tier, Database) or tier.with_ is not None:
        return
    limit, more = float(tier.max_utilization), "more " if tier.shards else ""
    replica, primary = now.queues.get((name, "replica")), now.queues.get((name, "primary"))
    if replica is not None and float(np.max(replica.station.hosts)) > 0:
        replays = float(np.max(replica.replayed_load)) / float(np.max(replica.station.hosts))
        if replays > 0:
            wall = limit * float(np.max(replica.station.servers)) / replays
            yield (
                f"write wall: each replica replays every write; at {human.significant(wall)} times "
                "today's writes the replays alone fill one of this size, and replicas stop helping"
            )
    if primary is not None and float(np.max(primary.utilization)) > 0:
        room = limit / float(np.max(primary.utilization))
        yield (
            f"the primary takes all writes alone: this size lasts to {human.significant(room)} "
            f"times today's load, then only a larger instance or {more}shards help"
        )


def _only_service(system: System, now: Loads, name: str) -> Iterator[str]:
    """A tail that is the services' own: no queue at all would hardly shorten it.

    Not of tiers whose tail is small beside every objective of those who visit.
    """
    pieces = [each for each in now.flows.work if each.tier == name and each.waited_for]
    stays = [sojourn(now.queues[each.station], each) for each in pieces]
    if not stays:
        return
    rates = [np.divide(each.rate, stay.branches) for each, stay in zip(pieces, stays, strict=True)]
    alone = [replace(stay, prob_wait=0.0, wait=0.0) for stay in stays]
    p99, own = (
        float(np.max(mixture_law(list(zip(rates, each, strict=True))).quantile(0.99)))
        for each in (stays, alone)
    )
    if own * (1 + NO_QUEUE) >= p99 >= MATTERS * _tightest(system, now, name):
        yield (
            f"its p99 of {human.duration(p99)}, everything up, is the service's own tail: without "
            f"any queue it would be {human.duration(own)}; less work per request shortens it, more "
            "hosts do not"
        )


def _tightest(system: System, now: Loads, name: str) -> float:
    """The least latency limit of the classes that visit a tier's hosts; 0 without any. [s]"""
    found = [
        float(np.min(limit))
        for each in _limited(system, now, name)
        for limit in limits(system.objectives.requests[each]).values()
    ]
    return min(found, default=0.0)


def _limited(system: System, now: Loads, name: str) -> set[str]:
    """The classes with latency objectives that visit a tier's hosts."""
    group = {each for each in system.hosted() if system.host_of(each) == name}
    classes = {each.request_class for each in now.flows.work if each.tier in group}
    return classes & system.objectives.requests.keys()


def _break_even(system: System, now: Loads, name: str, even: BreakEven) -> Iterator[str]:
    """The load of the break-even by utilization, and where latency is weighed as well."""
    text = even.sentence
    if even.factor is not None:
        text = f"break-even: {text}"
    if _limited(system, now, name):
        text += f" (by utilization; `--map {name}` weighs latency too)"
    yield text


def _other_family(system: System, name: str, plan: Plan) -> Iterator[str]:
    now, choice = system.owners()[name].instance, plan.choices[0] if plan.choices else None
    table = system.catalogue
    if now is None or table is None or choice is None or choice.instance in (None, now):
        return
    before, after = table.position(now), table.position(str(choice.instance))
    memory = table.memory[[before, after]] / 2**30
    parts = []
    if table.family[before] != table.family[after] and table.speed[before] == table.speed[after]:
        parts.append(
            f"{choice.instance} is taken to be as fast per vCPU as {now} (else give "
            "`instances: {speed: {family: factor}}`)"
        )
    if np.isfinite(memory).all() and memory[1] < memory[0]:
        parts.append(
            f"memory is not modelled: {choice.instance} has {human.significant(memory[1])} GiB "
            f"where {now} has {human.significant(memory[0])} GiB"
        )
    if parts:
        yield "; ".join(parts)
