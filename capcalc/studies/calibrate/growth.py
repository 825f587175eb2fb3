"""How fast demand grows, month by month: by the day, season and jumps taken out."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from capcalc.results.fit import Estimate, Finding
from capcalc.results.measurements import Measurements
from capcalc.studies.calibrate.context import Context
from capcalc.studies.calibrate.daily import DAY, Daily, by_day, classes, date, hours_of, totals
from capcalc.theory.calibration import growth, profile
from capcalc.theory.calibration.growth import Growth
from capcalc.units.format import duration, share, significant

#: Days that a growth is measured from at least: four weeks.
LEAST_DAYS = 28
#: Widest interval that is written into a scenario, and the one that is aimed at. [per month]
_WIDEST, _AIM = 0.2, 0.05
#: What grows with demand, the surest first; the first that is there speaks for all demand.
_SPEAKS = ("requests", "throughput", "arrival_rate", "daily_active_users", "sessions", "orders")
_MORE = ("daily_active_users", "monthly_active_users", "sessions", "orders", "revenue", "new_users")
_NAMES = {
    "requests": "requests",
    "throughput": "requests",
    "arrival_rate": "requests",
    "daily_active_users": "daily active users",
    "monthly_active_users": "monthly active users",
    "new_users": "new users",
}
_ASSUMPTIONS = (
    "growth is a steady share a month (of 730 h), the same over the whole file",
    "what was a trend goes on: no measurement tells that",
)
#: Independent days below which, with slow movements, an interval covers less than it says.
_FEW = 8.0
_SLOW = 0.95
_YEAR = 365.25


def found(measurements: Measurements, context: Context) -> Finding:
    """Growth of all demand, of each class and of the business figures."""
    days = by_day(measurements)
    whole = totals(days, *_SPEAKS)
    if whole is None:
        return Finding()
    count = int(whole.known.sum())
    if count < LEAST_DAYS:
        # a load test or an hour of metrics is not about growth: nothing is missing there
        if count < 2:
            return Finding()
        short = (
            f"growth needs at least {LEAST_DAYS} whole days (four weeks: less cannot be told"
            f" from a week's season), better a year; the file has {count}"
        )
        return Finding(left_out=(short,))
    estimates: list[Estimate] = []
    warnings: list[str] = []
    left: list[str] = []
    parts = list(classes(days).values()) if len(classes(days)) > 1 else []
    others = [each for role in _MORE if (each := totals(days, role)) is not None]
    chosen = [whole, *parts, *(each for each in others if each is not whole)]
    for each in chosen:
        if int(each.known.sum()) < LEAST_DAYS:
            continue
        told = growth.fit(each.day * DAY, each.total, level=context.level)
        if not np.isfinite(told.low):
            continue
        estimate = _estimate(each, told, context, path=each is whole and not each.tier)
        estimates.append(estimate)
        if each is whole:
            warnings.append(_sentence(measurements, each, told, context))
            warnings += _cautions(each, told, context.level)
            if told.high - told.low > _WIDEST:
                left.append(_too_wide(each, told))
    return Finding(estimates=tuple(estimates), warnings=tuple(warnings), left_out=tuple(left))


def name_of(each: Daily) -> str:
    """What is counted, in the plural: "requests", "requests of search"."""
    name = _NAMES.get(each.role, each.role)
    return f"{name} of {each.label}" if each.label else name


def _estimate(each: Daily, told: Growth, context: Context, *, path: bool) -> Estimate:
    written = path and told.high - told.low <= _WIDEST
    return Estimate(
        name="growth",
        label=each.label or _NAMES.get(each.role, each.role),
        tier=each.tier,
        path="demand.growth" if written else "",
        value=told.per_month,
        low=told.low,
        high=told.high,
        level=context.level,
        unit="per month",
        n=told.n,
        method="log-linear trend of the days with season; errors: slow movements and noise (REML)",
        reference="Zellner & Tiao 1964; Harville 1974",
        assumptions=_ASSUMPTIONS,
        caution=_doubt(each, told),
    )


def _doubt(each: Daily, told: Growth) -> str:
    doubts = []
    if told.suspected is not None:
        jump = told.suspected
        where = date(int(each.day[jump.place]), each.clock)
        doubts.append(
            f"a lasting jump of {_signed(jump.change)} on {where} may be in it (chance makes such"
            f" a one in 1 of 20 files); without it growth is {_signed(told.otherwise)} a month"
        )
    if told.effective_n < _FEW or (told.autocorrelation > _SLOW and told.n < 180):
        doubts.append(
            f"what {told.n} days tell of it is worth no more than"
            f" {significant(told.effective_n, 2)} independent ones: the interval may be too narrow"
        )
    return "; ".join(doubts)


def _sentence(measured: Measurements, each: Daily, told: Growth, context: Context) -> str:
    """What grows, how fast, the weekend and the busiest hour, each if it is known."""
    name = name_of(each).capitalize()
    ends = f"({share(context.level)}: {_range(told.low, told.high)})"
    if told.low > 0:
        text = f"{name} grow {share(told.per_month, 2)} a month {ends}"
    elif told.high < 0:
        text = f"{name} shrink {share(-told.per_month, 2)} a month {ends}"
    else:
        text = f"{name} may grow or shrink: {_signed(told.per_month)} a month {ends}, which holds 0"
    text += f", from {told.n} days"
    return text + "".join(f"; {part}" for part in _rhythm(measured, each))


def _rhythm(measured: Measurements, each: Daily) -> Iterator[str]:
    if each.clock:
        part, low, high = profile.weekend(each.day, each.total)
        if np.isfinite(low) and (high < 1 or low > 1):
            yield f"weekends carry {share(part, 2)} of a weekday"
    hours = hours_of(measured, each)
    if hours is None:
        return
    peak = profile.peak_to_average(hours)
    if peak.days >= profile.LEAST_DAYS:
        zone = "UTC" if each.clock else "after the file's start"
        yield (
            f"the busiest hour is {peak.hour}-{peak.hour + 1} h {zone} on average; that of the"
            f" median day carries {significant(peak.value)} times the day's mean"
        )


def _cautions(each: Daily, told: Growth, level: float) -> Iterator[str]:
    name = name_of(each)
    if told.shift is not None:
        jump = told.shift
        yield (
            f"on {date(int(each.day[jump.place]), each.clock)} the level of {name} jumped by"
            f" {_signed(jump.change)} ({share(level)}: {_range(jump.low, jump.high)}) and stayed"
            " there: a campaign, a release or a change of counting is no growth, so it is taken"
            f" out; counted as growth it would make {_signed(told.otherwise)} a month"
        )
    if told.outliers:
        places = [date(int(each.day[place]), each.clock) for place in told.outliers[:3]]
        more = len(told.outliers) - len(places)
        yield (
            f"{len(told.outliers)} {'day is' if len(told.outliers) == 1 else 'days are'} left out"
            f" of the growth, being far off the same weekday around (an outage or an event):"
            f" {', '.join(places)}{f' and {more} more' if more else ''}"
        )
    zeros = int((each.total[each.known] <= 0).sum())
    if zeros:
        yield f"{zeros} days without any {name} are left out of the growth"
    if each.partial:
        days = "day is" if each.partial == 1 else "days are"
        yield f"{each.partial} {days} not whole in the file, and left out of the growth"
    span = int(each.day[-1] - each.day[0]) + 1
    if span < 2 * _YEAR:
        yield (
            f"a season of the year cannot be told from growth in {_span(span)}: compare with"
            " the same months of last year if there are any"
        )
    yield from _shape(each, told)


def _shape(each: Daily, told: Growth) -> Iterator[str]:
    """Where a straight line and a curve part, if the trend is real."""
    if told.low <= 0:
        return
    curve = (1.0 + told.per_month) ** 12
    line = 1.0 + 12 * told.linear_per_month
    apart = abs(curve - line) > 0.1 * line
    months = f"in 12 months the line would be at {significant(line)} times today's level,"
    ends = f"{months} steady growth at {significant(curve)} times"
    if told.shape == "linear" and apart:
        yield (
            f"a straight line fits {name_of(each)} better than a steady share a month: {ends}; a"
            " scenario's growth compounds, so shorten the horizon"
        )
    elif not told.shape and apart:
        yield f"whether growth compounds or is a straight line these days cannot tell: {ends}"


def _too_wide(each: Daily, told: Growth) -> str:
    days = int(each.day[-1] - each.day[0]) + 1
    # the slope's error falls with the time to the power of 1.5
    needed = days * ((told.high - told.low) / _AIM) ** (2.0 / 3.0)
    return (
        f"growth of {name_of(each)} is known only to lie in {_range(told.low, told.high)} a month:"
        f" too wide to write down. To know it within {share(_AIM)} takes about"
        f" {significant(needed, 2)} days that vary as these do"
    )


def _span(days: int) -> str:
    return duration(days * DAY, 3)


def _range(low: float, high: float) -> str:
    return f"{significant(100 * low, 2)} to {significant(100 * high, 2)} %"


def _signed(change: float) -> str:
    return f"{'+' if change > 0 else ''}{share(change, 2)}"
