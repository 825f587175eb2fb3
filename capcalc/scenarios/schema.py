"""The JSON Schema of scenario files, made from the same models that check them."""

from __future__ import annotations

import re
from functools import partial
from inspect import cleandoc
from math import inf
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from capcalc.model.network import Network
from capcalc.model.system import System
from capcalc.scenarios.checks.names import NAME
from capcalc.scenarios.door import model_of
from capcalc.scenarios.numbers import LONGEST
from capcalc.units.kinds import KINDS, NUMBER
from capcalc.units.types import Quantity

#: The version of JSON Schema that is written.
DIALECT = "https://json-schema.org/draft/2020-12/schema"

#: The end of a text, which JSON Schema writes as a dollar sign.
_END = r"\Z"
#: References to the design, which say nothing to a writer of files.
_RULING = re.compile(r" \(DESIGN ruling \d+\)")

#: A per cent figure from 0 to 100.
_PER_CENT = r"(?:100(?:\.0*)?|\d?\d(?:\.\d*)?|\.\d+)(?:[eE]-\d+)?"
_FRACTION = r"(?:0?\.\d+|0|1|[01]\.0*|0\.\d*|\d(?:\.\d*)?[eE]-\d+)"


#: The dataclass, the title, the description and the named parts of each sort of file.
_SORTS = {
    "system": (System, "capcalc scenario", "A web system and its demand.", ("tiers",)),
    "network": (
        Network,
        "capcalc network",
        "A network of stations and its customers.",
        ("classes", "stations"),
    ),
}


def json_schema(sort: str = "system") -> dict[str, Any]:
    """The JSON Schema of a scenario file, for editors and other checkers.

    Parameters
    ----------
    sort : str
        ``system`` for tiers, ``network`` for stations and routing.

    Returns
    -------
    dict
        Draft 2020-12. What the schema cannot say (names that must exist, loops that must
        end, duplicate keys) is checked when the file is loaded.

    Examples
    --------
    >>> json_schema()["title"]
    'capcalc scenario'
    """
    root, title, description, named = _SORTS[sort]
    schema = model_of(root).model_json_schema(by_alias=True, schema_generator=_Generator)
    quantities: dict[str, Any] = {}
    definitions = schema.pop("$defs", {})
    tidy = partial(_tidied, quantities=quantities)
    parts = {name: tidy(part) for name, part in definitions.items()}
    body = tidy(schema)
    about = {"title": title, "description": description}
    return (
        {"$schema": DIALECT}
        | _named(body, named)
        | about
        | {"$defs": {**parts, **dict(sorted(quantities.items()))}}
    )


class _Generator(GenerateJsonSchema):
    """Unions without the discriminator, which is no part of JSON Schema."""

    def tagged_union_schema(self, schema: Any) -> Any:
        choices = (self.generate_inner(choice) for choice in schema["choices"].values())
        return {"anyOf": list(choices)}


def _tidied(part: Any, quantities: dict[str, Any]) -> Any:
    """Placeholders to references, no titles, plain descriptions."""
    if isinstance(part, list):
        return [_tidied(item, quantities) for item in part]
    if not isinstance(part, dict):
        return part
    if isinstance(part.get("quantity"), Quantity):
        return _reference(part["quantity"], quantities)
    kept = {
        key: _tidied(value, quantities)
        for key, value in part.items()
        if key not in ("title", "default") or isinstance(value, dict)
    }
    return _described(kept)


def _described(part: dict[str, Any]) -> dict[str, Any]:
    text = part.get("description")
    if not isinstance(text, str):
        return part
    return part | {"description": _RULING.sub("", cleandoc(text))}


def _named(body: dict[str, Any], parts: tuple[str, ...]) -> dict[str, Any]:
    """The names of tiers, classes and stations as the checks want them."""
    names = {"pattern": f"^{NAME.pattern.removesuffix(_END)}$"}
    for part in parts:
        body["properties"][part] |= {"propertyNames": names, "minProperties": 1}
    return body


def _reference(quantity: Quantity, quantities: dict[str, Any]) -> dict[str, str]:
    name = _name(quantity)
    quantities.setdefault(name, _definition(quantity, f"{name}_value"))
    quantities.setdefault(f"{name}_value", {"anyOf": [_bare(quantity), _written(quantity)]})
    return {"$ref": f"#/$defs/{name}"}


def _name(quantity: Quantity) -> str:
    """A name that says the kind and the domain."""
    above = "above" if quantity.above else "from"
    low = "" if quantity.low == -inf else f"_{above}_{quantity.low:g}"
    high = "" if quantity.high == inf else f"_to_{quantity.high:g}"
    return f"{quantity.kind}{low}{high}{'_whole' * quantity.whole}".replace("-", "minus_")


def _definition(quantity: Quantity, value: str) -> dict[str, Any]:
    kind = KINDS[quantity.kind]
    single = {"$ref": f"#/$defs/{value}"}
    pair = {"type": "array", "items": single, "minItems": 2, "maxItems": 2}
    sourced = {
        "type": "object",
        "properties": {"value": {"anyOf": [single, pair]}, "source": {"type": "string"}},
        "required": ["value"],
        "additionalProperties": False,
    }
    about = f"A {kind.noun}: {quantity.range()}; a bare number is {kind.bare}."
    return {
        "description": f"{about} E.g. {kind.examples}; [low, high] is a range.",
        "anyOf": [single, pair, sourced],
    }


def _bare(quantity: Quantity) -> dict[str, Any]:
    limits: dict[str, Any] = {"type": "integer" if quantity.whole else "number"}
    if quantity.low != -inf:
        limits["exclusiveMinimum" if quantity.above else "minimum"] = quantity.low
    if quantity.high != inf:
        limits["maximum"] = quantity.high
    return limits


def _written(quantity: Quantity) -> dict[str, Any]:
    pattern = KINDS[quantity.kind].pattern()
    if quantity.kind == "share" and quantity.high <= 1:
        pattern = rf"^\s*\+?(?:{_PER_CENT}\s*%|{_FRACTION})\s*$"
    elif quantity.low >= 0:
        pattern = pattern.replace(NUMBER, NUMBER.replace("[+-]?", r"\+?", 1), 1)
    return {"type": "string", "pattern": pattern, "maxLength": LONGEST}
