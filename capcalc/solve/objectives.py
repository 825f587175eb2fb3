"""Latency objectives held against what was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

import numpy as np

from capcalc.model.objectives import LatencyObjective
from capcalc.model.system import System
from capcalc.results.solution import ObjectiveResult, RequestResult
from capcalc.units.types import Numbers


def limits(objective: LatencyObjective) -> Mapping[str, Numbers]:
    """The measures that an objective limits, and the limits. [s]"""
    every = {field.name: getattr(objective, field.name) for field in fields(objective)}
    return {measure: limit for measure, limit in every.items() if limit is not None}


def objective_results(
    system: System, requests: tuple[RequestResult, ...]
) -> tuple[ObjectiveResult, ...]:
    """Each limit with its value; without percentiles there is neither value nor verdict."""
    by_name = {request.name: request for request in requests}
    return tuple(
        _result(name, measure, limit, getattr(by_name[name], measure))
        for name, objective in system.objectives.requests.items()
        for measure, limit in limits(objective).items()
    )


def _result(name: str, measure: str, limit: Numbers, value: Numbers | None) -> ObjectiveResult:
    met = None if value is None else (np.asarray(value) <= limit)[()]
    return ObjectiveResult(request_class=name, measure=measure, limit=limit, value=value, met=met)
