"""Advice where the cores of a host slow each other down, and where a database has shards."""

from __future__ import annotations

import numpy as np
import pytest

import capcalc as cc
from capcalc.advice.options import options
from capcalc.errors import ScenarioError
from capcalc.theory.balancing import shards as theory

CORES = """
capcalc: 1
demand: {requests: {page: {rate: 400/s}}}
tiers:
  web: {kind: web, hosts: 2, cores: 8, service_time: 10ms,
        scaling: {contention: 5%, coherency: 0.1%}}
  api: {kind: service, hosts: 2, cores: 8, service_time: 10ms,
        scaling: {contention: 5%, coherency: 0.1%}}
calls: {page: {api: 1}}
objectives: {page: {p99: 110ms}}
"""
SHARDS = """
capcalc: 1
demand: {requests: {page: {rate: 1000/s}}}
tiers:
  db: {kind: database, cores: 4, replicas: 1, max_replicas: 2, read_time: 1ms, write_time: 2ms,
       shards: {count: 16, keys: 100k, zipf: 1.0}}
calls: {page: {db: {reads: 8, writes: 1}}}
"""


def test_a_limit_that_today_keeps_is_not_out_of_reach() -> None:
    """512 cores in a host would be 287 times as slow as one: never the yardstick."""
    advice = cc.advise(cc.loads(CORES))
    assert not advice.infeasible
    assert advice.recommendation == "today"


def test_fewer_cores_are_found_where_more_are_too_slow() -> None:
    advice = cc.advise(cc.loads(CORES.replace("110ms", "75ms")))
    assert not advice.vertical.usable
    assert advice.recommendation == "mixed"
    assert all(choice.servers < 8 < 2 * choice.hosts for choice in advice.mixed.choices)
    changes = {f"tiers.{c.tier}.hosts": float(c.hosts) for c in advice.mixed.choices}
    changes |= {f"tiers.{c.tier}.cores": float(c.servers) for c in advice.mixed.choices}
    assert cc.solve(cc.loads(CORES).replace(changes)).request("page").p99 <= 0.075


def test_options_are_replicas_of_every_shard() -> None:
    option = options(cc.loads(SHARDS))["db"]
    assert np.unique(option.hosts).tolist() == [16, 32, 48]
    assert option.hosts[option.today] == 32


def test_availability_needs_every_shard() -> None:
    text = SHARDS.replace("max_replicas: 2", "availability: 99%")
    solution = cc.solve(cc.loads(text))
    # 8,000 reads and 1,000 replays of 2 ms at 14 % of the load fit one replica: both hosts needed
    share = float(np.asarray(theory.expected_max_over_mean(16, 100_000, 1.0))) / 16
    assert share * (8 + 2) / 4 < 0.9
    assert solution.fact("db", "hosts_needed") == 32
    assert solution.fact("db", "availability") == pytest.approx(0.99**32, rel=1e-12)
    three = cc.solve(cc.loads(text.replace("replicas: 1", "replicas: 2")))
    one = 0.99**3 + 3 * 0.99**2 * 0.01
    assert three.fact("db", "availability") == pytest.approx(one**16, rel=1e-12)


def test_no_tier_is_with_shards() -> None:
    text = SHARDS.replace("calls:", "  web: {kind: web, with: db, service_time: 1ms}\ncalls:")
    with pytest.raises(
        ScenarioError, match="db is spread over shards, which no other tier can be on"
    ):
        cc.loads(text)
    text = SHARDS.replace("cores: 4, replicas: 1, max_replicas: 2", "with: web").replace(
        "  db:", "  web: {kind: web, hosts: 4, cores: 4, service_time: 1ms}\n  db:"
    )
    with pytest.raises(ScenarioError, match="has no shards of its own"):
        cc.loads(text)


def test_solve_says_what_it_assumed_of_cores_and_shards() -> None:
    solution = cc.solve(cc.loads(CORES).replace({"tiers.web.cores": 64.0}))
    assert solution.fact("web", "peak_cores") == 31
    assert any("64 cores in a host are beyond its peak of 31" in each for each in solution.warnings)
    assert any("cores of web, api: with n cores" in each for each in solution.assumptions)
    assert any("shards: a hash" in each for each in cc.solve(cc.loads(SHARDS)).assumptions)


def test_a_full_primary_is_not_cured_by_hosts() -> None:
    full = cc.loads(SHARDS).replace({"demand.requests.page.rate": 60_000.0})
    hosts = {each.role: each.hosts for each in cc.solve(full).remedies}
    assert hosts["primary"] is None
    assert hosts["primary of other shards"] is None
