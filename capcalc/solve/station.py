"""One station of a named model, asked every question that it has an answer to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
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


#: The approximation that stands under a name, by module; others stand under their own.
_MEAN_WAITS = {
    "gg1": "kraemer_langenbach_belz",
    "ggc": "kraemer_langenbach_belz",
    "mgc": "lee_longton",
}
_LAWS = (
    "Percentiles take waits above 0 as exponential and service as gamma: an approximation, exact "
    "for scv 1; p99 was within 8 % of M/G/1 and M/D/c from 70 % load on, 3 % from 90 % on."
)


def how(module: str, parameters: Mapping[str, Any], found: Mapping[str, Array]) -> tuple[str, ...]:
    """What a module of theory says that it is, and how far off its approximations were found."""
    first = (import_module(module).__doc__ or "").strip().splitlines()[0].rstrip(".")
    model = module.rpartition(".")[2]
    said = [re.sub(r":\w+:`([^`]*)`", r"\1", first)]
    if model in _MEAN_WAITS:
        said += [*_measured(model, parameters, found)]
        said += [_LAWS] if "response_p99" in found else []
    return tuple(said)


def _measured(
    model: str, parameters: Mapping[str, Any], found: Mapping[str, Array]
) -> Iterator[str]:
    """The kept errors of every named approximation that was printed, near these parameters."""
    from capcalc.theory.queues import approximations

    known = {name: float(parameters[name]) for name in _DESCRIBE if name in parameters}
    known["servers"] = float(parameters.get("servers", 1.0))
    known["utilization"] = float(found["utilization"])
    for question in found:
        if question.startswith("mean_wait"):
            name = question.removeprefix("mean_wait").lstrip("_") or _MEAN_WAITS[model]
            if name in approximations.NAMES:
                told = {} if name == "lee_longton" else known
                lee = {key: value for key, value in known.items() if key != "arrival_scv"}
                yield approximations.sentence(name, **(told or lee))


_DESCRIBE = ("arrival_scv", "scv")


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
