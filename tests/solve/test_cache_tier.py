"""Caches in scenario files: policies, memory, measured curves, writes, and what hits are worth."""

from __future__ import annotations

import numpy as np
import pytest

import capcalc as cc
from capcalc.errors import ScenarioError
from capcalc.results.solution import Solution
from capcalc.theory.caches import policies, writes

TEXT = """
capcalc: 1
demand: {{peak_to_average: 2, requests: {{page: {{rate: 1k/s}}}}}}
tiers:
  web: {{kind: web, hosts: 10, cores: 4, service_time: 10ms}}
  cache: {{kind: cache, instance: r7g.large, hosts: 2, service_time: 0.1ms, {cache}, fronts: db}}
  db: {{kind: database, cores: 16, replicas: 2, read_time: 2ms, write_time: 4ms}}
calls: {{page: {{cache: 3}}}}
"""
OBJECTS = "objects: {count: 10k, zipf: 0.8, size: 4kB}"


def solved(cache: str) -> Solution:
    return cc.solve(cc.loads(TEXT.format(cache=cache)))


@pytest.mark.parametrize(
    "policy", ["lru", "fifo", "random", "clock", "lfu", "q-lru", "2-lru", "s3-fifo"]
)
def test_trap_16_every_policy_hits_as_its_model_says(policy: str) -> None:
    hits = float(
        solved(f"policy: {policy}, capacity: 1k, {OBJECTS}").tier("cache").hit_ratio  # type: ignore[arg-type]
    )
    assert hits == pytest.approx(float(policies.hit_ratio(policy, 1000, 10_000, 0.8)), abs=2e-5)
    if policy in ("q-lru", "2-lru", "s3-fifo", "lfu"):
        assert hits > 0.47  # LRU: 0.437


def test_memory_holds_as_many_objects_as_fit() -> None:
    by_memory = solved(f"memory: 4MB, {OBJECTS}")
    by_count = solved(f"capacity: 1k, {OBJECTS}")
    assert by_memory.tier("cache").hit_ratio == by_count.tier("cache").hit_ratio
    assert by_memory.fact("cache", "memory") == by_count.fact("cache", "memory") == 4e6


def test_writes_put_a_ceiling_on_hits() -> None:
    solution = solved(f"capacity: 9k, write_share: 20%, {OBJECTS}")
    expected = float(writes.hit_ratio(9000, 10_000, 0.8, 0.2))
    assert solution.tier("cache").hit_ratio == pytest.approx(expected, rel=1e-12)
    assert solution.tier("cache").hit_ratio == pytest.approx(0.8, rel=1e-9)
    assert solution.fact("cache", "ceiling") == pytest.approx(0.8)


def test_a_measured_curve_is_read_between_its_points() -> None:
    curve = "hit_ratio_curve: {'100': 50%, 10k: 90%}"
    assert solved(f"capacity: 1k, {curve}").tier("cache").hit_ratio == pytest.approx(0.7)
    assert solved(f"capacity: 100, {curve}").tier("cache").hit_ratio == pytest.approx(0.5)
    beyond = solved(f"capacity: 20k, {curve}")
    assert beyond.tier("cache").hit_ratio == pytest.approx(0.9)
    assert any("outside the measured hit_ratio_curve" in warning for warning in beyond.warnings)


def test_what_hits_are_worth() -> None:
    solution = solved("hit_ratio: 95%")
    assert solution.fact("cache", "reads_avoided") == pytest.approx(3000 * 0.95)
    assert solution.fact("cache", "leverage") == pytest.approx(20)
    assert solution.fact("cache", "point") == pytest.approx(0.2)
    month = 730 * 3600
    cost = float(solution.tier("cache").cost)  # type: ignore[arg-type]
    reads = 3000 * 0.95 / 2 * month
    found = solution.fact("cache", "cost_per_million_reads_avoided")
    assert found == pytest.approx(cost / reads * 1e6, rel=1e-12)
    system = cc.loads(TEXT.format(cache="hit_ratio: 95%"))
    lost = cc.failures(system).failure("cache lost").tier("db")
    assert lost.arrival_rate / lost.arrival_rate_before == pytest.approx(20)  # type: ignore[operator]


def test_half_and_double() -> None:
    solution = solved(f"capacity: 1k, {OBJECTS}")
    for name, size in (("hit_ratio_half", 500), ("hit_ratio_double", 2000)):
        expected = float(policies.hit_ratio("lru", size, 10_000, 0.8))
        assert solution.fact("cache", name) == pytest.approx(expected, abs=5e-5)


def test_sizes_sweep() -> None:
    system = cc.loads(TEXT.format(cache=f"policy: s3-fifo, capacity: 1k, {OBJECTS}"))
    sizes = np.array([200.0, 1000.0, 5000.0, 20_000.0])
    many = cc.solve(system.replace({"tiers.cache.capacity": sizes})).tier("cache").hit_ratio
    for size, hits in zip(sizes, np.asarray(many), strict=True):
        alone = cc.solve(system.replace({"tiers.cache.capacity": size})).tier("cache").hit_ratio
        assert hits == pytest.approx(float(alone), rel=1e-12)  # type: ignore[arg-type]
    assert np.asarray(many)[-1] == 1


def test_cautions() -> None:
    few = " ".join(solved(f"capacity: 8, {OBJECTS}").warnings)
    assert "tiers.cache:" in few
    full = solved("capacity: 30M, objects: {count: 100M, zipf: 0.8, size: 4kB}")
    assert any("times the memory of its hosts" in warning for warning in full.warnings)
    assert not any("times the memory" in w for w in solved(f"capacity: 1k, {OBJECTS}").warnings)


@pytest.mark.parametrize(
    ("cache", "message"),
    [
        (f"hit_ratio: 90%, capacity: 1k, {OBJECTS}", "exclude each other"),
        (f"memory: 1GB, capacity: 1k, {OBJECTS}", "exclude each other"),
        ("capacity: 1k", "objects is missing"),
        (OBJECTS, "capacity is missing"),
        ("memory: 1GB, objects: {count: 10k, zipf: 0.8}", "objects.size is missing"),
        ("capacity: 1k, hit_ratio_curve: {small: 50%}", "no number of objects"),
        ("capacity: 1k, hit_ratio_curve: {1k: 150%}", "at most 1"),
        (f"policy: arc, capacity: 1k, {OBJECTS}", "policy"),
        (f"capacity: 1k, hit_ratio_curve: {{1k: 50%}}, {OBJECTS}", "exclude each other"),
    ],
)
def test_mistakes_are_named(cache: str, message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        cc.loads(TEXT.format(cache=cache))
    assert message in str(caught.value), str(caught.value)
    assert str(caught.value).startswith("scenario.yaml:6:")
