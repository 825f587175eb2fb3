"""The top of the page: the answer in one paragraph, the system in a picture, what binds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isfinite, isnan

from capcalc.model.routes import found_calls, paths
from capcalc.model.system import System
from capcalc.model.work import ENTRY
from capcalc.reports import advice, failures, solution, timeline
from capcalc.reports.document import Document, number
from capcalc.reports.page.answers import Answers
from capcalc.reports.page.markup import Content, Markup, element, joined
from capcalc.reports.page.tables import folded, sentences, table
from capcalc.reports.plots.bars import axis, bar
from capcalc.results.solution import TierResult
from capcalc.units import format as human


def answer(found: Answers) -> Markup:
    """One paragraph: what every question was answered with, a line each."""
    parts = [joined(element("b", f"{name}:"), " ", said) for name, said in _said(found)]
    return element("p", *[joined(part, ". ") for part in parts], class_="answer")


def _said(found: Answers) -> Iterator[tuple[str, str]]:
    yield "Today", solution.headline(found.solution)
    kept = objectives(found)
    if kept:
        yield "Objectives", kept
    if found.solution.cost is not None:
        yield "Cost", f"{human.dollars(float(found.solution.cost))} per month as it runs"
    if found.failures is not None and found.failures.results:
        yield "Failures", failures.headline(found.failures)
    if found.advice is not None:
        yield "Advice", advice.headline(found.advice)
    if found.timeline is not None:
        yield "Growth", timeline.headline(found.timeline)


def objectives(found: Answers) -> str:
    """How many are kept, and which are not; empty where there are none with a verdict."""
    judged = [each for each in found.solution.objective_results if each.met is not None]
    broken = [f"{each.request_class} {each.measure}" for each in judged if not each.met]
    if not judged:
        return ""
    if not broken:
        return {1: "the only one is kept", 2: "both are kept"}.get(
            len(judged), f"all {len(judged)} are kept"
        )
    verb = "is" if len(broken) == 1 else "are"
    return f"{len(broken)} of {len(judged)} {verb} broken ({', '.join(broken)})"


def system(found: Answers, told: Document) -> Markup:
    """The tiers in order with how busy they are, then their tables."""
    tables = {each.name: each for each in told.tables}
    more = [table(tables[name]) for name in ("stations", "facts") if name in tables]
    return joined(
        _picture(found),
        table(tables["tiers"]),
        *[sentences(each.sentences) for each in told.sections if each.title.startswith("Cost")],
        folded("What else follows from the tiers", *more),
    )


def first(found: Answers, told: Document) -> Markup:
    """What saturates first and what next, and what would mend what is saturated."""
    remedies = [sentences(each.sentences) for each in told.sections if each.title == "Saturated"]
    said = element("p", f"{solution.headline(found.solution)}.")
    more = _next(found)
    return joined(said, element("p", more) if more else None, *remedies)


def _next(found: Answers) -> str | None:
    """The other tiers that saturate, in order; nothing where none does."""
    rest = [
        (float(tier.headroom), tier.name)
        for tier in found.solution.tier_results
        if tier.headroom is not None and tier.name != found.solution.bottleneck
    ]
    told = [f"{name} at {human.significant(at)}" for at, name in sorted(rest) if isfinite(at)]
    return (
        f"The others, by how many times today's load fills them: {', '.join(told)}."
        if told
        else None
    )


def _picture(found: Answers) -> Markup:
    asks = _asks(found.system)
    worst = _after(found)
    rows = [_tier(found.system, each, asks, worst) for each in found.solution.tier_results]
    return element(
        "figure",
        element("figcaption", "The system, in the order in which requests meet its tiers"),
        element("ol", rows, class_="rows way"),
        element("ol", element("li", element("span"), axis(1.0, "utilization")), class_="rows"),
        _key(bool(worst)),
    )


def _key(worst: bool) -> Markup:
    said = [
        "bar: how busy the tier's busiest servers are today",
        "line: its max_utilization",
        "thin bar: after the worst failure to be survived" if worst else "",
    ]
    return element("p", "; ".join(filter(None, said)), class_="key")


def _tier(
    system: System,
    tier: TierResult,
    asks: Mapping[str, list[str]],
    worst: Mapping[str, float],
) -> Markup:
    limit = _limit(system, tier.name)
    busy = None if tier.utilization is None else float(tier.utilization)
    says = list(_says(tier, asks, busy, worst))
    drawn: Content = None
    if busy is not None:
        drawn = bar(
            busy,
            label=f"{tier.name}: {'; '.join(says)}",
            limit=limit,
            look=look(busy, limit),
            below=worst.get(tier.name) if worst else None,
        )
    return element(
        "li",
        element("div", element("b", tier.name), " ", element("small", _machines(system, tier))),
        element("div", drawn),
        element("div", "; ".join(says), class_="says"),
    )


def look(busy: float, limit: float | None) -> str:
    """The class of a bar: within its limit, beyond it, overloaded."""
    if not busy < 1:
        return "over"
    return "near" if limit is not None and busy > limit * (1 + 1e-9) else "fine"


def _limit(system: System, name: str) -> float | None:
    if name not in system.hosted():
        return None
    return float(system.hosted()[system.host_of(name)].max_utilization)


def _machines(system: System, tier: TierResult) -> str:
    """E.g. ``web, 6 x c7g.xlarge``."""
    kind = tier.kind.replace("_", " ")
    if tier.name not in system.hosted():
        return kind
    owner = system.host_of(tier.name)
    if owner != tier.name:
        return f"{kind}, on the hosts of {owner}"
    host = system.hosted()[owner]
    return f"{kind}, {number(host.host_count())} x {host.instance or _servers(system, owner)}"


def _servers(system: System, name: str) -> str:
    servers = float(system.servers(name))
    return f"{number(servers)} server{'' if servers == 1 else 's'}"


def _says(
    tier: TierResult,
    asks: Mapping[str, list[str]],
    busy: float | None,
    worst: Mapping[str, float],
) -> Iterator[str]:
    if busy is not None:
        over = " (overloaded)" if not busy < 1 else ""
        yield f"{human.share(busy)} busy{over}"
    after = worst.get(tier.name)
    if after is not None and busy is not None and after > busy * 1.001:
        yield f"{human.share(after)} after a failure"
    if tier.hit_ratio is not None:
        yield f"{human.share(float(tier.hit_ratio))} hits"
    if tier.arrival_rate is not None:
        yield f"{human.rate(float(tier.arrival_rate))} arrive"
    if asks.get(tier.name):
        yield f"asks {', '.join(asks[tier.name])}"


def _after(found: Answers) -> dict[str, float]:
    """The utilization of each tier after the worst failure that it has to survive."""
    worst: dict[str, float] = {}
    for each in found.failures.results if found.failures is not None else ():
        if not each.survive:
            continue
        for tier in each.after:
            if tier.utilization is not None and not isnan(tier.utilization):
                worst[tier.tier] = max(worst.get(tier.tier, 0.0), tier.utilization)
    return worst


def _asks(system: System) -> dict[str, list[str]]:
    """Which tiers each tier asks, over all request classes."""
    asked: dict[str, dict[str, None]] = {}
    for request_class in system.demand.requests:
        for node, steps in paths(system, request_class).items():
            if node != ENTRY:
                called = (call.node[0] for call in found_calls(steps))
                asked.setdefault(node[0], {}).update(dict.fromkeys(called))
    return {name: [each for each in called if each != name] for name, called in asked.items()}
