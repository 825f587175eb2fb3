"""Inputs: every value of the scenario, where it stands, and where it is from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from capcalc.model.paths import Leaf, leaves
from capcalc.model.system import Inputs, System
from capcalc.reports.document import Column, Table
from capcalc.reports.facts import SHOWN
from capcalc.units import format as human

COLUMNS = (
    Column(name="path", head="input"),
    Column(name="text", head="value"),
    Column(name="where", head="stands in"),
    Column(name="source", head="source"),
)
#: Kinds of quantities that only inputs have.
_OTHERS: Mapping[str, Callable[[float], str]] = {
    "price": lambda value: f"{human.significant(1e9 * value)} USD/GB",
    "growth": lambda value: f"{human.share(value)} a month",
}


def inputs(system: System) -> Table:
    """What was given, in the order of the file; defaults are told elsewhere."""
    given = system.inputs
    rows = [_row(leaf, given) for leaf in leaves(system) if _given(leaf.path, given)]
    return Table(
        name="inputs", title="Every value given, and where it stands", columns=COLUMNS, rows=rows
    )


def _given(path: str, given: Inputs) -> bool:
    """Whether it is from the file or from outside; without a file, whatever is set."""
    if path in given.defaults:
        return False
    return not given.lines or path in given.lines or _setting(path, given) is not None


def _setting(path: str, given: Inputs) -> str | None:
    parts = path.split(".")
    above = (".".join(parts[:depth]) for depth in range(len(parts), 0, -1))
    return next((each for each in above if each in given.settings), None)


def _row(leaf: Leaf, given: Inputs) -> dict[str, Any]:
    return {
        "path": leaf.path,
        "text": _text(leaf, given.ranges.get(leaf.path)),
        "where": "; ".join(_where(leaf.path, given)) or None,
        "source": given.sources.get(leaf.path),
    }


def _where(path: str, given: Inputs) -> Iterator[str]:
    if _setting(path, given) is not None:
        yield "--set"
    elif path in given.lines:
        yield f"{given.file} line {given.lines[path]}"


def _text(leaf: Leaf, between: tuple[float, float] | None) -> str:
    if leaf.quantity is None or isinstance(leaf.value, str | bool):
        return _plain(leaf.value)
    show = _OTHERS.get(leaf.quantity.kind) or SHOWN[leaf.quantity.kind][0]
    if isinstance(leaf.value, tuple):
        return ", ".join(show(float(each)) for each in leaf.value)
    text = show(float(leaf.value))
    if between is None:
        return text
    return f"{show(between[0])} to {show(between[1])}, solved at {text}"


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
