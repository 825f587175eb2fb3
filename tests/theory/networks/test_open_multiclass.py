"""Open networks of several classes: reference cases, Markov chains, refusals."""

from __future__ import annotations

import warnings
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from shared import cases

from capcalc.errors import ScenarioError
from capcalc.theory.networks import bcmp, jackson
from capcalc.theory.queues import mmc


def numbers(values: Any) -> np.ndarray:
    if isinstance(values, list):
        return np.array([numbers(value) for value in values])
    return np.asarray(float(Fraction(values)) if isinstance(values, str) else float(values))


CASES = cases("multiclass_mixed_amva_bounds.json", "open_multiclass")


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_reference_cases(case: dict[str, Any]) -> None:
    given = {key: numbers(value) for key, value in case["params"].items()}
    servers = np.ones(given["visits"].shape[-1])
    servers[given["delay_stations"].astype(int)] = np.inf
    found = bcmp.solve(given["arrival_rates"], given["visits"], given["service_times"], servers)
    answers = {
        "Q": found.mean_number,
        "U": found.utilization,
        "W_class": found.system_response,
        "X": found.arrival_rate,
        "residence_time": found.residence_time,
    }
    assert set(case["expected"]) <= set(answers)
    for key, wanted in case["expected"].items():
        np.testing.assert_allclose(answers[key], wanted, rtol=case["rtol"], err_msg=key)


VISITS = cases("open_jackson.json", "open_visits")


@pytest.mark.parametrize("case", VISITS, ids=[case["id"] for case in VISITS])
@pytest.mark.parametrize("discipline", ["fcfs", "ps"])
def test_a_single_class(case: dict[str, Any], discipline: str) -> None:
    given = {key: numbers(value) for key, value in case["params"].items()}
    found = bcmp.solve(
        given["system_arrival_rate"][None],
        given["visits"][None],
        given["service_times"][None],
        given["servers"],
        discipline,
    )
    expected, rtol = case["expected"], case["rtol"]
    np.testing.assert_allclose(found.mean_number[0], expected["L"], rtol=rtol)
    np.testing.assert_allclose(found.residence_time[0], expected["residence_time"], rtol=rtol)
    np.testing.assert_allclose(found.total_utilization, expected["utilization"], rtol=rtol)
    np.testing.assert_allclose(found.system_response, [expected["W_system"]], rtol=rtol)


def shared_processors(rates: Any, speeds: Any, servers: int, size: int) -> np.ndarray:
    """Mean numbers of two classes under processor sharing, from the truncated Markov chain."""
    index = np.arange(size * size).reshape(size, size)
    rows, columns, values = [], [], []
    for n, m in np.ndindex(size, size):
        share = min(n + m, servers) / max(n + m, 1)
        moves = [
            (n + 1, m, rates[0]),
            (n, m + 1, rates[1]),
            (n - 1, m, n * share * speeds[0]),
            (n, m - 1, m * share * speeds[1]),
        ]
        for a, b, rate in moves:
            if rate > 0 and 0 <= a < size and 0 <= b < size:
                rows += [index[a, b], index[n, m]]
                columns += [index[n, m]] * 2
                values += [rate, -rate]
    matrix = sparse.coo_array((values, (rows, columns)), shape=(size**2, size**2)).tolil()
    matrix[0] = 1.0
    right = np.zeros(size * size)
    right[0] = 1.0
    law = sparse.linalg.spsolve(matrix.tocsc(), right).reshape(size, size)
    return np.array([(law.sum(axis=1 - k) * np.arange(size)).sum() for k in (0, 1)])


@pytest.mark.parametrize("servers", [1, 2, 3])
def test_sharing_against_the_markov_chain(servers: int) -> None:
    """Two classes of different service times, exponential here; the law does not matter."""
    rates, speeds = np.array([0.5, 0.1]) * servers, np.array([2.0, 0.4])
    wanted = shared_processors(rates, speeds, servers, 45)
    found = bcmp.solve(rates, [[1.0], [1.0]], 1 / speeds[:, None], [servers], "ps")
    np.testing.assert_allclose(found.mean_number[:, 0], wanted, rtol=1e-6)


def test_last_come_first_served_is_a_busy_period() -> None:
    """A request is gone when its own busy period ends, S / (1 - rho), whatever its class."""
    found = bcmp.solve([0.2, 0.1], [[1.0], [1.0]], [[2.0], [3.0]], 1.0, "lcfs-pr")
    np.testing.assert_allclose(found.residence_time[:, 0], [2 / 0.3, 3 / 0.3], rtol=1e-14)


@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(1, 4))
def test_laws(seed: int, classes: int, stations: int) -> None:
    random = np.random.default_rng(seed)
    rates = random.uniform(0.1, 1.0, classes)
    visits = random.uniform(0, 3, (classes, stations)) * (random.random((classes, stations)) < 0.8)
    servers = random.choice([1.0, 2.0, 5.0, np.inf], stations)
    once = random.uniform(0.1, 1, (classes, stations))
    load = (rates[:, None] * visits * once).sum(axis=0) / servers
    once *= random.uniform(0.05, 0.95) / max(load.max(), 1e-9)
    found = bcmp.solve(rates, visits, once, servers)
    # Little, per class and station
    np.testing.assert_allclose(
        found.mean_number, rates[:, None] * found.residence_time, rtol=1e-13, atol=1e-300
    )
    np.testing.assert_allclose(found.system_number, rates * found.system_response, rtol=1e-13)
    # all classes together hold what one of the same load does
    work = (rates[:, None] * visits * once).sum(axis=0)
    for k in range(stations):
        whole = work[k] if np.isinf(servers[k]) else mmc.mean_number(work[k], 1.0, servers[k])
        assert found.mean_number[:, k].sum() == pytest.approx(float(whole), rel=1e-12)
    np.testing.assert_allclose(
        found.total_utilization, found.utilization.sum(axis=0), rtol=1e-13, atol=1e-300
    )
    # classes and stations in any order, and a class in two halves
    order, place = random.permutation(classes), random.permutation(stations)
    moved = bcmp.solve(
        rates[order], visits[np.ix_(order, place)], once[np.ix_(order, place)], servers[place]
    )
    np.testing.assert_allclose(
        moved.residence_time, found.residence_time[np.ix_(order, place)], rtol=1e-12
    )
    halves = bcmp.solve(
        np.tile(rates / 2, 2), np.tile(visits, (2, 1)), np.tile(once, (2, 1)), servers
    )
    np.testing.assert_allclose(
        halves.system_response, np.tile(found.system_response, 2), rtol=1e-12
    )
    more = bcmp.solve(rates * float(found.saturation) * (1 + 1e-9), visits, once, servers)
    assert np.isinf(more.system_response).any() == np.isfinite(found.saturation)


def test_routing_of_each_class() -> None:
    external = np.array([[2.0, 0.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
    routing = np.array(
        [
            [[0.0, 0.5, 0.5], [0.2, 0.0, 0.0], [0.0, 0.0, 0.0]],
            [[0.0, 0.0, 1.0], [0.0, 0.0, 1.0], [0.5, 0.0, 0.0]],
            [[0.0, 0.0, 1.0], [0.0, 0.0, 1.0], [0.5, 0.0, 0.0]],
        ]
    )
    rates, visits = bcmp.visits_by_class(external, routing)
    np.testing.assert_array_equal(rates, [2, 2, 0])
    for k in range(2):
        expected = jackson.arrival_rates(external[k], routing[k]) / rates[k]
        np.testing.assert_allclose(visits[k], expected, rtol=1e-15)
    np.testing.assert_array_equal(visits[2], 0)
    found = bcmp.solve(rates, visits, 0.1)
    one = jackson.solve(external.sum(axis=0), np.zeros((3, 3)), 10.0)
    assert found.system_number.shape == one.mean_number.shape == (3,)
    # first come first served with one service time: the same as one class of all traffic
    together = jackson.summary((rates[:, None] * visits).sum(axis=0), 4.0, 10.0, 1.0)
    first = bcmp.solve(rates, visits, 0.1, 1.0, "fcfs")
    np.testing.assert_allclose(first.mean_number.sum(axis=0), together.mean_number, rtol=1e-13)
    stack = bcmp.visits_by_class(np.stack([external, 2 * external]), routing)
    np.testing.assert_allclose(stack[1][1], visits, rtol=1e-15)


@pytest.mark.parametrize(
    ("discipline", "servers", "message"),
    [
        ("fcfs", 1.0, "db: first come first served needs one service time"),
        (["ps", "fcfs"], [1.0, 3.0], "db: first come first served needs one service time"),
        (["lcfs-pr", "ps"], [2.0, 1.0], "web: last come first served has no product form"),
        ("priority", 1.0, "db: priority is none of fcfs, ps, lcfs-pr"),
    ],
)
def test_what_has_no_product_form_is_refused(discipline: Any, servers: Any, message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        bcmp.solve(
            [1.0, 1.0], np.ones((2, 2)), [[0.1, 0.1], [0.1, 0.2]], servers, discipline,
            names=["web", "db"],
        )  # fmt: skip
    # a class that does not come by, and delays, have no say
    bcmp.solve([1, 1], [[1, 1], [1, 0]], [[0.1, 0.1], [0.1, 0.2]], 1.0, "fcfs")
    bcmp.solve([1, 1], np.ones((2, 2)), [[0.1, 0.1], [0.1, 0.2]], [1.0, np.inf], "fcfs")


def test_bad_and_saturated_stay_alone() -> None:
    rates = np.array([[0.5, 0.2], [1.5, 0.2], [np.nan, 0.2], [-1.0, 0.2], [np.inf, 0.2]])
    visits = np.array([[1.0, 0.0], [0.0, 1.0]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = bcmp.solve(rates, visits, np.ones((2, 2)))
    np.testing.assert_allclose(found.system_response[0], [2.0, 1.25])
    np.testing.assert_allclose(found.system_response[1], [np.inf, 1.25])
    np.testing.assert_allclose(found.total_utilization[1], [1.5, 0.2])
    np.testing.assert_allclose(found.mean_number[1], [[np.inf, 0], [0, 0.25]])
    assert np.isnan(found.system_response[2:, 0]).all()
    np.testing.assert_allclose(found.saturation[:2], [2.0, 1 / 1.5])


def test_everything_broadcasts() -> None:
    grid = bcmp.solve(
        np.linspace(0.1, 0.9, 5)[:, None, None] * np.array([0.5, 0.5]),
        np.ones((2, 1)),
        [[0.5], [1.0]],
        np.array([[1.0], [2.0], [np.inf]]),
    )
    assert grid.mean_number.shape == (5, 3, 2, 1)
    assert grid.saturation.shape == (5, 3)
    alone = bcmp.solve([0.45, 0.45], np.ones((2, 1)), [[0.5], [1.0]], 2.0)
    np.testing.assert_allclose(grid.mean_number[4, 1], alone.mean_number, rtol=1e-15)
