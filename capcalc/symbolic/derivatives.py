"""How an answer changes with a parameter: derivative, elasticity, or what one more makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from capcalc.errors import Problem, UsageError
from capcalc.symbolic.algebra import (
    ArgumentIndexError,
    Expr,
    Integer,
    Subs,
    Symbol,
    UnknownDerivative,
    powsimp,
)
from capcalc.symbolic.chain import one_more, slope, slope_in_steps, smooth
from capcalc.symbolic.formula import Definition, Formula, Parameter
from capcalc.symbolic.tidy import length, tidy

#: A derivative longer than this is given in steps.
READABLE = 60

Kind = Literal["derivative", "elasticity"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How the answer of a formula changes with one of its parameters."""

    formula: Formula
    parameter: Parameter
    kind: Kind
    expression: Expr
    #: Derivatives of definitions, where it is written with them.
    steps: tuple[Definition, ...]


def change(formula: Formula, parameter: Parameter, kind: Kind) -> Change:
    """How an answer changes with a parameter, as one closed form.

    The derivative of the answer, or its elasticity: the per cent by which it changes for each
    per cent of the parameter. By a parameter that is counted it is the difference that one more
    makes, or the relative difference.

    Raises
    ------
    UsageError
        When there is no closed form.
    """
    find = _of_a_count if parameter.whole else _of_a_measure
    try:
        expression, steps = find(formula, parameter.symbol, kind)
    except ArgumentIndexError:
        raise _no_closed_form(formula, parameter) from None
    written = (expression, *(each.value for each in steps))
    if any(each.has(UnknownDerivative, Subs) for each in written):
        raise _no_closed_form(formula, parameter)
    return Change(
        formula=formula, parameter=parameter, kind=kind, expression=expression, steps=steps
    )


def _of_a_count(
    formula: Formula, counted: Symbol, kind: Kind
) -> tuple[Expr, tuple[Definition, ...]]:
    answers = one_more(formula, counted)
    if answers is None:
        raise ArgumentIndexError(formula.expression, counted)
    after, before = answers
    found = after - before if kind == "derivative" else powsimp(after / before) - 1
    return tidy(found, formula.definitions), ()


def _of_a_measure(formula: Formula, by: Symbol, kind: Kind) -> tuple[Expr, tuple[Definition, ...]]:
    scale = Integer(1) if kind == "derivative" else by / smooth(formula.expression)
    found = tidy(scale * slope(formula, by), formula.definitions)
    if length(found) <= READABLE:
        return found, ()
    found, steps = slope_in_steps(formula, by)
    return tidy(scale * found, formula.definitions), steps


def _no_closed_form(formula: Formula, parameter: Parameter) -> UsageError:
    return UsageError(
        f"there is no closed form of how {formula.question} of {formula.name} changes with "
        f"{parameter.name}"
    )


def changes(
    formulas: Sequence[Formula], *, derivative: str | None, elasticity: str | None
) -> tuple[Change, ...]:
    """Those asked for, of all formulas that depend on the parameter.

    Raises
    ------
    UsageError
        When none of them depends on it, or none that does has a closed form of its change.
    """
    asked: tuple[tuple[Kind, str | None], ...] = (
        ("derivative", derivative),
        ("elasticity", elasticity),
    )
    return tuple(
        found for kind, name in asked if name is not None for found in _all(formulas, kind, name)
    )


def _all(formulas: Sequence[Formula], kind: Kind, name: str) -> list[Change]:
    found, refused = [], None
    for formula in formulas:
        parameter = formula.parameter(name)
        if parameter is None:
            continue
        try:
            found.append(change(formula, parameter, kind))
        except UsageError as error:
            refused = error
    if not found:
        raise refused or _unknown(formulas, name)
    return found


def _unknown(formulas: Sequence[Formula], given: str) -> UsageError:
    from difflib import get_close_matches

    there = list(dict.fromkeys(each.name for formula in formulas for each in formula.symbols))
    near = get_close_matches(given, there, 1)
    hint = f"did you mean '{near[0]}'?" if near else f"there are: {', '.join(there)}"
    name, asked = formulas[0].name, formulas[0].question
    if len(formulas) > 1:
        message = f"{name} has no parameter '{given}'"
    else:
        message = f"{asked} of {name} does not depend on '{given}'"
    return UsageError(Problem(message=message, hint=hint))
