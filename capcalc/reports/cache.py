"""Hit-ratio curves as a document."""

from __future__ import annotations

from typing import Any

import numpy as np

from capcalc.reports.document import Column, Document, Section, Table
from capcalc.results.cache import CacheCurve, TraceFacts
from capcalc.units import format as human


def document(curve: CacheCurve) -> Document:
    """What was counted, the curve, and how sure both are."""
    records = [_record(curve, place) for place in range(curve.capacities.size)]
    table = Table(
        name="curve",
        title=f"Hit ratio by capacity, {curve.policy.upper()}",
        columns=(
            Column(name="capacity", head="objects", show=_whole),
            Column(name="share_of_objects", head="of all", show=human.share),
            Column(name="capacity_bytes", head="about", show=human.size, unit="bytes"),
            Column(name="hit_ratio", head="hits", show=human.share),
            Column(name="hit_error", head="± (one standard error)", show=human.share),
            Column(name="byte_hit_ratio", head="hits by bytes", show=human.share),
            Column(name="shuffled_hit_ratio", head="in random order", show=human.share),
        ),
        rows=records,
    )
    columns = [Column(name=name, head=name) for name in records[0]]
    flat = Table(name="curve", title="", columns=columns, rows=records)
    tables = [table] if curve.trace is None else [_counted(curve, curve.trace), table]
    sections = [
        Section(title="How the numbers were got", sentences=_how(curve)),
        Section(title="Warnings", sentences=_warnings(curve)),
    ]
    title = f"Cache: {curve.source}"
    data = _data(curve, records)
    return Document(title=title, tables=tables, sections=sections, flat=flat, data=data)


def _record(curve: CacheCurve, place: int) -> dict[str, Any]:
    capacity = float(curve.capacities[place])
    mean_size = None if curve.trace is None else curve.trace.mean_size
    return {
        "capacity": capacity,
        "share_of_objects": min(capacity / curve.objects, 1.0) if curve.objects else None,
        "capacity_bytes": None if mean_size is None else capacity * mean_size,
        "hit_ratio": float(curve.hit_ratio[place]),
        "hit_error": _at(curve.hit_error, place),
        "byte_hit_ratio": _at(curve.byte_hit_ratio, place),
        "shuffled_hit_ratio": _at(curve.shuffled, place),
    }


def _at(values: Any, place: int) -> float | None:
    return None if values is None else float(values[place])


def _whole(value: Any) -> str:
    return f"{float(value):,.10g}"


def _about(value: float, error: float) -> str:
    return f"{value:,.0f}" if not error else f"{value:,.0f} ± {error:,.0f}"


def _exponent(curve: CacheCurve) -> str:
    if curve.exponent_error is None:
        return human.significant(curve.exponent)
    digits = max(0, min(6, 1 - int(np.floor(np.log10(curve.exponent_error)))))
    return f"{curve.exponent:.{digits}f} ± {curve.exponent_error:.{digits}f}"


def _counted(curve: CacheCurve, trace: TraceFacts) -> Table:
    facts = {
        "references": f"{trace.references:,}",
        "distinct keys": _about(curve.objects, trace.cold_misses_error),
        "cold misses": human.share(trace.cold_misses / trace.references),
        "Zipf exponent": _exponent(curve),
        "mean size": None if trace.mean_size is None else human.size(trace.mean_size),
        "method": _method(trace),
    }
    rows = [{"name": name, "value": value} for name, value in facts.items() if value is not None]
    columns = (Column(name="name", head="quantity"), Column(name="value", head="value"))
    return Table(name="trace", title="The trace", columns=columns, rows=rows)


def _method(trace: TraceFacts) -> str:
    if trace.sampling_rate == 1:
        return "exact: every key followed"
    return f"sampled: {human.share(trace.sampling_rate)} of the keys beyond the most popular"


def _how(curve: CacheCurve) -> list[str]:
    trace = curve.trace
    if trace is None:
        law = f"The object of rank i is asked for in proportion to i^-{curve.exponent:g}"
        return [
            f"{law}, each request independent of the others; the cache has been running for long.",
            "Real requests come back sooner than independent ones; recency adds to these hits.",
        ]
    distances = "A cache hits when no more distinct keys than it holds were asked for since"
    sentences = [
        f"{distances}, the key itself counted (LRU stack distances).",
        "First references are misses at any size.",
    ]
    if curve.hit_error is not None:
        worst = float(np.max(curve.hit_error))
        sentences.append(
            f"There are more keys than are followed at a time; {trace.keys_followed:,} were, the "
            "most popular of the start and a sample by hash of the others, each of which stands "
            f"for {1 / trace.sampling_rate:.3g}. At these sizes that costs a standard error of "
            f"up to {human.share(worst, 2)}; more --keys make it less."
        )
    sentences.append(
        "'In random order' is what LRU would reach if the same references came shuffled (the "
        "characteristic-time approximation): what the trace hits beyond that is recency."
    )
    sentences.append(
        f"The exponent is fitted by maximum likelihood to the {trace.fitted_keys:,} most asked "
        f"for keys, each with at least {trace.fitted_least} references; the error is that of "
        "chance alone, a law that does not fit has more."
    )
    if trace.mean_size is not None:
        sentences.append(
            "Bytes of a capacity are its objects times the mean size of a reference; 'by bytes' "
            "weighs each hit with its own bytes."
        )
    return sentences


def _warnings(curve: CacheCurve) -> list[str]:
    found = list(curve.warnings)
    trace = curve.trace
    if trace is not None and trace.unreadable:
        line = f"line {trace.first_unreadable:,}"
        lines = "1 line" if trace.unreadable == 1 else f"{trace.unreadable:,} lines"
        form = f"could not be read in the form '{trace.form}'"
        found.append(f"{lines} {form}; the first is {line}. They count for nothing.")
    if trace is not None and trace.other_methods == 1:
        found.append("One request by another method was left out.")
    elif trace is not None and trace.other_methods:
        found.append(f"{trace.other_methods:,} requests by other methods were left out.")
    return found


def _data(curve: CacheCurve, records: list[dict[str, Any]]) -> dict[str, Any]:
    data: dict[str, Any] = {
        "source": curve.source,
        "policy": curve.policy,
        "objects": curve.objects,
        "zipf_exponent": curve.exponent,
        "zipf_exponent_error": curve.exponent_error,
    }
    if (trace := curve.trace) is not None:
        data |= {
            "references": trace.references,
            "distinct": curve.objects,
            "cold_misses": trace.cold_misses,
            "cold_misses_error": trace.cold_misses_error,
            "exact": trace.sampling_rate == 1,
            "sampling_rate": trace.sampling_rate,
            "keys_followed": trace.keys_followed,
            "mean_size_bytes": trace.mean_size,
            "form": trace.form,
            "unreadable_lines": trace.unreadable,
            "first_unreadable_line": trace.first_unreadable or None,
            "other_methods": trace.other_methods,
        }
    return {**data, "curve": records, "how": _how(curve), "warnings": _warnings(curve)}
