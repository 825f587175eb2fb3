"""What decided: every counterfactual against the scenario with that one thing left out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import capcalc as cc
from capcalc.model.failures import to_survive
from capcalc.model.system import System
from capcalc.results.deciding import Counterfactual, Deciding

TEXT = """
capcalc: 1
name: one
demand: {requests: {page: {rate: RATE/s}}}
tiers:
  web: {kind: web, instance: NOW, hosts: HOSTS, service_time: SERVICEms MORE}
OBJECTIVES
instances: {from: aws-us-east-1, families: [FAMILIES], operations_cost: OPS USD}
"""
HOURS = 730.0


def text(
    rate: float,
    now: str = "c7g.xlarge",
    hosts: int = 2,
    service: float = 20,
    more: str = "",
    p95: float | None = None,
    families: str = "c7g",
    ops: float = 0,
) -> str:
    limits = "" if p95 is None else f"objectives: {{page: {{p95: {p95}ms}}}}"
    found = TEXT.replace("RATE", f"{rate:g}").replace("NOW", now).replace("HOSTS", str(hosts))
    found = found.replace("SERVICE", f"{service:g}").replace("MORE", more)
    found = found.replace("OBJECTIVES", limits).replace("FAMILIES", families)
    return found.replace("OPS", f"{ops:g}")


def decided(scenario: str, tier: str = "web") -> Deciding:
    found = next(each for each in cc.advise(cc.loads(scenario)).tiers if each.tier == tier)
    assert found.deciding is not None
    return found.deciding


def tried(found: Deciding, kind: str) -> Counterfactual:
    return next(each for each in found.counterfactuals if each.kind == kind)


def keeps(system: System, hosts: np.ndarray, cores: np.ndarray, load: float) -> np.ndarray:
    """Option by option, whether a system of one tier keeps everything, by its public solution."""
    states = [system, *(failure.applied(system) for failure in to_survive(system))]
    ok = np.ones(hosts.shape, dtype=bool)
    rate = float(np.asarray(system.demand.requests["page"].rate)) * load
    for failed, _ in enumerate(states):
        wide = system.replace(
            {"tiers.web.hosts": hosts, "tiers.web.cores": cores, "demand.requests.page.rate": rate}
        )
        if failed:
            wide = to_survive(system)[failed - 1].applied(wide)
        solution = cc.solve(wide)
        limit = 0.9 if failed else 0.7
        ok &= np.broadcast_to(solution.stations[0].utilization <= limit * (1 + 1e-9), ok.shape)
        objective = system.objectives.requests.get("page")
        if objective is not None and objective.p95 is not None:
            p95 = np.asarray(solution.request("page").p95)
            ok &= np.broadcast_to(p95 <= objective.p95 * (1 + 1e-7), ok.shape)
    return ok


def cheapest(scenario: str, load: float, *, spare: bool = True) -> tuple[float, float]:
    """Dollars of the cheapest of each way, from the instance table and ``keeps``."""
    system = cc.loads(scenario)
    if not spare:
        system = system.replace({"tiers.web.survive": None})  # type: ignore[dict-item]
    table, terms = system.catalogue, system.instances
    assert table is not None
    assert terms is not None
    now, hosts = str(system.owners()["web"].instance), float(system.owners()["web"].host_count())
    at, extra = table.position(now), float(np.asarray(terms.operations_cost))
    rows = [row for row, family in enumerate(table.family) if family in terms.families]
    larger = [row for row in rows if table.vcpus[row] >= table.vcpus[at]]
    cores, price = table.vcpus[larger], table.price[larger] * HOURS + extra
    up = keeps(system, np.full(len(larger), hosts), cores, load)
    counts = np.arange(hosts, 65.0)
    out = keeps(system, counts, np.full(len(counts), table.vcpus[at]), load)
    vertical = float(np.min(np.where(up, price * hosts, np.inf)))
    horizontal = float(np.min(np.where(out, (table.price[at] * HOURS + extra) * counts, np.inf)))
    return vertical, horizontal


def same(found: Deciding | Counterfactual, costs: tuple[float, float]) -> None:
    assert found.vertical_cost == pytest.approx(costs[0], abs=0.01)
    assert found.horizontal_cost == pytest.approx(costs[1], abs=0.01)
    up, out = costs
    expected = None if up == out == np.inf else "vertical" if up < out else "horizontal"
    if abs(up - out) < 0.005:
        expected = "same"
    assert found.cheaper == expected


@settings(max_examples=20, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(
    st.floats(20, 2500),
    st.sampled_from(["c7g.large", "r7g.large", "c7g.xlarge"]),
    st.integers(1, 6),
    st.sampled_from(["", ", survive: host", ", survive: zone, zones: 3"]),
    st.sampled_from([None, 65, 80, 120]),
    st.sampled_from(["c7g", "c7g, r7g"]),
    st.sampled_from([0, 100]),
)
def test_every_counterfactual_is_the_scenario_without_it(
    rate: float, now: str, hosts: int, more: str, p95: float | None, families: str, ops: float
) -> None:
    rate = round(rate, 1)
    if now.startswith("r7g"):
        families = "c7g, r7g"
    scenario = text(rate, now, hosts, 20, more, p95, families, ops)
    advice = cc.advise(cc.loads(scenario))
    found = advice.tiers[0].deciding
    if found is None or advice.infeasible:
        return
    if advice.recommendation == "today":  # the first load at which today's will not do
        less, beyond = found.load_factor * (1 - 1e-3), found.load_factor
        here = np.array([float(hosts)]), np.array([cc.loads(scenario).servers("web")])
        assert not keeps(cc.loads(scenario), *here, beyond).all()
        assert keeps(cc.loads(scenario), *here, less).all()
    else:
        assert found.load_factor == 1.0
    load = found.load_factor
    same(found, cheapest(scenario, load))
    others = {
        "latency": lambda: cheapest(text(rate, now, hosts, 20, more, None, families, ops), load),
        "n_plus_one": lambda: cheapest(scenario, load, spare=False),
        "operations_cost": lambda: cheapest(
            text(rate, now, hosts, 20, more, p95, families, 0), load
        ),
    }
    for each in found.counterfactuals:
        if each.kind in others:
            same(each, others[each.kind]())
        stays = str(each.vertical) == str(each.horizontal) == f"{hosts} x {now}"
        assert each.decides == (not stays and _flips(found, each))
    told = [each for each in found.counterfactuals if each.decides]
    if told:
        assert found.kind == told[0].kind


def _flips(found: Deciding, each: Counterfactual) -> bool:
    if found.cheaper in ("vertical", "horizontal"):
        return each.cheaper not in (None, found.cheaper)
    return each.cheaper != found.cheaper


def test_sizes_that_double() -> None:
    """260/s x 20 ms = 5.2 erlangs of 8 vCPUs are 65 %; 300/s are 75 %: 3 hosts or 2 doubled."""
    found = decided(text(300))
    assert (str(found.vertical), str(found.horizontal)) == ("2 x c7g.2xlarge", "3 x c7g.xlarge")
    assert found.kind == "size_steps"
    # 6 / 0.7 = 8.57 vCPUs: 2 hosts of 5 are fewer than 3 of 4
    assert str(tried(found, "size_steps").vertical) == "2 x 5 servers"
    assert tried(found, "size_steps").cheaper == "vertical"
    assert found.sentence.startswith("horizontal (3 x c7g.xlarge, $318 a month) is cheaper than")


def test_what_a_host_costs_beside_its_price() -> None:
    """550/s x 20 ms / 0.7 = 15.7 vCPUs: 2 x 8 or 4 x 4, the same price but for two hosts more."""
    assert decided(text(550)).cheaper == "same"
    found = decided(text(550, ops=50))
    assert (found.cheaper, found.kind) == ("vertical", "operations_cost")
    assert found.horizontal_cost - found.vertical_cost == pytest.approx(100)
    assert tried(found, "operations_cost").cheaper == "same"
    assert found.explains == pytest.approx(1.0)


def test_the_price_of_a_vcpu() -> None:
    """Out of r7g into c7g: cheaper only because a vCPU is."""
    found = decided(text(150, "r7g.large", 2, families="c7g, r7g"))
    assert (found.cheaper, found.kind) == ("vertical", "price")
    assert tried(found, "price").cheaper == "horizontal"
    assert "if a vCPU cost the same in every machine horizontal would be cheaper" in found.sentence


def test_ends_of_ladders() -> None:
    up = decided(text(1200, "c7g.16xlarge", 1, service=100))
    assert up.vertical is None
    assert up.kind == "ladder"
    assert tried(up, "ladder").vertical is not None
    out = decided(text(1200, "c7g.large", 2, more=", max_hosts: 3"))
    assert out.horizontal is None
    assert out.kind == "ladder"
    assert str(tried(out, "ladder").horizontal).endswith("x c7g.large")


def test_a_lone_host_that_must_not_fail() -> None:
    found = decided(text(100, hosts=1, more=", survive: host"))
    assert found.vertical is None
    assert (found.kind, found.cheaper) == ("single_point", "horizontal")
    alone = decided(text(350, hosts=1))  # 7 / 0.7 = 10 vCPUs: 1 x 16 or 3 x 4
    assert tried(alone, "single_point").vertical is None


def test_fast_against_many() -> None:
    """3 erlangs: 4.3 vCPUs by utilization, but five hosts of two would queue too long."""
    found = decided(text(150, "c7g.large", 2, service=20, p95=62))
    assert (found.cheaper, found.kind) == ("vertical", "latency")
    assert str(found.vertical) == "2 x c7g.xlarge"
    free = tried(found, "latency")
    assert (str(free.vertical), str(free.horizontal)) == ("2 x c7g.xlarge", "3 x c7g.large")
    assert "decided by latency: without latency objectives horizontal would be" in found.sentence


def test_only_latency_asks_for_more() -> None:
    """1.8 erlangs on four vCPUs are 45 % busy: today's would do without the objective."""
    found = decided(text(90, "c7g.large", 2, service=20, p95=61))
    assert (found.cheaper, found.kind) == ("vertical", "latency")
    assert found.sentence.endswith("without latency objectives today's 2 x c7g.large would do")


STATE = """
capcalc: 1
name: stores
demand: {requests: {page: {rate: 500/s}}}
tiers:
  web: {kind: web, instance: c7g.4xlarge, hosts: 4, service_time: 1ms}
  db: {kind: database, instance: r7g.large, replicas: 1, read_time: 2ms, write_time: WRITEms,
       apply_time: APPLYms}
calls: {page: {db: {reads: 1, writes: 1}}}
instances: {from: aws-us-east-1, families: [c7g, r7g]}
"""


def test_a_primary_that_cannot_be_copied() -> None:
    """500 writes x 4 ms = 2 erlangs, at least two vCPUs: no count of hosts helps the primary."""
    found = decided(STATE.replace("WRITE", "4").replace("APPLY", "0.1"), "db")
    assert found.horizontal is None
    assert found.kind == "statefulness"
    free = tried(found, "statefulness")
    # 1 erlang of reads and 0.05 of replays a replica: (1 / n + 0.05) / 2 <= 0.7 for one replica
    assert str(free.horizontal) == "2 x r7g.large"
    assert "if its primary could be copied as its replicas can" in found.sentence


def test_replayed_writes() -> None:
    """500 replays x 2.5 ms = 1.25 of 1.4 erlangs a replica: reads are left 0.15 on each."""
    found = decided(STATE.replace("WRITE", "2.5").replace("APPLY", "2.5"), "db")
    assert str(found.horizontal) == "8 x r7g.large"  # 1 erlang of reads / 0.15 = 6.7 replicas
    assert found.cheaper == "vertical"
    free = tried(found, "write_replay")
    assert str(free.horizontal) == "2 x r7g.large"
    assert found.counterfactuals.index(free) >= 0


def test_a_database_on_the_hosts() -> None:
    advice = cc.advise(cc.load("single-server"))
    found = advice.tiers[0].deciding
    assert found is not None
    assert (found.kind, found.horizontal) == ("statefulness", None)
    assert str(tried(found, "statefulness").horizontal) == "2 x c7g.large"


@pytest.mark.parametrize("name", ["bookshop", "newsroom", "saas", "single-server"])
def test_examples_have_one_sentence_a_tier(name: str) -> None:
    for tier in cc.advise(cc.load(name)).tiers:
        assert tier.deciding is not None
        assert tier.reasons.count(tier.deciding.sentence) == 1
        assert tier.deciding.kind in {"", "machines", *map(_kind, tier.deciding.counterfactuals)}
        if tier.recommendation != "today" and tier.vertical.usable:
            assert tier.deciding.vertical_cost == pytest.approx(tier.vertical.cost or 0.0)


def _kind(each: Counterfactual) -> str:
    return each.kind


def test_both_ways_as_load_grows() -> None:
    """Each row is the advice for the system at that load, planned for no longer than today."""
    system = cc.load("saas")
    rows = cc.advise(system, grown=True).growing
    assert [row.occasion for row in rows] == ["today", "min_runway", "in 24 months"]
    assert [row.load_factor for row in rows] == pytest.approx([1.0, 1.08**3, 1.08**24])
    for row in rows:
        rates = {
            f"demand.requests.{name}.rate": float(np.asarray(each.rate)) * row.load_factor
            for name, each in system.demand.requests.items()
        }
        there = cc.advise(system.replace({**rates, "objectives.min_runway": 0.0}))
        for cost, plan in ((row.vertical, there.vertical), (row.horizontal, there.horizontal)):
            assert (cost is not None) == plan.usable
            if cost is not None:
                assert cost == pytest.approx(plan.cost or 0.0)
    assert cc.advise(cc.load("newsroom"), grown=True).growing == ()  # it does not grow
    assert cc.advise(system).growing == ()
