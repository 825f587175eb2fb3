"""A grid of solutions and its axes, as one flat table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from capcalc.results.solution import PERCENTILES, Solution

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """Solutions over the outer product of ``axes``; one for each combination of ``names``."""

    axes: Mapping[str, NDArray[Any]]
    names: tuple[str, ...]
    solutions: tuple[Solution, ...]

    @property
    def solution(self) -> Solution:
        """All scenarios as arrays, where only numbers were varied."""
        if self.names:
            raise ValueError("names were varied: there is one solution for each combination")
        return self.solutions[0]

    def __len__(self) -> int:
        """How many scenarios there are."""
        return int(np.prod([len(axis) for axis in self.axes.values()]))

    def columns(self) -> dict[str, NDArray[Any]]:
        """One flat column for each axis and result; times in seconds, cost in USD per month."""
        parts = [self._part(at) for at in range(len(self.solutions))]
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    @property
    def frame(self) -> pd.DataFrame:
        """One row for each scenario."""
        import pandas as pd

        return pd.DataFrame(self.columns())

    def _part(self, at: int) -> dict[str, NDArray[Any]]:
        combinations = list(product(*(self.axes[path] for path in self.names)))
        fixed = dict(zip(self.names, combinations[at], strict=True))
        numeric = [path for path in self.axes if path not in self.names]
        shape = tuple(len(self.axes[path]) for path in numeric)
        grid = np.meshgrid(*(self.axes[path] for path in numeric), indexing="ij")
        columns = {path: np.full(shape, fixed[path], dtype=object) for path in self.names}
        columns |= dict(zip(numeric, grid, strict=True))
        ordered = {path: columns[path] for path in self.axes}
        found = {**ordered, **flat(self.solutions[at])}
        return {
            name: np.broadcast_to(np.asarray(cells), shape).ravel() for name, cells in found.items()
        }


def flat(solution: Solution) -> dict[str, Any]:
    """The numbers of a solution by column name, `tier.quantity` and `class.quantity`."""
    status = np.where(solution.saturated, "saturated", "ok")
    found: dict[str, Any] = {
        "status": np.where(solution.defined, status, "undefined"),
        "bottleneck": solution.bottleneck,
        "headroom": solution.headroom,
        "cost_usd_per_month": solution.cost,
    }
    for tier in solution.tier_results:
        for name in ("arrival_rate", "utilization", "wait", "response", "response_p99"):
            found[f"{tier.name}.{name}"] = getattr(tier, name)
    for request in solution.request_results:
        for name in ("arrival_rate", "mean", *PERCENTILES, "user_mean"):
            found[f"{request.name}.{name}"] = getattr(request, name)
    return {name: value for name, value in found.items() if value is not None}
