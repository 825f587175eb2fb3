"""A scenario against the one before a change: the runway that the change costs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from capcalc.advice.runway import runways
from capcalc.errors import UsageError
from capcalc.model.system import System
from capcalc.results.gates import Change, Gate
from capcalc.results.solution import Solution
from capcalc.results.timeline import Runway
from capcalc.units import format as human
from capcalc.units.kinds import MONTH

UP = "everything up"
#: Months that the search for a latency's limit may be off.
SEARCHED = 1e-3
#: What a change may loosen so that no runway seems lost.
_LIMITS = ("max_utilization", "max_utilization_after_failure", "survive")


def first(ahead: tuple[Runway, ...]) -> dict[str, Runway]:
    """The limit of each tier and class that breaks first."""
    found: dict[str, Runway] = {}
    for each in ahead:
        found.setdefault(each.subject, each)
    return found


def months(count: float, digits: int = 2) -> str:
    """A runway in words."""
    if np.isinf(count):
        return "for ever"
    shown = human.significant(count, min(digits, 2) if digits < 4 else digits)
    return f"{shown} month" if shown == "1" else f"{shown} months"


def by_old_limits(system: System, old: System) -> System:
    """The changed system under the limits, failures and growth of the one before."""
    tiers: dict[str, Any] = dict(system.tiers)
    for name, tier in system.hosted().items():
        before = old.hosted().get(name)
        if before is not None and before.kind == tier.kind:
            tiers[name] = replace(tier, **{key: getattr(before, key) for key in _LIMITS})
            if before.survive == "zone" and tier.zones is None:
                tiers[name] = replace(tiers[name], zones=before.zones)
    asked = old.objectives.requests.items()
    kept = {name: each for name, each in asked if name in system.demand.requests}
    objectives = replace(system.objectives, requests={**system.objectives.requests, **kept})
    demand = replace(system.demand, growth=old.demand.growth, start=old.demand.start)
    return replace(system, tiers=tiers, objectives=objectives, demand=demand)


def lost(system: System, old: System, before: tuple[Runway, ...]) -> Iterator[Gate]:
    """The runway that each tier and class has lost, and the whole, where a most is given.

    Raises
    ------
    UsageError
        When the scenarios have no tier and no class in common.
    """
    most = system.objectives.max_runway_loss
    if most is None:
        return
    ahead = runways(by_old_limits(system, old))
    was, now = first(before), first(ahead)
    both = [subject for subject in now if subject in was]
    if not both:
        raise UsageError(f"{old.name} has no tier and no class in common with {system.name}")
    limit = float(np.asarray(most)) / MONTH
    for subject in both:
        yield _gate(now[subject].name, was[subject], now[subject], limit)
    if len(both) < max(len(now), len(was)):
        # what is new or has another name hides its loss from its own gate
        yield _gate("system", before[0], ahead[0], limit)


def _gate(subject: str, was: Runway, now: Runway, limit: float) -> Gate:
    gone = 0.0 if was.months == now.months else was.months - now.months
    alike = abs(gone) <= SEARCHED
    shown = (months(was.months),) * 2 if alike else human.apart(was.months, now.months, months)
    return Gate(
        gate="max_runway_loss",
        subject=subject,
        state=now.state,
        limit=limit * MONTH,
        value=gone * MONTH,
        kept=bool(gone <= limit + SEARCHED),
        path="objectives.max_runway_loss",
        says=f"runway {shown[0]} → {shown[1]} (may lose {months(limit)}): {now.binds}",
    )


def changes(
    now: Solution, ahead: tuple[Runway, ...], then: Solution, before: tuple[Runway, ...]
) -> Iterator[Change]:
    """Every tier that either has, in file order, what is gone last."""
    was, will = first(before), first(ahead)
    known = {tier.name: tier for tier in then.tier_results if tier.utilization is not None}
    here = {tier.name: tier for tier in now.tier_results if tier.utilization is not None}
    for name in dict.fromkeys((*here, *known)):
        old, new = known.get(name), here.get(name)
        yield Change(
            tier=name,
            utilization_before=_number(old, "utilization"),
            utilization=_number(new, "utilization"),
            response_p99_before=_number(old, "response_p99"),
            response_p99=_number(new, "response_p99"),
            runway_before=was[name].months if name in was else None,
            runway=will[name].months if name in will else None,
        )


def cautions(system: System, old: System) -> Iterator[str]:
    """Limits that the change itself moves: the loss is measured by the old ones."""
    moved = []
    for name, tier in system.hosted().items():
        before = old.hosted().get(name)
        if before is not None:
            moved += [
                f"tiers.{name}.{key} {getattr(before, key)} → {getattr(tier, key)}"
                for key in _LIMITS
                if getattr(before, key) != getattr(tier, key)
            ]
    moved += [
        f"objectives.{name}"
        for name, each in old.objectives.requests.items()
        if system.objectives.requests.get(name) != each
    ]
    if system.demand.growth != old.demand.growth:
        moved.append(f"demand.growth {old.demand.growth:g} → {system.demand.growth:g} a month")
    if moved:
        yield (
            f"the change moves limits ({'; '.join(moved)}): runway lost is measured by the old ones"
        )


def _number(tier: object, field: str) -> float | None:
    value = None if tier is None else getattr(tier, field)
    return None if value is None else float(np.asarray(value))
