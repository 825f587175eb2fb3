"""A pool of connections on every host: who finds none waits, or is turned away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from capcalc.model.facts import Fact, Seen
from capcalc.theory.queues import erlang
from capcalc.units.format import share
from capcalc.units.types import Numbers, PositiveWhole


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """Connections that each host may have open to another tier."""

    to: str
    connections_per_host: PositiveWhole


def facts(pool: Pool, hosts: Numbers, seen: Seen) -> Iterator[Fact]:
    """How much of the pool is in use, and how often a call has to wait for a connection."""
    load = held(pool, hosts, seen)
    if load is None:
        return
    size = np.asarray(pool.connections_per_host, dtype=float)
    yield Fact(
        name="pool_load",
        value=load,
        kind="number",
        says=f"connections to {pool.to} in use on each host",
        source="calls a host x response (Little)",
    )
    busy = np.asarray(load) < size
    waits = np.where(busy, erlang.erlang_c(size, np.where(busy, load, 0.0)), 1.0)
    yield Fact(
        name="pool_wait",
        value=waits[()],
        kind="share",
        says=f"calls that wait for a connection to {pool.to}",
        source="Erlang C of the pool",
    )
    yield Fact(
        name="pool_rejected",
        value=erlang.erlang_b(size, load),
        kind="share",
        says="the same, if they are turned away instead",
        source="Erlang B of the pool",
    )


def held(pool: Pool, hosts: Numbers, seen: Seen) -> Numbers | None:
    """Connections in use on one host on average; None where nothing is called."""
    calls, response = seen.calls.get(pool.to), seen.responses.get(pool.to)
    if calls is None or response is None:
        return None
    with np.errstate(all="ignore"):
        return np.divide(np.multiply(calls, response), hosts)[()]


def cautions(pool: Pool, hosts: Numbers, seen: Seen) -> Iterator[str]:
    """Pools that are too small: the wait for a connection is in no response time."""
    load = held(pool, hosts, seen)
    if load is None:
        return
    size = np.asarray(pool.connections_per_host, dtype=float)
    if np.any(np.asarray(load) >= size):
        yield (
            f"{seen.name}: its pool to {pool.to} is too small: more connections are needed at a "
            "time than there are, calls wait without end"
        )
        return
    waits = float(np.max(np.asarray(erlang.erlang_c(size, load))))
    if waits > 0.05:
        yield (
            f"{seen.name}: {share(waits)} of the calls to {pool.to} wait for a connection of the "
            "pool, which is in no response time here: enlarge it"
        )
