"""The answer to `solve_network`: stations, classes, and each class at each station.

Times are in seconds, rates per second. In a sweep every number is an array with the sweep's
axes; a saturated value is ``inf``, one outside the domain ``nan``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from capcalc.units.types import Numbers

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkStation:
    """One station, all classes together; ``wait`` and ``response`` are of one visit."""

    name: str
    discipline: str
    servers: Numbers
    arrival_rate: Numbers
    utilization: Numbers
    wait: Numbers
    response: Numbers
    queue_length: Numbers
    number_in_system: Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkClass:
    """One class: its rate, and the time of one way through the stations, thinking left out."""

    name: str
    kind: str
    throughput: Numbers
    mean: Numbers
    p50: Numbers | None = None
    p90: Numbers | None = None
    p95: Numbers | None = None
    p99: Numbers | None = None
    p999: Numbers | None = None
    number_in_system: Numbers
    thinking: Numbers | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One class at one station; ``residence_time`` is of all its visits together."""

    request_class: str
    station: str
    visits: Numbers
    arrival_rate: Numbers
    utilization: Numbers
    residence_time: Numbers
    number_in_system: Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """What the throughput of a closed class can be, whatever the laws of service."""

    request_class: str
    throughput_low: Numbers
    throughput_high: Numbers
    saturation_population: Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSolution:
    """All that `solve_network` found."""

    name: str
    method: str
    shape: tuple[int, ...]
    station_results: tuple[NetworkStation, ...]
    class_results: tuple[NetworkClass, ...]
    visit_results: tuple[Visit, ...]
    bounds: tuple[Bound, ...]
    bottleneck: str
    headroom: Numbers | None
    warnings: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    defaults: Mapping[str, object] | None = None

    def station(self, name: str) -> NetworkStation:
        """One station's numbers by name."""
        return next(each for each in self.station_results if each.name == name)

    def request_class(self, name: str) -> NetworkClass:
        """One class's numbers by name."""
        return next(each for each in self.class_results if each.name == name)

    @property
    def stations(self) -> pd.DataFrame:
        """All stations as a table; in a sweep one row for each case and station."""
        from capcalc.results.frames import frame

        return frame(self.station_results)

    @property
    def classes(self) -> pd.DataFrame:
        """All classes as a table."""
        from capcalc.results.frames import frame

        return frame(self.class_results)

    @property
    def visits(self) -> pd.DataFrame:
        """Each class at each station as a table."""
        from capcalc.results.frames import frame

        return frame(self.visit_results)
