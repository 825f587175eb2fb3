"""What it costs a month: hosts by the hour, the edge by the byte and by the request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from capcalc.advice.explain import hosts
from capcalc.advice.explain.book import Book
from capcalc.advice.explain.draft import Draft, constant, plain, symbol
from capcalc.model import routes
from capcalc.results.solution import TierResult
from capcalc.solve import cost
from capcalc.traffic.edge import offloads
from capcalc.units.kinds import MONTH

_HOURS = "a month is 730 hours, every hour is paid for"
_MEAN = "bytes and requests are paid for at the mean rate, peak / peak_to_average, all month"


def of_hosts(book: Book, tier: TierResult) -> Draft:
    """Cost of a tier on hosts: hosts x price x 730, and what its use costs."""
    path, title = f"tiers.{tier.name}.cost", f"cost of {tier.name} a month"
    fixed = cost.hosts_per_month(book.system, tier.name)
    value = plain(tier.cost)
    if book.system.host_of(tier.name) != tier.name and value == 0:
        with_ = book.input(f"tiers.{tier.name}.with")
        return Draft(
            value=0.0,
            kind="money",
            title=title,
            path=path,
            words=f"nothing of its own: it runs on the hosts of {with_.value}, which cost once",
            latex="0",
            parts=(("with", with_),),
            source="definition: hosts that are shared cost once",
        )
    parts: list[tuple[str, Draft]] = []
    expression = ""
    if fixed is not None and plain(fixed):
        parts = [
            ("hosts", book.draft(f"tiers.{tier.name}.hosts")),
            ("price", price(book, tier.name)),
            ("month", constant(cost.HOURS, "number", "hours of a month", "by definition")),
        ]
        expression = "hosts * price * month"
    used = value - (0.0 if fixed is None else plain(fixed))
    if used:
        parts.append(("usage", _usage(book, tier.name, used)))
        expression = f"{expression} + usage" if expression else "usage"
    return Draft(
        value=value,
        kind="money",
        title=title,
        path=path,
        expression=expression or "0",
        parts=tuple(parts),
        assumptions=(_HOURS,),
        source="definition: hosts x hourly price x 730 h",
    )


def price(book: Book, name: str) -> Draft:
    """US dollars for one host and hour: the table's price, with the scenario's terms."""
    return book.once(f"price {name}", lambda: _price(book, name))


def _price(book: Book, name: str) -> Draft:
    system, owner = book.system, book.system.host_of(name)
    instance, catalogue = system.hosted()[owner].instance, system.catalogue
    value = plain(system.price(name))
    if instance is None or catalogue is None:
        return constant(value, "money", f"price of a {name} host and hour", "as the tier says")
    row = catalogue.position(instance)
    listed = Draft(
        value=plain(catalogue.price[row]),
        kind="money",
        title=f"listed price of {instance} an hour",
        provenance=hosts.table(book, f"{instance}, price_usd_per_hour"),
    )
    which = ("instance", book.input(f"tiers.{owner}.instance"))
    if listed.value == value:
        return Draft(
            value=value,
            kind="money",
            title=f"price of one {name} host an hour",
            expression="listed",
            parts=(("listed", listed), which),
            assumptions=("listed on-demand price, without discounts",),
            source="definition: as listed",
        )
    discount = _discount(book, catalogue.family[row])
    parts = [("listed", listed), which]
    expression = "listed"
    if discount is not None:
        parts.append(("discount", discount))
        expression = "listed * (1 - discount)"
    if book.has("instances.operations_cost"):
        hours = constant(cost.HOURS, "number", "hours of a month", "by definition")
        parts += [("operations_cost", book.input("instances.operations_cost")), ("month", hours)]
        expression += " + operations_cost / month"
    return Draft(
        value=value,
        kind="money",
        title=f"price of one {name} host an hour",
        expression=expression,
        parts=tuple(parts),
        source="definition: listed price less the discount, plus what every host costs to run",
    )


def _discount(book: Book, family: str) -> Draft | None:
    for path in (f"instances.discount.{family}", "instances.discount"):
        if book.has(path):
            return book.input(path)
    return None


def _usage(book: Book, name: str, value: float) -> Draft:
    """What a tier asks for its use, by its prices in the file."""
    inputs = [
        (path.rpartition(".")[2], book.input(path))
        for path in book.inputs()
        if path.startswith(f"tiers.{name}.price")
    ]
    inputs += [("peak_to_average", book.input("demand.peak_to_average"))]
    rates = [
        (symbol("rate", each), book.draft(f"requests.{each}.arrival_rate"))
        for each in book.loaded.flows.classes
    ]
    month = constant(MONTH, "duration", "seconds of a month", "730 hours, as clouds bill")
    requests = dict(inputs).get("price_per_request")
    common: dict[str, Any] = {"kind": "money", "title": f"what the use of {name} costs a month"}
    if (requests is not None and len(inputs) == 2) or _per_request(book, name, value):
        total = " + ".join(each for each, _ in rates)
        wanted = [each for each in inputs if each[0] in ("price_per_request", "peak_to_average")]
        return Draft(
            value=value,
            expression=f"({total}) / peak_to_average * month * price_per_request",
            parts=(*rates, *wanted, ("month", month)),
            assumptions=(_MEAN,),
            **common,
        )
    return Draft(
        value=value,
        words="prices of the tier x its requests and bytes at the mean rate, a month long",
        latex=r"p \, \lambda / P",
        parts=(*inputs, *rates, ("month", month)),
        assumptions=(_MEAN,),
        **common,
    )


def _per_request(book: Book, name: str, value: float) -> bool:
    del value
    return book.has(f"tiers.{name}.price_per_request") and name in routes.cdns(book.system)


def of_cdn(book: Book, tier: TierResult) -> Draft:
    """Cost of a content delivery network: by the byte, and by the request."""
    cdn, path = routes.cdns(book.system)[tier.name], f"tiers.{tier.name}.cost"
    sent = plain(offloads(book.system)[tier.name].bytes)
    mean = sent / plain(book.system.demand.peak_to_average)
    by_bytes = cdn.cost(mean * MONTH)
    parts: list[tuple[str, Draft]] = []
    expression, words = "", ""
    if by_bytes is not None:
        rate = volume(book, tier.name)
        month = constant(MONTH, "duration", "seconds of a month", "730 hours, as clouds bill")
        parts = [("bytes", rate), ("peak_to_average", book.input("demand.peak_to_average"))]
        parts += [("month", month)]
        if isinstance(cdn.price, Mapping):
            parts += [
                (symbol("price", item.rpartition(".")[2]), book.input(item))
                for item in book.inputs()
                if item.startswith(f"tiers.{tier.name}.price.")
            ]
            words = "bytes of a month at the mean rate, each part of the volume at its own price"
        else:
            parts.append(("price", book.input(f"tiers.{tier.name}.price")))
            expression = "bytes / peak_to_average * month * price"
    used = plain(tier.cost) - (0.0 if by_bytes is None else plain(by_bytes))
    if cdn.price_per_request is not None:
        parts.append(("usage", _usage(book, tier.name, used)))
        expression = f"{expression} + usage" if expression else "usage"
        words = f"{words}, and what requests cost" if words else ""
    return Draft(
        value=plain(tier.cost),
        kind="money",
        title=f"cost of {tier.name} a month",
        path=path,
        expression="" if words else expression,
        words=words,
        latex=r"p \, B / P" if words else "",
        parts=tuple(parts),
        assumptions=(_MEAN, "all bytes to users are paid for, hits and passed answers alike"),
        source="definition: bytes x price, at the mean rate",
    )


def volume(book: Book, name: str) -> Draft:
    """Bytes per second that a CDN tier sends to its users."""
    return book.once(f"volume {name}", lambda: _volume(book, name))


def _volume(book: Book, name: str) -> Draft:
    parts: list[tuple[str, Draft]] = []
    terms = []
    sizes = {
        each: request.size
        for each, request in book.system.demand.requests.items()
        if request.size is not None
    }
    edges = routes.edges(book.system)
    before = list(edges)[: list(edges).index(name)]
    for each in sizes:
        rate, size = symbol("rate", each), symbol("size", each)
        parts.append((rate, book.draft(f"requests.{each}.arrival_rate")))
        parts.append((size, book.input(f"demand.requests.{each}.size")))
        factors = [rate, size]
        for earlier in before:
            share = plain(edges[earlier].byte_reach(each, book.system.demand.requests[each]))
            if share != 1.0:
                left = constant(share, "share", f"bytes of {each} that {earlier} passes", "passed")
                parts.append((symbol("passed", earlier, each), left))
                factors.append(symbol("passed", earlier, each))
        terms.append(" * ".join(factors))
    return Draft(
        value=plain(np.asarray(offloads(book.system)[name].bytes)),
        kind="bandwidth",
        title=f"bytes that come to {name}'s users at the peak",
        expression=" + ".join(terms) or "0",
        parts=tuple(parts),
        assumptions=("classes without a size count no bytes",),
    )
