"""Speed of open networks as ratios to numpy or scipy primitives timed in turns beside them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np
import pytest
from scipy import sparse

from capcalc.theory.networks import bcmp, jackson, jackson_response
from capcalc.theory.networks.routing import arrival_rates

pytestmark = pytest.mark.bench

NETS = 100_000
NODES = 100_000


def ratio(ours: Callable[[], object], theirs: Callable[[], object], rounds: int = 5) -> list[float]:
    """Median ratio of times, and the shortest time of each; both in turns."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        ours()
        middle = time.perf_counter()
        theirs()
        times.append((middle - start, time.perf_counter() - middle))
    best = [min(pair[side] for pair in times) for side in (0, 1)]
    return [statistics.median(a / b for a, b in times), *best]


def loops(count: int, stations: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(1)
    routing = random.uniform(size=(count, stations, stations))
    routing /= 1.25 * routing.sum(axis=-1, keepdims=True)
    return random.uniform(size=(count, stations)), routing


@pytest.mark.parametrize(("stations", "count", "limit"), [(6, NETS, 3.0), (20, 5000, 4.0)])
def test_stacks_with_loops(stations: int, count: int, limit: float) -> None:
    """Elimination without subtraction, checks included, against LAPACK's bare solution."""
    first, routing = loops(count, stations)
    matrices = np.eye(stations) - np.swapaxes(routing, -1, -2)
    found, ours, theirs = ratio(
        lambda: arrival_rates(first, routing),
        lambda: np.linalg.solve(matrices, first[..., np.newaxis]),
    )
    print(
        f"\n{stations} stations, loops: {ours / count * 1e6:.2f} us a network (target 1 for 6), "
        f"{found:.2f} x np.linalg.solve ({theirs / count * 1e6:.2f} us)"
    )
    assert found <= limit


@pytest.mark.parametrize("kind", ["ahead", "loops"])
def test_one_routing_for_all(kind: str) -> None:
    first, routing = loops(NETS, 6)
    calls = np.triu(routing[0], 1) if kind == "ahead" else routing[0]
    found, ours, _ = ratio(lambda: arrival_rates(first, calls), lambda: np.exp(first))
    print(
        f"\n6 stations, one routing, {kind}: {ours / NETS * 1e9:.0f} ns a network "
        f"(target 100 ahead), {found:.2f} x np.exp of the arrivals"
    )
    assert found <= (10.0 if kind == "ahead" else 16.0)


@pytest.mark.parametrize(("kind", "limit"), [("ahead", 150.0), ("loops", 1500.0)])
def test_a_hundred_thousand_stations(kind: str, limit: float) -> None:
    random = np.random.default_rng(2)
    source = np.repeat(np.arange(NODES), 3)
    step = random.integers(1, 40, source.size) - (20 if kind == "loops" else 0)
    inside = (source + step < NODES) & (source + step >= 0)
    order = random.permutation(NODES)
    places = (order[source[inside]], order[(source + step)[inside]])
    values = random.uniform(0, 1 / 3, source.size)[inside]
    calls = sparse.csr_array((values, places), shape=(NODES, NODES))
    first = random.uniform(size=NODES)
    found, ours, theirs = ratio(lambda: arrival_rates(first, calls), lambda: calls @ first, 3)
    print(
        f"\n100,000 stations, {kind}: {ours * 1e3:.0f} ms, {found:.0f} x one product with the "
        f"matrix ({theirs * 1e3:.2f} ms)"
    )
    assert found <= limit


def test_mean_values() -> None:
    """Everything of a Jackson network of six stations, against an exponential of each station."""
    first, routing = loops(NETS, 6)
    speed = 4.0 * arrival_rates(first, routing[0])
    found, ours, _ = ratio(
        lambda: jackson.solve(first, routing[0], speed, 2.0), lambda: np.exp(first), 3
    )
    print(f"\nJackson means: {ours / NETS * 1e6:.2f} us a network, {found:.0f} x np.exp")
    assert found <= 400


def test_two_classes() -> None:
    random = np.random.default_rng(3)
    rates = random.uniform(0.1, 0.4, (NETS, 2))
    visits, once = np.ones((2, 6)), random.uniform(0.1, 1, (2, 6))
    found, ours, _ = ratio(
        lambda: bcmp.solve(rates, visits, once, 2.0),
        lambda: np.exp(np.resize(rates, (NETS, 12))),
        3,
    )
    print(f"\nBCMP, 2 classes, 6 stations: {ours / NETS * 1e6:.2f} us a network, {found:.0f} x exp")
    assert found <= 200


@pytest.mark.parametrize(("kind", "limit"), [("ahead", 3000.0), ("loops", 60_000.0)])
def test_percentiles(kind: str, limit: float) -> None:
    """99th percentile over all routes of six stations."""
    count = 2000
    first, routing = loops(count, 6)
    calls = np.triu(routing[0], 1) if kind == "ahead" else routing[0]
    speed = arrival_rates(first, calls) / 1.4
    found, ours, _ = ratio(
        lambda: jackson_response.response_quantile(0.99, first, calls, speed, 2.0),
        lambda: np.exp(first),
        3,
    )
    print(f"\n99th percentile, {kind}: {ours / count * 1e6:.0f} us a network, {found:.0f} x np.exp")
    assert found <= limit
