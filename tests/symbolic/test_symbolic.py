"""The formulas: the numbers of `theory` come out of them, and of their derivatives too."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from fractions import Fraction
from importlib import import_module
from random import Random
from typing import Any

import pytest
from shared import case_file, cases

from capcalc.errors import UsageError
from capcalc.symbolic.catalogue import MODELS, formula, formulas
from capcalc.symbolic.derivatives import Change, change, changes
from capcalc.symbolic.evaluate import evaluate, number, value_of
from capcalc.symbolic.formula import Formula, Parameter

ALL = [each for name in MODELS for each in formulas(name)]
IDS = [f"{each.name}-{each.question}" for each in ALL]
#: Models whose servers take more than they are offered only for a while, or not at all.
LOSSES = {"mm1k", "mmck", "mmcc", "erlang-b", "erlang-a", "finite-source", "mminf"}

#: Where `theory` answers the questions of a model.
THEORY = {
    "mm1": "queues.mm1",
    "mmc": "queues.mmc",
    "mminf": "queues.mminf",
    "mm1k": "queues.mm1k",
    "mmck": "queues.mmck",
    "mmcc": "queues.mmcc",
    "finite-source": "queues.finite_source",
    "erlang-a": "queues.erlang_a",
    "mg1": "queues.mg1",
    "md1": "queues.md1",
    "mek1": "queues.mek1",
    "mh1": "queues.mh1",
    "mg1-ps": "queues.mg1_ps",
    "mgc": "queues.mgc",
    "gg1": "queues.gg1",
    "ggc": "queues.ggc",
    "em1": "queues.em1",
    "batch": "queues.batch",
    "breakdowns": "queues.breakdowns",
    "random": "balancing.random_split",
    "round-robin": "balancing.round_robin",
    "least-connections": "balancing.least_connections",
    "central-queue": "balancing.central_queue",
    "zipf-lru": "caches.lru",
}


#: Where the function has another name than the question.
OTHER_NAMES = {
    ("erlang-b", "prob_loss"): ("queues.erlang", "erlang_b"),
    ("erlang-c", "prob_wait"): ("queues.erlang", "erlang_c"),
    # `theory` takes Erlang's C for the share that waits in round robin: an approximation
    ("round-robin", "prob_wait"): ("queues.em1", "none"),
}


def sixteenths(random: Random, low: int, high: int) -> Fraction:
    """A number that is the same in binary and as a fraction."""
    return Fraction(random.randint(low, high), 16)


def odd(random: Random, low: int, high: int) -> Fraction:
    """An odd number of thirty-seconds: never at a kink, or where 0/0 stands for a limit."""
    return Fraction(2 * random.randint(low, high) + 1, 32)


def point(name: str, random: Random) -> dict[str, Any]:
    """Values for all parameters of a model, away from saturation."""
    busy = odd(random, 0, 39 if name in LOSSES else 15)
    service_rate, servers, hosts = sixteenths(random, 4, 64), random.randint(1, 9), 0
    hosts = random.randint(2, 6)
    places = {
        **dict.fromkeys(("mmc", "mgc", "ggc", "mmck", "mmcc", "erlang-a"), servers),
        **dict.fromkeys(("random", "round-robin", "power-of-d"), hosts),
        **dict.fromkeys(("least-connections", "central-queue"), hosts * servers),
    }.get(name, 1)
    values: dict[str, Any] = {
        "arrival_rate": busy * service_rate * places,
        "source_rate": sixteenths(random, 1, 32),
        "service_rate": service_rate,
        "servers": servers,
        "hosts": hosts,
        "offered_load": busy * servers,
        "capacity": servers + random.randint(0, 9),
        "population": random.randint(1, 12),
        "scv": sixteenths(random, 0, 64),
        "arrival_scv": odd(random, 0, 39),
        "time": sixteenths(random, 0, 40) / 4,
        "p": Fraction(random.randint(1, 1023), 1024),
        "abandonment_rate": sixteenths(random, 1, 32),
        "phases": random.randint(1, 8),
        "stages": random.randint(1, 8),
        "size": sixteenths(random, 1, 32),
        "probability": sixteenths(random, 1, 15),
        "batch_size": sixteenths(random, 16, 64),
        "batch_scv": sixteenths(random, 0, 32),
        "kappa": sixteenths(random, 1, 8),
        "choices": random.randint(2, 5),
        "length": random.randint(1, 5),
        "utilization": sixteenths(random, 1, 15),
        "throughput": sixteenths(random, 1, 64),
        "mean_response": sixteenths(random, 1, 64),
        "mean_number": sixteenths(random, 1, 64),
        "service_time": sixteenths(random, 1, 64),
        "think_time": odd(random, 0, 63),
        "visits": sixteenths(random, 1, 64),
        "demand": sixteenths(random, 33, 64),
        "largest_demand": sixteenths(random, 1, 32),
        "workers": sixteenths(random, 16, 640),
        "rate_of_one": sixteenths(random, 1, 64),
        "contention": sixteenths(random, 1, 15),
        "coherency": sixteenths(random, 1, 15),
        "serial_share": sixteenths(random, 1, 15),
        "safety": sixteenths(random, 1, 48),
        "target": sixteenths(random, 1, 15),
        "exponent": sixteenths(random, 1, 32),
        "objects": random.randint(10, 14),
        "branches": random.randint(1, 9),
        "rate": sixteenths(random, 1, 64),
        "rate_1": sixteenths(random, 1, 32),
        "rate_2": sixteenths(random, 33, 64),
        "hit_ratio": sixteenths(random, 1, 15),
        "service_rate_1": service_rate,
        "service_rate_2": sixteenths(random, 4, 64),
        "arrival_rate_1": service_rate * sixteenths(random, 1, 7),
        "scv_1": sixteenths(random, 0, 64),
        "scv_2": sixteenths(random, 0, 64),
        "failure_rate": sixteenths(random, 1, 32),
        "repair_rate": sixteenths(random, 1, 32),
    }
    values["arrival_rate_2"] = values["service_rate_2"] * sixteenths(random, 1, 8)
    if name == "mh1":
        values["arrival_rate"] = busy * min(values["rate_1"], values["rate_2"])
    if name == "batch":
        values["arrival_rate"] /= 4
    if name == "breakdowns":
        up = values["failure_rate"] + values["repair_rate"]
        values["service_rate"] = service_rate * up
        values["arrival_rate"] = busy * service_rate * values["repair_rate"]
    if name == "zipf-lru":
        values["capacity"] = random.randint(1, 9)
    return values


def close(found: Any, exact: Any, rel: float = 1e-12, rest: float = 1e-15) -> bool:
    return abs(float(found) - float(exact)) <= rel * abs(float(exact)) + rest


def answers() -> list[tuple[Formula, Callable[..., Any]]]:
    """Each formula with the function of `theory` that answers the same question."""
    found = []
    for each in ALL:
        default = (THEORY.get(each.name, "nothing"), each.question)
        module, name = OTHER_NAMES.get((each.name, each.question), default)
        if module == "nothing":
            continue
        function = getattr(import_module(f"capcalc.theory.{module}"), name, None)
        if function is not None:
            found.append((each, function))
    return found


ANSWERS = answers()


@pytest.mark.parametrize(
    ("one", "function"), ANSWERS, ids=[f"{each.name}-{each.question}" for each, _ in ANSWERS]
)
def test_theory_says_the_same(one: Formula, function: Callable[..., Any]) -> None:
    random = Random(f"{one.name} {one.question}")
    # `theory` solves for the characteristic time, and inverts M/D/1's transform to 2e-11
    rel = {"zipf-lru": 1e-9}.get(one.name, 1e-12)
    rest = 2e-11 if (one.name, one.question) == ("md1", "wait_cdf") else 1e-15
    for _ in range(4):
        values = point(one.name, random)
        needed = inspect.signature(function).parameters.values()
        given = {
            each.name: float(values[each.name])
            for each in needed
            if each.name in values and each.kind is not each.KEYWORD_ONLY
        }
        if one.name == "round-robin":
            given |= {"scv": 1.0, "servers": 1.0}
        if one.name == "mh1":
            share = float(values["probability"])
            given["probabilities"] = [share, 1 - share]
            given["rates"] = [float(values["rate_1"]), float(values["rate_2"])]
        if one.name in ("random", "breakdowns"):
            given["servers"] = 1.0
        if one.name == "least-connections":
            from capcalc.theory.balancing.least_connections import kappa

            values["kappa"] = Fraction(float(kappa(given["hosts"])))
        exact = evaluate(one, values)
        assert close(function(**given), exact, rel, rest), (values, exact)


CLASSES = [each for name in ("nonpreemptive", "preemptive") for each in formulas(name)]


@pytest.mark.parametrize("one", CLASSES, ids=[f"{one.name}-{one.question}" for one in CLASSES])
def test_theory_of_priorities_says_the_same(one: Formula) -> None:
    theory = import_module(f"capcalc.theory.queues.{one.name}")
    question, _, number = one.question.rpartition("_")
    random = Random(one.question)
    for _ in range(4):
        values = point(one.name, random)
        names = ("arrival_rate", "service_rate", "scv")
        given = [[float(values[f"{name}_{k}"]) for k in (1, 2)] for name in names]
        found = getattr(theory, question)(*given)[int(number) - 1]
        assert close(found, evaluate(one, values)), values


def test_most_of_theory_is_there() -> None:
    assert len(ANSWERS) >= 130
    assert {each.name for each, _ in ANSWERS} >= THEORY.keys()


def known(file: str, *names: str) -> list[dict[str, Any]]:
    """Reference cases, none where their file is not there."""
    return cases(file, *names) if case_file(file).exists() else []


#: Reference cases: our model, their file and theirs.
SOURCES = (
    ("mm1", "single_station.json", "mm1"),
    ("mmc", "single_station.json", "mmc"),
    ("mminf", "single_station.json", "mminf"),
    ("mm1k", "single_station.json", "mm1k"),
    ("mmck", "single_station.json", "mm1k"),
    ("mmck", "single_station.json", "mmck"),
    ("finite-source", "single_station.json", "mmc_finite_source"),
    ("erlang-a", "single_station_general.json", "erlang_a"),
    ("md1", "single_station_general.json", "md1"),
    ("mek1", "single_station_general.json", "mek1"),
    ("mg1", "single_station_general.json", "mg1"),
    ("mg1-ps", "single_station_general.json", "mg1_ps"),
    ("mh1", "single_station_general.json", "mh21"),
    ("gg1", "single_station_general.json", "gg1_approximations"),
    ("ggc", "single_station_general.json", "ggc_approximations"),
    ("nonpreemptive", "priority_mdc.json", "mm1_priority_nonpreemptive"),
    ("nonpreemptive", "priority_mdc.json", "mg1_priority_nonpreemptive"),
    ("preemptive", "priority_mdc.json", "mm1_priority_preemptive_resume"),
    ("preemptive", "priority_mdc.json", "mg1_priority_preemptive_resume"),
    ("breakdowns", "advanced.json", "mmc_breakdowns"),
    ("power-of-d", "advanced.json", "power_of_d_choices"),
    ("usl", "scaling_laws.json", "usl_derived"),
    ("amdahl", "scaling_laws.json", "amdahl"),
    ("forced-flow", "scaling_laws.json", "forced_flow_law"),
    ("tandem", "response_percentiles.json", "tandem_mm1"),
)

#: What they call our parameters and our answers.
PARAMETERS = {
    "service_scv": "scv",
    "failure_rate_per_up_server": "failure_rate",
    "serial_fraction": "serial_share",
    "processors": "workers",
    "sigma": "contention",
    "kappa": "coherency",
    "gamma": "rate_of_one",
    "system_throughput": "throughput",
}
EXPECTED = {
    "W": "mean_response",
    "Wq": "mean_wait",
    "L": "mean_number",
    "Lq": "mean_queue_length",
    "p_wait": "prob_wait",
    "p_block": "prob_loss",
    "p_abandon": "prob_loss",
    "wq_heavy_traffic_vut": "mean_wait_heavy_traffic",
    "wq_kingman_upper_bound": "mean_wait_kingman_bound",
    "wq_klb": "mean_wait",
    "wq_allen_cunneen_erlang_c": "mean_wait_allen_cunneen",
    "peak_load": "peak_workers",
    "device_throughput": "station_throughput",
    "mean": "mean_response",
}
PERCENTILES = {"p50": "1/2", "p90": "9/10", "p95": "19/20", "p99": "99/100", "p999": "999/1000"}


def values_of(model: str, params: dict[str, Any]) -> dict[str, Any] | None:
    """The case's parameters by our names; none where the formula does not cover it."""
    given = {PARAMETERS.get(name, name): value for name, value in params.items()}
    if model in ("nonpreemptive", "preemptive"):
        rates = [given[name] for name in ("arrival_rate" + "s", "service_rates", "scv")]
        if len(rates[0]) != 2:
            return None
        names = ("arrival_rate", "service_rate", "scv")
        pairs = zip(names, rates, strict=True)
        return {f"{name}_{k + 1}": Fraction(each[k]) for name, each in pairs for k in (0, 1)}
    if model == "mh1":
        given["probability"] = given["probabilities"][0]
        given["rate_1"], given["rate_2"] = given["rates"]
    if model == "tandem":
        if len(given["service_rates"]) != 2:
            return None
        spare = [
            Fraction(each) - Fraction(given["arrival_rate"]) for each in given["service_rates"]
        ]
        return None if spare[0] == spare[1] else {"rate_1": spare[0], "rate_2": spare[1]}
    if model == "power-of-d":
        given |= {"arrival_rate": given["utilization"], "service_rate": 1, "hosts": 1}
        if given["choices"] == 1:
            return None
    if "mean_service" in given:
        given["service_rate"] = 1 / Fraction(given["mean_service"])
    singular = model == "mm1k" and given["arrival_rate"] == given["service_rate"]
    if singular or (model == "breakdowns" and given["servers"] != 1):
        return None
    return {name: Fraction(value) for name, value in given.items() if not isinstance(value, list)}


def singular(model: str, question: str, values: dict[str, Any]) -> bool:
    """Where the formula says that its limit has to be taken."""
    if model != "mmc" or not question.startswith("response_"):
        return False
    spare = values["servers"] * values["service_rate"] - values["arrival_rate"]
    return bool(spare == values["service_rate"])


def expectations() -> list[Any]:
    found = []
    for model, file, theirs in SOURCES:
        for case in known(file, theirs):
            values = values_of(model, case["params"])
            if values is not None and "quantiles" not in case["id"]:
                found.append(pytest.param(model, case, values, id=f"{model}-{case['id']}"))
    return found


@pytest.mark.parametrize(("model", "case", "values"), expectations())
def test_reference_cases(model: str, case: dict[str, Any], values: dict[str, Any]) -> None:
    there = {each.question: each for each in formulas(model)}
    compared = 0
    for name, expected in case["expected"].items():
        if isinstance(expected, list):
            questions = [f"{EXPECTED.get(name, name)}_{k + 1}" for k in range(len(expected))]
            pairs = list(zip(questions, expected, strict=True))
        else:
            pairs = [(EXPECTED.get(name, name), expected)]
        for asked, answer in pairs:
            question = asked
            given = dict(values)
            kind, _, level = question.partition("_")
            if kind in ("w", "wq") and level in PERCENTILES:
                question = "response_quantile" if kind == "w" else "wait_quantile"
                given["p"] = Fraction(PERCENTILES[level])
            if question in there and not singular(model, question, values):
                found = evaluate(there[question], given)
                assert close(found, answer, 2 * case["rtol"]), (question, found, answer)
                compared += 1
    assert compared


def fair(value: Any) -> Fraction:
    """The decimal that somebody wrote."""
    return Fraction(str(value))


def hosts(given: dict[str, Any]) -> dict[str, Any]:
    """Hosts of one server and the load that makes them as busy as given."""
    speed, count = fair(given.get("mu", 1)), given.get("servers", 1)
    return {
        "hosts": count,
        "service_rate": speed,
        "arrival_rate": fair(given["rho"]) * speed * count,
    }


#: Cases of single numbers: theirs, our model and question, how their parameters become ours.
SINGLE: tuple[tuple[str, str, str, Callable[[Any], dict[str, Any]]], ...] = (
    (
        "latency.fanout_exp_quantile",
        *("fan-out", "response_quantile"),
        lambda p: {"branches": p["n"], "p": fair(p["q"]), "rate": 1},
    ),
    (
        "latency.fanout_prob_any_above_p99",
        *("fan-out", "prob_any_above"),
        lambda p: {"branches": p["n"], "p": Fraction(99, 100)},
    ),
    (
        "scale.halfin_whitt_pw",
        *("square-root-staffing", "prob_wait"),
        lambda p: {"safety": fair(p["beta"])},
    ),
    (
        "scale.R_ratio_Mmc_over_fast1",
        *("fast-or-many", "response_ratio"),
        lambda p: {"servers": p["c"], "utilization": fair(p["rho"])},
    ),
    (
        "lb.jsq_kappa.R",
        *("least-connections", "mean_response"),
        lambda p: {"scv": 1, "servers": 1, "kappa": fair(p["kappa"]), **hosts(p)},
    ),
    ("lb.round_robin.R", *("round-robin", "mean_response"), hosts),
    (
        "lb.jsq_d_meanfield.R",
        *("power-of-d", "mean_response"),
        lambda p: {"choices": p["d"], **hosts(p)},
    ),
)


SINGLE_CASES = [
    pytest.param(case, model, question, ours, id=case["id"])
    for theirs, model, question, ours in SINGLE
    for case in known("models.json", theirs)
]


@pytest.mark.parametrize(("case", "model", "question", "ours"), SINGLE_CASES)
def test_cases_of_one_number(
    case: dict[str, Any], model: str, question: str, ours: Callable[[Any], dict[str, Any]]
) -> None:
    found = evaluate(formula(model, question), ours(case["params"]), digits=30)
    assert close(found, case["expected"], max(2 * case["rtol"], 1e-14))


def test_a_cache_in_front_of_a_backend() -> None:
    (case,) = (
        each
        for each in known("response_percentiles.json", "overtake_free_tree")
        if each["id"] == "tree-cache"
    )
    # 100/s at 250/s; a fifth goes on, 20/s at 40/s
    given = {"hit_ratio": Fraction(4, 5), "rate_1": 150, "rate_2": 20}
    mean = evaluate(formula("mixture", "mean_response"), given)
    assert close(mean, case["expected"]["mean"], 1e-14)
    for name, level in PERCENTILES.items():
        if f"w_{name}" in case["expected"]:
            there = evaluate(formula("mixture", "response_quantile"), {**given, "p": level})
            assert close(there, case["expected"][f"w_{name}"], 2 * case["rtol"])


def test_laws_in_numbers() -> None:
    def value(model: str, question: str, **given: Any) -> float:
        return float(evaluate(formula(model, question), given))

    assert value("little", "mean_number", throughput=50, mean_response=3) == 150
    assert value("utilization-law", "utilization", throughput=90, visits=2, service_time="1/1000",
                 servers=4) == pytest.approx(0.045)  # fmt: skip
    assert value("response-time-law", "mean_response", population=150, throughput=50,
                 think_time=2) == 1  # fmt: skip
    assert value("gustafson", "speedup", workers=16, serial_share="1/20") == 15.25
    bounds = {"demand": "3/10", "largest_demand": "1/10", "think_time": 1}
    assert value("asymptotic-bounds", "knee", **bounds) == 13
    assert value("asymptotic-bounds", "throughput", population=20, **bounds) == 10
    assert value("asymptotic-bounds", "throughput", population=1, **bounds) == pytest.approx(
        1 / 1.3
    )
    assert value("asymptotic-bounds", "mean_response", population=20, **bounds) == 1
    assert value("asymptotic-bounds", "mean_response", population=1, **bounds) == pytest.approx(0.3)


def test_published_elasticities() -> None:
    (case,) = known("models.json", "elasticity.mm1_R_S")
    busy = Fraction(case["params"]["rho"]).limit_denominator(10)
    response = formula("mm1", "mean_response")
    given = {"arrival_rate": busy, "service_rate": Fraction(1)}
    found = changed(response, "service_rate", "elasticity", given)
    assert close(-found, case["expected"], 1e-14)
    (case,) = known("models.json", "erlang_c_derivative")
    load = Fraction(str(case["params"]["a"]))
    waits = formula("erlang-c", "prob_wait")
    given = {"servers": case["params"]["c"], "offered_load": load}
    assert close(changed(waits, "offered_load", "derivative", given), case["expected"], 1e-12)


@pytest.mark.parametrize(
    ("servers", "busy", "published"),
    [(4, "4/5", 2.7396), (16, "4/5", 0.86818), (64, "9/10", 1.00014)],
)
def test_elasticity_of_the_response_of_mmc(servers: int, busy: str, published: float) -> None:
    given = {"servers": servers, "service_rate": 1, "arrival_rate": servers * Fraction(busy)}
    by_load = changed(formula("mmc", "mean_response"), "arrival_rate", "elasticity", given)
    assert close(by_load, published, 2e-5)
    by_speed = changed(formula("mmc", "mean_response"), "service_rate", "elasticity", given)
    assert close(-by_speed, 1 + by_load, 1e-14), "rates are in one unit"


def test_a_derivative_is_written_as_published() -> None:
    from capcalc.symbolic.erlang_functions import ErlangC
    from capcalc.symbolic.notation import a, c

    waits = formula("erlang-c", "prob_wait")
    (found,) = changes((waits,), derivative="offered_load", elasticity=None)
    share = ErlangC(c, a)
    assert found.expression == share * ((c - a) / a + (1 - share) / (c - a))
    (found,) = changes((formula("mmc", "mean_wait"),), derivative=None, elasticity="λ")
    assert found.expression == (c - a) + a * (2 - share) / (c - a)


@pytest.mark.parametrize("target", ["1/100", "1/20", "1/5", "1/2"])
@pytest.mark.parametrize("load", [1, 10, 100, 1_000, 10_000, 100_000])
def test_square_root_staffing_is_as_good_as_it_says(target: str, load: int) -> None:
    from capcalc.theory.queues.erlang import erlang_c

    given = {"target": Fraction(target), "offered_load": load}
    rounded = math.ceil(evaluate(formula("square-root-staffing", "servers"), given, digits=20))
    waits = [float(erlang_c(rounded + more, load)) for more in (-1, 0, 1)]
    assert waits[0] > float(Fraction(target)), "one less is never enough"
    assert waits[2] <= float(Fraction(target)), "one more always is"


def worth(found: Change, values: dict[str, Any], digits: int = 40) -> Any:
    """The value of a derivative at a point."""
    symbols = found.formula.symbols
    known = {each.symbol: number(values[each.name], digits) for each in symbols}
    definitions = found.formula.definitions + found.steps
    return value_of(found.expression, definitions, known, digits)


def changed(one: Formula, name: str, kind: Any, values: dict[str, Any]) -> Any:
    parameter = one.parameter(name)
    assert parameter
    return worth(change(one, parameter, kind), values)


def differentiated(one: Formula, parameter: Parameter, values: dict[str, Any]) -> Any:
    """The derivative by central differences of 60 digits."""
    step, there = Fraction(1, 10**15), values[parameter.name]
    around = [
        evaluate(one, {**values, parameter.name: there + k * step}, digits=60)
        for k in (-2, -1, 1, 2)
    ]
    return (around[0] - 8 * around[1] + 8 * around[2] - around[3]) / (12 * step)


def closed(one: Formula, parameter: Parameter, kind: Any) -> Change | None:
    try:
        return change(one, parameter, kind)
    except UsageError:
        return None


def check_changes(one: Formula, parameter: Parameter) -> None:
    random = Random(f"{one.name} {one.question} {parameter.name}")
    found = {kind: closed(one, parameter, kind) for kind in ("derivative", "elasticity")}
    assert (found["derivative"] is None) == (found["elasticity"] is None)
    for _ in range(2):
        values = point(one.name, random)
        if found["derivative"] is None or one.question == "wait_quantile":
            values["p"] = Fraction(1023, 1024)
            if found["derivative"] is None:
                return
        now = evaluate(one, values)
        if now == 0 or (parameter.name == "scv" and values["scv"] == 0):
            continue
        if parameter.whole:
            after = evaluate(one, {**values, parameter.name: values[parameter.name] + 1})
            slope, relative = after - now, after / now - 1
        else:
            slope = differentiated(one, parameter, values)
            relative = slope * values[parameter.name] / now
        for kind, expected in (("derivative", slope), ("elasticity", relative)):
            answer = found[kind]
            assert answer
            assert close(worth(answer, values), expected, 1e-9), (kind, values)


CHANGES = [(one, each) for one in ALL for each in one.symbols]


@pytest.mark.parametrize(
    ("one", "parameter"),
    CHANGES[::29],
    ids=[f"{one.name}-{one.question}-{each.name}" for one, each in CHANGES[::29]],
)
def test_changes(one: Formula, parameter: Parameter) -> None:
    check_changes(one, parameter)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("one", "parameter"),
    CHANGES,
    ids=[f"{one.name}-{one.question}-{each.name}" for one, each in CHANGES],
)
def test_all_changes(one: Formula, parameter: Parameter) -> None:
    check_changes(one, parameter)
