"""Visits: how often a request of a class asks a tier, through whom, and at which role."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from capcalc.advice.explain.book import Book, Entries
from capcalc.advice.explain.draft import Draft, constant, plain, product, symbol, total
from capcalc.advice.explain.passed import hits
from capcalc.model import routes
from capcalc.model.components import Cache, Database, ReverseProxy
from capcalc.model.work import ENTRY, Call, Load, Node, Pause, Serve, Step
from capcalc.traffic.flows import ClassFlow, expected_calls, pieces

FORCED_FLOW = (
    "forced flow law, traffic equations v = e + v P (Trivedi 2002, sec. 9.6; Denning & Buzen 1978)"
)


def entries(book: Book) -> Entries:
    """Visits of every class to every tier, with and without those that are tried again."""
    for flow in book.loaded.flows.classes.values():
        for node in flow.paths:
            if node != ENTRY:
                for tried in (True, False):
                    path = visits_path(flow.name, node, tried)
                    yield path, partial(_visits, book, flow, node, tried)


def visits_path(name: str, node: Node, tried: bool = True) -> str:
    """Where the visits of a class to a tier are explained; a retried visit counts again."""
    tier, port = node
    way = "" if port == "visit" else f".{port}"
    return f"{'visits' if tried else 'first_visits'}.{name}.{tier}{way}"


def branches(book: Book, tier: str, step: Serve) -> Draft:
    """The hosts that one visit asks at once."""
    fan_out = constant(float(step.branches), "number", f"tiers.{tier}.fan_out", "given")
    return book.input(f"tiers.{tier}.fan_out") if book.has(f"tiers.{tier}.fan_out") else fan_out


def node_of(flow: ClassFlow, step: Step) -> Node:
    """The way in at which a piece of work is done."""
    return next(
        node for node, steps in flow.paths.items() for each, _ in pieces(steps) if each is step
    )


def weight(book: Book, flow: ClassFlow, node: Node, step: Step) -> Draft | None:
    """How often a step happens in one visit, where that is not once."""
    value = next(weight for each, weight in pieces(flow.paths[node]) if each is step)
    tier = book.system.tiers.get(node[0])
    if isinstance(tier, Database) and isinstance(step, Serve | Load | Pause):
        return _at_role(book, node[0], tier, getattr(step, "role", ""), value)
    return None if plain(value) == 1.0 else _chance(value)


def _chance(value: Any) -> Draft:
    return constant(plain(value), "share", "how often a visit does this", "follows from its steps")


def _at_role(book: Book, name: str, tier: Database, role: str, value: Any) -> Draft | None:
    """The primary's and the replicas' part of the reads, and a shard's of all."""
    if plain(value) == 1.0:
        return None
    share = book.input(f"tiers.{name}.primary_read_share")
    given = plain(tier.primary_read_share)
    if np.isclose(plain(value), given, rtol=1e-15, atol=0):
        return share
    title = f"share of reads at {role}s of {name}"
    if plain(value) == 1.0 - given:
        return Draft(
            value=plain(value),
            kind="share",
            title=title,
            expression="1 - primary_read_share",
            parts=(("primary_read_share", share),),
            source="definition: each read at the primary or at a random replica",
        )
    return Draft(
        value=plain(value),
        kind="share",
        title=f"share of work at {role} of {name}",
        words="the shard's part of the keys, times the role's part of the reads",
        parts=(("hottest_share", hottest(book, name)), ("primary_read_share", share)),
    )


def hottest(book: Book, name: str) -> Draft:
    """The share of all reads and writes that the hottest shard of a database gets."""
    return book.once(f"hottest {name}", lambda: _hottest(book, name))


def _hottest(book: Book, name: str) -> Draft:
    tier: Any = book.system.tiers[name]
    inputs = [
        (path.rpartition(".")[2], book.input(path))
        for path in (f"tiers.{name}.shards.{key}" for key in ("count", "keys", "zipf"))
        if book.has(path)
    ]
    return Draft(
        value=plain(tier.hottest_share()),
        kind="share",
        title=f"share of all keys' load at the hottest shard of {name}",
        words="expected largest load of a shard over all hashes / load of all shards",
        latex=r"\mathrm{E} \max_j \sum_{i \in j} p_i",
        parts=tuple(inputs),
        source="balls into bins of Zipf weight, by placements of the 200 hottest keys",
    )


def _visits(book: Book, flow: ClassFlow, node: Node, tried: bool) -> Draft:
    """Visits to a tier that one request brings, caller by caller."""
    visits = flow.visits if tried else flow.waited_visits
    title = f"visits of one {flow.name} request to {' '.join(_words(node))}"
    path = visits_path(flow.name, node, tried)
    common: dict[str, Any] = {"path": path, "source": FORCED_FLOW}
    if flow.cyclic:
        return Draft(
            value=plain(visits[node]),
            kind="number",
            title=title,
            words="solution of v = e + v P over all tiers, since calls come back",
            latex="v = e + v P",
            parts=tuple(_all_calls(book, flow)),
            assumptions=book.said("calls come back"),
            **common,
        )
    terms = []
    for caller, steps in flow.paths.items():
        for step, chance in pieces(steps):
            counts = isinstance(step, Call) and step.node == node and (tried or step.waited_for)
            if counts and plain(visits[caller]) * plain(chance) * plain(step.count):  # type: ignore[union-attr]
                terms.append(_term(book, flow, caller, step, chance, tried))  # type: ignore[arg-type]
    if len(terms) == 1 and terms[0][0] == "entry" and terms[0][2] == 1.0 == plain(visits[node]):
        says = "rule: every request that reaches the origin passes it once"
        given = terms[0][1][0][1].provenance
        if given is None or given.kind == "constant":
            return constant(1.0, "number", title, says)
    if len(terms) == 1:
        return product(visits[node], "number", title, terms[0][1], **common)
    parts = [
        (symbol("from", name), product(value, "number", f"{title} from {name}", parts))
        for name, parts, value in terms
    ]
    return total(visits[node], "number", title, parts, **common)


def _term(
    book: Book, flow: ClassFlow, caller: Node, step: Call, chance: Any, tried: bool
) -> tuple[str, list[tuple[str, Draft]], float]:
    """Visits by way of one caller: its own visits, its calls, and how often it makes them."""
    visits = flow.visits if tried else flow.waited_visits
    parts: list[tuple[str, Draft]] = []
    value = plain(step.count) * plain(chance)
    if caller != ENTRY:
        value *= plain(visits[caller])
        parts.append(("visits", book.draft(visits_path(flow.name, caller, tried))))
    parts.append(("calls", calls(book, flow, caller, step)))
    if plain(chance) != 1.0:
        parts.append(_missed(book, flow, caller, chance))
    tries = f"tiers.{step.node[0]}.attempts"
    if tried and tries in book.pages:
        again = book.draft(tries)
        value *= plain(again.value)
        parts.append(("attempts", again))
    return caller[0] or "entry", parts, value


def _missed(book: Book, flow: ClassFlow, caller: Node, chance: Any) -> tuple[str, Draft]:
    """The share of visits that go on: what a cache, or a proxy on the way, does not answer."""
    tier = book.system.tiers.get(caller[0])
    if isinstance(tier, Cache):
        path = f"tiers.{caller[0]}.hit_ratio"
        return "miss_ratio", Draft(
            value=plain(chance),
            kind="share",
            title=f"gets of {caller[0]} that miss",
            expression="1 - hit_ratio",
            parts=(("hit_ratio", book.draft(path)),),
        )
    proxies = [
        name
        for name in routes.on_the_way(book.system)
        if isinstance(book.system.tiers[name], ReverseProxy)
    ]
    if caller == ENTRY and len(proxies) == 1:
        hit = hits(book, proxies[0], flow.name)
        title = f"share of {flow.name} that {proxies[0]} passes on"
        if np.isclose(plain(chance), 1.0 - plain(hit.value), rtol=1e-12):
            return "passed", Draft(
                value=plain(chance),
                kind="share",
                title=title,
                expression="1 - hit_ratio",
                parts=(("hit_ratio", hit),),
            )
    return "share", _chance(chance)


def calls(book: Book, flow: ClassFlow, caller: Node, step: Call) -> Draft:
    """The calls that one visit makes, as the file says them or as a rule has it."""
    tier, port = step.node
    ends = [tier] if port == "visit" else [f"{tier}.{port}", tier]
    above = [f"tiers.{caller[0]}.calls.{flow.name}", f"tiers.{caller[0]}.calls"]
    if caller[0] in ("", routes.entry_web(book.system)):
        above.insert(0, f"calls.{flow.name}")
    for path in (f"{top}.{end}" for top in above for end in ends):
        if book.has(path) and book.input(path).value == plain(step.count):
            return book.input(path)
    says = f"each visit to {caller[0]} asks {tier} so often" if caller[0] else "on every way in"
    title = f"calls of {tier} from {caller[0] or 'the entry'}"
    return constant(plain(step.count), "number", title, f"rule: {says}")


def _all_calls(book: Book, flow: ClassFlow) -> Iterator[tuple[str, Draft]]:
    for caller, steps in flow.paths.items():
        for node in expected_calls(steps):
            call = next(
                each for each, _ in pieces(steps) if isinstance(each, Call) and each.node == node
            )
            found = calls(book, flow, caller, call)
            yield symbol("calls", *_words(caller), *_words(node)), found


def _words(node: Node) -> tuple[str, ...]:
    tier, port = node
    return (tier,) if port == "visit" else (tier, port)
