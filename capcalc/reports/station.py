"""One station's numbers as a document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from capcalc.reports.document import Column, Document, Section, Table
from capcalc.units import format as human

_SHARES = ("utilization", "availability")
#: Rarer things are told as a power of ten.
_RARE = 1e-6


def document(title: str, found: Mapping[str, NDArray[np.float64]], how: Sequence[str]) -> Document:
    """A table with a row for each question for people, one line of CSV for each class.

    ``how`` says in sentences which model it is and how far off it may be.
    """
    classes = max(value.size for value in found.values())
    records = [_record(found, place, classes) for place in range(classes)]
    status = "saturated" if any(each["status"] == "saturated" for each in records) else "ok"
    heads = ["value"] if classes == 1 else [f"class {place}" for place in range(classes)]
    people = Table(
        name="station",
        title=f"status: {status}",
        columns=(
            Column(name="name", head="quantity"),
            *(Column(name=str(place), head=head) for place, head in enumerate(heads)),
        ),
        rows=[_row(name, value, classes) for name, value in found.items()],
    )
    columns = [Column(name=name, head=name, unit="s" if is_time(name) else "") for name in found]
    columns = [Column(name=name, head=name) for name in _labels(classes)] + columns
    flat = Table(name="station", title="", columns=columns, rows=records)
    data: dict[str, Any] = {"model": title}
    data |= records[0] if classes == 1 else {"status": status, "classes": records}
    data["how"] = " ".join(how)
    told = Section(title="How the numbers were got", sentences=how)
    return Document(title=title, tables=[people], sections=[told], flat=flat, data=data)


def _labels(classes: int) -> list[str]:
    return ["status"] if classes == 1 else ["class", "status"]


def _at(value: NDArray[np.float64], place: int, classes: int) -> float | None:
    """A class's own number; one that is of all classes together stands in the first place."""
    if value.size == classes:
        return float(value.ravel()[place])
    return float(value) if place == 0 else None


def _record(found: Mapping[str, NDArray[np.float64]], place: int, classes: int) -> dict[str, Any]:
    numbers = {name: _at(value, place, classes) for name, value in found.items()}
    endless = any(
        value is not None and np.isinf(value)
        for name, value in numbers.items()
        if not name.startswith("log_")
    )
    label = {} if classes == 1 else {"class": place}
    return {**label, "status": "saturated" if endless else "ok", **numbers}


def _row(name: str, value: NDArray[np.float64], classes: int) -> dict[str, Any]:
    numbers = (_at(value, place, classes) for place in range(classes))
    cells = {
        str(place): "" if number is None else shown(name, number)
        for place, number in enumerate(numbers)
    }
    return {"name": name, **cells}


def is_time(name: str) -> bool:
    """Whether a quantity is a time."""
    return name.startswith(("mean_wait", "mean_response", "response_", "wait_"))


def shown(name: str, value: float) -> str:
    """A quantity as a person reads it."""
    if is_time(name):
        return human.duration(value)
    if name in _SHARES or name.startswith("prob_"):
        return f"{value:.3g}" if 0 < value < _RARE else human.share(value)
    if name == "throughput":
        return human.rate(value)
    return human.significant(value, 5)
