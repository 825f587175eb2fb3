"""Retention: curves found again, sums by brute force, users by a simulation of every user."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import beta
from scipy.stats import binom

from capcalc.theory.calibration import retention
from capcalc.theory.calibration.retention import Curve
from capcalc.theory.scaling import demand

AGE = np.array([1.0, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60, 90])


def test_a_power_law_is_found_exactly() -> None:
    told = retention.power(AGE, 0.42 * AGE**-0.6)
    assert told.values == pytest.approx([0.42, 0.6])
    assert told.low == pytest.approx(told.values, rel=1e-6)
    assert retention.at(told, [0, 1, 100]) == pytest.approx([1.0, 0.42, 0.42 * 100**-0.6])


def test_the_geometric_law_is_found_exactly() -> None:
    told = retention.geometric(AGE, beta(0.7, 2.0 + AGE) / beta(0.7, 2.0))
    assert told.values == pytest.approx([0.7, 2.0], rel=1e-4)
    # Fader & Hardie 2007, eq. 7: survival is the product of (beta + k - 1) / (alpha + beta + k - 1)
    k = np.arange(1, 31)
    expected = np.cumprod((2.0 + k - 1) / (0.7 + 2.0 + k - 1))
    assert retention.at(told, k) == pytest.approx(expected, rel=1e-4)


def test_the_nearer_law_is_chosen() -> None:
    assert retention.best(AGE, 0.42 * AGE**-0.6).law == "power"
    assert retention.best(AGE, beta(1.5, 20.0 + AGE) / beta(1.5, 20.0)).law == "geometric"


def test_sums_are_those_of_the_steady_state() -> None:
    told = retention.power(AGE, 0.4 * AGE**-1.5)
    assert retention.days_per_user(told, 1_000)[0] == pytest.approx(
        demand.power_law_users(1.0, 0.4, 1.5, 1_000.0), rel=1e-9
    )


def test_intervals_hold_the_truth() -> None:
    """Cohorts of 2,000 users, each age counted by itself."""
    seeds, first, decay, total = 300, 0, 0, 0
    truth = 0.4 * AGE**-0.5
    days = 1 + (0.4 * np.arange(1.0, 366.0) ** -0.5).sum()
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        told = retention.power(AGE, truth * np.exp(0.05 * rng.standard_normal(AGE.size)))
        first += told.low[0] <= 0.4 <= told.high[0]
        decay += told.low[1] <= 0.5 <= told.high[1]
        if seed < 150:
            _, low, high = retention.days_per_user(told, 365)
            total += low <= days <= high
    for inside, n in ((first, seeds), (decay, seeds), (total, 150)):
        assert binom.ppf(0.0005, n, 0.93) <= inside <= binom.ppf(0.9995, n, 0.985)


def test_users_by_following_every_cohort() -> None:
    told = retention.power(AGE, 0.5 * AGE**-0.8)
    fresh = np.array([100.0, 50.0, 200.0, 0.0, 80.0, 90.0])
    expected = [
        sum(fresh[day - age] * (1.0 if age == 0 else 0.5 * age**-0.8) for age in range(day + 1))
        for day in range(6)
    ]
    found = retention.daily_users(told, fresh, 6)
    assert found.users == pytest.approx(expected)
    assert retention.daily_users(told, fresh, 2).users == pytest.approx(expected[-2:])


def test_users_from_before_leave_by_the_same_curve() -> None:
    """An inflow that was always as it is now: users stay where they are in the middle of it."""
    told = retention.power(AGE, 0.5 * AGE**-2.0)
    n = 300
    level = 100.0 * float(retention.at(told, np.arange(float(n))).sum())
    found = retention.daily_users(told, np.full(n, 100.0), n, before=level)
    assert found.users == pytest.approx(np.full(n, level), rel=0.005)


def test_a_wider_curve_makes_wider_users() -> None:
    rng = np.random.default_rng(3)
    near = retention.power(AGE, 0.4 * AGE**-0.5 * np.exp(0.02 * rng.standard_normal(AGE.size)))
    far = retention.power(AGE, 0.4 * AGE**-0.5 * np.exp(0.2 * rng.standard_normal(AGE.size)))
    one, two = (retention.daily_users(each, np.full(100, 10.0), 1) for each in (near, far))
    assert two.high[0] - two.low[0] > 3 * (one.high[0] - one.low[0])
    assert one.low[0] <= one.users[0] <= one.high[0]


def test_users_who_never_leave() -> None:
    age = np.arange(1.0, 91.0)
    rng = np.random.default_rng(5)
    noise = np.exp(0.02 * rng.standard_normal(age.size))
    assert retention.floor(age, (0.12 + 0.3 / age) * noise) == pytest.approx(0.12, abs=0.02)
    assert retention.floor(age, 0.4 * age**-0.5 * noise) == 0.0


@pytest.mark.parametrize("law", [retention.power, retention.geometric])
def test_too_little_is_nan(law: type) -> None:
    told = law([0.0, 1.0, 2.0, 3.0], [1.0, 0.5, np.nan, 0.0])  # type: ignore[call-arg]
    assert isinstance(told, Curve)
    assert np.isnan(told.values).all()
    assert told.n == 1
