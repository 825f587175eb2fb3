"""Irregularity: scv with intervals, dispersion of counts, what a daily profile explains."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from scipy.stats import chi2
from shared import SHARED

from capcalc.theory.calibration.burstiness import (
    beside_season,
    dispersion,
    interval_dispersion,
    poisson_within,
    scv,
)

NASA = SHARED / "data" / "real" / "public" / "nasa_requests_per_minute.csv"


def rows(values: np.ndarray) -> np.ndarray:
    return np.stack(
        [np.full(len(values), values.shape[1]), values.sum(axis=1), (values**2).sum(axis=1)], axis=1
    )


@pytest.mark.parametrize(("shape", "truth"), [(1.0, 1.0), (0.25, 4.0), (10.0, 0.1)])
def test_coverage_of_mean_and_scv(shape: float, truth: float) -> None:
    rng = np.random.default_rng(2)
    found = [scv(rows(rng.gamma(shape, 1 / shape, (100, 50)))) for _ in range(400)]
    slack = 4 * np.sqrt(0.95 * 0.05 / 400)
    assert np.mean([each.low <= truth <= each.high for each in found]) >= 0.95 - slack
    held = np.mean([each.mean_low <= 1 <= each.mean_high for each in found])
    assert held == pytest.approx(0.95, abs=slack)


def test_values_are_those_of_all_times() -> None:
    times = np.random.default_rng(1).lognormal(0, 1, (30, 40))
    found = scv(rows(times))
    assert found.mean == pytest.approx(times.mean())
    assert found.scv == pytest.approx(times.var() / times.mean() ** 2)
    assert found.n == 1200


def test_dependent_times_widen_the_interval() -> None:
    rng = np.random.default_rng(8)
    level = np.exp(np.cumsum(rng.standard_normal((200, 1)) * 0.1, axis=0))
    alike = scv(rows(level * rng.exponential(1.0, (200, 50))))
    mixed = scv(
        rows(rng.permutation((level * rng.exponential(1.0, (200, 50))).ravel()).reshape(200, 50))
    )
    assert alike.high - alike.low > 2 * (mixed.high - mixed.low)
    assert alike.correlation > 0.5 > abs(mixed.correlation)


def test_too_few_batches_have_no_interval() -> None:
    found = scv(rows(np.ones((3, 5))))
    assert found.scv == 0.0
    assert np.isnan(found.low)
    assert np.isnan(scv(np.empty((0, 3))).mean)


def test_poisson_counts_have_dispersion_one_at_all_scales() -> None:
    counts = np.random.default_rng(4).poisson(40.0, 60_000)
    found = dispersion(counts, [1, 5, 60])
    low, high = poisson_within(float(found[0]), counts.size, 0.999)
    assert low < found[0] < high
    np.testing.assert_allclose(found, 1.0, atol=0.15)


def test_the_poisson_range_is_chi_squared() -> None:
    low, high = poisson_within(1.0, 200, 0.95)
    assert low == pytest.approx(chi2.ppf(0.025, 199) / 199)
    assert high == pytest.approx(chi2.ppf(0.975, 199) / 199)
    assert np.isnan(poisson_within(np.nan, 200)).all()


@pytest.mark.skipif(not NASA.exists(), reason="the shared measurements are not here")
def test_nasa_is_far_from_poisson_at_a_minute() -> None:
    with NASA.open() as file:
        counts = np.array([float(row["requests"]) for row in csv.DictReader(file)])
    assert dispersion(counts, [1])[0] == pytest.approx(21, abs=0.5)
    beside, freedom = beside_season(counts, 1440)
    assert 1 < beside < dispersion(counts, [1])[0]
    assert freedom == counts.size - 1440


def test_a_season_is_taken_out_whole() -> None:
    day = 100 + 50 * np.sin(np.arange(96) / 96 * 2 * np.pi)
    counts = np.tile(day, 20)
    assert beside_season(counts, 96)[0] == pytest.approx(0.0, abs=1e-20)
    # by hand: means 2 and 40; (1 + 1 + 0) / 2 + (100 + 100 + 0) / 40 = 6, of 6 - 2 degrees
    assert beside_season([1, 30, 3, 50, 2, 40], 2) == (1.5, 4)
    assert beside_season([1, 30, 3, 50, np.nan, 40], 2)[1] == 3
    assert np.isnan(beside_season([1, 2, 3], 5)[0])


def test_poisson_counts_with_a_steep_profile_pass_their_test() -> None:
    """Also of three days only, and where nights have a twentieth of the day's arrivals."""
    rng = np.random.default_rng(3)
    rates = 60 * (1 + 0.9 * np.sin(2 * np.pi * np.arange(3 * 288) / 288))
    held = []
    for _ in range(400):
        index, freedom = beside_season(rng.poisson(rates), 288)
        low, high = poisson_within(index, freedom + 1)
        held.append(low <= index <= high)
    assert np.mean(held) == pytest.approx(0.95, abs=4 * np.sqrt(0.95 * 0.05 / 400))


def test_independent_times_have_the_same_dispersion_over_all_stretches() -> None:
    times = np.random.default_rng(6).gamma(0.5, 2.0, (400, 100))
    stretches, index = interval_dispersion(rows(times))
    np.testing.assert_allclose(stretches, [100, 200, 400, 800, 1600])
    np.testing.assert_allclose(index, 2.0, rtol=0.5)
    assert index[0] == pytest.approx(2.0, rel=0.2)
    sums = times.sum(axis=1)
    assert index[0] == pytest.approx(100 * sums.var(ddof=1) / sums.mean() ** 2)


def test_times_that_are_alike_have_a_dispersion_far_above_their_scv() -> None:
    """Two rates in turn: what the scv of single times hides, and busy queues see."""
    rng = np.random.default_rng(7)
    level = np.repeat(rng.choice([0.5, 1.5], 400), 50).reshape(400, 50)
    times = rng.exponential(1.0, level.shape) / level
    single = scv(rows(times))
    assert single.high < 2.5
    assert interval_dispersion(rows(times))[1][0] > 5 * single.high


def test_stretches_need_sixteen_of_them() -> None:
    assert interval_dispersion(rows(np.ones((15, 5))))[0].size == 0
    assert interval_dispersion(np.empty((0, 3)))[0].size == 0


@pytest.mark.parametrize(("truth", "batches", "least"), [(4.0, 100, 0.86), (16.0, 400, 0.88)])
def test_coverage_with_long_tails(truth: float, batches: int, least: float) -> None:
    """Lognormal times, whose few long ones carry the square; 78 and 64 % without the skewness."""
    rng = np.random.default_rng(4)
    spread = np.log(1 + truth)
    found = [
        scv(rows(rng.lognormal(-spread / 2, np.sqrt(spread), (batches, 20000 // batches))))
        for _ in range(150)
    ]
    held = np.mean([each.low <= truth <= each.high for each in found])
    assert held >= least - 2 * np.sqrt(0.1 * 0.9 / 150), held
    # what carries it is few, and known to be
    assert np.median([each.telling for each in found]) < batches / 3


def test_light_tails_lose_nothing_to_that() -> None:
    found = scv(rows(np.random.default_rng(1).uniform(0.5, 1.5, (200, 50))))
    assert found.telling > 100
    # symmetric batches have a symmetric interval on the scale of ln(1 + scv)
    middle = np.sqrt((1 + found.low) * (1 + found.high))
    assert middle == pytest.approx(1 + found.scv, rel=2e-4)
