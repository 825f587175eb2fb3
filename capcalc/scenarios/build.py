"""What pydantic has accepted, as the model's frozen dataclasses."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any

from pydantic import BaseModel

from capcalc.model.network import Network
from capcalc.model.paths import key_of
from capcalc.model.system import Inputs, System
from capcalc.scenarios.document import Path
from capcalc.scenarios.numbers import Number
from capcalc.scenarios.words import dotted


@dataclass(slots=True)
class _Notes:
    """What numbers say about themselves, by path."""

    ranges: dict[str, tuple[float, float]] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)

    def number(self, number: Number, path: Path) -> float:
        if number.range is not None:
            self.ranges[dotted(path)] = number.range
        if number.source is not None:
            self.sources[dotted(path)] = number.source
        return number.value


def system_of(model: BaseModel) -> System:
    """The system that a validated file describes, with its ranges and sources."""
    system: System = _described(model)
    return system


def network_of(model: BaseModel) -> Network:
    """The network that a validated file describes, with its ranges and sources."""
    network: Network = _described(model)
    return network


def _described(model: BaseModel) -> Any:
    notes = _Notes()
    found = _value(model, (), notes)
    return replace(found, inputs=Inputs(ranges=notes.ranges, sources=notes.sources))


def _value(value: Any, path: Path, notes: _Notes) -> Any:
    if isinstance(value, Number):
        return notes.number(value, path)
    if isinstance(value, BaseModel):
        return _part(value, path, notes)
    if isinstance(value, dict):
        return {key: _value(below, (*path, key), notes) for key, below in value.items()}
    if isinstance(value, list):
        return tuple(_value(item, (*path, place), notes) for place, item in enumerate(value))
    return value


def _part(model: BaseModel, path: Path, notes: _Notes) -> Any:
    source = type(model).__source__  # type: ignore[attr-defined]
    named = model.model_fields_set & set(type(model).model_fields)
    given = {
        name: _value(getattr(model, name), (*path, key_of(name)), notes)
        for name in type(model).model_fields
        if name in named
    }
    for each in fields(source):
        if each.metadata.get("flatten"):
            given[each.name] = _value(model.model_extra or {}, path, notes)
    return source(**given)
