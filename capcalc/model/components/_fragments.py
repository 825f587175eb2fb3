"""Parts of a page that are kept each on its own: templates, menus, lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from capcalc.model.facts import Fact, Seen
from capcalc.units.types import Numbers, Seconds, Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragment:
    """One part of a page: what making it takes, and how often that is spared."""

    time: Seconds
    hit_ratio: Share


#: Fragments by request class and name.
Fragments: TypeAlias = Mapping[str, Mapping[str, Fragment]]


def work(fragments: Fragments | None, request_class: str, *, kept: bool = True) -> Numbers:
    """Mean work on the fragments of one page; on all of them where none is kept. [s]"""
    total: Numbers = 0.0
    for each in ({} if fragments is None else fragments.get(request_class, {})).values():
        made = 1.0 - np.asarray(each.hit_ratio) if kept else 1.0
        total = np.add(total, np.multiply(made, each.time))[()]
    return total


def facts(fragments: Fragments, seen: Seen) -> Iterator[Fact]:
    """What keeping fragments spares the tier."""
    spared: Numbers = 0.0
    for name in fragments:
        whole = np.subtract(work(fragments, name, kept=False), work(fragments, name))
        spared = np.add(spared, np.multiply(seen.rate(label=name), whole))[()]
    yield Fact(
        name="fragments_spare",
        value=spared,
        kind="number",
        says="servers that would be busy making the fragments it has kept",
        source="requests x sum of hit ratio x time of each fragment",
    )
