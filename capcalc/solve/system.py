"""`solve`: one system, or a whole grid of them, in one pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from capcalc.model import paths, routes
from capcalc.model.system import System
from capcalc.results.solution import Solution, TierResult
from capcalc.solve import availability, balanced, business, contention, tries, words
from capcalc.solve.chunks import joined, parts
from capcalc.solve.facts import cautions, facts, seen, with_usage
from capcalc.solve.loads import loads
from capcalc.solve.objectives import objective_results
from capcalc.solve.remedies import remedies
from capcalc.solve.requests import request_results
from capcalc.solve.stations import Queue
from capcalc.solve.tiers import station_results, tier_results
from capcalc.traffic.flows import StationKey
from capcalc.units.types import Numbers


def solve(system: System, *, quantiles: bool = True) -> Solution:
    """Utilization, latency, bottleneck, headroom and cost of a system, in closed form.

    Parameters
    ----------
    system : System
        Any numeric field may be an array; all arrays broadcast against one another and the
        answer has their common shape.
    quantiles : bool
        Whether to compute percentiles, by far the larger part of the work.

    Returns
    -------
    Solution
        A saturated tier is an answer (``inf`` waits), an element out of its domain ``nan``.

    Examples
    --------
    >>> import capcalc as cc
    >>> solution = cc.solve(cc.load("bookshop"))
    >>> solution.bottleneck, round(float(solution.tier("web").utilization), 3)
    ('cache', 0.501)
    """
    pieces, axis = parts(system, quantiles)
    return joined([_solve(piece, quantiles) for piece in pieces], axis)


def solve_left(system: System) -> Solution:
    """What is left of one system after a failure, where a tier may have no host at all.

    Such a tier is saturated by any load; in a scenario file no host would be an error.
    """
    return _solved(system, np.asarray(True), quantiles=True)


def _solve(system: System, quantiles: bool) -> Solution:
    defined = np.asarray(paths.in_domain(system)) & routes.feasible(system)
    return _solved(system, defined, quantiles)


def _solved(
    system: System, defined: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], quantiles: bool
) -> Solution:
    loaded = loads(system)
    system = loaded.system
    coming, solved = loaded.flows, loaded.queues
    tiers = tier_results(system, coming, solved, quantiles)
    requests = request_results(coming, solved, quantiles)
    position, headroom = _bottleneck(solved)
    views = seen(system, coming, solved, tiers, requests)
    tiers = with_usage(system, tiers, views)
    up = tuple(availability.facts(system, solved))
    solution = Solution(
        name=system.name,
        shape=defined.shape,
        stations=station_results(solved),
        tier_results=tiers,
        request_results=requests,
        objective_results=(
            *objective_results(system, requests),
            *availability.objective(system, up),
        ),
        bottleneck_position=position,
        bottleneck_names=tuple(name for name, _ in solved),
        headroom=headroom,
        cost=_total(tiers),
        first_request_delay=_first_request_delay(system),
        defined=defined[()],
        remedies=tuple(remedies(system, solved)) if bool(np.all(defined)) else (),
        fact_results=(
            *(facts(system, views) if quantiles else ()),
            *contention.facts(system),
            *tries.facts(loaded),
            *balanced.facts(system, solved),
            *up,
            *business.facts(system, tiers, _total(tiers), solved),
        ),
        warnings=(
            *words.warnings(system),
            *availability.cautions(system),
            *tries.cautions(system, loaded),
            *contention.cautions(system),
            *cautions(system, views),
        ),
        assumptions=words.assumptions(system, coming, solved, quantiles),
        defaults=system.inputs.defaults,
        ranges=system.inputs.ranges,
    )
    return solution if bool(np.all(defined)) else _masked(solution, defined)


def _bottleneck(solved: Mapping[StationKey, Queue]) -> tuple[Numbers, Numbers]:
    """Position of the busiest station, and the factor by which load may grow until it is full."""
    loads = np.stack(np.broadcast_arrays(*(np.asarray(q.utilization) for q in solved.values())))
    undefined = np.isnan(loads).any(axis=0)
    position = np.argmax(np.where(np.isnan(loads), -1.0, loads), axis=0)
    with np.errstate(divide="ignore"):
        headroom = 1.0 / np.max(loads, axis=0)
    return np.where(undefined, np.nan, position)[()], headroom[()]


def _total(tiers: tuple[TierResult, ...]) -> Numbers | None:
    """Cost of all tiers whose price is known; None where none is."""
    known = [tier.cost for tier in tiers if tier.cost is not None]
    priced = [cost for cost in known if not (np.ndim(cost) == 0 and cost == 0)]
    return sum(known) if priced else None


def _first_request_delay(system: System) -> Numbers:
    """What the first request of a visit waits for name resolution. [s]"""
    return sum((tier.lookup_time for tier in routes.lookup(system).values()), 0.0)


def _masked(
    solution: Solution, defined: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
) -> Solution:
    """Every number ``nan`` where the scenario is out of its domain."""
    from capcalc.solve.chunks import mapped

    def mask(number: Any) -> Any:
        if np.asarray(number).dtype == bool:
            return np.asarray(number) & defined
        return np.where(defined, number, np.nan)[()]

    masked: Solution = mapped(solution, mask)
    return replace(masked, defined=defined[()])
