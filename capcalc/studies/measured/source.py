"""What a meter needs of a file that is being read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from capcalc.results.measurements import Column, Dropped

Array = NDArray[np.float64]


class Block(Protocol):
    """Rows of a file, in SI units."""

    @property
    def time(self) -> Array | None:
        """Seconds."""

    @property
    def numbers(self) -> Mapping[int, Array]:
        """By position of the column."""

    @property
    def texts(self) -> Mapping[str, NDArray[np.object_]]:
        """By role or by name of the column."""

    @property
    def size(self) -> int:
        """Rows."""


class Source(Protocol):
    """An opened file."""

    name: str
    interval: float | None

    @property
    def form(self) -> str:
        """What kind of file it is."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """What each column was taken for."""

    @property
    def clock(self) -> bool:
        """Whether times are since 1970."""

    def blocks(self) -> Iterator[Any]:
        """All rows."""

    def dropped(self) -> tuple[Dropped, ...]:
        """What was left out."""

    def notes(self) -> tuple[str, ...]:
        """What was assumed."""
