"""What any tier on hosts may say: connections, pools, sessions, how available it is."""

from __future__ import annotations

from capcalc.advice.explain import flows, hosts, visits
from capcalc.advice.explain.book import Book
from capcalc.advice.explain.draft import Draft, constant, distinct, plain, product, symbol, total
from capcalc.advice.explain.rule import Rule, Told, inputs
from capcalc.model.components import Database
from capcalc.model.work import Call
from capcalc.solve.availability import SYSTEM
from capcalc.traffic.flows import ClassFlow, pieces
from capcalc.units.kinds import DAY

_OWN_CONNECTION = "every request brings a connection of its own: an upper bound if clients reuse it"


def _hosts(book: Book, tier: str) -> tuple[str, Draft]:
    return "hosts", book.draft(f"tiers.{book.system.host_of(tier)}.hosts")


def _connections(book: Book, tier: str) -> Told:
    parts: list[tuple[str, Draft]] = []
    terms = []
    kept = inputs(book, tier, "keepalive")
    for piece in book.loaded.flows.work:
        if piece.tier == tier:
            rate, answer = symbol("rate", piece.label), symbol("answer", piece.label)
            parts.append((rate, flows.work(book, piece)))
            parts.append((answer, book.draft(f"requests.{piece.request_class}.mean")))
            terms.append(f"{rate} * ({answer} + keepalive)" if kept else f"{rate} * {answer}")
    return Told(
        expression=f"({' + '.join(terms)}) / hosts",
        parts=[*parts, *kept, _hosts(book, tier)],
        assumptions=(_OWN_CONNECTION,),
        source="Little's law: throughput x time a connection is open / hosts",
    )


def _used(book: Book, tier: str) -> Told:
    there = book.draft(f"facts.{tier}.connections_per_host")
    parts = [("connections_per_host", there), *inputs(book, tier, "max_connections")]
    return Told(expression="connections_per_host / max_connections", parts=parts)


def _called(book: Book, tier: str, to: str) -> Draft:
    """Calls per second from one tier to another."""
    parts: list[tuple[str, Draft]] = []
    value = 0.0
    for name, flow in book.loaded.flows.classes.items():
        for node, steps in flow.paths.items():
            for step, chance in pieces(steps):
                if node[0] == tier and isinstance(step, Call) and step.node[0] == to:
                    count = visits.calls(book, flow, node, step)
                    rate = _call_rate(book, flow, node, count, plain(chance))
                    value += plain(rate.value)
                    parts.append((symbol("calls", name, step.node[1]), rate))
    return total(value, "rate", f"calls from {tier} to {to}", distinct(parts))


def _call_rate(
    book: Book, flow: ClassFlow, node: tuple[str, str], count: Draft, chance: float
) -> Draft:
    parts = [
        ("origin_rate", book.draft(f"requests.{flow.name}.origin_rate")),
        ("visits", book.draft(visits.visits_path(flow.name, node))),
        ("calls", count),
    ]
    if chance != 1.0:
        parts.append(("share", constant(chance, "share", "share of visits that call", "a miss")))
    value = 1.0
    for _, draft in parts:
        value *= plain(draft.value)
    return product(value, "rate", f"calls of {flow.name}", parts)


def _pool_load(book: Book, tier: str) -> Told:
    to = book.input(f"tiers.{tier}.pool.to").value
    parts = [
        ("calls", _called(book, tier, str(to))),
        ("response", book.draft(f"tiers.{to}.response")),
        ("hosts", book.draft(f"tiers.{tier}.hosts")),
    ]
    note = "a connection is held for one answer of the tier behind, not for a whole transaction"
    return Told(
        expression="calls * response / hosts",
        parts=parts,
        assumptions=(note,),
        source="Little's law: calls of a host x response",
    )


def _pool(function: str) -> Rule:
    def rule(book: Book, tier: str) -> Told:
        parts = inputs(book, tier, "pool.connections_per_host")
        parts.append(("pool_load", book.draft(f"facts.{tier}.pool_load")))
        return Told(
            expression=f"{function}(connections_per_host, pool_load)",
            parts=parts,
            assumptions=("calls ask for connections at random times (Poisson)",),
            source=f"{'Erlang C' if function == 'erlang_c' else 'Erlang B'}: A. K. Erlang, 1917",
        )

    return rule


def _begun(book: Book, tier: str) -> tuple[str, Draft]:
    """Sessions begun per second: given, or the visits of the users."""
    given = f"tiers.{tier}.sessions.rate"
    if book.has(given):
        return "begun", book.input(given)
    names = ("daily_active_users", "visits_per_user_day", "peak_to_average")
    parts = [(name, book.input(f"demand.{name}")) for name in names]
    value = plain(book.system.demand.visit_rate())
    day = constant(DAY, "duration", "seconds of a day", "by definition")
    return "begun", Draft(
        value=value,
        kind="rate",
        title="visits that begin at the peak",
        expression="daily_active_users * visits_per_user_day * peak_to_average / day",
        parts=(*parts, ("day", day)),
    )


def _sessions(book: Book, tier: str) -> Told:
    parts = [_begun(book, tier), *inputs(book, tier, "sessions.length")]
    return Told(expression="begun * length", parts=parts, source="Little's law")


def _store_memory(book: Book, tier: str) -> Told | None:
    """What the sessions kept in a store take."""
    if not book.has(f"tiers.{tier}.size"):
        return None
    users = [
        name
        for name, each in book.system.tiers.items()
        if getattr(getattr(each, "sessions", None), "store", None) == tier
    ]
    if len(users) != 1:
        return None
    parts = [
        _begun(book, users[0]),
        *inputs(book, users[0], "sessions.length"),
        *inputs(book, tier, "ttl", "size"),
    ]
    times = " + ".join(name for name, _ in parts if name in ("length", "ttl")) or "0"
    return Told(expression=f"begun * ({times}) * size", parts=parts)


def _storm(book: Book, tier: str) -> Told:
    window = constant(60.0, "duration", "in which they come back", "rule: a minute")
    parts = [("sessions", book.draft(f"facts.{tier}.sessions")), _hosts(book, tier)]
    return Told(expression="sessions / hosts / window", parts=[*parts, ("window", window)])


def _session_memory(book: Book, tier: str) -> Told:
    parts = [
        ("sessions", book.draft(f"facts.{tier}.sessions")),
        *inputs(book, tier, "sessions.size"),
    ]
    return Told(expression="sessions * size / hosts", parts=[*parts, _hosts(book, tier)])


def _fair(book: Book, tier: str) -> Told:
    return Told(expression="1 / (1 + hosts)", parts=[_hosts(book, tier)])


def _availability(book: Book, tier: str) -> Told | None:
    if tier == SYSTEM:
        parts = [
            (symbol("availability", fact.tier), book.draft(f"facts.{fact.tier}.availability"))
            for fact in book.solution.fact_results
            if fact.name == "availability" and fact.tier != SYSTEM
        ]
        left_out = tuple(w for w in book.solution.warnings if w.startswith("availability leaves"))
        return Told(
            expression=" * ".join(name for name, _ in parts),
            parts=parts,
            assumptions=("tiers fail independently of each other", *left_out),
            source="tiers in series (Trivedi 2002, sec. 2.5)",
        )
    own = inputs(book, tier, "availability", "common_cause")
    if f"facts.{tier}.hosts_needed" not in book.pages:
        return Told(expression="availability", parts=own)
    needed = ("needed", book.draft(f"facts.{tier}.hosts_needed"))
    words = "P(at least `needed` of all hosts work), all failing together with common_cause"
    return Told(
        words=words,
        latex=r"\sum_{i=k}^{n} \binom{n}{i} A^i (1-A)^{n-i}",
        parts=[*own, needed, _hosts(book, tier)],
        assumptions=("hosts fail independently but for their common cause",),
    )


def _needed(book: Book, tier: str) -> Told | None:
    if isinstance(book.system.tiers[tier], Database):
        return None
    above = f"stations.{tier}"
    if f"{above}.offered_load" not in book.pages:
        return None
    parts = [
        ("offered_load", book.draft(f"{above}.offered_load")),
        ("servers", book.draft(f"{above}.servers")),
        *inputs(book, tier, "max_utilization_after_failure"),
    ]
    expression = "max(1, ceil(offered_load / (max_utilization_after_failure * servers)))"
    return Told(expression=expression, parts=parts)


def _downtime(book: Book, tier: str) -> Told:
    up = book.draft(f"facts.{tier}.availability")
    days = constant(30 * DAY, "duration", "30 days", "by definition")
    return Told(
        expression="(1 - availability) * days", parts=[("availability", up), ("days", days)]
    )


def _mean_busy(book: Book, tier: str) -> Told:
    parts = [
        (name, book.draft(f"stations.{tier}.{name}"))
        for name in ("offered_load", "hosts", "servers")
    ]
    return Told(expression="offered_load / (hosts * servers)", parts=parts)


def _imbalance(book: Book, tier: str) -> Told:
    busy = book.draft(f"stations.{tier}.utilization")
    factor = dict(busy.parts)["imbalance"]
    return Told(
        words=factor.words, latex=factor.latex, parts=list(factor.parts), source=factor.source
    )


def _core_efficiency(book: Book, tier: str) -> Told:
    parts = [
        *inputs(book, tier, "scaling.contention", "scaling.coherency"),
        ("servers", hosts.servers(book, tier, f"servers of one {tier} host")),
    ]
    cost = "contention * (servers - 1) + coherency * servers * (servers - 1)"
    return Told(expression=f"1 / (1 + {cost})", parts=parts)


RULES: dict[str, Rule] = {
    "connections_per_host": _connections,
    "connections_used": _used,
    "pool_load": _pool_load,
    "pool_wait": _pool("erlang_c"),
    "pool_rejected": _pool("erlang_b"),
    "sessions": _sessions,
    "memory": _store_memory,
    "login_storm": _storm,
    "session_memory": _session_memory,
    "fair_share": _fair,
    "availability": _availability,
    "hosts_needed": _needed,
    "downtime": _downtime,
    "mean_utilization": _mean_busy,
    "imbalance": _imbalance,
    "core_efficiency": _core_efficiency,
}
