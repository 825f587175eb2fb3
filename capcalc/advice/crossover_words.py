"""What a crossover map says, in words made of its cells and lines."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from capcalc.model.system import System
from capcalc.results.crossover import Crossover
from capcalc.solve.objectives import limits
from capcalc.units import format as human

_SAYS = {
    "today": "today's machines do",
    "vertical": "vertical is cheaper",
    "horizontal": "horizontal is cheaper",
    "same": "both cost the same",
    "only_vertical": "only vertical does",
    "only_horizontal": "only horizontal does",
    "neither": "neither does",
}


def limit_words(system: System, tier: str, classes: frozenset[str], factor: float) -> str:
    """The limits at one strictness, e.g. ``browse p95 20 ms``."""
    if not classes:
        owner = system.owners()[tier]
        up = human.share(float(owner.max_utilization) * factor)
        if owner.survive is None:
            return f"max_utilization {up}"
        after = human.share(float(owner.max_utilization_after_failure) * factor)
        return f"max_utilization {up}, {after} after failure"
    found = [
        f"{name} {measure} {human.duration(float(np.asarray(limit)) * factor)}"
        for name, objective in system.objectives.requests.items()
        if name in classes
        for measure, limit in limits(objective).items()
    ]
    return ", ".join(found)


def sentences(drawn: Crossover, *, may_be_copied: bool) -> Iterator[str]:
    """What happens along the line of today's limits, and what looser and stricter ones change."""
    yield from _course(drawn)
    yield from _hopeless(drawn)
    yield from _shares(drawn)
    for way in ("vertical", "horizontal"):
        yield from _largest(drawn, way)
    if not may_be_copied:
        yield "a database runs on these hosts: they cannot be copied, which leaves only vertical"


def _course(drawn: Crossover) -> Iterator[str]:
    """Where today's machines end, and what comes next."""
    turns = [turn for turn in drawn.turns if turn.strictness == 1.0]
    for turn in turns[:1]:
        yield (
            f"at today's limits {_SAYS[turn.before]} up to {_times(turn.load_factor)} of today's "
            f"load, then {_SAYS[turn.after]}"
        )


def _times(load: float) -> str:
    return f"x{human.significant(load)}"


def _hopeless(drawn: Crossover) -> Iterator[str]:
    """Limits that no machine keeps, however small the load."""
    lost = [
        float(drawn.strictness[row])
        for row in range(len(drawn.strictness))
        if np.all(drawn.cheaper[row] == "neither")
    ]
    if lost:
        yield (
            f"limits of {_times(max(lost))} of today's or stricter are beyond both ways at every "
            "load shown: no more of this tier's machines bring them"
        )


def _shares(drawn: Crossover) -> Iterator[str]:
    """How the map divides where both ways do and differ."""
    counts = {name: int(np.sum(drawn.cheaper == name)) for name in _SAYS}
    both = counts["vertical"] + counts["horizontal"] + counts["same"]
    if both:
        yield (
            f"where both ways do and are more than today's machines ({both} cells), horizontal is "
            f"cheaper in {counts['horizontal']}, vertical in {counts['vertical']}"
        )


def _largest(drawn: Crossover, way: str) -> Iterator[str]:
    """Where one way saves the most."""
    saves = np.where(drawn.cheaper == way, drawn.saves, 0.0)
    if not np.any(saves > 0):
        return
    row, column = np.unravel_index(int(np.argmax(saves)), saves.shape)
    saved = float(saves[row, column])
    shown = f"{human.dollars(saved)} a month" if drawn.priced else _servers(saved)
    up = drawn.choices[int(drawn.vertical[row, column])]
    out = drawn.choices[int(drawn.horizontal[row, column])]
    pair = f"{up} instead of {out}" if way == "vertical" else f"{out} instead of {up}"
    yield (
        f"{way} saves the most, {shown}, at a load of "
        f"{_times(float(drawn.load_factors[column]))} and limits of "
        f"{_times(float(drawn.strictness[row]))}: {pair}"
    )


def _servers(count: float) -> str:
    return f"{count:,.0f} server{'' if count == 1 else 's'}"
