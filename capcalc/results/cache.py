"""What `capcalc cache` answers: how often caches of several sizes are hit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceFacts:
    """What was counted in a trace.

    ``sampling_rate`` is 1 where every key was followed. The exponent was fitted to the
    ``fitted_keys`` most asked for keys, each with at least ``fitted_least`` references.
    """

    references: int
    cold_misses: float
    cold_misses_error: float
    sampling_rate: float
    keys_followed: int
    fitted_keys: int
    fitted_least: int
    mean_size: float | None
    form: str = ""
    unreadable: int = 0
    first_unreadable: int = 0
    other_methods: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheCurve:
    """Hit ratios by capacity, the capacity in objects.

    Of a trace they are LRU's and measured, ``hit_error`` their standard errors; ``shuffled``
    are those of the same references in random order. Of a law of popularity they are the
    policy's own and nothing else is known.
    """

    source: str
    policy: str
    objects: float
    exponent: float
    exponent_error: float | None
    capacities: Floats
    hit_ratio: Floats
    hit_error: Floats | None = None
    byte_hit_ratio: Floats | None = None
    shuffled: Floats | None = None
    trace: TraceFacts | None = None
    warnings: tuple[str, ...] = ()

    @property
    def curve(self) -> pd.DataFrame:
        """The curve as a table, one row for each capacity."""
        import pandas as pd

        names = ("hit_ratio", "hit_error", "byte_hit_ratio", "shuffled")
        columns = {name: getattr(self, name) for name in names}
        found = {name: column for name, column in columns.items() if column is not None}
        return pd.DataFrame({"capacity": self.capacities, **found})
