"""Means of dependent series: intervals that hold the truth as often as they say."""

from __future__ import annotations

import numpy as np
import pytest
from measured_queues import measure
from scipy.signal import lfilter

from capcalc.theory.calibration.series_mean import long_run, mean, ratio


def moving(rng: np.random.Generator, slow: float, noise: float, n: int) -> np.ndarray:
    shocks = rng.standard_normal(n + 500)
    return np.asarray(lfilter([1, noise], [1, -slow], shocks)[500:])


@pytest.mark.parametrize(
    ("slow", "noise", "n", "least"),
    [
        (0.0, 0.0, 30, 0.93),
        (0.5, 0.0, 100, 0.92),
        (0.9, 0.0, 500, 0.93),
        (0.98, 0.0, 2000, 0.92),
        (0.8, -0.5, 500, 0.90),
        (0.95, -0.8, 2000, 0.89),
    ],
)
def test_coverage(slow: float, noise: float, n: int, least: float) -> None:
    rng = np.random.default_rng(11)
    found = [mean(moving(rng, slow, noise, n)) for _ in range(600)]
    held = np.mean([each.low <= 0 <= each.high for each in found])
    assert held >= least - 3 * np.sqrt(0.05 * 0.95 / 600), held


def test_independent_values_get_students_interval() -> None:
    rng = np.random.default_rng(3)
    held = [mean(rng.standard_normal(200)) for _ in range(300)]
    usual = np.mean([each.effective_n for each in held])
    assert usual > 170
    width = np.mean([each.high - each.low for each in held])
    assert width == pytest.approx(2 * 1.972 / np.sqrt(200), rel=0.05)


def test_the_long_run_variance_of_an_autoregression() -> None:
    rng = np.random.default_rng(5)
    found = np.mean([long_run(moving(rng, 0.8, 0.0, 4000)).variance for _ in range(40)])
    assert found == pytest.approx(1 / 0.2**2, rel=0.1)


def test_a_level_is_the_level_it_was_asked_for() -> None:
    rng = np.random.default_rng(9)
    values = [moving(rng, 0.5, 0.0, 400) for _ in range(500)]
    for level in (0.5, 0.8, 0.99):
        held = np.mean([each.low <= 0 <= each.high for each in (mean(v, level) for v in values)])
        assert held == pytest.approx(level, abs=4 * np.sqrt(level * (1 - level) / 500))


def test_constant_short_and_empty_series() -> None:
    assert mean([2.0] * 10)[:3] == (2.0, 2.0, 2.0)
    assert np.isnan(mean([1.0, 2.0]).low)
    assert mean([1.0, 2.0]).value == 1.5
    assert np.isnan(mean([]).value)
    assert mean([1.0, np.nan, 3.0, 2.0, 2.0]).n == 4


def test_ratios_of_sums() -> None:
    rng = np.random.default_rng(2)
    held = []
    for _ in range(400):
        lookups = rng.poisson(np.exp(0.3 * moving(rng, 0.9, 0.0, 200)) * 500)
        hits = rng.binomial(lookups, 0.9)
        found = ratio(hits, lookups)
        held.append(found.low <= 0.9 <= found.high)
    assert np.mean(held) == pytest.approx(0.95, abs=4 * np.sqrt(0.95 * 0.05 / 400))
    assert np.isnan(ratio([1.0], [0.0]).value)


@pytest.mark.parametrize(("rate", "intervals"), [(20.0, 60), (35.0, 120)])
def test_coverage_on_queues(rate: float, intervals: int) -> None:
    """Utilization and mean response of M/M/1 as an agent reports them, minute by minute."""
    busy, answered = [], []
    for seed in range(120):
        seen = measure(
            np.random.default_rng(seed),
            intervals=intervals,
            rates=(rate,),
            service_times=(0.02,),
            load_variation=0.0,
            mix_variation=0.0,
            background=0.0,
        )
        done = seen.completions[:, 0]
        used, response = mean(seen.utilization), ratio(seen.response * done, done)
        busy.append(used.low <= 0.02 * rate <= used.high)
        answered.append(response.low <= 0.02 / (1 - 0.02 * rate) <= response.high)
    # of a true 95 % fewer than 88 % of 120 happen once in 700 times
    assert np.mean(busy) >= 0.88
    assert np.mean(answered) >= 0.88
