"""Fork and join: reference cases, Markov chains, simulation."""

from __future__ import annotations

import warnings
from fractions import Fraction
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from accuracy import Table
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from shared import cases

from capcalc.theory.networks import fork_join
from capcalc.theory.queues import mm1

CASES = cases("advanced.json", "fork_join_nelson_tantawi")


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_reference_cases(case: dict[str, Any]) -> None:
    given = case["params"]
    rate, speed = float(Fraction(given["arrival_rate"])), float(Fraction(given["service_rate"]))
    found = float(fork_join.mean_response(rate, speed, given["branches"]))
    for key in ("W_nelson_tantawi", "W_exact"):
        if key in case["expected"]:
            assert found == pytest.approx(case["expected"][key], rel=case["rtol"])
    if "simulated_W" in case:
        # stated: not 4 % off; the bound is above
        assert found == pytest.approx(case["simulated_W"], rel=0.04, abs=2 * case["simulated_ci99"])
        bound = float(fork_join.independent_mean(rate, speed, given["branches"]))
        assert bound > case["simulated_W"] - case["simulated_ci99"]


def number_undone(load: float, branches: int, size: int) -> float:
    """Mean of the longest queue: parts are served in order, so that is what is not yet done."""
    shape = (size,) * branches
    index = np.arange(size**branches).reshape(shape)
    here, there, rates = [], [], []
    inner = (slice(0, -1),) * branches
    outer = (slice(1, None),) * branches
    here.append(index[inner].ravel())
    there.append(index[outer].ravel())
    rates.append(np.full(here[-1].size, load))
    for axis in range(branches):
        above = np.moveaxis(index, axis, 0)[1:].ravel()
        here.append(above)
        there.append(np.moveaxis(index, axis, 0)[:-1].ravel())
        rates.append(np.ones(above.size))
    source, target, rate = (np.concatenate(x) for x in (here, there, rates))
    count = index.size
    flow = sparse.coo_array((rate, (target, source)), shape=(count, count)).tocsr()
    leaving = np.bincount(source, weights=rate, minlength=count)
    # uniformised power steps: no factors, no fill
    law = np.full(count, 1.0 / count)
    step = 1.0 / (load + branches)
    for _ in range(6000):
        after = law + step * (flow @ law - leaving * law)
        if np.abs(after - law).max() < 1e-15:
            break
        law = after
    longest = np.indices(shape).max(axis=0).ravel()
    return float((law * longest).sum() / law.sum())


@pytest.mark.parametrize("load", [0.1, 0.3, 0.5])
def test_two_branches_against_the_markov_chain(load: float) -> None:
    found = float(fork_join.mean_number(load, 1.0, 2))
    assert found == pytest.approx(number_undone(load, 2, 50), rel=1e-7)


@pytest.mark.parametrize(("load", "error"), [(0.2, -0.0039), (0.4, -0.0080)])
def test_error_of_three_branches(
    load: float, error: float, capsys: pytest.CaptureFixture[str]
) -> None:
    found = float(fork_join.mean_number(load, 1.0, 3)) / number_undone(load, 3, 24) - 1
    with capsys.disabled():
        print(f"\nthree branches at {load:.0%}: {found:+.2%}", end="")
    assert found == pytest.approx(error, abs=1e-4)


def waits(arrivals: np.ndarray, service: np.ndarray) -> np.ndarray:
    """Lindley's recursion as a running minimum."""
    walk = np.concatenate([[0.0], np.cumsum(service[:-1] - np.diff(arrivals))])
    return walk - np.minimum.accumulate(walk)


@pytest.mark.parametrize(
    ("branches", "load", "low", "high"),
    [(2, 0.5, -0.01, 0.01), (8, 0.5, -0.03, 0.005), (8, 0.8, -0.06, -0.01), (32, 0.5, -0.01, 0.02)],
)
def test_simulation(
    branches: int, load: float, low: float, high: float, capsys: pytest.CaptureFixture[str]
) -> None:
    random = np.random.default_rng(branches)
    means, quantiles = [], []
    for _ in range(6):
        arrivals = np.cumsum(random.exponential(1 / load, 120_000))
        last = np.zeros(arrivals.size)
        for _ in range(branches):
            service = random.exponential(1.0, arrivals.size)
            last = np.maximum(last, waits(arrivals, service) + service)
        means.append(last[5000:].mean())
        quantiles.append(np.quantile(last[5000:], 0.99))
    error = float(fork_join.mean_response(load, 1.0, branches)) / np.mean(means) - 1
    bound = float(fork_join.independent_mean(load, 1.0, branches)) / np.mean(means) - 1
    late = float(fork_join.independent_quantile(0.99, load, 1.0, branches))
    late = late / float(np.mean(quantiles)) - 1
    with capsys.disabled():
        print(
            f"\n{branches} branches at {load:.0%}: Nelson and Tantawi {error:+.1%}, "
            f"independent {bound:+.1%}, its 99th percentile {late:+.1%}",
            end="",
        )
    assert low < error < high
    assert bound > 0
    assert late > -0.01


def exact_mean(rate: object, speed: object, branches: object) -> mp.mpf:
    rate, speed, n = mp.mpf(rate), mp.mpf(speed), int(branches)
    two = (12 - rate / speed) / (8 * (speed - rate))
    if n == 1:
        return 1 / (speed - rate)
    ratio = mp.harmonic(n) / mp.mpf("1.5")
    return (ratio + mp.mpf(4) / 11 * (1 - ratio) * rate / speed) * two


def exact_bound(rate: object, speed: object, branches: object) -> mp.mpf:
    return mp.harmonic(int(branches)) / (mp.mpf(speed) - mp.mpf(rate))


def exact_quantile(p: object, rate: object, branches: object) -> mp.mpf:
    return -mp.log1p(-(mp.mpf(p) ** (mp.mpf(1) / int(branches)))) / (1 - mp.mpf(rate))


def test_to_50_digits(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table()
    random = np.random.default_rng(1)
    loads = {
        "light": lambda: 10 ** random.uniform(-12, -1),
        "middle": lambda: random.uniform(0.1, 0.99),
        "next to full": lambda: 1 - 2.0 ** -random.uniform(10, 40),
    }
    with mp.workdps(50):
        for region, draw in loads.items():
            for _ in range(40):
                branches = int(random.choice([1, 2, 3, 7, 32, 1000, 10**6]))
                arguments = (float(draw()), 1.0 + random.uniform(0, 1) * 2**-45, branches)
                for name, function, reference in (
                    ("mean_response", fork_join.mean_response, exact_mean),
                    ("independent_mean", fork_join.independent_mean, exact_bound),
                ):
                    table.add("fork-join", name, region, function, reference, arguments)
                p = float(random.choice([1e-300, 1e-9, 0.1, 0.5, 0.99, 1 - 2.0**-40]))
                table.add(
                    "fork-join",
                    "independent_quantile",
                    region,
                    lambda p, a, n: fork_join.independent_quantile(p, a, 1.0, n),
                    exact_quantile,
                    (p, arguments[0], branches),
                )
    table.show(capsys)
    table.assert_within_bounds()


@given(st.floats(1e-6, 0.999), st.integers(1, 100), st.floats(1e-3, 1e3))
def test_laws(load: float, branches: int, speed: float) -> None:
    rate = load * speed
    time = float(fork_join.mean_response(rate, speed, branches))
    bound = float(fork_join.independent_mean(rate, speed, branches))
    single = float(mm1.mean_response(rate, speed))
    assert single <= time * (1 + 1e-13)
    assert time <= bound * (1 + 1e-13)
    assert float(fork_join.mean_response(rate, speed, branches + 1)) > time
    assert float(fork_join.mean_response(rate * 1.0001, speed, branches)) > time
    assert float(fork_join.mean_number(rate, speed, branches)) == pytest.approx(rate * time)
    middle = float(fork_join.independent_quantile(0.9, rate, speed, branches))
    cdf = float(fork_join.independent_cdf(middle, rate, speed, branches))
    assert cdf == pytest.approx(0.9, rel=1e-12)


def test_limits() -> None:
    assert float(fork_join.mean_response(0.7, 1.0, 1)) == float(mm1.mean_response(0.7, 1.0))
    empty = fork_join.mean_response(0.0, 2.0, np.array([1, 2, 3, 10]))
    harmonic = [float(mp.harmonic(n)) / 2 for n in (1, 2, 3, 10)]
    np.testing.assert_allclose(empty, harmonic, rtol=1e-15)


def test_out_of_the_domain() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rates = np.array([1.0, 2.0, -1.0, np.nan, np.inf, 0.5, 0.5, 0.5])
        branches = np.array([2, 2, 2, 2, 2, 0, 1.5, np.nan])
        found = fork_join.mean_response(rates, 1.0, branches)
        bound = fork_join.independent_mean(rates, 1.0, branches)
        late = fork_join.independent_quantile(0.9, rates, 1.0, branches)
        below = fork_join.independent_cdf(1.0, rates, 1.0, branches)
        counts = fork_join.mean_number(rates, 1.0, branches)
        for values in (found, bound, late, counts):
            np.testing.assert_array_equal(values, [np.inf, np.inf] + [np.nan] * 6)
        np.testing.assert_array_equal(below, [0, 0] + [np.nan] * 6)
        levels = fork_join.independent_quantile([-0.1, 0.0, 1.0, np.nan], 0.5, 1.0, 3)
        np.testing.assert_array_equal(levels, [np.nan, 0, np.nan, np.nan])
        edges = fork_join.independent_cdf([-1.0, 0.0, np.inf, np.nan], 0.5, 1.0, 3)
        np.testing.assert_array_equal(edges, [0, 0, 1, np.nan])
