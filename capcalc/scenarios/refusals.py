"""pydantic's errors in our words: file, line, column, key, what is wrong, what would be right."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import is_dataclass
from typing import Any, TypeAlias, cast

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from capcalc.errors import Problem
from capcalc.model.components import KINDS
from capcalc.model.paths import quantity_of
from capcalc.model.system import System
from capcalc.scenarios import shapes
from capcalc.scenarios.document import MOST_SOUGHT, Document, Path
from capcalc.scenarios.shapes import TAG
from capcalc.scenarios.words import did_you_mean, nearest, shown
from capcalc.units.kinds import KINDS as QUANTITIES

#: Message and hint for an error, told with the dataclass that the whole file describes.
Word: TypeAlias = Callable[[ErrorDetails, type], tuple[str, str]]

#: What a writer of a wrong key may have meant, where spelling does not tell.
_ADVICE = {
    ("database", "hosts"): "a database has one primary host and `replicas`",
    ("database", "service_time"): "a database has read_time and write_time",
    ("web", "replicas"): "a web tier has `hosts`",
    ("service", "replicas"): "a service has `hosts`",
    ("cdn", "service_time"): "a CDN has round_trip and origin_round_trip",
}


def problems(error: ValidationError, document: Document, root: type = System) -> Iterator[Problem]:
    """One problem for each error; a missing key that was only misspelt is told once.

    ``root`` is the dataclass that the whole file describes.
    """
    details = error.errors(include_url=False)[:MOST_SOUGHT]
    misspelt = {_meant(each, root) for each in details if each["type"] == "extra_forbidden"}
    for each in details:
        if each["type"] != "missing" or _path(each["loc"]) not in misspelt:
            yield _problem(each, document, root)


def _path(location: tuple[int | str, ...]) -> Path:
    return tuple(part for part in location if not str(part).startswith(TAG))


def _hint(location: tuple[int | str, ...], root: type) -> Any:
    """The model's type hint at a location; tags choose among the members of unions."""
    hint: Any = root
    for part in location:
        hint = shapes.step(hint, part)
    return hint


def _keys(location: tuple[int | str, ...], root: type) -> tuple[str, ...]:
    """The keys allowed beside the one at this location."""
    here = shapes.options(_hint(location[:-1], root))
    return shapes.keys(here[0]) if here and isinstance(here[0], type) else ()


def _meant(details: ErrorDetails, root: type) -> Path:
    """The path that a misspelt key was meant to have."""
    location = details["loc"]
    return (*_path(location)[:-1], nearest(location[-1], _keys(location, root)) or "")


def _problem(details: ErrorDetails, document: Document, root: type) -> Problem:
    path = _path(details["loc"])
    word = _WORDS.get(details["type"], _other)
    message, hint = word(details, root)
    if details["type"] == "extra_forbidden":
        return document.key_problem(path, message, hint)
    if details["type"] == "missing":
        return document.problem(path[:-1], message, hint, key=path)
    if details["type"].startswith("union_tag") and document.at((*path, "kind")) is not None:
        path = (*path, "kind")
    below = tuple(details.get("ctx", {}).get("below", ()))
    return document.problem((*path, *below), message, hint, key=(*path, *_named(below)))


def _named(below: Path) -> Path:
    """The part of a number's inside that belongs into its name: a key, not a position."""
    return tuple(part for part in below if isinstance(part, str) and part != "value")


def _unknown_key(details: ErrorDetails, root: type) -> tuple[str, str]:
    location = details["loc"]
    kind = next((str(part)[1:] for part in location if str(part)[1:] in KINDS), "")
    advice = _ADVICE.get((kind, str(location[-1])))
    return "unknown key", advice or did_you_mean(location[-1], _keys(location, root), "allowed are")


def _missing_key(details: ErrorDetails, root: type) -> tuple[str, str]:
    return "this key is missing", _example(details, root)


def _example(details: ErrorDetails, root: type) -> str:
    """What could be written for the key at fault."""
    location = details["loc"]
    if location == ("capcalc",):
        return "capcalc: 1 is needed at the top"
    quantity = quantity_of(_hint(location, root))
    if not quantity:
        return ""
    usual = _USUAL.get(str(location[-1]), _first(quantity.kind))
    return f"write e.g. {location[-1]}: {usual}"


#: Keys whose values are not like those of their kind.
_USUAL = {"zipf": "0.9", "factor": "3"}


def _first(kind: str) -> str:
    return QUANTITIES[kind].examples.split(",")[0]


def _choice(details: ErrorDetails, _: type) -> tuple[str, str]:
    known = str(details["ctx"]["expected"]).replace(" or ", ", ").replace("'", "").split(", ")
    return _not_one_of(details["input"], known)


def _not_one_of(value: Any, known: list[str]) -> tuple[str, str]:
    near = nearest(value, known)
    message = f"{shown(value)} is not one of {', '.join(known)}"
    return message, f"did you mean {near!r}?" if near else ""


def _no_kind(details: ErrorDetails, root: type) -> tuple[str, str]:
    value = details["input"]
    if not isinstance(value, dict):
        return _no_mapping(details, root)
    if "kind" not in value:
        return "the tier has no kind", f"write kind: with one of {', '.join(KINDS)}"
    return _not_one_of(value["kind"], list(KINDS))


def _no_text(details: ErrorDetails, _: type) -> tuple[str, str]:
    hint = "write it in quotes" if isinstance(details["input"], bool | int | float) else ""
    return f"{shown(details['input'])} is not a text", hint


def _no_mapping(details: ErrorDetails, root: type) -> tuple[str, str]:
    cls = next(iter(shapes.options(_hint(details["loc"], root))), None)
    described = isinstance(cls, type) and is_dataclass(cls) and cls not in KINDS.values()
    keys = shapes.keys(cast("type", cls)) if described else ()
    hint = f"keys are {', '.join(keys)}" if keys else "write names and what they have"
    return f"{shown(details['input'])} is not a mapping", hint


def _form(details: ErrorDetails, _: type) -> tuple[str, str]:
    return f"{shown(details['input'])} has not the form needed", "write e.g. 2026-12"


def _too_small(details: ErrorDetails, _: type) -> tuple[str, str]:
    least = details["ctx"]["ge"]
    return f"{shown(details['input'])} is out of range: at least {least} is needed", ""


def _said(template: str, hint: str = "") -> Word:
    return lambda details, _: (template.format(shown(details["input"])), hint)


def _no_list(details: ErrorDetails, _: type) -> tuple[str, str]:
    given = details["input"]
    plain = given if isinstance(given, str | int | float) else "first, second"
    return f"{shown(given)} is not a list", f"write it in brackets: [{plain}]"


def _quantity(details: ErrorDetails, _: type) -> tuple[str, str]:
    return details["ctx"]["message"], details["ctx"]["hint"]


def _other(details: ErrorDetails, _: type) -> tuple[str, str]:
    return details["msg"], ""


_WORDS: Mapping[str, Word] = {
    "extra_forbidden": _unknown_key,
    "missing": _missing_key,
    "literal_error": _choice,
    "union_tag_invalid": _no_kind,
    "union_tag_not_found": _no_kind,
    "string_type": _no_text,
    "string_pattern_mismatch": _form,
    "bool_type": _said("{} is not true or false", "write true or false"),
    "int_type": _said("{} is not a whole number", "write e.g. 4"),
    "int_parsing_size": _said("{} is too large"),
    "greater_than_equal": _too_small,
    "list_type": _no_list,
    "dict_type": _no_mapping,
    "model_type": _no_mapping,
    "model_attributes_type": _no_mapping,
    "quantity": _quantity,
}
