"""Growth plans: brute force over sequences, hand-computed costs, every month solved again."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import capcalc as cc
from capcalc.advice.options import Options
from capcalc.advice.timeline import plan
from capcalc.advice.timeline_bound import least_cost
from capcalc.advice.timeline_machines import Machines, machines
from capcalc.advice.timeline_needs import Months, hosts_needed
from capcalc.advice.timeline_steps import Terms, sequence
from capcalc.errors import UsageError
from capcalc.model.failures import to_survive
from capcalc.model.system import System
from capcalc.results.timeline import Timeline
from capcalc.units.kinds import MONTH

EXAMPLES = ("bookshop", "microservices", "newsroom", "saas", "single-server")
SERIES = """
capcalc: 1
name: series
demand: {growth: 8%/month, start: 2027-01, requests: {page: {rate: 240/s}}}
tiers:
  a: {kind: service, instance: c7g.large, cores: 1, hosts: 4, service_time: 10ms, calls: {b: 1}}
  b: {kind: service, instance: c7g.large, cores: 1, hosts: 4, service_time: 10ms, calls: {c: 1}}
  c: {kind: service, instance: c7g.large, cores: 1, hosts: 4, service_time: 10ms}
calls: {page: {a: 1}}
objectives: {page: {p99: 150ms}}
instances: {from: aws-us-east-1, families: [c7g]}
plan: {horizon: 12 months}
"""


@cache
def planned(name: str) -> Timeline:
    return plan(cc.load(name))


# --- one tier's sequence ---------------------------------------------------------------------


def tier(price: list[float], counts: int, speed: list[float] | None = None) -> Machines:
    """A made-up tier: machines in order of size, 1 to ``counts`` hosts, one of the first today."""
    kinds = len(price)
    size = kinds * counts
    sizes = speed or [float(2**k) for k in range(kinds)]
    option = Options(
        tier="t",
        row=np.repeat(np.arange(kinds), counts),
        hosts=np.tile(np.arange(1.0, counts + 1), kinds),
        servers=np.repeat(np.array(sizes), counts),
        price=np.repeat(np.array(price), counts),
        slowdown=np.ones(size),
        contention=np.ones(size),
        origin=np.arange(size),
        priced=True,
        others_priced=True,
        today=0,
    )
    at_least = np.array(sizes)[None, :] >= np.array(sizes)[:, None]
    return Machines(
        option=option,
        counts=np.arange(1.0, counts + 1),
        position=np.arange(size).reshape(kinds, counts),
        price=np.array(price),
        bigger=at_least & ~np.eye(kinds, dtype=bool),
        today=0,
    )


def all_sequences(
    made: Machines, need: np.ndarray, terms: Terms, way: str, lazy: bool
) -> Iterator[tuple[int, float]]:
    """Months not carried and cost of every sequence that the rules allow, written out anew."""
    kinds, counts = made.position.shape
    end = need.shape[1]

    def lasts(kind: int, hosts: int, start: int) -> int:
        month = start
        while month < end and need[kind, month] <= hosts:
            month += 1
        return month

    def go(
        kind: int, hosts: int, added: bool, start: int, least: int
    ) -> Iterator[tuple[int, float]]:
        until = min(lasts(kind, hosts, start), terms.horizon)
        price = made.price[kind] * hosts
        yield terms.horizon - until, price * (terms.horizon - start)
        if until == terms.horizon and lazy:
            return
        ways = [kind] if added or way == "horizontal" else range(kinds)
        ways = [k for k in ways if k == kind or made.bigger[kind, k]]
        furthest = max(int(np.isfinite(need[k]).sum()) for k in ways)
        for month in [until] if lazy else range(start + least, min(until, terms.horizon - 1) + 1):
            for k, more in itertools.product(ways, range(hosts, counts + 1)):
                if (k, more) == (kind, hosts) or (way == "vertical" and more != hosts):
                    continue
                if way == "vertical" and k == kind:
                    continue
                if lasts(k, more, month) < max(min(month + terms.lasting, furthest), month + 1):
                    continue
                both = price * terms.lead_time * (k != kind)
                for short, cost in go(k, more, added or more > hosts, month, terms.lasting):
                    yield short, price * (month - start) + both + cost

    yield from go(0, 1, False, 0, 0)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Machines, np.ndarray, Terms]:
    kinds, months, counts = draw(st.integers(1, 3)), draw(st.integers(2, 5)), 4
    price = sorted(draw(st.lists(st.integers(10, 60), min_size=kinds, max_size=kinds)))
    lasting = draw(st.integers(1, 2))
    rows = []
    for _ in range(kinds):
        steps = draw(
            st.lists(st.integers(1, 5), min_size=months + lasting, max_size=months + lasting)
        )
        grown = np.maximum.accumulate(np.array(steps, dtype=float))
        rows.append(np.where(grown > counts, np.inf, grown))
    lead = draw(st.sampled_from([0.0, 0.5, 1.0]))
    made = tier([float(p) for p in price], counts)
    return made, np.array(rows), Terms(horizon=months, lead_time=lead, lasting=lasting)


@settings(max_examples=120, deadline=None)
@given(case=cases(), way=st.sampled_from(["plan", "vertical", "horizontal"]))
def test_the_sequence_is_the_cheapest_of_all(
    case: tuple[Machines, np.ndarray, Terms], way: str
) -> None:
    made, need, terms = case
    best = min(
        (short, round(cost, 6)) for short, cost in all_sequences(made, need, terms, way, True)
    )
    found = sequence(made, need, terms, way)
    assert (terms.horizon - found.carried, found.cost) == pytest.approx(best, abs=1e-5)


@settings(max_examples=60, deadline=None)
@given(case=cases(), way=st.sampled_from(["plan", "vertical", "horizontal"]))
def test_the_bound_is_the_least_of_all_with_changes_at_any_time(
    case: tuple[Machines, np.ndarray, Terms], way: str
) -> None:
    made, need, terms = case
    need = np.where(np.isfinite(need), need, 4.0)  # something always carries
    need[-1] = 1.0 if way == "vertical" else need[-1]
    every = [c for short, c in all_sequences(made, need, terms, way, False) if short == 0]
    bound = least_cost(made, need, terms, way)
    assert bound == pytest.approx(min(every, default=math.inf), abs=1e-6)
    lazy = sequence(made, need, terms, way)
    if lazy.carried == terms.horizon:
        assert bound <= lazy.cost + 1e-6


def test_hosts_are_not_added_to_be_replaced() -> None:
    """A third small host in month 1 would be thrown away in month 3: the big one comes at once."""
    made = tier([10.0, 21.0], 4)
    need = np.array([[1.0, 2.0, 2.0, np.inf, np.inf], [1.0, 1.0, 1.0, 1.0, 1.0]])
    found = sequence(made, need, Terms(horizon=4, lead_time=1.0, lasting=1), "plan")
    assert found.kind.tolist() == [0, 1, 1, 1]
    assert found.hosts.tolist() == [1.0, 1.0, 1.0, 1.0]
    assert found.cost == 10 + 3 * 21 + 10  # and one month of the old one beside the new


def test_a_change_lasts() -> None:
    made = tier([10.0], 9)
    need = np.array([[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]])
    found = sequence(made, need, Terms(horizon=4, lead_time=1.0, lasting=3), "plan")
    assert found.hosts.tolist() == [1.0, 4.0, 4.0, 4.0]
    assert sequence(made, need, Terms(horizon=4, lead_time=1.0, lasting=1), "plan").cost == 100.0


# --- what a tier needs -----------------------------------------------------------------------


def test_hosts_needed_is_what_a_scan_finds() -> None:
    """The bisection against trying every count one by one, latency included."""
    system = cc.loads(SERIES)
    every = machines(system)
    loads = np.array([1.0, 1.5, 2.5])
    months = Months(system=system, every=every, loads=loads, lost={})
    roomy = months.largest()
    found = hosts_needed(months, "b", roomy)
    made = every["b"]
    for kind in range(3):
        for month in range(3):
            chosen = months.chosen(roomy, np.full(made.position.shape[1], month))
            chosen["b"] = made.option.picked(made.position[kind])
            ok = months.kept(chosen, np.full(made.position.shape[1], month))
            expected = made.counts[np.argmax(ok)] if ok.any() else np.inf
            assert found[kind, month] == expected
    assert found[0, 2] > found[0, 0]


def test_machines_only_grow() -> None:
    system = cc.load("bookshop")
    table = system.catalogue
    assert table is not None
    for made in machines(system).values():
        now = made.option.today
        kept = made.option.picked(made.position.ravel())
        assert (kept.hosts >= made.option.hosts[now]).all()
        assert (kept.servers >= made.option.servers[now]).all()
        if made.option.row[now] >= 0:
            assert (table.memory[kept.row] >= table.memory[made.option.row[now]]).all()
        assert made.position[made.today, 0] == now


# --- the plan --------------------------------------------------------------------------------


def at_month(system: System, found: Timeline, month: int) -> System:
    """The plan's machines of one month, at its highest load, put into the scenario by path."""
    load = (1 + found.growth) ** (month + 1)
    changes: dict[str, float | str | bool] = {}
    for name, request in system.demand.requests.items():
        if request.rate is not None:
            changes[f"demand.requests.{name}.rate"] = float(np.asarray(request.rate)) * load
    if system.demand.daily_active_users is not None:
        users = float(np.asarray(system.demand.daily_active_users))
        changes["demand.daily_active_users"] = users * load
    for choice in found.way("plan").machines[month]:
        database = system.tiers[choice.tier].kind == "database"
        count = choice.hosts - 1 if database else choice.hosts
        changes[f"tiers.{choice.tier}.{'replicas' if database else 'hosts'}"] = float(count)
        if choice.instance is not None:
            changes[f"tiers.{choice.tier}.instance"] = choice.instance
        else:
            changes[f"tiers.{choice.tier}.cores"] = float(choice.servers)
    return system.replace(changes)


@pytest.mark.parametrize("name", ["bookshop", "saas"])
def test_every_month_keeps_what_can_be_kept(name: str) -> None:
    """Each month solved again by `solve`, with everything up and after each failure."""
    system, found = cc.load(name), planned(name)
    assert found.way("plan").carried == found.horizon == 24
    for month in range(0, 24, 3):
        there = at_month(system, found, month)
        up = cc.solve(there)
        for tier_result in up.tier_results:
            row = next(
                (r for r in found.months if (r.month, r.tier) == (month, tier_result.name)), None
            )
            if row is not None:
                assert float(np.asarray(tier_result.utilization)) == pytest.approx(
                    row.utilization, rel=1e-9
                )
        for failure in (None, *to_survive(there)):
            left = there if failure is None else failure.applied(there)
            after = cc.solve(left)
            for each in after.objective_results:
                if each.measure != "availability":
                    lost = (name, str(failure), each.request_class, each.measure)
                    waived = lost == ("bookshop", "cache lost", "browse", "p95")
                    assert bool(each.met) or waived, (month, lost)


@pytest.mark.parametrize("name", EXAMPLES)
def test_nothing_is_bought_twice(name: str) -> None:
    for each in planned(name).ways:
        for at, now in enumerate(each.machines[0]):
            course = [machines_now[at] for machines_now in each.machines]
            assert now.tier == course[-1].tier
            for before, after in itertools.pairwise(course):
                assert after.hosts >= before.hosts
                assert after.servers >= before.servers
            grown = next((i for i, c in enumerate(course) if c.hosts > course[0].hosts), None)
            if grown is not None:
                assert {c.instance for c in course[grown:]} == {course[grown].instance}


@pytest.mark.parametrize("name", EXAMPLES)
def test_costs_add_up(name: str) -> None:
    """Today's hosts for all months, and what each step adds: together the plan's total."""
    found = planned(name)
    edge_now = 0.0 if not found.way("plan").edge_total else None
    added = sum(step.added or 0.0 for step in found.steps)
    solved = cc.solve(cc.load(name)).cost
    if edge_now == 0.0:
        today = 0.0 if solved is None else float(np.asarray(solved)) * found.horizon
        assert found.total == pytest.approx(today + added, rel=1e-9, abs=1e-9)
    if solved is not None:
        assert found.cost_today == pytest.approx(float(np.asarray(solved)), rel=1e-9)
    plan_way = found.way("plan")
    both = sum(step.side_by_side for step in found.steps)
    assert plan_way.side_by_side == pytest.approx(both, abs=1e-9)
    assert plan_way.hosts_total == pytest.approx(sum(plan_way.hosts_cost) + both, rel=1e-12)
    assert plan_way.least <= plan_way.hosts_total * (1 + 1e-9)


def test_single_server_by_hand() -> None:
    """29.58 % busy, limit 70 %: 2.366 times today's load per doubling of 4.96 months."""
    found = planned("single-server")
    assert [(s.needed, s.date, s.begin_date, str(s.after)) for s in found.steps] == [
        (6, "2027-06", "2027-05", "1 x c7g.xlarge"),
        (11, "2027-11", "2027-10", "1 x c7g.2xlarge"),
        (16, "2028-04", "2028-03", "1 x c7g.4xlarge"),
        (21, "2028-09", "2028-08", "1 x c7g.8xlarge"),
    ]
    for step, size in zip(found.steps, (1, 2, 4, 8), strict=True):
        carries = 0.7 / 0.295775 * size  # times today's load
        assert step.needed == math.floor(math.log(carries) / math.log(1.15))
        assert step.side_by_side == pytest.approx(52.925 * size)
    by_hand = 52.925 * (6 + 2 * 5 + 4 * 5 + 8 * 5 + 16 * 3 + 1 + 2 + 4 + 8)
    assert found.total == pytest.approx(by_hand, rel=1e-9)
    assert found.way("plan").proved


def test_saas_ladder() -> None:
    """Each doubling of the primary's machine buys ln 2 / ln 1.08 = 9 months."""
    found = planned("saas")
    mine = [step for step in found.steps if step.tier == "db"]
    assert [step.needed for step in mine] == [1, 10, 19]
    assert [str(step.after) for step in mine] == [
        "3 x r7g.2xlarge",
        "3 x r7g.4xlarge",
        "3 x r7g.8xlarge",
    ]
    assert "db replica is 90.4 % busy (limit 90 %) when db loses a replica" in mine[0].because
    ladder = next(text for text in found.reasons if "split over shards" in text)
    for text in (
        "1.22 times",
        "r7g.2xlarge 2.43 times (2027-11",
        "r7g.16xlarge 19.5 times (2030-02",
    ):
        assert text in ladder
    horizontal = found.way("horizontal")
    assert horizontal.carried == 2
    assert "db primary" in horizontal.ends
    assert "doubles every 9.01 months" in found.reasons[0]


def test_the_plan_ends_where_no_machine_carries_more() -> None:
    system = cc.load("saas").replace({"plan.horizon": 60 * MONTH})
    found = plan(system)
    wall = math.floor(math.log(19.478) / math.log(1.08))  # months that 16xlarge carries
    assert (found.asked, found.horizon) == (60, wall)
    assert len(found.out_of_reach) == 1
    assert found.out_of_reach[0].startswith("from 2030-02 on, db primary is")
    assert "the plan ends there" in found.out_of_reach[0]
    assert "shards" in found.out_of_reach[0]


def test_bookshop() -> None:
    found = planned("bookshop")
    now = {step.tier for step in found.steps if step.overdue}
    assert now == {"web", "db"}
    assert all(step.because for step in found.steps)
    assert found.lasting == 6  # its min_runway
    assert any(text.startswith("too late to be in time: web, db") for text in found.reasons)
    assert any("browse p95" in text and "cache lost" in text for text in found.out_of_reach)
    vertical = found.way("vertical")
    assert vertical.proved
    assert vertical.hosts_total > found.way("plan").hosts_total
    today = {cost.way: cost for cost in found.costs if cost.occasion == "today"}
    assert set(today) == {"plan", "vertical", "horizontal"}
    assert all(cost.load_factor == 1.0 and cost.keeps for cost in today.values())
    months = [cost.month for cost in found.costs if cost.way == "plan" and cost.occasion != "today"]
    assert months == sorted({step.needed for step in found.steps} | {23})


@pytest.mark.parametrize("name", ["newsroom", "microservices"])
def test_without_growth_there_is_an_answer(name: str) -> None:
    found = planned(name)
    assert found.steps == ()
    assert found.reasons[0].startswith("demand does not grow")
    assert {row.load_factor for row in found.months} == {1.0}


def test_shrinking_demand_needs_nothing() -> None:
    found = plan(cc.load("saas").replace({"demand.growth": -0.05}))
    assert found.steps == ()
    assert "shrinks by 5 %" in found.reasons[0]


def test_without_a_start_months_are_counted() -> None:
    found = plan(cc.loads(SERIES.replace(", start: 2027-01", "")))
    assert found.steps
    assert all(step.date is None and step.begin_date is None for step in found.steps)
    assert all(row.date is None for row in found.months)


def test_lead_time_is_respected() -> None:
    early, late = (
        plan(cc.load("single-server").replace({"plan.lead_time": months * MONTH}))
        for months in (0.0, 3.0)
    )
    assert [s.needed for s in early.steps] == [s.needed for s in late.steps]
    assert all(step.begin == step.needed for step in early.steps)
    assert all(step.begin == step.needed - 3 for step in late.steps)
    assert early.way("plan").side_by_side == 0


def test_latency_that_no_single_tier_makes_up_for() -> None:
    """Three equal tiers by more hosts alone: all of them have to be larger."""
    found = plan(cc.loads(SERIES))
    out = found.way("horizontal")
    assert out.carried == 12
    assert not out.proved
    assert out.hosts_total > out.least > 0
    # 240/s x 10 ms x 1.08^12 = 6.04 erlangs: 9 hosts would be within 70 %
    assert all(choice.hosts > 9 for choice in out.machines[-1])


def test_max_hosts_is_kept() -> None:
    found = plan(cc.loads(SERIES.replace("hosts: 4, service", "hosts: 4, max_hosts: 5, service")))
    machines_then = found.way("plan").machines[-1]
    assert all(choice.hosts <= 5 for choice in machines_then)
    assert found.way("horizontal").carried < 12


def test_a_plan_that_is_not_proved_says_so() -> None:
    text = SERIES.replace("families: [c7g]", "families: [c7g], operations_cost: 0 USD")
    found = plan(cc.loads(text).replace({"objectives.page.p99": 0.1, "plan.horizon": 24 * MONTH}))
    proofs = [rule for rule in found.rules if "not proved" in rule]
    assert bool(proofs) != found.way("plan").proved
    assert proofs
    assert "could be saved" in proofs[0]


def test_discounts_and_operations_count() -> None:
    """Both are in what every host costs."""
    plain = cc.load("single-server")
    text = "{from: aws-us-east-1, families: [c7g], discount: 50%, operations_cost: 100 USD}"
    cheap = cc.load("single-server", settings={"instances": text})
    before, after = plan(plain).steps[0], plan(cheap).steps[0]
    assert before.cost_before == pytest.approx(52.925)
    assert after.cost_before == pytest.approx(0.5 * 52.925 + 100)


def test_refusals() -> None:
    with pytest.raises(UsageError, match="at most 120 months"):
        plan(cc.load("saas").replace({"plan.horizon": 121 * MONTH}))
    with pytest.raises(UsageError, match="not a sweep"):
        plan(cc.load("saas").replace({"tiers.api.hosts": np.array([9.0, 10.0])}))


def test_frame() -> None:
    found = planned("saas")
    table = found.frame
    assert len(table) == 24 * 3
    assert list(table.columns[:4]) == ["month", "date", "load_factor", "tier"]
    assert table["change_from"].notna().sum() == len(found.steps)


def test_what_is_broken_today_is_a_step_now() -> None:
    """Half the web hosts: broken at once, and never again without growth."""
    found = plan(cc.load("newsroom").replace({"tiers.web.hosts": 6.0}))
    (step,) = found.steps
    assert (step.tier, step.needed, step.overdue, step.date) == ("web", 0, True, None)
    assert "web" in step.because
    assert any(text.startswith("broken today: web is") for text in found.reasons)


def test_without_prices_servers_are_compared() -> None:
    system = cc.load("microservices").replace({"demand.growth": 0.1, "plan.horizon": 4 * MONTH})
    found = plan(system)
    assert found.total == 0
    assert all(step.cost_after is None and step.added is None for step in found.steps)
    servers = {w.name: w.unpriced_servers for w in found.ways}
    assert servers["plan"] <= min(servers.values())
    assert any(f"takes {servers['vertical']:.0f} servers" in text for text in found.reasons)
