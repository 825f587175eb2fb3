"""A network of stations: names that exist, ways that lead somewhere, shares that add up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from capcalc.errors import Problem
from capcalc.model import rounds
from capcalc.model.network import EXIT, CustomerClass, Network
from capcalc.scenarios.checks.names import NAME
from capcalc.scenarios.document import Document, Path
from capcalc.scenarios.numbers import SOURCED
from capcalc.scenarios.words import did_you_mean, shown

#: Shares may miss their sum by so much: they are written in decimals.
_NEAR = 1e-9
_KEYS = (*SOURCED, EXIT)


def of_names(document: Document) -> Iterator[Problem]:
    """What is wrong with names, whatever else is."""
    classes, stations = document.mapping("classes"), document.mapping("stations")
    name = document.at(("name",))
    if isinstance(name, str) and not name.isprintable():
        message = f"{shown(name)} holds characters that cannot be printed"
        yield document.problem(("name",), message, "write one line of text")
    for part, names, noun in (("classes", classes, "class"), ("stations", stations, "station")):
        if document.at((part,)) == {}:
            yield document.problem((part,), f"there is no {noun}", "name at least one")
        for each in names:
            yield from _name(document, (part, each), each)
    for each in stations:
        if each in classes:
            message = f"{shown(each)} is a class already"
            yield document.key_problem(("stations", each), message, "rename one of them")
    if classes and stations:
        yield from _references(document, classes, stations)


def _name(document: Document, path: Path, name: str) -> Iterator[Problem]:
    if not NAME.match(name):
        message = f"{shown(name)} is not a name"
        hint = "begin with a letter; letters, digits, _ and - may follow"
        yield document.key_problem(path, message, hint)
    elif name in _KEYS:
        message = f"{shown(name)} is a key of the file format"
        yield document.key_problem(path, message, "choose another name")


def _references(
    document: Document, classes: Mapping[str, Any], stations: Mapping[str, Any]
) -> Iterator[Problem]:
    for name in classes:
        yield from _class(document, name, stations)
    for name in stations:
        for each in document.mapping("stations", name, "service_time"):
            if each not in (*classes, *SOURCED):
                path: Path = ("stations", name, "service_time", each)
                yield _unknown(document, path, each, classes, "class")
    yield from _routing(document, classes, stations)


def _unknown(
    document: Document, path: Path, name: Any, known: Mapping[str, Any], noun: str
) -> Problem:
    plural = "classes" if noun == "class" else "stations"
    hint = did_you_mean(name, known, f"{plural} are")
    told = document.key_problem if path[-1] == name else document.problem
    return told(path, f"there is no {noun} {shown(name)}", hint)


def _class(document: Document, name: str, stations: Mapping[str, Any]) -> Iterator[Problem]:
    given = document.mapping("classes", name)
    path: Path = ("classes", name)
    if isinstance(document.at(path), dict) and ("arrival_rate" in given) == ("population" in given):
        both = "both arrival_rate and population" if "population" in given else "neither"
        message = f"{both} is given" if both == "neither" else f"{both} are given"
        hint = "arrival_rate: makes the class open, population: closed"
        yield document.problem(path, message, hint)
    for key, other, word in (
        ("think_time", "arrival_rate", "open"),
        ("arrival_scv", "population", "closed"),
    ):
        if key in given and other in given:
            message = f"an {word} class has none" if word == "open" else f"a {word} class has none"
            yield document.key_problem((*path, key), message, "leave it out")
    if "visits" in given and "entry" in given:
        yield document.key_problem((*path, "visits"), "visits and entry are given", "keep one")
    entry = given.get("entry")
    named = entry if isinstance(entry, dict) else [entry] if isinstance(entry, str) else []
    for each in (*named, *document.mapping("classes", name, "visits")):
        key = "visits" if each in document.mapping("classes", name, "visits") else "entry"
        where: Path = (*path, key, each) if isinstance(given.get(key), dict) else (*path, key)
        if each not in stations:
            yield _unknown(document, where, each, stations, "station")


def _routing(
    document: Document, classes: Mapping[str, Any], stations: Mapping[str, Any]
) -> Iterator[Problem]:
    routing = document.mapping("routing")
    if any(name in classes for name in routing):
        for name, rows in routing.items():
            if name not in classes:
                yield _unknown(document, ("routing", name), name, classes, "class")
            elif isinstance(rows, dict):
                yield from _rows(document, ("routing", name), rows, stations)
                if "visits" in document.mapping("classes", name):
                    message = f"class {name} has visits already"
                    yield document.key_problem(("routing", name), message, "keep one of the two")
    else:
        yield from _rows(document, ("routing",), routing, stations)


def _rows(
    document: Document, path: Path, rows: Mapping[str, Any], stations: Mapping[str, Any]
) -> Iterator[Problem]:
    for name, row in rows.items():
        if name not in stations:
            yield _unknown(document, (*path, name), name, stations, "station")
        for target in row if isinstance(row, dict) else ():
            if target not in stations and target != EXIT:
                yield _unknown(document, (*path, name, target), target, stations, "station")
            elif len(path) == 1 and isinstance(row[target], dict) and "value" not in row[target]:
                message = "a mapping is not a probability"
                hint = "routing is by station, or by class and then by station"
                yield document.problem((*path, name, target), message, hint)


def of_numbers(network: Network, document: Document) -> Iterator[Problem]:
    """What is wrong with shares and service times."""
    for name, each in network.classes.items():
        yield from _entries(name, each, document)
        prefix: Path = ("routing", name) if name in network.routing else ("routing",)
        rows = network.rows(name)
        for station, row in rows.items():
            yield from _row_sum((*prefix, station), row, document)
        yield from _ways(network, name, document)
        yield from _served(network, name, document)


def _entries(name: str, each: CustomerClass, document: Document) -> Iterator[Problem]:
    if isinstance(each.entry, Mapping):
        total = sum(float(share) for share in each.entry.values())
        if abs(total - 1) > _NEAR:
            path: Path = ("classes", name, "entry")
            yield document.problem(path, f"the shares add up to {total:.6g}", "they must make 1")


def _row_sum(path: Path, row: Mapping[str, Any], document: Document) -> Iterator[Problem]:
    total = sum(float(share) for share in row.values())
    if EXIT in row and abs(total - 1) > _NEAR:
        hint = f"with {EXIT} they must make 1; without it the rest leaves"
        yield document.problem(path, f"the probabilities add up to {total:.6g}", hint)
    elif total > 1 + _NEAR:
        hint = "at most 1; the rest leaves"
        yield document.problem(path, f"the probabilities add up to {total:.6g}", hint)


def _ways(network: Network, name: str, document: Document) -> Iterator[Problem]:
    """Whoever comes in must be able to leave, or to come round again to where he began."""
    each = network.classes[name]
    if each.visits is not None:
        return
    trapped = rounds.trapped(network, name)
    if not trapped:
        return
    where = ", ".join(trapped)
    path: Path = ("routing", name) if name in network.routing else ("routing",)
    if each.is_open:
        message = f"{name} never leaves {where}"
        yield document.problem(path, message, "let the probabilities of a row make less than 1")
    elif isinstance(each.entry, Mapping) and len(each.entry) > 1:
        message = f"{name} goes round for ever in {where}, so one round has no beginning"
        hint = "name one station as entry: a round is one visit to it"
        yield document.problem(("classes", name, "entry"), message, hint)
    elif lost := rounds.trapped(network, name, next(iter(network.entry(name)))):
        message = f"{name} never comes back from {', '.join(lost)}"
        yield document.problem(path, message, "let it leave, or lead back to where it comes in")


def _served(network: Network, name: str, document: Document) -> Iterator[Problem]:
    """A service time by class has one for each class that visits."""
    each = network.classes[name]
    visited = each.visits or network.entry(name)
    reached = set(visited) if each.visits is not None else rounds.reached(network, name)
    for station, kind in network.stations.items():
        times = kind.service_time
        if isinstance(times, Mapping) and station in reached and name not in times:
            path: Path = ("stations", station, "service_time")
            message = f"class {name} comes here and has no service_time"
            yield document.problem(path, message, f"add {name}: 10ms")
