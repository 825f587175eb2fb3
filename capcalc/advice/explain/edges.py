"""The edge: what comes to a CDN or to browsers' caches, what they take off, what they cost."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from capcalc.advice.explain import keeping, money
from capcalc.advice.explain.book import Book, Entries
from capcalc.advice.explain.draft import Draft, plain, symbol, total
from capcalc.advice.explain.passed import passes
from capcalc.model import routes
from capcalc.results.solution import TierResult

_SOURCE = "definition: 1 - what the origin gets / what comes"


def entries(book: Book) -> Entries:
    """Every number of every edge tier."""
    for tier in book.solution.tier_results:
        if tier.name in routes.edges(book.system):
            for name, rule in _RULES.items():
                if getattr(tier, name) is not None:
                    yield f"tiers.{tier.name}.{name}", partial(rule, book, tier)


def _arrivals(book: Book, tier: TierResult) -> Draft:
    parts = [
        (symbol("rate", name), keeping.coming(book, tier.name, name))
        for name in book.loaded.flows.classes
    ]
    return total(
        tier.arrival_rate,
        "rate",
        f"requests that come to {tier.name}",
        parts,
        path=f"tiers.{tier.name}.arrival_rate",
        source="definition: all classes, those before it taken off",
    )


def _hits(book: Book, tier: TierResult) -> Draft:
    return keeping.hit_ratio(book, tier.name)


def _offload(book: Book, tier: TierResult) -> Draft:
    names = list(book.loaded.flows.classes)
    parts: list[tuple[str, Draft]] = []
    for name in names:
        parts += [(symbol("rate", name), keeping.coming(book, tier.name, name))]
        parts += [(symbol("passed", name), passes(book, tier.name, name))]
    above = " + ".join(f"{symbol('rate', n)} * {symbol('passed', n)}" for n in names)
    below = " + ".join(symbol("rate", n) for n in names)
    return Draft(
        value=plain(tier.offload),
        kind="share",
        title=f"share of all requests that {tier.name} keeps from the origin",
        path=f"tiers.{tier.name}.offload",
        expression=f"1 - ({above}) / ({below})",
        parts=tuple(parts),
        source=_SOURCE,
    )


def _byte_offload(book: Book, tier: TierResult) -> Draft:
    edge, kinds = routes.edges(book.system)[tier.name], book.system.demand.requests
    parts: list[tuple[str, Draft]] = []
    terms, all_bytes = [], []
    for name, request in kinds.items():
        if request.size is None:
            continue
        rate, size, passed = (symbol(each, name) for each in ("rate", "size", "bytes_passed"))
        parts += [(rate, keeping.coming(book, tier.name, name))]
        parts += [(size, book.input(f"demand.requests.{name}.size"))]
        share = plain(edge.byte_reach(name, request))
        parts += [(passed, _bytes_passed(book, tier.name, name, share))]
        terms.append(f"{rate} * {size} * {passed}")
        all_bytes.append(f"{rate} * {size}")
    several = next(iter(routes.edges(book.system))) != tier.name
    words = (
        "1 - bytes that the origin sends / bytes that come, after the caches before it"
        if several
        else ""
    )
    return Draft(
        value=plain(tier.byte_offload),
        kind="share",
        title=f"share of all bytes that {tier.name} keeps from the origin",
        path=f"tiers.{tier.name}.byte_offload",
        expression="" if several else f"1 - ({' + '.join(terms)}) / ({' + '.join(all_bytes)})",
        words=words,
        latex=r"1 - B_{\mathrm{origin}} / B" if several else "",
        parts=tuple(parts),
        source=_SOURCE,
    )


def _bytes_passed(book: Book, tier: str, name: str, share: float) -> Draft:
    title = f"share of {name}'s bytes that {tier} passes on"
    request = book.system.demand.requests[name]
    given = f"tiers.{tier}.byte_hit_ratio"
    passed = passes(book, tier, name)
    if passed.value == share:
        return passed
    if request.edge_cacheable and book.has(given):
        hit = book.input(given)
        if 1.0 - plain(hit.value) == share:
            return Draft(
                value=share,
                kind="share",
                title=title,
                expression="1 - byte_hit_ratio",
                parts=(("byte_hit_ratio", hit),),
            )
        return Draft(
            value=share,
            kind="share",
            title=title,
            words="misses by bytes, less what a shield answers and what is confirmed with 304",
            latex="1 - h",
            parts=(("byte_hit_ratio", hit), ("passed", passed)),
        )
    return Draft(
        value=share,
        kind="share",
        title=title,
        words="requests that pass, less those that are confirmed with 304 and send no bytes",
        latex="m - u",
        parts=(("passed", passed),),
    )


def _cost(book: Book, tier: TierResult) -> Draft:
    return money.of_cdn(book, tier)


_RULES: dict[str, Callable[[Book, TierResult], Draft]] = {
    "arrival_rate": _arrivals,
    "hit_ratio": _hits,
    "offload": _offload,
    "byte_offload": _byte_offload,
    "cost": _cost,
}
