"""Retries: fixed points against references, iteration from both ends, and limits."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shared import cases

from capcalc.theory.queues import mmc, retries

AMPLIFIED = cases("models.json", "retry.amplification_lowest_root")
POINTS = cases("models.json", "retry.fixed_points")
LIMITS = cases("models.json", "retry.unconditional_stability_limit")


def arguments(params: dict[str, Any]) -> tuple[float, ...]:
    return (params["lam"], params["mu"], 1, params["timeout"], params["retries"])


@pytest.mark.parametrize("case", AMPLIFIED, ids=lambda case: case["id"])
def test_amplification(case: dict[str, Any]) -> None:
    found = float(retries.amplification(*arguments(case["params"])))
    assert found == pytest.approx(case["expected"], rel=case["rtol"])
    simulated = case["simulation"]["mean"]
    assert -0.054 < found / simulated - 1 < -0.012  # stated


@pytest.mark.parametrize("case", POINTS, ids=lambda case: case["id"])
def test_fixed_points(case: dict[str, Any]) -> None:
    given_, wanted = arguments(case["params"]), case["expected"]
    assert bool(retries.metastable(*given_)) is wanted["metastable"]
    assert float(retries.highest_load(*given_)) == pytest.approx(wanted["congested"], rel=1e-12)
    if wanted["roots"]:
        found = [float(retries.lowest_load(*given_)), float(retries.tipping_load(*given_))]
        assert found == pytest.approx(wanted["roots"], rel=case["rtol"])
    else:
        assert float(retries.lowest_load(*given_)) == pytest.approx(wanted["congested"], rel=1e-12)
        assert np.isnan(float(retries.tipping_load(*given_)))


@pytest.mark.parametrize("case", LIMITS, ids=lambda case: case["id"])
def test_limit(case: dict[str, Any]) -> None:
    params = case["params"]
    found = float(retries.stability_limit(params["mu"], 1, params["retries"]))
    assert found == pytest.approx(case["expected"], rel=case["rtol"])


@settings(max_examples=12, deadline=None)
@given(st.floats(0.02, 0.98), st.integers(1, 40), st.floats(0.5, 20), st.integers(0, 5))
def test_iteration_from_both_ends(share: float, servers: int, time: float, again: int) -> None:
    rate = share * servers
    low, high = rate, (1 + again) * rate

    def tries(load: float) -> float:
        late = 1 - float(mmc.response_cdf(time, load, 1, servers))
        return rate * math.fsum(late**i for i in range(again + 1))

    for _ in range(400):
        low, high = tries(low), tries(high)
    found = float(retries.lowest_load(rate, 1, servers, time, again))
    assert found >= low * (1 - 1e-9)  # iteration climbs towards it
    assert found == pytest.approx(tries(found), rel=1e-9)
    above = float(retries.highest_load(rate, 1, servers, time, again))
    assert above == pytest.approx(tries(above), rel=1e-9)
    assert above <= high * (1 + 1e-9)
    assert above >= found * (1 - 1e-12)
    if rate < float(retries.stability_limit(1, servers, again)):
        assert above == pytest.approx(found, rel=1e-12)
        assert not float(retries.metastable(rate, 1, servers, time, again))
    if float(retries.metastable(rate, 1, servers, time, again)):
        tip = float(retries.tipping_load(rate, 1, servers, time, again))
        assert found <= tip <= servers
        assert tip == pytest.approx(tries(tip), rel=1e-7)


def test_limits() -> None:
    assert float(retries.lowest_load(0.5, 1, 1, 3, 0)) == 0.5
    assert float(retries.lowest_load(0.2, 1, 1, 0, 3)) == pytest.approx(0.8, rel=1e-14)
    assert float(retries.lowest_load(0.5, 1, 1, math.inf, 3)) == pytest.approx(0.5, rel=1e-14)
    grid = np.asarray(retries.lowest_load(np.linspace(0.01, 0.24, 50), 1, 1, 4, 3))
    assert (np.diff(grid) > 0).all()


@pytest.mark.parametrize("name", ["lowest_load", "highest_load", "amplification", "metastable"])
def test_bad_input_is_nan_and_leaves_neighbours(name: str) -> None:
    function = getattr(retries, name)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        alone = float(function(0.5, 1, 1, 15, 3))
        found = function(np.array([0.5, -1, math.nan, math.inf]), 1, 1, 15, 3)
        assert found[0] == alone
        assert np.isnan(found[1:]).all()
        for value in (0.0, 1e-300, 1e300, math.inf, -math.inf, math.nan):
            for place in range(5):
                function(*(value if i == place else x for i, x in enumerate((0.5, 1, 1, 15, 3))))
