"""What a database can say of itself: lag, the write wall, replicas, connections, hot shards.

Of several shards the stations of role ``primary`` and ``replica`` are those of the hottest.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from capcalc.model.components._shards import GONE, OTHERS, Shards
from capcalc.model.facts import Fact, Seen, StationSeen
from capcalc.theory.replication import commit, failover, reads
from capcalc.units.format import rate as per_second
from capcalc.units.format import share, significant
from capcalc.units.types import Numbers

if TYPE_CHECKING:
    from capcalc.model.components.database import Database


def facts(tier: Database, seen: Seen) -> Iterator[Fact]:
    """All facts of one database."""
    replica = seen.stations.get("replica")
    writes = seen.rate("primary", "writes")
    if replica is not None and tier.with_ is None and np.any(np.asarray(tier.replicas) > 0):
        yield from _of_replicas(tier, seen, replica, writes)
    if tier.commit != "asynchronous" and tier.wanted(tier.replicas) is not None:
        yield from _of_commit(tier, contended(seen, "primary"))
    if tier.shards is not None and tier.with_ is None:
        yield from _of_shards(tier, tier.shards, seen)
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


def contended(seen: Seen, role: str) -> Numbers:
    """What the cores of a host make all times longer by."""
    owner = seen.system.hosted()[seen.system.host_of(seen.name)]
    station = seen.stations.get(role)
    if owner.scaling is None or station is None:
        return 1.0
    return owner.scaling.slowdown(station.servers)


def _of_replicas(
    tier: Database, seen: Seen, replica: StationSeen, writes: Numbers
) -> Iterator[Fact]:
    slower = contended(seen, "replica")
    apply, read = np.multiply(apply_time(tier), slower), np.multiply(tier.read_time, slower)
    lag = np.add(np.add(replica.wait, apply), tier.replication_round_trip)[()]
    of_shard = " of the hottest shard" if _sharded(tier) else ""
    yield Fact(
        name="lag",
        value=lag,
        kind="duration",
        says=f"mean lag of a replica{of_shard}",
        source="round trip + wait and replay at a replica",
    )
    yield Fact(
        name="lost_writes",
        value=failover.lost_writes(writes, lag),
        kind="number",
        says=f"writes lost with the primary{of_shard}, if it is not waited for replicas",
        source="write rate x lag",
    )
    appliers = np.inf if tier.appliers is None else tier.appliers
    limit = tier.max_utilization
    wall = reads.write_wall(replica.servers, apply, limit, appliers)
    part = _ratio(1.0, tier.hottest_share())
    yield Fact(
        name="write_wall",
        value=np.multiply(wall, part)[()],
        kind="rate",
        says="writes beyond which no number of replicas helps",
        source="servers x max_utilization / replay time (Gray et al. 1996)"
        + (", over the hottest shard's share" if of_shard else ""),
    )
    asked = np.add(seen.rate("replica", "reads"), seen.rate("primary", "reads"))
    yield Fact(
        name="replicas_needed",
        value=reads.fewest_replicas(
            asked, writes, replica.servers, read, apply, limit, tier.primary_read_share
        ),
        kind="number",
        says="replicas that these reads and writes need" + (" in every shard" if of_shard else ""),
        source="(1 - f) reads x read time / (servers x limit - writes x replay time)",
    )


def _of_commit(tier: Database, slower: Numbers) -> Iterator[Fact]:
    wanted = np.minimum(tier.wanted(tier.replicas) or 1.0, np.maximum(tier.replicas, 1.0))
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
        value=commit.hot_row_rate(np.multiply(tier.write_time, slower), delay),
        kind="rate",
        says="writes to one row at most, its lock held until the commit",
        source="1 / (write time + commit delay)",
    )


def _sharded(tier: Database) -> bool:
    return tier.shards is not None and tier.with_ is None


def _ratio(numerator: Numbers, denominator: Numbers) -> Numbers:
    """A quotient, ``nan`` and ``inf`` without a word."""
    with np.errstate(all="ignore"):
        return np.divide(numerator, denominator)[()]


def _of_shards(tier: Database, shards: Shards, seen: Seen) -> Iterator[Fact]:
    """How much hotter the hottest shard is, where it ends, and what would help."""
    most = shards.imbalance()
    yield Fact(
        name="hot_shard",
        value=most,
        kind="number",
        says="times the mean load at the hottest shard",
        source="expected over all hashes: 200 hottest keys placed at random, the others normal",
    )
    busiest = _busiest(seen)
    yield Fact(
        name="mean_utilization",
        value=_ratio(busiest, most),
        kind="share",
        says="busy: all shards on average; the table has the hottest",
        source="utilization of the hottest shard over its load in times the mean",
    )
    yield Fact(
        name="shard_ceiling",
        value=_ceiling(tier, shards, seen),
        kind="rate",
        says="reads and writes at most, however many shards: the hottest key is on one",
        source="what one shard carries within max_utilization / share of the hottest key",
    )
    yield Fact(
        name="shards_carry",
        value=_ratio(shards.count, most),
        kind="number",
        says="times what one shard carries",
        source="shards / load of the hottest in times the mean",
    )
    yield Fact(
        name="shards_carry_at_most",
        value=shards.most(),
        kind="number",
        says="the same for any number of shards; so many shards carry about half of it",
        source="1 / share of the hottest key, the harmonic number of Zipf's law",
    )
    for gone in GONE:
        keys = "the hottest key is" if gone == 1 else f"the {gone} hottest keys are"
        yield Fact(
            name=f"carried_without_{gone}",
            value=_ratio(most, shards.without_hottest(gone)),
            kind="number",
            says=f"times as much is carried once {keys} cached or copied to all shards",
            source="load of the hottest shard before and after; writes of these keys left out too",
        )


def _busiest(seen: Seen) -> Numbers:
    """Utilization of the hottest shard: of its primary or its replicas."""
    found: Numbers = 0.0
    for role, station in seen.stations.items():
        if not role.endswith(OTHERS):
            found = np.maximum(found, station.utilization)[()]
    return found


def _asked(seen: Seen) -> Numbers:
    """Reads and writes per second of all shards."""
    found = [rate for (_, what), rate in seen.rates.items() if what in ("reads", "writes")]
    return sum(found, 0.0)


def _ceiling(tier: Database, shards: Shards, seen: Seen) -> Numbers:
    """What one shard carries, as often as it goes into the hottest key's share of all."""
    one = np.multiply(_asked(seen), shards.hottest())
    full = _ratio(np.multiply(one, tier.max_utilization), _busiest(seen))
    return np.multiply(full, shards.most())[()]


def keys_concerned(tier: Database, failure: str, seen: Seen) -> Iterator[str]:
    """A lost host concerns the keys of its shard; the state solved is that of the hottest."""
    name, count = seen.name, float(np.max(tier.shard_count()))
    hot = share(float(np.max(tier.hottest_share())))
    lone = np.all(np.asarray(tier.replicas) <= 0)
    if failure == "zone" and lone and tier.zones is not None:
        part = share(float(np.max(np.ceil(count / tier.zones))) / count)
        yield (
            f"no shard of {name} has a replica: in a lost zone {part} of them end, with all their "
            "keys; the numbers here are those of the hottest alone"
        )
    elif failure == "zone":
        yield f"every shard of {name} has one host less or none; the hottest is taken to have one"
    elif lone:
        yield (
            f"the shard has no replica: {hot} of all reads and writes of {name} fail if it is the "
            f"hottest, {share(1.0 / count)} on average; the other shards go on"
        )
    else:
        yield (
            f"only the keys of one shard are concerned: {hot} of all reads and writes of {name} "
            f"in the hottest, which is the one taken here, {share(1.0 / count)} on average"
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
    replay = np.multiply(apply_time(tier), contended(seen, "replica"))
    if tier.shards is not None and tier.with_ is None:
        yield from _hot(tier, tier.shards, seen)
    if tier.appliers is not None and np.any(writes * replay >= tier.appliers):
        yield (
            f"{seen.name}: {significant(float(np.asarray(tier.appliers).max()))} appliers replay "
            f"{per_second(float(np.min(tier.appliers / replay)))} at most, "
            f"but {per_second(float(writes.max()))} are written: the lag grows without end"
        )
    connections = _connections(seen)
    if connections is not None and tier.max_connections is not None:
        # a pool is taken to have its connections where its calls go
        connections = np.multiply(connections, tier.hottest_share())
        over = np.asarray(connections) > np.asarray(tier.max_connections)
        if np.any(over):
            of_shard = " to the hottest shard" if _sharded(tier) else ""
            opened, accepted = (float(np.max(v)) for v in (connections, tier.max_connections))
            yield (
                f"{seen.name}: pools may open {significant(opened)} connections{of_shard}, but "
                f"each host accepts {significant(accepted)}"
            )
    wanted = tier.wanted(tier.replicas)
    if (
        tier.commit == "quorum"
        and wanted is not None
        and np.any(wanted > np.asarray(tier.replicas))
    ):
        yield (
            f"{seen.name}: a quorum of {significant(float(np.max(wanted)))} acknowledgements is "
            "more than there are replicas: all of them are taken"
        )


def _hot(tier: Database, shards: Shards, seen: Seen) -> Iterator[str]:
    """Shards that are full though others are not, and shards that do not help any more."""
    busiest, hot = np.asarray(_busiest(seen)), np.asarray(shards.imbalance())
    limit, most = np.asarray(tier.max_utilization), np.asarray(shards.most())
    if np.any((busiest > limit) & (busiest <= limit * hot)):
        yield (
            f"{seen.name}: its hottest shard is busier than max_utilization though all shards "
            "together are not: a cache or copies for the hottest keys relieve it"
        )
    carried = np.asarray(_ratio(shards.count, hot))
    beyond = np.broadcast_to(np.asarray(shards.count) > most, carried.shape)
    if np.any(beyond):
        told = int(np.argmax(np.where(beyond, carried, -np.inf)))
        count, times, end = (
            float(np.broadcast_to(each, carried.shape).ravel()[told])
            for each in (shards.count, carried, most)
        )
        yield (
            f"{seen.name}: {significant(count)} shards carry {significant(times)} times what one "
            f"does, and no number of shards more than {significant(end)} times: the hottest key "
            f"alone is {share(1.0 / end)} of all requests; further shards bring less and less"
        )
