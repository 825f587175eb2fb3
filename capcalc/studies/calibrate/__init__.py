"""From measurements to estimates, one kind of metrics a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from importlib import import_module

from capcalc.results.fit import Estimate, Finding, Fit
from capcalc.results.measurements import Measurements
from capcalc.studies.calibrate.context import Context

__all__ = ["KINDS", "Context", "fitted"]

#: The kinds of calibration, the surest first: of two estimates for one place the first is kept.
KINDS = ("host", "aggregated", "scaling", "arrivals", "business", "growth")


def fitted(measurements: Sequence[Measurements], context: Context) -> Fit:
    """All that the files say, every kind of calibration asked about every file.

    Parameters
    ----------
    measurements : sequence of Measurements
        Each file is fitted on its own; where two say the same of one place of the scenario the
        narrower interval is kept, and the other said.
    context : Context
        The scenario, the tier and the level.

    Returns
    -------
    Fit
        Estimates with intervals and provenance, warnings, and what could not be estimated.
    """
    found = [
        (each, _in_file(finding, each.source))
        for each in measurements
        for finding in _findings(each, context)
    ]
    estimates, doubled = _once(estimate for _, finding in found for estimate in finding.estimates)
    nothing = [
        f"{each.source}: nothing could be estimated from its columns"
        for each in measurements
        if not any(finding.estimates for other, finding in found if other is each)
    ]
    return Fit(
        measurements=tuple(measurements),
        estimates=tuple(estimates),
        warnings=_unlike(warning for _, finding in found for warning in finding.warnings),
        left_out=(
            *_unlike(each for _, finding in found for each in finding.left_out),
            *doubled,
            *nothing,
        ),
    )


def _findings(measured: Measurements, context: Context) -> Iterator[Finding]:
    for kind in KINDS:
        yield import_module(f"capcalc.studies.calibrate.{kind}").found(measured, context)


def _in_file(finding: Finding, file: str) -> Finding:
    named = tuple(replace(each, file=each.file or file) for each in finding.estimates)
    return replace(finding, estimates=named)


def _once(estimates: Iterable[Estimate]) -> tuple[list[Estimate], list[str]]:
    """One estimate for each place of a scenario: the one with the narrowest interval."""
    every = list(estimates)
    best: dict[str, Estimate] = {}
    for each in every:
        if each.path and (each.path not in best or _width(each) < _width(best[each.path])):
            best[each.path] = each
    kept, doubled = [], []
    for each in every:
        if not each.path or best[each.path] is each:
            kept.append(each)
        else:
            kept.append(replace(each, path=""))
            doubled.append(
                f"{each.path}: {best[each.path].file} and {each.file} both tell it; the narrower"
                f" interval, of {best[each.path].file}, is taken"
                if best[each.path].file != each.file
                else f"{each.path}: told twice by {each.file} ({each.method};"
                f" {best[each.path].method}); the latter is taken"
            )
    return kept, doubled


def _width(estimate: Estimate) -> float:
    """Width of the interval over the value; one that is not known is the widest."""
    if estimate.low != estimate.low or not estimate.value:
        return float("inf")
    return abs((estimate.high - estimate.low) / estimate.value)


def _unlike(sentences: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(sentences))
