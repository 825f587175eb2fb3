"""What no plan can keep: how near one comes, and what would have to give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from capcalc.advice import search
from capcalc.advice.checks import Limit
from capcalc.advice.options import Options
from capcalc.advice.search import Search
from capcalc.advice.summary import at_load, describe, value_of
from capcalc.units import format as human


def sentences(within: Search, every: Mapping[str, Options], broken: list[Limit]) -> Iterator[str]:
    """What no plan can keep, how near one comes, and what would have to give."""
    if not broken:
        return
    best = search.roomiest(within, every)
    found = within.solved(best)
    today = {_key(each) for each in _now(within, every)}
    for limit in broken:
        value = value_of(limit, found, 0)
        said = describe(limit, found, 0)
        gives = _gives(limit, value, later=_key(limit) not in today)
        yield f"{said} even with every tier at its largest: {gives}"


def _now(within: Search, every: Mapping[str, Options]) -> list[Limit]:
    """What no plan can keep even at today's load."""
    strict = replace(within, waived=frozenset())
    return search.out_of_reach(at_load(strict, 1.0), every)


def _key(limit: Limit) -> tuple[object, ...]:
    return limit.state.name, limit.subject, limit.measure


def _gives(limit: Limit, value: float, *, later: bool) -> str:
    """The nearest thing that would be feasible; ``later``: it is kept at today's load."""
    ways = []
    if isinstance(limit.subject, str) and np.isfinite(value):
        nearest = human.duration(value * 1.0005, 4)
        ways.append(f"an objective of {limit.subject} {limit.measure} of {nearest}")
    if limit.state.failure is not None:
        names = ", ".join(limit.state.failure.tiers)
        ways.append(f"no `survive: {limit.state.failure.kind}` for {names}")
    if not isinstance(limit.subject, str):
        ways.append("less work per request, or the load spread over shards")
    if later:
        ways.append("a shorter min_runway")
    return "feasible would be " + " or ".join(ways) + "; the plans here leave this one limit out"
