"""Moments of composed times, and laws that have given moments."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capcalc.theory.distributions import fits, hypoexponential, moments, phase_type

MEAN = st.floats(-6, 6).map(lambda x: 10.0**x)


@settings(max_examples=60, deadline=None)
@given(MEAN, st.floats(1.0, 1e6))
def test_hyperexponential_has_the_moments(mean: float, scv: float) -> None:
    chances, rates = fits.hyperexponential(mean, scv)
    assert chances.sum() == pytest.approx(1, rel=1e-14)
    assert (chances / rates).sum() == pytest.approx(mean, rel=1e-13)
    second = 2 * (chances / rates**2).sum()
    assert second == pytest.approx((1 + scv) * mean**2, rel=1e-12)


@settings(max_examples=60, deadline=None)
@given(MEAN, st.floats(0.01, 1.0))
def test_mixed_erlang_has_the_moments(mean: float, scv: float) -> None:
    stages, less, rate = fits.mixed_erlang(mean, scv)
    assert 1 / stages <= scv * (1 + 1e-12)
    assert 0 <= less <= 1
    first = (stages - less) / rate
    second = (less * (stages - 1) * stages + (1 - less) * stages * (stages + 1)) / rate**2
    assert first == pytest.approx(mean, rel=1e-13)
    assert moments.scv(first, second) == pytest.approx(scv, rel=1e-9)


@settings(max_examples=60, deadline=None)
@given(MEAN, st.floats(0.5, 1e4))
def test_coxian_has_the_moments(mean: float, scv: float) -> None:
    law = fits.coxian(mean, scv)
    assert phase_type.mean(*law) == pytest.approx(mean, rel=1e-13)
    assert phase_type.moment(2, *law) == pytest.approx((1 + scv) * mean**2, rel=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.floats(0.05, 0.95), MEAN, st.floats(1.2, 50))
def test_three_moments_of_a_mixture_give_it_back(chance: float, mean: float, ratio: float) -> None:
    short, long = mean, mean * ratio
    raw = [
        factor * (chance * short**k + (1 - chance) * long**k)
        for k, factor in ((1, 1), (2, 2), (3, 6))
    ]
    chances, rates = fits.three_moments(*raw)
    # ill-conditioned where the branches are near each other
    close = 1e-13 * (ratio / (ratio - 1)) ** 4 / min(chance, 1 - chance) * 10
    np.testing.assert_allclose(1 / rates, [short, long], rtol=close)
    np.testing.assert_allclose(chances, [chance, 1 - chance], rtol=close)


def test_gamma_and_what_no_law_has() -> None:
    shape, scale = fits.gamma(3.0, 0.25)
    assert (shape * scale, shape * scale**2) == (3.0, 0.25 * 9)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scv = np.array([4.0, 0.9, -1.0, np.nan, np.inf])
        chances, rates = fits.hyperexponential(1.0, scv)
        assert np.isfinite(chances[0]).all()
        assert np.isnan(chances[1:]).all()
        assert np.isnan(rates[1:]).all()
        assert np.isnan(fits.mixed_erlang(1.0, 1.5)).all()
        assert np.isnan(fits.coxian(1.0, 0.4)[2]).all()
        assert np.isnan(fits.three_moments(1.0, 1.5, 10.0)[0]).all()  # scv below 1
        assert np.isnan(fits.three_moments(1.0, 5.0, 30.0)[0]).all()  # third moment too small
        assert np.isnan(fits.gamma([0.0, -1.0, np.inf], 1.0)).all()


@settings(max_examples=50, deadline=None)
@given(st.lists(MEAN, min_size=1, max_size=5))
def test_sums_of_exponential_times(means: list[float]) -> None:
    rates = 1 / np.array(means)
    mean, scv = moments.of_sum(1 / rates, 1.0)
    assert mean == pytest.approx(hypoexponential.mean(rates), rel=1e-14)
    assert scv == pytest.approx(hypoexponential.scv(rates), rel=1e-13)


def test_mixtures_and_repeats_against_drawn_times() -> None:
    """Two million draws; the bounds are four standard errors of the sample's own moments."""
    rng = np.random.default_rng(11)
    n = 2_000_000
    branch = rng.random(n) < 0.2
    draw = np.where(branch, rng.exponential(21.0, n), rng.gamma(2.0, 0.5, n))
    mean, scv = moments.of_mixture([0.8, 0.2], [1.0, 21.0], [0.5, 1.0])
    assert mean == pytest.approx(draw.mean(), abs=4 * draw.std() / np.sqrt(n))
    error = (draw**2).std() / np.sqrt(n)
    assert mean**2 * (1 + scv) == pytest.approx((draw**2).mean(), abs=4 * error)
    count = rng.geometric(0.25, 500_000)
    total = rng.gamma(2.0 * count, 0.5)
    mean, scv = moments.of_repeats(4.0, 12.0, 1.0, 0.5)
    assert mean == pytest.approx(total.mean(), abs=4 * total.std() / np.sqrt(count.size))
    error = (total**2).std() / np.sqrt(count.size)
    assert mean**2 * (1 + scv) == pytest.approx((total**2).mean(), abs=4 * error)


def test_form_of_known_laws() -> None:
    assert moments.scv(1.0, 2.0) == 1
    assert moments.scv(0.1, 0.01) == 0  # a rounding below 0
    assert np.isnan(moments.scv(1.0, 0.5))
    assert moments.skewness(1.0, 1.5, 3.0) == pytest.approx(np.sqrt(2))  # Erlang of two stages
    assert np.isnan(moments.of_mixture([1, -1], [1, 1], [1, 1])).all()
    assert np.isnan(moments.of_sum([1, -1], [1, 1])).all()
    assert np.isnan(moments.of_repeats(-1, 1, 1, 1)).all()
