"""Growth and business figures from files of a made-up shop, and from real logs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

import capcalc as cc
from capcalc.model.system import System
from capcalc.results.fit import Estimate, Finding
from capcalc.results.measurements import Measurements, Series
from capcalc.studies.calibrate import business, growth
from capcalc.studies.calibrate.context import Context
from capcalc.studies.calibrate.daily import by_day, last_month

Array = NDArray[np.float64]
DAY, HOUR = 86_400.0, 3_600.0
#: 5 January 2026, a Monday.
MONDAY = 20_458
SHAPE = 1 + 0.6 * np.sin(2 * np.pi * (np.arange(24) - 14) / 24)
WEEK = np.array([1.0, 1.0, 1.0, 1.0, 1.0, 0.62, 0.62])


def users_of(days: int, *, per_month: float = 0.04, spread: float = 0.05, seed: int = 1) -> Array:
    rng = np.random.default_rng(seed)
    day = np.arange(days)
    noise = np.exp(spread * rng.standard_normal(days))
    return 20_000 * (1 + per_month) ** (day / (730 / 24)) * WEEK[day % 7] * noise


def table(step: float, **columns: Array) -> Measurements:
    """A file that begins on a Monday; ``browse_requests`` is the role requests of browse."""
    n = next(iter(columns.values())).size
    series = []
    for name, values in columns.items():
        label, _, role = name.rpartition("__")
        series.append(Series(role=role, label=label, values=values, column=name))
    return Measurements(
        source=f"metrics/{next(iter(columns))}.csv",
        form="table",
        rows=n,
        time=MONDAY * DAY + np.arange(n) * step,
        clock=True,
        step=step,
        series=tuple(series),
    )


def hourly(users: Array, per_user: float) -> Array:
    """Expected requests of every hour: no chance, so that all can be reckoned by hand."""
    return np.outer(users * per_user / 24, SHAPE).ravel()


@pytest.fixture(scope="module")
def bookshop() -> System:
    return cc.load("bookshop")


def named(finding: Finding, name: str, label: str = "") -> Estimate:
    return next(e for e in finding.estimates if e.name == name and e.label == label)


def names(finding: Finding) -> set[str]:
    return {each.name for each in finding.estimates}


def test_growth_season_and_peak_in_one_sentence() -> None:
    found = growth.found(table(HOUR, requests=hourly(users_of(182), 22.0)), Context())
    told = named(found, "growth", "requests")
    assert told.path == "demand.growth"
    assert told.unit == "per month"
    assert told.low < 0.04 < told.high
    assert told.n == 182
    assert found.warnings[0].startswith("Requests grow ")
    assert "from 182 days; weekends carry 62 % of a weekday" in found.warnings[0]
    assert "20-21 h UTC" in found.warnings[0]
    assert "1.6 times the day's mean" in found.warnings[0]
    assert any("a season of the year" in each for each in found.warnings)


def test_the_numbers_of_the_sentence_are_the_estimate() -> None:
    found = growth.found(table(DAY, requests=users_of(182)), Context(level=0.9))
    told = named(found, "growth", "requests")
    assert f"grow {100 * told.value:.2g} % a month (90 %:" in found.warnings[0]
    assert f"{100 * told.low:.2g} to {100 * told.high:.2g} %)" in found.warnings[0]


def test_shrinking_and_neither() -> None:
    down = growth.found(table(DAY, requests=users_of(182, per_month=-0.1)), Context())
    assert down.warnings[0].startswith("Requests shrink ")
    flat = growth.found(table(DAY, requests=users_of(182, per_month=0.0, spread=0.2)), Context())
    assert flat.warnings[0].startswith("Requests may grow or shrink: ")
    assert "which holds 0" in flat.warnings[0]


@pytest.mark.parametrize("days", [2, 14, 27])
def test_less_than_four_weeks_is_no_growth(days: int) -> None:
    found = growth.found(table(HOUR, requests=hourly(users_of(days), 1.0)), Context())
    assert not found.estimates
    assert "28 whole days" in found.left_out[0]
    assert found.left_out[0].endswith(f"the file has {days}")


def test_an_hour_of_metrics_is_not_about_growth() -> None:
    found = growth.found(table(60.0, requests=np.full(60, 5.0)), Context())
    assert found == Finding()
    assert business.found(table(60.0, requests=np.full(60, 5.0)), Context()) == Finding()


def test_a_campaign_is_named_and_is_no_growth() -> None:
    values = users_of(182, per_month=0.02)
    values[120:] *= 1.5
    found = growth.found(table(DAY, daily_active_users=values), Context())
    told = named(found, "growth", "daily active users")
    assert told.low < 0.02 < told.high
    jump = next(each for each in found.warnings if "jumped" in each)
    # day 120 after 5 January 2026
    assert jump.startswith("on 5 May 2026 the level of daily active users jumped by +")
    assert "taken out" in jump
    calm = growth.found(table(DAY, daily_active_users=users_of(182, per_month=0.02)), Context())
    assert not any("jumped" in each for each in calm.warnings)


def test_too_wide_is_not_written() -> None:
    values = users_of(30, spread=0.5)
    found = growth.found(table(DAY, requests=values), Context())
    told = named(found, "growth", "requests")
    assert told.high - told.low > 0.2
    assert told.path == ""
    assert "too wide to write down" in found.left_out[0]


def test_days_that_are_not_whole_are_left_out() -> None:
    values = hourly(users_of(60), 22.0)
    values[: 24 * 2 + 12] = np.nan
    measured = table(HOUR, requests=values)
    day = by_day(measured)[0]
    assert day.known.sum() == 57
    assert day.partial == 1
    found = growth.found(measured, Context())
    assert any(each.startswith("1 day is not whole") for each in found.warnings)


def test_a_days_total_is_a_count_whatever_the_role() -> None:
    users = users_of(28)
    count = by_day(table(HOUR, requests=hourly(users, 24.0)))[0].total
    rate = by_day(table(HOUR, throughput=hourly(users, 24.0) / HOUR))[0].total
    level = by_day(table(HOUR, daily_active_users=np.repeat(users, 24)))[0].total
    assert count == pytest.approx(24 * users)
    assert rate == pytest.approx(24 * users)
    assert level == pytest.approx(users)


def test_everything_goes_where_the_scenario_has_it(bookshop: System) -> None:
    users = users_of(56)
    traffic = table(HOUR, browse__requests=hourly(users, 22.0), search__requests=hourly(users, 4.0))
    figures = table(
        DAY,
        daily_active_users=users,
        sessions=1.5 * users,
        orders=0.012 * users,
        revenue=0.012 * 48 * users,
    )
    found = business.of_files([traffic, figures], Context(system=bookshop))
    expected = {
        ("requests_per_user_day", "browse"): ("demand.requests.browse.per_user_day", 22.0),
        ("requests_per_user_day", "search"): ("demand.requests.search.per_user_day", 4.0),
        ("visits_per_user_day", ""): ("demand.visits_per_user_day", 1.5),
        ("orders_per_user_day", ""): ("demand.business.orders_per_user_day", 0.012),
        ("order_value", ""): ("demand.business.order_value", 48.0),
        ("peak_to_average", ""): ("", 1.6),
        ("daily_active_users", ""): ("demand.daily_active_users", users[-28:].mean()),
    }
    for (name, label), (path, value) in expected.items():
        told = named(found, name, label)
        assert (told.path, told.value) == (path, pytest.approx(value)), name
        assert told.low <= told.value * (1 + 1e-12)
        assert told.high >= told.value * (1 - 1e-12)
    peak = named(found, "peak_to_average", "busy weekdays")
    assert peak.path == "demand.peak_to_average"
    assert peak.value == pytest.approx(1.79, rel=0.02)
    assert named(found, "requests_per_user_day", "browse").file == (
        "browse__requests.csv, daily_active_users.csv"
    )
    # never both: bookshop's classes are told by users
    assert "rate_at_peak" not in names(found)
    # a mean day's revenue over 24 hours, times the peak
    at_risk = 0.012 * 48 * users[-28:].mean() / 24 * 1.6
    assert named(found, "revenue_at_risk").value == pytest.approx(at_risk)
    assert any(f"${at_risk:,.0f}" in each for each in found.warnings)
    assert any("2026-02" in each for each in found.warnings)  # up to 1 March 2026
    assert not found.left_out


def test_rates_where_the_scenario_has_rates(bookshop: System) -> None:
    users = users_of(56, per_month=0.0, spread=0.0)
    demand = bookshop.demand
    browse = replace(demand.requests["browse"], per_user_day=None, rate=100.0)
    requests = {**demand.requests, "browse": browse}
    system = replace(bookshop, demand=replace(demand, requests=requests))
    traffic = table(HOUR, browse__requests=hourly(users, 22.0), search__requests=hourly(users, 4.0))
    found = business.found(traffic, Context(system=system))
    told = named(found, "rate_at_peak", "browse")
    assert told.path == "demand.requests.browse.rate"
    # the busiest hour of weekdays
    assert told.value == pytest.approx(20_000 * 22.0 / DAY * 1.6)
    assert not [e for e in found.estimates if e.name == "rate_at_peak" and e.label == "search"]
    alone = business.found(traffic, Context())
    assert named(alone, "rate_at_peak", "search").path == "demand.requests.search.rate"
    users_too = business.of_files([traffic, table(DAY, daily_active_users=users)], Context())
    assert "rate_at_peak" not in names(users_too)
    paths = [each.path for each in users_too.estimates if each.path]
    assert "demand.requests.browse.per_user_day" in paths
    assert len(paths) == len(set(paths))


def test_a_weekdays_peak_is_told() -> None:
    values = hourly(users_of(56, per_month=0.0, spread=0.0), 22.0)
    found = business.found(table(HOUR, requests=values), Context())
    told = named(found, "peak_to_average", "busy weekdays")
    assert told.value == pytest.approx(1.6 * 7 / 6.24, rel=1e-6)
    assert told.path == "demand.peak_to_average"
    assert named(found, "peak_to_average").value == pytest.approx(1.6)
    assert not named(found, "peak_to_average").path
    even = business.found(table(HOUR, requests=np.tile(SHAPE, 56)), Context())
    assert [e.path for e in even.estimates if e.name == "peak_to_average"] == [
        "demand.peak_to_average"
    ]


def test_less_than_a_week_is_not_written() -> None:
    users = users_of(5)
    both = table(HOUR, requests=hourly(users, 22.0), daily_active_users=np.repeat(users, 24))
    found = business.found(both, Context())
    assert names(found) >= {"peak_to_average", "daily_active_users", "requests_per_user_day"}
    assert not [each.path for each in found.estimates if each.path]


def test_what_a_cdn_answers_is_not_seen_at_the_web_tier(bookshop: System) -> None:
    users = users_of(28)
    measured = table(DAY, daily_active_users=users)
    at_web = tuple(
        Series(role="requests", tier="web", label=label, values=per_user * users, column=label)
        for label, per_user in (("browse", 22.0), ("asset", 11.0))
    )
    measured = replace(measured, series=measured.series + at_web)
    found = business.found(measured, Context(system=bookshop))
    assert named(found, "requests_per_user_day", "browse").path
    assert named(found, "requests_per_user_day", "asset").path == ""


def test_users_are_asked_for(bookshop: System) -> None:
    traffic = table(HOUR, browse__requests=hourly(users_of(28), 22.0))
    found = business.found(traffic, Context(system=bookshop))
    assert "need daily active users" in found.left_out[0]
    other = table(DAY, daily_active_users=users_of(28))
    other = replace(other, time=np.asarray(other.time) + 1_000 * DAY)
    apart = business.of_files([traffic, other], Context(system=bookshop))
    assert any("no day in common" in each for each in apart.left_out)


def retained(first: float, decay: float, noise: float = 0.0) -> Measurements:
    age = np.array([0.0, 1, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60, 90])
    rng = np.random.default_rng(3)
    share = np.where(age > 0, first * np.maximum(age, 1.0) ** -decay, 1.0)
    share = np.minimum(share * np.exp(noise * rng.standard_normal(age.size)), 1.0)
    series = [("age", age), ("retention", share)]
    return Measurements(
        source="retention.csv",
        form="table",
        rows=age.size,
        series=tuple(Series(role=role, values=each, column=role) for role, each in series),
    )


def test_retention_makes_users_to_come() -> None:
    inflow = np.full(120, 500.0)
    found = business.of_files([retained(0.4, 1.5, 0.02), table(DAY, new_users=inflow)], Context())
    first = named(found, "retention_first_day")
    assert first.low <= 0.4 <= first.high
    # nobody from before: the sum of the curve over 120 days, times 500
    expected = 500.0 * (1 + (0.4 * np.arange(1.0, 120.0) ** -1.5).sum())
    today = named(found, "future_daily_active_users", "today")
    assert today.value == pytest.approx(expected, rel=0.02)
    year = named(found, "future_daily_active_users", "in 12 months")
    later = 500.0 * (1 + (0.4 * np.arange(1.0, 485.0) ** -1.5).sum())
    assert year.low <= later <= year.high
    assert not any("for ever" in each for each in found.warnings)


def test_retention_that_does_not_end_is_said() -> None:
    found = business.found(retained(0.4, 0.5, 0.02), Context())
    assert any("users add up for ever" in each for each in found.warnings)
    assert any("beyond an age of 90 days" in each for each in found.warnings)
    assert "new users by the day" in found.left_out[0]


def test_a_curve_that_does_not_explain_todays_users_is_doubted() -> None:
    inflow = np.full(400, 500.0)
    curve = 1 + (0.4 * np.arange(1.0, 2000.0) ** -1.5).sum()
    fits = table(DAY, new_users=inflow, daily_active_users=np.full(400, 500 * curve))
    off = table(DAY, new_users=inflow, daily_active_users=np.full(400, 1_000 * curve))
    calm, doubt = (
        business.of_files([retained(0.4, 1.5, 0.01), each], Context()) for each in (fits, off)
    )
    assert not any("are counted" in each for each in calm.warnings)
    assert any("are counted" in each for each in doubt.warnings)


def test_three_ages_are_no_curve() -> None:
    short = retained(0.4, 1.0)
    short = replace(short, series=tuple(replace(e, values=e.values[:4]) for e in short.series))
    found = business.found(short, Context())
    assert not found.estimates
    assert "4 ages" in found.left_out[0]


@pytest.mark.parametrize(
    ("day", "month"), [(20_484, "2026-01"), (20_483, "2025-12"), (20_485, "2026-01")]
)
def test_last_full_month(day: int, month: str) -> None:
    # day 20,484 is 31 January 2026
    assert last_month(day) == month
