"""Scaling laws, node sizes, pools and demand against references, searches and limits."""

from __future__ import annotations

import math
import warnings
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats
from shared import cases

from capcalc.theory.scaling import amdahl, demand, gustafson, node_size, pooling, usl

FORMULAS = {
    "scale.amdahl": lambda p: amdahl.speedup(p["n"], p["serial"]),
    "scale.usl_best_integer_N": lambda p: usl.best_integer(p["sigma"], p["kappa"]),
    "scale.R_ratio_Mmc_over_fast1": lambda p: pooling.fast_over_slow(p["c"] * p["rho"], 1, p["c"]),
    "scale.halfin_whitt_pw": lambda p: pooling.halfin_whitt_prob_wait(p["beta"]),
    "scale.min_servers_pw": lambda p: pooling.partitioned_servers(p["pw"], p["a"], 1, 1),
    "scale.partitioned_servers": lambda p: pooling.partitioned_servers(
        p["pw"], p["a_total"], 1, p["groups"]
    ),
    "scale.cheapest_cores_per_node": lambda p: node_size.cheapest_cores(
        p["fixed"], p["sigma"], p["kappa"]
    ),
    "demand.peak_rps": lambda p: demand.peak_rate(
        p["dau"], p["sessions_per_user"], p["requests_per_session"], p["peak_factor"]
    ),
    "demand.sinusoid_peak_hour_share": lambda p: demand.sinusoid_peak_share(p["peak_to_mean"]),
    "demand.months_to_capacity": lambda p: demand.months_to_capacity(
        p["cap"], p["now"], p["monthly"]
    ),
    "demand.concurrent_users": lambda p: demand.concurrent_users(p["rps"], p["R_s"], p["think_s"]),
}
CASES = [case for case in cases("models.json", *FORMULAS) if case["kind"] == "formula"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_reference_cases(case: dict[str, Any]) -> None:
    found = float(FORMULAS[case["model"]](case["params"]))  # type: ignore[no-untyped-call]
    assert found == pytest.approx(case["expected"], rel=case["rtol"], abs=0)


DERIVED = cases("scaling_laws.json", "usl_derived")


@pytest.mark.parametrize("case", DERIVED, ids=lambda case: case["id"])
def test_peaks_of_the_law(case: dict[str, Any]) -> None:
    one, sigma, kappa = (case["params"][key] for key in ("gamma", "sigma", "kappa"))
    found = {
        "peak_load": usl.peak_size(sigma, kappa),
        "peak_throughput": usl.peak_throughput(one, sigma, kappa),
        "amdahl_limit_throughput": usl.limit(one, sigma),
    }
    for key, value in found.items():
        assert float(value) == pytest.approx(case["expected"][key], rel=case["rtol"]), key


LAWS = cases("scaling_laws.json", "amdahl")


@pytest.mark.parametrize("case", LAWS, ids=lambda case: case["id"])
def test_amdahl_cases(case: dict[str, Any]) -> None:
    n, serial = case["params"]["processors"], float(case["params"]["serial_fraction"])
    wanted = case["expected"]
    assert float(amdahl.speedup(n, serial)) == pytest.approx(wanted["speedup"], rel=1e-12)
    assert float(amdahl.efficiency(n, serial)) == pytest.approx(wanted["efficiency"], rel=1e-12)


FITS = cases("scaling_laws.json", "usl_fit_nonlinear")


@pytest.mark.parametrize("case", FITS, ids=lambda case: case["id"])
def test_fit_of_throughput(case: dict[str, Any]) -> None:
    load = np.array(case["params"]["load"], dtype=float)
    rate = np.array(case["params"]["throughput"], dtype=float)
    one, sigma, kappa = usl.fit_throughput(load, rate)
    wanted = case["expected"]
    assert float(one) == pytest.approx(wanted["gamma"], rel=case["rtol"])
    assert float(sigma) == pytest.approx(wanted["sigma"], rel=case["rtol"])
    assert float(kappa) == pytest.approx(wanted["kappa"], rel=case["rtol"], abs=1e-7)
    error = float(((usl.throughput(load, one, sigma, kappa) - rate) ** 2).sum())
    assert error <= wanted["sse"] * (1 + 1e-9)


def test_linear_fit_is_the_constrained_optimum() -> None:
    """Against scipy's own non-negative least squares, noisy data, with active bounds too."""
    rng = np.random.default_rng(7)
    n = np.array([1.0, 2, 4, 8, 16, 32])
    rate = 10 * n / (1 + 0.02 * (n - 1)) * rng.normal(1, 0.1, (60, 6))
    one, sigma, kappa = usl.fit(n, rate)
    bound = 0
    for row in range(60):
        columns = np.stack([np.ones(6), n - 1, n * (n - 1)], -1) * rate[row][:, None]
        values, _ = optimize.nnls(columns, n)
        wanted = (1 / values[0], values[1] / values[0], values[2] / values[0])
        found = (one[row], sigma[row], kappa[row])  # type: ignore[index]
        assert found == pytest.approx(wanted, rel=1e-7, abs=1e-10)
        bound += min(values[1:]) == 0
    assert 0 < bound < 60


@given(st.floats(0, 1), st.floats(1e-9, 1), st.floats(1, 1e6))
def test_law_has_one_peak(sigma: float, kappa: float, n: float) -> None:
    peak = float(usl.peak_throughput(1, sigma, kappa))
    assert float(usl.throughput(n, 1, sigma, kappa)) <= peak * (1 + 1e-12)
    whole = float(usl.best_integer(sigma, kappa))
    best = float(usl.throughput(whole, 1, sigma, kappa))
    for near in (max(1, whole - 1), whole + 1):
        assert float(usl.throughput(near, 1, sigma, kappa)) <= best * (1 + 1e-14)


@given(st.floats(1, 1e9), st.floats(0, 1))
def test_laws_agree(n: float, serial: float) -> None:
    assert float(usl.throughput(n, 1, serial, 0)) == pytest.approx(
        float(amdahl.speedup(n, serial)), rel=1e-14
    )
    assert float(amdahl.efficiency(n, serial)) * n == pytest.approx(
        float(amdahl.speedup(n, serial)), rel=1e-13
    )
    assert float(gustafson.speedup(n, serial)) >= float(amdahl.speedup(n, serial)) * (1 - 1e-14)


def test_gustafson_case() -> None:
    assert float(gustafson.speedup(16, 0.05)) == 15.25


@given(st.floats(1e-3, 1e3), st.floats(1e-6, 0.9), st.floats(0, 0.1))
def test_cheapest_node_is_the_cheapest(fixed: float, sigma: float, kappa: float) -> None:
    best = float(node_size.cheapest_cores(fixed, sigma, kappa))
    price = float(node_size.cost_per_throughput(best, fixed, sigma, kappa))
    for factor in (0.5, 0.9, 0.999, 1.001, 1.1, 2.0):
        other = float(node_size.cost_per_throughput(max(1.0, best * factor), fixed, sigma, kappa))
        assert other >= price * (1 - 1e-13)
    if best > 1:
        root = 2 * mp.mpf(kappa) * best**3 + (mp.mpf(fixed) * kappa + sigma - kappa) * best**2
        assert float(root) == pytest.approx(fixed * (1 - sigma), rel=1e-10)


@pytest.mark.parametrize(
    ("n", "sigma", "kappa"), [(8.0, 0.02, 1e-4), (1.5, 0.3, 0.01), (40, 0, 0.01)]
)
def test_price_exponent_is_the_derivative(n: float, sigma: float, kappa: float) -> None:
    with mp.workdps(30):
        slope = mp.diff(
            lambda y: mp.log(
                mp.exp(y) / (1 + sigma * (mp.exp(y) - 1) + kappa * mp.exp(y) * (mp.exp(y) - 1))
            ),
            mp.log(n),
        )
    assert float(node_size.price_exponent(n, sigma, kappa)) == pytest.approx(
        float(slope), rel=1e-12
    )


def test_pools() -> None:
    found = pooling.partitioned_servers(0.2, 100.0, 1.0, np.array([1, 4, 10]))
    assert list(np.asarray(found)) == [111, 124, 140]
    assert float(pooling.fast_over_slow(1e-14, 1, 8)) == pytest.approx(8, rel=1e-13)
    assert float(pooling.fast_over_slow(8 - 1e-12, 1, 8)) == pytest.approx(1, rel=1e-11)
    assert np.isnan(float(pooling.fast_over_slow(8, 1, 8)))
    assert float(pooling.halfin_whitt_prob_wait(0)) == 1
    for beta in (1e-12, 0.3, 5.0, 30.0):
        with mp.workdps(50):
            x = mp.mpf(beta)
            wanted = 1 / (1 + x * mp.ncdf(x) / mp.npdf(x))
        found = float(pooling.halfin_whitt_prob_wait(beta))
        assert found == pytest.approx(float(wanted), rel=1e-13)


@pytest.mark.parametrize("mean", [0.0, 0.01, 3.7, 1000.0, 1e6])
@pytest.mark.parametrize("p", [0.0, 0.01, 0.5, 0.999, 1 - 1e-12])
def test_poisson_peak(mean: float, p: float) -> None:
    wanted = 0.0 if mean == 0 or p == 0 else float(stats.poisson.ppf(p, mean))
    assert float(demand.poisson_peak(p, mean / 2, 2)) == wanted


def test_demand_limits() -> None:
    assert float(demand.months_to_capacity(5, 10, 0.1)) == 0
    assert float(demand.months_to_capacity(10, 5, 0)) == math.inf
    near = float(demand.months_to_capacity(1 + 2**-40, 1, 0.08))
    assert near == pytest.approx(
        float(mp.log1p(mp.mpf(2) ** -40) / mp.log(mp.mpf(0.08) + 1)), 1e-13
    )
    assert float(demand.sinusoid_peak_share(2, 1)) == 1
    with mp.workdps(30):
        share = mp.quad(lambda t: 1 + 0.5 * mp.cos(2 * mp.pi * t), [-0.15, 0.15])
    assert float(demand.sinusoid_peak_share(1.5, 0.3)) == pytest.approx(float(share), rel=1e-13)
    assert float(demand.power_law_users(1, 0.4, 0.5, 1e5)) == pytest.approx(
        1 + 0.4 * math.fsum(k**-0.5 for k in range(1, 100_001)), rel=1e-12
    )
    assert float(demand.power_law_users(1, 0.4, 1.5)) == pytest.approx(
        float(1 + mp.mpf(0.4) * mp.zeta(1.5)), rel=1e-13
    )
    assert float(demand.power_law_users(1, 0.4, 0.5)) == math.inf
    found = demand.retained_users(np.array([10.0, 20.0]), np.array([1.0, 0.5]))
    assert list(np.asarray(found)) == [15, 30]


@pytest.mark.parametrize(
    ("function", "good", "bad"),
    [
        (usl.throughput, (32, 1, 0.05, 0.001), (0.5, 1, 0.05, 0.001)),
        (usl.efficiency, (32, 0.05, 0.001), (32, 1.5, 0.001)),
        (usl.peak_size, (0.05, 0.001), (0.05, -1)),
        (usl.peak_throughput, (1, 0.05, 0.001), (1, -0.05, 0.001)),
        (usl.best_integer, (0.05, 0.001), (math.nan, 0.001)),
        (usl.limit, (1, 0.1), (1, -0.1)),
        (amdahl.speedup, (8, 0.1), (0, 0.1)),
        (amdahl.efficiency, (8, 0.1), (8, -0.1)),
        (amdahl.limit, (0.1,), (1.1,)),
        (gustafson.speedup, (8, 0.1), (8, 2)),
        (node_size.cost_per_throughput, (4, 1, 0.1, 0.01), (4, -1, 0.1, 0.01)),
        (node_size.cheapest_cores, (1, 0.1, 0.01), (math.inf, 0.1, 0.01)),
        (node_size.price_exponent, (4, 0.1, 0.01), (0, 0.1, 0.01)),
        (pooling.partitioned_servers, (0.2, 10, 1, 2), (0.2, 10, 1, 1.5)),
        (pooling.fast_over_slow, (5, 1, 8), (-5, 1, 8)),
        (pooling.halfin_whitt_prob_wait, (1,), (math.nan,)),
        (demand.peak_rate, (1e6, 3, 20, 2), (-1, 3, 20, 2)),
        (demand.sinusoid_peak_share, (1.8,), (2.5,)),
        (demand.months_to_capacity, (10, 4, 0.1), (10, 4, -1)),
        (demand.concurrent_users, (5, 1, 1), (5, -1, 1)),
        (demand.poisson_peak, (0.9, 10), (1.0, 10)),
        (demand.power_law_users, (5, 0.5, 2), (5, 1.5, 2)),
    ],
)
def test_bad_input_is_nan_and_leaves_neighbours(function: Any, good: Any, bad: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        alone = float(function(*good))
        found = function(*(np.array(pair, dtype=float) for pair in zip(good, bad, strict=True)))
        assert found[0] == alone
        assert np.isnan(found[1])
        for value in (0.0, 1e-300, 1e300, math.inf, -math.inf, math.nan):
            for place in range(len(good)):
                function(*(value if i == place else x for i, x in enumerate(good)))
