"""Replicas against references, searches, simulation and limits."""

from __future__ import annotations

import math
import warnings
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared import cases

from capcalc.theory.queues import erlang, md1, mm1
from capcalc.theory.replication import commit, failover, lag, reads

FORMULAS = {
    "quorum.mean_kth_of_n_exp": lambda p: commit.quorum_mean(p["k"], p["n"], p["mean"]),
    "quorum.quantile": lambda p: commit.quorum_quantile(p["q"], p["k"], p["n"], 1.0),
    "tier.n_minus_1_util": lambda p: failover.utilization_after(p["rho"], p["servers"]),
    "db.pool_reject_prob_erlangB": lambda p: erlang.erlang_b(p["pool"], p["rps"] * p["hold_s"]),
}
CASES = [case for case in cases("models.json", *FORMULAS) if case["kind"] == "formula"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_reference_cases(case: dict[str, Any]) -> None:
    found = float(FORMULAS[case["model"]](case["params"]))  # type: ignore[no-untyped-call]
    assert found == pytest.approx(case["expected"], rel=case["rtol"], abs=0)


def test_replicas_replay_every_write() -> None:
    """The trap: 8 of 2.4 cores are 4 replicas, but each also does the 1 of the writes."""
    assert float(reads.fewest_replicas(8000, 1000, 4, 0.001, 0.001, 0.6)) == 6
    assert float(reads.fewest_replicas(8000, 0, 4, 0.001, 0.001, 0.6)) == 4
    assert float(reads.fewest_replicas(8000, 2500, 4, 0.001, 0.001, 0.6)) == math.inf
    assert float(reads.write_wall(4, 0.001, 0.6, 1)) == pytest.approx(600, rel=1e-14)


@given(
    st.floats(0, 1e5), st.floats(0, 3000), st.integers(1, 64), st.floats(0.05, 1), st.floats(0, 1)
)
def test_fewest_is_fewest(read: float, write: float, cores: int, most: float, kept: float) -> None:
    count = float(reads.fewest_replicas(read, write, cores, 0.001, 0.0005, most, kept))
    if math.isinf(count):
        assert write >= float(reads.write_wall(cores, 0.0005, most)) * (1 - 1e-12)
        return
    used = float(reads.replica_utilization(read, write, count, cores, 0.001, 0.0005, kept))
    assert used <= most * (1 + 1e-12)
    if count > 1:
        fewer = reads.replica_utilization(read, write, count - 1, cores, 0.001, 0.0005, kept)
        assert float(fewer) > most
    able = float(reads.read_capacity(write, count, cores, 0.001, 0.0005, most))
    assert able >= (1 - kept) * read * (1 - 1e-9) - 1e-6


def test_most_replicas_fill_the_primary() -> None:
    count = float(reads.most_replicas(8000, 1000, 4, 0.001, 0.001, 0.00006, 0.6, 0.05))
    used = [
        float(reads.primary_utilization(8000, 1000, k, 4, 0.001, 0.001, 0.00006, 0.05))
        for k in (count, count + 1)
    ]
    assert used[0] <= 0.6 < used[1]
    assert float(reads.most_replicas(1, 1, 4, 0.001, 0.001, 0, 0.6)) == math.inf
    assert np.isnan(float(reads.most_replicas(1, 5000, 4, 0.001, 0.001, 0.1, 0.6)))


@given(st.floats(0, 0.999))
def test_lag_is_a_response(load: float) -> None:
    assert float(lag.mean_lag(load, 1)) == pytest.approx(float(mm1.mean_response(load, 1)), 1e-13)
    wanted = float(md1.mean_response(load, 1))
    assert float(lag.mean_lag_constant(load, 1)) == pytest.approx(wanted, rel=1e-13)
    stale = float(lag.prob_stale(3.0, load, 1))
    assert stale == pytest.approx(1 - float(mm1.response_cdf(3.0, load, 1)), rel=1e-12)


def test_lag_next_to_saturation() -> None:
    rate, time = 3.0, 1 / 3  # the product is below 1 by less than a rounding
    with mp.workdps(50):
        wanted = float(mp.mpf(time) / (1 - mp.mpf(rate) * mp.mpf(time)))
    assert float(lag.mean_lag(rate, time)) == pytest.approx(wanted, rel=1e-13)
    assert float(lag.mean_lag(4.0, 0.25)) == math.inf
    assert float(lag.prob_stale(1.0, 4.0, 0.25)) == 1
    assert float(lag.catch_up_time(5, 8, 4, 0.25)) == math.inf
    assert float(lag.catch_up_time(5, 3, 2, 0.25)) == 0


def test_lag_and_outage_against_simulation() -> None:
    rng = np.random.default_rng(3)
    gaps, work = rng.exponential(1 / 700, 400_000), rng.exponential(0.001, 400_000)
    walk = np.cumsum(work[:-1] - gaps[1:])
    wait = np.concatenate([[0.0], walk - np.minimum(np.minimum.accumulate(walk), 0.0)])
    assert float((wait + work).mean()) == pytest.approx(float(lag.mean_lag(700, 0.001)), rel=0.03)
    share = float(((wait + work) > 0.005).mean())
    assert share == pytest.approx(float(lag.prob_stale(0.005, 700, 0.001)), rel=0.04)
    times = []
    for _ in range(400):
        backlog = rng.exponential(0.001, rng.poisson(7.0 * 100)).sum()
        clock, gap = 0.0, rng.exponential(1 / 700, 12_000)
        left = backlog + np.cumsum(rng.exponential(0.001, 12_000)) - np.cumsum(gap)
        before = np.cumsum(gap)
        ends = np.flatnonzero(np.concatenate([[backlog], left[:-1]]) < gap)[0]
        clock = (before[ends - 1] if ends else 0.0) + np.concatenate([[backlog], left[:-1]])[ends]
        times.append(clock)
    wanted = float(lag.catch_up_after_outage(1.0, 700, 0.001))
    assert abs(np.mean(times) - wanted) < 4 * np.std(times) / 20


@pytest.mark.parametrize(("acks", "count"), [(1, 5), (2, 3), (3, 5), (5, 5), (40, 100)])
def test_quorum(acks: int, count: int) -> None:
    with mp.workdps(40):
        wanted = mp.fsum(mp.mpf(1) / j for j in range(count - acks + 1, count + 1))
        q = mp.mpf("0.3")
        share = mp.fsum(
            mp.binomial(count, j) * q**j * (1 - q) ** (count - j) for j in range(acks, count + 1)
        )
    assert float(commit.quorum_mean(acks, count, 2.0)) == pytest.approx(float(2 * wanted), 1e-13)
    assert float(commit.quorum_cdf(acks, count, 0.3)) == pytest.approx(float(share), rel=1e-12)
    time = float(commit.quorum_quantile(0.99, acks, count, 2.0))
    assert float(commit.quorum_cdf(acks, count, -math.expm1(-time / 2))) == pytest.approx(
        0.99, 1e-12
    )
    assert float(commit.semi_synchronous_mean(count, 2.0)) == pytest.approx(2 / count, rel=1e-14)
    assert float(commit.synchronous_mean(count, 2.0)) >= float(commit.quorum_mean(acks, count, 2.0))


@given(st.floats(0, 1), st.integers(2, 1000), st.integers(0, 1000))
def test_losing_and_regaining(share: float, count: int, gone: int) -> None:
    if gone >= count:
        assert not float(failover.utilization_after(share, count, gone)) < math.inf
        return
    before = float(failover.highest_utilization(count, share, gone))
    assert float(failover.utilization_after(before, count, gone)) == pytest.approx(share, rel=1e-14)


@pytest.mark.parametrize(
    ("function", "good", "bad"),
    [
        (reads.replica_utilization, (8, 1, 2, 4, 0.1, 0.1), (8, 1, 0, 4, 0.1, 0.1)),
        (reads.primary_utilization, (8, 1, 2, 4, 0.1, 0.1), (8, 1, 2, 0, 0.1, 0.1)),
        (reads.fewest_replicas, (8, 1, 4, 0.1, 0.1, 0.5), (8, 1, 4, 0.1, 0.1, 1.5)),
        (reads.read_capacity, (1, 2, 4, 0.1, 0.1, 0.5), (1, 2, 4, 0, 0.1, 0.5)),
        (reads.write_wall, (4, 0.1, 0.5), (4, -0.1, 0.5)),
        (reads.most_replicas, (8, 1, 4, 0.1, 0.1, 0.1, 0.5), (8, 1, 4, 0.1, 0.1, -0.1, 0.5)),
        (lag.mean_lag, (0.5, 1), (-0.5, 1)),
        (lag.mean_lag_constant, (0.5, 1), (0.5, -1)),
        (lag.prob_stale, (1, 0.5, 1), (math.nan, 0.5, 1)),
        (lag.catch_up_time, (1, 2, 0.5, 1), (-1, 2, 0.5, 1)),
        (lag.catch_up_after_outage, (1, 0.5, 1), (1, -0.5, 1)),
        (commit.quorum_mean, (2, 3, 1), (4, 3, 1)),
        (commit.quorum_quantile, (0.9, 2, 3, 1), (1.0, 2, 3, 1)),
        (commit.quorum_cdf, (2, 3, 0.5), (2, 3, 1.5)),
        (commit.synchronous_mean, (3, 1), (0, 1)),
        (commit.semi_synchronous_mean, (3, 1), (3, -1)),
        (commit.hot_row_rate, (0.1, 0.1), (-0.1, 0.1)),
        (failover.utilization_after, (0.5, 4), (-0.5, 4)),
        (failover.highest_utilization, (4, 0.5), (0, 0.5)),
        (failover.lost_writes, (4, 0.5), (4, -0.5)),
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
