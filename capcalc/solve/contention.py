"""Cores of a host that slow each other down: how many are best, and what one of them still does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from capcalc.model.system import System
from capcalc.results.solution import FactResult
from capcalc.solve.stations import Queue
from capcalc.traffic.flows import StationKey
from capcalc.units.format import share, significant
from capcalc.units.types import Numbers

_SOURCE = "Universal Scalability Law (Gunther 1993, 2007)"


def facts(system: System) -> Iterator[FactResult]:
    """Of every tier with ``scaling``: its best number of cores, and what is left of a core."""
    for name, tier in system.owners().items():
        if tier.scaling is None:
            continue
        servers = system.servers(name)
        peak = f"sqrt((1 - contention) / coherency), a whole number; {_SOURCE}"
        says = "cores of one host beyond which it serves less"
        yield _fact(name, "peak_cores", tier.scaling.best(), "number", says, peak)
        says = "of a lone core's speed is left to each core"
        law = f"1 / (1 + contention (n - 1) + coherency n (n - 1)); {_SOURCE}"
        yield _fact(name, "core_efficiency", tier.scaling.kept(servers), "share", says, law)


def _fact(tier: str, name: str, value: Numbers, kind: str, says: str, source: str) -> FactResult:
    return FactResult(tier=tier, name=name, value=value, kind=kind, says=says, source=source)


def cautions(system: System) -> Iterator[str]:
    """Hosts with more cores than are best for them."""
    for name, tier in system.owners().items():
        if tier.scaling is None:
            continue
        scaling, servers = tier.scaling, system.servers(name)
        with np.errstate(all="ignore"):
            best = scaling.best()
            alone = np.divide(best, scaling.slowdown(best))
            gain = np.divide(alone * scaling.slowdown(servers), servers) - 1.0
        now, most, more = np.broadcast_arrays(servers, best, gain)
        over = np.where(now > most, now, -np.inf)
        if not np.any(over > 0):
            continue
        # of a sweep the one with most cores
        at = np.unravel_index(np.argmax(over), over.shape)
        yield (
            f"{name}: {significant(now[at])} cores in a host are beyond its peak of "
            f"{significant(most[at])}: a host of {significant(most[at])} carries "
            f"{share(more[at])} more; add hosts, not cores"
        )


def assumptions(queues: Mapping[StationKey, Queue], system: System) -> Iterator[str]:
    """How service times follow from those of a lone core."""
    names = [
        name
        for name, tier in system.owners().items()
        if tier.scaling is not None and any(key[0] == name for key in queues)
    ]
    if names:
        yield (
            f"cores of {', '.join(names)}: with n cores in a host every service takes "
            "1 + contention (n - 1) + coherency n (n - 1) times as long as on a lone core "
            "(Gunther 1993, 2007), however many of them are busy: pessimistic for waits at low "
            "load; as good as the two numbers, which `scaling` has to have from measurements of "
            "the same software."
        )
