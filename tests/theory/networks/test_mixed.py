"""Mixed networks against cases, a Markov chain, and the networks with one kind only."""

from __future__ import annotations

import warnings
from itertools import pairwise
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse.linalg import spsolve
from shared import cases

from capcalc.theory.networks import mixed, multiclass
from capcalc.theory.queues import mmc

CASES = cases("multiclass_mixed_amva_bounds.json", "mixed_multiclass", "open_multiclass")


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_reference_cases(case: dict[str, Any]) -> None:
    params, expected, rtol = case["params"], case["expected"], case["rtol"]
    rate = np.array([float(each) for each in params["arrival_rates"]])
    people = np.array(params.get("population", [0] * rate.size))
    times = np.array(params["visits"], float) * np.array(params["service_times"], float)
    comes = rate > 0
    found = mixed.solve(rate[comes], times[comes], people[~comes], times[~comes])
    numbers, stays = np.array(expected["Q"]), np.array(expected["residence_time"])
    np.testing.assert_allclose(found.mean_number, numbers[comes], rtol=rtol)
    np.testing.assert_allclose(found.residence_time, stays[comes], rtol=rtol)
    np.testing.assert_allclose(found.closed.mean_number, numbers[~comes], rtol=rtol)
    np.testing.assert_allclose(found.closed.residence_time, stays[~comes], rtol=rtol)
    if (~comes).any():
        rates = np.array(expected["X"])[~comes]
        np.testing.assert_allclose(found.closed.throughput, rates, rtol=rtol)


@pytest.mark.parametrize(
    ("rate", "n", "servers"), [(3.0, 5, 4), (0.5, 6, 2), (1.2, 3, 1), (9.0, 4, 8), (2.0, 5, np.inf)]
)
def test_against_a_markov_chain(rate: float, n: int, servers: float) -> None:
    """One station shared equally by those who come and go and n who think in between."""
    service, think, most = 0.7, 2.0, 400
    size = (n + 1) * (most + 1)
    flows = sparse.lil_matrix((size, size))
    for k in range(n + 1):
        for m in range(most + 1):
            here = k * (most + 1) + m
            pace = min(k + m, servers) / (k + m) / service if k + m else 0.0
            for there, flow in (
                (here + 1, rate if m < most else 0.0),
                (here + most + 1, (n - k) / think),
                (here - 1, m * pace),
                (here - most - 1, k * pace),
            ):
                if flow:
                    flows[there, here] += flow
                    flows[here, here] -= flow
    flows[0, :] = 1.0
    first = np.zeros(size)
    first[0] = 1.0
    share = spsolve(flows.tocsc(), first).reshape(n + 1, most + 1)
    found = mixed.solve([rate], [[service]], [n], [[service]], think, servers)
    staying, coming = share.sum(axis=1) @ np.arange(n + 1), share.sum(axis=0) @ np.arange(most + 1)
    assert found.closed.mean_number[0, 0] == pytest.approx(staying, rel=1e-9)
    assert found.closed.throughput[0] == pytest.approx((n - staying) / think, rel=1e-9)
    assert found.mean_number[0, 0] == pytest.approx(coming, rel=1e-9)
    assert found.response[0] == pytest.approx(coming / rate, rel=1e-9)


SERVERS = st.sampled_from([1.0, 2.0, 5.0, 40.0, np.inf])
TIME = st.floats(0.01, 2.0)


def drawn(data: st.DataObject, *shape: int) -> np.ndarray:
    return np.array([data.draw(TIME) for _ in range(int(np.prod(shape)))]).reshape(shape)


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_without_closed_classes_stations_are_open(data: st.DataObject) -> None:
    servers = np.array([data.draw(SERVERS) for _ in range(3)])
    times = drawn(data, 2, 3)
    rate = drawn(data, 2) * 0.2
    load = rate @ times
    queues = np.isfinite(servers)
    count = np.where(queues, servers, 1.0)
    wanted = np.where(queues, mmc.mean_response(load, 1.0, count), 1.0)
    for people, closed in (([], np.zeros((0, 3))), ([0, 0], drawn(data, 2, 3))):
        found = mixed.solve(rate, times, people, closed, 0.5, servers)
        np.testing.assert_allclose(found.residence_time, times * wanted, rtol=1e-11)
        np.testing.assert_allclose(found.response, (times * wanted).sum(axis=1), rtol=1e-11)
        assert found.closed.throughput.tolist() == [0.0] * len(people)


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_without_open_classes_the_network_is_closed(data: st.DataObject) -> None:
    servers = np.array([data.draw(SERVERS) for _ in range(3)])
    people, closed = [data.draw(st.integers(1, 8)) for _ in range(2)], drawn(data, 2, 3)
    wanted = multiclass.solve(people, closed, [0.5, 2.0], servers)
    # a class that could come but does not is served beside the others
    for rate, times in (([], np.zeros((0, 3))), ([0.0], drawn(data, 1, 3))):
        found = mixed.solve(rate, times, people, closed, [0.5, 2.0], servers)
        for one, other in zip(found.closed, wanted, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-11)
    assert found.mean_number.tolist() == [[0.0] * 3]
    small = mixed.solve([1e-9], times, people, closed, [0.5, 2.0], servers)
    np.testing.assert_allclose(found.residence_time, small.residence_time, rtol=1e-6)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_laws(data: st.DataObject) -> None:
    servers = np.array([data.draw(SERVERS) for _ in range(3)])
    people = np.array([data.draw(st.integers(1, 8)) for _ in range(2)])
    times, closed, rate = drawn(data, 2, 3), drawn(data, 2, 3), drawn(data, 2) * 0.1
    found = mixed.solve(rate, times, people, closed, [0.5, 2.0], servers)
    np.testing.assert_allclose(found.mean_number, rate[:, None] * found.residence_time, rtol=1e-12)
    inside = found.closed.throughput * [0.5, 2.0] + found.closed.mean_number.sum(axis=1)
    np.testing.assert_allclose(inside, people, rtol=1e-10)
    assert np.all(found.residence_time >= times * (1 - 1e-12))
    total = found.utilization.sum(axis=0) + found.closed.utilization.sum(axis=0)
    assert np.all(total[np.isfinite(servers)] <= 1 + 1e-12)
    # who comes more often slows the others
    busier = mixed.solve(rate * 1.5, times, people, closed, [0.5, 2.0], servers)
    assert np.all(busier.closed.response >= found.closed.response * (1 - 1e-11))
    assert np.all(busier.response >= found.response * (1 - 1e-11))
    # an open class in two halves
    halves = mixed.solve(
        np.repeat(rate / 2, 2), np.repeat(times, 2, axis=0), people, closed, [0.5, 2.0], servers
    )
    np.testing.assert_allclose(halves.response[::2], found.response, rtol=1e-11)


def test_one_server_by_either_way() -> None:
    """Stretched demands and paces that depend on who is there agree where c = 1."""
    rows = mixed._paces(np.array([0.6]), np.array([0.4]), np.array([1.0]), 5)
    np.testing.assert_allclose(rows[:, 0], 1 / 0.4, rtol=1e-14)
    alone = mixed._paces(np.array([0.0]), np.array([3.0]), np.array([3.0]), 5)
    np.testing.assert_allclose(alone[:, 0], [1, 1 / 2, 1 / 3, 1 / 3, 1 / 3], rtol=1e-14)


@pytest.mark.parametrize("servers", [1, 2, 5, 30, 150])
@pytest.mark.parametrize("share", [0.001, 0.3, 0.9, 0.999])
def test_paces_against_their_sums(servers: int, share: float) -> None:
    """Sums over all open customers in 400 digits, the infinite part by its closed form."""
    load, count = servers * share, servers + 5
    with mp.workdps(400):
        rho = mp.mpf(load) / servers

        def weight(k: int) -> mp.mpf:
            few = max(servers - k, 0)
            chances = [mp.binomial(k + m, m) * rho**m for m in range(few)]
            here = [mp.mpf(load) ** m / (mp.factorial(k) * mp.factorial(m)) for m in range(few)]
            rest = (1 - rho) ** -(k + 1) - mp.fsum(chances)
            return mp.fsum(here) + rest * mp.mpf(servers) ** (servers - k) / mp.factorial(servers)

        weights = [weight(k) for k in range(count + 1)]
        wanted = [float(two / one) for one, two in pairwise(weights)]
    spare = float(servers - mp.mpf(load))
    found = mixed._paces(np.array([load]), np.array([spare]), np.array([float(servers)]), count)
    np.testing.assert_allclose(found[:, 0], wanted, rtol=2e-15)


def test_many_servers_shared_by_many() -> None:
    """Weights of both kinds leave the range of doubles many times over."""
    found = mixed.solve([1999.0], [[1.0, 0.0001]], [300], [[1.0, 0.01]], 10.0, [2000, 1])
    assert found.closed.throughput[0] == pytest.approx(1.0, rel=1e-9)  # all that is left
    assert found.utilization[0, 0] + found.closed.utilization[0, 0] == pytest.approx(1.0)
    found = mixed.solve([30.0], [[1.0, 0.001]], [20_000], [[1.0, 0.01]], 100.0, [200, 1])
    assert found.closed.throughput[0] == pytest.approx(97.0, rel=1e-12)
    # the many servers are nearly a delay: 127 of 200 busy
    assert found.residence_time[0, 0] == pytest.approx(1.0, rel=1e-6)


def test_saturated_by_those_who_come() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = mixed.solve(
            [4.0, 1.0], [[0.5, 0.1], [0.0, 0.2]], [3, 2], [[0.1, 0.1], [0, 0.3]], 1.0
        )
    assert found.residence_time[0, 0] == np.inf
    assert found.response[0] == np.inf
    assert np.isfinite(found.residence_time[:, 1]).all()
    assert np.isfinite(found.response[1])
    assert found.utilization[0, 0] == 2.0
    # those who go there never return, the others do not notice them
    assert found.closed.throughput[0] == 0.0
    assert found.closed.response[0] == np.inf
    assert found.closed.mean_number[0].tolist() == [3.0, 0.0]
    others = mixed.solve([5.0], [[0.0, 0.12]], [2], [[0.0, 0.3]], 1.0)
    assert found.closed.throughput[1] == pytest.approx(others.closed.throughput[0], rel=1e-13)


def test_saturated_exactly_when_nothing_is_spare() -> None:
    nobody = [], np.zeros((0, 1))
    third = 1 / 3  # a little less, and 3 times it rounds to 1
    found = mixed.solve([3.0], [[third]], *nobody)
    assert found.response[0] == pytest.approx(third * 2.0**54, rel=1e-12)
    halves = mixed.solve([1.0, 2.0], [[third], [third]], *nobody)
    assert halves.response[0] == pytest.approx(third * 2.0**54, rel=1e-12)
    assert mixed.solve([8.0], [[0.125]], *nobody).response[0] == np.inf


def test_sweeps_equal_their_elements() -> None:
    rng = np.random.default_rng(4)
    rate, times = rng.random((5, 1, 2)) * 0.4, rng.random((4, 2, 3))
    people, closed = rng.integers(0, 5, (5, 4, 2)), rng.random((5, 1, 2, 3))
    servers = rng.choice([1.0, 2.0, 4.0, np.inf], (5, 1, 3))
    swept = mixed.solve(rate, times, people, closed, 1.5, servers)
    assert swept.response.shape == (5, 4, 2)
    assert swept.closed.mean_number.shape == (5, 4, 2, 3)
    for i, j in np.ndindex(5, 4):
        alone = mixed.solve(rate[i, 0], times[j], people[i, j], closed[i, 0], 1.5, servers[i, 0])
        for every, single in zip(
            (*swept[1:], *swept.closed), (*alone[1:], *alone.closed), strict=True
        ):
            np.testing.assert_allclose(every[i, j], single, rtol=1e-12)


def test_rows_whose_largest_populations_differ() -> None:
    people = np.array([[5, 0], [0, 4], [1, 1]])
    network = [0.5], [[0.5, 0.2]]
    rest = [[0.3, 0.1], [0.2, 0.2]], 1.0, [3, 1]
    swept = mixed.solve(*network, people, *rest)
    for i, each in enumerate(people):
        alone = mixed.solve(*network, each, *rest)
        np.testing.assert_allclose(swept.response[i], alone.response, rtol=1e-13)
        np.testing.assert_allclose(swept.closed.throughput[i], alone.closed.throughput, rtol=1e-13)


def test_bad_input_stays_alone() -> None:
    rate = np.array([[0.5], [-1.0], [np.nan], [np.inf], [0.5], [0.5]])
    people = np.array([[3], [3], [3], [3], [2.5], [-3]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for servers in (1, 2):
            found = mixed.solve(rate, [[0.5]], people, [[0.3]], 1.0, servers)
            for each in (*found[1:], *found.closed):
                assert np.isfinite(each[0]).all()
                assert np.isnan(each[1:]).all()
