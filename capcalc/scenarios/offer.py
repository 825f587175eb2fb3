"""Which instances a scenario may use: its table, read only where it is needed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from capcalc.errors import CapcalcError, Problem
from capcalc.model.catalogue import Catalogue, Instances
from capcalc.scenarios import numbers
from capcalc.scenarios.catalogue import read_catalogue
from capcalc.scenarios.document import Document
from capcalc.units.types import Quantity

_SPEED = Quantity("number", low=0, above=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """The catalogue, or why there is none."""

    catalogue: Catalogue | None = None
    found: tuple[Problem, ...] = ()


def offer_of(document: Document, folder: Path, table: str | Path | None = None) -> Offer:
    """The table named by ``table``, else by the file, else the built-in one; read if needed."""
    named = document.mapping("instances")
    tiers = document.mapping("tiers").values()
    needed = named or any(isinstance(tier, dict) and "instance" in tier for tier in tiers)
    if table is None and not needed:
        return Offer()
    try:
        catalogue = _read(named, folder, table)
    except CapcalcError as error:
        placed = (_placed(problem, document) for problem in error.problems)
        return Offer(found=error.problems if table is not None else tuple(placed))
    return Offer(catalogue=_at_speed(catalogue, named.get("speed")))


def _read(named: dict[str, Any], folder: Path, table: str | Path | None) -> Catalogue:
    if table is not None:
        return read_catalogue(table)
    source = named.get("from", Instances().from_)
    return read_catalogue(source if isinstance(source, str) else Instances().from_, folder)


def _placed(problem: Problem, document: Document) -> Problem:
    """A problem of the table itself keeps its own place; a missing table is the scenario's."""
    if problem.file:
        return problem
    return document.problem(("instances", "from"), problem.message, problem.hint)


def _at_speed(catalogue: Catalogue, speeds: Any) -> Catalogue:
    """The catalogue with the scenario's relative speeds of families."""
    if not isinstance(speeds, dict):
        return catalogue
    speed = catalogue.speed.copy()
    for family, value in speeds.items():
        speed[np.array(catalogue.family) == family] = _speed(value)
    return replace(catalogue, speed=speed)


def _speed(value: Any) -> float:
    """The number given; the door says what is wrong with it if it is none."""
    try:
        return numbers.read(value, _SPEED).value
    except numbers.RefusedError:
        return 1.0
