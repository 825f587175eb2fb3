"""Runways: hand computation, brute force over loads, and the worked examples."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import capcalc as cc
from capcalc.advice.runway import runway, runway_by_tier, runways
from capcalc.errors import NoVerdict, UsageError
from capcalc.model.planning import month_after
from capcalc.model.system import System
from capcalc.results.timeline import Runway

PLAIN = """
capcalc: 1
name: plain
demand: {growth: 10%/month, start: 2026-11, requests: {page: {rate: 100/s}}}
tiers:
  web: {kind: web, hosts: 4, cores: 1, zones: 2, service_time: 10ms, max_utilization: 50%, survive: zone}
objectives: {page: {mean: 20ms}}
"""


def found(system: System, name: str, state: str = "everything up") -> Runway:
    return next(r for r in runways(system) if (r.name, r.state) == (name, state))


def test_utilization_is_limit_over_load() -> None:
    """1 erlang on 4 servers: 25 % busy, 50 % on the 2 that a lost zone leaves."""
    up, lost = (found(cc.loads(PLAIN), "web", s) for s in ("everything up", "web loses a zone"))
    assert (up.value, up.limit) == (pytest.approx(0.25, rel=1e-12), 0.5)
    assert up.load_factor == pytest.approx(2.0, rel=1e-12)
    assert up.months == pytest.approx(math.log(2) / math.log(1.1), rel=1e-12)  # 7.27
    assert up.date == "2027-06"
    assert lost.load_factor == pytest.approx(0.9 / 0.5, rel=1e-12)
    assert lost.date == "2027-05"  # 6.17 months after November
    assert "25 % busy" in up.binds
    assert "(limit 50 %)" in up.binds


def test_latency_of_mm1_by_hand() -> None:
    """Each host is M/M/1: a mean of 20 ms is S / (1 - rho) at rho = 1/2, twice today's load."""
    up, lost = (
        found(cc.loads(PLAIN), "page mean", s) for s in ("everything up", "web loses a zone")
    )
    assert up.load_factor == pytest.approx(2.0, rel=1e-6)
    assert up.value == pytest.approx(0.01 / 0.75, rel=1e-12)
    assert lost.load_factor == pytest.approx(1.0, rel=1e-6)  # on two hosts it is met exactly


def test_a_percentile_of_mm1_by_hand() -> None:
    """p99 of M/M/1 is ln(100) S / (1 - rho)."""
    system = cc.loads(PLAIN.replace("mean: 20ms", "p99: 100ms"))
    busy = 1 - math.log(100) * 0.01 / 0.1
    assert found(system, "page p99").load_factor == pytest.approx(busy / 0.25, rel=1e-6)


def test_what_no_load_keeps_breaks_at_none() -> None:
    system = cc.loads(PLAIN.replace("mean: 20ms", "mean: 9ms"))
    each = found(system, "page mean")
    assert (each.load_factor, each.months, each.date) == (0.0, 0.0, "2026-11")
    assert each.broken_today


def test_broken_today_is_now() -> None:
    system = cc.loads(PLAIN.replace("rate: 100/s", "rate: 300/s"))
    first = runway(system)
    assert first.broken_today
    assert first.months == 0
    assert first.date == "2026-11"
    assert first.load_factor < 1


@pytest.mark.parametrize("growth", [0.0, -0.05])
def test_without_growth_nothing_breaks(growth: float) -> None:
    system = cc.loads(PLAIN).replace({"demand.growth": growth})
    every = [each for each in runways(system) if not each.broken_today]
    assert all(math.isinf(each.months) and each.date is None for each in every)
    assert found(system, "web").load_factor == pytest.approx(2.0, rel=1e-12)


def test_without_a_start_there_is_no_date() -> None:
    system = cc.loads(PLAIN.replace(", start: 2026-11", ""))
    assert found(system, "web").date is None
    assert found(system, "web").months == pytest.approx(7.2725, abs=1e-4)


def test_retries_make_it_nonlinear() -> None:
    """Tries grow with the load: the limit breaks before limit / utilization, where solve says."""
    text = """
capcalc: 1
demand: {requests: {page: {rate: 30/s}}}
tiers:
  api: {kind: service, cores: 1, hosts: 1, service_time: 10ms, timeout: 40ms, retries: 2}
calls: {page: {api: 1}}
"""
    system = cc.loads(text)
    each = found(system, "api")
    assert each.load_factor < 0.999 * each.limit / each.value
    for factor, kept in ((1 - 1e-5, True), (1 + 1e-5, False)):
        load = 30 * each.load_factor * factor
        there = cc.solve(system.replace({"demand.requests.page.rate": load}))
        assert (float(there.tier("api").utilization) <= each.limit) == kept


@pytest.mark.parametrize("name", ["bookshop", "saas", "newsroom", "single-server"])
def test_each_limit_is_kept_just_below_and_broken_just_above(name: str) -> None:
    """Brute force: solve at the load found, a ten-thousandth to either side."""
    system = cc.load(name)
    up = [r for r in runways(system) if r.state == "everything up" and r.load_factor > 0]
    users = system.demand.daily_active_users
    for each in up:
        for factor, kept in ((1 - 1e-4, True), (1 + 1e-4, False)):
            load = each.load_factor * factor
            paths: dict[str, float] = {
                f"demand.requests.{key}.rate": float(np.asarray(request.rate)) * load
                for key, request in system.demand.requests.items()
                if request.rate is not None
            }
            if users is not None:
                paths["demand.daily_active_users"] = float(np.asarray(users)) * load
            there = cc.solve(system.replace(dict(paths)))
            if each.measure == "utilization":
                values = {(s.tier, s.role): s.utilization for s in there.stations}
                value = values[each.subject, each.role]
            else:
                value = getattr(there.request(each.subject), each.measure)
            assert (float(np.asarray(value)) <= each.limit) == kept, each


def test_worked_examples() -> None:
    shop, saas = cc.load("bookshop"), cc.load("saas")
    zone = found(shop, "web", "web loses a zone")
    assert zone.load_factor == pytest.approx(0.9 / 0.751, abs=2e-3)
    assert zone.date == "2027-03"
    primary = found(shop, "db primary")
    assert primary.load_factor == pytest.approx(5.42, abs=0.005)
    assert primary.date == "2029-05"
    writes = found(saas, "db primary")
    assert writes.load_factor == pytest.approx(1.22, abs=0.005)
    assert writes.months == pytest.approx(2.6, abs=0.05)
    assert "writes" in writes.binds
    # one replica lost from two: .775 of .9, sooner than the primary
    assert runway(saas) == found(saas, "db replica", "db loses a replica")


def test_by_tier_is_the_first_of_each_tier() -> None:
    system = cc.load("bookshop")
    first = runway_by_tier(system)
    assert set(first) == {"lb", "web", "sessions", "cache", "db"}
    assert list(first)[:2] == ["db", "cache"]
    for name, each in first.items():
        mine = [r for r in runways(system) if r.subject == name and r.measure == "utilization"]
        assert each.load_factor == min(r.load_factor for r in mine)


def test_sorted_soonest_first() -> None:
    factors = [each.load_factor for each in runways(cc.load("microservices"))]
    assert factors == sorted(factors)


@settings(max_examples=25, deadline=None)
@given(factor=st.floats(0.3, 3.0))
def test_a_runway_scales_with_the_load(factor: float) -> None:
    """With the demand multiplied every runway is divided."""
    system = cc.loads(PLAIN)
    more = system.replace({"demand.requests.page.rate": 100.0 * factor})
    then = {(r.name, r.state): r.load_factor for r in runways(more)}
    for each in runways(system):
        assert then[each.name, each.state] * factor == pytest.approx(each.load_factor, rel=1e-5)


def test_refusals() -> None:
    with pytest.raises(UsageError, match="not of a sweep"):
        runways(cc.loads(PLAIN).replace({"tiers.web.hosts": np.array([4.0, 5.0])}))


@pytest.mark.parametrize(
    ("start", "months", "then"),
    [("2026-12", 0.99, "2026-12"), ("2026-12", 1.0, "2027-01"), ("2027-01", 23.5, "2028-12")],
)
def test_months(start: str, months: float, then: str) -> None:
    assert month_after(start, months) == then


def test_nothing_to_break(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("capcalc.advice.runway.runways", lambda _: ())
    with pytest.raises(NoVerdict, match="nothing can break"):
        runway(cc.loads(PLAIN))
