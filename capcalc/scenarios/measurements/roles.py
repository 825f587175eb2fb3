"""What a column is: guessed from its name, or told by the user."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from capcalc.errors import Problem, UsageError
from capcalc.results.measurements import ROLES, Column
from capcalc.scenarios.measurements import words
from capcalc.scenarios.words import did_you_mean, shown

#: Roles whose values are text.
TEXTS = ("tier", "host", "class", "status", "key")

#: The kind of unit that a role is read in; roles that are not here are plain counts.
KINDS: Mapping[str, str] = {
    "utilization": "share",
    "hit_ratio": "share",
    "retention": "share",
    "arrival_rate": "rate",
    "throughput": "rate",
    "read_rate": "rate",
    "write_rate": "rate",
    "busy_total": "time",
    "service_time": "time",
    "apply_time": "time",
    "lag": "time",
    "size": "bytes",
    "bytes": "bytes",
    "revenue": "money",
    **{f"response{suffix}": "time" for suffix in ("", "_mean", "_p50", "_p90", "_p95", "_p99")},
}

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
}
_RESPONSE = {
    "response",
    "responses",
    "latency",
    "duration",
    "elapsed",
    "rt",
    "ttfb",
    "responsetime",
    "residence",
}


@dataclass(frozen=True, slots=True)
class Guess:
    """A role, what is left of the name, and which word told it."""

    role: str
    used: frozenset[str]
    why: str


def guessed(name: str) -> Column:
    """The role that a name tells; "" where none or more than one could be meant.

    Parameters
    ----------
    name : str
        The column's name.
    """
    found_words = words.tokens(name)
    unit = words.unit_of(name)
    guess = _guess(name, set(found_words), unit)
    if guess is None:
        return Column(name=name, role="", unit=unit, why="its name tells no role")
    tier, label = _belongs(guess, found_words)
    return Column(
        name=name,
        role=guess.role,
        tier=tier,
        label=label,
        unit=unit if unit and _fits(guess.role, unit) else "",
        why=f"its name says {guess.why}",
    )


def _fits(role: str, unit: str) -> bool:
    kind = words.UNITS[unit][1]
    return kind in (KINDS.get(role, "count"), "count", "ln") or (
        kind == "rate" and role in ("errors", "rejected", "requests")
    )


def _guess(name: str, said: set[str], unit: str) -> Guess | None:
    rules = (
        _time,
        _business,
        _text,
        _cache,
        _percentile,
        _busy,
        _response,
        _service,
        _database,
        _counts,
        _rates,
        _sizes,
    )
    kind = words.UNITS[unit][1] if unit else ""
    for rule in rules:
        guess = rule(said, kind)
        if guess is not None:
            return guess
    return _exact(name)


def _made(role: str, said: set[str], used: Collection[str]) -> Guess:
    hit = [word for word in used if word in said]
    return Guess(role, frozenset(used), ", ".join(sorted(hit)) or role)


def _time(said: set[str], kind: str) -> Guess | None:
    plain = said - {"utc", "gmt", "s", "ms", "us", "ns", "start", "end", "unix", "of", "index"}
    if plain and plain <= _TIME_WORDS and not (plain == {"interval"} and kind):
        return _made("time", said, plain)
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
            return _made(role, said, {*some, *every, "users", "days"})
    if said == {"active", "users"}:
        return _made("daily_active_users", said, said)
    if kind in ("", "count") and not said & words.RESOURCES.keys():
        for role, some in _COUNTED:
            if said & some:
                return _made(role, said, some)
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
            return _made(role, said, said & known)
    return None


def _cache(said: set[str], kind: str) -> Guess | None:
    share = kind == "share" or "rate" in said
    if "wonder" in said:
        return None
    if said & {"hit", "hits"} and share:
        return _made("hit_ratio", said, {"hit", "hits", "ratio", "rate", "cache", "measured"})
    if said & {"miss", "misses"} and share:
        return None  # its complement: told by the user as hit_ratio of 1 - x
    if "hits" in said:
        return _made("hits", said, {"hits", "keyspace"})
    if "misses" in said:
        return _made("misses", said, {"misses", "keyspace"})
    return None


def _percentile(said: set[str], kind: str) -> Guess | None:
    if said & words.RESOURCES.keys() or kind in ("share", "rate"):
        return None
    for word, which in _PERCENTILES.items():
        if word in said:
            return _made(f"response_{which}", said, {word, *_RESPONSE, "percentile", "time"})
    return None


_BUSY = frozenset(
    [
        "util",
        "utilization",
        "utilisation",
        "busy",
        "usage",
        "used",
        "load",
        "time",
        "sys",
        "seconds",
        "s",
        "total",
    ]
)


def _busy(said: set[str], kind: str) -> Guess | None:
    if said & {"limit", "quota", "requested", "bytes"} or kind in ("bytes", "rate"):
        return None
    if {"busy", "servers"} <= said:
        return _made("busy_servers", said, {"busy", "servers", "mean"})
    resource = said & words.RESOURCES.keys()
    used = {*resource, *_BUSY}
    if resource and kind == "time":
        return None if said & {"wait", "demand"} else _made("busy_total", said, used)
    named = said & {"utilization", "utilisation", "util"}
    of_resource = resource and (
        kind == "share" or said & {"usage", "busy", "used", "load", "cpu"} or said == resource
    )
    if named or of_resource or ("busy" in said and kind == "share"):
        return _made("utilization", said, used)
    return None


def _response(said: set[str], kind: str) -> Guess | None:
    if said & {
        "service",
        "apply",
        "wait",
        "queue",
        "think",
        "lag",
        "sleep",
        "demand",
        "send",
        "gap",
    }:
        return None
    if any(word.startswith("ci") and word[2:].isdigit() for word in said):
        return None
    if said in ({"duration"}, {"duration", "s"}):
        return None  # of a test as likely as of a request
    if kind in ("rate", "share", "bytes"):
        return None
    hit = said & _RESPONSE or ({"request", "time"} <= said and {"request", "time"}) or set()
    if not hit and kind == "time" and said & {"mean", "avg", "average"}:
        hit = {"mean"}
    if not hit:
        return None
    mean = said & {"mean", "avg", "average"}
    return _made("response_mean" if mean else "response", said, {*hit, *mean, "time", "request"})


def _service(said: set[str], kind: str) -> Guess | None:
    if ("service" in said and kind == "time") or {"service", "time"} <= said:
        return _made("service_time", said, {"service", "time", "mean"})
    return None


def _database(said: set[str], kind: str) -> Guess | None:
    if said & {"lag"} and kind in ("time", "") and "send" not in said:
        return _made("lag", said, {"lag", "replication", "replica"})
    if "apply" in said and kind == "time":
        return _made("apply_time", said, {"apply", "time"})
    for word, count, rate in (("reads", "reads", "read_rate"), ("writes", "writes", "write_rate")):
        if said & {word, word[:-1]} and kind in ("", "count", "rate"):
            return _made(rate if kind == "rate" else count, said, {word, word[:-1], "rate"})
    return None


_SIZES_OF_TESTS = frozenset(
    [
        "load",
        "clients",
        "users",
        "vus",
        "threads",
        "n",
        "processors",
        "cores",
        "total",
        "concurrent",
        "knee",
    ]
)
_FAILED = frozenset(["error", "errors", "timeouts", "failed", "failures", "5xx"])
_REJECTED = frozenset(["rejected", "rejections", "dropped", "blocked"])


def _counts(said: set[str], kind: str) -> Guess | None:
    for role, some in (("rejected", _REJECTED), ("errors", _FAILED)):
        if said & some:
            return _made(role, said, {*some, "requests"})
    if said & {"concurrency", "inflight", "outstanding"} or (
        "connections" in said and said <= {"connections", "active", "configured"}
    ):
        return _made("concurrency", said, {"concurrency", "inflight", "outstanding", *said})
    if said <= _SIZES_OF_TESTS:
        return _made("load", said, said)
    if kind not in ("", "count"):
        return None
    return _of_machines(said)


def _of_machines(said: set[str]) -> Guess | None:
    if said & {"hosts", "replicas", "instances", "nodes"}:
        return _made("hosts", said, {"hosts", "replicas", "instances", "nodes"})
    if said & {"servers", "vcpus", "cores"}:
        return _made("servers", said, {"servers", "vcpus", "cores"})
    queue = {"queue", "queued", "waiting"}
    if said & queue and said & {"length", "depth", "size", "queued", "waiting"}:
        return _made("queue_length", said, {*queue, "length", "depth", "size"})
    return None


def _rates(said: set[str], kind: str) -> Guess | None:
    asked = {
        "requests",
        "request",
        "reqs",
        "req",
        "hits",
        "calls",
        "queries",
        "invocations",
        "pageviews",
        "views",
        "transactions",
        "count",
    }
    if said & {"target", "max", "peak", "configured", "limit", "littles"}:
        return None
    if "throughput" in said or (
        kind == "rate" and said & {"ok", "achieved", "completed", "served", "answered", "success"}
    ):
        return _made(
            "throughput",
            said,
            {"throughput", "ok", "achieved", "completed", "served", "answered", "success", *asked},
        )
    if kind == "rate" or said & {"arrivals", "arrival"}:
        return _made("arrival_rate", said, {"arrivals", "arrival", "offered", "rate", *asked})
    if said & asked and said & {"total"} and kind == "":
        return _made("requests_total", said, {*asked, "total", "http"})
    if said & (asked - {"count"}) and kind in ("", "count") and not said & {"size", "per"}:
        return _made("requests", said, {*asked, "http"})
    return None


def _sizes(said: set[str], kind: str) -> Guess | None:
    if (
        kind == "bytes"
        and said & {"size", "body", "response", "bytes", "sent"}
        and not said & words.RESOURCES.keys()
    ):
        return _made("size", said, {"size", "body", "response", "bytes", "sent"})
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


def _belongs(guess: Guess, found: Sequence[str]) -> tuple[str, str]:
    """Tier, and class or resource, from the words that are left."""
    resource = next((words.RESOURCES[word] for word in found if word in words.RESOURCES), "")
    left = [
        word
        for word in found
        if word not in guess.used
        and word not in words.UNITS
        and word not in words.STATISTICS
        and word not in words.RESOURCES
        and not re.fullmatch(r"\d+", word)
    ]
    rest = "_".join(left)
    if guess.role in ("utilization", "busy_total"):
        return rest, resource
    if guess.role in ("hits", "misses", "hit_ratio", "service_time", "apply_time", "lag", "hosts"):
        return rest, ""
    if guess.role in TEXTS or guess.role in ("time", "load", "value"):
        return "", ""
    return (rest, "") if left and all(word in words.TIERS for word in left) else ("", rest)


def told(name: str, text: str) -> Column:
    """A column as the user tells it: ``ROLE [TIER] [CLASS or RESOURCE] [UNIT]``, or ``ignore``.

    Raises
    ------
    UsageError
        For a role or a unit that is not known, with the nearest that is.
    """
    parts = text.replace(",", " ").split()
    tier = ""
    if parts and "." in parts[0]:
        tier, _, parts[0] = parts[0].partition(".")
    role = parts[0].lower() if parts else ""
    if role in ("ignore", "none", "nothing"):
        return Column(name=name, role="", guessed=False, why="told to ignore it")
    role = role.replace("-", "_")
    if role not in ROLES:
        hint = did_you_mean(role, ROLES, "roles are")
        raise _wrong(name, f"{shown(parts[0] if parts else '')} is no role", hint)
    unit, label = "", ""
    for part in parts[1:]:
        low = part.lower()
        if low in words.UNITS and not unit:
            unit = low
        elif low in words.RESOURCES and role in ("utilization", "busy_total"):
            label = words.RESOURCES[low]
        elif not tier and (role in _OF_TIERS or low in words.TIERS):
            tier = part
        elif not label:
            label = part
        else:
            raise _wrong(name, f"{shown(part)} is one word too many", _GRAMMAR)
    if unit and not _fits(role, unit):
        kind = KINDS.get(role, "count")
        known = [each for each, (_, which) in words.UNITS.items() if which == kind]
        raise _wrong(name, f"{role} is not measured in {unit}", f"units are {', '.join(known)}")
    return Column(
        name=name, role=role, tier=tier, label=label, unit=unit, guessed=False, why="told"
    )


_OF_TIERS = (
    "utilization",
    "busy_total",
    "hits",
    "misses",
    "hit_ratio",
    "service_time",
    "apply_time",
)
_DURATIONS = ("response", "service_time")
_GRAMMAR = "write ROLE [TIER] [CLASS or RESOURCE] [UNIT], e.g. 'utilization web cpu %'"


def _wrong(name: str, message: str, hint: str) -> UsageError:
    return UsageError(Problem(key=f"--column {name}", message=message, hint=hint))


def of_names(names: Sequence[str], roles: Mapping[str, str]) -> Iterator[Column]:
    """Every column of a table: told, else guessed, and what the others make of it."""
    by_lower = {name.strip().lower(): name for name in names}
    given = {}
    for name, text in roles.items():
        if name.strip().lower() in by_lower:
            given[by_lower[name.strip().lower()]] = told(name, text)
    found = [given.get(name) or guessed(name) for name in names]
    yield from _in_company(found)


def unknown(names: Sequence[str], roles: Mapping[str, str]) -> UsageError | None:
    """The complaint about a told column that no file has."""
    known = {name.strip().lower() for name in names}
    for name in roles:
        if name.strip().lower() not in known:
            hint = did_you_mean(name, names, "columns are")
            return UsageError(
                Problem(key=f"--column {name}", message="there is no such column", hint=hint)
            )
    return None


def _in_company(found: Sequence[Column]) -> Iterator[Column]:
    """Roles that depend on what else a table has; the second column of one role is not used."""
    roles = {column.role for column in found}
    names = {word for column in found for word in words.tokens(column.name)}
    if names & {"quantile", "quantiles", "percentile", "cumulative", "le"}:
        law = "the table is a law (quantiles or a histogram), not a list of events"
        found = [
            replace(each, role="", why=law) if each.guessed and each.role in _DURATIONS else each
            for each in found
        ]
    many = roles & {"requests", "arrival_rate", "throughput", "utilization", "requests_total"}
    seen: dict[tuple[str, str, str, str], str] = {}
    for column in found:
        role, why = column.role, column.why
        if role == "response" and many and column.guessed:
            role, why = "response_mean", f"{why}; beside {min(many).replace('_', ' ')} it is a mean"
        key = (role, column.tier, column.host, column.label)
        if role and key in seen and column.guessed:
            role, why = "", f"{seen[key]!r} says the same already"
        elif role:
            seen[key] = column.name
        yield Column(
            name=column.name,
            role=role,
            tier=column.tier,
            host=column.host,
            label=column.label,
            unit=column.unit,
            guessed=column.guessed,
            why=why,
        )
