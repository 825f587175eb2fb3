"""Power of d choices, join idle queue, the shorter of two: cases, fixed points, simulation."""

from __future__ import annotations

import warnings
from types import ModuleType
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared import cases

from capcalc.theory.balancing import (
    central_queue,
    join_idle_queue,
    least_connections,
    power_of_d,
    random_split,
    shortest_of_two,
)

CHOICES = cases("advanced.json", "power_of_d_choices")


@pytest.mark.parametrize("case", CHOICES, ids=[case["id"] for case in CHOICES])
def test_power_of_d(case: dict[str, Any]) -> None:
    p = case["params"]
    load, mean = float(p["utilization"]), float(p["mean_service"])
    # any number of hosts: the limit depends on the load of each
    arguments = (8 * load / mean, 1 / mean, 1, 8, 1, p["choices"])
    for key, wanted in case["expected"].items():
        if key.startswith("tail_"):
            found = power_of_d.tail(int(key[5:]), *arguments)
        elif key == "L":
            found = np.multiply(load / mean, power_of_d.mean_response(*arguments))
        else:
            found = power_of_d.mean_response(*arguments)
        assert found == pytest.approx(wanted, rel=case["rtol"]), key


LIMITS = cases("models.json", "lb.jsq_d_meanfield.R")


@pytest.mark.parametrize("case", LIMITS, ids=[case["id"] for case in LIMITS])
def test_limit_is_too_low_for_few(case: dict[str, Any]) -> None:
    p = {"servers": 500, "d": 2, **case["params"]}
    arguments = (p["servers"] * p["rho"], 1.0, 1, p["servers"], 1)
    found = float(power_of_d.mean_response(*arguments, p["d"]))
    assert found == pytest.approx(case["expected"], rel=case["rtol"])
    if "simulation" not in case:
        return
    low, high = case["simulation"]["ci95"]
    assert found < high
    if p["servers"] >= 100:
        assert found == pytest.approx(0.5 * (low + high), rel=2e-3)
    elif p["servers"] >= 10:
        few = float(power_of_d.mean_response_of_few(*arguments))
        assert abs(few - 0.5 * (low + high)) < abs(found - 0.5 * (low + high))
    else:
        assert np.isnan(power_of_d.mean_response_of_few(*arguments))


TABLES = cases("models.json", "lb.jsq2.sim_only", "lb.jiq.sim_only")


@pytest.mark.parametrize("case", TABLES, ids=[case["id"] for case in TABLES])
def test_tables(case: dict[str, Any]) -> None:
    p = case["params"]
    arguments = (p["servers"] * p["rho"], 1.0, 1, p["servers"], 1)
    if case["model"] == "lb.jiq.sim_only":
        found = join_idle_queue.tabulated_response(*arguments)
    else:
        found = power_of_d.mean_response_of_few(*arguments)
    low, high = case["simulation"]["ci95"]
    assert low * 0.998 <= found <= high * 1.002
    assert found == pytest.approx(case["expected"], rel=case["rtol"])


def test_shorter_of_two_by_case() -> None:
    for case in cases("models.json", "lb.jsq_n2_exact.R"):
        found = shortest_of_two.mean_response(2 * case["params"]["rho"], 1, 1, 2, 1)
        assert found == pytest.approx(case["expected"], rel=case["rtol"])


def test_random_choice_of_shared_hosts() -> None:
    """A shared processor answers like M/M/1 whatever the law of service."""
    for case in cases("models.json", "lb.random_PS.R"):
        found = 1 + float(random_split.mean_wait(10 * case["params"]["rho"], 1, 1, 10, 1))
        assert found == pytest.approx(case["expected"], rel=case["rtol"])


@pytest.mark.parametrize("choices", [2, 3, 7])
@pytest.mark.parametrize("load", [0.3, 0.9, 0.999])
def test_tail_is_the_fixed_point(load: float, choices: int) -> None:
    """What flows from i - 1 to i requests flows back."""
    length = np.arange(0, 6)
    share = np.asarray(power_of_d.tail(length, load, 1, 1, 1, 1, choices))
    assert share[1:] - 0 == pytest.approx(load * share[:-1] ** choices, rel=1e-12)


@pytest.mark.parametrize("choices", [1, 2, 3, 10])
@pytest.mark.parametrize("load", [1e-12, 1e-3, 0.5, 0.95, 1 - 1e-6, 1 - 2.0**-40])
def test_digits(load: float, choices: int) -> None:
    with mp.workdps(50):
        rho = mp.mpf(load)
        if choices == 1:
            wait = rho / (1 - rho)
        else:
            wait = sum(
                rho ** ((mp.mpf(choices) ** i - choices) / (choices - 1)) for i in range(2, 60)
            )
        for function, wanted in (
            (power_of_d.mean_wait, wait),
            (power_of_d.mean_response, 1 + wait),
        ):
            found = mp.mpf(float(function(4 * load, 1.0, 1, 4, 1, choices)))
            assert abs(found / wanted - 1) < 1e-12


def simulated(
    hosts: int, load: float, choose: str, count: int, runs: int, seed: int
) -> tuple[float, float]:
    """Mean response of many runs at once, and its standard error; first come, first served."""
    generator = np.random.default_rng(seed)
    number = np.zeros((runs, hosts), dtype=int)
    everyone = np.arange(runs)
    area, clock = np.zeros(runs), np.zeros(runs)
    total = hosts * (1 + load)
    for step in range(count):
        pause = generator.exponential(1 / total, runs)
        if step > count // 5:
            area += number.sum(axis=1) * pause
            clock += pause
        arrives = generator.random(runs) < load / (1 + load)
        if choose == "shortest":
            target = np.argmin(number + generator.random((runs, hosts)) * 0.5, axis=1)
        elif choose == "two":
            order = np.argsort(generator.random((runs, hosts)), axis=1)
            one, two = order[:, 0], order[:, 1]
            target = np.where(number[everyone, one] <= number[everyone, two], one, two)
        else:
            idle = (number == 0) + 0.5 * generator.random((runs, hosts))
            target = np.argmax(idle, axis=1)
        served = generator.integers(0, hosts, runs)
        change = np.where(arrives, 1, -1)
        place = np.where(arrives, target, served)
        number[everyone, place] = np.maximum(number[everyone, place] + change, 0)
    means = area / clock / (hosts * load)
    return float(means.mean()), float(means.std(ddof=1) / np.sqrt(runs))


def test_shorter_of_two_by_simulation() -> None:
    mean, error = simulated(2, 0.8, "shortest", 12_000, 200, 1)
    assert abs(float(shortest_of_two.mean_response(1.6, 1, 1, 2, 1)) - mean) < 4 * error
    assert error < 0.02 * mean


def test_idle_queue_by_simulation() -> None:
    mean, error = simulated(10, 0.8, "idle", 15_000, 100, 2)
    found = float(join_idle_queue.tabulated_response(8, 1, 1, 10, 1))
    assert abs(found - mean) < 4 * error + 0.005 * mean


def test_two_choices_of_few_by_simulation() -> None:
    mean, error = simulated(12, 0.7, "two", 15_000, 100, 3)
    found = float(power_of_d.mean_response_of_few(12 * 0.7, 1, 1, 12, 1))
    assert abs(found - mean) < 4 * error + 0.005 * mean
    assert found > power_of_d.mean_response(12 * 0.7, 1, 1, 12, 1)


def shorter_by_chain(load: float, most: int) -> float:
    """Mean response by a sparse chain over both queues."""
    import scipy.sparse as sparse
    import scipy.sparse.linalg as linalg

    size = most + 1
    rows, columns, values = [], [], []
    for one in range(size):
        for two in range(size):
            here = one * size + two
            flows = [(-1, 0, 1.0 * (one > 0)), (0, -1, 1.0 * (two > 0))]
            first = 1.0 if one < two else 0.5 if one == two else 0.0
            flows += [(1, 0, load * first), (0, 1, load * (1 - first))]
            for up, side, flow in flows:
                if flow and one + up < size and two + side < size:
                    rows += [here + up * size + side, here]
                    columns += [here, here]
                    values += [flow, -flow]
    balance = sparse.csc_matrix((values, (rows, columns))).tolil()
    balance[0, :] = 1.0
    right = np.zeros(size * size)
    right[0] = 1.0
    share = linalg.spsolve(balance.tocsc(), right).reshape(size, size)
    return float(2 * (share.sum(axis=1) @ np.arange(size)) / load)


@pytest.mark.parametrize("load", [0.05, 0.6, 1.2, 1.6])
def test_shorter_of_two_by_chain(load: float) -> None:
    found = float(shortest_of_two.mean_response(load, 1, 1, 2, 1))
    assert found == pytest.approx(shorter_by_chain(load, 70), rel=1e-10)


def test_least_connections_is_near_the_exact_shorter_of_two() -> None:
    loads = np.array([0.5, 0.7, 0.9, 0.95]) * 2
    fitted = 1 + np.asarray(least_connections.mean_wait(loads, 1, 1, 2, 1))
    assert np.asarray(shortest_of_two.mean_response(loads, 1, 1, 2, 1)) == pytest.approx(
        fitted, rel=0.015
    )


def test_shorter_of_two_near_saturation() -> None:
    """Both queues become one: W -> 1 / (2 mu - lambda)."""
    spare = 2.0 ** -np.arange(10, 41, 10)
    found = np.asarray(shortest_of_two.mean_response(2 - spare, 1, 1, 2, 1))
    assert found * spare == pytest.approx(np.ones(4), rel=3e-3)
    assert np.abs(found * spare - 1)[-1] < 1e-11


@given(st.floats(0.01, 0.99))
def test_order_of_the_policies(load: float) -> None:
    exact = float(shortest_of_two.mean_wait(2 * load, 1, 1, 2, 1))
    pooled = float(central_queue.mean_wait(2 * load, 1, 1, 2, 1))
    alone = float(random_split.mean_wait(2 * load, 1, 1, 2, 1))
    assert pooled - 1e-12 <= exact <= alone
    waits = [float(power_of_d.mean_wait(2 * load, 1, 1, 2, 1, d)) for d in (1, 2, 3, 4)]
    assert waits[0] == pytest.approx(alone, rel=1e-11)
    assert waits == sorted(waits, reverse=True)


@pytest.mark.parametrize("policy", [power_of_d, join_idle_queue, shortest_of_two])
def test_out_of_range_and_neighbours(policy: ModuleType) -> None:
    rates = np.array([0.5, np.nan, -1.0, 2.0, np.inf, 0.0, 1.9, 5.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in ("mean_wait", "mean_response"):
            function = getattr(policy, name)
            stacked = np.asarray(function(rates, 1.0, 1, 2, 1))
            alone = [function(rate, 1.0, 1, 2, 1) for rate in rates]
            assert np.array_equal(stacked, alone, equal_nan=True), name
            assert np.isnan(stacked[[1, 2, 4]]).all()
            assert (stacked[[3, 7]] == np.inf).all()
            assert np.isfinite(stacked[[0, 5, 6]]).all()
            assert np.isnan(function(0.5, 1.0, 2, 2, 1))
            assert np.isnan(function(0.5, 1.0, 1, 2, 2.0))
            assert np.isnan(function(0.5, 1.0, 1, 0.5, 1))
            assert np.isnan(function(0.5, 0.0, 1, 2, 1))
    assert np.isnan(power_of_d.mean_wait(1, 1, 1, 2, 1, [0, 1.5, np.nan])).all()
    assert np.isnan(power_of_d.excess(0.97))
    assert np.isnan(join_idle_queue.tabulated_response(9.8, 1, 1, 10, 1))
    assert np.isnan(join_idle_queue.tabulated_response(8, 1, 1, 12, 1))
    assert np.isnan(shortest_of_two.mean_response(1, 1, 1, 3, 1))
    assert power_of_d.tail(0, 1, 1, 1, 2, 1) == 1
    assert np.isnan(power_of_d.tail([-1, 0.5], 1, 1, 1, 2, 1)).all()
