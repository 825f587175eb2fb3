"""The names of sympy that are used here; it has no types, so it is imported in this one place."""

from __future__ import annotations

from mpmath.libmp import prec_to_dps
from sympy import (
    Add,
    Eq,
    Expr,
    Float,
    Function,
    Integer,
    Max,
    Min,
    Mul,
    Piecewise,
    Pow,
    Rational,
    Subs,
    Sum,
    Symbol,
    binomial,
    count_ops,
    default_sort_key,
    diff,
    erf,
    exp,
    expand,
    factor_terms,
    factorial,
    floor,
    lambdify,
    log,
    lowergamma,
    oo,
    pi,
    powsimp,
    sqrt,
    together,
    uppergamma,
)
from sympy import Derivative as UnknownDerivative
from sympy import factor as _factor
from sympy.core.function import ArgumentIndexError
from sympy.core.random import seed
from sympy.printing.latex import LatexPrinter
from sympy.printing.pretty.pretty import PrettyPrinter
from sympy.printing.pretty.pretty_symbology import pretty_symbol
from sympy.printing.pretty.stringpict import prettyForm
from sympy.printing.str import StrPrinter

__all__ = [
    "Add",
    "ArgumentIndexError",
    "Eq",
    "Expr",
    "Float",
    "Function",
    "Integer",
    "LatexPrinter",
    "Max",
    "Min",
    "Mul",
    "Piecewise",
    "Pow",
    "PrettyPrinter",
    "Rational",
    "StrPrinter",
    "Subs",
    "Sum",
    "Symbol",
    "UnknownDerivative",
    "binomial",
    "count_ops",
    "default_sort_key",
    "diff",
    "erf",
    "exp",
    "expand",
    "factor",
    "factor_terms",
    "factorial",
    "floor",
    "lambdify",
    "log",
    "lowergamma",
    "oo",
    "pi",
    "powsimp",
    "prec_to_dps",
    "prettyForm",
    "pretty_symbol",
    "sqrt",
    "together",
    "uppergamma",
]


def factor(expression: Expr) -> Expr:
    """Into factors that cannot be split, by the same draws every time.

    Wang's algorithm draws the points at which it evaluates a polynomial of several variables.
    Some draws make it lift factors that are none, for hours (sympy 1.14): an answer that came
    yesterday has to come today, so sympy's own generator starts from the same seed.
    """
    seed(0)
    return _factor(expression)
