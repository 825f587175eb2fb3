"""Hit-ratio curves of traces of any length, in bounded memory.

Exact as long as the distinct keys fit into memory; from then on keys are sampled by a hash of
their own (SHARDS: C. A. Waldspurger, N. Park, A. Garthwaite, I. Ahmad, "Efficient MRC
construction with SHARDS", USENIX FAST 2015), beside the most popular ones, which are followed
exactly (after D. Carra, G. Neglia, "Efficient miss ratio curve computation for heterogeneous
content popularity", USENIX ATC 2020).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from capcalc.theory.caches.traces import stack_distances

Keys: TypeAlias = NDArray[np.uint64]
Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]

#: Distinct keys that are followed at most.
MOST_KEYS = 1_000_000
#: Of these the share of the most popular ones that sampling never drops.
HEAD_SHARE = 0.25
#: References worked on at a time, at least.
BLOCK = 65_536
#: Groups of sampled keys whose scatter tells the error.
GROUPS = 32
_ALL = 2.0**64


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a trace told; errors are standard errors, 0 where everything was counted."""

    references: int
    distinct: float
    distinct_error: float
    rate: float
    capacities: Floats
    hit_ratio: Floats
    hit_error: Floats
    byte_hit_ratio: Floats | None
    mean_size: float | None
    counts: NDArray[np.int64]
    stands_for: Floats
    keys_followed: int


class TraceMeter:
    """Takes a trace block by block and keeps what its curve needs.

    The state is the LRU stack of the keys that are followed. Put before a block as if each key
    had been asked for once, in the stack's order, it gives every reference of the block its
    true stack distance. A key below a threshold of its hash stands for ``1 / rate`` keys, one
    of the head for itself.
    """

    def __init__(
        self, capacities: Floats, most_keys: int = MOST_KEYS, head_share: float = HEAD_SHARE
    ) -> None:
        """Take the capacities of the curve, any of them once, and how many keys to follow."""
        self._capacities = np.unique(np.asarray(capacities, dtype=float))
        self._most, self._head_size = most_keys, int(most_keys * head_share)
        self._rate = self._stands_for = 1.0
        self._keys: Keys = np.empty(0, dtype=np.uint64)  # oldest reference first
        self._counts = np.empty(0, dtype=np.int64)
        self._head: Keys | None = None  # none before sampling begins
        self._waiting: list[tuple[Keys, Floats | None]] = []
        self._waiting_count = 0
        self._references = 0
        self._bytes, self._sized = 0.0, 0
        width = self._capacities.size + 1
        self._exact = np.zeros(width)  # hits by capacity, of keys that stand for themselves
        self._sampled = np.zeros((GROUPS, width))
        self._byte_hits = np.zeros(width)
        self._byte_weight = self._sample_weight = self._exact_weight = 0.0
        self._distinct, self._distinct_variance = 0.0, 0.0

    def feed(self, keys: Keys, sizes: Floats | None = None) -> None:
        """Take the next references: their keys as integers of 64 bits, and bytes if known."""
        if not keys.size:
            return
        self._references += keys.size
        if sizes is not None:
            told = sizes[np.isfinite(sizes)]
            self._bytes, self._sized = self._bytes + float(told.sum()), self._sized + told.size
        kept = self._followed(keys)
        keys, sizes = keys[kept], None if sizes is None else sizes[kept]
        self._waiting.append((keys, sizes))
        self._waiting_count += keys.size
        # as long as the stack itself, so that it is not sorted too often
        if self._waiting_count >= max(BLOCK, self._keys.size):
            self._work()

    def result(self) -> Measured:
        """The curve so far."""
        self._work()
        count = max(self._references, 1)
        tail, scatter = self._tail()
        ratio = np.clip((self._exact[:-1] + tail) / count, 0.0, 1.0)
        ratio = np.maximum.accumulate(ratio)
        byte_ratio = self._byte_hits[:-1] / self._byte_weight if self._byte_weight else None
        return Measured(
            references=self._references,
            distinct=self._distinct,
            distinct_error=float(np.sqrt(self._distinct_variance)),
            rate=self._rate,
            capacities=self._capacities,
            hit_ratio=ratio,
            hit_error=self._errors(ratio, scatter) if self._rate < 1 else np.zeros(ratio.size),
            byte_hit_ratio=byte_ratio,
            mean_size=self._bytes / self._sized if self._sized else None,
            counts=self._counts,
            stands_for=np.where(self._alone(self._keys), 1.0, self._stands_for),
            keys_followed=self._keys.size,
        )

    def _followed(self, keys: Keys) -> Flags:
        if self._head is None:
            return np.ones(keys.shape, dtype=np.bool_)
        return self._in_head(keys) | (_scattered(keys) < _threshold(self._rate))

    def _in_head(self, keys: Keys) -> Flags:
        if self._head is None or not self._head.size:
            return np.zeros(keys.shape, dtype=np.bool_)
        place = np.minimum(np.searchsorted(self._head, keys), self._head.size - 1)
        found: Flags = self._head[place] == keys
        return found

    def _alone(self, keys: Keys) -> Flags:
        """Which keys stand for themselves only."""
        return self._in_head(keys) | (self._rate == 1)

    def _work(self) -> None:
        """Take in what waits, in pieces no larger than the stack may become."""
        waiting, self._waiting, self._waiting_count = self._waiting, [], 0
        if not waiting:
            return
        keys = np.concatenate([each for each, _ in waiting])
        sizes = [np.full(each.size, np.nan) if size is None else size for each, size in waiting]
        size = np.concatenate(sizes) if self._sized else None
        step = max(BLOCK, self._most)
        for start in range(0, keys.size, step):
            piece = slice(start, start + step)
            self._take(keys[piece], None if size is None else size[piece])

    def _take(self, keys: Keys, sizes: Floats | None) -> None:
        kept = self._followed(keys)
        keys, sizes = keys[kept], None if sizes is None else sizes[kept]
        distinct, codes = np.unique(np.concatenate((self._keys, keys)), return_inverse=True)
        counts = np.bincount(codes[self._keys.size :], minlength=distinct.size)
        counts[codes[: self._keys.size]] += self._counts
        if distinct.size > self._most:
            self._lower(distinct, counts)
            kept = self._followed(distinct)
            renumbered = np.cumsum(kept) - 1
            here = kept[codes]
            old, new = here[: self._keys.size], here[self._keys.size :]
            self._keys, keys = self._keys[old], keys[new]
            sizes = None if sizes is None else sizes[new]
            codes, distinct, counts = renumbered[codes[here]], distinct[kept], counts[kept]
        self._count(codes, keys, sizes)
        last = np.zeros(distinct.size, dtype=np.int64)
        last[codes] = np.arange(codes.size)  # the last assignment to a place stays
        order = np.argsort(last)
        self._keys, self._counts = distinct[order], counts[order]

    def _lower(self, keys: Keys, counts: NDArray[np.int64]) -> None:
        """Choose the head when sampling begins; lower the threshold until the rest fits."""
        if self._head is None:
            top = np.argpartition(counts, -self._head_size)[counts.size - self._head_size :]
            self._head = np.sort(keys[top])
        rest = _scattered(keys[np.logical_not(self._in_head(keys))])
        # a tenth of the room is left, or every block would lower it again
        room = int(0.9 * (self._most - self._head.size))
        share = float(np.partition(rest, room)[room]) / _ALL
        # few binary digits, so that sums of keys and of what they stand for stay exact
        self._stands_for = float(np.ceil(256.0 / share)) / 256.0
        self._rate = 1.0 / self._stands_for

    def _count(self, codes: NDArray[np.int64], keys: Keys, sizes: Floats | None) -> None:
        """Add a block's hits at each capacity, each with what its key stands for."""
        old = self._keys.size
        alone = self._alone(keys)
        if self._rate == 1:
            distances = stack_distances(codes)[old:]
        else:
            stands = np.concatenate((self._in_head(self._keys), alone))
            distances = stack_distances(codes, np.where(stands, 1.0, self._stands_for))[old:]
            distances -= np.where(alone, 0.0, self._stands_for - 1.0)  # of itself there is one
        weight = np.where(alone, 1.0, self._stands_for)
        place = np.searchsorted(self._capacities, distances, side="left")
        width = self._capacities.size + 1
        self._exact += _upto(place[alone], None, width)
        self._exact_weight += float(np.count_nonzero(alone))
        first = np.isinf(distances)
        self._distinct += float(weight[first].sum())
        rest = np.logical_not(alone)
        if rest.any():
            groups = (_scattered(keys[rest]) % np.uint64(GROUPS)).astype(np.int64)
            flat = np.bincount(groups * width + place[rest], minlength=GROUPS * width)
            self._sampled += np.cumsum(flat.reshape(GROUPS, width), axis=1) * self._stands_for
            self._sample_weight += float(weight[rest].sum())
            sampled = float(np.count_nonzero(first & rest))
            self._distinct_variance += sampled * (1.0 - self._rate) / self._rate**2
        if sizes is not None:
            known = np.isfinite(sizes)
            amount = weight[known] * sizes[known]
            self._byte_hits += _upto(place[known], amount, width)
            self._byte_weight += float(amount.sum())

    def _tail(self) -> tuple[Floats, Floats]:
        """Hits of the keys that are sampled, and what each group adds beyond its share.

        How many references those keys have is known. With a head the sampled ones are scaled
        to that number; without, what is missing is taken for hits at once, since it is the
        most popular keys that a sample has too few or too many of (SHARDS-adj).
        """
        groups, weights = self._sampled[:, :-1], self._sampled[:, -1:]
        references = self._references - self._exact_weight
        if not self._sample_weight:
            return np.zeros(self._capacities.size), groups
        at_once = (self._capacities >= 1).astype(float)
        if self._head is not None and self._head.size:
            share = groups.sum(axis=0) / self._sample_weight
            return references * share, groups - share * weights
        missing = references - self._sample_weight
        return groups.sum(axis=0) + missing * at_once, groups - at_once * weights

    def _errors(self, ratio: Floats, scatter: Floats) -> Floats:
        """Scatter between groups of keys, and that of distances, which moves along the curve."""
        spread = GROUPS * np.var(scatter, axis=0, ddof=1) * (1.0 - self._rate)
        size = np.maximum(self._capacities, 1.0)
        slope = np.gradient(ratio, np.log(size)) if ratio.size > 1 else np.zeros(ratio.size)
        distance = np.minimum((1.0 - self._rate) / (self._rate * size), 1.0)
        return np.asarray(np.sqrt(spread / max(self._references, 1) ** 2 + slope**2 * distance))


def _upto(place: NDArray[np.intp], weights: Floats | None, width: int) -> Floats:
    """Hits at each capacity: those of all distances up to it."""
    return np.cumsum(np.bincount(place, weights, minlength=width)).astype(float)


def _scattered(keys: Keys) -> Keys:
    """A number from the whole range for each key, the same in every run (SplitMix64)."""
    with np.errstate(over="ignore"):
        mixed = keys + np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return mixed ^ (mixed >> np.uint64(31))


def _threshold(rate: float) -> np.uint64:
    return np.uint64(min(int(rate * _ALL), 2**64 - 1))
