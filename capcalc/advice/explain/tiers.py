"""Tiers on hosts: their own numbers, from those of the stations that do their work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from capcalc.advice.explain import flows, hosts, money, stations, tier_times
from capcalc.advice.explain.book import Book, Entries
from capcalc.advice.explain.draft import Draft, distinct, plain, symbol
from capcalc.advice.explain.keeping import hit_ratio
from capcalc.advice.explain.tier_times import asked_of, name_of, path_of, stations_of, work_of
from capcalc.model.components import Database
from capcalc.results.solution import PERCENTILES, TierResult


def entries(book: Book) -> Entries:
    """Every number of every tier on hosts."""
    for tier in book.solution.tier_results:
        if tier.name in book.system.hosted():
            for name, rule in _RULES.items():
                if getattr(tier, name) is not None:
                    yield f"tiers.{tier.name}.{name}", partial(rule, book, tier, name)


def _hosts(book: Book, tier: TierResult, name: str) -> Draft:
    owner = book.system.host_of(tier.name)
    runs = book.system.hosted()[owner]
    path, title = path_of(tier, name), f"hosts of {tier.name}"
    parts: tuple[tuple[str, Draft], ...]
    if not isinstance(runs, Database):
        given = book.input(f"tiers.{owner}.hosts")
        if owner == tier.name:
            return given
        return Draft(
            value=given.value,
            kind="number",
            title=f"{title}, those of {owner}",
            path=path,
            expression="hosts",
            parts=(("hosts", given), ("with", book.input(f"tiers.{tier.name}.with"))),
            source="definition: the two share their hosts",
        )
    parts = (("replicas", book.input(f"tiers.{owner}.replicas")),)
    expression = "1 + replicas"
    if book.has(f"tiers.{owner}.shards.count"):
        parts = (*parts, ("shards", book.input(f"tiers.{owner}.shards.count")))
        expression = "shards * (1 + replicas)"
    return Draft(
        value=plain(tier.hosts),
        kind="number",
        title=title,
        path=path,
        expression=expression,
        parts=parts,
        source="definition: one primary and its replicas",
    )


def _servers(book: Book, tier: TierResult, name: str) -> Draft:
    title = f"servers of one {tier.name} host"
    own = book.once(f"servers {tier.name}", lambda: hosts.servers(book, tier.name, title))
    return Draft(
        value=plain(tier.servers),
        kind="number",
        title=f"servers of all {tier.name} hosts",
        path=path_of(tier, name),
        expression="hosts * servers_per_host",
        parts=(("hosts", book.draft(path_of(tier, "hosts"))), ("servers_per_host", own)),
        source="definition: hosts x servers of one",
    )


def _arrivals(book: Book, tier: TierResult, name: str) -> Draft:
    parts = distinct(
        (name_of(piece, "rate"), flows.work(book, piece, asked=True))
        for piece in asked_of(book, tier)
    )
    return Draft(
        value=plain(tier.arrival_rate),
        kind="rate",
        title=f"visits to {tier.name}",
        path=path_of(tier, name),
        expression=" + ".join(each for each, _ in parts),
        parts=parts,
        assumptions=("replays that nobody waits for are not counted",)
        if not all(piece.waited_for for piece in work_of(book, tier))
        else (),
        source="definition: all visits that somebody waits for",
    )


def _as_its_station(book: Book, tier: TierResult, name: str) -> Draft | None:
    """A tier with one station says what that says."""
    keys = stations_of(book, tier)
    if len(keys) != 1:
        return None
    draft = book.draft(stations.path_of(keys[0], name))
    return replace(draft, path=path_of(tier, name), value=plain(getattr(tier, name)))


def _utilization(book: Book, tier: TierResult, name: str) -> Draft:
    own = _as_its_station(book, tier, name)
    if own is not None:
        return own
    parts = [
        (symbol(name, *key), book.draft(stations.path_of(key, name)))
        for key in stations_of(book, tier)
    ]
    return Draft(
        value=plain(tier.utilization),
        kind="share",
        title=f"share of the servers that is busy: {tier.name}, its busiest role",
        path=path_of(tier, name),
        expression=f"max({', '.join(each for each, _ in parts)})",
        parts=tuple(parts),
        source="definition: the busiest station of the tier",
    )


def _headroom(book: Book, tier: TierResult, name: str) -> Draft:
    return Draft(
        value=plain(tier.headroom),
        kind="number",
        title=f"factor by which the load may grow until {tier.name} is saturated",
        path=path_of(tier, name),
        expression="1 / utilization",
        parts=(("utilization", book.draft(path_of(tier, "utilization"))),),
        assumptions=("all demand grows alike, so that utilization is proportional to it",),
        source=stations.UTILIZATION_LAW,
    )


def _hits(book: Book, tier: TierResult, _name: str) -> Draft:
    return hit_ratio(book, tier.name)


def _cost(book: Book, tier: TierResult, _name: str) -> Draft:
    return money.of_hosts(book, tier)


_RULES: dict[str, Callable[[Book, TierResult, str], Draft]] = {
    "hosts": _hosts,
    "servers": _servers,
    "arrival_rate": _arrivals,
    "utilization": _utilization,
    "wait": tier_times.wait,
    "response": tier_times.response,
    "queue_length": tier_times.held,
    "number_in_system": tier_times.held,
    **{f"response_{name}": tier_times.percentile for name in PERCENTILES},
    "headroom": _headroom,
    "hit_ratio": _hits,
    "cost": _cost,
}
