"""Delivery against references, a loop over rounds, simulation and limits."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared import cases

from capcalc.theory.delivery import distance, dns, offload, transfer, ttfb


def first_byte(p: dict[str, Any]) -> Any:
    if p.get("quic"):
        return ttfb.quic(p["rtt"], p["server"], p["dns"])
    return ttfb.tcp(p["rtt"], p["server"], p["dns"], p["tls_rtts"])


FORMULAS = {
    "net.ttfb": first_byte,
    "net.slow_start_rounds": lambda p: transfer.slow_start_rounds(p["bytes"], p["mss"], p["iw"]),
    "net.rtt_floor_ms": lambda p: 1000 * distance.round_trip(p["km"], p["path_factor"], p["index"]),
    "cdn.dynamic_ttfb": lambda p: ttfb.through_edge(
        p["rtt_edge"], p["rtt_edge_origin"], p["server"], 0, p["tls_rtts"]
    ),
    "cdn.monthly_cost": lambda p: offload.transfer_cost(
        p["edge_Bps"], p["seconds"], p["usd_per_GB"]
    ),
    "dns.mean_resolution": lambda p: dns.mean_delay(
        p["rate_per_resolver"], p["ttl"], p["hit_ms"], p["miss_ms"]
    ),
}
CASES = [case for case in cases("models.json", *FORMULAS) if case["kind"] == "formula"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_reference_cases(case: dict[str, Any]) -> None:
    found = float(FORMULAS[case["model"]](case["params"]))  # type: ignore[no-untyped-call]
    assert found == pytest.approx(case["expected"], rel=case["rtol"], abs=0)


@given(st.integers(0, 10**12), st.integers(1, 9000), st.integers(1, 100))
def test_rounds_by_a_loop(size: int, segment: int, window: int) -> None:
    rounds, sent = 0, 0
    while sent < size:
        sent += segment * window * 2**rounds
        rounds += 1
    assert float(transfer.slow_start_rounds(size, segment, window)) == rounds


@given(st.floats(1, 1e9), st.floats(1e-4, 1), st.floats(1e3, 1e10))
def test_last_byte_by_a_loop(size: float, path: float, speed: float) -> None:
    stalls = sum(
        max(0.0, path - 14_600 * 2**i / speed)
        for i in range(max(0, int(float(transfer.slow_start_rounds(size))) - 1))
    )
    found = float(transfer.last_byte(0.5, size, path, speed))
    assert found == pytest.approx(0.5 + size / speed + stalls, rel=1e-12)


def test_distance() -> None:
    rng = np.random.default_rng(5)
    points, users = rng.random((200, 400, 2)), rng.uniform(0.3, 0.7, (200, 50, 2))
    gaps = np.sqrt(((users[:, :, None] - points[:, None]) ** 2).sum(-1)).min(-1)
    assert float(gaps.mean()) == pytest.approx(float(distance.nearest_distance(1, 400)), rel=0.02)
    count = float(distance.points_of_presence(1e7, 0.005))
    for k, keeps in ((count, True), (count - 1, False)):
        mean = distance.round_trip(distance.nearest_distance(1e7, k))
        assert (float(mean) <= 0.005) is keeps


def test_names_against_simulation() -> None:
    rng = np.random.default_rng(1)
    arrivals = np.cumsum(rng.exponential(20, 100_000))
    expiry, misses = -1.0, 0
    for moment in arrivals:
        if moment >= expiry:
            expiry, misses = moment + 60, misses + 1
    assert misses / arrivals[-1] == pytest.approx(float(dns.authoritative_rate(0.05, 60)), rel=0.02)
    assert float(dns.hit_ratio(0.05, 60)) == pytest.approx(1 - misses / 100_000, rel=0.01)
    assert float(dns.failover_time(30, 60)) == 60
    assert float(dns.old_answers(0, 0.05, 60)) == 0.75
    assert float(dns.old_answers(60, 0.05, 60, 0.1)) == pytest.approx(0.1)


@given(st.floats(0, 1e9), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_origin_gets_no_more(
    rate: float, static: float, own: float, edge: float, kept: float
) -> None:
    here = float(offload.edge_rate(rate, static, own))
    there = float(offload.origin_rate(rate, static, own, edge, kept))
    assert rate * (1 - static) * (1 - 1e-15) <= there <= here * (1 + 1e-15)


@given(st.floats(0, 1e6))
def test_tiers_by_integration(amount: float) -> None:
    starts, prices = [0.0, 10.0, 1000.0], [0.5, 0.3, 0.1]
    wanted = (
        min(amount, 10) * 0.5 + max(0, min(amount, 1000) - 10) * 0.3 + max(0, amount - 1000) * 0.1
    )
    found = offload.tiered_cost(np.array([amount, -1.0]), starts, prices)
    assert found[0] == pytest.approx(wanted, rel=1e-13)  # type: ignore[index]
    assert np.isnan(found[1])  # type: ignore[index]
    assert np.isnan(float(offload.tiered_cost(amount, [0.0, 0.0], [1.0, 2.0])))


@pytest.mark.parametrize(
    ("function", "good", "bad"),
    [
        (ttfb.tcp, (0.1, 0.1), (-0.1, 0.1)),
        (ttfb.quic, (0.1, 0.1), (0.1, -0.1)),
        (ttfb.warm, (0.1, 0.1), (math.nan, 0.1)),
        (ttfb.through_edge, (0.1, 0.1, 0.1), (0.1, -0.1, 0.1)),
        (transfer.slow_start_rounds, (1e5,), (-1.0,)),
        (transfer.last_byte, (0.1, 1e5, 0.1, 1e6), (0.1, 1e5, 0.1, 0)),
        (distance.round_trip, (100,), (-100,)),
        (distance.nearest_distance, (100, 4), (100, 0)),
        (distance.points_of_presence, (1e6, 0.01), (1e6, 0)),
        (dns.hit_ratio, (0.05, 60), (-0.05, 60)),
        (dns.mean_delay, (0.05, 60, 1, 2), (0.05, 60, -1, 2)),
        (dns.authoritative_rate, (0.05, 60), (0.05, -60)),
        (dns.failover_time, (30, 60), (30, -60)),
        (dns.lost_requests, (1, 30, 60), (-1, 30, 60)),
        (dns.old_answers, (1, 0.05, 60), (-1, 0.05, 60)),
        (offload.edge_rate, (1, 0.5, 0.5), (1, 1.5, 0.5)),
        (offload.origin_rate, (1, 0.5, 0.5, 0.5), (1, 0.5, 0.5, 2)),
        (offload.offload, (2, 1), (1, 2)),
        (offload.transfer_cost, (1, 1, 1), (1, 1, -1)),
    ],
)
def test_bad_input_is_nan_and_leaves_neighbours(function: Any, good: Any, bad: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        alone = float(function(*good))
        found = function(*(np.array(pair, dtype=float) for pair in zip(good, bad, strict=True)))
        assert found[0] == alone
        assert np.isnan(found[1])
        for value in (0.0, 1e-300, 1e300, math.inf, -math.inf, math.nan):
            for place in range(len(good)):
                function(*(value if i == place else x for i, x in enumerate(good)))
