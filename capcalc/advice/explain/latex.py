"""Arithmetic as LaTeX and as a person writes it: names become the symbols of the field."""

from __future__ import annotations

import ast
import re

#: Symbols of the field; the rest of a longer name becomes an index.
SYMBOLS = {
    "arrival_rate": r"\lambda",
    "origin_rate": r"\lambda'",
    "rate": r"\lambda",
    "service_time": "S",
    "servers": "k",
    "hosts": "n",
    "utilization": r"\rho",
    "offered_load": "a",
    "prob_wait": "P_w",
    "wait": "W_q",
    "response": "W",
    "queue_length": "L_q",
    "number_in_system": "L",
    "visits": "v",
    "hit_ratio": "h",
    "miss_ratio": "m",
    "scv": "c_s^2",
    "arrival_scv": "c_a^2",
    "daily_active_users": "U",
    "peak_to_average": "P",
    "replicas": "r",
    "attempts": "A",
}
_FUNCTIONS = {
    "erlang_c": "C",
    "erlang_b": "B",
    "max": r"\max",
    "min": r"\min",
    "sqrt": r"\sqrt",
    "exp": r"\exp",
}
_SIGNS: dict[type[ast.operator], tuple[str, int]] = {
    ast.Add: (" + ", 1),
    ast.Sub: (" - ", 1),
    ast.Mult: (r" \, ", 2),
}


def typeset(expression: str) -> str:
    r"""LaTeX of an arithmetic expression.

    >>> typeset("arrival_rate * service_time / (hosts * servers)")
    '\\frac{\\lambda \\, S}{n \\, k}'
    """
    return _node(ast.parse(expression, mode="eval").body)[0]


def readable(expression: str) -> str:
    """The expression with the signs that a person writes.

    >>> readable("hosts * servers")
    'hosts × servers'
    """
    return expression.replace("**", "^").replace("*", "×")


def _node(node: ast.expr) -> tuple[str, int]:
    """LaTeX, and how tightly it is bound: 1 a sum, 2 a product, 3 what needs no brackets."""
    if isinstance(node, ast.BinOp):
        return _binary(node)
    if isinstance(node, ast.UnaryOp):
        return f"-{_bound(node.operand, 2)}", 2
    if isinstance(node, ast.Call):
        return _call(node)
    if isinstance(node, ast.Name):
        return _name(node.id), 3
    return f"{ast.literal_eval(node):,}".replace(",", r"\,"), 3


def _binary(node: ast.BinOp) -> tuple[str, int]:
    if isinstance(node.op, ast.Div):
        return rf"\frac{{{_node(node.left)[0]}}}{{{_node(node.right)[0]}}}", 3
    if isinstance(node.op, ast.Pow):
        return f"{_bound(node.left, 3)}^{{{_node(node.right)[0]}}}", 2
    sign, level = _SIGNS[type(node.op)]
    right = level + 1 if isinstance(node.op, ast.Sub) else level
    return f"{_bound(node.left, level)}{sign}{_bound(node.right, right)}", level


def _bound(node: ast.expr, level: int) -> str:
    text, own = _node(node)
    return text if own >= level else rf"\left({text}\right)"


def _call(node: ast.Call) -> tuple[str, int]:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    arguments = ", ".join(_node(each)[0] for each in node.args)
    if name == "ceil":
        return rf"\lceil {arguments} \rceil", 3
    if name == "sqrt":
        return rf"\sqrt{{{arguments}}}", 3
    known = _FUNCTIONS.get(name, rf"\operatorname{{{_word(name)}}}")
    return rf"{known}\left({arguments}\right)", 3


def _name(name: str) -> str:
    known = max((each for each in SYMBOLS if _begins(name, each)), key=len, default="")
    if not known:
        return rf"\mathrm{{{_word(name)}}}"
    rest, main = name[len(known) + 1 :], SYMBOLS[known]
    if not rest:
        return main
    # a second index would be an error in LaTeX
    main = rf"{{{main}}}" if re.search(r"[_^']", main) else main
    return rf"{main}_{{\mathrm{{{_word(rest)}}}}}"


def _begins(name: str, symbol: str) -> bool:
    return name == symbol or name.startswith(f"{symbol}_")


def _word(name: str) -> str:
    return name.replace("_", r"\ ")
