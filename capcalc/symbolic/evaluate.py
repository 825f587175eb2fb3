"""The value of a formula at a point, to as many digits as asked for."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any

import mpmath

from capcalc.errors import UsageError
from capcalc.symbolic.algebra import Expr, Float, Integer, Rational, Sum, lambdify, oo
from capcalc.symbolic.erlang_functions import FUNCTIONS
from capcalc.symbolic.formula import Definition, Formula, Root


def evaluate(formula: Formula, values: Mapping[str, Any], digits: int = 50) -> Expr:
    """The value with parameters by their full names.

    Raises
    ------
    UsageError
        When a parameter of the formula has no value.
    """
    missing = [each.name for each in formula.symbols if each.name not in values]
    if missing:
        raise UsageError(f"{', '.join(missing)}: no value is given")
    known = {each.symbol: number(values[each.name], digits) for each in formula.symbols}
    return value_of(formula.expression, formula.definitions, known, digits)


def number(value: Any, digits: int) -> Expr:
    """A whole number as it is, any other to more digits than asked for.

    Exact fractions would do as well, were it not that sympy takes roots of them by factoring.
    """
    exact = Rational(value)
    return exact if exact.is_Integer else Float(exact, digits + 20)


def value_of(
    expression: Expr, definitions: tuple[Definition, ...], known: dict[Any, Any], digits: int
) -> Expr:
    """An expression's value, its definitions worked out one after the other."""
    for each in definitions:
        known = known | {each.symbol: _defined(each, known, digits)}
    return _number(expression, known, digits)


def _number(expression: Expr, known: Mapping[Any, Any], digits: int) -> Expr:
    """Erlang's functions first; then sums without end, which sympy would extrapolate."""
    calls = expression.atoms(*FUNCTIONS)
    expression = expression.xreplace({each: each.subs(known).evalf(digits + 10) for each in calls})
    expression = expression.subs(known)
    endless = {
        each: _added(each, digits) for each in expression.atoms(Sum) if each.limits[0][2] == oo
    }
    found = expression.xreplace(endless).doit()
    return found if found.is_Rational else found.evalf(digits)


def _added(total: Sum, digits: int) -> Expr:
    """Terms that fall ever faster, until they no longer count."""
    index, start, _ = total.limits[0]
    found = Integer(0)
    for number in count(int(start)):
        term = total.function.subs(index, number).evalf(digits + 10)
        found += term
        if number > start + 2 and abs(term) <= abs(found) * Rational(10) ** -(digits + 5):
            return found
    raise AssertionError


def _defined(definition: Definition, known: Mapping[Any, Any], digits: int) -> Expr:
    if isinstance(definition, Root):
        return _root(definition, known, digits + 5)
    return _number(definition.value, known, digits + 5)


def _root(definition: Root, known: Mapping[Any, Any], digits: int) -> Expr:
    """Inside a bracket, which is widened as long as need be where it has no upper end."""
    with mpmath.workdps(digits + 5):
        equation = (definition.left - definition.value).subs(known).doit().evalf(digits + 5)
        miss = lambdify(definition.symbol, equation, "mpmath")
        low, top = (each.subs(known) for each in definition.between)
        low = mpmath.mpf(low.evalf(digits + 5))
        if top == oo:
            high = 2 * low + 1
            while miss(high) * miss(low + mpmath.eps) > 0:
                high *= 2
        else:
            high = mpmath.mpf(top.evalf(digits + 5))
        if miss(high) == 0:
            return Float(high, digits)
        return Float(
            mpmath.findroot(miss, (low, high), solver="illinois", maxsteps=500, verify=False),
            digits,
        )
