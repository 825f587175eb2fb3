"""The database: one primary, its replicas, and the writes that every replica replays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal, Self, TypeAlias

import numpy as np

from capcalc.model.components import _database_facts as database_facts
from capcalc.model.components._shards import OTHERS, Shards, Side
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
    #: each with a primary and ``replicas``; which keys are where is up to a hash
    shards: Shards | None = None

    #: hosts of the hottest shard that are down
    lost: Whole = field(default=0.0, metadata={"hidden": True})

    def stations(self, name: str, servers: Numbers, balancing: str) -> tuple[Station, ...]:
        """The primary alone, and the replicas, each with its own queue.

        Of several shards the hottest; all others are two stations more, alike, whose hosts are
        taken at random (who deals visits out in turn does so within a shard).
        """
        hottest, *others = self.sides()
        found = list(_stations(name, hottest, servers, balancing))
        for side in others:
            found += _stations(name, side, servers, "random")
        return tuple(found)

    def sides(self) -> tuple[Side, ...]:
        """The hottest shard and the others; without shards the whole."""
        if self.shards is None or self.with_ is not None:
            return (Side(replicas=self.replicas),)
        left = np.subtract(self.replicas, self.lost)[()]
        return (
            Side(replicas=left),
            Side(replicas=self.replicas, shards=np.subtract(self.shards.count, 1.0)[()], of=OTHERS),
        )

    def shard_count(self) -> Numbers:
        """Shards; one where the keys are not spread."""
        return 1.0 if self.shards is None or self.with_ is not None else self.shards.count

    def hottest_share(self) -> Numbers:
        """Share of all reads and writes that one shard gets, the hottest."""
        return 1.0 if self.shards is None or self.with_ is not None else self.shards.hottest()

    def host_count(self) -> Numbers:
        """Primary and replicas, of all shards."""
        every = np.multiply(self.shard_count(), np.add(1.0, self.replicas))
        return np.subtract(every, self.lost)[()]

    def without(self, failure: str) -> Self:
        """One host less, whichever it was: a replica takes a lost primary's place.

        Of several shards the hottest loses it. A zone has the hottest shard's fullest part, of
        the other shards what every zone has.
        """
        if self.shards is None:
            return Hosted.without(self, "zone" if failure == "zone" else "host")
        each = np.add(1.0, self.replicas)
        if failure != "zone":
            return replace(self, lost=np.minimum(np.add(self.lost, 1.0), each)[()])
        part = each / (1.0 if self.zones is None else self.zones)
        least, most = np.floor(part), np.ceil(part)
        left = np.subtract(self.replicas, least)[()]
        return replace(self, replicas=left, lost=np.add(self.lost, most - least)[()])

    def recovery_time(self, failure: str, seen: Seen) -> Numbers | None:
        """A replica in the primary's place; else a new host, with its data."""
        if failure == "primary" and np.any(np.asarray(self.replicas) > 0):
            return self.failover_time
        return self.boot_time

    def aftermath(self, failure: str, seen: Seen) -> Iterator[str]:
        """What a promotion costs in writes, and which keys are concerned."""
        if self.shards is not None and self.with_ is None:
            yield from database_facts.keys_concerned(self, failure, seen)
        elif failure != "primary":
            yield from Hosted.aftermath(self, failure, seen)
        elif np.all(np.asarray(self.replicas) <= 0):
            yield f"{seen.name} has no replica: without its primary nothing is read or written"
        if failure == "primary" and np.any(np.asarray(self.replicas) > 0):
            yield self._promotion(seen)

    def _promotion(self, seen: Seen) -> str:
        writes = float(np.asarray(seen.rate("primary", "writes")))
        if self.failover_time is None:
            return (
                f"a replica takes over; until then no write is taken ({rate(writes)} wait or "
                f"fail): give tiers.{seen.name}.failover_time to know how many"
            )
        lost = writes * float(np.asarray(self.failover_time))
        return (
            f"a replica takes over after {duration(float(self.failover_time))}; some "
            f"{significant(lost)} writes wait or fail meanwhile"
        )

    def with_hosts(self, hosts: Numbers) -> Self:
        """The same database on so many hosts; a lost primary is replaced by a replica.

        Every shard has as many; hosts that are left over serve nothing.
        """
        each = np.floor(np.divide(hosts, self.shard_count()))
        return replace(self, replicas=np.subtract(each, 1.0)[()])

    def work(self, site: Site, port: str) -> tuple[Step, ...]:
        """A read at the primary or a replica; a write at the primary, replayed by all.

        Of several shards at the one that has the key.
        """
        does = self._read if port == "reads" else self._write
        hottest, *others = (does(side) for side in self.sides())
        if not others:
            return hottest
        return (Either(share=self.hottest_share(), then=hottest, otherwise=others[0]),)

    def _write(self, side: Side) -> tuple[Step, ...]:
        write = Serve(
            role=side.role("primary"), label="writes", service_time=self.write_time, scv=self.scv
        )
        if self._alone(side):
            return (write,)
        apply_time = self.write_time if self.apply_time is None else self.apply_time
        replay = Load(
            role=side.role("replica"),
            label="applies",
            service_time=apply_time,
            scv=self.scv,
            copies=np.maximum(side.replicas, 0.0)[()],
        )
        return (write, *self._commit(side), replay)

    def _commit(self, side: Side) -> tuple[Step, ...]:
        """Waiting for acknowledgements: the w-th of k exponential ones.

        Its mean is exact; its law is taken as gamma of the same variance.
        """
        wanted = self.wanted(side.replicas)
        if self.commit == "asynchronous" or wanted is None:
            return ()
        count = np.maximum(np.asarray(side.replicas, dtype=float), 1.0)
        wanted = np.minimum(wanted, count)
        time = np.asarray(commit.quorum_mean(wanted, count, self.replication_round_trip))
        scv = np.asarray(order_statistics.exponential_scv(wanted, count))
        some = np.asarray(side.replicas) > 0
        return (Pause(time=np.where(some, time, 0.0)[()], scv=np.where(some, scv, 1.0)[()]),)

    def wanted(self, replicas: Numbers) -> Numbers | None:
        """Acknowledgements that a write waits for, of so many replicas."""
        if self.commit == "semi_synchronous":
            return 1.0
        if self.commit == "synchronous":
            return np.maximum(replicas, 1.0)[()]
        return self.acknowledgements if self.commit == "quorum" else None

    def _read(self, side: Side) -> tuple[Step, ...]:
        at_primary, at_replica = (
            Serve(role=side.role(role), label="reads", service_time=self.read_time, scv=self.scv)
            for role in ("primary", "replica")
        )
        if self._alone(side):
            return (at_primary,)
        share = np.where(np.asarray(side.replicas) > 0, self.primary_read_share, 1.0)[()]
        return (Either(share=share, then=(at_primary,), otherwise=(at_replica,)),)

    def _alone(self, side: Side) -> bool:
        """Whether there are no replicas at all; in a sweep over replicas there always are."""
        return self.with_ is not None or (
            np.ndim(side.replicas) == 0 and float(np.max(side.replicas)) <= 0
        )

    def facts(self, seen: Seen) -> Iterator[Fact]:
        """Lag, the write wall, replicas that are needed, connections."""
        return database_facts.facts(self, seen)

    def cautions(self, seen: Seen) -> Iterator[str]:
        """Replays that fall behind, connections that run out."""
        return database_facts.cautions(self, seen)


def _stations(name: str, side: Side, servers: Numbers, balancing: str) -> tuple[Station, Station]:
    """The primaries and the replicas of one side."""
    primary = Station(
        tier=name,
        role=side.role("primary"),
        hosts=np.multiply(side.shards, np.minimum(np.add(1.0, side.replicas), 1.0))[()],
        servers=servers,
        balancing=balancing,
    )
    replica = Station(
        tier=name,
        role=side.role("replica"),
        hosts=np.multiply(side.shards, np.maximum(side.replicas, 0.0))[()],
        servers=servers,
        balancing=balancing,
        dealt_labels=frozenset(("reads",)),
    )
    return (primary, replica)
