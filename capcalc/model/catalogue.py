"""The instance catalogue: what each instance type has and costs, as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from capcalc.units.types import Numbers, PositiveAmount, Share, UsDollars


@dataclass(frozen=True, slots=True, kw_only=True)
class Instances:
    """Which instance types a plan may use."""

    from_: str = "aws-us-east-1"
    families: tuple[str, ...] = ()
    term: Literal["on_demand"] = "on_demand"
    speed: Mapping[str, PositiveAmount] = field(default_factory=dict)
    #: off the listed price: of all families, or by family
    discount: Share | Mapping[str, Share] = 0.0
    #: what each host costs a month beside its price, whatever its size
    operations_cost: UsDollars = 0.0

    def discount_of(self, family: str) -> Numbers:
        """Share off the listed price of one family."""
        given = self.discount
        return given.get(family, 0.0) if isinstance(given, Mapping) else given


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """Facts about instance types, one array element a type, in the order of the table.

    Attributes
    ----------
    instance, family : tuple of str
    vcpus : ndarray
        Virtual CPUs: the servers of one host (DESIGN ruling 6).
    memory : ndarray
        [bytes]
    price : ndarray
        [USD per hour]
    speed : ndarray
        Speed of one vCPU relative to the others; 1 where the table does not say.
    region, term, as_of, source : str
        Where and when the prices held.
    """

    instance: tuple[str, ...]
    family: tuple[str, ...]
    vcpus: NDArray[np.float64]
    memory: NDArray[np.float64]
    price: NDArray[np.float64]
    speed: NDArray[np.float64]
    region: str
    term: str
    as_of: str
    source: str

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {name: position for position, name in enumerate(self.instance)}

    def __contains__(self, instance: object) -> bool:
        """Whether the table lists this instance type."""
        return instance in self._positions

    def position(self, instance: str) -> int:
        """Row of an instance type."""
        return self._positions[instance]

    def rows(self, families: tuple[str, ...]) -> NDArray[np.intp]:
        """Rows of all instance types of these families."""
        return np.array(
            [row for row, name in enumerate(self.family) if name in families], dtype=int
        )
