"""Every tier asked for what it can say of itself beside utilization and latency."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from capcalc.model.facts import Seen, StationSeen
from capcalc.model.system import System
from capcalc.results.solution import FactResult, RequestResult, TierResult
from capcalc.solve.loads import loads
from capcalc.solve.stations import Queue
from capcalc.traffic.flows import Flows, StationKey, expected_calls
from capcalc.units.types import Numbers


def views(system: System) -> Mapping[str, Seen]:
    """What each tier sees of itself in a system that is not solved yet."""
    loaded = loads(system)
    return seen(loaded.system, loaded.flows, loaded.queues)


def seen(
    system: System,
    coming: Flows,
    solved: Mapping[StationKey, Queue],
    tiers: tuple[TierResult, ...] = (),
    requests: tuple[RequestResult, ...] = (),
) -> Mapping[str, Seen]:
    """What each tier sees, in file order."""
    answers = {request.name: request.mean for request in requests}
    responses = {tier.name: tier.response for tier in tiers}
    around = {key: _station(queue) for key, queue in solved.items()}
    found = {}
    for name in system.tiers:
        rates: dict[tuple[str, str], Numbers] = {}
        stations: dict[str, StationSeen] = {}
        for piece in coming.work:
            if piece.tier == name:
                key = (piece.step.role, piece.label)
                rates[key] = rates.get(key, 0.0) + piece.rate
                stations[piece.step.role] = around[piece.station]
        found[name] = Seen(
            name=name,
            system=system,
            stations=stations,
            rates=rates,
            response=responses.get(name),
            around=around,
            calls=_calls(coming, name),
            responses=responses,
            arriving={flow.name: flow.arrival_rate for flow in coming.classes.values()},
            answers=answers,
        )
    return found


def _calls(coming: Flows, name: str) -> Mapping[str, Numbers]:
    """Calls per second that a tier makes, by the tier that is called."""
    made: dict[str, Numbers] = {}
    for flow in coming.classes.values():
        for node, steps in flow.paths.items():
            if node[0] == name:
                for (called, _), count in expected_calls(steps).items():
                    rate = flow.origin_rate * flow.visits[node] * count
                    made[called] = made.get(called, 0.0) + rate
    return made


def _station(queue: Queue) -> StationSeen:
    return StationSeen(
        hosts=queue.station.hosts,
        servers=queue.station.servers,
        arrival_rate=queue.arrival_rate,
        service_time=queue.service_time,
        utilization=queue.utilization,
        wait=queue.wait,
    )


def with_usage(
    system: System, tiers: tuple[TierResult, ...], seen_by: Mapping[str, Seen]
) -> tuple[TierResult, ...]:
    """The tiers with what their use costs beside their hosts."""
    found = []
    for tier in tiers:
        used = system.tiers[tier.name].usage_cost(seen_by[tier.name])
        if used is None:
            found.append(tier)
        else:
            hosts = 0.0 if tier.cost is None else tier.cost
            found.append(replace(tier, cost=np.add(hosts, used)[()]))
    return tuple(found)


def facts(system: System, seen_by: Mapping[str, Seen]) -> Iterator[FactResult]:
    """All facts, tier by tier."""
    for name, tier in system.tiers.items():
        for fact in tier.facts(seen_by[name]):
            yield FactResult(
                tier=name,
                name=fact.name,
                value=fact.value,
                kind=fact.kind,
                says=fact.says,
                source=fact.source,
            )


def cautions(system: System, seen_by: Mapping[str, Seen]) -> Iterator[str]:
    """All warnings that tiers raise themselves."""
    for name, tier in system.tiers.items():
        yield from tier.cautions(seen_by[name])
