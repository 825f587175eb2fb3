"""Single expressions as text over several lines, as text in one line, and as LaTeX."""

from __future__ import annotations

from collections.abc import Sequence

from capcalc.symbolic.algebra import (
    Eq,
    Expr,
    Function,
    LatexPrinter,
    Max,
    Min,
    PrettyPrinter,
    StrPrinter,
    Symbol,
    log,
    oo,
    pretty_symbol,
    prettyForm,
)


class _Ordered:
    """Sums start with what is added, not with what is taken away."""

    def _as_ordered_terms(self, expr: Expr, order: str | None = None) -> Sequence[Expr]:
        terms: Sequence[Expr] = super()._as_ordered_terms(expr, order)  # type: ignore[misc]
        return sorted(terms, key=lambda each: bool(each.could_extract_minus_sign()))


class _Pretty(_Ordered, PrettyPrinter):  # type: ignore[misc]
    """Over several lines."""

    def _print_Symbol(self, expr: Symbol, bold_name: bool = False) -> prettyForm:  # noqa: N802
        return prettyForm(_named(expr.name))


class _Latex(_Ordered, LatexPrinter):  # type: ignore[misc]
    """For LaTeX."""


class _Inline(_Ordered, StrPrinter):  # type: ignore[misc]
    """In one line."""

    def _print_Symbol(self, expr: Symbol) -> str:  # noqa: N802
        return _named(expr.name)


def _named(name: str) -> str:
    """Greek letters and small digits, but no words in small letters."""
    base, _, index = name.partition("_")
    plain = len(index) > 1 and index.isalpha()
    return f"{pretty_symbol(base)}_{index}" if plain else str(pretty_symbol(name))


def pretty(expression: Expr) -> str:
    """Text over as many lines as it takes."""
    shown = expression
    for ours, theirs in ((log, "ln"), (Max, "max"), (Min, "min")):
        shown = shown.replace(ours, Function(theirs))
    return str(_Pretty({"use_unicode": True, "wrap_line": False}).doprint(shown))


def inline(expression: Expr) -> str:
    """Text in one line."""
    return "∞" if expression == oo else str(_Inline().doprint(expression)).replace("*", "·")


def latex(expression: Expr) -> str:
    """The inside of a LaTeX formula."""
    return str(_Latex({"ln_notation": True}).doprint(expression))


def beside(left: str, relation: str, right: Expr) -> list[str]:
    """The lines of an equation, its left side, any text, at the height of the relation."""
    holder = "Q" * len(left)
    lines = pretty(Eq(Symbol(holder), right, evaluate=False)).splitlines()
    return [
        line.replace(f"{holder} =", f"{left} {relation}", 1).rstrip()
        if line.startswith(f"{holder} =")
        else line.rstrip()
        for line in lines
    ]
