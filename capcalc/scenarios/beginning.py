"""A first scenario file from estimates alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from capcalc.errors import CapcalcError, Problem, UsageError
from capcalc.results.fit import Estimate
from capcalc.scenarios.saving import Saved, plain_text, updated
from capcalc.scenarios.words import dotted

#: The class of requests that the measurements do not name.
ALONE = "requests"
_HEAD = """\
# Begun by `capcalc fit`: every number with a source was measured. Complete it (instances, hosts,
# objectives, growth): `capcalc init bookshop` shows what there is, `capcalc schema` lists all keys.
capcalc: 1
name: {name}
"""


def begun(file: str, estimates: Sequence[Estimate]) -> Saved:
    """A scenario with the tiers and classes that the estimates name.

    Raises
    ------
    UsageError
        When they do not make a whole scenario: there has to be a class whose rate is known and
        a tier whose service time is.
    """
    estimates = _with_rates(estimates)
    classes = _below(estimates, "demand", "requests")
    tiers = _below(estimates, "tiers")
    rates = {name: told for name in classes if (told := _class(estimates, name)) is not None}
    serving = {
        name: times for name in tiers if (times := _times(estimates, name, list(rates))) is not None
    }
    if not rates or not serving:
        raise _not_whole(file, bool(rates), bool(serving))
    lines = [_HEAD.format(name=_stem(file)), "demand:"]
    users = _value(estimates, "demand.daily_active_users")
    lines += [] if users is None else [f"  daily_active_users: {users}"]
    lines += ["  requests:", *(f"    {name}: {{{told}}}" for name, told in rates.items()), ""]
    lines += ["tiers:"]
    for place, (name, times) in enumerate(serving.items()):
        kind = "web" if place == 0 else "service"
        lines += [f"  {name}:", f"    kind: {kind}", "    hosts: 1", f"    service_time: {times}"]
    others = list(serving)[1:]
    if others:
        calls = ", ".join(f"{name}: 1" for name in others)
        lines += ["", "calls:  # how often each request asks for a tier: taken as once, correct it"]
        lines += [f"  {name}: {{{calls}}}" for name in rates]
    text = "\n".join(lines) + "\n"
    try:
        return updated(text, file, estimates)
    except CapcalcError as error:
        raise UsageError(
            Problem(
                file=file,
                message=f"the estimates do not make a scenario: {error.problems[0].message}",
                hint=f"begin one with `capcalc init bookshop -o {file}`, then fit into it",
            )
        ) from None


def _with_rates(estimates: Sequence[Estimate]) -> Sequence[Estimate]:
    """Where no peak is known the mean rates of the file, which say so."""
    if _below(estimates, "demand", "requests"):
        return estimates
    means = [each for each in estimates if each.name == "arrival_rate" and not each.tier]
    named = [each for each in means if each.label] or means
    placed = [
        replace(each, path=f"demand.requests.{each.label or ALONE}.rate", tier="") for each in named
    ]
    return [*estimates, *placed]


def _below(estimates: Sequence[Estimate], *top: str) -> list[str]:
    """Names right below a key, in order."""
    found = []
    for estimate in estimates:
        path = tuple(estimate.path.split("."))
        if path[: len(top)] == top and len(path) > len(top) + 1:
            found.append(path[len(top)])
    return list(dict.fromkeys(found))


def _value(estimates: Sequence[Estimate], path: str) -> str | None:
    return next((plain_text(each) for each in estimates if each.path == path), None)


def _class(estimates: Sequence[Estimate], name: str) -> str | None:
    for field in ("rate", "per_user_day"):
        told = _value(estimates, f"demand.requests.{name}.{field}")
        if told is not None:
            return f"{field}: {told}"
    return None


def _times(estimates: Sequence[Estimate], tier: str, classes: Sequence[str]) -> str | None:
    """The service time of a tier: one number, or one for each class."""
    path = f"tiers.{tier}.service_time"
    told = _value(estimates, path)
    if told is not None:
        return told
    each = {name: _value(estimates, dotted((path, name))) for name in classes}
    known = {name: value for name, value in each.items() if value is not None}
    if not known or len(known) < len(classes):
        return None
    return "{" + ", ".join(f"{name}: {value}" for name, value in known.items()) + "}"


def _stem(file: str) -> str:
    name = file.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0]
    kept = "".join(letter if letter.isalnum() or letter in "-_ " else "-" for letter in name)
    return kept.strip("- ") or "measured"


def _not_whole(file: str, rates: bool, times: bool) -> UsageError:
    missing = [
        text
        for known, text in (
            (rates, "the rate of a request class (a column with requests)"),
            (times, "the service time of a tier (utilization, or service times; --tier names it)"),
        )
        if not known
    ]
    return UsageError(
        Problem(
            file=file,
            message=f"there is no such file, and a new one would need {' and '.join(missing)}",
            hint=f"begin one with `capcalc init bookshop -o {file}`, then fit into it",
        )
    )
