"""Hit ratios: given, measured, by the model of a cache, or those of a row of caches."""

from __future__ import annotations

from typing import Any

from capcalc.advice.explain.book import Book
from capcalc.advice.explain.draft import Draft, Parts, plain, symbol
from capcalc.advice.explain.passed import hits, passes
from capcalc.model import routes
from capcalc.model.components import Cache
from capcalc.theory.caches import lru

_CHE = "R. Fagin, J. Comput. Syst. Sci. 14, 1977; H. Che, Y. Tung, Z. Wang, IEEE JSAC 20(7), 2002"
_POLICIES = "characteristic time of the policy (Martina, Garetto, Leonardi 2014; theory.caches)"


def hit_ratio(book: Book, name: str) -> Draft:
    """The hit ratio of a cache, a proxy or an edge."""
    return book.once(f"hit ratio {name}", lambda: _hit_ratio(book, name))


def _hit_ratio(book: Book, name: str) -> Draft:
    tier: Any = book.system.tiers[name]
    value = plain(book.solution.tier(name).hit_ratio)
    given = f"tiers.{name}.hit_ratio"
    if book.has(given) and plain(book.input(given).value) == value:
        return book.input(given)
    if not isinstance(tier, Cache):
        return _over_classes(book, name, value)
    return of_cache(book, name, tier, value)


def contents(book: Book, name: str, *keys: str) -> list[tuple[str, Draft]]:
    """What the file says of a cache, as parts."""
    paths = [(key.rpartition(".")[2], f"tiers.{name}.{key}") for key in keys]
    return [(key, book.input(path)) for key, path in paths if book.has(path)]


def held(book: Book, name: str, tier: Cache) -> Draft:
    """Objects for which there is room."""
    if book.has(f"tiers.{name}.capacity"):
        return book.input(f"tiers.{name}.capacity")
    return Draft(
        value=plain(tier.held()),
        kind="number",
        title=f"objects for which {name} has room",
        expression="memory / size",
        parts=tuple(contents(book, name, "memory", "objects.size")),
    )


def of_cache(book: Book, name: str, tier: Cache, value: float, title: str = "") -> Draft:
    """The model of one cache: a measured curve, LRU by Che's approximation, or its policy's."""
    common: dict[str, Any] = {
        "value": value,
        "kind": "share",
        "title": title or f"share of the gets of {name} that find their object",
        "path": "" if title else f"tiers.{name}.hit_ratio",
    }
    if tier.kept is not None:
        parts: Parts = contents(
            book, name, "capacity", "memory", "objects.count", "objects.zipf", "max_age", "hosts"
        )
        words = "object by object: asked for again before it is evicted, too old, or kept before it"
        note = book.said("caches in a row")
        return Draft(parts=tuple(parts), words=words, latex=_LATEX, assumptions=note, **common)
    room = ("capacity", held(book, name, tier))
    if tier.hit_ratio_curve is not None:
        points = [
            (symbol("at", path.rpartition(".")[2]), book.input(path))
            for path in book.inputs()
            if path.startswith(f"tiers.{name}.hit_ratio_curve.")
        ]
        words = "the measured curve at this capacity, linear in ln(capacity) between its points"
        return Draft(
            parts=(room, *points), words=words, source="definition: measured, as given", **common
        )
    known = contents(book, name, "objects.count", "objects.zipf", "write_share", "policy")
    if tier.policy not in (None, "lru") or tier.write_share is not None:
        words = (
            "share of the gets whose object the policy still keeps, popularity p_i = i^-zipf / H"
        )
        return Draft(parts=(room, *known), words=words, latex=_LATEX, source=_POLICIES, **common)
    known = contents(book, name, "objects.count", "objects.zipf")
    return Draft(
        parts=(room, *known, ("time", characteristic_time(book, name, room[1]))),
        expression="lru_hit_ratio(capacity, count, zipf)",
        words="sum of p_i (1 - exp(-p_i T)), p_i = i^-zipf / H, T the characteristic time",
        latex=_LATEX,
        assumptions=book.said("hit ratio"),
        source=_CHE,
        **common,
    )


_LATEX = r"h = \sum_{i=1}^N p_i \left(1 - e^{-p_i T}\right), \quad p_i = i^{-\alpha} / H_{N,\alpha}"


def characteristic_time(book: Book, name: str, room: Draft) -> Draft:
    """Requests for which an object stays after its last one."""
    parts = contents(book, name, "objects.count", "objects.zipf")
    count, zipf = (plain(draft.value) for _, draft in parts)
    return Draft(
        value=plain(lru.characteristic_time(plain(room.value), count, zipf)),
        kind="number",
        title=f"gets of {name} for which an object stays after its last one",
        expression="lru_characteristic_time(capacity, count, zipf)",
        words="T at which the objects asked for again within T gets fill the capacity",
        latex=r"\sum_{i=1}^N \left(1 - e^{-p_i T}\right) = C",
        parts=(("capacity", room), *parts),
        source=_CHE,
    )


def _over_classes(book: Book, name: str, value: float) -> Draft:
    """Of several classes together: weighted by what comes."""
    kinds = book.system.demand.requests
    classes = [each for each, request in kinds.items() if request.edge_cacheable]
    parts: list[tuple[str, Draft]] = []
    for each in classes:
        parts += [(symbol("rate", each), coming(book, name, each))]
        parts += [(symbol("hit_ratio", each), hits(book, name, each))]
    above = " + ".join(f"{symbol('rate', c)} * {symbol('hit_ratio', c)}" for c in classes)
    below = " + ".join(symbol("rate", c) for c in classes)
    return Draft(
        value=value,
        kind="share",
        title=f"share of what {name} may answer that it does",
        path=f"tiers.{name}.hit_ratio",
        expression=f"({above}) / ({below})",
        parts=tuple(parts),
        source="definition: all classes that may be cached, weighted by their rates",
    )


def coming(book: Book, tier: str, name: str) -> Draft:
    """A class's requests that come to an edge tier, those before it taken off."""
    return book.once(f"coming {tier} {name}", lambda: _coming(book, tier, name))


def _coming(book: Book, tier: str, name: str) -> Draft:
    parts = [("arrival_rate", book.draft(f"requests.{name}.arrival_rate"))]
    value = plain(parts[0][1].value)
    edges = routes.edges(book.system)
    if tier not in edges:
        return book.draft(f"requests.{name}.origin_rate")
    for before in list(edges)[: list(edges).index(tier)]:
        passed = passes(book, before, name)
        parts.append((symbol("passed", before), passed))
        value *= plain(passed.value)
    if len(parts) == 1:
        return parts[0][1]
    return Draft(
        value=value,
        kind="rate",
        title=f"{name} requests that come to {tier}",
        expression=" * ".join(each for each, _ in parts),
        parts=tuple(parts),
    )
