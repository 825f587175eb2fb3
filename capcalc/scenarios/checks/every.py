"""All checks, in two rounds: on names, whatever else is wrong; and on the finished system."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from capcalc.errors import Problem, ScenarioError
from capcalc.model import routes
from capcalc.model.catalogue import Catalogue
from capcalc.model.system import System
from capcalc.scenarios.checks import calls, demand, instances, keeping, limits, loops, names, tiers
from capcalc.scenarios.checks.scene import Scene
from capcalc.scenarios.document import Document
from capcalc.scenarios.door import VERSION
from capcalc.scenarios.words import shown

#: What can be said where the classes or the tiers are missing as a whole.
_OF_PARTS: tuple[Callable[[Scene], Iterator[Problem]], ...] = (
    names.title,
    names.problems,
    demand.problems,
)
_OF_NAMES: tuple[Callable[[Scene], Iterator[Problem]], ...] = (
    *_OF_PARTS,
    names.objectives,
    calls.of_classes,
    calls.of_tiers,
    tiers.order,
    tiers.shared_hosts,
    tiers.zones,
    tiers.sessions,
    tiers.pools,
    tiers.timeouts,
    tiers.named,
    tiers.caches,
    keeping.problems,
    keeping.aging,
    tiers.volumes,
    tiers.class_maps,
    instances.problems,
)


#: What each sort of file describes, by the key that tells it, and the command for it.
_SORTS = {
    "tiers": ("a system of tiers", "capcalc solve", "demand:, tiers: and calls:"),
    "stations": ("a network of stations", "capcalc network", "classes:, stations: and routing:"),
}


def readable(document: Document, sort: str = "tiers") -> None:
    """Refuse what is no file of this version and sort: nothing else can be said about it.

    Raises
    ------
    ScenarioError
        When the file is no mapping, of another version, or describes something else.
    """
    tree = document.tree
    if not isinstance(tree, dict):
        message = f"{shown(tree)} is not a scenario"
        hint = f"a scenario is a mapping with capcalc: 1, {_SORTS[sort][2]}"
        raise ScenarioError(document.problem((), message, hint))
    other = "stations" if sort == "tiers" else "tiers"
    if other in tree and sort not in tree:
        what, command, _ = _SORTS[other]
        hint = f"use `{command} {document.file}`"
        problem = document.key_problem((other,), f"this file describes {what}", hint)
        raise ScenarioError(problem)
    version = tree.get("capcalc", VERSION)
    if isinstance(version, int) and (version != VERSION or isinstance(version, bool)):
        message = f"version {shown(version)} of the file format is not known: this capcalc reads 1"
        hint = "write capcalc: 1" + (", or install a newer capcalc" if version > VERSION else "")
        raise ScenarioError(document.problem(("capcalc",), message, hint))


def of_names(document: Document, catalogue: Catalogue | None) -> Iterator[Problem]:
    """What is wrong with names and with parts that exclude or need each other."""
    scene = Scene(document, catalogue)
    for check in _OF_NAMES if scene.is_whole() else _OF_PARTS:
        yield from check(scene)


def of_system(system: System, document: Document) -> Iterator[Problem]:
    """What is wrong with the numbers and with the ways that requests take."""
    paths = {name: routes.paths(system, name) for name in system.demand.requests}
    yield from limits.fan_out(system, document)
    yield from limits.replicas(system, document)
    yield from limits.service_times(system, document, paths)
    yield from loops.problems(document, paths)
