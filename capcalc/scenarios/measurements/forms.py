"""Which form a file of measurements has, by what stands in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from capcalc.scenarios.measurements.blocks import Tally
from capcalc.scenarios.measurements.opening import File
from capcalc.scenarios.measurements.tables import Table

if TYPE_CHECKING:
    from capcalc.scenarios.measurements import Form


def form_of(file: File, told: Mapping[str, str], time_zone: str | None, tally: Tally) -> Form:
    """The reader of a file."""
    return Table(file, told, time_zone, tally)
