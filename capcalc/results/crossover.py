"""Where one way to grow a tier becomes cheaper than the other: a map over load and limits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from capcalc.results.advice import Choice

if TYPE_CHECKING:
    import pandas as pd

#: What a cell may say, and its mark in a map of characters.
MARKS = {
    "today": "·",
    "vertical": "V",
    "horizontal": "H",
    "same": "=",
    "only_vertical": "v",
    "only_horizontal": "h",
    "neither": "x",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Where, going up in load at one strictness, another way becomes the cheaper one.

    ``before`` and ``after`` are ``today`` (today's machines do), ``vertical``, ``horizontal``,
    ``same``, ``only_vertical``, ``only_horizontal`` or ``neither``; up to ``load_factor`` times
    today's load the first holds.
    """

    strictness: float
    load_factor: float
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossover:
    """One tier's map; all arrays have a row for each strictness and a column for each load.

    Attributes
    ----------
    name, tier : str
        The system's and the tier's.
    varied : str
        ``latency``: every latency limit is multiplied by the strictness; ``utilization``: both
        limits on the tier's utilization are.
    load_factors, strictness : ndarray
        Factors on today's load and on the limits; above 1 the limits are looser.
    limits : tuple of str
        The limits at each strictness, in words.
    cheaper : ndarray of str
        What each cell says, one of :data:`MARKS`.
    vertical_cost, horizontal_cost : ndarray
        ``inf`` where a way does not do. [USD per month, or servers where there is no price]
    vertical, horizontal : ndarray of int
        Positions in ``choices``; -1 where a way does not do.
    choices : tuple of Choice
        The machines.
    turns : tuple of Turn
        The break-even lines, to a relative precision of 1e-3 in load.
    priced : bool
        Whether costs are money.
    waived : tuple of str
        Limits out of reach of every plan, left out.
    sentences : tuple of str
        What the map says.
    """

    name: str
    tier: str
    varied: str
    load_factors: NDArray[np.float64]
    strictness: NDArray[np.float64]
    limits: tuple[str, ...]
    cheaper: NDArray[np.str_]
    vertical_cost: NDArray[np.float64]
    horizontal_cost: NDArray[np.float64]
    vertical: NDArray[np.intp]
    horizontal: NDArray[np.intp]
    choices: tuple[Choice, ...]
    turns: tuple[Turn, ...]
    priced: bool
    waived: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()

    @property
    def saves(self) -> NDArray[np.float64]:
        """What the cheaper way saves; 0 where they tie, ``inf`` where only one does."""
        with np.errstate(invalid="ignore"):
            saved = np.abs(self.vertical_cost - self.horizontal_cost)
        return np.where(np.isnan(saved), 0.0, saved)

    def marks(self) -> list[str]:
        """The map in characters, one string for each strictness."""
        return ["".join(MARKS[each] for each in row) for row in self.cheaper]

    def rows(self) -> Iterator[dict[str, Any]]:
        """One record for each cell."""
        unit = "usd_per_month" if self.priced else "servers"
        for at, row in enumerate(self.strictness):
            for load, column in enumerate(self.load_factors):
                yield {
                    "tier": self.tier,
                    "varied": self.varied,
                    "load_factor": float(column),
                    "strictness": float(row),
                    "limits": self.limits[at],
                    "cheaper": str(self.cheaper[at, load]),
                    "vertical": self._named(self.vertical[at, load]),
                    "horizontal": self._named(self.horizontal[at, load]),
                    "vertical_cost": _finite(self.vertical_cost[at, load]),
                    "horizontal_cost": _finite(self.horizontal_cost[at, load]),
                    "saves": _finite(self.saves[at, load]),
                    "unit": unit,
                }

    def _named(self, position: int) -> str:
        return "" if position < 0 else str(self.choices[position])

    @property
    def frame(self) -> pd.DataFrame:
        """All cells as a DataFrame."""
        import pandas as pd

        return pd.DataFrame(list(self.rows()))


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
