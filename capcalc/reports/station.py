"""One station's numbers as a document."""

from __future__ import annotations

from collections.abc import Mapping
from math import isinf

from capcalc.reports.document import Column, Document, Table
from capcalc.units import format as human


def document(title: str, found: Mapping[str, float]) -> Document:
    """One row of numbers: a table of two columns for people, one line of CSV."""
    saturated = any(isinf(value) for name, value in found.items() if not name.startswith("log_"))
    status = "saturated" if saturated else "ok"
    people = Table(
        name="station",
        title=f"status: {status}",
        columns=(Column(name="name", head="quantity"), Column(name="value", head="value")),
        rows=[{"name": name, "value": shown(name, value)} for name, value in found.items()],
    )
    columns = tuple(
        Column(name=name, head=name, unit="s" if is_time(name) else "") for name in found
    )
    record = {"status": status, **found}
    flat = Table(
        name="station",
        title="",
        columns=(Column(name="status", head="status"), *columns),
        rows=[record],
    )
    return Document(title=title, tables=[people], flat=flat, data={"model": title, **record})


def is_time(name: str) -> bool:
    """Whether a quantity is a time."""
    return name in ("mean_wait", "mean_response") or name.startswith("response_")


def shown(name: str, value: float) -> str:
    """A quantity as a person reads it."""
    if is_time(name):
        return human.duration(value)
    if name in ("utilization", "prob_wait", "prob_loss"):
        return human.share(value)
    return human.significant(value, 5)
