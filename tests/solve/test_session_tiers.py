"""Stateless against sticky web tiers: MODELS.md section g through scenario files."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import capcalc as cc
from capcalc.results.solution import Solution
from capcalc.theory.balancing import random_split, sticky

TEXT = """
capcalc: 1
demand: {{requests: {{page: {{rate: 300/s}}}}}}
tiers:
  lb: {{kind: load_balancer, policy: least_connections, service_time: 0.05ms}}
  web: {{kind: web, hosts: 4, cores: 4, service_time: 40ms, sessions: {{{sessions}}}}}
  store: {{kind: session_store, hosts: 2, service_time: 0.2ms, size: 2kB, ttl: 30min}}
"""
STICKY = "state: sticky, length: 15min, rate: 20/s, size: 2kB"
SHARED = "state: shared, store: store, length: 15min, rate: 20/s"


def solved(sessions: str, **changes: Any) -> Solution:
    changed = {f"tiers.{key.replace('__', '.')}": value for key, value in changes.items()}
    return cc.solve(cc.loads(TEXT.format(sessions=sessions)).replace(changed))


def test_sticky_requests_do_not_find_the_freest_host() -> None:
    sticky, shared = solved(STICKY), solved(SHARED)
    expected = random_split.mean_wait(300.0, 25.0, 4, 4, 1.0)
    assert sticky.tier("web").wait == pytest.approx(float(expected), rel=1e-12)
    assert sticky.tier("web").wait > 2 * float(shared.tier("web").wait)  # type: ignore[arg-type]
    assert sticky.station("web").model == "M/G/k per host"
    assert shared.station("web").model == "least connections"
    chosen = solved(STICKY, web__balancing="round_robin")
    assert chosen.station("web").model == "G/G/k per host, round robin"


def test_sessions_by_little() -> None:
    """The reference: 20 a second of 15 minutes are 18,000."""
    for sessions in (STICKY, SHARED):
        assert solved(sessions).fact("web", "sessions") == pytest.approx(18_000)
    assert solved(SHARED).fact("store", "memory") == pytest.approx(20 * (900 + 1800) * 2000)
    assert solved(STICKY).fact("web", "session_memory") == pytest.approx(18_000 * 2000 / 4)


def test_a_new_sticky_host_takes_up_load_slowly() -> None:
    """The reference: 600 s after a fifth host joins it has 9.7 % of the load, not 20 %."""
    solution = solved(STICKY)
    assert solution.fact("web", "new_host_share") == pytest.approx(0.0973165761934816, rel=1e-12)
    assert solution.fact("web", "fair_share") == pytest.approx(0.2)
    assert solution.fact("web", "drain_time") == pytest.approx(900 * np.log(100), rel=1e-12)
    names = {fact.name for fact in solved(SHARED).fact_results if fact.tier == "web"}
    assert "new_host_share" not in names


def test_a_lost_sticky_host_takes_its_sessions() -> None:
    lost = cc.failures(cc.loads(TEXT.format(sessions=STICKY))).failure("web loses a host")
    assert "25 % of all sessions are lost with their host: some 75 logins a second" in lost.says[0]
    assert solved(STICKY).fact("web", "login_storm") == pytest.approx(75)
    kept = cc.failures(cc.loads(TEXT.format(sessions=SHARED))).failure("web loses a host")
    assert not any("sessions" in sentence for sentence in kept.says)


def test_visits_of_users_begin_sessions() -> None:
    text = TEXT.format(sessions="state: sticky, length: 10min").replace(
        "demand: {requests", "demand: {daily_active_users: 864k, visits_per_user_day: 2, requests"
    )
    assert cc.solve(cc.loads(text)).fact("web", "sessions") == pytest.approx(20 * 600)
    without = solved("state: sticky, length: 10min")
    assert not any(fact.name == "sessions" for fact in without.fact_results)


def test_chance_gives_some_host_more_than_its_share() -> None:
    few = solved("state: sticky, length: 10s, rate: 8/s", web__hosts=4.0)
    most = float(sticky.expected_max_over_mean_gamma(80.0, 4, 1.0))
    busy = float(few.tier("web").utilization)  # type: ignore[arg-type]
    assert few.fact("web", "busiest_host") == pytest.approx(most * busy, rel=1e-12)
    assert most > 1.2
    assert any("most sticky sessions is asked for more" in each for each in few.warnings) == (
        most * busy >= 1
    )
    many = solved("state: sticky, length: 10h, rate: 8k/s")
    assert many.fact("web", "busiest_host") == pytest.approx(busy, rel=0.01)
    unknown = solved("state: sticky")
    assert any("how many there are is not known" in each for each in unknown.warnings)


def test_hosts_sweep() -> None:
    hosts = np.array([2.0, 4.0, 8.0])
    many = cc.solve(cc.loads(TEXT.format(sessions=STICKY)).replace({"tiers.web.hosts": hosts}))
    for place, count in enumerate(hosts):
        alone = solved(STICKY, web__hosts=count)
        for name in ("new_host_share", "login_storm", "session_memory"):
            found = np.broadcast_to(np.asarray(many.fact("web", name)), hosts.shape)[place]
            assert found == pytest.approx(float(alone.fact("web", name)), rel=1e-12)
