"""Estimates into the text of a scenario file, with their provenance."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from capcalc.errors import CapcalcError
from capcalc.model import paths
from capcalc.model.system import System
from capcalc.results.fit import Estimate
from capcalc.scenarios.edits import edited
from capcalc.scenarios.load import loads
from capcalc.units.types import Quantity
from capcalc.units.write import Rounding, written

#: How an estimate's unit is written.
_KINDS = {
    "s": "duration",
    "1/s": "rate",
    "share": "share",
    "per month": "growth",
    "B": "size",
    "USD": "money",
}
#: Ends of a range that are nearer to each other than this, relatively, are one number.
_ONE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """The new text of a scenario file, what was put into it, and what could not be."""

    text: str
    #: path, what stood there ("" if nothing), what stands there now
    written: tuple[tuple[str, str, str], ...]
    #: path and why not
    left_out: tuple[tuple[str, str], ...]


def updated(text: str, file: str, estimates: Sequence[Estimate]) -> Saved:
    """Put estimates where they belong; comments, order and all else stay as they are.

    Parameters
    ----------
    text : str
        The scenario as it was.
    file : str
        Its name, for messages.
    estimates : sequence of Estimate
        Those without a path are passed over. What the scenario would not be valid with is left
        out, and said.

    Returns
    -------
    Saved
        With a text that loads.

    Raises
    ------
    ScenarioError
        When the scenario is not valid as it was.
    """
    system = loads(text, file)
    done: list[tuple[str, str, str]] = []
    refused: list[tuple[str, str]] = []
    for group in _groups(estimates):
        try:
            changed, loaded = _put(text, file, system, group)
            parts = [group]
        except CapcalcError:
            parts = [[each] for each in group]
        for part in parts:
            try:
                changed, loaded = _put(text, file, system, part)
            except CapcalcError as error:
                refused += [(each.path, _reason(error)) for each in part]
                continue
            done += [(e.path, _before(system, e), scenario_text(e, loaded)) for e in part]
            text, system = changed, loaded
    return Saved(text=text, written=tuple(done), left_out=tuple(refused))


def _groups(estimates: Sequence[Estimate]) -> list[list[Estimate]]:
    """Those with a path, the ones below one key together: some keys need each other."""
    groups: dict[str, list[Estimate]] = {}
    for estimate in estimates:
        if estimate.path:
            groups.setdefault(estimate.path.rpartition(".")[0], []).append(estimate)
    return list(groups.values())


def _reason(error: CapcalcError) -> str:
    problem = error.problems[0]
    return f"{problem.message}; {problem.hint}" if problem.hint else problem.message


def _put(text: str, file: str, system: System, estimates: Sequence[Estimate]) -> tuple[str, System]:
    """Text and system with these estimates in it."""
    for estimate in estimates:
        path = tuple(estimate.path.split("."))
        text = _one_for_each_class(text, file, system, path, estimate)
        text = edited(text, file, {path: scenario_text(estimate, system)})
    return text, loads(text, file)


def _one_for_each_class(
    text: str, file: str, system: System, path: tuple[str, ...], estimate: Estimate
) -> str:
    """A number that the file gives for all classes becomes one for each, if one is measured."""
    above, name = path[:-1], path[-1]
    given = _value(system, above)
    names = system.demand.requests
    if not isinstance(given, float) or name not in names:
        return text
    if ".".join(above) not in system.inputs.lines:  # a default, which goes on for the others
        return text
    told = ", ".join(f"{each}: {_number(given, estimate)}" for each in names)
    return edited(text, file, {above: f"{{{told}}}"})


def scenario_text(estimate: Estimate, system: System | None = None) -> str:
    """An estimate as a scenario file writes it: ``{value: [7ms, 9ms], source: "measured …"}``."""
    quantity = _quantity(estimate, system)
    kind = quantity.kind
    low, high = (
        min(max(end, quantity.low), quantity.high) for end in (estimate.low, estimate.high)
    )
    known = isfinite(low) and isfinite(high) and high - low > _ONE * abs(high)
    if not known:
        value, source = _number(estimate.value, estimate), _without_interval(estimate)
    else:
        value = f"[{_end(low, kind, 'down', quantity)}, {_end(high, kind, 'up', quantity)}]"
        source = _with_value(estimate, kind)
    return f"{{value: {value}, source: {json.dumps(source, ensure_ascii=False)}}}"


def plain_text(estimate: Estimate) -> str:
    """The estimate's value alone, in human units."""
    return _number(estimate.value, estimate)


def _end(value: float, kind: str, rounding: Rounding, quantity: Quantity) -> str:
    if value in (quantity.low, quantity.high):
        rounding = "nearest"
    return written(value, kind, rounding)


def _number(value: float, estimate: Estimate) -> str:
    return written(value, _KINDS.get(estimate.unit, "number"))


def _with_value(estimate: Estimate, kind: str) -> str:
    middle = written(estimate.value, kind)
    where = f" in {estimate.file}" if estimate.file else ""
    return f"measured{where}: {middle}, n = {estimate.n:,}, {estimate.level:.0%} interval"


def _without_interval(estimate: Estimate) -> str:
    where = f" in {estimate.file}" if estimate.file else ""
    known = "counted" if estimate.low == estimate.high else "no interval"
    return f"measured{where}, n = {estimate.n:,}, {known}"


def _quantity(estimate: Estimate, system: System | None) -> Quantity:
    """The kind and the domain of the number: those of the model where it has the field."""
    kind = _KINDS.get(estimate.unit, "number")
    if system is not None:
        try:
            found = paths.find(system, estimate.path).quantity
        except CapcalcError:
            found = None
        if found is not None:
            return found
    return Quantity(kind, low=0, high=1) if kind == "share" else Quantity(kind)


def _before(system: System, estimate: Estimate) -> str:
    """What stood at the estimate's path, as a person would write it."""
    found = _value(system, tuple(estimate.path.split(".")))
    if not isinstance(found, int | float):
        return ""
    span = system.inputs.ranges.get(estimate.path)
    kind = _quantity(estimate, system).kind
    if span is not None:
        return f"[{written(span[0], kind)}, {written(span[1], kind)}]"
    return written(float(found), kind)


def _value(system: System, path: tuple[str, ...]) -> object:
    """What the system has at a path; None where it has nothing."""
    try:
        return paths.find(system, ".".join(path)).value
    except CapcalcError:
        return None
