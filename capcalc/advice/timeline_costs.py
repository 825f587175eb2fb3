"""What the ways to grow cost: month by month, until the horizon, and at today's load."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from capcalc.advice.summary import describe
from capcalc.advice.timeline_course import Planned
from capcalc.advice.timeline_found import REASONS, Frame, missed
from capcalc.results.advice import Choice
from capcalc.results.timeline import Cost, Step, Way


def way(frame: Frame, plan: Planned) -> Way:
    """One way to grow in money."""
    every, size = frame.months.every, frame.terms.horizon
    priced = [name for name, tier in every.items() if tier.option.priced]
    hosts = np.zeros(size)
    for name in priced:
        each = plan.tiers[name]
        hosts += every[name].price[each.kind] * each.hosts
    both = sum(float(plan.tiers[name].side_by_side.sum()) for name in priced)
    last = [frame.choice(name, int(each.position[-1])) for name, each in plan.tiers.items()]
    return Way(
        name=plan.way,
        hosts_cost=tuple(map(float, hosts)),
        hosts_total=float(hosts.sum()) + both,
        edge_total=float(frame.edge.sum()),
        side_by_side=both,
        least=plan.least,
        proved=plan.proved,
        unpriced_servers=sum(each.hosts * each.servers for each in last if each.cost is None),
        machines=tuple(
            tuple(frame.choice(name, int(e.position[at])) for name, e in plan.tiers.items())
            for at in range(size)
        ),
        carried=plan.carried,
        reachable=plan.reachable,
        ends=_end(frame, plan),
    )


def _end(frame: Frame, plan: Planned) -> str:
    """What breaks in the first month that a way to grow does not carry."""
    if plan.carried >= frame.terms.horizon:
        return ""
    at = plan.carried
    course = {name: each.position[[at]] for name, each in plan.tiers.items()}
    broken, found = missed(frame, course, at)
    return "; ".join(describe(limit, found, 0) for limit in broken[:REASONS])


def costs(
    frame: Frame, now: tuple[Planned, ...], ways: tuple[Way, ...], changes: tuple[Step, ...]
) -> tuple[Cost, ...]:
    """All ways at today's load, in each month with a step of the plan, and in the last month."""
    last = frame.terms.horizon - 1
    occasions = {step.needed: "step" for step in changes} | {last: "horizon"}
    found = [_cost_now(frame, each) for each in now]
    for month, occasion in sorted(occasions.items()):
        found += [_cost(frame, each, month, occasion) for each in ways]
    return tuple(found)


def _cost_now(frame: Frame, plan: Planned) -> Cost:
    every = frame.months.every
    choices = [frame.choice(name, int(each.position[0])) for name, each in plan.tiers.items()]
    hosts = sum(
        float(every[name].price[each.kind[0]] * each.hosts[0])
        for name, each in plan.tiers.items()
        if every[name].option.priced
    )
    return Cost(
        way=plan.way,
        month=0,
        date=frame.date(0),
        occasion="today",
        load_factor=1.0,
        machines=_named(choices),
        cost=hosts + frame.edge_now,
        keeps=plan.carried > 0,
    )


def _cost(frame: Frame, each: Way, month: int, occasion: str) -> Cost:
    return Cost(
        way=each.name,
        month=month,
        date=frame.date(month),
        occasion=occasion,
        load_factor=float(frame.months.loads[month]),
        machines=_named(each.machines[month]),
        cost=each.hosts_cost[month] + float(frame.edge[month]),
        keeps=month < each.carried,
    )


def cost_today(frame: Frame) -> float:
    """What runs today, as far as prices are known. [USD per month]"""
    hosts = [
        frame.choice(name, tier.option.today).cost for name, tier in frame.months.every.items()
    ]
    return sum(cost for cost in hosts if cost is not None) + frame.edge_now


def _named(choices: Iterable[Choice]) -> str:
    return ", ".join(f"{choice.tier}: {choice}" for choice in choices)
