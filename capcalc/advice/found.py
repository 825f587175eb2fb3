"""What the search found: a position among each tier's options for every plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from capcalc.advice import search
from capcalc.advice.options import Options

#: Positions by tier; None where there is no such plan.
Positions: TypeAlias = Mapping[str, int] | None
SYSTEM = ""
KINDS = ("today", "vertical", "horizontal", "mixed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Positions of every plan, for the system and for each tier on its own.

    ``base`` is what the other tiers run on while one tier is looked at: what they have today
    where that will do, else the system's cheapest plan.
    """

    whole: Mapping[str, Positions]
    tiers: Mapping[str, Mapping[str, int | None]]
    base: Mapping[str, int]
    unproved: frozenset[str]
    #: whether some limit is out of every plan's reach and left out
    nearest: bool


def allowed(option: Options, kind: str) -> NDArray[np.intp]:
    """Which options a kind of plan may use."""
    now = option.today
    if kind == "vertical":
        fits = (option.hosts == option.hosts[now]) & (option.servers >= option.servers[now])
    elif kind == "horizontal":
        same = (option.row == option.row[now]) & (option.servers == option.servers[now])
        fits = same & (option.hosts >= option.hosts[now])
    elif kind == "today":
        fits = np.arange(len(option)) == now
    else:
        fits = np.ones(len(option), dtype=bool)
    return np.flatnonzero(fits)


def assignments(
    every: Mapping[str, Options], found: Found
) -> Mapping[tuple[str, str], Mapping[str, int]]:
    """A position for every tier, by subject and kind of plan.

    Where there is no plan of a kind, the largest that the kind allows, to say what it misses.
    """
    listed: dict[tuple[str, str], Mapping[str, int]] = {}
    for kind in KINDS:
        most = {name: largest(option, kind) for name, option in every.items()}
        listed[SYSTEM, kind] = found.whole[kind] or most
        for name in every:
            position = found.tiers[name].get(kind)
            listed[name, kind] = {
                **found.base,
                name: most[name] if position is None else position,
            }
    return listed


def largest(option: Options, kind: str) -> int:
    """Position of the largest option that a kind of plan may use."""
    positions = allowed(option, kind)
    return int(positions[search.largest(option.picked(positions))])
