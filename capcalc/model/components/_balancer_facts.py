"""A load balancer's connections: how many are open, and on how many hosts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from capcalc.model.facts import Fact, Seen
from capcalc.units.format import significant
from capcalc.units.types import Numbers


def facts(keepalive: Numbers | None, max_connections: Numbers | None, seen: Seen) -> Iterator[Fact]:
    """Connections open on each host and, where it is known how many fit, the share in use."""
    there = on_each_host(keepalive, seen)
    if there is None:
        return
    open_ = "waiting for an answer" if keepalive is None else "open, kept ones included"
    stays = "answer time" if keepalive is None else "(answer time + keepalive)"
    yield Fact(
        name="connections_per_host",
        value=there,
        kind="number",
        says=f"connections {open_}, on each host",
        source=f"throughput x {stays} / hosts (Little), one for each request",
    )
    if max_connections is not None:
        yield Fact(
            name="connections_used",
            value=np.divide(there, max_connections)[()],
            kind="share",
            says="of each host's room for connections is taken",
            source="connections on each host / max_connections",
        )


def on_each_host(keepalive: Numbers | None, seen: Seen) -> Numbers | None:
    """Mean number of connections that clients have open to one host; None without answers.

    Every request is taken to bring a connection of its own, which stays open until its answer
    and ``keepalive`` beyond: an upper bound where clients use one again.
    """
    if not seen.answers:
        return None
    kept = 0.0 if keepalive is None else keepalive
    there: Numbers = 0.0
    for (_, label), rate in seen.rates.items():
        # what never ends holds its connection for good, if it comes at all
        answer = np.where(np.asarray(rate) > 0, seen.answers.get(label, 0.0), 0.0)
        there = there + np.multiply(rate, answer + kept)
    with np.errstate(all="ignore"):
        return np.divide(there, _hosts(seen))[()]


def _hosts(seen: Seen) -> Numbers:
    """Hosts that it runs on, its own or another tier's."""
    system = seen.system
    return np.asarray(system.hosted()[system.host_of(seen.name)].host_count(), dtype=float)


def cautions(
    keepalive: Numbers | None, max_connections: Numbers | None, seen: Seen
) -> Iterator[str]:
    """A single host; more connections than fit, at once or when one host is lost."""
    hosts = _hosts(seen)
    if np.all(np.asarray(hosts) <= 1):
        yield (
            f"{seen.name} has one host: it is a single point of failure for every request "
            f"that passes it (tiers.{seen.system.host_of(seen.name)}.hosts: 2)"
        )
    there = on_each_host(keepalive, seen)
    if there is None or max_connections is None:
        return
    room, count = np.broadcast_arrays(
        np.asarray(max_connections, dtype=float), np.asarray(there, dtype=float)
    )
    fit = significant(float(np.min(room, where=np.isfinite(room), initial=np.inf)))
    # saturated tiers are told elsewhere
    beyond = np.isfinite(count) & (count > room)
    if np.any(beyond):
        most = significant(float(np.max(count[beyond])))
        yield (
            f"{seen.name}: {most} connections at a time on each host, where {fit} fit: more are "
            "refused or wait for one to close; take more hosts or a shorter keepalive"
        )
        return
    known = np.where(np.isfinite(count), count, 0.0)
    if np.any((hosts > 1) & (known * hosts > room * (hosts - 1.0))):
        yield (
            f"{seen.name}: with one host lost the others would have to hold more connections than "
            f"the {fit} that fit on each"
        )
