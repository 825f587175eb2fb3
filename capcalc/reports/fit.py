"""What a calibration found, as a document."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isinf
from typing import Any

from capcalc.reports import metrics
from capcalc.reports.document import Column, Document, Section, Table
from capcalc.results.fit import Estimate, Fit
from capcalc.units import format as human

_SHOWN: Mapping[str, Callable[[float], str]] = {
    "s": human.duration,
    "1/s": human.rate,
    "share": human.share,
    "per month": lambda value: f"{human.share(value)} a month",
    "B": human.size,
    "USD": human.dollars,
}

#: Shares below this are rounding.
_NOTHING = 1e-9
#: What `fit --into` did: path, before, after; and path, why not.
Written = Sequence[tuple[str, str, str]]
LeftOut = Sequence[tuple[str, str]]


def document(fit: Fit, *, into: str = "", written: Written = (), refused: LeftOut = ()) -> Document:
    """Estimates with intervals, how the files were read, and what was written where."""
    rows = [_row(each) for each in fit.estimates]
    columns = (
        Column(name="what", head="estimate"),
        Column(name="tier", head="tier"),
        Column(name="label", head="of"),
        Column(name="told", head="value"),
        Column(name="interval", head="interval"),
        Column(name="n", head="n", show=lambda n: f"{n:,}"),
        Column(name="path", head="goes to"),
        Column(name="method", head="by"),
    )
    table = Table(name="estimates", title="Estimates", columns=columns, rows=rows)
    tables = [table, *metrics.tables(fit.measurements)]
    if written:
        tables.insert(1, _written(into, written))
    return Document(
        title=_title(fit, into, written),
        tables=tables,
        sections=[
            Section(title="To know", sentences=[*fit.warnings, *_cautions(fit)]),
            Section(title="Not estimated", sentences=fit.left_out),
            Section(
                title=f"Not written to {into}", sentences=[f"{p}: {why}" for p, why in refused]
            ),
            metrics.section(fit.measurements),
            Section(title="What this rests on", sentences=_assumptions(fit)),
        ],
        flat=_flat(fit),
        data=_data(fit, into, written, refused),
    )


def _title(fit: Fit, into: str, written: Written) -> str:
    count = len(fit.estimates)
    files = len(fit.measurements)
    text = f"Fit: {count} {'estimate' if count == 1 else 'estimates'} from "
    text += fit.measurements[0].source if files == 1 else f"{files} files"
    if into:
        text += f"; {len(written)} written to {into}"
    return text


def shown(value: float, unit: str) -> str:
    """A number of this unit as a person reads it."""
    if unit in ("share", "per month") and abs(value) < _NOTHING:
        value = 0.0
    if unit in _SHOWN:
        return _SHOWN[unit](value)
    return human.significant(value, 4)


def _row(each: Estimate) -> dict[str, Any]:
    return {
        "what": each.name.replace("_", " "),
        "tier": each.tier or None,
        "label": each.label or None,
        "told": shown(each.value, each.unit),
        "interval": _interval(each),
        "n": each.n,
        "path": each.path or None,
        "method": each.method,
    }


def _interval(each: Estimate) -> str | None:
    if each.low != each.low:
        return "not known"
    if each.low == each.high:
        return "counted"
    if isinf(each.high):
        return f"at least {shown(each.low, each.unit)}"
    return f"{shown(each.low, each.unit)} to {shown(each.high, each.unit)}"


def _cautions(fit: Fit) -> list[str]:
    told = []
    for each in fit.estimates:
        if each.caution:
            subject = " ".join(part for part in (each.tier, each.label) if part)
            name = each.name.replace("_", " ")
            told.append(f"{name} of {subject}: {each.caution}" if subject else each.caution)
    return list(dict.fromkeys(told))


def _assumptions(fit: Fit) -> list[str]:
    methods: dict[str, str] = {}
    for each in fit.estimates:
        for assumption in each.assumptions:
            methods.setdefault(assumption, each.reference)
    return [f"{text} [{source}]" if source else text for text, source in methods.items()]


def _written(into: str, written: Written) -> Table:
    columns = (
        Column(name="path", head="path"),
        Column(name="before", head="before"),
        Column(name="after", head="now"),
    )
    rows = [
        {"path": path, "before": before or None, "after": after} for path, before, after in written
    ]
    return Table(name="written", title=f"Written to {into}", columns=columns, rows=rows)


_FIELDS = (
    *("name", "tier", "label", "value", "low", "high", "level", "unit", "n"),
    *("path", "method", "reference", "caution", "file"),
)


def _flat(fit: Fit) -> Table:
    rows = [{name: getattr(each, name) for name in _FIELDS} for each in fit.estimates]
    columns = [Column(name=name, head=name) for name in _FIELDS]
    return Table(name="estimates", title="", columns=columns, rows=rows)


def _data(fit: Fit, into: str, written: Written, refused: LeftOut) -> dict[str, Any]:
    return {
        "estimates": [
            {name: getattr(each, name) for name in _FIELDS} | {"assumptions": each.assumptions}
            for each in fit.estimates
        ],
        "warnings": list(fit.warnings),
        "left_out": list(fit.left_out),
        "files": metrics.data(fit.measurements),
        "into": into or None,
        "written": [
            {"path": path, "before": before or None, "after": after}
            for path, before, after in written
        ],
        "not_written": [{"path": path, "why": why} for path, why in refused],
    }
