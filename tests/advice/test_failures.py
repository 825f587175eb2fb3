"""What single failures do: MODELS.md's traps through scenario files, and rulings 11, 12 and 17."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import capcalc as cc
from capcalc.cli.main import main
from capcalc.errors import UsageError
from capcalc.results.failures import FailureStudy
from capcalc.theory.caches import lru

SIMPLE = """
capcalc: 1
name: simple
demand: {requests: {page: {rate: 100/s}}}
tiers:
  web: {kind: web, hosts: 10, cores: 2, service_time: 10ms, boot_time: 120s}
  cache: {kind: cache, hosts: 10, service_time: 0.1ms, hit_ratio: 99%, fronts: db}
  db: {kind: database, cores: 8, replicas: 2, read_time: 10ms, write_time: 20ms, failover_time: 30s}
calls: {page: {cache: 10, db: {writes: 0.1}}}
objectives: {page: {p99: 200ms}}
"""


def study(text: str = SIMPLE, **changes: float) -> FailureStudy:
    system = cc.loads(text).replace({k.replace("__", "."): v for k, v in changes.items()})
    return cc.failures(system)


@pytest.mark.parametrize(
    ("replicas", "busy"), [(2, 1.76), (3, 1.18), (4, 0.896)], ids=["two", "three", "four"]
)
def test_bookshop_without_its_cache(replicas: int, busy: float) -> None:
    """The utilizations that ruling 17 states."""
    system = cc.load("bookshop").replace({"tiers.db.replicas": float(replicas)})
    lost = cc.failures(system).failure("cache lost")
    assert lost.tier("db").utilization == pytest.approx(busy, abs=0.005)
    assert lost.stable == (busy < 1)
    assert lost.survive
    limit = 0.9
    assert lost.shed == pytest.approx(max(0.0, 1 - limit / lost.utilization), rel=1e-12)


def test_bookshop_zone_and_replica() -> None:
    found = cc.failures(cc.load("bookshop"))
    zone = found.failure("web loses a zone")
    assert zone.tier("web").utilization == pytest.approx(0.751, abs=5e-4)
    assert zone.tier("web").utilization_before == pytest.approx(0.501, abs=5e-4)
    replica = found.failure("db loses a replica")
    assert replica.tier("db").utilization == pytest.approx(0.6414, abs=5e-4)
    assert replica.objectives_kept
    assert zone.broken == ("browse p95 34.2 ms → 49.3 ms (limit 40 ms)",)


def test_trap_3_losing_a_cache_node_is_not_ten_per_cent() -> None:
    """At 99 % hits and ten nodes the database gets 10.9 times its reads at once."""
    lost = study().failure("cache loses a host")
    db = lost.tier("db")
    writes = 10.0
    before, after = db.arrival_rate_before - writes, db.arrival_rate - writes
    assert after / before == pytest.approx((1 - 0.99 + 0.099) / 0.01, rel=1e-12)
    assert lost.tier("cache").hit_ratio == pytest.approx(0.891, rel=1e-12)


def test_a_modelled_cache_loses_a_node_and_refills() -> None:
    found = cc.failures(cc.load("bookshop"))
    whole = float(lru.fast_hit_ratio(400_000, 2_000_000, 1.0))
    half = float(lru.fast_hit_ratio(200_000, 2_000_000, 1.0))
    at_once = found.failure("cache loses a host")
    later = found.failure("cache loses a host, refilled")
    assert at_once.tier("cache").hit_ratio == pytest.approx(whole / 2, rel=1e-12)
    assert later.tier("cache").hit_ratio == pytest.approx(half, rel=1e-12)
    assert at_once.tier("db").utilization > later.tier("db").utilization
    flushed = found.failure("cache loses its contents")
    gone = found.failure("cache lost")
    assert flushed.tier("cache").hit_ratio == 0
    assert flushed.tier("db").utilization == pytest.approx(gone.tier("db").utilization, rel=1e-12)
    assert flushed.tier("cache").utilization == pytest.approx(
        flushed.tier("cache").utilization_before, rel=1e-12
    )
    assert gone.tier("cache").utilization is None
    requests = float(lru.characteristic_time(400_000, 2_000_000, 1.0))
    rate = flushed.tier("cache").arrival_rate
    assert flushed.recovery_time == pytest.approx(requests / rate, rel=1e-9)


def test_the_edge_bypassed_sends_everything_to_the_origin() -> None:
    lost = cc.failures(cc.load("newsroom")).failure("cdn lost")
    web = lost.tier("web")
    assert web.arrival_rate == pytest.approx(9_040, rel=1e-12)
    assert not lost.stable
    assert lost.shed == pytest.approx(1 - 0.9 / lost.utilization, rel=1e-12)


def test_the_primary_is_replaced_by_a_replica() -> None:
    found = study()
    lost = found.failure("db loses the primary")
    assert lost.tier("db").utilization == found.failure("db loses a replica").tier("db").utilization
    assert lost.recovery_time == 30
    assert any("30 s" in sentence and "300 writes" in sentence for sentence in lost.says)
    alone = study(tiers__db__replicas=0.0).failure("db loses the primary")
    assert not alone.stable
    assert alone.shed == 1
    assert "no replica" in " ".join(alone.says)


def test_one_host_is_a_single_point_of_failure() -> None:
    found = study(tiers__web__hosts=1.0, tiers__web__cores=16.0).failure("web loses a host")
    assert not found.stable
    assert np.isinf(found.utilization)
    assert found.shed == 1
    assert "web has one host: it is a single point of failure" in found.says
    assert found.recovery_time == 120


def test_shards_that_cannot_be_asked() -> None:
    lost = cc.failures(cc.load("microservices")).failure("search loses a host")
    assert lost.stable
    assert "asks 4 hosts at once, of which 3 are left" in lost.says[0]


def test_the_session_store_lost_takes_all_sessions() -> None:
    found = cc.failures(cc.load("bookshop"))
    assert "100 % of all sessions are lost" in found.failure("sessions lost").says[0]
    assert "50 % of all sessions are lost" in found.failure("sessions loses a host").says[0]
    assert found.failure("sessions lost").tier("sessions").arrival_rate is None


def test_every_failure_leaves_the_others_alone_or_worse() -> None:
    """Nothing gets less busy but what is not asked any more."""
    for name in cc.examples():
        for each in cc.failures(cc.load(name)).results:
            for tier in each.after:
                if tier.utilization is not None and tier.utilization_before is not None:
                    assert tier.utilization >= tier.utilization_before * (1 - 1e-9), (name, each)


def test_shedding_what_it_says_brings_the_limit_back() -> None:
    for name in ("bookshop", "newsroom"):
        system = cc.load(name)
        for each in cc.failures(system).results:
            if 0 < each.shed < 1:
                left = 1 - each.shed
                assert each.utilization * left <= 0.9 * (1 + 1e-9)
                assert each.utilization * left == pytest.approx(0.9, rel=1e-9)


def test_a_sweep_is_refused() -> None:
    system = cc.load("bookshop").replace({"tiers.web.hosts": np.arange(1.0, 5.0)})
    with pytest.raises(UsageError, match="one scenario"):
        cc.failures(system)


def test_command_as_csv_and_json(tmp_path: Path) -> None:
    scenario = tmp_path / "simple.yaml"
    scenario.write_text(SIMPLE)
    out = CliRunner().invoke(main, ["failures", str(scenario), "--format", "csv"])
    assert out.exit_code == 0, out.output
    rows = list(csv.DictReader(io.StringIO(out.output)))
    assert {row["failure"] for row in rows} == {
        "web loses a host",
        "cache loses a host",
        "cache loses its contents",
        "cache lost",
        "db loses a replica",
        "db loses the primary",
    }
    assert len(rows) == 6 * 3
    lost = next(r for r in rows if (r["failure"], r["tier"]) == ("cache lost", "db"))
    assert lost["status"] == "saturated" or float(lost["utilization"]) < 1
    out = CliRunner().invoke(main, ["failures", str(scenario), "--format", "json"])
    data = json.loads(out.output)
    assert len(data["failures"]) == 6
    each = data["failures"][0]
    assert each["failure"] == "web loses a host"
    assert each["recovery_time"] == 120
    assert {tier["tier"] for tier in each["tiers"]} == {"web", "cache", "db"}
    assert "NaN" not in out.output


def test_command_reads_aloud() -> None:
    out = CliRunner().invoke(main, ["failures", "bookshop", "--format", "table"])
    assert out.exit_code == 0
    assert out.output.startswith("bookshop: 3 of 11 single failures overload it")
    assert "give boot_time" in out.output
    wrong = CliRunner().invoke(main, ["failures", "bookshpo"])
    assert wrong.exit_code == 2
