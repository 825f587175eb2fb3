"""The chain rule through a formula's definitions, and the same for one more of what is counted."""

from __future__ import annotations

from capcalc.symbolic.algebra import (
    Expr,
    Integer,
    Max,
    Min,
    Piecewise,
    Sum,
    Symbol,
    count_ops,
    diff,
)
from capcalc.symbolic.erlang_functions import FUNCTIONS, ErlangB, ErlangC
from capcalc.symbolic.formula import Definition, Formula, Root
from capcalc.symbolic.printers import inline
from capcalc.symbolic.tidy import tidy

#: The derivative of a definition gets a name of its own where it has more operations.
SHORT = 12


def slope(formula: Formula, by: Symbol) -> Expr:
    """The derivative of the answer, with those of its definitions written out."""
    slopes: dict[Symbol, Expr] = {by: Integer(1)}
    for each in formula.definitions:
        slopes[each.symbol] = _slope_of(each, slopes)
    return _total(smooth(formula.expression), slopes)


def slope_in_steps(formula: Formula, by: Symbol) -> tuple[Expr, tuple[Definition, ...]]:
    """The derivative of the answer, with names for those of its definitions."""
    slopes: dict[Symbol, Expr] = {by: Integer(1)}
    steps: list[Definition] = []
    for each in formula.definitions:
        found = tidy(_slope_of(each, slopes), formula.definitions)
        if count_ops(found) > SHORT:
            name, _, index = each.symbol.name.partition("_")
            symbol = Symbol(f"{name}prime_{index}" if index else f"{name}prime", real=True)
            meaning = f"derivative of {inline(each.symbol)} by {inline(by)}"
            steps.append(Definition(symbol=symbol, value=found, meaning=meaning))
            found = symbol
        slopes[each.symbol] = found
    return _total(smooth(formula.expression), slopes), tuple(steps)


def _slope_of(definition: Definition, slopes: dict[Symbol, Expr]) -> Expr:
    """That of a definition; a root's is that of its equation. Known values get back their name."""
    symbol, value = definition.symbol, definition.value
    if isinstance(definition, Root):
        equation = definition.left - value
        found = -_total(equation, slopes) / diff(equation, symbol)
        return found.xreplace({value: definition.left})
    found = _total(value, slopes)
    return found.subs(value, symbol) if value.has(Sum, *FUNCTIONS) else found


def _total(expression: Expr, slopes: dict[Symbol, Expr]) -> Expr:
    parts = (diff(expression, symbol) * inner for symbol, inner in slopes.items())
    return sum(parts, start=Integer(0))


def smooth(expression: Expr) -> Expr:
    """A quantile where it is above 0; bounds piece by piece."""
    expression = expression.replace(
        lambda each: isinstance(each, Max) and Integer(0) in each.args,
        lambda each: sum((part for part in each.args if part != 0), start=Integer(0)),
    )
    return expression.rewrite(Piecewise) if expression.has(Max, Min) else expression


def one_more(formula: Formula, counted: Symbol) -> tuple[Expr, Expr] | None:
    """The answers with one more of what is counted, and without; none where a root depends on it.

    Erlang's functions of one server more are written with those of the servers there are.
    """
    expression = formula.expression
    for each in reversed(formula.definitions):
        if each.symbol not in expression.free_symbols or counted not in _deep(each, formula):
            continue
        if isinstance(each, Root):
            return None
        expression = expression.subs(each.symbol, each.value)
    expression = smooth(expression)
    after = expression.subs(counted, counted + 1)
    for each in expression.atoms(ErlangB, ErlangC):
        if each.args[0] == counted and counted not in each.args[1].free_symbols:
            after = after.xreplace({each.func(counted + 1, each.args[1]): each.one_more()})
    return after.replace(Sum, lambda *args: _last_apart(Sum(*args), counted)), expression


def _deep(definition: Definition, formula: Formula) -> set[Symbol]:
    """All symbols that a definition depends on, through others too."""
    found = set(definition.uses)
    for each in reversed(formula.definitions):
        if each.symbol in found:
            found |= each.uses
    return found


def _last_apart(total: Sum, counted: Symbol) -> Expr:
    """A sum up to n + 1 as the sum up to n and one term."""
    (index, start, end), *more = total.limits
    if more or end != counted + 1 or counted in total.function.free_symbols:
        return total
    return Sum(total.function, (index, start, counted)) + total.function.subs(index, end)
