"""`plan`: from growth and start a dated timeline of what breaks, what to do and what it costs."""

from __future__ import annotations

from dataclasses import replace
from math import ceil

import numpy as np
from numpy.typing import NDArray

from capcalc.advice import timeline_words as words
from capcalc.advice.runway import runways
from capcalc.advice.states import UP, scaled
from capcalc.advice.timeline_costs import cost_today, costs, way
from capcalc.advice.timeline_course import Needs, needs, planned
from capcalc.advice.timeline_found import Frame, steps, tier_months
from capcalc.advice.timeline_machines import WAYS, machines
from capcalc.advice.timeline_needs import Months, out_of_reach
from capcalc.advice.timeline_steps import Terms
from capcalc.errors import UsageError
from capcalc.model.system import System
from capcalc.results.timeline import Timeline
from capcalc.solve.chunks import shape_of
from capcalc.solve.cost import cdn_per_month
from capcalc.solve.words import warnings
from capcalc.units.kinds import MONTH

#: Ten years: no growth goes on for longer, and no price holds.
LONGEST = 120
#: Months that a change has to last where the scenario has no ``min_runway``.
LASTING = 3.0
#: A part of a month so small is rounding.
ROUNDING = 1e-9


def plan(system: System) -> Timeline:
    """A dated growth plan: what breaks when, what to do by then, what it costs.

    Month by month until ``plan.horizon`` every tier is given what keeps all limits of
    `advise` at the month's highest load, in the cheapest sequence in which nothing is bought
    twice; beside it growing by bigger machines alone and by more hosts alone.

    Parameters
    ----------
    system : System
        One scenario; no field may be an array. Without growth there is one month after the
        other at today's load; without a start, months are counted from now.

    Returns
    -------
    Timeline
        ``rules`` says what is proved and what is not.

    Raises
    ------
    UsageError
        When a field is an array, or the horizon is beyond ten years.

    Examples
    --------
    >>> import capcalc as cc
    >>> step = plan(cc.load("saas")).steps[0]
    >>> step.tier, step.begin_date, step.date, str(step.before), str(step.after)
    ('db', '2026-12', '2027-01', '3 x r7g.xlarge', '3 x r7g.2xlarge')
    """
    if shape_of(system):
        raise UsageError("plan takes one scenario, not a sweep of them")
    asked = _terms(system)
    # today's load, then each month's
    loads = np.append(1.0, _loads(system, np.arange(asked.horizon + asked.lasting)))
    every = machines(system)
    lost = out_of_reach(system, every, loads)
    both = Months(system=system, every=every, loads=loads, lost=lost)
    wall = _wall(both)
    terms = asked
    if wall < asked.horizon:
        terms, both = replace(asked, horizon=wall), both.part(slice(0, 1 + wall))
    least = needs(both)
    now, months = both.part(slice(0, 1)), both.part(slice(1, None))
    today = Terms(horizon=1, lead_time=terms.lead_time, lasting=1)
    firsts = tuple(planned(now, _part(least, slice(0, 1)), today, name) for name in WAYS)
    plans = {name: planned(months, _part(least, slice(1, None)), terms, name) for name in WAYS}
    middle = (1.0 + float(system.demand.growth)) ** (np.arange(terms.horizon) + 0.5)
    edge = _edge(system, np.append(1.0, middle))
    frame = Frame(months=months, terms=terms, edge=edge[1:], edge_now=float(edge[0]))
    ways = tuple(way(frame, each) for each in plans.values())
    changes = steps(frame, plans["plan"])
    found = Timeline(
        name=system.name,
        start=system.demand.start,
        growth=float(system.demand.growth),
        asked=asked.horizon,
        horizon=terms.horizon,
        lead_time=terms.lead_time,
        lasting=terms.lasting,
        runways=runways(system),
        steps=changes,
        months=tier_months(frame, plans["plan"]),
        ways=ways,
        costs=costs(frame, firsts, ways, changes),
        cost_today=cost_today(frame),
    )
    return words.told(found, frame, lost, warnings(system))


def _wall(both: Months) -> int:
    """The first month that no machine carries even with everything up, at least 1.

    What is so from today on ends no plan: it is left out of it.
    """
    first = [
        int(np.argmax(broken)) - 1
        for (state, _, measure), broken in both.lost.items()
        if state == UP and measure == "utilization" and not broken[0]
    ]
    return max(1, min(first, default=len(both)))


def _terms(system: System) -> Terms:
    """The planner's terms in months."""
    horizon = ceil(_months(system.plan.horizon) - ROUNDING)
    if horizon > LONGEST:
        raise UsageError(
            f"plan.horizon is {horizon} months; at most {LONGEST} months (10 years) are planned"
        )
    lead_time = _months(system.plan.lead_time)
    runway = system.objectives.min_runway
    lasting = max(lead_time, LASTING if runway is None else _months(runway))
    return Terms(
        horizon=max(1, horizon),
        lead_time=lead_time,
        lasting=min(max(1, ceil(lasting - ROUNDING)), LONGEST),
    )


def _months(seconds: object) -> float:
    return float(np.asarray(seconds, dtype=float)) / MONTH


def _loads(system: System, month: NDArray[np.intp]) -> NDArray[np.float64]:
    """The highest load of each month: at its end, or at its beginning where demand shrinks."""
    more = 1.0 + float(system.demand.growth)
    return np.asarray(np.maximum(more**month, more ** (month + 1.0)), dtype=float)


def _part(least: Needs, which: slice) -> Needs:
    """The needs of some of the months."""
    return {name: need[:, which] for name, need in least.items()}


def _edge(system: System, loads: NDArray[np.float64]) -> NDArray[np.float64]:
    """What CDNs cost at each load. [USD per month]"""
    there = scaled(system, loads)
    total = np.zeros(len(loads))
    for name in (name for name, tier in system.tiers.items() if tier.kind == "cdn"):
        cost = cdn_per_month(there, name)
        total += 0.0 if cost is None else cost
    return total
