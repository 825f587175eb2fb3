"""Results as tables: one row for each record and scenario, columns as in the dataclass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


def columns(records: Sequence[Any]) -> dict[str, np.ndarray[Any, Any]]:
    """Columns of all records under one another, scenarios of a sweep in C order.

    A first column ``scenario`` numbers them where there is more than one.
    """
    shape = np.broadcast_shapes(*(np.shape(value) for row in records for value in _values(row)))
    found = {
        field.name: np.stack([_cells(getattr(row, field.name), shape) for row in records], axis=-1)
        for field in fields(records[0])
    }
    flat = {name: cells.reshape(-1) for name, cells in found.items()}
    if shape == ():
        return flat
    scenario = np.repeat(np.arange(int(np.prod(shape))), len(records))
    return {"scenario": scenario, **flat}


def frame(records: Sequence[Any]) -> pd.DataFrame:
    """The records as a DataFrame."""
    import pandas as pd

    return pd.DataFrame(columns(records)) if records else pd.DataFrame()


def _values(record: Any) -> list[Any]:
    return [value for field in fields(record) if (value := getattr(record, field.name)) is not None]


def _cells(value: Any, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    if value is None:
        return np.full(shape, np.nan)
    if isinstance(value, str):
        return np.full(shape, value, dtype=object)
    return np.broadcast_to(np.asarray(value), shape)
