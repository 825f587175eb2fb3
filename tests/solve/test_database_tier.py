"""What a database says of itself: MODELS.md section e through scenario files."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import capcalc as cc
from capcalc.results.solution import Solution
from capcalc.theory.distributions import order_statistics
from capcalc.theory.queues import erlang

TEXT = """
capcalc: 1
demand: {requests: {page: {rate: 1000/s}}}
tiers:
  web: {kind: web, hosts: 40, cores: 4, service_time: 10ms, pool: {to: db, connections_per_host: 20}}
  db:
    kind: database
    cores: 4
    replicas: 6
    read_time: 1ms
    write_time: 1ms
    apply_time: 1ms
    max_utilization: 60%
    max_connections: 500
calls: {page: {db: {reads: 8, writes: 1}}}
"""


def solved(**changes: Any) -> Solution:
    changed = {f"tiers.{key.replace('__', '.')}": value for key, value in changes.items()}
    return cc.solve(cc.loads(TEXT).replace(changed))


def test_trap_1_replicas_replay_every_write() -> None:
    """8,000 reads and 1,000 writes per second need six replicas, not four."""
    solution = solved()
    assert solution.fact("db", "replicas_needed") == 6
    assert solution.station("db", "replica").utilization == pytest.approx((8 / 6 + 1) / 4)
    four = solved(db__replicas=4.0)
    assert four.station("db", "replica").utilization > 0.6 + 0.1


def test_the_write_wall() -> None:
    assert solved().fact("db", "write_wall") == pytest.approx(2400)
    assert solved(db__appliers=1.0).fact("db", "write_wall") == pytest.approx(600)
    many = solved(db__replicas=64.0, db__write_time=0.0001)
    assert many.station("db", "replica").utilization > 0.25


def test_a_single_applier_falls_behind() -> None:
    slow = " ".join(solved(db__appliers=1.0).warnings)
    assert "1 appliers replay 1,000/s at most" in slow
    assert "lag grows without end" in slow
    assert "lag grows" not in " ".join(solved(db__appliers=2.0).warnings)


def test_lag_is_the_stay_of_a_replay() -> None:
    solution = solved(db__replication_round_trip=0.002)
    wait = float(solution.station("db", "replica").wait)
    assert solution.fact("db", "lag") == pytest.approx(0.002 + wait + 0.001, rel=1e-12)
    lost = float(solution.fact("db", "lag")) * 1000
    assert solution.fact("db", "lost_writes") == pytest.approx(lost, rel=1e-12)


@pytest.mark.parametrize(
    ("commit", "acknowledgements", "wanted"),
    [("semi_synchronous", None, 1), ("quorum", 2.0, 2), ("synchronous", None, 3)],
)
def test_commits_wait_for_acknowledgements(
    commit: str, acknowledgements: float | None, wanted: int
) -> None:
    base = {"db__replicas": 3.0, "db__read_time": 0.0001, "db__replication_round_trip": 0.005}
    plain = solved(**base)
    changes: dict[str, Any] = {**base, "db__commit": commit}
    if acknowledgements is not None:
        changes["db__acknowledgements"] = acknowledgements
    waiting = solved(**changes)
    delay = float(order_statistics.exponential_mean(wanted, 3, 0.005))
    assert waiting.fact("db", "commit_delay") == pytest.approx(delay, rel=1e-12)
    more = waiting.request("page").mean - plain.request("page").mean
    assert more == pytest.approx(delay, rel=1e-9)
    assert waiting.request("page").p99 > plain.request("page").p99
    assert (
        waiting.station("db", "primary").utilization == plain.station("db", "primary").utilization
    )
    assert waiting.fact("db", "hot_row_rate") == pytest.approx(1 / (0.001 + delay), rel=1e-12)


def test_law_of_one_acknowledgement_is_exponential() -> None:
    """One write and nothing else: hypoexponential percentiles, exactly."""
    text = """
capcalc: 1
demand: {requests: {save: {rate: 1/s}}}
tiers: {db: {kind: database, cores: 64, replicas: 1, read_time: 1ms, write_time: 2ms,
             commit: semi_synchronous, replication_round_trip: 5ms}}
calls: {save: {db: {writes: 1}}}
"""
    from capcalc.theory.distributions import hypoexponential

    p99 = cc.solve(cc.loads(text)).request("save").p99
    assert p99 == pytest.approx(float(hypoexponential.quantile(0.99, [500, 200])), rel=1e-7)


def test_a_quorum_beyond_the_replicas_is_named() -> None:
    warnings = " ".join(
        solved(db__replicas=2.0, db__commit="quorum", db__acknowledgements=3.0).warnings
    )
    assert "more than there are replicas" in warnings


def test_pools() -> None:
    solution = solved()
    assert solution.fact("db", "connections") == 800
    assert any("pools may open 800 connections" in each for each in solution.warnings)
    response = float(solution.tier("db").response)  # type: ignore[arg-type]
    load = 9000 * response / 40
    assert solution.fact("web", "pool_load") == pytest.approx(load, rel=1e-9)
    assert solution.fact("web", "pool_wait") == pytest.approx(
        float(erlang.erlang_c(20, load)), rel=1e-9
    )
    assert solution.fact("web", "pool_rejected") == pytest.approx(
        float(erlang.erlang_b(20, load)), rel=1e-9
    )
    few = solved(web__pool__connections_per_host=1.0)
    assert any("calls to db wait for a connection" in each for each in few.warnings)
    hosts = solved(web__hosts=4.0, web__cores=64.0, web__pool__connections_per_host=1.0)
    assert any("pool to db is too small" in each for each in hosts.warnings)
    assert hosts.fact("web", "pool_wait") == 1


def test_sweeps_over_commits_and_replicas() -> None:
    replicas = np.array([0.0, 1.0, 3.0, 9.0])
    system = cc.loads(TEXT).replace(
        {"tiers.db.commit": "synchronous", "tiers.db.replication_round_trip": 0.005}
    )
    many = cc.solve(system.replace({"tiers.db.replicas": replicas}), quantiles=False)
    means = np.asarray(many.request("page").mean)
    for count, mean in zip(replicas[1:], means[1:], strict=True):
        alone = cc.solve(system.replace({"tiers.db.replicas": count}), quantiles=False)
        assert mean == pytest.approx(float(alone.request("page").mean), rel=1e-12)
