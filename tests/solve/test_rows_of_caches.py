"""Browsers, CDN edges, shields, proxies, near and distributed caches in one scenario file."""

from __future__ import annotations

import numpy as np
import pytest

import capcalc as cc
from capcalc.errors import ScenarioError
from capcalc.results.solution import Solution
from capcalc.theory.caches import hierarchy, lru, lru_ttl, node_loss, stampede, ttl, warm_up

PAGE = "page: {rate: 1k/s, cacheable: true, size: 10kB, objects: {count: 10k, zipf: 0.8}%s}"
FILE = """
capcalc: 1
name: row
demand:
  daily_active_users: 100k
  requests:
    {page}
    order: {{rate: 10/s}}
tiers:
  {edge}
  lb: {{kind: load_balancer, hosts: 2, service_time: 0.05ms}}
  {proxy}
  web: {{kind: web, hosts: 10, cores: 8, service_time: 10ms}}
"""
CACHES = """
capcalc: 1
demand: {{requests: {{page: {{rate: 100/s}}}}}}
tiers:
  web: {{kind: web, hosts: 4, cores: 4, service_time: 10ms}}
  {first}
  {second}
  db: {{kind: database, cores: 16, replicas: 1, read_time: 2ms, write_time: 4ms}}
calls: {{page: {{{called}: 10}}}}
"""
SAME = "objects: {count: 10k, zipf: 0.8, size: 4kB}"


def solved(edge: str = "", proxy: str = "", more: str = "") -> Solution:
    return cc.solve(cc.loads(FILE.format(page=PAGE % more, edge=edge, proxy=proxy)))


def cached(first: str, second: str, called: str = "near") -> cc.System:
    return cc.loads(CACHES.format(first=first, second=second, called=called))


def hits(solution: Solution, tier: str) -> float:
    return float(np.asarray(solution.tier(tier).hit_ratio))


def test_trap_05_a_cache_behind_one_of_its_size_has_next_to_nothing() -> None:
    near = f"near: {{kind: cache, service_time: 0.01ms, capacity: 1k, {SAME}, fronts: far}}"
    far = f"far: {{kind: cache, hosts: 2, service_time: 0.2ms, capacity: 1k, {SAME}, fronts: db}}"
    solution = cc.solve(cached(near, far))
    assert hits(solution, "near") == pytest.approx(float(lru.hit_ratio(1_000, 10_000, 0.8)), 1e-5)
    expected = hierarchy.parent_hit_ratio(1, 1_000, 1_000, 10_000, 0.8)
    assert hits(solution, "far") == pytest.approx(float(np.asarray(expected)), rel=1e-9)
    assert hits(solution, "far") < 0.04  # naive: 0.160, simulated: 0.029
    reads = 1_000 * (1 - hits(solution, "near")) * (1 - hits(solution, "far"))
    assert solution.tier("db").arrival_rate == pytest.approx(reads, rel=1e-12)


def test_caches_of_other_objects_do_not_know_each_other() -> None:
    near = f"near: {{kind: cache, service_time: 0.01ms, capacity: 1k, {SAME}, fronts: far}}"
    other = "objects: {count: 20k, zipf: 0.8}"
    far = f"far: {{kind: cache, service_time: 0.2ms, capacity: 1k, {other}, fronts: db}}"
    assert hits(cc.solve(cached(near, far)), "far") == pytest.approx(
        float(lru.hit_ratio(1_000, 20_000, 0.8)), rel=1e-4
    )


def test_near_caches_of_every_host_hold_the_same() -> None:
    near = (
        "near: {kind: cache, hosts: 4, local: true, service_time: 0.01ms, capacity: 1k, "
        f"{SAME}, fronts: far}}"
    )
    far = f"far: {{kind: cache, service_time: 0.1ms, capacity: 5k, {SAME}, fronts: db}}"
    system = cached(near, far)
    solution = cc.solve(system)
    assert hits(solution, "near") == pytest.approx(float(lru.hit_ratio(1_000, 10_000, 0.8)), 1e-5)
    parent = hierarchy.parent_hit_ratio(4, 1_000, 5_000, 10_000, 0.8)
    assert hits(solution, "far") == pytest.approx(float(np.asarray(parent)), rel=1e-9)
    lost = cc.failures(system).failure("near loses a host")
    assert lost.tier("near").hit_ratio == pytest.approx(hits(solution, "near"), abs=2e-3)


def test_a_cache_forgets_with_time() -> None:
    first = (
        f"near: {{kind: cache, service_time: 0.1ms, capacity: 1k, max_age: 10s, {SAME}, "
        "fronts: db}"
    )
    solution = cc.solve(cached(first, ""))
    expected = lru_ttl.catalogue_hit_ratio(1_000.0, 10.0, 1_000, 10_000, 0.8)
    assert hits(solution, "near") == pytest.approx(float(np.asarray(expected)), abs=1e-4)
    hottest = 1_000.0 * float(lru.hit_ratio(1, 1, 0.8)) / _harmonic()
    fetch = float(np.asarray(solution.tier("db").response))
    assert solution.fact("near", "calls_per_expiry") == pytest.approx(
        float(np.asarray(stampede.calls_per_expiry(hottest, fetch))), rel=1e-6
    )
    together = cc.solve(cached(first.replace("max_age", "coalescing: true, max_age"), ""))
    assert 0 < float(np.asarray(together.fact("near", "delayed"))) < 0.1


def _harmonic() -> float:
    return float(np.sum(np.arange(1.0, 10_001.0) ** -0.8))


def test_hits_at_the_edge_follow_from_ages_and_room() -> None:
    solution = solved("cdn: {kind: cdn, edges: 10}", more=", max_age: 60s")
    expected = float(np.asarray(ttl.catalogue_hit_ratio(100.0, 60.0, 10_000, 0.8)))
    assert hits(solution, "cdn") == pytest.approx(expected, rel=1e-9)
    assert solution.request("page").origin_rate == pytest.approx(1_000 * (1 - expected), rel=1e-9)
    roomy = solved("cdn: {kind: cdn, edges: 10, memory: 5MB}")
    assert hits(roomy, "cdn") == pytest.approx(float(lru.hit_ratio(500, 10_000, 0.8)), rel=1e-9)


def test_a_shield_sees_what_all_edges_miss() -> None:
    edge = (
        "cdn: {kind: cdn, edges: 10, capacity: 500, shield_capacity: 2k, origin_round_trip: 50ms}"
    )
    solution = solved(edge)
    first = float(lru.hit_ratio(500, 10_000, 0.8))
    second = float(np.asarray(hierarchy.parent_hit_ratio(10, 500, 2_000, 10_000, 0.8)))
    reach = 1_000 * (1 - first) * (1 - second)
    assert solution.request("page").origin_rate == pytest.approx(reach, rel=1e-9)


def test_browsers_then_edges_then_a_proxy() -> None:
    edge = "browser: {kind: browser}\n  cdn: {kind: cdn, edges: 10, capacity: 1k}"
    proxy = "proxy: {kind: reverse_proxy, hosts: 3, service_time: 0.2ms, capacity: 1k}"
    solution = solved(edge, proxy, ", max_age: 1d")
    per_user = ttl.catalogue_hit_ratio(1_000 / 100e3, 86_400.0, 10_000, 0.8)
    assert hits(solution, "browser") == pytest.approx(float(np.asarray(per_user)), rel=1e-9)
    alone = solved("cdn: {kind: cdn, edges: 10, capacity: 1k}", more=", max_age: 1d")
    assert hits(solution, "cdn") < hits(alone, "cdn")
    # three proxies with no more room than an edge have little that the edges have not
    assert hits(solution, "proxy") < 0.7 * hits(solution, "cdn")
    web = solution.tier("web").arrival_rate
    left = (1 - hits(solution, "browser")) * (1 - hits(solution, "cdn"))
    assert web == pytest.approx(1_000 * left * (1 - hits(solution, "proxy")) + 10, rel=1e-9)


def test_proxies_that_are_asked_by_key_share_their_room() -> None:
    apart = "proxy: {kind: reverse_proxy, hosts: 4, service_time: 0.2ms, capacity: 500}"
    together = apart.replace("capacity", "balancing: hash, capacity")
    assert hits(solved(proxy=apart), "proxy") == pytest.approx(
        float(lru.hit_ratio(500, 10_000, 0.8)), rel=1e-6
    )
    assert hits(solved(proxy=together), "proxy") == pytest.approx(
        float(lru.hit_ratio(2_000, 10_000, 0.8)), rel=1e-6
    )


def test_304_saves_bytes_and_stale_answers_save_waiting_but_no_requests() -> None:
    edge = "cdn: {kind: cdn, round_trip: 10ms, origin_round_trip: 100ms}"
    plain = solved(edge, more=", max_age: 5s")
    confirmed = solved(edge, more=", max_age: 5s, changes_every: 1h")
    soon = solved(edge, more=", max_age: 5s, stale_while_revalidate: 60s")
    assert plain.request("page").origin_rate == confirmed.request("page").origin_rate
    assert plain.request("page").origin_rate == soon.request("page").origin_rate
    # nothing changes unless it is said to: every expired answer is confirmed
    assert float(np.asarray(plain.tier("cdn").byte_offload)) == pytest.approx(1.0, abs=1e-9)
    offload = float(np.asarray(confirmed.tier("cdn").byte_offload))
    assert hits(confirmed, "cdn") + 0.1 < offload < 1.0
    waits, served = plain.request("page").user_mean, soon.request("page").user_mean
    assert float(np.asarray(served)) < 0.6 * float(np.asarray(waits))


def test_answers_of_each_user_fill_shared_caches() -> None:
    edge = "cdn: {kind: cdn, edges: 2, capacity: 10k}"
    shared, own = solved(edge), solved(edge, more=", personal: true")
    assert hits(shared, "cdn") == pytest.approx(1.0, rel=1e-12)
    # 100,000 users with 10,000 pages each: a cache of 2 x 10k / 100k places for each user's
    assert hits(own, "cdn") < 0.02


def test_trap_11_what_is_cold_does_not_hit_its_mean() -> None:
    first = f"near: {{kind: cache, service_time: 0.1ms, capacity: 1k, {SAME}, fronts: db}}"
    study = cc.failures(cached(first, ""))
    lost = study.failure("near loses its contents")
    times, shares = zip(*lost.course, strict=True)
    assert (times[0], shares[0]) == (0.0, 0.0)
    assert times[-1] == pytest.approx(1.4725, rel=1e-3)  # 1,472.5 requests at 1,000 gets a second
    assert shares[-1] == pytest.approx(0.43666, abs=1e-4)
    at = float(np.asarray(warm_up.hit_ratio(times[3] * 1_000, 1_000, 10_000, 0.8)))
    assert shares[3] == pytest.approx(at, rel=1e-9)
    text = " ".join(lost.says)
    assert f"{float(np.asarray(warm_up.extra_misses(1_000, 10_000, 0.8))):,.0f}"[:3] in text


def test_trap_03_the_course_after_a_lost_node() -> None:
    first = (
        f"near: {{kind: cache, hosts: 5, service_time: 0.1ms, capacity: 1k, {SAME}, fronts: db}}"
    )
    lost = cc.failures(cached(first, "")).failure("near loses a host")
    at_once = float(lru.hit_ratio(1_000, 10_000, 0.8)) * 0.8
    assert lost.course[0][1] == pytest.approx(at_once, abs=2e-4)
    end = float(np.asarray(node_loss.final_hit_ratio(5, 1_000, 10_000, 0.8)))
    assert lost.course[-1][1] == pytest.approx(end, abs=2e-3)


def test_hot_keys_uneven_rings_and_the_network_bound_a_cache() -> None:
    first = (
        f"near: {{kind: cache, hosts: 20, service_time: 10ms, capacity: 1k, {SAME}, "
        "virtual_nodes: 100, network: 0.1MB/s, fronts: db}"
    )
    solution = cc.solve(cached(first, ""))
    share = 1 / _harmonic()
    mean = float(np.asarray(solution.tier("near").utilization))
    assert mean == pytest.approx(0.5, rel=1e-12)
    hottest = float(np.asarray(solution.fact("near", "hottest_host")))
    assert hottest == pytest.approx(mean * (20 * share + 1 - share), rel=1e-9)
    assert float(np.asarray(solution.fact("near", "fullest_host"))) == pytest.approx(1.19, abs=0.01)
    used = 1_000 * hits(solution, "near") * 4e3 / (20 * 1e5)
    assert solution.fact("near", "network_utilization") == pytest.approx(used, rel=1e-9)
    assert any("the network, not its servers" in each for each in solution.warnings)


def test_the_best_size_costs_what_it_saves() -> None:
    system = cc.load("bookshop")
    small = system.replace({"tiers.cache.objects.size": 1e6})
    best = float(np.asarray(cc.solve(small).fact("cache", "best_capacity")))
    assert 0 < best < 2e6
    # a quarter more memory saves less than it costs, a quarter less saves less than it loses
    gets = 6_421.0
    read = 0.2142 * 730 * 2.2e-3 / (4 * 0.7)
    memory = 0.1071 * 730 / (16 * 2**30)

    def worth(capacity: float) -> float:
        hit = float(np.asarray(lru.fast_hit_ratio(capacity, 2e6, 1.0)))
        return gets * hit * read - capacity * 1e6 * memory

    assert worth(best) > worth(best * 1.25)
    assert worth(best) > worth(best * 0.75)


def test_sweeps_equal_one_by_one() -> None:
    edge = (
        "browser: {kind: browser}\n  cdn: {kind: cdn, edges: 10, capacity: 1k, shield_capacity: 3k}"
    )
    proxy = "proxy: {kind: reverse_proxy, hosts: 3, service_time: 0.2ms, capacity: 1k}"
    more = ", max_age: 1d, changes_every: 1h, stale_while_revalidate: 10s"
    system = cc.loads(FILE.format(page=PAGE % more, edge=edge, proxy=proxy))
    changes = {
        "tiers.cdn.edges": np.array([1.0, 10.0, 40.0]),
        "tiers.proxy.capacity": np.array([10.0, 1e3, 1e6]),
        "demand.requests.page.max_age": np.array([0.0, 30.0, 1e6]),
        "demand.daily_active_users": np.array([1e3, 1e5, 1e7]),
    }
    for path, values in changes.items():
        swept = cc.solve(system.replace({path: values}))
        for place, value in enumerate(values):
            alone = cc.solve(system.replace({path: float(value)}))
            for tier in ("browser", "cdn", "proxy", "web"):
                for name in ("hit_ratio", "arrival_rate", "byte_offload", "utilization"):
                    many, one = getattr(swept.tier(tier), name), getattr(alone.tier(tier), name)
                    if one is not None:
                        many = np.broadcast_to(many, values.shape)[place]
                        assert many == pytest.approx(float(np.asarray(one)), rel=1e-12), path


@pytest.mark.parametrize(
    ("edge", "proxy", "more", "says"),
    [
        ("cdn: {kind: cdn, hit_ratio: 90%, edges: 2}", "", "", "hit_ratio (line 10) and edges"),
        ("cdn: {kind: cdn, capacity: 2, memory: 1MB}", "", "", "capacity (line 10) and memory"),
        (
            "cdn: {kind: cdn, hit_ratio: 90%}",
            "p: {kind: reverse_proxy, service_time: 1ms}",
            "",
            "it cannot follow, since that of cdn before it is given",
        ),
        ("browser: {kind: browser, hit_ratio: 20%, clients: 3}", "", "", "clients exclude"),
    ],
)
def test_what_excludes_each_other_is_refused(edge: str, proxy: str, more: str, says: str) -> None:
    with pytest.raises(ScenarioError, match=says.replace("(", r"\(").replace(")", r"\)")):
        solved(edge, proxy, more)


def test_without_objects_a_hit_ratio_is_missing() -> None:
    text = FILE.format(
        page="page: {rate: 1k/s, static: true}", edge="cdn: {kind: cdn, edges: 3}", proxy=""
    )
    with pytest.raises(ScenarioError, match=r"hit_ratio is missing.*'page' is not known"):
        cc.loads(text)


def test_ages_exclude_given_ratios() -> None:
    first = "near: {kind: cache, service_time: 1ms, hit_ratio: 90%, max_age: 5s, fronts: db}"
    with pytest.raises(ScenarioError, match="max_age and hit_ratio"):
        cached(first, "")


def test_every_failure_of_the_row_is_told() -> None:
    edge = "browser: {kind: browser}\n  cdn: {kind: cdn, edges: 10, capacity: 1k}"
    proxy = "proxy: {kind: reverse_proxy, hosts: 3, service_time: 0.2ms, capacity: 1k}"
    study = cc.failures(cc.loads(FILE.format(page=PAGE % ", max_age: 60s", edge=edge, proxy=proxy)))
    names = [each.failure for each in study.results]
    assert names[:4] == ["browser lost", "cdn lost", "lb loses a host", "proxy loses a host"]
    before = study.failure("lb loses a host").tier("web").arrival_rate or 0.0
    assert (study.failure("cdn lost").tier("web").arrival_rate or 0.0) > before
    empty = study.failure("proxy loses its contents").tier("web")
    assert empty.hit_ratio is None
    assert (empty.arrival_rate or 0.0) > before


def test_a_purged_edge_is_as_warm_as_its_requests_make_it() -> None:
    """A thousand requests a second at ten edges, room for a thousand pages at each."""
    study = cc.failures(
        cc.loads(
            FILE.format(page=PAGE % "", edge="cdn: {kind: cdn, edges: 10, capacity: 1k}", proxy="")
        )
    )
    told = " ".join(study.failure("cdn lost").says)
    half = float(np.asarray(warm_up.requests_to_warm(0.5, 1_000, 10_000, 0.8))) / 100.0
    assert f"half of the hits of page at an edge of cdn are back after {half:.3g} s" in told


def test_what_is_not_alone_does_not_tell_a_time_of_its_own() -> None:
    near = f"near: {{kind: cache, service_time: 0.01ms, capacity: 1k, {SAME}, fronts: far}}"
    far = f"far: {{kind: cache, hosts: 2, service_time: 0.2ms, capacity: 2k, {SAME}, fronts: db}}"
    lost = cc.failures(cached(near, far)).failure("far loses its contents")
    assert lost.recovery_time is None
    assert lost.course == ()
    assert "is not modelled with" in " ".join(lost.says)


def test_what_is_taken_for_granted_is_printed() -> None:
    system = cc.loads(
        FILE.format(page=PAGE % "", edge="browser: {kind: browser}\n  cdn: {kind: cdn}", proxy="")
    )
    defaults = cc.solve(system).defaults or {}
    assert defaults["tiers.cdn.edges"] == 1.0
    assert defaults["tiers.cdn.capacity"] == "room for everything"
    assert defaults["tiers.browser.clients"] == "the daily active users"
    assert defaults["demand.requests.page.max_age"] == "fresh for ever"


@pytest.mark.parametrize(("capacity", "warned"), [("5", True), ("5k", False)])
def test_tiny_caches_of_answers_are_warned_of(capacity: str, warned: bool) -> None:
    edge = f"cdn: {{kind: cdn, capacity: {capacity}}}"
    proxy = f"proxy: {{kind: reverse_proxy, hosts: 2, service_time: 1ms, capacity: {capacity}}}"
    found = solved(edge, proxy).warnings
    for name in ("cdn", "proxy"):
        assert any(each.startswith(f"tiers.{name}: ") for each in found) is warned
