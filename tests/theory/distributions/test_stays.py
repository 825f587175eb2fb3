"""A wait and a service, and the slowest of several, against mpmath and other ways."""

from __future__ import annotations

from math import comb

import mpmath
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from capcalc.theory.distributions import delayed_exponential, gamma_service, inversion, maximum

CHANCES = st.floats(0.001, 1)
SCV = st.one_of(st.sampled_from([0.5, 1.0, 2.0]), st.floats(0.005, 10))


def stay(t: float, prob_wait: float, delay: float, scv: float) -> mpmath.mpf:
    """F(t) at 40 digits, mean service 1, for a mean delay of those who wait."""
    a, b = 1 / mpmath.mpf(scv), mpmath.mpf(scv)
    theta = 1 / mpmath.mpf(delay)
    served = mpmath.gammainc(a, 0, t / b, regularized=True)
    power = mpmath.exp(a * mpmath.log(t / b) - mpmath.loggamma(a + 1) - theta * t)
    return served - prob_wait * power * mpmath.hyp1f1(a, a + 1, -(1 / b - theta) * t)


@settings(max_examples=150, deadline=None)
@given(CHANCES, st.floats(-3, 2), SCV, st.floats(-1.5, 1))
def test_cdf(prob_wait: float, log_delay: float, scv: float, log_time: float) -> None:
    delay = 10.0**log_delay
    time = 10.0**log_time * (1 + delay)
    with mpmath.workdps(40):
        expected = float(stay(time, prob_wait, delay, scv))
    found = delayed_exponential.cdf(time, prob_wait, prob_wait * delay, 1.0, scv)
    # the argument W = P d rounds the delay by itself
    assert found == pytest.approx(expected, abs=2e-14)


@pytest.mark.parametrize("gap", [0.0, 1e-15, 1e-10, -1e-10, 1e-5, -1e-5, 0.01, -0.01])
@pytest.mark.parametrize("scv", [0.3, 1.0, 2.5])
def test_cdf_where_the_rates_meet(gap: float, scv: float) -> None:
    delay = scv * (1 + gap)
    with mpmath.workdps(60):
        expected = float(stay(2.0, 1.0, delay, scv))
    assert delayed_exponential.cdf(2.0, 1.0, delay, 1.0, scv) == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize("scv", [1e-3, 1e-4, 1e-6])
def test_cdf_of_sharp_services(scv: float) -> None:
    """Against the quadrature of the normal limit's range."""
    time, delay = 1.3, 0.5
    with mpmath.workdps(30):
        a = 1 / mpmath.mpf(scv)
        norm = mpmath.loggamma(a)
        width = mpmath.sqrt(scv)

        def piece(x: mpmath.mpf) -> mpmath.mpf:
            density = a * mpmath.exp((a - 1) * mpmath.log(a * x) - a * x - norm)
            return density * (1 - mpmath.exp(-(time - x) / mpmath.mpf(delay)))

        ends = [1 + j * width for j in range(-12, 13, 3) if 1 + j * width < time]
        expected = mpmath.quad(piece, [*ends, min(mpmath.mpf(time), 1 + 12 * width)])
    found = delayed_exponential.cdf(time, 1.0, delay, 1.0, scv)
    assert found == pytest.approx(float(expected), abs=1e-12)


def test_cdf_of_a_fixed_service() -> None:
    found = delayed_exponential.cdf(np.array([0.9, 1.0, 2.0]), 0.4, 0.2, 1.0, 0.0)
    np.testing.assert_allclose(found, [0, 0.6, 0.6 + 0.4 * -np.expm1(-2)], rtol=1e-14)


@pytest.mark.parametrize("scv", [0.0, 0.3, 1.0, 2.5])
def test_cdf_edges(scv: float) -> None:
    cdf = delayed_exponential.cdf
    np.testing.assert_array_equal(cdf(np.array([0.0, -1.0, np.nan]), 0.5, 1.0, 1.0, scv)[:2], 0)
    assert np.isnan(cdf(np.nan, 0.5, 1.0, 1.0, scv))
    assert cdf(1e6, 0.5, 1.0, 1.0, scv) == 1
    assert cdf(np.inf, 0.5, 1.0, 1.0, scv) == 1
    without = cdf(1.5, 0.0, 0.0, 1.0, scv)
    assert cdf(1.5, 0.5, 0.0, 1.0, scv) == pytest.approx(without, rel=1e-15)
    for bad in ((-0.1, 1, 1), (1.1, 1, 1), (0.5, -1, 1), (0.5, 1, 0), (0.5, 1, np.nan)):
        assert np.isnan(cdf(1.0, *bad, scv))
    assert np.isnan(cdf(1.0, 0.5, 1.0, 1.0, -1.0))


@given(CHANCES, st.floats(0.01, 10))
def test_wait_transform(prob_wait: float, wait: float) -> None:
    s = np.array([0.3 + 1j, -0.01 + 2j, 0j])
    theta = prob_wait / wait
    expected = 1 - prob_wait + prob_wait * theta / (theta + s)
    found = delayed_exponential.transform(s, prob_wait, wait)
    np.testing.assert_allclose(found, expected, rtol=1e-13)
    assert found[2] == 1
    np.testing.assert_array_equal(delayed_exponential.transform(s, 0.0, 0.0), 1)


def mean_of_slowest(k: int, prob_wait: float, theta: float) -> float:
    """By the number of branches that wait and that are served, with service rate 1."""
    rest = np.zeros((k + 1, k + 2))
    for i in range(k + 1):
        for j in range(k - i + 1):
            if i + j:
                waits = i * theta * rest[i - 1, j + 1] if i else 0.0
                serves = j * rest[i, j - 1] if j else 0.0
                rest[i, j] = (1 + waits + serves) / (i * theta + j)
    return sum(
        comb(k, i) * prob_wait**i * (1 - prob_wait) ** (k - i) * rest[i, k - i]
        for i in range(k + 1)
    )


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 60), CHANCES, st.floats(-3, 3))
def test_mean_of_the_slowest(k: int, prob_wait: float, log_delay: float) -> None:
    delay = 10.0**log_delay
    expected = mean_of_slowest(k, prob_wait, 1 / delay)
    found = maximum.mean(k, prob_wait, prob_wait * delay, 1.0, 1.0)
    assert found == pytest.approx(expected, rel=1e-12)


@settings(max_examples=60, deadline=None)
@given(CHANCES, st.floats(-3, 3), st.one_of(SCV, st.sampled_from([0.0, 1e-4, 30.0])))
def test_the_slowest_of_one(prob_wait: float, log_delay: float, scv: float) -> None:
    wait = prob_wait * 10.0**log_delay
    assert maximum.mean(1, prob_wait, wait, 1.0, scv) == pytest.approx(1 + wait, rel=1e-12)
    s = np.array([0.01, 1.0, 1 + 5j, 3 + 300j, 1e-3 + 2j, 1e4, 1e-9])
    expected = delayed_exponential.transform(s, prob_wait, wait)
    expected = expected * gamma_service.transform(s, 1.0, scv)
    found = maximum.transform_by_quadrature(s, 1, prob_wait, wait, 1.0, scv)
    np.testing.assert_allclose(found, expected, atol=1e-11, rtol=0)


def test_the_slowest_without_waits() -> None:
    harmonic = np.cumsum(1 / np.arange(1, 101))
    for k in (1, 2, 10, 100):
        assert maximum.mean(k, 0.0, 0.0, 2.0, 1.0) == pytest.approx(2 * harmonic[k - 1], rel=1e-13)
        s = np.array([0.4 + 1j, -0.1 + 3j])
        product = np.prod([j / (j + 2 * s) for j in range(1, k + 1)], axis=0)
        found = maximum.transform(s, k, 0.0, 0.0, 2.0, 1.0)
        np.testing.assert_allclose(found, product, rtol=1e-12)
    assert maximum.mean(5, 0.0, 0.0, 2.0, 0.0) == pytest.approx(2.0, rel=1e-14)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 25), CHANCES, st.floats(-3, 3))
def test_both_transforms_agree(k: int, prob_wait: float, log_delay: float) -> None:
    wait = prob_wait * 10.0**log_delay
    s = np.array([0.01, 1.0, 1 + 5j, 3 + 300j, 1e-3 + 2j, 1e3])
    found = maximum.transform_by_quadrature(s, k, prob_wait, wait, 1.0, 1.0)
    expected = maximum.transform(s, k, prob_wait, wait, 1.0, 1.0)
    np.testing.assert_allclose(found, expected, atol=3e-11, rtol=0)


@pytest.mark.parametrize("delay", [0.01, 0.5, 1.0, 1 + 1e-9, 20.0])
@pytest.mark.parametrize("k", [2, 5, maximum.MANY])
def test_fast_inversion_holds_where_it_is_said_to(k: int, delay: float) -> None:
    arguments = (k, 0.3, 0.3 * delay, 1.0, 1.0)
    assert maximum.is_well_conditioned(*arguments)
    times = np.linspace(0.5, 4, 15) * maximum.mean(*arguments)
    cdf = np.asarray(delayed_exponential.cdf(times, *arguments[1:]))
    exact = -np.expm1(k * np.log(cdf))
    times, exact = times[exact > 1e-3], exact[exact > 1e-3]
    for invert in (inversion.survival_by_hyperbola, inversion.survival_by_euler):
        found, _ = invert(lambda s: maximum.transform(s, *arguments), times)
        np.testing.assert_allclose(found, exact, rtol=1e-9)


@pytest.mark.parametrize(("scv", "k"), [(0.3, 3), (2.0, 8), (1.0, 100)])
def test_slow_inversion_of_the_quadrature(scv: float, k: int) -> None:
    arguments = (k, 0.3, 0.6, 1.0, scv)
    assert not maximum.is_well_conditioned(*arguments)
    times = np.linspace(0.5, 3, 6) * maximum.mean(*arguments)
    cdf = np.asarray(delayed_exponential.cdf(times, *arguments[1:]))
    exact = -np.expm1(k * np.log(cdf))
    times, exact = times[exact > 1e-3], exact[exact > 1e-3]
    found, _ = inversion.survival_by_euler(
        lambda s: maximum.transform_by_quadrature(s, *arguments), times
    )
    np.testing.assert_allclose(found, exact, rtol=1e-6, atol=1e-9)


@given(st.integers(1, 30), CHANCES, st.floats(0.01, 10), SCV)
@settings(max_examples=30, deadline=None)
def test_more_branches_take_longer(k: int, prob_wait: float, wait: float, scv: float) -> None:
    assume(prob_wait > 0.01)
    here = maximum.mean(k, prob_wait, wait, 1.0, scv)
    there = maximum.mean(k + 1, prob_wait, wait, 1.0, scv)
    assert here < there < here * (k + 1) / k * (1 + 1e-12)


def test_shapes_and_neighbours() -> None:
    random = np.random.default_rng(3)
    wait, scv = random.uniform(0.1, 2, (4, 1)), np.array([0.0, 0.4, 1.0, 2.0, 1.0])
    s = random.uniform(0.1, 1, (7, 4, 5)) + 1j * random.uniform(0, 30, (7, 4, 5))
    means = maximum.mean(4, 0.5, wait, 1.0, scv)
    slow = maximum.transform_by_quadrature(s, 4, 0.5, wait, 1.0, scv)
    fast = maximum.transform(s, 4, 0.5, wait, 1.0, scv)
    assert means.shape == (4, 5)
    assert slow.shape == fast.shape == s.shape
    assert maximum.is_well_conditioned(4, 0.5, wait, 1.0, scv).shape == (4, 5)
    for row in range(4):
        for column in range(5):
            one = (4, 0.5, wait[row, 0], 1.0, scv[column])
            assert means[row, column] == pytest.approx(maximum.mean(*one), rel=1e-13)
            alone = maximum.transform_by_quadrature(s[:, row, column], *one)
            np.testing.assert_allclose(slow[:, row, column], alone, rtol=1e-12)
            if scv[column] == 1:
                alone = maximum.transform(s[:, row, column], *one)
                np.testing.assert_allclose(fast[:, row, column], alone, rtol=1e-13)
            else:
                assert np.isnan(fast[:, row, column]).all()
    assert np.isnan(maximum.mean(3, 0.5, -1.0, 1.0, 1.0))
    assert np.isnan(maximum.mean(3, np.nan, 1.0, 1.0, 0.5))
