"""Numbers at the door: bare, with a unit, as a range, or with their source."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, isfinite
from typing import Any

from capcalc.scenarios.words import as_written, did_you_mean, shown
from capcalc.units.kinds import KINDS
from capcalc.units.parse import UnitError, parse
from capcalc.units.types import Quantity

#: Longer texts are no quantity; the limit keeps pattern matching fast on hostile input.
LONGEST = 64
#: The keys of a number that says where it comes from.
SOURCED = ("value", "source")


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number in SI units; a range stands for its middle."""

    value: float
    range: tuple[float, float] | None = None
    source: str | None = None


class RefusedError(Exception):
    """A value that is no such number; ``below`` leads to the part of it that is wrong."""

    def __init__(self, message: str, hint: str = "", below: tuple[str | int, ...] = ()) -> None:
        """Keep message, hint and place apart."""
        super().__init__(message)
        self.message, self.hint, self.below = message, hint, below


def read(value: Any, quantity: Quantity) -> Number:
    """Read what a file says for a number.

    Parameters
    ----------
    value : number, str, list or dict
        ``0.008``, ``"8ms"``, ``["8ms", "9ms"]`` or ``{"value": "8ms", "source": "measured"}``.
    quantity : Quantity
        The kind and the domain of the number.

    Returns
    -------
    Number
        In SI units.

    Raises
    ------
    RefusedError
        With what is wrong and what would be right.
    """
    if isinstance(value, dict):
        return _sourced(value, quantity)
    if isinstance(value, list):
        return _range(value, quantity)
    return Number(value=_single(value, quantity))


def _sourced(value: dict[str, Any], quantity: Quantity) -> Number:
    unknown = next((key for key in value if key not in SOURCED), None)
    if "value" not in value:
        raise _no_number(value, quantity)
    if unknown is not None:
        raise RefusedError("unknown key", did_you_mean(unknown, SOURCED), (unknown,))
    if isinstance(value["value"], dict):
        raise RefusedError("a mapping is not a number", _example(quantity), ("value",))
    source = value.get("source", "")
    if not isinstance(source, str):
        raise RefusedError(f"{shown(source)} is not a text", "write it in quotes", ("source",))
    number = _below("value", value["value"], quantity)
    return Number(value=number.value, range=number.range, source=source or None)


def _below(key: str, value: Any, quantity: Quantity) -> Number:
    try:
        return read(value, quantity)
    except RefusedError as error:
        raise RefusedError(error.message, error.hint, (key, *error.below)) from None


def _range(value: list[Any], quantity: Quantity) -> Number:
    if len(value) != 2:
        message = f"a list of {len(value)} is not a {KINDS[quantity.kind].noun}"
        raise RefusedError(message, "a range is [low, high]")
    low, high = (_end(place, end, quantity) for place, end in enumerate(value))
    if low > high:
        ends = f"[{as_written(value[0])}, {as_written(value[1])}]"
        turned = f"[{as_written(value[1])}, {as_written(value[0])}]"
        raise RefusedError(
            f"{ends} is not a range: the low end is above the high", f"write {turned}"
        )
    middle = low + (high - low) / 2
    return Number(value=float(floor(middle)) if quantity.whole else middle, range=(low, high))


def _end(place: int, value: Any, quantity: Quantity) -> float:
    try:
        return _single(value, quantity)
    except RefusedError as error:
        raise RefusedError(error.message, error.hint, (place,)) from None


def _single(value: Any, quantity: Quantity) -> float:
    number = _converted(value, quantity)
    if not isfinite(number):
        raise RefusedError(f"{as_written(value)} is not a finite number", _example(quantity))
    if not quantity.holds(number):
        raise _out_of_range(value, number, quantity)
    return number


def _converted(value: Any, quantity: Quantity) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _no_number(value, quantity)
    if isinstance(value, str):
        return _parsed(value, quantity)
    try:
        return float(value)
    except OverflowError:
        return float("inf")


def _parsed(text: str, quantity: Quantity) -> float:
    if len(text) > LONGEST:
        raise _no_number(text, quantity)
    try:
        return parse(text, quantity.kind)
    except UnitError as error:
        raise RefusedError(str(error), error.hint) from None


def _no_number(value: Any, quantity: Quantity) -> RefusedError:
    return RefusedError(f"{shown(value)} is not a {KINDS[quantity.kind].noun}", _example(quantity))


def _example(quantity: Quantity) -> str:
    return f"write e.g. {KINDS[quantity.kind].examples}"


def _out_of_range(value: Any, number: float, quantity: Quantity) -> RefusedError:
    message = f"{as_written(value)} is out of range: {quantity.range()} is needed"
    is_per_cent = quantity.kind == "share" and isinstance(value, int | float)
    hint = f"did you mean {value:g}%?" if is_per_cent and 1 < number <= 100 else ""
    return RefusedError(message, hint)
