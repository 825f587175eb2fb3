"""A plan's positions month by month as steps, loads and costs to read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from capcalc.advice.checks import Limit, Solved
from capcalc.advice.summary import describe
from capcalc.advice.timeline_course import Planned
from capcalc.advice.timeline_needs import Course, Months, key
from capcalc.advice.timeline_steps import Terms
from capcalc.model.planning import month_after
from capcalc.results.advice import Choice
from capcalc.results.timeline import Step, TierMonth

#: No more than so many reasons are given for one change.
REASONS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What all of these need: the months, the terms, and the cost of CDNs. [USD per month]"""

    months: Months
    terms: Terms
    edge: NDArray[np.float64]
    edge_now: float

    def date(self, month: float) -> str | None:
        """The calendar month, where the start is known."""
        start = self.months.system.demand.start
        return None if start is None else month_after(start, month)

    def choice(self, tier: str, position: int) -> Choice:
        """One tier's machines."""
        return self.months.every[tier].option.choice(self.months.system, position)


def steps(frame: Frame, plan: Planned) -> tuple[Step, ...]:
    """All changes, in order of time, then of tiers."""
    changes = {name: _changes(frame, plan, name) for name in plan.tiers}
    months = sorted({month for found in changes.values() for month in found})
    found = []
    for month in months:
        concerned = [name for name, at in changes.items() if month in at]
        because = _reasons(frame, plan, month, concerned)
        for name in concerned:
            later = [at for at in changes[name] if at > month]
            until = later[0] if later else frame.terms.horizon
            found.append(_step(frame, plan, name, month, until, because[name]))
    return tuple(found)


def _changes(frame: Frame, plan: Planned, name: str) -> list[int]:
    """The months in which a tier changes."""
    before = _before(frame, plan, name)
    return [int(at) for at in np.flatnonzero(before != plan.tiers[name].position)]


def _before(frame: Frame, plan: Planned, name: str) -> NDArray[np.intp]:
    """What ran the month before, today's before the first."""
    today = frame.months.every[name].option.today
    return np.append(today, plan.tiers[name].position[:-1])


def _step(frame: Frame, plan: Planned, name: str, month: int, until: int, because: str) -> Step:
    before = frame.choice(name, int(_before(frame, plan, name)[month]))
    after = frame.choice(name, int(plan.tiers[name].position[month]))
    begin = month - frame.terms.lead_time
    both = _side_by_side(frame, plan, name, month)
    added = None
    if before.cost is not None and after.cost is not None:
        added = (after.cost - before.cost) * (frame.terms.horizon - month) + both
    return Step(
        tier=name,
        needed=month,
        begin=begin,
        date=frame.date(month),
        begin_date=frame.date(max(begin, 0.0)),
        before=before,
        after=after,
        because=because,
        until=until,
        load_factor=float(frame.months.loads[month]),
        cost_before=before.cost,
        cost_after=after.cost,
        side_by_side=both,
        added=added,
    )


def _side_by_side(frame: Frame, plan: Planned, name: str, month: int) -> float:
    priced = frame.months.every[name].option.priced
    return float(plan.tiers[name].side_by_side[month]) if priced else 0.0


def _reasons(frame: Frame, plan: Planned, month: int, tiers: list[str]) -> Mapping[str, str]:
    """What would break in a month if all ran on as before, for each tier that changes.

    How busy the tier itself would be; else what breaks even with all other tiers at their
    largest.
    """
    course = {name: _before(frame, plan, name)[[month]] for name in plan.tiers}
    broken, found = missed(frame, course, month)
    roomy = {name: position[[month]] for name, position in frame.months.largest().items()}
    said = {}
    for name in tiers:
        own = [limit for limit in broken if limit.value is not None and limit.subject[0] == name]
        if not own:
            alone = missed(frame, {**roomy, name: course[name]}, month)[0]
            keys = {key(limit) for limit in alone}
            own = [limit for limit in broken if key(limit) in keys] or broken
        said[name] = "; ".join(describe(limit, found, 0) for limit in own[:REASONS])
    return said


def missed(frame: Frame, course: Course, month: int) -> tuple[list[Limit], tuple[Solved, ...]]:
    """The limits that break in a month; ``course`` has that month alone."""
    at = np.array([month])
    chosen = {name: tier.option.picked(course[name]) for name, tier in frame.months.every.items()}
    found = frame.months.found(chosen, at)
    return [each for each in frame.months.limits(found, at) if not np.all(each.met)], found


def tier_months(frame: Frame, plan: Planned) -> tuple[TierMonth, ...]:
    """Every tier in every month."""
    month = np.arange(frame.terms.horizon)
    course = {name: each.position for name, each in plan.tiers.items()}
    found = frame.months.found(frame.months.chosen(course, month), month)
    limits = list(frame.months.limits(found, month, latency=False))
    rows = []
    for name, each in plan.tiers.items():
        mine = [limit for limit in limits if limit.subject[0] == name]
        up = _worst([limit for limit in mine if limit.state.failure is None], month)
        failed = _worst([limit for limit in mine if limit.state.failure is not None], month)
        used = _worst(mine, month, of_limit=True)
        for at in range(frame.terms.horizon):
            machines = frame.choice(name, int(each.position[at]))
            rows.append(
                TierMonth(
                    month=at,
                    date=frame.date(at),
                    load_factor=float(frame.months.loads[at]),
                    tier=name,
                    machines=machines,
                    utilization=_number(up, at),
                    after_failure=_number(failed, at),
                    used=_number(used, at),
                    cost=machines.cost,
                )
            )
    return tuple(sorted(rows, key=lambda row: row.month))


def _worst(
    limits: list[Limit], month: NDArray[np.intp], *, of_limit: bool = False
) -> NDArray[np.float64]:
    """The largest value, or share of its limit, month by month; ``nan`` where there is none."""
    worst = np.full(len(month), np.nan)
    for limit in limits:
        most = np.broadcast_to(np.asarray(limit.limit, dtype=float), month.shape)
        value = np.broadcast_to(np.asarray(limit.value, dtype=float), month.shape)
        counts = np.isfinite(most)
        shown = value / np.where(counts, most, 1.0) if of_limit else value
        worst = np.where(counts, np.fmax(worst, shown), worst)
    return worst


def _number(values: NDArray[np.float64], at: int) -> float | None:
    return None if np.isnan(values[at]) else float(values[at])
