"""Every number of the answer explained: its value, its arithmetic again, and where it is from."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import capcalc as cc
from capcalc.advice.explain import _book, explain, explainable
from capcalc.advice.explain.arithmetic import evaluated, holds
from capcalc.advice.explain.inputs import Origins
from capcalc.advice.explain.latex import readable, typeset
from capcalc.advice.explain.tree import explanation
from capcalc.errors import UsageError
from capcalc.model.system import System
from capcalc.reports.explanation import document, how
from capcalc.reports.solution import document as solution_document
from capcalc.reports.text import json_text
from capcalc.results.explanation import Explanation, Step

EXAMPLES = ("bookshop", "newsroom", "saas", "single-server", "microservices")

#: Nearly everything that a scenario may say about the edge, sessions, caches and databases.
RICH = """
capcalc: 1
name: rich
demand:
  daily_active_users: 400k
  visits_per_user_day: 3
  peak_to_average: 2.5
  requests:
    page: {per_user_day: 30, cacheable: true, size: 60kB, max_age: 5min,
           objects: {count: 50k, zipf: 0.9, size: 60kB}}
    api: {per_user_day: {value: 20, source: "access log, June"}}
    image: {per_user_day: 90, static: true, size: 200kB,
            objects: {count: 200k, zipf: 0.8, size: 200kB}}
  business: {orders_per_user_day: 0.01, order_value: 30 USD}
tiers:
  dns: {kind: dns, ttl: 60s, lookup_time: 30ms, cached_time: 2ms, resolvers: 5k,
        detection_time: 30s, availability: 99.99%}
  browser: {kind: browser}
  cdn: {kind: cdn, edges: 10, capacity: 20k, round_trip: 10ms, origin_round_trip: 40ms,
        price: 0.05 USD/GB, price_per_request: 0.0000006 USD, protocol: tls1.3}
  lb: {kind: load_balancer, policy: round_robin, hosts: 2, service_time: 0.05ms,
       availability: 99.9%, keepalive: 10s, max_connections: 60k}
  web:
    kind: web
    hosts: 12
    cores: 4
    service_time: {page: 20ms, api: 12ms, image: 1ms}
    scv: {page: 2, api: 0.5, image: 1}
    sessions: {state: sticky, length: 10min, size: 40kB}
    availability: 99.5%
    common_cause: 5%
    scaling: {contention: 0.02, coherency: 0.0005}
  cache: {kind: cache, instance: r7g.large, hosts: 4, service_time: 0.3ms, policy: fifo,
          memory: 2GB, objects: {count: 1M, zipf: 0.9, size: 4kB}, fronts: db,
          virtual_nodes: 100, network: 1GB/s}
  db: {kind: database, instance: r7g.xlarge, replicas: 2, read_time: 2ms, write_time: 4ms,
       commit: semi_synchronous, replication_round_trip: 1ms, appliers: 2, availability: 99.9%}
calls:
  page: {cache: 4, db: {writes: 0.1}}
  api: {cache: 2, db: {reads: 0.3, writes: 0.2}}
objectives: {page: {p95: 200ms}, availability: 99.9%}
instances: {from: aws-us-east-1, families: [r7g], discount: 30%, operations_cost: 20 USD}
"""

#: Every way to find a host, a class that never comes, a range, shards.
BALANCED = """
capcalc: 1
name: balanced
demand: {requests: {a: {rate: 900/s}, b: {rate: 0/s}, c: {rate: [50/s, 150/s]}}}
tiers:
  front: {kind: load_balancer, policy: power_of_two, hosts: 2, service_time: 0.1ms}
  web: {kind: web, hosts: 5, cores: 4, service_time: {a: 8ms, b: 3ms, c: 10ms}}
  s1: {kind: service, hosts: 4, cores: 2, service_time: 2ms, balancing: join_idle_queue}
  s2: {kind: service, hosts: 4, cores: 2, service_time: 2ms, balancing: hash}
  s3: {kind: service, hosts: 4, cores: 2, service_time: 2ms, balancing: weighted_random,
       weights: [1, 1, 2, 2]}
  s4: {kind: service, hosts: 6, service_time: 2ms, balancing: round_robin}
  s5: {kind: service, hosts: 4, cores: 2, service_time: 2ms, balancing: central_queue}
  s6: {kind: service, hosts: 4, cores: 2, service_time: 2ms, max_connections: 10}
  s7: {kind: service, hosts: 4, cores: 2, service_time: 2ms, scv: 2, calls: {s5: 0.2}}
  db: {kind: database, cores: 4, replicas: 2, read_time: 1ms, write_time: 2ms,
       balancing: round_robin, shards: {count: 4, keys: 1M, zipf: 0.5}, primary_read_share: 10%}
calls:
  a: {s1: 1, s2: 1, s3: 1.5, s4: 1, s5: 1, s6: 1, s7: 1, db: {reads: 2, writes: 0.5}}
  b: {s1: 2}
  c: {s7: 1, db: {reads: 1}}
"""

#: Calls that come back, and a tier that gets five times what it can serve.
LOOPED = """
capcalc: 1
name: looped
demand: {requests: {a: {rate: 100/s}, b: {rate: 5/s}}}
tiers:
  one: {kind: service, hosts: 2, cores: 2, service_time: 5ms, calls: {two: 0.5}}
  two: {kind: service, hosts: 2, cores: 1, service_time: 5ms, calls: {one: 0.3}}
  slow: {kind: service, hosts: 1, cores: 1, service_time: 1s}
calls: {a: {one: 1}, b: {slow: 1}}
objectives: {b: {p99: 2s}}
"""
TEXTS = {"rich": RICH, "balanced": BALANCED, "looped": LOOPED}


@cache
def system_of(name: str) -> System:
    return cc.loads(TEXTS[name]) if name in TEXTS else cc.load(name)


@cache
def answer(name: str) -> dict[str, Any]:
    """What `capcalc solve NAME --format json` says."""
    found: dict[str, Any] = json.loads(json_text(solution_document(cc.solve(system_of(name)))))
    return found


def is_number(value: Any) -> bool:
    return isinstance(value, int | float)


def numbers(name: str) -> Iterator[tuple[str, float | bool]]:
    """Every number of the answer, and every verdict, by its path."""
    found = answer(name)
    for key in ("headroom", "saturated", "cost_usd_per_month", "first_request_delay"):
        yield key, found[key]
    keys = {
        "tiers": ("name",),
        "stations": ("tier", "role"),
        "requests": ("name",),
        "objectives": ("request_class", "measure"),
        "remedies": ("tier", "role"),
    }
    for group, named in keys.items():
        for row in found[group]:
            above = ".".join([group, *(row[key] for key in named if row[key])])
            yield from ((f"{above}.{key}", value) for key, value in row.items())
    for fact in found["facts"]:
        yield ".".join(p for p in ("facts", fact["tier"], fact["name"]) if p), fact["value"]
    yield from ((f"defaults.{path}", value) for path, value in found["defaults"].items())


def every(name: str) -> list[tuple[str, float | bool]]:
    return [(path, value) for path, value in numbers(name) if is_number(value)]


# -- arithmetic again, with functions of our own -------------------------------------------------


def erlang_b(servers: float, load: float) -> float:
    lost = 1.0
    for count in range(1, round(servers) + 1):
        lost = load * lost / (count + load * lost)
    return lost


def erlang_c(servers: float, load: float) -> float:
    lost, busy = erlang_b(servers, load), load / servers
    return lost / (1.0 - busy + busy * lost)


def states(rate: float, speed: float, servers: float, room: float) -> list[float]:
    """Probabilities of M/M/k/K."""
    weights = [1.0]
    for number in range(1, round(room) + 1):
        weights.append(weights[-1] * rate / (speed * min(number, servers)))
    return [weight / sum(weights) for weight in weights]


def loss(rate: float, speed: float, servers: float, room: float) -> float:
    return states(rate, speed, servers, room)[-1]


def waits_in_room(rate: float, speed: float, servers: float, room: float) -> float:
    p = states(rate, speed, servers, room)
    return sum(p[round(servers) : -1]) / (1.0 - p[-1])


def wait_in_room(rate: float, speed: float, servers: float, room: float) -> float:
    p = states(rate, speed, servers, room)
    queue = sum((n - servers) * each for n, each in enumerate(p) if n > servers)
    return queue / (rate * (1.0 - p[-1]))


@cache
def characteristic_time(capacity: float, count: float, zipf: float) -> float:
    p = popularity(count, zipf)
    low, high = 0.0, 1e12
    for _ in range(100):
        middle = (low + high) / 2 if high < 1e11 else max(2 * low, capacity)
        if middle >= 1e11 or float(-np.expm1(-p * middle).sum()) > capacity:
            high = middle
        else:
            low = middle
        if high - low <= 1e-13 * high:
            break
    return (low + high) / 2


@cache
def popularity(count: float, zipf: float) -> np.ndarray[Any, Any]:
    weights: np.ndarray[Any, Any] = np.arange(1.0, count + 1.0) ** -zipf
    return np.asarray(weights / weights.sum())


def lru(capacity: float, count: float, zipf: float) -> float:
    if capacity >= count:
        return 1.0
    p = popularity(count, zipf)
    return float((p * -np.expm1(-p * characteristic_time(capacity, count, zipf))).sum())


def two_choices(question: str) -> Any:
    """The fitted formula is its own definition: only what is put into it is looked at."""
    from capcalc.theory.balancing import power_of_two

    return lambda *arguments: float(getattr(power_of_two, question)(*arguments))


FUNCTIONS = {
    "max": max,
    "min": min,
    "exp": math.exp,
    "ceil": lambda value: math.ceil(value - 1e-9),
    "erlang_b": erlang_b,
    "erlang_c": erlang_c,
    "mmck_prob_loss": loss,
    "mmck_prob_wait": waits_in_room,
    "mmck_mean_wait": wait_in_room,
    "lru_hit_ratio": lru,
    "lru_characteristic_time": characteristic_time,
    "power_of_two_prob_wait": two_choices("prob_wait"),
    "power_of_two_mean_wait": two_choices("mean_wait"),
}
#: Integrals stand for sums in the fast model of LRU; all else is rounding.
LOOSE = {"lru_hit_ratio": 1e-6, "lru_characteristic_time": 1e-6}


def again(step: Step) -> float:
    values = {part.name: part.value for part in step.parts}
    return float(eval(step.expression, {"__builtins__": {}}, {**FUNCTIONS, **values}))


def check(step: Step) -> int:
    """Every formula below, computed again from the values of its parts; how many there were."""
    counted = 0
    for _, each in step.walk():
        if each.cut or not each.expression:
            continue
        counted += 1
        called = each.expression.partition("(")[0]
        within = LOOSE.get(called, 1e-12)
        assert again(each) == pytest.approx(each.value, rel=within, abs=1e-300), each.title
    return counted


def whole(name: str, path: str, depth: int = 30) -> Explanation:
    """Explained from a book that is made once for each system."""
    book = book_of(name)
    return explanation(book.system.name, path, book.draft(path), depth)


@cache
def book_of(name: str) -> Any:
    return _book(system_of(name), Origins())


@pytest.mark.parametrize("name", [*EXAMPLES, *TEXTS])
def test_every_number_of_the_answer_is_explained(name: str) -> None:
    found = every(name)
    assert len(found) > 60
    for path, value in found:
        if path.startswith("defaults."):
            told = explain(system_of(name), path, depth=1)
            assert told.step.provenance is not None
            assert told.step.provenance.kind == "default"
        else:
            told = whole(name, path, depth=2)
        assert told.value == value, path
        step = told.step
        if step.provenance is None:
            assert step.formula, path
            assert step.latex, path
            assert step.parts, path
            assert told.inputs or any(part.provenance for part in step.parts), path
            assert step.title, path
            assert step.source, path
        else:
            assert step.provenance.says, path
        assert document(told).tables[0].rows, path


@pytest.mark.parametrize("name", [*EXAMPLES, *TEXTS])
def test_every_formula_gives_its_value(name: str) -> None:
    """Once more from the printed parts, by functions of the test's own."""
    counted = sum(check(whole(name, path, depth=1).step) for path in book_of(name).pages)
    assert counted > 40
    counted = sum(check(whole(name, path, depth=4).step) for path in list(book_of(name).pages)[::9])
    assert counted > 40


@pytest.mark.parametrize("name", EXAMPLES)
def test_few_numbers_are_explained_in_words(name: str) -> None:
    """Percentiles, fixed points and searches; all else is arithmetic."""
    in_words = {
        path.rpartition(".")[2]
        for path in book_of(name).pages
        if whole(name, path, 0).step.provenance is None and not whole(name, path, 0).step.expression
    }
    percentile = re.compile(r"(response_|user_)?p(50|90|95|99|999)")
    left = {each for each in in_words if not percentile.fullmatch(each)}
    assert left <= {
        *("bottleneck", "saturated", "met", "value", "cost", "best_capacity"),
        *("timed_out", "attempts", "congested_attempts"),
        "response",  # the slowest of several parts
    }


@pytest.mark.parametrize("name", [*EXAMPLES, *TEXTS])
def test_every_step_says_where_it_is_from(name: str) -> None:
    """Down to the leaves: no number without a formula or a provenance."""
    for path in book_of(name).pages:
        told = whole(name, path)
        for _, step in told.step.walk():
            if step.provenance is None:
                assert step.formula, (path, step.title)
                assert step.latex.count("{") == step.latex.count("}")
                assert "*" not in step.latex
            assert step.title, path


def test_what_is_told_above_is_above() -> None:
    told = whole("bookshop", "requests.browse.p99")
    seen: set[tuple[str, float | bool | str]] = set()
    again_and_again = 0
    for _, step in told.step.walk():
        if step.above:
            again_and_again += 1
            assert (step.title, step.value) in seen
        if step.parts:
            seen.add((step.title, step.value))
    assert again_and_again > 10


# -- by hand -------------------------------------------------------------------------------------


def parts(step: Step) -> Mapping[str, Step]:
    return {part.name: part for part in step.parts}


def test_utilization_by_hand() -> None:
    told = explain(system_of("bookshop"), "tiers.web.utilization", depth=3)
    assert told.formula == "arrival_rate × service_time / (hosts × servers)"
    own = parts(told.step)
    assert told.step.latex == r"\frac{\lambda \, S}{n \, k}"
    rates = [1.2e6 * habit * 3.2 / 86_400 for habit in (22, 4, 0.12)] + [8000 * 0.06]
    load = sum(r * s for r, s in zip(rates, (0.008, 0.022, 0.035, 0.0002), strict=True))
    assert own["arrival_rate"].value == pytest.approx(sum(rates), rel=1e-12)
    assert own["service_time"].value == pytest.approx(load / sum(rates), rel=1e-12)
    assert (own["hosts"].value, own["servers"].value) == (6.0, 4.0)
    assert told.value == pytest.approx(load / 24, rel=1e-12)
    assert own["servers"].parts[0].title == "vCPUs of c7g.xlarge"


def test_p99_of_a_tier_by_its_printed_parts() -> None:
    """The tail at the percentile, from shares, waits and services alone: closed form, scv 1."""
    told = explain(system_of("bookshop"), "tiers.web.response_p99", depth=2)
    own, t, tail = parts(told.step), float(told.value), 0.0
    assert own["tail"].value == pytest.approx(0.01, rel=1e-8)
    for kind in ("browse", "search", "cart", "asset"):
        stay = parts(own[f"stay_{kind}"])
        p, wait = float(stay["prob_wait"].value), float(stay["wait"].value)
        s, w = float(stay["service_time"].value), wait / p
        both = (w * math.exp(-t / w) - s * math.exp(-t / s)) / (w - s)
        tail += float(own[f"share_{kind}"].value) * ((1 - p) * math.exp(-t / s) + p * both)
    assert tail == pytest.approx(0.01, rel=1e-8)
    assert told.step.model == "M/G/k per host"
    assert any("Waits above 0 are taken as exponential" in line for line in told.assumptions)
    assert any(line.startswith("web: each host has its own queue") for line in told.assumptions)
    assert any("Lee" in line for line in told.sources)


def test_mean_of_a_request_by_its_printed_parts() -> None:
    told = explain(system_of("bookshop"), "requests.browse.mean", depth=2)
    terms = [parts(step) for step in told.step.parts]
    visits = {step.name: parts(step)["visits"].value for step in told.step.parts}
    assert visits["at_cache"] == 6.0
    mean = sum(math.prod(float(part.value) for part in term.values()) for term in terms)
    assert told.value == pytest.approx(mean, rel=1e-12)


def test_cost_by_hand() -> None:
    told = explain(system_of("bookshop"), "cost", depth=3)
    catalogue = system_of("bookshop").catalogue
    assert catalogue is not None
    price = {name: catalogue.price[catalogue.position(name)] for name in catalogue.instance}
    hosts = 6 * price["c7g.xlarge"] + 4 * price["r7g.large"] + 3 * price["r7g.xlarge"]
    edge = 8000 * 34e3 / 3.2 * 730 * 3600 * 0.02e-9
    assert told.value == pytest.approx(hosts * 730 + edge, rel=1e-12)
    assert any("no price is known for lb" in line for line in told.assumptions)


def test_lag_by_hand() -> None:
    told = explain(system_of("bookshop"), "tiers.db.lag", depth=1)
    own = parts(told.step)
    assert told.formula == "wait + apply_time + replication_round_trip"
    assert own["apply_time"].value == 0.0014
    replica = cc.solve(system_of("bookshop")).station("db", "replica")
    assert told.value == pytest.approx(float(replica.wait) + 0.0014, rel=1e-12)


def test_roles_are_found_under_their_tier() -> None:
    told = explain(system_of("bookshop"), "tiers.db.primary.utilization")
    assert told.value == pytest.approx(0.1292, abs=5e-5)
    assert told.value == explain(system_of("bookshop"), "stations.db.primary.utilization").value


def test_least_connections_names_its_model_and_its_constant() -> None:
    told = explain(system_of("newsroom"), "stations.web.wait", depth=1)
    own = {name: float(part.value) for name, part in parts(told.step).items()}
    assert told.step.model == "least connections"
    load, every_server = own["arrival_rate"] * own["service_time"], own["hosts"] * own["servers"]
    pooled = erlang_c(every_server, load) * own["service_time"]
    wait = pooled / (every_server - load) + own["kappa"] * pooled / own["servers"]
    assert told.value == pytest.approx((1 + own["scv"]) / 2 * wait, rel=1e-12)
    assert any("fitted to simulations" in line for line in told.assumptions)


# -- provenance ----------------------------------------------------------------------------------


def test_inputs_say_where_they_are_from() -> None:
    lines = {"demand.requests.api.per_user_day": 9, "tiers.web.hosts": 27}
    told = explain(
        system_of("rich"),
        "tiers.web.utilization",
        file="rich.yaml",
        lines=lines,
        settings=["tiers.web.cores"],
    )
    found = {step.path: step.provenance for step in told.inputs}
    per_day = found["demand.requests.api.per_user_day"]
    assert per_day is not None
    assert (per_day.kind, per_day.line, per_day.source) == ("given", 9, "access log, June")
    assert per_day.says == "given, rich.yaml line 9"
    cores = found["tiers.web.cores"]
    assert cores is not None
    assert (cores.kind, cores.says) == ("setting", "given, --set tiers.web.cores")
    assert all(step.provenance for step in told.inputs)


def test_a_range_is_told_as_its_middle() -> None:
    told = explain(system_of("newsroom"), "tiers.cdn.hit_ratio")
    assert told.value == pytest.approx(0.935)
    assert told.step.provenance is not None
    assert told.step.provenance.kind == "range"
    assert "0.9 to 0.97" in told.step.provenance.says


def test_a_default_is_told_as_one() -> None:
    told = explain(system_of("bookshop"), "tiers.web.scv")
    assert (told.value, told.step.provenance and told.step.provenance.kind) == (1.0, "default")
    servers = explain(system_of("bookshop"), "stations.lb.servers")
    assert servers.step.provenance is not None
    assert (servers.step.path, servers.step.provenance.kind) == ("tiers.lb.cores", "default")


def test_the_instance_table_is_named_with_its_date() -> None:
    told = explain(system_of("bookshop"), "tiers.web.servers", depth=3)
    table = next(step for step in told.inputs if step.title == "vCPUs of c7g.xlarge")
    assert table.provenance is not None
    assert table.provenance.kind == "table"
    assert re.search(r"as of \d{4}-\d{2}-\d{2}", table.provenance.says)


def test_an_input_is_explained_by_its_provenance() -> None:
    told = explain(system_of("bookshop"), "tiers.web.service_time.browse")
    assert told.value == 0.008
    assert told.step.provenance is not None
    assert told.step.provenance.kind == "given"
    assert explain(system_of("bookshop"), "tiers.web.instance").value == "c7g.xlarge"


def test_the_hit_ratio_follows_from_capacity_and_popularity() -> None:
    told = explain(system_of("bookshop"), "tiers.cache.hit_ratio")
    own = {name: float(part.value) for name, part in parts(told.step).items()}
    assert own["capacity"] == 400_000
    p = np.arange(1.0, 2e6 + 1) ** -1.0
    p /= p.sum()
    filled = float(-np.expm1(-p * own["time"]).sum())
    assert filled == pytest.approx(400_000, rel=1e-6)
    assert told.value == pytest.approx(float((p * -np.expm1(-p * own["time"])).sum()), rel=1e-6)


# -- what is not finite, and what is not there ----------------------------------------------------


def test_a_saturated_station_is_explained_as_one() -> None:
    told = explain(system_of("looped"), "tiers.slow.wait")
    assert told.value == math.inf
    assert "saturated" in told.formula
    assert parts(told.step)["utilization"].value == 5.0
    assert "without end" in explain(system_of("looped"), "requests.b.p99").formula
    assert explain(system_of("looped"), "objectives.b.p99").value is False
    hosts = explain(system_of("looped"), "remedies.slow.hosts", depth=1)
    assert hosts.value == 8.0  # 5 erlangs at 70 %
    assert check(hosts.step) == 1


def test_calls_that_come_back_solve_the_traffic_equations() -> None:
    told = explain(system_of("looped"), "visits.a.two")
    assert told.value == pytest.approx(0.5 / (1 - 0.15), rel=1e-12)
    assert "v = e + v P" in told.formula
    assert parts(told.step)["calls_one_two"].value == 0.5


def test_tries_are_told_as_a_fixed_point() -> None:
    told = explain(system_of("microservices"), "tiers.payments.attempts")
    late = float(parts(told.step)["timed_out"].value)
    assert told.value == pytest.approx(1 + late + late**2, rel=1e-9)
    work = explain(system_of("microservices"), "visits.checkout.payments", depth=1)
    assert parts(work.step)["attempts"].value == told.value


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("tiers.web.respons_p99", "tiers.web.response_p99"),
        ("tiers.wbe.utilization", "tiers.web.utilization"),
        ("requests.brows.p99", "requests.browse.p99"),
        ("tiers.web.host", "tiers.web.hosts"),
        ("lag", "db.lag"),
        ("tiers.web.cores", "has no value in this scenario"),
        ("nothing like it", "results are e.g."),
        ("", "results are e.g."),
    ],
)
def test_a_wrong_path_gets_a_hint(path: str, hint: str) -> None:
    with pytest.raises(UsageError) as error:
        explain(system_of("bookshop"), path)
    assert hint in str(error.value)
    assert "\n" not in str(error.value)


def test_a_sweep_is_refused() -> None:
    system = system_of("bookshop").replace({"tiers.web.hosts": np.array([5.0, 6.0])})
    with pytest.raises(UsageError, match="one scenario"):
        explain(system, "headroom")


def test_a_rule_that_does_not_hold_is_not_told() -> None:
    assert holds("a / b", {"a": 1.0, "b": 3.0}, 1 / 3)
    assert not holds("a / b", {"a": 1.0, "b": 3.0}, 0.3334)
    assert not holds("1 / (1 - a)", {"a": 1.0}, math.inf)
    assert not holds("missing + 1", {}, 2.0)


def test_all_paths_are_listed() -> None:
    listed = explainable(system_of("bookshop"))
    assert {"tiers.web.response_p99", "headroom", "facts.db.lag", "tiers.db.lag"} <= set(listed)
    assert len(listed) == len(set(listed))


# -- depth, rows, readable forms ------------------------------------------------------------------


def test_depth_limits_the_tree_and_not_the_inputs() -> None:
    flat = explain(system_of("bookshop"), "tiers.web.utilization", depth=0)
    deep = explain(system_of("bookshop"), "tiers.web.utilization", depth=9)
    assert flat.step.parts == ()
    assert flat.step.cut
    assert max(depth for depth, _ in deep.step.walk()) > 3
    assert [step.title for step in flat.inputs] == [step.title for step in deep.inputs]
    assert flat.assumptions == deep.assumptions
    assert len(deep.table) == sum(1 for _ in deep.step.walk())


def test_a_step_is_read_with_its_numbers() -> None:
    told = explain(system_of("bookshop"), "tiers.web.utilization")
    assert how(told.step) == (
        "arrival_rate × service_time / (hosts × servers) = 1640.9/s × 7.32 ms / (6 × 4)"
    )


def test_sentences_on_stations_are_told_once() -> None:
    told = explain(system_of("bookshop"), "requests.browse.p99")
    own_queue = [line for line in told.assumptions if "each host has its own queue" in line]
    assert len(own_queue) == 1
    assert own_queue[0].startswith("lb, web, sessions, cache, db primary, db replica: ")


@pytest.mark.parametrize(
    ("expression", "latex"),
    [
        ("arrival_rate * wait", r"\lambda \, W_q"),
        ("1 / (1 - hit_ratio)", r"\frac{1}{1 - h}"),
        ("a - (b - c)", r"\mathrm{a} - \left(\mathrm{b} - \mathrm{c}\right)"),
        ("(a + b) * c", r"\left(\mathrm{a} + \mathrm{b}\right) \, \mathrm{c}"),
        ("(a + b) ** 2", r"\left(\mathrm{a} + \mathrm{b}\right)^{2}"),
        ("erlang_c(servers, offered_load / hosts)", r"C\left(k, \frac{a}{n}\right)"),
        ("rate_browse", r"\lambda_{\mathrm{browse}}"),
        ("wait_a_b", r"{W_q}_{\mathrm{a\ b}}"),
        ("ceil(hosts)", r"\lceil n \rceil"),
        ("-2 * servers", r"-2 \, k"),
    ],
)
def test_typesetting(expression: str, latex: str) -> None:
    assert typeset(expression) == latex


def test_a_power_is_read_as_one() -> None:
    assert readable("a ** 2 * b") == "a ^ 2 × b"


LEAF = st.sampled_from(["a", "b", "c", "2", "0.5"])
SUMS = st.recursive(
    LEAF,
    lambda below: st.tuples(below, st.sampled_from("+-*/"), below).map(
        lambda each: f"({each[0]} {each[1]} {each[2]})"
    ),
    max_leaves=8,
)


@given(SUMS, st.tuples(*[st.floats(0.1, 10.0)] * 3))
def test_evaluation_is_that_of_python(expression: str, numbers: tuple[float, ...]) -> None:
    values = dict(zip("abc", numbers, strict=True))
    try:
        expected = float(eval(expression, {}, values))
    except ZeroDivisionError:
        assert math.isnan(evaluated(expression, values))
        return
    assert evaluated(expression, values) == expected


@settings(max_examples=12, deadline=None)
@given(
    st.integers(4, 40),
    st.floats(1e5, 3e6),
    st.floats(0.2, 4.0),
    st.sampled_from(["random", "round_robin", "least_connections", "central_queue"]),
)
def test_formulas_hold_for_other_systems(hosts: int, users: float, scv: float, how: str) -> None:
    system = system_of("bookshop").replace(
        {
            "tiers.web.hosts": float(hosts),
            "demand.daily_active_users": users,
            "tiers.web.scv": scv,
            "tiers.lb.policy": how,
        }
    )
    solved = cc.solve(system)
    for path, value in (
        ("tiers.web.response", solved.tier("web").response),
        ("stations.web.wait", solved.station("web").wait),
        ("stations.web.scv", solved.station("web").scv),
    ):
        told = explain(system, path, depth=3)
        assert told.value == float(np.asarray(value))
        if math.isfinite(told.value):
            for _, step in told.step.walk():
                if step.expression and not step.cut:
                    assert again(step) == pytest.approx(step.value, rel=1e-9)
