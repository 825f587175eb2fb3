"""Cores under contention through scenario files: MODELS.md section i, traps 14 and 15."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import capcalc as cc
from capcalc.errors import ScenarioError
from capcalc.model.components._scaling import Scaling
from capcalc.results.solution import Solution
from capcalc.solve import contention
from capcalc.theory.queues import mmc, staffing

TEXT = """
capcalc: 1
demand: {requests: {page: {rate: 100/s}}}
tiers:
  web: {kind: web, hosts: 1, cores: 32, service_time: 10ms,
        scaling: {contention: 5%, coherency: 0.1%}}
"""
PLAIN = TEXT.replace(",\n        scaling: {contention: 5%, coherency: 0.1%}", "")


def solved(text: str = TEXT, **changes: Any) -> Solution:
    changed = {f"tiers.{key.replace('__', '.')}": value for key, value in changes.items()}
    return cc.solve(cc.loads(text).replace(changed))


def test_hand_numbers() -> None:
    """1 + .05 x 31 + .001 x 32 x 31 = 3.542: 32 cores do what 9.0344 lone ones would."""
    scaling = Scaling(contention=0.05, coherency=0.001)
    assert scaling.slowdown(32.0) == pytest.approx(3.542, rel=1e-12)
    assert scaling.slowdown(1.0) == pytest.approx(1.0, rel=1e-15)
    assert scaling.peak() == pytest.approx(30.82, abs=5e-3)
    assert scaling.best() == 31
    station = solved().station("web", "")
    assert station.service_time == pytest.approx(0.03542, rel=1e-12)
    assert station.utilization == pytest.approx(100 * 0.01 * 3.542 / 32, rel=1e-12)
    assert station.headroom * 100 == pytest.approx(903.44, abs=5e-3)  # requests/s at the end


def test_waits_are_those_of_slower_cores() -> None:
    solution = solved(web__cores=8.0, web__hosts=1.0)
    slow = 1 + 0.05 * 7 + 0.001 * 56
    service = 0.01 * slow
    wait = float(np.asarray(mmc.mean_wait(100.0, 1 / service, 8.0)))
    assert solution.request("page").mean == pytest.approx(wait + service, rel=1e-12)
    plain = solved(PLAIN, web__cores=8.0, web__service_time=service)
    assert solution.request("page").p99 == pytest.approx(float(plain.request("page").p99), rel=1e-9)


def test_more_cores_carry_less_beyond_the_peak() -> None:
    cores = np.arange(1.0, 129.0)
    carried = 100 * np.asarray(solved(web__cores=cores).tier("web").headroom)
    assert cores[np.argmax(carried)] == 31
    assert (np.diff(carried)[:30] > 0).all()
    assert (np.diff(carried)[30:] < 0).all()
    for count in (1.0, 31.0, 128.0):
        alone = solved(web__cores=count)
        grid = np.asarray(solved(web__cores=cores).tier("web").response)
        assert grid[int(count) - 1] == pytest.approx(float(alone.tier("web").response), rel=1e-12)


def test_arrays_of_the_two_numbers() -> None:
    parts = np.array([0.0, 0.02, 1.0])
    pairs = np.array([[0.0], [1e-4]])
    many = solved(web__scaling__contention=parts, web__scaling__coherency=pairs)
    for i, pair in enumerate(pairs[:, 0]):
        for j, part in enumerate(parts):
            one = solved(web__scaling__contention=part, web__scaling__coherency=pair)
            grid = np.broadcast_to(many.tier("web").utilization, (2, 3))
            assert grid[i, j] == pytest.approx(float(one.tier("web").utilization), rel=1e-12)
    assert grid[0, 0] == pytest.approx(100 * 0.01 / 32, rel=1e-12)  # nothing in the way
    all_alone = np.broadcast_to(many.tier("web").utilization, (2, 3))[0, 2]
    assert all_alone == pytest.approx(100 * 0.01, rel=1e-12)  # one at a time: 32 are one


def test_instances_have_their_vcpus() -> None:
    text = TEXT.replace("cores: 32", "instance: c7g.2xlarge")
    assert solved(text).station("web", "").service_time == pytest.approx(
        0.01 * (1 + 0.05 * 7 + 0.001 * 56), rel=1e-12
    )


def test_the_owner_of_the_hosts_says_how_its_cores_scale() -> None:
    text = (
        TEXT
        + """
  db: {kind: database, with: web, read_time: 2ms, write_time: 5ms}
calls: {page: {db: {reads: 1, writes: 1}}}
"""
    )
    work = 0.017 * 3.542
    solution = solved(text)
    assert solution.tier("web").utilization == pytest.approx(100 * work / 32, rel=1e-12)


def test_a_database_replays_and_locks_as_slowly() -> None:
    text = """
capcalc: 1
demand: {requests: {page: {rate: 100/s}}}
tiers:
  db: {kind: database, cores: 8, replicas: 2, read_time: 1ms, write_time: 2ms,
       commit: semi_synchronous, replication_round_trip: 1ms,
       scaling: {contention: 2%, coherency: 0.01%}}
calls: {page: {db: {reads: 4, writes: 1}}}
"""
    slow = 1 + 0.02 * 7 + 0.0001 * 56
    solution = solved(text)
    replica = solution.station("db", "replica")
    busy = (200 * 1e-3 + 100 * 2e-3) * slow / 8
    assert replica.utilization == pytest.approx(busy, rel=1e-12)
    lag = 0.001 + float(replica.wait) + 0.002 * slow
    assert solution.fact("db", "lag") == pytest.approx(lag, rel=1e-12)
    assert solution.fact("db", "write_wall") == pytest.approx(0.7 * 8 / (0.002 * slow), rel=1e-12)
    delay = float(np.asarray(solution.fact("db", "commit_delay")))
    row = 1 / (0.002 * slow + delay)
    assert solution.fact("db", "hot_row_rate") == pytest.approx(row, rel=1e-12)


def test_facts_and_cautions() -> None:
    system = cc.loads(TEXT)
    found = {fact.name: float(np.asarray(fact.value)) for fact in contention.facts(system)}
    assert found == {"peak_cores": 31.0, "core_efficiency": pytest.approx(1 / 3.542, rel=1e-12)}
    (said,) = contention.cautions(system)
    assert "32 cores in a host are beyond its peak of 31" in said
    assert not list(contention.cautions(system.replace({"tiers.web.cores": 31.0})))
    assert not list(contention.cautions(cc.loads(PLAIN)))
    assert not list(contention.facts(cc.loads(PLAIN)))
    (far,) = contention.cautions(system.replace({"tiers.web.cores": np.array([8.0, 128.0, 64.0])}))
    carried = [n / (1 + 0.05 * (n - 1) + 0.001 * n * (n - 1)) for n in (31, 128)]
    assert "128 cores" in far
    assert f"{100 * (carried[0] / carried[1] - 1):.1f} % more" in far
    never = system.replace({"tiers.web.scaling.coherency": 0.0, "tiers.web.cores": 10_000.0})
    assert not list(contention.cautions(never))


@pytest.mark.parametrize("scaling", ["{contention: 5%}", "{coherency: 1%}"])
def test_both_numbers_are_given(scaling: str) -> None:
    text = TEXT.replace("{contention: 5%, coherency: 0.1%}", scaling)
    with pytest.raises(ScenarioError, match="this key is missing"):
        cc.loads(text)


def test_trap_14_separate_pools_need_more() -> None:
    """100 erlangs, at most 20 % wait: 111 servers in one pool, 140 in ten (naive: 111)."""
    text = PLAIN.replace("10ms", "1s").replace("100/s", "100/s") + "    \n"
    pooled = solved(text, web__cores=np.array([110.0, 111.0]), web__hosts=1.0)
    waits = np.asarray(pooled.station("web", "").prob_wait)
    assert waits[0] > 0.2 >= waits[1]
    apart = solved(text, web__cores=np.array([13.0, 14.0]), web__hosts=10.0)
    waits = np.asarray(apart.station("web", "").prob_wait)
    assert waits[0] > 0.2 >= waits[1]  # 14 in each of ten: 140
    assert staffing.servers_for_prob_wait(0.2, 100.0, 1.0) == 111


@pytest.mark.parametrize(("load", "times", "digits"), [(0.5, 4.06, 5e-3), (0.95, 1.24, 1e-2)])
def test_trap_15_slow_cores_are_slower_at_the_same_load(
    load: float, times: float, digits: float
) -> None:
    """8 cores against one that is 8 times as fast, as busy; c (1 - rho) + C(c, a)."""
    text = PLAIN.replace("100/s", f"{800 * load}/s")
    many = solved(text, web__cores=8.0)
    fast = solved(text, web__cores=1.0, web__service_time=0.01 / 8)
    assert many.tier("web").utilization == pytest.approx(load, rel=1e-12)
    assert fast.tier("web").utilization == pytest.approx(load, rel=1e-12)
    ratio = float(many.request("page").mean) / float(fast.request("page").mean)
    assert ratio == pytest.approx(times, abs=digits)  # naive: 1
    waits = float(np.asarray(many.station("web", "").prob_wait))
    assert ratio == pytest.approx(8 * (1 - load) + waits, rel=1e-12)


def test_trap_15_is_worse_under_contention() -> None:
    """The same 8 cores in each other's way: even without any queue 8 x 1.406 times as slow."""
    text = TEXT.replace("100/s", "1/s")
    many = solved(text, web__cores=8.0)
    fast = solved(PLAIN.replace("100/s", "1/s"), web__cores=1.0, web__service_time=0.01 / 8)
    ratio = float(many.request("page").mean) / float(fast.request("page").mean)
    one = (1 - 0.01 / 8) * 8 * 1.406  # the fast one waits for itself now and then
    assert ratio == pytest.approx(one, rel=1e-9)


def test_brokers_and_stores_scale_like_all_hosts() -> None:
    text = """
capcalc: 1
demand: {requests: {page: {rate: 100/s}}}
tiers:
  queue: {kind: message_queue, cores: 4, service_time: 1ms, workers: work,
          scaling: {contention: 2%, coherency: 0}}
  work: {kind: service, hosts: 4, cores: 4, service_time: 20ms,
         scaling: {contention: 10%, coherency: 1%}}
  files: {kind: object_store, cores: 16, service_time: 5ms, size: 100kB, bandwidth: 20MB/s,
          scaling: {contention: 0, coherency: 0.5%}}
calls: {page: {queue: 1, files: 2}}
"""
    solution = solved(text)
    times = {
        "queue": 0.001 * (1 + 0.02 * 3),
        "work": 0.02 * (1 + 0.1 * 3 + 0.01 * 12),
        "files": (0.005 + 0.005) * (1 + 0.005 * 16 * 15),
    }
    for name, time in times.items():
        assert solution.station(name, "").service_time == pytest.approx(time, rel=1e-12)
    worker = solution.station("work", "")
    broker = solution.station("queue", "")
    done = broker.wait + times["queue"] + worker.wait + times["work"]
    assert solution.fact("queue", "completion_time") == pytest.approx(float(done), rel=1e-12)
