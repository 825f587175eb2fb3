"""The sixteen traps of a naive calculator: the true value from the formulas, never the naive one.

True and naive values as listed in the project's table of traps (section 0 of its models).
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from capcalc.theory.balancing import (
    central_queue,
    least_connections,
    power_of_d,
    power_of_two,
    random_split,
    round_robin,
    shards,
)
from capcalc.theory.caches import (
    hierarchy,
    k_lru,
    lru,
    node_loss,
    q_lru,
    s3_fifo,
    warm_up,
)
from capcalc.theory.delivery import offload
from capcalc.theory.distributions import hypoexponential, sojourn
from capcalc.theory.queues import breakdowns, mmc, retries, staffing
from capcalc.theory.replication import reads
from capcalc.theory.scaling import pooling


def test_trap_01_replicas_replay_every_write() -> None:
    needed = reads.fewest_replicas(
        8000.0, 1000.0, servers=4.0, read_time=1e-3, apply_time=1e-3, utilization=0.6
    )
    assert needed == 6  # naive: 4


def test_trap_02_hosts_have_queues_of_their_own() -> None:
    answers = {
        "round robin": round_robin.mean_wait(8.0, 1.0, 1.0, 10.0, 1.0) + 1.0,
        "random": random_split.mean_wait(8.0, 1.0, 1.0, 10.0, 1.0) + 1.0,
        "least": least_connections.mean_wait(8.0, 1.0, 1.0, 10.0, 1.0) + 1.0,
        "central": central_queue.mean_wait(8.0, 1.0, 1.0, 10.0, 1.0) + 1.0,
    }
    assert answers["round robin"] == pytest.approx(2.9223, abs=5e-5)
    assert answers["random"] == pytest.approx(5.0, rel=1e-12)
    assert answers["least"] == pytest.approx(1.354, rel=0.01)
    assert answers["central"] == pytest.approx(1.2046, abs=5e-5)  # the naive one for all


def test_trap_03_a_lost_node_is_not_ten_per_cent() -> None:
    assert node_loss.multiplier(0.99, 10) == pytest.approx(10.9, rel=1e-12)
    assert node_loss.multiplier(0.9, 10) == pytest.approx(1.9, rel=1e-12)


def test_trap_04_breakdowns_are_not_a_slower_server() -> None:
    number = breakdowns.mean_number(1.5, 1.0, 3.0, failure_rate=1e-3, repair_rate=1e-2)
    assert number == pytest.approx(3.596254443215681, rel=1e-10)  # naive: 2.01


def test_trap_05_a_parent_does_not_see_what_its_edge_answers() -> None:
    parent = float(np.asarray(hierarchy.parent_hit_ratio(1, 1_000, 1_000, 10_000, 0.8)))
    assert parent == pytest.approx(0.0289, abs=0.01)  # simulated
    assert abs(parent - 0.160) > 0.1  # naive


def test_trap_06_requests_are_not_bytes() -> None:
    """b.cdn.1: 1,000 requests a second, 70 % static; offload of requests and of bytes differ."""
    edge = offload.edge_rate(1_000.0, 0.8, 0.3)
    origin = offload.origin_rate(1_000.0, 0.8, 0.3, 0.9, 0.5)
    share = float(np.asarray(offload.offload(edge, origin)))
    heavy, light = 100e3, 10e3  # bytes of static and other answers
    static = 1_000.0 * 0.8 * 0.7
    by_bytes = offload.offload(static * heavy + 200.0 * light, static * 0.05 * heavy + 200 * light)
    assert share == pytest.approx(1 - (static * 0.05 + 200) / (static + 200), rel=1e-12)
    assert float(np.asarray(by_bytes)) > share + 0.1


def test_trap_07_percentiles_do_not_add_up() -> None:
    rates = [1.0, 1 / 5.0, 1 / 0.5]
    assert hypoexponential.quantile(0.99, rates) == pytest.approx(24.668371, rel=1e-6)
    assert sum(-math.log(0.01) / rate for rate in rates) == pytest.approx(29.9336, rel=1e-5)


def test_trap_08_hits_and_misses_are_no_single_exponential() -> None:
    """Means 1, 5 and .5, and 20 more for a fifth of all requests."""
    none = [[0.0] * 4, [0.0] * 4]
    times = [[1.0, 5.0, 0.5, 0.0], [1.0, 5.0, 0.5, 20.0]]
    p99 = sojourn.quantile(0.99, [0.8, 0.2], [0.0, 0.0], none, none, times)
    assert p99 == pytest.approx(67.2034725, rel=1e-6)
    mean = 6.5 + 0.2 * 20
    assert abs(float(p99) - mean * math.log(100)) > 15  # one exponential: 48.35


def test_trap_09_retries_can_keep_a_system_down() -> None:
    rate, timeout, again = 0.5, 15.0, 3.0
    assert bool(np.asarray(retries.metastable(rate, 1.0, 1.0, timeout, again)))
    worst = float(np.asarray(retries.highest_load(rate, 1.0, 1.0, timeout, again)))
    assert worst / rate == pytest.approx(4.0, rel=1e-6)  # naive amplification: 1.001


def test_trap_10_the_hot_shard_is_no_normal_maximum() -> None:
    most = float(np.asarray(shards.expected_max_over_mean(16, 100_000, 1.0)))
    cv = math.sqrt(float(np.asarray(shards.share_cv2(16, 100_000, 1.0))))
    normal = 1 + 1.766 * cv
    assert most > normal * 1.15
    assert most == pytest.approx(2.25, rel=0.02)


def test_trap_11_a_cache_that_warms_up_does_not_hit_its_mean() -> None:
    first = warm_up.mean_hit_ratio(0.0, 100.0, 1_000, 10_000, 0.8)
    assert float(np.asarray(first)) == pytest.approx(0.0914355, rel=1e-4)
    assert lru.characteristic_time(1_000, 10_000, 0.8) == pytest.approx(1472.5, abs=0.1)
    assert lru.hit_ratio(1_000, 10_000, 0.8) == pytest.approx(0.43666, abs=1e-5)


def test_trap_12_a_mean_over_an_uncertain_load_is_infinite() -> None:
    """Quantiles of the load map to those of the response; loads beyond 1 are not averaged away."""
    at_95 = 0.8 * math.exp(0.05 * 1.6448536269514722)
    assert mmc.mean_response(at_95, 1.0, 1.0) == pytest.approx(7.6089, abs=5e-5)
    loads = 0.8 * np.exp(0.1 * np.random.default_rng(1).standard_normal(20_000) - 0.005)
    responses = np.asarray(mmc.mean_response(loads, 1.0, 1.0))
    assert np.isinf(responses[loads >= 1]).all()
    assert (loads >= 1).any()
    assert np.isinf(responses.mean())
    assert np.isfinite(np.quantile(responses, 0.9))


def test_trap_13_the_mean_field_of_two_choices_is_for_large_pools() -> None:
    few = float(np.asarray(power_of_two.mean_response(3.6, 1.0, 1.0, 4.0, 1.0)))
    assert few == pytest.approx(3.73, rel=0.03)
    limit = float(np.asarray(power_of_d.mean_response(3.6, 1.0, 1.0, 4.0, 1.0)))
    assert limit == pytest.approx(2.61, rel=0.01)  # naive: 30 % low


def test_trap_14_separate_pools_need_more() -> None:
    assert pooling.partitioned_servers(0.2, 100.0, 1.0, 10.0) == 140
    assert staffing.servers_for_prob_wait(0.2, 100.0, 1.0) == 111  # naive


def test_trap_15_slow_servers_are_slower_at_the_same_load() -> None:
    half = pooling.fast_over_slow(4.0, 1.0, 8.0)
    full = pooling.fast_over_slow(7.6, 1.0, 8.0)
    assert half == pytest.approx(4.06, abs=5e-3)  # naive: 1
    assert full == pytest.approx(1.24, abs=1e-2)
    one, many = mmc.mean_response(4.0, 8.0, 1.0), mmc.mean_response(4.0, 1.0, 8.0)
    assert float(many) / float(one) == pytest.approx(float(np.asarray(half)), rel=1e-12)


def test_trap_16_policies_differ() -> None:
    place = (1_000.0, 10_000.0, 0.8)
    assert lru.hit_ratio(*place) == pytest.approx(0.437, abs=1e-3)  # naive for all
    assert q_lru.hit_ratio(*place, 0.1) == pytest.approx(0.499, abs=1e-3)
    assert q_lru.hit_ratio(*place, 0.01) == pytest.approx(0.543, abs=1e-3)
    assert k_lru.hit_ratio(*place) == pytest.approx(0.526, abs=1e-3)
    assert s3_fifo.hit_ratio(*place) == pytest.approx(0.529, abs=1e-3)
