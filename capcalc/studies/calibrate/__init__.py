"""From measurements to estimates, one kind of metrics a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from importlib import import_module
from typing import Any

from capcalc.results.fit import Estimate, Finding, Fit
from capcalc.results.measurements import Measurements
from capcalc.studies.calibrate.context import Context
from capcalc.studies.measured.joined import joined

__all__ = ["KINDS", "Context", "fitted"]

#: The kinds of calibration, the surest first: of two estimates for one place the first is kept.
KINDS = ("host", "rates", "aggregated", "popularity", "scaling", "arrivals", "growth")


def fitted(
    measurements: Sequence[Measurements], context: Context, horizon: float | None = None
) -> Fit:
    """All that the files say, every kind of calibration asked about every file.

    Parameters
    ----------
    measurements : sequence of Measurements
        Each file is fitted on its own; where two say the same of one place of the scenario the
        narrower interval is kept, and the other said.
    context : Context
        The scenario, the tier and the level.
    horizon : float, optional
        How far to forecast requests, users and revenue, with their seasons. [s]

    Returns
    -------
    Fit
        Estimates with intervals and provenance, warnings, and what could not be estimated.
    """
    together = joined(measurements)
    names = ", ".join(_short(each.source) for each in measurements)
    found = [
        _in_file(finding, each.source)
        for each in measurements
        for finding in _findings(each, context, together)
    ]
    if together is not None:
        found.append(_in_file(_room("host").found(together, context), names))
    found.append(_in_file(_room("business").of_files(measurements, context), names))
    if horizon is not None:
        found.append(_in_file(_room("outlook").found(measurements, context, horizon), names))
    estimates, doubled = _once(estimate for finding in found for estimate in finding.estimates)
    helpful = " ".join(estimate.file for estimate in estimates)
    nothing = [
        f"{each.source}: nothing could be estimated from its columns"
        for each in measurements
        if _short(each.source) not in helpful
    ]
    return Fit(
        measurements=tuple(measurements),
        estimates=tuple(estimates),
        warnings=_unlike(warning for finding in found for warning in finding.warnings),
        left_out=(
            *_unlike(each for finding in found for each in finding.left_out),
            *doubled,
            *(text for each in measurements for text in _untold(each)),
            *nothing,
        ),
    )


def _untold(measured: Measurements) -> Iterator[str]:
    """Columns whose role only the user knows."""
    for each in measured.of_role("value"):
        yield (
            f"{measured.source}: what {each.column!r} is its name does not tell; say it, e.g."
            f" --column '{each.column}=requests' or --column '{each.column}=utilization web cpu %'"
        )


def _findings(
    measured: Measurements, context: Context, together: Measurements | None
) -> Iterator[Finding]:
    """What each kind says of one file; hosts are looked at with all files brought together."""
    for kind in KINDS:
        if kind == "host" and together is not None and measured.time is not None:
            continue
        yield _room(kind).found(measured, context)


def _room(kind: str) -> Any:
    """One kind of calibration, imported when it is asked."""
    return import_module(f"capcalc.studies.calibrate.{kind}")


def _in_file(finding: Finding, file: str) -> Finding:
    named = tuple(replace(each, file=each.file or _short(file)) for each in finding.estimates)
    return replace(finding, estimates=named)


def _short(file: str) -> str:
    """The name of a file without its folder: what a scenario keeps of it."""
    return file.replace("\\", "/").rsplit("/", 1)[-1]


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
