"""What calibrations of business figures share: days that stand for now, classes, estimates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from capcalc.results.fit import Estimate
from capcalc.studies.calibrate.context import Context
from capcalc.studies.calibrate.daily import Daily, classes, files_of, totals
from capcalc.theory.calibration import series_mean
from capcalc.units.format import significant

#: Days at the end of a file that stand for now: four weeks, so that every weekday counts alike.
NOW = 28
#: Whole days from which on a mean day, or a profile, is written into a scenario: a week.
LEAST_DAYS = 7
REQUESTS = ("requests", "throughput", "arrival_rate")


def lately(each: Daily, level: float) -> tuple[series_mean.Mean, int]:
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


def asked(days: Sequence[Daily], context: Context) -> list[tuple[str, Daily]]:
    """Requests by class; all requests where the file has no classes."""
    found = list(classes(days).items())
    if found:
        return found
    whole = totals(days, *REQUESTS)
    if whole is None:
        return []
    names = [] if context.system is None else list(context.system.demand.requests)
    return [(names[0] if len(names) == 1 else "", whole)]


def class_path(name: str, field: str, each: Daily, context: Context) -> str:
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


def estimate(
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
    """An estimate from days; that they are too few to be sure is its caution."""
    if not caution and told.effective_n < series_mean.LEAST_EFFECTIVE:
        caution = (
            f"the days behind {name.replace('_', ' ')} move so slowly that they tell as much as"
            f" {significant(told.effective_n, 2)} independent ones: the interval may be too narrow"
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
