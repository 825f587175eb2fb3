"""Quorums, slowest and fastest against sums over subsets, at many digits."""

from __future__ import annotations

import warnings
from itertools import combinations

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shared import cases

from capcalc.theory.distributions import order_statistics as order

MEANS = cases("models.json", "quorum.mean_kth_of_n_exp")
QUANTILES = cases("models.json", "quorum.quantile")
FANS = cases("models.json", "latency.fanout_exp_quantile")
CHANCE = st.floats(1e-6, 1 - 1e-6)


@pytest.mark.parametrize("case", MEANS, ids=[case["id"] for case in MEANS])
def test_mean_of_a_quorum(case: dict) -> None:
    given_ = case["params"]
    found = order.exponential_mean(given_["k"], given_["n"], given_["mean"])
    assert found == pytest.approx(case["expected"], rel=case["rtol"])


@pytest.mark.parametrize("case", QUANTILES, ids=[case["id"] for case in QUANTILES])
def test_quantile_of_a_quorum(case: dict) -> None:
    given_ = case["params"]
    assert given_["dist"] == "exp(1)"
    found = order.exponential_quantile(given_["q"], given_["k"], given_["n"], 1.0)
    assert found == pytest.approx(case["expected"], rel=case["rtol"])


@pytest.mark.parametrize("case", FANS, ids=[case["id"] for case in FANS])
def test_quantile_of_a_fan_out(case: dict) -> None:
    n = case["params"]["n"]
    found = order.exponential_quantile(case["params"]["q"], n, n, 1.0)
    assert found == pytest.approx(case["expected"], rel=case["rtol"])


@settings(max_examples=80, deadline=None)
@given(st.integers(1, 12), st.integers(0, 11), CHANCE)
def test_k_of_n_against_the_binomial_sum(n: int, less: int, chance: float) -> None:
    k = max(1, n - less)
    with mp.workdps(40):
        p = mp.mpf(chance)
        exact = [mp.binomial(n, j) * p**j * (1 - p) ** (n - j) for j in range(n + 1)]
        assert float(order.cdf(k, n, chance)) == pytest.approx(float(sum(exact[k:])), rel=1e-12)
        if chance < 0.5:
            running = [mp.binomial(n, j) * (1 - p) ** j * p ** (n - j) for j in range(k)]
            wanted = float(sum(running))
            assert float(order.survival(k, n, chance)) == pytest.approx(wanted, rel=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.lists(CHANCE, min_size=1, max_size=7), st.integers(1, 7))
def test_unequal_times_against_all_subsets(chances: list[float], k: int) -> None:
    exact = 0.0
    for size in range(k, len(chances) + 1):
        for chosen in combinations(range(len(chances)), size):
            terms = [p if i in chosen else 1 - p for i, p in enumerate(chances)]
            exact += float(np.prod(terms))
    found = float(order.cdf_of_unequal(k, chances))
    assert found == pytest.approx(exact, rel=1e-12, abs=1e-300)
    if k <= len(chances):
        alike = [chances[0]] * len(chances)
        assert float(order.cdf_of_unequal(k, alike)) == pytest.approx(
            float(order.cdf(k, len(chances), chances[0])), rel=1e-12
        )


def test_level_inverts_the_tail_into_p9999_of_a_hundred() -> None:
    levels = np.array([0.5, 0.99, 0.9999])
    for k, n in ((1, 3), (2, 3), (3, 3), (100, 100), (51, 100)):
        missing = order.level(levels, k, n)
        np.testing.assert_allclose(order.survival(k, n, missing), 1 - levels, rtol=1e-12)


def test_mean_of_many_branches_is_a_harmonic_number() -> None:
    with mp.workdps(40):
        for n in (10, 1_000, 10**6):
            assert order.exponential_mean(n, n, 2.0) == pytest.approx(
                float(2 * mp.harmonic(n)), rel=1e-14
            )
            exact = float(mp.harmonic(n) - mp.harmonic(n - n // 5))
            assert order.exponential_mean(n // 5, n, 1.0) == pytest.approx(exact, rel=1e-13)


@pytest.mark.parametrize(("k", "n"), [(1, 1), (1, 5), (3, 5), (5, 5), (70, 100), (1000, 1000)])
def test_spread_of_the_kth(k: int, n: int) -> None:
    with mp.workdps(30):
        ones = [1 / mp.mpf(j) for j in range(n - k + 1, n + 1)]
        exact = mp.fsum(x * x for x in ones) / mp.fsum(ones) ** 2
    assert order.exponential_scv(k, n) == pytest.approx(float(exact), rel=1e-13)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-3, 3).map(lambda x: 10.0**x), min_size=1, max_size=6))
def test_slowest_by_inclusion_and_exclusion(rates: list[float]) -> None:
    with mp.workdps(40):
        exact = mp.mpf(0)
        for size in range(1, len(rates) + 1):
            for chosen in combinations(rates, size):
                exact += (-1) ** (size + 1) / mp.fsum(mp.mpf(rate) for rate in chosen)
        found = float(order.slowest_exponential_mean(rates))
        assert found == pytest.approx(float(exact), rel=1e-13)
        time = 3 * found
        missing = 1 - mp.fprod(1 - mp.exp(-mp.mpf(rate) * mp.mpf(time)) for rate in rates)
        assert float(order.slowest_exponential_survival(time, rates)) == pytest.approx(
            float(missing), rel=1e-12
        )
    assert found >= 1 / min(rates) * (1 - 1e-13)
    assert order.fastest_exponential_mean(rates) <= 1 / max(rates)


def test_bad_input_stays_where_it_is() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        k = np.array([0, 1, 4, 2, np.nan, 2])
        found = order.cdf(k, 3, 0.5)
        assert np.isnan(found[[0, 2, 4]]).all()
        assert found[3] == found[5] == order.cdf(2, 3, 0.5)
        assert np.isnan(order.cdf(1, 2, [-0.1, 1.1])).all()
        assert np.isnan(order.exponential_mean([1, 0, 3, np.nan], 2, [-1.0, 1, 1, 1])).all()
        assert np.isnan(order.exponential_scv([0, 3, np.nan], 2)).all()
        assert np.isnan(order.slowest_exponential_mean([1.0, -1.0]))
        assert np.isnan(order.slowest_exponential_survival(1.0, [1.0, np.nan]))
        assert np.isnan(order.fastest_exponential_mean([1.0, 0.0]))
        assert np.isnan(order.cdf_of_unequal(1, [0.5, 2.0]))
        assert order.cdf_of_unequal(3, [0.5, 0.5]) == 0
    with pytest.raises(ValueError, match="whole number"):
        order.cdf_of_unequal(0, [0.5])
