"""Formulas computed again from their parts, so that no derivation is told that does not hold."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from math import ceil, exp, isfinite, nan
from typing import Any

import numpy as np

from capcalc.theory.balancing import power_of_two
from capcalc.theory.caches import lru
from capcalc.theory.queues import erlang, mmck

#: What may be called in a formula.
FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "max": max,
    "min": min,
    # as in solve: what is a whole number but for rounding is not rounded up
    "ceil": lambda value: float(ceil(value - 1e-9)),
    "exp": exp,
    "erlang_b": erlang.erlang_b,
    "erlang_c": erlang.erlang_c,
    "lru_hit_ratio": lru.fast_hit_ratio,
    "lru_characteristic_time": lru.characteristic_time,
    "mmck_prob_wait": mmck.prob_wait,
    "mmck_prob_loss": mmck.prob_loss,
    "mmck_mean_wait": mmck.mean_wait,
    "power_of_two_prob_wait": power_of_two.prob_wait,
    "power_of_two_mean_wait": power_of_two.mean_wait,
}
_OPERATORS: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
#: Relative difference from which a formula does not hold.
APART = 1e-9


def evaluated(expression: str, values: Mapping[str, Any]) -> float:
    """The value of a formula; ``nan`` where it has none.

    >>> evaluated("a * (b + 1)", {"a": 2.0, "b": 3.0})
    8.0
    """
    try:
        return float(np.asarray(_value(ast.parse(expression, mode="eval").body, values)))
    except (ZeroDivisionError, OverflowError, TypeError, KeyError):
        return nan


def holds(expression: str, values: Mapping[str, Any], value: float) -> bool:
    """Whether a formula gives this value but for rounding."""
    found = evaluated(expression, values)
    if not isfinite(value):
        return found == value
    return abs(found - value) <= APART * abs(value)


def _value(node: ast.expr, values: Mapping[str, Any]) -> Any:
    if isinstance(node, ast.BinOp):
        return _OPERATORS[type(node.op)](_value(node.left, values), _value(node.right, values))
    if isinstance(node, ast.UnaryOp):
        return -_value(node.operand, values)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return FUNCTIONS[node.func.id](*(_value(each, values) for each in node.args))
    if isinstance(node, ast.Name):
        return values[node.id]
    return ast.literal_eval(node)
