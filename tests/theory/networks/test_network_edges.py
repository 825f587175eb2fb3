"""Edges that a hostile review found: many servers, signed zeros, invalid and empty input."""

from __future__ import annotations

import numpy as np
import pytest

from capcalc.theory.balancing import shortest_of_two
from capcalc.theory.networks import bcmp, bounds, linearizer, load_dependent, multiclass, schweitzer
from capcalc.theory.queues import mgc


@pytest.mark.parametrize("servers", [5.0, 6.0, 1e4, 1e9, 1e300])
def test_more_servers_than_customers_are_a_delay(servers: float) -> None:
    given = ([2.0, 3.0], [[0.2, 0.1], [0.1, 0.2]], [1.0, 1.0])
    endless = multiclass.log_constant(*given, [1.0, np.inf])
    assert multiclass.log_constant(*given, [1.0, servers]) == pytest.approx(endless, rel=1e-14)
    few = multiclass.log_constant(*given, [1.0, 4.0])
    assert few > endless  # one more way to queue


def test_a_demand_of_minus_zero_is_none() -> None:
    found, plain = (
        bounds.asymptotic(1.0, [0.0, 0.0385, zero], 0.04, [1.0, np.inf, 4.0])
        for zero in (-0.0, 0.0)
    )
    for name in ("throughput_upper", "throughput_lower", "response_lower", "response_upper"):
        assert getattr(found, name) == getattr(plain, name)
    assert found.throughput_upper == pytest.approx(1 / 0.0785)


def test_what_is_invalid_is_undefined() -> None:
    wrong = load_dependent.solve(2.5, [1.0, 1.0], [[1.0], [1.0]], 0.1)
    assert np.isnan(wrong.utilization).all()
    mixed = bcmp.solve([0.26, 0.1], [[0.1, 0.5], [0.2, 0.3]], np.ones((2, 2)), [1.0, -1.0])
    assert np.isnan(mixed.utilization[:, 1]).all()
    np.testing.assert_allclose(mixed.utilization[:, 0], [0.026, 0.02])


def test_empty_arrays_give_empty_answers() -> None:
    for solve in (multiclass.solve, linearizer.solve, schweitzer.solve_classes):
        assert solve(np.empty((0, 2)), np.empty((0, 2, 3))).throughput.shape == (0, 2)


def test_next_to_no_load_and_beyond_all_times() -> None:
    waits = shortest_of_two.mean_wait(np.array([5e-324, 1e-8, 1.0]), 1, 1, 2, 1)
    assert (waits >= 0).all()
    times = np.array([1e154, 1e200, 1e300, np.inf])
    np.testing.assert_array_equal(mgc.response_cdf(times, 0.5, 1.0, 3.0, 0.5), 1.0)
