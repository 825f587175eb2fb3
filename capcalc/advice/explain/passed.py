"""What the edge lets pass: hit ratios of a class at every cache before the origin."""

from __future__ import annotations

from typing import Any

from capcalc.advice.explain.book import Book
from capcalc.advice.explain.draft import Draft, Parts, constant, plain, product
from capcalc.model import routes


def passes(book: Book, tier: str, name: str) -> Draft:
    """The share of a class that an edge tier passes on to the origin."""
    return book.once(f"passed {tier} {name}", lambda: _passes(book, tier, name))


def _passes(book: Book, tier: str, name: str) -> Draft:
    edge, request = routes.edges(book.system)[tier], book.system.demand.requests[name]
    value = edge.reach(name, request)
    title = f"share of {name} that {tier} passes on"
    if not request.edge_cacheable:
        may = constant(1.0, "share", title, f"{name} is neither static nor cacheable")
        return product(value, "share", title, [("all", may)])
    parts: list[tuple[str, Draft]] = [("hit_ratio", hits(book, tier, name))]
    expression = "1 - hit_ratio"
    if plain(edge.shield(name, request)):
        expression = "(1 - hit_ratio) * (1 - shield_hit_ratio)"
        given = f"tiers.{tier}.shield_hit_ratio"
        if book.has(given):
            shield = book.input(given)
        else:
            left = 1.0 - plain(edge.hit(name, request))
            shield = _kept(book, tier, plain(edge.shield(name, request)) / left, name)
        parts.append(("shield_hit_ratio", shield))
    return Draft(
        value=plain(value), kind="share", title=title, expression=expression, parts=tuple(parts)
    )


def hits(book: Book, tier: str, name: str) -> Draft:
    """The share of a class that a tier before the origin answers."""
    given = f"tiers.{tier}.hit_ratio"
    keeping: Any = book.system.tiers[tier]
    if book.has(given) and keeping.answering:
        return book.input(given)
    value = keeping.hit(name, book.system.demand.requests[name])
    return book.once(f"kept {tier} {name}", lambda: _kept(book, tier, value, name))


def _kept(book: Book, tier: str, value: Any, name: str) -> Draft:
    """A hit ratio that follows from what a row of caches keeps, object by object."""
    asked = f"demand.requests.{name}"
    candidates = [
        *(f"{asked}.objects.{key}" for key in ("count", "zipf", "size")),
        *(f"{asked}.{key}" for key in ("max_age", "changes_every", "stale_while_revalidate")),
        *(f"tiers.{tier}.{key}" for key in ("edges", "capacity", "memory", "max_age", "clients")),
        *(f"tiers.{tier}.{key}" for key in ("hosts", "shield_capacity")),
    ]
    parts = [(path.rpartition(".")[2], book.input(path)) for path in candidates if book.has(path)]
    return Draft(
        value=plain(value),
        kind="share",
        title=f"share of {name} that {tier} answers",
        words="object by object: what is asked for again before it is evicted or too old",
        latex=r"h = \sum_i p_i \left(1 - e^{-p_i T}\right)",
        parts=(("arrival_rate", book.draft(f"requests.{name}.arrival_rate")), *_named(parts)),
        assumptions=book.said("caches in a row"),
        source="Che, Tung, Wang 2002; Martina, Garetto, Leonardi 2014",
    )


def _named(parts: Parts) -> tuple[tuple[str, Draft], ...]:
    seen: dict[str, Draft] = {}
    for name, draft in parts:
        seen[name if name not in seen else f"{name}_of_tier"] = draft
    return tuple(seen.items())
