"""Fields by their path, as ``tiers.web.hosts``: get, exchange, list, and say what they are."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from difflib import get_close_matches
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np

from capcalc.errors import Problem, ScenarioError, UsageError
from capcalc.units.types import Quantity

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value in the tree: its path, what it is now and, for a number, its kind and range."""

    path: str
    value: Any
    quantity: Quantity | None
    choices: tuple[str, ...] = ()


@cache
def hints(cls: type) -> dict[str, Any]:
    """Type hints of a dataclass with their annotations."""
    return get_type_hints(cls, include_extras=True)


def key_of(field_name: str) -> str:
    """The key in the file: ``with_`` stands for the word that Python keeps for itself."""
    return field_name.rstrip("_")


def quantity_of(hint: Any) -> Quantity | None:
    """The quantity that a type hint declares, looking into unions."""
    if get_origin(hint) is Annotated:
        return next((note for note in get_args(hint)[1:] if isinstance(note, Quantity)), None)
    if get_origin(hint) in (Union, UnionType):
        found = (quantity_of(option) for option in get_args(hint))
        return next((quantity for quantity in found if quantity), None)
    return None


def choices_of(hint: Any) -> tuple[str, ...]:
    """The names that a type hint allows, looking into unions; empty where any will do."""
    if get_origin(hint) is Literal:
        return tuple(str(choice) for choice in get_args(hint))
    if get_origin(hint) in (Union, UnionType):
        return tuple(name for option in get_args(hint) for name in choices_of(option))
    return ()


def _mapping_value(hint: Any) -> Any:
    """The hint of a mapping's values, looking into unions."""
    options = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    values = [get_args(option)[1] for option in options if _is_mapping(option)]
    return Union[tuple(values)] if values else Any  # noqa: UP007  (a union of a tuple)


def _is_mapping(hint: Any) -> bool:
    origin = get_origin(hint)
    return isinstance(origin, type) and issubclass(origin, Mapping)


def _children(node: Any, hint: Any) -> Iterator[tuple[str, Any, Any]]:
    """Key, value and hint of everything one step below."""
    if isinstance(node, Mapping):
        inner = _mapping_value(hint)
        yield from ((str(key), value, inner) for key, value in node.items())
    elif is_dataclass(node) and not isinstance(node, type):
        for field in fields(node):
            if field.metadata.get("hidden") or field.name == "kind":
                continue
            value, field_hint = getattr(node, field.name), hints(type(node))[field.name]
            if field.metadata.get("flatten"):
                yield from _children(value, field_hint)
            else:
                yield key_of(field.name), value, field_hint


def leaves(root: Any) -> Iterator[Leaf]:
    """All values of the tree that are set, depth first, in the order of the file."""
    yield from _leaves(root, type(root), "")


def _leaves(node: Any, hint: Any, prefix: str) -> Iterator[Leaf]:
    for key, value, inner in _children(node, hint):
        path = f"{prefix}{key}"
        if isinstance(value, Mapping) or (is_dataclass(value) and not isinstance(value, type)):
            yield from _leaves(value, inner, f"{path}.")
        elif value is not None:
            yield Leaf(path, value, quantity_of(inner))


def numeric(root: Any) -> list[Leaf]:
    """The leaves that may be arrays."""
    return [leaf for leaf in leaves(root) if leaf.quantity is not None]


def find(root: Any, path: str) -> Leaf:
    """The leaf at a path, also one that may be set but is not.

    Raises
    ------
    UsageError
        When there is no such path; names the nearest ones.
    """
    node, hint = root, type(root)
    for key in path.split("."):
        below = {name: (value, inner) for name, value, inner in _children(node, hint)}
        if key not in below:
            raise unknown(root, path)
        node, hint = below[key]
    if isinstance(node, Mapping) or (is_dataclass(node) and quantity_of(hint) is None):
        raise unknown(root, path)
    return Leaf(path, node, quantity_of(hint), choices_of(hint))


def unknown(root: Any, path: str) -> UsageError:
    """The error for a path that names no value."""
    known = [leaf.path for leaf in leaves(root)]
    near = get_close_matches(path, known, 2, 0.6) or [name for name in known if path in name][:3]
    hint = f"did you mean {' or '.join(near)}?" if near else f"values are e.g. {known[1]}"
    return UsageError(Problem(key=path, message="there is no value at this path", hint=hint))


def replaced(root: T, path: str, value: Any) -> T:
    """The tree with one value exchanged; numbers are checked, arrays element by element later."""
    leaf = find(root, path)
    if leaf.quantity is not None:
        value = checked(path, value, leaf.quantity)
    elif leaf.choices and value is not None:
        named(path, str(value), leaf.choices)
    result: T = _put(root, path.split("."), value)
    return result


def checked(path: str, value: Any, quantity: Quantity) -> Any:
    """A number of the model; a single one outside its domain is refused, ``nan`` is carried."""
    try:
        number = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise ScenarioError(
            Problem(key=path, message=f"{value!r} is not a number", hint="give it in SI units")
        ) from None
    if number.ndim == 0 and not np.isnan(number) and not quantity.holds(number):
        message = f"{number[()]:g} is out of range: {quantity.range()} is needed"
        raise ScenarioError(Problem(key=path, message=message))
    return number[()]


def named(path: str, name: str, choices: Collection[str]) -> None:
    """Refuse a name that is not among the choices, with the nearest that is."""
    if name not in choices:
        near = get_close_matches(name, choices, 1, 0.5)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(choices)}"
        raise ScenarioError(Problem(key=path, message=f"{name!r} is not known", hint=hint))


def _put(node: Any, keys: list[str], value: Any) -> Any:
    if not keys:
        return value
    key, rest = keys[0], keys[1:]
    if isinstance(node, Mapping):
        return {**node, key: _put(node[key], rest, value)}
    names = {key_of(field.name): field.name for field in fields(node)}
    if key in names:
        name = names[key]
        return replace(node, **{name: _put(getattr(node, name), rest, value)})
    flat = next(field.name for field in fields(node) if field.metadata.get("flatten"))
    return replace(node, **{flat: _put(getattr(node, flat), keys, value)})


def in_domain(root: Any) -> Any:
    """Element by element over all numbers of the tree, whether each lies in its domain."""
    ok = np.asarray(True)
    for leaf in numeric(root):
        if leaf.quantity is not None:
            ok = ok & leaf.quantity.holds(leaf.value)
    return ok
