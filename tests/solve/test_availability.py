"""Availability counted from capacity, in series, against sums over the states of all hosts."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest

import capcalc as cc
from capcalc.results.solution import Solution

TEXT = """
capcalc: 1
demand: {requests: {page: {rate: 100/s}}}
tiers:
  cdn: {kind: cdn, hit_ratio: 50%, availability: 99.99%}
  web: {kind: web, hosts: 5, cores: 1, service_time: 25ms, availability: 99%}
  db: {kind: database, cores: 2, replicas: 2, read_time: 9ms, write_time: 5ms, apply_time: 1ms,
       availability: 98%}
calls: {page: {db: {reads: 1, writes: 1}}}
objectives: {availability: 99.9%}
"""


def solved(**changes: float) -> Solution:
    changed = {key.replace("__", "."): value for key, value in changes.items()}
    return cc.solve(cc.loads(TEXT).replace(changed))


def at_least(k: int, n: int, share: float) -> float:
    return sum(comb(n, j) * share**j * (1 - share) ** (n - j) for j in range(k, n + 1))


def test_hosts_needed_follow_from_capacity() -> None:
    """2.5 erlangs within 90 % need three hosts; three of five at 99 % is a published example."""
    solution = solved()
    assert solution.fact("web", "hosts_needed") == 3
    assert solution.fact("web", "availability") == pytest.approx(0.9999901494, rel=1e-12)
    # reads 0.9 erlang, replays 0.1 on each: one replica of two servers will do
    assert solution.fact("db", "hosts_needed") == 2
    assert solution.fact("db", "availability") == pytest.approx(at_least(2, 3, 0.98), rel=1e-12)


def test_the_whole_is_a_series_and_is_held_against_the_objective() -> None:
    solution = solved()
    product = 0.9999 * 0.9999901494 * at_least(2, 3, 0.98)
    assert solution.fact("system", "availability") == pytest.approx(product, rel=1e-12)
    down = 30 * 86_400 * (1 - product)
    assert solution.fact("system", "downtime") == pytest.approx(down, rel=1e-9)
    kept = solution.objective_results[-1]
    assert (kept.request_class, kept.measure, bool(kept.met)) == ("system", "availability", False)
    assert not any("availability" in warning for warning in solution.warnings)


def test_common_causes_take_all_hosts() -> None:
    value = solved(tiers__web__common_cause=0.1).fact("web", "availability")
    alone = 1 - 0.9 * 0.01
    assert value == pytest.approx(at_least(3, 5, alone) * (1 - 0.001), rel=1e-12)
    whole = solved(tiers__web__common_cause=1.0).fact("web", "availability")
    assert whole == pytest.approx(0.99, rel=1e-12)


def test_more_load_needs_more_hosts_until_none_will_do() -> None:
    loads = np.array([10.0, 100.0, 140.0, 179.0, 181.0, 500.0])
    solution = cc.solve(cc.loads(TEXT).replace({"demand.requests.page.rate": loads}))
    needed = solution.fact("web", "hosts_needed")
    np.testing.assert_array_equal(needed, [1, 3, 4, 5, 6, 14])
    found = solution.fact("web", "availability")
    assert (np.diff(found) <= 0).all()
    assert (found[-2:] == 0).all()


def test_what_is_not_said_is_named() -> None:
    assert "objectives.availability is not checked" in " ".join(
        cc.solve(cc.load("bookshop")).warnings
    )
    some = cc.solve(cc.load("bookshop").replace({"tiers.web.availability": 0.999}))
    assert any(
        warning == "availability leaves out dns, cdn, lb, sessions, cache, db: taken as never down"
        for warning in some.warnings
    )


def test_a_cache_or_hosts_of_others_count_once() -> None:
    system = cc.load("single-server").replace({"tiers.web.availability": 0.995})
    solution = cc.solve(system)
    assert solution.fact("system", "availability") == pytest.approx(0.995, rel=1e-12)
    assert [fact.tier for fact in solution.fact_results if fact.name == "availability"] == [
        "web",
        "system",
    ]
