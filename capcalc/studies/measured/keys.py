"""Which series a number belongs to: its column, and what the row says it is of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from capcalc.results.measurements import Column
from capcalc.studies.measured.source import Block

#: Series of one file at most; what a hostile column of texts would make is left out.
MOST = 400


class Key(NamedTuple):
    """One series."""

    role: str
    tier: str
    host: str
    label: str
    column: str


def split(
    block: Block, columns: tuple[Column, ...]
) -> Iterator[tuple[Key, int, NDArray[np.intp] | None]]:
    """Every series of a block: its key, the column's position, and its rows (None: all)."""
    groups = list(_groups(block))
    for place in block.numbers:
        column = columns[place]
        for (tier, host, label), rows in groups:
            yield (
                Key(
                    column.role,
                    column.tier or tier,
                    column.host or host,
                    column.label or label,
                    column.name,
                ),
                place,
                rows,
            )


def _groups(block: Block) -> Iterator[tuple[tuple[str, str, str], NDArray[np.intp] | None]]:
    """The rows of each tier, host and class."""
    named = [block.texts.get(role) for role in ("tier", "host", "class")]
    if all(each is None for each in named):
        yield ("", "", ""), None
        return
    empty = np.full(block.size, "", dtype=object)
    texts = [empty if each is None else each for each in named]
    joined = np.array(["\x1f".join(row) for row in zip(*texts, strict=True)], dtype=object)
    names, place = np.unique(joined, return_inverse=True)
    for number, name in enumerate(names):
        tier, host, label = str(name).split("\x1f")
        yield (tier, host, label), np.flatnonzero(place == number)
