"""The time through a mixture of paths against phase-type laws, many digits and cases."""

from __future__ import annotations

import warnings
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shared import cases

from capcalc.theory.distributions import hypoexponential, phase_type, sojourn
from capcalc.theory.queues import mmc

TREES = cases("response_percentiles.json", "overtake_free_tree")
ROWS = cases("response_percentiles.json", "mmc_then_mm1_tandem")
MIXTURES = cases("models.json", "latency.mixture_hypoexp.quantile")
LEVELS = np.array([0.5, 0.9, 0.95, 0.99, 0.999, 0.9999])


def levels_of(expected: dict[str, Any]) -> dict[float, float]:
    return {
        float("0." + name[3:]): float(value)
        for name, value in expected.items()
        if name.startswith("w_p")
    }


@pytest.mark.parametrize("case", TREES, ids=[case["id"] for case in TREES])
def test_trees(case: dict[str, Any]) -> None:
    given_ = case["params"]
    rate = float(given_["arrival_rate"])
    weights = [float(branch["probability"]) for branch in given_["branches"]]
    rows = [[float(v) for v in branch["service_rates"]] for branch in given_["branches"]]
    width = 1 + max(map(len, rows))
    times = np.zeros((len(rows), width))
    for place, (weight, row) in enumerate(zip(weights, rows, strict=True)):
        times[place, 0] = 1 / (float(given_["root_service_rate"]) - rate)
        times[place, 1 : 1 + len(row)] = 1 / (np.array(row) - rate * weight)
    nothing = np.zeros(times.shape)
    assert sojourn.mean(weights, 0 * nothing[:, 0], nothing, nothing, times) == pytest.approx(
        case["expected"]["mean"], rel=1e-12
    )
    for level, time in levels_of(case["expected"]).items():
        found = sojourn.quantile(level, weights, 0 * nothing[:, 0], nothing, nothing, times)
        assert found == pytest.approx(time, rel=case["rtol"])


@pytest.mark.parametrize("case", ROWS, ids=[case["id"] for case in ROWS])
def test_many_servers_first(case: dict[str, Any]) -> None:
    given_ = case["params"]
    rate, servers = float(given_["arrival_rate"]), given_["first_servers"]
    first = (rate, float(given_["first_service_rate"]), servers)
    later = [float(each) for each in given_["then_service_rates"]]
    chance = [[float(mmc.prob_wait(*first)), *(rate / mu for mu in later)]]
    wait = [[float(mmc.mean_wait(*first)), *(rate / mu / (mu - rate) for mu in later)]]
    service = [[1 / first[1], *(1 / mu for mu in later)]]
    for level, time in levels_of(case["expected"]).items():
        found = sojourn.quantile(level, [1], [0], chance, wait, service)
        assert found == pytest.approx(time, rel=case["rtol"])


@pytest.mark.parametrize("case", MIXTURES, ids=[case["id"] for case in MIXTURES])
def test_hits_and_misses(case: dict[str, Any]) -> None:
    given_ = case["params"]
    hit = [*given_["hit_means"], 0.0]
    miss = [*given_["hit_means"], given_["miss_extra_mean"]]
    weights = [given_["hit_prob"], 1 - given_["hit_prob"]]
    found = sojourn.quantile(
        given_["q"], weights, [0, 0], np.zeros((2, 1)), np.zeros((2, 1)), [hit, miss]
    )
    assert found == pytest.approx(case["expected"], rel=case["rtol"])


def exact(level: float, rows: list[list[float]], weights: list[float]) -> float:
    """Quantile of a mixture of sums of exponential times as one phase-type law."""
    sizes = [len(row) for row in rows]
    alpha, out = np.zeros(sum(sizes)), np.zeros(sum(sizes))
    rates = np.zeros((sum(sizes), sum(sizes)))
    place = 0
    for weight, row in zip(weights, rows, strict=True):
        alpha[place] = weight
        for i, rate in enumerate(row):
            if i + 1 < len(row):
                rates[place + i, place + i + 1] = rate
            else:
                out[place + i] = rate
        place += len(row)
    return float(phase_type.quantile(level, alpha, rates, out))


def families(rng: np.random.Generator) -> dict[str, tuple[list[list[float]], list[float]]]:
    """Rates of the stages on each path, and the paths' weights."""
    near = 1.0 + 1e-7 * rng.normal(size=6)
    return {
        "generic": ([list(np.exp(rng.normal(size=6)))], [1.0]),
        "all equal": ([[2.0] * 6], [1.0]),
        "nearly equal": ([list(near)], [1.0]),
        "stiff": ([list(10.0 ** rng.uniform(-3, 3, size=6))], [1.0]),
        "branching": (
            [list(np.exp(rng.normal(size=4))), list(np.exp(rng.normal(size=6) - 2))],
            [0.9, 0.1],
        ),
        "rare and slow": ([[50.0, 30.0], [50.0, 30.0, 0.2]], [0.995, 0.005]),
    }


def test_quantiles_print_their_worst_errors(capsys: pytest.CaptureFixture[str]) -> None:
    """Against phase-type laws, 12 systems of each family: 1e-8 of each time, p50 to p99.99."""
    rng = np.random.default_rng(7)
    worst: dict[tuple[str, float], float] = {}
    for _ in range(12):
        for name, (rows, weights) in families(rng).items():
            width = max(map(len, rows))
            times = np.zeros((len(rows), width))
            for i, row in enumerate(rows):
                times[i, : len(row)] = 1 / np.array(row)
            nothing = np.zeros(times.shape)
            found = sojourn.quantile(LEVELS, weights, nothing[:, 0], nothing, nothing, times)
            for level, time in zip(LEVELS, found, strict=True):
                error = abs(time / exact(level, rows, weights) - 1)
                worst[name, level] = max(worst.get((name, level), 0.0), float(error))
    with capsys.disabled():
        print("\n\nsojourn.quantile: worst relative error of the time")
        print(f"{'family':16}" + "".join(f"{'p' + f'{100 * q:g}':>10}" for q in LEVELS))
        for name in dict.fromkeys(key[0] for key in worst):
            print(f"{name:16}" + "".join(f"{worst[name, q]:10.1e}" for q in LEVELS))
    assert max(worst.values()) < 1e-8


@pytest.mark.parametrize("stages", [2, 4, 20, 100])
def test_sharp_services_are_sums_of_many(stages: int) -> None:
    """A gamma service of scv 1/n is the sum of n equal exponential times."""
    found = sojourn.quantile(LEVELS, [1], [0.5], [[0.0]], [[0.0]], [[2.0]], 1 / stages)
    expected = 0.5 + hypoexponential.quantile(LEVELS, np.full(stages, stages / 2.0))
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize("scv", [2.0, 8.0])
def test_wide_services_against_many_digits(scv: float) -> None:
    """Two stations with waits and gamma services, inverted by Talbot's method at 30 digits."""
    chance, wait, service = [0.6, 0.3], [0.8, 0.1], [1.0, 0.4]
    with mp.workdps(30):

        def tail(s: mp.mpc) -> mp.mpc:
            value = mp.mpf(1)
            for p, w, m in zip(chance, wait, service, strict=True):
                delay = mp.mpf(w) / p
                value *= (1 - p + p / (1 + delay * s)) * (1 + scv * m * s) ** (-1 / mp.mpf(scv))
            return (1 - value) / s

        for time in (0.5, 3.0, 12.0, 40.0):
            expected = float(mp.invertlaplace(tail, time, method="talbot", degree=40))
            found = sojourn.survival(time, [1], [0], [chance], [wait], [service], scv)
            assert found == pytest.approx(expected, rel=1e-8)


def test_fixed_delays_and_fixed_services_are_exact() -> None:
    """Seven of ten are answered after 1 s unless they wait; the others 2 s later than usual."""
    law = ([0.7, 0.3], [0.0, 2.0], [[0.3], [0.3]], [[0.2], [0.2]], [[1.0], [0.5]], [[0.0], [1.0]])
    late = 0.3 * np.exp(-(1.5 - 1.0) * 0.3 / 0.2)
    assert sojourn.survival(1.5, *law) == pytest.approx(0.7 * late + 0.3, rel=1e-9)
    assert sojourn.survival(0.999, *law) == 1
    assert sojourn.survival(1.0, *law) == pytest.approx(0.7 * 0.3 + 0.3, rel=1e-12)
    levels = np.array([0.5, 0.8, 0.99, 0.9999])
    np.testing.assert_allclose(
        sojourn.survival(sojourn.quantile(levels, *law), *law), 1 - levels, rtol=1e-9
    )
    assert sojourn.quantile(0.0, *law) == 1.0
    assert sojourn.mean(*law) == pytest.approx(0.7 * 1.2 + 0.3 * 2.7, rel=1e-15)


def test_a_saturated_path_takes_its_share() -> None:
    law = ([0.7, 0.3], [0, 0], [[0.3], [1.0]], [[0.2], [np.inf]], [[1.0], [0.5]])
    found = sojourn.quantile(np.array([0.35, 0.6999, 0.7, 0.99]), *law)
    alone = sojourn.quantile(0.5, [1], [0], [[0.3]], [[0.2]], [[1.0]])
    assert found[0] == pytest.approx(alone, rel=1e-9)
    assert np.isfinite(found[1])
    assert np.isinf(found[2:]).all()
    assert np.isinf(sojourn.mean(*law))
    assert sojourn.survival(1e9, *law) == pytest.approx(0.3, rel=1e-12)


def test_elements_do_not_see_each_other_and_bad_ones_are_nan() -> None:
    weights = np.array([[0.8, 0.2], [0.5, 0.5], [-1, 2], [np.nan, 1], [0, 0], [1, 0]])
    chance = np.full((6, 2, 2), 0.4)
    wait = np.full((6, 2, 2), 0.3)
    service = np.linspace(0.1, 3, 24).reshape(6, 2, 2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        together = sojourn.quantile(0.99, weights, [0, 1.0], chance, wait, service)
        assert np.isnan(together[2:5]).all()
        for i in (0, 1, 5):
            alone = sojourn.quantile(0.99, weights[i], [0, 1.0], chance[i], wait[i], service[i])
            assert together[i] == alone
        assert np.isnan(sojourn.quantile([-0.1, 1.1, np.nan], [1], [0], [[0]], [[0]], [[1]])).all()
        assert np.isnan(sojourn.mean([1], [0], [[1.2]], [[1]], [[1]]))
        assert np.isnan(sojourn.mean([1], [0], [[0.0]], [[1]], [[1]]))  # a wait nobody has
        fixed = sojourn.quantile(0.9, [1], [3.0], [[0.0]], [[0.0]], [[0.0]])
        assert fixed == pytest.approx(3.0, rel=1e-14)


@settings(max_examples=40, deadline=None)
@given(st.floats(0.1, 0.9), st.floats(0.05, 5), st.floats(0.1, 4), st.floats(0, 2))
def test_more_of_anything_takes_longer(
    chance: float, wait: float, scv: float, shift: float
) -> None:
    def p99(share: float, delay: float, added: float) -> float:
        return float(
            sojourn.quantile(
                0.99,
                [1 - share, share],
                [0, added],
                [[chance], [chance]],
                [[wait], [delay]],
                [[1.0], [1.0]],
                scv,
            )
        )

    base = p99(0.1, wait, shift)
    slack = 1 + 1e-8
    assert p99(0.1, 2 * wait, shift) >= base / slack
    assert p99(0.1, wait, shift + 1) >= base / slack
    assert p99(0.4, wait, shift) >= base / slack
