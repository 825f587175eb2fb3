"""Files of measurements folded into `Measurements`, whatever their size, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from capcalc.results.measurements import Measurements, Series
from capcalc.studies.measured.events import EventMeter
from capcalc.studies.measured.source import Source
from capcalc.studies.measured.tables import TableMeter

__all__ = ["measured"]

#: Robust standard deviations from the middle that are far, and values from which on it is asked.
FAR, LEAST_OF_FAR = 10.0, 20
#: Roles that a single event may have; any other makes a row an interval.
_OF_EVENTS = frozenset(
    [
        "time",
        "response",
        "service_time",
        "apply_time",
        "lag",
        "size",
        "status",
        "class",
        "tier",
        "host",
        "key",
    ]
)


def measured(source: Source, blocks: Iterable[Any] | None = None) -> Measurements:
    """Read a file to its end.

    Parameters
    ----------
    source : Source
        An opened file.
    blocks : iterable of Block, optional
        Its blocks, if somebody watches them go by.

    Returns
    -------
    Measurements
        Series of at most 200,000 rows (50,000 intervals of longer tables, 2,000 of events), and
        samples of events.
    """
    meter = _meter(source)
    rows = 0
    for block in source.blocks() if blocks is None else blocks:
        rows += block.size
        meter.feed(block)
    if isinstance(meter, EventMeter):
        time, step, series, samples = meter.result()
        texts: dict[str, tuple[str, ...]] = {}
    else:
        (time, step, series, texts), samples = meter.result(), ()
    events = isinstance(meter, EventMeter) and source.form == "table"
    return Measurements(
        source=source.name,
        form="events" if events else source.form,
        rows=rows,
        time=time,
        clock=source.clock,
        step=step,
        series=series,
        samples=samples,
        texts=texts,
        columns=source.columns,
        dropped=source.dropped(),
        notes=(*source.notes(), *dict.fromkeys([*meter.notes, *_far(series, time is not None)])),
    )


def _meter(source: Source) -> EventMeter | TableMeter:
    roles = {column.role for column in source.columns if column.role}
    durations = roles & {"response", "service_time", "status", "key", "class"}
    if (durations or roles == {"time"}) and roles <= _OF_EVENTS:
        return EventMeter(source.columns, source.interval)
    return TableMeter(source.columns)


def _far(series: Sequence[Series], timed: bool) -> Iterator[str]:
    """Values far beyond the others: kept, as they may be true, but said."""
    for each in series if timed else ():
        values = each.values[np.isfinite(each.values)]
        if values.size < LEAST_OF_FAR:
            continue
        middle = float(np.median(values))
        usual = float(np.median(np.abs(values - middle))) * 1.4826
        far = np.abs(values - middle) > FAR * max(usual, 0.05 * abs(middle), 1e-300)
        if 0 < far.sum() <= 0.01 * values.size + 1:
            yield (
                f"{each.column!r} has {int(far.sum()):,} {'value' if far.sum() == 1 else 'values'}"
                f" far from the others (up to"
                f" {float(values[far].max()):.4g}, the middle is {middle:.4g}): kept, look whether"
                " they are true"
            )
