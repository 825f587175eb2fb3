"""The validator: pydantic models made from the dataclasses, so that nothing is said twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, is_dataclass
from dataclasses import Field as DataField
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    PlainValidator,
    StrictBool,
    StrictStr,
    Tag,
    WithJsonSchema,
    create_model,
)
from pydantic_core import PydanticCustomError

from capcalc.model.components import KINDS
from capcalc.model.paths import quantity_of
from capcalc.model.system import System
from capcalc.scenarios import numbers, shapes
from capcalc.scenarios.shapes import TAG
from capcalc.units.types import Quantity

#: The version of the file format that is read.
VERSION = 1

_CONFIG = ConfigDict(extra="forbid", protected_namespaces=(), defer_build=True)


@cache
def model_of(cls: type) -> type[BaseModel]:
    """The pydantic model of one dataclass of the model; its source is ``model.__source__``."""
    definitions: dict[str, Any] = {
        field.name: (_of_field(field, hint), _info(field, key))
        for key, field, hint in shapes.accepted(cls)
    }
    model = create_model(cls.__name__, __base__=_base(cls), __doc__=cls.__doc__, **definitions)
    setattr(model, "__source__", cls)  # noqa: B010
    return model


def _base(cls: type) -> type[BaseModel]:
    beside = shapes.flattened(cls)
    if beside is None:
        return type("Keys", (BaseModel,), {"model_config": _CONFIG})
    extra: Any = _names_to(_type_of(get_args(beside)[1]))
    space = {
        "model_config": ConfigDict(**{**_CONFIG, "extra": "allow"}),
        "__annotations__": {"__pydantic_extra__": extra},
        "__module__": __name__,
    }
    return type("KeysAndNames", (BaseModel,), space)


def _of_field(field: DataField[Any], hint: Any) -> Any:
    if field.name == "capcalc":
        return Literal[VERSION]
    if "pattern" in field.metadata:
        return Annotated[str, Field(strict=True, pattern=field.metadata["pattern"])]
    if "minimum" in field.metadata:
        return Annotated[int, Field(strict=True, ge=field.metadata["minimum"])]
    return _type_of(hint)


def _info(field: DataField[Any], key: str) -> Any:
    required = field.default is MISSING and field.default_factory is MISSING
    required = required or field.name in ("kind", "capcalc")
    alias = key if key != field.name else None
    return Field(alias=alias) if required else Field(default=None, alias=alias)


def _type_of(hint: Any) -> Any:
    """What pydantic is to accept for a hint of the model."""
    if shapes.is_tier(hint):
        return _by(_kind, {kind: _single(cls) for kind, cls in KINDS.items()})
    members = shapes.options(hint)
    if len(members) == 1:
        return _single(members[0])
    by_shape = {shapes.shape(member): _single(member) for member in members}
    return _by(_shape_chooser(members), by_shape)


def _single(hint: Any) -> Any:
    quantity = quantity_of(hint)
    if quantity is not None:
        return _number(quantity)
    if is_dataclass(hint) and isinstance(hint, type):
        return model_of(hint)
    if shapes.is_mapping(hint):
        return _names_to(_type_of(get_args(hint)[1]))
    if get_origin(hint) is tuple:
        return list.__class_getitem__(_type_of(get_args(hint)[0]))
    strict: dict[Any, Any] = {str: StrictStr, bool: StrictBool, int: Annotated[int, _STRICT]}
    return strict.get(hint, hint)


_STRICT = Field(strict=True)


def _names_to(value: Any) -> Any:
    return dict.__class_getitem__((str, value))


def _number(quantity: Quantity) -> Any:
    """A number of this kind; ``schema`` exchanges the placeholder for a definition."""

    def validate(value: Any) -> numbers.Number:
        try:
            return numbers.read(value, quantity)
        except numbers.RefusedError as error:
            context = {"message": error.message, "hint": error.hint, "below": error.below}
            raise PydanticCustomError("quantity", "{message}", context) from None

    return Annotated[Any, PlainValidator(validate), WithJsonSchema({"quantity": quantity})]


def _by(choose: Callable[[Any], str | None], models: dict[str, Any]) -> Any:
    """A union whose member is chosen by looking at the value."""
    members = [Annotated[model, Tag(f"{TAG}{name}")] for name, model in models.items()]
    return Annotated[Union[tuple(members)], Discriminator(choose)]  # noqa: UP007


def _kind(value: Any) -> str | None:
    kind = value.get("kind") if isinstance(value, dict) else None
    return f"{TAG}{kind}" if isinstance(kind, str) and kind in KINDS else None


def _shape_chooser(members: tuple[Any, ...]) -> Callable[[Any], str]:
    """Number or text, object or mapping of names, told apart by the keys of what is given."""
    found = {shapes.shape(member): member for member in members}
    single = "number" if "number" in found else "scalar"
    object_keys = shapes.keys(found["object"]) if "object" in found else ()

    def choose(value: Any) -> str:
        if not isinstance(value, dict) or "value" in value:
            return f"{TAG}{single}"
        is_object = "mapping" not in found or any(key in object_keys for key in value)
        return f"{TAG}{'object' if is_object and object_keys else 'mapping'}"

    return choose


def validated(tree: Any, root: type = System) -> BaseModel:
    """The tree as a pydantic model, or pydantic's ValidationError with all that is wrong.

    ``root`` is the dataclass that the whole file describes.
    """
    return model_of(root).model_validate(tree)
