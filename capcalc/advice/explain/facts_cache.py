"""What a cache says of itself: what its hits are worth, its memory, its best size."""

from __future__ import annotations

from dataclasses import replace

from capcalc.advice.explain import hosts, keeping, money
from capcalc.advice.explain.book import Book
from capcalc.advice.explain.draft import Draft, constant, plain
from capcalc.advice.explain.rule import Rule, Told, inputs, month
from capcalc.model.components import Cache
from capcalc.solve import cost
from capcalc.theory.balancing import shards
from capcalc.units.kinds import HOUR, MONTH

_INDEPENDENT = "requests independent of one another, of Zipf popularity (Breslau et al. 1999)"


def _cache(book: Book, tier: str) -> Cache:
    found = book.system.tiers[tier]
    assert isinstance(found, Cache)
    return found


def _hit(book: Book, tier: str) -> tuple[str, Draft]:
    return "hit_ratio", keeping.hit_ratio(book, tier)


def gets(book: Book, tier: str) -> Draft:
    """Gets per second."""
    return book.draft(f"tiers.{tier}.arrival_rate")


def _avoided(book: Book, tier: str) -> Told:
    parts = [("gets", gets(book, tier)), _hit(book, tier)]
    return Told(expression="gets * hit_ratio", parts=parts)


def _leverage(book: Book, tier: str) -> Told:
    return Told(expression="1 / (1 - hit_ratio)", parts=[_hit(book, tier)])


def _point(book: Book, tier: str) -> Told:
    return Told(expression="0.01 / (1 - hit_ratio)", parts=[_hit(book, tier)])


def _at_size(factor: float) -> Rule:
    def rule(book: Book, tier: str) -> Told | None:
        cache = _cache(book, tier)
        held = keeping.held(book, tier, cache)
        name, size = f"{factor:g} times the size", plain(held.value) * factor
        room = Draft(
            value=size,
            kind="number",
            title=f"objects for which there were room at {name}",
            expression=f"{factor:g} * capacity",
            parts=(("capacity", held),),
        )
        other = replace(cache, capacity=size, memory=None)
        model = keeping.of_cache(book, tier, other, plain(other.hit_when_warm()), f"hits at {name}")
        parts = [("capacity", room), *((n, d) for n, d in model.parts if n != "capacity")]
        expression = model.expression
        if "time" in dict(parts):
            time = keeping.characteristic_time(book, tier, room)
            parts = [(n, time if n == "time" else d) for n, d in parts]
        return Told(
            expression=expression,
            words=model.words,
            latex=model.latex,
            parts=parts,
            assumptions=model.assumptions,
            source=model.source,
        )

    return rule


def _ceiling(book: Book, tier: str) -> Told:
    return Told(expression="1 - write_share", parts=inputs(book, tier, "write_share"))


def _memory(book: Book, tier: str) -> Told:
    if book.has(f"tiers.{tier}.memory"):
        return Told(expression="memory", parts=inputs(book, tier, "memory"))
    return Told(expression="capacity * size", parts=inputs(book, tier, "capacity", "objects.size"))


def _bytes(book: Book, tier: str) -> Told:
    parts = [("gets", gets(book, tier)), _hit(book, tier), *inputs(book, tier, "objects.size")]
    return Told(expression="gets * hit_ratio * size", parts=parts)


def _network(book: Book, tier: str) -> Told:
    parts = [("gets", gets(book, tier)), _hit(book, tier)]
    parts += [*inputs(book, tier, "objects.size", "network"), ("hosts", _hosts(book, tier))]
    return Told(expression="gets * hit_ratio * size / (hosts * network)", parts=parts)


def _hosts(book: Book, tier: str) -> Draft:
    return book.draft(f"tiers.{tier}.hosts")


def _hottest(book: Book, tier: str) -> Told:
    sizes = [("hosts", _hosts(book, tier)), *inputs(book, tier, "objects.count", "objects.zipf")]
    hosts, count, zipf = (plain(draft.value) for _, draft in sizes)
    most = plain(shards.least_max_over_mean(hosts, count, zipf))
    factor = Draft(
        value=most,
        kind="number",
        title="load of the host with the most popular key over the mean, at least",
        words="n p_1 + 1 - p_1, p_1 = 1 / sum of i^-zipf over all objects",
        latex=r"n p_1 + 1 - p_1, \quad p_1 = 1 / H_{N,\alpha}",
        parts=tuple(sizes),
        assumptions=(_INDEPENDENT, "all other keys spread evenly: a lower bound"),
    )
    busy = book.draft(f"tiers.{tier}.utilization")
    return Told(
        expression="utilization * factor", parts=[("utilization", busy), ("factor", factor)]
    )


def _refill(book: Book, tier: str) -> Told:
    cache = _cache(book, tier)
    time = keeping.characteristic_time(book, tier, keeping.held(book, tier, cache))
    parts = [("time", time), ("gets", gets(book, tier))]
    expression = "time / gets"
    if cache.local:
        parts.append(("hosts", _hosts(book, tier)))
        expression = "time / (gets / hosts)"
    note = "what it fronts bears the misses meanwhile, and gets stay as they are"
    return Told(expression=expression, parts=parts, assumptions=(_INDEPENDENT, note))


def _per_million(book: Book, tier: str) -> Told:
    parts = [
        ("hosts", _hosts(book, tier)),
        ("price", money.price(book, tier)),
        ("hours", constant(cost.HOURS, "number", "hours of a month", "by definition")),
        ("gets", gets(book, tier)),
        _hit(book, tier),
        ("month", month()),
        ("peak_to_average", book.input("demand.peak_to_average")),
    ]
    expression = "1000000 * hosts * price * hours / (gets * hit_ratio * month / peak_to_average)"
    return Told(
        expression=expression, parts=parts, assumptions=("reads are counted at the mean rate",)
    )


def _best(book: Book, tier: str) -> Told | None:
    cache = _cache(book, tier)
    fronts = cache.fronts or ""
    memory = book.system.memory(tier)
    if memory is None or book.system.price(tier) is None or not fronts:
        return None
    behind = book.system.hosted()[fronts]
    room = Draft(
        value=plain(book.system.price(tier)) * MONTH / HOUR / memory,
        kind="price",
        title=f"a byte of memory of {tier}, a month",
        expression="price * hours / bytes",
        parts=(
            ("price", money.price(book, tier)),
            ("hours", constant(cost.HOURS, "number", "hours of a month", "by definition")),
            ("bytes", _memory_of(book, tier, memory)),
        ),
    )
    limit = book.input(f"tiers.{fronts}.max_utilization")
    servers = plain(book.system.servers(fronts))
    read_time = book.input(f"tiers.{fronts}.read_time")
    read = Draft(
        value=plain(book.system.price(fronts))
        * cost.HOURS
        * plain(read_time.value)
        / (servers * plain(behind.max_utilization)),
        kind="money",
        title=f"one read a second at {fronts}, filled to its limit, a month",
        expression="price * hours * read_time / (servers * max_utilization)",
        parts=(
            ("price", money.price(book, fronts)),
            ("hours", constant(cost.HOURS, "number", "hours of a month", "by definition")),
            ("read_time", read_time),
            ("servers", _servers(book, fronts)),
            ("max_utilization", limit),
        ),
    )
    sizes = inputs(book, tier, "objects.count", "objects.zipf", "objects.size")
    return Told(
        words="the capacity x with most of gets * h(x) * read - x * size * room, h by LRU's model",
        latex=r"\arg\max_x \left(\lambda h(x) p_r - x s p_m\right)",
        parts=[("gets", gets(book, tier)), ("read", read), ("room", room), *sizes],
        assumptions=(_INDEPENDENT, "240 sizes are tried, 5 % apart, up to all objects"),
        source="marginal value of memory against database hosts saved",
    )


def _servers(book: Book, tier: str) -> Draft:

    return hosts.servers(book, tier, f"servers of one {tier} host")


def _memory_of(book: Book, tier: str, memory: float) -> Draft:

    instance = book.system.hosted()[book.system.host_of(tier)].instance
    return Draft(
        value=memory,
        kind="size",
        title=f"memory of {instance}",
        provenance=hosts.table(book, f"{instance}, memory_gib"),
    )


def _expiring(expression: str) -> Rule:
    def rule(book: Book, tier: str) -> Told | None:
        cache = _cache(book, tier)
        page = f"tiers.{cache.fronts}.response"
        if cache.kept is None or page not in book.pages:
            return None
        rate = constant(
            plain(cache.kept.object_rate),
            "rate",
            "gets of the most popular value at one cache",
            "popularity p_1 x the gets of one cache",
        )
        parts = [("rate", rate), ("fetch", book.draft(page)), *inputs(book, tier, "max_age")]
        return Told(expression=expression, parts=parts)

    return rule


def _fullest(book: Book, tier: str) -> Told:
    parts = [("hosts", _hosts(book, tier)), *inputs(book, tier, "virtual_nodes")]
    return Told(
        words="mean of the largest of n gamma shares of shape V, times n",
        latex=r"n \, \mathrm{E} \max_i \Gamma_i(V)",
        parts=parts,
    )


RULES: dict[str, Rule] = {
    "reads_avoided": _avoided,
    "leverage": _leverage,
    "point": _point,
    "hit_ratio_half": _at_size(0.5),
    "hit_ratio_double": _at_size(2.0),
    "ceiling": _ceiling,
    "memory": _memory,
    "bytes": _bytes,
    "network_utilization": _network,
    "hottest_host": _hottest,
    "fullest_host": _fullest,
    "best_capacity": _best,
    "refill_time": _refill,
    "cost_per_million_reads_avoided": _per_million,
    "delayed": _expiring("rate * fetch / (1 + rate * (max_age + fetch))"),
    "calls_per_expiry": _expiring("1 + rate * fetch"),
}
