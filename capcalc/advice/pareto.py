"""What less latency and more headroom cost, beyond what the objectives ask.

Each point is an optimum of its own: the cheapest plan that keeps all limits and one bound more,
found by the exact search. So no plan is cheaper than a point and as good; between two bounds
there may be further points.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from capcalc.advice import search
from capcalc.advice.checks import SLACK, Limit, Solved, solved
from capcalc.advice.options import Options, applied, options
from capcalc.advice.search import Search
from capcalc.advice.states import State, planned_load, states
from capcalc.errors import UsageError
from capcalc.model.system import System
from capcalc.results.advice import Choice
from capcalc.results.pareto import Pareto, Point
from capcalc.solve.chunks import shape_of
from capcalc.solve.cost import cdn_per_month
from capcalc.solve.requests import law_of
from capcalc.units import format as human

#: Shares that are left of what the cheapest plan's p99 is above the fastest's.
LEFT = (0.5, 0.25, 0.125, 0.0625)
#: Multiples of the cheapest plan's headroom.
TIMES = (1.25, 1.5, 2.0, 3.0)
#: A p99 that machines can better by less than this share is not worth a search.
WORTH = 0.01
TODAY = State(failure=None, load=1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounded(Search):
    """A search with a bound more, on today's load with everything up."""

    p99: float = np.inf
    busy: float = np.inf

    def solved(self, chosen: Mapping[str, Options]) -> tuple[Solved, ...]:
        """All states, and today's behind them."""
        return solved(applied(self.system, chosen), (*self.states, TODAY))

    def limits(self, found: tuple[Solved, ...]) -> Iterator[Limit]:
        """All limits of the search, and the bounds."""
        *asked, today = found
        yield from Search.limits(self, tuple(asked))
        if np.isfinite(self.busy):
            for key, queue in today.queues.items():
                met = np.asarray(queue.utilization) <= self.busy * (1 + SLACK)
                yield Limit(
                    state=TODAY,
                    subject=key,
                    measure="headroom",
                    limit=self.busy,
                    value=queue.utilization,
                    met=met,
                )
        if np.isfinite(self.p99):
            for name in _classes(today):
                beyond, _ = law_of(today.coming, today.queues, name).survival(self.p99)
                yield Limit(
                    state=TODAY,
                    subject=name,
                    measure="p99",
                    limit=self.p99,
                    value=None,
                    met=np.asarray(beyond) <= 0.01 * (1 + SLACK),
                )


def _classes(today: Solved) -> list[str]:
    """The classes with an objective; all where none has one."""
    return list(today.system.objectives.requests) or list(today.coming.classes)


def pareto(system: System) -> Pareto:
    """The cheapest plans for less and less p99, and for more and more headroom.

    Parameters
    ----------
    system : System
        One scenario; no field may be an array.

    Returns
    -------
    Pareto
        Each point is the cheapest plan for its bound and keeps all that ``advise`` keeps. A
        front ends where no plan keeps the next bound, or where the search would be too long.

    Raises
    ------
    UsageError
        When a field is an array.
    """
    if shape_of(system):
        raise UsageError("the Pareto front is of one scenario, not of a sweep of them")
    wanted = Bounded(system=system, states=states(system, planned_load(system)))
    every = options(system)
    lost = search.out_of_reach(wanted, every)
    waived = frozenset((each.state.name, each.subject, each.measure) for each in lost)
    within = replace(wanted, waived=waived)
    start, _ = _cheapest(within, every)
    roomy = search.roomiest(within, every)
    fastest = float(_measured(within, roomy)[0][0])
    if start is None:
        return Pareto(name=system.name, points=(), fastest=fastest, nearest=bool(lost))
    found, ends = _found(within, every, start, fastest)
    points = _points(within, every, found)
    return Pareto(
        name=system.name,
        points=points,
        fastest=fastest,
        nearest=bool(lost),
        sentences=(*_sentences(points, fastest), *ends),
    )


def _cheapest(
    within: Bounded, every: Mapping[str, Options]
) -> tuple[Mapping[str, int] | None, bool]:
    """The optimum's positions, None where there is none; whether that is proved."""
    useful = search.useful(within, every)
    try:
        best = search.cheapest(within, useful)
    except search.TooMany:
        return None, False
    if best is None:
        return None, True
    return {name: int(useful[name].origin[at]) for name, at in best.items()}, True


def _found(
    within: Bounded, every: Mapping[str, Options], start: Mapping[str, int], fastest: float
) -> tuple[list[tuple[str, float | None, Mapping[str, int]]], list[str]]:
    """Front, bound and positions of every point; and why a front ends early."""
    p99, headroom = (float(each[0]) for each in _measured(within, _stacked(every, [start])))
    able = np.isfinite(p99) and fastest < p99 * (1 - WORTH)
    slower = [fastest + left * (p99 - fastest) for left in LEFT] if able else []
    asked: dict[str, Sequence[tuple[float, Bounded]]] = {
        "p99": [(bound, replace(within, p99=bound)) for bound in slower],
        "headroom": [
            (times * headroom, replace(within, busy=1.0 / (times * headroom))) for times in TIMES
        ],
    }
    found: list[tuple[str, float | None, Mapping[str, int]]] = []
    ends = []
    for front, bounds in asked.items():
        found.append((front, None, start))
        for bound, narrower in bounds:
            positions, proved = _cheapest(narrower, every)
            if positions is None:
                ends.append(_end(front, bound, proved))
                break
            found.append((front, bound, positions))
    return found, ends


def _end(front: str, bound: float, proved: bool) -> str:
    what = (
        f"a p99 of {human.duration(bound)}"
        if front == "p99"
        else f"a headroom of {human.significant(bound)}"
    )
    if proved:
        return f"no plan has {what} within the counts and instances allowed"
    return (
        f"whether a plan has {what} is not known: more than {search.MOST_TRIED:,} cheaper "
        "combinations miss it"
    )


def _stacked(
    every: Mapping[str, Options], plans: Sequence[Mapping[str, int]]
) -> dict[str, Options]:
    return {
        name: option.picked(np.array([plan[name] for plan in plans]))
        for name, option in every.items()
    }


def _measured(
    within: Bounded, chosen: Mapping[str, Options]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Worst p99 and headroom of each plan, today, everything up."""
    (today,) = solved(applied(within.system, chosen), (TODAY,))
    size = len(next(iter(chosen.values())))
    tails = [law_of(today.coming, today.queues, name).quantile(0.99) for name in _classes(today)]
    busy = [queue.utilization for queue in today.queues.values()]
    worst = np.max([np.broadcast_to(each, size) for each in tails], axis=0)
    most = np.max([np.broadcast_to(each, size) for each in busy], axis=0)
    with np.errstate(divide="ignore"):
        return worst, 1.0 / most


def _points(
    within: Bounded,
    every: Mapping[str, Options],
    found: Sequence[tuple[str, float | None, Mapping[str, int]]],
) -> tuple[Point, ...]:
    """The plans in numbers, each once a front and none beaten by another there."""
    p99, headroom = _measured(within, _stacked(every, [positions for *_, positions in found]))
    edge = _edge(within.system)
    points: list[Point] = []
    for at, (front, bound, positions) in enumerate(found):
        choices = tuple(every[name].choice(within.system, each) for name, each in positions.items())
        point = _point(front, bound, choices, float(p99[at]), float(headroom[at]), edge)
        if not any(each.front == front and each.choices == choices for each in points):
            points.append(point)
    return tuple(point for point in points if not any(_beats(each, point) for each in points))


def _point(
    front: str,
    bound: float | None,
    choices: tuple[Choice, ...],
    p99: float,
    headroom: float,
    edge: float,
) -> Point:
    costs = [each.cost for each in choices if each.cost is not None]
    return Point(
        front=front,
        bound=bound,
        cost=sum(costs) + edge if costs else None,
        unpriced_servers=sum(each.hosts * each.servers for each in choices if each.cost is None),
        p99=p99,
        headroom=headroom,
        choices=choices,
    )


def _edge(system: System) -> float:
    """The CDN's share of the cost, the same in every plan. [USD per month]"""
    names = [name for name, tier in system.tiers.items() if tier.kind == "cdn"]
    return float(sum(cdn_per_month(system, name) or 0.0 for name in names))


def _gain(point: Point) -> float:
    """What the point's front is about, the more the better."""
    return point.headroom if point.front == "headroom" else -point.p99


def _beats(one: Point, other: Point) -> bool:
    """Whether a point of the same front is at least as good in both, and better in one."""
    better = (one.price, -_gain(one)), (other.price, -_gain(other))
    no_worse = one.price <= other.price and _gain(one) >= _gain(other)
    return one.front == other.front and no_worse and better[0] != better[1]


def _sentences(points: Sequence[Point], fastest: float) -> Iterator[str]:
    """What the next step on each front buys, and where the p99 ends."""
    tails = [point for point in points if point.front == "p99"]
    rooms = [point for point in points if point.front == "headroom"]
    if len(tails) > 1:
        shown, less = human.apart(tails[0].p99, tails[1].p99, human.duration)
        yield f"a p99 of {less} instead of {shown} costs {_more(tails[0], tails[1])}"
    if len(rooms) > 1:
        shown, more = human.apart(rooms[0].headroom, rooms[1].headroom, human.significant)
        yield f"headroom of {more} instead of {shown} costs {_more(rooms[0], rooms[1])}"
    if tails and np.isfinite(tails[0].p99):
        yield _own_tail(tails[0].p99, fastest)


def _own_tail(p99: float, fastest: float) -> str:
    """How much of a p99 machines can take away."""
    gain = max(0.0, 1.0 - fastest / p99)
    if gain < WORTH:
        return (
            f"the cheapest plan's p99 of {human.duration(p99)} is within {human.share(WORTH)} of "
            "the one with every tier at its largest: it is the service times' own tail, more "
            "hosts will not fix it"
        )
    return (
        f"with every tier at its largest the p99 is {human.duration(fastest)}: machines can take "
        f"{human.share(gain)} off the cheapest plan's, the rest is the service times' own tail"
    )


def _more(cheap: Point, dear: Point) -> str:
    if cheap.cost is None or dear.cost is None:
        return f"{dear.unpriced_servers - cheap.unpriced_servers} servers more"
    money = f"{human.dollars(dear.cost - cheap.cost)} a month more"
    servers = dear.unpriced_servers - cheap.unpriced_servers
    return f"{money} and {servers} unpriced servers more" if servers > 0 else money
