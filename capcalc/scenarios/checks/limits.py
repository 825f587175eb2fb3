"""Numbers that must fit together, and classes that must be served wherever they go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from capcalc.errors import Problem
from capcalc.model.components import Database, Service
from capcalc.model.system import System
from capcalc.model.work import Paths
from capcalc.scenarios.document import Document


def fan_out(system: System, document: Document) -> Iterator[Problem]:
    """A fan-out goes to as many different hosts (DESIGN ruling 14)."""
    for name, tier in system.tiers.items():
        if isinstance(tier, Service) and tier.fan_out > tier.host_count():
            message = f"{tier.fan_out} different hosts are asked, but there are {tier.hosts:g}"
            hint = f"fan_out is at most {tier.hosts:g} here"
            yield document.problem(("tiers", name, "fan_out"), message, hint)


def replicas(system: System, document: Document) -> Iterator[Problem]:
    """Replicas within their limit, and one to lose where one may be lost."""
    for name, tier in system.tiers.items():
        if isinstance(tier, Database):
            yield from _replicas(name, tier, document)


def _replicas(name: str, tier: Database, document: Document) -> Iterator[Problem]:
    if tier.max_replicas is not None and tier.replicas > tier.max_replicas:
        message = f"{tier.replicas:g} replicas are more than max_replicas, {tier.max_replicas:g}"
        yield document.problem(("tiers", name, "replicas"), message, "raise one or lower the other")
    if tier.survive == "replica" and tier.replicas < 1:
        message, hint = "there is no replica to lose", "add replicas: 1"
        yield document.problem(("tiers", name, "survive"), message, hint)


def service_times(
    system: System, document: Document, paths: Mapping[str, Paths]
) -> Iterator[Problem]:
    """A service time by class has one for each class that visits."""
    for name in system.hosted():
        times = getattr(system.tiers[name], "service_time", None)
        for request_class, nodes in paths.items():
            visited = any(tier == name for tier, _ in nodes)
            if isinstance(times, Mapping) and visited and request_class not in times:
                message = f"class {request_class} comes here and has no service_time"
                path = ("tiers", name, "service_time")
                yield document.problem(path, message, f"add {request_class}: 10ms")
