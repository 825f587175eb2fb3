"""Sticky sessions against references and limits."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared import cases

from capcalc.theory.balancing import sessions

FORMULAS = {
    "session.new_node_load_share": lambda p: sessions.new_host_share(
        p["t"], p["mean_session"], p["old"]
    ),
    "session.concurrent": lambda p: sessions.concurrent(p["arrivals_per_s"], p["mean_session"]),
}
CASES = cases("models.json", *FORMULAS)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_reference_cases(case: dict[str, Any]) -> None:
    found = float(FORMULAS[case["model"]](case["params"]))  # type: ignore[no-untyped-call]
    assert found == pytest.approx(case["expected"], rel=case["rtol"], abs=0)


@given(st.floats(0, 1e6), st.floats(1, 1e5), st.integers(1, 1000))
def test_shares_add_up(time: float, mean: float, hosts: int) -> None:
    new = float(sessions.new_host_share(time, mean, hosts))
    old = float(sessions.old_host_share(time, mean, hosts))
    assert new + hosts * old == pytest.approx(1, rel=1e-13)
    assert new <= 1 / (hosts + 1) <= old * (1 + 1e-14)


@given(st.floats(1e-300, 1), st.floats(1, 1e5))
def test_drained(left: float, mean: float) -> None:
    time = float(sessions.drain_time(left, mean))
    assert math.exp(-time / mean) == pytest.approx(left, rel=1e-12)


@pytest.mark.parametrize(
    ("function", "good", "bad"),
    [
        (sessions.concurrent, (20, 900), (-20, 900)),
        (sessions.new_host_share, (600, 900, 4), (600, 900, 0)),
        (sessions.old_host_share, (600, 900, 4), (-600, 900, 4)),
        (sessions.drain_time, (0.1, 900), (1.1, 900)),
        (sessions.login_storm, (100, 60), (100, 0)),
        (sessions.store_load, (1, 1, 1, 1, 1), (1, 1, -1, 1, 1)),
        (sessions.store_memory, (20, 900, 2000), (20, math.nan, 2000)),
    ],
)
def test_bad_input_is_nan_and_leaves_neighbours(function: Any, good: Any, bad: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        alone = float(function(*good))
        found = function(*(np.array(pair, dtype=float) for pair in zip(good, bad, strict=True)))
        assert found[0] == alone
        assert np.isnan(found[1])
        for value in (0.0, 1e-300, 1e300, math.inf, -math.inf, math.nan):
            for place in range(len(good)):
                function(*(value if i == place else x for i, x in enumerate(good)))
