"""All load-balancing policies through scenario files: MODELS.md section d, traps 2 and 13."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import capcalc as cc
from capcalc.cli.solve import command
from capcalc.results.solution import Solution
from capcalc.solve import balanced
from capcalc.solve.chunks import mapped
from capcalc.solve.loads import loads
from capcalc.solve.stations import POLICIES
from capcalc.theory.balancing import (
    central_queue,
    idle_first,
    least_connections,
    power_of_d,
    power_of_two,
    random_split,
    shortest_of_two,
    uneven,
)

TEXT = """
capcalc: 1
name: pool
demand: {{requests: {{page: {{rate: {rate}}}}}}}
tiers:
  lb: {{kind: load_balancer, policy: {policy}, hosts: 2, service_time: 1us{lb}}}
  web: {{kind: web, hosts: {hosts}, service_time: 1s{web}}}
"""
NEW = ("power_of_two", "join_idle_queue", "hash", "weighted_random")


def text(policy: str, rate: float, hosts: int, web: str = "", lb: str = "") -> str:
    return TEXT.format(policy=policy, rate=f"{rate}/s", hosts=hosts, web=web, lb=lb)


def solved(
    policy: str, rate: float = 8.0, hosts: int = 10, web: str = "", lb: str = ""
) -> Solution:
    return cc.solve(cc.loads(text(policy, rate, hosts, web, lb)))


def response(policy: str, rate: float, hosts: int) -> float:
    """In services of one second, through a scenario file."""
    return float(np.asarray(solved(policy, rate, hosts).station("web").response))


# --- the reference's rows -------------------------------------------------------------------

#: MODELS.md d, ten hosts 80 % busy; closed forms to their digits, simulations to 0.5 %.
ROWS = [
    ("random", 5.0, 1e-12),
    ("round_robin", 2.9223, 2e-5),
    ("power_of_two", 2.077, 5e-3),
    ("join_idle_queue", 1.489, 5e-3),
    ("least_connections", 1.354, 5e-3),
    ("central_queue", 1.2046, 2e-5),
]


@pytest.mark.parametrize(("policy", "expected", "error"), ROWS)
def test_ten_hosts_through_the_command(
    tmp_path: Path, policy: str, expected: float, error: float
) -> None:
    file = tmp_path / "pool.yaml"
    file.write_text(text(policy, 8.0, 10))
    result = CliRunner().invoke(command, [str(file), "--format", "json"])
    assert result.exit_code == 0, result.output
    web = next(tier for tier in json.loads(result.output)["tiers"] if tier["name"] == "web")
    assert web["response"] == pytest.approx(expected, rel=error)


def test_trap_02_each_host_has_its_own_queue() -> None:
    """Naive: one central queue, 1.20 services; true: by how a host is found, up to 5."""
    naive = 1 + float(central_queue.mean_wait(8, 1, 1, 10, 1))
    assert naive == pytest.approx(1.2046, abs=5e-5)
    for policy in ("random", "round_robin", "power_of_two", "join_idle_queue", "hash"):
        assert response(policy, 8.0, 10) > 1.2 * naive
    assert 1 + float(random_split.mean_wait(8, 1, 1, 10, 1)) == pytest.approx(5.0)
    # and by key it is worse than at random, as the hosts are not even equally loaded
    assert response("hash", 8.0, 10) > response("random", 8.0, 10)


def test_trap_13_mean_field_is_not_for_small_pools() -> None:
    """Four hosts 90 % busy: 3.73 services, not 2.61."""
    naive = float(power_of_d.mean_response(3.6, 1, 1, 4, 1))
    assert naive == pytest.approx(2.61, abs=0.005)
    assert float(power_of_two.mean_response(3.6, 1, 1, 4, 1)) == pytest.approx(3.73, rel=0.01)
    assert response("power_of_two", 3.6, 4) == pytest.approx(3.73, rel=0.01)
    said = " ".join(solved("power_of_two", 3.6, 4).assumptions)
    assert "Mean field alone would be 30 % low" in said


# --- power of two ---------------------------------------------------------------------------

#: Simulated with 2e7 events of our own each (jump chain of exponential hosts; 95 % half-widths
#: of at most 0.5 %): hosts, servers, load, response in services.
SIMULATED_TWO = [
    (3, 1, 0.7, 1.8844),
    (3, 1, 0.95, 7.6714),
    (6, 1, 0.9, 3.2903),
    (16, 1, 0.8, 2.0233),
    (48, 1, 0.95, 3.5351),
    (100, 1, 0.9, 2.6413),
    (3, 2, 0.9, 2.4483),
    (4, 4, 0.9, 1.4821),
    (8, 4, 0.98, 2.6871),
    (16, 8, 0.95, 1.1890),
    (3, 16, 0.98, 1.8903),
]


@pytest.mark.parametrize(("hosts", "servers", "load", "expected"), SIMULATED_TWO)
def test_power_of_two_against_simulation(
    hosts: int, servers: int, load: float, expected: float
) -> None:
    rate = load * hosts * servers
    found = 1 + float(power_of_two.mean_wait(rate, 1, servers, hosts, 1))
    assert found == pytest.approx(expected, rel=0.012)
    through = solved("power_of_two", rate, hosts, f", cores: {servers}").station("web")
    assert through.response == pytest.approx(found, rel=1e-12)


def test_two_hosts_are_exact() -> None:
    rates = np.linspace(0.02, 1.998, 37)
    exact = shortest_of_two.mean_wait(rates, 1, 1, 2, 1)
    np.testing.assert_allclose(power_of_two.mean_wait(rates, 1, 1, 2, 1), exact, rtol=1e-9)
    assert response("power_of_two", 1.0, 2) == pytest.approx(1.4263207511672396, rel=1e-12)


def test_one_host_has_no_choice() -> None:
    for servers in (1, 3):
        rates = servers * np.array([0.1, 0.5, 0.97])
        alone = random_split.mean_wait(rates, 1, servers, 1, 1)
        for module in (power_of_two, idle_first):
            np.testing.assert_allclose(module.mean_wait(rates, 1, servers, 1, 1), alone, rtol=1e-12)
            np.testing.assert_allclose(
                module.prob_wait(rates, 1, servers, 1, 1),
                random_split.prob_wait(rates, 1, servers, 1, 1),
                rtol=1e-12,
            )


def test_mean_field_of_hosts_with_several_servers() -> None:
    """The fixed point of the shares of hosts with at least i requests, by its own equations."""
    load, servers = 0.9, 4
    prob, wait = power_of_two.limit(load, servers)
    share = [1.0]
    # the differential equations, run until nothing moves
    state = np.zeros(60)
    state[0] = 1.0
    busy = np.minimum(np.arange(60), servers)
    for _ in range(60_000):
        after = np.append(state[1:], 0.0)
        change = np.zeros(60)
        change[1:] = load * servers * (state[:-1] ** 2 - state[1:] ** 2)
        change[1:] -= busy[1:] * (state[1:] - after[1:])
        state = state + 0.02 * change
    share = list(state)
    assert float(prob) == pytest.approx(share[servers] ** 2, rel=1e-6)
    assert float(wait) == pytest.approx(sum(share[servers + 1 :]) / (load * servers), rel=1e-6)


def test_mean_field_is_met_by_many_hosts() -> None:
    many = power_of_two.mean_wait(0.9e6, 1, 1, 1e6, 1)
    assert many == pytest.approx(float(power_of_d.mean_wait(0.9, 1, 1, 1, 1)), rel=1e-4)
    # and a full pool is one queue, whatever its size
    near = 1 - 1e-7
    for hosts in (3, 10, 100):
        pooled = central_queue.mean_wait(near * hosts, 1, 1, hosts, 1)
        found = power_of_two.mean_wait(near * hosts, 1, 1, hosts, 1)
        assert found == pytest.approx(float(pooled), rel=1e-4)


loads_ = st.floats(0.02, 0.995)


@settings(deadline=None, max_examples=150)
@given(loads_, st.integers(3, 200), st.integers(1, 16), st.floats(0.0, 4.0))
def test_power_of_two_lies_between_random_and_least_connections(
    load: float, hosts: int, servers: int, scv: float
) -> None:
    station = (load * hosts * servers, 1.0, servers, hosts, scv)
    best = float(least_connections.mean_wait(*station))
    found = float(power_of_two.mean_wait(*station))
    worst = float(random_split.mean_wait(*station))
    # least connections is a fit itself: its own error is the slack, in services
    assert best - 0.026 * (1 + best) * (1 + scv) / 2 <= found <= worst * (1 + 1e-12)
    assert found >= float(central_queue.mean_wait(*station)) * (1 - 1e-12)
    waits = float(power_of_two.prob_wait(*station))
    assert float(central_queue.prob_wait(*station)) - 0.045 <= waits
    assert waits <= float(random_split.prob_wait(*station)) + 1e-12


@settings(deadline=None, max_examples=100)
@given(loads_, st.integers(2, 100), st.integers(1, 8))
def test_join_idle_queue_lies_between_random_and_one_queue(
    load: float, hosts: int, servers: int
) -> None:
    station = (load * hosts * servers, 1.0, servers, hosts, 1.0)
    found = float(idle_first.mean_wait(*station))
    assert float(central_queue.mean_wait(*station)) <= found
    assert found <= float(random_split.mean_wait(*station)) * (1 + 1e-12)


@pytest.mark.parametrize("module", [power_of_two, idle_first])
@pytest.mark.parametrize("servers", [1, 2, 4, 16])
def test_waits_grow_with_load_and_shrink_with_hosts(module: Any, servers: int) -> None:
    load = np.linspace(0.01, 0.999, 400)
    for size in (1, 2, 3, 4, 7, 20, 150):
        wait = module.mean_wait(load * size * servers, 1, servers, size, 1)
        assert (np.diff(wait) >= 0).all()
    hosts = np.arange(1.0, 130.0)
    for rate in servers * np.array([0.3, 0.9, 1.9, 2.9, 8.0, 20.0]):
        wait = np.asarray(module.mean_wait(rate, 1, servers, hosts, 1))
        stable = wait[np.isfinite(wait)]
        assert np.isinf(wait[hosts * servers <= rate]).all()
        assert (np.diff(stable) <= 1e-12).all()


# --- join an idle queue ---------------------------------------------------------------------

#: As above, 3e7 to 5e7 events.
SIMULATED_IDLE = [
    (2, 1, 0.8, 3.4599),
    (4, 1, 0.9, 4.3498),
    (10, 1, 0.7, 1.1988),
    (10, 1, 0.95, 4.2747),
    (100, 1, 0.9, 1.0735),
    (2, 2, 0.9, 3.4784),
    (4, 4, 0.9, 1.4880),
    (10, 8, 0.95, 1.1714),
]


@pytest.mark.parametrize(("hosts", "servers", "load", "expected"), SIMULATED_IDLE)
def test_join_idle_queue_against_simulation(
    hosts: int, servers: int, load: float, expected: float
) -> None:
    found = 1 + float(idle_first.mean_wait(load * hosts * servers, 1, servers, hosts, 1))
    assert found == pytest.approx(expected, rel=0.025)


#: Event by event, first come first served with gamma service, 1e6 visits each: wait in services.
SIMULATED_LAWS = [
    ("power_of_two", 4, 1, 0.9, 0.0, 1.3473),
    ("power_of_two", 10, 1, 0.9, 0.25, 1.2118),
    ("power_of_two", 30, 1, 0.7, 4.0, 1.5900),
    ("power_of_two", 10, 4, 0.9, 4.0, 0.6867),
    ("join_idle_queue", 4, 1, 0.9, 0.0, 1.6509),
    ("join_idle_queue", 10, 1, 0.7, 4.0, 0.4905),
    ("join_idle_queue", 30, 1, 0.9, 0.25, 0.2461),
    ("join_idle_queue", 10, 4, 0.9, 0.25, 0.1005),
]


@pytest.mark.parametrize(("policy", "hosts", "cores", "load", "scv", "wait"), SIMULATED_LAWS)
def test_other_laws_of_service_against_simulation(
    policy: str, hosts: int, cores: int, load: float, scv: float, wait: float
) -> None:
    station = solved(policy, load * hosts * cores, hosts, f", cores: {cores}, scv: {scv}")
    assert station.station("web").response == pytest.approx(1 + wait, rel=0.04)


def test_join_idle_queue_agrees_with_the_reference_table() -> None:
    """MODELS.md d, ten hosts: simulations of its own."""
    for load, expected in ((0.5, 1.027), (0.8, 1.489), (0.95, 4.33)):
        found = 1 + float(idle_first.mean_wait(10 * load, 1, 1, 10, 1))
        assert found == pytest.approx(expected, rel=0.025)


def test_what_was_not_tested_is_said() -> None:
    for policy, cores in (("join_idle_queue", 9), ("power_of_two", 17)):
        warnings = solved(policy, 8.0, 10, f", cores: {cores}").warnings
        assert any("its formula was not tested" in warning for warning in warnings)
        warnings = solved(policy, 8.0, 10, f", cores: {cores - 1}").warnings
        assert not any("its formula was not tested" in warning for warning in warnings)
    assert any("more than 100 hosts" in said for said in solved("join_idle_queue", 8, 101).warnings)


# --- by key ---------------------------------------------------------------------------------


def test_two_hosts_with_one_point_each_by_hand() -> None:
    """The larger of two uniform pieces is 3/4 on average: M/M/1 at 0.75 and 0.25 of the load."""
    station = solved("hash", 1.0, 2, lb=", virtual_nodes: 1").station("web")
    assert station.utilization == pytest.approx(0.75, rel=1e-9)
    assert station.wait == pytest.approx(0.75 * 3 + 0.25 / 3, rel=1e-9)
    first, second = 0.75 * 3 + 0.25 / 3, 0.75 * 0.75 * 4**2 + 0.25 * 0.25 * (4 / 3) ** 2
    assert station.prob_wait == pytest.approx(first**2 / second, rel=1e-9)


def test_the_fullest_host_decides() -> None:
    """Ten hosts, 160 points each: 1.125 times the mean."""
    solution = solved("hash", 8.0, 10)
    web = solution.station("web")
    assert web.utilization == pytest.approx(0.8 * 1.12514, rel=1e-5)
    assert web.headroom == pytest.approx(1 / (0.8 * 1.12514), rel=1e-5)
    assert web.offered_load == pytest.approx(8.0)
    full = solved("hash", 9.0, 10).station("web")
    assert full.utilization > 1
    assert np.isinf(full.wait)
    assert full.prob_wait == 1.0


def test_more_points_bring_it_to_a_random_split() -> None:
    waits = [
        float(np.asarray(solved("hash", 6.0, 10, f", virtual_nodes: {points}").station("web").wait))
        for points in (16, 160, 1600, 10**9)
    ]
    assert waits == sorted(waits, reverse=True)
    assert waits[-1] == pytest.approx(1.5, rel=1e-6)


def test_a_typical_ring_is_the_median_of_random_rings() -> None:
    rng = np.random.default_rng(11)
    rings = rng.gamma(160.0, size=(4000, 10))
    rate = 7.0 * rings / rings.sum(axis=-1, keepdims=True)
    waits = (rate / 7.0 * rate / (1 - rate)).sum(axis=-1)
    shares, counts = uneven.by_key(10.0, 160.0)
    found = float(uneven.mean_wait(7.0, 1, 1, shares, counts, 1))
    assert found == pytest.approx(float(np.median(waits)), rel=0.01)
    assert float(counts @ shares) == pytest.approx(1.0, rel=1e-12)


def test_points_stand_at_the_tier_or_at_its_balancer() -> None:
    at_tier = solved("random", 6.0, 10, ", balancing: hash, virtual_nodes: 7").station("web")
    at_lb = solved("hash", 6.0, 10, lb=", virtual_nodes: 7").station("web")
    default = solved("hash", 6.0, 10).station("web")
    assert at_tier.utilization == at_lb.utilization
    assert default.utilization < at_lb.utilization
    assert "160 unless given" in " ".join(solved("hash").assumptions)


# --- by weight ------------------------------------------------------------------------------


def test_weights_by_hand() -> None:
    """1, 1, 2 at 1.5 visits a service: M/M/1 hosts at 0.375, 0.375 and 0.75."""
    for policy in ("weighted_random", "random"):
        web = solved(policy, 1.5, 3, ", weights: [1, 1, 2]").station("web")
        assert web.model == "M/G/k per host, by weight"
        assert web.utilization == pytest.approx(0.75, rel=1e-12)
        assert web.wait == pytest.approx(0.5 * 3.0 + 0.5 * 0.6, rel=1e-12)
        second = 0.5 * 0.75 * 4.0**2 + 0.5 * 0.375 * 1.6**2
        assert web.prob_wait == pytest.approx(1.8**2 / second, rel=1e-12)


def test_weights_saturate_by_the_heaviest() -> None:
    full = solved("weighted_random", 2.0, 3, ", weights: [1, 1, 2]").station("web")
    assert np.isinf(full.wait)
    equal = solved("weighted_random", 2.0, 3, ", weights: [5, 5, 5]").station("web")
    assert equal.wait == pytest.approx(float(random_split.mean_wait(2.0, 1, 1, 3, 1)), rel=1e-12)


def test_two_weights_are_no_range() -> None:
    solution = solved("weighted_random", 0.9, 2, ", weights: [1, 2]")
    assert solution.station("web").utilization == pytest.approx(0.6, rel=1e-12)
    assert not solution.ranges


def test_p99_follows_the_heaviest_host() -> None:
    """The mixture's p99 by hand: 0.5 * 0.75 exp(-t / 4) + 0.5 * 0.375 exp(-t / 1.6) = 0.01."""
    shares, counts = uneven.by_weight([1, 1, 2], 3)
    share = float(uneven.prob_wait_of_one_law(1.5, 1, 1, shares, counts, 1))
    mean = 1.8 / share
    tail = mean * np.log(share / 0.01)
    assert tail == pytest.approx(14.51, rel=0.04)
    exact = 0.375 * np.exp(-14.51 / 4) + 0.1875 * np.exp(-14.51 / 1.6)
    assert exact == pytest.approx(0.01, rel=0.01)


def test_hosts_and_weights_that_do_not_match() -> None:
    """More hosts: the mean weight; fewer: the next heaviest is missing."""
    more, counts = uneven.by_weight([1, 1, 2], 4)
    assert sorted((more * counts).tolist()) == pytest.approx([3 / 16, 3 / 16, 4 / 16, 6 / 16])
    fewer, there = uneven.by_weight([1, 2, 3], 2)
    assert sorted((fewer * there).tolist()) == pytest.approx([0, 0, 0.25, 0.75])
    said = " ".join(solved("weighted_random", 1.0, 4, ", weights: [1, 1, 2]").warnings)
    assert "the others get the mean weight" in said
    said = " ".join(solved("weighted_random", 1.0, 2, ", weights: [1, 1, 2]").warnings)
    assert "the worst case" in said
    said = " ".join(solved("weighted_random", 1.0, 3, ", weights: [1, 1, 2]").warnings)
    assert "weights" not in said


def test_weights_that_are_not_used_are_named() -> None:
    said = " ".join(solved("round_robin", 1.0, 2, ", weights: [1, 3]").warnings)
    assert "the weights of web are ignored: round robin does not use them" in said
    solution = solved("weighted_random", 1.0, 2)
    assert any("web has no weights" in warning for warning in solution.warnings)
    assert solution.station("web").wait == solved("random", 1.0, 2).station("web").wait


def test_facts_of_unequal_hosts() -> None:
    def found(**arguments: Any) -> dict[str, float]:
        system = cc.loads(text(**arguments))
        every = balanced.facts(system, loads(system).queues)
        return {fact.name: float(np.asarray(fact.value)) for fact in every}

    by_weight = found(policy="weighted_random", rate=1.5, hosts=3, web=", weights: [1, 1, 2]")
    assert by_weight == pytest.approx(
        {
            "mean_utilization": 0.5,
            "imbalance": 1.5,
            "utilization_weight_2": 0.75,
            "utilization_weight_1": 0.375,
        }
    )
    by_key = found(policy="hash", rate=8.0, hosts=10)
    assert by_key == pytest.approx({"mean_utilization": 0.8, "imbalance": 1.12514}, rel=1e-5)
    assert found(policy="random", rate=8.0, hosts=10) == {}


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.floats(0.1, 10), min_size=1, max_size=8),
    st.floats(0.05, 0.9),
    st.integers(1, 4),
)
def test_more_hosts_never_wait_longer(weights: list[float], load: float, servers: int) -> None:
    hosts = np.arange(float(len(weights)), len(weights) + 20.0)
    shares, counts = uneven.by_weight(weights, hosts)
    np.testing.assert_allclose(np.sum(shares * counts, axis=-1), 1.0, rtol=1e-12)
    most = float(np.max(shares[0]))
    wait = np.asarray(uneven.mean_wait(load * servers / most, 1, servers, shares, counts, 1))
    assert (np.diff(wait) <= 1e-12 * wait[:-1]).all()


# --- sweeps ---------------------------------------------------------------------------------


def numbers(solution: Solution, size: int) -> np.ndarray:
    """Every number of stations, tiers and requests, one row each."""
    rows: list[np.ndarray] = []

    def collect(value: object) -> object:
        rows.append(np.broadcast_to(np.asarray(value, dtype=float), (size,)))
        return value

    for part in (*solution.stations, *solution.tier_results, *solution.request_results):
        mapped(part, collect)
    return np.stack(rows)


@pytest.mark.parametrize("policy", NEW)
@pytest.mark.parametrize("cores", [1, 4])
def test_a_sweep_equals_its_scenarios_one_by_one(policy: str, cores: int) -> None:
    weights = ", weights: [1, 1, 2, 3]" if policy == "weighted_random" else ""
    system = cc.loads(text(policy, 3.0 * cores, 4, f", cores: {cores}{weights}"))
    hosts = np.array([4.0, 1.0, 2.0, 3.0, 5.0, 9.0, 70.0, 4.0, np.nan])
    rates = cores * np.array([1.5, 0.7, 1.1, 0.4, 4.1, 3.0, 40.0, 4.0, 1.0])
    swept = cc.solve(system.replace({"tiers.web.hosts": hosts, "demand.requests.page.rate": rates}))
    many = numbers(swept, len(hosts))
    for at, (host, rate) in enumerate(zip(hosts, rates, strict=True)):
        alone = system.replace(
            {"tiers.web.hosts": float(host), "demand.requests.page.rate": float(rate)}
        )
        one = numbers(cc.solve(alone), 1)[:, 0]
        np.testing.assert_allclose(many[:, at], one, rtol=1e-12, atol=1e-300)
    waits = np.asarray(swept.station("web").wait)
    assert np.isinf(waits[7])
    assert np.isnan(waits[8])


@pytest.mark.parametrize("policy", NEW)
def test_without_load_nobody_waits(policy: str) -> None:
    station = solved(policy, 0.0, 4, ", weights: [1, 1, 2, 3]").station("web")
    assert station.wait == 0.0
    assert station.prob_wait == 0.0


@pytest.mark.parametrize("policy", NEW)
def test_warnings_of_numpy_do_not_leak(policy: str) -> None:
    system = cc.loads(text(policy, 3.0, 4, ", weights: [1, 2, 3, 4]"))
    with np.errstate(all="raise"):
        cc.solve(
            system.replace({"demand.requests.page.rate": np.array([0.0, 1e-9, 2.0, 4.0, 9.0])})
        )


def test_every_policy_that_a_file_may_name_has_formulas() -> None:
    from capcalc.model import paths

    system = cc.loads(text("random", 1.0, 2))
    assert set(paths.find(system, "tiers.lb.policy").choices) == set(POLICIES)


# --- advice and failures --------------------------------------------------------------------

GROWING = """
capcalc: 1
name: shop
demand: {{requests: {{page: {{rate: 900/s}}}}}}
tiers:
  lb: {{kind: load_balancer, policy: {policy}, hosts: 2, instance: c7g.large, service_time: 0.05ms}}
  web: {{kind: web, instance: c7g.xlarge, hosts: 4, service_time: 9ms, survive: host{web}}}
objectives: {{page: {{p99: 60ms}}}}
instances: {{families: [c7g]}}
"""


def growing(policy: str) -> cc.System:
    weights = ", weights: [1, 1, 1, 2]" if policy == "weighted_random" else ""
    return cc.loads(GROWING.format(policy=policy, web=weights))


@pytest.mark.parametrize("policy", NEW)
def test_advice_finds_the_fewest_hosts_under_every_policy(policy: str) -> None:
    """Against every number of hosts, with all of them and with one lost."""
    system = growing(policy)

    def keeps(hosts: int, limit: float) -> bool:
        there = cc.solve(system.replace({"tiers.web.hosts": float(hosts)}))
        busy, p99 = (
            np.asarray(v) for v in (there.tier("web").utilization, there.request("page").p99)
        )
        return bool(busy <= limit * (1 + 1e-9)) and bool(p99 <= 0.060)

    fewest = next(n for n in range(2, 65) if keeps(n, 0.7) and keeps(n - 1, 0.9))
    web = next(each for each in cc.advise(system).tiers if each.tier == "web")
    assert [choice.hosts for choice in web.horizontal.choices] == [fewest]


@pytest.mark.parametrize("policy", NEW)
def test_a_lost_host_is_no_relief(policy: str) -> None:
    system = growing(policy)
    lost = cc.failures(system).failure("web loses a host")
    web = next(each for each in lost.after if each.tier == "web")
    assert web.utilization is not None
    assert web.utilization > float(np.asarray(cc.solve(system).tier("web").utilization))


# --- the balancer itself --------------------------------------------------------------------


def test_connections_by_little() -> None:
    """100/s of 1.5 s each and 60 s kept: 6,150, on two hosts 3,075 each."""
    solution = solved("random", 100.0, 300, ", cores: 4", ", keepalive: 60s, max_connections: 4000")
    answer = float(np.asarray(solution.request("page").mean))
    expected = 100.0 * (answer + 60.0) / 2
    assert solution.fact("lb", "connections_per_host") == pytest.approx(expected, rel=1e-12)
    assert solution.fact("lb", "connections_used") == pytest.approx(expected / 4000, rel=1e-12)
    assert any("with one host lost" in warning for warning in solution.warnings)
    few = solved("random", 100.0, 300, ", cores: 4", ", keepalive: 60s, max_connections: 3000")
    assert any("where 3,000 fit" in warning for warning in few.warnings)
    enough = solved("random", 100.0, 300, ", cores: 4", ", keepalive: 60s, max_connections: 7000")
    assert not any("fit" in warning for warning in enough.warnings)


def test_without_keepalive_only_what_is_answered_counts() -> None:
    solution = solved("random", 8.0, 10)
    answer = float(np.asarray(solution.request("page").mean))
    assert solution.fact("lb", "connections_per_host") == pytest.approx(8.0 * answer / 2)
    assert not any(fact.name == "connections_used" for fact in solution.fact_results)


def test_a_balancer_alone_is_a_single_point_of_failure() -> None:
    alone = cc.loads(text("random", 1.0, 2)).replace({"tiers.lb.hosts": 1.0})
    said = "lb has one host: it is a single point of failure"
    assert any(warning.startswith(said) for warning in cc.solve(alone).warnings)
    assert not any(said in warning for warning in solved("random", 1.0, 2).warnings)


def test_a_balancer_on_the_hosts_of_another_tier() -> None:
    shared = cc.loads(
        """
capcalc: 1
name: shared
demand: {requests: {page: {rate: 2/s}}}
tiers:
  lb: {kind: load_balancer, with: web, service_time: 1ms, keepalive: 10s}
  web: {kind: web, hosts: 4, service_time: 1s}
"""
    )
    solution = cc.solve(shared)
    answer = float(np.asarray(solution.request("page").mean))
    assert solution.fact("lb", "connections_per_host") == pytest.approx(2 * (answer + 10) / 4)
    assert not any("single point" in warning for warning in solution.warnings)
    alone = cc.solve(shared.replace({"tiers.web.hosts": 1.0, "demand.requests.page.rate": 0.1}))
    assert any("(tiers.web.hosts: 2)" in warning for warning in alone.warnings)


def test_a_saturated_system_is_told_as_such_not_by_its_connections() -> None:
    solution = solved("random", 80.0, 10, lb=", keepalive: 1s, max_connections: 5")
    assert solution.saturated
    assert np.isinf(solution.fact("lb", "connections_per_host"))
    assert not any("connections" in warning for warning in solution.warnings)


def test_its_own_capacity_counts() -> None:
    busy = cc.loads(text("power_of_two", 8.0, 10)).replace({"tiers.lb.service_time": 0.24})
    solution = cc.solve(busy)
    assert solution.bottleneck == "lb"
    assert solution.headroom == pytest.approx(2 / (8 * 0.24))


def test_relief_of_a_new_sticky_host_is_told() -> None:
    web = ", sessions: {state: sticky, length: 15min, rate: 20/s}"
    solution = solved("power_of_two", 8.0, 10, web)
    assert solution.station("web").model == "M/G/k per host"
    assert solution.fact("web", "new_host_share") < solution.fact("web", "fair_share")
