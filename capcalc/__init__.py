"""capcalc: how much machinery a web system needs, in closed form.

>>> import capcalc as cc
>>> system = cc.load("bookshop")
>>> cc.solve(system).bottleneck
'cache'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from capcalc.advice.explain import explain
    from capcalc.advice.failures import failures
    from capcalc.advice.gates import check
    from capcalc.advice.system import advise
    from capcalc.advice.timeline import plan
    from capcalc.errors import CapcalcError, ScenarioError
    from capcalc.model.system import System
    from capcalc.results.advice import Advice
    from capcalc.results.solution import Solution
    from capcalc.scenarios.examples import names as examples
    from capcalc.scenarios.load import load, loads
    from capcalc.scenarios.networks import load_network
    from capcalc.solve.network import solve_network
    from capcalc.solve.system import solve
    from capcalc.studies.sweep import sweep

__version__ = "0.1.0"

_HOMES = {
    "Advice": "capcalc.results.advice",
    "CapcalcError": "capcalc.errors",
    "ScenarioError": "capcalc.errors",
    "Solution": "capcalc.results.solution",
    "System": "capcalc.model.system",
    "advise": "capcalc.advice.system",
    "check": "capcalc.advice.gates",
    "examples": "capcalc.scenarios.examples:names",
    "explain": "capcalc.advice.explain",
    "failures": "capcalc.advice.failures",
    "plan": "capcalc.advice.timeline",
    "load": "capcalc.scenarios.load",
    "load_network": "capcalc.scenarios.networks",
    "loads": "capcalc.scenarios.load",
    "solve_network": "capcalc.solve.network",
    "sweep": "capcalc.studies.sweep",
}

__all__ = [
    "Advice",
    "CapcalcError",
    "ScenarioError",
    "Solution",
    "System",
    "advise",
    "check",
    "examples",
    "explain",
    "failures",
    "load",
    "load_network",
    "loads",
    "plan",
    "solve",
    "solve_network",
    "sweep",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    if name == "solve":  # a room and a function of one name: the room can be called
        return import_module("capcalc.solve")
    if name not in _HOMES:
        raise AttributeError(f"module 'capcalc' has no attribute {name!r}")
    module, _, attribute = _HOMES[name].partition(":")
    value = getattr(import_module(module), attribute or name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names."""
    return sorted([*__all__, "__version__"])
