"""What less latency and more headroom cost: the cheapest plan for each of some bounds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from capcalc.results.advice import Choice

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """The cheapest plan that keeps everything and one bound more.

    Attributes
    ----------
    front : str
        ``p99`` or ``headroom``: which of the two the bound is on.
    bound : float or None
        What was asked: a p99 of at most this [s], or a headroom of at least this; None for the
        cheapest plan of all.
    cost : float or None
        US dollars per month as far as prices are known.
    unpriced_servers : int
        Servers of tiers without a price.
    p99 : float
        Worst p99 of a class with an objective, everything up, today's load. [s]
    headroom : float
        Factor on today's load at which the first station saturates, everything up.
    choices : tuple of Choice
        What each tier runs on.
    """

    front: str
    bound: float | None
    cost: float | None
    unpriced_servers: int
    p99: float
    headroom: float
    choices: tuple[Choice, ...]

    @property
    def price(self) -> tuple[float, int]:
        """What plans are compared by: dollars, then servers without a price."""
        return round(self.cost or 0.0, 6), self.unpriced_servers


@dataclass(frozen=True, slots=True, kw_only=True)
class Pareto:
    """Both fronts, each from the cheapest plan up.

    ``fastest`` is the p99 with every tier at its largest [s]; ``nearest`` says whether some
    limit is out of every plan's reach and left out.
    """

    name: str
    points: tuple[Point, ...]
    fastest: float
    nearest: bool
    sentences: tuple[str, ...] = ()

    def front(self, name: str) -> tuple[Point, ...]:
        """One front: ``p99`` or ``headroom``."""
        return tuple(point for point in self.points if point.front == name)

    def rows(self) -> Iterator[dict[str, Any]]:
        """One row for each point, times in seconds."""
        for point in self.points:
            yield {
                "front": point.front,
                "bound": point.bound,
                "cost_usd_per_month": point.cost,
                "unpriced_servers": point.unpriced_servers,
                "p99": point.p99,
                "headroom": point.headroom,
                "choice": ", ".join(f"{each.tier}: {each}" for each in point.choices),
            }

    @property
    def frame(self) -> pd.DataFrame:
        """All points as a DataFrame."""
        import pandas as pd

        return pd.DataFrame(list(self.rows()))
