"""What all forms of measurements are read as: blocks of columns, in SI units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Rows of a file: a time, numbers by column, and texts that say what a row is of."""

    #: seconds since 1970, or since the start of the file; None for a table without time
    time: Array | None
    #: by the column's position in ``Metrics.columns``, in SI units; ``nan`` where nothing stands
    numbers: Mapping[int, Array]
    #: by role: tier, host, class, status, or the name of a text column
    texts: Mapping[str, NDArray[np.object_]]
    #: lines of the file that the rows come from
    lines: NDArray[np.int64]
    size: int


@dataclass(slots=True)
class Tally:
    """What was left out while reading: how many rows by reason, and the first line of each."""

    counts: dict[str, int] = field(default_factory=dict)
    first: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, why: str, count: int, line: int | None = None) -> None:
        """Count rows that were left out."""
        if count:
            self.counts[why] = self.counts.get(why, 0) + count
            if line is not None:
                self.first.setdefault(why, line)

    def note(self, sentence: str) -> None:
        """Say something once."""
        if sentence not in self.notes:
            self.notes.append(sentence)
