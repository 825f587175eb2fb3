"""What a formula is: an expression with the meaning of its symbols, its limits and its source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from capcalc.symbolic.algebra import Expr, Symbol, pretty_symbol

#: How an answer relates to its expression.
Relation = Literal["=", "≈", "≤", "≥"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A symbol that the user gives a value to."""

    name: str
    symbol: Symbol
    meaning: str
    unit: str = ""

    @property
    def whole(self) -> bool:
        """Whether it counts something."""
        return bool(self.symbol.is_integer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A symbol that stands for an expression."""

    symbol: Symbol
    value: Expr
    meaning: str

    @property
    def uses(self) -> frozenset[Symbol]:
        """The symbols of which it is made."""
        return frozenset(self.value.free_symbols)


@dataclass(frozen=True, slots=True, kw_only=True)
class Root(Definition):
    """A symbol that stands for the root of an equation: ``left`` equals ``value``."""

    left: Expr
    #: The root lies between these two; the upper one may be infinite.
    between: tuple[Expr, Expr]

    @property
    def uses(self) -> frozenset[Symbol]:
        """The symbols of its equation, but itself."""
        return frozenset(self.value.free_symbols | self.left.free_symbols) - {self.symbol}


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """One question about one model, answered by one expression."""

    name: str
    title: str
    question: str
    answer: Symbol
    meaning: str
    unit: str
    expression: Expr
    relation: Relation
    definitions: tuple[Definition, ...]
    symbols: tuple[Parameter, ...]
    assumptions: tuple[str, ...]
    validity: str
    source: str

    def parameter(self, name: str) -> Parameter | None:
        """The parameter of this full name or symbol, if the formula depends on it."""
        plain = name.strip().replace("-", "_")
        for each in self.symbols:
            if plain in (each.name, each.symbol.name, pretty_symbol(each.symbol.name)):
                return each
        return None
