"""The model's type hints, taken apart: what a file may hold at each place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import Field, fields, is_dataclass
from types import UnionType
from typing import Any, Union, get_args, get_origin

from capcalc.model.components import KINDS
from capcalc.model.paths import hints, key_of, quantity_of

#: Begins the tags that pydantic puts into an error's location; no key of a file begins so.
TAG = "\0"


def options(hint: Any) -> tuple[Any, ...]:
    """The members of a union, without None: a key that is given has a value."""
    is_union = get_origin(hint) in (Union, UnionType)
    members = get_args(hint) if is_union else (hint,)
    return tuple(member for member in members if member is not type(None))


def is_mapping(hint: Any) -> bool:
    """Whether the hint is a mapping of names to values."""
    origin = get_origin(hint)
    return isinstance(origin, type) and issubclass(origin, Mapping)


def is_tier(hint: Any) -> bool:
    """Whether the hint is a kind of tier, or the union of them."""
    return any(option in KINDS.values() for option in options(hint))


def shape(hint: Any) -> str:
    """What kind of value one member of a union is."""
    if quantity_of(hint) is not None:
        return "number"
    if is_mapping(hint):
        return "mapping"
    return "object" if is_dataclass(hint) else "scalar"


def accepted(cls: type) -> Iterator[tuple[str, Field[Any], Any]]:
    """Key, field and hint of everything that a file may say about this part of the model."""
    for field in fields(cls):
        if not field.metadata.get("hidden") and not field.metadata.get("flatten"):
            yield key_of(field.name), field, hints(cls)[field.name]


def flattened(cls: type) -> Any | None:
    """The hint of the mapping whose entries stand beside the other keys, if there is one."""
    for field in fields(cls):
        if field.metadata.get("flatten"):
            return hints(cls)[field.name]
    return None


def keys(cls: type) -> tuple[str, ...]:
    """The keys that a file may use here."""
    return tuple(key for key, _, _ in accepted(cls))


def step(hint: Any, part: str | int) -> Any:
    """The hint one step below: of a key, a list position or a tag."""
    if isinstance(part, str) and part.startswith(TAG):
        return tagged(hint, part.removeprefix(TAG))
    for option in options(hint):
        if is_mapping(option):
            return get_args(option)[1]
        if is_dataclass(option) and isinstance(option, type):
            found = {key: below for key, _, below in accepted(option)}
            beside = flattened(option)
            return found.get(str(part), get_args(beside)[1] if beside is not None else None)
    return None


def tagged(hint: Any, tag: str) -> Any:
    """The member of a union that a tag names."""
    if is_tier(hint):
        return KINDS.get(tag)
    return next((option for option in options(hint) if shape(option) == tag), None)
