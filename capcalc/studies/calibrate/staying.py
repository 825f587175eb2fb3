"""How many users stay, and the daily active users that follow from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from capcalc.results.fit import Estimate, Finding
from capcalc.results.measurements import Measurements
from capcalc.studies.calibrate.context import Context
from capcalc.studies.calibrate.daily import Daily, totals
from capcalc.theory.arrays import Array
from capcalc.theory.calibration import retention, series_mean
from capcalc.theory.calibration.retention import Curve
from capcalc.units.format import share, significant

#: Days over which users are followed: a year of a service as young as its curve.
YEAR = 365
#: Days whose new users stand for now, and days of them at least.
_NOW, LEAST_DAYS = 28, 7
#: Days from the last measured one, the first of them today, the last a year.
HORIZONS = ((0, "today"), (91, "in 3 months"), (YEAR, "in 12 months"))
#: What is explained of today's users may be off by so much before it is said.
_OFF = 0.15
_FADER = "Fader & Hardie 2007"
_LAWS = {
    "power": "retention falls as a power of the age, least squares of logarithms",
    "geometric": "shifted beta-geometric retention, least squares of logarithms",
}
_ASSUMPTIONS = (
    "users who come later stay as those measured do; the share at each age is of whole cohorts",
)


def found(files: Sequence[Measurements], days: Sequence[Daily], context: Context) -> Finding:
    """The curve of the first file that has ages and retention, and what it means."""
    told = [(file, table) for file in files if (table := _table(file)) is not None]
    if not told:
        return Finding()
    source, (age, shares) = told[0][0].source, told[0][1]
    curve = retention.best(age, shares, context.level)
    if not np.isfinite(curve.values).all():
        short = (
            f"a retention curve needs shares at {retention.LEAST} ages of a day or more; there are"
            f" {curve.n}"
        )
        return Finding(left_out=(short,))
    base = retention.floor(age, shares)
    estimates = list(_parameters(curve, context))
    stay = retention.days_per_user(curve, YEAR, context.level)
    estimates.append(
        _estimate("days_per_user", stay, curve, context, "sum of the curve over ages 0 to 365")
    )
    warnings = list(_words(curve, stay, base, float(age.max()), context))
    fresh = totals(days, "new_users")
    if fresh is not None and fresh.known.sum() >= LEAST_DAYS:
        to_come = list(_to_come(fresh, totals(days, "daily_active_users"), curve, context))
        estimates += to_come
        warnings += _users_words(to_come, fresh, totals(days, "daily_active_users"))
    name = source.replace("\\", "/").rsplit("/", 1)[-1]
    return Finding(
        estimates=tuple(replace(each, file=name) for each in estimates),
        warnings=tuple(warnings),
        left_out=()
        if fresh is not None
        else ("daily active users to come need new users by the day beside the retention",),
    )


def _table(file: Measurements) -> tuple[Array, Array] | None:
    """Mean share at every age; of several cohorts each counts alike."""
    ages = next(file.of_role("age"), None)
    columns = list(file.of_role("retention"))
    if ages is None or not columns:
        return None
    age = np.tile(ages.values, len(columns))
    shares = np.concatenate([each.values for each in columns])
    good = np.isfinite(age) & np.isfinite(shares)
    if not good.any():
        return None
    unique, place = np.unique(age[good], return_inverse=True)
    return unique, np.bincount(place, weights=shares[good]) / np.bincount(place)


def _parameters(curve: Curve, context: Context) -> Iterator[Estimate]:
    names = {
        "power": ("retention_first_day", "retention_decay"),
        "geometric": ("retention_alpha", "retention_beta"),
    }[curve.law]
    for place, name in enumerate(names):
        ends = (curve.values[place], curve.low[place], curve.high[place])
        unit = "share" if name == "retention_first_day" else "1"
        yield _estimate(name, ends, curve, context, _LAWS[curve.law], unit=unit)


def _estimate(
    name: str,
    ends: Sequence[float],
    curve: Curve,
    context: Context,
    method: str,
    *,
    unit: str = "1",
    label: str = "",
    caution: str = "",
) -> Estimate:
    return Estimate(
        name=name,
        label=label,
        value=float(ends[0]),
        low=float(ends[1]),
        high=float(ends[2]),
        level=context.level,
        unit=unit,
        n=curve.n,
        method=method,
        reference=_FADER,
        assumptions=_ASSUMPTIONS,
        caution=caution,
    )


def _words(
    curve: Curve, stay: Sequence[float], base: float, oldest: float, context: Context
) -> Iterator[str]:
    next_day, month = (float(each) for each in retention.at(curve, [1.0, 30.0]))
    text = f"of new users {share(next_day, 2)} are active the next day"
    if oldest >= 30:
        text += f" and {share(month, 2)} after 30 days"
    yield (
        f"{text}; one user is active on {significant(stay[0])} days of the first year"
        f" ({share(context.level)}: {significant(stay[1])} to {significant(stay[2])})"
    )
    if oldest < YEAR:
        yield (
            f"beyond an age of {significant(oldest)} days the curve is continued, not measured:"
            f" {share(_beyond(curve, oldest), 2)} of the days of the first year rest on that"
        )
    if base > 0:
        yield (
            f"about {share(base, 2)} of users seem never to leave: with them the days per user"
            " grow with the age of the service without end, and a law that falls to 0 says too"
            " little"
        )
    power = curve.values[1] if curve.law == "power" else curve.values[0]
    if power <= 1:
        yield (
            f"retention falls so slowly (as age to the power of -{significant(float(power), 2)})"
            " that users add up for ever: there is no steady number of daily active users, only"
            " one for each age of the service"
        )


def _beyond(curve: Curve, oldest: float) -> float:
    """Share of the first year's days that comes from ages that were not measured."""
    shares = retention.at(curve, np.arange(YEAR + 1.0))
    return float(shares[int(oldest) + 1 :].sum() / shares.sum())


def _to_come(
    fresh: Daily, users: Daily | None, curve: Curve, context: Context
) -> Iterator[Estimate]:
    """Users today and to come: of the new users measured, and as many a day from now on."""
    told = series_mean.mean(fresh.total[fresh.known][-_NOW:], context.level)
    past = np.where(fresh.known, fresh.total, told.value)
    before = 0.0
    if users is not None:
        at_first = users.total[users.known & (users.day >= fresh.day[0])]
        before = float(at_first[0]) - float(past[0]) if at_first.size else 0.0
    inflow = np.concatenate([past, np.full(YEAR, told.value)])
    found = retention.daily_users(
        curve, inflow, YEAR + 1, before=max(before, 0.0), level=context.level
    )
    # the inflow's own error counts for those who come from now on
    unsure = (told.high - told.low) / 2.0 / told.value if told.value > 0 else 0.0
    for day, label in HORIZONS:
        value = float(found.users[day])
        later = float(retention.at(curve, np.arange(float(day))).sum()) * told.value * unsure
        below = np.hypot(value - found.low[day], later)
        above = np.hypot(found.high[day] - value, later)
        yield _estimate(
            "future_daily_active_users",
            (value, max(value - float(below), 0.0), value + float(above)),
            curve,
            context,
            "new users of each day times the retention at their age"
            + (f", with {significant(told.value)} new users a day from now on" if day else "")
            + (", and those of before by the same curve" if before > 0 else ""),
            label=label,
            caution="" if before > 0 else "users who came before the file are not in it",
        )


def _users_words(to_come: Sequence[Estimate], fresh: Daily, users: Daily | None) -> Iterator[str]:
    """What comes of today's inflow, and whether the curve can be trusted with it."""
    today, year = to_come[0], to_come[-1]
    inflow = float(np.nanmean(fresh.total[fresh.known][-_NOW:]))
    ends = f"({share(year.level)}: {significant(year.low)} to {significant(year.high)})"
    text = (
        f"with {significant(inflow)} new users a day, as of late, daily active users are"
        f" {significant(year.value)} in a year {ends}"
    )
    if users is None:
        yield text
        return
    now = float(np.nanmean(users.total[users.known][-_NOW:]))
    if year.low > now:
        text += f", more than the {significant(now)} of now"
    elif year.high < now:
        text += f", fewer than the {significant(now)} of now: growth needs a growing inflow"
    else:
        text += f"; now there are {significant(now)}"
    yield text
    if abs(today.value - now) > _OFF * now:
        yield (
            f"the curve and the new users explain {significant(today.value)} daily active users"
            f" today; measured are {significant(now)}: new users or their return are counted"
            " otherwise than active users, or retention has changed, so trust the forecast no"
            " further than that"
        )
