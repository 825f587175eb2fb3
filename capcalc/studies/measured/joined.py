"""Files of the same hours brought together: one tells the load, another how busy hosts were."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from capcalc.results.measurements import Measurements, Series
from capcalc.studies.measured.grid import COUNTS
from capcalc.studies.measured.source import Array

#: Intervals that files have to share.
LEAST = 4


def joined(files: Sequence[Measurements]) -> Measurements | None:
    """All series of files that overlap in time, on the longest of their steps.

    Counts are added up and all else averaged. Clocks that count from their file's start are
    taken to have started together.

    Returns
    -------
    Measurements or None
        None where there are not two such files.
    """
    timed = [each for each in files if each.time is not None and each.step and len(each.time) > 1]
    timed = [each for each in timed if each.clock == timed[0].clock] if timed else []
    if len(timed) < 2:
        return None
    step = max(float(each.step or 0.0) for each in timed)
    start = max(float(_first(each)) for each in timed)
    end = min(float(_last(each)) for each in timed)
    size = int(np.floor((end - start) / step + 1e-6))
    if size < LEAST:
        return None
    series = [
        _resampled(series, each, start, step, size) for each in timed for series in each.series
    ]
    names = " + ".join(each.source for each in timed)
    notes = [f"{names}: brought together on {size:,} intervals of {step:,.6g} s"]
    if not timed[0].clock:
        notes.append(f"{names}: their clocks are taken to have started together")
    return Measurements(
        source=names,
        form="joined",
        rows=sum(each.rows for each in timed),
        time=np.asarray(start + step * np.arange(size), dtype=float),
        clock=timed[0].clock,
        step=step,
        series=tuple(series),
        samples=tuple(sample for each in timed for sample in each.samples),
        columns=(),
        notes=tuple(notes),
    )


def _first(each: Measurements) -> float:
    return 0.0 if each.time is None else float(each.time[0])


def _last(each: Measurements) -> float:
    """The end of the last interval."""
    return 0.0 if each.time is None else float(each.time[-1]) + float(each.step or 0.0)


def _resampled(series: Series, each: Measurements, start: float, step: float, size: int) -> Series:
    """One series on the common grid: each of its intervals where its middle lies."""
    time = np.empty(0) if each.time is None else each.time
    own = float(each.step or step)
    place = np.floor((time + own / 2 - start) / step).astype(int)
    known = np.isfinite(series.values) & (place >= 0) & (place < size)
    total: Array = np.bincount(place[known], series.values[known], size)[:size].astype(float)
    count = np.bincount(place[known], minlength=size)[:size]
    usual = max(round(step / own), 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(count > 0, total / count, np.nan)
    # of counts a few missing parts are made good by the others
    values = mean * usual if series.role in COUNTS else mean
    values = np.where(count >= 0.5 * usual, values, np.nan)
    return Series(
        role=series.role,
        tier=series.tier,
        host=series.host,
        label=series.label,
        values=values,
        column=series.column,
    )
