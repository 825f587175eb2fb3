"""Shares of hosts, shards and nodes against reference cases, exact laws and simulations."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capcalc.theory.balancing import shards, sticky
from capcalc.theory.caches import consistent_hash
from tests.shared import cases


def _sessions(function: Callable[..., Any]) -> Callable[[dict[str, Any]], float]:
    return lambda p: float(function(p["sessions"], p["servers"], p["weight_cv2"]))


def _keys(function: Callable[..., Any]) -> Callable[[dict[str, Any]], float]:
    return lambda p: float(function(p["shards"], p["N"], p["alpha"]))


def _ring(function: Callable[..., Any]) -> Callable[[dict[str, Any]], float]:
    return lambda p: float(function(p["nodes"], p["vnodes"]))


REFERENCES: dict[str, Callable[[dict[str, Any]], float]] = {
    "lb.sticky.share_cv2": _sessions(sticky.share_cv2),
    "lb.sticky.expected_max_over_mean": _sessions(sticky.expected_max_over_mean),
    "lb.sticky.expected_max_over_mean_gamma": _sessions(sticky.expected_max_over_mean_gamma),
    "shard.share_cv2": _keys(shards.share_cv2),
    "shard.expected_max_over_mean": _keys(shards.expected_max_over_mean),
    "consistent_hash.share_cv2": _ring(consistent_hash.share_cv2),
    "consistent_hash.expected_max_over_mean": _ring(consistent_hash.expected_max_over_mean),
}


@pytest.mark.parametrize("case", cases("models.json", *REFERENCES), ids=lambda case: case["id"])
def test_reference_cases(case: dict[str, Any]) -> None:
    value = REFERENCES[case["model"]](case["params"])
    assert value == pytest.approx(case["expected"], rel=case["rtol"])


def _mean(samples: Any) -> tuple[float, float]:
    """Mean, and three and a half standard errors of it."""
    values = np.asarray(samples, dtype=float)
    return float(values.mean()), float(3.5 * values.std(ddof=1) / np.sqrt(len(values)))


# --- the largest of n --------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 2, 3, 7, 50, 1e3, 1e6, 1e9, 1e12])
def test_largest_normal_is_the_integral(number: float) -> None:
    with mpmath.workdps(40):
        below = mpmath.quad(lambda x: mpmath.ncdf(x) ** number, np.arange(-14, 1).tolist())
        above = mpmath.quad(
            lambda x: -mpmath.expm1(number * mpmath.log1p(-mpmath.ncdf(-x))),
            np.arange(0, 16, 0.5).tolist(),
        )
        value = float(sticky.mean_largest_normal(number))
        assert value == pytest.approx(float(above - below), rel=1e-12, abs=1e-14)


@pytest.mark.parametrize(("number", "shape"), [(2, 0.2), (10, 0.5), (5, 3), (100, 20), (1e6, 9)])
def test_largest_gamma_is_the_integral(number: float, shape: float) -> None:
    with mpmath.workdps(18):

        def passed(y: Any) -> Any:
            """1 - F^n at x = e^y, times x."""
            above = mpmath.gammainc(shape, shape * mpmath.exp(y), mpmath.inf, regularized=True)
            return -mpmath.expm1(number * mpmath.log1p(-above)) * mpmath.exp(y)

        reference = mpmath.quad(passed, np.arange(-30, 7, 1.5).tolist())
    value = float(sticky.mean_largest_gamma(number, shape))
    assert value == pytest.approx(float(reference), rel=1e-10)


def test_largest_exponential_is_the_harmonic_number() -> None:
    numbers = np.array([1, 2, 10, 1_000, 100_000])
    sums = [np.sum(1 / np.arange(1.0, n + 1)) for n in numbers]
    assert consistent_hash.expected_max_over_mean(numbers) == pytest.approx(sums, rel=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.floats(1, 1e11), st.floats(1.0, 10.0), st.floats(1e-2, 1e9))
def test_largest_grows(number: float, more: float, shape: float) -> None:
    for function in (sticky.mean_largest_normal, lambda n: sticky.mean_largest_gamma(n, shape)):
        assert float(function(number * more)) >= float(function(number)) * (1 - 1e-11) - 1e-12
    here = float(sticky.mean_largest_gamma(number, shape))
    assert 1 - 1e-11 <= here <= number * (1 + 1e-11)
    assert float(sticky.mean_largest_gamma(number, shape * more)) <= here * (1 + 1e-10)


def test_many_stages_are_normal() -> None:
    shape = 1e10
    normal = 1 + sticky.mean_largest_normal(20) / np.sqrt(shape)
    assert float(sticky.mean_largest_gamma(20, shape)) - 1 == pytest.approx(normal - 1, rel=1e-4)


# --- simulations -------------------------------------------------------------------------------


@pytest.mark.parametrize(("sessions", "hosts", "scv"), [(400, 8, 1), (150, 5, 0), (600, 12, 2)])
def test_sticky_in_simulation(sessions: int, hosts: int, scv: int) -> None:
    rng = np.random.default_rng(11)
    spread, largest = [], []
    for _ in range(3_000):
        if scv:
            weights = rng.gamma(1 / scv, size=sessions)
        else:
            weights = np.ones(sessions)
        load = np.bincount(rng.integers(hosts, size=sessions), weights, minlength=hosts)
        load /= load.mean()
        spread.append(load.var())
        largest.append(load.max())
    mean, noise = _mean(spread)
    assert abs(float(sticky.share_cv2(sessions, hosts, scv)) - mean) < noise + 0.01 * mean * scv / 2
    mean, noise = _mean(largest)
    assert abs(float(sticky.expected_max_over_mean(sessions, hosts, scv)) - mean) < noise + 0.05
    gamma = float(sticky.expected_max_over_mean_gamma(sessions, hosts, scv))
    assert abs(gamma - mean) < noise + 0.03


@pytest.mark.parametrize(("nodes", "points"), [(3, 1), (10, 4), (25, 40)])
def test_ring_in_simulation(nodes: int, points: int) -> None:
    rng = np.random.default_rng(12)
    spread, largest = [], []
    for _ in range(1_500):
        places = rng.random(nodes * points)
        owner = rng.permutation(np.repeat(np.arange(nodes), points))
        order = np.sort(places)
        arcs = np.diff(np.append(order, order[0] + 1))
        share = nodes * np.bincount(owner, arcs, minlength=nodes)
        spread.append(share.var())
        largest.append(share.max())
    mean, noise = _mean(spread)
    assert abs(float(consistent_hash.share_cv2(nodes, points)) - mean) < noise
    mean, noise = _mean(largest)
    assert abs(float(consistent_hash.expected_max_over_mean(nodes, points)) - mean) < noise


@pytest.mark.parametrize(
    ("count", "number", "exponent"),
    [(4, 50, 0.6), (16, 3_000, 0.5), (16, 3_000, 1.0), (64, 3_000, 1.3), (500, 2_000, 0.8)],
)
def test_shards_in_simulation(count: int, number: int, exponent: float) -> None:
    rng = np.random.default_rng(13)
    share = np.arange(1.0, number + 1) ** -exponent
    share /= share.sum()
    spread, largest = [], []
    for _ in range(1_500):
        load = count * np.bincount(rng.integers(count, size=number), share, minlength=count)
        spread.append(load.var())
        largest.append(load.max())
    mean, noise = _mean(spread)
    assert abs(float(shards.share_cv2(count, number, exponent)) - mean) < noise
    mean, noise = _mean(largest)
    value = float(shards.expected_max_over_mean(count, number, exponent))
    assert abs(value - mean) < noise + 0.01 * mean


# --- bounds and bad input ----------------------------------------------------------------------


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 10**9), st.floats(1, 1e12), st.floats(0, 2.5))
def test_hottest_shard_has_bounds(count: int, number: float, exponent: float) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value = float(shards.expected_max_over_mean(count, number, exponent))
        least = float(shards.least_max_over_mean(count, number, exponent))
        top = float(shards.ceiling(number, exponent))
    assert 1 <= least <= value <= count or value == pytest.approx(least)
    assert count / value <= top * (1 + 1e-12)


def test_elements_of_shards_do_not_touch() -> None:
    counts = np.array([[4, 16, np.nan], [1, 0.5, 9]])
    values = shards.expected_max_over_mean(counts, 1e4, 0.9)
    for place, count in np.ndenumerate(counts):
        alone = shards.expected_max_over_mean(count, 1e4, 0.9)
        assert np.array_equal(values[place], alone, equal_nan=True)
    assert np.isnan(values[0, 2])
    assert np.isnan(values[1, 1])
    assert values[1, 0] == 1


def test_shares_of_bad_input() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for keys in (shards.share_cv2, shards.least_max_over_mean, shards.expected_max_over_mean):
            bad = keys(
                [0, np.nan, np.inf, 4, 4, 4, 4],
                [9, 9, 9, 0, np.inf, np.nan, 9],
                [1, 1, 1, 1, 1, 1, -1],
            )
            assert np.isnan(bad).all()
        for hosts in (
            sticky.share_cv2,
            sticky.expected_max_over_mean,
            sticky.expected_max_over_mean_gamma,
        ):
            assert np.isnan(hosts([0, 9, 9, np.nan], [3, 0, np.inf, 3], 1)).all()
            assert np.isnan(hosts(9, 3, [-1, np.nan, np.inf])).all()
            assert float(hosts(np.inf, 3)) == pytest.approx(float(hosts is not sticky.share_cv2))
            assert float(hosts(5, 1, 2)) == pytest.approx(float(hosts is not sticky.share_cv2))
        assert float(sticky.expected_max_over_mean(1, 2, 100)) <= 2
        for ring in (consistent_hash.share_cv2, consistent_hash.expected_max_over_mean):
            assert np.isnan(ring([0, 3, np.nan, 3], [1, 0, 1, np.nan])).all()
        assert float(consistent_hash.expected_max_over_mean(9, np.inf)) == 1
        assert float(consistent_hash.share_cv2(9, np.inf)) == 0
        assert np.isnan(sticky.mean_largest_normal([0.5, np.inf, np.nan])).all()
        assert np.isnan(sticky.mean_largest_gamma(3, [0, -1, np.nan])).all()
