"""Priority queues against cases, truncated chains, simulation, inversion and their laws."""

from __future__ import annotations

import warnings
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared import cases

from capcalc.theory.distributions.inversion import survival_by_euler, survival_by_hyperbola
from capcalc.theory.queues import (
    mgc_nonpreemptive,
    mm1,
    mmc,
    mmc_nonpreemptive,
    mmc_preemptive,
    nonpreemptive,
    preemptive,
)

KEYS = {
    "Wq": "mean_wait",
    "W": "mean_response",
    "Lq": "mean_queue_length",
    "L": "mean_number",
}
SINGLE = {
    "mm1_priority_nonpreemptive": nonpreemptive,
    "mg1_priority_nonpreemptive": nonpreemptive,
    "mm1_priority_preemptive_resume": preemptive,
    "mg1_priority_preemptive_resume": preemptive,
}
SEVERAL = {
    "mmc_priority_nonpreemptive": mmc_nonpreemptive,
    "mmc_priority_preemptive_resume": mmc_preemptive,
}
CASES = cases("priority_mdc.json", *SINGLE, *SEVERAL)
UNEQUAL = cases("response_percentiles.json", "mmc_priority_nonpreemptive_unequal")


def numbers(values: Any) -> Any:
    if isinstance(values, list):
        return np.array([float(Fraction(value)) for value in values])
    return float(Fraction(values))


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_cases(case: dict[str, Any]) -> None:
    params = case["params"]
    rates = numbers(params["arrival_rates"])
    if case["model"] in SINGLE:
        module: Any = SINGLE[case["model"]]
        arguments = (numbers(params["service_rates"]), numbers(params["service_scv"]))
    else:
        module = SEVERAL[case["model"]]
        arguments = (numbers(params["service_rate"]), float(params["servers"]))
    for key, wanted in case["expected"].items():
        found = getattr(module, KEYS[key])(rates, *arguments)
        assert found == pytest.approx(wanted, rel=min(case["rtol"], 1e-11)), key


@pytest.mark.parametrize("case", UNEQUAL, ids=[case["id"] for case in UNEQUAL])
def test_unequal_services_on_several_servers(case: dict[str, Any]) -> None:
    params = case["params"]
    rates, speeds = numbers(params["arrival_rates"]), 1 / numbers(params["service_times"])
    found = mgc_nonpreemptive.mean_wait(rates, speeds, params["servers"])
    late = mgc_nonpreemptive.wait_quantile(0.95, rates, speeds, params["servers"])
    for each in (0, 1):
        for values, key, stated in ((found, "Wq", 0.03), (late, "Wq_p95", 0.05)):
            low, high = case["ci99"][f"{key}_{each}"]
            middle, half = 0.5 * (low + high), 0.5 * (high - low)
            assert abs(np.asarray(values)[each] - middle) <= 2 * half
            assert np.asarray(values)[each] == pytest.approx(middle, rel=stated)


@pytest.mark.parametrize("servers", [1, 3])
def test_nonpreemptive_means_by_a_truncated_chain(servers: int) -> None:
    """States: numbers waiting of both classes, and busy servers; solved as a linear system."""
    first, second, most = 0.35 * servers, 0.2 * servers, 60
    index = {}
    for busy in range(servers):
        index[(busy, 0, 0)] = len(index)
    for one in range(most):
        for two in range(most):
            index[(servers, one, two)] = len(index)
    import scipy.sparse as sparse
    import scipy.sparse.linalg as linalg

    rows, columns, values = [], [], []

    def add(source: tuple[int, int, int], target: tuple[int, int, int], rate: float) -> None:
        if target in index:
            rows.extend((index[target], index[source]))
            columns.extend((index[source], index[source]))
            values.extend((rate, -rate))

    for busy, one, two in index:
        here = (busy, one, two)
        if busy < servers:
            add(here, (busy + 1, 0, 0), first + second)
            add(here, (busy - 1, 0, 0), busy)
            continue
        add(here, (busy, one + 1, two), first)
        add(here, (busy, one, two + 1), second)
        after = (busy, one - 1, two) if one else (busy, 0, two - 1) if two else (busy - 1, 0, 0)
        add(here, after, servers)
    balance = sparse.csc_matrix((values, (rows, columns))).tolil()
    balance[0, :] = 1.0
    right = np.zeros(len(index))
    right[0] = 1.0
    share = linalg.spsolve(balance.tocsc(), right)
    wanted = [sum(share[at] * state[k] for state, at in index.items()) for k in (1, 2)]
    found = mmc_nonpreemptive.mean_queue_length([first, second], 1.0, servers)
    assert found == pytest.approx(wanted, rel=1e-6)
    assert mmc_nonpreemptive.prob_wait([first, second], 1.0, servers) == pytest.approx(
        1 - share[:servers].sum(), rel=1e-6
    )


def simulated_waits(rates: list[float], servers: int, count: int, seed: int) -> list[list[float]]:
    """Waits of each class, services exponential at rate 1, first come first served in a class."""
    generator = np.random.default_rng(seed)
    total = sum(rates)
    clock = np.cumsum(generator.exponential(1 / total, count))
    kind = generator.choice(len(rates), size=count, p=np.array(rates) / total)
    service = generator.exponential(1.0, count)
    free = [0.0] * servers
    queues: list[list[int]] = [[] for _ in rates]
    waits: list[list[float]] = [[] for _ in rates]
    heads = [0] * len(rates)
    arrived = 0
    while arrived < count or any(heads[k] < len(queues[k]) for k in range(len(rates))):
        server = min(range(servers), key=free.__getitem__)
        while arrived < count and clock[arrived] <= free[server]:
            queues[kind[arrived]].append(arrived)
            arrived += 1
        waiting = [k for k in range(len(rates)) if heads[k] < len(queues[k])]
        if waiting:
            each = queues[waiting[0]][heads[waiting[0]]]
            heads[waiting[0]] += 1
        elif arrived < count:
            queues[kind[arrived]].append(arrived)
            heads[kind[arrived]] += 1
            each, arrived = arrived, arrived + 1
        else:
            break
        start = max(free[server], clock[each])
        waits[kind[each]].append(start - clock[each])
        free[server] = start + service[each]
    return waits


def test_wait_law_against_simulation() -> None:
    rates, servers = [0.6, 0.5, 0.4], 2
    runs = [simulated_waits(rates, servers, 40_000, seed) for seed in range(8)]
    for k in range(3):
        for level in (0.5, 0.9, 0.97):
            time = float(mmc_nonpreemptive.wait_quantile(level, rates, 1.0, servers)[k])  # type: ignore[index]
            shares = [float(np.mean(np.array(run[k][500:]) <= time)) for run in runs]
            error = np.std(shares, ddof=1) / np.sqrt(len(shares))
            assert abs(np.mean(shares) - level) < 4.5 * error + 1e-9, (k, level)


@pytest.mark.parametrize(
    "rates",
    [[0.3, 0.2], [0.5, 0.3], [0.9, 0.05], [0.1, 0.85], [0.25, 0.25], [1e-9, 0.5], [0.5, 1e-9]],
)
def test_wait_law_is_the_inverse_of_its_transform(rates: list[float]) -> None:
    """Singular on the negative axis only: both inversions agree with the mixture."""
    first, second = rates
    until = first + second

    def transform(s: Any) -> Any:
        root = np.sqrt(s + (1 + first**0.5) ** 2) * np.sqrt(s + (1 - first**0.5) ** 2)
        y = 0.5 * (1 + first + s + root)
        return (1 - until) / (y - until)

    time = np.array([0.5, 2.0, 7.0]) / (1 - until)
    found = 1 - np.asarray(mmc_nonpreemptive.wait_cdf(time[:, None], rates, 1, 1))[:, 1]
    euler, hyperbola = (
        survival_by_euler(transform, time)[0],
        survival_by_hyperbola(transform, time)[0],
    )
    assert found / until == pytest.approx(euler, rel=1e-8, abs=1e-10)
    assert found / until == pytest.approx(hyperbola, rel=1e-5)


def test_quantile_is_the_root_of_the_law_and_the_mean_its_integral() -> None:
    rates, servers = [1.0, 0.7, 1.1], 4
    level = np.array([0.9, 0.99, 0.999999])[:, None]
    time = np.asarray(mmc_nonpreemptive.wait_quantile(level, rates, 1.0, servers))
    back = np.asarray(mmc_nonpreemptive.wait_cdf(time, rates, 1.0, servers))
    assert 1 - back == pytest.approx(np.broadcast_to(1 - level, (3, 3)), rel=1e-9)
    points, weights = np.polynomial.legendre.leggauss(200)
    x = 0.5 * (points + 1)
    when = (x / (1 - x))[:, None]
    survival = 1 - np.asarray(mmc_nonpreemptive.wait_cdf(when, rates, 1.0, servers))
    mean = (0.5 * weights[:, None] * survival / (1 - x[:, None]) ** 2).sum(axis=0)
    assert mmc_nonpreemptive.mean_wait(rates, 1.0, servers) == pytest.approx(mean, rel=1e-7)


def test_response_is_wait_and_service() -> None:
    """The law of the sum, by the convolution of the wait's law with an exponential service."""
    rates, speed, servers = [1.0, 0.7, 1.1], 1.3, 3
    points, weights = np.polynomial.legendre.leggauss(80)
    for time in (0.2, 1.0, 4.0, 12.0):
        own = 0.5 * time * (points + 1)
        within = np.asarray(mmc_nonpreemptive.wait_cdf(own[:, None], rates, speed, servers))
        wanted = (0.5 * time * weights * speed * np.exp(-speed * (time - own))) @ within
        found = np.asarray(mmc_nonpreemptive.response_cdf(time, rates, speed, servers))
        assert found == pytest.approx(wanted, rel=1e-9)
    level = np.array([0.01, 0.5, 0.99, 0.9999999])[:, None]
    late = np.asarray(mmc_nonpreemptive.response_quantile(level, rates, speed, servers))
    back = np.asarray(mmc_nonpreemptive.response_cdf(late, rates, speed, servers))
    assert back == pytest.approx(np.broadcast_to(level, (4, 3)), rel=1e-12)
    for p in (0.1, 0.9, 0.9999):
        assert mmc_nonpreemptive.response_quantile(p, [3.0], 1.0, 4) == pytest.approx(
            mmc.response_quantile(p, 3.0, 1.0, 4), rel=1e-11
        )


def test_far_tail_keeps_its_digits() -> None:
    """Class 0 waits like M/M/1 at its own rate; so the tail of the highest class is known."""
    time = np.asarray(mmc_nonpreemptive.wait_quantile(1 - 1e-15, [0.2, 0.3], 1.0, 1))
    assert time[0] == pytest.approx(np.log(0.5 / (1 - (1 - 1e-15))) / 0.8, rel=1e-13)


loads = st.lists(st.floats(0.01, 1.0), min_size=1, max_size=5)


@given(loads, st.floats(0.05, 0.97), st.integers(0, 2**31))
def test_conservation_of_work(parts: list[float], load: float, seed: int) -> None:
    r"""Kleinrock's law: :math:`\sum_k \rho_k W_k` is that of any order of service."""
    generator = np.random.default_rng(seed)
    speeds = generator.uniform(0.2, 5.0, len(parts))
    scvs = generator.uniform(0.0, 8.0, len(parts))
    share = np.array(parts) / sum(parts) * load
    rates = share * speeds
    wait = np.asarray(nonpreemptive.mean_wait(rates, speeds, scvs))
    rest = (share * (1 + scvs) / 2 / speeds).sum()
    assert (share * wait).sum() == pytest.approx(load * rest / (1 - load), rel=1e-9)


@given(loads, st.floats(0.05, 0.97), st.integers(1, 50))
def test_classes_together_are_one_queue(parts: list[float], load: float, servers: int) -> None:
    rates = np.array(parts) / sum(parts) * load * servers
    number = mmc.mean_number(rates.sum(), 1.0, servers)
    for module in (mmc_nonpreemptive, mmc_preemptive):
        assert np.asarray(module.mean_number(rates, 1.0, servers)).sum() == pytest.approx(
            number, rel=1e-10
        )
    # whatever comes later does not exist for a class that interrupts it
    some = np.asarray(mmc_preemptive.mean_response(rates, 1.0, servers))
    assert mmc_preemptive.mean_response(rates[:1], 1.0, servers) == pytest.approx(some[:1])
    waits = np.asarray(mmc_nonpreemptive.mean_wait(rates, 1.0, servers))
    assert (np.diff(waits) > 0).all()
    alone = np.asarray(mmc_preemptive.mean_wait(rates, 1.0, servers))
    assert waits[0] >= alone[0] * (1 - 1e-13)


@given(st.floats(0.01, 0.9), st.floats(0.001, 0.09))
def test_one_server_is_the_same_in_all_modules(first: float, second: float) -> None:
    rates = [first, second]
    assert mmc_preemptive.mean_wait(rates, 2.0, 2)[1] > 0  # type: ignore[index]
    for several, single in ((mmc_nonpreemptive, nonpreemptive), (mmc_preemptive, preemptive)):
        assert several.mean_wait(rates, 1.0, 1) == pytest.approx(
            np.asarray(single.mean_wait(rates, 1.0)), rel=1e-11
        )
    general = mgc_nonpreemptive.mean_wait(rates, [1.0, 3.0], 1, [0.5, 2.0])
    assert general == pytest.approx(
        np.asarray(nonpreemptive.mean_wait(rates, [1.0, 3.0], [0.5, 2.0])), rel=1e-10
    )
    equal = mgc_nonpreemptive.mean_wait(rates, 0.5, 4)
    assert equal == pytest.approx(np.asarray(mmc_nonpreemptive.mean_wait(rates, 0.5, 4)), rel=1e-10)


def test_one_class_is_no_priority() -> None:
    for module in (mmc_nonpreemptive, mmc_preemptive):
        assert module.mean_wait([3.0], 1.0, 4) == pytest.approx(mmc.mean_wait(3.0, 1.0, 4))
    assert mmc_nonpreemptive.wait_quantile(0.99, [3.0], 1.0, 4) == pytest.approx(
        mmc.wait_quantile(0.99, 3.0, 1.0, 4), rel=1e-12
    )
    assert preemptive.mean_response([0.5], [1.0]) == pytest.approx(mm1.mean_response(0.5, 1.0))


def test_saturated_classes() -> None:
    """Class 1 fills what class 0 leaves; class 0 then finds the server always busy."""
    rates, speeds, scvs = [0.25, 2.0, 0.1], [1.0, 2.0, 1.0], [0.0, 3.0, 1.0]
    wait = np.asarray(nonpreemptive.mean_wait(rates, speeds, scvs))
    rest = 0.25 * 0.5 + 0.75 * (1 + 3.0) / 2 / 2.0
    assert wait == pytest.approx([rest / 0.75, np.inf, np.inf])
    assert np.asarray(nonpreemptive.prob_wait(rates, speeds, scvs)) == pytest.approx([1, 1, 1])
    assert np.isinf(preemptive.mean_wait(rates, speeds, scvs)).tolist() == [False, True, True]
    for module in (mmc_nonpreemptive, mmc_preemptive):
        found = np.asarray(module.mean_wait([1.0, 3.0, 1.0], 1.0, 4))
        assert np.isinf(found).tolist() == [False, True, True]
    full = np.asarray(mmc_nonpreemptive.mean_wait([1.0, 3.0], 1.0, 4))
    near = np.asarray(mmc_nonpreemptive.mean_wait([1.0, 3.0 - 1e-9], 1.0, 4))
    assert full[0] == pytest.approx(near[0], rel=1e-6)
    assert mmc_nonpreemptive.wait_cdf(5.0, [1.0, 3.0], 1.0, 4)[1] == 0  # type: ignore[index]
    assert mmc_nonpreemptive.wait_quantile(0.5, [1.0, 3.0], 1.0, 4)[1] == np.inf  # type: ignore[index]
    general = np.asarray(mgc_nonpreemptive.mean_wait([1.0, 3.0], 1.0, 4))
    assert general == pytest.approx(full)


MODULES: list[tuple[Any, tuple[Any, ...]]] = [
    (nonpreemptive, (1.5,)),
    (preemptive, (1.5,)),
    (mmc_nonpreemptive, (1.5, 2)),
    (mmc_preemptive, (1.5, 2)),
    (mgc_nonpreemptive, (1.5, 2)),
]


@pytest.mark.parametrize(
    ("module", "rest"), MODULES, ids=lambda value: getattr(value, "__name__", "")
)
def test_stacked_stations_are_independent(module: Any, rest: tuple[Any, ...]) -> None:
    rates = np.array(
        [[0.3, 0.4], [np.nan, 0.2], [0.2, 9.0], [-1.0, 0.5], [np.inf, 0.1], [0.0, 0.0], [0.5, 0.1]]
    )
    names = ["utilization", "prob_wait", *KEYS.values()]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in names:
            stacked = np.asarray(getattr(module, name)(rates, *rest))
            assert stacked.shape == rates.shape
            for row, alone in zip(stacked, rates, strict=True):
                single = np.asarray(getattr(module, name)(alone, *rest))
                assert np.array_equal(row, single, equal_nan=True), (name, alone)
            assert np.isnan(stacked[1]).any()
            assert np.isnan(stacked[3, 0])
            assert np.isfinite(stacked[[0, 6]]).all()
        for quantile in ("wait_quantile", "wait_cdf", "response_quantile", "response_cdf"):
            if hasattr(module, quantile):
                stacked = np.asarray(getattr(module, quantile)(0.9, rates, *rest))
                for row, alone in zip(stacked, rates, strict=True):
                    single = np.asarray(getattr(module, quantile)(0.9, alone, *rest))
                    assert np.array_equal(row, single, equal_nan=True), (quantile, alone)


@pytest.mark.parametrize("unit", [1e-300, 1e-160, 1e160, 1e300])
def test_units_do_not_matter(unit: float) -> None:
    """Rates as small or large as doubles go, and no warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for module, rest in MODULES:
            plain = np.asarray(module.mean_wait([0.3, 0.4], *rest))
            scaled = np.asarray(
                module.mean_wait([0.3 * unit, 0.4 * unit], rest[0] * unit, *rest[1:])
            )
            assert scaled * unit == pytest.approx(plain, rel=1e-14)
        for extreme in (1e308, 5e-324, 0.0, np.inf, -np.inf, np.nan):
            for module, rest in MODULES:
                module.mean_wait([0.1, extreme], *rest)
                module.mean_wait([0.1, 0.1], extreme, *rest[1:])
            mmc_nonpreemptive.wait_quantile(0.9, [extreme, 0.1], 1.0, 3)
            mmc_nonpreemptive.wait_quantile(0.9, [0.1, 0.1], extreme, 3)
            mmc_nonpreemptive.response_quantile(0.9, [0.1, 0.1], extreme, 3)


def test_levels_and_times_out_of_range() -> None:
    rates = [0.3, 0.4]
    assert np.isnan(mmc_nonpreemptive.wait_quantile(1.0, rates, 1, 1)).all()
    assert np.isnan(mmc_nonpreemptive.wait_quantile(-0.1, rates, 1, 1)).all()
    assert (np.asarray(mmc_nonpreemptive.wait_quantile(0.3, rates, 1, 1)) == 0).all()
    assert (np.asarray(mmc_nonpreemptive.wait_cdf(-1.0, rates, 1, 1)) == 0).all()
    assert (np.asarray(mmc_nonpreemptive.wait_cdf(np.inf, rates, 1, 1)) == 1).all()
    assert mmc_nonpreemptive.wait_cdf(0.0, rates, 1, 1) == pytest.approx([0.3, 0.3])
    assert np.isnan(mmc_nonpreemptive.wait_cdf(np.nan, rates, 1, 1)).all()
