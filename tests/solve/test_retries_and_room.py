"""Timeouts with retries against reference cases and a simulation; finite room against M/M/c/K."""

from __future__ import annotations

import heapq
from typing import Any

import numpy as np
import pytest
from shared import cases

import capcalc as cc
from capcalc.results.solution import Solution
from capcalc.theory.queues import mmck

ROOTS = cases("models.json", "retry.amplification_lowest_root")
BOTH = cases("models.json", "retry.fixed_points")

TEXT = """
capcalc: 1
demand: {requests: {page: {rate: 0.5/s}}}
tiers: {web: {kind: web, hosts: 1, service_time: 1s, timeout: 15s, retries: 3}}
"""


def solved(**changes: Any) -> Solution:
    changed = {
        "demand.requests.page.rate" if key == "rate" else f"tiers.web.{key}": value
        for key, value in changes.items()
    }
    return cc.solve(cc.loads(TEXT).replace(changed))


@pytest.mark.parametrize("case", ROOTS, ids=[case["id"] for case in ROOTS])
def test_tries_of_one_visit(case: dict[str, Any]) -> None:
    given = case["params"]
    solution = solved(
        rate=given["lam"] * given["mu"],
        timeout=given["timeout"],
        retries=float(given["retries"]),
    )
    assert solution.fact("web", "attempts") == pytest.approx(case["expected"], rel=1e-8)


@pytest.mark.parametrize("case", BOTH, ids=[case["id"] for case in BOTH])
def test_trap_9_retries_are_not_a_few_per_cent_more_load(case: dict[str, Any]) -> None:
    """Both states are found; the congested one is named although utilization is below 1."""
    given, expected = case["params"], case["expected"]
    solution = solved(
        rate=given["lam"] * given["mu"],
        timeout=given["timeout"],
        retries=float(given["retries"]),
    )
    text = " ".join(solution.warnings)
    assert ("web is metastable" in text) == expected["metastable"]
    if expected["roots"]:
        load = given["lam"] * float(solution.fact("web", "attempts"))
        assert load == pytest.approx(min(expected["roots"]), rel=1e-7)
        congested = given["lam"] * float(solution.fact("web", "congested_attempts"))
        assert congested == pytest.approx(expected["congested"], rel=1e-7)
    else:
        assert "collapses under its retries" in text
        assert solution.tier("web").utilization == pytest.approx(expected["congested"], rel=1e-7)
        assert np.isinf(solution.request("page").p99)


def test_safe_while_all_tries_can_be_served() -> None:
    """(1 + r) lambda < c mu excludes any other state."""
    rates = np.array([0.1, 0.24, 0.2499, 0.251, 0.5])
    solution = solved(rate=rates)
    better, worse = (
        solution.fact("web", "attempts"),
        solution.fact("web", "congested_attempts"),
    )
    np.testing.assert_allclose(worse[:3], better[:3], rtol=1e-6)
    np.testing.assert_allclose(worse[3:], 4.0, rtol=1e-6)
    for position, rate in enumerate(rates):
        alone = solved(rate=float(rate)).fact("web", "attempts")
        assert better[position] == pytest.approx(float(alone), rel=1e-12)


def test_without_retries_timeouts_are_counted() -> None:
    solution = solved(rate=0.8, timeout=10.0, retries=0.0)
    late = np.exp(-0.2 * 10)
    assert solution.fact("web", "timed_out") == pytest.approx(late, rel=1e-8)
    assert solution.fact("web", "unanswered") == pytest.approx(late, rel=1e-8)
    assert solution.fact("web", "attempts") == 1
    assert solution.tier("web").utilization == pytest.approx(0.8)


def simulated(
    rate: float, timeout: float, retries: int, back_off: float, count: int, seed: int
) -> float:
    """Tries per visit at one first-come server whose callers try again after a timeout."""
    rng = np.random.default_rng(seed)
    events = [(t, 0) for t in np.cumsum(rng.exponential(1 / rate, count))]
    heapq.heapify(events)
    free, tries = 0.0, 0
    while events:
        now, tried = heapq.heappop(events)
        tries += 1
        done = max(now, free) + rng.exponential()
        free = done
        if done - now > timeout and tried < retries:
            later = timeout + (rng.exponential(back_off) if back_off else 0.0)
            heapq.heappush(events, (now + later, tried + 1))
    return tries / count


def test_tries_against_a_simulation() -> None:
    """With a long back-off the fixed point is up to 6 % low; without one it is far too low."""
    found = float(solved(rate=0.3, timeout=3.0, retries=2.0).fact("web", "attempts"))
    patient = np.array([simulated(0.3, 3.0, 2, 20.0, 60_000, seed) for seed in range(6)])
    spread = 3.5 * patient.std(ddof=1) / np.sqrt(patient.size)
    assert found - spread < patient.mean() < found * 1.06 + spread
    hasty = np.array([simulated(0.3, 3.0, 2, 0.0, 60_000, seed) for seed in range(3)])
    assert 1.6 < hasty.mean() < 1.8  # what the warning says
    assert "1.72 instead of 1.16" in " ".join(solved(rate=0.3).warnings)


def test_what_a_tier_calls_is_asked_again_too() -> None:
    text = """
capcalc: 1
demand: {requests: {page: {rate: 100/s}}}
tiers:
  web: {kind: web, hosts: 4, cores: 2, service_time: 10ms}
  pay: {kind: service, hosts: 8, service_time: 30ms, timeout: 200ms, retries: 2, calls: {db: {reads: 1}}}
  db: {kind: database, cores: 4, read_time: 5ms, write_time: 5ms}
calls: {page: {pay: 1}}
"""
    solution = cc.solve(cc.loads(text))
    tries = float(solution.fact("pay", "attempts"))
    assert 1.01 < tries < 1.6
    assert solution.tier("pay").arrival_rate == pytest.approx(100 * tries, rel=1e-9)
    assert solution.tier("db").arrival_rate == pytest.approx(100 * tries, rel=1e-9)
    assert solution.tier("web").arrival_rate == 100
    # the answer to a single try is not longer by the tries
    request, stays = solution.request("page"), ("web", "pay", "db")
    assert request.mean == pytest.approx(
        sum(float(solution.tier(name).response) for name in stays), rel=1e-9
    )


def test_finite_room_turns_away() -> None:
    rates = np.array([0.0, 10.0, 75.0, 80.0, 300.0])
    text = """
capcalc: 1
demand: {requests: {page: {rate: 1/s}}}
tiers: {web: {kind: web, hosts: 2, cores: 2, service_time: 25ms, max_connections: 10}}
"""
    solution = cc.solve(cc.loads(text).replace({"demand.requests.page.rate": 2 * rates}))
    with np.errstate(all="ignore"):
        lost = np.where(rates > 0, mmck.prob_loss(rates, 40, 2, 10), 0.0)
        wait = np.where(rates > 0, mmck.mean_wait(rates, 40, 2, 10), 0.0)
    np.testing.assert_allclose(solution.fact("web", "rejected"), lost, rtol=1e-12)
    np.testing.assert_allclose(solution.tier("web").wait, wait, rtol=1e-12)
    assert np.isfinite(solution.request("page").p99).all()
    assert any("turns the others away" in each for each in solution.assumptions)


def test_room_without_end_is_a_queue_without_end() -> None:
    text = """
capcalc: 1
demand: {requests: {page: {rate: 120/s}}}
tiers: {web: {kind: web, hosts: 2, cores: 2, service_time: 25ms}}
"""
    system = cc.loads(text)
    endless = cc.solve(system)
    large = cc.solve(system.replace({"tiers.web.max_connections": 100_000.0}))
    assert large.tier("web").wait == pytest.approx(float(endless.tier("web").wait), rel=1e-9)
    assert large.request("page").p99 == pytest.approx(float(endless.request("page").p99), rel=1e-6)
    assert large.fact("web", "rejected") < 1e-100
