"""What users do in a day, and what the busiest hour is worth: business figures and traffic."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from capcalc.results.fit import Estimate, Finding
from capcalc.results.measurements import Measurements
from capcalc.studies.calibrate import peaks, staying
from capcalc.studies.calibrate.context import Context
from capcalc.studies.calibrate.daily import (
    Daily,
    by_day,
    classes,
    date,
    last_month,
    together,
    totals,
)
from capcalc.studies.calibrate.users import (
    LEAST_DAYS,
    NOW,
    REQUESTS,
    asked,
    class_path,
    estimate,
    lately,
)
from capcalc.theory.calibration import series_mean
from capcalc.theory.calibration.profile import Hours, Peak
from capcalc.units.format import rate

_DAY = 86_400.0
#: Said of a mean over days that are not a week.
SHORT = "a mean of less than a week: weekdays do not count alike"
_COCHRAN = "Cochran 1977, sec. 2.11"


def found(measurements: Measurements, context: Context) -> Finding:
    """Users, requests, visits and orders per user, the peak, and what an hour of it is worth."""
    return of_files([measurements], context)


def of_files(files: Sequence[Measurements], context: Context) -> Finding:
    """The same of several files: users of one may divide the requests of another, day by day."""
    days = [each for file in files for each in by_day(file)]
    peak = peaks.peak_of(files, days)
    finding = staying.found(files, days, context)
    if not any(each.known.sum() >= 2 for each in days):
        return finding
    at_risk = peaks.at_risk(files, days, peak, context)
    estimates = [
        *_users(days, context),
        *_per_user(days, context),
        *peaks.of_peak(peak, days, context),
        *peaks.rates_at_peak(files, days, peak, context),
        *at_risk,
    ]
    warnings = [*_month(days), *peaks.worth(at_risk)]
    return Finding(
        estimates=(*estimates, *finding.estimates),
        warnings=(*warnings, *finding.warnings),
        left_out=(*_left_out(days, peak, context), *finding.left_out),
    )


def _users(days: Sequence[Daily], context: Context) -> Iterator[Estimate]:
    users = totals(days, "daily_active_users")
    if users is None or users.known.sum() < 2:
        return
    told, count = lately(users, context.level)
    yield estimate(
        "daily_active_users",
        told,
        context,
        of=[users],
        path="demand.daily_active_users" if count >= LEAST_DAYS else "",
        method=f"mean of the last {count} days, up to {date(int(users.day[-1]), users.clock)}",
        caution="" if count >= LEAST_DAYS else SHORT,
    )


def _per_user(days: Sequence[Daily], context: Context) -> Iterator[Estimate]:
    """Requests of each class, visits and orders over users; revenue over orders."""
    users = totals(days, "daily_active_users")
    sought: list[tuple[str, str, str, Daily | None, Daily | None]] = [
        (
            "requests_per_user_day",
            name,
            class_path(name, "per_user_day", each, context),
            each,
            users,
        )
        for name, each in asked(days, context)
    ]
    business = "demand.business."
    sessions, orders = totals(days, "sessions"), totals(days, "orders")
    sought += [
        ("visits_per_user_day", "", "demand.visits_per_user_day", sessions, users),
        ("orders_per_user_day", "", f"{business}orders_per_user_day", orders, users),
        ("order_value", "", f"{business}order_value", totals(days, "revenue"), orders),
    ]
    for name, label, path, above, below in sought:
        if above is None or below is None:
            continue
        one, two = together(above, below)
        told = series_mean.ratio(one, two, context.level)
        if not np.isfinite(told.value) or told.n < 2:
            continue
        yield estimate(
            name,
            told,
            context,
            of=[above, below],
            label=label,
            path=path if told.n >= LEAST_DAYS else "",
            unit="USD" if name == "order_value" else "1",
            method=f"sum of {_words(above)} over sum of {_words(below)} of the same days",
            reference=_COCHRAN,
            caution="" if told.n >= LEAST_DAYS else SHORT,
        )


def _words(each: Daily) -> str:
    return each.role.replace("_", " ") if each.role not in REQUESTS else "requests"


def _month(days: Sequence[Daily]) -> Iterator[str]:
    """Which month is the scenario's start, if the calendar is known and users are measured."""
    users = totals(days, "daily_active_users", *REQUESTS)
    if users is not None and users.clock and users.known.sum() >= NOW:
        last = int(users.day[users.known][-1])
        yield (
            f"the figures stand for the days up to {date(last, True)}; the last full month is"
            f" {last_month(last)}: as demand.start it makes plans begin there"
        )


def _left_out(
    days: Sequence[Daily], peak: tuple[Peak, Hours] | None, context: Context
) -> Iterator[str]:
    users, whole = totals(days, "daily_active_users"), totals(days, *REQUESTS)
    if whole is not None and users is None and _by_users(context) and whole.known.sum() >= 2:
        mean = float(np.nanmean(whole.total)) / _DAY
        yield (
            f"requests per user and day need daily active users beside the requests (a mean of"
            f" {rate(mean)} over {int(whole.known.sum())} days): give the file that has them too"
        )
    if users is not None and whole is not None and together(whole, users)[0].size == 0:
        yield (f"requests per user and day: {whole.file} and {users.file} have no day in common")
    if whole is not None and peak is None and whole.known.sum() >= LEAST_DAYS:
        yield "the peak of a day needs requests by the hour or finer"
    system = context.system
    if system is not None:
        unknown = sorted(set(classes(days)) - set(system.demand.requests))
        if unknown and users is not None:
            yield (
                f"the scenario has no request class {', '.join(unknown)}: its numbers are told,"
                " but not written"
            )


def _by_users(context: Context) -> bool:
    if context.system is None:
        return False
    return any(each.per_user_day is not None for each in context.system.demand.requests.values())
