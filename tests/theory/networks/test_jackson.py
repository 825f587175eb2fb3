"""Open Jackson networks: reference cases, Markov chains, simulation and the law of the response."""

from __future__ import annotations

import heapq
import random as stdlib_random
import warnings
from collections import deque
from fractions import Fraction
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from accuracy import Table
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import linalg, sparse, special
from shared import cases

from capcalc.errors import ScenarioError
from capcalc.theory.distributions.inversion import survival_by_hyperbola
from capcalc.theory.networks import jackson
from capcalc.theory.networks import jackson_response as response
from capcalc.theory.queues import mmc

LEVELS = {"w_p50": 0.5, "w_p90": 0.9, "w_p95": 0.95, "w_p99": 0.99, "w_p999": 0.999}


def number(value: Any) -> float:
    if value == "inf":
        return np.inf
    return float(Fraction(value)) if isinstance(value, str) else float(value)


def numbers(values: Any) -> np.ndarray:
    if isinstance(values, list):
        return np.array([numbers(value) for value in values])
    return np.asarray(number(values))


def ids(found: list[dict[str, Any]]) -> list[str]:
    return [case["id"] for case in found]


OPEN = cases("open_jackson.json", "open_jackson", "open_visits")


@pytest.mark.parametrize("case", OPEN, ids=ids(OPEN))
def test_reference_cases(case: dict[str, Any]) -> None:
    given = {key: numbers(value) for key, value in case["params"].items()}
    speed = 1.0 / given["service_times"]
    if case["model"] == "open_jackson":
        external, routing = given["external_arrival_rates"], given["routing"]
        found = jackson.solve(external, routing, speed, given["servers"])
    else:
        rate = given["system_arrival_rate"]
        found = jackson.summary(rate * given["visits"], rate, speed, given["servers"])
    answers = {
        "L": found.mean_number,
        "L_total": found.total_number,
        "Lq": found.mean_queue_length,
        "W": found.mean_response,
        "W_system": found.system_response,
        "Wq": found.mean_wait,
        "node_arrival_rate": found.arrival_rate,
        "node_throughput": found.arrival_rate,
        "node_visits": found.visits,
        "residence_time": found.visits * found.mean_response,
        "utilization": found.utilization,
    }
    assert set(case["expected"]) <= set(answers)
    for key, wanted in case["expected"].items():
        np.testing.assert_allclose(answers[key], wanted, rtol=case["rtol"], err_msg=key)


def system(seed: int, size: int, load: float = 0.8) -> dict[str, Any]:
    """A network with loops, each station at most at the given load."""
    random = np.random.default_rng(seed)
    routing = random.uniform(size=(size, size)) * (random.uniform(size=(size, size)) < 0.5)
    routing *= 0.8 / max(1e-9, routing.sum(axis=1).max())
    external = random.uniform(0.1, 1.0, size)
    rates = jackson.arrival_rates(external, routing)
    servers = random.integers(1, 5, size).astype(float)
    speed = rates / servers / (load * random.uniform(0.2, 1.0, size))
    return {
        "external_arrival_rates": external,
        "routing": routing,
        "service_rate": speed,
        "servers": servers,
    }


@given(st.just(0.0) | st.floats(1e-290, 0.999), st.floats(1e-3, 1e3), st.integers(1, 100))
def test_a_single_station_is_mmc(load: float, speed: float, servers: int) -> None:
    rate = load * servers * speed
    found = jackson.solve([rate], [[0.0]], [speed], [servers])
    for name in ("utilization", "mean_wait", "mean_response", "mean_queue_length", "mean_number"):
        assert getattr(found, name)[0] == getattr(mmc, name)(rate, speed, servers)
    assert found.total_number == found.mean_number[0]
    assert found.bottleneck == (0 if rate > 0 else -1)


@given(st.integers(0, 10**6), st.integers(1, 6))
def test_little_and_the_bottleneck(seed: int, size: int) -> None:
    net = system(seed, size)
    found = jackson.solve(**net)
    assert found.total_number == pytest.approx(found.throughput * found.system_response, rel=1e-13)
    assert found.utilization.argmax() == found.bottleneck
    assert response.response_mean(**net) == pytest.approx(found.system_response, rel=1e-13)
    for factor, saturated in ((1 - 1e-9, False), (1 + 1e-9, True)):
        more = net | {
            "external_arrival_rates": net["external_arrival_rates"] * found.saturation * factor
        }
        assert np.isinf(jackson.solve(**more).total_number) == saturated


@given(st.integers(0, 10**6), st.integers(1, 6))
def test_labels_do_not_matter(seed: int, size: int) -> None:
    net = system(seed, size)
    order = np.random.default_rng(seed).permutation(size)
    moved = {
        key: value[np.ix_(order, order)] if key == "routing" else value[order]
        for key, value in net.items()
    }
    one, two = jackson.solve(**net), jackson.solve(**moved)
    np.testing.assert_allclose(two.mean_number, one.mean_number[order], rtol=1e-12)
    assert two.system_response == pytest.approx(one.system_response, rel=1e-12)
    assert response.response_variance(**moved) == pytest.approx(
        float(response.response_variance(**net)), rel=1e-12
    )


def test_a_station_without_traffic_is_empty() -> None:
    """Whatever its speed; a tool that stops here is the reason for the check."""
    found = jackson.solve([1.0, 0.0, 0.0], np.zeros((3, 3)), [2.0, 3.0, 1e-9], [1, 2, np.inf])
    np.testing.assert_array_equal(found.arrival_rate, [1, 0, 0])
    np.testing.assert_array_equal(found.mean_number, [1, 0, 0])
    np.testing.assert_array_equal(found.mean_wait[1:], [0, 0])
    assert (found.system_response, found.bottleneck, found.saturation) == (1.0, 0, 2.0)
    nothing = jackson.solve([0.0], [[0.0]], [1.0])
    assert nothing.system_response == nothing.total_number == 0
    assert (nothing.bottleneck, nothing.saturation) == (-1, np.inf)


def test_delays_never_saturate() -> None:
    found = jackson.solve([1e6, 0.0], [[0, 1], [0, 0]], [1.0, 1e-3], np.inf)
    np.testing.assert_allclose(found.mean_number, [1e6, 1e9])
    assert (found.bottleneck, found.saturation) == (-1, np.inf)
    np.testing.assert_array_equal(found.utilization, [0, 0])


def test_saturated_and_bad_networks_stay_alone() -> None:
    external = np.array([[1.0, 0.0]] * 6)
    external[1, 0], external[2, 0], external[3, 0] = 3.0, np.nan, -1.0
    speed = np.array([[2.0, 2.0]] * 6)
    speed[4, 1] = -1.0
    servers = np.array([[1.0, 1.0]] * 6)
    servers[5, 0] = 0.5
    routing = [[0.0, 0.5], [0.0, 0.0]]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = jackson.solve(external, routing, speed, servers, refuse=False)
        high = response.response_quantile(0.9, external, routing, speed, servers)
        late = response.response_cdf(5.0, external, routing, speed, servers)
        mean = response.response_mean(external, routing, speed, servers)
    alone = jackson.solve([1.0, 0.0], routing, [2.0, 2.0])
    assert found.total_number[0] == alone.total_number
    assert np.isinf(found.system_response[1])
    np.testing.assert_array_equal(found.utilization[1], [1.5, 0.75])
    assert np.isinf(found.mean_number[1, 0])
    assert found.mean_number[1, 1] == pytest.approx(3.0)
    assert np.isnan(found.system_response[2:]).all()
    assert high[0] == pytest.approx(
        float(response.response_quantile(0.9, [1.0, 0.0], routing, [2.0, 2.0])), rel=1e-13
    )
    assert np.isinf(high[1])
    assert late[1] == 0
    assert mean[1] == np.inf
    for values in (high, late, mean):
        assert np.isnan(values[2:]).all()


def test_stations_are_saturated_without_rounding() -> None:
    rate = 0.1 + 0.2  # 0.30000000000000004
    found = jackson.solve([rate] * 2, np.zeros((2, 2)), [0.1, np.nextafter(0.1, 1)], 3.0)
    assert found.mean_wait[0] == np.inf or 3 * Fraction(0.1) > Fraction(rate)
    exact = [Fraction(s) * 3 > Fraction(rate) for s in (0.1, float(np.nextafter(0.1, 1)))]
    np.testing.assert_array_equal(np.isfinite(found.mean_wait), exact)


def test_routing_without_end_is_refused() -> None:
    with pytest.raises(ScenarioError, match="no request ever leaves db"):
        jackson.solve([1.0, 0.0], [[0, 1], [0, 1]], [1.0, 1.0], names=["web", "db"])


def test_near_closed_loops_are_exact_with_exits() -> None:
    """Two stations, of which one in 1e10 leaves: at 50 % load each holds one."""
    rate, gone = 1e-10, 1e-10
    routing = [[0.0, 1.0], [1.0 - gone, 0.0]]
    found = jackson.solve([rate, 0.0], routing, [2.0, 2.0], exits=[0.0, gone])
    np.testing.assert_allclose(found.mean_number, [1.0, 1.0], rtol=4e-15)
    # so many rounds are exponential together
    mean = float(found.system_response)
    levels = np.array([0.5, 0.9, 0.99])
    law = response.response_quantile(levels, [rate, 0.0], routing, [2.0, 2.0], exits=[0.0, gone])
    np.testing.assert_allclose(law, -mean * np.log1p(-levels), rtol=1e-8)


# The state


def chain(net: dict[str, Any], size: int) -> np.ndarray:
    """Stationary law of two stations from the truncated Markov chain."""
    external, routing = net["external_arrival_rates"], net["routing"]
    speed, servers = net["service_rate"], net["servers"]
    leave = 1 - routing.sum(axis=1)
    states = np.arange(size * size).reshape(size, size)
    generator = np.zeros((size * size, size * size))
    for n, m in np.ndindex(size, size):
        moves = [(n + 1, m, external[0]), (n, m + 1, external[1])]
        busy = speed * np.minimum([n, m], servers)
        moves += [(n - 1, m, busy[0] * leave[0]), (n, m - 1, busy[1] * leave[1])]
        moves += [(n - 1, m + 1, busy[0] * routing[0, 1]), (n + 1, m - 1, busy[1] * routing[1, 0])]
        for a, b, rate in moves:
            if rate > 0 and 0 <= a < size and 0 <= b < size:
                generator[states[n, m], states[a, b]] += rate
    generator -= np.diag(generator.sum(axis=1))
    matrix = sparse.csc_array(np.vstack([generator.T[1:], np.ones(size * size)]))
    right = np.zeros(size * size)
    right[-1] = 1
    return sparse.linalg.spsolve(matrix, right).reshape(size, size)


@pytest.mark.parametrize("servers", [(1, 1), (2, 1), (2, 3)])
def test_states_against_the_markov_chain(servers: tuple[int, int]) -> None:
    routing = np.array([[0.0, 0.4], [0.3, 0.0]])
    external = np.array([0.5, 0.3])
    rates = jackson.arrival_rates(external, routing)
    net = {
        "external_arrival_rates": external,
        "routing": routing,
        "service_rate": rates / np.array(servers) / 0.4,
        "servers": np.array(servers, dtype=float),
    }
    size = 28
    law = chain(net, size)
    grid = np.moveaxis(np.indices((size, size)), 0, -1)
    log = jackson.log_prob_state(grid, rates, net["service_rate"], net["servers"])
    assert np.exp(log).sum() == pytest.approx(1.0, abs=1e-10)
    np.testing.assert_allclose(np.exp(log)[:12, :12], law[:12, :12], rtol=1e-5)
    found = jackson.solve(**net)
    assert (law * grid.sum(axis=-1)).sum() == pytest.approx(float(found.total_number), rel=1e-7)


def exact_probability(state: object, load: object, servers: object) -> mp.mpf:
    n, a, c = mp.mpf(state), mp.mpf(load), int(servers)
    p0 = 1 / (mp.nsum(lambda k: a**k / mp.factorial(k), [0, c - 1]) if c < 40 else 1 / mp.mpf(1))
    if c >= 40:
        total, term = mp.mpf(0), mp.mpf(1)
        for k in range(c):
            total += term
            term *= a / (k + 1)
        p0 = 1 / (total + term * c / (c - a))
    else:
        p0 = 1 / (1 / p0 + a**c / mp.factorial(c) * c / (c - a))
    few = min(n, c)
    return p0 * a**few / mp.factorial(few) * (a / c) ** (n - few)


def test_probabilities_to_40_digits(capsys: pytest.CaptureFixture[str]) -> None:
    """One station: few and many servers, light and next to saturated, empty to far above full."""
    table = Table()
    random = np.random.default_rng(4)
    with mp.workdps(50):
        for region, servers in {"1-20 servers": (1, 20), "20-500": (20, 500)}.items():
            for load in ("light", "middle", "heavy"):
                for _ in range(12):
                    c = int(random.integers(*servers))
                    share = {
                        "light": 10 ** random.uniform(-6, -1),
                        "middle": random.uniform(0.1, 0.99),
                        "heavy": 1 - 2.0 ** -random.uniform(7, 30),
                    }[load]
                    n = int(random.choice([0, random.integers(0, 3 * c + 2), int(c * share), c]))
                    table.add(
                        "jackson",
                        f"prob_state, {load}",
                        region,
                        lambda n, a, c: np.exp(jackson.log_prob_state([n], [a], [1.0], [c])),
                        exact_probability,
                        (n, float(c * share), c),
                    )
    table.show(capsys)
    assert table.points >= 50
    table.assert_within_bounds()


def test_states_of_large_stations() -> None:
    """Where hardly anybody waits it is Poisson's law, at any size."""
    load = 1e6
    for n in (1e6 - 3000, 1e6, 1e6 + 3000):
        with mp.workdps(50):
            wanted = float(n * mp.log(load) - load - mp.loggamma(n + 1))
        for servers in (1e9, 2e6, np.inf):
            found = float(jackson.log_prob_state([n], [load], [1.0], [servers]))
            assert found == pytest.approx(wanted, abs=1e-12)


def test_states_out_of_the_domain() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = jackson.log_prob_state(
            [[0], [1], [0.5], [-1], [1], [1]], [[0.0], [0.0], [0.5], [0.5], [2.0], [np.nan]],
            [1.0], 1.0,
        )  # fmt: skip
    np.testing.assert_array_equal(found, [0, -np.inf, np.nan, np.nan, -np.inf, np.nan])


# The law of the response

PERCENTILES = cases(
    "response_percentiles.json",
    "tandem_mm1",
    "overtake_free_tree",
    "mmc_then_mm1_tandem",
    "open_jackson_percentiles",
)


def as_network(case: dict[str, Any]) -> tuple[Any, ...]:
    """External arrivals, routing, service rates and servers of a case."""
    given = case["params"]
    if case["model"] == "open_jackson_percentiles":
        speed = 1.0 / numbers(given["service_times"])
        external, routing = numbers(given["external_arrival_rates"]), numbers(given["routing"])
        return external, routing, speed, numbers(given["servers"])
    ways = [(1.0, given.get("service_rates", given.get("then_service_rates", [])))]
    speeds, servers = [], []
    if case["model"] == "mmc_then_mm1_tandem":
        speeds, servers = [number(given["first_service_rate"])], [float(given["first_servers"])]
    if case["model"] == "overtake_free_tree":
        speeds, servers = [number(given["root_service_rate"])], [1.0]
        ways = [(number(way["probability"]), way["service_rates"]) for way in given["branches"]]
    calls = []
    for share, way in ways:
        last, chance = (0 if speeds else -1), share
        for speed in way:
            if last >= 0:
                calls.append((last, len(speeds), chance))
                chance = 1.0
            last = len(speeds)
            speeds.append(number(speed))
            servers.append(1.0)
    routing = np.zeros((len(speeds), len(speeds)))
    for i, j, chance in calls:
        routing[i, j] = chance
    external = np.zeros(len(speeds))
    external[0] = number(given["arrival_rate"])
    return external, routing, np.array(speeds), np.array(servers)


@pytest.mark.parametrize("case", PERCENTILES, ids=ids(PERCENTILES))
def test_percentiles(case: dict[str, Any]) -> None:
    net = as_network(case)
    mean, variance = response.response_mean(*net), response.response_variance(*net)
    for key, text in case["expected"].items():
        wanted = number(text)
        if key in LEVELS:
            found = float(response.response_quantile(LEVELS[key], *net))
        elif key in ("mean", "W", "variance"):
            found = float(variance if key == "variance" else mean)
        else:
            continue
        if "ci99" in case:
            low, high = case["ci99"][key]
            middle, half = 0.5 * (low + high), high - low
            assert middle - half <= found <= middle + half, key
        else:
            assert found == pytest.approx(wanted, rel=case["rtol"]), key
            if key in LEVELS:
                assert float(response.response_cdf(found, *net)) == pytest.approx(
                    LEVELS[key], rel=1e-8
                )


def delays(seed: int, size: int, ring: bool = False) -> dict[str, Any]:
    """Delays only: the response is the time of a Markov chain until it is absorbed."""
    net = system(seed, size) | {"servers": np.inf}
    if ring:
        net["routing"] = np.roll(np.eye(size), 1, axis=1)
        net["routing"][-1] *= 0.9
        net["service_rate"] = np.full(size, 1.0)
    return net


def survival_by_exponential(net: dict[str, Any], time: float) -> float:
    speed = net["service_rate"]
    generator = speed[:, None] * (net["routing"] - np.eye(len(speed)))
    start = net["external_arrival_rates"] / net["external_arrival_rates"].sum()
    return float(start @ linalg.expm(generator * time) @ np.ones(len(speed)))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 6), st.sampled_from([0.5, 0.9, 0.99, 0.9999]))
def test_loops_of_delays_against_the_matrix_exponential(seed: int, size: int, level: float) -> None:
    net = delays(seed, size)
    time = float(response.response_quantile(level, **net))
    assert survival_by_exponential(net, time) == pytest.approx(1 - level, rel=1e-7)


@pytest.mark.parametrize("size", [3, 8, 20, 60])
def test_rings_have_singularities_off_the_axis(size: int) -> None:
    """There the contour around the negative axis is wrong, and not taken."""
    net = delays(1, size, ring=True)
    net["external_arrival_rates"] = np.eye(size)[0]
    worst = fast = 0.0
    for level in (0.1, 0.5, 0.9, 0.9999):
        time = float(response.response_quantile(level, **net))
        truth = survival_by_exponential(net, time)
        worst = max(worst, abs(truth - (1 - level)) / (1 - level))
        quick = survival_by_hyperbola(lambda s: response.response_transform(s, **net), time)[0]
        fast = max(fast, abs(float(quick) - truth) / truth)
    assert worst < 1e-6
    if size > 8:
        assert fast > 1e-5


@pytest.mark.parametrize("stations", [1, 2, 10, 11, 40, 100])
def test_equal_stations_in_a_row_are_erlang(stations: int) -> None:
    """Poles on top of one another, where partial fractions fail; both inversions."""
    beyond = np.array([0.5, 0.1, 0.05, 0.01, 1e-3, 1e-4])
    external = np.eye(stations)[0] * 9.0
    found = response.response_quantile(1 - beyond, external, np.eye(stations, k=1), 10.0)
    np.testing.assert_allclose(found, special.gammainccinv(stations, beyond), rtol=2e-10)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 9))
def test_ways_ahead_by_both_inversions(seed: int, size: int) -> None:
    net = system(seed, size)
    net["routing"] = np.triu(net["routing"], 1)
    times = np.asarray(response.response_quantile(np.array([0.5, 0.99]), **net))
    prepared = response._network(*net.values(), None)  # type: ignore[arg-type]
    by_series = response.survival_by_euler(
        lambda s: response._transform(s, prepared.part((2,), slice(None)), None), times
    )[0]
    np.testing.assert_allclose(by_series, [0.5, 0.01], rtol=1e-8)


@given(st.integers(0, 10**6), st.integers(1, 5))
def test_moments_are_derivatives_of_the_transform(seed: int, size: int) -> None:
    net = system(seed, size)
    mean, variance = response.response_mean(**net), response.response_variance(**net)
    step = 1e-4 / float(mean)
    values = response.response_transform(step * np.exp(2j * np.pi * np.arange(16) / 16), **net)
    terms = (np.fft.fft(values) / 16).real  # Cauchy's integral: coefficients of s^k step^k
    assert -terms[1] / step == pytest.approx(float(mean), rel=1e-7)
    radius = 0.05 / float(mean + np.sqrt(variance))
    values = response.response_transform(radius * np.exp(2j * np.pi * np.arange(32) / 32), **net)
    second = 2 * (np.fft.fft(values) / 32).real[2] / radius**2
    assert second - float(mean) ** 2 == pytest.approx(float(variance), rel=1e-6)


def test_broadcasting_of_levels_and_networks() -> None:
    nets = [system(seed, 3) for seed in range(4)]
    stack = {key: np.stack([net[key] for net in nets]) for key in nets[0]}
    levels = np.array([0.5, 0.9, 0.0, 1.0, np.nan])
    found = np.asarray(response.response_quantile(levels[:, None], **stack))
    assert found.shape == (5, 4)
    for place, net in enumerate(nets):
        alone = response.response_quantile(levels, **net)
        np.testing.assert_allclose(found[:, place], alone, rtol=1e-12)
    np.testing.assert_array_equal(found[2], 0)
    assert np.isnan(found[3:]).all()
    edges = response.response_cdf(np.array([-1.0, 0.0, np.inf, np.nan]), **nets[0])
    np.testing.assert_array_equal(edges, [0, 0, 1, np.nan])


def simulate(net: dict[str, Any], count: int, seed: int) -> np.ndarray:
    """Responses of requests in a network of FCFS stations, event by event."""
    random = stdlib_random.Random(seed)
    external, routing = net["external_arrival_rates"], np.cumsum(net["routing"], axis=1).tolist()
    speed, servers = list(net["service_rate"]), list(net["servers"])
    whole, first = float(sum(external)), (np.cumsum(external) / sum(external)).tolist()
    queues: list[deque[float]] = [deque() for _ in speed]
    busy, done, label = [0] * len(speed), [], 0
    events: list[tuple[float, int, int, float]] = [(random.expovariate(whole), 0, -1, 0.0)]

    def enter(now: float, at: int, born: float) -> None:
        nonlocal label
        if busy[at] < servers[at]:
            busy[at] += 1
            label += 1
            heapq.heappush(events, (now + random.expovariate(speed[at]), label, at, born))
        else:
            queues[at].append(born)

    while len(done) < count:
        now, _, at, born = heapq.heappop(events)
        pick = random.random()
        if at < 0:
            enter(now, next(k for k, share in enumerate(first) if pick <= share), now)
            label += 1
            heapq.heappush(events, (now + random.expovariate(whole), label, -1, 0.0))
            continue
        busy[at] -= 1
        if queues[at]:
            enter(now, at, queues[at].popleft())
        target = next((k for k, share in enumerate(routing[at]) if pick < share), None)
        if target is None:
            done.append(now - born)
        else:
            enter(now, target, born)
    return np.array(done[count // 10 :])


def test_simulation_of_a_web_system(capsys: pytest.CaptureFixture[str]) -> None:
    """Web, cache and database, answers do not come back: all percentiles within 3 %."""
    net: dict[str, Any] = {
        "external_arrival_rates": np.array([8.0, 0.0, 0.0]),
        "routing": np.array([[0.0, 0.7, 0.2], [0.0, 0.0, 0.3], [0.0, 0.0, 0.0]]),
        "service_rate": np.array([3.5, 9.0, 2.5]),
        "servers": np.array([3.0, 1.0, 2.0]),
    }
    runs = [simulate(net, 40_000, seed) for seed in range(5)]
    found = jackson.solve(**net)
    means = [run.mean() for run in runs]
    assert np.mean(means) == pytest.approx(float(found.system_response), rel=0.03)
    for level in (0.5, 0.9, 0.99):
        law = float(response.response_quantile(level, **net))
        simulated = float(np.mean([np.quantile(run, level) for run in runs]))
        with capsys.disabled():
            print(f"\nweb, cache, database p{level * 100:g}: {law / simulated - 1:+.1%}", end="")
        assert law == pytest.approx(simulated, rel=0.03)


def test_simulation_shows_what_loops_cost(capsys: pytest.CaptureFixture[str]) -> None:
    """Stated: 99th percentile 25 % low, median 18 % high where half of all come back at 70 %."""
    net: dict[str, Any] = {
        "external_arrival_rates": np.array([0.35]),
        "routing": np.array([[0.5]]),
        "service_rate": np.array([1.0]),
        "servers": np.array([1.0]),
    }
    runs = [simulate(net, 40_000, seed) for seed in range(5)]
    assert np.mean([run.mean() for run in runs]) == pytest.approx(20 / 3, rel=0.04)
    errors = [
        float(response.response_quantile(level, **net))
        / float(np.mean([np.quantile(run, level) for run in runs]))
        - 1
        for level in (0.5, 0.99)
    ]
    with capsys.disabled():
        print(f"\none station, half come back: p50 {errors[0]:+.0%}, p99 {errors[1]:+.0%}")
    assert errors == pytest.approx([0.18, -0.25], abs=0.04)
