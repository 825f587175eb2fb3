"""What one host of a cache gets more than the others: popular keys, an uneven ring, its network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from capcalc.model.facts import Fact, Seen
from capcalc.units import format as human
from capcalc.units.types import Numbers

if TYPE_CHECKING:
    from capcalc.model.components.cache import Cache


def facts(cache: Cache, seen: Seen) -> Iterator[Fact]:
    """The busiest host, as far as one popular key and the ring decide it."""
    hottest = hottest_host(cache, seen)
    if hottest is not None:
        yield Fact(
            name="hottest_host",
            value=hottest,
            kind="share",
            says="at least as busy is the host with the most popular key",
            source="mean utilization x (n p_1 + 1 - p_1)",
        )
    if cache.virtual_nodes is not None and not cache.local:
        from capcalc.theory.caches import consistent_hash

        yield Fact(
            name="fullest_host",
            value=consistent_hash.expected_max_over_mean(cache.hosts, cache.virtual_nodes),
            kind="number",
            says="times as many keys as the mean at the fullest host",
            source="mean of the largest of n gamma shares of shape V (Karger et al. 1997)",
        )
    used = network_use(cache, seen)
    if used is not None:
        yield Fact(
            name="network_utilization",
            value=used,
            kind="share",
            says="of its hosts' network is in use",
            source="hits x object size / (hosts x network)",
        )


def hottest_host(cache: Cache, seen: Seen) -> Numbers | None:
    """Utilization of the host with the most popular key, its own share of the others with it."""
    station = seen.stations.get("")
    if cache.objects is None or station is None or cache.local:
        return None
    if np.all(np.asarray(cache.hosts) <= 1):
        return None
    from capcalc.theory.balancing import shards

    most = shards.least_max_over_mean(cache.hosts, cache.objects.count, cache.objects.zipf)
    return np.multiply(station.utilization, most)[()]


def network_use(cache: Cache, seen: Seen) -> Numbers | None:
    """Bytes sent over what the network of all hosts carries."""
    size = None if cache.objects is None else cache.objects.size
    if cache.network is None or size is None:
        return None
    sent = np.multiply(seen.rate(), np.multiply(cache.hit(), size))
    return np.divide(sent, np.multiply(cache.host_count(), cache.network))[()]


def cautions(cache: Cache, seen: Seen) -> Iterator[str]:
    """A host that one key overloads, a network that is full."""
    name = f"tiers.{seen.name}"
    hottest = hottest_host(cache, seen)
    if hottest is not None and np.any(np.asarray(hottest) > cache.max_utilization):
        yield (
            f"{name}: the host with the most popular key is at least "
            f"{human.share(float(np.max(hottest)))} busy; latency here takes all hosts as equally "
            "busy. A local cache before it, or copies of that key, help; more hosts do not"
        )
    used = network_use(cache, seen)
    if used is not None and np.any(np.asarray(used) > cache.max_utilization):
        yield (
            f"{name}: {human.share(float(np.max(used)))} of its network is in use: the network, "
            "not its servers, is its limit"
        )
