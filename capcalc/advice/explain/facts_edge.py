"""What name services and content delivery networks say of themselves."""

from __future__ import annotations

from capcalc.advice.explain.book import Book
from capcalc.advice.explain.draft import Draft, constant, plain, symbol, total
from capcalc.advice.explain.rule import Rule, Told, inputs
from capcalc.model.components import Cdn
from capcalc.model.components.cdn import HANDSHAKES
from capcalc.units.kinds import DAY


def _each(book: Book, tier: str) -> tuple[str, Draft]:
    """Visits per second that one resolver looks up."""
    names = ("daily_active_users", "visits_per_user_day", "peak_to_average")
    parts = [(name, book.input(f"demand.{name}")) for name in names]
    parts += inputs(book, tier, "resolvers")
    value = plain(book.system.demand.visit_rate()) / plain(dict(parts)["resolvers"].value)
    day = constant(DAY, "duration", "seconds of a day", "by definition")
    return "rate", Draft(
        value=value,
        kind="rate",
        title="visits that ask one resolver at the peak",
        expression=f"{' * '.join(names)} / day / resolvers",
        parts=(*parts, ("day", day)),
    )


def _of_resolvers(expression: str, *keys: str) -> Rule:
    def rule(book: Book, tier: str) -> Told:
        note = "visits reach each resolver at random times (Poisson), alike at all resolvers"
        parts = [_each(book, tier), *inputs(book, tier, *keys)]
        return Told(expression=expression, parts=parts, assumptions=(note,))

    return rule


def _failover(book: Book, tier: str) -> Told:
    return Told(
        expression="detection_time + ttl / 2", parts=inputs(book, tier, "detection_time", "ttl")
    )


def _lost(book: Book, tier: str) -> Told:
    rates = [
        (symbol("rate", name), book.draft(f"requests.{name}.arrival_rate"))
        for name in book.loaded.flows.classes
    ]
    value = sum(plain(draft.value) for _, draft in rates)
    coming = total(value, "rate", "requests of all classes", rates)
    return Told(
        expression="rate * (detection_time + ttl / 2)",
        parts=[("rate", coming), *inputs(book, tier, "detection_time", "ttl")],
    )


OF_DNS: dict[str, Rule] = {
    "hit_ratio": _of_resolvers("rate * ttl / (1 + rate * ttl)", "ttl"),
    "authoritative_rate": _of_resolvers("resolvers * rate / (1 + rate * ttl)", "resolvers", "ttl"),
    "mean_delay": _of_resolvers(
        "(rate * ttl * cached_time + lookup_time) / (1 + rate * ttl)",
        "ttl",
        "cached_time",
        "lookup_time",
    ),
    "failover_time": _failover,
    "lost_requests": _lost,
}


def _first_byte(*, answer: bool) -> Rule:
    def rule(book: Book, tier: str) -> Told | None:
        cdn = book.system.tiers[tier]
        if not isinstance(cdn, Cdn) or cdn.protocol is None:
            return None
        trips = constant(
            HANDSHAKES[cdn.protocol], "number", f"round trips of {cdn.protocol}", "RFC 8446, 9000"
        )
        parts = [("handshake", trips), *inputs(book, tier, "round_trip", "origin_round_trip")]
        parts.append(("lookup", book.draft("first_request_delay")))
        if answer:
            parts += [
                (symbol("mean", name), book.draft(f"requests.{name}.mean"))
                for name in book.loaded.flows.classes
            ]
        return Told(words="lookup + round trips of the handshake and of the answer", parts=parts)

    return rule


OF_CDN: dict[str, Rule] = {
    "first_byte_hit": _first_byte(answer=False),
    "first_byte_passed": _first_byte(answer=True),
    "first_byte_direct": _first_byte(answer=True),
}
