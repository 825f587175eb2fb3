"""The JSON Schema says what the validator says, as far as it can."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capcalc.errors import ScenarioError
from capcalc.model.components import KINDS
from capcalc.model.paths import key_of
from capcalc.scenarios import examples
from capcalc.scenarios.load import load
from capcalc.scenarios.nodes import read
from capcalc.scenarios.numbers import RefusedError
from capcalc.scenarios.numbers import read as read_number
from capcalc.scenarios.schema import json_schema
from capcalc.units.kinds import KINDS as QUANTITIES
from capcalc.units.types import PositiveWhole, Quantity, Seconds, Share

REFUSED = sorted((Path(__file__).parents[1] / "data" / "refused").glob("*.yaml"))


@cache
def validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json_schema())


def test_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("name", examples.names())
def test_examples_pass(name: str) -> None:
    validator().validate(read(examples.text(name), name).tree)


@pytest.mark.parametrize("file", REFUSED, ids=lambda file: file.stem)
def test_refused_files(file: Path) -> None:
    """The first line says where and how it is refused, and by whom."""
    text = file.read_text()
    head = re.match(r"# refused by (door and schema|door), line (\d+): (.+)\n", text)
    assert head is not None
    with pytest.raises(ScenarioError) as caught:
        load(file)
    fitting = [problem for problem in caught.value.problems if head[3] in str(problem)]
    assert [problem.line for problem in fitting] == [int(head[2])], str(caught.value)
    assert head[1] == "door" or not validator().is_valid(read(text, "x").tree)


def test_schema_follows_the_model() -> None:
    """Every key of every kind of tier is in the schema, and nothing else is."""
    definitions = json_schema()["$defs"]
    for cls in KINDS.values():
        shown = {key_of(field.name) for field in fields(cls) if not field.metadata.get("hidden")}
        assert set(definitions[cls.__name__]["properties"]) == shown
        assert definitions[cls.__name__]["additionalProperties"] is False


def _parts(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
    for below in (
        node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    ):
        yield from _parts(below)


def test_objects_are_closed_and_references_lead_somewhere() -> None:
    schema = json_schema()
    for part in _parts(schema):
        if "properties" in part and part.get("type") == "object":
            assert part["additionalProperties"] is not True
        if "$ref" in part:
            assert part["$ref"].removeprefix("#/$defs/") in schema["$defs"]
        assert "DESIGN" not in str(part.get("description", ""))


def test_quantities_say_their_unit() -> None:
    about = json_schema()["$defs"]["duration_from_0"]["description"]
    assert about.startswith("A duration: a number at least 0; a bare number is seconds. E.g. 8ms")


def _quantity(hint: Any) -> Quantity:
    (quantity,) = hint.__metadata__
    assert isinstance(quantity, Quantity)
    return quantity


@pytest.mark.parametrize(
    ("hint", "name", "kind"),
    [
        (Seconds, "duration_from_0", "duration"),
        (Share, "share_from_0_to_1", "share"),
        (PositiveWhole, "number_from_1_whole", "number"),
    ],
)
@given(data=st.data())
def test_what_the_door_reads_passes_the_schema(data: Any, hint: Any, name: str, kind: str) -> None:
    """Number and unit in every combination: no false alarm in an editor."""
    number = data.draw(st.decimals(0, 100, places=2, allow_nan=False).map(str) | st.integers(0, 99))
    text = f"{number}{data.draw(st.sampled_from(sorted(QUANTITIES[kind].units)))}"
    try:
        read_number(text, _quantity(hint))
    except RefusedError:
        return
    schema = json_schema_of(name)
    assert schema.is_valid(text)
    assert schema.is_valid([text, text])
    assert schema.is_valid({"value": text, "source": "x"})
    assert not schema.is_valid(f"-{text}")


@cache
def json_schema_of(name: str) -> jsonschema.Draft202012Validator:
    schema = json_schema()
    return jsonschema.Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": schema["$defs"]})
