"""What all stations are asked for, retries of what timed out included."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from capcalc.model import routes
from capcalc.model.system import System
from capcalc.solve.requests import law_from
from capcalc.solve.stations import Queue, queues
from capcalc.traffic.flows import Attempts, Flows, StationKey, flows
from capcalc.traffic.tuned import tuned
from capcalc.units.types import Numbers

#: Rounds at most, and the relative change of a number of attempts that is none.
ROUNDS, CLOSE = 400, 1e-10
#: Two fixed points that differ by more than this are two.
APART = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Tries:
    """Visits to a tier whose caller gives up after a time.

    Attributes
    ----------
    attempts : float or ndarray
        Tries of one visit on average.
    timed_out : float or ndarray
        Share of tries that take longer.
    unanswered : float or ndarray
        Share of visits of which every try times out.
    congested_attempts : float or ndarray
        Tries in the worst state in which the same load can stay; as ``attempts`` where there
        is no other state.
    """

    attempts: Numbers
    timed_out: Numbers
    unanswered: Numbers
    congested_attempts: Numbers

    @property
    def metastable(self) -> NDArray[np.bool_]:
        """Where the same load may also stay in a worse state."""
        return np.asarray(
            np.greater(self.congested_attempts, np.multiply(self.attempts, 1 + APART))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Loads:
    """Flows, the stations that they load, and the tries of visits that time out.

    ``system`` knows how much its caches hit.
    """

    system: System
    flows: Flows
    queues: Mapping[StationKey, Queue]
    tries: Mapping[str, Tries] = field(default_factory=dict)


def loads(system: System, *, after_backlog: bool = True) -> Loads:
    """Flows and stations; where there are retries, in the better state that they lead to.

    The tries follow from the load and the load from the tries: with p the share of tries that
    take longer than the timeout and r retries,

    .. math:: A = \\sum_{i=0}^{r} p^i

    iterated from no retries upwards and, for the state that a backlog leads to, from all
    retries downwards. What has timed out is still worked off. An approximation for tries that
    come back after a back-off of many service times: the true number was up to 6 % higher in
    simulations, as timeouts cluster; repeated at once, tries meet the same queue and are many
    more. The second state is sought only where it is asked for (``after_backlog``).
    """
    system = tuned(system)
    limits = {
        name: tier
        for name, tier in system.tiers.items()
        if getattr(tier, "timeout", None) is not None
    }
    if not limits:
        coming = flows(system)
        return Loads(system=system, flows=coming, queues=queues(system, coming))
    most = {name: np.add(1.0, _retries(tier)) for name, tier in limits.items()}
    better = _settled(system, {name: np.ones_like(tries) for name, tries in most.items()})
    worse = _settled(system, most) if after_backlog else better
    coming = flows(system, better)
    solved = queues(system, coming)
    late = _late(system, coming, solved, better)
    tries = {
        name: Tries(
            attempts=np.asarray(better[name])[()],
            timed_out=late[name],
            unanswered=np.power(late[name], most[name])[()],
            congested_attempts=np.maximum(worse[name], better[name])[()],
        )
        for name in limits
    }
    return Loads(system=system, flows=coming, queues=solved, tries=tries)


def _retries(tier: object) -> Numbers:
    retries: Numbers | None = getattr(tier, "retries", None)
    return 0.0 if retries is None else retries


def _settled(system: System, start: Mapping[str, Numbers]) -> dict[str, Numbers]:
    """The tries that bring themselves about, from a start; elements settle on their own."""
    attempts = dict(start)
    if all(np.all(_retries(system.tiers[name]) == 0) for name in attempts):
        return attempts
    going = np.asarray(True)
    for _ in range(ROUNDS):
        coming = flows(system, attempts)
        late = _late(system, coming, queues(system, coming), attempts)
        fresh = {name: _tries(late[name], _retries(system.tiers[name])) for name in attempts}
        change = np.asarray(0.0)
        for name, tries in fresh.items():
            change = np.maximum(change, np.abs(np.asarray(tries) / attempts[name] - 1.0))
        attempts = {name: np.where(going, fresh[name], attempts[name]) for name in attempts}
        going = going & (change > CLOSE)
        if not np.any(going):
            break
    return attempts


def _tries(late: Numbers, retries: Numbers) -> Numbers:
    """1 + p + ... + p^r, for whole and other r."""
    p = np.asarray(late, dtype=float)
    one = p >= 1.0 - 1e-12
    sums = -np.expm1(np.add(retries, 1.0) * np.log(np.where(p > 0, np.where(one, 0.5, p), 0.5)))
    found = sums / (1.0 - np.where((p > 0) & ~one, p, 0.5))
    return np.where(one, np.add(1.0, retries), np.where(p > 0, found, 1.0))[()]


def _late(
    system: System, coming: Flows, solved: Mapping[StationKey, Queue], attempts: Attempts
) -> dict[str, Numbers]:
    """Share of the visits to each tier that take longer than its timeout, all classes together.

    Where what has timed out is taken back it is those who would have waited longer.
    """
    late: dict[str, Numbers] = {}
    for name in attempts:
        if system.tiers[name].patience() is not None:  # type: ignore[union-attr]
            late[name] = solved[routes.station_of(system, name, "")].rejected
            continue
        limit = getattr(system.tiers[name], "timeout")  # noqa: B009  (kinds without it are not here)
        total, over = np.asarray(0.0), np.asarray(0.0)
        for flow in coming.classes.values():
            for node in flow.paths:
                if node[0] != name:
                    continue
                rate = np.asarray(flow.origin_rate * flow.visits[node])
                tail = law_from(coming, solved, flow.name, node).survival(limit)[0]
                total, over = total + rate, over + rate * np.clip(tail, 0.0, 1.0)
        late[name] = np.where(total > 0, over / np.where(total > 0, total, 1.0), 0.0)[()]
    return late
