"""What decided between both ways of a tier, in one sentence made of its numbers."""

from __future__ import annotations

from math import isfinite

from capcalc.advice.ways import Outcome, Ways
from capcalc.results.advice import Choice
from capcalc.results.deciding import Counterfactual
from capcalc.units import format as human

#: What decided, as a person says it.
NAMES = {
    "price": "the price of a vCPU",
    "size_steps": "the sizes machines come in",
    "n_plus_one": "the N+1 tax",
    "failure_elsewhere": "a failure elsewhere",
    "zone_rounding": "zones that round",
    "write_replay": "replayed writes",
    "ladder": "the end of the ladder",
    "contention": "contended cores",
    "statefulness": "statefulness",
    "single_point": "a single point of failure",
    "latency": "latency",
    "operations_cost": "the cost of operating a host",
    "machines": "the machines alone",
    "": "nothing",
}
_OTHER = {"vertical": "horizontal", "horizontal": "vertical"}


def sentence(
    ways: Ways, load: float, found: Outcome, best: Counterfactual | None, *, stays: bool
) -> str:
    """Which way is cheaper and what decided it."""
    verdict = _verdict(ways, found)
    said = f"beyond {human.significant(load)} times today's load {verdict}" if stays else verdict
    why = _why(ways, found, best)
    return f"{said}; {why}" if why else said


def _verdict(ways: Ways, found: Outcome) -> str:
    if found.cheaper is None:
        return "neither vertical nor horizontal does"
    if found.cheaper == "same":
        pair = dict.fromkeys(map(str, (found.vertical, found.horizontal)))
        return (
            f"both ways come to the same, {_cost(ways, found.vertical_cost)} ({' or '.join(pair)})"
        )
    other = _OTHER[found.cheaper]
    won, lost = _of(found, found.cheaper), _of(found, other)
    first = f"{found.cheaper} ({_told(ways, won, monthly=True)})"
    if lost[0] is None:
        return f"{first} does, {other} does not"
    return f"{first} is cheaper than {other} ({_told(ways, lost)})"


def _told(ways: Ways, way: tuple[Choice | None, float], *, monthly: bool = False) -> str:
    """Machines with what they cost, or how many servers they are in all."""
    choice, cost = way
    if ways.option.priced:
        return f"{choice}, {human.dollars(cost)}{' a month' if monthly else ''}"
    return f"{choice}, {cost:,.0f} in all" if choice and choice.servers > 1 else str(choice)


def _of(found: Outcome | Counterfactual, way: str) -> tuple[Choice | None, float]:
    if way == "vertical":
        return found.vertical, found.vertical_cost
    return found.horizontal, found.horizontal_cost


def _cost(ways: Ways, cost: float) -> str:
    if ways.option.priced:
        return human.dollars(cost)
    return f"{cost:,.0f} server{'' if cost == 1 else 's'}"


def _why(ways: Ways, found: Outcome, best: Counterfactual | None) -> str:
    if best is None:
        return _of_machines(ways, found)
    then = _then(ways, found, best)
    return f"decided by {NAMES[best.kind]}: {best.without} {then}"


def _then(ways: Ways, found: Outcome, best: Counterfactual) -> str:
    """What would be so without it."""
    if best.cheaper == "same" and not best.decides:
        return f"today's {best.vertical} would do"
    if best.cheaper == "same":
        verb = "cost" if ways.option.priced else "need"
        return f"both would {verb} {_cost(ways, best.vertical_cost)}"
    lost = None if found.cheaper in (None, "same") else _OTHER[str(found.cheaper)]
    if best.cheaper is None:
        return "neither would do"
    won, other = _of(best, best.cheaper), _of(best, _OTHER[best.cheaper])
    if best.decides:
        against = f", against {_cost(ways, other[1])}" if isfinite(other[1]) else ""
        how = "be cheaper" if isfinite(other[1]) else "do"
        return f"{best.cheaper} would {how} ({_told(ways, won)}{against})"
    now = found.vertical_cost - found.horizontal_cost
    left = best.vertical_cost - best.horizontal_cost
    if isfinite(now) and isfinite(left):
        return (
            f"the difference would be {_cost(ways, abs(left))} instead of {_cost(ways, abs(now))}"
        )
    again, other = _of(best, str(lost)), _of(best, str(found.cheaper))
    against = f"against {_cost(ways, other[1])} {found.cheaper}"
    return f"{lost} would do too ({_told(ways, again)}, {against})"


def _of_machines(ways: Ways, found: Outcome) -> str:
    """Servers and what each costs, where no requirement alone decided."""
    up, out = found.vertical, found.horizontal
    if up is None or out is None or found.cheaper in (None, "same"):
        return ""
    servers = up.hosts * up.servers, out.hosts * out.servers
    text = f"it needs {servers[1]} servers where vertical needs {servers[0]}"
    if found.cheaper == "vertical":
        text = f"it needs {servers[0]} servers where horizontal needs {servers[1]}"
    if not ways.option.priced:
        return text
    each = found.vertical_cost / servers[0], found.horizontal_cost / servers[1]
    if abs(each[0] - each[1]) < 0.005:
        return f"{text}, each at {human.dollars(each[0])}"
    first, second = (each[0], each[1]) if found.cheaper == "vertical" else (each[1], each[0])
    return f"{text}, at {human.dollars(first)} and {human.dollars(second)} each"
