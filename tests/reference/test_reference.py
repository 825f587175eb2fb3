"""The reference and the simulation against closed forms, published figures and each other."""

import math
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from .inversion import Slowest, quantile, survival_and_density
from .random_scenarios import INSTANCES, scenarios
from .simulation import bracket, che, simulate, student
from .solver import load_system, lru_hit_ratio, reference, response
from .units import number
from .waits import erlang_c, wait_erlang_arrivals, wait_least_connections, wait_mmc

CLOSE: Any = {"rel": 1e-11}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("8ms", 0.008),
        ("9k/s", 9e3),
        ("5M/day", 5e6 / 86400),
        ("94%", 0.94),
        ("34kB", 34e3),
        ("64GiB", 64 * 2**30),
        ("1.2M", 1.2e6),
        ("6%/month", 0.06 / 2_628_000),
        ("0.02 USD/GB", 2e-11),
        ("5min", 300.0),
        (["90%", "97%"], 0.935),
        ({"value": "2ms", "source": "measured"}, 0.002),
        (3, 3.0),
    ],
)
def test_quantities(text: object, value: float) -> None:
    assert number(text) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize("text", ["", "ms", "8 parsecs", True, "nan"])
def test_no_quantities(text: object) -> None:
    with pytest.raises(ValueError, match=r"quantity|unit|truth"):
        number(text)


def test_waits_match_published_numbers() -> None:
    assert erlang_c(20, 16) == pytest.approx(0.2561, abs=5e-5)
    assert wait_mmc(8, 1, 10) + 1 == pytest.approx(1.2046, abs=5e-5)
    assert wait_erlang_arrivals(10, 0.8, 1) + 1 == pytest.approx(2.9223, abs=5e-5)
    assert wait_erlang_arrivals(1, 0.8, 1) == pytest.approx(4, **CLOSE)
    for hosts, servers, rho, response_time in [
        (12, 4, 0.8, 1.0184),
        (4, 4, 0.9, 1.4221),
        (3, 2, 0.9, 2.3546),
    ]:
        wait = wait_least_connections(hosts * servers * rho, 1, 1, hosts, servers)
        assert wait + 1 == pytest.approx(response_time, abs=1e-4)


@pytest.mark.parametrize(
    ("count", "alpha", "capacity", "hit"),
    [
        (1e9, 0.8, 1e7, 0.2645688),
        (1e9, 0.99, 1e7, 0.6968711),
        (1e10, 1.1, 1e6, 0.7992337),
        (1e12, 0.9, 1e9, 0.3699907),
    ],
)
def test_lru_at_scale(count: float, alpha: float, capacity: float, hit: float) -> None:
    assert lru_hit_ratio(capacity, count, alpha) == pytest.approx(hit, abs=1e-7)


@pytest.mark.parametrize("alpha", [0.7, 1.0, 1.2])
def test_lru_agrees_with_the_sum_over_objects(alpha: float) -> None:
    assert lru_hit_ratio(10_000, 1e6, alpha) == pytest.approx(che(10_000, 10**6, alpha), abs=1e-6)


def test_inversion_of_a_hypoexponential_and_a_gamma() -> None:
    tail, density = survival_and_density(lambda s: 1 / (1 + s) * 3 / (3 + s), 4.0)
    assert tail == pytest.approx(1.5 * math.exp(-4) - 0.5 * math.exp(-12), **CLOSE)
    assert density == pytest.approx(1.5 * math.exp(-4) - 1.5 * math.exp(-12), **CLOSE)
    for shape in (0.25, 10.0):
        exact = float(mpmath.gammainc(shape, 3, mpmath.inf, regularized=True))
        assert survival_and_density(lambda s, a=shape: (1 + s) ** -a, 3.0)[0] == pytest.approx(
            exact, rel=1e-10
        )


def test_quantiles_of_the_mixture_in_the_models() -> None:
    def law(s: complex) -> complex:
        path = 1 / (1 + s) / (1 + 5 * s) / (1 + 0.5 * s)
        return path * (0.8 + 0.2 / (1 + 20 * s))

    for q, value in [
        (0.5, 6.27471),
        (0.9, 23.2137),
        (0.95, 35.3604),
        (0.99, 67.2035),
        (0.999, 113.2522),
    ]:
        assert quantile(law, q, 10) == pytest.approx(value, abs=5.1e-5)


def test_quantiles_with_mass_at_zero_and_at_infinity() -> None:
    assert quantile(lambda s: 0.95 + 0.05 / (1 + s), 0.9, 1) == 0
    assert quantile(lambda s: 0.95 + 0.05 / (1 + s), 0.96, 1) == pytest.approx(
        math.log(1.25), **CLOSE
    )
    assert quantile(lambda s: 0.9 / (1 + s), 0.95, 1) == math.inf
    assert quantile(lambda s: 0.9 / (1 + s), 0.45, 1) == pytest.approx(math.log(2), **CLOSE)


def test_slowest_of_exponentials_is_a_chain_of_stages() -> None:
    law = Slowest(3, 0.0, 1.0, 2.0, 1)
    assert law.average == pytest.approx(2 * (1 + 1 / 2 + 1 / 3), rel=1e-13)
    for s in (0.1 + 0.3j, 5 + 400j):
        assert abs(law(s) - math.prod(j / (j + 2 * s) for j in (1, 2, 3))) < 1e-13


def test_slowest_with_waits_by_expansion_and_by_gamma() -> None:
    exponential, almost = Slowest(2, 0.4, 0.7, 1.0, 1), Slowest(2, 0.4, 0.7, 1.0, 1 + 1e-9)
    own, theta = 1.0, 0.7
    a, b = (
        1 - 0.4 + 0.4 * theta / (theta - own),
        -0.4 * own / (theta - own),
    )  # P(sojourn > t) = a e^-t + b e^-theta t
    terms = [
        (2 * a, own),
        (2 * b, theta),
        (-a * a, 2 * own),
        (-2 * a * b, own + theta),
        (-b * b, 2 * theta),
    ]
    assert exponential.average == pytest.approx(sum(c / r for c, r in terms), rel=1e-13)
    for s in (0.2 + 1j, 3 + 40j):
        exact = 1 - s * sum(c / (r + s) for c, r in terms)
        assert abs(exponential(s) - exact) < 1e-13
        assert abs(almost(s) - exact) < 1e-8


def single(policy: str, hosts: int, cores: int, rate: float, **more: object) -> dict[str, Any]:
    """One balanced service, nothing else that takes time."""
    balancer = {"kind": "load_balancer", "policy": policy, "hosts": 1, "service_time": 0}
    service = {"kind": "service", "hosts": hosts, "cores": cores, "service_time": 1, **more}
    return {
        "demand": {"requests": {"all": {"rate": rate}}},
        "tiers": {"lb": balancer, "app": service},
        "calls": {"all": {"app": 1}},
    }


def test_fan_out_quantile_is_that_of_the_power() -> None:
    system = single("random", 4, 1, 0.0001, fan_out=4)
    solved = reference(system, {}, {})["requests"]["all"]
    rate = 1 - 0.0001
    assert solved["p99"] == pytest.approx(-math.log(1 - 0.99 ** (1 / 4)) / rate, **CLOSE)


def test_feedback_is_one_exponential_more_often() -> None:
    """Calling itself with probability p through another tier: a geometric sum of pairs."""
    scenario = {
        "demand": {"requests": {"all": {"rate": 1e-9}}},
        "tiers": {
            "a": {"kind": "service", "service_time": 1, "calls": {"b": 0.5}},
            "b": {"kind": "service", "service_time": 2, "calls": {"a": 1}},
        },
        "calls": {"all": {"a": 1}},
    }
    solved = reference(scenario, {}, {})
    assert solved["requests"]["all"]["mean"] == pytest.approx(4, rel=1e-8)
    assert solved["tiers"]["a"]["arrival_rate"] == pytest.approx(2e-9, **CLOSE)
    mean, law = response(load_system(scenario, {}), "all")
    s = 0.3 + 2j
    assert abs(law(s) - (0.5 / (1 + s)) / (1 - 0.5 / (1 + s) / (1 + 2 * s))) < 1e-8
    assert mean == solved["requests"]["all"]["mean"]


def test_the_inversion_agrees_with_de_hoog_in_thirty_digits() -> None:
    scenario = single("round_robin", 3, 4, 7, scv=4)
    _, law = response(load_system(scenario, {}), "all")
    solved = reference(scenario, {}, {})["requests"]["all"]
    with mpmath.workdps(30):
        for label, q in (("p50", 0.5), ("p999", 0.999)):
            tail = mpmath.invertlaplace(
                lambda s: (1 - law(s)) / s, solved[label], method="dehoog", degree=60
            )
            assert float(tail) == pytest.approx(1 - q, rel=1e-10)


@pytest.mark.parametrize(
    ("policy", "hosts", "cores", "rate", "exact", "tolerance"),
    [
        ("random", 3, 2, 4.2, 1 + wait_mmc(1.4, 1, 2), 0.0),
        ("central_queue", 3, 2, 4.8, 1 + wait_mmc(4.8, 1, 6), 0.0),
        ("round_robin", 4, 1, 3.2, 1 + wait_erlang_arrivals(4, 0.8, 1), 0.0),
        ("round_robin", 4, 4, 14.4, 2.1325, 0.0001),
        ("least_connections", 12, 4, 38.4, 1.0158, 0.0003),
    ],
)
def test_the_simulation_is_right_where_the_answer_is_known(
    policy: str, hosts: int, cores: int, rate: float, exact: float, tolerance: float
) -> None:
    scenario = single(policy, hosts, cores, rate)
    runs = [simulate(scenario, {}, 20_000, seed, 2_000)["all"] for seed in range(10)]
    low, high = bracket(runs, None, 0.999)
    assert low - tolerance <= exact <= high + tolerance


def test_the_simulation_forks_and_joins() -> None:
    """Two M/M/1 in parallel: mean (12 - rho) / 8 of one sojourn (Flatto and Hahn 1984)."""
    runs = [
        simulate(single("random", 2, 1, 0.5, fan_out=2), {}, 30_000, seed, 2_000)["all"]
        for seed in range(10)
    ]
    low, high = bracket(runs, None, 0.999)
    assert low <= (12 - 0.5) / 8 / (1 - 0.5) <= high


def test_the_simulation_replays_writes() -> None:
    """Reads behind replays at a single replica: M/G/1, Pollaczek and Khinchine."""
    scenario = {
        "demand": {"requests": {"read": {"rate": 0.3}, "write": {"rate": 0.2}}},
        "tiers": {
            "db": {
                "kind": "database",
                "replicas": 1,
                "read_time": 1,
                "write_time": 0.001,
                "apply_time": 2,
            }
        },
        "calls": {"read": {"db": {"reads": 1}}, "write": {"db": {"writes": 1}}},
    }
    wait = (0.3 * 2 + 0.2 * 8) / 2 / (1 - 0.7)
    runs = [simulate(scenario, {}, 40_000, seed, 4_000)["read"] for seed in range(10)]
    low, high = bracket(runs, None, 0.999)
    assert low <= 1 + wait <= high
    assert reference(scenario, {}, {})["requests"]["read"]["mean"] == pytest.approx(
        1 + wait, **CLOSE
    )


def test_simulation_and_reference_agree_on_a_product_form_network() -> None:
    """Random split, exponential, one server: Jackson, so the means are exact however requests return."""
    scenario = {
        "demand": {"requests": {"x": {"rate": 10}, "y": {"rate": 30, "static": True}}},
        "tiers": {
            "web": {
                "kind": "web",
                "hosts": 2,
                "service_time": "20ms",
                "sessions": {"state": "shared", "store": "kv"},
            },
            "kv": {"kind": "session_store", "service_time": "5ms"},
            "cache": {
                "kind": "cache",
                "hosts": 2,
                "service_time": "10ms",
                "hit_ratio": "60%",
                "fronts": "db",
            },
            "db": {"kind": "database", "read_time": "30ms", "write_time": "30ms"},
            "a": {"kind": "service", "service_time": "15ms", "calls": {"b": 0.4}},
            "b": {"kind": "service", "service_time": "10ms", "calls": {"a": 0.3}},
        },
        "calls": {"x": {"cache": 2.5, "db": {"writes": 0.5}, "a": 1}},
    }
    solved = reference(scenario, {}, {}, quantiles=False)
    assert solved["stations"]["web"]["utilization"] == pytest.approx(0.4)
    assert solved["stations"]["cache"]["utilization"] == pytest.approx(0.125)
    assert solved["stations"]["db.primary"]["utilization"] == pytest.approx(0.45)
    assert solved["stations"]["kv"]["arrival_rate"] == pytest.approx(10)
    runs = [simulate(scenario, {}, 20_000, seed, 2_000) for seed in range(10)]
    for name in ("x", "y"):
        low, high = bracket([run[name] for run in runs], None, 0.999)
        assert low <= solved["requests"][name]["mean"] <= high


def test_brackets() -> None:
    assert student(0.99, 9) == pytest.approx(3.2498, abs=1e-4)
    sample = np.random.default_rng(1).standard_exponential(200_000)
    low, high = bracket(sample, 0.99)
    assert low < -math.log(0.01) < high
    assert high - low < 0.15


def test_a_saturated_station_spoils_what_visits_it_only() -> None:
    scenario: dict[str, Any] = {
        "demand": {"requests": {"fast": {"rate": 5}, "slow": {"rate": 5}}},
        "tiers": {
            "web": {"kind": "web", "service_time": "10ms"},
            "app": {"kind": "service", "service_time": "300ms"},
        },
        "calls": {"slow": {"app": 0.8}},
    }
    solved = reference(scenario, {}, {})
    assert solved["stations"]["app"]["utilization"] == pytest.approx(1.2)
    assert solved["stations"]["app"]["wait"] == solved["requests"]["slow"]["p50"] == math.inf
    assert math.isfinite(solved["requests"]["fast"]["p999"])
    scenario["calls"] = {"slow": {"db": {"reads": 1, "writes": 0.3}}}
    scenario["tiers"]["db"] = {
        "kind": "database",
        "replicas": 1,
        "read_time": 0.001,
        "write_time": 1,
        "apply_time": 0.001,
    }
    assert reference(scenario, {}, {})["requests"]["slow"]["p50"] == math.inf
    assert reference(scenario, {}, {}, defective=True)["requests"]["slow"]["p50"] < 0.05
    assert reference(scenario, {}, {}, defective=True)["requests"]["slow"]["p90"] == math.inf


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(scenarios())
def test_random_scenarios_have_ordered_answers(scenario: dict[str, Any]) -> None:
    solved = reference(scenario, INSTANCES, {})
    for row in solved["requests"].values():
        for prefix in ("", "user_"):
            found = [row[prefix + label] for label in ("p50", "p90", "p95", "p99", "p999")]
            assert found == sorted(found)
        assert row["origin_rate"] <= row["arrival_rate"]
    assert max(station["utilization"] for station in solved["stations"].values()) == pytest.approx(
        1 / solved["headroom"]
    )
