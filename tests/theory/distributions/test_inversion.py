"""Inversion against laws in closed form, and quantiles against reference values."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from capcalc.theory.distributions import delayed_exponential, gamma_service, inversion

LEVELS = np.array([0.5, 0.9, 0.95, 0.99, 0.999])
BOTH = [inversion.survival_by_hyperbola, inversion.survival_by_euler]


def worst(invert: Callable, scv: float) -> float:
    law = stats.gamma(1 / scv, scale=scv)
    times = law.ppf(LEVELS)
    survival, density = invert(lambda s: gamma_service.transform(s, 1.0, scv), times)
    return max(
        np.abs(survival / law.sf(times) - 1).max(), np.abs(density / law.pdf(times) - 1).max()
    )


@pytest.mark.parametrize("scv", [0.05, 0.1, 0.2, 0.5, 1.0, 1.5, 2.0, 4.0, 10.0])
def test_hyperbola_on_gamma(scv: float) -> None:
    assert worst(inversion.survival_by_hyperbola, scv) < 3e-10


@pytest.mark.parametrize("scv", [0.005, 0.01, 0.02, 0.05, 0.2, 0.5, 1.0, 2.0, 4.0, 10.0])
def test_euler_on_gamma(scv: float) -> None:
    assert worst(inversion.survival_by_euler, scv) < 1e-10


@pytest.mark.parametrize(("scv", "bound"), [(0.02, 1e-10), (0.01, 3e-9), (0.005, 3e-8)])
def test_euler_on_a_wait_and_a_sharp_service(scv: float, bound: float) -> None:
    for prob_wait, wait in ((0.1, 0.01), (0.5, 0.5), (0.9, 3.0), (0.99, 30.0)):
        times = np.linspace(0.3, 6, 43) * (1 + wait)
        exact = 1 - np.asarray(delayed_exponential.cdf(times, prob_wait, wait, 1.0, scv))
        times, exact = times[exact > 1e-3], exact[exact > 1e-3]
        found, _ = inversion.survival_by_euler(
            lambda s, p=prob_wait, w=wait: (
                delayed_exponential.transform(s, p, w) * gamma_service.transform(s, 1.0, scv)
            ),
            times,
        )
        assert np.abs(found / exact - 1).max() < bound


@pytest.mark.parametrize("invert", BOTH)
@pytest.mark.parametrize("stages", [1, 2, 6])
def test_equal_exponentials(invert: Callable, stages: int) -> None:
    law = stats.gamma(stages)
    times = law.ppf(LEVELS)
    survival, density = invert(lambda s: (1 + s) ** -stages, times)
    np.testing.assert_allclose(survival, law.sf(times), rtol=3e-10)
    np.testing.assert_allclose(density, law.pdf(times), rtol=3e-10)


#: Tandems of M/M/1: the rates of the sojourns, and percentiles by matrix exponential, 40 digits.
TANDEMS = [
    (
        [10.0, 10.0, 10.0],
        [
            0.267406031372356,
            0.532232033783421,
            0.629579362187199,
            0.8405946914885466,
            1.1228872242412662,
        ],
    ),
    (
        [10.0, 5.0, 2.0, 1.0, 20.0],
        [
            1.5904137585091271,
            3.347284037919592,
            4.054855858125945,
            5.675396165462218,
            7.980428960877122,
        ],
    ),
]


@pytest.mark.parametrize("invert", BOTH)
@pytest.mark.parametrize(("rates", "expected"), TANDEMS)
def test_tandems(invert: Callable, rates: list[float], expected: list[float]) -> None:
    calls = []

    def survival(times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        calls.append(times)
        return invert(lambda s: np.prod([r / (r + s) for r in rates], axis=0), times)

    mean = sum(1 / rate for rate in rates)
    np.testing.assert_allclose(inversion.quantile(survival, LEVELS, mean), expected, rtol=1e-9)
    assert len(calls) <= 7


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**6))
def test_quantile_inverts_the_survival(seed: int) -> None:
    random = np.random.default_rng(seed)
    prob_wait, service = random.uniform(0.01, 1, (3, 20)), 10 ** random.uniform(-3, 1, (3, 20))
    wait, scv = prob_wait * service * 10 ** random.uniform(-2, 1, (3, 20)), random.uniform(0.2, 4)

    def survival(times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return inversion.survival_by_euler(
            lambda s: np.prod(
                [
                    delayed_exponential.transform(s, p, w) * gamma_service.transform(s, m, scv)
                    for p, w, m in zip(prob_wait, wait, service, strict=True)
                ],
                axis=0,
            ),
            times,
        )

    start = (wait + service).sum(axis=0)
    level = random.uniform(0.3, 0.999, 20)
    times = inversion.quantile(survival, level, start)
    np.testing.assert_allclose(survival(np.asarray(times))[0], 1 - level, rtol=1e-7)


def exponential(times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.exp(-times), np.exp(-times)


def test_quantile_edges() -> None:
    levels = np.array([0, 0.5, 1, np.nan, 2, -1, 0.3, 0.3])
    starts = np.array([1, 1, 1, 1, 1, 1, np.nan, 1e-9])
    found = inversion.quantile(exponential, levels, starts)
    expected = [0, np.log(2), np.inf, np.nan, np.nan, np.nan, np.nan, -np.log(0.7)]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_nan_starts_are_not_worked_on() -> None:
    calls = []

    def survival(times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        calls.append(times)
        return exponential(times)

    assert np.isnan(inversion.quantile(survival, 0.5, np.full(3, np.nan))).all()
    assert not calls


def test_quantile_of_an_atom_at_zero() -> None:
    found = inversion.quantile(
        lambda t: (0.5 * np.exp(-t), 0.5 * np.exp(-t)), np.array([0.2, 0.4999, 0.75]), 1.0
    )
    np.testing.assert_allclose(found, [0, 0, np.log(2)], rtol=1e-12)


def test_quantile_at_a_jump() -> None:
    """A law with most of its mass at 1: the bracket closes on it."""
    found = inversion.quantile(
        lambda t: (
            np.where(t < 1, 1.0, 0.1 * np.exp(1 - t)),
            np.where(t < 1, 0.0, 0.1 * np.exp(1 - t)),
        ),
        np.array([0.5, 0.95]),
        3.0,
    )
    np.testing.assert_allclose(found, [1, 1 + np.log(2)], rtol=1e-12)


@pytest.mark.parametrize("invert", BOTH)
def test_outside(invert: Callable) -> None:
    survival, density = invert(lambda s: 1 / (1 + s), np.array([0.0, -1.0, np.inf, np.nan, 1.0]))
    np.testing.assert_allclose(survival, [1, 1, 0, np.nan, np.exp(-1)], rtol=1e-9)
    assert np.isnan(density[:4]).all()


@pytest.mark.parametrize("invert", BOTH)
def test_neighbours_do_not_matter(invert: Callable) -> None:
    times = 10 ** np.random.default_rng(2).uniform(-1, 1, (3, 5))
    together = invert(lambda s: (1 + s) ** -2.5, times)[0]
    alone = [[invert(lambda s: (1 + s) ** -2.5, t)[0] for t in row] for row in times]
    np.testing.assert_allclose(together, alone, rtol=1e-13, atol=1e-13)


def test_mixed_shapes_of_service() -> None:
    """Each shape by its own form, whatever stands beside it."""
    s = np.array([0.3 + 2j, 1.0 + 0j])[:, np.newaxis]
    scv = np.array([0.0, 1e-9, 0.5, 1.0, 1 + 1e-9, 4.0, -1.0, np.nan])
    found = gamma_service.transform(s, 0.7, scv)
    for position, value in enumerate(scv):
        alone = gamma_service.transform(s[:, 0], 0.7, value)
        np.testing.assert_allclose(found[:, position], alone, rtol=1e-14)
    np.testing.assert_allclose(found[:, 0], found[:, 1], rtol=1e-8)
    np.testing.assert_allclose(found[:, 3], found[:, 4], rtol=1e-8)
    assert np.isnan(found[:, 6:]).all()
    assert np.isnan(gamma_service.transform(s[:, 0], -1.0, 1.0)).all()
