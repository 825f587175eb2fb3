"""Times at tiers on hosts: waits, stays and percentiles of one visit, and what they hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from capcalc.advice.explain import flows, laws, stations
from capcalc.advice.explain.book import Book
from capcalc.advice.explain.draft import Draft, constant, distinct, plain, symbol
from capcalc.results.solution import PERCENTILES, TierResult
from capcalc.solve.law import mixture_law
from capcalc.solve.tiers import sojourn
from capcalc.traffic.flows import StationKey, Work

_BY_RATE = "definition: mean over all visits, weighted by their rates"


def work_of(book: Book, tier: TierResult) -> list[Work]:
    """All work of a tier, wherever it is done."""
    return [piece for piece in book.loaded.flows.work if piece.tier == tier.name]


def asked_of(book: Book, tier: TierResult) -> list[Work]:
    """The work that somebody waits for."""
    return stations.coming([piece for piece in work_of(book, tier) if piece.waited_for])


def stations_of(book: Book, tier: TierResult) -> list[StationKey]:
    """The stations that do a tier's work."""
    return list(dict.fromkeys(piece.station for piece in work_of(book, tier)))


def path_of(tier: TierResult, name: str) -> str:
    """Where a number of a tier is explained."""
    return f"tiers.{tier.name}.{name}"


def name_of(piece: Work, what: str) -> str:
    """A name for one kind of work of a tier."""
    label = "" if piece.label == piece.request_class else piece.label
    return symbol(what, piece.request_class, label, piece.step.role if label else "")


def wait(book: Book, tier: TierResult, name: str) -> Draft:
    """The mean wait, over the visits of all classes."""
    keys = list(dict.fromkeys(piece.station for piece in asked_of(book, tier)))
    if len(keys) == 1:
        draft = book.draft(stations.path_of(keys[0], "wait"))
        return replace(draft, path=path_of(tier, name), value=plain(tier.wait))
    parts: list[tuple[str, Draft]] = []
    for key in keys:
        rate = _rate_of(book, tier, key)
        parts += [(symbol("rate", key[1]), rate)]
        parts += [(symbol("wait", key[1]), book.draft(stations.path_of(key, "wait")))]
    above = " + ".join(f"{symbol('rate', key[1])} * {symbol('wait', key[1])}" for key in keys)
    below = " + ".join(symbol("rate", key[1]) for key in keys)
    return Draft(
        value=plain(tier.wait),
        kind="duration",
        title=f"mean wait of one visit to {tier.name}",
        path=path_of(tier, name),
        expression=f"({above}) / ({below})",
        parts=tuple(parts),
        source=_BY_RATE,
    )


def _rate_of(book: Book, tier: TierResult, key: StationKey) -> Draft:
    """Visits of a tier to one of its stations."""
    work = [piece for piece in asked_of(book, tier) if piece.station == key]
    parts = distinct((name_of(p, "rate"), flows.work(book, p, asked=True)) for p in work)
    return Draft(
        value=sum(plain(draft.value) for _, draft in parts),
        kind="rate",
        title=f"visits to {' '.join(part for part in key if part)}",
        expression=" + ".join(name for name, _ in parts),
        parts=parts,
    )


def _mixed(
    book: Book, tier: TierResult, name: str, title: str, stays: Callable[[Work], Draft]
) -> Draft:
    """The mean over the visits of all classes."""
    work = asked_of(book, tier)
    if len(work) == 1:
        draft = stays(work[0])
        return replace(draft, path=path_of(tier, name), title=title)
    names = [name_of(piece, "") for piece in work]
    parts: list[tuple[str, Draft]] = []
    for each, piece in zip(names, work, strict=True):
        parts += [(f"rate_{each}", flows.work(book, piece, asked=True))]
        parts += [(f"response_{each}", stays(piece))]
    above = " + ".join(f"rate_{each} * response_{each}" for each in names)
    below = " + ".join(f"rate_{each}" for each in names)
    return Draft(
        value=plain(tier.response),
        kind="duration",
        title=title,
        path=path_of(tier, name),
        expression=f"({above}) / ({below})",
        parts=tuple(parts),
        source=_BY_RATE,
    )


def response(book: Book, tier: TierResult, name: str) -> Draft:
    """The mean stay, over the visits of all classes."""
    title = f"mean stay of one visit to {tier.name}, wait and service"
    return _mixed(book, tier, name, title, lambda piece: laws.stay(book, piece))


def percentile(book: Book, tier: TierResult, name: str) -> Draft:
    """A percentile of the stay, over the visits of all classes."""
    work = asked_of(book, tier)
    queues, level = book.loaded.queues, PERCENTILES[name.removeprefix("response_")]
    stays = [
        (
            np.divide(piece.rate, getattr(piece.step, "branches", 1)),
            sojourn(queues[piece.station], piece),
        )
        for piece in work
    ]
    parts: list[tuple[str, Draft]] = []
    total = book.draft(path_of(tier, "arrival_rate"))
    for piece in work:
        each = name_of(piece, "")
        if len(work) > 1:
            rate = flows.work(book, piece, asked=True)
            value = plain(rate.value) / plain(total.value) if plain(total.value) else 0.0
            share = Draft(
                value=value,
                kind="share",
                title=f"share of all visits: {rate.title}",
                expression="rate / arrival_rate" if plain(total.value) else "",
                words="" if plain(total.value) else "nothing comes",
                parts=(("rate", rate), ("arrival_rate", total)),
            )
            parts.append((f"share_{each}", share))
        parts.append((f"stay_{each}", laws.lawful(book, piece)))
    what = name.removeprefix("response_p")
    nth = f"{what[:2]}.{what[2:]}" if len(what) > 2 else what
    title = f"{nth} % of the visits to {tier.name} stay no longer"
    draft = laws.quantile(
        book,
        plain(getattr(tier, name)),
        level,
        mixture_law(stays),
        title,
        path_of(tier, name),
        tuple(parts),
    )
    words = draft.words.replace("the sum of all stays below", "a stay of the mixture below")
    return replace(draft, words=words, model=laws.models(book, asked_of(book, tier)))


def held(book: Book, tier: TierResult, name: str) -> Draft:
    """Little's law for all work of the tier, replays too."""
    parts: list[tuple[str, Draft]] = []
    products = []
    for piece in stations.coming(work_of(book, tier)):
        each = name_of(piece, "")
        wait = book.draft(stations.path_of(piece.station, "wait"))
        if plain(piece.rate) == 0 and not np.isfinite(plain(wait.value)):
            continue
        parts += [(f"rate_{each}", flows.work(book, piece)), (f"wait_{each}", wait)]
        if name == "queue_length":
            products.append(f"rate_{each} * wait_{each}")
        else:
            parts.append((f"service_time_{each}", stations.service(book, piece)))
            products.append(f"rate_{each} * (wait_{each} + service_time_{each})")
    what = "waiting" if name == "queue_length" else "waiting or served"
    return Draft(
        value=plain(getattr(tier, name)),
        kind="number",
        title=f"{what} at {tier.name} at a time, on average",
        path=path_of(tier, name),
        expression=" + ".join(products) or "0",
        parts=tuple(parts) or (("none", constant(0.0, "rate", "visits", "nothing comes")),),
        source=stations.LITTLE,
    )
