"""One station of a named model, asked every question that it has an answer to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import import_module
from inspect import signature
from typing import Any

import numpy as np

from capcalc.errors import ScenarioError
from capcalc.results.solution import PERCENTILES
from capcalc.theory.arrays import Array

#: What may be asked, in the order in which it is told.
QUESTIONS = (
    "utilization",
    "throughput",
    "prob_empty",
    "prob_wait",
    "prob_loss",
    "prob_time_congestion",
    "prob_abandon_given_wait",
    "availability",
    "mean_servers_up",
    "mean_wait",
    "mean_response",
    "mean_queue_length",
    "mean_number",
)


def how(module: str) -> str:
    """What a module of theory says that it is, in a sentence."""
    first = (import_module(module).__doc__ or "").strip().splitlines()[0].rstrip(".")
    return re.sub(r":\w+:`([^`]*)`", r"\1", first)


def answer(
    module: str, parameters: Mapping[str, Any], questions: Mapping[str, str] | None = None
) -> Mapping[str, Array]:
    """All that a module of theory says about one station.

    Parameters
    ----------
    module : str
        A module of `capcalc.theory.queues`.
    parameters : mapping of str to float or list of float
        Its parameters by name; a list where the model knows classes or branches.
    questions : mapping of str to str, optional
        Functions to ask by what they are told as, instead of the usual ones.

    Returns
    -------
    mapping of str to ndarray
        By question; percentiles are ``wait_p99``, ``response_p99``, …; named approximations of
        the wait stand under their own names.

    Raises
    ------
    ScenarioError
        When the parameters are outside the model's domain.
    """
    theory = import_module(module)
    given = {name: np.asarray(value, dtype=float) for name, value in parameters.items()}
    asked = questions or {name: name for name in (*QUESTIONS, *_others(theory))}
    found: dict[str, Array] = {}
    for told, name in asked.items():
        function = getattr(theory, name, None)
        if function is not None and _answers(function, given):
            found[told] = np.asarray(function(**_chosen(function, given)))
    for kind in ("wait", "response"):
        quantile = getattr(theory, f"{kind}_quantile", None)
        if quantile is not None and questions is None:
            for name, level in PERCENTILES.items():
                found[f"{kind}_{name}"] = np.asarray(quantile(level, **given))
    if any(np.isnan(value).any() for value in found.values()):
        raise ScenarioError("these parameters have no answer in this model")
    return found


def _others(theory: Any) -> list[str]:
    """Named approximations of the wait."""
    return [name for name in vars(theory) if name.startswith("mean_wait_")]


def _answers(function: Any, given: Mapping[str, Array]) -> bool:
    """Whether what is given is enough for the question."""
    parameters = signature(function).parameters.values()
    return all(each.name in given for each in parameters if each.default is each.empty)


def _chosen(function: Any, given: Mapping[str, Array]) -> dict[str, Array]:
    return {name: given[name] for name in signature(function).parameters if name in given}
