"""Prediction beside measurement, as a document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from capcalc.reports import metrics
from capcalc.reports.document import Column, Document, Section, Table
from capcalc.reports.fit import shown
from capcalc.results.validation import GOOD, ROUGH, Compared, Validation
from capcalc.units import format as human

_FIELDS = (
    *("quantity", "tier", "label", "unit", "n", "measured", "low", "high", "predicted"),
    *("error", "mean_absolute_error", "saturated", "verdict"),
)


def document(found: Validation) -> Document:
    """The table of comparisons, why the model does not fit where it does not, and the rest."""
    table = Table(
        name="compared",
        title="Predicted beside measured (means over the intervals)",
        columns=(
            Column(name="what", head="quantity"),
            Column(name="of", head="of"),
            Column(name="n", head="intervals", show=lambda n: f"{n:,}"),
            Column(name="measured", head="measured"),
            Column(name="interval", head="95 % interval"),
            Column(name="predicted", head="predicted"),
            Column(name="error", head="error", show=_signed),
            Column(name="mean_absolute_error", head="mean absolute error", show=human.share),
            Column(name="verdict", head="verdict"),
        ),
        rows=[_row(each) for each in found.compared],
    )
    verdicts = f"good: mean error within {human.share(GOOD)}; rough: within"
    verdicts += f" {human.share(ROUGH)}; off: beyond. The 95 % interval is that of the measurement"
    verdicts += " at the same loads: a prediction inside it is not contradicted"
    return Document(
        title=_title(found),
        tables=[table, *metrics.tables(found.measurements)],
        sections=[
            Section(title="What this says", sentences=[*found.findings, *_fits(found)]),
            Section(title="How the model was driven", sentences=[*found.driven_by, verdicts]),
            Section(title="Not compared", sentences=found.left_out),
            metrics.section(found.measurements),
        ],
        flat=_flat(found),
        data=_data(found),
    )


def _title(found: Validation) -> str:
    count: Mapping[str, int] = {
        verdict: sum(each.verdict == verdict for each in found.compared)
        for verdict in ("good", "rough", "off")
    }
    if not found.compared:
        return f"{found.name}: nothing in the measurements could be compared"
    told = ", ".join(f"{n} {verdict}" for verdict, n in count.items() if n)
    some = len(found.compared)
    return f"{found.name}: {some} {'quantity' if some == 1 else 'quantities'} compared, {told}"


def _fits(found: Validation) -> list[str]:
    """What may be trusted, where nothing speaks against it."""
    good = [each for each in found.compared if each.verdict == "good"]
    if not good:
        return []
    names = dict.fromkeys(f"{each.quantity.replace('_', ' ')} of {each.name}" for each in good)
    told = ", ".join(list(names)[:6]) + (", …" if len(names) > 6 else "")
    loads = [each.load[np.isfinite(each.load)] for each in good]
    low = min(float(each.min()) for each in loads if each.size)
    high = max(float(each.max()) for each in loads if each.size)
    return [
        f"The model may be trusted for {told}, between {human.rate(low)} and {human.rate(high)}"
    ]


def _signed(error: float) -> str:
    return f"{'+' if error > 0 else ''}{human.share(error)}"


def _row(each: Compared) -> dict[str, Any]:
    known = np.isfinite(each.low) and np.isfinite(each.high)
    return {
        "what": each.quantity.replace("_", " "),
        "of": each.name,
        "n": each.n,
        "measured": shown(each.measured, each.unit),
        "interval": f"{shown(each.low, each.unit)} to {shown(each.high, each.unit)}"
        if known
        else None,
        "predicted": shown(each.predicted, each.unit),
        "error": each.error,
        "mean_absolute_error": each.mean_absolute_error,
        "verdict": each.verdict,
    }


def _flat(found: Validation) -> Table:
    rows = [{name: getattr(each, name) for name in _FIELDS} for each in found.compared]
    return Table(
        name="compared", title="", columns=[Column(name=n, head=n) for n in _FIELDS], rows=rows
    )


def _data(found: Validation) -> dict[str, Any]:
    return {
        "name": found.name,
        "compared": [
            {name: getattr(each, name) for name in _FIELDS}
            | {
                "load": each.load,
                "measured_values": each.measured_values,
                "predicted_values": each.predicted_values,
            }
            for each in found.compared
        ],
        "findings": list(found.findings),
        "driven_by": list(found.driven_by),
        "left_out": list(found.left_out),
        "files": metrics.data(found.measurements),
    }
