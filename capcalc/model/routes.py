"""Which way requests take: from the entry through the tiers, as steps to serve and to call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from capcalc.model import calls
from capcalc.model.components import (
    Browser,
    Cache,
    Cdn,
    Database,
    Dns,
    LoadBalancer,
    ReverseProxy,
    Service,
    Web,
)
from capcalc.model.components._scaling import slowed
from capcalc.model.components.hosted import Site
from capcalc.model.system import System
from capcalc.model.work import ENTRY, Call, Either, Node, Paths, Station, Step


def ports(system: System) -> Mapping[str, str]:
    """The port that a plain call of each tier enters by: a miss is a read of a database."""
    return {
        name: "reads" if isinstance(tier, Database) else "visit"
        for name, tier in system.tiers.items()
    }


def entry_web(system: System) -> str | None:
    """The web tier that requests reach first (DESIGN ruling 4)."""
    return next((name for name, tier in system.tiers.items() if isinstance(tier, Web)), None)


def entry(system: System, request_class: str) -> tuple[Step, ...]:
    """Balancers and proxies in file order, then the web tier or what the class calls.

    What a proxy answers goes no further.
    """
    web = entry_web(system)
    way: tuple[Step, ...] = tuple(calls.steps(system.calls.get(request_class, {})))
    if web is not None:
        way = (Call(node=(web, "visit")),)
    for name in reversed(on_the_way(system)):
        tier = system.tiers[name]
        if isinstance(tier, ReverseProxy):
            request = system.demand.requests[request_class]
            if request.edge_cacheable and tier.answering:
                way = (Either(share=tier.passed(request_class, request), then=way),)
        way = (Call(node=(name, "visit")), *way)
    return way


def on_the_way(system: System) -> list[str]:
    """The balancers and proxies that every request passes, in file order."""
    return [
        name for name, tier in system.tiers.items() if isinstance(tier, LoadBalancer | ReverseProxy)
    ]


def site(system: System, name: str, request_class: str) -> Site:
    """Where a tier stands for one class: what it calls from here."""
    own = getattr(system.tiers[name], "calls", None) or {}
    made = dict(calls.of_class(own, request_class))
    if name == entry_web(system):
        made |= system.calls.get(request_class, {})
    static = system.demand.requests[request_class].static
    return Site(
        name=name,
        request_class=request_class,
        static=static,
        calls=() if static else tuple(calls.steps(made)),
        port_of=ports(system),
    )


def paths(system: System, request_class: str) -> Paths:
    """The steps of every node that a class can reach, the entry first."""
    found: dict[Node, tuple[Step, ...]] = {ENTRY: entry(system, request_class)}
    waiting = [call.node for call in found_calls(found[ENTRY])]
    while waiting:
        node = waiting.pop(0)
        if node not in found:
            name, port = node
            hosted = system.hosted()
            steps = hosted[name].work(site(system, name, request_class), port)
            scaling = hosted[system.host_of(name)].scaling
            found[node] = slowed(steps, scaling, system.servers(name))
            waiting += [call.node for call in found_calls(found[node])]
    return found


def found_calls(steps: tuple[Step, ...]) -> Iterator[Call]:
    """All calls among the steps, also those that happen by chance."""
    for step in steps:
        if isinstance(step, Call):
            yield step
        elif isinstance(step, Either):
            yield from found_calls(step.then)
            yield from found_calls(step.otherwise)


def cdns(system: System) -> Mapping[str, Cdn]:
    """The content delivery networks in file order."""
    return {name: tier for name, tier in system.tiers.items() if isinstance(tier, Cdn)}


def edges(system: System) -> Mapping[str, Browser | Cdn]:
    """The caches before the origin in file order: the users' own, the CDN's."""
    return {name: tier for name, tier in system.tiers.items() if isinstance(tier, Browser | Cdn)}


def lookup(system: System) -> Mapping[str, Dns]:
    """The name services in file order."""
    return {name: tier for name, tier in system.tiers.items() if isinstance(tier, Dns)}


def balancing(system: System, name: str) -> str:
    """How visits find a host of this tier (DESIGN ruling 7)."""
    own = system.hosted()[name].own_balancing()
    if own is not None:
        return own
    for tier in system.hosted().values():
        if name in tier.hands_out():
            return tier.hands_out()[name]
    policies = [tier.policy for tier in system.tiers.values() if isinstance(tier, LoadBalancer)]
    behind = policies and name in _behind_balancer(system)
    return policies[-1] if behind else "random"


def _behind_balancer(system: System) -> set[str]:
    """The tiers whose hosts the last balancer chooses among."""
    way = on_the_way(system)
    last = max(at for at, name in enumerate(way) if isinstance(system.tiers[name], LoadBalancer))
    if last + 1 < len(way):
        return {way[last + 1]}
    web = entry_web(system)
    if web is not None:
        return {web}
    called = {call.node[0] for each in system.calls.values() for call in calls.steps(each)}
    return {name for name in called if not isinstance(system.tiers[name], Cache | Database)}


def stations(system: System) -> dict[tuple[str, str], Station]:
    """All stations by tier and role; tiers that share hosts have one between them."""
    found = {}
    for name, tier in system.owners().items():
        for station in tier.stations(name, system.servers(name), balancing(system, name)):
            found[name, station.role] = station
    return found


def station_of(system: System, name: str, role: str) -> tuple[str, str]:
    """The station where work of this role is done, following ``with``."""
    owner = system.host_of(name)
    if owner == name:
        return name, role
    shared = system.hosted()[owner]
    return owner, "primary" if isinstance(shared, Database) else ""


def feasible(system: System) -> NDArray[np.bool_]:
    """Element by element, whether the parts fit together: a fan-out needs as many hosts."""
    fits = np.asarray(True)
    for tier in system.hosted().values():
        if isinstance(tier, Service) and tier.fan_out > 1:
            fits = fits & (np.asarray(tier.host_count()) >= tier.fan_out)
    return fits
