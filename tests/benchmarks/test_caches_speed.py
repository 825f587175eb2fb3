"""Cost of a cache size of a trillion objects for each policy, in exponentials of one number."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from capcalc.theory.caches import clock, fifo, k_lru, lfu, lru, policies, q_lru, s3_fifo

pytestmark = pytest.mark.bench

OBJECTS, EXPONENT = 1e12, 0.9
#: Numbers in the array of exponentials timed in turns beside the work.
BESIDE = 1_000_000

#: Function, cache sizes at once, and the most exponentials that one of them may cost: about
#: twice as many as measured.
POLICIES: dict[str, tuple[Callable[..., object], int, int]] = {
    "lru": (lru.hit_ratio, 2_000, 12_000),
    "lfu": (lfu.hit_ratio, 2_000, 2_000),
    "fifo": (fifo.hit_ratio, 2_000, 40_000),
    "clock": (clock.hit_ratio, 2_000, 70_000),
    "clock, two bits": (lambda *place: clock.hit_ratio(*place, 3), 2_000, 130_000),
    "q-lru": (lambda *place: q_lru.hit_ratio(*place, 0.1), 2_000, 60_000),
    "2-lru": (k_lru.hit_ratio, 2_000, 160_000),
    "s3-fifo": (s3_fifo.hit_ratio, 200, 1_000_000),
}


def sizes(count: int) -> np.ndarray:
    return 10.0 ** np.random.default_rng(4).uniform(2, 11, count)


@pytest.mark.parametrize("name", sorted(POLICIES))
def test_a_trillion_objects(name: str) -> None:
    function, count, limit = POLICIES[name]
    capacity, values = sizes(count), np.random.default_rng(1).uniform(-1, 1, BESIDE)
    function(capacity, OBJECTS, EXPONENT)
    pairs = []
    for _ in range(5):
        start = time.perf_counter()
        function(capacity, OBJECTS, EXPONENT)
        middle = time.perf_counter()
        np.exp(values)
        pairs.append((middle - start, time.perf_counter() - middle))
    each = min(pair[0] for pair in pairs) / count
    ratio = statistics.median(one / count / (two / BESIDE) for one, two in pairs)
    print(f"\n{name}: {each * 1e6:.1f} us a cache size, {ratio:,.0f} exponentials")
    assert ratio < limit


def test_one_size(benchmark: BenchmarkFixture) -> None:
    """A single answer, as a command asks for it."""
    benchmark(policies.hit_ratio, "2-lru", 1e9, OBJECTS, EXPONENT)


def test_the_time_does_not_grow_with_the_catalogue() -> None:
    """Nodes grow with its logarithm: a million times as many objects take a few times as long."""
    capacity = sizes(500) ** 0.5

    def seconds(objects: float) -> float:
        start = time.perf_counter()
        clock.hit_ratio(capacity, objects, EXPONENT)
        return time.perf_counter() - start

    seconds(1e6)
    ratio = statistics.median(seconds(1e12) / seconds(1e6) for _ in range(7))
    print(f"\n1e12 over 1e6 objects: {ratio:.1f} times as long")
    assert ratio < 5
