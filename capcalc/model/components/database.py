"""The database: one primary, its replicas, and the writes that every replica replays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal, Self, TypeAlias

import numpy as np

from capcalc.model.components import _database_facts as database_facts
from capcalc.model.components.hosted import Hosted, Site
from capcalc.model.facts import Fact, Seen
from capcalc.model.work import Either, Load, Pause, Serve, Station, Step
from capcalc.theory.distributions import order_statistics
from capcalc.theory.replication import commit
from capcalc.units.format import duration, rate, significant
from capcalc.units.types import Amount, Numbers, PositiveWhole, Seconds, Share, Whole

Commit: TypeAlias = Literal["asynchronous", "semi_synchronous", "synchronous", "quorum"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Database(Hosted):
    """Reads at random replicas, writes at the primary, applied by all (DESIGN ruling 12)."""

    kind: Literal["database"] = "database"
    hosts: PositiveWhole = field(default=1.0, metadata={"hidden": True})
    replicas: Whole = 0.0
    read_time: Seconds
    write_time: Seconds
    apply_time: Seconds | None = None
    scv: Amount = 1.0
    primary_read_share: Share = 0.0
    #: when a write is answered: at the primary, or with some replicas' acknowledgements
    commit: Commit = "asynchronous"
    #: acknowledgements that a quorum waits for
    acknowledgements: PositiveWhole | None = None
    #: mean time from the primary to a replica's acknowledgement
    replication_round_trip: Seconds = 0.0
    #: threads that replay writes on a replica; as many as it has servers unless given
    appliers: PositiveWhole | None = None
    max_replicas: Whole | None = None
    survive: Literal["host", "zone", "replica"] | None = None
    #: from the loss of the primary until a replica has taken its place
    failover_time: Seconds | None = None
    #: connections that each host accepts
    max_connections: PositiveWhole | None = None

    def stations(self, name: str, servers: Numbers, balancing: str) -> tuple[Station, ...]:
        """The primary alone, and the replicas, each with its own queue."""
        primary = Station(
            tier=name,
            role="primary",
            hosts=np.minimum(self.host_count(), 1.0)[()],
            servers=servers,
            balancing=balancing,
        )
        replica = Station(
            tier=name,
            role="replica",
            hosts=self.replicas,
            servers=servers,
            balancing=balancing,
            dealt_labels=frozenset(("reads",)),
        )
        return (primary, replica)

    def host_count(self) -> Numbers:
        """Primary and replicas."""
        return np.add(1.0, self.replicas)[()]

    def without(self, failure: str) -> Self:
        """One host less, whichever it was: a replica takes a lost primary's place."""
        return Hosted.without(self, "zone" if failure == "zone" else "host")

    def recovery_time(self, failure: str, seen: Seen) -> Numbers | None:
        """A replica in the primary's place; else a new host, with its data."""
        if failure == "primary" and np.any(np.asarray(self.replicas) > 0):
            return self.failover_time
        return self.boot_time

    def aftermath(self, failure: str, seen: Seen) -> Iterator[str]:
        """What a promotion costs in writes."""
        if failure != "primary":
            yield from Hosted.aftermath(self, failure, seen)
            return
        writes = float(np.asarray(seen.rate("primary", "writes")))
        if np.all(np.asarray(self.replicas) <= 0):
            yield f"{seen.name} has no replica: without its primary nothing is read or written"
        elif self.failover_time is None:
            yield (
                f"a replica takes over; until then no write is taken ({rate(writes)} wait or "
                f"fail): give tiers.{seen.name}.failover_time to know how many"
            )
        else:
            lost = writes * float(np.asarray(self.failover_time))
            yield (
                f"a replica takes over after {duration(float(self.failover_time))}; some "
                f"{significant(lost)} writes wait or fail meanwhile"
            )

    def with_hosts(self, hosts: Numbers) -> Self:
        """The same database on so many hosts; a lost primary is replaced by a replica."""
        return replace(self, replicas=np.subtract(hosts, 1.0)[()])

    def work(self, site: Site, port: str) -> tuple[Step, ...]:
        """A read at the primary or a replica; a write at the primary, replayed by all."""
        if port == "reads":
            return self._read()
        write = Serve(role="primary", label="writes", service_time=self.write_time, scv=self.scv)
        if self._alone():
            return (write,)
        apply_time = self.write_time if self.apply_time is None else self.apply_time
        replay = Load(
            role="replica",
            label="applies",
            service_time=apply_time,
            scv=self.scv,
            copies=np.maximum(self.replicas, 0.0)[()],
        )
        return (write, *self._commit(), replay)

    def _commit(self) -> tuple[Step, ...]:
        """Waiting for acknowledgements: the w-th of k exponential ones.

        Its mean is exact; its law is taken as gamma of the same variance.
        """
        wanted = self.wanted()
        if self.commit == "asynchronous" or wanted is None:
            return ()
        count = np.maximum(np.asarray(self.replicas, dtype=float), 1.0)
        wanted = np.minimum(wanted, count)
        time = np.asarray(commit.quorum_mean(wanted, count, self.replication_round_trip))
        scv = np.asarray(order_statistics.exponential_scv(wanted, count))
        some = np.asarray(self.replicas) > 0
        return (Pause(time=np.where(some, time, 0.0)[()], scv=np.where(some, scv, 1.0)[()]),)

    def wanted(self) -> Numbers | None:
        """Acknowledgements that a write waits for."""
        if self.commit == "semi_synchronous":
            return 1.0
        if self.commit == "synchronous":
            return np.maximum(self.replicas, 1.0)[()]
        return self.acknowledgements if self.commit == "quorum" else None

    def facts(self, seen: Seen) -> Iterator[Fact]:
        """Lag, the write wall, replicas that are needed, connections."""
        return database_facts.facts(self, seen)

    def cautions(self, seen: Seen) -> Iterator[str]:
        """Replays that fall behind, connections that run out."""
        return database_facts.cautions(self, seen)

    def _read(self) -> tuple[Step, ...]:
        at_primary, at_replica = (
            Serve(role=role, label="reads", service_time=self.read_time, scv=self.scv)
            for role in ("primary", "replica")
        )
        if self._alone():
            return (at_primary,)
        share = np.where(np.asarray(self.replicas) > 0, self.primary_read_share, 1.0)[()]
        return (Either(share=share, then=(at_primary,), otherwise=(at_replica,)),)

    def _alone(self) -> bool:
        """Whether there are no replicas at all; in a sweep over replicas there always are."""
        return self.with_ is not None or (
            np.ndim(self.replicas) == 0 and float(np.max(self.replicas)) <= 0
        )
