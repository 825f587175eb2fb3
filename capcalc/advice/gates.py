"""`check`: every limit of a scenario as a gate, and what a change did to the runway."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from capcalc.advice import gates_compared as compared
from capcalc.advice.gates_compared import UP, first, months
from capcalc.advice.runway import runways
from capcalc.errors import UsageError
from capcalc.model.system import System
from capcalc.results.gates import Change, Gate, GateReport
from capcalc.results.solution import Solution
from capcalc.results.timeline import Runway
from capcalc.solve import availability, cost
from capcalc.solve.chunks import shape_of
from capcalc.solve.system import solve
from capcalc.units import format as human
from capcalc.units.kinds import MONTH

#: A limit that is met to so many digits is met.
SLACK = 1e-9


def check(system: System, old: System | None = None) -> GateReport:
    """Hold a scenario against all its limits, and against another scenario.

    Utilization limits and latency objectives with everything up and after each failure that
    some tier's ``survive`` names, at today's load; the objectives on availability, runway and
    cost; and, against ``old``, the runway that a change costs, by the limits and the growth of
    ``old``. A gate that is kept at the middle of a range but not at one of its ends has no
    verdict, one range at a time.

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
        When a field is an array, or the two scenarios have no tier and no class in common.

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
    gates = list(_over_ranges(system, _gates(system, now, ahead)))
    warnings = list(now.warnings)
    changes: tuple[Change, ...] = ()
    if old is not None:
        before = runways(old)
        gates += compared.lost(system, old, before)
        changes = tuple(compared.changes(now, ahead, solve(old), before))
        warnings += compared.cautions(system, old)
    elif system.objectives.max_runway_loss is not None:
        warnings.append("max_runway_loss is not checked: there is nothing to compare with")
    return GateReport(
        name=system.name,
        gates=tuple(gates),
        changes=changes,
        compared_with="" if old is None else old.name,
        file=system.inputs.file,
        warnings=tuple(warnings),
    )


def _gates(system: System, now: Solution, ahead: tuple[Runway, ...]) -> list[Gate]:
    """All gates of one scenario, every number as it stands."""
    return [
        *map(_limit, ahead),
        *_availability(system, now),
        *_runway(system, ahead),
        *_cost(system, now),
    ]


def _over_ranges(system: System, gates: list[Gate]) -> Iterator[Gate]:
    """The gates at the middle; no verdict where an end of a range breaks what the middle keeps."""
    broken: dict[tuple[str, str, str], str] = {}
    for path, ends in system.inputs.ranges.items():
        for end in ends:
            there = system.replace({path: end})
            for gate in _gates(there, solve(there), runways(there)):
                if gate.kept is False:
                    broken.setdefault(_key(gate), f"at {path} = {end:g} broken: {gate.says}")
    for gate in gates:
        told = broken.get(_key(gate))
        if gate.kept and told is not None:
            yield replace(gate, kept=None, says=f"{told}; kept at its middle")
        else:
            yield gate


def _key(gate: Gate) -> tuple[str, str, str]:
    """What a gate is about, whichever of a subject's limits binds."""
    subject = gate.path if gate.gate in ("max_utilization", "objective") else gate.subject
    return gate.gate, f"{subject} {gate.subject}", gate.state


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
        kept=each.value <= each.limit * (1 + SLACK),
        path=path,
        says=each.binds,
    )


def _availability(system: System, now: Solution) -> Iterator[Gate]:
    """The expected availability: at most what the tiers that say theirs come to."""
    wanted = system.objectives.availability
    if wanted is None:
        return
    limit = float(np.asarray(wanted))
    found = [each.value for each in now.objective_results if each.measure == "availability"]
    value = None if not found or found[0] is None else float(np.asarray(found[0]))
    silent = availability.left_out(system)
    says = "not known: no tier says how available one of its hosts is"
    if value is not None:
        without = f", without {', '.join(silent)}, which do not say" if silent else ""
        says = f"expected availability {human.share(value, 6)}{without}"
    yield Gate(
        gate="availability",
        subject="system",
        state=UP,
        limit=limit,
        value=value,
        kept=_verdict(value, value is not None and value >= limit, whole=not silent),
        path="objectives.availability",
        says=f"{says} (objective {human.share(limit, 6)})",
    )


def _verdict(value: float | None, kept: bool, *, whole: bool) -> bool | None:
    """What a part of the whole says: that it is broken already, never that it is kept."""
    if value is None or (kept and not whole):
        return None
    return kept


def _runway(system: System, ahead: tuple[Runway, ...]) -> Iterator[Gate]:
    wanted = system.objectives.min_runway
    if wanted is None:
        return
    least = float(np.asarray(wanted)) / MONTH
    for each in first(ahead).values():
        until = f", {each.date}" if each.date else ""
        holds, asked = human.apart(each.months, least, months)
        yield Gate(
            gate="min_runway",
            subject=each.name,
            state=each.state,
            limit=float(np.asarray(wanted)),
            value=each.months * MONTH,
            kept=bool(each.months >= least * (1 - SLACK)),
            path="objectives.min_runway",
            says=f"lasts {holds}{until} (min_runway {asked}): {each.binds}",
        )


def _cost(system: System, now: Solution) -> Iterator[Gate]:
    """The cost of 1,000 users: at least what the parts with a price come to."""
    most = system.objectives.max_cost_per_thousand_users
    if most is None:
        return
    found = [each for each in now.fact_results if each.name == "cost_per_thousand_users"]
    value = float(np.asarray(found[0].value)) if found else None
    value = None if value is None or np.isnan(value) else value
    limit = float(np.asarray(most))
    lacking = "any price" if system.demand.daily_active_users else "daily_active_users"
    says = f"the cost of 1,000 daily users is not known: {lacking} is missing"
    missing = _missing(system)
    if value is not None:
        shown, bound = human.apart(value, limit, _dollars)
        least = "at least " if missing else ""
        without = f"; not in it: {'; '.join(missing)}" if missing else ""
        says = f"1,000 daily users cost {least}{shown} a month (at most {bound}){without}"
    yield Gate(
        gate="max_cost_per_thousand_users",
        subject="system",
        state=UP,
        limit=limit,
        value=value,
        kept=_verdict(value, value is not None and value <= limit, whole=not missing),
        path="objectives.max_cost_per_thousand_users",
        says=says,
    )


def _dollars(amount: float, digits: int) -> str:
    return f"${amount:,.{digits - 1}f}"


def _missing(system: System) -> list[str]:
    """What has no price or no size."""
    hosts = [*cost.unpriced_hosts(system), *cost.unpriced_edges(system)]
    found = [f"{', '.join(hosts)} (no price)"] if hosts else []
    sizes = cost.unsized(system)
    return [*found, f"bytes of {', '.join(sizes)} (no size)"] if sizes else found
