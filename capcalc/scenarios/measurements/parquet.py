"""Parquet, batch by batch, by pyarrow where it is installed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from capcalc.errors import Problem, UsageError
from capcalc.scenarios.measurements import evidence, roles
from capcalc.scenarios.measurements.blocks import Block, Tally
from capcalc.scenarios.measurements.classes import Told
from capcalc.scenarios.measurements.columns import Converter
from capcalc.scenarios.measurements.opening import File, reason, refused

#: Rows of one block.
ROWS = 100_000


class Parquet:
    """A table with types."""

    form = "table"

    def __init__(self, file: File, told: Told, tally: Tally) -> None:
        """Read the names."""
        try:
            from pyarrow import parquet
        except ImportError:
            raise UsageError(
                Problem(
                    file=file.name,
                    message="Parquet needs pyarrow, which is not installed",
                    hint="pip install 'capcalc[parquet]', or export CSV",
                )
            ) from None
        self._file = file
        try:
            self._table = parquet.ParquetFile(file.path)
        except Exception as error:  # pyarrow's own errors have no common base
            raise refused(file.name, f"this Parquet file cannot be read: {reason(error)}") from None
        names = list(self._table.schema_arrow.names)
        wrong = roles.unknown(names, told.roles)
        if wrong is not None:
            raise wrong
        first = next(self._table.iter_batches(batch_size=evidence.SAMPLE), None)
        cells = [[] if first is None else first.column(n).to_pylist() for n in range(len(names))]
        self.columns, comma = evidence.taken(names, told.roles, cells)
        self._converter = Converter(self.columns, tally, told, comma)

    @property
    def clock(self) -> bool:
        """Whether times are since 1970."""
        return self._converter.clock is not None and self._converter.clock.absolute

    def blocks(self) -> Iterator[Block]:
        """All rows."""
        line = 1
        for batch in self._table.iter_batches(batch_size=ROWS):
            frame = batch.to_pandas()
            raw = {place: self._column(frame.iloc[:, place]) for place in range(len(self.columns))}
            yield self._converter.block(raw, np.arange(line, line + len(frame), dtype=np.int64))
            line += len(frame)

    @staticmethod
    def _column(column: object) -> object:
        """Dates as the seconds that they stand for."""
        import pandas as pd

        series = pd.Series(column)
        if pd.api.types.is_datetime64_any_dtype(series.dtype):
            whole = pd.to_datetime(series, utc=True).to_numpy(dtype="datetime64[ns]")
            seconds = whole.astype(np.int64) / 1e9
            return np.where(series.isna().to_numpy(), np.nan, seconds)
        return series.to_numpy()
