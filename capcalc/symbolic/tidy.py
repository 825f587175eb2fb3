"""Of several ways to write an expression, the shortest; functions and sums stay as they are."""

from __future__ import annotations

from collections.abc import Iterator

from capcalc.symbolic.algebra import (
    Add,
    Expr,
    Function,
    Integer,
    Mul,
    Pow,
    Sum,
    Symbol,
    count_ops,
    default_sort_key,
    expand,
    factor,
    factor_terms,
    powsimp,
    together,
)
from capcalc.symbolic.erlang_functions import ErlangB, ErlangC
from capcalc.symbolic.formula import Definition, Root

#: Expressions of more operations are not factored.
LONG = 50
#: Definitions of no more operations, such as λ/μ, may be written out.
SIMPLE = 2
#: What is taken away where two are compared: loads, from what can be carried; shares, from 1.
_LESS = {"lambda", "lambda_h", "lambda_1", "lambda_2", "a", "rho", "rho_1", "rho_2", "p", "sigma"}
_LESS |= {"h", "q", "s", ErlangB.__name__, ErlangC.__name__}


def tidy(expression: Expr, definitions: tuple[Definition, ...]) -> Expr:
    """The shortest of the ways tried; the first of them where several are."""
    expression = expression.replace(Sum, lambda term, *rest: Sum(powsimp(term), *rest))
    ways = [way for each in _bases(expression, definitions) for way in _ways(each)]
    return min(map(oriented, ways), key=length)


def _bases(expression: Expr, definitions: tuple[Definition, ...]) -> Iterator[Expr]:
    """As it is; with a defined symbol written out; with it in place of the first it is made of."""
    yield expression
    for each in definitions:
        if isinstance(each, Root) or not each.value.is_Mul or count_ops(each.value) > SIMPLE:
            continue
        yield expression.subs(each.symbol, each.value)
        numerator, _ = each.value.as_numer_denom()
        if numerator.is_Symbol:
            yield expression.subs(numerator, each.symbol * numerator / each.value)


def _ways(expression: Expr) -> Iterator[Expr]:
    """As it is, as one fraction, and as a sum of fractions."""
    yield expression
    back: dict[Symbol, Expr] = {}
    written = oriented(_masked(expression, back))
    if count_ops(written) <= LONG:
        yield factor(together(written)).xreplace(back)
        parts = _sum_of_fractions(written)
        yield parts.xreplace(back)
        yield factor_terms(parts).xreplace(back)


def _stand_in(name: str, number: int) -> Symbol:
    """A symbol that no formula has; by its name, sympy orders it alike in every process."""
    return Symbol(f"_{name}_{number}", positive=True)


def _masked(expression: Expr, back: dict[Symbol, Expr]) -> Expr:
    """The expression as a rational one, with a symbol for every function and odd power."""
    if expression.is_Atom:
        return expression
    odd = isinstance(expression, Pow) and not expression.exp.is_Integer
    if odd or isinstance(expression, (Function, Sum)):
        known = next((symbol for symbol, each in back.items() if each == expression), None)
        symbol = known or _stand_in(type(expression).__name__, len(back))
        back[symbol] = expression
        return symbol
    return expression.func(*(_masked(each, back) for each in expression.args))


def _sum_of_fractions(expression: Expr) -> Expr:
    """Products multiplied out but for the denominators, and like denominators put together."""
    expression = oriented(expression.replace(_is_plain_sum, factor))
    below = {each.base for each in expression.atoms(Pow) if each.exp.is_negative}
    sums = sorted((each for each in below if each.is_Add), key=default_sort_key)
    whole = {each: _stand_in("below", number) for number, each in enumerate(sums)}
    back = {symbol: each for each, symbol in whole.items()}
    terms: dict[Expr, Expr] = {}
    for term in Add.make_args(expand(expression.xreplace(whole))):
        rest, fraction = term.as_independent(*back, as_Add=False) if back else (term, Integer(1))
        terms[fraction] = terms.get(fraction, Integer(0)) + rest
    parts = (fraction * factor(rest) for fraction, rest in terms.items())
    return sum(parts, start=Integer(0)).xreplace(back)


def oriented(expression: Expr) -> Expr:
    """Differences the way people write them: what can be carried less the load."""
    if expression.is_Atom:
        return expression
    expression = expression.func(*(oriented(each) for each in expression.args))
    if isinstance(expression, Pow) and expression.exp.is_Integer and _backwards(expression.base):
        return Integer(-1) ** expression.exp * _turned(expression.base) ** expression.exp
    if isinstance(expression, Mul):
        sign, parts = Integer(1), []
        for each in expression.args:
            if _backwards(each):
                sign, each = -sign, _turned(each)  # noqa: PLW2901
            parts.append(each)
        return Mul(sign, *parts)
    return expression


def _turned(total: Expr) -> Expr:
    return Add(*(-each for each in total.args))


def _backwards(total: Expr) -> bool:
    """Whether most of a sum is negative, or it takes what can be carried from the load."""
    if not isinstance(total, Add):
        return False
    signs = [-1 if each.could_extract_minus_sign() else 1 for each in total.args]
    weights = [_weight(each) for each in total.args]
    taste = sum(sign * weight for sign, weight in zip(signs, weights, strict=True))
    return (sum(signs), taste) < (0, 0)


def _weight(term: Expr) -> int:
    """Numbers may have any sign; loads and shares are taken away, the rest is what there is."""
    if term.is_Number:
        return 0
    names = {each.name for each in term.free_symbols}
    bare = -term if term.could_extract_minus_sign() else term
    return -1 if names <= _LESS or isinstance(bare, (ErlangB, ErlangC)) else 1


def _is_plain_sum(expression: Expr) -> bool:
    return isinstance(expression, Add) and not any(each.has(Add) for each in expression.args)


def length(expression: Expr) -> int:
    """How long it is to read: operations and symbols, and more where it starts with a minus."""
    size = int(count_ops(expression)) + sum(1 for _ in expression.atoms(Symbol))
    return size + int(expression.could_extract_minus_sign())
