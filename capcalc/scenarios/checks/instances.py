"""Instance types and families that the catalogue must have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from capcalc.errors import Problem
from capcalc.model.catalogue import Catalogue
from capcalc.scenarios.checks.scene import Scene
from capcalc.scenarios.document import Path
from capcalc.scenarios.words import did_you_mean, shown


def problems(scene: Scene) -> Iterator[Problem]:
    """Instances and families that the table does not list."""
    if scene.catalogue is not None:
        yield from _types(scene, scene.catalogue)
        yield from _families(scene, scene.catalogue)


def _types(scene: Scene, catalogue: Catalogue) -> Iterator[Problem]:
    for name in scene.tiers:
        instance = scene.tier(name).get("instance")
        if isinstance(instance, str) and instance not in catalogue:
            message = f"{shown(instance)} is not in the table {catalogue.source}"
            hint = did_you_mean(instance, catalogue.instance, "it lists e.g.")
            yield scene.document.problem(("tiers", name, "instance"), message, hint)


def _families(scene: Scene, catalogue: Catalogue) -> Iterator[Problem]:
    known = tuple(dict.fromkeys(catalogue.family))
    for path, family in _named(scene):
        if isinstance(family, str) and family not in known:
            message = f"there is no family {shown(family)} in the table {catalogue.source}"
            hint = did_you_mean(family, known, "it lists")
            yield scene.document.problem(path, message, hint, key=path[:2])


def _named(scene: Scene) -> Iterator[tuple[Path, Any]]:
    """All families that the scenario names, and where."""
    families = scene.document.at(("instances", "families"))
    for place, family in enumerate(families if isinstance(families, list) else ()):
        yield ("instances", "families", place), family
    for key in ("speed", "discount"):
        for family in scene.document.mapping("instances", key):
            yield ("instances", key, family), family
