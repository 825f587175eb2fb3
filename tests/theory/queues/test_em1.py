"""E_n/M/1 against 50 digits, from next to no load to next to saturation."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

from capcalc.theory.queues import em1


def sigma(load: mp.mpf, phases: int) -> mp.mpf:
    """The root of s = (n rho / (n rho + 1 - s))^n by bisection of its logarithm."""
    low, high = phases * (1 - load) / (phases + 1), mp.mpf(1)  # of 1 - s
    for _ in range(int(3.5 * mp.mp.dps)):
        x = (low + high) / 2
        above = mp.log(1 - x) + phases * mp.log(1 + x / (phases * load)) > 0
        low, high = (x, high) if above else (low, x)
    return 1 - (low + high) / 2


@pytest.mark.parametrize("phases", [1, 2, 4, 10, 100])
@pytest.mark.parametrize("load", [1e-4, 0.01, 0.3, 0.8, 0.99, 1 - 1e-6, 1 - 1e-12])
def test_against_50_digits(phases: int, load: float) -> None:
    with mp.workdps(50 if load > 0.001 else 260):  # sigma goes down to 1e-200 there
        exact = mp.mpf(load)
        waits = sigma(exact, phases)
        wait, response = waits / (1 - waits), 1 / (1 - waits)
    assert float(em1.prob_wait(load, 1.0, phases)) == pytest.approx(float(waits), rel=1e-12, abs=0)
    assert float(em1.mean_wait(load, 1.0, phases)) == pytest.approx(float(wait), rel=1e-12, abs=0)
    found = float(em1.mean_response(load, 1.0, phases))
    assert found == pytest.approx(float(response), rel=1e-12, abs=0)


def test_many_phases_are_regular_arrivals() -> None:
    """D/M/1: sigma = exp(-(1 - sigma) / rho)."""
    waits = float(em1.prob_wait(0.7, 1.0, 1e7))
    assert waits == pytest.approx(np.exp(-(1 - waits) / 0.7), rel=1e-6)


def test_neighbours_do_not_matter() -> None:
    loads = np.linspace(0.01, 0.999, 57)
    together = np.asarray(em1.mean_wait(loads, 1.0, 6))
    alone = np.array([em1.mean_wait(load, 1.0, 6) for load in loads])
    assert (together == alone).all()
