"""What a crowd does to a tier, and what the system means for the business."""

from __future__ import annotations

from capcalc.advice.explain import stations
from capcalc.advice.explain.book import Book
from capcalc.advice.explain.draft import Draft, constant, distinct, plain, symbol, total
from capcalc.advice.explain.rule import Rule, Told, inputs
from capcalc.results.solution import TierResult
from capcalc.solve import cost
from capcalc.theory.scaling import spikes
from capcalc.traffic.flows import StationKey

_FLUID = "fluid: chance is left out, for overloads of many requests"
_NEWELL = "G. F. Newell, Applications of Queueing Theory, 1982, ch. 2"
_SRE = "B. Beyer et al., Site Reliability Engineering, 2016, ch. 21"


def _busy(book: Book, tier: str) -> tuple[str, Draft]:
    return "utilization", book.draft(f"tiers.{tier}.utilization")


def _spike(book: Book) -> list[tuple[str, Draft]]:
    names = [name for name in ("factor", "ramp") if book.has(f"demand.spike.{name}")]
    return [(name, book.input(f"demand.spike.{name}")) for name in names]


def _absorbed(book: Book, tier: str) -> Told:
    note = "all demand rises alike, at once"
    return Told(expression="1 / utilization", parts=[_busy(book, tier)], assumptions=(note,))


def _height(book: Book, tier: str) -> Told:
    parts = [_busy(book, tier), ("factor", book.input("demand.spike.factor"))]
    return Told(expression="utilization * factor", parts=parts)


def _rise(book: Book, tier: str) -> tuple[str, Draft]:
    """The load when the first new host serves, over that before."""
    return "rise", book.once(f"rise {tier}", lambda: _risen(book, tier))


def _risen(book: Book, tier: str) -> Draft:
    parts = [*inputs(book, tier, "boot_time"), *_spike(book)]
    boot, factor, *ramp = (plain(draft.value) for _, draft in parts)
    slow = bool(ramp) and ramp[0] > 0
    return Draft(
        value=plain(spikes.load_factor(boot, factor, ramp[0] if ramp else 0.0)),
        kind="number",
        title=f"load when a new {tier} host serves, over that before the spike",
        expression="1 + (factor - 1) * min(boot_time / ramp, 1)" if slow else "factor",
        parts=tuple(parts),
        source=_NEWELL,
    )


def _hold(book: Book, tier: str) -> Told:
    key = _station(book, tier)
    parts = [
        *stations.named(book, key, "arrival_rate", "service_time"),
        _rise(book, tier),
        *inputs(book, tier, "max_utilization_after_failure"),
        *stations.named(book, key, "servers"),
    ]
    expression = (
        "ceil(arrival_rate * service_time * rise / (max_utilization_after_failure * servers))"
    )
    return Told(expression=expression, parts=parts, source=_SRE)


def _station(book: Book, tier: str) -> StationKey:
    return next(
        piece.station
        for piece in book.loaded.flows.work
        if piece.tier == tier and not piece.step.role
    )


def _backlog(book: Book, tier: str) -> Told:
    """The area between what comes and what is served: a triangle, then a rectangle."""
    key = _station(book, tier)
    rate = stations.named(book, key, "arrival_rate")
    parts = [*rate, _busy(book, tier), *inputs(book, tier, "boot_time"), *_spike(book)]
    values = {name: plain(draft.value) for name, draft in parts}
    ramp, room = values.get("ramp", 0.0), 1.0 / values["utilization"] - 1.0
    words = "integral until boot_time of what comes beyond arrival_rate / utilization"
    if not 0 < ramp <= values["boot_time"] or not 0 < room < values["factor"] - 1.0:
        return Told(words=words, parts=parts, assumptions=(_FLUID,), source=_NEWELL)
    beyond = "(factor - 1 / utilization)"
    expression = (
        f"arrival_rate * ({beyond} * (boot_time - ramp) + "
        f"{beyond} ** 2 * ramp / (2 * (factor - 1)))"
    )
    return Told(
        expression=expression, words=words, parts=parts, assumptions=(_FLUID,), source=_NEWELL
    )


def _target(book: Book, tier: str) -> Told:
    parts = [*inputs(book, tier, "max_utilization_after_failure"), _rise(book, tier)]
    return Told(expression="max_utilization_after_failure / rise", parts=parts, source=_SRE)


def _users(book: Book) -> tuple[str, Draft]:
    return "daily_active_users", book.input("demand.daily_active_users")


def _per_thousand(book: Book, _tier: str) -> Told:
    parts = [("cost", book.draft("cost")), _users(book)]
    return Told(
        expression="1000 * cost / daily_active_users",
        parts=parts,
        source="definition: cost / users",
    )


def _marginal(book: Book, _tier: str) -> Told:
    found = [_needed(book, each) for each in book.solution.tier_results if each.cost is not None]
    value = sum(plain(draft.value) for _, draft in found)
    needed = total(value, "money", "what this load costs if hosts came in parts", distinct(found))
    return Told(
        expression="1000 * needed / daily_active_users",
        parts=[("needed", needed), _users(book)],
        assumptions=(
            "hosts are bought in parts and filled to max_utilization, without spare for failures",
        ),
        source="definition: cost in proportion to load / users",
    )


def _needed(book: Book, tier: TierResult) -> tuple[str, Draft]:
    """The part of a tier's cost that its load needs: filled hosts, and use as it is."""
    name, path = symbol("needed", tier.name), f"tiers.{tier.name}"
    hosted = tier.name in book.system.hosted()
    fixed = cost.hosts_per_month(book.system, tier.name) if hosted else None
    own = ("cost", book.draft(f"{path}.cost"))
    keys = [key for key in book.loaded.queues if key[0] == tier.name]
    if not plain(fixed or 0.0) or not keys or plain(fixed or 0.0) != plain(tier.cost):
        return name, own[1]
    busy = max(plain(book.loaded.queues[key].utilization) for key in keys)
    limit = book.input(f"{path}.max_utilization")
    return name, Draft(
        value=plain(tier.cost) * busy / plain(limit.value),
        kind="money",
        title=f"cost of {tier.name} hosts that are filled to their limit",
        expression="cost * utilization / max_utilization",
        parts=(own, ("utilization", book.draft(f"{path}.utilization")), ("max_utilization", limit)),
    )


def _orders(book: Book, _tier: str) -> Told:
    names = ("daily_active_users", "business.orders_per_user_day", "peak_to_average")
    parts = [(name.rpartition(".")[2], book.input(f"demand.{name}")) for name in names]
    hours = constant(24.0, "number", "hours of a day", "by definition")
    return Told(
        expression="daily_active_users * orders_per_user_day * peak_to_average / hours",
        parts=[*parts, ("hours", hours)],
        assumptions=("orders have the same daily profile as requests",),
        source="definition: orders in the peak hour",
    )


def _revenue(book: Book, _tier: str) -> Told:
    parts = [
        ("orders_per_hour", book.draft("facts.orders_per_hour")),
        ("order_value", book.input("demand.business.order_value")),
    ]
    return Told(
        expression="orders_per_hour * order_value",
        parts=parts,
        assumptions=("nobody who meets a failure orders later",),
        source="definition: orders x their value",
    )


RULES: dict[str, Rule] = {
    "spike_absorbed": _absorbed,
    "spike_utilization": _height,
    "spike_hosts": _hold,
    "spike_backlog": _backlog,
    "autoscaling_target": _target,
    "cost_per_thousand_users": _per_thousand,
    "marginal_cost_per_thousand_users": _marginal,
    "orders_per_hour": _orders,
    "revenue_at_risk_per_hour": _revenue,
}
