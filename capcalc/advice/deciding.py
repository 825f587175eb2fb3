"""What decided between growing a tier vertically and horizontally, found by leaving it out.

Each requirement and each term of the cost is left out alone, everything else kept; what then
makes the other way the cheaper one (or as cheap) has decided. Where nothing alone does, the
machines themselves have: what each way buys, in servers and in dollars for each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from capcalc.advice import search
from capcalc.advice.deciding_ways import Without, in_turn
from capcalc.advice.deciding_words import sentence
from capcalc.advice.found import Found
from capcalc.advice.next_step import NextStep, next_steps
from capcalc.advice.options import Options
from capcalc.advice.search import Search
from capcalc.advice.ways import Outcome, Ways, both, judged, outcome
from capcalc.results.advice import Choice
from capcalc.results.deciding import Counterfactual, Deciding

#: What did not flip the order but makes so much of the difference is named. Share.
MUCH = 0.5
#: Requirements that alone may make a tier grow.
NEEDS = ("n_plus_one", "single_point", "failure_elsewhere", "write_replay", "latency")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One tier's decision: its two ways at the load where it falls due."""

    ways: Ways
    others: Mapping[str, Options]
    load: float
    found: Outcome

    @property
    def now(self) -> Choice:
        """What runs today."""
        return self.ways.option.choice(self.ways.within.system, self.ways.option.today)


def deciding(
    within: Search, every: Mapping[str, Options], found: Found, stays: Mapping[str, bool]
) -> Mapping[str, Deciding | None]:
    """What decided each tier's way to grow.

    Parameters
    ----------
    within : Search
        At the load planned for.
    stays : mapping of str to bool
        Whether today's machines of each tier will do; then the first load at which they do not
        is looked at, with all other tiers at their largest.

    Returns
    -------
    mapping of str to Deciding or None
        None where nothing ever makes a tier grow.
    """
    staying = [name for name, stay in stays.items() if stay]
    rest = search.roomiest(within, every) if staying else {}
    steps = next_steps(within, every, rest, staying) if staying else {}
    return {
        name: _decided(_next(steps.get(name), every, rest, name), stays=True)
        if stay
        else _decided(_now(within, every, found, name), stays=False)
        for name, stay in stays.items()
    }


def _decided(case: Case | None, *, stays: bool) -> Deciding | None:
    """What decided one case."""
    if case is None:
        return None
    tried = tuple(_weighed(case, each) for each in in_turn(case.ways, case.others, case.found))
    best = _main(case.found, tried, case.now)
    return Deciding(
        load_factor=case.load,
        cheaper=case.found.cheaper,
        vertical=case.found.vertical,
        horizontal=case.found.horizontal,
        vertical_cost=case.found.vertical_cost,
        horizontal_cost=case.found.horizontal_cost,
        priced=case.ways.option.priced,
        kind=_kind(case.found, best),
        explains=None if best is None else best.explains,
        main=best,
        counterfactuals=tried,
        sentence=sentence(case.ways, case.load, case.found, best, stays=stays),
    )


def _now(within: Search, every: Mapping[str, Options], found: Found, name: str) -> Case:
    """At the planned load, the other tiers as in the tier's own plans."""
    option, may = both(every[name])
    bases = [found.base, found.whole["mixed"] or {}]
    cases = []
    for base in bases:
        if set(base) == set(every):
            rest = {other: search.one(each, base[other]) for other, each in every.items()}
            ways = judged(within, option, may, rest)
            cases.append(
                Case(ways=ways, others=rest, load=_load(within), found=outcome(ways)),
            )
    told = {kind: found.tiers[name].get(kind) for kind in may}
    return next((case for case in cases if case.found.positions == told), cases[0])


def _load(within: Search) -> float:
    return float(np.max(within.states[0].load))


def _next(
    step: NextStep | None, every: Mapping[str, Options], rest: Mapping[str, Options], name: str
) -> Case | None:
    """Just beyond what today's machines carry, the other tiers at their largest."""
    if step is None:
        return None
    option, may = both(every[name])
    ways = judged(step.within, option, may, rest)
    return Case(ways=ways, others=rest, load=step.load, found=outcome(ways))


def _weighed(case: Case, without: Without) -> Counterfactual:
    """One counterfactual against what is."""
    then = without.outcome
    stays = _as_today(then, case.now)
    return Counterfactual(
        kind=without.kind,
        without=without.words,
        cheaper=then.cheaper,
        vertical=then.vertical,
        horizontal=then.horizontal,
        vertical_cost=then.vertical_cost,
        horizontal_cost=then.horizontal_cost,
        decides=not stays and _turned(case.found, then),
        explains=None if stays else _explained(case.found, then),
    )


def _as_today(then: Outcome | Counterfactual, now: Choice) -> bool:
    """Whether nothing has to grow then, which says little on how to grow."""
    return then.vertical == now and then.horizontal == now


def _turned(found: Outcome, then: Outcome) -> bool:
    """Whether another way wins, or what was impossible is possible."""
    if found.cheaper is None or found.cheaper == "same":
        return found.cheaper != then.cheaper
    if then.cheaper is None:
        return False
    return then.cheaper != found.cheaper


def _signed(found: Outcome) -> float:
    return found.horizontal_cost - found.vertical_cost


def _explained(found: Outcome, then: Outcome) -> float | None:
    """How much of the difference goes."""
    with np.errstate(invalid="ignore"):
        before, after = _signed(found), _signed(then)
    if not (np.isfinite(before) and np.isfinite(after)) or found.cheaper in (None, "same"):
        return None
    return 1.0 - after / before


def _main(found: Outcome, tried: tuple[Counterfactual, ...], now: Choice) -> Counterfactual | None:
    """What decided: the first that turns the order, else what makes most of the difference.

    Else the requirement without which nothing would have to grow.
    """
    turning = [each for each in tried if each.decides]
    if turning:
        return turning[0]
    restoring = [each for each in tried if _restores(found, each)]
    if restoring:
        return restoring[0]
    large = [each for each in tried if each.explains is not None and each.explains >= MUCH]
    if large and found.cheaper not in (None, "same"):
        return max(large, key=lambda each: each.explains or 0.0)
    idle = [each for each in tried if each.kind in NEEDS and _as_today(each, now)]
    return idle[0] if idle and found.cheaper != "same" else None


def _restores(found: Outcome, then: Counterfactual) -> bool:
    """Whether the way that does not do would."""
    if found.cheaper in (None, "same"):
        return False
    up = found.vertical is None and then.vertical is not None
    return up or (found.horizontal is None and then.horizontal is not None)


def _kind(found: Outcome, best: Counterfactual | None) -> str:
    if best is not None:
        return best.kind
    return "" if found.cheaper in (None, "same") else "machines"
