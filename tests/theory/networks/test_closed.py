"""Closed networks of one class: reference cases, exact oracles, laws, and an accuracy table."""

from __future__ import annotations

import itertools
import warnings
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from accuracy import Table
from hypothesis import given, settings
from hypothesis import strategies as st
from shared import cases

from capcalc.errors import NoVerdict
from capcalc.theory.networks import closed, convolution, load_dependent, mva

CLOSED = cases("closed_networks.json", "closed_single_class")
LOAD_DEPENDENT = cases("multiclass_mixed_amva_bounds.json", "closed_load_dependent")


def parameters(case: dict[str, Any]) -> tuple[float, np.ndarray, float, np.ndarray]:
    params = case["params"]
    times, visits = (np.array(params[key][0], float) for key in ("service_times", "visits"))
    servers = np.array([float(each) for each in params["servers"]])
    return params["population"][0], times * visits, float(params["think_times"][0]), servers


@pytest.mark.parametrize("case", CLOSED, ids=[case["id"] for case in CLOSED])
def test_reference_cases(case: dict[str, Any]) -> None:
    network = parameters(case)
    methods = [convolution.solve]
    if set(network[-1]) <= {1.0, np.inf}:
        methods.append(mva.solve)
    expected, rtol = case["expected"], case["rtol"]
    for solve in methods:
        found = solve(*network)
        assert found.throughput == pytest.approx(expected["X"][0], rel=rtol)
        assert found.response == pytest.approx(expected["R"][0], rel=rtol)
        np.testing.assert_allclose(found.mean_number, expected["Q"][0], rtol=rtol)
        np.testing.assert_allclose(found.utilization, expected["U"][0], rtol=rtol)
    assert convolution.log_constant(*network) == pytest.approx(expected["log_G"], rel=rtol)
    if "G_sequence" in expected:
        constants = np.array(expected["G_sequence"])
        logs = convolution.log_constant(np.arange(constants.size), *network[1:])
        np.testing.assert_allclose(np.exp(logs), constants, rtol=rtol)


@pytest.mark.parametrize("case", LOAD_DEPENDENT, ids=[case["id"] for case in LOAD_DEPENDENT])
def test_load_dependent_cases(case: dict[str, Any]) -> None:
    params, expected, rtol = case["params"], case["expected"], case["rtol"]
    visits = np.array(params["visits"], float)
    times = np.array(params["service_time_by_queue_length"], float)
    found = load_dependent.solve(params["population"], visits, times)
    assert found.throughput == pytest.approx(expected["X"], rel=rtol)
    np.testing.assert_allclose(found.mean_number, expected["Q"], rtol=rtol)
    np.testing.assert_allclose(found.residence_time / visits, expected["R"], rtol=rtol)
    idle = load_dependent.prob_idle(params["population"], visits, times)
    np.testing.assert_allclose(idle, expected["p_idle"], rtol=rtol)
    np.testing.assert_allclose(found.utilization, 1 - idle, rtol=1e-12)


def test_many_servers_beside_one() -> None:
    """The case where recursions with subtractions return nonsense."""
    found = convolution.solve([60, 100, 200], [1.0, 0.01], 1.0, [50, 1])
    np.testing.assert_allclose(found.throughput, [29.790, 48.105, 50.000], atol=5e-4)


def test_terminals_that_other_tools_get_wrong() -> None:
    """M/M/8 with 90 terminals: X = -1.02 and -0.96 elsewhere. M/M/300//350: 35.95, 86.4, nan."""
    terminals = convolution.solve(90, [4.0], 10.0, 8)
    assert terminals.throughput == pytest.approx(2.0, rel=1e-14)
    assert terminals.response == pytest.approx(35.0, rel=1e-14)
    assert convolution.solve(40, [4.0], 10.0, 8).throughput == pytest.approx(1.9984031823082628)
    tomcat = convolution.solve(350, [0.444], 0.0, 300)
    assert tomcat.throughput == pytest.approx(300 / 0.444, rel=1e-14)
    assert tomcat.mean_number == pytest.approx(350, rel=1e-14)


# --- oracles ---------------------------------------------------------------------------------


def weights(demand: mp.mpf, servers: float, count: int) -> list[mp.mpf]:
    """D^k over the product of min(j, c), k = 0 ... count."""
    terms = [mp.mpf(1)]
    for k in range(1, count + 1):
        terms.append(terms[-1] * demand / min(k, servers))
    return terms


def constants(n: int, think_time: mp.mpf, stations: list[tuple[float, mp.mpf]]) -> list[mp.mpf]:
    """G(0) ... G(n) by the defining sums."""
    series = weights(think_time, np.inf, n)
    for servers, demand in stations:
        own = weights(demand, servers, n)
        series = [mp.fdot(own[: k + 1], series[k::-1]) for k in range(n + 1)]
    return series


def exact_throughput(*arguments: mp.mpf) -> mp.mpf:
    n, think_time, *rest = arguments
    stations = [(float(c), d) for c, d in zip(rest[::2], rest[1::2], strict=True)]
    series = constants(int(n), think_time, stations)
    return series[-2] / series[-1]


def exact_number(*arguments: mp.mpf) -> mp.mpf:
    """Customers at the last station."""
    n, think_time, *rest = arguments
    stations = [(float(c), d) for c, d in zip(rest[::2], rest[1::2], strict=True)]
    others = constants(int(n), think_time, stations[:-1])[::-1]
    own = weights(stations[-1][1], stations[-1][0], int(n))
    return mp.fsum(k * own[k] * others[k] for k in range(int(n) + 1)) / mp.fdot(own, others)


def repair_sums(n: int, think_time: mp.mpf, c: int, demand: mp.mpf) -> tuple[mp.mpf, mp.mpf]:
    """Sum of n!/(n - k)! Z^-k F(k), and of k times that."""
    term, total, first = mp.mpf(1), mp.mpf(1), mp.mpf(0)
    for k in range(1, n + 1):
        term *= (n - k + 1) * demand / (think_time * min(k, c))
        total += term
        first += k * term
    return total, first


def repair_throughput(*arguments: mp.mpf) -> mp.mpf:
    n, think_time, c, demand = arguments
    now, before = (repair_sums(int(k), think_time, int(c), demand)[0] for k in (n, n - 1))
    return n / think_time * before / now


def repair_number(*arguments: mp.mpf) -> mp.mpf:
    n, think_time, c, demand = arguments
    total, first = repair_sums(int(n), think_time, int(c), demand)
    return first / total


def mean_values(*arguments: mp.mpf) -> mp.mpf:
    """Throughput by Reiser and Lavenberg's recursion, single servers."""
    n, think_time, *rest = arguments
    demands = rest[1::2]
    held, rate = [mp.mpf(0)] * len(demands), mp.mpf(0)
    for k in range(1, int(n) + 1):
        stays = [d * (1 + q) for d, q in zip(demands, held, strict=True)]
        rate = k / (think_time + mp.fsum(stays))
        held = [rate * stay for stay in stays]
    return rate


def solved(method: Any, *arguments: float) -> closed.Closed:
    n, think_time, *rest = arguments
    found: closed.Closed = method(n, np.array(rest[1::2]), think_time, np.array(rest[::2]))
    return found


def ask(method: Any, question: str) -> Any:
    def answer(*arguments: float) -> float:
        value = np.atleast_1d(getattr(solved(method, *arguments), question))
        return float(value[-1])

    return answer


def test_accuracy_table(capsys: pytest.CaptureFixture[str]) -> None:
    """Regions: one station and terminals up to N = 2000; several stations; single servers.

    Each below, at and above the knee N*. Throughputs keep 1e-14, numbers 1e-12.
    """
    rng = np.random.default_rng(20)
    table = Table()
    with mp.workdps(50):
        for share, region in ((0.5, "half the knee"), (1.0, "at the knee"), (3.0, "saturated")):
            for n in (1, 2, 7, 30, 150, 600, 2000):
                for c in (1, 3, 17, 120):
                    demand = float(rng.uniform(0.01, 2.0))
                    knee = n / share  # = c (D + Z) / D
                    think = demand * (knee / c - 1.0)
                    if think <= 0:
                        think = demand * 0.1
                    point = (n, think, c, demand)
                    for question, reference in (
                        ("throughput", repair_throughput),
                        ("mean_number", repair_number),
                    ):
                        function = ask(convolution.solve, question)
                        table.add("terminals", question, region, function, reference, point)
            for n in (2, 12, 40):
                for servers in ((1, 4, 2), (3, 1, 9), (8, 8, 1)):
                    times = rng.uniform(0.1, 1.0, 3) * servers
                    think = max(0.01, float(n / share * (times / servers).max() - times.sum()))
                    point = (
                        n,
                        think,
                        *itertools.chain(*zip(servers, map(float, times), strict=True)),
                    )
                    for question, reference in (
                        ("throughput", exact_throughput),
                        ("mean_number", exact_number),
                    ):
                        function = ask(convolution.solve, question)
                        table.add("three stations", question, region, function, reference, point)
            for n in (3, 50, 400):
                times = rng.uniform(0.1, 1.0, 4)
                think = max(0.01, float(n / share * times.max() - times.sum()))
                point = (n, think, *itertools.chain(*((1, float(each)) for each in times)))
                for method, name in ((mva, "mva"), (convolution, "convolution")):
                    function = ask(method.solve, "throughput")
                    table.add(name, "throughput", region, function, mean_values, point)
    table.show(capsys)
    assert table.points >= 150
    table.assert_within_bounds()
    worst = max(row.worst for row in table.rows.values() if row.question == "throughput")
    assert worst <= 1e-14


def test_single_servers_at_2000_customers() -> None:
    times = [0.3, 0.2, 0.5, 0.4999, 0.1, 0.5]
    point = [mp.mpf(2000), mp.mpf(700), *itertools.chain(*((1, mp.mpf(d)) for d in times))]
    with mp.workdps(50):
        wanted = float(mean_values(*point))
    for method in (mva, convolution):
        assert method.solve(2000, times, 700.0).throughput == pytest.approx(wanted, rel=1e-14)


def test_against_the_markov_chain_itself() -> None:
    """All states of three stations in a ring, balance equations solved."""
    n, times, servers = 5, np.array([0.7, 1.9, 0.4]), np.array([1, 3, 2])
    states = [s for s in itertools.product(range(n + 1), repeat=3) if sum(s) == n]
    place = {state: k for k, state in enumerate(states)}
    rates = np.zeros((len(states), len(states)))
    for state in states:
        for i in range(3):
            if state[i]:
                after = list(state)
                after[i] -= 1
                after[(i + 1) % 3] += 1
                rate = min(state[i], servers[i]) / times[i]
                rates[place[state], place[tuple(after)]] += rate
                rates[place[state], place[state]] -= rate
    balance = np.vstack([rates.T, np.ones(len(states))])
    share = np.linalg.lstsq(balance, np.append(np.zeros(len(states)), 1.0), rcond=None)[0]
    numbers = share @ np.array(states)
    found = convolution.solve(n, times, 0.0, servers)
    np.testing.assert_allclose(found.mean_number, numbers, rtol=1e-12)
    for i in range(3):
        probabilities = convolution.queue_length_probabilities(n, times, 0.0, servers, station=i)
        wanted = [sum(share[place[s]] for s in states if s[i] == k) for k in range(n + 1)]
        np.testing.assert_allclose(probabilities, wanted, rtol=1e-10)


# --- laws ------------------------------------------------------------------------------------

TIMES = st.lists(st.floats(1e-3, 10.0), min_size=1, max_size=5)
PEOPLE = st.integers(1, 80)
THINK = st.one_of(st.just(0.0), st.floats(1e-3, 300.0))


@settings(max_examples=80, deadline=None)
@given(PEOPLE, TIMES, THINK, st.data())
def test_mean_values_are_the_convolution(
    n: int, times: list[float], think: float, data: st.DataObject
) -> None:
    servers = [data.draw(st.sampled_from([1.0, np.inf])) for _ in times]
    one, two = (method.solve(n, times, think, servers) for method in (mva, convolution))
    for first, second in zip(one, two, strict=True):
        np.testing.assert_allclose(first, second, rtol=1e-12)


@settings(max_examples=60, deadline=None)
@given(PEOPLE, TIMES, THINK, st.data())
def test_laws_of_a_network(n: int, times: list[float], think: float, data: st.DataObject) -> None:
    servers = np.array([data.draw(st.sampled_from([1.0, 2.0, 5.0, 40.0, np.inf])) for _ in times])
    found = convolution.solve([n, n + 1], times, think, servers)
    rate = found.throughput
    assert rate[1] >= rate[0] * (1 - 1e-14)
    np.testing.assert_allclose(found.response, [n, n + 1] / rate - think, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.mean_number, rate[:, None] * found.residence_time, rtol=1e-14)
    assert np.all(found.residence_time >= np.array(times) * (1 - 1e-13))
    more = convolution.solve(n, times, think, servers + 1)
    assert more.throughput >= rate[0] * (1 - 1e-14)
    every = convolution.throughputs(n, times, think, servers)
    assert every[-1] == pytest.approx(rate[0], rel=1e-13)
    assert np.all(np.diff(every) >= -1e-14 * every[:-1])
    order = np.argsort(times)
    turned = convolution.solve(n, np.array(times)[order], think, servers[order])
    np.testing.assert_allclose(turned.mean_number, found.mean_number[0][order], rtol=1e-12)
    longer = convolution.solve(n, np.array(times) * 8, think * 8, servers)
    assert longer.throughput * 8 == pytest.approx(rate[0], rel=1e-14)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 60), st.lists(st.floats(0.01, 5.0), min_size=1, max_size=4), st.data())
def test_probabilities_of_queue_lengths(n: int, times: list[float], data: st.DataObject) -> None:
    servers = [data.draw(st.sampled_from([1.0, 3.0, 12.0, np.inf])) for _ in times]
    think = data.draw(THINK)
    found = convolution.solve(n, times, think, servers)
    for i, c in enumerate(servers):
        share = convolution.queue_length_probabilities(n, times, think, servers, station=i)
        assert share.sum() == pytest.approx(1.0, rel=1e-13)
        assert share @ np.arange(n + 1) == pytest.approx(found.mean_number[i], rel=1e-12)
        busy = share @ np.minimum(np.arange(n + 1), c)
        assert busy == pytest.approx(found.throughput * times[i], rel=1e-12)
    idle = convolution.prob_idle(n, times, think, servers)
    assert idle[-1] == pytest.approx(share[0], rel=1e-14)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 40), st.lists(st.floats(0.01, 5.0), min_size=1, max_size=4), st.data())
def test_servers_as_load_dependence(n: int, times: list[float], data: st.DataObject) -> None:
    servers = [data.draw(st.sampled_from([1.0, 3.0, 12.0, np.inf])) for _ in times]
    think = data.draw(THINK)
    places = np.arange(1, n + 1)
    by_number = [d / np.minimum(places, c) for d, c in zip(times, servers, strict=True)]
    one = load_dependent.solve(n, np.ones(len(times)), by_number, think)
    two = convolution.solve(n, times, think, servers)
    assert one.throughput == pytest.approx(two.throughput, rel=1e-12)
    np.testing.assert_allclose(one.mean_number, two.mean_number, rtol=1e-11)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 100), st.integers(1, 30), st.floats(0.01, 10), st.floats(0.1, 100))
def test_machine_repair(n: int, crews: int, repair: float, life: float) -> None:
    """N machines that fail after Z and c crews: birth and death probabilities."""
    up = (n - np.arange(n)) / life
    down = np.minimum(np.arange(1, n + 1), crews) / repair
    logs = np.concatenate([[0.0], np.cumsum(np.log(up / down))])
    share = np.exp(logs - logs.max())
    share /= share.sum()
    found = convolution.solve(n, [repair], life, crews)
    assert found.throughput == pytest.approx(share[:-1] @ up, rel=1e-12)
    assert found.mean_number[0] == pytest.approx(share @ np.arange(n + 1), rel=1e-12)


def test_many_customers_reach_the_bottleneck() -> None:
    times, servers = np.array([0.02, 0.3, 0.01]), np.array([1, 20, 1])
    for n in (10**4, 10**5):
        found = convolution.solve(n, times, 5.0, servers)
        assert found.throughput == pytest.approx(50.0, rel=1e-14)
        assert found.mean_number.sum() + 5 * found.throughput == pytest.approx(n, rel=1e-13)
    assert mva.solve(10**6, times, 5.0).throughput == pytest.approx(1 / 0.3, rel=1e-14)


def test_sweeps_equal_their_elements() -> None:
    rng = np.random.default_rng(4)
    n = rng.integers(0, 60, (7, 1))
    times, think = rng.random((7, 5, 3)), rng.random(5) * 20
    for servers, methods in (
        (np.array([1.0, np.inf, 1.0]), (mva, convolution)),
        (rng.integers(1, 9, (7, 1, 3)), (convolution,)),
    ):
        for method in methods:
            swept = method.solve(n, times, think, servers)
            assert swept.throughput.shape == (7, 5)
            assert swept.mean_number.shape == (7, 5, 3)
            for i, j in np.ndindex(7, 5):
                one = np.broadcast_to(servers, (7, 5, 3))[i, j]
                alone = method.solve(n[i, 0], times[i, j], think[j], one)
                for all_of_them, single in zip(swept, alone, strict=True):
                    np.testing.assert_allclose(all_of_them[i, j], single, rtol=1e-14)


def test_all_populations_at_once() -> None:
    times, think = [0.4, 0.3, 0.05], [[0.0], [30.0]]
    swept = mva.solve(np.arange(1, 301), times, think).throughput
    np.testing.assert_allclose(mva.throughputs(300, times, think)[:, 0], swept, rtol=1e-14)
    for servers in (1, [1, 2, 50]):
        every = convolution.throughputs(300, times, think, servers)[:, 0]
        wanted = convolution.solve(np.arange(1, 301), times, think, servers).throughput
        np.testing.assert_allclose(every, wanted, rtol=1e-14)


def test_long_thinking_spans_more_than_doubles() -> None:
    """G(N) runs over 10^-9000 to 1; every throughput is right all the same."""
    every = mva.throughputs(40_000, [1e-3, 5e-4], 30.0)
    some = np.array([1, 10, 1000, 29_000, 30_000, 31_000, 40_000])
    wanted = convolution.solve(some, [1e-3, 5e-4], 30.0).throughput
    np.testing.assert_allclose(every[some - 1], wanted, rtol=1e-14)


def test_without_customers() -> None:
    for method in (mva, convolution):
        found = method.solve(0, [0.5, 0.25], 1.0)
        assert found.throughput == 0.0
        assert found.response == 0.75
        assert found.mean_number.tolist() == [0.0, 0.0]
        assert found.utilization.tolist() == [0.0, 0.0]
    assert load_dependent.solve(0, [1.0], [[0.5]]).throughput == 0.0
    assert convolution.log_constant(0, [0.5]) == 0.0


def test_only_delays() -> None:
    found = convolution.solve(12, [2.0, 1.0], 3.0, np.inf)
    assert found.throughput == pytest.approx(2.0, rel=1e-15)
    assert found.mean_number == pytest.approx([4.0, 2.0])
    assert convolution.solve(3, [0.0, 0.0], 3.0).throughput == pytest.approx(1.0, rel=1e-15)


@pytest.mark.parametrize("method", [mva.solve, convolution.solve])
def test_bad_input_stays_alone(method: Any) -> None:
    n = np.array([5, -1, 2.5, np.nan, np.inf, 5, 5, 5, 5, 5])
    first = np.array([1, 1, 1, 1, 1, -1, np.nan, np.inf, 0, 1.0])
    think = np.array([2, 2, 2, 2, 2, 2, 2, 2, 0, np.nan])
    servers = np.ones((10, 2))
    times = np.stack([first, np.where(first == 0, 0.0, 0.5)], axis=1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = method(n, times, think, servers)
    assert np.isfinite(found.throughput).tolist() == [True] + [False] * 9
    assert np.isnan(found.throughput[1:]).all()
    assert np.isnan(found.mean_number[1:]).all()
    assert found.throughput[0] == method(5, [1, 0.5], 2).throughput
    assert np.isnan(method(5, [1.0], 1.0, 0).throughput)
    assert np.isnan(method(5, [1.0], 1.0, 1.5).throughput)
    assert np.isnan(mva.solve(5, [1.0], 1.0, 2).throughput)


def test_bad_input_load_dependent() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # one customer at most at the last, and nowhere else to be
        times = np.array([[[1.0, 0.5]], [[np.nan, 1.0]], [[-1.0, 1.0]], [[0.0, 0.0]], [[1.0, 0.0]]])
        found = load_dependent.solve(3, [1.0], times).throughput
        assert np.isnan(found).tolist() == [False, True, True, True, True]
        assert np.isnan(load_dependent.solve([1.5, -1, np.nan], [1.0], [[1.0]]).throughput).all()


def test_extremes_do_not_warn() -> None:
    values = np.array([0.0, 1e-90, 1e-20, 1.0, 1e20, 1e90])
    times = np.stack(np.meshgrid(values, values), axis=-1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for servers in (1, [1, 3], [2, np.inf]):
            for think in (0.0, 1e-60, 1.0, 1e60):
                found = convolution.solve([[[1]], [[40]]], times, think, servers)
                some = times.sum(axis=-1) + think > 0
                assert np.isfinite(found.throughput[:, some]).all()
                assert (found.throughput[:, some] > 0).all()
                assert (found.mean_number[:, some] >= 0).all()


def test_too_many_customers_are_refused_in_words() -> None:
    for method in (mva, convolution):
        with pytest.raises(NoVerdict, match="10,000,000 customers, not 100,000,000"):
            method.solve(10**8, [1.0])
    with pytest.raises(NoVerdict, match="30,000 customers, not 50,000"):
        load_dependent.solve(50_000, [1.0], [[1.0]])


@pytest.mark.parametrize(
    ("people", "rate", "number", "law"),
    [
        (3, 0.5, [0.5, 0.5], "do not add up"),
        (3, 0.5, [3.0, -0.5], "negative"),
        (3, 1.2, [0.9, 0.9], "busy for more"),
        (1, 0.5, [0.25, 0.25], "above"),
        (3, 0.15, [1.425, 1.425], "below"),
    ],
)
def test_a_broken_law_is_noticed(people: int, rate: float, number: list[float], law: str) -> None:
    times = np.array([1.0, 0.8])
    found = closed.answers(np.array(rate), np.array(number), times, np.ones(2))
    with pytest.raises(ArithmeticError, match=law):
        closed.checked(found, people, times, 1.0, 1)
