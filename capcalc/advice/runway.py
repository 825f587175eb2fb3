"""How far each limit is away: the factor on today's demand at which it breaks, and when.

Where a utilization is proportional to load the factor is limit / utilization; whether it is,
is checked by solving the system there. The others (retries make it grow faster, edge caches
slower) and all latencies are found by narrowing a range of loads, many loads in one array.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from capcalc.advice.checks import Limit, Solved, latency_limits, solved, utilization_limits
from capcalc.advice.states import State, months, states
from capcalc.advice.summary import value_of
from capcalc.errors import NoVerdict, UsageError
from capcalc.model.planning import month_after
from capcalc.model.system import System
from capcalc.results.timeline import Runway
from capcalc.solve.chunks import shape_of
from capcalc.traffic.flows import StationKey
from capcalc.units import format as human

#: Points of a range of loads tried at a time, how often it is narrowed (to 33^-5 of itself),
#: and how often it may double first.
GRID, ROUNDS, DOUBLINGS = 33, 5, 40
#: A utilization is proportional to load if it comes so near to its limit where it should.
PROPORTIONAL = 1e-9
#: A smallest load, as a share of the range: what breaks there breaks at any load.
IDLE = 1e-6

_Key: TypeAlias = tuple[str, StationKey | str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """One limit at today's load, and the state in which it holds."""

    each: Solved
    limit: Limit
    most: float
    value: float


def runways(system: System) -> tuple[Runway, ...]:
    """Every limit with the load and the month at which it breaks, soonest first.

    ``max_utilization`` with everything up, ``max_utilization_after_failure`` of what each
    failure named by some tier's ``survive`` makes busier, and every latency objective in each
    of these states.

    Parameters
    ----------
    system : System
        One scenario; no field may be an array.

    Raises
    ------
    UsageError
        When a field is an array.

    Examples
    --------
    >>> import capcalc as cc
    >>> first = runways(cc.load("saas"))[0]
    >>> first.name, round(first.load_factor, 2), round(first.months, 1), first.date
    ('db replica', 1.16, 1.9, '2027-01')
    """
    if shape_of(system):
        raise UsageError("a runway is that of one scenario, not of a sweep of them")
    now = solved(system, states(system, 1.0))
    cases = list(_cases(now))
    factors = _straight(system, now, cases)
    for each in now:
        mine = [at for at, case in enumerate(cases) if case.each is each and np.isnan(factors[at])]
        if mine:
            factors[mine] = _narrowed(system, each, [cases[at] for at in mine])
    found = [_runway(system, case, float(f)) for case, f in zip(cases, factors, strict=True)]
    return tuple(sorted(found, key=lambda each: (each.load_factor, each.name)))


def runway(system: System) -> Runway:
    """The limit that breaks first; see :func:`runways`.

    Raises
    ------
    NoVerdict
        When the system has nothing that could break.
    """
    found = runways(system)
    if not found:
        raise NoVerdict("this system has no tier on hosts and no objective: nothing can break")
    return found[0]


def runway_by_tier(system: System) -> Mapping[str, Runway]:
    """The utilization limit of each tier that breaks first, the most urgent tier first."""
    return by_tier(runways(system))


def by_tier(found: Iterable[Runway]) -> Mapping[str, Runway]:
    """The first of each tier's utilization limits."""
    first: dict[str, Runway] = {}
    for each in found:
        if each.measure == "utilization":
            first.setdefault(each.subject, each)
    return first


def _cases(now: tuple[Solved, ...]) -> Iterable[_Case]:
    by_state = {each.state.name: each for each in now}
    for limit in chain(utilization_limits(now), latency_limits(now)):
        most = float(np.asarray(limit.limit))
        if np.isfinite(most):
            value = value_of(limit, now, 0)
            yield _Case(each=by_state[limit.state.name], limit=limit, most=most, value=value)


def _straight(system: System, now: tuple[Solved, ...], cases: list[_Case]) -> NDArray[np.float64]:
    """Limit / utilization where that is right, ``inf`` without load, ``nan`` elsewhere."""
    busy = [at for at, case in enumerate(cases) if case.limit.value is not None and case.value > 0]
    factors = np.full(len(cases), np.nan)
    for at, case in enumerate(cases):
        if case.limit.value is not None and case.value == 0:
            factors[at] = np.inf
    if busy:
        guess = np.array([cases[at].most / cases[at].value for at in busy])
        there = solved(system, tuple(State(failure=e.state.failure, load=guess) for e in now))
        values = {_key(limit): limit.value for limit in utilization_limits(there)}
        for position, at in enumerate(busy):
            found = _element(values.get(_key(cases[at].limit)), position)
            if abs(found / cases[at].most - 1.0) < PROPORTIONAL:
                factors[at] = guess[position]
    return factors


def _element(values: object, position: int) -> float:
    """One of an array, or the number itself; ``nan`` where there is none."""
    if values is None:
        return float("nan")
    array = np.asarray(values, dtype=float)
    return float(array if array.ndim == 0 else array[position])


def _narrowed(system: System, each: Solved, cases: list[_Case]) -> NDArray[np.float64]:
    """The largest load at which each limit of one state is kept; they only get worse with load."""
    kept = _keeper(system, each.state, cases)
    full = [float(np.max(queue.utilization)) for queue in each.queues.values()]
    today = kept(np.ones((len(cases), 1)))[:, 0]
    edge = 1.0 / max(full) if full and 0 < max(full) < np.inf else 1.0
    # From today's load: up where the limit is kept, down where it is not. Caches that forget
    # hit less at small loads, so that a limit kept today may be broken far below.
    low = np.where(today, 1.0, IDLE)
    high = np.where(today, max(edge, 2.0), 1.0)
    for _ in range(DOUBLINGS):
        still = kept(high[:, None])[:, 0]
        if not still.any():
            break
        low, high = np.where(still, high, low), np.where(still, 2.0 * high, high)
    never = kept(high[:, None])[:, 0]
    at_any_load = ~kept(low[:, None])[:, 0]
    rows = np.arange(len(cases))
    for _ in range(ROUNDS):
        loads = np.linspace(low, high, GRID, axis=-1)
        last = np.maximum(np.cumprod(kept(loads), axis=-1).sum(axis=-1) - 1, 0)
        low, high = loads[rows, last], loads[rows, np.minimum(last + 1, GRID - 1)]
    return np.where(never, np.inf, np.where(at_any_load, 0.0, low))


def _keeper(
    system: System, state: State, cases: list[_Case]
) -> Callable[[NDArray[np.float64]], NDArray[np.bool_]]:
    """Whether each limit, a row each, is kept at loads, all solved in one array."""
    keys = [_key(case.limit) for case in cases]
    busy = any(case.limit.value is not None for case in cases)
    slow = any(case.limit.value is None for case in cases)

    def kept(loads: NDArray[np.float64]) -> NDArray[np.bool_]:
        wanted = State(failure=state.failure, load=loads.ravel())
        up = State(failure=None, load=loads.ravel())
        found = solved(system, (up, wanted) if busy and state.failure else (wanted,))
        every = chain(
            utilization_limits(found) if busy else (), latency_limits(found[-1:]) if slow else ()
        )
        met = {_key(limit): limit.met for limit in every}
        shape = loads.shape
        return np.stack(
            [
                np.broadcast_to(met[key], loads.size).reshape(shape)[at]
                for at, key in enumerate(keys)
            ]
        )

    return kept


def _key(limit: Limit) -> _Key:
    return limit.state.name, limit.subject, limit.measure


def _runway(system: System, case: _Case, factor: float) -> Runway:
    broken = not bool(np.all(case.limit.met))
    away = 0.0 if broken else max(0.0, months(system, factor))
    start = system.demand.start
    subject, role = _subject(case.limit)
    return Runway(
        subject=subject,
        role=role,
        measure=case.limit.measure,
        state=case.limit.state.name,
        limit=case.most,
        value=case.value,
        load_factor=factor,
        months=away,
        date=None if start is None or not np.isfinite(away) else month_after(start, away),
        binds=_binds(case, subject, role),
    )


def _subject(limit: Limit) -> tuple[str, str]:
    return (limit.subject, "") if isinstance(limit.subject, str) else limit.subject


def _binds(case: _Case, subject: str, role: str) -> str:
    """E.g. ``db primary is 57.3 % busy (limit 70 %); 100 % of it is writes``."""
    when = "" if case.limit.state.failure is None else f" when {case.limit.state.name}"
    if case.limit.value is None:
        if np.isinf(case.value):
            return f"{subject} {case.limit.measure} has no bound{when}: a tier is overloaded"
        shown, most = human.apart(case.value, case.most, human.duration)
        return f"{subject} {case.limit.measure} is {shown}{when} (limit {most})"
    shown, most = human.apart(case.value, case.most, human.share)
    name = f"{subject} {role}".strip()
    return f"{name} is {shown} busy{when} (limit {most}){_most_of_it(case.each, (subject, role))}"


def _most_of_it(each: Solved, key: StationKey) -> str:
    """The kind of work that takes most of a station's time, where it has several kinds."""
    parts: dict[str, float] = {}
    for piece in each.coming.work:
        if piece.station == key:
            time = float(np.asarray(piece.rate * np.asarray(piece.step.service_time)))
            parts[piece.label] = parts.get(piece.label, 0.0) + time
    total = sum(parts.values())
    if len(parts) < 2 or total <= 0:
        return ""
    label, time = max(parts.items(), key=lambda part: part[1])
    return f", {human.share(time / total)} of it {label}"
