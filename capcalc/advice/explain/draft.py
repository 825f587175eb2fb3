"""Numbers on the way to an explanation: each with its formula and the numbers it is made of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from capcalc.results.explanation import Provenance


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Draft:
    """One number; the same object wherever the same number is a part.

    ``expression`` is arithmetic over the names of the parts, ``words`` a formula that is none.
    """

    value: float | bool | str
    kind: str
    title: str
    path: str = ""
    expression: str = ""
    words: str = ""
    latex: str = ""
    model: str = ""
    parts: tuple[tuple[str, Draft], ...] = ()
    assumptions: tuple[str, ...] = ()
    source: str = ""
    provenance: Provenance | None = None


Parts: TypeAlias = Iterable[tuple[str, Draft]]


def plain(value: Any) -> float:
    """A number of the model as a float."""
    return float(np.asarray(value))


def symbol(*words: str) -> str:
    """A name in formulas, e.g. ``rate_browse``."""
    return re.sub(r"\W", "_", "_".join(word for word in words if word))


def distinct(parts: Parts) -> tuple[tuple[str, Draft], ...]:
    """The parts with every name once: further ones are numbered."""
    found: dict[str, Draft] = {}
    for name, draft in parts:
        unique, count = name, 1
        while unique in found:
            count += 1
            unique = f"{name}_{count}"
        found[unique] = draft
    return tuple(found.items())


def total(value: Any, kind: str, title: str, parts: Parts, **others: Any) -> Draft:
    """A sum of its parts."""
    named = distinct(parts)
    expression = " + ".join(name for name, _ in named) or "0"
    return Draft(
        value=plain(value), kind=kind, title=title, expression=expression, parts=named, **others
    )


def product(value: Any, kind: str, title: str, parts: Parts, **others: Any) -> Draft:
    """A product of its parts."""
    named = distinct(parts)
    expression = " * ".join(name for name, _ in named) or "1"
    return Draft(
        value=plain(value), kind=kind, title=title, expression=expression, parts=named, **others
    )


def constant(value: float, kind: str, title: str, says: str) -> Draft:
    """A number that no file can change."""
    return Draft(
        value=value, kind=kind, title=title, provenance=Provenance(kind="constant", says=says)
    )
