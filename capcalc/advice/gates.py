"""`check`: every limit of a scenario as a gate, and what a change did to the runway."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from capcalc.advice.runway import runways
from capcalc.errors import UsageError
from capcalc.model.system import System
from capcalc.results.gates import Change, Gate, GateReport
from capcalc.results.solution import Solution
from capcalc.results.timeline import Runway
from capcalc.solve.chunks import shape_of
from capcalc.solve.system import solve
from capcalc.units import format as human
from capcalc.units.kinds import MONTH

UP = "everything up"
#: Months that the search for a latency's limit may be off.
SEARCHED = 1e-3
#: A subject's runway, before and now.
_Pairs = Mapping[str, tuple[Runway | None, Runway]]


def check(system: System, old: System | None = None) -> GateReport:
    """Hold a scenario against all its limits, and against another scenario.

    Utilization limits and latency objectives with everything up and after each failure that
    some tier's ``survive`` names, at today's load; the objectives on availability, runway and
    cost; and, against ``old``, the runway that a change costs.

    Parameters
    ----------
    system : System
        One scenario; no field may be an array.
    old : System, optional
        What it is compared with, e.g. the scenario before a change.

    Returns
    -------
    GateReport
        ``exit_code`` is 0 when all gates are kept, 1 when one is broken, 3 when one has no
        verdict and none is broken.

    Raises
    ------
    UsageError
        When a field is an array.

    Examples
    --------
    >>> import capcalc as cc
    >>> report = check(cc.load("saas"))
    >>> report.exit_code, report.broken[0].name
    (1, 'min_runway: db replica, db loses a replica')
    """
    if shape_of(system) or (old is not None and shape_of(old)):
        raise UsageError("check takes one scenario, not a sweep of them")
    now, ahead = solve(system), runways(system)
    gates = [*map(_limit, ahead), *_availability(system, now), *_runway(system, ahead)]
    gates += _cost(system, now)
    changes: tuple[Change, ...] = ()
    if old is not None:
        before = runways(old)
        gates += _lost(system, before, ahead)
        changes = tuple(_changes(solve(old), now, before, ahead))
    return GateReport(
        name=system.name,
        gates=tuple(gates),
        changes=changes,
        compared_with="" if old is None else old.name,
        file=system.inputs.file,
        warnings=now.warnings,
    )


def _limit(each: Runway) -> Gate:
    """A utilization limit or a latency objective at today's load."""
    busy = each.measure == "utilization"
    failed = "" if each.state == UP else "_after_failure"
    path = (
        f"tiers.{each.subject}.max_utilization{failed}"
        if busy
        else f"objectives.{each.subject}.{each.measure}"
    )
    return Gate(
        gate="max_utilization" if busy else "objective",
        subject=each.name,
        state=each.state,
        limit=each.limit,
        value=each.value,
        kept=each.value <= each.limit * (1 + 1e-9),
        path=path,
        says=each.binds,
    )


def _availability(system: System, now: Solution) -> Iterator[Gate]:
    """The expected availability; without any tier's own there is no verdict."""
    wanted = system.objectives.availability
    if wanted is None:
        return
    limit = float(np.asarray(wanted))
    found = [each.value for each in now.objective_results if each.measure == "availability"]
    value = None if not found or found[0] is None else float(np.asarray(found[0]))
    says = "not known: no tier says how available one of its hosts is"
    if value is not None:
        says = f"expected availability {human.share(value, 6)}"
    yield Gate(
        gate="availability",
        subject="system",
        state=UP,
        limit=limit,
        value=value,
        kept=None if value is None else value >= limit,
        path="objectives.availability",
        says=f"{says} (objective {human.share(limit, 6)})",
    )


def _first(ahead: tuple[Runway, ...]) -> dict[str, Runway]:
    """The limit of each tier and class that breaks first."""
    found: dict[str, Runway] = {}
    for each in ahead:
        found.setdefault(each.subject, each)
    return found


def _runway(system: System, ahead: tuple[Runway, ...]) -> Iterator[Gate]:
    wanted = system.objectives.min_runway
    if wanted is None:
        return
    months = float(np.asarray(wanted)) / MONTH
    for each in _first(ahead).values():
        until = f", {each.date}" if each.date else ""
        holds = _months(each.months)
        yield Gate(
            gate="min_runway",
            subject=each.name,
            state=each.state,
            limit=float(np.asarray(wanted)),
            value=each.months * MONTH,
            kept=bool(each.months >= months * (1 - 1e-9)),
            path="objectives.min_runway",
            says=f"lasts {holds}{until} (min_runway {_months(months)}): {each.binds}",
        )


def _months(months: float) -> str:
    if np.isinf(months):
        return "for ever"
    shown = human.significant(months, 2)
    return f"{shown} month" if shown == "1" else f"{shown} months"


def _cost(system: System, now: Solution) -> Iterator[Gate]:
    most = system.objectives.max_cost_per_thousand_users
    if most is None:
        return
    found = [each for each in now.fact_results if each.name == "cost_per_thousand_users"]
    value = float(np.asarray(found[0].value)) if found else None
    limit = float(np.asarray(most))
    value = None if value is None or np.isnan(value) else value
    lacking = "any price" if system.demand.daily_active_users else "daily_active_users"
    says = f"the cost of 1,000 daily users is not known: {lacking} is missing"
    if value is not None:
        most_of = human.dollars(limit)
        says = f"1,000 daily users cost {human.dollars(value)} a month (at most {most_of})"
    yield Gate(
        gate="max_cost_per_thousand_users",
        subject="system",
        state=UP,
        limit=limit,
        value=value,
        kept=None if value is None else value <= limit * (1 + 1e-12),
        path="objectives.max_cost_per_thousand_users",
        says=says,
    )


def _lost(system: System, before: tuple[Runway, ...], ahead: tuple[Runway, ...]) -> Iterator[Gate]:
    """The runway that each tier and class has lost, where a most is given."""
    most = system.objectives.max_runway_loss
    if most is None:
        return
    limit = float(np.asarray(most)) / MONTH
    old = _first(before)
    for subject, each in _first(ahead).items():
        if subject not in old:
            continue
        was = old[subject].months
        lost = 0.0 if was == each.months else was - each.months
        yield Gate(
            gate="max_runway_loss",
            subject=each.name,
            state=each.state,
            limit=limit * MONTH,
            value=lost * MONTH,
            kept=bool(lost <= limit * (1 + 1e-9) + SEARCHED),
            path="objectives.max_runway_loss",
            says=(
                f"runway {_months(was)} → {_months(each.months)} "
                f"(may lose {_months(limit)}): {each.binds}"
            ),
        )


def _changes(
    old: Solution, new: Solution, before: tuple[Runway, ...], ahead: tuple[Runway, ...]
) -> Iterator[Change]:
    """Every tier that both have or that is new, in file order."""
    was, now = _first(before), _first(ahead)
    known = {tier.name: tier for tier in old.tier_results}
    for tier in new.tier_results:
        if tier.utilization is None:
            continue
        then = known.get(tier.name)
        yield Change(
            tier=tier.name,
            utilization_before=None if then is None else _number(then.utilization),
            utilization=_number(tier.utilization),
            response_p99_before=None if then is None else _number(then.response_p99),
            response_p99=_number(tier.response_p99),
            runway_before=was[tier.name].months if tier.name in was else None,
            runway=now[tier.name].months if tier.name in now else None,
        )


def _number(value: object) -> float | None:
    return None if value is None else float(np.asarray(value))
