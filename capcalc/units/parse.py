"""Text to number: ``parse("8ms", "duration") == 0.008``."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import cache

from capcalc.units.kinds import KINDS, NUMBER, Kind

_SPLIT = re.compile(rf"^\s*({NUMBER})\s*(.*?)\s*$")


class UnitError(ValueError):
    """A text that is no quantity of the kind asked for; ``hint`` says what would be one."""

    def __init__(self, message: str, hint: str) -> None:
        """Keep the hint apart from the message."""
        super().__init__(message)
        self.hint = hint


@cache
def _pattern(kind: str) -> re.Pattern[str]:
    return re.compile(KINDS[kind].pattern())


def parse(text: str, kind: str) -> float:
    """Read a quantity as a person writes it.

    Parameters
    ----------
    text : str
        Number and unit, with or without a space: ``8ms``, ``9k/s``, ``94%``.
    kind : str
        A key of :data:`capcalc.units.kinds.KINDS`.

    Returns
    -------
    float
        In SI units: seconds, bytes, per second; US dollars; growth as a fraction per month.

    Raises
    ------
    UnitError
        When the text is no number or its unit is not one of the kind's.

    Examples
    --------
    >>> parse("34kB", "size"), parse("9k/s", "rate"), parse("6 months", "duration")
    (34000.0, 9000.0, 15768000.0)
    """
    found = _SPLIT.match(text)
    if found is None:
        raise _unreadable(text, KINDS[kind])
    number, unit = float(found[1].replace("_", "")), " ".join(found[2].split())
    if unit and (not _pattern(kind).match(text) or unit not in _units(kind)):
        raise _unknown_unit(text, unit, KINDS[kind])
    return _convert(number, unit, KINDS[kind])


@cache
def _units(kind: str) -> dict[str, float]:
    return {" ".join(unit.split()): size for unit, size in KINDS[kind].units.items()}


def _convert(number: float, unit: str, kind: Kind) -> float:
    if not unit:
        return number
    size = {" ".join(name.split()): size for name, size in kind.units.items()}[unit]
    if kind.compounds and size != 1:
        return float((1 + number / 100) ** size - 1) if number > -100 else -1.0
    scaled = number / 100 if kind.compounds else number * size
    if size < 1 and (1 / size).is_integer():  # 8 / 1000 is the double nearest to 8 ms
        scaled = number / (1 / size)
    return float(scaled)


def _unreadable(text: str, kind: Kind) -> UnitError:
    return UnitError(f"{text!r} is not a {kind.noun}", f"write e.g. {kind.examples}")


def _unknown_unit(text: str, unit: str, kind: Kind) -> UnitError:
    hint = f"write e.g. {kind.examples}"
    if unit in ("KB", "kb", "Kb", "mb", "gb"):
        hint = "write kB, MB, GB (powers of 1000) or KiB, MiB, GiB (powers of 1024)"
    elif near := get_close_matches(unit, [name for name in kind.units if name], 1, 0.75):
        hint = f"did you mean {near[0]!r}? ({kind.examples})"
    return UnitError(f"{text!r} is not a {kind.noun}: unknown unit {unit!r}", hint)
