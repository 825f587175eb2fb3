"""DNS and CDN in scenario files: MODELS.md sections b and c."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import capcalc as cc
from capcalc.errors import ScenarioError
from capcalc.results.solution import Solution

TEXT = """
capcalc: 1
demand:
  daily_active_users: 8.64M
  visits_per_user_day: 5
  peak_to_average: 1
  requests:
    page: {rate: 100/s, size: 20kB}
    asset: {rate: 900/s, static: true, size: 100kB}
tiers:
  dns: {kind: dns, ttl: 60s, lookup_time: 80ms, cached_time: 5ms, resolvers: 10k, detection_time: 30s}
  cdn: {kind: cdn, hit_ratio: 80%, byte_hit_ratio: 60%, round_trip: 20ms, origin_round_trip: 130ms,
        shield_hit_ratio: 50%, protocol: tls1.3, price: 0.05 USD/GB, price_per_request: 0.000001 USD}
  web: {kind: web, hosts: 20, cores: 8, service_time: 100ms}
"""


def solved(old: str = "", new: str = "", **changes: Any) -> Solution:
    assert old in TEXT
    changed = {f"tiers.{key.replace('__', '.')}": value for key, value in changes.items()}
    return cc.solve(cc.loads(TEXT.replace(old, new)).replace(changed))


def test_resolver_caches() -> None:
    """500 visits a second at 10,000 resolvers: the reference case of 0.05 a second each."""
    solution = solved()
    assert solution.fact("dns", "hit_ratio") == pytest.approx(0.75)
    assert solution.fact("dns", "authoritative_rate") == pytest.approx(125)
    assert solution.fact("dns", "mean_delay") == pytest.approx(0.02375)
    assert solution.first_request_delay == pytest.approx(0.080)


def test_a_region_is_left_after_detection_and_half_a_ttl() -> None:
    solution = solved()
    assert solution.fact("dns", "failover_time") == pytest.approx(60)
    assert solution.fact("dns", "lost_requests") == pytest.approx(1000 * 60)


def test_trap_6_requests_and_bytes_are_offloaded_in_other_parts() -> None:
    solution = solved(cdn__shield_hit_ratio=0.0)
    cdn = solution.tier("cdn")
    assert cdn.offload == pytest.approx(0.72)
    assert cdn.byte_offload == pytest.approx(900 * 100 * 0.6 / (900 * 100 + 100 * 20))
    assert solution.request("asset").origin_rate == pytest.approx(180)


def test_the_shield_halves_what_is_left() -> None:
    solution = solved()
    assert solution.request("asset").origin_rate == pytest.approx(90)
    assert solution.request("page").origin_rate == 100
    assert solution.tier("web").arrival_rate == pytest.approx(190)
    asset = solution.request("asset")
    expected = 0.8 * 0.020 + 0.1 * 0.150 + 0.1 * (0.150 + float(asset.mean))
    assert asset.user_mean == pytest.approx(expected, rel=1e-12)
    assert asset.user_p50 == pytest.approx(0.020)
    assert asset.user_p90 == pytest.approx(0.150, rel=1e-6)
    lost = cc.failures(cc.loads(TEXT)).failure("cdn lost")
    assert lost.tier("web").arrival_rate == pytest.approx(1000)
    assert "purge" in lost.says[0]


@pytest.mark.parametrize(("protocol", "trips"), [("tls1.2", 2.0), ("tls1.3", 1.0), ("quic", 0.0)])
def test_first_bytes(protocol: str, trips: float) -> None:
    """The edge saves the handshakes of the long way: 0.29 against 0.55 s in the reference."""
    solution = solved(cdn__protocol=protocol, dns__lookup_time=0.0, web__hosts=2000.0)
    mean = float(solution.request("page").mean)
    assert solution.fact("cdn", "first_byte_hit") == pytest.approx((2 + trips) * 0.020)
    passed = solution.fact("cdn", "first_byte_passed")
    assert passed == pytest.approx((2 + trips) * 0.020 + 0.130 + mean)
    direct = solution.fact("cdn", "first_byte_direct")
    assert direct == pytest.approx((2 + trips) * 0.150 + mean)
    if protocol == "tls1.3":
        assert passed == pytest.approx(0.29, rel=1e-6)
        assert direct == pytest.approx(0.55, rel=1e-6)


def test_cost_by_request_and_by_volume() -> None:
    month = 730 * 3600
    volume = (900 * 100e3 + 100 * 20e3) * month
    flat = solved()
    expected = volume * 0.05e-9 + 1000 * month * 1e-6
    assert flat.tier("cdn").cost == pytest.approx(expected, rel=1e-12)
    steps = solved("price: 0.05 USD/GB", "price: {0B: 0.08 USD/GB, 10TB: 0.05 USD/GB}")
    expected = 10e12 * 0.08e-9 + (volume - 10e12) * 0.05e-9 + 1000 * month * 1e-6
    assert steps.tier("cdn").cost == pytest.approx(expected, rel=1e-12)


def test_a_sweep_of_prices_and_shields() -> None:
    shields = np.array([0.0, 0.5, 0.9])
    many = cc.solve(cc.loads(TEXT).replace({"tiers.cdn.shield_hit_ratio": shields}))
    for shield, rate, p99 in zip(
        shields, many.request("asset").origin_rate, many.request("page").p99, strict=True
    ):
        alone = solved(cdn__shield_hit_ratio=float(shield))
        assert rate == pytest.approx(float(alone.request("asset").origin_rate), rel=1e-12)
        assert p99 == pytest.approx(float(alone.request("page").p99), rel=1e-12)


@pytest.mark.parametrize(
    ("new", "message"),
    [
        ("price: {10TB: 0.08 USD/GB}", "first byte"),
        ("price: {0B: 0.08 USD/GB, much: 0.07 USD/GB}", "no volume"),
        ("price: {0B: 8 USD}", "price"),
    ],
)
def test_mistakes_in_prices(new: str, message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        solved("price: 0.05 USD/GB", new)
