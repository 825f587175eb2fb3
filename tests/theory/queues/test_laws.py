"""Laws that every queue obeys: Little, monotonicity, limits, broadcasting, neighbours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capcalc.theory.balancing import central_queue, least_connections, random_split, round_robin
from capcalc.theory.queues import em1, erlang, mg1, mgc, mm1, mmc

rates = st.floats(1e-3, 1e6)
loads = st.floats(1e-9, 0.999999)
counts = st.integers(1, 500)
scvs = st.floats(0, 20)

#: Each queue as a function of (module, load, servers, scv) -> parameters at service rate mu.
QUEUES: dict[str, tuple[Any, Callable[[float, float, int, float], tuple[float, ...]]]] = {
    "mm1": (mm1, lambda mu, rho, c, v: (rho * mu, mu)),
    "mmc": (mmc, lambda mu, rho, c, v: (rho * mu * c, mu, c)),
    "mg1": (mg1, lambda mu, rho, c, v: (rho * mu, mu, v)),
    "mgc": (mgc, lambda mu, rho, c, v: (rho * mu * c, mu, c, v)),
}


@pytest.mark.parametrize("name", QUEUES)
@settings(max_examples=60, deadline=None)
@given(mu=rates, rho=loads, c=counts, v=scvs)
def test_little_and_limits(name: str, mu: float, rho: float, c: int, v: float) -> None:
    queue, parameters = QUEUES[name]
    args = parameters(mu, rho, c, v)
    wait, response = float(queue.mean_wait(*args)), float(queue.mean_response(*args))
    assert response == pytest.approx(wait + 1 / mu, rel=1e-12)
    assert float(queue.mean_queue_length(*args)) == pytest.approx(args[0] * wait, rel=1e-12)
    assert float(queue.mean_number(*args)) == pytest.approx(args[0] * response, rel=1e-12)
    assert 0 <= float(queue.prob_wait(*args)) <= 1
    assert float(queue.utilization(*args)) == pytest.approx(rho, rel=1e-12)
    busier = parameters(mu, min(rho * 1.01 + 1e-9, 0.9999995), c, v)
    assert float(queue.mean_wait(*busier)) >= wait * (1 - 1e-12)


@pytest.mark.parametrize("name", QUEUES)
def test_saturation_zero_load_and_bad_input(name: str) -> None:
    queue, parameters = QUEUES[name]
    full = np.array(parameters(10.0, 1.0, 4, 2.0))
    assert np.isinf(queue.mean_wait(*full))
    assert float(queue.prob_wait(*full)) == 1
    idle = np.array(parameters(10.0, 0.0, 4, 2.0))
    assert float(queue.mean_wait(*idle)) == 0
    assert float(queue.mean_number(*idle)) == 0
    for position in range(len(full)):
        for bad in (np.nan, -1.0):
            broken = np.array(parameters(10.0, 0.5, 4, 2.0))
            broken[position] = bad
            assert np.isnan(queue.mean_wait(*broken)), (name, position, bad)


@pytest.mark.parametrize("name", QUEUES)
def test_broadcasts_like_one_by_one(name: str) -> None:
    queue, parameters = QUEUES[name]
    rng = np.random.default_rng(3)
    rows = [
        parameters(mu, rho, int(c), v)
        for mu, rho, c, v in zip(
            rng.uniform(1, 9, 300),
            rng.uniform(0, 1.3, 300),
            rng.integers(1, 90, 300),
            rng.uniform(0, 5, 300),
            strict=True,
        )
    ]
    columns = np.array(rows).T
    for question in ("prob_wait", "mean_wait", "mean_response", "mean_queue_length"):
        together = np.asarray(getattr(queue, question)(*columns))
        alone = np.array([float(getattr(queue, question)(*row)) for row in rows])
        np.testing.assert_allclose(together, alone, rtol=1e-12)


@settings(max_examples=60, deadline=None)
@given(rho=st.floats(0.01, 0.999), c=st.integers(1, 300))
def test_mmc_quantiles_invert_the_law(rho: float, c: int) -> None:
    for level in (0.1, 0.5, 0.99, 0.9999):
        time = float(mmc.response_quantile(level, rho * c, 1.0, c))
        assert float(mmc.response_cdf(time, rho * c, 1.0, c)) == pytest.approx(level, rel=1e-11)
        wait = float(mmc.wait_quantile(level, rho * c, 1.0, c))
        reached = float(mmc.wait_cdf(wait, rho * c, 1.0, c))
        assert reached == pytest.approx(level, rel=1e-11) or (wait == 0 and reached >= level)


@settings(max_examples=40, deadline=None)
@given(rho=st.floats(0.05, 0.98), v=st.floats(0.1, 8))
def test_mg1_law_has_the_mean_of_pollaczek_and_khinchine(rho: float, v: float) -> None:
    """Exponential service gives M/M/1; quantiles increase; the median is below the mean."""
    for level in (0.5, 0.9, 0.99):
        one = float(mg1.response_quantile(level, rho, 1.0, 1.0))
        assert one == pytest.approx(float(mm1.response_quantile(level, rho, 1.0)), rel=1e-7)
    times = [float(mg1.response_quantile(level, rho, 1.0, v)) for level in (0.5, 0.9, 0.99)]
    assert times == sorted(times)
    assert float(mg1.response_cdf(times[1], rho, 1.0, v)) == pytest.approx(0.9, abs=1e-7)


@pytest.mark.parametrize("policy", [random_split, round_robin, least_connections, central_queue])
@settings(max_examples=40, deadline=None)
@given(rho=st.floats(0.01, 0.999), k=st.integers(1, 64), n=st.integers(1, 64), v=scvs)
def test_policies_agree_on_one_host_and_are_ordered(
    policy: Any, rho: float, k: int, n: int, v: float
) -> None:
    alone = float(policy.mean_wait(rho * k, 1.0, k, 1, v))
    assert alone == pytest.approx(float(mgc.mean_wait(rho * k, 1.0, k, v)), rel=1e-9, abs=1e-300)
    several = float(policy.mean_wait(rho * k * n, 1.0, k, n, v))
    best = float(central_queue.mean_wait(rho * k * n, 1.0, k, n, v))
    worst = float(random_split.mean_wait(rho * k * n, 1.0, k, n, v))
    if policy is not round_robin:  # its approximation is not a bound either way
        assert (
            best * (1 - 1e-9) <= several <= worst * (1 + 1e-9)
            or n == 1
            or policy is least_connections
        )
    assert several >= 0


@settings(max_examples=60, deadline=None)
@given(c=st.floats(0.05, 3e4), part=st.floats(1e-6, 1.0))
def test_erlang_b_against_mpmath(c: float, part: float) -> None:
    load = c * part
    with mpmath.workdps(60):
        a, n = mpmath.mpf(load), mpmath.mpf(c)
        exact = mpmath.exp(n * mpmath.log(a) - a) / mpmath.gammainc(n + 1, a)
        logged = mpmath.log(exact)
    if float(exact) > 1e-300:
        assert float(erlang.erlang_b(c, load)) == pytest.approx(float(exact), rel=1e-12)
    assert float(erlang.log_erlang_b(c, load)) == pytest.approx(float(logged), rel=1e-12, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(rho=st.floats(0.01, 0.999999), n=st.integers(1, 1000))
def test_em1_solves_its_equation(rho: float, n: int) -> None:
    sigma = float(em1.prob_wait(rho, 1.0, n))
    assert 0 < sigma < 1 or rho < 0.05
    right = n * np.log(n * rho / (n * rho + 1 - sigma))
    assert np.log(sigma) == pytest.approx(right, rel=1e-6, abs=1e-9) or sigma < 1e-12
    assert float(em1.mean_wait(rho, 1.0, n)) <= float(mm1.mean_wait(rho, 1.0)) * (1 + 1e-9)
