"""What timeouts, retries and finite room come to, in numbers and in words."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from capcalc.model.system import System
from capcalc.results.solution import FactResult
from capcalc.solve.loads import Loads, Tries
from capcalc.solve.stations import CRITICAL
from capcalc.units import format as human
from capcalc.units.types import Numbers

#: From 1, the scv of exponential service, so far is still like it.
UNLIKE = 0.5
_SOURCE = "A = 1 + p + ... + p^r, p by the load that A makes"


def facts(loads: Loads) -> Iterator[FactResult]:
    """What is turned away; tries, timeouts and visits without an answer, tier by tier."""
    for (name, _), queue in loads.queues.items():
        if queue.station.patience is not None:
            yield FactResult(
                tier=name,
                name="abandoned",
                value=queue.rejected,
                kind="share",
                says="give up waiting, their work is taken back",
                source="M/M/k+D per host, P(virtual wait > timeout) (Barrer 1957)",
            )
        elif queue.station.room is not None:
            yield FactResult(
                tier=name,
                name="rejected",
                value=queue.rejected,
                kind="share",
                says="turned away for want of a place",
                source="M/M/k/K per host, p_K",
            )
    for name, tries in loads.tries.items():
        yield _fact(name, "timed_out", tries.timed_out, "share", "tries that time out")
        yield _fact(name, "attempts", tries.attempts, "number", "tries of one visit")
        yield _fact(name, "unanswered", tries.unanswered, "share", "visits never answered in time")
        if np.any(tries.metastable):
            says = "tries of one visit after a backlog, for good"
            value = tries.congested_attempts
            yield _fact(name, "congested_attempts", value, "number", says)


def _fact(tier: str, name: str, value: Numbers, kind: str, says: str) -> FactResult:
    return FactResult(tier=tier, name=name, value=value, kind=kind, says=says, source=_SOURCE)


def cautions(system: System, loads: Loads) -> Iterator[str]:
    """Retries that can keep a system down, and what percentiles then mean."""
    for (name, _), queue in loads.queues.items():
        lawful = np.all(np.abs(np.asarray(queue.scv) - 1.0) <= UNLIKE)
        if queue.station.patience is not None and not lawful:
            yield (
                f"{name}: its service times' scv is not 1; waits there are those of exponential "
                "service all the same, since what waits too long is taken back"
            )
    for name, tries in loads.tries.items():
        yield from _of_tier(system, loads, name, tries)
    if loads.tries:
        names = ", ".join(loads.tries)
        yield (
            f"retries of {names}: loads include them, percentiles are those of a single try. An "
            "approximation for tries that come back after a long back-off (up to 6 % more tries "
            "in simulations, as timeouts cluster); tries repeated at once meet the same queue: "
            "1.72 instead of 1.16 tries a visit at 30 % load, a timeout of 3 services, 2 retries"
        )


def _of_tier(system: System, loads: Loads, name: str, tries: Tries) -> Iterator[str]:
    retries = getattr(system.tiers[name], "retries", None)
    if retries is None or np.ndim(tries.attempts) or np.ndim(retries):
        return
    most = 1.0 + float(retries)
    collapsed = any(
        float(np.asarray(queue.utilization)) >= CRITICAL
        for (tier, _), queue in loads.queues.items()
        if tier == name
    )
    taken_back = system.tiers[name].patience() is not None  # type: ignore[union-attr]
    if taken_back:
        if collapsed:
            shown = human.share(float(np.asarray(tries.timed_out)))
            yield (
                f"{name} is asked for more than it can serve; it stays up, since {shown} of the "
                "tries give up waiting and are taken back"
            )
    elif collapsed and float(tries.attempts) > 1.0:
        yield (
            f"{name} collapses under its retries: all time out, {human.significant(most)} tries a "
            "visit and no answer in time; only load turned away or fewer retries end it"
        )
    elif bool(tries.metastable):
        yield (
            f"{name} is metastable: after any backlog the same load may stay for good in a state "
            f"of {human.significant(float(tries.congested_attempts))} tries a visit. It is safe "
            f"only while {human.significant(most)} times its visits can be served: allow fewer "
            "retries (a budget), or cancel the work of those who have given up"
        )
