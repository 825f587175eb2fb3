"""All formulas by the name of their model; a model's module is imported when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from capcalc.errors import Problem, UsageError

if TYPE_CHECKING:
    from capcalc.symbolic.formula import Formula


class Model(NamedTuple):
    """Where a model's formulas are, and what it is."""

    module: str
    title: str


MODELS = {
    "mm1": Model("queues.mm1", "M/M/1: Poisson arrivals, exponential service, one server"),
    "mmc": Model("queues.mmc", "M/M/c: Poisson arrivals, exponential service, c servers"),
    "mminf": Model("queues.mminf", "M/M/∞: Poisson arrivals, a server for everyone"),
    "mm1k": Model("queues.mm1k", "M/M/1/K: one server, at most K in the system, the rest lost"),
    "mmck": Model("queues.mmck", "M/M/c/K: c servers, at most K in the system, the rest lost"),
    "mmcc": Model("queues.mmcc", "M/M/c/c: c servers and no queue"),
    "erlang-b": Model("queues.erlang", "Erlang B: who is lost when all servers are busy"),
    "erlang-c": Model("queues.erlang", "Erlang C: who waits when all servers are busy"),
    "finite-source": Model(
        "queues.finite_source", "M/M/c//N: N users who think, then wait for c servers"
    ),
    "erlang-a": Model("queues.erlang_a", "M/M/c+M: c servers, and those who wait may give up"),
    "mg1": Model("queues.mg1", "M/G/1: Poisson arrivals, any service law, one server"),
    "md1": Model("queues.md1", "M/D/1: Poisson arrivals, fixed service, one server"),
    "mek1": Model("queues.mek1", "M/E_k/1: Poisson arrivals, Erlang service, one server"),
    "mh1": Model("queues.mh1", "M/H_2/1: Poisson arrivals, short and long service, one server"),
    "mg1-ps": Model("queues.mg1_ps", "M/G/1-PS: one server that all present share equally"),
    "mgc": Model("queues.mgc", "M/G/c: Poisson arrivals, any service law, c servers"),
    "gg1": Model("queues.gg1", "G/G/1: any arrivals, any service law, one server"),
    "ggc": Model("queues.ggc", "G/G/c: any arrivals, any service law, c servers"),
    "em1": Model("queues.em1", "E_n/M/1: regular arrivals, exponential service, one server"),
    "nonpreemptive": Model(
        "queues.nonpreemptive", "M/G/1 with two priorities; the one in service is not interrupted"
    ),
    "preemptive": Model(
        "queues.preemptive", "M/G/1 with two priorities; the first interrupts the second"
    ),
    "batch": Model("queues.batch", "M^[X]/G/1: requests arrive in batches, one server"),
    "breakdowns": Model("queues.breakdowns", "M/M/1 whose server breaks down and is repaired"),
    "random": Model("balancing.random_split", "Random balancing over n hosts of one server"),
    "round-robin": Model("balancing.round_robin", "Round robin over n hosts of one server"),
    "least-connections": Model(
        "balancing.least_connections", "Least connections over n hosts of k servers"
    ),
    "power-of-d": Model(
        "balancing.power_of_d", "The shortest of d hosts chosen at random, among many"
    ),
    "central-queue": Model("balancing.central_queue", "One queue for n hosts of k servers"),
    "fast-or-many": Model("balancing.fast_or_many", "One fast server against c slow ones"),
    "little": Model("laws.little", "Little's law: number = rate × time"),
    "utilization-law": Model("laws.operational", "Utilization law: busy = rate × service time"),
    "forced-flow": Model("laws.operational", "Forced flow: a request visits stations v times"),
    "response-time-law": Model("laws.operational", "Response time of N users who think"),
    "asymptotic-bounds": Model("laws.bounds", "Bounds of a closed system with N users"),
    "usl": Model("laws.scaling", "Universal Scalability Law: contention and coherency"),
    "amdahl": Model("laws.scaling", "Amdahl's law: the serial share limits the speedup"),
    "gustafson": Model("laws.scaling", "Gustafson's law: speedup when the work grows too"),
    "square-root-staffing": Model(
        "laws.staffing", "Square-root staffing: the load plus a safety of β times its root"
    ),
    "zipf-lru": Model("laws.zipf_lru", "Hit ratio of an LRU cache under Zipf popularity"),
    "fan-out": Model("percentiles.fan_out", "Slowest of n parallel exponential answers"),
    "tandem": Model("percentiles.tandem", "Two exponential stays, one after the other"),
    "mixture": Model("percentiles.mixture", "A cache hit, or a miss that goes on to a backend"),
}


def formulas(name: str) -> tuple[Formula, ...]:
    """All formulas of a model.

    Raises
    ------
    UsageError
        When there is no such model.
    """
    model = _plain(name)
    if model not in MODELS:
        raise UsageError(_unknown("model", name, model, tuple(MODELS)))
    module = import_module(f"capcalc.symbolic.{MODELS[model].module}")
    return tuple(each for each in module.FORMULAS if each.name == model)


def formula(name: str, question: str) -> Formula:
    """One formula of a model.

    Raises
    ------
    UsageError
        When there is no such model, or it does not answer this question.
    """
    found = {each.question: each for each in formulas(name)}
    asked = question.strip().lower().replace("-", "_")
    if asked not in found:
        raise UsageError(_unknown("question", question, asked, tuple(found)))
    return found[asked]


def _plain(name: str) -> str:
    """``M/M/c`` and ``erlang_b`` are mmc and erlang-b."""
    return name.strip().lower().replace("/", "").replace("_", "-")


def _unknown(what: str, given: str, plain: str, there: tuple[str, ...]) -> Problem:
    from difflib import get_close_matches

    near = get_close_matches(plain, there, 1)
    hint = f"did you mean '{near[0]}'?" if near else f"there are: {', '.join(there)}"
    return Problem(message=f"no such {what} '{given}'", hint=hint)


def listing() -> str:
    """All models with their titles, a line each."""
    width = max(map(len, MODELS))
    return "".join(f"{name:<{width}}  {model.title}\n" for name, model in MODELS.items())
