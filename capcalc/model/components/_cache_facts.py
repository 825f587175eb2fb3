"""What a cache's hits are worth: reads kept away, memory, money, and how they depend on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from capcalc.model.components import _cache_worth as worth
from capcalc.model.components import _curves as curves
from capcalc.model.components import _hot_keys as hot_keys
from capcalc.model.facts import Fact, Seen
from capcalc.units import format as human
from capcalc.units.kinds import HOUR, MONTH
from capcalc.units.types import Numbers

if TYPE_CHECKING:
    from capcalc.model.components.cache import Cache

_CHE = "hit ratio of the model at that size"
#: Shares of the time to fill at which the course of a recovery is told.
STEPS = (0.0, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)


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
    if cache.modelled and cache.kept is None:
        yield from _sizes(cache)
    if cache.max_age is not None:
        yield from _expiry(cache, seen)
    if cache.write_share is not None:
        yield Fact(
            name="ceiling",
            value=np.subtract(1.0, cache.write_share)[()],
            kind="share",
            says="hit ratio that no memory can pass, for its writes",
            source="1 - write share, writes following reads",
        )
    yield from _memory(cache, seen)
    yield from hot_keys.facts(cache, seen)
    yield from worth.facts(cache, seen)
    yield from _refill(cache, seen)
    yield from _money(cache, seen, (gets * hits)[()])


def _expiry(cache: Cache, seen: Seen) -> Iterator[Fact]:
    """What happens when the most popular value expires (Atre et al. 2020, Vattani et al. 2015)."""
    fetch = None if cache.fronts is None else seen.responses.get(cache.fronts)
    if cache.kept is None or fetch is None or cache.max_age is None:
        return
    from capcalc.theory.caches import stampede

    hottest, age = cache.kept.object_rate, cache.max_age
    if cache.coalescing:
        yield Fact(
            name="delayed",
            value=stampede.delayed_ratio(hottest, age, fetch),
            kind="share",
            says="gets of the most popular value that wait for another's fetch",
            source="r L / (1 + r (T + L)) (Atre et al. 2020)",
        )
    else:
        yield Fact(
            name="calls_per_expiry",
            value=stampede.calls_per_expiry(hottest, fetch),
            kind="number",
            says="fetches of the most popular value each time it expires; 1 with coalescing",
            source="1 + r L, r its gets at one cache, L the answer of what it fronts",
        )


def _sizes(cache: Cache) -> Iterator[Fact]:
    for name, factor, says in (
        ("hit_ratio_half", 0.5, "hit ratio at half its size"),
        ("hit_ratio_double", 2.0, "hit ratio at twice its size"),
    ):
        other = replace(cache, capacity=np.multiply(cache.held(), factor)[()], memory=None)
        value = other.hit_when_warm()
        yield Fact(name=name, value=value, kind="share", says=says, source=_CHE)


def _bytes(cache: Cache) -> Numbers | None:
    """What the contents take, of the whole tier: on every host where each has its own."""
    each = np.asarray(cache.hosts) if cache.local else 1.0
    if cache.memory is not None:
        return np.multiply(cache.memory, each)[()]
    size = None if cache.objects is None else cache.objects.size
    if size is None or cache.capacity is None:
        return None
    return np.multiply(np.multiply(cache.capacity, size), each)[()]


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


def course(cache: Cache, failure: str, seen: Seen) -> tuple[tuple[float, float], ...]:
    """Hit ratio by time after a loss, for an LRU cache; nothing where it is not modelled."""
    fill = cache.refill_time(seen)
    plain = cache.kept is None and cache.write_share is None and cache.policy in (None, "lru")
    if fill is None or cache.objects is None or not plain or not np.isfinite(fill):
        return ()
    from capcalc.theory.caches import node_loss, warm_up

    objects, rate = cache.objects, float(np.asarray(seen.rate()))
    times = np.array(STEPS) * float(np.asarray(fill))
    held = float(np.asarray(cache.held()))
    count, zipf = float(objects.count), float(objects.zipf)
    if failure == "contents":
        hits = warm_up.hit_ratio(times * rate, held, count, zipf)
    else:
        hosts = float(np.asarray(cache.hosts))
        if failure != "host" or hosts <= 1:
            return ()
        hits = node_loss.hit_ratio(times * rate, hosts, held, count, zipf)
    shares = np.minimum(np.asarray(hits), float(np.asarray(cache.hit())))
    return tuple(zip(times.tolist(), shares.tolist(), strict=True))


def cold_start(cache: Cache, failure: str, seen: Seen) -> Iterator[str]:
    """The misses that an empty cache costs in all, and when it is half as good as warm."""
    if failure not in ("contents", "tier") or cache.objects is None or cache.kept is not None:
        return
    from capcalc.theory.caches import warm_up

    size = (cache.held(), cache.objects.count, cache.objects.zipf)
    rate = float(np.asarray(seen.rate()))
    extra = float(np.asarray(warm_up.extra_misses(*size)))
    half = float(np.asarray(warm_up.requests_to_warm(0.5, *size)))
    if rate > 0 and np.isfinite(extra):
        yield (
            f"filling {seen.name} again costs {human.significant(extra)} misses more than a warm "
            f"one has; half of its hits are back after {human.duration(half / rate)}"
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
    yield from hot_keys.cautions(cache, seen)
    if cache.max_age is not None and cache.modelled:
        yield (
            f"{name}: max_age: the smaller of what eviction and what age leave, at most 0.057 too "
            "high where both are equal; what expires together is not modelled"
        )
    if cache.kept is not None and cache.policy not in (None, "lru"):
        yield f"{name}: with max_age, local or a cache before it only lru is modelled: taken as lru"
    if cache.write_share is not None and cache.policy not in (None, "lru"):
        yield f"{name}: write_share is modelled for lru only, which is taken instead of its policy"
