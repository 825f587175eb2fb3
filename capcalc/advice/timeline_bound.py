"""A lower bound on what a tier costs until the horizon, whenever its changes are made.

The same rules as in :mod:`capcalc.advice.timeline_steps`, but a change may come before what
runs no longer does. Then a tier that needs more never costs less: whatever sequence does for
the larger need does for the smaller one, so the bound for the least need holds for every need.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from capcalc.advice.timeline_machines import Machines
from capcalc.advice.timeline_steps import Terms


@dataclass(slots=True, kw_only=True)
class _Values:
    """The least cost from a month on, by machine and number of hosts, filled from the end.

    ``sizes`` are the numbers of hosts worth having, today's first: hosts have been added
    exactly where there are more. ``life`` is the first month that a machine and size does not
    carry, ``changed`` the least cost from a month in which each is changed.
    """

    tier: Machines
    terms: Terms
    sizes: NDArray[np.float64]
    life: NDArray[np.intp]
    allowed: NDArray[np.bool_]
    changed: dict[int, NDArray[np.float64]] = field(default_factory=dict)

    def entered(self, month: int, least: int) -> NDArray[np.float64]:
        """From a month on with a machine and size that runs for ``least`` months at least."""
        end, price = self.terms.horizon, self.tier.price[:, None] * self.sizes
        best = np.where(self.life >= end, price * (end - month), np.inf)
        for change in range(month + least, end):
            cost = price * (change - month) + self.changed[change]
            best = np.where(self.life >= change, np.minimum(best, cost), best)
        return best

    def fill(self, month: int) -> None:
        """All changes in one month, those of later months being known."""
        last = int(np.max(self.life, where=self.allowed, initial=0))
        enough = self.life >= max(min(month + self.terms.lasting, last), month + 1)
        worth = np.where(self.allowed & enough, self.entered(month, self.terms.lasting), np.inf)
        none = np.full((len(worth), 1), np.inf)
        least = np.minimum.accumulate(worth[:, ::-1], axis=1)[:, ::-1]
        more = np.append(least[:, 1:], none, axis=1)  # hosts of the same machine
        replaced = self.tier.price * self.sizes[0] * self.terms.lead_time
        bigger = np.where(self.tier.bigger, least[:, 0], np.inf).min(axis=1) + replaced
        more[:, 0] = np.minimum(more[:, 0], bigger)
        self.changed[month] = more


def least_cost(tier: Machines, need: NDArray[np.float64], terms: Terms, way: str) -> float:
    """The least that a tier with at least these needs costs until the horizon.

    ``need`` is the fewest hosts by machine and month. ``inf`` where nothing carries it so far.
    """
    now = tier.hosts_now()
    known = need[np.isfinite(need)]
    sizes = np.unique(np.append(known[known >= now], now))
    allowed = np.ones((len(need), len(sizes)), dtype=bool)
    if way == "horizontal":
        allowed &= (np.arange(len(need)) == tier.today)[:, None]
    if way == "vertical":
        allowed[:, 1:] = False
    life = np.stack([np.searchsorted(row, sizes, side="right") for row in need])
    values = _Values(
        tier=tier, terms=terms, sizes=sizes, life=life.astype(np.intp), allowed=allowed
    )
    for month in range(terms.horizon - 1, -1, -1):
        values.fill(month)
    return float(values.entered(0, 0)[tier.today, 0])
