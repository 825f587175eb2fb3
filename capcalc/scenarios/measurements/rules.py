"""What the name of a column says it is: one rule for each kind of role."""

from __future__ import annotations

from capcalc.results.measurements import ROLES
from capcalc.scenarios.measurements import rules_of_work as work
from capcalc.scenarios.measurements import words
from capcalc.scenarios.measurements.guess import Guess, made
from capcalc.scenarios.measurements.rules_of_work import RESPONSE

_PERCENTILES = {
    "p50": "p50",
    "median": "p50",
    "50th": "p50",
    "p90": "p90",
    "90th": "p90",
    "p95": "p95",
    "95th": "p95",
    "p99": "p99",
    "99th": "p99",
}
_TIME_WORDS = {
    "timestamp",
    "time",
    "date",
    "datetime",
    "ts",
    "ds",
    "t",
    "epoch",
    "minute",
    "hour",
    "day",
    "month",
    "week",
    "period",
    "interval",
    "zeit",
    "datum",
    "uhrzeit",
    "zeitstempel",
    "zeitpunkt",
    "tag",
    "fecha",
    "hora",
    "heure",
    "horodatage",
}


def guess_of(name: str, said: set[str], unit: str) -> Guess | None:
    """What a name says by its words and its unit: the first rule that knows it."""
    rules = (
        _time,
        _business,
        _text,
        _popularity,
        _cache,
        _percentile,
        work.busy,
        work.response,
        work.service,
        work.database,
        work.counts,
        work.rates,
        work.sizes,
    )
    kind = words.UNITS[unit][1] if unit else ""
    for rule in rules:
        guess = rule(said, kind)
        if guess is not None:
            return guess
    return _exact(name)


def _time(said: set[str], kind: str) -> Guess | None:
    plain = said - {"utc", "gmt", "s", "ms", "us", "ns", "start", "end", "unix", "of", "index"}
    if plain and plain <= _TIME_WORDS and not (plain == {"interval"} and kind):
        return made("time", said, plain)
    return None


#: Words of business figures: any of these words, or all of those, tell the role.
_BUSINESS: tuple[tuple[str, frozenset[str], frozenset[str]], ...] = (
    ("daily_active_users", frozenset({"dau"}), frozenset({"daily", "active"})),
    ("monthly_active_users", frozenset({"mau"}), frozenset({"monthly", "active"})),
    ("new_users", frozenset({"signups", "registrations"}), frozenset({"new", "users"})),
    ("revenue", frozenset({"revenue", "sales", "gmv", "turnover"}), frozenset({"order", "value"})),
    ("retention", frozenset({"retention", "retained"}), frozenset({"retention"})),
    ("age", frozenset({"age"}), frozenset({"cohort", "day"})),
    ("rank", frozenset({"rank"}), frozenset({"rank"})),
)
#: The same, of figures that are counts.
_COUNTED: tuple[tuple[str, frozenset[str]], ...] = (
    ("sessions", frozenset({"sessions", "visits"})),
    ("orders", frozenset({"orders", "purchases", "checkouts"})),
)


def _business(said: set[str], kind: str) -> Guess | None:
    for role, some, every in _BUSINESS:
        if said & some or every <= said:
            return made(role, said, {*some, *every, "users", "days"})
    if said == {"active", "users"}:
        return made("daily_active_users", said, said)
    if kind in ("", "count") and not said & words.RESOURCES.keys():
        for role, some in _COUNTED:
            if said & some:
                return made(role, said, some)
    return None


def _text(said: set[str], kind: str) -> Guess | None:
    if kind:
        return None
    for role, known in (
        ("tier", {"tier", "component"}),
        ("host", {"host", "instance", "hostname", "worker", "node", "pod", "server"}),
        ("class", {"class", "route", "path", "endpoint", "handler", "operation", "method", "uri"}),
        ("status", {"status", "code"}),
        ("key", {"key", "url", "object"}),
    ):
        if said & known and said <= known | {"name", "id", "request", "http"}:
            return made(role, said, said & known)
    return None


def _popularity(said: set[str], _: str) -> Guess | None:
    if {"number", "objects"} <= said:
        return made("objects", said, {"number", "of", "objects"})
    if {"requests", "per", "object"} <= said:
        return made("requests", said, {"requests", "per", "object"})
    return None


def _cache(said: set[str], kind: str) -> Guess | None:
    share = kind == "share" or "rate" in said
    if "wonder" in said:
        return None
    if said & {"hit", "hits"} and share:
        return made("hit_ratio", said, {"hit", "hits", "ratio", "rate", "cache", "measured"})
    if said & {"miss", "misses"} and share:
        return made("miss_ratio", said, {"miss", "misses", "ratio", "rate", "cache"})
    if "hits" in said:
        return made("hits", said, {"hits", "keyspace"})
    if "misses" in said:
        return made("misses", said, {"misses", "keyspace"})
    return None


def _percentile(said: set[str], kind: str) -> Guess | None:
    if said & words.RESOURCES.keys() or kind in ("share", "rate"):
        return None
    for word, which in _PERCENTILES.items():
        if word in said:
            return made(f"response_{which}", said, {word, *RESPONSE, "percentile", "time"})
    return None


def _exact(name: str) -> Guess | None:
    plain = name.strip().lower()
    if plain in ROLES:
        return Guess(plain, frozenset({plain}), plain)
    if plain in ("value", "y"):
        return Guess("value", frozenset({plain}), plain)
    if plain in ("rate",):
        return Guess("arrival_rate", frozenset({plain}), plain)
    return None
