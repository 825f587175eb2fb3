"""Measurements by the day: what grows and what one user does is counted in days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from capcalc.results.measurements import Measurements, Series
from capcalc.studies.measured.hosts import over_hosts
from capcalc.theory.arrays import Array
from capcalc.theory.calibration import profile

DAY = 86_400.0
#: Roles that are counted in an interval, that are per second, and that stand for a whole day.
COUNTED = ("requests", "sessions", "orders", "revenue", "new_users")
RATES = ("arrival_rate", "throughput")
LEVELS = ("daily_active_users", "monthly_active_users")
#: Share of a day's intervals that has to be there; what is missing counts as the day's mean.
_ENOUGH = 0.9
#: Intervals up to this part of a day are added up.
_ADDED = 0.5
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True, kw_only=True)
class Daily:
    """One quantity by the day: its total (or its level), ``nan`` where a day is not whole."""

    role: str
    label: str = ""
    tier: str = ""
    #: days since 1970 UTC, or since the first value
    day: NDArray[np.intp]
    total: Array
    clock: bool
    file: str = ""
    #: days that were left out since they are not whole
    partial: int = 0

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which days were measured whole."""
        return np.isfinite(self.total)


def by_day(measured: Measurements) -> list[Daily]:
    """Every counted quantity of a file by the day; hosts are added up."""
    if measured.time is None or not measured.step or measured.step > DAY * 1.01:
        return []
    groups: dict[tuple[str, str, str], list[Series]] = {}
    for each in measured.of_role(*COUNTED, *RATES, *LEVELS):
        groups.setdefault((each.role, each.tier, each.label), []).append(each)
    return [
        _daily(measured, role, tier, label, _total(series))
        for (role, tier, label), series in groups.items()
    ]


def totals(days: Sequence[Daily], *roles: str) -> Daily | None:
    """The whole of the first of these roles: its own column, or its classes added up."""
    for role in roles:
        alike = [each for each in days if each.role == role]
        tiers = {each.tier for each in alike}
        tier = "" if "" in tiers or not tiers else sorted(tiers)[0]
        alike = [each for each in alike if each.tier == tier]
        whole = [each for each in alike if not each.label]
        if whole:
            return whole[0]
        if alike:
            return _added(alike)
    return None


def classes(days: Sequence[Daily]) -> Mapping[str, Daily]:
    """Requests of each class by the day, of the surest role; as they came, or at one tier."""
    for role in ("requests", "throughput", "arrival_rate"):
        alike = [each for each in days if each.role == role and each.label]
        tiers = sorted({each.tier for each in alike})
        if tiers:
            return {each.label: each for each in alike if each.tier == tiers[0]}
    return {}


def together(first: Daily, second: Daily) -> tuple[Array, Array]:
    """Both on the days that they share."""
    _, one, two = np.intersect1d(first.day, second.day, return_indices=True)
    return first.total[one], second.total[two]


def series_of(measured: Measurements, role: str, tier: str, label: str) -> Array:
    """The values behind a :class:`Daily` on the file's own intervals."""
    alike = [e for e in measured.of_role(role, tier=tier) if label in ("", e.label)]
    whole = [e for e in measured.of_role(role, tier=tier) if e.label == label]
    return np.asarray(np.sum([each.values for each in over_hosts(whole or alike)], axis=0))


def _total(series: Sequence[Series]) -> Array:
    """Of all hosts."""
    return over_hosts(series)[0].values


def files_of(parts: Sequence[Daily]) -> str:
    """The files behind these, without their folders."""
    names = [each.file.replace("\\", "/").rsplit("/", 1)[-1] for each in parts]
    return ", ".join(dict.fromkeys(names))


def date(day: int, clock: bool) -> str:
    """A day as a person writes it: 3 May 2026, or "day 12 of the file"."""
    if not clock:
        return f"day {day + 1} of the file"
    when = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=int(day))
    return f"{when.day} {when:%B %Y}"


def last_month(day: int) -> str:
    """The last calendar month that is over by the end of this day, as 2026-05."""
    after = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=int(day) + 1)
    return f"{after.replace(day=1) - timedelta(days=1):%Y-%m}"


def _daily(measured: Measurements, role: str, tier: str, label: str, values: Array) -> Daily:
    time, step = np.asarray(measured.time, dtype=float), float(measured.step or DAY)
    day = np.floor(time / DAY + 1e-9).astype(np.intp)
    first = int(day[0])
    size = int(day[-1]) - first + 1
    good = np.isfinite(values)
    count = np.bincount(day[good] - first, minlength=size)
    total = np.bincount(day[good] - first, weights=values[good], minlength=size)
    expected = max(DAY / step, 1.0)
    whole = count >= (_ENOUGH * expected if step <= _ADDED * DAY else 1)
    with np.errstate(all="ignore"):
        mean = np.where(whole, total / count, np.nan)
    if role in RATES:
        mean = mean * DAY
    elif role in COUNTED:
        mean = mean * expected
    return Daily(
        role=role,
        tier=tier,
        label=label,
        day=np.arange(first, first + size),
        total=mean,
        clock=measured.clock,
        file=measured.source,
        partial=int(((count > 0) & ~whole).sum()),
    )


def _added(parts: Sequence[Daily]) -> Daily:
    """Classes of one file are of the same days."""
    same = [each for each in parts if each.day.size == parts[0].day.size]
    return Daily(
        role=parts[0].role,
        tier=parts[0].tier,
        day=parts[0].day,
        total=np.asarray(np.sum([each.total for each in same], axis=0)),
        clock=parts[0].clock,
        file=parts[0].file,
        partial=max(each.partial for each in parts),
    )


def hours_of(measured: Measurements, whole: Daily) -> profile.Hours | None:
    """The hours of every day, where the file has intervals of an hour or less."""
    if measured.time is None or not measured.step or measured.step > 3600.0 * 1.001:
        return None
    values = series_of(measured, whole.role, whole.tier, whole.label)
    return profile.hours(measured.time, values, measured.step)
