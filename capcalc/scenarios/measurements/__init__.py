"""Files of measurements, read in blocks: what each column is, and its numbers in SI units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from capcalc.results.measurements import Column, Dropped
from capcalc.scenarios.measurements.blocks import Block, Tally
from capcalc.scenarios.measurements.classes import Classes, Told
from capcalc.scenarios.measurements.opening import File, opened, refused

__all__ = ["Metrics", "open_metrics"]

_NOTHING: Mapping[str, str] = {}


class Form(Protocol):
    """One way in which measurements are written."""

    form: str
    columns: tuple[Column, ...]

    @property
    def clock(self) -> bool:
        """Whether times are since 1970."""

    def blocks(self) -> Iterator[Block]:
        """All rows."""


@dataclass(slots=True)
class Metrics:
    """An opened file; notes and what was dropped are true of what has been read so far."""

    name: str
    interval: float | None
    _file: File = field(repr=False)
    _read: Form = field(repr=False)
    _tally: Tally = field(repr=False)

    @property
    def form(self) -> str:
        """What kind of file it is."""
        return self._read.form

    @property
    def columns(self) -> tuple[Column, ...]:
        """What each column was taken for."""
        return self._read.columns

    @property
    def clock(self) -> bool:
        """Whether times are since 1970; known after the first block."""
        return self._read.clock

    @property
    def total_bytes(self) -> int:
        """Of the file."""
        return self._file.total_bytes

    def position(self) -> int:
        """Bytes that have been read."""
        return self._file.position()

    def blocks(self) -> Iterator[Block]:
        """All rows, in blocks.

        Raises
        ------
        UsageError
            When no column says what it is, or there is no row that can be read.
        """
        known = {column.role for column in self.columns if column.role}
        if known <= {"time"} and len(self.columns) > len(known):
            names = ", ".join(column.name for column in self.columns[:8])
            raise refused(
                self.name,
                f"none of its columns ({names}) says what it is",
                "tell it, e.g. --column 'NAME=requests' or --column 'NAME=utilization web cpu %'",
            )
        size = 0
        for block in self._read.blocks():
            size += block.size
            yield block
        if not size:
            raise refused(self.name, "there is no row with numbers in it", _why(self))

    def dropped(self) -> tuple[Dropped, ...]:
        """What was left out so far."""
        return tuple(
            Dropped(rows=count, why=why, first_line=self._tally.first.get(why))
            for why, count in self._tally.counts.items()
        )

    def notes(self) -> tuple[str, ...]:
        """What was assumed so far."""
        return tuple(self._tally.notes)


def open_metrics(
    file: str,
    *,
    roles: Mapping[str, str] = _NOTHING,
    time_zone: str | None = None,
    interval: float | None = None,
    classes: Mapping[str, str] = _NOTHING,
) -> Metrics:
    """Open a file of measurements: what it is, and what its columns are.

    Parameters
    ----------
    file : str
        CSV, JSON, Parquet or an access log; names that end in .gz are unpacked.
    roles : mapping of str to str
        What a column is, by its name: ``{"cpu": "utilization web cpu %"}``.
    time_zone : str, optional
        Of times that tell none; UTC where it is not given.
    interval : float, optional
        Seconds of the intervals that events are counted in.
    classes : mapping of str to str
        Regular expressions of paths by the name of their request class: ``{"buy": "^/cart"}``.

    Raises
    ------
    UsageError
        When it cannot be read, or a role is not known, in words.
    """
    from capcalc.scenarios.measurements import forms

    found, tally = opened(file), Tally()
    told = Told(roles, time_zone, Classes(classes))
    read = forms.form_of(found, told, tally)
    return Metrics(name=file, interval=interval, _file=found, _read=read, _tally=tally)


def _why(metrics: Metrics) -> str:
    if metrics.dropped():
        return "; ".join(f"{each.rows:,} rows {each.why}" for each in metrics.dropped()[:2])
    return "only the names of its columns"
