"""M/M/c with a fixed patience against limits, a balance of flows and a simulation."""

from __future__ import annotations

import heapq
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capcalc.theory.queues import erlang, mmc, mmc_patience


@given(load=st.floats(0.01, 50.0), servers=st.integers(1, 200), patience=st.floats(0.0, 200.0))
def test_what_leaves_and_what_is_served_make_up_what_comes(
    load: float, servers: int, patience: float
) -> None:
    rate = load * servers
    left = float(mmc_patience.prob_loss(rate, 1.0, servers, patience))
    busy = float(mmc_patience.utilization(rate, 1.0, servers, patience))
    assert 0 <= left <= 1
    assert 0 <= busy <= 1 + 1e-12
    assert busy == pytest.approx(load * (1 - left), rel=1e-9)
    wait = float(mmc_patience.mean_wait(rate, 1.0, servers, patience))
    assert 0 <= wait <= patience * (1 + 1e-12)


def test_without_patience_it_is_a_loss_system_and_with_much_a_queue() -> None:
    for servers in (1.0, 4.0, 50.0):
        rate = 0.8 * servers
        loss = float(mmc_patience.prob_loss(rate, 1.0, servers, 0.0))
        assert loss == pytest.approx(float(erlang.erlang_b(servers, rate)), rel=1e-12)
        wait = float(mmc_patience.mean_wait(rate, 1.0, servers, 1e4))
        assert wait == pytest.approx(float(mmc.mean_wait(rate, 1.0, servers)), rel=1e-10)
        assert float(mmc_patience.prob_loss(rate, 1.0, servers, 1e4)) < 1e-300


def test_overloaded_servers_are_busy_and_the_others_leave() -> None:
    left = float(mmc_patience.prob_loss(40.0, 1.0, 10.0, 30.0))
    assert left == pytest.approx(0.75, rel=1e-9)
    assert float(mmc_patience.mean_wait(40.0, 1.0, 10.0, 30.0)) == pytest.approx(30 - 1 / 30, 1e-6)


@pytest.mark.parametrize(("load", "servers", "patience"), [(0.9, 1, 3.0), (1.2, 4, 1.0)])
def test_a_simulation_agrees(load: float, servers: int, patience: float) -> None:
    rng = np.random.default_rng(5)
    arrivals = np.cumsum(rng.exponential(1 / (load * servers), 400_000))
    services = rng.exponential(1.0, 400_000)
    free = [0.0] * servers
    waits, left = [], 0
    for now, service in zip(arrivals, services, strict=True):
        wait = max(0.0, free[0] - now)
        if wait > patience:
            left += 1
        else:
            heapq.heapreplace(free, now + wait + service)
            waits.append(wait)
    arguments = (load * servers, 1.0, servers, patience)
    assert left / 400_000 == pytest.approx(float(mmc_patience.prob_loss(*arguments)), abs=3e-3)
    assert np.mean(waits) == pytest.approx(float(mmc_patience.mean_wait(*arguments)), rel=0.02)
    assert np.mean(np.array(waits) > 0) == pytest.approx(
        float(mmc_patience.prob_wait(*arguments)), abs=4e-3
    )


def test_ends_are_quiet_and_neighbours_do_not_matter() -> None:
    rates = np.array([0.0, 1e-300, 1.0, 1e9, np.nan, -1.0, 1e300])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for question in (mmc_patience.prob_loss, mmc_patience.mean_wait, mmc_patience.prob_wait):
            together = np.asarray(question(rates, 1.0, 3.0, 2.0))
            for place, rate in enumerate(rates):
                alone = float(question(rate, 1.0, 3.0, 2.0))
                assert np.array_equal(together[place], alone, equal_nan=True)
            assert np.isnan(together[[4, 5]]).all()
            assert np.isfinite(together[[0, 1, 2, 3, 6]]).all()
