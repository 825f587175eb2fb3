"""What users do in a day, and what the busiest hour is worth: business figures and traffic."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from capcalc.results.fit import Estimate, Finding
from capcalc.results.measurements import Measurements
from capcalc.studies.calibrate import staying
from capcalc.studies.calibrate.context import Context
from capcalc.studies.calibrate.daily import (
    Daily,
    by_day,
    classes,
    date,
    files_of,
    hours_of,
    last_month,
    together,
    totals,
)
from capcalc.theory.arrays import Array
from capcalc.theory.calibration import profile, series_mean
from capcalc.theory.calibration.profile import Hours, Peak
from capcalc.units.format import dollars, rate, significant

#: Days at the end of a file that stand for now: four weeks, so that every weekday counts alike.
NOW = 28
#: As many of the weekdays that carry more than the others.
NOW_BUSY = 20
#: Whole days from which on a mean day, or a profile, is written into a scenario: a week.
LEAST_DAYS = 7
#: A weekday's peak that is so much above the median day's over the week's mean is told.
_MORE = 1.03
_REQUESTS = ("requests", "throughput", "arrival_rate")
_DAY = 86_400.0
_COCHRAN = "Cochran 1977, sec. 2.11"


def found(measurements: Measurements, context: Context) -> Finding:
    """Users, requests, visits and orders per user, the peak, and what an hour of it is worth."""
    return of_files([measurements], context)


def of_files(files: Sequence[Measurements], context: Context) -> Finding:
    """The same of several files: users of one may divide the requests of another, day by day."""
    days = [each for file in files for each in by_day(file)]
    peak = _peak(files, days)
    finding = staying.found(files, days, context)
    if not any(each.known.sum() >= 2 for each in days):
        return finding
    estimates = [*_users(days, context), *_per_user(days, context), *_of_peak(peak, days, context)]
    estimates += _rates(files, days, peak, context)
    at_risk = _at_risk(files, days, peak, context)
    estimates += at_risk
    warnings = [*_month(days), *_worth(at_risk)]
    return Finding(
        estimates=(*estimates, *finding.estimates),
        warnings=(*warnings, *finding.warnings),
        left_out=(*_left_out(days, peak, context), *finding.left_out),
    )


def _users(days: Sequence[Daily], context: Context) -> Iterator[Estimate]:
    users = totals(days, "daily_active_users")
    if users is None or users.known.sum() < 2:
        return
    told, count = _lately(users, context.level)
    yield _estimate(
        "daily_active_users",
        told,
        context,
        of=[users],
        path="demand.daily_active_users" if count >= LEAST_DAYS else "",
        method=f"mean of the last {count} days, up to {date(int(users.day[-1]), users.clock)}",
        caution="" if count >= LEAST_DAYS else "less than a week: weekdays do not count alike",
    )


def _lately(each: Daily, level: float) -> tuple[series_mean.Mean, int]:
    """Mean of the last whole weeks; the weekdays' own means are no chance."""
    known = each.known
    last = each.total[known][-NOW:]
    weekday = each.day[known][-NOW:] % 7
    weeks = last.size // 7
    if weeks < 2:
        return series_mean.mean(last, level), last.size
    last, weekday = last[-7 * weeks :], weekday[-7 * weeks :]
    usual = np.array(
        [last[weekday == each].mean() if (weekday == each).any() else 0.0 for each in range(7)]
    )
    # seven means were taken out: what is left varies less than chance does
    rest = (last - usual[weekday]) * np.sqrt(last.size / max(last.size - 7, 1))
    return series_mean.mean(last.mean() + rest, level), last.size


def _per_user(days: Sequence[Daily], context: Context) -> Iterator[Estimate]:
    """Requests of each class, visits and orders over users; revenue over orders."""
    users = totals(days, "daily_active_users")
    asked: list[tuple[str, str, str, Daily | None, Daily | None]] = [
        (
            "requests_per_user_day",
            name,
            _class_path(name, "per_user_day", each, context),
            each,
            users,
        )
        for name, each in _asked(days, context)
    ]
    business = "demand.business."
    sessions, orders = totals(days, "sessions"), totals(days, "orders")
    asked += [
        ("visits_per_user_day", "", "demand.visits_per_user_day", sessions, users),
        ("orders_per_user_day", "", f"{business}orders_per_user_day", orders, users),
        ("order_value", "", f"{business}order_value", totals(days, "revenue"), orders),
    ]
    for name, label, path, above, below in asked:
        if above is None or below is None:
            continue
        one, two = together(above, below)
        told = series_mean.ratio(one, two, context.level)
        if not np.isfinite(told.value) or told.n < 2:
            continue
        yield _estimate(
            name,
            told,
            context,
            of=[above, below],
            label=label,
            path=path if told.n >= LEAST_DAYS else "",
            unit="USD" if name == "order_value" else "1",
            method=f"sum of {_words(above)} over sum of {_words(below)} of the same days",
            reference=_COCHRAN,
            caution="" if told.n >= LEAST_DAYS else "less than a week: weekdays do not count alike",
        )


def _words(each: Daily) -> str:
    return each.role.replace("_", " ") if each.role not in _REQUESTS else "requests"


def _asked(days: Sequence[Daily], context: Context) -> list[tuple[str, Daily]]:
    """Requests by class; all requests where the file has no classes."""
    found = list(classes(days).items())
    if found:
        return found
    whole = totals(days, *_REQUESTS)
    if whole is None:
        return []
    names = [] if context.system is None else list(context.system.demand.requests)
    return [(names[0] if len(names) == 1 else "", whole)]


def _class_path(name: str, field: str, each: Daily, context: Context) -> str:
    """Where a class keeps its number, if it says it this way: by users, or by a rate.

    What a tier behind a CDN counts is less than what users ask for where the edge may answer.
    """
    if not name:
        return ""
    system = context.system
    if system is not None:
        given = system.demand.requests.get(name)
        if given is None or getattr(given, field) is None:
            return ""
        entries = ("web", "load_balancer")
        if each.tier and each.tier in system.tiers:
            kind = getattr(system.tiers[each.tier], "kind", "")
            if kind not in entries or given.edge_cacheable:
                return ""
    return f"demand.requests.{name}.{field}"


def _peak(files: Sequence[Measurements], days: Sequence[Daily]) -> tuple[Peak, Hours] | None:
    """The peak of all requests, from the first file whose intervals are an hour or less."""
    whole = totals(days, *_REQUESTS)
    if whole is None or whole.tier:
        return None
    for file in files:
        if file.source == whole.file:
            hours = hours_of(file, whole)
            if hours is not None and hours.rate.size:
                peak = profile.peak_to_average(hours)
                return (peak, hours) if peak.days else None
    return None


def _of_peak(
    peak: tuple[Peak, Hours] | None, days: Sequence[Daily], context: Context
) -> Iterator[Estimate]:
    if peak is None:
        return
    told = peak[0]
    doubt = ""
    if told.days < LEAST_DAYS:
        doubt = f"{told.days} days: less than a week does not show every weekday"
    elif told.steep > 1.15 * told.value:
        doubt = (
            f"one day in twenty is steeper: {significant(told.steep)}; the busiest 1 % of all"
            f" hours begin at {significant(told.p99_over_mean)} times the mean of the file"
        )
    if told.of_week > _MORE * told.value:
        more = (
            f"busy weekdays carry more than the week's mean: their busiest hour is at"
            f" {significant(told.of_week)} times the mean of the week. As users a day are a mean"
            " over the week, write that if the scenario is about a weekday's peak"
        )
        doubt = f"{doubt}; {more}" if doubt else more
    yield Estimate(
        name="peak_to_average",
        path="demand.peak_to_average" if told.days >= LEAST_DAYS and told.value >= 1 else "",
        value=told.value,
        low=max(told.low, 1.0),
        high=told.high,
        level=context.level,
        n=told.days,
        method="busiest hour of the median day over that day's mean",
        reference="David & Nagaraja 2003, sec. 7.1 (interval of a median)",
        caution=doubt,
        file=files_of([each for each in [totals(days, *_REQUESTS)] if each]),
    )


def _rates(
    files: Sequence[Measurements],
    days: Sequence[Daily],
    peak: tuple[Peak, Hours] | None,
    context: Context,
) -> Iterator[Estimate]:
    """Requests per second in the busiest hour, where a class is given by its rate."""
    if peak is None or peak[0].days < LEAST_DAYS:
        return
    demand = None if context.system is None else context.system.demand
    if demand is None and totals(days, "daily_active_users") is not None:
        return
    for name, each in _asked(days, context):
        path = _class_path(name, "rate", each, context)
        if demand is not None and not path:
            continue
        file = next(file for file in files if file.source == each.file)
        hours = hours_of(file, each)
        if hours is None:
            continue
        seconds = float(file.step or 1.0) if each.role == "requests" else 1.0
        per_second = _busiest(hours, peak[0].hour) / seconds
        told = series_mean.mean(per_second[-NOW_BUSY:], context.level)
        yield _estimate(
            "rate_at_peak",
            told,
            context,
            of=[each],
            label=name,
            path=path if each.clock else "",
            unit="1/s",
            method=f"mean rate from {peak[0].hour} to {peak[0].hour + 1} h, the busiest hour of"
            f" all requests, over the last {told.n} busy weekdays",
        )


def _busiest(hours: Hours, hour: int) -> Array:
    """Rates in this hour, day by day, of the weekdays that carry more than the others do."""
    busy = profile.busy_weekdays(hours)
    rates = hours.rate[np.isin(hours.weekday, busy), hour]
    return np.asarray(rates[np.isfinite(rates)])


def _at_risk(
    files: Sequence[Measurements],
    days: Sequence[Daily],
    peak: tuple[Peak, Hours] | None,
    context: Context,
) -> list[Estimate]:
    """Revenue of an hour of the peak: measured by the hour, or the day's mean times the peak."""
    revenue = totals(days, "revenue")
    if revenue is None or revenue.known.sum() < LEAST_DAYS:
        return []
    file = next(file for file in files if file.source == revenue.file)
    hours = hours_of(file, revenue)
    if hours is not None:
        own = profile.peak_to_average(hours)
        an_hour = _busiest(hours, own.hour) * 3600.0 / float(file.step or 3600.0)
        told = series_mean.mean(an_hour[-NOW_BUSY:], context.level)
        method = f"mean revenue from {own.hour} to {own.hour + 1} h of busy weekdays"
        return [
            _estimate("revenue_at_risk", told, context, of=[revenue], unit="USD", method=method)
        ]
    if peak is None:
        return []
    told, count = _lately(revenue, context.level)
    factor = peak[0].value / 24.0
    scaled = told._replace(
        value=told.value * factor, low=told.low * factor, high=told.high * factor
    )
    method = f"revenue of a mean day of the last {count} over 24, times peak to average"
    doubt = "taken to peak as requests do; the interval is of the day's revenue alone"
    return [
        _estimate(
            "revenue_at_risk",
            scaled,
            context,
            of=[revenue],
            unit="USD",
            method=method,
            caution=doubt,
        )
    ]


def _worth(at_risk: Sequence[Estimate]) -> Iterator[str]:
    for each in at_risk:
        yield f"an hour of the peak is worth {dollars(each.value)}: so much is at risk in an outage"


def _month(days: Sequence[Daily]) -> Iterator[str]:
    """Which month is the scenario's start, if the calendar is known and users are measured."""
    users = totals(days, "daily_active_users", *_REQUESTS)
    if users is not None and users.clock and users.known.sum() >= NOW:
        last = int(users.day[users.known][-1])
        yield (
            f"the figures stand for the days up to {date(last, True)}; the last full month is"
            f" {last_month(last)}: as demand.start it makes plans begin there"
        )


def _left_out(
    days: Sequence[Daily], peak: tuple[Peak, Hours] | None, context: Context
) -> Iterator[str]:
    users, whole = totals(days, "daily_active_users"), totals(days, *_REQUESTS)
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


def _estimate(
    name: str,
    told: series_mean.Mean,
    context: Context,
    *,
    of: Sequence[Daily],
    label: str = "",
    path: str = "",
    unit: str = "1",
    method: str,
    reference: str = "Fishman 2001, ch. 6",
    caution: str = "",
) -> Estimate:
    if not caution and told.effective_n < series_mean.LEAST_EFFECTIVE:
        caution = (
            f"its days move so slowly that they tell as much as {significant(told.effective_n, 2)}"
            " independent ones: the interval may be too narrow"
        )
    return Estimate(
        name=name,
        label=label,
        path=path,
        value=told.value,
        low=max(told.low, 0.0),
        high=told.high,
        level=context.level,
        unit=unit,
        n=told.n,
        method=method,
        reference=reference,
        caution=caution,
        file=files_of(of),
    )
