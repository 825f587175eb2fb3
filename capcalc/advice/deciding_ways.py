"""The requirements and terms that are left out, one at a time, and what both ways cost then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from capcalc.advice.checks import SLACK, Limit
from capcalc.advice.options import DOUBLINGS, MOST_HOSTS, Options, shares_database
from capcalc.advice.ways import Outcome, Ways, judged, machines, outcome
from capcalc.model.components import Database, Web
from capcalc.model.failures import ZONE, Failure
from capcalc.solve.cost import HOURS

#: Hosts that are tried where the counterfactual is that there is no limit to them.
FAR_HOSTS = 8 * MOST_HOSTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Without:
    """One thing left out, and what both ways come to without it."""

    kind: str
    words: str
    outcome: Outcome


def in_turn(ways: Ways, others: Mapping[str, Options], found: Outcome) -> Iterator[Without]:
    """Every counterfactual that applies to a tier; of those that decide the first is told.

    What makes a way impossible comes first, then what it has to survive and keep, then money.
    """
    yield from _impossible(ways, others, found)
    yield from _survived(ways)
    yield from _replay(ways, others)
    yield from _latency(ways)
    yield from _sticky(ways, others)
    yield from _contention(ways, others)
    yield from _lone(found)
    yield from _money(ways, others, found)


def _impossible(ways: Ways, others: Mapping[str, Options], found: Outcome) -> Iterator[Without]:
    """What ends one way: a primary that cannot be added, a ladder, a maximum."""
    name, tier = ways.option.tier, ways.within.system.owners()[ways.option.tier]
    if isinstance(tier, Database):
        yield Without(
            kind="statefulness",
            words="if its primary could be copied as its replicas can",
            outcome=outcome(_primary_aside(ways)),
        )
    if found.horizontal is None:
        if shares_database(ways.within.system, name):
            more = _copied(ways, float(MOST_HOSTS))
            words = "if hosts with a database on them could be copied"
            yield Without(
                kind="statefulness", words=words, outcome=_again(ways, more, others, found)
            )
        else:
            more = _copied(ways, float(FAR_HOSTS))
            words = "if there were no maximum of hosts"
            yield Without(kind="ladder", words=words, outcome=_again(ways, more, others, found))
    if found.vertical is None:
        largest = ways.option.servers[ways.may["vertical"]].max()
        more = _larger(ways, largest * 2.0 ** np.arange(1, DOUBLINGS + 1))
        words = "if the ladder of machines went on"
        yield Without(kind="ladder", words=words, outcome=_again(ways, more, others, found))


def _primary_aside(ways: Ways) -> Ways:
    """Without limits on the primary, nor objectives where it is saturated and decides them."""
    name = ways.option.tier
    full: dict[str, NDArray[np.bool_]] = {}
    for limit in ways.limits:
        if _is_primary(limit, name):
            over = np.asarray(limit.value) >= 1.0
            full[limit.state.name] = full.get(limit.state.name, np.asarray(False)) | over
    up = full.get(ways.within.states[0].name, np.asarray(False))
    limits = [
        replace(limit, met=np.asarray(limit.met | full.get(limit.state.name, up)))
        if isinstance(limit.subject, str)
        else limit
        for limit in ways.limits
        if not _is_primary(limit, name)
    ]
    return replace(ways, limits=tuple(limits))


def _is_primary(limit: Limit, name: str) -> bool:
    subject = limit.subject
    return not isinstance(subject, str) and subject[0] == name and subject[1].startswith("primary")


def _copied(ways: Ways, most: float) -> Options:
    """Today's machine, any number of it."""
    now = ways.option.today
    least = float(ways.option.hosts[now])
    counts = np.unique(np.round(np.geomspace(least, max(most, least + 1), 96)))
    same = np.full(len(counts), float(ways.option.servers[now]))
    contention = np.full(len(counts), float(ways.option.contention[now]))
    extra = _operations(ways)
    return machines(ways.option, hosts=counts, servers=same, contention=contention, extra=extra)


def _operations(ways: Ways) -> float:
    """What every host costs beside its price. [USD per hour]"""
    terms = ways.within.system.instances
    return 0.0 if terms is None else float(np.max(np.asarray(terms.operations_cost))) / HOURS


def _larger(ways: Ways, servers: NDArray[np.float64]) -> Options:
    """Today's count of hosts, machines of other sizes."""
    now = ways.option.today
    hosts = np.full(len(servers), float(ways.option.hosts[now]))
    scaling = ways.within.system.owners()[ways.option.tier].scaling
    contention = (
        np.ones(len(servers)) if scaling is None else np.asarray(scaling.slowdown(servers), float)
    )
    extra = _operations(ways)
    return machines(ways.option, hosts=hosts, servers=servers, contention=contention, extra=extra)


def _again(ways: Ways, option: Options, others: Mapping[str, Options], found: Outcome) -> Outcome:
    """One way with machines that do not exist; the other as it is."""
    way = "horizontal" if found.horizontal is None else "vertical"
    may = {kind: np.full(len(option), kind == way) for kind in ways.may}
    then = outcome(judged(ways.within, option, may, others))
    if way == "horizontal":
        return replace(found, horizontal=then.horizontal, horizontal_cost=then.horizontal_cost)
    return replace(found, vertical=then.vertical, vertical_cost=then.vertical_cost)


def _survived(ways: Ways) -> Iterator[Without]:
    """Zones that round, hosts to spare, and what fails elsewhere."""
    name = ways.option.tier
    for failure in dict.fromkeys(each.state.failure for each in ways.limits):
        if failure is None:
            continue
        if failure.kind == ZONE and name in failure.tiers:
            yield Without(
                kind="zone_rounding",
                words="if a lost zone took an even share of the hosts, not whole ones",
                outcome=outcome(_evenly(ways, failure)),
            )
        own = name in failure.tiers
        kind = "n_plus_one" if own else "failure_elsewhere"
        yield Without(
            kind="single_point" if own and _alone(ways) else kind,
            words=f"without `survive: {failure.kind}` ({failure})",
            outcome=outcome(ways, _of(failure)),
        )


def _of(failure: Failure) -> Any:
    return lambda limit: limit.state.failure == failure


def _alone(ways: Ways) -> bool:
    return bool(ways.option.hosts[ways.option.today] == 1)


def _evenly(ways: Ways, failure: Failure) -> Ways:
    """Utilization after a lost zone as if hosts could be lost in parts; latency as it is."""
    name = ways.option.tier
    zones = float(np.max(np.asarray(ways.within.system.owners()[name].zones)))
    hosts = ways.option.hosts
    left, even = hosts - np.ceil(hosts / zones), hosts - hosts / zones
    eased = np.where(even > 0, left / np.where(even > 0, even, 1.0), 1.0)
    limits = [
        _eased(limit, eased)
        if limit.state.failure == failure and limit.value is not None and limit.subject[0] == name
        else limit
        for limit in ways.limits
    ]
    return replace(ways, limits=tuple(limits))


def _eased(limit: Limit, factor: NDArray[np.float64]) -> Limit:
    value = np.asarray(limit.value, dtype=float)
    known = np.isfinite(value)
    value = np.where(known, np.where(known, value, 0.0) * factor, value)
    met = np.asarray(value <= np.multiply(limit.limit, 1 + SLACK)) | np.asarray(limit.met)
    return replace(limit, value=value, met=met)


def _replay(ways: Ways, others: Mapping[str, Options]) -> Iterator[Without]:
    """Writes that every replica applies."""
    tier = ways.within.system.owners()[ways.option.tier]
    if isinstance(tier, Database) and _some(tier.apply_time, tier.write_time):
        free = replace(tier, apply_time=0.0)
        yield Without(
            kind="write_replay",
            words="if replicas applied writes for nothing",
            outcome=outcome(_changed(ways, free, others)),
        )


def _some(apply_time: Any, write_time: Any) -> bool:
    return bool(np.any(np.asarray(write_time if apply_time is None else apply_time) > 0))


def _changed(ways: Ways, tier: Any, others: Mapping[str, Options]) -> Ways:
    """All options judged anew with the tier changed."""
    system = ways.within.system.with_tier(ways.option.tier, tier)
    return judged(replace(ways.within, system=system), ways.option, ways.may, others)


def _latency(ways: Ways) -> Iterator[Without]:
    if any(isinstance(limit.subject, str) for limit in ways.limits):
        yield Without(
            kind="latency",
            words="without latency objectives",
            outcome=outcome(ways, lambda limit: isinstance(limit.subject, str)),
        )


def _sticky(ways: Ways, others: Mapping[str, Options]) -> Iterator[Without]:
    """Sessions that keep requests from the host that is free."""
    tier = ways.within.system.owners()[ways.option.tier]
    if isinstance(tier, Web) and tier.sessions is not None and tier.sessions.state == "sticky":
        free = replace(tier, sessions=replace(tier.sessions, state="none"))
        yield Without(
            kind="statefulness",
            words="if sessions did not stick to hosts",
            outcome=outcome(_changed(ways, free, others)),
        )


def _contention(ways: Ways, others: Mapping[str, Options]) -> Iterator[Without]:
    """Cores that get in each other's way; today's stay as quick as they are."""
    tier = ways.within.system.owners()[ways.option.tier]
    if tier.scaling is None:
        return
    now = float(ways.option.contention[ways.option.today])
    eased = replace(
        ways.option,
        slowdown=ways.option.slowdown * now,
        contention=np.ones(len(ways.option)),
    )
    system = ways.within.system.with_tier(ways.option.tier, replace(tier, scaling=None))
    within = replace(ways.within, system=system)
    yield Without(
        kind="contention",
        words="if more cores in a host did not slow each other down",
        outcome=outcome(judged(within, eased, ways.may, others)),
    )


def _lone(found: Outcome) -> Iterator[Without]:
    """One host that nothing asks to survive: with a second required, one host will not do."""
    up = found.vertical
    if up is None or up.hosts != 1 or found.horizontal is None:
        return
    yield Without(
        kind="single_point",
        words="if it had to survive the loss of its one host",
        outcome=replace(found, vertical=None, vertical_cost=float("inf")),
    )


def _money(ways: Ways, others: Mapping[str, Options], found: Outcome) -> Iterator[Without]:
    """What every host costs beside its price, what a server costs, and sizes in steps."""
    option, extra = ways.option, _operations(ways)
    if option.priced and extra > 0:
        yield Without(
            kind="operations_cost",
            words="if a host cost nothing beside its price",
            outcome=outcome(ways, option=replace(option, price=option.price - extra)),
        )
    if option.priced:
        now = (float(option.price[option.today]) - extra) / float(option.servers[option.today])
        level = now * option.servers * (1.0 / option.slowdown) + extra
        yield Without(
            kind="price",
            words="if a vCPU cost the same in every machine",
            outcome=outcome(ways, option=replace(option, price=level)),
        )
    if found.cheaper == "horizontal" and found.vertical is not None:
        yield Without(
            kind="size_steps",
            words="if machines came in any size",
            outcome=_any_size(ways, others, found),
        )


def _any_size(ways: Ways, others: Mapping[str, Options], found: Outcome) -> Outcome:
    """Vertical with whole servers instead of the sizes there are."""
    now, up = float(ways.option.servers[ways.option.today]), found.vertical
    most = now if up is None else float(up.servers)
    sizes = np.arange(now, most + 1.0)
    sizes = sizes if len(sizes) <= MOST_HOSTS else np.linspace(now, most, MOST_HOSTS).round()
    option = _larger(ways, sizes)
    may = {kind: np.full(len(option), kind == "vertical") for kind in ways.may}
    then = outcome(judged(ways.within, option, may, others))
    if then.vertical is None:
        return found
    better = then.vertical_cost < found.vertical_cost
    if not better:
        return found
    return replace(found, vertical=then.vertical, vertical_cost=then.vertical_cost)
