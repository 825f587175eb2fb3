"""What a database says of itself: lag, the write wall, replicas needed, commits, connections."""

from __future__ import annotations

from capcalc.advice.explain import flows, stations, visits
from capcalc.advice.explain.book import Book
from capcalc.advice.explain.draft import Draft, distinct, plain, symbol
from capcalc.advice.explain.rule import Rule, Told, inputs
from capcalc.model.components import Database


def _database(book: Book, tier: str) -> Database:
    found = book.system.tiers[tier]
    assert isinstance(found, Database)
    return found


def rate(book: Book, tier: str, label: str, *roles: str) -> Draft:
    """All reads or writes per second, of all classes."""
    return book.once(f"rate {tier} {label} {roles}", lambda: _rate(book, tier, label, roles))


def _rate(book: Book, tier: str, label: str, roles: tuple[str, ...]) -> Draft:
    work = [
        piece
        for piece in book.loaded.flows.work
        if piece.tier == tier and piece.label == label and piece.step.role in roles
    ]
    parts = distinct(
        (symbol("rate", piece.request_class, piece.step.role), flows.work(book, piece))
        for piece in work
    )
    return Draft(
        value=sum(plain(piece.rate) for piece in work),
        kind="rate",
        title=f"{label} of {tier}",
        expression=" + ".join(name for name, _ in parts) or "0",
        words="" if parts else "nothing comes",
        parts=parts,
    )


def _time(book: Book, tier: str, label: str, role: str) -> Draft:
    """How long a read, a write or its replay takes a server."""
    for piece in book.loaded.flows.work:
        if (piece.tier, piece.label, piece.step.role) == (tier, label, role):
            return stations.service(book, piece)
    names = {"applies": ("apply_time", "write_time"), "writes": ("write_time",)}
    for name in names.get(label, ("read_time",)):
        if book.has(f"tiers.{tier}.{name}"):
            return book.input(f"tiers.{tier}.{name}")
    raise KeyError(label)


def _apply(book: Book, tier: str) -> tuple[str, Draft]:
    return "apply_time", _time(book, tier, "applies", "replica")


def _replica(book: Book, tier: str, name: str) -> Draft:
    return book.draft(f"stations.{tier}.replica.{name}")


def _lag(book: Book, tier: str) -> Told:
    parts = [
        ("wait", _replica(book, tier, "wait")),
        _apply(book, tier),
        *inputs(book, tier, "replication_round_trip"),
    ]
    return Told(
        expression="wait + apply_time + replication_round_trip",
        parts=parts,
        assumptions=(
            "a replay waits like a read; replays are not held back by each other's order",
        ),
    )


def _lost(book: Book, tier: str) -> Told:
    parts = [
        ("writes", rate(book, tier, "writes", "primary")),
        ("lag", book.draft(f"facts.{tier}.lag")),
    ]
    return Told(
        expression="writes * lag",
        parts=parts,
        assumptions=("the replica with the mean lag takes over, nothing else is lost",),
    )


def _wall(book: Book, tier: str) -> Told:
    parts = [
        ("servers", _replica(book, tier, "servers")),
        *inputs(book, tier, "max_utilization"),
        _apply(book, tier),
    ]
    expression = "servers * max_utilization / apply_time"
    if book.has(f"tiers.{tier}.appliers"):
        parts += inputs(book, tier, "appliers")
        expression = "min(servers, appliers) * max_utilization / apply_time"
    hottest = plain(_database(book, tier).hottest_share())
    if hottest != 1.0:
        parts.append(("hottest_share", visits.hottest(book, tier)))
        expression += " / hottest_share"
    return Told(
        expression=expression,
        parts=parts,
        assumptions=("every replica replays every write and serves nothing else",),
    )


def _needed(book: Book, tier: str) -> Told:
    parts = [
        ("reads", rate(book, tier, "reads", "primary", "replica")),
        ("writes", rate(book, tier, "writes", "primary")),
        ("servers", _replica(book, tier, "servers")),
        ("read_time", _time(book, tier, "reads", "replica")),
        *inputs(book, tier, "primary_read_share", "max_utilization"),
        _apply(book, tier),
    ]
    reads = "(1 - primary_read_share) * reads * read_time"
    room = "(servers * max_utilization - writes * apply_time)"
    found = plain(book.solution.fact(tier, "replicas_needed"))
    impossible = found == float("inf")
    return Told(
        expression="" if impossible else f"ceil({reads} / {room})",
        words="no number: replays alone fill a replica to its limit" if impossible else "",
        parts=parts,
        assumptions=("every replica replays every write; reads are spread evenly over replicas",),
    )


def _acknowledged(book: Book, tier: str) -> Told:
    found = _database(book, tier)
    parts = inputs(book, tier, "replicas", "acknowledgements", "replication_round_trip", "commit")
    wanted = found.wanted(found.replicas)
    which = "" if wanted is None else f" (w = {plain(wanted):g})"
    return Told(
        words=f"round trip x sum of 1 / (k - i) for i below w{which}: the w-th of k times",
        latex=r"t \sum_{i=0}^{w-1} \frac{1}{k-i}",
        parts=parts,
        assumptions=("acknowledgement times are exponential and independent",),
    )


def _hot_row(book: Book, tier: str) -> Told:
    write = ("write_time", _time(book, tier, "writes", "primary"))
    parts = [write, ("delay", book.draft(f"facts.{tier}.commit_delay"))]
    return Told(expression="1 / (write_time + delay)", parts=parts)


def _connections(book: Book, tier: str) -> Told:
    parts: list[tuple[str, Draft]] = []
    terms = []
    for name, each in book.system.hosted().items():
        pool = getattr(each, "pool", None)
        if pool is not None and pool.to == tier:
            hosts, size = symbol("hosts", name), symbol("connections", name)
            parts.append((hosts, book.draft(f"tiers.{name}.hosts")))
            parts.append((size, book.input(f"tiers.{name}.pool.connections_per_host")))
            terms.append(f"{hosts} * {size}")
    return Told(expression=" + ".join(terms), parts=parts)


def _hot_shard(book: Book, tier: str) -> Told:
    keys = inputs(book, tier, "shards.count", "shards.keys", "shards.zipf")
    return Told(
        words="expected largest load of a shard over the mean, keys placed by a hash",
        latex=r"n \, \mathrm{E} \max_j \sum_{i \in j} p_i",
        parts=keys,
        assumptions=(
            "the 200 hottest keys are placed at random, the load of all others is normal",
        ),
    )


def _mean_busy(book: Book, tier: str) -> Told:
    parts = [
        ("utilization", book.draft(f"tiers.{tier}.utilization")),
        ("hot_shard", book.draft(f"facts.{tier}.hot_shard")),
    ]
    return Told(expression="utilization / hot_shard", parts=parts)


def _carry(book: Book, tier: str) -> Told:
    hot = ("hot_shard", book.draft(f"facts.{tier}.hot_shard"))
    return Told(expression="count / hot_shard", parts=[*inputs(book, tier, "shards.count"), hot])


RULES: dict[str, Rule] = {
    "lag": _lag,
    "lost_writes": _lost,
    "write_wall": _wall,
    "replicas_needed": _needed,
    "commit_delay": _acknowledged,
    "hot_row_rate": _hot_row,
    "connections": _connections,
    "hot_shard": _hot_shard,
    "mean_utilization": _mean_busy,
    "shards_carry": _carry,
}
