"""Approximations and bounds of closed networks against cases and the exact answers."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shared import cases

from capcalc.theory.networks import bounds, convolution, linearizer, multiclass, mva, schweitzer

FILE = "multiclass_mixed_amva_bounds.json"
SCHWEITZER, BOUNDS = cases(FILE, "schweitzer_amva"), cases(FILE, "closed_bounds")


@pytest.mark.parametrize("case", SCHWEITZER, ids=[case["id"] for case in SCHWEITZER])
def test_schweitzer_cases(case: dict[str, Any]) -> None:
    params, expected, rtol = case["params"], case["expected"], case["rtol"]
    people = np.array(params["population"], float)
    times, think = (np.array(params[key], float) for key in ("demands", "think_times"))
    found = schweitzer.solve_classes(people, times, think)
    np.testing.assert_allclose(found.throughput, expected["X"], rtol=rtol)
    np.testing.assert_allclose(found.response, expected["R"], rtol=rtol)
    np.testing.assert_allclose(found.mean_number, expected["Q"], rtol=rtol)
    if people.size == 1:
        single = schweitzer.solve(people[0], times[0], think[0])
        assert single.throughput == pytest.approx(expected["X"][0], rel=rtol)
        np.testing.assert_allclose(single.mean_number, expected["Q"][0], rtol=rtol)


@pytest.mark.parametrize("case", BOUNDS, ids=[case["id"] for case in BOUNDS])
def test_bounds_cases(case: dict[str, Any]) -> None:
    params, expected, rtol = case["params"], dict(case["expected"]), case["rtol"]
    network = params["population"], np.array(params["demands"], float), float(params["think_time"])
    assert bounds.knee(*network[1:]) == pytest.approx(expected.pop("N_star"), rel=rtol)
    exact = expected.pop("X_exact")
    assert mva.solve(*network).throughput == pytest.approx(exact, rel=rtol)
    kinds = {
        "aba": bounds.asymptotic,
        "bjb": bounds.balanced_job,
        "pb": bounds.proportional,
        "gb": bounds.geometric,
    }
    names = {"X": "throughput", "R": "response"}
    for key, wanted in expected.items():
        kind, quantity, side = key.split("_")
        found = getattr(kinds[kind](*network), f"{names[quantity]}_{side}")
        # the printed table has four decimals
        tolerance = {"abs": 6e-5} if kind == "gb" else {"rel": rtol}
        assert found == pytest.approx(wanted, **tolerance), key


PEOPLE = st.integers(1, 120)
TIMES = st.lists(st.floats(0.01, 10.0), min_size=1, max_size=6)
THINK = st.one_of(st.just(0.0), st.floats(0.01, 300.0))


@settings(max_examples=150, deadline=None)
@given(PEOPLE, TIMES, THINK)
def test_bounds_enclose_the_exact_answer(n: int, times: list[float], think: float) -> None:
    exact = mva.solve(n, times, think)
    for kind in (bounds.asymptotic, bounds.balanced_job, bounds.proportional, bounds.geometric):
        found = kind(n, times, think)
        assert found.throughput_lower <= exact.throughput * (1 + 1e-12)
        assert found.throughput_upper >= exact.throughput * (1 - 1e-12)
        slack = 1e-10 * (1 + think + exact.response)
        assert found.response_lower <= exact.response + slack
        assert found.response_upper >= exact.response - slack
    # each set is no wider than the one it was made to improve
    assert bounds.balanced_job(n, times, think).throughput_lower >= (
        bounds.asymptotic(n, times, think).throughput_lower * (1 - 1e-12)
    )


@settings(max_examples=60, deadline=None)
@given(PEOPLE, TIMES, THINK, st.data())
def test_asymptotes_enclose_stations_of_several_servers(
    n: int, times: list[float], think: float, data: st.DataObject
) -> None:
    servers = [data.draw(st.sampled_from([1.0, 2.0, 7.0, np.inf])) for _ in times]
    exact = convolution.solve(n, times, think, servers).throughput
    found = bounds.asymptotic(n, times, think, servers)
    assert found.throughput_lower <= exact * (1 + 1e-12)
    assert found.throughput_upper >= exact * (1 - 1e-12)


def test_knee_without_queues() -> None:
    assert bounds.knee([1.0], 3.0, np.inf) == np.inf
    assert bounds.knee([[1.0, 0.5], [2.0, 0.0]], [3.0, 2.0], [4, 1]).tolist() == [9.0, 8.0]


# --- approximations --------------------------------------------------------------------------


@settings(max_examples=80, deadline=None)
@given(st.floats(1, 1e6), TIMES, THINK)
def test_schweitzer_is_its_fixed_point(n: float, times: list[float], think: float) -> None:
    found = schweitzer.solve(n, times, think)
    stays = np.array(times) * (1 + (n - 1) / n * found.mean_number)
    assert found.throughput == pytest.approx(n / (think + stays.sum()), rel=1e-9)
    np.testing.assert_allclose(found.residence_time, stays, rtol=1e-8)
    classes = schweitzer.solve_classes([n], [times], [think])
    assert classes.throughput[0] == pytest.approx(found.throughput, rel=1e-10)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_schweitzer_of_classes_is_its_fixed_point(data: st.DataObject) -> None:
    people = np.array([data.draw(st.integers(1, 300)) for _ in range(3)], float)
    times = np.array([[data.draw(st.floats(0.01, 5)) for _ in range(4)] for _ in range(3)])
    think = np.array([data.draw(st.floats(0, 100)) for _ in range(3)])
    found = schweitzer.solve_classes(people, times, think)
    number = found.mean_number
    stays = times * (1 + number.sum(axis=0) - number / people[:, None])
    np.testing.assert_allclose(found.throughput, people / (think + stays.sum(axis=1)), rtol=1e-9)


def worst(method: Any, n: int, think: float) -> float:
    """Largest relative error of the throughput in 1,000 random networks of 6 stations."""
    times = np.random.default_rng(5).random((1000, 6))
    exact = mva.solve(n, times, think).throughput
    if method is schweitzer:
        found = schweitzer.solve(n, times, think).throughput
    else:
        found = linearizer.solve([n], times[:, None], [think]).throughput[:, 0]
    return float(np.abs(found / exact - 1).max())


def test_errors_are_of_the_class_that_is_stated(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print()
        for think in (0.0, 30.0):
            for n in (2, 5, 20, 50, 200):
                one, two = (worst(method, n, think) for method in (schweitzer, linearizer))
                print(f"N={n:4} Z={think:4}: Schweitzer {one:.1e}, Linearizer {two:.1e}")
                assert one <= 0.055
                assert two <= 0.011
                assert two < one / 4


def test_linearizer_of_classes_is_closer_than_schweitzer() -> None:
    rng = np.random.default_rng(8)
    people = rng.integers(1, 12, (200, 2))
    times, think = rng.random((200, 2, 4)), rng.random((200, 2)) * 5
    exact = multiclass.solve(people, times, think).throughput
    errors = [
        np.abs(method(people, times, think).throughput / exact - 1)
        for method in (linearizer.solve, schweitzer.solve_classes)
    ]
    assert errors[0].max() < 0.02 < errors[1].max() < 0.12
    assert errors[0].mean() < errors[1].mean() / 5


def test_several_servers_are_approximate() -> None:
    """Seidmann's replacement: exact without queues and at saturation, off in between."""
    people = np.array([1, 30, 60, 1000])
    exact = convolution.solve(people, [1.0, 0.01], 1.0, [50, 1]).throughput
    found = schweitzer.solve(people, [1.0, 0.01], 1.0, [50, 1]).throughput
    error = np.abs(found / exact - 1)
    assert error[0] < 1e-12
    assert error[-1] < 1e-3
    assert error.max() < 0.2
    classes = linearizer.solve([[30, 30]], np.tile([1.0, 0.01], (2, 1)), 1.0, [50, 1])
    assert classes.throughput.sum() == pytest.approx(exact[2], rel=0.2)


@pytest.mark.parametrize("method", [schweitzer.solve_classes, linearizer.solve])
def test_exact_where_nothing_is_guessed(method: Any) -> None:
    found = method([1], [[0.3, 0.5]], [2.0]).throughput[0]
    assert found == pytest.approx(1 / 2.8, rel=1e-12)
    found = method([40], [[0.3, 0.3]], [0.0]).throughput[0]
    assert found == pytest.approx(40 / (0.3 * 41), rel=1e-11)
    delays = method([7, 3], [[0.3, 0.5], [1.0, 1.0]], [2.0, 0.0], np.inf).throughput
    np.testing.assert_allclose(delays, [7 / 2.8, 3 / 2], rtol=1e-12)
    nobody = method([0, 3], [[0.3, 0.5], [1.0, 0.2]], [2.0, 1.0])
    assert nobody.throughput[0] == 0.0
    assert nobody.mean_number[0].tolist() == [0.0, 0.0]


def test_any_number_of_customers() -> None:
    people = np.array([10.0**k for k in range(16)])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = schweitzer.solve(people, [0.3, 0.3, 0.1], 5.0)
        classes = schweitzer.solve_classes(people[:10, None] * [1, 0.5 + 0.5], np.full((2, 2), 0.3))
    assert np.all(np.diff(found.throughput) >= 0)
    assert found.throughput[-1] == pytest.approx(1 / 0.3, rel=1e-13)
    np.testing.assert_allclose(
        found.mean_number.sum(axis=1) + 5 * found.throughput, people, rtol=1e-12
    )
    assert classes.throughput[-1].sum() == pytest.approx(1 / 0.3, rel=1e-8)


def test_sweeps_equal_their_elements() -> None:
    rng = np.random.default_rng(4)
    people = rng.integers(1, 70, (6, 1, 2)).astype(float)
    times, think = rng.random((6, 4, 2, 3)), rng.random((4, 2)) * 20
    servers = rng.choice([1.0, 2.0, 4.0, np.inf], (6, 1, 3))
    for method in (schweitzer.solve_classes, linearizer.solve):
        swept = method(people, times, think, servers)
        for i, j in np.ndindex(6, 4):
            alone = method(people[i, 0], times[i, j], think[j], servers[i, 0])
            np.testing.assert_allclose(swept.throughput[i, j], alone.throughput, rtol=1e-12)
            np.testing.assert_allclose(swept.mean_number[i, j], alone.mean_number, rtol=1e-11)
    swept = schweitzer.solve(people[..., 0], times[..., 0, :], think[:, 0], servers)
    for i, j in np.ndindex(6, 4):
        alone = schweitzer.solve(people[i, 0, 0], times[i, j, 0], think[j, 0], servers[i, 0])
        assert swept.throughput[i, j] == alone.throughput


def test_bad_input_stays_alone() -> None:
    people = np.array([2, -1, 0.5, np.nan, np.inf, 2])
    think = np.array([1, 1, 1, 1, 1, -1.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        answers = [schweitzer.solve(people, [0.5, 0.2], think).throughput]
        answers += [
            method(people[:, None], [[0.5, 0.2]], think[:, None]).throughput[:, 0]
            for method in (schweitzer.solve_classes, linearizer.solve)
        ]
        for kind in (bounds.asymptotic, bounds.balanced_job, bounds.proportional, bounds.geometric):
            answers += list(kind(people, [0.5, 0.2], think)[:2])
            assert np.isnan(kind(3, [0.5, -0.2])[0])
            assert np.isnan(kind(3, [0.5, np.nan])[0])
    for found in answers:
        assert np.isfinite(found[0])
        assert np.isnan(found[1:]).all()
