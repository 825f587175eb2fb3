"""The demand: each class says once how often it comes."""

from __future__ import annotations

from collections.abc import Iterator

from capcalc.errors import Problem
from capcalc.scenarios.checks.scene import Scene
from capcalc.scenarios.words import nearest


def problems(scene: Scene) -> Iterator[Problem]:
    """Classes without a rate, with two, or with one that needs a number of users."""
    if isinstance(scene.document.at(("demand", "requests")), dict) and not scene.classes:
        message = "at least one request class is needed"
        yield scene.document.problem(("demand", "requests"), message, "e.g. page: {rate: 100/s}")
    for name, request in scene.classes.items():
        if isinstance(request, dict):
            yield from _rate(scene, name)


def _rate(scene: Scene, name: str) -> Iterator[Problem]:
    path = ("demand", "requests", name)
    request = scene.document.mapping(*path)
    if "rate" in request and "per_user_day" in request:
        line = scene.document.line((*path, "rate"))
        message = f"rate (line {line}) and per_user_day exclude each other"
        yield scene.document.problem((*path, "per_user_day"), message, "keep one of them")
    elif "rate" not in request and "per_user_day" not in request:
        message = "how often it comes is missing"
        yield scene.document.problem(path, message, "give rate, or per_user_day")
    elif "per_user_day" in request and not _has_users(scene):
        message = "per_user_day needs demand.daily_active_users"
        yield scene.document.problem((*path, "per_user_day"), message, "add it, or give a rate")


def _has_users(scene: Scene) -> bool:
    """Whether the users are given, be it under a misspelt key that is told elsewhere."""
    users = ("daily_active_users",)
    return any(nearest(key, users) for key in scene.document.mapping("demand"))
