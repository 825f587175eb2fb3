"""Keys spread over shards by a hash: how much of the load the hottest shard gets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

import numpy as np

from capcalc.theory.arrays import Array
from capcalc.theory.balancing import shards as theory
from capcalc.theory.caches.zipf import harmonic
from capcalc.units.types import Amount, Numbers, PositiveAmount, PositiveWhole

#: Hottest keys whose copies or cache entries are weighed up.
GONE = (1, 10, 100)
#: Keys placed one by one, how often, and the random numbers for it: always the same.
HEAD, PLACEMENTS, SEED = 200, 2_000, 20_261
#: Loads of shards drawn at a time.
AT_ONCE = 1_000_000

#: What all shards but the hottest are called behind the name of a role.
OTHERS = " of other shards"

_Row: TypeAlias = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shards:
    """Equal shards, each with the keys that a hash gives it, and how popular keys are."""

    count: PositiveWhole
    keys: PositiveAmount
    zipf: Amount

    def imbalance(self) -> Numbers:
        """Load of the hottest shard over the mean of all, expected over all hashes."""
        return self._each(_imbalance)

    def hottest(self) -> Numbers:
        """Share of all reads and writes that the hottest shard gets."""
        return np.divide(self.imbalance(), self.count)[()]

    def most(self) -> Numbers:
        """What all shards in the world carry, in times of one: 1 over the hottest key's share."""
        return theory.ceiling(self.keys, self.zipf)

    def without_hottest(self, gone: int) -> Numbers:
        """Load of the hottest shard over today's mean, the K hottest keys served elsewhere."""
        return self._each(lambda row: _without(row, gone))

    def _each(self, of: Callable[[_Row], float]) -> Numbers:
        """Element by element; what is the same is computed once."""
        values = np.broadcast_arrays(
            *(np.asarray(each, dtype=float) for each in (self.count, self.keys, self.zipf))
        )
        rows, which = np.unique(
            np.stack([value.ravel() for value in values], axis=-1), axis=0, return_inverse=True
        )
        found = np.array([of((float(n), float(keys), float(zipf))) for n, keys, zipf in rows])
        return np.asarray(found[which.ravel()].reshape(values[0].shape))[()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One shard, or several that are alike: the replicas of each, and their roles' names."""

    replicas: Numbers
    shards: Numbers = 1.0
    of: str = ""

    def role(self, role: str) -> str:
        """E.g. ``primary of other shards``."""
        return f"{role}{self.of}"


@cache
def _imbalance(row: _Row) -> float:
    return float(np.asarray(theory.expected_max_over_mean(*row)))


@cache
def _without(row: _Row, gone: int) -> float:
    """The next hottest 200 keys placed at random, many times over; the load of all others normal.

    As :func:`capcalc.theory.balancing.shards.expected_max_over_mean` does it for all keys.
    """
    count, keys, zipf = row
    if not (count >= 1 and np.isfinite(count) and keys >= 1 and np.isfinite(keys) and zipf >= 0):
        return float("nan")
    if np.floor(keys) <= gone:
        return 0.0
    whole, ends = _sums(keys, zipf, gone)
    rank = np.arange(gone + 1.0, ends + 1.0)
    shares, rest = rank**-zipf / whole, _between(keys, zipf, ends) / whole
    squares = _between(keys, 2.0 * zipf, ends) / whole / whole
    top = _largest(shares, int(count), float(np.sqrt(squares / count)))
    return rest + count * top


def _sums(keys: float, zipf: float, gone: int) -> tuple[float, float]:
    """The sum that makes popularities shares, and the last key that is placed by itself."""
    return float(np.asarray(harmonic(keys, zipf))), min(np.floor(keys), float(gone + HEAD))


def _between(keys: float, power: float, ends: float) -> float:
    """Sum of the popularities of all keys beyond one, none below 0."""
    sums = [float(np.asarray(harmonic(upto, power))) for upto in (keys, ends)]
    return max(sums[0] - sums[1], 0.0)


def _largest(shares: Array, count: int, deviation: float) -> float:
    """Mean of the largest load: that of the placed keys plus a normal variable of mean 0."""
    rng = np.random.default_rng(SEED)
    step = max(1, min(PLACEMENTS, AT_ONCE // max(count, HEAD)))
    # fewer placements for very many shards, whose hottest is that of the hottest key anyhow
    rounds = max(1, min(PLACEMENTS // step, 20))
    total = 0.0
    for _ in range(rounds):
        place = rng.integers(count, size=(step, len(shares)))
        place += count * np.arange(step)[:, np.newaxis]
        weights = np.broadcast_to(shares, place.shape)
        placed = np.bincount(place.ravel(), weights.ravel(), minlength=step * count)
        loads = placed.reshape(step, count) + deviation * rng.standard_normal((step, count))
        total += float(loads.max(axis=-1).sum())
    return total / (rounds * step)
