"""What a database can say of itself: lag, the write wall, replicas needed, connections."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from capcalc.model.facts import Fact, Seen, StationSeen
from capcalc.theory.replication import commit, failover, reads
from capcalc.units.format import rate as per_second
from capcalc.units.format import significant
from capcalc.units.types import Numbers

if TYPE_CHECKING:
    from capcalc.model.components.database import Database


def facts(tier: Database, seen: Seen) -> Iterator[Fact]:
    """All facts of one database."""
    replica = seen.stations.get("replica")
    writes = seen.rate("primary", "writes")
    if replica is not None and tier.with_ is None and np.any(np.asarray(tier.replicas) > 0):
        yield from _of_replicas(tier, seen, replica, writes)
    if tier.commit != "asynchronous" and tier.wanted() is not None:
        yield from _of_commit(tier)
    connections = _connections(seen)
    if connections is not None:
        yield Fact(
            name="connections",
            value=connections,
            kind="number",
            says="connections that all pools may open",
            source="hosts x connections per host",
        )


def apply_time(tier: Database) -> Numbers:
    """Time to replay a write; as long as the write itself unless given."""
    return tier.write_time if tier.apply_time is None else tier.apply_time


def _of_replicas(
    tier: Database, seen: Seen, replica: StationSeen, writes: Numbers
) -> Iterator[Fact]:
    lag = np.add(np.add(replica.wait, apply_time(tier)), tier.replication_round_trip)[()]
    yield Fact(
        name="lag",
        value=lag,
        kind="duration",
        says="mean lag of a replica",
        source="round trip + wait and replay at a replica",
    )
    yield Fact(
        name="lost_writes",
        value=failover.lost_writes(writes, lag),
        kind="number",
        says="writes lost with the primary, if it is not waited for replicas",
        source="write rate x lag",
    )
    appliers = np.inf if tier.appliers is None else tier.appliers
    limit = tier.max_utilization
    wall = reads.write_wall(replica.servers, apply_time(tier), limit, appliers)
    yield Fact(
        name="write_wall",
        value=wall,
        kind="rate",
        says="writes beyond which no number of replicas helps",
        source="servers x max_utilization / replay time (Gray et al. 1996)",
    )
    asked = np.add(seen.rate("replica", "reads"), seen.rate("primary", "reads"))
    yield Fact(
        name="replicas_needed",
        value=reads.fewest_replicas(
            asked,
            writes,
            replica.servers,
            tier.read_time,
            apply_time(tier),
            limit,
            tier.primary_read_share,
        ),
        kind="number",
        says="replicas that these reads and writes need",
        source="(1 - f) reads x read time / (servers x limit - writes x replay time)",
    )


def _of_commit(tier: Database) -> Iterator[Fact]:
    wanted = np.minimum(tier.wanted() or 1.0, np.maximum(tier.replicas, 1.0))
    delay = commit.quorum_mean(wanted, np.maximum(tier.replicas, 1.0), tier.replication_round_trip)
    yield Fact(
        name="commit_delay",
        value=delay,
        kind="duration",
        says="that a write waits for acknowledgements",
        source="w-th of k exponential times (Rényi 1953)",
    )
    yield Fact(
        name="hot_row_rate",
        value=commit.hot_row_rate(tier.write_time, delay),
        kind="rate",
        says="writes to one row at most, its lock held until the commit",
        source="1 / (write time + commit delay)",
    )


def _connections(seen: Seen) -> Numbers | None:
    """What all pools that lead here may open together; None without any."""
    total: Numbers | None = None
    for tier in seen.system.hosted().values():
        pool = getattr(tier, "pool", None)
        if pool is not None and pool.to == seen.name:
            opened = np.multiply(tier.host_count(), pool.connections_per_host)[()]
            total = opened if total is None else np.add(total, opened)[()]
    return total


def cautions(tier: Database, seen: Seen) -> Iterator[str]:
    """Replays that fall behind, connections that run out, quorums that cannot be reached."""
    writes = np.asarray(seen.rate("primary", "writes"))
    if tier.appliers is not None and np.any(writes * apply_time(tier) >= tier.appliers):
        yield (
            f"{seen.name}: {significant(float(np.asarray(tier.appliers).max()))} appliers replay "
            f"{per_second(float(np.min(tier.appliers / np.asarray(apply_time(tier)))))} at most, "
            f"but {per_second(float(writes.max()))} are written: the lag grows without end"
        )
    connections = _connections(seen)
    if connections is not None and tier.max_connections is not None:
        over = np.asarray(connections) > np.asarray(tier.max_connections)
        if np.any(over):
            opened, accepted = (float(np.max(v)) for v in (connections, tier.max_connections))
            yield (
                f"{seen.name}: pools may open {significant(opened)} connections, but each host "
                f"accepts {significant(accepted)}"
            )
    wanted = tier.wanted()
    if (
        tier.commit == "quorum"
        and wanted is not None
        and np.any(wanted > np.asarray(tier.replicas))
    ):
        yield (
            f"{seen.name}: a quorum of {significant(float(np.max(wanted)))} acknowledgements is "
            "more than there are replicas: all of them are taken"
        )
