"""Figures that must not slip, each as a ratio to something run beside it.

The checks without a marker run in every suite; those marked `bench` are timings that a busy
machine can spoil: `pytest -m bench -s` (CI prints them, without failing on them).
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import special

import capcalc as cc
from capcalc.solve.system import solve
from capcalc.theory.queues import erlang, mmc


def seconds(work: Callable[[], object], rounds: int = 5) -> float:
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def process(*arguments: str) -> float:
    """Wall time of a fresh interpreter, compiled modules on disk for both sides."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], capture_output=True, check=True, env=environment)
    return time.perf_counter() - start


def grid() -> Any:
    return cc.load("bookshop").replace(
        {
            "tiers.web.hosts": np.arange(1.0, 65.0)[:, None],
            "demand.daily_active_users": np.linspace(1e5, 3e6, 1000)[None, :],
        }
    )


def test_64000_scenarios_at_50000_a_second() -> None:
    system = grid()
    solve(system, quantiles=False)
    assert 64_000 / seconds(lambda: solve(system, quantiles=False), 3) >= 50_000


def test_a_sweep_is_no_loop() -> None:
    """A thousand scenarios cost less than twenty alone."""
    one = cc.load("bookshop")
    many = one.replace({"demand.daily_active_users": np.linspace(1e5, 3e6, 1000)})
    alone = seconds(lambda: solve(one, quantiles=False))
    assert seconds(lambda: solve(many, quantiles=False)) < 20 * alone


@pytest.mark.bench
def test_cold_start_against_its_libraries() -> None:
    """`capcalc solve bookshop` within 1.6 times the import of what it needs, in turns."""
    base = "import numpy, scipy.special, click, pydantic, ruamel.yaml"
    process("-m", "capcalc", "solve", "bookshop")
    pairs = [(process("-m", "capcalc", "solve", "bookshop"), process("-c", base)) for _ in range(9)]
    ratio = statistics.median(ours / theirs for ours, theirs in pairs)
    print(f"\ncold solve: {ratio:.2f} times the imports (target 1.6)")
    assert ratio <= 1.6


@pytest.mark.bench
def test_erlang_c_against_the_incomplete_gamma_function() -> None:
    """The textbook route through scipy, which loses all digits at large loads, as the yardstick."""
    rng = np.random.default_rng(1)
    servers = np.exp(rng.uniform(np.log(20), np.log(1e6), 1_000_000)).round()
    load = servers * rng.uniform(0.1, 0.9999, servers.size)
    ours = seconds(lambda: erlang.erlang_c(servers, load), 3)
    gamma = seconds(lambda: special.gammaincc(servers + 1, load), 3)
    exp = seconds(lambda: np.exp(load * 1e-9), 3)
    print(
        f"\nErlang C: {ours / servers.size * 1e9:.0f} ns a point, "
        f"{ours / gamma:.2f} x gammaincc, {ours / exp:.0f} x np.exp"
    )
    assert ours / gamma < 3


@pytest.mark.bench
def test_advice_in_seconds() -> None:
    system = cc.load("bookshop")
    taken = seconds(lambda: cc.advise(system), 3)
    print(f"\nadvise bookshop: {taken:.2f} s")
    assert taken < 10


def test_bench_solve(benchmark: Any) -> None:
    benchmark(solve, cc.load("bookshop"))


def test_bench_grid(benchmark: Any) -> None:
    benchmark(solve, grid(), quantiles=False)


def test_bench_response_quantiles(benchmark: Any) -> None:
    servers = np.arange(1.0, 10_001.0)
    benchmark(mmc.response_quantile, 0.99, 0.9 * servers, 1.0, servers)
