"""Availability against cases, sums of many digits, solved chains and simulation."""

from __future__ import annotations

import warnings
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from accuracy import Table
from hypothesis import given
from hypothesis import strategies as st
from shared import cases

from capcalc.theory.reliability import k_out_of_n, structures

ADVANCED = cases(
    "advanced.json", "k_out_of_n_availability", "k_out_of_n_mttf", "k_out_of_n_repairable"
)


@pytest.mark.parametrize("case", ADVANCED, ids=[case["id"] for case in ADVANCED])
def test_cases(case: dict[str, Any]) -> None:
    p = {key: float(value) for key, value in case["params"].items()}
    size = (p["k"], p["n"])
    if case["model"] == "k_out_of_n_availability":
        share = p["component_availability"]
        found = {
            "availability": k_out_of_n.availability(share, *size),
            # from the decimals: 1 - 0.9999 has lost digits before it gets here
            "unavailability": k_out_of_n.unavailability(round(1 - share, 12), *size),
        }
    elif case["model"] == "k_out_of_n_mttf":
        found = {"mttf": k_out_of_n.mttf(p["failure_rate"], *size)}
    else:
        rates, crews = (p["failure_rate"], p["repair_rate"]), p["repair_crews"]
        found = {
            "availability": k_out_of_n.repairable_availability(*rates, *size, crews),
            "unavailability": k_out_of_n.repairable_unavailability(*rates, *size, crews),
            "mean_failed": k_out_of_n.mean_failed(*rates, p["n"], crews),
        }
    for key, value in found.items():
        assert value == pytest.approx(case["expected"][key], rel=case["rtol"]), key


MODELS = cases("models.json", "avail.k_of_n", "avail.k_of_n_shared_repair", "avail.mttf_2_parallel")


@pytest.mark.parametrize("case", MODELS, ids=[case["id"] for case in MODELS])
def test_models(case: dict[str, Any]) -> None:
    p = case["params"]
    if case["model"] == "avail.k_of_n":
        found = k_out_of_n.availability(p["A"], p["k"], p["n"])
    elif case["model"] == "avail.mttf_2_parallel":
        found = k_out_of_n.repairable_mttf(1 / p["mttf"], 1 / p["mttr"], 1, 2)
    else:
        rates = (1 / p["mttf_h"], 1 / p["mttr_h"])
        found = k_out_of_n.repairable_availability(*rates, p["k"], p["n"], p["crew"])
    assert found == pytest.approx(case["expected"], rel=case["rtol"])


def test_web_system() -> None:
    """A balancer, two hosts, three more and a database."""
    case = cases("advanced.json", "series_parallel_availability")[0]
    tiers = [0.9999, structures.parallel([0.01, 0.01]), structures.parallel([0.02] * 3), 0.9995]
    tiers[1] = float(structures.parallel([0.99, 0.99]))
    tiers[2] = float(structures.parallel([0.98] * 3))
    assert structures.series(tiers) == pytest.approx(case["expected"]["availability"], rel=1e-12)
    down = [1e-4, 1e-4, 8e-6, 5e-4]
    assert structures.series_unavailability(down) == pytest.approx(
        1 - case["expected"]["availability"], rel=1e-9
    )
    assert structures.parallel_unavailability([1e-100, 1e-150]) == pytest.approx(1e-250)


def tail(share: mp.mpf, least: mp.mpf, count: mp.mpf) -> mp.mpf:
    """P(at least so many), the sum of its terms from the first on."""
    total = mp.mpf(0)
    for number in range(int(least), int(count) + 1):
        term = mp.binomial(count, number) * share**number * (1 - share) ** (count - number)
        total += term
        if term < total * mp.mpf(10) ** -45 and number > count * share:
            break
    return total


def test_digits(capsys: pytest.CaptureFixture[str]) -> None:
    """Up to 1,000 components, shares down to 1e-12, results down to 1e-300."""
    generator = np.random.default_rng(5)
    table = Table()
    with mp.workdps(50):
        for region, most in (("to 10", 10), ("to 100", 100), ("to 1000", 1000)):
            for _ in range(40):
                count = int(generator.integers(1, most + 1))
                least = int(generator.integers(1, count + 1))
                for sort, share in (
                    ("rare", 10 ** generator.uniform(-12, -2)),
                    ("any", generator.uniform(0.01, 0.99)),
                ):
                    table.add(
                        "k out of n",
                        "availability",
                        f"{region}, {sort}",
                        k_out_of_n.availability,
                        tail,
                        (float(share), least, count),
                    )
                    table.add(
                        "k out of n",
                        "unavailability",
                        f"{region}, {sort}",
                        k_out_of_n.unavailability,
                        lambda u, k, n: tail(u, n - k + 1, n),
                        (float(share), least, count),
                    )
    table.show(capsys)
    assert table.points > 300
    table.assert_within_bounds()


@pytest.mark.parametrize(
    ("least", "count"),
    [(1, 1), (1, 19), (19, 20), (20, 20), (21, 400), (1, 10**6), (10**9, 10**9), (10**6, 10**9)],
)
def test_mean_time_without_repair(least: int, count: int) -> None:
    with mp.workdps(40):
        wanted = float(mp.digamma(count + 1) - mp.digamma(least))
    assert k_out_of_n.mttf(2.0, least, count) == pytest.approx(wanted / 2, rel=2e-15)
    assert (
        k_out_of_n.mttf(2.0, least, count)
        == k_out_of_n.mttf(np.array([2.0, 1.0]), np.array([least, 3]), np.array([count, 7]))[0]
    )  # type: ignore[index]


def generator_of(count: int, fail: float, repair: float, crews: int) -> Any:
    """Generator over the number of components down."""
    rates = np.zeros((count + 1, count + 1))
    for down in range(count + 1):
        if down < count:
            rates[down, down + 1] = (count - down) * fail
        if down:
            rates[down, down - 1] = min(down, crews) * repair
    np.fill_diagonal(rates, -rates.sum(axis=1))
    return rates


@pytest.mark.parametrize("crews", [1, 2, 6])
@pytest.mark.parametrize(("least", "count"), [(1, 1), (2, 3), (3, 6), (6, 6)])
def test_repair_by_solved_chains(least: int, count: int, crews: int) -> None:
    fail, repair = 0.13, 0.7
    rates = generator_of(count, fail, repair, crews)
    system = rates.T.copy()
    system[0] = 1.0
    share = np.linalg.solve(system, np.eye(count + 1)[0])
    allowed = count - least + 1
    arguments = (fail, repair, least, count, crews)
    assert k_out_of_n.repairable_availability(*arguments) == pytest.approx(
        share[:allowed].sum(), rel=1e-12
    )
    assert k_out_of_n.repairable_unavailability(*arguments) == pytest.approx(
        share[allowed:].sum(), rel=1e-12
    )
    assert k_out_of_n.mean_failed(fail, repair, count, crews) == pytest.approx(
        share @ np.arange(count + 1), rel=1e-12
    )
    times = np.linalg.solve(-rates[:allowed, :allowed], np.ones(allowed))
    assert k_out_of_n.repairable_mttf(*arguments) == pytest.approx(times[0], rel=1e-12)


def test_repair_of_many_with_many_digits() -> None:
    """2,000 components, weights that exceed the range of doubles; unavailability of 1e-40."""
    count, ratio = 2000, mp.mpf(0.5)
    with mp.workdps(50):
        for crews, least in ((1500, 1100), (10, 5), (2000, 1000)):
            weights, weight = [mp.mpf(1)], mp.mpf(1)
            for down in range(1, count + 1):
                weight *= (count - down + 1) * ratio / min(down, crews)
                weights.append(weight)
            wanted = sum(weights[count - least + 1 :]) / sum(weights)
            found = k_out_of_n.repairable_unavailability(0.5, 1.0, least, count, crews)
            assert abs(mp.mpf(float(found)) / wanted - 1) < 2e-12


shares = st.floats(0.0, 1.0)


@given(shares, st.integers(1, 30), st.integers(0, 30))
def test_between_series_and_parallel(share: float, least: int, more: int) -> None:
    count = least + more
    found = float(k_out_of_n.availability(share, least, count))
    parts = np.full(count, share)
    assert structures.series(parts) <= found * (1 + 1e-12) + 1e-300
    assert found <= float(structures.parallel(parts)) * (1 + 1e-12)
    other = float(k_out_of_n.unavailability(1 - share, least, count))
    assert found + other == pytest.approx(1.0, rel=1e-12)
    better = float(k_out_of_n.availability(share, least, count + 1))
    assert better >= found * (1 - 1e-12)


@given(st.floats(1e-6, 1e3), st.integers(1, 12), st.integers(0, 12))
def test_a_crew_each_is_binomial(fail: float, least: int, more: int) -> None:
    count, down = least + more, fail / (1 + fail)
    assert k_out_of_n.repairable_unavailability(fail, 1.0, least, count) == pytest.approx(
        float(k_out_of_n.unavailability(down, least, count)), rel=1e-11
    )
    without = float(k_out_of_n.mttf(fail, least, count))
    assert k_out_of_n.repairable_mttf(fail, 1.0, least, count) >= without * (1 - 1e-12)
    assert k_out_of_n.repairable_mttf(fail, 1e-12, least, count) == pytest.approx(without, rel=1e-3)


def test_mean_time_to_failure_by_simulation() -> None:
    """2 of 4 with one crew."""
    generator = np.random.default_rng(11)
    runs = 4000
    up, clock, going = np.full(runs, 4), np.zeros(runs), np.ones(runs, dtype=bool)
    while going.any():
        lost, mended = up * 0.2, np.where(up < 4, 1.0, 0.0)
        clock += np.where(going, generator.exponential(1.0, runs) / (lost + mended), 0.0)
        fails = generator.random(runs) < lost / (lost + mended)
        up = np.where(going, np.where(fails, up - 1, up + 1), up)
        going = up >= 2
    wanted = float(k_out_of_n.repairable_mttf(0.2, 1.0, 2, 4, 1))
    assert abs(clock.mean() - wanted) < 4 * clock.std() / np.sqrt(runs)


def test_out_of_range_and_neighbours() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        required = np.array([2, 0, 4, 1.5, np.nan, 3])
        for name in ("availability", "unavailability", "mttf"):
            found = np.asarray(getattr(k_out_of_n, name)(0.3, required, 3))
            assert np.isfinite(found[[0, 5]]).all()
            assert np.isnan(found[1:5]).all(), name
            alone = [getattr(k_out_of_n, name)(0.3, each, 3) for each in required]
            assert np.array_equal(found, alone, equal_nan=True)
        for name in ("availability", "unavailability", "mttf"):
            values = np.asarray(getattr(k_out_of_n, f"repairable_{name}")(0.3, 1.0, required, 3, 1))
            assert np.isnan(values[1:5]).all(), name
            alone = [
                getattr(k_out_of_n, f"repairable_{name}")(0.3, 1.0, each, 3, 1) for each in required
            ]
            assert np.array_equal(values, alone, equal_nan=True)
            assert np.isnan(getattr(k_out_of_n, f"repairable_{name}")(0.3, 1.0, 2, 5000))
        assert np.isnan(k_out_of_n.availability([-0.1, 1.1, np.nan], 1, 2)).all()
        assert k_out_of_n.availability(1.0, 3, 3) == 1
        assert k_out_of_n.unavailability(0.0, 3, 3) == 0
        assert np.isinf(k_out_of_n.mttf(0.0, 1, 2))
        assert np.isnan(structures.series([0.5, 1.5]))
        assert structures.series_unavailability([1.0, 0.5]) == 1
        assert k_out_of_n.repairable_availability(0.0, 1.0, 3, 3) == 1
        assert np.isinf(k_out_of_n.repairable_mttf(0.0, 1.0, 1, 3))
