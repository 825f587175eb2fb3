"""Shards under Zipf keys through scenario files: MODELS.md section f."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import capcalc as cc
from capcalc.cli.main import main
from capcalc.errors import ScenarioError
from capcalc.model.components._shards import Shards
from capcalc.results.solution import Solution
from capcalc.theory.balancing import shards as theory
from capcalc.theory.queues import mmc

TEXT = """
capcalc: 1
demand: {requests: {page: {rate: 1000/s}}}
tiers:
  db:
    kind: database
    cores: 4
    replicas: 0
    read_time: 1ms
    write_time: 2ms
    shards: {count: 16, keys: 100k, zipf: 1.0}
calls: {page: {db: {reads: 8, writes: 1}}}
"""
#: H_100000 = ln(100000) + 0.5772156649 + 1/200000
HARMONIC = 12.090146129863428


def solved(**changes: Any) -> Solution:
    changed = {f"tiers.db.{key.replace('__', '.')}": value for key, value in changes.items()}
    return cc.solve(cc.loads(TEXT).replace(changed))


def test_trap_10_the_hottest_shard_decides() -> None:
    """16 shards, Zipf 1.0: 2.25 times the mean, not 1.73 and not 1."""
    solution = solved()
    hot = float(np.asarray(solution.fact("db", "hot_shard")))
    assert hot == pytest.approx(2.25, rel=0.01)
    mean = (8 * 1 + 1 * 2) / (16 * 4)  # 1,000/s x 10 ms over 64 servers
    assert solution.tier("db").utilization == pytest.approx(2.25 * mean, rel=0.01)
    assert solution.fact("db", "mean_utilization") == pytest.approx(mean, rel=1e-12)
    even = solved(shards__zipf=0.0)
    assert even.fact("db", "hot_shard") == pytest.approx(1.0, abs=0.03)
    assert even.tier("db").hosts == solution.tier("db").hosts == 16


def test_hot_shard_saturates_while_the_mean_is_half() -> None:
    system = cc.loads(TEXT).replace({"demand.requests.page.rate": 3200.0})
    solution = cc.solve(system)
    assert solution.fact("db", "mean_utilization") == pytest.approx(0.5, rel=1e-12)
    assert solution.tier("db").utilization > 1
    assert np.isinf(solution.request("page").mean)
    said = " ".join(solution.warnings)
    assert "hottest shard is busier than max_utilization though all shards" in said
    assert "busier than max_utilization though" not in " ".join(solved().warnings)


def test_waits_are_those_of_the_hottest_and_of_the_others() -> None:
    """Reads of 1 ms only: two M/M/4 queues, in the parts that the hot share says."""
    text = TEXT.replace("writes: 1", "writes: 0").replace("1000/s", "2700/s")
    solution = cc.solve(cc.loads(text))
    hot = float(np.asarray(theory.expected_max_over_mean(16, 100_000, 1.0))) / 16
    rate = 8 * 2700.0
    waits = [
        float(np.asarray(mmc.mean_wait(part * rate, 1000.0, 4.0))) for part in (hot, (1 - hot) / 15)
    ]
    expected = hot * waits[0] + (1 - hot) * waits[1]
    assert waits[0] > 10 * waits[1]
    assert solution.tier("db").wait == pytest.approx(expected, rel=1e-9)
    assert solution.request("page").mean == pytest.approx(8 * (expected + 1e-3), rel=1e-9)
    other = solution.station("db", "primary of other shards")
    assert other.wait == pytest.approx(waits[1], rel=1e-9)
    assert other.hosts == 15


def test_mean_wait_is_that_of_a_typical_hash() -> None:
    """All 100,000 keys hashed 200 times over; every shard an M/M/4 queue of its own."""
    text = TEXT.replace("writes: 1", "writes: 0").replace("1000/s", "2000/s")
    rng, popular = np.random.default_rng(1), 1 / np.arange(1.0, 100_001.0)
    popular /= popular.sum()
    waits = []
    for _ in range(200):
        parts = np.bincount(rng.integers(16, size=100_000), popular, minlength=16)
        each = np.asarray(mmc.mean_wait(parts * 16_000.0, 1000.0, 4.0))
        waits.append(float((parts * each).sum()))
    found = float(np.asarray(cc.solve(cc.loads(text)).tier("db").wait))
    assert found == pytest.approx(float(np.median(waits)), rel=0.12)


def test_one_shard_is_no_shards() -> None:
    plain = cc.solve(cc.loads(TEXT.replace("    shards: {count: 16, keys: 100k, zipf: 1.0}\n", "")))
    one = solved(shards__count=1.0)
    assert one.tier("db").wait == pytest.approx(float(plain.tier("db").wait), rel=1e-12)
    assert one.request("page").p99 == pytest.approx(float(plain.request("page").p99), rel=1e-9)
    assert one.fact("db", "shards_carry") == 1


def test_replicas_are_of_every_shard() -> None:
    solution = solved(replicas=2.0)
    assert solution.tier("db").hosts == 48
    share = float(np.asarray(solution.fact("db", "hot_shard"))) / 16
    reads, replays = 8000 * share / 2, 1000 * share
    busy = (reads * 1e-3 + replays * 2e-3) / 4
    assert solution.station("db", "replica").utilization == pytest.approx(busy, rel=1e-12)
    primary = 1000 * share * 2e-3 / 4
    assert solution.station("db", "primary").utilization == pytest.approx(primary, rel=1e-12)
    others = 1000 * (1 - share) * 2e-3 / (15 * 4)
    found = solution.station("db", "primary of other shards").utilization
    assert found == pytest.approx(others, rel=1e-12)
    # 0.7 x 4 servers / 2 ms, over the hottest shard's part
    assert solution.fact("db", "write_wall") == pytest.approx(1400 / share, rel=1e-12)


def test_no_number_of_shards_carries_more() -> None:
    """The hottest key, 1/H of all, has one shard: 0.7 x 4 servers, 10 ms for 9 of them."""
    one = 0.7 * 4 / (10e-3 / 9)
    solution = solved()
    assert solution.fact("db", "shard_ceiling") == pytest.approx(one * HARMONIC, rel=1e-9)
    assert solution.fact("db", "shards_carry_at_most") == pytest.approx(HARMONIC, rel=1e-9)
    at_all = np.array([1.0, 16, 64, 4096, 100_000])
    carried = np.asarray(solved(shards__count=at_all).fact("db", "shards_carry"))
    assert (np.diff(carried) > 0).all()
    assert (carried <= HARMONIC).all()
    assert carried[-1] > 0.95 * HARMONIC
    # the ceiling is one of the load that comes with this mix, whatever comes and however many
    for changes in ({"shards__count": 8.0}, {"shards__count": 64.0}):
        assert solved(**changes).fact("db", "shard_ceiling") == pytest.approx(one * HARMONIC)
    said = " ".join(solution.warnings)
    assert "16 shards carry 7.12 times what one does" in said
    assert "8.27 % of all requests" in said
    assert "shards carry" not in " ".join(solved(shards__count=8.0).warnings)


def test_the_hottest_keys_served_elsewhere_by_brute_force() -> None:
    """All 2,000 keys placed at random, the hottest K left out: load of the hottest shard."""
    rng = np.random.default_rng(7)
    rank = np.arange(1.0, 2001.0)
    popular = 1 / rank / np.sum(1 / rank)
    tier = Shards(count=16.0, keys=2000.0, zipf=1.0)
    for gone in (0, 1, 10, 100):
        shares = np.where(rank > gone, popular, 0.0)
        loads = [
            np.bincount(rng.integers(16, size=2000), shares, minlength=16).max() * 16
            for _ in range(1500)
        ]
        found = tier.without_hottest(gone) if gone else tier.imbalance()
        assert float(np.asarray(found)) == pytest.approx(float(np.mean(loads)), rel=0.015)
    assert float(np.asarray(tier.without_hottest(2000))) == 0


def test_copies_of_the_hottest_keys_help_more_than_shards() -> None:
    solution = solved()
    gains = [float(np.asarray(solution.fact("db", f"carried_without_{k}"))) for k in (1, 10, 100)]
    assert 1.3 < gains[0] < gains[1] < gains[2] < 16 / 2.25
    # 2.25 before; without the first the hottest has at least the second key and its part
    after = 2.2465 / gains[0]
    assert after > 1 / (2 * HARMONIC) * 16


def test_sweeps_are_one_by_one() -> None:
    counts, rates = np.array([[1.0], [2.0], [16.0], [40.0]]), np.array([200.0, 1000.0, 2500.0])
    system = cc.loads(TEXT).replace({"tiers.db.replicas": 1.0})
    many = cc.solve(
        system.replace({"tiers.db.shards.count": counts, "demand.requests.page.rate": rates})
    )
    for i, count in enumerate(counts[:, 0]):
        for j, rate in enumerate(rates):
            one = cc.solve(
                system.replace({"tiers.db.shards.count": count, "demand.requests.page.rate": rate})
            )
            for of in ("utilization", "wait", "response_p99", "hosts"):
                grid = np.broadcast_to(getattr(many.tier("db"), of), (4, 3))
                alone = float(getattr(one.tier("db"), of))
                assert grid[i, j] == pytest.approx(alone, rel=1e-9 if "p99" in of else 1e-12)
            for fact in ("hot_shard", "shard_ceiling", "carried_without_10", "shards_carry"):
                grid = np.broadcast_to(np.asarray(many.fact("db", fact)), (4, 3))
                assert grid[i, j] == pytest.approx(float(np.asarray(one.fact("db", fact))), 1e-12)


def test_out_of_domain_is_nan_alone() -> None:
    many = solved(shards__zipf=np.array([1.0, -1.0]), shards__count=np.array([16.0, 16.0]))
    busy = np.asarray(many.tier("db").utilization)
    assert busy[0] == pytest.approx(float(solved().tier("db").utilization), rel=1e-12)
    assert np.isnan(busy[1])


@pytest.mark.parametrize("failure", ["db loses a replica", "db loses the primary"])
def test_a_lost_host_concerns_one_shard(failure: str) -> None:
    system = cc.loads(TEXT).replace({"tiers.db.replicas": 2.0, "tiers.db.failover_time": 30.0})
    before, after = cc.solve(system), cc.failures(system).failure(failure)
    share = float(np.asarray(before.fact("db", "hot_shard"))) / 16
    busy = (8000 * share * 1e-3 + 1000 * share * 2e-3) / 4  # one replica left
    assert after.tier("db").utilization == pytest.approx(busy, rel=1e-12)
    assert any("only the keys of one shard are concerned: 14 %" in each for each in after.says)
    if "primary" in failure:
        assert any(f"{1000 * share * 30:,.0f} writes" in each for each in after.says)


def test_a_lone_primary_lost() -> None:
    after = cc.failures(cc.loads(TEXT)).failure("db loses the primary")
    assert not after.stable
    assert any("14 % of all reads and writes of db fail" in each for each in after.says)


def test_zones() -> None:
    text = TEXT.replace("replicas: 0", "replicas: 2\n    zones: 3\n    survive: zone")
    system = cc.loads(text)
    after = cc.failures(system).failure("db loses a zone")
    share = float(np.asarray(cc.solve(system).fact("db", "hot_shard"))) / 16
    assert after.tier("db").utilization == pytest.approx((8 + 2) * share / 4, rel=1e-12)
    lone = cc.failures(cc.loads(text.replace("replicas: 2", "replicas: 0")))
    said = lone.failure("db loses a zone").says
    assert any("37.5 % of them end" in each for each in said)  # 6 of 16


def test_advice_changes_replicas_of_all_shards() -> None:
    system = cc.loads(TEXT).replace(
        {"demand.requests.page.rate": 3000.0, "tiers.db.shards.count": 8.0}
    )
    plan = cc.advise(system).horizontal
    assert plan.usable
    (choice,) = plan.choices
    assert choice.hosts % 8 == 0
    assert choice.hosts > 8
    left = system.replace({"tiers.db.replicas": choice.hosts / 8 - 1})
    assert cc.solve(left).tier("db").utilization <= 0.7


def test_pools_of_the_hottest_shard() -> None:
    text = TEXT.replace(
        "  db:\n",
        "  web: {kind: web, hosts: 40, cores: 4, service_time: 10ms,"
        " pool: {to: db, connections_per_host: 20}}\n  db:\n    max_connections: 100\n",
    )
    said = " ".join(cc.solve(cc.loads(text)).warnings)
    assert "pools may open 112 connections to the hottest shard" in said


@pytest.mark.parametrize("key", ["count", "keys", "zipf"])
def test_nothing_about_shards_has_a_default(key: str) -> None:
    given = {"count": "16", "keys": "100k", "zipf": "1.0"}
    del given[key]
    inner = ", ".join(f"{name}: {value}" for name, value in given.items())
    text = TEXT.replace("count: 16, keys: 100k, zipf: 1.0", inner)
    with pytest.raises(ScenarioError, match=f"shards.{key}: this key is missing"):
        cc.loads(text)


def test_the_command_line_says_it(tmp_path: Any) -> None:
    file = tmp_path / "shards.yaml"
    file.write_text(TEXT)
    run = CliRunner().invoke(
        main, ["solve", str(file), "--format", "table", "--set", "tiers.db.shards.count=8"]
    )
    assert run.exit_code == 0
    assert "times the mean load at the hottest shard" in run.output
    assert "primary of other shards" in run.output
