"""The shape of a day and of a week: hours over the day's mean, the weekend, the peak."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from capcalc.theory.arrays import Array
from capcalc.theory.calibration import series_mean

HOURS, DAYS = 24, 7
_HOUR, _DAY = 3600.0, 86_400.0
#: 1 January 1970 was a Thursday, and Monday is day 0.
_EPOCH_WEEKDAY = 3
#: Share of an hour, and of the hours of a day, that has to be there.
_ENOUGH, _HOURS_A_DAY = 0.5, 22
#: Days from which on an hour's interval says something.
LEAST_DAYS = 4
#: Index of the first day of a weekend, Monday being 0.
_SATURDAY = 5
#: A weekday is busy if it carries this share of the mean day or more.
_BUSY = 0.97


class Hours(NamedTuple):
    """Mean rates hour by hour: a row a day that was measured, ``nan`` where an hour was not."""

    #: (days, 24), in the unit of the values
    rate: Array
    #: whole days since 1970 (or since the first value), and their weekdays, Monday 0
    day: NDArray[np.intp]
    weekday: NDArray[np.intp]


class Profile(NamedTuple):
    """Factors over a mean of 1, with the ends of their intervals."""

    factor: Array
    low: Array
    high: Array
    #: days (or weeks) behind each
    n: NDArray[np.intp]


class Peak(NamedTuple):
    """The busiest hour over the mean of its day: the median day, and what else may be meant."""

    #: median over the days, and its interval
    value: float
    low: float
    high: float
    #: busiest hour of the median busy weekday over the mean of all days around it
    of_week: float
    #: 95th percentile over the days: one day in twenty is steeper
    steep: float
    #: 99th percentile of all hours over the mean of all
    p99_over_mean: float
    #: the busiest hour of all over the mean of all
    most_over_mean: float
    #: the hour of the day (0 to 23) that is busiest on average
    hour: int
    days: int


def hours(time: ArrayLike, values: ArrayLike, step: float) -> Hours:
    """Mean rate of every hour of every day.

    Parameters
    ----------
    time : array_like of shape (n,)
        Starts of the intervals, from 1970 UTC or from the file's start. [s]
    values : array_like of shape (n,)
        Counts of intervals that are alike in length, or rates; ``nan`` is a gap.
    step : float
        Length of an interval, an hour at most. [s]

    Returns
    -------
    Hours
        Without a row where the step is longer than an hour.

    References
    ----------
    .. [1] ISO 8601-1:2019 (Monday is the first day of the week).

    Examples
    --------
    >>> found = hours(np.arange(48) * 3600.0, np.arange(48.0), 3600.0)
    >>> found.rate.shape, found.rate[1, :3]
    ((2, 24), array([24., 25., 26.]))
    """
    when = np.asarray(time, dtype=float).ravel()
    y = np.asarray(values, dtype=float).ravel()
    good = np.isfinite(when) & np.isfinite(y)
    none = np.zeros(0, dtype=np.intp)
    if not good.any() or not 0 < step <= _HOUR * 1.001:
        return Hours(np.empty((0, HOURS)), none, none)
    cell = np.floor(when[good] / _HOUR).astype(np.intp)
    first = int(cell.min()) // HOURS
    cells = cell - first * HOURS
    size = (int(cells.max()) // HOURS + 1) * HOURS
    count = np.bincount(cells, minlength=size)
    total = np.bincount(cells, weights=y[good], minlength=size)
    with np.errstate(all="ignore"):
        mean = np.where(count * step >= _ENOUGH * _HOUR, total / count, np.nan)
    table = mean.reshape(-1, HOURS)
    seen = np.isfinite(table).any(axis=1)
    day = np.flatnonzero(seen) + first
    return Hours(table[seen], day, (day + _EPOCH_WEEKDAY) % DAYS)


def daily(found: Hours, level: float = 0.95) -> Profile:
    """Every hour over its day's mean, with intervals that allow for days that are alike.

    Days with fewer than 22 hours take no part. Simulated on 28 and 90 days, errors from day to
    day of autocorrelation 0 and 0.5, a 95 % interval held the truth in 94 to 95 %.

    Parameters
    ----------
    found : Hours
        Of the days measured.
    level : float
        Of the intervals.

    References
    ----------
    .. [1] W. G. Cochran, *Sampling Techniques*, 3rd ed., Wiley, 1977, sec. 2.11 (ratio of sums).

    Examples
    --------
    >>> shape = 1 + 0.5 * np.sin(2 * np.pi * np.arange(24) / 24)
    >>> found = daily(hours(np.arange(240) * 3600.0, np.tile(shape, 10), 3600.0))
    >>> round(float(found.factor[6]), 3), int(found.n[6])
    (1.5, 10)
    """
    rate = _whole(found).rate
    with np.errstate(all="ignore"):
        means = np.nanmean(rate, axis=1) if rate.size else np.empty(0)
    return _profile([series_mean.ratio(rate[:, hour], means, level) for hour in range(HOURS)])


def weekly(found: Hours, level: float = 0.95) -> Profile:
    """Every hour of the week (168, Monday 0 h first) over the mean of its seven days.

    Parameters
    ----------
    found : Hours
        Of the days measured; weeks that are not whole take no part.
    level : float
        Of the intervals.

    References
    ----------
    .. [1] W. G. Cochran, *Sampling Techniques*, 3rd ed., Wiley, 1977, sec. 2.11 (ratio of sums).

    Examples
    --------
    >>> found = weekly(hours(np.arange(28 * 24) * 3600.0, np.ones(28 * 24), 3600.0))
    >>> found.factor.shape, float(found.factor[100])
    ((168,), 1.0)
    """
    whole = _whole(found)
    rate, starts = whole.rate, whole.day - whole.weekday
    weeks = [each for each in np.unique(starts) if (starts == each).sum() == DAYS]
    table = np.array([rate[starts == each].ravel() for each in weeks]).reshape(-1, DAYS * HOURS)
    with np.errstate(all="ignore"):
        means = np.nanmean(table, axis=1) if table.size else np.empty(0)
    return _profile([series_mean.ratio(column, means, level) for column in table.T])


def weekend(day: ArrayLike, totals: ArrayLike, level: float = 0.95) -> tuple[float, float, float]:
    """Mean of Saturday and Sunday over that of Monday to Friday, week by week, with interval.

    Parameters
    ----------
    day : array_like of int
        Days since 1970.
    totals : array_like
        Of each day; ``nan`` where it was not measured whole.
    level : float
        Of the interval.

    References
    ----------
    .. [1] W. G. Cochran, *Sampling Techniques*, 3rd ed., Wiley, 1977, sec. 2.11 (ratio of sums).

    Examples
    --------
    >>> weekend(np.arange(4, 32), np.tile([10.0] * 5 + [6.0] * 2, 4))[0]
    0.6
    """
    days, values = np.asarray(day, dtype=np.intp), np.asarray(totals, dtype=float)
    weekday = (days + _EPOCH_WEEKDAY) % DAYS
    week = days - weekday
    rest, work = [], []
    for each in np.unique(week):
        free = values[(week == each) & (weekday >= _SATURDAY)]
        busy = values[(week == each) & (weekday < _SATURDAY)]
        if free.size == 2 and busy.size == 5 and np.isfinite(free).all() & np.isfinite(busy).all():
            rest.append(free.mean())
            work.append(busy.mean())
    found = series_mean.ratio(rest, work, level)
    return found.value, found.low, found.high


def peak_to_average(found: Hours, level: float = 0.95) -> Peak:
    r"""The busiest hour of the median day over that day's mean.

    Its interval is of the median: order statistics, so many as days are independent.

    Parameters
    ----------
    found : Hours
        Of the days measured; those with fewer than 22 hours take no part.
    level : float
        Of the interval.

    Returns
    -------
    Peak
        ``nan`` without a day of 22 hours.

    References
    ----------
    .. [1] H. A. David, H. N. Nagaraja, *Order Statistics*, 3rd ed., Wiley, 2003, sec. 7.1.

    Examples
    --------
    >>> shape = 1 + 0.5 * np.sin(2 * np.pi * np.arange(24) / 24)
    >>> found = peak_to_average(hours(np.arange(240) * 3600.0, np.tile(shape, 10), 3600.0))
    >>> round(found.value, 3), found.hour, found.days
    (1.5, 6, 10)
    """
    whole = _whole(found)
    with np.errstate(all="ignore"):
        means = np.asarray(whole.rate.mean(axis=1, where=np.isfinite(whole.rate)))
    used = means > 0
    whole = Hours(whole.rate[used], whole.day[used], whole.weekday[used])
    rate, means = whole.rate, means[used]
    nan = float("nan")
    if not means.size:
        return Peak(nan, nan, nan, nan, nan, nan, nan, 0, 0)
    ratios = np.nanmax(rate, axis=1) / means
    low, high = _median_ends(ratios, level)
    every = rate[np.isfinite(rate)]
    usual = float(every.mean())
    return Peak(
        value=float(np.median(ratios)),
        low=low,
        high=high,
        of_week=_of_week(whole, ratios * means, means),
        steep=float(np.quantile(ratios, 0.95)),
        p99_over_mean=float(np.quantile(every, 0.99)) / usual,
        most_over_mean=float(every.max()) / usual,
        hour=int(np.nanmean(rate / means[:, np.newaxis], axis=0).argmax()),
        days=int(means.size),
    )


def busy_weekdays(found: Hours) -> NDArray[np.intp]:
    """The weekdays (Monday 0) that carry no less than the mean day; all in less than a week.

    Parameters
    ----------
    found : Hours
        Of the days measured.

    References
    ----------
    .. [1] ISO 8601-1:2019 (Monday is the first day of the week).

    Examples
    --------
    >>> values = np.repeat(np.tile([10.0] * 5 + [6.0] * 2, 4), 24)
    >>> busy_weekdays(hours(np.arange(4 * 24, 32 * 24) * 3600.0, values, 3600.0))
    array([0, 1, 2, 3, 4])
    """
    whole = _whole(found)
    with np.errstate(all="ignore"):
        means = np.asarray(whole.rate.mean(axis=1, where=np.isfinite(whole.rate)))
    if means.size < DAYS or np.unique(whole.weekday).size < DAYS:
        return np.arange(DAYS, dtype=np.intp)
    usual = np.array([means[whole.weekday == each].mean() for each in range(DAYS)])
    return np.flatnonzero(usual >= _BUSY * usual.mean()).astype(np.intp)


def _of_week(found: Hours, busiest: Array, means: Array) -> float:
    """Median over busy weekdays of the busiest hour over the mean of the days within three."""
    busy = np.isin(found.weekday, busy_weekdays(found))
    around = np.abs(found.day[:, np.newaxis] - found.day) <= DAYS // 2
    week = around @ means / around.sum(axis=1)
    return float(np.median((busiest / week)[busy])) if busy.any() else float("nan")


def _whole(found: Hours) -> Hours:
    whole = np.isfinite(found.rate).sum(axis=1) >= _HOURS_A_DAY
    return Hours(found.rate[whole], found.day[whole], found.weekday[whole])


def _profile(parts: list[series_mean.Mean]) -> Profile:
    value, low, high = (
        np.array([getattr(each, name) for each in parts]) for name in ("value", "low", "high")
    )
    return Profile(value, np.maximum(low, 0.0), high, np.array([each.n for each in parts]))


def _median_ends(ratios: Array, level: float) -> tuple[float, float]:
    """Ends of the median's interval; the number of days shrinks by their dependence."""
    n = ratios.size
    if n < LEAST_DAYS:
        return float("nan"), float("nan")
    independent = max(series_mean.long_run(ratios).effective_n, 1.0)
    reach = float(special.ndtri(0.5 + level / 2.0)) * 0.5 / np.sqrt(independent)
    # a few days more to either side: order statistics are steps
    more = 0.5 / n
    ends = np.clip([0.5 - reach - more, 0.5 + reach + more], 0.0, 1.0)
    low, high = np.quantile(ratios, ends)
    return float(low), float(high)
