"""How much every cache hits, where that hangs on what reaches it: all of a row together.

A cache never sees what the one before it answered, so that hit ratios of a row follow from each
other, object by object, and are never multiplied (``theory.caches.stages``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from capcalc.model import routes
from capcalc.model.components import Browser, Cdn, ReverseProxy
from capcalc.model.components._edge import Kept
from capcalc.model.demand import RequestClass
from capcalc.model.system import System
from capcalc.traffic import cache_rows
from capcalc.traffic.rates import peak_rates
from capcalc.units.types import Numbers

#: Tiers that keep answers of request classes.
KEEPING = (Browser, Cdn, ReverseProxy)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """One stage of the row: the tier that it belongs to, and whether it is its second cache."""

    tier: str
    shield: bool
    caches: Numbers
    capacity: Numbers
    max_age: Numbers | None
    scattered: bool


def tuned(system: System) -> System:
    """The same system, knowing how much every cache answers of what reaches it.

    Nothing is done where all hit ratios are given, or known already.
    """
    return cache_rows.tuned(_before_origin(system))


def _before_origin(system: System) -> System:
    """The caches that answer whole requests: browsers, the CDN, proxies."""
    asked = {
        name: tier
        for name, tier in system.tiers.items()
        if isinstance(tier, KEEPING) and tier.answering
    }
    if all(not tier.modelled or tier.kept is not None for tier in asked.values()):
        return system
    kinds = system.demand.requests
    names = [name for name, each in kinds.items() if each.edge_cacheable]
    row = [place for name, tier in asked.items() for place in _places(system, name, tier)]
    kept = _kept(system, names, row) if names else {}
    tiers: dict[str, Any] = dict(system.tiers)
    for name in asked:
        tiers[name] = replace(tiers[name], kept=kept.get(name, {}))
    return replace(system, tiers=tiers)


def _places(system: System, name: str, tier: Browser | Cdn | ReverseProxy) -> list[_Place]:
    """The caches of one tier."""
    if isinstance(tier, Browser):
        return [_place(name, tier, _clients(system, tier), np.inf)]
    room = _room(system, tier)
    if isinstance(tier, ReverseProxy):
        by_key = routes.balancing(system, name) == "hash"
        caches: Numbers = 1.0 if by_key else np.maximum(tier.hosts, 1.0)[()]
        whole = np.multiply(room, tier.hosts if by_key else 1.0)[()]
        return [_place(name, tier, caches, whole, scattered=True)]
    found = [_place(name, tier, 1.0 if tier.edges is None else tier.edges, room)]
    if tier.shield_capacity is not None:
        found.append(_place(name, tier, 1.0, tier.shield_capacity, shield=True))
    return found


def _place(
    name: str,
    tier: Browser | Cdn | ReverseProxy,
    caches: Numbers,
    capacity: Numbers,
    *,
    shield: bool = False,
    scattered: bool = False,
) -> _Place:
    return _Place(
        tier=name,
        shield=shield,
        caches=caches,
        capacity=capacity,
        max_age=tier.max_age,
        scattered=scattered,
    )


def _clients(system: System, tier: Browser) -> Numbers:
    users = system.demand.daily_active_users if tier.clients is None else tier.clients
    if users is None:
        raise ValueError("a browser cache without a hit_ratio needs a number of clients")
    return np.maximum(users, 1.0)[()]


def _room(system: System, tier: Cdn | ReverseProxy) -> Numbers:
    """Objects that one cache has room for."""
    if tier.capacity is not None:
        return tier.capacity
    if tier.memory is None:
        return np.inf
    return np.divide(tier.memory, _mean_size(system))[()]


def _mean_size(system: System) -> Numbers:
    """Mean bytes of the objects that classes ask for, by how many of them there are."""
    total: Numbers = 0.0
    count: Numbers = 0.0
    for each in system.demand.requests.values():
        if each.edge_cacheable and each.objects is not None:
            size = each.size if each.objects.size is None else each.objects.size
            total = np.add(total, np.multiply(each.objects.count, 0.0 if size is None else size))
            count = np.add(count, each.objects.count)
    return np.divide(total, count)[()]


def _kept(
    system: System, names: Sequence[str], row: Sequence[_Place]
) -> Mapping[str, Mapping[str, Kept]]:
    """What each tier does with each class."""
    from capcalc.theory.caches import stages

    kinds, rates = system.demand.requests, peak_rates(system.demand)
    catalogues = [_catalogue(system, rates[name], kinds[name]) for name in names]
    found = stages.hit_ratios(
        catalogues,
        [
            stages.Stage(
                caches=place.caches,
                capacity=place.capacity,
                max_age=[_age(place, kinds[name]) for name in names],
                scattered=place.scattered,
            )
            for place in row
        ],
    )
    kept: dict[str, dict[str, Kept]] = {}
    for place, passed in zip(row, found, strict=True):
        mine = kept.setdefault(place.tier, {})
        for at, name in enumerate(names):
            hit = passed.hit_ratio[at][()]
            if place.shield:
                before = mine[name]
                went_on = 1.0 - np.asarray(before.hit_ratio)
                unchanged = np.multiply(went_on, passed.unchanged[at])[()]
                mine[name] = replace(before, shield=hit, unchanged=unchanged)
            else:
                mine[name] = Kept(
                    hit_ratio=hit,
                    stale=passed.stale[at][()],
                    unchanged=passed.unchanged[at][()],
                    object_rate=passed.object_rate[at][()],
                )
    return kept


def _age(place: _Place, request: RequestClass) -> Numbers:
    own = request.max_age if place.max_age is None else place.max_age
    return np.inf if own is None else own


def _catalogue(system: System, rate: Numbers, request: RequestClass) -> Any:
    from capcalc.theory.caches import stages

    if request.objects is None:
        raise ValueError("a class whose hits are to follow needs objects")
    users = system.demand.daily_active_users
    window, every = request.stale_while_revalidate, request.changes_every
    return stages.Catalogue(
        request_rate=rate,
        objects=request.objects.count,
        exponent=request.objects.zipf,
        owners=1.0 if not request.personal or users is None else np.maximum(users, 1.0)[()],
        change_rate=0.0 if every is None else np.divide(1.0, every)[()],
        stale_window=0.0 if window is None else window,
    )
