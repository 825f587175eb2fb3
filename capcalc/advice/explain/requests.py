"""Request classes end to end: their mean, their percentiles, and what the edge adds."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from math import isfinite
from typing import Any

import numpy as np

from capcalc.advice.explain import laws
from capcalc.advice.explain.book import Book, Entries
from capcalc.advice.explain.draft import Draft, distinct, plain, symbol
from capcalc.advice.explain.passed import hits as edge_hits
from capcalc.model import routes
from capcalc.results.solution import PERCENTILES, RequestResult
from capcalc.solve.requests import law_of
from capcalc.solve.tiers import quantiles_of
from capcalc.traffic.flows import ClassFlow

_SPAN = "from the arrival at the first tier behind the edge to the end of its answer"
_HITS_FIRST = "definition: edge hits come first, each quicker than any answer of the origin"
_EDGE = "round trips on warm connections, without queueing at the edge"


def entries(book: Book) -> Entries:
    """Every time of every class; their rates are explained with the flows."""
    for request in book.solution.request_results:
        above, flow = f"requests.{request.name}", book.loaded.flows.classes[request.name]
        yield f"{above}.mean", partial(_mean, book, request, flow)
        yield f"{above}.user_mean", partial(_user_mean, book, request, flow)
        for name in PERCENTILES:
            yield f"{above}.{name}", partial(_percentile, book, request, flow, name)
            yield f"{above}.user_{name}", partial(_user_percentile, book, request, flow, name)


def _mean(book: Book, request: RequestResult, flow: ClassFlow) -> Draft:
    parts = laws.means(book, flow)
    endless = not isfinite(plain(request.mean))
    return Draft(
        value=plain(request.mean),
        kind="duration",
        title=f"mean answer time of {request.name}, {_SPAN}",
        path=f"requests.{request.name}.mean",
        expression="" if endless else " + ".join(name for name, _ in parts) or "0",
        words="without end: a station on the way is saturated" if endless else "",
        latex=r"\sum_i v_i W_i",
        parts=parts,
        model=_models(book, flow),
        assumptions=("means add up, however the stays depend on each other",),
        source="definition: sum over all visits that the request waits for",
    )


def _percentile(book: Book, request: RequestResult, flow: ClassFlow, name: str) -> Draft:
    found = laws.quantile(
        book,
        plain(getattr(request, name)),
        PERCENTILES[name],
        law_of(book.loaded.flows, book.loaded.queues, request.name),
        f"{_nth(name)} of the {request.name} requests are answered within it, {_SPAN}",
        f"requests.{request.name}.{name}",
        _stays(book, flow),
    )
    return replace(found, model=_models(book, flow))


def _models(book: Book, flow: ClassFlow) -> str:
    own = [piece for piece in book.loaded.flows.work if piece.request_class == flow.name]
    return laws.models(book, [piece for piece in own if piece.waited_for and plain(piece.visits)])


def _nth(name: str) -> str:
    digits = name.removeprefix("p")
    return f"{digits[:2]}.{digits[2:]} %" if len(digits) > 2 else f"{digits} %"


def _stays(book: Book, flow: ClassFlow) -> tuple[tuple[str, Draft], ...]:
    """Visits, and the law of each stay."""
    work = {id(piece.step): piece for piece in book.loaded.flows.work}
    parts: list[tuple[str, Draft]] = []
    for step, name, draft in laws.stays(book, flow):
        own = dict(draft.parts)
        parts.append((symbol("visits", name), own["visits"]))
        parts += [(symbol("share", name), own["share"])] if "share" in own else []
        piece = work.get(id(step))
        last = own["stay"] if piece is None else laws.lawful(book, piece)
        parts.append((symbol("stay", name), last))
    return distinct(parts)


def _trips(book: Book, flow: ClassFlow) -> Draft:
    """What every request to the origin pays before it arrives there."""
    return book.once(f"trips {flow.name}", lambda: _summed_trips(book))


def _summed_trips(book: Book) -> Draft:
    parts = [
        (symbol(key, name), book.input(f"tiers.{name}.{key}"))
        for name in routes.edges(book.system)
        for key in ("round_trip", "origin_round_trip")
        if book.has(f"tiers.{name}.{key}")
    ]
    return Draft(
        value=sum(plain(draft.value) for _, draft in parts),
        kind="duration",
        title="round trips to the edge and on to the origin",
        expression=" + ".join(name for name, _ in parts) or "0",
        words="" if parts else "no edge tier: nothing is added",
        parts=tuple(parts),
        assumptions=(_EDGE,) if parts else (),
    )


def _hits(book: Book, flow: ClassFlow) -> list[tuple[str, Draft, Draft]]:
    """The shares that edges answer, with the name of each and its delay."""
    shares = []
    for number, (share, delay) in enumerate(flow.edge.hits, 1):
        if plain(share) == 0:
            continue
        own = Draft(
            value=plain(share),
            kind="share",
            title=f"share of {flow.name} that an edge answers",
            words="what reaches it x its hit ratio",
            latex="h",
            parts=tuple(
                (symbol("hit_ratio", name), edge_hits(book, name, flow.name))
                for name in routes.edges(book.system)
            ),
        )
        late = Draft(
            value=plain(delay),
            kind="duration",
            title="round trip of such a hit",
            words="round trips up to where it is answered",
            latex="d",
            parts=_trips(book, flow).parts,
            assumptions=(_EDGE,),
        )
        shares.append((str(number), own, late))
    return shares


def _awaited(flow: ClassFlow, hits: list[tuple[str, Draft, Draft]]) -> Draft:
    value = plain(flow.edge.awaited)
    parts = tuple((symbol("hit", number), share) for number, share, _ in hits)
    simple = np.isclose(value, 1.0 - sum(plain(draft.value) for _, draft in parts), rtol=1e-12)
    return Draft(
        value=value,
        kind="share",
        title=f"share of {flow.name} whose users wait for the origin",
        expression=" - ".join(["1", *(name for name, _ in parts)]) if simple else "",
        words="" if simple else "what no edge answers, old answers that are renewed not counted",
        latex="" if simple else "m",
        parts=parts,
    )


def _user_mean(book: Book, request: RequestResult, flow: ClassFlow) -> Draft:
    mean = book.draft(f"requests.{request.name}.mean")
    hits, trips = _hits(book, flow), _trips(book, flow)
    path = f"requests.{request.name}.user_mean"
    title = f"mean time of {request.name} as the user sees it, the edge's round trips included"
    if not hits:
        return Draft(
            value=plain(request.user_mean),
            kind="duration",
            title=title,
            path=path,
            expression="round_trips + mean",
            parts=(("round_trips", trips), ("mean", mean)),
            source="definition: the edge passes all requests on",
        )
    parts: list[tuple[str, Draft]] = []
    terms = []
    for number, share, delay in hits:
        parts += [(symbol("hit", number), share), (symbol("delay", number), delay)]
        terms.append(f"hit_{number} * delay_{number}")
    parts += [("passed", _awaited(flow, hits)), ("round_trips", trips), ("mean", mean)]
    terms.append("passed * (round_trips + mean)")
    return Draft(
        value=plain(request.user_mean),
        kind="duration",
        title=title,
        path=path,
        expression=" + ".join(terms),
        parts=tuple(parts),
        source="definition: edge hits and origin answers, weighted by their shares",
    )


def _user_percentile(book: Book, request: RequestResult, flow: ClassFlow, name: str) -> Draft:
    hits, trips, level = _hits(book, flow), _trips(book, flow), PERCENTILES[name]
    value = plain(getattr(request, f"user_{name}"))
    common: dict[str, Any] = {
        "value": value,
        "kind": "duration",
        "title": f"{_nth(name)} of the users of {request.name} have their answer within it",
        "path": f"requests.{request.name}.user_{name}",
    }
    if not hits:
        own = book.draft(f"requests.{request.name}.{name}")
        return Draft(
            expression=f"round_trips + {name}",
            parts=(("round_trips", trips), (name, own)),
            source="definition: the edge passes all requests on",
            **common,
        )
    covered = 0.0
    for number, share, delay in hits:
        covered += plain(share.value)
        if covered >= level:
            return Draft(
                expression=f"delay_{number}",
                words=f"{covered:.4g} of all are edge hits, so that one of them is the {name}",
                parts=((f"delay_{number}", delay), (f"hit_{number}", share)),
                source=_HITS_FIRST,
                **common,
            )
    return _behind_hits(book, request, flow, hits, trips, level, common)


def _behind_hits(
    book: Book,
    request: RequestResult,
    flow: ClassFlow,
    hits: list[tuple[str, Draft, Draft]],
    trips: Draft,
    level: float,
    common: dict[str, Any],
) -> Draft:
    """A percentile among the answers of the origin: the level that is left after the hits."""
    passed = _awaited(flow, hits)
    names = [symbol("hit", number) for number, _, _ in hits]
    parts = [(name, share) for name, (_, share, _) in zip(names, hits, strict=True)]
    left = (level - sum(plain(share.value) for _, share, _ in hits)) / plain(passed.value)
    expression = f"({' - '.join([f'{level:.6g}', *names])}) / passed"
    at = Draft(
        value=left,
        kind="share",
        title="level among the origin's answers, edge hits taken off",
        expression=expression,
        parts=(*parts, ("passed", passed)),
    )
    law = law_of(book.loaded.flows, book.loaded.queues, request.name)
    time = plain(quantiles_of(law, [left])[0])
    origin = laws.quantile(
        book, time, left, law, f"answer of the origin at level {left:.6g}", "", _stays(book, flow)
    )
    return Draft(
        expression="round_trips + origin",
        parts=(("round_trips", trips), ("origin", origin), ("level", at)),
        source=_HITS_FIRST,
        **common,
    )
