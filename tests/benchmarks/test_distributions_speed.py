"""Speed of the laws of response times, as ratios to np.exp on as many numbers, timed beside them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np
import pytest

from capcalc.theory.distributions import hypoexponential, order_statistics, sojourn

pytestmark = pytest.mark.bench

COUNT = 20_000


def against_exp(work: Callable[[], object], rounds: int = 3) -> tuple[float, float]:
    """Shortest time of the work in seconds, and the median of its ratio to the exponentials."""
    values = np.random.default_rng(1).uniform(-1.0, 1.0, COUNT)
    np.exp(values)
    pairs = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        middle = time.perf_counter()
        for _ in range(20):
            np.exp(values)
        pairs.append((middle - start, (time.perf_counter() - middle) / 20))
    return min(pair[0] for pair in pairs), statistics.median(one / two for one, two in pairs)


def told(name: str, seconds: float, ratio: float) -> None:
    print(f"\n{name}: {seconds / COUNT * 1e6:.2f} us a quantile, {ratio:,.0f} x np.exp")


def test_p99_of_six_tiers() -> None:
    """Twelve-fold products of complex numbers at 16 nodes, 4 to 6 times."""
    rng = np.random.default_rng(4)
    chance, service = rng.uniform(0, 1, (COUNT, 1, 6)), rng.uniform(0.1, 3, (COUNT, 1, 6))
    wait = chance * service * rng.uniform(0.1, 5, (COUNT, 1, 6))
    work = lambda: sojourn.quantile(0.99, [1.0], [0.0], chance, wait, service)  # noqa: E731
    seconds, ratio = against_exp(work)
    told("p99 through six tiers, inverted", seconds, ratio)
    assert ratio < 60_000


def test_p99_of_six_exponential_stages() -> None:
    rates = np.random.default_rng(4).uniform(0.1, 3, (COUNT, 6))
    seconds, ratio = against_exp(lambda: hypoexponential.quantile(0.99, rates))
    told("p99 of six stages, matrix exponential", seconds, ratio)
    assert ratio < 60_000


def test_quantiles_of_quorums() -> None:
    rng = np.random.default_rng(4)
    levels, n = rng.uniform(0.5, 0.9999, COUNT), rng.integers(1, 100, COUNT)
    k = rng.integers(1, n + 1)
    seconds, ratio = against_exp(lambda: order_statistics.exponential_quantile(levels, k, n, 1.0))
    told("quantiles of k of n", seconds, ratio)
    assert ratio < 5_000
