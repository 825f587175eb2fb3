"""Hosts in turn: E_n/M/1 where that is exact, else G/G/k by Kraemer and Langenbach-Belz."""

from __future__ import annotations

from math import exp

from capcalc.advice.explain.book import Book
from capcalc.advice.explain.draft import Draft, constant, plain
from capcalc.advice.explain.hosts import part, parts
from capcalc.solve.stations import Queue
from capcalc.theory.balancing import round_robin
from capcalc.theory.queues import em1

#: Mean wait at one host with exponential service.
HOST_WAIT = "(prob_wait * service_time / (servers - arrival_rate * service_time / hosts))"
_KLB = "W. Kraemer, M. Langenbach-Belz, Proc. 8th Int. Teletraffic Congress, 1976 (G/G/k)"
_ERLANGIAN = "E_n/M/1: Kleinrock, Queueing Systems 1, 1975, sec. 6.4"


def mean_wait(book: Book, queue: Queue) -> tuple[str, list[tuple[str, Draft]], str]:
    """The formula, its parts and its source."""
    station = queue.station
    exponential = abs(plain(queue.scv) - 1.0) <= round_robin.EXPONENTIAL
    if station.dealt_labels is None and exponential and plain(station.servers) == 1:
        found = [("sigma", _sigma(book, queue)), *parts(book, queue, "service_time")]
        return "service_time * sigma / (1 - sigma)", found, _ERLANGIAN
    regular = _arrival_scv(book, queue)
    names = ("prob_wait", "arrival_rate", "service_time", "scv", "hosts", "servers")
    found = parts(book, queue, *names)
    found += [("arrival_scv", regular), ("g", _correction(book, queue, regular))]
    return f"(arrival_scv + scv) / 2 * g * {HOST_WAIT}", found, _KLB


def _sigma(book: Book, queue: Queue) -> Draft:
    rate = plain(queue.arrival_rate) / plain(queue.station.hosts)
    return Draft(
        value=plain(em1.prob_wait(rate, 1.0 / plain(queue.service_time), queue.station.hosts)),
        kind="share",
        title="root of the equation of E_n/M/1",
        words="sigma in (0, 1) with sigma = (n rho / (n rho + 1 - sigma)) ^ n, n hosts",
        latex=r"\sigma = \left(\frac{n \rho}{n \rho + 1 - \sigma}\right)^n",
        parts=tuple(parts(book, queue, "hosts", "utilization")),
        source=_ERLANGIAN,
    )


def _correction(book: Book, queue: Queue, regular: Draft) -> Draft:
    """The factor of Kraemer and Langenbach-Belz."""
    busy, own = part(book, queue, "utilization"), part(book, queue, "scv")
    load, arrivals, service = (plain(each.value) for each in (busy, regular, own))
    exponent = "-2 * (1 - utilization) * (1 - arrival_scv) ** 2"
    return Draft(
        value=exp(-2 * (1 - load) * (1 - arrivals) ** 2 / (3 * load * (arrivals + service))),
        kind="number",
        title="correction for regular arrivals",
        expression=f"exp({exponent} / (3 * utilization * (arrival_scv + scv)))",
        parts=(("utilization", busy), ("arrival_scv", regular), ("scv", own)),
        source=_KLB,
    )


def _arrival_scv(book: Book, queue: Queue) -> Draft:
    """1/n at a host of n in turn; what is not dealt out comes as Poisson."""
    station = queue.station
    hosts = part(book, queue, "hosts")
    title = "squared coefficient of variation of arrivals at one host"
    if station.dealt_labels is None:
        return Draft(
            value=1.0 / plain(station.hosts),
            kind="number",
            title=title,
            expression="1 / hosts",
            parts=(("hosts", hosts),),
        )
    work = [each for each in book.loaded.flows.work if each.station == (station.tier, station.role)]
    rates = sum(plain(each.rate) for each in work if each.label in station.dealt_labels)
    share = constant(
        rates / plain(queue.arrival_rate),
        "share",
        f"share of the work that is dealt out in turn ({', '.join(sorted(station.dealt_labels))})",
        "its rate / that of all work",
    )
    value = plain(share.value) / max(plain(station.hosts), 1.0) + (1.0 - plain(share.value))
    return Draft(
        value=value,
        kind="number",
        title=title,
        expression="share / hosts + (1 - share)",
        parts=(("share", share), ("hosts", hosts)),
        source="W. Whitt, Bell Syst. Tech. J. 62(9), 1983, sec. 4.3",
    )
