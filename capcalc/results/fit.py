"""What a calibration found: estimates with intervals, where they go, and what it could not say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from capcalc.results.measurements import Measurements

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """One number from measurements, with the interval that covers it at ``level``."""

    #: the field's term, e.g. "service_time", "hit_ratio", "contention"
    name: str
    tier: str = ""
    #: the request class, the resource, or what else tells it from others of its name
    label: str = ""
    #: where it goes in a scenario, e.g. "tiers.web.service_time.browse"; "" if nowhere
    path: str = ""
    value: float
    #: ends of the interval; equal to the value where it was counted, nan where it is not known
    low: float
    high: float
    level: float = 0.95
    #: "s", "1/s", "share", "B", "USD", "1" (a number), "per month" (a share of growth)
    unit: str = "1"
    #: observations behind it
    n: int
    #: the formula in words or signs, e.g. "U = sum of D X + U0, non-negative least squares"
    method: str
    #: where the formula is from
    reference: str = ""
    #: what has to hold for the number and its interval to be true
    assumptions: tuple[str, ...] = ()
    #: what is doubtful about this one; "" if nothing
    caution: str = ""
    #: file it was found in
    file: str = ""

    @property
    def source(self) -> str:
        """Its provenance, as a scenario writes it."""
        where = f" in {self.file}" if self.file else ""
        return f"measured{where}, n = {self.n:,}, {self.level:.0%} interval"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a kind of calibration says of one file: estimates and sentences."""

    estimates: tuple[Estimate, ...] = ()
    #: true sentences with numbers that a reader has to know
    warnings: tuple[str, ...] = ()
    #: what could not be estimated, and what would have to be measured for it
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """All files and what was found in them."""

    measurements: tuple[Measurements, ...]
    estimates: tuple[Estimate, ...]
    warnings: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    def named(self, name: str, tier: str | None = None) -> Sequence[Estimate]:
        """The estimates of one name."""
        return [e for e in self.estimates if e.name == name and tier in (None, e.tier)]

    @property
    def frame(self) -> pd.DataFrame:
        """One row for each estimate."""
        import pandas as pd

        names = ("name", "tier", "label", "value", "low", "high", "level", "unit", "n")
        more = ("path", "method", "reference", "caution", "file")
        rows = [[getattr(each, name) for name in (*names, *more)] for each in self.estimates]
        return pd.DataFrame(rows, columns=[*names, *more])
