"""What growing the whole system one way only costs: today, as planned for, and at the horizon."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from capcalc.advice import search
from capcalc.advice.found import allowed
from capcalc.advice.options import Options
from capcalc.advice.search import Search
from capcalc.advice.states import scaled
from capcalc.advice.summary import at_load
from capcalc.model.system import System
from capcalc.results.advice import Choice, Plan
from capcalc.results.deciding import Growing
from capcalc.solve.cost import cdn_per_month
from capcalc.units import format as human
from capcalc.units.kinds import MONTH

WAYS = ("vertical", "horizontal")


def growing(
    within: Search, every: Mapping[str, Options], whole: Mapping[str, Plan], planned: float
) -> Iterator[Growing]:
    """One row for each of today, ``min_runway`` and the horizon; none where nothing grows.

    Parameters
    ----------
    within : Search
        At the load planned for; what is out of reach there stays left out.
    whole : mapping of str to Plan
        The system's plans at that load, by way.
    planned : float
        That load, as a factor on today's.
    """
    system = within.system
    growth = float(system.demand.growth)
    if growth <= 0:
        return
    months = float(system.plan.horizon) / MONTH
    yield from _row(within, every, "today", 1.0, whole if planned == 1.0 else None)
    if planned > 1.0:
        yield from _row(within, every, "min_runway", planned, whole)
    horizon = (1.0 + growth) ** months
    if horizon > planned:
        occasion = f"in {human.significant(months)} months"
        yield from _row(within, every, occasion, horizon, None)


def _row(
    within: Search,
    every: Mapping[str, Options],
    occasion: str,
    load: float,
    whole: Mapping[str, Plan] | None,
) -> Iterator[Growing]:
    edge = _edge(scaled(within.system, load))
    found = {
        kind: _known(whole[kind]) if whole else _searched(at_load(within, load), every, kind)
        for kind in WAYS
    }
    yield Growing(
        occasion=occasion,
        load_factor=load,
        vertical=_money(found["vertical"], edge),
        horizontal=_money(found["horizontal"], edge),
        vertical_servers=_servers(found["vertical"]),
        horizontal_servers=_servers(found["horizontal"]),
    )


def _known(plan: Plan) -> tuple[Choice, ...]:
    return plan.choices if plan.usable else ()


def _searched(within: Search, every: Mapping[str, Options], kind: str) -> tuple[Choice, ...]:
    """The cheapest plan of one kind; empty where there is none or it is not proved."""
    subset = {name: option.picked(allowed(option, kind)) for name, option in every.items()}
    useful = search.useful(within, subset)
    try:
        best = search.cheapest(within, useful)
    except search.TooMany:
        return ()
    if best is None:
        return ()
    return tuple(useful[name].choice(within.system, at) for name, at in best.items())


def _money(choices: tuple[Choice, ...], edge: float) -> float | None:
    costs = [each.cost for each in choices if each.cost is not None]
    return sum(costs) + edge if costs else None


def _servers(choices: tuple[Choice, ...]) -> int | None:
    """Servers of tiers without a price; None where there is no plan."""
    if not choices:
        return None
    return sum(each.hosts * each.servers for each in choices if each.cost is None)


def _edge(system: System) -> float:
    names = [name for name, tier in system.tiers.items() if tier.kind == "cdn"]
    return float(sum(cdn_per_month(system, name) or 0.0 for name in names))
