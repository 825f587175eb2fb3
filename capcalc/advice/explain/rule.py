"""What a rule says of a fact: its formula, what it is made of, what it takes for granted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from capcalc.advice.explain.book import Book
from capcalc.advice.explain.draft import Draft, constant
from capcalc.units.kinds import MONTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The formula of a fact and its parts."""

    expression: str = ""
    words: str = ""
    latex: str = ""
    parts: list[tuple[str, Draft]]
    assumptions: tuple[str, ...] = ()
    source: str = ""


#: Tells how a fact of a tier came about; None where it does not apply.
Rule: TypeAlias = Callable[[Book, str], Told | None]


def inputs(book: Book, tier: str, *keys: str) -> list[tuple[str, Draft]]:
    """Inputs of a tier that are set, as parts by the ends of their paths."""
    paths = [(key.rpartition(".")[2], f"tiers.{tier}.{key}") for key in keys]
    return [(name, book.input(path)) for name, path in paths if book.has(path)]


def month() -> Draft:
    """Seconds of a month."""
    return constant(MONTH, "duration", "seconds of a month", "730 hours, as clouds bill")
