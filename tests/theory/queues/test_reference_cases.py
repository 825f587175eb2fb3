"""Stations and balancing against reference numbers from outside the project."""

from __future__ import annotations

import csv
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from shared import case_file, cases

from capcalc.theory.balancing import central_queue, least_connections, random_split, round_robin
from capcalc.theory.queues import em1, erlang, ggc, mg1, mgc, mm1, mmc


def number(value: Any) -> float:
    return float(Fraction(value)) if isinstance(value, str) else float(value)


def ids(found: list[dict[str, Any]]) -> list[str]:
    return [case["id"] for case in found]


ERLANG = cases("erlang.json", "erlang_bc")


@pytest.mark.parametrize("case", ERLANG, ids=ids(ERLANG))
def test_erlang(case: dict[str, Any]) -> None:
    servers = number(case["params"]["servers"])
    load = number(case["params"]["offered_load"])
    expected = {key: float(value) for key, value in case["expected"].items() if value is not None}
    rtol = case["rtol"]
    log10 = np.log(10)
    for name, plain, logged in (
        ("erlang_b", erlang.erlang_b, erlang.log_erlang_b),
        ("erlang_c", erlang.erlang_c, erlang.log_erlang_c),
    ):
        if name in expected and expected[name] > 1e-300:
            assert float(plain(servers, load)) == pytest.approx(expected[name], rel=rtol)
        if f"log10_{name}" in expected:
            wanted = expected[f"log10_{name}"]
            assert float(logged(servers, load)) / log10 == pytest.approx(
                wanted, rel=1e-12, abs=rtol
            )


def test_erlang_grid_prints_its_worst_errors(capsys: pytest.CaptureFixture[str]) -> None:
    """1,300 points of 60-digit references: errors by region, below 1e-13 (logarithms 1e-14)."""
    with case_file("erlang_grid.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    servers = np.array([float(row["servers"]) for row in rows])
    load = np.array([float(row["offered_load"]) for row in rows])
    region = np.array([row["region"] for row in rows])
    table = []
    for name in ("erlang_b", "erlang_c", "log_erlang_b", "log_erlang_c"):
        text = [row[name] for row in rows]
        wanted = np.array([float(cell) if cell else np.nan for cell in text])
        found = np.asarray(getattr(erlang, name)(servers, load))
        usable = np.isfinite(wanted) & (np.abs(wanted) > 1e-300)
        error = np.abs(found - wanted) / np.maximum(np.abs(wanted), 1e-300)
        for each in np.unique(region):
            here = usable & (region == each)
            if here.any():
                table.append((name, each, int(here.sum()), float(error[here].max())))
    with capsys.disabled():
        print()
        for name, each, count, worst in table:
            print(f"{name:13} {each:22} {count:5} points, worst relative error {worst:.1e}")
    assert max(worst for name, *_, worst in table if not name.startswith("log")) < 1e-13
    assert max(worst for name, *_, worst in table if name.startswith("log")) < 1e-14


STATIONS = cases("single_station.json", "mm1", "mmc")


@pytest.mark.parametrize("case", STATIONS, ids=ids(STATIONS))
def test_mm1_and_mmc(case: dict[str, Any]) -> None:
    rate, speed = (number(case["params"][key]) for key in ("arrival_rate", "service_rate"))
    servers = number(case["params"].get("servers", 1))
    checks = {
        "utilization": mmc.utilization,
        "p_wait": mmc.prob_wait,
        "Wq": mmc.mean_wait,
        "W": mmc.mean_response,
        "Lq": mmc.mean_queue_length,
        "L": mmc.mean_number,
    }
    for key, function in checks.items():
        if key in case["expected"]:
            found = float(function(rate, speed, servers))
            assert found == pytest.approx(number(case["expected"][key]), rel=case["rtol"]), key
    levels = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99, "p999": 0.999}
    for name, level in levels.items():
        for key, quantile, cdf in (
            (f"w_{name}", mmc.response_quantile, mmc.response_cdf),
            (f"wq_{name}", mmc.wait_quantile, mmc.wait_cdf),
        ):
            if key in case["expected"]:
                wanted = number(case["expected"][key])
                found = float(quantile(level, rate, speed, servers))
                assert found == pytest.approx(wanted, rel=max(case["rtol"], 1e-11), abs=1e-15), key
                if wanted > 0:
                    assert float(cdf(wanted, rate, speed, servers)) == pytest.approx(
                        level, rel=1e-9
                    )
    if servers == 1:
        assert mm1.mean_wait(rate, speed) == mmc.mean_wait(rate, speed, 1)


GENERAL = [
    case
    for case in cases("single_station_general.json", "mg1", "mek1", "md1")
    if "Wq" in case["expected"]
]


@pytest.mark.parametrize("case", GENERAL, ids=ids(GENERAL))
def test_pollaczek_khinchine(case: dict[str, Any]) -> None:
    rate, mean = (number(case["params"][key]) for key in ("arrival_rate", "mean_service"))
    scv = number(case["params"].get("service_scv", 0))
    checks = {
        "Wq": "mean_wait",
        "W": "mean_response",
        "Lq": "mean_queue_length",
        "L": "mean_number",
    }
    for key, name in checks.items():
        wanted = pytest.approx(number(case["expected"][key]), rel=case["rtol"])
        assert float(getattr(mg1, name)(rate, 1 / mean, scv)) == wanted
        assert float(getattr(mgc, name)(rate, 1 / mean, 1, scv)) == wanted


QUANTILES = [
    case
    for case in cases("single_station_general.json", "mek1", "md1")
    if "quantiles" in case["id"]
]


@pytest.mark.parametrize("case", QUANTILES, ids=ids(QUANTILES))
def test_mg1_quantiles(case: dict[str, Any]) -> None:
    params = case["params"]
    rate, mean = number(params["arrival_rate"]), number(params["mean_service"])
    scv = 1 / number(params["stages"]) if "stages" in params else 0.0
    for key, wanted in case["expected"].items():
        kind, _, name = key.partition("_p")
        if kind not in ("w", "wq"):
            continue
        level = {"50": 0.5, "90": 0.9, "95": 0.95, "99": 0.99, "999": 0.999}[name]
        quantile = mg1.response_quantile if kind == "w" else mg1.wait_quantile
        found = float(quantile(level, rate, 1 / mean, scv))
        assert found == pytest.approx(number(wanted), rel=1e-9, abs=1e-12), key


APPROXIMATE = cases("single_station_general.json", "gg1_approximations", "ggc_approximations")


@pytest.mark.parametrize("case", APPROXIMATE, ids=ids(APPROXIMATE))
def test_general_arrivals(case: dict[str, Any]) -> None:
    params = {key: number(value) for key, value in case["params"].items()}
    arguments = (
        params["arrival_rate"],
        params["service_rate"],
        params.get("servers", 1.0),
        params["arrival_scv"],
        params["service_scv"],
    )
    found = float(ggc.mean_wait(*arguments))
    if "wq_klb" in case["expected"]:
        assert found == pytest.approx(number(case["expected"]["wq_klb"]), rel=1e-11)
    else:
        allen_cunneen = number(case["expected"]["wq_allen_cunneen_erlang_c"])
        rho = arguments[0] / arguments[1] / arguments[2]
        factor = ggc.correction(*(np.asarray(x) for x in (rho, arguments[3], arguments[4])))
        assert found == pytest.approx(allen_cunneen * float(factor), rel=1e-10)


BALANCING = [
    case
    for case in cases("models.json", "lb.round_robin.R", "lb.central_queue.R", "lb.jsq_kappa.R")
    if case["kind"] == "formula"
]


@pytest.mark.parametrize("case", BALANCING, ids=ids(BALANCING))
def test_balancing(case: dict[str, Any]) -> None:
    hosts, rho = case["params"]["servers"], case["params"]["rho"]
    policy = {
        "lb.round_robin.R": round_robin,
        "lb.central_queue.R": central_queue,
        "lb.jsq_kappa.R": least_connections,
    }[case["model"]]
    response = 1 + float(policy.mean_wait(hosts * rho, 1.0, 1.0, hosts, 1.0))  # type: ignore[attr-defined]
    assert response == pytest.approx(case["expected"], rel=case["rtol"])


SIMULATED = [
    case for case in cases("models.json", "lb.jsq.sim_only") if "variant" not in case["params"]
]


@pytest.mark.parametrize("case", SIMULATED, ids=ids(SIMULATED))
def test_least_connections_against_simulation(case: dict[str, Any]) -> None:
    hosts, rho = case["params"]["servers"], case["params"]["rho"]
    response = 1 + float(least_connections.mean_wait(hosts * rho, 1.0, 1.0, hosts, 1.0))
    low, high = case["simulation"]["ci95"]
    assert low * 0.976 <= response <= high * 1.024  # stated: 2.4 % at 95 % load


@pytest.mark.parametrize(
    ("hosts", "servers", "rho", "response"),
    [(12, 4, 0.8, 1.0158), (12, 4, 0.95, 1.2919), (4, 4, 0.9, 1.3963), (3, 2, 0.9, 2.3232)],
)
def test_least_connections_over_hosts_of_several_servers(
    hosts: int, servers: int, rho: float, response: float
) -> None:
    """Simulated values; the formula is above each by at most 2.6 % (stated)."""
    load = hosts * servers * rho
    found = 1 + float(least_connections.mean_wait(load, 1.0, servers, hosts, 1.0))
    assert response <= found <= response * 1.026


def test_own_queues_are_no_central_queue() -> None:
    """The trap: one M/M/c where every host has its own queue (n = 10, 80 % load)."""
    arguments = (8.0, 1.0, 1.0, 10.0, 1.0)
    found = [
        1 + float(policy.mean_wait(*arguments))
        for policy in (random_split, round_robin, least_connections, central_queue)
    ]
    assert found == pytest.approx([5.0, 2.9223, 1.3599, 1.2046], abs=1e-4)


def test_regular_arrivals_wait_like_the_closed_form() -> None:
    assert float(1 + em1.mean_wait(0.5, 1, 10)) == pytest.approx(1.3246424007181463, rel=1e-10)
    assert float(em1.mean_wait(0.8, 1, 1)) == pytest.approx(4.0, rel=1e-12)
