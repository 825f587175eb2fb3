"""Caches of whole answers: how much each hits is given, or follows from what is asked for."""

from __future__ import annotations

from collections.abc import Iterator

from capcalc.errors import Problem
from capcalc.scenarios.checks.scene import Scene
from capcalc.scenarios.words import shown

#: Kinds of tier that keep answers of request classes.
KEEPING = ("browser", "cdn", "reverse_proxy")
_SIZED = ("edges", "capacity", "memory", "shield_capacity", "clients")
_EXCLUDES = (("capacity", "memory"), ("shield_hit_ratio", "shield_capacity"))


def problems(scene: Scene) -> Iterator[Problem]:
    """Hit ratios given and not, sizes that are missing, classes without objects."""
    given = ""
    for name in scene.of_kind(*KEEPING):
        yield from _excluded(scene, name)
        if "hit_ratio" in scene.tier(name):
            given = given or name
        else:
            yield from _follows(scene, name, given)
    for name in scene.classes:
        request = scene.document.mapping("demand", "requests", name)
        if request.get("personal") is True and not _users(scene):
            path = ("demand", "requests", name, "personal")
            message = "answers of each user's own need demand.daily_active_users"
            yield scene.document.problem(path, message, "add it")


def _users(scene: Scene) -> bool:
    return "daily_active_users" in scene.document.mapping("demand")


def _excluded(scene: Scene, name: str) -> Iterator[Problem]:
    tier = scene.tier(name)
    pairs = [("hit_ratio", key) for key in _SIZED if "hit_ratio" in tier]
    for first, second in (*pairs, *_EXCLUDES):
        if first in tier and second in tier:
            line = scene.document.line(("tiers", name, first))
            message = f"{first} (line {line}) and {second} exclude each other"
            yield scene.document.problem(("tiers", name, second), message, "keep one of them")


def _follows(scene: Scene, name: str, given: str) -> Iterator[Problem]:
    """What a hit ratio needs in order to follow."""
    path = ("tiers", name)
    kept = [each for each in scene.classes if _may_be_kept(scene, each)]
    lacking = [each for each in kept if not _objects(scene, each)]
    if given:
        message = (
            f"hit_ratio is missing: it cannot follow, since that of {given} before it is given"
        )
        yield scene.document.problem(path, message, f"give it here too, or not at {given}")
    elif lacking:
        names = " and ".join(shown(each) for each in lacking)
        message = f"hit_ratio is missing, and what is asked for of {names} is not known"
        objects = "objects: {count: 10k, zipf: 0.9}"
        hint = f"e.g. hit_ratio: 90%, or demand.requests.{lacking[0]}.{objects}"
        yield scene.document.problem(path, message, hint)
    if scene.kind(name) == "browser" and "clients" not in scene.tier(name) and not _users(scene):
        message = "how many clients there are is not known"
        yield scene.document.problem(path, message, "give clients, or demand.daily_active_users")
    if "memory" in scene.tier(name):
        yield from _sizes(scene, name, kept)


def _sizes(scene: Scene, name: str, kept: list[str]) -> Iterator[Problem]:
    """How many objects memory holds hangs on their size."""
    for each in kept:
        request = scene.document.mapping("demand", "requests", each)
        if "size" not in request and "size" not in _objects(scene, each):
            message = f"how many objects it holds is not known: {shown(each)} has no size"
            hint = f"give demand.requests.{each}.size"
            yield scene.document.problem(("tiers", name, "memory"), message, hint)


def _may_be_kept(scene: Scene, name: str) -> bool:
    request = scene.document.mapping("demand", "requests", name)
    return request.get("static") is True or request.get("cacheable") is True


def _objects(scene: Scene, name: str) -> dict[str, object]:
    return scene.document.mapping("demand", "requests", name, "objects")


def aging(scene: Scene) -> Iterator[Problem]:
    """A cache's max_age and its copies on every host need a model of what it holds."""
    for name in scene.of_kind("cache"):
        tier, path = scene.tier(name), ("tiers", name)
        for key in ("max_age", "local"):
            if key not in tier or tier[key] is False:
                continue
            for other in ("hit_ratio", "hit_ratio_curve", "write_share"):
                if other in tier:
                    line = scene.document.line((*path, other))
                    message = f"{key} and {other} (line {line}) exclude each other"
                    hint = "keep one; a measured ratio has it in it already"
                    yield scene.document.problem((*path, key), message, hint)
