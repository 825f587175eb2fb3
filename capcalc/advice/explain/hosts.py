"""Hosts of a station: their servers, the instance table, and the fullest where they differ."""

from __future__ import annotations

from capcalc.advice.explain.book import Book
from capcalc.advice.explain.draft import Draft, constant, plain
from capcalc.model.components import LoadBalancer
from capcalc.results.explanation import Provenance
from capcalc.solve import balanced
from capcalc.solve.stations import POLICIES, Queue

RING = "Karger et al., Proc. STOC, 1997"


def servers(book: Book, name: str, title: str) -> Draft:
    """Servers of one host: cores, else the instance's vcpus, else 1."""
    owner = book.system.host_of(name)
    path, catalogue = f"tiers.{owner}.cores", book.system.catalogue
    tier = book.system.hosted()[owner]
    if book.has(path):
        return book.input(path)
    if tier.instance is None or catalogue is None:
        says = f"default: {path} is not given, and no instance"
        return Draft(
            value=1.0,
            kind="number",
            title=title,
            path="",
            provenance=Provenance(kind="default", says=says),
        )
    instance = book.input(f"tiers.{owner}.instance")
    vcpus = Draft(
        value=plain(book.system.servers(name)),
        kind="number",
        title=f"vCPUs of {tier.instance}",
        provenance=table(book, f"{tier.instance}, vcpus"),
    )
    return Draft(
        value=vcpus.value,
        kind="number",
        title=title,
        expression="vcpus",
        parts=(("vcpus", vcpus), ("instance", instance)),
        source="definition: one server for each vCPU of the instance",
    )


def table(book: Book, what: str) -> Provenance:
    """The instance table as a provenance."""
    catalogue = book.system.catalogue
    if catalogue is None:
        return Provenance(kind="table", says=f"instance table: {what}")
    where = " ".join(each for each in (catalogue.region, catalogue.term) if each)
    dated = f" as of {catalogue.as_of}" if catalogue.as_of else ""
    says = f"instance table {catalogue.source}{dated}: {what}"
    return Provenance(kind="table", says=says, source=f"{catalogue.source}, {where}{dated}")


def imbalance(book: Book, queue: Queue) -> Draft:
    """Load of the fullest host over the mean of all."""
    return book.once(f"imbalance {queue.station}", lambda: _imbalance(book, queue))


def _imbalance(book: Book, queue: Queue) -> Draft:
    tier = queue.station.tier
    made = [("hosts", part(book, queue, "hosts"))]
    by_weight = queue.model == POLICIES["weighted_random"].model
    if by_weight:
        made.append(("weights", book.input(f"tiers.{tier}.weights")))
        words, source = "heaviest weight / mean weight of all hosts", "definition: visits by weight"
    else:
        made.append(("virtual_nodes", _points(book, tier)))
        words = "expected largest part of a ring of random points x hosts"
        source = f"gamma shares; {RING}"
    return Draft(
        value=plain(queue.imbalance),
        kind="number",
        title=f"load of the fullest {tier} host over the mean",
        words=words,
        latex=r"n \max_i p_i",
        parts=tuple(made),
        source=source,
    )


def _points(book: Book, tier: str) -> Draft:
    balancers = [n for n, each in book.system.tiers.items() if isinstance(each, LoadBalancer)]
    for path in (f"tiers.{name}.virtual_nodes" for name in (tier, *reversed(balancers))):
        if book.has(path):
            return book.input(path)
    value = plain(balanced.virtual_nodes(book.system, book.system.hosted()[tier]))
    return constant(value, "number", "points of a host on the ring", "default, as in libketama")


def part(book: Book, queue: Queue, name: str) -> Draft:
    """A number of a station."""
    station = queue.station
    return book.draft(".".join(filter(None, ("stations", station.tier, station.role, name))))


def parts(book: Book, queue: Queue, *names: str) -> list[tuple[str, Draft]]:
    """Numbers of a station as parts of a formula."""
    return [(name, part(book, queue, name)) for name in names]
