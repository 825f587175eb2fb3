"""Traffic equations against sums of powers, and where they have no solution."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capcalc.theory.networks.traffic import strongly_connected, visits


def random_calls(seed: int, size: int, radius: float) -> np.ndarray:
    random = np.random.default_rng(seed)
    calls = random.uniform(0, 1, (size, size)) * (random.uniform(size=(size, size)) < 0.4)
    largest = np.abs(np.linalg.eigvals(calls)).max()
    return calls if largest < 1e-6 else calls * radius / largest


@given(st.integers(0, 10**6), st.integers(1, 8), st.floats(0.05, 0.9))
def test_is_the_sum_over_all_walks(seed: int, size: int, radius: float) -> None:
    calls = random_calls(seed, size, radius)
    entry = np.random.default_rng(seed + 1).uniform(0, 1, size)
    total, step = entry.copy(), entry
    for _ in range(2_000):
        step = step @ calls
        total = total + step
    np.testing.assert_allclose(visits(calls, entry), total, rtol=1e-11, atol=1e-300)


@given(st.integers(0, 10**6), st.integers(2, 7), st.floats(1.001, 50))
def test_is_undefined_just_where_walks_never_end(seed: int, size: int, radius: float) -> None:
    """A node has no finite number of visits if a loop of radius >= 1 reaches it."""
    calls = random_calls(seed, size, radius)
    entry = (np.random.default_rng(seed + 1).uniform(size=size) < 0.5).astype(float)
    reach = np.linalg.matrix_power((calls > 0) + np.eye(size), size) > 0
    bad = np.zeros(size, dtype=bool)
    for group in strongly_connected(calls > 0):
        loop = calls[np.ix_(group, group)]
        if np.abs(np.linalg.eigvals(loop)).max() > 1.0005 and (entry @ reach)[group].any():
            bad |= reach[group].any(axis=0)
    np.testing.assert_array_equal(np.isnan(visits(calls, entry)), bad)


@pytest.mark.parametrize("back", [0.5, 0.6, 7.0])
def test_a_closed_loop_never_ends(back: float) -> None:
    calls = np.array([[0, 2, 0, 1], [back, 0, 0, 0], [0, 0, 0, 1], [0, 0, 0, 0.0]])
    np.testing.assert_array_equal(visits(calls, [1, 0, 1, 0]), [np.nan, np.nan, 1, np.nan])
    np.testing.assert_array_equal(visits(calls, [0, 0, 1, 0]), [0, 0, 1, 1])


@pytest.mark.parametrize("leaves", [1e-3, 1e-6, 1e-9])
def test_a_nearly_closed_loop_ends(leaves: float) -> None:
    found = visits([[1 - leaves]], [1.0])
    np.testing.assert_allclose(found, 1 / leaves, rtol=1e-15 / leaves)


def test_stacks_do_not_mix() -> None:
    calls = np.array([[[0.5]], [[1.0]], [[np.nan]], [[-0.1]], [[0.0]]])
    np.testing.assert_array_equal(visits(calls, [2.0])[:, 0], [4, np.nan, np.nan, np.nan, 2])
    np.testing.assert_array_equal(visits([[0.5]], [[1.0], [np.inf]])[:, 0], [2, np.nan])


@given(st.integers(0, 10**6), st.integers(1, 9))
def test_groups_are_in_order(seed: int, size: int) -> None:
    mask = np.random.default_rng(seed).uniform(size=(size, size)) < 1.5 / size
    groups = strongly_connected(mask)
    reach = np.linalg.matrix_power(mask + np.eye(size), size) > 0
    assert sorted(node for group in groups for node in group) == list(range(size))
    for position, group in enumerate(groups):
        assert reach[np.ix_(group, group)].all()
        for later in groups[position + 1 :]:
            assert not reach[np.ix_(later, group)].any()
