"""How the door speaks: values as a person wrote them, and the nearest word that would be right."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice
from typing import Any

_LONGEST = 60
#: So many words are compared; more would cost time and help nobody.
_MOST = 300


def shown(value: Any) -> str:
    """A value for a message: texts in quotes, long ones cut, YAML's words for the rest."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return _cut(f"[{', '.join(shown(item) for item in value[:3])}{', …' * (len(value) > 3)}]")
    if isinstance(value, int) and abs(value) > 10**_LONGEST:
        return "a number beyond all bounds"
    return _cut(repr(value))


def as_written(value: Any) -> str:
    """A number as it stands in the file, without quotes."""
    return _cut(value) if isinstance(value, str) else shown(value)


def _cut(text: str) -> str:
    text = text if text.isprintable() else repr(text)[1:-1]
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def dotted(path: Iterable[str | int]) -> str:
    """A path as it is written: ``tiers.web.hosts``."""
    return ".".join(_cut(str(part)) for part in path)


def nearest(word: Any, known: Iterable[str]) -> str | None:
    """The known word that this one was perhaps meant to be."""
    if not isinstance(word, str) or len(word) > _LONGEST:
        return None
    by_lower = {name.lower().replace("-", "_"): name for name in islice(known, _MOST)}
    asked = word.lower().replace("-", "_")
    if asked in by_lower:
        return by_lower[asked]
    turned = [name for name in by_lower if sorted(name) == sorted(asked)]
    found = turned or get_close_matches(asked, by_lower, 1, 0.6)
    return by_lower[found[0]] if found else None


def did_you_mean(word: Any, known: Iterable[str], noun: str = "known are") -> str:
    """A hint: the nearest word, else all of them if they are few."""
    known = list(known)
    near = nearest(word, known)
    if near is not None:
        return f"did you mean {near!r}?"
    return f"{noun} {', '.join(known[:12])}{', …' * (len(known) > 12)}" if known else ""
