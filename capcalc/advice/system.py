"""`advise`: plans for every tier and for the system, what binds, and the reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from capcalc.advice import limits_out_of_reach, plans, reasons, search, system_reasons
from capcalc.advice.break_even import break_even
from capcalc.advice.deciding import deciding
from capcalc.advice.found import KINDS, Found
from capcalc.advice.growing import growing
from capcalc.advice.options import Options, options, shares_database
from capcalc.advice.search import Search
from capcalc.advice.states import planned_load, states
from capcalc.advice.summary import Summary, summarize
from capcalc.errors import UsageError
from capcalc.model.system import System
from capcalc.results.advice import Advice, Plan, TierAdvice
from capcalc.results.deciding import Deciding
from capcalc.solve.chunks import shape_of
from capcalc.solve.words import warnings


def advise(system: System, *, grown: bool = False) -> Advice:
    """Whether to scale vertically or horizontally, tier by tier and for the whole system.

    Every plan keeps the latency objectives, ``max_utilization`` with everything up, and both
    the objectives and ``max_utilization_after_failure`` after each failure that some tier's
    ``survive`` names, at the load that growth reaches within ``min_runway``.

    Parameters
    ----------
    system : System
        One scenario; no field may be an array.
    grown : bool
        Whether both ways are also costed at today's load and at the horizon of the plan.

    Returns
    -------
    Advice
        ``mixed`` is the cheapest of all plans: at most 64 hosts a tier, any allowed instance.

    Raises
    ------
    UsageError
        When a field is an array.
    """
    if shape_of(system):
        raise UsageError("advise takes one scenario, not a sweep of them")
    load = planned_load(system)
    wanted = Search(system=system, states=states(system, load))
    every = options(system)
    broken = search.out_of_reach(wanted, every)
    waived = frozenset((each.state.name, each.subject, each.measure) for each in broken)
    within = replace(wanted, waived=waived)
    found = plans.find(within, every)
    summaries = summarize(within, every, found)
    advice = _advice(system, within, every, found, summaries)
    if grown:
        ways = {plan.kind: plan for plan in advice.plans}
        rows = growing(within, every, ways, advice.planned_load)
        advice = replace(advice, growing=tuple(rows))
    lost = tuple(limits_out_of_reach.sentences(within, every, broken))
    return replace(advice, infeasible=lost)


def _advice(
    system: System,
    within: Search,
    every: Mapping[str, Options],
    found: Found,
    summaries: Mapping[tuple[str, str], Summary],
) -> Advice:
    each = {name: _plans(system, every, found, summaries, name) for name in every}
    stays = {name: ways["today"].usable for name, ways in each.items()}
    decided = deciding(within, every, found, stays)
    tiers = tuple(_tier(system, within, every, name, each[name], decided[name]) for name in every)
    whole = {kind: plans.whole(system, every, found, summaries, kind) for kind in KINDS}
    choice = plans.preferred(whole)
    return Advice(
        name=system.name,
        tiers=tiers,
        today=whole["today"],
        vertical=whole["vertical"],
        horizontal=whole["horizontal"],
        mixed=whole["mixed"],
        recommendation=choice,
        recommended=whole[choice],
        reasons=tuple(system_reasons.system(system, within, whole, choice)),
        planned_load=float(np.max(within.states[0].load)),
        states=tuple(state.name for state in within.states),
        warnings=(*warnings(system), *system_reasons.cautions(system, whole[choice])),
    )


def _plans(
    system: System,
    every: Mapping[str, Options],
    found: Found,
    summaries: Mapping[tuple[str, str], Summary],
    name: str,
) -> Mapping[str, Plan]:
    """One tier's plans of every kind."""
    each: dict[str, Plan] = {
        kind: plans.of_tier(system, every[name], found, summaries, name, kind) for kind in KINDS
    }
    if shares_database(system, name):
        each["horizontal"] = replace(each["horizontal"], choices=(), why_not=reasons.SHARED)
    return each


def _tier(
    system: System,
    within: Search,
    every: Mapping[str, Options],
    name: str,
    each: Mapping[str, Plan],
    why: Deciding | None,
) -> TierAdvice:
    choice = plans.preferred(each)
    even = break_even(within, every, name)
    return TierAdvice(
        tier=name,
        **each,
        recommendation=choice,
        recommended=each[choice],
        reasons=tuple(reasons.tier(system, within, name, each, choice, even, why)),
        break_even=even,
        deciding=why,
    )
