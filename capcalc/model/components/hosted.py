"""What all tiers that run on hosts have in common, and what a lost host or zone leaves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self, TypeAlias

import numpy as np

from capcalc.model.components import _breakdowns as breakdowns
from capcalc.model.components import _spikes as spikes
from capcalc.model.components._scaling import Scaling
from capcalc.model.facts import Fact, Observed, Seen
from capcalc.model.work import Call, Station, Step
from capcalc.units.types import (
    Numbers,
    PositiveAmount,
    PositiveSeconds,
    PositiveShare,
    PositiveWhole,
    Seconds,
    Share,
)

Balancing: TypeAlias = Literal[
    "random",
    "round_robin",
    "least_connections",
    "central_queue",
    "power_of_two",
    "join_idle_queue",
    "hash",
    "weighted_random",
]


def naming_a_tier() -> Any:
    """A field whose value is the name of another tier on hosts; the file is refused otherwise."""
    return field(metadata={"names_tier": True})


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where a component stands: its name, and who asks it for what."""

    name: str
    request_class: str
    static: bool
    #: what a visit of this class calls from here, in order
    calls: tuple[Call, ...]
    #: the port that a call of another tier enters by
    port_of: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosted(Observed):
    """A tier on hosts of its own, or on those of another tier (``with``)."""

    kind: str = ""
    instance: str | None = None
    cores: PositiveWhole | None = None
    hosts: PositiveWhole = 1.0
    zones: PositiveWhole | None = None
    #: what the cores of one host cost each other; nothing where it is not given
    scaling: Scaling | None = None
    #: more than these are never planned
    max_hosts: PositiveWhole | None = None
    with_: str | None = None
    balancing: Balancing | None = None
    #: of each host with weighted_random balancing: its part of the visits
    weights: tuple[PositiveAmount, ...] | None = None
    #: points of each host on the ring with balancing by hash
    virtual_nodes: PositiveWhole | None = None
    max_utilization: PositiveShare = 0.7
    max_utilization_after_failure: PositiveShare = 0.9
    #: which of its failures the tier must survive; each kind of tier says which it knows
    survive: str | None = None
    #: share of the time that one host works, and the part of its failures that takes all hosts
    availability: Share | None = None
    common_cause: Share | None = None
    #: mean time until a host that has failed works again
    repair_time: PositiveSeconds | None = None
    #: from the decision to add a host until it serves
    boot_time: Seconds | None = None

    def facts(self, seen: Seen) -> Iterator[Fact]:
        """What a crowd does to it, and its hosts' failures and repairs."""
        yield from spikes.facts(self, seen)
        yield from breakdowns.facts(self, seen)

    def cautions(self, seen: Seen) -> Iterator[str]:
        """A crowd that comes before new hosts do."""
        return spikes.cautions(self, seen)

    def recovery_time(self, failure: str, seen: Seen) -> Numbers | None:
        """A new host in the lost one's place."""
        return self.boot_time

    def aftermath(self, failure: str, seen: Seen) -> Iterator[str]:
        """Who has only one host."""
        if failure == "host" and np.all(np.asarray(self.host_count()) <= 1):
            yield f"{seen.name} has one host: it is a single point of failure"

    def stations(self, name: str, servers: Numbers, balancing: str) -> tuple[Station, ...]:
        """One station: every host takes its share of all visits."""
        return (
            Station(
                tier=name,
                role="",
                hosts=self.hosts,
                servers=servers,
                balancing=balancing,
                room=self.room(),
                patience=self.patience(),
            ),
        )

    def room(self) -> Numbers | None:
        """Places on each host, in service and waiting; None where all may wait."""
        return None

    def patience(self) -> Numbers | None:
        """Time after which a waiting request is taken back; None where all wait on."""
        return None

    def work(self, site: Site, port: str) -> tuple[Step, ...]:
        """What one visit does; without a service of its own only what it calls."""
        return site.calls

    def own_balancing(self) -> str | None:
        """How visits find a host here, whatever stands in front; None where that decides."""
        return self.balancing

    def hands_out(self) -> Mapping[str, str]:
        """Tiers whose hosts find their work in a way that this one decides, and which way."""
        return {}

    def host_count(self) -> Numbers:
        """Hosts that are paid for."""
        return self.hosts

    def with_hosts(self, hosts: Numbers) -> Self:
        """The same tier on so many hosts."""
        return replace(self, hosts=hosts)

    def without(self, failure: str) -> Self:
        """The tier after this failure: one host less, or the fullest zone (DESIGN ruling 17)."""
        hosts = self.host_count()
        if failure == "zone":
            lost = np.ceil(np.asarray(hosts) / (1.0 if self.zones is None else self.zones))
        else:
            lost = np.asarray(1.0)
        return self.with_hosts(np.maximum(np.asarray(hosts) - lost, 0.0)[()])


def per_class(values: Numbers | Mapping[str, Numbers], request_class: str) -> Numbers:
    """A number given for all classes, or the one of this class (1 where a map leaves it out)."""
    if isinstance(values, Mapping):
        return values.get(request_class, 1.0)
    return values
