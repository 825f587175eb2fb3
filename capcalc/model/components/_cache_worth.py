"""What a cache's size is worth: the one at which an object more costs what it saves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from capcalc.model.facts import Fact, Seen
from capcalc.theory.caches import lru
from capcalc.units.kinds import HOUR, MONTH
from capcalc.units.types import Numbers

if TYPE_CHECKING:
    from capcalc.model.components.cache import Cache

#: Sizes tried, from one in so many of all objects to all of them.
SIZES, SMALLEST = 240, 1e-5


def facts(cache: Cache, seen: Seen) -> Iterator[Fact]:
    """The best size, where prices of its memory and of a database read are known."""
    objects, memory = cache.objects, _price_of_bytes(seen)
    read = _price_of_reads(cache, seen)
    plain = cache.modelled and cache.kept is None and cache.write_share is None
    lru_only = cache.policy in (None, "lru") and cache.hit_ratio_curve is None
    if objects is None or objects.size is None or memory is None or read is None:
        return
    if not (plain and lru_only):
        return
    count, zipf, size = (
        np.asarray(each, dtype=float)[..., np.newaxis]
        for each in (objects.count, objects.zipf, objects.size)
    )
    tried = count * np.geomspace(SMALLEST, 1.0, SIZES)
    hits = np.asarray(lru.fast_hit_ratio(tried, count, zipf))
    gets = np.asarray(seen.rate(), dtype=float)[..., np.newaxis]
    worth, room = (np.asarray(each, dtype=float)[..., np.newaxis] for each in (read, memory))
    saved = gets * hits * worth - tried * size * room
    best = np.take_along_axis(
        np.broadcast_to(tried, saved.shape), saved.argmax(axis=-1)[..., np.newaxis], axis=-1
    )
    yield Fact(
        name="best_capacity",
        value=best[..., 0][()],
        kind="number",
        says="objects, at which one more costs what it saves in database hosts",
        source="max of gets x hit ratio x price of a read - objects x size x price of memory",
    )


def _price_of_bytes(seen: Seen) -> Numbers | None:
    """US dollars per month for a byte of its hosts' memory."""
    price, size = seen.system.price(seen.name), seen.system.memory(seen.name)
    return None if price is None or size is None else np.multiply(price, MONTH / HOUR / size)[()]


def _price_of_reads(cache: Cache, seen: Seen) -> Numbers | None:
    """US dollars per month for one read a second at the tier behind, filled to its limit."""
    behind = seen.system.hosted().get(cache.fronts or "")
    time = getattr(behind, "read_time", None)
    if behind is None or time is None or cache.fronts is None:
        return None
    price = seen.system.price(cache.fronts)
    if price is None:
        return None
    able = np.multiply(seen.system.servers(cache.fronts), behind.max_utilization)
    return np.asarray(np.multiply(price, MONTH / HOUR) * np.asarray(time) / able)[()]
