"""What even the largest machines cannot keep: from when on, and what would have to give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import isfinite
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from capcalc.advice.checks import Limit, Solved
from capcalc.advice.search import largest, one
from capcalc.advice.states import UP
from capcalc.advice.summary import describe, value_of
from capcalc.advice.timeline_found import Frame
from capcalc.advice.timeline_needs import Key, key
from capcalc.results.timeline import Timeline
from capcalc.units import format as human

#: By limit, whether nothing keeps it: at today's load first, then in each month.
Lost: TypeAlias = Mapping[Key, NDArray[np.bool_]]


def month(count: float, date: str | None) -> str:
    """A point in time: the calendar month, else months from now."""
    return date if date is not None else f"month {human.significant(count)}"


def out_of_reach(found: Timeline, frame: Frame, lost: Lost) -> Iterator[str]:
    """One sentence for each limit that nothing keeps in some month that was asked for."""
    full: dict[str, int] = {}  # from when on some tier is overloaded in a state
    for name, at in sorted(((name, int(np.argmax(gone))) for name, gone in lost.items()), key=_at):
        begin = max(at - 1, 0)
        if begin > found.horizon or begin >= found.asked or full.get(name[0], at + 1) <= at:
            continue  # after the plan's end; what waits for an overloaded tier needs no saying
        limit, there = _at_best(frame, name, at)
        if begin == found.horizon and not _is_wall(limit):
            continue
        value = value_of(limit, there, 0)
        if limit.value is not None and value >= 1:
            full.setdefault(name[0], at)
        when = "from the start" if begin == 0 else f"from {month(begin, frame.date(begin))} on"
        rest = "the plan leaves this one limit out from there on"
        yield (
            f"{when}, {describe(limit, there, 0)} even with every tier at its largest: feasible "
            f"would be {_gives(limit, value)}; "
            f"{'the plan ends there' if begin == found.horizon else rest}"
        )


def _at(lost: tuple[Key, int]) -> int:
    return lost[1]


def _is_wall(limit: Limit) -> bool:
    return limit.state.name == UP and limit.value is not None


def _at_best(frame: Frame, name: Key, at: int) -> tuple[Limit, tuple[Solved, ...]]:
    """A limit with every tier at its largest, ``at`` months after today's load."""
    months = frame.months
    more = 1.0 + float(months.system.demand.growth)
    there = replace(months, loads=np.array([max(1.0, more**at)]), lost={})
    best = {tier: one(each.option, largest(each.option)) for tier, each in months.every.items()}
    found = there.found(best, np.array([0]))
    return next(e for e in there.limits(found, np.array([0])) if key(e) == name), found


def _gives(limit: Limit, value: float) -> str:
    ways = []
    if not isinstance(limit.subject, str):
        ways += ["its data or load split over shards", "less work per request"]
    elif isfinite(value):
        nearest = human.duration(value * 1.0005, 4)
        ways.append(f"an objective of {limit.subject} {limit.measure} of {nearest}")
    else:
        ways.append("less work per request")
    if limit.state.failure is not None:
        names = ", ".join(limit.state.failure.tiers)
        ways.append(f"no `survive: {limit.state.failure.kind}` for {names}")
    return " or ".join(ways)
