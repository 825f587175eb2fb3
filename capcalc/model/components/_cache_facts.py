"""What a cache's hits are worth: reads kept away, memory, money, and how they depend on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from capcalc.model.components import _curves as curves
from capcalc.model.facts import Fact, Seen
from capcalc.units.kinds import HOUR, MONTH
from capcalc.units.types import Numbers

if TYPE_CHECKING:
    from capcalc.model.components.cache import Cache

_CHE = "hit ratio of the model at that size"


def facts(cache: Cache, seen: Seen) -> Iterator[Fact]:
    """All facts of one cache."""
    hits = np.asarray(cache.hit())
    gets = np.asarray(seen.rate())
    yield Fact(
        name="reads_avoided",
        value=(gets * hits)[()],
        kind="rate",
        says=f"reads kept away from {cache.fronts or 'what it fronts'}",
        source="gets x hit ratio",
    )
    with np.errstate(divide="ignore"):
        leverage = np.where(hits < 1, 1.0 / (1.0 - np.minimum(hits, 1.0)), np.inf)
    yield Fact(
        name="leverage",
        value=leverage[()],
        kind="number",
        says="times as many of its misses if it were lost",
        source="1 / (1 - hit ratio)",
    )
    yield Fact(
        name="point",
        value=(0.01 * leverage)[()],
        kind="share",
        says="more misses for each point of hit ratio lost",
        source="0.01 / (1 - hit ratio)",
    )
    if cache.modelled:
        yield from _sizes(cache)
    if cache.write_share is not None:
        yield Fact(
            name="ceiling",
            value=np.subtract(1.0, cache.write_share)[()],
            kind="share",
            says="hit ratio that no memory can pass, for its writes",
            source="1 - write share, writes following reads",
        )
    yield from _memory(cache, seen)
    yield from _refill(cache, seen)
    yield from _money(cache, seen, (gets * hits)[()])


def _sizes(cache: Cache) -> Iterator[Fact]:
    for name, factor, says in (
        ("hit_ratio_half", 0.5, "hit ratio at half its size"),
        ("hit_ratio_double", 2.0, "hit ratio at twice its size"),
    ):
        other = replace(cache, capacity=np.multiply(cache.held(), factor)[()], memory=None)
        value = other.hit_when_warm()
        yield Fact(name=name, value=value, kind="share", says=says, source=_CHE)


def _bytes(cache: Cache) -> Numbers | None:
    """What the contents take, of the whole tier."""
    if cache.memory is not None:
        return cache.memory
    size = None if cache.objects is None else cache.objects.size
    if size is None or cache.capacity is None:
        return None
    return np.multiply(cache.capacity, size)[()]


def _memory(cache: Cache, seen: Seen) -> Iterator[Fact]:
    taken = _bytes(cache)
    size = None if cache.objects is None else cache.objects.size
    if taken is not None:
        yield Fact(
            name="memory",
            value=taken,
            kind="size",
            says="of contents, over all hosts",
            source="capacity x object size",
        )
    if size is not None:
        yield Fact(
            name="bytes",
            value=np.multiply(seen.rate(), np.multiply(cache.hit(), size))[()],
            kind="bandwidth",
            says="sent by its hosts",
            source="hits x object size",
        )


def memory_share(cache: Cache, seen: Seen) -> Numbers | None:
    """Contents over the memory of all hosts; None where one is not known."""
    taken, each = _bytes(cache), seen.system.memory(seen.name)
    if taken is None or each is None:
        return None
    return np.divide(taken, np.multiply(cache.host_count(), each))[()]


def _refill(cache: Cache, seen: Seen) -> Iterator[Fact]:
    fill = cache.refill_time(seen)
    if fill is not None:
        yield Fact(
            name="refill_time",
            value=fill,
            kind="duration",
            says="until an empty one is as warm as it gets",
            source="characteristic time of LRU / gets",
        )


def _money(cache: Cache, seen: Seen, avoided: Numbers) -> Iterator[Fact]:
    price = seen.system.price(seen.name)
    if price is None or seen.system.host_of(seen.name) != seen.name:
        return
    month = np.multiply(cache.host_count(), price * MONTH / HOUR)
    reads = np.asarray(avoided) * MONTH / np.asarray(seen.system.demand.peak_to_average)
    with np.errstate(divide="ignore"):
        yield Fact(
            name="cost_per_million_reads_avoided",
            value=(1e6 * month / reads)[()],
            kind="money",
            says="for a million reads kept away",
            source="cost a month / reads avoided a month",
        )


def cautions(cache: Cache, seen: Seen) -> Iterator[str]:
    """Small caches, points outside a measured curve, contents that do not fit."""
    name = f"tiers.{seen.name}"
    if cache.modelled and cache.hit_ratio_curve is None and cache.objects is not None:
        from capcalc.theory.caches import policies

        sentence = policies.validity(cache.policy or "lru", float(np.min(cache.held())))
        if sentence is not None:
            yield f"{name}: {sentence}"
    if cache.hit_ratio_curve is not None:
        known = [capacity for capacity, _ in curves.points(cache.hit_ratio_curve)]
        held = np.asarray(cache.held())
        if np.any(held < known[0]) or np.any(held > known[-1]):
            yield (
                f"{name}: its size is outside the measured hit_ratio_curve, whose nearest end is "
                "taken"
            )
    share = memory_share(cache, seen)
    if share is not None and np.any(np.asarray(share) > 1):
        yield (
            f"{name}: its contents take {float(np.max(share)):.3g} times the memory of its hosts: "
            "give it more or larger hosts, or less capacity"
        )
    if cache.write_share is not None and cache.policy not in (None, "lru"):
        yield f"{name}: write_share is modelled for lru only, which is taken instead of its policy"
