"""What a column is: guessed from its name, or told by the user."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from capcalc.errors import Problem, UsageError
from capcalc.results.measurements import ROLES, Column
from capcalc.scenarios.measurements import processor, words
from capcalc.scenarios.measurements.dates import DAY_FIRST, MONTH_FIRST
from capcalc.scenarios.measurements.guess import Guess
from capcalc.scenarios.measurements.rules import guess_of
from capcalc.scenarios.words import did_you_mean, shown

#: Roles whose values are text.
TEXTS = ("tier", "host", "class", "status", "key")

#: Roles whose values are numbers.
NUMBERS = frozenset(ROLES) - {*TEXTS, "time"}

#: The kind of unit that a role is read in; roles that are not here are plain counts.
KINDS: Mapping[str, str] = {
    "utilization": "share",
    "hit_ratio": "share",
    "miss_ratio": "share",
    "retention": "share",
    "arrival_rate": "rate",
    "throughput": "rate",
    "read_rate": "rate",
    "write_rate": "rate",
    "busy_total": "time",
    "busy_servers": "cores",
    "service_time": "time",
    "apply_time": "time",
    "lag": "time",
    "size": "bytes",
    "bytes": "bytes",
    "revenue": "money",
    **{f"response{suffix}": "time" for suffix in ("", "_mean", "_p50", "_p90", "_p95", "_p99")},
}


def guessed(name: str, cells: str = "") -> Column:
    """The role that a name tells; "" where none or more than one could be meant.

    Parameters
    ----------
    name : str
        The column's name.
    cells : str
        The unit that its cells have behind their numbers.
    """
    found_words = words.tokens(name)
    unit = words.unit_of(name) or cells or _by_cloudwatch(name)
    guess = guess_of(name, set(found_words), unit)
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


def _by_cloudwatch(name: str) -> str:
    """The unit of a metric that CloudWatch always has in per cent, also below 1.5."""
    return "%" if "CPUUtilization" in name else ""


def _fits(role: str, unit: str) -> bool:
    kind = words.UNITS[unit][1]
    return (
        kind in (KINDS.get(role, "count"), "count", "ln")
        or (role == "time" and kind == "time")
        or (kind == "rate" and role in ("errors", "rejected", "requests"))
    )


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
    if guess.role in (
        "hits",
        "misses",
        "hit_ratio",
        "miss_ratio",
        "service_time",
        "apply_time",
        "lag",
        "hosts",
    ):
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
        if (
            low in words.UNITS or (role == "time" and low in (DAY_FIRST, MONTH_FIRST))
        ) and not unit:
            unit = low
        elif low in words.RESOURCES and role in ("utilization", "busy_total"):
            label = words.RESOURCES[low]
        elif not tier and (role in _OF_TIERS or low in words.TIERS):
            tier = part
        elif not label:
            label = part
        else:
            raise _wrong(name, f"{shown(part)} is one word too many", _GRAMMAR)
    of_one_core = role == "busy_servers" and words.UNITS.get(unit, (0, ""))[1] == "share"
    timed = role == "time" and unit in (DAY_FIRST, MONTH_FIRST)
    if unit and not timed and not of_one_core and not _fits(role, unit):
        kind = KINDS.get(role, "count")
        known = [each for each, (_, which) in words.UNITS.items() if which == kind]
        raise _wrong(name, f"{role} is not measured in {unit}", f"units are {', '.join(known)}")
    return Column(
        name=name,
        role=role,
        tier=tier,
        label=label,
        unit=unit,
        guessed=False,
        why=_SURE if "." in text.split(maxsplit=1)[0] else "told",
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
#: Roles that a class has as often as a tier.
_OF_CLASSES = ("requests", "requests_total", "arrival_rate", "throughput")
_HOSTS = ("host", "machine", "server")
_SURE = "told, with its tier"
_GRAMMAR = (
    "write ROLE [TIER] [CLASS or RESOURCE] [UNIT], e.g. 'utilization web cpu %' or"
    " 'web.requests page'"
)


def _wrong(name: str, message: str, hint: str) -> UsageError:
    return UsageError(Problem(key=f"--column {name}", message=message, hint=hint))


def of_names(
    names: Sequence[str], roles: Mapping[str, str], cells: Mapping[str, str] | None = None
) -> Iterator[Column]:
    """Every column of a table: told, else guessed, and what the others make of it.

    ``cells`` has the units that stand behind the numbers of some columns.
    """
    units = cells or {}
    by_lower = {name.strip().lower(): name for name in names}
    given = {}
    for name, text in roles.items():
        if name.strip().lower() in by_lower:
            given[by_lower[name.strip().lower()]] = told(name, text)
    found = [given.get(name) or guessed(name, units.get(name, "")) for name in names]
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


def _moments(found: Sequence[Column]) -> Iterator[Column]:
    """An "interval" is how long a row is, where another column tells when it was."""
    times = [each for each in found if each.role == "time"]
    for each in found:
        length = {*words.tokens(each.name)} <= {"interval", "period", "s"}
        if each in times and len(times) > 1 and each.guessed and length:
            yield replace(each, role="", why="how long a row is, as another column has the time")
        else:
            yield each


def _only_host(found: Sequence[Column]) -> Iterator[Column]:
    """The processor of "the host" is that of the tier, if nothing else says how busy that is."""
    busy = [each for each in found if each.role in ("utilization", "busy_servers", "busy_total")]
    resources = {each.tier for each in busy if each.tier not in _HOSTS}
    for each in found:
        yield replace(each, tier="") if each in busy and not resources and each.guessed else each


def _hits_alone(found: Sequence[Column]) -> Iterator[Column]:
    """Hits are those of pages where nothing else speaks of a cache."""
    cached = {"misses", "hit_ratio", "miss_ratio", *_OF_CLASSES} & {each.role for each in found}
    for each in found:
        if each.role == "hits" and each.guessed and not cached and "cache" not in each.tier:
            why = f"{each.why}; without misses or lookups beside them they are requests"
            yield replace(each, role="requests", tier="", label=each.tier, why=why)
        else:
            yield each


def _classes_named_like_tiers(found: Sequence[Column]) -> Iterator[Column]:
    """A request class may be called "api": it is one if others beside it are classes.

    It stays a tier if the table has anything else of that tier.
    """
    watched = {each.tier for each in found if each.role not in _OF_CLASSES}
    classes = {each.role for each in found if each.label and not each.tier}
    for each in found:
        alone = each.role in classes and each.tier and not each.label
        if alone and each.tier not in watched and each.why != _SURE:
            why = f"{each.why}; {each.tier} is a class as others beside it are"
            yield replace(each, tier="", label=each.tier, why=why)
        else:
            yield each


def _in_company(found: Sequence[Column]) -> Iterator[Column]:
    """Roles that depend on what else a table has; the second column of one role is not used."""
    found = processor.whole([*_moments(found)])
    roles = {column.role for column in found}
    names = {word for column in found for word in words.tokens(column.name)}
    if names & {"quantile", "quantiles", "percentile", "cumulative", "le"}:
        law = "the table is a law (quantiles or a histogram), not a list of events"
        found = [
            replace(each, role="", why=law) if each.guessed and each.role in _DURATIONS else each
            for each in found
        ]
    found = [*_classes_named_like_tiers([*_hits_alone([*_only_host(found)])])]
    many = roles & {"requests", "arrival_rate", "throughput", "utilization", "requests_total"}
    told_as = Counter((e.role, e.tier, e.host, e.label) for e in found if not e.guessed)
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
        twice = role and not column.guessed and told_as[key] > 1 and role not in (*TEXTS, "time")
        yield Column(
            name=column.name,
            role=role,
            tier=column.tier,
            # told twice, they are of two hosts
            host=column.name if twice and not column.host else column.host,
            label=column.label,
            unit=column.unit,
            guessed=column.guessed,
            why=why,
        )
