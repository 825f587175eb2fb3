"""The validated system: what a scenario file says, as one frozen tree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from capcalc.model import paths
from capcalc.model.calls import CallsByTier
from capcalc.model.catalogue import Catalogue, Instances
from capcalc.model.components import Tier
from capcalc.model.components.hosted import Hosted
from capcalc.model.demand import Demand
from capcalc.model.objectives import Objectives
from capcalc.model.planning import Planning
from capcalc.units.kinds import HOUR, MONTH
from capcalc.units.types import Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Where the numbers came from, by path: lines, settings, ranges, sources, used defaults."""

    file: str = ""
    lines: Mapping[str, int] = field(default_factory=dict)
    #: what was given from outside, as it was written
    settings: Mapping[str, str] = field(default_factory=dict)
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """Demand, tiers, calls and objectives; every numeric field may be an array in a sweep."""

    capcalc: int = 1
    name: str = "system"
    demand: Demand
    tiers: Mapping[str, Tier]
    calls: Mapping[str, CallsByTier] = field(default_factory=dict)
    objectives: Objectives = field(default_factory=Objectives)
    plan: Planning = field(default_factory=Planning)
    instances: Instances | None = None
    inputs: Inputs = field(default_factory=Inputs, metadata={"hidden": True})
    catalogue: Catalogue | None = field(default=None, metadata={"hidden": True})

    def replace(self, changes: Mapping[str, Numbers | str | bool]) -> Self:
        """The same system with some values exchanged by path.

        Parameters
        ----------
        changes : mapping of str to number, array or str
            E.g. ``{"tiers.web.hosts": np.arange(1, 65), "tiers.web.instance": "c7g.large"}``.
            Numbers are in SI units.

        Raises
        ------
        UsageError
            For a path that does not exist, with the nearest that does.
        ScenarioError
            For a single number outside its domain, in an array such an element is ``nan``; for
            an instance or a policy that is not known.
        """
        changed = self
        for path, value in changes.items():
            changed = paths.replaced(changed, path, value)
            if path.endswith(".instance") and value is not None:
                known = () if self.catalogue is None else self.catalogue.instance
                paths.named(path, str(value), known)
        return changed

    def with_tier(self, name: str, tier: Tier) -> Self:
        """The same system with one tier exchanged."""
        return replace(self, tiers={**self.tiers, name: tier})

    def hosted(self) -> Mapping[str, Hosted]:
        """The tiers that run on hosts."""
        return {name: tier for name, tier in self.tiers.items() if isinstance(tier, Hosted)}

    def owners(self) -> Mapping[str, Hosted]:
        """The tiers that have hosts of their own, without those that share another's."""
        return {name: tier for name, tier in self.hosted().items() if tier.with_ is None}

    def host_of(self, name: str) -> str:
        """The tier on whose hosts this one runs: itself, or the one it is ``with``."""
        tier = self.hosted().get(name)
        return name if tier is None or tier.with_ is None else tier.with_

    def servers(self, name: str) -> Numbers:
        """Servers of one host: cores, else the instance's vcpus, else 1 (DESIGN ruling 6)."""
        tier = self.hosted()[self.host_of(name)]
        if tier.cores is not None:
            return tier.cores
        if tier.instance is not None and self.catalogue is not None:
            return float(self.catalogue.vcpus[self.catalogue.position(tier.instance)])
        return 1.0

    def memory(self, name: str) -> float | None:
        """Bytes of memory of one host, or None where the instance table does not say."""
        tier = self.hosted()[self.host_of(name)]
        if tier.instance is None or self.catalogue is None:
            return None
        size = float(self.catalogue.memory[self.catalogue.position(tier.instance)])
        return None if np.isnan(size) else size

    def prices(self) -> NDArray[np.float64]:
        """US dollars per host and hour of every row of the instance table, as ``price``."""
        rows = range(0 if self.catalogue is None else len(self.catalogue.instance))
        return np.array([self._row_price(row) for row in rows])

    def price(self, name: str) -> Numbers | None:
        """US dollars per host and hour, or None where no price is known (DESIGN ruling 18).

        The listed price less ``instances.discount``, plus ``instances.operations_cost``, which
        every host costs whatever its size.
        """
        tier = self.hosted()[self.host_of(name)]
        if tier.instance is None or self.catalogue is None:
            return None
        return self._row_price(self.catalogue.position(tier.instance))

    def _row_price(self, row: int) -> Numbers:
        table, terms = self.catalogue, self.instances
        if table is None:
            raise ValueError("there is no instance table")
        listed = float(table.price[row])
        if terms is None:
            return listed
        kept = 1.0 - np.asarray(terms.discount_of(table.family[row]))
        return np.asarray(listed * kept + np.multiply(terms.operations_cost, HOUR / MONTH))[()]
