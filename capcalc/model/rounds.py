"""Where the customers of a class get to in a network, and whether they can leave it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from capcalc.model.network import EXIT, Network
from capcalc.units.types import Numbers

#: A row of probabilities that misses 1 by less leads nowhere else.
NEAR = 1e-9


def reached(network: Network, name: str) -> set[str]:
    """Stations that a class gets to from where it comes in."""
    start = {to for to, share in network.entry(name).items() if _any(share)}
    return _spread(start, _onward(network, name))


def trapped(network: Network, name: str, end: str | None = None) -> list[str]:
    """Stations that a class gets to and from which no way leads out, in file order.

    ``end`` is a station at which a round is over, as if one left there.
    """
    rows, onward = network.rows(name), _onward(network, name)
    leaves = {station for station in onward if _any(leaving(rows.get(station, {})) - NEAR)}
    if end is not None:
        leaves.add(end)
    back: dict[str, list[str]] = {station: [] for station in onward}
    for station, targets in onward.items():
        for target in targets:
            back[target].append(station)
    free, here = _spread(leaves, back), reached(network, name)
    return [station for station in network.stations if station in here and station not in free]


def leaving(row: Mapping[str, Numbers]) -> Numbers:
    """The probability that a visit is the last."""
    if EXIT in row:
        return row[EXIT]
    return 1.0 - sum((np.asarray(share) for share in row.values()), start=np.asarray(0.0))


def _onward(network: Network, name: str) -> dict[str, list[str]]:
    rows = network.rows(name)
    return {
        station: [to for to, share in rows.get(station, {}).items() if to != EXIT and _any(share)]
        for station in network.stations
    }


def _any(share: Numbers) -> bool:
    return bool(np.any(np.asarray(share) > 0))


def _spread(start: set[str], onward: Mapping[str, list[str]]) -> set[str]:
    seen, waiting = set(start), list(start)
    while waiting:
        for target in onward[waiting.pop()]:
            if target not in seen:
                seen.add(target)
                waiting.append(target)
    return seen
