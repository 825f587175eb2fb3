"""Inputs: what a path of the file holds, and where that comes from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from typing import Any

import numpy as np

from capcalc.advice.explain.draft import Draft, plain
from capcalc.model import paths
from capcalc.model.system import System
from capcalc.results.explanation import Provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class Origins:
    """What is known of where a scenario was read: its file, its lines and settings by path."""

    file: str = ""
    lines: Mapping[str, int] = field(default_factory=dict)
    settings: Collection[str] = ()


def input_of(system: System, origins: Origins, path: str) -> Draft:
    """The value at a path of the file, with its provenance."""
    leaf = paths.find(system, path)
    counted = isinstance(leaf.value, int) and not isinstance(leaf.value, bool)
    kind = "number" if counted else "text" if leaf.quantity is None else leaf.quantity.kind
    value = system.inputs.defaults.get(path) if leaf.value is None else leaf.value
    return Draft(
        value=_value(value, kind),
        kind=kind,
        title=path,
        path=path,
        provenance=provenance(system, origins, path),
    )


def _value(value: Any, kind: str) -> float | bool | str:
    if isinstance(value, bool):
        return value
    if kind == "text":
        return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    if isinstance(value, str):  # a default in words, as "fresh for ever"
        return value
    if isinstance(value, tuple):
        return ", ".join(f"{plain(each):g}" for each in value)
    return plain(value)


def provenance(system: System, origins: Origins, path: str) -> Provenance:
    """Given, set from outside, the middle of a range, or a default."""
    found, source = system.inputs, system.inputs.sources.get(path, "")
    setting = next((each for each in origins.settings if _within(path, each)), None)
    line = None if setting is not None else origins.lines.get(path)
    if path in found.defaults:
        return Provenance(kind="default", says="default: the file leaves it out")
    if setting is None and line is None and _unknown(system, origins, path):
        return Provenance(kind="default", says="default: the file leaves it out")
    place = _place(origins, setting, line)
    if path in found.ranges:
        low, high = found.ranges[path]
        says = f"the middle of a range, {low:g} to {high:g}, {place}"
        return Provenance(kind="range", says=says, line=line, source=source)
    kind = "setting" if setting is not None else "given" if line is not None else "scenario"
    return Provenance(kind=kind, says=f"given, {place}", line=line, source=source)


def _within(path: str, above: str) -> bool:
    return path == above or path.startswith(f"{above}.")


def _place(origins: Origins, setting: str | None, line: int | None) -> str:
    if setting is not None:
        return f"--set {setting}"
    if line is None:
        return "in the scenario"
    return f"{origins.file} line {line}"


def _unknown(system: System, origins: Origins, path: str) -> bool:
    """Whether it can only be a default: in no known line, or as the model has it by itself."""
    return bool(origins.lines) or _is_default(system, path)


def _is_default(system: System, path: str) -> bool:
    """Whether the value is the one that the model gives to what is left out."""
    node: Any = system
    *above, last = path.split(".")
    for key in above:
        node = node.get(key) if isinstance(node, Mapping) else _attribute(node, key)
        if node is None:
            return False
    if not is_dataclass(node):
        return False
    own = {paths.key_of(each.name): each for each in fields(node)}.get(last)
    if own is None or own.default is MISSING:
        return False
    return bool(np.all(getattr(node, own.name) == own.default))


def _attribute(node: Any, key: str) -> Any:
    """A field by its key; classes with a limit stand beside the fields of objectives."""
    if not is_dataclass(node):
        return None
    for each in fields(node):
        if paths.key_of(each.name) == key:
            return getattr(node, each.name)
        if each.metadata.get("flatten"):
            below = getattr(node, each.name)
            if isinstance(below, Mapping) and key in below:
                return below[key]
    return None
