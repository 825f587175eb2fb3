"""The tiers as a whole, and what a tier says about others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from capcalc.errors import Problem
from capcalc.model.components import KINDS
from capcalc.model.paths import key_of
from capcalc.scenarios.checks.scene import BEFORE_CALLS, Scene
from capcalc.scenarios.words import did_you_mean, shown
from capcalc.units.parse import parse

#: What belongs to the tier whose hosts they are.
_OF_HOSTS = (
    "instance",
    "cores",
    "scaling",
    "hosts",
    "replicas",
    "shards",
    "zones",
    "survive",
    "balancing",
    "weights",
    "virtual_nodes",
)


def order(scene: Scene) -> Iterator[Problem]:
    """A system serves somewhere, and requests meet dns and cdn first."""
    serving = set(scene.tiers) - set(scene.of_kind(*BEFORE_CALLS))
    if scene.all_kinds_known() and not serving:
        message, hint = "no tier serves the requests", "add one, e.g. of kind web"
        yield scene.document.problem(("tiers",), message, hint)
    passed = ""
    for name in scene.tiers:
        kind = scene.kind(name)
        if kind in ("load_balancer", "reverse_proxy", "web"):
            passed = passed or name
        elif kind in ("dns", "browser", "cdn") and passed:
            message = f"a {kind} comes before the load balancers and web tiers"
            yield scene.document.problem(("tiers", name), message, f"move it above {passed}")


def shared_hosts(scene: Scene) -> Iterator[Problem]:
    """``with`` names another tier that has hosts of its own."""
    for name, tier in scene.tiers.items():
        other = tier.get("with") if isinstance(tier, dict) else None
        if isinstance(other, str):
            yield from _with(scene, name, other)


def _with(scene: Scene, name: str, other: str) -> Iterator[Problem]:
    path = ("tiers", name, "with")
    yield from scene.unknown_tier(path, other)
    if other == name:
        yield scene.document.problem(path, "a tier cannot share its own hosts", "leave it out")
    elif "with" in scene.tier(other):
        further = scene.tier(other)["with"]
        message = f"{other} shares the hosts of another tier itself"
        yield scene.document.problem(path, message, f"write with: {further}")
    elif "shards" in scene.tier(other):
        message = f"{other} is spread over shards, which no other tier can be on"
        yield scene.document.problem(path, message, "give it hosts of its own")
    elif scene.kind(other) and not scene.is_hosted(other):
        message = f"{other} is a {scene.kind(other)}, which has no hosts"
        yield scene.document.problem(path, message, "name a tier that has")
    for key in _OF_HOSTS:
        if key in scene.tier(name):
            message = f"{name} runs on the hosts of {other} and has no {key} of its own"
            hint = f"leave it out, or give it at {other}"
            yield scene.document.problem(("tiers", name, key), message, hint)


def zones(scene: Scene) -> Iterator[Problem]:
    """A tier that is to survive a zone says over how many it is spread."""
    for name in scene.tiers:
        tier = scene.tier(name)
        if tier.get("survive") == "zone" and "zones" not in tier and "with" not in tier:
            message = "survive: zone needs the number of zones"
            yield scene.document.problem(("tiers", name, "survive"), message, "add zones: 3")


def sessions(scene: Scene) -> Iterator[Problem]:
    """Shared session state has a store, and the store is one."""
    for name in scene.of_kind("web"):
        path = ("tiers", name, "sessions")
        given = scene.document.mapping(*path)
        store = given.get("store")
        stores = scene.of_kind("session_store", "cache")
        if given.get("state") == "shared" and "store" not in given:
            hint = did_you_mean("", stores, "name as store one of") or "add a session_store tier"
            yield scene.document.problem((*path, "state"), "shared sessions need a store", hint)
        if given.get("state") == "none" and "store" in given:
            message = "a store is named, but state: none says there are no sessions"
            yield scene.document.problem((*path, "store"), message, "write state: shared")
        yield from scene.unknown_tier((*path, "store"), store)
        if isinstance(store, str) and scene.kind(store) and store not in stores:
            message = f"{store} is a {scene.kind(store)}, not a session_store or cache"
            hint = did_you_mean(store, stores)
            yield scene.document.problem((*path, "store"), message, hint)


def named(scene: Scene) -> Iterator[Problem]:
    """Keys that name another tier name one that exists and serves."""
    for name in scene.tiers:
        kind = KINDS.get(scene.kind(name))
        for each in fields(kind) if kind else ():
            if each.metadata.get("names_tier"):
                yield from _named(scene, name, key_of(each.name))


def _named(scene: Scene, name: str, key: str) -> Iterator[Problem]:
    path, other = ("tiers", name, key), scene.tier(name).get(key)
    yield from scene.unknown_tier(path, other)
    if other == name:
        yield scene.document.problem(path, "a tier cannot be its own", "name another tier")
    elif isinstance(other, str) and scene.kind(other) in BEFORE_CALLS:
        message = f"{other} is a {scene.kind(other)}: no tier calls it"
        yield scene.document.problem(path, message, "name e.g. a service")


def timeouts(scene: Scene) -> Iterator[Problem]:
    """What times out is taken back only where there is a timeout, and no other limit of room."""
    for name in scene.of_kind("web", "service"):
        tier, path = scene.tier(name), ("tiers", name, "on_timeout")
        if tier.get("on_timeout") != "cancel":
            continue
        if "timeout" not in tier:
            yield scene.document.problem(path, "there is no timeout", "add timeout: 2s")
        if "max_connections" in tier:
            line = scene.document.line(("tiers", name, "max_connections"))
            message = f"cancel and max_connections (line {line}) are not modelled together"
            yield scene.document.problem(path, message, "keep one of them")


def pools(scene: Scene) -> Iterator[Problem]:
    """A connection pool leads to a tier."""
    for name in scene.of_kind("web", "service"):
        to = scene.document.mapping("tiers", name, "pool").get("to")
        yield from scene.unknown_tier(("tiers", name, "pool", "to"), to)


def caches(scene: Scene) -> Iterator[Problem]:
    """A cache stands before another tier; its hit ratio is given or follows, not both."""
    for name in scene.of_kind("cache"):
        path = ("tiers", name, "fronts")
        fronts = scene.tier(name).get("fronts")
        yield from scene.unknown_tier(path, fronts)
        if fronts == name:
            yield scene.document.problem(path, "a cache cannot front itself")
        elif isinstance(fronts, str) and scene.kind(fronts) in BEFORE_CALLS:
            message = f"{fronts} is a {scene.kind(fronts)}: it answers no misses"
            yield scene.document.problem(path, message, "name e.g. a database")
        yield from _hit_ratio(scene, name)


def _hit_ratio(scene: Scene, name: str) -> Iterator[Problem]:
    """How much it hits is either given, or follows from its size and what is asked of it."""
    path, tier = ("tiers", name), scene.tier(name)
    modelled = [key for key in ("capacity", "memory", "objects", "hit_ratio_curve") if key in tier]
    if "hit_ratio" in tier and modelled:
        lines = scene.document.line((*path, modelled[0]))
        message = f"hit_ratio and {' and '.join(modelled)} (line {lines}) exclude each other"
        yield scene.document.problem((*path, "hit_ratio"), message, "keep one")
    elif "hit_ratio" not in tier:
        yield from _modelled(scene, path, tier)
    if "objects" in tier and "hit_ratio_curve" in tier and "memory" not in tier:
        yield scene.document.problem(
            (*path, "hit_ratio_curve"), _EXCLUDED.format("objects"), "keep one"
        )
    if "capacity" in tier and "memory" in tier:
        yield scene.document.problem((*path, "memory"), _EXCLUDED.format("capacity"), "keep one")


_EXCLUDED = "this and {} exclude each other"


def _modelled(scene: Scene, path: tuple[str, str], tier: Mapping[str, Any]) -> Iterator[Problem]:
    size = "capacity" in tier or "memory" in tier
    asked = "objects" in tier or "hit_ratio_curve" in tier
    if not (size and asked):
        lacking = (
            "objects" if size else "capacity" if asked else "hit_ratio, or capacity and objects"
        )
        message = f"how much it hits is not known: {lacking} is missing"
        yield scene.document.problem(path, message, "e.g. hit_ratio: 90%")
    elif "memory" in tier and "size" not in scene.document.mapping(*path, "objects"):
        message = "how many objects its memory holds is not known: objects.size is missing"
        yield scene.document.problem((*path, "memory"), message, "e.g. objects: {…, size: 4kB}")
    curve = tier.get("hit_ratio_curve")
    for key in curve if isinstance(curve, dict) else ():
        if not _is_number(key):
            message = f"{shown(key)} is no number of objects"
            yield scene.document.key_problem((*path, "hit_ratio_curve", key), message, "e.g. 400k")


def _is_number(text: Any) -> bool:
    try:
        return parse(str(text), "number") > 0
    except ValueError:
        return False


def volumes(scene: Scene) -> Iterator[Problem]:
    """Prices by volume begin with the first byte, and every start is a size."""
    for name in scene.of_kind("cdn"):
        path = ("tiers", name, "price")
        steps = scene.document.mapping(*path)
        if not steps or "value" in steps:
            continue
        starts = []
        for key in steps:
            try:
                starts.append(parse(str(key), "size"))
            except ValueError:
                message = f"{shown(key)} is no volume"
                yield scene.document.key_problem((*path, key), message, "e.g. 10TB")
        if len(starts) == len(steps) and min(starts) != 0:
            message = "no price is given for the first byte"
            yield scene.document.problem(path, message, "add 0B: 0.085 USD/GB")


def class_maps(scene: Scene) -> Iterator[Problem]:
    """Service times and scv by class name classes that exist."""
    for name in scene.tiers:
        for key in ("service_time", "scv", "fragments"):
            values = scene.document.mapping("tiers", name, key)
            for request_class in values if "value" not in values else ():
                if request_class not in scene.classes:
                    message = f"there is no request class {shown(request_class)}"
                    path = ("tiers", name, key, request_class)
                    yield scene.document.key_problem(path, message, scene.class_hint(request_class))
