"""Service times from responses: the inverse of the queues' own formulas."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from measured_queues import measure

from capcalc.theory.calibration import response_times
from capcalc.theory.queues import mgc


@pytest.mark.parametrize(
    ("response", "rate", "servers", "expected"),
    [(0.05, 10, 1, 0.05 / 1.5), (0.02, 300, 4, 0.0108633), (0.1, 0, 3, 0.1)],
)
def test_published_values(response: float, rate: float, servers: float, expected: float) -> None:
    assert response_times.service_time(response, rate, servers) == pytest.approx(expected, rel=1e-5)


@given(
    st.floats(1e-4, 10),
    st.floats(0.01, 0.99),
    st.integers(1, 64),
    st.floats(0, 4),
)
def test_it_inverts_the_mean_response(
    service: float, busy: float, servers: int, scv: float
) -> None:
    rate = busy * servers / service
    response = float(mgc.mean_response(rate, 1 / service, servers, scv))
    found = response_times.service_time(response, rate, servers, scv)
    assert found == pytest.approx(service, rel=1e-9)


def test_it_broadcasts_and_knows_its_domain() -> None:
    found = response_times.service_time(
        np.array([0.05, -1, np.nan, 0.05]), 10, np.array([1, 1, 1, 0])
    )
    assert found[0] == pytest.approx(1 / 30)
    assert np.isnan(found[1:]).all()


def test_simulated_queues_give_their_service_time_back() -> None:
    found = []
    for seed in range(12):
        seen = measure(
            np.random.default_rng(seed),
            intervals=100,
            step=120.0,
            rates=(30.0,),
            autocorrelation=0.0,
            load_variation=0.0,
            mix_variation=0.0,
            background=0.0,
        )
        rate = seen.arrivals[:, 0].mean()
        response = np.nansum(seen.response * seen.completions[:, 0]) / seen.completions[:, 0].sum()
        found.append(float(response_times.service_time(response, rate)))
    assert np.mean(found) == pytest.approx(0.02, rel=0.03)


def test_light_load_is_near_the_service_time_from_above() -> None:
    seen = measure(np.random.default_rng(1), intervals=200, rates=(15.0,), load_variation=0.8)
    least = response_times.light_load(seen.response)
    assert 0.019 <= least <= 0.026
    assert np.isnan(response_times.light_load(np.array([np.nan])))
