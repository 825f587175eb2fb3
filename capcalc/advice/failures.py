"""`failures`: what every single failure does to every tier, and what would be left to serve."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import isfinite

import numpy as np

from capcalc.advice.checks import utilization_limit
from capcalc.errors import UsageError
from capcalc.model.components import Cache, Service, Tier
from capcalc.model.facts import Seen
from capcalc.model.failures import AT_ONCE, REFILLED, Failure, single, to_survive
from capcalc.model.system import System
from capcalc.results.failures import FailureResult, FailureStudy, RequestAfter, TierAfter
from capcalc.results.solution import MEASURES, ObjectiveResult, Solution, StationResult, TierResult
from capcalc.solve.chunks import shape_of
from capcalc.solve.facts import views
from capcalc.solve.stations import CRITICAL
from capcalc.solve.system import solve, solve_left
from capcalc.units import format as human
from capcalc.units.types import Numbers

#: A station counts as busier only beyond rounding.
BUSIER = 1.0 + 1e-9


def failures(system: System) -> FailureStudy:
    """What each single failure that the scenario knows does to every tier.

    One host of each tier, a replica, the primary, a cache's node, contents or whole, the CDN
    bypassed, the session store, and one zone of all tiers that are spread over zones. Every
    state is solved as :func:`solve` solves today's.

    Parameters
    ----------
    system : System
        One scenario; no field may be an array.

    Returns
    -------
    FailureStudy
        Right after each failure, before anything is repaired or any load is turned away; for
        a lost cache host also once the others have taken its keys up.

    Raises
    ------
    UsageError
        When a field is an array.

    Examples
    --------
    >>> import capcalc as cc
    >>> lost = cc.failures(cc.load("bookshop")).failure("cache lost")
    >>> lost.stable, round(lost.tier("db").utilization, 2)
    (False, 1.76)
    """
    if shape_of(system):
        raise UsageError("failures takes one scenario, not a sweep of them")
    before = solve(system)
    seen = views(system)
    wanted = set(to_survive(system))
    results = tuple(
        _result(system, before, seen, failure, failure in wanted) for failure in single(system)
    )
    warnings = (*_unknown(system, results), *before.warnings)
    return FailureStudy(name=system.name, results=results, warnings=warnings)


def _unknown(system: System, results: tuple[FailureResult, ...]) -> Iterator[str]:
    """The tiers of which it is not known how soon a new host serves."""
    concerned = dict.fromkeys(
        name
        for each in results
        if each.recovery_time is None and each.kind in ("host", "replica", "zone", "tier")
        for name in each.tiers
        if name in system.hosted() and system.hosted()[name].boot_time is None
    )
    if concerned:
        yield (
            f"how soon a new host of {', '.join(concerned)} serves is not known, nor when their "
            "failures are over: give boot_time"
        )


def _result(
    system: System, before: Solution, seen: Mapping[str, Seen], failure: Failure, wanted: bool
) -> FailureResult:
    left = _with_shards_left(failure.applied(system))
    after = solve_left(left)
    busiest = max(after.stations, key=lambda each: _load(each.utilization))
    objectives = [each for each in after.objective_results if each.measure in MEASURES]
    return FailureResult(
        failure=str(failure),
        kind=failure.kind,
        phase=failure.phase,
        tiers=failure.tiers,
        stable=_load(busiest.utilization) < CRITICAL,
        busiest=f"{busiest.tier} {busiest.role}".strip(),
        utilization=_load(busiest.utilization),
        shed=_shed(left, before, after),
        objectives_kept=all(map(_met, objectives)) if objectives else None,
        broken=tuple(_broken(before, each) for each in objectives if not _met(each)),
        recovery_time=_recovery(seen, failure),
        says=tuple(_says(seen, failure)),
        survive=wanted,
        after=tuple(_tier(before.tier(tier.name), tier) for tier in after.tier_results),
        requests=tuple(
            RequestAfter(
                request_class=each.name,
                p99_before=_number(before.request(each.name).p99),
                p99=_number(each.p99),
            )
            for each in after.request_results
        ),
        course=_course(seen, failure),
    )


def _course(seen: Mapping[str, Seen], failure: Failure) -> tuple[tuple[float, float], ...]:
    """How the hits of the cache that has lost its contents come back."""
    tier = _own(seen, failure.tiers[0])
    if failure.phase != AT_ONCE or not isinstance(tier, Cache):
        return ()
    return tier.course(failure.kind, seen[failure.tiers[0]])


def _with_shards_left(system: System) -> System:
    """Queries that fan out to more hosts than are left ask those that are."""
    tiers = dict(system.tiers)
    for name, tier in tiers.items():
        if isinstance(tier, Service) and tier.fan_out > max(1, _load(tier.hosts)):
            tiers[name] = replace(tier, fan_out=max(1, int(_load(tier.hosts))))
    return replace(system, tiers=tiers)


def _load(utilization: Numbers) -> float:
    return float(np.asarray(utilization))


def _shed(left: System, before: Solution, after: Solution) -> float:
    """Share to turn away, of all requests alike, so that what got busier stays within limits.

    Utilization is proportional to load, so 1 - limit / utilization of the worst station; more
    than enough where retries are part of it, which fewer requests make fewer.
    """
    up = {(each.tier, each.role): each for each in before.stations}
    shares = [_share_to_shed(left, up.get((each.tier, each.role)), each) for each in after.stations]
    return max(0.0, *shares)


def _share_to_shed(left: System, was: StationResult | None, now: StationResult) -> float:
    busy = _load(now.utilization)
    if was is not None and busy <= _load(was.utilization) * BUSIER:
        return 0.0
    limit = utilization_limit(left, now.tier, failed=True)
    return 1.0 - limit / busy if busy > limit else 0.0


def _met(objective: ObjectiveResult) -> bool:
    return bool(objective.met)


def _broken(before: Solution, objective: ObjectiveResult) -> str:
    was = next(
        each.value
        for each in before.objective_results
        if (each.request_class, each.measure) == (objective.request_class, objective.measure)
    )
    return (
        f"{objective.request_class} {objective.measure} {_time(was)} → {_time(objective.value)} "
        f"(limit {_time(objective.limit)})"
    )


def _time(value: Numbers | None) -> str:
    return "?" if value is None else human.duration(float(value))


def _own(seen: Mapping[str, Seen], name: str) -> Tier:
    """A tier that knows how much it hits."""
    return seen[name].system.tiers[name]


def _recovery(seen: Mapping[str, Seen], failure: Failure) -> float | None:
    """The longest of all tiers concerned; None where one is not known."""
    times = [_own(seen, name).recovery_time(failure.kind, seen[name]) for name in failure.tiers]
    known = [float(np.asarray(each)) for each in times if each is not None]
    return max(known) if len(known) == len(times) else None


def _says(seen: Mapping[str, Seen], failure: Failure) -> Iterator[str]:
    if failure.phase == REFILLED:
        yield "the hosts that are left hold fewer objects between them"
        return
    for name in failure.tiers:
        yield from _own(seen, name).aftermath(failure.kind, seen[name])


def _tier(before: TierResult, after: TierResult) -> TierAfter:
    return TierAfter(
        tier=after.name,
        arrival_rate_before=_number(before.arrival_rate),
        arrival_rate=_number(after.arrival_rate),
        utilization_before=_number(before.utilization),
        utilization=_number(after.utilization),
        response_p99_before=_number(before.response_p99),
        response_p99=_number(after.response_p99),
        hit_ratio=_number(after.hit_ratio),
    )


def _number(value: Numbers | None) -> float | None:
    return None if value is None else float(np.asarray(value))


def worst(results: tuple[FailureResult, ...]) -> FailureResult | None:
    """The failure that leaves least: unstable ones first, then by what has to be shed."""
    at_once = [each for each in results if each.phase == AT_ONCE]
    order = sorted(at_once, key=lambda each: (each.shed, _finite(each.utilization)))
    return order[-1] if order else None


def _finite(value: float) -> float:
    return value if isfinite(value) else 1e300
