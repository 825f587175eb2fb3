"""The words of column names: which tell a role, a unit, a resource or a tier."""

from __future__ import annotations

import re
from collections.abc import Mapping

#: Units as they end a name or stand in brackets: what one is in SI, and of what kind.
UNITS: Mapping[str, tuple[float, str]] = {
    "ns": (1e-9, "time"),
    "us": (1e-6, "time"),
    "µs": (1e-6, "time"),
    "usec": (1e-6, "time"),
    "microseconds": (1e-6, "time"),
    "ms": (1e-3, "time"),
    "msec": (1e-3, "time"),
    "millis": (1e-3, "time"),
    "milliseconds": (1e-3, "time"),
    "s": (1.0, "time"),
    "sec": (1.0, "time"),
    "secs": (1.0, "time"),
    "seconds": (1.0, "time"),
    "min": (60.0, "time"),
    "minutes": (60.0, "time"),
    "%": (0.01, "share"),
    "pct": (0.01, "share"),
    "percent": (0.01, "share"),
    "percentage": (0.01, "share"),
    "% idle": (0.01, "share"),
    "ratio": (1.0, "share"),
    "share": (1.0, "share"),
    "fraction": (1.0, "share"),
    "rps": (1.0, "rate"),
    "qps": (1.0, "rate"),
    "tps": (1.0, "rate"),
    "ops": (1.0, "rate"),
    "kqps": (1e3, "rate"),
    "krps": (1e3, "rate"),
    "1/s": (1.0, "rate"),
    "/s": (1.0, "rate"),
    "req/s": (1.0, "rate"),
    "requests/s": (1.0, "rate"),
    "kops": (1e3, "rate"),
    "kops/s": (1e3, "rate"),
    "kreq/s": (1e3, "rate"),
    "k/s": (1e3, "rate"),
    "mops": (1e6, "rate"),
    "ops/s": (1.0, "rate"),
    "ops/sec": (1.0, "rate"),
    "req/sec": (1.0, "rate"),
    "reqs/s": (1.0, "rate"),
    "requests/sec": (1.0, "rate"),
    "queries/s": (1.0, "rate"),
    "calls/s": (1.0, "rate"),
    "count/s": (1.0, "rate"),
    "/sec": (1.0, "rate"),
    "rpm": (1 / 60, "rate"),
    "rpmin": (1 / 60, "rate"),
    "/min": (1 / 60, "rate"),
    "1/min": (1 / 60, "rate"),
    "req/min": (1 / 60, "rate"),
    "requests/min": (1 / 60, "rate"),
    "/h": (1 / 3600, "rate"),
    "1/h": (1 / 3600, "rate"),
    "/day": (1 / 86400, "rate"),
    "1/day": (1 / 86400, "rate"),
    "b": (1.0, "bytes"),
    "bytes": (1.0, "bytes"),
    "kb": (1e3, "bytes"),
    "mb": (1e6, "bytes"),
    "gb": (1e9, "bytes"),
    "kib": (2.0**10, "bytes"),
    "mib": (2.0**20, "bytes"),
    "gib": (2.0**30, "bytes"),
    "usd": (1.0, "money"),
    "$": (1.0, "money"),
    "€": (1.0, "money"),
    "£": (1.0, "money"),
    "eur": (1.0, "money"),
    "gbp": (1.0, "money"),
    "usd k": (1e3, "money"),
    "k usd": (1e3, "money"),
    "kusd": (1e3, "money"),
    "usd thousands": (1e3, "money"),
    "eur k": (1e3, "money"),
    "k eur": (1e3, "money"),
    "keur": (1e3, "money"),
    "k$": (1e3, "money"),
    "$k": (1e3, "money"),
    "k€": (1e3, "money"),
    "€k": (1e3, "money"),
    "usd m": (1e6, "money"),
    "musd": (1e6, "money"),
    "$m": (1e6, "money"),
    "dollars": (1.0, "money"),
    "cores": (1.0, "cores"),
    "millicores": (1e-3, "cores"),
    "mcores": (1e-3, "cores"),
    "millicpu": (1e-3, "cores"),
    "k": (1e3, "count"),
    "m": (1e6, "count"),
    "thousand": (1e3, "count"),
    "thousands": (1e3, "count"),
    "million": (1e6, "count"),
    "millions": (1e6, "count"),
    "count": (1.0, "count"),
    "ln": (1.0, "ln"),
}

RESOURCES: Mapping[str, str] = {
    "cpu": "cpu",
    "cpus": "cpu",
    "processor": "cpu",
    "disk": "disk",
    "io": "disk",
    "iops": "disk",
    "ebs": "disk",
    "network": "network",
    "net": "network",
    "nic": "network",
    "bandwidth": "network",
    "memory": "memory",
    "mem": "memory",
    "ram": "memory",
}

#: Words that name a part of a system rather than a class of requests.
TIERS = frozenset(
    [
        "web",
        "app",
        "application",
        "backend",
        "frontend",
        "api",
        "server",
        "db",
        "database",
        "postgres",
        "postgresql",
        "mysql",
        "rds",
        "cache",
        "redis",
        "memcached",
        "elasticache",
        "lb",
        "balancer",
        "loadbalancer",
        "haproxy",
        "nginx",
        "alb",
        "elb",
        "proxy",
        "sessions",
        "session",
        "primary",
        "replica",
        "writer",
        "reader",
        "queue",
        "worker",
        "service",
        "host",
        "store",
        "search-index",
    ]
)

#: Words that say which number of many it is, not what of.
STATISTICS = frozenset(
    [
        "mean",
        "avg",
        "average",
        "per",
        "total",
        "sum",
        "of",
        "in",
        "at",
        "the",
        "and",
        "app",
        "my",
        "number",
        "from",
        "hist",
        "target",
    ]
)

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_BRACKETS = re.compile(r"[(\[]\s*([^)\]]*?)\s*[)\]]")


def tokens(name: str) -> list[str]:
    """The words of a name, in small letters, without what stands in brackets."""
    plain = _CAMEL.sub(" ", _BRACKETS.sub(" ", name))
    return [word.lower() for word in re.split(r"[^0-9A-Za-zµ%$/]+", plain) if word]


def bracketed(name: str) -> list[str]:
    """What stands in brackets, in small letters."""
    return [text.lower() for text in _BRACKETS.findall(name)]


def unit_of(name: str) -> str:
    """The unit that a name tells: in brackets, else by its last word; "" if none."""
    for text in bracketed(name):
        for word in (text, *text.split()):
            if word in UNITS:
                return word
    words = tokens(name)
    lowered = name.lower()
    for phrase, unit in (
        ("per second", "/s"),
        ("per_second", "/s"),
        ("persecond", "/s"),
        ("per minute", "/min"),
        ("per_minute", "/min"),
        ("per_min", "/min"),
        ("per_sec", "/s"),
        ("per_hour", "/h"),
        ("per hour", "/h"),
        ("per_day", "/day"),
    ):
        if phrase in lowered:
            return unit
    for word in reversed(words):
        if word in UNITS and word not in ("count", "m", "k", "b", "min"):
            return word
    return ""
