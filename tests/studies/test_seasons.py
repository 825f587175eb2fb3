"""Season and forecast: known parts are found again, with and without the library."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from numpy.typing import NDArray

from capcalc.errors import UsageError
from capcalc.studies import seasons

Array = NDArray[np.float64]
WEEK = np.array([1.0, 1.0, 1.0, 1.0, 1.0, 0.62, 0.62])
MONTH = 730 / 24


def series(
    days: int, spread: float = 0.05, seed: int = 1, year: float = 0.0
) -> tuple[NDArray[np.int_], Array]:
    day = np.arange(days)
    season = np.exp(year * np.sin(2 * np.pi * day / 365))
    noise = np.exp(spread * np.random.default_rng(seed).standard_normal(days))
    return day, 1_000 * 1.03 ** (day / MONTH) * WEEK[day % 7] * season * noise


@pytest.fixture(params=[True, False], ids=["statsmodels", "regression"])
def library(request: pytest.FixtureRequest) -> bool:
    if request.param:
        pytest.importorskip("statsmodels")
    return bool(request.param)


def test_the_week_is_found_and_continued(library: bool) -> None:
    day, y = series(120)
    told = seasons.forecast(day[:90], y[:90], 30, library=library)
    factors = np.array([told.season[told.day % 7 == each].mean() for each in range(7)])
    assert factors / factors[0] == pytest.approx(WEEK, rel=0.08)
    assert told.strength[7] > 0.8
    assert ((told.low < told.median) & (told.median < told.high)).all()
    assert told.median == pytest.approx(
        1_000 * 1.03 ** (day[90:] / MONTH) * WEEK[day[90:] % 7], rel=0.1
    )
    assert told.ahead.tolist() == list(range(90, 120))
    assert list(told.frame) == ["date", "median", "low", "high"]
    assert [each[:49] for each in told.notes] == [
        "90 days do not show a season of the year (two yea"
    ]


def test_the_year_is_found(library: bool) -> None:
    day, y = series(3 * 365 + 180, year=0.3)
    told = seasons.forecast(day[: 3 * 365], y[: 3 * 365], 180, library=library)
    assert set(told.strength) == {7, 365}
    assert told.strength[365] > 0.8
    assert told.median == pytest.approx(y[3 * 365 :], rel=0.35)
    assert not told.notes
    assert ((told.low <= y[3 * 365 :]) & (y[3 * 365 :] <= told.high)).mean() >= 0.85


def test_intervals_hold_days_to_come(library: bool) -> None:
    inside = []
    for seed in range(12):
        day, y = series(150, seed=seed)
        told = seasons.forecast(day[:120], y[:120], 30, library=library)
        inside.append(((told.low <= y[120:]) & (y[120:] <= told.high)).mean())
    assert np.mean(inside) >= 0.88


def test_gaps_are_said_and_borne(library: bool) -> None:
    day, y = series(120)
    y[[20, 21, 22, 70]] = [np.nan, 0.0, -1.0, np.nan]
    told = seasons.forecast(day, y, 7, library=library)
    assert told.notes[0].startswith("4 of 120 days are missing")
    assert np.isfinite(told.median).all()


def test_no_warning_leaks(library: bool) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        seasons.forecast(np.arange(40), np.full(40, 7.0) + np.arange(40) % 2, 3, library=library)


def test_the_peak_is_that_of_the_measured_days(library: bool) -> None:
    day, y = series(90, spread=0.0)
    told = seasons.forecast(day, y, 1, library=library)
    # a weekday over the mean of the week
    assert told.peak_factor == pytest.approx(7 / 6.24, rel=0.05)


def test_without_the_library_one_line_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seasons, "_statsmodels", lambda: None)
    told = seasons.forecast(*series(90), 7)
    assert told.notes[0] == seasons.WITHOUT
    assert "pip install 'capcalc[forecast]'" in told.notes[0]
    assert told.method.startswith("harmonic regression")


@pytest.mark.parametrize(
    ("days", "horizon", "words"), [(20, 7, "there are 20"), (60, 0, "a day or more, not 0")]
)
def test_bad_requests_are_refused(days: int, horizon: int, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        seasons.forecast(*series(days), horizon)
    with pytest.raises(UsageError, match="there are 0"):
        seasons.forecast([], [], 7)
