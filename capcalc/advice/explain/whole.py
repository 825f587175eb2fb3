"""The system as a whole: bottleneck, headroom, cost, first request, objectives, remedies."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from capcalc.advice.explain import stations
from capcalc.advice.explain.arithmetic import holds
from capcalc.advice.explain.book import Book, Entries
from capcalc.advice.explain.draft import Draft, Parts, constant, plain, symbol, total
from capcalc.model import routes
from capcalc.results.solution import ObjectiveResult, Remedy

_ALIKE = "all demand grows alike, so that every utilization is proportional to it"


def entries(book: Book) -> Entries:
    """Numbers of the whole system."""
    rules: dict[str, Callable[[Book], Draft]] = {
        "bottleneck": _bottleneck,
        "headroom": _headroom,
        "saturated": _saturated,
        "first_request_delay": _first_request,
    }
    yield from ((path, partial(rule, book)) for path, rule in rules.items())
    if book.solution.cost is not None:
        yield "cost", partial(_cost, book)
        yield "cost_usd_per_month", partial(book.draft, "cost")
    for objective in book.solution.objective_results:
        yield from _of_objective(book, objective)
    for remedy in book.solution.remedies:
        yield from _of_remedy(book, remedy)


def _busy(book: Book) -> tuple[tuple[str, Draft], ...]:
    return tuple(
        (symbol("utilization", *key), book.draft(stations.path_of(key, "utilization")))
        for key in book.loaded.queues
    )


def _bottleneck(book: Book) -> Draft:
    return Draft(
        value=str(book.solution.bottleneck),
        kind="text",
        title="the tier that saturates first",
        path="bottleneck",
        words="the tier of the station with the largest utilization",
        latex=r"\arg\max_i \rho_i",
        parts=_busy(book),
        assumptions=(_ALIKE,),
        source=stations.UTILIZATION_LAW,
    )


def _headroom(book: Book) -> Draft:
    busy = _busy(book)
    return Draft(
        value=plain(book.solution.headroom),
        kind="number",
        title="factor by which the load may grow until some station is saturated",
        path="headroom",
        expression=f"1 / {_most(busy)}",
        parts=busy,
        assumptions=(_ALIKE,),
        source=stations.UTILIZATION_LAW,
    )


def _most(parts: tuple[tuple[str, Draft], ...]) -> str:
    names = ", ".join(name for name, _ in parts)
    return names if len(parts) == 1 else f"max({names})"


def _saturated(book: Book) -> Draft:
    return Draft(
        value=bool(book.solution.saturated),
        kind="text",
        title="whether some station gets more than it can serve",
        path="saturated",
        words="whether the largest utilization is 1 or more",
        latex=r"\max_i \rho_i \ge 1",
        parts=_busy(book),
        source=stations.UTILIZATION_LAW,
    )


def _first_request(book: Book) -> Draft:
    parts = [
        (symbol("lookup_time", name), book.input(f"tiers.{name}.lookup_time"))
        for name in routes.lookup(book.system)
    ]
    none = constant(0.0, "duration", "lookup of names", "rule: there is no dns tier, no wait")
    return total(
        book.solution.first_request_delay,
        "duration",
        "what the first request of a visit waits for its name",
        parts or [("lookup_time", none)],
        path="first_request_delay",
        assumptions=("paid by the first request of a visit only, and in no percentile",),
        source="definition: name resolution comes before the first request",
    )


def _cost(book: Book) -> Draft:
    parts = [
        (symbol("cost", tier.name), book.draft(f"tiers.{tier.name}.cost"))
        for tier in book.solution.tier_results
        if tier.cost is not None
    ]
    left_out = [each for each in book.solution.warnings if each.startswith("no price is known")]
    return total(
        book.solution.cost,
        "money",
        "cost of all tiers a month",
        parts,
        path="cost",
        assumptions=tuple(left_out),
        source="definition: sum of all tiers whose price is known",
    )


def _of_objective(book: Book, objective: ObjectiveResult) -> Entries:
    name, measure = objective.request_class, objective.measure
    above = f"objectives.{name}.{measure}"
    yield f"{above}.limit", partial(_limit, book, name, measure)
    if objective.value is not None:
        where = f"requests.{name}.{measure}"
        where = where if where in book.pages else f"facts.{name}.{measure}"
        yield f"{above}.value", partial(book.draft, where)
        yield f"{above}.met", partial(_met, book, objective)
        yield above, partial(_met, book, objective)


def _limit(book: Book, name: str, measure: str) -> Draft:
    path = f"objectives.{name}.{measure}"
    return book.input(path if book.has(path) else f"objectives.{measure}")


def _met(book: Book, objective: ObjectiveResult) -> Draft:
    path = f"objectives.{objective.request_class}.{objective.measure}"
    above = objective.measure == "availability"
    sign, typeset = (">=", r"\ge") if above else ("<=", r"\le")
    return Draft(
        value=bool(objective.met),
        kind="text",
        title=f"whether the objective {path} is kept",
        path=f"{path}.met",
        words=f"value {sign} limit",
        latex=rf"x {typeset} x_{{\max}}",
        parts=(("value", book.draft(f"{path}.value")), ("limit", book.draft(f"{path}.limit"))),
        source="definition: the objective in the file",
    )


def _of_remedy(book: Book, remedy: Remedy) -> Entries:
    above = ".".join(part for part in ("remedies", remedy.tier, remedy.role) if part)
    key = (remedy.tier, remedy.role)
    yield f"{above}.utilization", partial(book.draft, stations.path_of(key, "utilization"))
    yield f"{above}.sustainable", partial(_sustainable, book, remedy, above)
    yield f"{above}.servers", partial(_servers, book, remedy, above)
    if remedy.hosts is not None:
        yield f"{above}.hosts", partial(_hosts, book, remedy, above)


def _sustainable(book: Book, remedy: Remedy, above: str) -> Draft:
    busy = stations.named(book, (remedy.tier, remedy.role), "utilization")
    return Draft(
        value=remedy.sustainable,
        kind="share",
        title=f"share of this load that {remedy.tier} can serve",
        path=f"{above}.sustainable",
        expression="1 / utilization",
        parts=tuple(busy),
        source=stations.UTILIZATION_LAW,
    )


def _needs(book: Book, remedy: Remedy, *names: str) -> list[tuple[str, Draft]]:
    limit = book.input(f"tiers.{remedy.tier}.max_utilization")
    return [
        *stations.named(book, (remedy.tier, remedy.role), "offered_load", *names),
        ("max_utilization", limit),
    ]


def _servers(book: Book, remedy: Remedy, above: str) -> Draft:
    parts = _needs(book, remedy, "hosts")
    return Draft(
        value=remedy.servers,
        kind="number",
        title=f"servers in each {remedy.tier} host that bring it to its limit",
        path=f"{above}.servers",
        **_rounded_up("offered_load / (max_utilization * hosts)", parts, remedy.servers),
        parts=tuple(parts),
        source=stations.UTILIZATION_LAW,
    )


def _rounded_up(quotient: str, parts: Parts, value: float) -> dict[str, Any]:
    """The formula, or its words where other things count too, as the fullest of unequal hosts."""
    expression = f"ceil({quotient})"
    if holds(expression, {name: draft.value for name, draft in parts}, value):
        return {"expression": expression}
    words = f"{quotient.replace('*', 'x')} of the fullest host, rounded up"
    return {"words": words, "latex": r"\lceil a / (u n) \rceil"}


def _hosts(book: Book, remedy: Remedy, above: str) -> Draft:
    value, parts = float(remedy.hosts or 0.0), _needs(book, remedy, "servers")
    told = _rounded_up("offered_load / (max_utilization * servers)", parts, value)
    if remedy.role.startswith("replica"):
        words = "load of reads / (max_utilization x servers - load of one's replays), rounded up"
        told = {"words": words, "latex": r"\lceil a_r / (u k - a_w) \rceil"}
    return Draft(
        value=value,
        kind="number",
        title=f"hosts of {remedy.tier} that bring it to its limit",
        path=f"{above}.hosts",
        **told,
        parts=tuple(parts),
        source=stations.UTILIZATION_LAW,
    )
