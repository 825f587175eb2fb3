"""What the name of a column says: rules for busy time, responses, services, counts and rates."""

from __future__ import annotations

from capcalc.scenarios.measurements import words
from capcalc.scenarios.measurements.guess import Guess, made

RESPONSE = {
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


def busy(said: set[str], kind: str) -> Guess | None:
    """How busy a resource or a tier was."""
    if said & {"limit", "quota", "requested", "bytes"} or kind in ("bytes", "rate"):
        return None
    if {"busy", "servers"} <= said:
        return made("busy_servers", said, {"busy", "servers", "mean"})
    resource = said & words.RESOURCES.keys()
    used = {*resource, *_BUSY}
    if kind == "cores" and resource:
        cores = {"cores", "millicores", "mcores", "millicpu"}
        at_work = said & {*_BUSY, "consumption", *cores} - {"cores", "total"}
        return made("busy_servers", said, {*used, *cores, "consumption"}) if at_work else None
    if resource and kind == "time":
        return None if said & {"wait", "demand"} else made("busy_total", said, used)
    named = said & {"utilization", "utilisation", "util"}
    of_resource = resource and (
        kind == "share" or said & {"usage", "busy", "used", "load", "cpu"} or said == resource
    )
    if named or of_resource or ("busy" in said and kind == "share"):
        return made("utilization", said, used)
    return None


def response(said: set[str], kind: str) -> Guess | None:
    """How long requests took."""
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
    hit = said & RESPONSE or ({"request", "time"} <= said and {"request", "time"}) or set()
    if not hit and kind == "time" and said & {"mean", "avg", "average"}:
        hit = {"mean"}
    if not hit:
        return None
    mean = said & {"mean", "avg", "average"}
    return made("response_mean" if mean else "response", said, {*hit, *mean, "time", "request"})


def service(said: set[str], kind: str) -> Guess | None:
    """How long services took."""
    if ("service" in said and kind == "time") or {"service", "time"} <= said:
        return made("service_time", said, {"service", "time", "mean"})
    return None


def database(said: set[str], kind: str) -> Guess | None:
    """Reads, writes and replication."""
    if said & {"lag"} and kind in ("time", "") and "send" not in said:
        return made("lag", said, {"lag", "replication", "replica"})
    if "apply" in said and kind == "time":
        return made("apply_time", said, {"apply", "time"})
    for word, count, rate in (("reads", "reads", "read_rate"), ("writes", "writes", "write_rate")):
        if said & {word, word[:-1]} and kind in ("", "count", "rate"):
            return made(rate if kind == "rate" else count, said, {word, word[:-1], "rate"})
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


def counts(said: set[str], kind: str) -> Guess | None:
    """Failures, what is inside, and what a test varied."""
    for role, some in (("rejected", _REJECTED), ("errors", _FAILED)):
        if said & some:
            return made(role, said, {*some, "requests"})
    if said & {"concurrency", "inflight", "outstanding"} or (
        "connections" in said and said <= {"connections", "active", "configured"}
    ):
        return made("concurrency", said, {"concurrency", "inflight", "outstanding", *said})
    if said <= _SIZES_OF_TESTS:
        return made("load", said, said)
    if kind not in ("", "count", "cores"):
        return None
    return _of_machines(said)


def _of_machines(said: set[str]) -> Guess | None:
    if said & {"hosts", "replicas", "instances", "nodes"}:
        return made("hosts", said, {"hosts", "replicas", "instances", "nodes"})
    if said & {"servers", "vcpus", "cores"}:
        return made("servers", said, {"servers", "vcpus", "cores", "cpu"})
    queue = {"queue", "queued", "waiting"}
    if said & queue and said & {"length", "depth", "size", "queued", "waiting"}:
        return made("queue_length", said, {*queue, "length", "depth", "size"})
    return None


def rates(said: set[str], kind: str) -> Guess | None:
    """Requests, as counts or per second."""
    asked = {
        "requests",
        "request",
        "reqs",
        "req",
        "hits",
        "calls",
        "queries",
        "questions",
        "statements",
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
        return made(
            "throughput",
            said,
            {"throughput", "ok", "achieved", "completed", "served", "answered", "success", *asked},
        )
    if kind == "rate" or said & {"arrivals", "arrival"}:
        return made("arrival_rate", said, {"arrivals", "arrival", "offered", "rate", *asked})
    if said & asked and said & {"total"} and kind == "":
        return made("requests_total", said, {*asked, "total", "http"})
    if said & (asked - {"count"}) and kind in ("", "count") and not said & {"size", "per"}:
        return made("requests", said, {*asked, "http"})
    return None


def sizes(said: set[str], kind: str) -> Guess | None:
    """Sizes of answers."""
    if (
        kind == "bytes"
        and said & {"size", "body", "response", "bytes", "sent"}
        and not said & words.RESOURCES.keys()
    ):
        return made("size", said, {"size", "body", "response", "bytes", "sent"})
    return None
