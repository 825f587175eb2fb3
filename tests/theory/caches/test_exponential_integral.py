"""The generalized exponential integral against mpmath."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capcalc.theory.caches.exponential_integral import generalized

ORDERS = st.one_of(
    st.floats(0, 6),
    st.floats(6, 1e6),
    st.sampled_from([0.0, 0.5, 1.0, 1 + 1e-9, 1 - 1e-13, 1.5, 2.0, 2 + 1e-6, 3.0, 19.999, 20.0]),
)
LOGS = st.floats(-12, 2)


@given(ORDERS, LOGS)
def test_is_the_integral(order: float, log_x: float) -> None:
    x = 10.0**log_x
    with mpmath.workdps(40):
        expected = mpmath.expint(mpmath.mpf(order), mpmath.mpf(x))
        assert abs(generalized(order, x) / expected - 1) < 1e-13


@given(st.floats(0.01, 15), LOGS)
def test_satisfies_its_recurrence(order: float, log_x: float) -> None:
    x = 10.0**log_x
    right = np.exp(-x) - x * generalized(order, x)
    scale = np.exp(-x) + x * generalized(order, x)
    assert abs(order * generalized(order + 1, x) - right) < 1e-13 * scale


def test_edges() -> None:
    orders = np.array([0.5, 1.0, 3.0, -1.0, np.nan, 1.0, 1.0, np.inf])
    values = generalized(orders, np.array([0.0, 0.0, 0.0, 1.0, 1.0, -1.0, np.inf, 1.0]))
    expected = [np.inf, np.inf, 0.5, np.nan, np.nan, np.nan, 0.0, np.nan]
    np.testing.assert_array_equal(values, expected)


@pytest.mark.parametrize("size", [2, 7, 200])
def test_neighbours_do_not_matter(size: int) -> None:
    random = np.random.default_rng(size)
    order, x = random.uniform(0, 25, size), 10 ** random.uniform(-6, 2, size)
    alone = [generalized(a, b) for a, b in zip(order, x, strict=True)]
    np.testing.assert_allclose(generalized(order, x), alone, rtol=1e-14)
