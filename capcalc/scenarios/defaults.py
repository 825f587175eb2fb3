"""The defaults that were used and that matter: few, listed, and told to the reader."""

from __future__ import annotations

from collections.abc import Iterator

from capcalc.model.components import Browser, Cdn, Database, LoadBalancer
from capcalc.model.components._edge import Keeping
from capcalc.model.components.hosted import Hosted
from capcalc.model.components.load_balancer import VIRTUAL_NODES
from capcalc.model.system import System
from capcalc.scenarios.document import Document


def used(system: System, document: Document) -> dict[str, object]:
    """Defaults by path, each where the file leaves the field out and the answer depends on it."""
    found = dict(_of_demand(system))
    spike = system.demand.spike is not None
    found |= dict(_of_answers(system))
    for name, tier in system.owners().items():
        found |= {f"tiers.{name}.{key}": value for key, value in _of_tier(tier, spike)}
    return {path: value for path, value in found.items() if document.at(_split(path)) is None}


def _split(path: str) -> tuple[str, ...]:
    return tuple(path.split("."))


def _of_demand(system: System) -> Iterator[tuple[str, object]]:
    tiers = system.tiers.values()
    priced = any(isinstance(tier, Cdn) and tier.price is not None for tier in tiers)
    priced = priced or any(tier.instance is not None for tier in system.owners().values())
    if priced or system.demand.daily_active_users is not None:
        yield "demand.peak_to_average", system.demand.peak_to_average


def _of_answers(system: System) -> Iterator[tuple[str, object]]:
    """What caches whose hit ratios follow take for granted where the file leaves it out."""
    tiers = {name: tier for name, tier in system.tiers.items() if isinstance(tier, Keeping)}
    following = {name: tier for name, tier in tiers.items() if tier.modelled}
    for name, tier in following.items():
        if isinstance(tier, Cdn):
            yield f"tiers.{name}.edges", 1.0
        if isinstance(tier, Browser):
            yield f"tiers.{name}.clients", "the daily active users"
        elif getattr(tier, "memory", None) is None:
            yield f"tiers.{name}.capacity", "room for everything"
    for name, request in system.demand.requests.items():
        if following and request.edge_cacheable:
            yield f"demand.requests.{name}.max_age", "fresh for ever"
            yield f"demand.requests.{name}.changes_every", "never"


def _of_tier(tier: Hosted, spike: bool) -> Iterator[tuple[str, object]]:
    if tier.instance is None:
        yield "cores", 1.0
    yield "max_utilization", tier.max_utilization
    if tier.survive is not None or (spike and tier.boot_time is not None):
        yield "max_utilization_after_failure", tier.max_utilization_after_failure
    if getattr(tier, "timeout", None) is not None:
        yield "on_timeout", getattr(tier, "on_timeout", None)
    if isinstance(tier, LoadBalancer):
        yield "policy", tier.policy
    if "hash" in (tier.balancing, getattr(tier, "policy", None)) and tier.virtual_nodes is None:
        yield "virtual_nodes", VIRTUAL_NODES
    if isinstance(tier, Database):
        yield from _of_database(tier)
    else:
        yield "hosts", tier.hosts


def _of_database(tier: Database) -> Iterator[tuple[str, object]]:
    if tier.replicas > 0:
        yield "primary_read_share", tier.primary_read_share
        yield "apply_time", tier.write_time
