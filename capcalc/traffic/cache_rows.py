"""Caches that front each other, hold copies on each host, or forget with time, by their gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from capcalc.model.components import Cache
from capcalc.model.components._edge import Kept
from capcalc.model.system import System
from capcalc.traffic.flows import flows
from capcalc.units.types import Numbers

#: Rows that feed other rows are settled in so many rounds at most.
ROUNDS = 4


def tuned(system: System) -> System:
    """The same system with the hit ratios of caches whose own model does not do.

    A cache with a ``max_age``, one that is ``local`` to each host, and caches one behind the
    other with the same objects: the second only sees what the first misses.
    """
    rows = _rows(system)
    for _ in range(min(sum(map(len, rows)), ROUNDS)):
        gets = _gets(system)
        tiers: dict[str, Any] = dict(system.tiers)
        for row in rows:
            for name, kept in _kept(system, row, gets).items():
                tiers[name] = replace(tiers[name], kept=kept)
        system = replace(system, tiers=tiers)
    return system


def _rows(system: System) -> list[list[str]]:
    """The caches that are to be seen together, callers first."""
    caches = {
        name: tier
        for name, tier in system.tiers.items()
        if isinstance(tier, Cache)
        and tier.answering
        and tier.objects is not None
        and tier.modelled
        and tier.hit_ratio_curve is None
        and tier.write_share is None
    }
    behind = {
        name: tier.fronts
        for name, tier in caches.items()
        if tier.fronts in caches and np.any(_same(tier, caches[tier.fronts]))
    }
    rows = []
    for name in caches:
        if name not in behind.values():
            row = [name]
            while row[-1] in behind:
                row.append(behind[row[-1]])
            rows.append(row)
    return [row for row in rows if len(row) > 1 or _by_rate(caches[row[0]])]


def _by_rate(cache: Cache) -> bool:
    return cache.max_age is not None or cache.local


def _same(first: Cache, second: Cache) -> NDArray[np.bool_]:
    """Element by element, whether two caches hold the same objects."""
    one, other = first.objects, second.objects
    if one is None or other is None:
        return np.asarray(False)
    return np.equal(one.count, other.count) & np.equal(one.zipf, other.zipf)


def _gets(system: System) -> Mapping[str, Numbers]:
    """Gets per second of every cache."""
    found: dict[str, Numbers] = {}
    for piece in flows(system).work:
        if isinstance(system.tiers[piece.tier], Cache):
            found[piece.tier] = found.get(piece.tier, 0.0) + piece.rate
    return found


def _kept(system: System, row: list[str], gets: Mapping[str, Numbers]) -> Mapping[str, Kept]:
    """What each cache hits; in a sweep some elements may hold the same objects, others not."""
    caches = {name: tier for name in row if isinstance(tier := system.tiers[name], Cache)}
    alike = [_same(caches[name], caches[after]) for name, after in pairwise(row)]
    found: dict[str, Kept] = {}
    for pattern in product((True, False), repeat=len(alike)):
        here = np.asarray(True)
        for same, wanted in zip(alike, pattern, strict=True):
            here = here & (same == wanted)
        if np.any(here):
            for name, kept in _by_pattern(caches, row, pattern, gets).items():
                found[name] = _where(here, kept, found.get(name))
    return found


def _where(here: NDArray[np.bool_], kept: Kept, other: Kept | None) -> Kept:
    if other is None:
        return kept
    return Kept(
        hit_ratio=np.where(here, kept.hit_ratio, other.hit_ratio)[()],
        object_rate=np.where(here, kept.object_rate, other.object_rate)[()],
    )


def _by_pattern(
    caches: Mapping[str, Cache],
    row: list[str],
    pattern: tuple[bool, ...],
    gets: Mapping[str, Numbers],
) -> Mapping[str, Kept]:
    """Caches with the same objects together, the others on their own."""
    parts = [[row[0]]]
    for name, same in zip(row[1:], pattern, strict=True):
        if same:
            parts[-1].append(name)
        else:
            parts.append([name])
    found: dict[str, Kept] = {}
    for part in parts:
        first = caches[part[0]]
        if len(part) > 1 or _by_rate(first):
            found |= _together({name: caches[name] for name in part}, gets[part[0]])
        else:
            found[part[0]] = Kept(hit_ratio=replace(first, kept=None).hit_when_warm())
    return found


def _together(caches: Mapping[str, Cache], gets: Numbers) -> Mapping[str, Kept]:
    """One row of caches with the same objects."""
    from capcalc.theory.caches import stages

    objects = next(iter(caches.values())).objects
    if objects is None:
        raise ValueError("a row of caches has objects")
    found = stages.hit_ratios(
        [stages.Catalogue(gets, objects.count, objects.zipf)],
        [
            stages.Stage(
                caches=np.maximum(cache.hosts, 1.0)[()] if cache.local else 1.0,
                capacity=cache.held(),
                max_age=[np.inf if cache.max_age is None else cache.max_age],
                scattered=True,
            )
            for cache in caches.values()
        ],
    )
    return {
        name: Kept(hit_ratio=each.hit_ratio[0][()], object_rate=each.object_rate[0][()])
        for name, each in zip(caches, found, strict=True)
    }
