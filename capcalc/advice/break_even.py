"""The load at which growing the other way becomes the cheaper one.

By the limits on utilization, with everything up and after each failure; latency is left out (a
crossover map has it).
Utilization grows in proportion to load, so each option carries load up to limit / utilization,
and the cost of either way is a staircase over load that changes only at those points.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from capcalc.advice.checks import utilization_limits
from capcalc.advice.found import allowed
from capcalc.advice.options import Options
from capcalc.advice.search import Search, largest, one
from capcalc.advice.summary import at_load
from capcalc.results.advice import BreakEven
from capcalc.units import format as human


def carried(within: Search, every: Mapping[str, Options], name: str) -> NDArray[np.float64]:
    """The factor on today's load that each option of a tier carries."""
    roomy = {other: one(each, largest(each)) for other, each in every.items()}
    option = every[name]
    found = at_load(within, 1.0).solved({**roomy, name: option})
    most = np.full(len(option), np.inf)
    for limit in utilization_limits(found):
        if limit.subject[0] == name and limit.value is not None:
            with np.errstate(divide="ignore", invalid="ignore"):
                room = np.asarray(limit.limit) / np.asarray(limit.value)
            most = np.minimum(most, np.where(np.isnan(room), np.inf, room))
    return most


def break_even(within: Search, every: Mapping[str, Options], name: str) -> BreakEven:
    """Compare both ways of one tier over all loads."""
    option, most = every[name], carried(within, every, name)
    ways = {kind: allowed(option, kind) for kind in ("vertical", "horizontal")}
    ends = {kind: float(most[positions].max()) for kind, positions in ways.items()}
    loads = np.unique(most[np.concatenate(list(ways.values()))])
    loads = loads[np.isfinite(loads) & (loads > 1)]
    ranks = option.price_rank()
    signs = [(load, _cheaper(ranks, most, ways, load)) for load in (1.0, *loads)]
    decided = [(load, way) for load, way in signs if way is not None]
    first = decided[0][1] if decided else None
    turns = _turns(loads, decided)
    factor, then = turns[0] if turns else (None, None)
    return BreakEven(
        factor=factor,
        first=first,
        then=then,
        vertical_end=ends["vertical"],
        horizontal_end=ends["horizontal"],
        sentence=_sentence(first, turns, ends),
    )


def _turns(
    loads: NDArray[np.float64], decided: Sequence[tuple[float, str]]
) -> list[tuple[float, str]]:
    """Every load beyond which the other way is cheaper, and which that is; ties count as before."""
    found, way = [], decided[0][1] if decided else None
    for load, cheaper in decided:
        if cheaper != way:
            found.append((_previous(loads, load), cheaper))
            way = cheaper
    return found


def _cheaper(
    ranks: Sequence[tuple[int, ...]],
    most: NDArray[np.float64],
    ways: Mapping[str, NDArray[np.intp]],
    load: float,
) -> str | None:
    """Which way is cheaper at a load; None for a tie or where neither carries it."""
    cost = {}
    for kind, positions in ways.items():
        able = positions[most[positions] >= load * (1 - 1e-12)]
        cost[kind] = min((ranks[at] for at in able), default=None)
    vertical, horizontal = cost["vertical"], cost["horizontal"]
    if vertical == horizontal:
        return None
    if vertical is None:
        return "horizontal"
    if horizontal is None or vertical < horizontal:
        return "vertical"
    return "horizontal"


def _previous(loads: NDArray[np.float64], load: float) -> float:
    """The step of the staircase below this one: what holds up to a load begins above it."""
    below = loads[loads < load]
    return float(below[-1]) if len(below) else 1.0


def _sentence(
    first: str | None, turns: Sequence[tuple[float, str]], ends: Mapping[str, float]
) -> str:
    if first is None:
        return "both ways cost the same at every load"
    other = "horizontal" if first == "vertical" else "vertical"
    if not turns:
        return (
            f"no break-even: {first} is never dearer than {other}, up to "
            f"{human.significant(ends[first])} times today's load"
        )
    factor = turns[0][0]
    said = f"{first} is never dearer up to {human.significant(factor)} times today's load"
    if ends[first] <= factor * (1 + 1e-9):
        return (
            f"{said}, where it ends; beyond, only {other} goes on (to "
            f"{human.significant(ends[other])} times)"
        )
    if len(turns) == 1:
        return f"{said}, then {other}"
    more = len(turns) - 1
    again = "once" if more == 1 else f"{more} times"
    until = human.significant(turns[1][0])
    return f"{said}, then {other} up to {until}; from there it turns {again} more"
