"""Networks from file to answer: textbook values, laws, sweeps, limits between kinds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shared import cases

from capcalc.errors import NoVerdict
from capcalc.model.network import CustomerClass, Network, Station
from capcalc.results.network import NetworkSolution
from capcalc.scenarios.networks import load_network
from capcalc.solve.network import solve_network
from capcalc.theory.queues import mmc


def stations(names: int, times: list[float], servers: list[Any]) -> dict[str, Station]:
    return {
        f"s{k}": Station(
            service_time=times[k] if times[k] > 0 else 1e-300,
            servers=1.0 if servers[k] == "inf" else float(servers[k]),
            discipline="delay" if servers[k] == "inf" else "fcfs",
        )
        for k in range(names)
    }


JACKSON = [
    case
    for case in cases("open_jackson.json", "open_jackson")
    if not any(float(rate.split("/")[0]) for rate in case["params"]["external_arrival_rates"][1:])
]


def fraction(text: Any) -> float:
    top, _, bottom = str(text).partition("/")
    return float(top) / float(bottom or 1)


@pytest.mark.parametrize("case", JACKSON, ids=lambda case: case["id"])
def test_jackson_networks(case: dict[str, Any]) -> None:
    params, expected = case["params"], case["expected"]
    count = len(params["service_times"])
    network = Network(
        classes={"all": CustomerClass(arrival_rate=fraction(params["external_arrival_rates"][0]))},
        stations=stations(count, [fraction(t) for t in params["service_times"]], params["servers"]),
        routing={
            f"s{i}": {f"s{j}": fraction(share) for j, share in enumerate(row)}
            for i, row in enumerate(params["routing"])
        },
    )
    found = solve_network(network)
    near = {"rel": max(case["rtol"], 1e-10), "abs": 1e-12}
    each = found.station_results
    assert [s.arrival_rate for s in each] == pytest.approx(expected["node_arrival_rate"], **near)
    assert [s.number_in_system for s in each] == pytest.approx(expected["L"], **near)
    assert [s.wait for s in each] == pytest.approx(expected["Wq"], rel=1e-8, abs=1e-12)
    assert found.request_class("all").mean == pytest.approx(expected["W_system"], **near)
    assert found.method == "product form (BCMP), exact"


CLOSED = cases("closed_networks.json", "closed_single_class", "closed_multi_class")


@pytest.mark.parametrize("case", CLOSED, ids=lambda case: case["id"])
def test_closed_networks(case: dict[str, Any]) -> None:
    """By visits, as the cases give them; sharing where classes differ in their service time."""
    params, expected = case["params"], case["expected"]
    count, classes = len(params["servers"]), len(params["population"])
    times = [[fraction(t) for t in row] for row in params["service_times"]]
    visits = [[fraction(v) for v in row] for row in params["visits"]]
    network = Network(
        classes={
            f"c{r}": CustomerClass(
                population=float(params["population"][r]),
                think_time=fraction(params["think_times"][r]),
                visits={f"s{k}": visits[r][k] for k in range(count)},
            )
            for r in range(classes)
        },
        stations={
            f"s{k}": Station(
                service_time={f"c{r}": max(times[r][k], 1e-300) for r in range(classes)},
                servers=1.0 if params["servers"][k] == "inf" else float(params["servers"][k]),
                discipline="delay" if params["servers"][k] == "inf" else "ps",
            )
            for k in range(count)
        },
    )
    found = solve_network(network, "exact")
    assert not found.warnings
    for r in range(classes):
        one = found.request_class(f"c{r}")
        near = {"rel": max(case["rtol"], 1e-9)}
        assert float(one.throughput) == pytest.approx(float(expected["X"][r]), **near)
        assert float(one.mean) == pytest.approx(float(expected["R"][r]), rel=1e-8)
        for visit in found.visit_results:
            if visit.request_class == f"c{r}":
                wanted = float(expected["Q"][r][int(visit.station[1:])])
                assert float(visit.number_in_system) == pytest.approx(wanted, rel=1e-8, abs=1e-12)


def holds_laws(found: NetworkSolution, network: Network) -> None:
    """Little's law for every class, and everybody somewhere."""
    for each in found.class_results:
        number, rate = np.asarray(each.number_in_system), np.asarray(each.throughput)
        assert number == pytest.approx(rate * np.asarray(each.mean), rel=1e-9)
        if each.kind == "closed":
            whole = number + np.asarray(each.thinking)
            wanted = np.asarray(network.classes[each.name].population)
            assert whole == pytest.approx(np.broadcast_to(wanted, whole.shape), rel=1e-9)
    for station in found.station_results:
        rate = np.asarray(station.arrival_rate)
        held = rate * np.asarray(station.response)
        assert np.asarray(station.number_in_system) == pytest.approx(held, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", ["thread-pool", "api-gateway", "shop-and-batch"])
def test_examples_hold_the_laws(name: str) -> None:
    network = load_network(name)
    holds_laws(solve_network(network), network)


def test_a_busy_pool_of_threads() -> None:
    """Where recursions on probabilities lose everything (NUMERICS.md): three populations."""
    network = load_network("thread-pool").replace(
        {"classes.users.population": np.array([60.0, 100.0, 200.0])}
    )
    found = solve_network(network)
    assert found.request_class("users").throughput == pytest.approx(
        [29.78993477, 48.10515073, 50.0], abs=1e-8
    )
    assert found.station("threads").utilization[2] == pytest.approx(1.0)
    assert found.shape == (3,)
    assert len(found.stations) == 6
    holds_laws(found, network)


def test_a_sweep_is_what_its_cases_are() -> None:
    network = load_network("api-gateway")
    rates = np.array([100.0, 400.0, 900.0])
    swept = solve_network(network.replace({"classes.requests.arrival_rate": rates}))
    for at, rate in enumerate(rates):
        alone = solve_network(network.replace({"classes.requests.arrival_rate": rate}))
        for one, many in zip(alone.station_results, swept.station_results, strict=True):
            assert many.response[at] == pytest.approx(float(one.response), rel=1e-12)
        for level in ("mean", "p50", "p99", "p999"):
            one, many = (getattr(s.request_class("requests"), level) for s in (alone, swept))
            assert many[at] == pytest.approx(float(one), rel=1e-12)
    saturated = swept.request_class("requests").mean[2]
    assert saturated == np.inf
    assert swept.headroom == pytest.approx(swept.headroom[0] * rates[0] / rates, rel=1e-12)


@given(
    load=st.floats(0.01, 0.95),
    servers=st.integers(1, 30),
    scv=st.sampled_from([0.0, 0.5, 1.0, 3.0]),
)
def test_one_station_alone(load: float, servers: int, scv: float) -> None:
    """An open network of one station is that station."""
    network = Network(
        classes={"all": CustomerClass(arrival_rate=load * servers)},
        stations={"only": Station(service_time=1.0, servers=float(servers), scv=scv)},
    )
    found = solve_network(network).station("only")
    wanted = float(mmc.mean_wait(load * servers, 1.0, servers)) * (1 + scv) / 2
    assert float(found.wait) == pytest.approx(wanted, rel=1e-9, abs=1e-13)


@settings(max_examples=20)
@given(people=st.integers(1, 40), servers=st.integers(1, 8), think=st.floats(0.0, 20.0))
def test_two_classes_alike_are_one(people: int, servers: int, think: float) -> None:
    kind = {
        "web": Station(service_time=0.5, servers=float(servers)),
        "db": Station(service_time=0.1),
    }
    routing = {"web": {"db": 1.0}}
    one = Network(
        classes={"all": CustomerClass(population=2.0 * people, think_time=think)},
        stations=kind,
        routing=routing,
    )
    two = Network(
        classes={
            name: CustomerClass(population=float(people), think_time=think) for name in ("a", "b")
        },
        stations=kind,
        routing=routing,
    )
    whole, parts = solve_network(one), solve_network(two)
    rates = [float(each.throughput) for each in parts.class_results]
    assert sum(rates) == pytest.approx(float(whole.request_class("all").throughput), rel=1e-10)
    assert rates[0] == pytest.approx(rates[1], rel=1e-10)
    (bound,) = whole.bounds
    exact = float(whole.request_class("all").throughput)
    assert bound.throughput_low * (1 - 1e-12) <= exact <= bound.throughput_high * (1 + 1e-12)


def test_a_closed_round_and_one_that_leaves_are_the_same(tmp_path: Path) -> None:
    """Going round for ever, counted at the entry, is leaving there and thinking for no time."""
    text = """capcalc: 1
classes: {jobs: {population: 7, entry: web}}
stations: {web: {service_time: 20ms}, db: {service_time: 50ms, servers: 2}}
routing: {web: {db: 60%ROUND}, db: {web: 100%}}
"""
    results = []
    for more in ("", ", web: 40%"):
        file = tmp_path / "round.yaml"
        file.write_text(text.replace("ROUND", more))
        results.append(solve_network(load_network(file)))
    ends, round_ = results
    assert float(round_.station("web").utilization) == pytest.approx(
        float(ends.station("web").utilization), rel=1e-12
    )
    assert float(round_.request_class("jobs").throughput) == pytest.approx(
        float(round_.station("web").arrival_rate), rel=1e-12
    )


def test_saturation_is_an_answer() -> None:
    network = load_network("api-gateway").replace({"classes.requests.arrival_rate": 2000.0})
    found = solve_network(network)
    assert found.headroom < 1
    assert found.request_class("requests").mean == np.inf
    assert found.bottleneck == "search"


def test_approximations_say_so() -> None:
    network = load_network("api-gateway").replace({"stations.search.scv": 4.0})
    found = solve_network(network)
    assert "search serves in order times that are not exponential" in found.warnings[0]
    assert any("QNA" in each for each in found.assumptions)
    closed = load_network("thread-pool").replace({"stations.disk.scv": 0.0})
    assert "no product form, which is taken all the same" in solve_network(closed).warnings[0]
    rough = solve_network(load_network("thread-pool"), "approximate")
    assert rough.method == "linearizer, an approximation"
    assert float(rough.request_class("users").throughput) == pytest.approx(29.79, rel=0.2)


def test_too_many_populations() -> None:
    network = Network(
        classes={f"c{r}": CustomerClass(population=1000.0, think_time=1.0) for r in range(4)},
        stations={"db": Station(service_time=0.01), "web": Station(service_time=0.02, servers=9.0)},
        routing={"db": {"web": 1.0}},
    )
    found = solve_network(network)
    assert "too many populations for an exact answer" in found.warnings[0]
    with pytest.raises(NoVerdict, match="1,004,006,004,001 populations"):
        solve_network(network, "exact")
