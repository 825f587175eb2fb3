"""Rates: how much of each class comes, reaches the origin, and asks each tier."""

from __future__ import annotations

from functools import partial

import numpy as np

from capcalc.advice.explain.book import Book, Entries
from capcalc.advice.explain.draft import Draft, constant, plain, product, symbol
from capcalc.advice.explain.passed import passes
from capcalc.advice.explain.visits import FORCED_FLOW, branches, node_of, visits_path, weight
from capcalc.model import routes
from capcalc.model.work import Load
from capcalc.traffic.flows import ClassFlow, Work
from capcalc.units.kinds import DAY

_PEAK = (
    "demand is that of the busiest hour, users x habits x peak_to_average, taken as steady in it"
)
_BUSINESS = "B. Beyer et al., Site Reliability Engineering, 2016, ch. 18"


def entries(book: Book) -> Entries:
    """Rates of every class."""
    for name, flow in book.loaded.flows.classes.items():
        yield f"requests.{name}.arrival_rate", partial(_arrivals, book, flow)
        yield f"requests.{name}.origin_rate", partial(_at_origin, book, flow)


def _arrivals(book: Book, flow: ClassFlow) -> Draft:
    above = f"demand.requests.{flow.name}"
    path, title = f"requests.{flow.name}.arrival_rate", f"{flow.name} requests at the peak"
    if book.has(f"{above}.rate"):
        return Draft(
            value=plain(flow.arrival_rate),
            kind="rate",
            title=title,
            path=path,
            expression="rate",
            parts=(("rate", book.input(f"{above}.rate")),),
            assumptions=("a rate that is given is that of the peak",),
            source="definition: as given",
        )
    names = ("demand.daily_active_users", f"{above}.per_user_day", "demand.peak_to_average")
    parts = [(name.rpartition(".")[2], book.input(name)) for name in names]
    day = constant(DAY, "duration", "seconds of a day", "by definition")
    return Draft(
        value=plain(flow.arrival_rate),
        kind="rate",
        title=title,
        path=path,
        expression="daily_active_users * per_user_day * peak_to_average / day",
        parts=(*parts, ("day", day)),
        assumptions=(_PEAK,),
        source=_BUSINESS,
    )


def _at_origin(book: Book, flow: ClassFlow) -> Draft:
    title = f"{flow.name} requests that reach the origin"
    parts: list[tuple[str, Draft]] = [
        ("arrival_rate", book.draft(f"requests.{flow.name}.arrival_rate"))
    ]
    request = book.system.demand.requests[flow.name]
    for name, tier in routes.edges(book.system).items():
        passed = passes(book, name, flow.name)
        if request.edge_cacheable or plain(tier.reach(flow.name, request)) != 1.0:
            parts.append((symbol("passed", name), passed))
    words = ""
    if routes.edges(book.system) and not request.edge_cacheable:
        words = "neither static nor cacheable, so that no edge answers it"
    return product(
        flow.origin_rate,
        "rate",
        title,
        parts,
        path=f"requests.{flow.name}.origin_rate",
        words=words,
        source="definition: thinned at every edge tier in file order",
    )


def work(book: Book, piece: Work, *, asked: bool = False) -> Draft:
    """Pieces of work per second; ``asked``: the visits that bring them."""
    return book.once(f"work {id(piece)} {asked}", lambda: _work(book, piece, asked))


def _work(book: Book, piece: Work, asked: bool) -> Draft:
    flow = book.loaded.flows.classes[piece.request_class]
    node = node_of(flow, piece.step)
    parts: list[tuple[str, Draft]] = [
        ("origin_rate", book.draft(f"requests.{flow.name}.origin_rate")),
        ("visits", book.draft(visits_path(flow.name, node))),
    ]
    part = weight(book, flow, node, piece.step)
    parts += [("share", part)] if part is not None else []
    copies = None if asked else _copies(book, piece)
    parts += [copies] if copies is not None else []
    count = getattr(piece.step, "branches", 1) if asked else 1
    what = "" if piece.label == piece.request_class else f" {piece.label}"
    return product(
        np.divide(piece.rate, count),
        "rate",
        f"{piece.request_class}{what} at {' '.join(filter(None, piece.station))}",
        parts,
        source=FORCED_FLOW,
    )


def _copies(book: Book, piece: Work) -> tuple[str, Draft] | None:
    """Parallel parts of a visit, or replicas that replay a write."""
    if isinstance(piece.step, Load):
        count = plain(piece.step.copies)
        given = book.input(f"tiers.{piece.tier}.replicas")
        return ("replicas", given) if given.value == count else None
    if piece.step.branches == 1:
        return None
    return "fan_out", branches(book, piece.tier, piece.step)
