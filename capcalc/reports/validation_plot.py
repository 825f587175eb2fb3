"""Prediction and measurement over the load, drawn: one panel for each quantity."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from capcalc.results.validation import Compared, Validation

#: Panels that are drawn at most, the furthest off first.
MOST = 8
#: Per unit, what to multiply with and what to write.
_SCALES = {"s": (1e3, "ms"), "share": (100.0, "%"), "1/s": (1.0, "per second"), "1": (1.0, "")}


def svg(found: Validation) -> str:
    """A picture of all comparisons as SVG text; points are intervals.

    Parameters
    ----------
    found : Validation
        With at least one comparison that has a finite number.
    """
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    chosen = sorted(found.compared, key=lambda each: -_badness(each))[:MOST]
    columns = min(2, max(len(chosen), 1))
    rows = -(-max(len(chosen), 1) // columns)
    figure = Figure(figsize=(5.6 * columns, 3.6 * rows), layout="constrained")
    FigureCanvasSVG(figure)
    for place, each in enumerate(chosen):
        _panel(figure.add_subplot(rows, columns, place + 1), each)
    figure.suptitle(f"{found.name}: predicted (crosses), measured (points)")
    out = io.StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None})
    return out.getvalue()


def _badness(each: Compared) -> float:
    return abs(each.error) if np.isfinite(each.error) else -1.0


def _panel(axes: Any, each: Compared) -> None:
    scale, unit = _SCALES.get(each.unit, (1.0, ""))
    known = np.isfinite(each.load)
    order = np.argsort(each.load[known])
    load = each.load[known][order]
    seen = each.measured_values[known][order] * scale
    said = np.where(np.isfinite(each.predicted_values), each.predicted_values, np.nan)
    axes.plot(load, seen, ".", color="#888888", markersize=4, label="measured")
    axes.plot(
        load, said[known][order] * scale, "x", color="#c2410c", markersize=3.5, label="predicted"
    )
    name = each.quantity.replace("_", " ")
    axes.set_title(f"{name} of {each.name}: {each.verdict}", fontsize=10)
    axes.set_xlabel("requests per second", fontsize=9)
    axes.set_ylabel(f"{name} [{unit}]" if unit else name, fontsize=9)
    axes.set_ylim(bottom=0)
    axes.tick_params(labelsize=8)
    axes.legend(fontsize=8, frameon=False)
