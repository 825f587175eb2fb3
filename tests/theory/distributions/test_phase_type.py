"""Sums of exponential times and phase-type laws against matrices of 60 digits."""

from __future__ import annotations

import warnings

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shared import cases

from capcalc.theory.distributions import hypoexponential, phase_type

TANDEMS = cases("response_percentiles.json", "tandem_mm1")
RATES = st.lists(st.floats(-4, 4).map(lambda x: 10.0**x), min_size=1, max_size=6)


def chain(rates: list[float], time: float) -> tuple[mp.mpf, mp.mpf]:
    """P(T > t) and P(T <= t) at 60 digits."""
    m = len(rates)
    generator = mp.matrix(m + 1, m + 1)
    for i, rate in enumerate(rates):
        generator[i, i], generator[i, i + 1] = -mp.mpf(rate), mp.mpf(rate)
    there = mp.expm(generator * mp.mpf(time))
    return sum(there[0, i] for i in range(m)), there[0, m]


@settings(max_examples=60, deadline=None)
@given(RATES, st.floats(-2, 1.3))
def test_sums_of_any_rates(rates: list[float], log_time: float) -> None:
    """Both tails, relative, from a hundredth to twenty times the mean."""
    time = float(hypoexponential.mean(rates)) * 10.0**log_time
    with mp.workdps(120):
        above, below = chain(rates, time)
    if above > 1e-300:
        assert float(hypoexponential.survival(time, rates)) == pytest.approx(
            float(above), rel=2e-13
        )
    if below > 1e-300:
        assert float(hypoexponential.cdf(time, rates)) == pytest.approx(float(below), rel=2e-13)


@pytest.mark.parametrize("gap", [0.0, 1e-15, 1e-10, 1e-6, 1e-3])
def test_sums_of_nearly_equal_rates(gap: float) -> None:
    rates = [1.0, 1.0 + gap, 1.0 - gap, 1.0 + 2 * gap]
    with mp.workdps(80):
        for time in (0.01, 1.0, 5.0, 40.0):
            above, below = chain(rates, time)
            assert float(hypoexponential.survival(time, rates) / above - 1) == pytest.approx(
                0, abs=1e-13
            )
            assert float(hypoexponential.cdf(time, rates) / below - 1) == pytest.approx(
                0, abs=1e-13
            )


@pytest.mark.parametrize("case", TANDEMS, ids=[case["id"] for case in TANDEMS])
def test_tandems(case: dict) -> None:
    spare = np.array([float(rate) for rate in case["params"]["service_rates"]])
    spare = spare - float(case["params"]["arrival_rate"])
    expected = case["expected"]
    assert hypoexponential.mean(spare) == pytest.approx(expected["mean"], rel=1e-12)
    variance = hypoexponential.scv(spare) * hypoexponential.mean(spare) ** 2
    assert variance == pytest.approx(expected["variance"], rel=1e-12)
    for name in expected:
        if name.startswith("w_p"):
            level = float("0." + name[3:])
            found = hypoexponential.quantile(level, spare)
            assert found == pytest.approx(float(expected[name]), rel=1e-12)


def test_parts_that_take_no_time_change_nothing() -> None:
    np.testing.assert_allclose(
        hypoexponential.quantile([0.5, 0.99], [2.0, np.inf, 3.0]),
        hypoexponential.quantile([0.5, 0.99], [2.0, 3.0]),
        rtol=1e-14,
    )
    assert hypoexponential.quantile(0.99, [np.inf]) == 0
    assert hypoexponential.cdf(0.0, [np.inf, np.inf]) == 1


def test_a_loop_that_hardly_ends() -> None:
    """Two phases that call each other and leave once in 1e10: means by 40-digit elimination."""
    exit_rate = 1e-10
    with mp.workdps(40):
        q = mp.matrix([[-3, 3], [5, -(5 + mp.mpf(exit_rate))]])
        exact = float((-(q**-1) * mp.matrix([1, 1]))[0])
        twice = float((2 * (q**-2) * mp.matrix([1, 1]))[0])
    parameters = ([1, 0], [[0, 3], [5, 0]], [0, exit_rate])
    assert phase_type.mean(*parameters) == pytest.approx(exact, rel=1e-14)
    assert phase_type.moment(2, *parameters) == pytest.approx(twice, rel=1e-14)


def test_chains_with_a_way_back() -> None:
    rng = np.random.default_rng(5)
    for _ in range(5):
        rates, out = rng.uniform(0, 3, (4, 4)), rng.uniform(0, 0.5, 4)
        alpha = rng.dirichlet(np.ones(5))[:4]
        with mp.workdps(40):
            q = mp.matrix(rates.tolist())
            for i in range(4):
                q[i, i] = -mp.fsum(rates[i][j] for j in range(4) if j != i) - mp.mpf(out[i])
            row = mp.matrix([alpha.tolist()])
            for time in (0.1, 3.0, 60.0):
                there = row * mp.expm(q * time)
                exact = float(sum(there))
                rate = float(sum(there[i] * mp.mpf(out[i]) for i in range(4)))
                assert phase_type.survival(time, alpha, rates, out) == pytest.approx(
                    exact, rel=1e-13
                )
                assert phase_type.density(time, alpha, rates, out) == pytest.approx(rate, rel=1e-13)
    assert phase_type.survival(0.0, alpha, rates, out) == pytest.approx(alpha.sum(), rel=1e-15)
    assert phase_type.cdf(0.0, alpha, rates, out) == pytest.approx(1 - alpha.sum(), rel=1e-14)


@pytest.mark.parametrize("fast", [1.0, 1e3, 1e6, 1e10])
def test_a_way_back_beside_a_fast_exit(fast: float) -> None:
    """Squaring doubles the error of row sums, unless they are put right each time."""
    chain_ = ([0.5, 0.5], [[0.0, 0.094], [0.231, 0.0]], [fast, 0.964])
    with mp.workdps(60):
        q = mp.matrix([[-(mp.mpf(0.094) + mp.mpf(fast)), 0.094], [0.231, -mp.mpf(0.231) - 0.964]])
        q[1, 1] = -(mp.mpf(0.231) + mp.mpf(0.964))
        there = mp.matrix([[0.5, 0.5]]) * mp.expm(q * mp.mpf(1.26))
        above = float(sum(there))
    assert phase_type.survival(1.26, *chain_) == pytest.approx(above, rel=1e-13)
    assert phase_type.cdf(1.26, *chain_) == pytest.approx(1 - above, rel=1e-13)


def test_quantiles_invert_the_tail() -> None:
    rng = np.random.default_rng(2)
    rates = 10.0 ** rng.uniform(-3, 3, size=(50, 5))
    levels = np.array([0.01, 0.5, 0.99, 0.9999])[:, np.newaxis]
    times = hypoexponential.quantile(levels, rates)
    np.testing.assert_allclose(
        hypoexponential.survival(times, rates), 1 - levels + 0 * times, 1e-12
    )


def test_bad_input_stays_where_it_is() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rates = np.array([[1.0, 2.0], [-1.0, 2.0], [np.nan, 1.0], [0.0, 1.0], [1.0, 2.0]])
        for function, argument in (
            (hypoexponential.survival, 1.0),
            (hypoexponential.cdf, 1.0),
            (hypoexponential.quantile, 0.9),
        ):
            found = function(argument, rates)
            assert np.isnan(found[1:4]).all()
            assert found[0] == found[4] == function(argument, rates[0])
        edges = np.array([-1.0, 0.0, np.inf, np.nan])
        np.testing.assert_array_equal(hypoexponential.survival(edges, [1.0]), [1, 1, 0, np.nan])
        np.testing.assert_array_equal(hypoexponential.cdf(edges, [1.0]), [0, 0, 1, np.nan])
        levels = np.array([-0.1, 0.0, 1.0, 1.1, np.nan])
        np.testing.assert_array_equal(
            hypoexponential.quantile(levels, [1.0]), [np.nan, 0, np.inf, np.nan, np.nan]
        )
        assert phase_type.survival(5.0, [1.0], [[0.0]], [0.0]) == 1  # never left
        assert phase_type.mean([1.0], [[0.0]], [0.0]) == np.inf


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="need the shapes"):
        phase_type.mean([1, 0], [[0.0]], [1.0])
