"""Prediction beside measurement: what was compared, how far off, and what that says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from capcalc.results.measurements import Measurements

if TYPE_CHECKING:
    import pandas as pd

#: Mean error up to which a prediction is called good, and rough; beyond it is off.
GOOD, ROUGH = 0.10, 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One quantity of one tier or request class, interval by interval."""

    #: as the role of the column: "utilization", "response_mean", "response_p95", "throughput" …
    quantity: str
    tier: str = ""
    #: the request class, or the role of a station in its tier
    label: str = ""
    #: "s", "1/s", "share" or "1"
    unit: str
    #: intervals in which both are known
    n: int
    #: means over these intervals, of responses weighted with their requests
    measured: float
    predicted: float
    #: 95 % interval of the measured mean; nan where it is not known
    low: float = np.nan
    high: float = np.nan
    #: predicted over measured, less 1
    error: float
    #: mean of the absolute error of an interval over the measured mean
    mean_absolute_error: float
    #: intervals in which the prediction is saturated and has no finite number
    saturated: int = 0
    #: values of each interval, and the load (requests per second) they came at
    measured_values: NDArray[np.float64]
    predicted_values: NDArray[np.float64]
    load: NDArray[np.float64]

    @property
    def verdict(self) -> str:
        """Good within 10 %, rough within 25 %, else off: by the mean error."""
        if not np.isfinite(self.error):
            return "unknown"
        if abs(self.error) <= GOOD:
            return "good"
        return "rough" if abs(self.error) <= ROUGH else "off"

    @property
    def name(self) -> str:
        """The tier or class it is about."""
        return " ".join(part for part in (self.tier, self.label) if part) or "all requests"


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """A scenario held against measurements."""

    name: str
    measurements: tuple[Measurements, ...]
    #: which column drove the model, in words
    driven_by: tuple[str, ...]
    compared: tuple[Compared, ...]
    #: why the model does not fit where it does not, or that it does
    findings: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def frame(self) -> pd.DataFrame:
        """One row for each quantity compared."""
        import pandas as pd

        names = (
            *("quantity", "tier", "label", "unit", "n", "measured", "low", "high", "predicted"),
            *("error", "mean_absolute_error", "saturated", "verdict"),
        )
        rows = [[getattr(each, name) for name in names] for each in self.compared]
        return pd.DataFrame(rows, columns=list(names))
