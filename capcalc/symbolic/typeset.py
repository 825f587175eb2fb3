"""A page of formulas as text that lines up in a terminal, or as LaTeX."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from textwrap import wrap

from capcalc.symbolic.algebra import Expr
from capcalc.symbolic.formula import Parameter, Relation, Root
from capcalc.symbolic.page import Page, root_of
from capcalc.symbolic.printers import beside, inline, latex

WIDTH = 100
_RELATIONS = {"=": "=", "≈": r"\approx", "≤": r"\le", "≥": r"\ge"}


def as_text(page: Page) -> str:
    """For a terminal."""
    return "\n".join(_text(page)) + "\n"


def _text(page: Page) -> Iterator[str]:
    yield page.title
    for each in page.equations:
        yield from ("", *_wrapped(each.heading, ""))
        yield from _block(each.left[0], each.relation, each.right)
        for note in each.notes:
            yield from _wrapped(note, "  ")
    for meaning, left, right in _definitions(page, inline, str):
        yield from ("", *_wrapped(f"where {meaning}:", ""))
        yield from _block(inline(left), "=", right)
    yield from ("", "Symbols")
    width = max(len(inline(each.symbol)) for each in page.symbols)
    for parameter in page.symbols:
        name = f"{inline(parameter.symbol):<{width}}  {parameter.name}: {_meaning(parameter)}"
        yield from _wrapped(name, "  ", hang=width + 2)
    yield from ("", "Assumptions")
    for line in page.assumptions:
        yield from _wrapped(f"• {line}", "  ", hang=2)
    yield from ("", *_wrapped(f"Validity: {page.validity}", ""))
    yield from _wrapped(f"Source: {page.source}.", "")


def _wrapped(text: str, indent: str, hang: int = 0) -> list[str]:
    return wrap(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + " " * hang,
        break_long_words=False,
    )


def _block(left: str, relation: Relation, right: Expr) -> list[str]:
    return [f"    {line}".rstrip() for line in beside(left, relation, right)]


def _meaning(parameter: Parameter) -> str:
    return f"{parameter.meaning} [{parameter.unit}]" if parameter.unit else parameter.meaning


def _definitions(
    page: Page, show: Callable[[Expr], str], words: Callable[[str], str]
) -> Iterator[tuple[str, Expr, Expr]]:
    """Meaning, left side and right side of everything that is not a parameter."""
    for each in page.definitions:
        meaning = f"{show(each.symbol)} {words(f'is the {each.meaning}')}"
        if isinstance(each, Root):
            yield f"{meaning}, {root_of(each, show)}", each.left, each.value
        else:
            yield meaning, each.symbol, each.value
    for function in page.functions:
        call = function(*function.arguments)
        meaning = f"{show(call)} is {function.meaning}"
        for form in function.forms(*function.arguments):
            yield meaning, call, form
            meaning = f"{show(call)} is also, for any number of servers, whole or not"


def as_latex(page: Page) -> str:
    """A fragment for a document of your own; it needs no package."""
    return "\n".join(_latex(page)) + "\n"


def _latex(page: Page) -> Iterator[str]:
    yield rf"\paragraph{{{_escaped(page.title)}}}"
    for each in page.equations:
        yield from ("", _escaped(each.heading))
        yield rf"\[ {each.left[1]} {_RELATIONS[each.relation]} {latex(each.right)} \]"
        yield from map(_escaped, each.notes)
    for meaning, left, right in _definitions(page, _mathematics, _escaped):
        yield from ("", f"where {meaning}", rf"\[ {latex(left)} = {latex(right)} \]")
    yield from ("", r"\begin{description}")
    for parameter in page.symbols:
        text = _escaped(f"{parameter.name}: {_meaning(parameter)}")
        yield rf"  \item[${latex(parameter.symbol)}$] {text}"
    yield from (r"\end{description}", r"\begin{itemize}")
    yield from (rf"  \item {_escaped(line)}" for line in page.assumptions)
    yield from (r"\end{itemize}", _escaped(page.validity), _escaped(f"Source: {page.source}."))


#: Characters of our sentences that LaTeX wants in its own way.
_ESCAPES = {
    **{each: f"\\{each}" for each in "%&#_$"},
    "^": r"\^{}",
    **{
        each: f"${word}$"
        for each, word in {
            "λ": r"\lambda",
            "μ": r"\mu",
            "ρ": r"\rho",
            "σ": r"\sigma",
            "θ": r"\theta",
            "ξ": r"\xi",
            "η": r"\eta",
            "κ": r"\kappa",
            "β": r"\beta",
            "α": r"\alpha",
            "Φ": r"\Phi",
            "φ": r"\phi",
            "∞": r"\infty",
            "−": "-",
            "×": r"\times",
            "·": r"\cdot",
            "<": "<",
            ">": ">",
            "²": "^2",
            "₁": "_1",
            "₂": "_2",
            "₀": "_0",
            "ₚ": "_p",
        }.items()
    },
}


def _mathematics(expression: Expr) -> str:
    return f"${latex(expression)}$"


def _escaped(text: str) -> str:
    return "".join(_ESCAPES.get(each, each) for each in text)
