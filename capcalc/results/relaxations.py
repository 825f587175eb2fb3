"""What each requirement costs: the cheapest plan with one of them relaxed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from capcalc.results.advice import Choice

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class Relaxation:
    """One requirement relaxed, everything else kept, and the cheapest plan then.

    Attributes
    ----------
    kind : str
        ``survive``, ``objective``, ``min_runway``, ``max_hosts`` or ``shards``.
    change : str
        What is relaxed, in words.
    cost : float or None
        US dollars per month of the cheapest plan then, as far as prices are known.
    unpriced_servers : int
        Servers of tiers without a price.
    saves : float or None
        US dollars per month less than the cheapest plan that keeps everything; None where
        there is no such plan, or no price.
    fewer_servers : int or None
        Servers without a price less than that plan has.
    choices : tuple of Choice
        What each tier runs on then.
    sentence : str
        The change with its price.
    """

    kind: str
    change: str
    cost: float | None
    unpriced_servers: int
    saves: float | None
    fewer_servers: int | None
    choices: tuple[Choice, ...]
    sentence: str

    @property
    def price(self) -> tuple[float, int]:
        """What plans are compared by: dollars, then servers without a price."""
        return round(self.cost or 0.0, 6), self.unpriced_servers


@dataclass(frozen=True, slots=True, kw_only=True)
class Relaxations:
    """All relaxations that help, the cheapest plan first.

    ``cost`` is of the cheapest plan that keeps everything, None where there is none or no
    price; ``binds`` says what no plan keeps.
    """

    name: str
    feasible: bool
    cost: float | None
    choices: tuple[Choice, ...]
    binds: tuple[str, ...]
    found: tuple[Relaxation, ...]
    notes: tuple[str, ...] = ()

    def rows(self) -> Iterator[dict[str, Any]]:
        """One row for each relaxation."""
        for each in self.found:
            yield {
                "kind": each.kind,
                "change": each.change,
                "cost_usd_per_month": each.cost,
                "unpriced_servers": each.unpriced_servers,
                "saves_usd_per_month": each.saves,
                "fewer_servers": each.fewer_servers,
                "choice": ", ".join(f"{one.tier}: {one}" for one in each.choices),
                "sentence": each.sentence,
            }

    @property
    def frame(self) -> pd.DataFrame:
        """All relaxations as a DataFrame."""
        import pandas as pd

        return pd.DataFrame(list(self.rows()))
