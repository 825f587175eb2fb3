"""What is to come: trend and season of the days, continued."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from capcalc.results.fit import Estimate, Finding
from capcalc.results.measurements import Measurements
from capcalc.studies.calibrate.context import Context
from capcalc.studies.calibrate.daily import Daily, by_day, date, totals
from capcalc.studies.calibrate.growth import name_of
from capcalc.studies.calibrate.users import REQUESTS
from capcalc.studies.seasons import LEAST_DAYS, WEEK, YEAR, Forecast, forecast
from capcalc.units.format import share, significant

#: Months that are told of, as far as the horizon goes.
MONTHS = (1, 3, 6, 12, 24, 36)
_DAYS_A_MONTH = 730 / 24
_PERIODS = {WEEK: "the week", YEAR: "the year"}


def found(files: Sequence[Measurements], context: Context, horizon: float) -> Finding:
    """Requests, users and revenue of the days to come, with their season.

    Parameters
    ----------
    files : sequence of Measurements
        With at least four weeks of days.
    context : Context
        For the level of the intervals.
    horizon : float
        How far to look. [s]
    """
    days = [each for file in files for each in by_day(file)]
    wholes = [totals(days, *REQUESTS), totals(days, "daily_active_users"), totals(days, "revenue")]
    parts = [_one(each, context, horizon) for each in wholes if each is not None]
    if not parts:
        need = f"a forecast needs {LEAST_DAYS} days of requests, users or revenue"
        return Finding(left_out=(need,))
    return Finding(
        estimates=tuple(each for part in parts for each in part.estimates),
        warnings=tuple(dict.fromkeys(each for part in parts for each in part.warnings)),
        left_out=tuple(dict.fromkeys(each for part in parts for each in part.left_out)),
    )


def _one(each: Daily, context: Context, horizon: float) -> Finding:
    name = name_of(each)
    count = int(each.known.sum())
    if count < LEAST_DAYS:
        return Finding(
            left_out=(f"a forecast of {name} needs {LEAST_DAYS} days; there are {count}",)
        )
    ahead = max(round(horizon / 86_400.0), 1)
    told = forecast(each.day[each.known], each.total[each.known], ahead, level=context.level)
    return Finding(
        estimates=tuple(_estimates(each, name, told, context)),
        warnings=tuple(_words(name, told)),
    )


def _estimates(each: Daily, name: str, told: Forecast, context: Context) -> Iterator[Estimate]:
    """Means of the week around each time, so that no weekday decides."""
    last = int(told.day[-1])
    steps = [m for m in MONTHS if m * _DAYS_A_MONTH <= told.ahead[-1] - last + 1]
    for month in steps or [0]:
        centre = last + round(month * _DAYS_A_MONTH) if month else int(told.ahead[-1])
        near = np.abs(told.ahead - min(centre, int(told.ahead[-1]) - WEEK // 2)) <= WEEK // 2
        yield Estimate(
            name="forecast",
            label=f"{name} a day, week of {date(centre, each.clock)}",
            value=float(told.median[near].mean()),
            low=float(told.low[near].mean()),
            high=float(told.high[near].mean()),
            level=context.level,
            unit="USD" if each.role == "revenue" else "1",
            n=int(each.known.sum()),
            method=told.method,
            file=each.file,
        )
    yield Estimate(
        name="busy_day",
        label=f"{name}, 99th percentile of days over the trend",
        value=told.peak_factor,
        low=float("nan"),
        high=float("nan"),
        level=context.level,
        n=int(each.known.sum()),
        method="measured values over their trend",
        file=each.file,
    )


def _words(name: str, told: Forecast) -> Iterator[str]:
    for period, strength in told.strength.items():
        if strength > 0:
            yield (
                f"{share(strength, 2)} of how {name} vary about their trend is the season of"
                f" {_PERIODS.get(period, f'{period} days')}"
            )
    end = int(told.ahead[-1])
    low, high = float(told.low[-1]), float(told.high[-1])
    if low > 0 and high / low > 3:
        yield (
            f"{name} at the end of the forecast (day {end - int(told.day[-1])} from now) may be"
            f" {significant(high / low, 2)} times as much at one end of the interval as at the"
            " other: plan for both"
        )
    yield from told.notes
