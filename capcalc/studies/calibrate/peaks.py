"""The busiest hour: over the day's mean, in requests per second, and what it is worth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from capcalc.results.fit import Estimate
from capcalc.results.measurements import Measurements
from capcalc.studies.calibrate.context import Context
from capcalc.studies.calibrate.daily import Daily, files_of, hours_of, totals
from capcalc.studies.calibrate.users import (
    LEAST_DAYS,
    NOW,
    REQUESTS,
    asked,
    class_path,
    estimate,
    lately,
)
from capcalc.theory.arrays import Array
from capcalc.theory.calibration import profile, series_mean
from capcalc.theory.calibration.profile import Hours, Peak
from capcalc.units.format import dollars, significant

#: As many of the weekdays that carry more than the others as there are in four weeks.
NOW_BUSY = NOW * 5 // 7
#: A weekday's peak that is so much above the median day's over the week's mean is told.
_MORE = 1.03


def peak_of(files: Sequence[Measurements], days: Sequence[Daily]) -> tuple[Peak, Hours] | None:
    """The peak of all requests, from the first file whose intervals are an hour or less."""
    whole = totals(days, *REQUESTS)
    if whole is None or whole.tier:
        return None
    for file in files:
        if file.source == whole.file:
            hours = hours_of(file, whole)
            if hours is not None and hours.rate.size:
                peak = profile.peak_to_average(hours)
                return (peak, hours) if peak.days else None
    return None


def of_peak(
    peak: tuple[Peak, Hours] | None, days: Sequence[Daily], context: Context
) -> Iterator[Estimate]:
    """Peak to average, as a scenario defines it, and what else may be meant by it."""
    if peak is None:
        return
    told = peak[0]
    doubt = ""
    if told.days < LEAST_DAYS:
        doubt = f"the peak is of {told.days} days: less than a week does not show every weekday"
    elif told.steep > 1.15 * told.value:
        doubt = (
            f"the busiest hour of one day in twenty is at {significant(told.steep)} times the"
            f" day's mean or more; the busiest 1 % of all hours begin at"
            f" {significant(told.p99_over_mean)} times the mean of the file"
        )
    uneven = told.of_week > _MORE * told.value
    place = "demand.peak_to_average" if told.days >= LEAST_DAYS and told.value >= 1 else ""
    file = files_of([each for each in [totals(days, *REQUESTS)] if each])
    if uneven:
        yield Estimate(
            name="peak_to_average",
            label="busy weekdays",
            path=place,
            value=told.of_week,
            low=float("nan"),
            high=float("nan"),
            level=context.level,
            n=told.days,
            method="busiest hour of a busy weekday over the mean of the week",
            caution="busy weekdays carry more than the week's mean, and users a day are a mean"
            " over the week: this is what they have to be multiplied with",
            file=file,
        )
    yield Estimate(
        name="peak_to_average",
        path="" if uneven else place,
        value=told.value,
        low=max(told.low, 1.0),
        high=told.high,
        level=context.level,
        n=told.days,
        method="busiest hour of the median day over that day's mean",
        reference="David & Nagaraja 2003, sec. 7.1 (interval of a median)",
        caution=doubt,
        file=file,
    )


def rates_at_peak(
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
    for name, each in asked(days, context):
        path = class_path(name, "rate", each, context)
        if demand is not None and not path:
            continue
        file = next(file for file in files if file.source == each.file)
        hours = hours_of(file, each)
        if hours is None:
            continue
        seconds = float(file.step or 1.0) if each.role == "requests" else 1.0
        per_second = _busiest(hours, peak[0].hour) / seconds
        told = series_mean.mean(per_second[-NOW_BUSY:], context.level)
        yield estimate(
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


def at_risk(
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
        return [estimate("revenue_at_risk", told, context, of=[revenue], unit="USD", method=method)]
    if peak is None:
        return []
    told, count = lately(revenue, context.level)
    factor = peak[0].value / 24.0
    scaled = told._replace(
        value=told.value * factor, low=told.low * factor, high=told.high * factor
    )
    method = f"revenue of a mean day of the last {count} over 24, times peak to average"
    doubt = (
        "revenue is taken to peak as requests do; the interval of what is at risk is of the day's"
        " revenue alone"
    )
    return [
        estimate(
            "revenue_at_risk",
            scaled,
            context,
            of=[revenue],
            unit="USD",
            method=method,
            caution=doubt,
        )
    ]


def worth(at_risk: Sequence[Estimate]) -> Iterator[str]:
    """What an outage in the busiest hour costs, in words."""
    for each in at_risk:
        yield f"an hour of the peak is worth {dollars(each.value)}: so much is at risk in an outage"
