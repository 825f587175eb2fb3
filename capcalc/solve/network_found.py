"""What solving a network finds, as arrays of classes and stations."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from capcalc.solve.network_arrays import Arrays
from capcalc.theory.arrays import Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Mean values by class and station, on the last two axes.

    ``throughput`` is (..., classes). ``percentiles``, by name, are (..., classes) with ``nan``
    for classes that have none.
    """

    method: str
    throughput: Array
    residence_time: Array
    number: Array
    utilization: Array
    percentiles: dict[str, Array]
    warnings: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()

    def warned(self, text: str) -> Found:
        """The same, with one more warning."""
        return replace(self, warnings=(*self.warnings, text))


def flows(arrays: Arrays, throughput: Array) -> Array:
    """Visits of each class to each station. [1/s]"""
    with np.errstate(invalid="ignore"):
        rates = throughput[..., np.newaxis] * arrays.visits
    return np.where(arrays.visits == 0, 0.0, rates)


def shares(arrays: Arrays, throughput: Array) -> Array:
    """Share of the servers that each class keeps busy; 0 at delays, which never run out."""
    with np.errstate(invalid="ignore"):
        busy = throughput[..., np.newaxis] * arrays.demands / arrays.servers[..., np.newaxis, :]
        return np.where(arrays.demands == 0, 0.0, busy)
