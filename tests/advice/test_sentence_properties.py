"""Every sentence of the advice against its condition, computed anew from the public solution.

Random inputs: a sentence stands where its condition holds, with the numbers recomputed, and
nowhere else. Then inputs are moved until the condition turns, and the sentence must go.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import capcalc as cc
from capcalc.model.failures import Failure, to_survive
from capcalc.model.system import System
from capcalc.results.advice import Advice, Choice, TierAdvice
from capcalc.solve.objectives import limits
from capcalc.units.format import dollars, duration, rate, share, significant

HOURS = 730.0
TEXT = """
capcalc: 1
name: shop
demand:
  growth: GROWTH%/month
  requests: {page: {rate: RATE/s}, asset: {rate: 3000/s, static: true}}
tiers:
  cdn: {kind: cdn, hit_ratio: HITS%}
  web: {kind: web, instance: c7g.xlarge, hosts: HOSTS, zones: 3, WEB
        service_time: {page: SERVICEms, asset: 0.1ms}}
  cache: {kind: cache, instance: r7g.large, hosts: 2, service_time: 0.2ms, hit_ratio: CACHED%,
          fronts: db}
  db: {kind: database, instance: r7g.large, replicas: REPLICAS, read_time: 2ms, write_time: 3ms,
       apply_time: APPLYms, DB max_replicas: 10}
calls: {page: {cache: 2, db: {reads: 0.3, writes: WRITES}}}
objectives: {page: {p95: LIMITms}, min_runway: RUNWAY months}
instances: {from: aws-us-east-1, families: [c7g, r7g]}
"""
GIVEN: dict[str, Any] = {
    "GROWTH": 5,
    "RATE": 400,
    "HITS": 94,
    "HOSTS": 6,
    "WEB": "survive: zone,",
    "SERVICE": 20,
    "CACHED": 80,
    "REPLICAS": 2,
    "APPLY": 1.5,
    "DB": "survive: replica,",
    "WRITES": 0.2,
    "LIMIT": 200,
    "RUNWAY": 6,
}


def system_of(**changes: Any) -> System:
    text = TEXT
    for name, value in {**GIVEN, **changes}.items():
        text = re.sub(rf"\b{name}(?=\b|%|ms|/s)", f"{value}", text)
    return cc.loads(text)


@cache
def advised(items: tuple[tuple[str, Any], ...]) -> tuple[System, Advice]:
    system = system_of(**dict(items))
    return system, cc.advise(system)


def advice(**changes: Any) -> tuple[System, Advice]:
    return advised(tuple(sorted(changes.items())))


def tier(found: Advice, name: str) -> TierAdvice:
    return next(each for each in found.tiers if each.tier == name)


def one(texts: tuple[str, ...], part: str) -> str | None:
    hits = [text for text in texts if part in text]
    assert len(hits) < 2, hits
    return hits[0] if hits else None


def grown(system: System, factor: float) -> System:
    requests = system.demand.requests.items()
    return system.replace(
        {f"demand.requests.{name}.rate": np.asarray(r.rate)[()] * factor for name, r in requests}
    )


def planned(system: System) -> float:
    runway = float(np.asarray(system.objectives.min_runway)) / (HOURS * 3600)
    return float((1 + float(system.demand.growth)) ** runway)


def running(system: System, choices: tuple[Choice, ...]) -> System:
    for each in choices:
        owner = system.owners()[each.tier].with_hosts(float(each.hosts))
        system = system.with_tier(each.tier, owner)
        system = system.replace({f"tiers.{each.tier}.instance": each.instance or ""})
    return system


def missed(system: System, factor: float, slack: float = 1e-6) -> set[tuple[str, str, str]]:
    """Every limit that breaks at a load, in every state: state, subject, measure."""
    at, broken = grown(system, factor), set()
    up = cc.solve(at)
    before = {(each.tier, each.role): float(each.utilization) for each in up.stations}
    failures: tuple[Failure | None, ...] = (None, *to_survive(at))
    for failure in failures:
        found = up if failure is None else cc.solve(failure.applied(at))
        for each in found.stations:
            busy, owner = float(each.utilization), at.hosted()[each.tier]
            most = owner.max_utilization if failure is None else owner.max_utilization_after_failure
            worse = failure is None or busy > before.get((each.tier, each.role), 0) * (1 + 1e-9)
            if worse and busy > float(np.asarray(most)) * (1 + slack):
                broken.add((str(failure), each.tier, each.role))
        for name, objective in at.objectives.requests.items():
            for measure, limit in limits(objective).items():
                value = float(getattr(found.request(name), measure))
                if value > float(np.asarray(limit)) * (1 + slack):
                    broken.add((str(failure), name, measure))
    return broken


def price(system: System, choices: tuple[Choice, ...]) -> float:
    table = system.catalogue
    assert table is not None
    return sum(
        float(table.price[table.position(str(each.instance))]) * HOURS * each.hosts
        for each in choices
        if each.instance
    )


def written(system: System) -> float:
    """Writes of one page."""
    return float(np.asarray(system.calls["page"]["db"].writes))  # type: ignore[union-attr]


def seconds(text: str) -> float:
    number, unit = text.replace(",", "").split()
    return float(number) * {"µs": 1e-6, "ms": 1e-3, "s": 1.0}[unit]


# one function a sentence: whether it should be there, and how it should read


def host_that_buys_nothing(system: System, found: Advice) -> None:
    web = tier(found, "web")
    asked = system.owners()["web"].survive == "zone"
    for hosts in {int(np.asarray(system.owners()["web"].host_count()))}:
        stay = [n - int(np.ceil(n / 3)) for n in (hosts, hosts + 1)]
        text = one(web.reasons, f"host number {hosts + 1} buys no load")
        assert (text is not None) == (asked and stay[0] == stay[1])
        if text is not None:
            assert text.endswith(f"so {stay[1]} stay, as many as of {hosts}")


def lone_hosts(system: System, found: Advice) -> None:
    for each in found.tiers:
        text = one(each.reasons, "one host is a single point of failure")
        alone = bool(each.recommended.choices) and each.recommended.choices[0].hosts == 1
        assert (text is not None) == alone
    before = {name: float(np.asarray(t.host_count())) for name, t in system.owners().items()}
    lone = [e.tier for e in found.recommended.choices if e.hosts == 1 and before[e.tier] > 1]
    text = one(found.reasons, "a single point of failure that the scenario allows")
    assert (text is not None) == bool(lone)
    if text is not None:
        assert f"it runs {', '.join(lone)} on one host each" in text


def walls(system: System, found: Advice) -> None:
    db, solution = system.tiers["db"], cc.solve(system)
    writes = float(np.asarray(system.demand.requests["page"].rate)) * written(system)
    text = one(tier(found, "db").reasons, "write wall")
    replays = writes * float(db.apply_time) if float(db.replicas) > 0 else 0.0
    assert (text is not None) == (replays > 0)
    if text is not None:
        assert f"at {significant(0.7 * 2 / replays)} times today's writes" in text
    primary = solution.station("db", "primary")
    text = one(tier(found, "db").reasons, "the primary takes all writes alone")
    assert (text is not None) == (float(primary.utilization) > 0)
    if text is not None:
        assert f"lasts to {significant(0.7 / float(primary.utilization))} times" in text


def own_tail(system: System, found: Advice) -> None:
    """Without a queue: so many hosts and cores that none ever forms."""
    now = cc.solve(system)
    for each in found.tiers:
        text = one(each.reasons, "is the service's own tail")
        wide = system.with_tier(each.tier, system.owners()[each.tier].with_hosts(1e5))
        wide = wide.replace({f"tiers.{each.tier}.cores": 1024.0})  # a primary has no other hosts
        free = cc.solve(wide).tier(each.tier)
        p99, alone = float(now.tier(each.tier).response_p99), float(free.response_p99)
        tight = float(np.asarray(system.objectives.requests["page"].p95))
        if abs(p99 / (alone * 1.05) - 1) < 1e-3 or abs(p99 / (tight / 10) - 1) < 1e-3:
            continue  # too near the condition's edge
        assert (text is not None) == (p99 <= alone * 1.05 and p99 >= tight / 10), each.tier
        if text is not None:
            shown = re.findall(r"[\d.,]+ (?:µs|ms|s)\b", text)
            assert [seconds(each) for each in shown] == pytest.approx([p99, alone], rel=6e-3)


def verdict(system: System, found: Advice) -> None:
    load = planned(system)
    today = tuple(each.today.choices[0] for each in found.tiers)
    broken, waived = missed(system, load), bool(found.infeasible)
    keeps = one(found.reasons, "what runs today keeps every objective")
    assert (keeps is not None) == (not broken)
    worse = one(found.reasons, "today's system will not do")
    if not waived:
        assert (worse is not None) == (bool(broken) and found.recommended.usable)
        if found.recommended.usable:
            assert not missed(running(system, found.recommended.choices), load)
    sized = one(found.reasons, "sized for")
    assert (sized is not None) == (load > 1)
    if sized is not None:
        assert sized.startswith(f"sized for {significant(load)} times today's load, which")
    if worse is not None:
        plan = found.recommended
        text = one(found.reasons, "the cheapest plan that does is")
        assert text is not None
        assert f"{found.recommendation}, {dollars(price(system, plan.choices))} per month" in text
        changed = [e for e, b in zip(plan.choices, today, strict=True) if str(e) != str(b)]
        assert text.count(" -> ") == len(changed)


def lasts(system: System, found: Advice) -> None:
    plan = found.recommended
    text = one(found.reasons, "it lasts to")
    if not plan.usable or plan.nearest:
        return
    machines = running(system, plan.choices)
    end = float(plan.load_factor or 0.0)
    assert not missed(machines, end * (1 - 1e-3))
    assert missed(machines, end * (1 + 1e-3))
    assert (text is not None) == (end >= 1)
    if text is not None:
        assert f"it lasts to {significant(end)} times today's load" in text
        growth = float(system.demand.growth)
        if growth > 0 and end > 1:
            assert f"{significant(np.log(end) / np.log1p(growth))} months" in text


def one_way_only(system: System, found: Advice) -> None:
    up, out = found.vertical, found.horizontal
    text = one(found.reasons, "growing every tier one way only")
    differ = [str(each) for each in up.choices] != [str(each) for each in out.choices]
    assert (text is not None) == (up.usable and out.usable and differ)
    if text is not None:
        costs = price(system, up.choices), price(system, out.choices)
        assert f"vertical {dollars(costs[0])}, horizontal {dollars(costs[1])} per month" in text
        assert text.endswith(
            f"{'vertical' if costs[0] < costs[1] else 'horizontal'} is the cheaper of the two"
        )
    for kind, plan in (("vertical", up), ("horizontal", out)):
        assert (one(found.reasons, f"purely {kind} is impossible") is not None) != plan.usable


def hits(system: System, found: Advice) -> None:
    page = float(np.asarray(system.demand.requests["page"].rate))
    for name, asked in (("cdn", 3000.0), ("cache", 2 * page)):
        ratio = float(np.asarray(system.tiers[name].hit_ratio))  # type: ignore[union-attr]
        text = one(found.reasons, f"{name} answers")
        much = ratio < 1 and (1.05 - ratio) / (1 - ratio) >= 1.5
        assert (text is not None) == much
        if text is not None:
            fewer = system.replace({f"tiers.{name}.hit_ratio": ratio - 0.05})
            behind = {"cdn": "web", "cache": "db"}[name]
            less, more = (
                float(cc.solve(each, quantiles=False).tier(behind).arrival_rate)
                for each in (system, fewer)
            )
            more -= less
            assert more == pytest.approx(0.05 * asked, rel=1e-6)  # nothing else comes of it
            passed = asked * (1 - ratio)
            assert f"lets {rate(passed)} through; at {share(ratio - 0.05)}" in text
            assert f"it would be {rate(passed + more)}, " in text
            times = float(text.removesuffix(" times as much").split()[-1])
            assert times == pytest.approx((passed + more) / passed, rel=6e-3)


def saving(system: System, found: Advice) -> None:
    """A cheaper mix where today's stays: it keeps everything with all others as today."""
    for each in found.tiers:
        text = one(each.reasons, "would also do, for")
        if text is None:
            continue
        choice, now = each.mixed.choices[0], each.today.choices[0]
        assert each.recommendation == "today"
        less = price(system, (now,)) - price(system, (choice,))
        assert less > 0
        assert text.startswith(f"{choice} would also do, for {dollars(less)} less per month")
        rest = {other.tier: other.today.choices[0] for other in found.tiers}
        if found.recommendation == "today" and not found.infeasible:
            chosen = tuple({**rest, each.tier: choice}.values())
            assert not missed(running(system, chosen), planned(system))


def quicker(system: System, found: Advice) -> None:
    """Fast against many, at today's load, everything up."""
    for each in found.tiers:
        up, out = each.vertical, each.horizontal
        text = one(each.reasons, "fewer, larger hosts answer sooner")
        if not (up.usable and out.usable):
            assert text is None
            continue
        times = [_p99(system, each.tier, plan.choices[0]) for plan in (up, out)]
        if abs(times[0] / times[1] - 0.99) < 1e-3:
            continue
        differ = str(up.choices[0]) != str(out.choices[0])
        assert (text is not None) == (differ and times[0] < times[1] * 0.99)
        if text is not None:
            assert f"p99 {duration(times[0])} against {duration(times[1])}" in text


def _p99(system: System, name: str, choice: Choice) -> float:
    return float(cc.solve(running(system, (choice,))).tier(name).response_p99)


def families(system: System, found: Advice) -> None:
    """Another family is taken as equally fast; less memory is said."""
    table = system.catalogue
    assert table is not None
    for each in found.tiers:
        if not each.recommended.choices:
            continue
        now = str(system.owners()[each.tier].instance)
        then = str(each.recommended.choices[0].instance)
        text = one(each.reasons, "is taken to be as fast per vCPU")
        assert (text is not None) == (now.partition(".")[0] != then.partition(".")[0])
        memory = [float(table.memory[table.position(name)]) / 2**30 for name in (now, then)]
        text = one(each.reasons, "memory is not modelled")
        assert (text is not None) == (memory[1] < memory[0])
        if text is not None:
            assert f"has {significant(memory[1])} GiB where {now} has {memory[0]:g} GiB" in text


def break_evens(system: System, found: Advice) -> None:
    """On both sides of the break-even the cheaper way by utilization, option by option."""
    for each in found.tiers:
        even = each.break_even
        if even.factor is None:
            assert one(each.reasons, "break-even") == one(each.reasons, even.sentence)
            continue
        text = one(each.reasons, f"break-even: {even.first} is never dearer up to")
        assert text is not None
        assert f"up to {significant(even.factor)} times today's load" in text
        below = _ways(system, each.tier, even.factor * (1 - 1e-6))
        above = _ways(system, each.tier, even.factor * (1 + 1e-6))
        assert below[str(even.first)] <= below[str(even.then)] + 0.005
        assert above[str(even.then)] < above[str(even.first)]


def _ways(system: System, name: str, load: float) -> dict[str, float]:
    """The cheapest of each way that keeps the limits on utilization. [USD per month]"""
    table, owner = system.catalogue, system.owners()[name]
    assert table is not None
    if owner.instance is None:
        return {}
    now, hosts = table.position(owner.instance), float(np.asarray(owner.host_count()))
    rows = [at for at, each in enumerate(table.family) if each in ("c7g", "r7g")]
    rows = [at for at in rows if table.vcpus[at] >= table.vcpus[now]]
    most = 11.0 if name == "db" else 64.0
    counts, wide = np.arange(hosts, most + 1), np.array(rows)
    up = _fits(system, name, np.full(len(rows), hosts), table.vcpus[wide], load)
    out = _fits(system, name, counts, np.full(len(counts), table.vcpus[now]), load)
    return {
        "vertical": float(np.min(np.where(up, table.price[wide] * hosts * HOURS, np.inf))),
        "horizontal": float(np.min(np.where(out, table.price[now] * counts * HOURS, np.inf))),
    }


def _fits(system: System, name: str, hosts: Any, cores: Any, load: float) -> Any:
    owner = system.owners()[name].with_hosts(hosts)
    at = grown(system.with_tier(name, owner).replace({f"tiers.{name}.cores": cores}), load)
    ok = np.ones(np.shape(hosts), dtype=bool)
    before: dict[str, Any] = {}
    for failure in (None, *to_survive(at)):
        found = cc.solve(at if failure is None else failure.applied(at), quantiles=False)
        for each in found.stations:
            if each.tier == name:
                busy = np.broadcast_to(each.utilization, ok.shape)
                worse = busy > before.get(each.role, -1.0) * (1 + 1e-9)
                limit = 0.7 if failure is None else 0.9
                ok &= ~worse | (busy <= limit * (1 + 1e-9))
                if failure is None:
                    before[each.role] = busy
    return ok


def verdicts(system: System, found: Advice) -> None:
    """Tier by tier: how busy today's machines are, and which way has no end in sight."""
    solution = cc.solve(system, quantiles=False)
    for each in found.tiers:
        text = one(each.reasons, "will do:")
        assert (text is not None) == (each.recommendation == "today" and each.today.usable)
        if text is not None:
            busy = float(np.asarray(solution.tier(each.tier).utilization))
            assert text.startswith(f"today's {each.today.choices[0]} will do: {share(busy)} busy")
        for way, plan in (("vertical", each.vertical), ("horizontal", each.horizontal)):
            text = one(each.reasons, f"{way} is impossible")
            assert (text is not None) == (not plan.usable)


def decided(system: System, found: Advice) -> None:
    """The two ways of each tier, by brute force where utilization alone decides them."""
    for each in found.tiers:
        why = each.deciding
        if why is None:
            assert one(each.reasons, "decided by") is None
            continue
        assert each.reasons.count(why.sentence) == 1
        beyond = why.sentence.startswith(f"beyond {significant(why.load_factor)} times")
        assert beyond == (each.recommendation == "today" and each.today.usable)
        ways = {"vertical": why.vertical_cost, "horizontal": why.horizontal_cost}
        least = _ways(system, each.tier, why.load_factor)
        for way, cost in ways.items():
            assert cost >= least[way] - 0.01  # latency can only add to it
            if np.isfinite(cost):
                assert f"${cost:,.0f}" in why.sentence or cost < 10
        both = np.isfinite(list(ways.values())).all()
        if both and abs(ways["vertical"] - ways["horizontal"]) < 0.005:
            assert "both ways come to the same" in why.sentence
        elif both:
            cheap, dear = sorted(ways, key=ways.__getitem__)
            assert re.search(rf"{cheap} \(.*\) is cheaper than {dear} \(", why.sentence)
        else:
            assert " not" in why.sentence or "neither" in why.sentence
        free = next((e for e in why.counterfactuals if e.kind == "latency"), None)
        if free is not None and not missed_elsewhere(system, found, why.load_factor):
            for way, cost in (
                ("vertical", free.vertical_cost),
                ("horizontal", free.horizontal_cost),
            ):
                assert cost == pytest.approx(least[way], abs=0.01), (each.tier, way)


def missed_elsewhere(system: System, found: Advice, load: float) -> bool:
    """Whether the other tiers' own limits may have a say, as at the load planned for."""
    return abs(load - planned(system)) < 1e-9 and found.mixed.nearest


CHECKS: tuple[Callable[[System, Advice], None], ...] = (
    host_that_buys_nothing,
    lone_hosts,
    walls,
    own_tail,
    verdict,
    lasts,
    one_way_only,
    hits,
    saving,
    quicker,
    families,
    break_evens,
    verdicts,
    decided,
)


#: A failure is told at once: to shrink it would take minutes.
@settings(max_examples=6, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(
    GROWTH=st.sampled_from([0, 4, 8]),
    RATE=st.integers(20, 900),
    HITS=st.integers(50, 99),
    HOSTS=st.integers(2, 9),
    WEB=st.sampled_from(["", "survive: zone,", "survive: host,"]),
    SERVICE=st.sampled_from([5, 10, 20]),
    CACHED=st.integers(50, 99),
    REPLICAS=st.integers(0, 4),
    APPLY=st.sampled_from([0, 1.5, 3]),
    DB=st.sampled_from(["", "survive: replica,"]),
    WRITES=st.sampled_from([0, 0.05, 0.2, 1]),
    LIMIT=st.sampled_from([80, 200, 1000]),
    RUNWAY=st.sampled_from([0, 3, 6]),
)
def test_sentences_stand_where_their_conditions_hold(**drawn: Any) -> None:
    if not drawn["REPLICAS"]:
        drawn["DB"] = ""  # there is none to lose
    system, found = advice(**drawn)
    for check in CHECKS:
        check(system, found)


#: A sentence, whose it is, what is given, and an input moved until the sentence is gone.
FLIPS: tuple[tuple[str, str, dict[str, Any], str, tuple[Any, ...]], ...] = (
    ("host number 7 buys no load", "web", {}, "HOSTS", (6, 7, 8)),
    ("host number 7 buys no load", "web", {}, "WEB", ("survive: zone,", "survive: host,")),
    ("one host is a single point", "web", {"RATE": 40, "WEB": ""}, "HOSTS", (1, 2)),
    ("write wall", "db", {}, "APPLY", (1.5, 0)),
    ("the primary takes all writes", "db", {}, "WRITES", (0.2, 0)),
    ("the service's own tail", "web", {"RUNWAY": 0, "WEB": ""}, "RATE", (400, 1000)),
    ("the service's own tail", "web", {}, "LIMIT", (200, 2000)),
    ("taken to be as fast", "db", {}, "RATE", (900, 100)),
    ("memory is not modelled", "db", {}, "RATE", (900, 100)),
    ("cdn answers", "", {}, "HITS", (99, 90, 89)),
    ("cache answers", "", {}, "CACHED", (90, 89)),
    ("sized for", "", {}, "RUNWAY", (6, 0)),
    ("sized for", "", {}, "GROWTH", (5, 0)),
    ("what runs today keeps every objective", "", {}, "RATE", (100, 900)),
    ("today's system will not do", "", {}, "RATE", (900, 100)),
    ("growing every tier one way only", "", {"RATE": 600}, "WRITES", (0.05, 1)),
    ("purely horizontal is impossible", "", {"RATE": 600}, "WRITES", (1, 0.05)),
    ("horizontal is impossible", "db", {"RATE": 600}, "WRITES", (1, 0.05)),
    ("would also do, for", "web", {}, "RATE", (100, 900)),
    ("decided by statefulness", "db", {"RATE": 600}, "WRITES", (1, 0.05)),
)


@pytest.mark.parametrize(("part", "whose", "given_", "moved", "values"), FLIPS)
def test_a_sentence_goes_when_its_condition_does(
    part: str, whose: str, given_: dict[str, Any], moved: str, values: tuple[Any, ...]
) -> None:
    there = []
    for value in values:
        _, found = advice(**{**given_, moved: value})
        texts = tier(found, whose).reasons if whose else found.reasons
        there.append(one(texts, part) is not None)
    assert there[0], values[0]
    assert not there[-1], values[-1]
    assert there == sorted(there, reverse=True)  # once gone, it stays away
