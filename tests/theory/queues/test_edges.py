"""Edges that a hostile review found: huge loads, rare waits, odd types, values next to limits."""

from __future__ import annotations

import warnings

import mpmath as mp
import numpy as np
import pytest

from capcalc.theory.queues import batch, ggc, md1, mdc, mm1k, mmcc, mmck


def empty(rate: float, speed: float, servers: int, capacity: int) -> float:
    """1 over the sum of the birth-death weights, at 50 digits."""
    with mp.workdps(50):
        weight, total = mp.mpf(1), mp.mpf(1)
        for k in range(1, capacity + 1):
            weight *= mp.mpf(rate) / (mp.mpf(speed) * min(k, servers))
            total += weight
        return float(1 / total)


@pytest.mark.parametrize(
    ("rate", "speed", "servers", "capacity"),
    [
        (1000.0, 1.0, 5, 10),
        (3700.0, 3.7, 50, 55),
        (699.999, 1.0, 700, 800),
        (700.001, 1.0, 700, 800),
        (5e5, 1.0, 3, 40),
        (701.0, 1.0, 3000, 3000),
    ],
)
def test_probability_of_an_empty_station_at_large_loads(
    rate: float, speed: float, servers: int, capacity: int
) -> None:
    found = mmck.prob_empty(rate, speed, servers, capacity)
    assert found == pytest.approx(empty(rate, speed, servers, capacity), rel=1e-12)
    if servers == 1:
        assert mm1k.prob_empty(rate, speed, capacity) == found


def test_fewest_servers_ends_for_any_load() -> None:
    loads = np.array([4.0, 1e15, 1e16, 1e17, 1e150])
    found = mmcc.fewest_servers(0.5, loads)
    assert found[0] == 3
    # B = 1 - c/a where nearly all is offered in vain
    np.testing.assert_allclose(found[1:], 0.5 * loads[1:], rtol=1e-9)


def test_next_to_nobody_waits() -> None:
    for rate, speed, servers in ((50.0, 0.5, 1000.0), (1.0, 0.5, 200.0), (3e-5, 0.5, 60.0)):
        assert mdc.wait_cdf(5.0, rate, speed, servers) == 1


def test_a_node_of_the_inversion_on_a_removable_pole() -> None:
    for given in ((5.0, 1.25, 0.5, 5.0), (2.5, 2.5, 1.0, 5.0), (6.25, 1.0, 1.0, 2.0)):
        below, found, above = (
            float(mdc.wait_cdf(given[0] * factor, *given[1:])) for factor in (0.9999, 1.0, 1.0001)
        )
        assert below - 1e-6 <= found <= above + 1e-6


def test_a_law_is_never_below_its_atom() -> None:
    times = np.array([0.0, 1e-12, 1e-9, 1e-3, 1.0])
    found = md1.wait_cdf(times, 0.99, 1.0)
    assert (found >= 1 - 0.99 - 1e-15).all()
    assert (np.diff(found) >= -1e-15).all()


def test_batches_take_any_number_without_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isnan(batch.mean_queue_length(np.inf, -np.inf, -0.0, -0.0, 0.0))
        assert np.isnan(batch.mean_number(0.0, 1.0, np.inf, np.inf, 0.5))
    values = (1e-6, 1.0, 3.0, 2.0, 0.0)
    single = [np.float32(value) for value in values]
    double = [float(value) for value in single]
    assert batch.mean_number(*single) == batch.mean_number(*double)


def test_no_servers_have_no_wait_to_speak_of() -> None:
    assert np.isnan(ggc.mean_wait_bolch(-np.inf, -0.0, -1.0, 0.25, 1e150))
