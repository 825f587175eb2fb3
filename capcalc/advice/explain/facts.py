"""What tiers say of themselves: each fact by its formula over stations, flows and inputs."""

from __future__ import annotations

from functools import partial

from capcalc.advice.explain import (
    facts_cache,
    facts_database,
    facts_edge,
    facts_hosts,
    facts_tries,
    facts_whole,
)
from capcalc.advice.explain.arithmetic import holds
from capcalc.advice.explain.book import Book, Entries
from capcalc.advice.explain.draft import Draft, distinct, plain
from capcalc.advice.explain.rule import Rule, Told
from capcalc.model.components import Cache, Cdn, Database, Dns
from capcalc.results.solution import FactResult

#: Where a fact is told in its tier's words alone.
_SOME = "the parts are all that the scenario says of the tier; the formula uses some of them"
_ANYWHERE = {**facts_hosts.RULES, **facts_tries.RULES, **facts_whole.RULES}


def entries(book: Book) -> Entries:
    """Every fact, under its tier and under `facts`."""
    for fact in book.solution.fact_results:
        path = ".".join(part for part in ("facts", fact.tier, fact.name) if part)
        yield path, partial(_fact, book, fact)
        if fact.tier:
            yield f"tiers.{fact.tier}.{fact.name}", partial(book.draft, path)
        if fact.tier not in book.system.tiers:
            yield path.removeprefix("facts."), partial(book.draft, path)


def _rules(book: Book, tier: str) -> dict[str, Rule]:
    kind = book.system.tiers.get(tier)
    if isinstance(kind, Cache):
        return {**_ANYWHERE, **facts_cache.RULES}
    if isinstance(kind, Database):
        return {**_ANYWHERE, **facts_database.RULES}
    if isinstance(kind, Dns):
        return {**_ANYWHERE, **facts_edge.OF_DNS}
    return {**_ANYWHERE, **facts_edge.OF_CDN} if isinstance(kind, Cdn) else _ANYWHERE


def _fact(book: Book, fact: FactResult) -> Draft:
    told = _ruled(book, fact) or _by_words(book, fact)
    typeset = rf"\text{{{told.words}}}" if told.words and not told.expression else ""
    return Draft(
        value=plain(fact.value),
        kind=fact.kind,
        title=f"{fact.says} ({fact.tier})" if fact.tier else fact.says,
        path=".".join(part for part in ("facts", fact.tier, fact.name) if part),
        expression=told.expression,
        words=told.words,
        latex=told.latex or typeset,
        parts=distinct(told.parts),
        assumptions=told.assumptions,
        source=told.source or fact.source,
    )


def _ruled(book: Book, fact: FactResult) -> Told | None:
    """What a rule says, if it applies here and its formula gives the fact's value."""
    rule = _rules(book, fact.tier).get(fact.name)
    try:
        told = None if rule is None else rule(book, fact.tier)
    except KeyError:  # it needs a result that this system does not have
        return None
    if told is None or not told.expression:
        return told
    values = {name: draft.value for name, draft in distinct(told.parts)}
    return told if holds(told.expression, values, plain(fact.value)) else None


def _by_words(book: Book, fact: FactResult) -> Told:
    """The formula in the tier's own words, over what the file says of the tier."""
    above = f"tiers.{fact.tier}." if fact.tier in book.system.tiers else "demand."
    inputs = [
        (path.removeprefix(above).replace(".", "_"), book.input(path))
        for path in book.inputs()
        if path.startswith(above) and not isinstance(book.input(path).value, bool | str)
    ]
    solved = [
        (name, book.draft(f"{above}{name}"))
        for name in ("arrival_rate", "utilization")
        if f"{above}{name}" in book.pages
    ]
    return Told(words=fact.source, parts=[*solved, *inputs], assumptions=(_SOME,))
