"""Inverses of M/M/c: certain integers, rates to the last digits, and what they cost."""

from __future__ import annotations

import warnings
from typing import Any

import mpmath as mp
import numpy as np
import pytest
import references
from hypothesis import given, settings
from hypothesis import strategies as st
from shared import cases

from capcalc.theory.queues import mmc, staffing


@pytest.fixture
def evaluations(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many points of Erlang's C have been asked for."""
    count, original = [0], staffing.log_erlang_c

    def counted(servers: Any, load: Any) -> Any:
        count[0] += np.size(servers)
        return original(servers, load)

    monkeypatch.setattr(staffing, "log_erlang_c", counted)
    return count


def test_reference_cases() -> None:
    found = cases("erlang.json", "erlang_c_min_servers")
    assert found
    for case in found:
        level, load = (float(case["params"][key]) for key in ("wait_probability", "offered_load"))
        assert staffing.servers_for_prob_wait(level, load, 1.0) == case["expected"]["servers"]
    for case in cases("models.json", "scale.min_servers_pw"):
        load, level = case["params"]["a"], case["params"]["pw"]
        assert staffing.servers_for_prob_wait(level, load, 1.0) == case["expected"]


def brute(load: np.ndarray[Any, Any], keeps: Any) -> np.ndarray[Any, Any]:
    """Fewest servers by the recurrence from one server on, all elements at once."""
    answer, lost = np.zeros(load.size), np.ones(load.size)
    moving, c = np.arange(load.size), 0
    while moving.size:
        c += 1
        a = load[moving]
        lost[moving] = a * lost[moving] / (c + a * lost[moving])
        b = lost[moving]
        with np.errstate(all="ignore"):
            waits = np.where(c > a, c * b / (c - a * (1 - b)), 1.0)
        done = (c > a) & keeps(moving, waits, c)
        answer[moving[done]] = c
        moving = moving[~done]
    return answer


def test_100000_answers_by_brute_force(evaluations: list[int]) -> None:
    """No mismatch, and no more than 2.5 evaluations each."""
    generator = np.random.default_rng(2)
    load = np.concatenate(
        [10 ** generator.uniform(-3, 1.7, 90_000), generator.uniform(50, 400, 10_000)]
    )
    level = 10 ** generator.uniform(-9, -0.02, load.size)
    time = np.where(generator.random(load.size) < 0.5, 0.0, generator.exponential(0.5, load.size))
    found = np.asarray(staffing.servers_for_wait(time, 1 - level, load, 1.0))
    used = evaluations[0] / load.size
    rest = 1 - (1 - level)  # as the level was given
    wanted = brute(
        load,
        lambda at, waits, c: waits * np.exp(-np.maximum(c - load[at], 0) * time[at]) <= rest[at],
    )
    assert (found != wanted).sum() == 0
    assert used <= 2.5


def test_certain_to_60_digits() -> None:
    """Up to loads of 1e8: the answer keeps its promise, one server fewer does not."""
    generator = np.random.default_rng(8)
    load = np.concatenate([10 ** generator.uniform(-1, 6, 40), 10 ** generator.uniform(6, 8, 4)])
    level = 10 ** generator.uniform(-6, -0.1, load.size)
    found = np.asarray(staffing.servers_for_prob_wait(level, load, 1.0))
    with mp.workdps(60):
        for servers, a, p in zip(found, load, level, strict=True):
            assert references.erlang_c(mp.mpf(servers), mp.mpf(a)) <= p
            if servers - 1 > a:
                assert references.erlang_c(mp.mpf(servers - 1), mp.mpf(a)) > p


@given(
    load=st.floats(0.01, 5e3),
    level=st.floats(0.3, 0.99999),
    time=st.floats(0.05, 50.0),
)
def test_responses_keep_their_promise(load: float, level: float, time: float) -> None:
    servers = float(staffing.servers_for_response(time, level, load, 1.0))
    if np.exp(-time) >= 1 - level:
        assert servers == np.inf
        return
    assert float(mmc.response_quantile(level, load, 1.0, servers)) <= time * (1 + 1e-10)
    if servers - 1 > load:
        assert float(mmc.response_quantile(level, load, 1.0, servers - 1)) > time * (1 - 1e-10)


@settings(deadline=None)
@given(servers=st.integers(1, 3000), level=st.floats(0.01, 0.99), time=st.floats(0.01, 3.0))
def test_rates_are_roots(servers: int, level: float, time: float) -> None:
    """The promise is kept exactly at the rate, and one part in 1e9 above it no more."""
    rate = float(staffing.arrival_rate_for_prob_wait(level, 2.0, servers))
    assert float(mmc.prob_wait(rate, 2.0, servers)) == pytest.approx(level, rel=1e-9)
    rate = float(staffing.arrival_rate_for_wait(time, level, 2.0, servers))
    rest = 1 - float(mmc.wait_cdf(time, rate, 2.0, servers))
    assert rest == pytest.approx(1 - level, rel=1e-9)
    limit = 0.5 + time
    rate = float(staffing.arrival_rate_for_mean_response(limit, 2.0, servers))
    assert float(mmc.mean_response(rate, 2.0, servers)) == pytest.approx(limit, rel=1e-9)
    late = -np.log1p(-level) / 2.0 + time
    rate = float(staffing.arrival_rate_for_response(late, level, 2.0, servers))
    assert float(mmc.response_quantile(level, rate, 2.0, servers)) == pytest.approx(late, rel=1e-9)


def test_servers_and_rates_agree() -> None:
    """At the largest rate for c servers the fewest servers are c; a little above, more."""
    servers = np.array([1.0, 2.0, 7.0, 40.0, 1000.0, 1e5])
    for time, level in ((0.3, 0.95), (1.5, 0.999)):
        rate = np.asarray(staffing.arrival_rate_for_wait(time, level, 1.0, servers))
        below, above = rate * (1 - 1e-9), rate * (1 + 1e-9)
        assert (staffing.servers_for_wait(time, level, below, 1.0) == servers).all()
        assert (staffing.servers_for_wait(time, level, above, 1.0) == servers + 1).all()
    limit = 0.2
    found = np.asarray(staffing.servers_for_mean_wait(limit, servers * 0.9, 1.0))
    assert (np.asarray(mmc.mean_wait(servers * 0.9, 1.0, found)) <= limit).all()
    fewer = np.asarray(mmc.mean_wait(servers * 0.9, 1.0, np.maximum(found - 1, 1)))
    assert ((fewer > limit) | (found == 1)).all()


def test_bad_input_and_hopeless_promises() -> None:
    wrong = np.array([np.nan, -1.0, np.inf])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isnan(staffing.servers_for_prob_wait(0.1, wrong, 1.0)).all()
        assert np.isnan(staffing.servers_for_prob_wait([0.0, 1.0, np.nan], 5.0, 1.0)).all()
        assert np.isnan(staffing.servers_for_wait(wrong, 0.9, 5.0, 1.0)).all()
        assert np.isnan(staffing.arrival_rate_for_prob_wait(0.1, wrong, 3)).all()
        assert staffing.servers_for_response(0.1, 0.99, 5.0, 1.0) == np.inf
        assert staffing.arrival_rate_for_response(0.1, 0.99, 1.0, 9) == 0
        assert staffing.arrival_rate_for_mean_response(0.4, 2.0, 9) == 0
        assert staffing.servers_for_prob_wait(0.3, 0.0, 1.0) == 1
        mixed = np.asarray(staffing.servers_for_prob_wait(0.2, np.array([10.0, np.nan, 1e5]), 1.0))
        assert mixed[0] == staffing.servers_for_prob_wait(0.2, 10.0, 1.0) == 14
        assert mixed[2] == staffing.servers_for_prob_wait(0.2, 1e5, 1.0)
