"""Names of tiers and request classes: words, each for one thing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from capcalc.errors import Problem
from capcalc.model.calls import DatabaseCalls
from capcalc.model.objectives import Objectives
from capcalc.scenarios import shapes
from capcalc.scenarios.checks.scene import Scene
from capcalc.scenarios.document import Path
from capcalc.scenarios.numbers import SOURCED
from capcalc.scenarios.words import did_you_mean, shown

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")
#: Keys that may stand where a name may stand, so that the two could be confused.
_CLASS_KEYS = (*shapes.keys(Objectives), *SOURCED)
_TIER_KEYS = (*shapes.keys(DatabaseCalls), *SOURCED)


def problems(scene: Scene) -> Iterator[Problem]:
    """Names that are no words, keys of the file format, or both a tier and a class."""
    for name in scene.classes:
        yield from _name(scene, ("demand", "requests", name), name, _CLASS_KEYS)
    for name in scene.tiers:
        yield from _name(scene, ("tiers", name), name, _TIER_KEYS)
        if name in scene.classes:
            message = f"{shown(name)} is a request class already"
            yield scene.document.key_problem(("tiers", name), message, "rename one of them")


def title(scene: Scene) -> Iterator[Problem]:
    """The system's name goes into reports and onto terminals: one printable line."""
    name = scene.document.at(("name",))
    if isinstance(name, str) and not name.isprintable():
        message = f"{shown(name)} holds characters that cannot be printed"
        yield scene.document.problem(("name",), message, "write one line of text")


def _name(scene: Scene, path: Path, name: str, keys: tuple[str, ...]) -> Iterator[Problem]:
    if not NAME.match(name):
        message = f"{shown(name)} is not a name"
        hint = "begin with a letter; letters, digits, _ and - may follow"
        yield scene.document.key_problem(path, message, hint)
    elif name in keys:
        message = f"{shown(name)} is a key of the file format"
        yield scene.document.key_problem(path, message, "choose another name")


def objectives(scene: Scene) -> Iterator[Problem]:
    """Objectives of classes that do not exist."""
    keys = shapes.keys(Objectives)
    for name in scene.document.mapping("objectives"):
        if name not in scene.classes and name not in keys:
            hint = did_you_mean(name, (*scene.classes, *keys), "allowed are")
            message = f"there is no request class {shown(name)}"
            yield scene.document.key_problem(("objectives", name), message, hint)
