"""Closed networks of several classes against cases, enumeration of states, and single classes."""

from __future__ import annotations

import itertools
import math
import warnings
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shared import cases

from capcalc.errors import NoVerdict
from capcalc.theory.networks import convolution, multiclass

CASES = cases("closed_networks.json", "closed_multi_class", "closed_single_class")
SMALL = [case for case in CASES if case["params"]["population"][0] <= 100]


@pytest.mark.parametrize("case", SMALL, ids=[case["id"] for case in SMALL])
def test_reference_cases(case: dict[str, Any]) -> None:
    params, expected, rtol = case["params"], case["expected"], case["rtol"]
    times, visits = (np.array(params[key], float) for key in ("service_times", "visits"))
    servers = np.array([float(each) for each in params["servers"]])
    network = params["population"], times * visits, np.array(params["think_times"], float), servers
    found = multiclass.solve(*network)
    np.testing.assert_allclose(found.throughput, expected["X"], rtol=rtol)
    np.testing.assert_allclose(found.response, expected["R"], rtol=rtol)
    np.testing.assert_allclose(found.mean_number, expected["Q"], rtol=rtol, atol=1e-15)
    np.testing.assert_allclose(found.utilization, expected["U"], rtol=rtol, atol=1e-15)
    assert multiclass.log_constant(*network) == pytest.approx(expected["log_G"], rel=rtol)


def enumerated(
    population: list[int], demands: np.ndarray, think: list[float], servers: list[float]
) -> tuple[list[Fraction], list[list[Fraction]]]:
    """Throughputs and numbers from the weights of all states, in whole fractions."""
    times = [[Fraction(each) for each in row] for row in demands.tolist()]

    def places(count: int, boxes: int) -> list[tuple[int, ...]]:
        return [s for s in itertools.product(range(count + 1), repeat=boxes) if sum(s) == count]

    def total(people: list[int]) -> tuple[Fraction, list[list[Fraction]]]:
        stations = len(servers)
        constant, held = Fraction(0), [[Fraction(0)] * stations for _ in people]
        # the last box is where customers think
        for state in itertools.product(*(places(n, stations + 1) for n in people)):
            weight = Fraction(1)
            for r, row in enumerate(state):
                weight *= Fraction(think[r]) ** row[-1] / math.factorial(row[-1])
                for i in range(stations):
                    weight *= times[r][i] ** row[i] / math.factorial(row[i])
            for i, c in enumerate(servers):
                here = sum(row[i] for row in state)
                weight *= math.factorial(here)
                for j in range(1, here + 1):
                    weight /= Fraction(j if c == np.inf else min(j, int(c)))
            constant += weight
            for r, row in enumerate(state):
                for i in range(stations):
                    held[r][i] += weight * row[i]
        return constant, held

    constant, held = total(population)
    rates = []
    for r, n in enumerate(population):
        fewer = [m - (s == r) for s, m in enumerate(population)]
        rates.append(total(fewer)[0] / constant if n else Fraction(0))
    return rates, [[each / constant for each in row] for row in held]


@pytest.mark.parametrize(
    ("population", "servers"),
    [
        ([2, 2], [1, 1]),
        ([3, 2], [2, 1]),
        ([3, 2], [2, 3]),
        ([4, 1], [1, np.inf]),
        ([3, 3], [2, np.inf]),
        ([2, 1, 1], [2, 1]),
        ([0, 3], [2, 1]),
    ],
)
@pytest.mark.parametrize("thinking", [0.0, 0.75])
def test_against_all_states(population: list[int], servers: list[float], thinking: float) -> None:
    rng = np.random.default_rng(len(population))
    demands = rng.uniform(0.1, 2.0, (len(population), len(servers)))
    think = [thinking * (r + 1) for r in range(len(population))]
    rates, held = enumerated(population, demands, think, servers)
    found = multiclass.solve(population, demands, think, servers)
    np.testing.assert_allclose(found.throughput, [float(each) for each in rates], rtol=4e-15)
    wanted = [[float(each) for each in row] for row in held]
    np.testing.assert_allclose(found.mean_number, wanted, rtol=4e-15)


THINK = st.one_of(st.just(0.0), st.floats(1e-3, 30.0))
TIMES = st.lists(st.floats(0.01, 5.0), min_size=1, max_size=4)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 12), st.integers(0, 12), TIMES, THINK, st.data())
def test_alike_classes_are_one(
    one: int, two: int, times: list[float], think: float, data: st.DataObject
) -> None:
    servers = [data.draw(st.sampled_from([1.0, 2.0, 6.0, np.inf])) for _ in times]
    found = multiclass.solve([one, two], [times, times], think, servers)
    both = convolution.solve(one + two, times, think, servers)
    assert found.throughput.sum() == pytest.approx(both.throughput, rel=1e-12)
    np.testing.assert_allclose(found.mean_number.sum(axis=0), both.mean_number, rtol=1e-12)
    if one and two:
        np.testing.assert_allclose(found.response, both.response, rtol=1e-12)
        share = one / (one + two)
        np.testing.assert_allclose(found.mean_number[0], share * both.mean_number, rtol=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_convolution_is_mean_value_analysis(data: st.DataObject) -> None:
    """Two algorithms that share nothing but the lattice."""
    stations = data.draw(st.integers(1, 4))
    people = np.array([[data.draw(st.integers(1, 10)), data.draw(st.integers(1, 10))]], float)
    time = st.floats(0.01, 5.0)
    times = np.array([[[data.draw(time) for _ in range(stations)] for _ in range(2)]])
    think = np.array([[data.draw(THINK) for _ in range(2)]])
    found = multiclass.solve(people, times, think)
    singles = [multiclass.of_servers(np.ones(1))] * stations
    rates = multiclass.guess(people, times, think, np.ones((1, stations)))
    other = multiclass.convolved(people, times, rates, think, singles)
    np.testing.assert_allclose(other.throughput, found.throughput, rtol=1e-12)
    np.testing.assert_allclose(other.number, found.mean_number, rtol=1e-12)
    np.testing.assert_allclose(other.together.sum(axis=2), 1.0, rtol=1e-13)
    mean = other.together @ np.arange(other.together.shape[2])
    np.testing.assert_allclose(mean, found.mean_number.sum(axis=1), rtol=1e-12)


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_laws(data: st.DataObject) -> None:
    servers = [data.draw(st.sampled_from([1.0, 2.0, 30.0, np.inf])) for _ in range(3)]
    people = np.array([data.draw(st.integers(1, 12)) for _ in range(2)])
    times = np.array([[data.draw(st.floats(0.01, 5.0)) for _ in range(3)] for _ in range(2)])
    think = np.array([data.draw(THINK) for _ in range(2)])
    found = multiclass.solve(people, times, think, servers)
    rate = found.throughput
    np.testing.assert_allclose(found.response, people / rate - think, rtol=1e-8, atol=1e-11)
    np.testing.assert_allclose(found.mean_number, rate[:, None] * found.residence_time, rtol=1e-13)
    assert np.all(found.residence_time >= times * (1 - 1e-12))
    # a customer more of a class raises its own throughput
    more = multiclass.solve(people + np.array([1, 0]), times, think, servers).throughput
    assert more[0] >= rate[0] * (1 - 1e-12)
    turned = multiclass.solve(people[::-1], times[::-1], think[::-1], servers)
    np.testing.assert_allclose(turned.throughput[::-1], rate, rtol=1e-12)


def test_more_servers_than_a_product_of_doubles_holds() -> None:
    """a^c / c! leaves the range of doubles: it is rescaled on the way."""
    found = multiclass.solve([900, 20], [[1.0, 0.001], [1.0, 0.01]], 0.1, [700, 1])
    both = found.throughput.sum()
    assert both == pytest.approx(700, rel=1e-3)
    assert np.all(found.mean_number >= 0)
    alike = multiclass.solve([900, 20], [[1.0, 0.001], [1.0, 0.001]], 0.1, [700, 1])
    one = convolution.solve(920, [1.0, 0.001], 0.1, [700, 1])
    assert alike.throughput.sum() == pytest.approx(one.throughput, rel=1e-12)
    logs = multiclass.log_constant([900], [[1.0, 0.001]], 0.1, [700, 1])
    assert logs == pytest.approx(convolution.log_constant(900, [1.0, 0.001], 0.1, [700, 1]))


def test_sweeps_equal_their_elements() -> None:
    rng = np.random.default_rng(4)
    people = rng.integers(0, 7, (6, 1, 2))
    times, think = rng.random((6, 4, 2, 3)), rng.random((4, 2)) * 20
    servers = rng.choice([1.0, 2.0, 4.0, np.inf], (6, 1, 3))
    swept = multiclass.solve(people, times, think, servers)
    assert swept.throughput.shape == (6, 4, 2)
    assert swept.mean_number.shape == (6, 4, 2, 3)
    for i, j in np.ndindex(6, 4):
        alone = multiclass.solve(people[i, 0], times[i, j], think[j], servers[i, 0])
        for every, single in zip(swept, alone, strict=True):
            np.testing.assert_allclose(every[i, j], single, rtol=1e-13)


def test_a_class_of_nobody() -> None:
    found = multiclass.solve([3, 0], [[0.5, 0.2], [0.3, 0.1]], [1.0, 2.0])
    alone = multiclass.solve([3], [[0.5, 0.2]], [1.0])
    assert found.throughput[1] == 0.0
    assert found.response[1] == pytest.approx(0.4)
    assert found.mean_number[1].tolist() == [0.0, 0.0]
    np.testing.assert_allclose(found.mean_number[0], alone.mean_number[0], rtol=1e-15)
    rows = multiclass.solve([[3, 0], [3, 2]], [[[0.5], [0.0]], [[0.5], [0.2]]])
    assert rows.throughput[0].tolist() == [2.0, 0.0]
    empty = multiclass.solve([0, 0], [[0.5, 0.2], [0.3, 0.1]])
    assert empty.throughput.tolist() == [0.0, 0.0]


def test_bad_input_stays_alone() -> None:
    people = [[2, 1], [-1, 1], [1.5, 1], [np.nan, 1], [2, np.inf], [2, 1]]
    think = [[1, 1]] * 5 + [[np.nan, 1]]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for servers in (1, 2):
            found = multiclass.solve(people, [[0.5, 0.2], [0.3, 0.1]], think, [servers, 1])
            assert np.isfinite(found.throughput[0]).all()
            assert np.isnan(found.throughput[1:]).all()
            assert np.isnan(found.mean_number[1:]).all()
        assert np.isnan(multiclass.solve([1], [[np.inf]]).throughput).all()
        assert np.isnan(multiclass.solve([1], [[0.0]]).throughput).all()


def test_too_large_networks_are_refused_in_words() -> None:
    with pytest.raises(NoVerdict, match="would take 1,002,001,000 populations"):
        multiclass.solve([1000, 1000, 999], np.ones((3, 2)))
