"""Speed of closed networks, as ratios to np.exp on as many numbers, timed in turns beside them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np
import pytest

from capcalc.theory.networks import convolution, multiclass, mva, schweitzer

pytestmark = pytest.mark.bench

STATIONS = 6
TIMES = np.array([0.02, 0.03, 0.01, 0.05, 0.001, 0.1])


def against_exp(work: Callable[[], object], numbers: int, rounds: int = 5) -> tuple[float, float]:
    """Shortest time of the work in seconds, and the median of its ratio to the exponentials."""
    values = np.random.default_rng(1).uniform(-1.0, 1.0, numbers)
    work()
    pairs = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        middle = time.perf_counter()
        np.exp(values)
        pairs.append((middle - start, time.perf_counter() - middle))
    return min(pair[0] for pair in pairs), statistics.median(one / two for one, two in pairs)


def told(name: str, seconds: float, ratio: float, numbers: int) -> None:
    print(f"\n{name}: {seconds * 1e3:.2f} ms, {seconds / numbers * 1e9:.1f} ns a number, ", end="")
    print(f"{ratio:.1f} x np.exp")


def test_mean_values_of_a_million_customers() -> None:
    numbers = 10**6 * STATIONS
    seconds, ratio = against_exp(lambda: mva.solve(10**6, TIMES, 10.0), numbers, 3)
    told("exact MVA, 1e6 customers, 6 stations", seconds, ratio, numbers)
    assert ratio < 30


def test_all_populations_to_a_million() -> None:
    numbers = 10**6 * STATIONS
    seconds, ratio = against_exp(lambda: mva.throughputs(10**6, TIMES, 10.0), numbers, 3)
    told("throughputs of 1 ... 1e6 customers", seconds, ratio, numbers)
    assert ratio < 20


def test_a_hundred_servers_and_many_customers() -> None:
    """The target is 100 ms."""
    servers = np.array([20, 30, 8, 50, 1, 10])
    numbers = 10**5 * int(servers.sum())
    seconds, ratio = against_exp(lambda: convolution.solve(10**5, TIMES, 10.0, servers), numbers)
    told("convolution, 1e5 customers, 119 servers at 6 stations", seconds, ratio, numbers)
    assert seconds < 0.1 or ratio < 4


def test_ten_thousand_networks() -> None:
    times = np.random.default_rng(2).random((10_000, STATIONS))
    numbers = 10_000 * 200 * STATIONS
    seconds, ratio = against_exp(lambda: mva.solve(200, times, 10.0), numbers, 3)
    told("exact MVA, 1e4 networks of 200 customers", seconds, ratio, numbers)
    assert ratio < 40


def test_classes_of_a_thousand_customers() -> None:
    times = np.random.default_rng(2).random((2, STATIONS))
    numbers = 501 * 501 * STATIONS * 2
    seconds, ratio = against_exp(lambda: multiclass.solve([500, 500], times, 3.0), numbers, 3)
    told("exact MVA, two classes of 500", seconds, ratio, numbers)
    assert ratio < 40


def test_schweitzer() -> None:
    """The target is a microsecond for a network of 6 stations."""
    rng = np.random.default_rng(3)
    times, think = rng.random((100_000, STATIONS)), rng.random(100_000) * 10
    numbers = times.size
    seconds, ratio = against_exp(lambda: schweitzer.solve(200, times, think), numbers)
    told("Schweitzer by Newton, 1e5 networks", seconds, ratio, numbers)
    print(f"{seconds / 1e5 * 1e6:.2f} us a network")
    assert ratio < 150
