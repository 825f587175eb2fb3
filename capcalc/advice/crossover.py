"""Whether vertical or horizontal is cheaper for one tier, over loads and strictness of limits.

Every option of both ways carries load up to some factor on today's, at each strictness; that is
all the map needs: an option does in a cell if it carries the cell's load, and the cheapest that
does is a minimum over an array. The other tiers are at their largest, so that none of them is what
ends a way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

import numpy as np
from numpy.typing import NDArray

from capcalc.advice import search
from capcalc.advice.carried import Strict, carried
from capcalc.advice.crossover_words import limit_words, sentences
from capcalc.advice.options import Options, options, shares_database
from capcalc.advice.search import Search
from capcalc.advice.states import planned_load, states
from capcalc.advice.summary import describe
from capcalc.advice.ways import CENT, WAYS, both, costs
from capcalc.errors import Problem, UsageError
from capcalc.model.system import System
from capcalc.results.crossover import Crossover, Turn
from capcalc.solve.chunks import shape_of
from capcalc.traffic.flows import flows

#: Factors on today's load, four to a doubling.
LOADS = tuple(float(2.0 ** (at / 4)) for at in range(-8, 13))
#: Factors on latency limits, and on limits on utilization as far as these stay below 1.
LATENCY = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.25, 1.5, 2.0)
UTILIZATION = (0.6, 0.7, 0.8, 0.9, 1.0, 1.05, 1.1, 1.2, 1.3)
MOST_BUSY = 0.995
#: Ends of two options that are no further apart are one. Relative.
CLOSE = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Carries:
    """What the options of both ways cost, and the load that each carries at each strictness."""

    option: Options
    may: Mapping[str, NDArray[np.bool_]]
    cost: NDArray[np.float64]
    #: a row for each strictness, a column for each option
    carried: NDArray[np.float64]


def crossover(
    system: System,
    tier: str,
    loads: Sequence[float] = LOADS,
    strictness: Sequence[float] | None = None,
) -> Crossover:
    """Which way to grow one tier is cheaper, over loads and strictness of limits.

    Parameters
    ----------
    system : System
        One scenario; no field may be an array.
    tier : str
        A tier with hosts of its own.
    loads : sequence of float
        Factors on today's load.
    strictness : sequence of float, optional
        Factors on the latency limits of the classes that visit the tier or, where none has any,
        on the limits on its utilization.

    Returns
    -------
    Crossover
        A row for each strictness, a column for each load.

    Raises
    ------
    UsageError
        When a field is an array, or there is no such tier on hosts of its own.
    """
    if shape_of(system):
        raise UsageError("a map is of one scenario, not of a sweep of them")
    every = options(system)
    if tier not in every:
        raise UsageError(_unknown(system, tier, tuple(every)))
    within, broken = _within(system, every)
    classes = _classes(system, tier)
    varied = "latency" if classes else "utilization"
    given = strictness if strictness is not None else _factors(system, tier, varied)
    factors, at = np.asarray(given, dtype=float), np.asarray(loads, dtype=float)
    found = _carries(within, every, tier, classes, factors)
    names, vertical, horizontal = _cells(found, at)
    turns = tuple(turn for row in range(len(factors)) for turn in _turns(found, row, factors[row]))
    drawn = Crossover(
        name=system.name,
        tier=tier,
        varied=varied,
        load_factors=at,
        strictness=factors,
        limits=tuple(limit_words(system, tier, classes, each) for each in factors),
        cheaper=names,
        vertical_cost=_cost(found, vertical),
        horizontal_cost=_cost(found, horizontal),
        vertical=vertical,
        horizontal=horizontal,
        choices=tuple(found.option.choice(system, each) for each in range(len(found.option))),
        turns=turns,
        priced=found.option.priced,
        waived=broken,
    )
    copied = not shares_database(system, tier)
    return replace(drawn, sentences=tuple(sentences(drawn, may_be_copied=copied)))


def _unknown(system: System, tier: str, known: tuple[str, ...]) -> Problem:
    if tier in system.hosted():
        hint = f"map {system.host_of(tier)} instead"
        return Problem(message=f"{tier} has no hosts of its own", hint=hint)
    near = get_close_matches(tier, known, 1, 0.5)
    there = f"there are {', '.join(known)}" if known else "no tier has hosts"
    hint = f"did you mean {near[0]!r}?" if near else there
    return Problem(message=f"there is no tier {tier!r} on hosts", hint=hint)


def _within(system: System, every: Mapping[str, Options]) -> tuple[Search, tuple[str, ...]]:
    """The states to keep, without the limits out of reach of every plan, as in the advice."""
    within = Search(system=system, states=states(system, planned_load(system)))
    broken = search.out_of_reach(within, every)
    roomy = within.solved(search.roomiest(within, every)) if broken else ()
    waived = frozenset((each.state.name, each.subject, each.measure) for each in broken)
    return replace(within, waived=waived), tuple(describe(each, roomy, 0) for each in broken)


def _classes(system: System, tier: str) -> frozenset[str]:
    """The classes with latency objectives that visit the tier's hosts."""
    group = {name for name in system.hosted() if system.host_of(name) == tier}
    visiting = {each.request_class for each in flows(system).work if each.tier in group}
    return frozenset(visiting & system.objectives.requests.keys())


def _factors(system: System, tier: str, varied: str) -> tuple[float, ...]:
    if varied == "latency":
        return LATENCY
    owner = system.owners()[tier]
    most = max(float(owner.max_utilization), float(owner.max_utilization_after_failure))
    return tuple(each for each in UTILIZATION if each * most <= MOST_BUSY)


def _carries(
    within: Search,
    every: Mapping[str, Options],
    tier: str,
    classes: frozenset[str],
    factors: NDArray[np.float64],
) -> Carries:
    """Every option at every strictness, in one go."""
    option, may = both(every[tier])
    size, rows = len(option), len(factors)
    grid = option.picked(np.tile(np.arange(size), rows))
    repeated = np.repeat(factors, size)
    ones = np.ones(size * rows)
    strict = Strict(
        classes=classes,
        latency=repeated if classes else ones,
        utilization=ones if classes else repeated,
    )
    ends = carried(within, search.roomiest(within, every), grid, strict)
    return Carries(option=option, may=may, cost=costs(option), carried=ends.reshape(rows, size))


def _cells(
    found: Carries, loads: NDArray[np.float64]
) -> tuple[NDArray[np.str_], NDArray[np.intp], NDArray[np.intp]]:
    """What each cell says, and the cheapest of each way there."""
    does = found.carried[:, None, :] >= loads[None, :, None] * (1 - 1e-12)
    least = {kind: _least(found, does & found.may[kind]) for kind in WAYS}
    vertical, horizontal = least["vertical"], least["horizontal"]
    up, out = _cost(found, vertical), _cost(found, horizontal)
    now = found.option.today
    with np.errstate(invalid="ignore"):
        tie = np.abs(up - out) < CENT
    cases = (
        ("neither", (vertical < 0) & (horizontal < 0)),
        ("only_vertical", horizontal < 0),
        ("only_horizontal", vertical < 0),
        ("today", (vertical == now) & (horizontal == now)),
        ("same", tie),
        ("vertical", up < out),
    )
    names = np.select([case for _, case in cases], [name for name, _ in cases], "horizontal")
    return names, vertical, horizontal


def _least(found: Carries, able: NDArray[np.bool_]) -> NDArray[np.intp]:
    """The cheapest of the options that do, -1 where none does."""
    order = found.option.order()
    first = np.argmax(able[..., order], axis=-1)
    return np.where(able.any(axis=-1), order[first], -1)


def _cost(found: Carries, at: NDArray[np.intp]) -> NDArray[np.float64]:
    return np.where(at < 0, np.inf, found.cost[np.maximum(at, 0)])


def _turns(found: Carries, row: int, strictness: float) -> Iterator[Turn]:
    """The steps of both staircases at which what a cell says changes."""
    ends = np.unique(found.carried[row])
    ends = ends[np.isfinite(ends) & (ends > 0)]
    if not len(ends):
        return
    ends = ends[np.append(ends[1:] > ends[:-1] * (1 + CLOSE), True)]
    beyond = np.append(ends[1:], ends[-1] * 2)
    middles = np.append(ends[0] / 2, (ends + beyond) / 2)
    one = replace(found, carried=found.carried[[row]])
    names = _cells(one, middles)[0][0]
    for at, end in enumerate(ends):
        if names[at] != names[at + 1]:
            yield Turn(
                strictness=float(strictness),
                load_factor=float(end),
                before=str(names[at]),
                after=str(names[at + 1]),
            )
