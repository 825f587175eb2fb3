"""A general queueing network, as a file gives it: classes, stations, who goes on to whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self, cast

from capcalc.model import paths
from capcalc.model.system import Inputs
from capcalc.units.types import (
    Amount,
    Numbers,
    PositiveSeconds,
    PositiveWhole,
    Rate,
    Seconds,
    Share,
    Whole,
)

#: How a station serves; ``delay`` has a server for everybody.
Discipline = Literal["fcfs", "ps", "lcfs_pr", "delay"]
#: The name by which a row of the routing says that a request leaves.
EXIT = "exit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """One place of service; ``service_time`` of one visit, for all classes or by class."""

    service_time: PositiveSeconds | Mapping[str, PositiveSeconds]
    servers: PositiveWhole = 1.0
    discipline: Discipline = "fcfs"
    scv: Amount = 1.0

    def service(self, name: str) -> Numbers:
        """Mean service time of a class; 0 for one that the station does not know."""
        if isinstance(self.service_time, Mapping):
            return self.service_time.get(name, 0.0)
        return self.service_time


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerClass:
    """Customers that come at a rate (open) or of whom there is a fixed number (closed)."""

    arrival_rate: Rate | None = None
    population: Whole | None = None
    think_time: Seconds = 0.0
    arrival_scv: Amount = 1.0
    entry: str | Mapping[str, Share] | None = None
    visits: Mapping[str, Amount] | None = None

    @property
    def is_open(self) -> bool:
        """Whether they come from outside and leave."""
        return self.arrival_rate is not None


#: From station to station with a probability; of one class, or by class first.
Routing = Mapping[str, Mapping[str, Share | Mapping[str, Share]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Classes, stations and routing; every number may be an array in a sweep."""

    capcalc: int = 1
    name: str = "network"
    classes: Mapping[str, CustomerClass]
    stations: Mapping[str, Station]
    routing: Routing = field(default_factory=dict)
    inputs: Inputs = field(default_factory=Inputs, metadata={"hidden": True})

    def replace(self, changes: Mapping[str, Numbers | str]) -> Self:
        """The same network with some values exchanged by path, as `System.replace`."""
        changed = self
        for path, value in changes.items():
            changed = paths.replaced(changed, path, value)
        return changed

    def entry(self, name: str) -> Mapping[str, Numbers]:
        """Where customers of a class come in: shares by station; the first one if not said."""
        entry = self.classes[name].entry
        if entry is None:
            return {next(iter(self.stations)): 1.0}
        return {entry: 1.0} if isinstance(entry, str) else entry

    def rows(self, name: str) -> Mapping[str, Mapping[str, Numbers]]:
        """The routing of a class: by station, where to next with which probability."""
        by_class = any(
            isinstance(share, Mapping) for row in self.routing.values() for share in row.values()
        )
        rows: Any = self.routing.get(name, {}) if by_class else self.routing
        return cast("Mapping[str, Mapping[str, Numbers]]", rows)
