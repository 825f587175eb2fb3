"""Profiles of day and week: known shapes, real logs, intervals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import binom

from capcalc.theory.calibration import profile

Array = NDArray[np.float64]
HOUR, DAY = 3_600.0, 86_400.0
#: 5 January 1970 was a Monday.
MONDAY = 4
SHAPE = 1 + 0.6 * np.sin(2 * np.pi * (np.arange(24) - 9) / 24)
WEEK = np.array([1.0, 1.0, 1.0, 1.0, 1.0, 0.62, 0.62])


def measured(rng: np.random.Generator, days: int, autocorrelation: float) -> tuple[Array, Array]:
    """Hourly Poisson counts from a Monday on: days that move slowly, hours by themselves."""
    shocks = rng.standard_normal(days)
    slow = shocks.copy()
    for day in range(1, days):
        slow[day] = autocorrelation * slow[day - 1] + np.sqrt(1 - autocorrelation**2) * shocks[day]
    level = 500 * np.exp(0.2 * slow) * WEEK[np.arange(days) % 7]
    rates = level[:, np.newaxis] * SHAPE * np.exp(0.1 * rng.standard_normal((days, 24)))
    time = MONDAY * DAY + np.arange(24 * days) * HOUR
    return time, rng.poisson(rates).astype(float).ravel()


def test_hours_by_hand() -> None:
    time = np.array([0, 1800, 3600, 5400, 7200, 90_000.0])
    found = profile.hours(time, [2.0, 4.0, 5.0, np.nan, np.nan, 9.0], 1800.0)
    assert found.rate.shape == (2, 24)
    assert found.rate[0, 0] == 3.0
    assert found.rate[0, 1] == 5.0  # half of the hour is enough
    assert np.isnan(found.rate[0, 2])
    assert found.rate[1, 1] == 9.0
    assert found.day.tolist() == [0, 1]
    assert found.weekday.tolist() == [3, 4]  # 1 January 1970 was a Thursday


def test_steps_longer_than_an_hour_have_no_hours() -> None:
    assert profile.hours([0.0, DAY], [1.0, 2.0], DAY).rate.size == 0
    peak = profile.peak_to_average(profile.hours([0.0, DAY], [1.0, 2.0], DAY))
    assert np.isnan(peak.value)
    assert peak.days == 0


def test_a_known_shape_is_found() -> None:
    time = MONDAY * DAY + np.arange(28 * 24) * HOUR
    values = np.outer(WEEK[np.arange(28) % 7], SHAPE).ravel()
    found = profile.hours(time, values, HOUR)
    assert profile.daily(found).factor == pytest.approx(SHAPE, rel=1e-12)
    week = profile.weekly(found)
    assert week.factor == pytest.approx(np.outer(WEEK / WEEK.mean(), SHAPE).ravel(), rel=1e-12)
    assert week.n.tolist() == [4] * 168
    assert profile.weekend(np.arange(28) + MONDAY, values.reshape(28, 24).sum(axis=1))[0] == (
        pytest.approx(0.62)
    )
    peak = profile.peak_to_average(found)
    assert peak.value == pytest.approx(1.6)
    assert peak.hour == 15
    # a weekday is 7 / 6.24 of the week's mean (the first and last days see part of a week)
    assert peak.of_week == pytest.approx(1.6 * 7 / 6.24, rel=0.02)
    assert peak.most_over_mean == pytest.approx(1.6 * 7 / 6.24)
    assert profile.busy_weekdays(found).tolist() == [0, 1, 2, 3, 4]


def test_the_median_day_by_brute_force() -> None:
    time, values = measured(np.random.default_rng(8), 35, 0.5)
    table = values.reshape(35, 24)
    expected = np.median([row.max() / row.mean() for row in table])
    peak = profile.peak_to_average(profile.hours(time, values, HOUR))
    assert peak.value == pytest.approx(expected, rel=1e-12)
    assert peak.low <= peak.value <= peak.high
    assert peak.days == 35
    assert peak.p99_over_mean == pytest.approx(np.quantile(values, 0.99) / values.mean())


@pytest.mark.parametrize("autocorrelation", [0.0, 0.5])
def test_intervals_hold_the_truth(autocorrelation: float) -> None:
    seeds = 120
    hours = weekends = 0.0
    for seed in range(seeds):
        time, values = measured(np.random.default_rng([seed, 5]), 28, autocorrelation)
        told = profile.daily(profile.hours(time, values, HOUR))
        hours += float(((told.low <= SHAPE) & (told.high >= SHAPE)).mean())
        _, low, high = profile.weekend(np.arange(28) + MONDAY, values.reshape(28, 24).sum(axis=1))
        weekends += low <= 0.62 <= high
    assert binom.ppf(0.0005, 24 * seeds, 0.94) <= 24 * hours <= binom.ppf(0.9995, 24 * seeds, 0.96)
    # four weekends are few
    assert weekends >= binom.ppf(0.0005, seeds, 0.91)


def test_days_that_are_not_whole_take_no_part() -> None:
    time, values = measured(np.random.default_rng(9), 14, 0.0)
    values[24 * 3 : 24 * 3 + 10] = np.nan
    found = profile.hours(time, values, HOUR)
    assert set(profile.daily(found).n.tolist()) == {13}
    assert profile.peak_to_average(found).days == 13


@settings(max_examples=25, deadline=None)
@given(st.floats(1e-6, 1e6), st.integers(0, 400))
def test_neither_scale_nor_day_matters(scale: float, days: int) -> None:
    time, values = measured(np.random.default_rng(10), 10, 0.0)
    usual = profile.peak_to_average(profile.hours(time, values, HOUR))
    other = profile.peak_to_average(profile.hours(time + 7 * days * DAY, scale * values, HOUR))
    assert other == pytest.approx(usual)


def test_nothing_at_all_is_nan() -> None:
    found = profile.hours([0.0], [np.nan], HOUR)
    assert found.rate.size == 0
    assert np.isnan(profile.daily(found).factor).all()
    assert np.isnan(profile.weekly(found).factor).all()
    assert np.isnan(profile.weekend([], [])[0])
    zero = profile.hours(np.arange(48) * HOUR, np.zeros(48), HOUR)
    assert np.isnan(profile.peak_to_average(zero).value)
