"""Formulas of one model, which share their assumptions, their validity and their source."""

from __future__ import annotations

from dataclasses import dataclass

from capcalc.symbolic.algebra import Expr, Symbol
from capcalc.symbolic.catalogue import MODELS
from capcalc.symbolic.formula import Definition, Formula, Parameter, Relation
from capcalc.symbolic.notation import ANSWERS, COMMON

EXACT = "Exact under these assumptions."


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to a question, where the usual words or the model's own sentences do not fit."""

    expression: Expr
    symbol: Symbol = None
    meaning: str = ""
    unit: str = ""
    relation: Relation | None = None
    assumptions: tuple[str, ...] = ()
    validity: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """What the formulas of one model have in common."""

    model: str
    assumptions: tuple[str, ...]
    source: str
    validity: str = EXACT
    relation: Relation = "="
    definitions: tuple[Definition, ...] = ()
    #: Parameters of its own, or with another meaning than the usual one.
    parameters: tuple[Parameter, ...] = ()

    def formulas(self, **answers: Expr | Answer) -> tuple[Formula, ...]:
        """One formula for each question."""
        return tuple(
            self._formula(question, each if isinstance(each, Answer) else Answer(expression=each))
            for question, each in answers.items()
        )

    def _formula(self, question: str, answer: Answer) -> Formula:
        symbol, meaning, unit = ANSWERS.get(question, (answer.symbol, answer.meaning, answer.unit))
        definitions = self._needed(answer.expression)
        return Formula(
            name=self.model,
            title=MODELS[self.model].title,
            question=question,
            answer=symbol if answer.symbol is None else answer.symbol,
            meaning=answer.meaning or meaning,
            unit=answer.unit or unit,
            expression=answer.expression,
            relation=answer.relation or self.relation,
            definitions=definitions,
            symbols=self._occurring(answer.expression, definitions),
            assumptions=self.assumptions + answer.assumptions,
            validity=answer.validity or self.validity,
            source=answer.source or self.source,
        )

    def _needed(self, expression: Expr) -> tuple[Definition, ...]:
        """The definitions that an expression uses, those before the ones that use them."""
        wanted, found = set(expression.free_symbols), []
        for each in reversed(self.definitions):
            if each.symbol in wanted:
                found.append(each)
                wanted |= each.uses
        return tuple(reversed(found))

    def _occurring(
        self, expression: Expr, definitions: tuple[Definition, ...]
    ) -> tuple[Parameter, ...]:
        """The parameters that occur, in the order in which people name them."""
        free = expression.free_symbols.union(*(each.uses for each in definitions))
        free -= {each.symbol for each in definitions}
        known = COMMON | {each.symbol: each for each in self.parameters}
        unknown = free - known.keys()
        if unknown:
            raise LookupError(f"{self.model}: {unknown} mean nothing")
        return tuple(each for symbol, each in known.items() if symbol in free)
