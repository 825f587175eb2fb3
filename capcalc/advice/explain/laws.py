"""Response laws: what one visit stays, means of sums of visits, percentiles of their law."""

from __future__ import annotations

import numpy as np

from capcalc.advice.explain import stations, visits
from capcalc.advice.explain.book import Book
from capcalc.advice.explain.draft import Draft, constant, distinct, plain, symbol
from capcalc.model.work import Node, Pause, Serve
from capcalc.solve.law import Law, paused
from capcalc.solve.tiers import sojourn
from capcalc.traffic.flows import ClassFlow, Work, pieces

INVERSION = (
    "product of the transforms of all stays, inverted numerically: hyperbola of Weideman & "
    "Trefethen 2007, or Euler sums of Abate & Whitt 1995"
)


def stay(book: Book, piece: Work) -> Draft:
    """The mean stay of one visit: wait and own service, or the slowest of several."""
    return book.once(f"stay {id(piece.step)}", lambda: _stay(book, piece))


def _stay(book: Book, piece: Work) -> Draft:
    one = sojourn(book.loaded.queues[piece.station], piece)
    wait = book.draft(stations.path_of(piece.station, "wait"))
    parts = [("wait", wait), ("service_time", stations.service(book, piece))]
    what = "" if piece.label == piece.request_class else f" {piece.label}"
    title = f"mean stay of a {piece.request_class}{what} visit at {piece.tier}"
    if one.branches == 1:
        return Draft(
            value=plain(one.mean),
            kind="duration",
            title=title,
            expression="wait + service_time",
            parts=tuple(parts),
            source="definition: wait, then service",
        )
    fan_out = visits.branches(book, piece.tier, piece.step)  # type: ignore[arg-type]
    waits = book.draft(stations.path_of(piece.station, "prob_wait"))
    own = stations.scv(book, piece)
    return Draft(
        value=plain(one.mean),
        kind="duration",
        title=f"{title}: the slowest of {one.branches} parts",
        words="integral of 1 - F(t)^fan_out, F the law of one part's wait and service",
        latex=r"\int_0^\infty \left(1 - F(t)^{f}\right) dt",
        parts=(("fan_out", fan_out), ("prob_wait", waits), *parts, ("scv", own)),
        assumptions=("parallel parts are taken as independent",),
        source="order statistics: David & Nagaraja, Order Statistics, 2003",
    )


def terms(book: Book, flow: ClassFlow) -> list[tuple[Serve | Pause, str, Draft]]:
    """What a request waits for: the step, a name, and all its visits' stays together."""
    found = []
    for node, steps in flow.paths.items():
        for step, weight in pieces(steps):
            if isinstance(step, Serve | Pause):
                times = plain(flow.waited_visits[node]) * plain(weight)
                if times:
                    found.append((step, *_term(book, flow, node, step, times)))
    return found


def _term(
    book: Book, flow: ClassFlow, node: Node, step: Serve | Pause, times: float
) -> tuple[str, Draft]:
    parts: list[tuple[str, Draft]] = [
        ("visits", book.draft(visits.visits_path(flow.name, node, tried=False)))
    ]
    share = visits.weight(book, flow, node, step)
    parts += [("share", share)] if share is not None else []
    if isinstance(step, Serve):
        piece = next(each for each in book.loaded.flows.work if each.step is step)
        label = "" if piece.label == flow.name else piece.label
        last, where = stay(book, piece), symbol("at", piece.tier, step.role, label)
        title = " ".join(each for each in (flow.name, "at", piece.tier, step.role) if each)
    else:
        last, where = (
            _pause(book, node[0], plain(paused(step).mean)),
            symbol("at", node[0], "commit"),
        )
        title = f"{flow.name} waiting for the commit of {node[0]}"
    parts.append(("stay", last))
    draft = Draft(
        value=times * plain(last.value),
        kind="duration",
        title=f"{title}: all visits of one request",
        expression=" * ".join(name for name, _ in parts),
        parts=tuple(parts),
    )
    return where, draft


def _pause(book: Book, tier: str, mean: float) -> Draft:
    page = f"tiers.{tier}.commit_delay"
    if page in book.pages:
        return book.draft(page)
    return constant(mean, "duration", f"wait for acknowledgements of {tier}", "by its commit")


def means(book: Book, flow: ClassFlow) -> tuple[tuple[str, Draft], ...]:
    """The terms of the mean response, named."""
    return distinct((name, draft) for _, name, draft in terms(book, flow))


def models(book: Book, work: list[Work]) -> str:
    """The station models on the way, with the stations of each."""
    found: dict[str, list[str]] = {}
    for key in dict.fromkeys(piece.station for piece in work):
        found.setdefault(book.loaded.queues[key].model, []).append(" ".join(filter(None, key)))
    if len(found) == 1:
        return next(iter(found))
    return "; ".join(f"{model} ({', '.join(names)})" for model, names in found.items())


def stays(book: Book, flow: ClassFlow) -> list[tuple[Serve | Pause, str, Draft]]:
    """Every stay that a request waits for: its step, where it is, and its term of the mean."""
    return [(step, name.removeprefix("at_"), draft) for step, name, draft in terms(book, flow)]


def lawful(book: Book, piece: Work) -> Draft:
    """The law of one visit's stay, with its four parameters."""
    return book.once(f"law {id(piece.step)}", lambda: _lawful(book, piece))


def _lawful(book: Book, piece: Work) -> Draft:
    one = sojourn(book.loaded.queues[piece.station], piece)
    mean = stay(book, piece)
    waits = book.draft(stations.path_of(piece.station, "prob_wait"))
    parts = {"prob_wait": waits, **dict(mean.parts), "scv": stations.scv(book, piece)}
    return Draft(
        value=plain(one.mean),
        kind="duration",
        title=mean.title,
        expression=mean.expression,
        words=mean.words,
        latex=mean.latex,
        parts=tuple(parts.items()),
        assumptions=mean.assumptions,
        source="wait 0 or, with prob_wait, exponential of mean wait / prob_wait; service gamma",
    )


def quantile(
    book: Book,
    value: float,
    level: float,
    law: Law,
    title: str,
    path: str,
    parts: tuple[tuple[str, Draft], ...],
) -> Draft:
    """The time within which a share of all responses ends, checked against the law's tail."""
    tail = plain(law.survival(value)[0]) if np.isfinite(value) and value > 0 else 1.0 - level
    left = Draft(
        value=tail,
        kind="share",
        title="share of responses that take longer",
        words="P(T > t) at this t, computed again",
        latex=r"\Pr(T > t)",
        source=INVERSION,
    )
    finite = np.isfinite(value)
    words = (
        f"the time t with P(T > t) = {1 - level:.6g}, T the sum of all stays below"
        if finite
        else f"without end: more than {1 - level:.6g} of all responses meet a saturated station"
    )
    return Draft(
        value=value,
        kind="duration",
        title=title,
        path=path,
        words=words,
        latex=rf"t: \Pr(T > t) = {1 - level:.6g}",
        parts=(*(((("tail", left),)) if finite else ()), *parts),
        assumptions=book.said("percentiles"),
        source=INVERSION,
    )
