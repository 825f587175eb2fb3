"""Stations: how busy, and what that follows from; who waits, and how long, is in `waits`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from capcalc.advice.explain import flows, hosts, waits
from capcalc.advice.explain.book import Book, Entries
from capcalc.advice.explain.draft import Draft, Parts, constant, distinct, plain, product, symbol
from capcalc.model.components import Database
from capcalc.solve.stations import Queue
from capcalc.solve.words import assumptions
from capcalc.traffic.flows import StationKey, Work

LITTLE = "Little's law: J. D. C. Little, Oper. Res. 9, 1961"
UTILIZATION_LAW = "utilization law (Denning & Buzen, ACM Comput. Surv. 10, 1978)"
_ALL_ALIKE = "definition: the same for all work here"
_MOMENTS = "definition: first two moments of the mixture of all work at the station"

_TITLES = {
    "hosts": ("number", "hosts"),
    "servers": ("number", "servers of one host"),
    "arrival_rate": ("rate", "work that arrives"),
    "service_time": ("duration", "mean service time"),
    "scv": ("number", "squared coefficient of variation of service"),
    "offered_load": ("number", "offered load, in servers' worth of work"),
    "utilization": ("share", "share of the servers that is busy"),
    "prob_wait": ("share", "share of the work that has to wait"),
    "wait": ("duration", "mean wait in the queue"),
    "response": ("duration", "mean stay, wait and service"),
    "queue_length": ("number", "waiting at a time, on average"),
    "number_in_system": ("number", "waiting or served at a time, on average"),
    "headroom": ("number", "factor by which the load may grow until it is saturated"),
}


def path_of(key: StationKey, name: str) -> str:
    """Where a number of a station is explained."""
    tier, role = key
    return ".".join(part for part in ("stations", tier, role, name) if part)


def entries(book: Book) -> Entries:
    """Every number of every station; a role's also under its tier, as in `tiers.db.primary`."""
    for key, queue in book.loaded.queues.items():
        for name in _TITLES:
            path = path_of(key, name)
            make = partial(_number, book, queue, key, name)
            yield path, make
            if key[1]:
                yield f"tiers.{path.removeprefix('stations.')}", partial(book.draft, path)


def _number(book: Book, queue: Queue, key: StationKey, name: str) -> Draft:
    kind, what = _TITLES[name]
    return _RULES[name](book, queue, _Told(key=key, name=name, kind=kind, what=what))


class _Told:
    """What is the same for every rule: path, title, kind, model."""

    def __init__(self, *, key: StationKey, name: str, kind: str, what: str) -> None:
        self.key = key
        self.kind = kind
        self.title = f"{what}: {' '.join(part for part in key if part)}"
        self.path = path_of(key, name)

    def draft(self, value: object, expression: str, parts: Parts, **others: object) -> Draft:
        """A draft by an expression."""
        return Draft(
            value=plain(value),
            kind=self.kind,
            title=self.title,
            path=self.path,
            expression=expression,
            parts=tuple(parts),
            **others,  # type: ignore[arg-type]
        )


def named(book: Book, key: StationKey, *names: str) -> list[tuple[str, Draft]]:
    """Numbers of a station as parts."""
    return [(name, book.draft(path_of(key, name))) for name in names]


def pieces(book: Book, key: StationKey) -> list[Work]:
    """All work of a station; kinds that never come are left out where others do."""
    return coming([piece for piece in book.loaded.flows.work if piece.station == key])


def coming(work: list[Work]) -> list[Work]:
    """The kinds of work that come; all where none does."""
    return [piece for piece in work if plain(piece.rate) != 0] or work


def work_name(piece: Work, what: str, *, tier: str = "") -> str:
    """A name for one kind of work at a station."""
    label = "" if piece.label == piece.request_class else piece.label
    elsewhere = "" if piece.tier == piece.station[0] or tier == piece.tier else piece.tier
    return symbol(what, piece.request_class, elsewhere, label)


def service(book: Book, piece: Work) -> Draft:
    """The service time of one kind of work, as given or slowed by its neighbours."""
    return book.once(f"service {id(piece.step)}", lambda: _service(book, piece))


def _service(book: Book, piece: Work) -> Draft:
    above = f"tiers.{piece.tier}"
    names = {
        "reads": ["read_time"],
        "writes": ["write_time"],
        "applies": ["apply_time", "write_time"],
    }
    if isinstance(book.system.tiers[piece.tier], Database):
        candidates = names[piece.label]
    else:
        candidates = [f"service_time.{piece.request_class}", "service_time"]
    known = [book.input(f"{above}.{name}") for name in candidates if book.has(f"{above}.{name}")]
    value = plain(piece.step.service_time)
    if known and known[0].value == value:
        return known[0]
    title = f"service time of {piece.request_class} at {piece.tier}"
    if not known:
        return constant(value, "duration", title, "as the tier's kind has it")
    factor = _slowdown(book, piece, value / plain(known[0].value))
    return product(
        value, "duration", title, [("alone", known[0]), ("slowdown", factor)], source=factor.source
    )


def _slowdown(book: Book, piece: Work, value: float) -> Draft:
    owner = book.system.host_of(piece.tier)
    inputs = [
        (name, book.input(f"tiers.{each}.scaling.{name}"))
        for each in dict.fromkeys((piece.tier, owner))
        for name in ("contention", "coherency")
        if book.has(f"tiers.{each}.scaling.{name}")
    ]
    servers = book.draft(path_of(piece.station, "servers"))
    known = {name for name, _ in inputs} >= {"contention", "coherency"}
    return Draft(
        value=value,
        kind="number",
        title=f"what the servers of a {piece.tier} host cost each other",
        expression="1 + contention * (servers - 1) + coherency * servers * (servers - 1)"
        if known
        else "",
        words="" if known else "by the load of its host",
        parts=(*distinct(inputs), ("servers", servers)),
        source="Universal Scalability Law: N. J. Gunther, Guerrilla Capacity Planning, 2007",
    )


def scv(book: Book, piece: Work) -> Draft:
    """The scv of one kind of work."""
    for path in (f"tiers.{piece.tier}.scv.{piece.request_class}", f"tiers.{piece.tier}.scv"):
        if book.has(path) and book.input(path).value == plain(piece.step.scv):
            return book.input(path)
    title = f"scv of {piece.request_class} at {piece.tier}"
    return constant(plain(piece.step.scv), "number", title, "default: exponential service")


def _hosts(book: Book, queue: Queue, told: _Told) -> Draft:
    tier, role = told.key
    if not isinstance(book.system.tiers[tier], Database):
        return book.input(f"tiers.{tier}.hosts")
    count = plain(queue.station.hosts)
    given = book.input(f"tiers.{tier}.replicas")
    if role == "replica" and given.value == count:
        return given
    if role == "primary" and count == 1.0:
        return constant(1.0, "number", told.title, "rule: a database has one primary")
    parts = [("replicas", given), ("shards", book.input(f"tiers.{tier}.shards.count"))]
    expression = "replicas * (shards - 1)" if role.startswith("replica") else "shards - 1"
    return told.draft(
        count, expression, parts, source="definition: hottest shard apart, all others alike"
    )


def _servers(book: Book, _queue: Queue, told: _Told) -> Draft:
    return hosts.servers(book, told.key[0], told.title)


def _arrivals(book: Book, queue: Queue, told: _Told) -> Draft:
    parts = distinct(
        (work_name(piece, "rate"), flows.work(book, piece)) for piece in pieces(book, told.key)
    )
    expression = " + ".join(name for name, _ in parts)
    return told.draft(
        queue.arrival_rate, expression, parts, source="definition: all work at its hosts"
    )


def _alike(book: Book, work: list[Work], of: Callable[[Book, Work], Draft]) -> bool:
    """Whether all work has the same number, or there is none."""
    return plain(work[0].rate) == 0 or len({of(book, piece).value for piece in work}) == 1


def _mean_service(book: Book, queue: Queue, told: _Told) -> Draft:
    work = pieces(book, told.key)
    if _alike(book, work, service):
        only = ("service_time", service(book, work[0]))
        if only[1].value == plain(queue.service_time):
            return only[1]
        return told.draft(queue.service_time, "service_time", [only], source=_ALL_ALIKE)
    names = [work_name(piece, "") for piece in work]
    parts: list[tuple[str, Draft]] = []
    for name, piece in zip(names, work, strict=True):
        parts += [(f"rate_{name}", flows.work(book, piece))]
        parts += [(f"service_time_{name}", service(book, piece))]
    above = " + ".join(f"rate_{name} * service_time_{name}" for name in names)
    below = " + ".join(f"rate_{name}" for name in names)
    return told.draft(queue.service_time, f"({above}) / ({below})", parts, source=_MOMENTS)


def _mixed_scv(book: Book, queue: Queue, told: _Told) -> Draft:
    work = pieces(book, told.key)
    if _alike(book, work, service) and _alike(book, work, scv):
        own = scv(book, work[0])
        if own.value == plain(queue.scv):
            return own
        return told.draft(queue.scv, "scv", [("scv", own)], source=_ALL_ALIKE)
    names = [work_name(piece, "") for piece in work]
    parts: list[tuple[str, Draft]] = []
    for name, piece in zip(names, work, strict=True):
        parts += [(f"rate_{name}", flows.work(book, piece))]
        parts += [(f"service_time_{name}", service(book, piece)), (f"scv_{name}", scv(book, piece))]
    squares = " + ".join(
        f"rate_{name} * (1 + scv_{name}) * service_time_{name} ** 2" for name in names
    )
    parts += named(book, told.key, "arrival_rate", "service_time")
    expression = f"max(0, ({squares}) / (arrival_rate * service_time ** 2) - 1)"
    return told.draft(queue.scv, expression, parts, source=_MOMENTS)


def _offered(book: Book, queue: Queue, told: _Told) -> Draft:
    parts = named(book, told.key, "arrival_rate", "service_time")
    expression = "arrival_rate * service_time"
    return told.draft(queue.offered_load, expression, parts, source=UTILIZATION_LAW)


def _utilization(book: Book, queue: Queue, told: _Told) -> Draft:
    parts = named(book, told.key, "arrival_rate", "service_time", "hosts", "servers")
    expression = "arrival_rate * service_time / (hosts * servers)"
    if queue.parts is not None:
        parts.append(("imbalance", hosts.imbalance(book, queue)))
        expression = f"{expression} * imbalance"
    return told.draft(
        queue.utilization,
        expression,
        parts,
        model=queue.model,
        source=UTILIZATION_LAW,
        assumptions=("every host gets the same part of the work",) if queue.parts is None else (),
    )


def said(book: Book, queue: Queue, key: StationKey) -> tuple[str, ...]:
    """What the station's model takes for granted, and its error."""
    return assumptions(book.system, book.loaded.flows, {key: queue}, quantiles=False)[:2]


def _prob_wait(book: Book, queue: Queue, told: _Told) -> Draft:
    return waits.prob_wait(book, queue, told.draft, said(book, queue, told.key))


def _wait(book: Book, queue: Queue, told: _Told) -> Draft:
    return waits.mean_wait(book, queue, told.draft, said(book, queue, told.key))


def _response(book: Book, queue: Queue, told: _Told) -> Draft:
    parts = named(book, told.key, "wait", "service_time")
    value = np.add(queue.wait, queue.service_time)
    return told.draft(value, "wait + service_time", parts, source="definition: wait, then service")


def _held(book: Book, queue: Queue, told: _Told, time: str) -> Draft:
    parts = named(book, told.key, "arrival_rate", time)
    stay = queue.wait if time == "wait" else np.add(queue.wait, queue.service_time)
    idle = plain(queue.arrival_rate) == 0
    value = 0.0 if idle else plain(queue.arrival_rate) * plain(stay)
    return told.draft(value, f"arrival_rate * {time}", parts, source=LITTLE)


def _headroom(book: Book, queue: Queue, told: _Told) -> Draft:
    parts = named(book, told.key, "utilization")
    return told.draft(
        queue.limit,
        "1 / utilization",
        parts,
        source=UTILIZATION_LAW,
        assumptions=("all demand grows alike, so that utilization is proportional to it",),
    )


_Rule = Callable[[Book, Queue, _Told], Draft]
_RULES: dict[str, _Rule] = {
    "hosts": _hosts,
    "servers": _servers,
    "arrival_rate": _arrivals,
    "service_time": _mean_service,
    "scv": _mixed_scv,
    "offered_load": _offered,
    "utilization": _utilization,
    "prob_wait": _prob_wait,
    "wait": _wait,
    "response": _response,
    "queue_length": partial(_held, time="wait"),
    "number_in_system": partial(_held, time="response"),
    "headroom": _headroom,
}
