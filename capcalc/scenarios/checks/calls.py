"""Who calls whom: every name exists, and everything is called in the way it can answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from capcalc.errors import Problem
from capcalc.scenarios.checks.scene import BEFORE_CALLS, Scene
from capcalc.scenarios.document import Path
from capcalc.scenarios.words import as_written, did_you_mean, shown

_PORTS = ("reads", "writes")


def of_classes(scene: Scene) -> Iterator[Problem]:
    """The top-level ``calls``, by request class; every class must get somewhere."""
    for name in scene.document.mapping("calls"):
        yield from _class_calls(scene, ("calls", name), name)
    if not scene.of_kind("web") and scene.all_kinds_known():
        yield from _going_nowhere(scene)


def _class_calls(scene: Scene, path: Path, name: str) -> Iterator[Problem]:
    calls = scene.document.at(path)
    if name not in scene.classes:
        message = f"there is no request class {shown(name)}"
        yield scene.document.key_problem(path, message, scene.class_hint(name))
    elif scene.is_static(name) and calls:
        message = f"{name} is static: it needs nothing behind the web tier"
        yield scene.document.problem(path, message, "leave out its calls, or static: true")
    if isinstance(calls, dict):
        for target, count in calls.items():
            yield from _target(scene, (*path, target), target, count)


def _going_nowhere(scene: Scene) -> Iterator[Problem]:
    for name in scene.classes:
        if not scene.document.mapping("calls", name):
            message = f"class {name} goes nowhere: there is no web tier and it has no calls"
            hint = f"add a tier of kind web, or calls: {{{name}: {{…}}}}"
            yield scene.document.problem(("demand", "requests", name), message, hint)


def of_tiers(scene: Scene) -> Iterator[Problem]:
    """The ``calls`` of tiers: either by request class, or by tier for all classes."""
    for name in scene.callers():
        calls = scene.document.mapping("tiers", name, "calls")
        path = ("tiers", name, "calls")
        by_class = [key for key in calls if key in scene.classes]
        by_tier = [key for key in calls if key in scene.tiers and key not in by_class]
        if by_class and by_tier:
            message = f"{by_class[0]} is a request class and {by_tier[0]} a tier"
            hint = "keys under calls are all classes or all tiers"
            yield scene.document.problem(path, message, hint)
        for key, value in calls.items():
            yield from _tier_call(scene, (*path, key), key, value)
    yield from _counted_twice(scene)


def _tier_call(scene: Scene, path: Path, key: str, value: Any) -> Iterator[Problem]:
    if key in scene.classes:
        yield from _class_calls(scene, path, key)
        if not isinstance(value, dict) or _is_number(value) or _is_reads(value):
            message = f"the calls of class {key} are a mapping of tiers"
            yield scene.document.problem(path, message, f"write {key}: {{tier: 1}}")
    elif key in scene.tiers:
        yield from _target(scene, path, key, value)
    else:
        hint = did_you_mean(key, (*scene.tiers, *scene.classes), "there are")
        message = f"there is no tier or request class {shown(key)}"
        yield scene.document.key_problem(path, message, hint)


def _target(scene: Scene, path: Path, target: str, count: Any) -> Iterator[Problem]:
    yield from scene.unknown_tier(path, target)
    kind = scene.kind(target)
    if kind in BEFORE_CALLS:
        message = f"{target} is a {kind}: requests pass it on their way in, no tier calls it"
        yield scene.document.problem(path, message, "leave it out")
    elif kind == "database" and _is_number(count):
        hint = f"write {target}: {{reads: {as_written(_plain(count))}}}"
        yield scene.document.problem(path, "a database is asked for reads and writes", hint)
    elif kind not in ("", "database") and _is_reads(count):
        message = f"{target} is a {kind}: only a database takes reads and writes"
        yield scene.document.problem(path, message, f"write {target}: 1")
    elif kind not in ("", "database") and isinstance(count, dict) and not _is_number(count):
        message = f"how often {target} is called is missing"
        yield scene.document.problem(path, message, f"write {target}: 1")


def _is_number(count: Any) -> bool:
    return count is not None and (not isinstance(count, dict) or "value" in count)


def _is_reads(count: Any) -> bool:
    return isinstance(count, dict) and any(port in count for port in _PORTS)


def _plain(count: Any) -> Any:
    return count["value"] if isinstance(count, dict) else count


def _counted_twice(scene: Scene) -> Iterator[Problem]:
    """The first web tier makes the top-level calls; its own must not name the same tiers."""
    for web in scene.of_kind("web")[:1]:
        own = scene.document.mapping("tiers", web, "calls")
        for name, calls in scene.document.mapping("calls").items():
            mine = own.get(name, {}) if name in own else own
            twice = [key for key in mine if key in calls] if isinstance(calls, dict) else []
            for target in twice if isinstance(mine, dict) else ():
                message = f"{web} calls {target} for class {name} under tiers.{web}.calls already"
                yield scene.document.problem(("calls", name, target), message, "keep one")
