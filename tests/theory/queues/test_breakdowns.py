"""Breakdowns against cases, the closed form for one server, truncated chains and M/M/c."""

from __future__ import annotations

import warnings
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shared import cases

from capcalc.theory.queues import breakdowns, mmc, qbd

CASES = cases("advanced.json", "mmc_breakdowns")
MODELS = cases("models.json", "mmc_breakdown.qbd.L")


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_cases(case: dict[str, Any]) -> None:
    params = {key: float(value) for key, value in case["params"].items()}
    arguments = (
        params["arrival_rate"],
        params["service_rate"],
        params["servers"],
        params["failure_rate_per_up_server"],
        params["repair_rate"],
        params["repair_crews"],
    )
    functions = {
        "L": breakdowns.mean_number,
        "W": breakdowns.mean_response,
        "p0": breakdowns.prob_empty,
        "mean_servers_up": lambda *a: breakdowns.mean_servers_up(*a[2:]),
    }
    for key, wanted in case["expected"].items():
        assert float(functions[key](*arguments)) == pytest.approx(wanted, rel=case["rtol"]), key


@pytest.mark.parametrize("case", MODELS, ids=[case["id"] for case in MODELS])
def test_models(case: dict[str, Any]) -> None:
    p = case["params"]
    found = breakdowns.mean_number(p["lam"], p["mu"], p["c"], p["fail_rate"], p["repair_rate"])
    assert found == pytest.approx(case["expected"], rel=case["rtol"])


def white_christie(rate: float, speed: float, fail: float, repair: float) -> float:
    with mp.workdps(50):
        l, m, x, e = (mp.mpf(value) for value in (rate, speed, fail, repair))
        return float(l * ((x + e) ** 2 + x * m) / ((x + e) * (e * (m - l) - l * x)))


@given(
    st.floats(-9, -0.001).map(lambda x: 10**x),
    st.floats(0.1, 9),
    st.floats(-6, 2),
    st.floats(-6, 2),
)
def test_one_server_has_a_closed_form(
    load: float, speed: float, fail: float, repair: float
) -> None:
    """From a load of 1e-9 to 99.8 %, times to failure and repair from 1e-2 to 1e6."""
    lost, mended = 10**fail, 10**repair
    rate = load * speed * mended / (lost + mended)
    found = float(breakdowns.mean_number(rate, speed, 1, lost, mended))
    assert found == pytest.approx(white_christie(rate, speed, lost, mended), rel=1e-11)


def chain(
    rate: float, servers: int, fail: float, repair: float, crews: int, most: int
) -> tuple[float, float]:
    """Mean number and share empty of a truncated chain, solved as a sparse system."""
    import scipy.sparse as sparse
    import scipy.sparse.linalg as linalg

    size = servers + 1
    rows, columns, values = [], [], []
    for number in range(most + 1):
        for up in range(size):
            here = number * size + up
            for target, flow in (
                (here + size if number < most else here, rate),
                (here - size, float(min(number, up))),
                (here - 1, up * fail),
                (here + 1, min(servers - up, crews) * repair),
            ):
                if flow and target != here:
                    rows += [target, here]
                    columns += [here, here]
                    values += [flow, -flow]
    balance = sparse.csc_matrix((values, (rows, columns))).tolil()
    balance[0, :] = 1.0
    right = np.zeros(size * (most + 1))
    right[0] = 1.0
    share = linalg.spsolve(balance.tocsc(), right).reshape(most + 1, size).sum(axis=1)
    return float(share @ np.arange(most + 1)), float(share[0])


@pytest.mark.parametrize(
    ("load", "servers", "fail", "repair", "crews"),
    [
        (0.05, 3, 0.1, 0.5, 1),
        (0.09, 2, 0.3, 0.5, 2),
        (0.6, 3, 0.1, 0.5, 1),
        (0.8, 5, 0.02, 0.3, 2),
        (0.85, 2, 0.5, 1.0, 2),
        (0.7, 8, 0.3, 0.4, 3),
    ],
)
def test_chain(load: float, servers: int, fail: float, repair: float, crews: int) -> None:
    up = float(breakdowns.mean_servers_up(servers, fail, repair, crews))
    rate = load * up
    number, empty = chain(rate, servers, fail, repair, crews, 900)
    arguments = (rate, 1.0, servers, fail, repair, crews)
    assert breakdowns.mean_number(*arguments) == pytest.approx(number, rel=1e-9)
    assert breakdowns.prob_empty(*arguments) == pytest.approx(empty, rel=1e-8)
    assert breakdowns.utilization(*arguments) == pytest.approx(load, rel=1e-12)


def test_both_ways_to_the_mean_agree() -> None:
    """The sum over levels and the balance meet at the load where one takes over."""
    up = np.asarray(breakdowns.mean_servers_up(np.array([1, 2, 5, 20, 64]), 0.05, 0.2))
    servers = np.array([1, 2, 5, 20, 64])
    low, high = (
        np.asarray(breakdowns.mean_number(breakdowns.BUSY * up * part, 1.0, servers, 0.05, 0.2))
        for part in (1 - 1e-12, 1 + 1e-12)
    )
    assert low == pytest.approx(high, rel=5e-12)


@settings(max_examples=40)
@given(st.floats(0.01, 0.98), st.integers(1, 64))
def test_servers_that_never_fail_are_mmc(load: float, servers: int) -> None:
    rate = load * servers
    found = float(breakdowns.mean_number(rate, 1.0, servers, 0.0, 1.0))
    assert found == pytest.approx(float(mmc.mean_number(rate, 1.0, servers)), rel=1e-11)
    assert breakdowns.mean_servers_up(servers, 0.0, 1.0) == servers


@settings(max_examples=25)
@given(st.floats(0.1, 0.9), st.integers(1, 12), st.floats(-3, 1), st.floats(-2, 1))
def test_more_is_better(load: float, servers: int, fail: float, repair: float) -> None:
    lost, mended = 10**fail, 10**repair
    rate = load * float(breakdowns.mean_servers_up(servers, lost, mended, 1))
    number = float(breakdowns.mean_number(rate, 1.0, servers, lost, mended, 1))
    assert number >= mmc.mean_number(rate, 1.0, servers) * (1 - 1e-10)
    assert number >= breakdowns.mean_number(rate, 1.0, servers, lost, mended, 2) * (1 - 1e-10)
    assert number > breakdowns.mean_number(0.9 * rate, 1.0, servers, lost, mended, 1)
    assert number > breakdowns.mean_number(rate, 1.0, servers + 1, lost, mended, 1) * (1 - 1e-10)
    assert rate * breakdowns.mean_response(rate, 1.0, servers, lost, mended, 1) == pytest.approx(
        number
    )


def test_shares_of_servers_up_are_binomial_with_a_crew_each() -> None:
    assert breakdowns.mean_servers_up(64, 0.01, 0.09) == pytest.approx(64 * 0.9, rel=1e-13)
    assert 1 - breakdowns.availability(3, 1.0, 3.0) == pytest.approx(0.25**3, rel=1e-12)


def test_out_of_range_and_neighbours() -> None:
    rates = np.array([0.5, np.nan, -1.0, 0.95, np.inf, 0.0, 2.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in ("mean_number", "prob_empty", "mean_wait", "mean_queue_length"):
            function = getattr(breakdowns, name)
            stacked = np.asarray(function(rates, 1.0, 1, 0.1, 1.0))
            alone = [function(rate, 1.0, 1, 0.1, 1.0) for rate in rates]
            assert np.array_equal(stacked, alone, equal_nan=True), name
            assert np.isnan(stacked[[1, 2, 4]]).all()
        assert np.isinf(breakdowns.mean_number(rates, 1.0, 1, 0.1, 1.0)[[3, 6]]).all()  # type: ignore[index]
        assert (np.asarray(breakdowns.prob_empty(rates, 1.0, 1, 0.1, 1.0))[[3, 6]] == 0).all()
        mixed = np.asarray(breakdowns.mean_number(0.5, 1.0, [1, 3, 64, 65, 2.5, 0], 0.1, 1.0))
        assert mixed[1] == breakdowns.mean_number(0.5, 1.0, 3, 0.1, 1.0)
        assert np.isfinite(mixed[:3]).all()
        assert np.isnan(mixed[3:]).all()
        for bad in ((-0.1, 1.0), (0.1, 0.0), (np.nan, 1.0), (0.1, np.inf)):
            assert np.isnan(breakdowns.mean_number(0.5, 1.0, 2, *bad))


def test_first_passages_of_a_random_process() -> None:
    """G solves its equation and is stochastic; R and G belong together."""
    generator = np.random.default_rng(3)
    up, down = generator.random((2, 7, 5, 5))
    local = generator.random((7, 5, 5))
    down *= 1.6
    place = np.arange(5)
    local[:, place, place] = 0.0
    local[:, place, place] = -(up + down + local).sum(axis=-1)
    passage = qbd.first_passage(up, local, down)
    assert np.abs(down + local @ passage + up @ passage @ passage).max() < 1e-12
    assert passage.sum(axis=-1) == pytest.approx(np.ones((7, 5)), rel=1e-12)
    ratio = qbd.upward(up, local, passage, up)
    assert np.abs(up + ratio @ local + ratio @ ratio @ down).max() < 1e-12
