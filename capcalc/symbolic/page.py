"""What is shown of some formulas of a model: each equation, and once what they share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from capcalc.symbolic.algebra import Expr, oo
from capcalc.symbolic.derivatives import Change
from capcalc.symbolic.erlang_functions import FUNCTIONS, ErlangB, ErlangC
from capcalc.symbolic.formula import Definition, Formula, Parameter, Relation, Root
from capcalc.symbolic.printers import inline, latex

T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Equation:
    """One equation with a heading, and what holds for it alone."""

    heading: str
    #: Its left side as text and as LaTeX.
    left: tuple[str, str]
    relation: Relation
    right: Expr
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """All of it."""

    title: str
    equations: tuple[Equation, ...]
    definitions: tuple[Definition, ...]
    functions: tuple[Any, ...]
    symbols: tuple[Parameter, ...]
    assumptions: tuple[str, ...]
    validity: str
    source: str


def page(formulas: Sequence[Formula], changes: Sequence[Change] = ()) -> Page:
    """Formulas of one model, and how they change where that is asked for."""
    shared = _unique(line for each in formulas for line in each.assumptions)
    shared = tuple(line for line in shared if all(line in each.assumptions for each in formulas))
    validity = _most_common(each.validity for each in formulas)
    origin = _most_common(each.source for each in formulas)
    equations: list[Equation] = []
    for each in formulas:
        notes = [line for line in each.assumptions if line not in shared]
        notes += [each.validity] if each.validity != validity else []
        notes += [f"Source: {each.source}."] if each.source != origin else []
        equations.append(_answer(each, tuple(notes)))
        equations += [_change(change) for change in changes if change.formula is each]
    definitions = _unique(each for formula in formulas for each in formula.definitions)
    answered = {(each.answer, each.expression) for each in formulas}
    definitions = tuple(
        each
        for each in definitions
        if (each.symbol, each.value) not in answered and (each.symbol, each.symbol) not in answered
    )
    definitions += _unique(each for change in changes for each in change.steps)
    shown = [each.right for each in equations] + [each.value for each in definitions]
    return Page(
        title=formulas[0].title,
        equations=tuple(equations),
        definitions=definitions,
        functions=_functions(shown),
        symbols=_unique(each for formula in formulas for each in formula.symbols),
        assumptions=shared,
        validity=validity,
        source=origin,
    )


def _unique(items: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(items))


def _most_common(items: Iterable[str]) -> str:
    return Counter(items).most_common(1)[0][0]


def _functions(shown: Iterable[Expr]) -> tuple[Any, ...]:
    """Erlang's functions as far as they occur; C is written with B."""
    atoms = set().union(*(each.atoms(*FUNCTIONS) for each in shown))
    found = {type(each) for each in atoms}
    found |= {ErlangB} if ErlangC in found else set()
    return tuple(each for each in FUNCTIONS if each in found)


def _unit(unit: str) -> str:
    return f" [{unit}]" if unit else ""


def _answer(formula: Formula, notes: tuple[str, ...]) -> Equation:
    """The answer, or the equation of which it is the root."""
    heading = f"{formula.question}: {formula.meaning}{_unit(formula.unit)}"
    left, right = formula.answer, formula.expression
    for each in formula.definitions:
        if isinstance(each, Root) and each.symbol == formula.answer == formula.expression:
            heading += f"; {inline(each.symbol)} is {root_of(each)}"
            left, right = each.left, each.value
    return Equation(
        heading=heading,
        left=(inline(left), latex(left)),
        relation=formula.relation,
        right=right,
        notes=notes,
    )


def root_of(root: Root, show: Callable[[Expr], str] = inline) -> str:
    """Where a root lies, in words."""
    low, high = root.between
    place = f"above {show(low)}" if high == oo else f"between {show(low)} and {show(high)}"
    return f"the root {place} of"


def _change(change: Change) -> Equation:
    """Its derivative, its elasticity, or the difference that one more makes."""
    formula, parameter = change.formula, change.parameter
    answers = [show(formula.answer) for show in (inline, latex)]
    symbols = [show(parameter.symbol) for show in (inline, latex)]
    words = _WHOLE[change.kind] if parameter.whole else _SMOOTH[change.kind]
    heading, text, typeset = words
    unit = _unit_of_change(change)
    bound = formula.relation in "≤≥"
    note = "This is how the bound changes."
    return Equation(
        heading=heading.format(question=formula.question, name=parameter.name) + _unit(unit),
        left=(
            text.format(y=answers[0], x=symbols[0]),
            typeset.format(y=answers[1], x=symbols[1]),
        ),
        relation="=" if bound else formula.relation,
        right=change.expression,
        notes=(note,) if bound else (),
    )


#: Heading, left side as text and as LaTeX.
_SMOOTH = {
    "derivative": (
        "derivative of {question} by {name}",
        "d{y}/d{x}",
        r"\frac{{\mathrm{{d}} {y}}}{{\mathrm{{d}} {x}}}",
    ),
    "elasticity": (
        "elasticity of {question} by {name}: per cent for each per cent",
        "d ln {y}/d ln {x}",
        r"\frac{{\mathrm{{d}} \ln {y}}}{{\mathrm{{d}} \ln {x}}}",
    ),
}
_WHOLE = {
    "derivative": (
        "change of {question} with one more of {name}",
        "{y}({x} + 1) − {y}({x})",
        "{y}({x} + 1) - {y}({x})",
    ),
    "elasticity": (
        "relative change of {question} with one more of {name}",
        "{y}({x} + 1)/{y}({x}) − 1",
        r"\frac{{{y}({x} + 1)}}{{{y}({x})}} - 1",
    ),
}


def _unit_of_change(change: Change) -> str:
    if change.kind == "elasticity":
        return ""
    unit, by = change.formula.unit, "" if change.parameter.whole else change.parameter.unit
    return f"{unit} per {by}".strip() if by else unit
