"""What measurements say after reading: series in SI units, samples of events, what was dropped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

#: What a column may be, and what its values are after reading. Labels: the request class of
#: requests, responses and arrival rates; the resource (cpu, disk, network, memory) of utilization.
ROLES: Mapping[str, str] = {
    "time": "when the interval begins",
    "requests": "requests in the interval (a count)",
    "requests_total": "requests since the start (a counter that may be reset)",
    "hits_total": "cache hits since the start (a counter)",
    "misses_total": "cache misses since the start (a counter)",
    "reads_total": "reads since the start (a counter)",
    "writes_total": "writes since the start (a counter)",
    "errors_total": "failed requests since the start (a counter)",
    "arrival_rate": "requests per second that came",
    "throughput": "requests per second that were answered",
    "rejected": "requests in the interval that were turned away",
    "errors": "requests in the interval that failed or timed out",
    "utilization": "share of the time that a resource was busy, of all its servers",
    "busy_servers": "mean number of busy servers of a tier (or of the host that is named)",
    "busy_total": "seconds that a resource was busy since the start (a counter)",
    "concurrency": "requests or clients in the system",
    "queue_length": "requests that wait",
    "response_mean": "mean response time",
    "response_p50": "median response time",
    "response_p90": "90th percentile of the response time",
    "response_p95": "95th percentile of the response time",
    "response_p99": "99th percentile of the response time",
    "response": "response time of one request (an event a row)",
    "service_time": "service time of one request, or its mean",
    "hits": "cache hits in the interval",
    "misses": "cache misses in the interval",
    "hit_ratio": "cache hits of all lookups",
    "miss_ratio": "cache misses of all lookups",
    "reads": "reads in the interval",
    "writes": "writes in the interval",
    "read_rate": "reads per second",
    "write_rate": "writes per second",
    "apply_time": "time to apply one write on a replica",
    "lag": "how far a replica is behind",
    "hosts": "hosts at work",
    "servers": "servers (cores, workers, connections) at work",
    "load": "what was varied: clients, processors, hosts (the n of a scaling law)",
    "size": "bytes of an answer",
    "bytes": "bytes in the interval",
    "objects": "how many objects have that many requests",
    "rank": "an object's place by popularity",
    "daily_active_users": "users of the day",
    "new_users": "users who came for the first time",
    "monthly_active_users": "users of the month",
    "sessions": "visits (sessions) of the interval",
    "orders": "orders of the interval",
    "revenue": "US dollars of the interval",
    "age": "days since users came first",
    "retention": "share of new users who are active at that age",
    "tier": "names the tier of the row (text)",
    "host": "names the host of the row (text)",
    "class": "names the request class of the row (text)",
    "status": "the answer's status (text or number)",
    "key": "the object asked for (text)",
    "value": "a number whose role another column or the user tells",
}

#: Counters since some start, and what they grow by in an interval.
COUNTERS: Mapping[str, str] = {
    **{f"{role}_total": role for role in ("requests", "hits", "misses", "reads", "writes")},
    "errors_total": "errors",
    "busy_total": "busy_servers",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a file: what it was taken for, in which unit, and why."""

    name: str
    #: as :data:`ROLES` of the readers; "" where it is not used
    role: str
    tier: str = ""
    host: str = ""
    #: the request class or the resource (cpu, disk, network)
    label: str = ""
    #: as the file writes it, e.g. "ms", "%", "1/min"
    unit: str = ""
    guessed: bool = True
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """Rows that were left out or mended: how many, why, and the first line of them."""

    rows: int
    why: str
    first_line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One quantity over the intervals (or rows) of a file; ``nan`` where there is a gap."""

    role: str
    tier: str = ""
    host: str = ""
    label: str = ""
    #: seconds, per second, shares, bytes, US dollars, or counts in the interval
    values: NDArray[np.float64]
    column: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What a list of events says: service times, response times or times between arrivals."""

    #: "service_time", "response" or "interarrival"
    role: str
    tier: str = ""
    host: str = ""
    label: str = ""
    #: seconds, of all events
    n: int
    mean: float
    scv: float
    #: seconds, by probability (0.5, 0.9, 0.95, 0.99), within 1 %
    quantiles: Mapping[float, float] = field(default_factory=dict)
    #: rows of (events, sum, sum of squares) over stretches of the file in its order: what an
    #: interval that allows for dependence is made from
    batches: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 3)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurements:
    """One file, read, cleaned and in SI units."""

    source: str
    #: "table", "events", "access log", "prometheus", "cloudwatch"
    form: str
    #: rows of the file that were read
    rows: int
    #: start of each interval: seconds since 1970 UTC if ``clock``, else since the first; None for
    #: a table without time
    time: NDArray[np.float64] | None = None
    clock: bool = False
    #: seconds of one interval
    step: float | None = None
    series: tuple[Series, ...] = ()
    samples: tuple[Sample, ...] = ()
    #: columns of text of a table without time, row by row
    texts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    columns: tuple[Column, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    #: sentences about what was assumed, e.g. of the time zone or of pooled rows
    notes: tuple[str, ...] = ()

    def of_role(self, *roles: str, tier: str | None = None) -> Iterator[Series]:
        """The series of these roles, of one tier if it is given."""
        for each in self.series:
            if each.role in roles and tier in (None, each.tier):
                yield each

    def samples_of(self, role: str, tier: str | None = None) -> Iterator[Sample]:
        """The samples of this role, of one tier if it is given."""
        for each in self.samples:
            if each.role == role and tier in (None, each.tier):
                yield each
