"""The words of the page, in short."""

from __future__ import annotations

from capcalc.reports.page.markup import Markup, element

WORDS = (
    ("arrivals", "Requests or visits that reach a tier in a second, at the peak."),
    (
        "busy, utilization",
        "The share of its servers' time that a tier needs; from 100 % on the queue never ends.",
    ),
    ("offered load, erlangs", "Arrivals times service time: the servers that are busy on average."),
    ("service time", "What one visit takes of one server, without any waiting."),
    ("wait, response", "Time in the queue; wait and service together."),
    ("p95, p99 …", "The time within which 95 or 99 of 100 requests are answered."),
    ("scv", "Squared coefficient of variation: 0 if all take the same time, 1 if exponential."),
    ("headroom", "How many times today's load a tier serves before it saturates."),
    ("bottleneck", "The tier that saturates first as load grows."),
    ("runway", "The time until growth breaks a limit or an objective."),
    ("objective", "A limit on a latency or on availability that the scenario asks to keep."),
    ("hit ratio", "The share of lookups that a cache answers by itself."),
    ("replica, primary", "A copy of the database that serves reads; the one that takes writes."),
    ("vertical, horizontal, mixed", "Bigger machines; more of the same machines; any of both."),
    ("survive", "The failure after which a tier still has to keep its limits and objectives."),
    ("shed, turn away", "The share of requests to refuse so that what is left runs within limits."),
    ("lead time", "From the decision for a change until it serves."),
)


def glossary() -> Markup:
    """Terms with one sentence each."""
    return element("dl", [[element("dt", term), element("dd", says)] for term, says in WORDS])
