"""What timeouts, retries and finite room come to: a fixed point of load and tries."""

from __future__ import annotations

from capcalc.advice.explain.book import Book
from capcalc.advice.explain.draft import Draft, constant, plain
from capcalc.advice.explain.rule import Rule, Told, inputs

_FIXED_POINT = (
    "tries come back after a back-off of many service times: true tries were up to 6 % more in "
    "simulations, as timeouts cluster; repeated at once they are many more"
)


def _retries(book: Book, tier: str) -> tuple[str, Draft]:
    found = inputs(book, tier, "retries")
    none = constant(0.0, "number", f"retries of {tier}", "default: none")
    return found[0] if found else ("retries", none)


def _late(book: Book, tier: str) -> tuple[str, Draft]:
    return "timed_out", book.draft(f"facts.{tier}.timed_out")


def _timed_out(book: Book, tier: str) -> Told:
    """The fixed point itself is not taken apart: its parts would contain it again."""
    tries = plain(book.loaded.tries[tier].attempts)
    attempts = constant(tries, "number", "tries of one visit", "of the same fixed point")
    own = inputs(book, tier, "service_time", "scv", "hosts")
    return Told(
        words="share of answers slower than the timeout, under the load that all tries make",
        latex=r"p = \Pr(T_A > \tau)",
        parts=[*inputs(book, tier, "timeout"), _retries(book, tier), ("attempts", attempts), *own],
        assumptions=(_FIXED_POINT,),
        source="fixed point of p and A = 1 + p + ... + p^r, iterated from no retries upwards",
    )


def _attempts(book: Book, tier: str) -> Told:
    retries = plain(_retries(book, tier)[1].value)
    few = retries.is_integer() and retries <= 3
    sums = " + ".join(["1", "p", "p^2", "p^3"][: 1 + int(retries)]) if few else "1 + p + ... + p^r"
    return Told(
        words=f"A = {sums}, p = timed_out by the load that A makes, solved to 1e-10",
        latex=r"A = \sum_{i=0}^r p(A)^i",
        parts=[_late(book, tier), _retries(book, tier)],
        assumptions=(_FIXED_POINT,),
    )


def _unanswered(book: Book, tier: str) -> Told:
    parts = [_late(book, tier), _retries(book, tier)]
    return Told(
        expression="timed_out ** (1 + retries)",
        parts=parts,
        source="definition: every try of a visit times out",
    )


def _congested(book: Book, tier: str) -> Told:
    return Told(
        words="the same fixed point, iterated downwards from all retries made",
        latex=r"A = \sum_{i=0}^r p(A)^i",
        parts=[_retries(book, tier), *inputs(book, tier, "timeout", "hosts", "service_time")],
        assumptions=(_FIXED_POINT,),
    )


def _rejected(book: Book, tier: str) -> Told:
    above = f"stations.{tier}"
    names = ("arrival_rate", "service_time", "hosts", "servers")
    parts = [(name, book.draft(f"{above}.{name}")) for name in names]
    parts += [("room", book.input(f"tiers.{tier}.max_connections"))]
    return Told(
        expression="mmck_prob_loss(arrival_rate / hosts, 1 / service_time, servers, room)",
        parts=parts,
        assumptions=("every host on its own, exponential service",),
    )


RULES: dict[str, Rule] = {
    "timed_out": _timed_out,
    "attempts": _attempts,
    "unanswered": _unanswered,
    "congested_attempts": _congested,
    "rejected": _rejected,
}
