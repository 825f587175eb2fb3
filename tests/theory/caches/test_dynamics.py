"""Caches over time and behind one another, against reference cases, full sums and simulations."""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

from capcalc.theory.caches import (
    hierarchy,
    lru,
    lru_ttl,
    node_loss,
    revalidation,
    stampede,
    ttl,
    warm_up,
)
from tests.shared import cases

EXPONENTS = st.one_of(st.floats(0, 2.5), st.sampled_from([0.0, 0.5, 1.0, 2.0]))


# --- reference cases ---------------------------------------------------------------------------


def _tiers(function: Callable[..., Any]) -> Callable[[dict[str, Any]], float]:
    return lambda p: float(function(p["edges"], p["C_edge"], p["C_parent"], p["N"], p["alpha"]))


REFERENCES: dict[str, Callable[[dict[str, Any]], float]] = {
    "cache.hier.edge_hit": lambda p: float(lru.hit_ratio(p["C_edge"], p["N"], p["alpha"])),
    "cache.hier.parent_hit_shifted_exp": _tiers(hierarchy.parent_hit_ratio),
    "cache.hier.parent_hit_corrected": _tiers(hierarchy.corrected_parent_hit_ratio),
    "cache.warmup.hit_ratio_at": lambda p: float(
        warm_up.mean_hit_ratio(p["t_from"], p["t_to"], p["C"], p["N"], p["alpha"])
    ),
    "cache.warmup.misses_in_first_n": lambda p: float(
        warm_up.misses(p["n"], p["C"], p["N"], p["alpha"])
    ),
    "cache.node_loss.hit_at": lambda p: float(
        node_loss.mean_hit_ratio(
            p["t_from"], p["t_to"], p["nodes"], p["C_total"], p["N"], p["alpha"]
        )
    ),
    "cache.node_loss.db_multiplier": lambda p: float(node_loss.multiplier(p["hit"], p["nodes"])),
}


def _fetched(function: Callable[..., Any]) -> Callable[[dict[str, Any]], float]:
    return lambda p: float(function(p["rate"], p["ttl"], p["fetch"]))


REFERENCES |= {
    "cache.coalesced.hit": _fetched(stampede.hit_ratio),
    "cache.coalesced.delayed": _fetched(stampede.delayed_ratio),
    "cache.coalesced.miss": _fetched(stampede.miss_ratio),
    "cache.coalesced.mean_added_delay": _fetched(stampede.mean_added_delay),
    "cache.stampede.backend_calls_per_expiry": lambda p: float(
        stampede.calls_per_expiry(p["rate"], p["fetch"])
    ),
    "http.revalidate.304": lambda p: float(
        revalidation.not_modified_ratio(p["req_rate"], p["max_age"], p["mod_rate"])
    ),
    "ttl.reset.hit": lambda p: float(ttl.sliding_hit_ratio(p["rate"], p["ttl"])),
    "ttl.nonreset.hit_renewal": lambda p: float(
        ttl.hit_ratio_erlang(p["mean_rate"], p["ttl"], int(p["interarrival"].split("-")[1]))
    ),
    "cache.lru_plus_exp_ttl.hit": lambda p: float(
        lru_ttl.exponential_hit_ratio(p["rate"], p["ttl"], p["idle_T"])
    ),
    "cache.lru_plus_fixed_ttl.hit_min_rule": lambda p: float(
        lru_ttl.fixed_hit_ratio(p["rate"], p["ttl"], p["idle_T"])
    ),
}


@pytest.mark.parametrize("case", cases("models.json", *REFERENCES), ids=lambda case: case["id"])
def test_reference_cases(case: dict[str, Any]) -> None:
    value = REFERENCES[case["model"]](case["params"])
    assert value == pytest.approx(case["expected"], rel=case["rtol"])


NAIVE = cases("models.json", "cache.hier.parent_hit_naive_irm")


@pytest.mark.parametrize("case", NAIVE, ids=lambda case: case["id"])
@pytest.mark.parametrize(
    "function", [hierarchy.parent_hit_ratio, hierarchy.corrected_parent_hit_ratio]
)
def test_misses_are_never_taken_for_independent_requests(
    function: Callable[..., Any], case: dict[str, Any]
) -> None:
    value = _tiers(function)(case["params"])
    low, high = case["simulation"]["ci95"]
    assert abs(value - case["expected"]) > 1e-3
    assert abs(value - 0.5 * (low + high)) < 0.015


# --- simulation --------------------------------------------------------------------------------


def _popularity(number: int, exponent: float) -> np.ndarray[Any, np.dtype[np.float64]]:
    share = np.arange(1.0, number + 1) ** -exponent
    return share / share.sum()


class Lru:
    """A cache that is asked object by object."""

    def __init__(self, capacity: int) -> None:
        self.capacity, self.held = capacity, OrderedDict[int, None]()

    def ask(self, thing: int) -> bool:
        there = thing in self.held
        self.held[thing] = None
        self.held.move_to_end(thing)
        if len(self.held) > self.capacity:
            self.held.popitem(last=False)
        return there


def _mean(samples: Any) -> tuple[float, float]:
    """Mean, and three and a half standard errors of it."""
    values = np.asarray(samples, dtype=float)
    return float(values.mean()), float(3.5 * values.std(ddof=1) / np.sqrt(len(values)))


def _through(caches: list[list[Lru]], number: int, exponent: float, seed: int) -> Any:
    """Hit ratio of each tier in each of 20 batches; a request picks its cache in each tier."""
    rng = np.random.default_rng(seed)
    hits, asked = np.zeros((20, len(caches))), np.zeros((20, len(caches)))
    for batch in range(-3, 20):
        things = rng.choice(number, 12_000, p=_popularity(number, exponent)).tolist()
        picks = rng.integers(len(caches[0]), size=12_000).tolist()
        for thing, pick in zip(things, picks, strict=True):
            for tier, members in enumerate(caches):
                found = members[pick % len(members)].ask(thing)
                if batch >= 0:
                    asked[batch, tier] += 1
                    hits[batch, tier] += found
                if found:
                    break
    return hits / asked


@pytest.mark.parametrize(
    ("edges", "small", "large", "model_error"),
    [(1, 50, 600, 0.003), (5, 50, 400, 0.004), (3, 120, 400, 0.004)],
)
def test_parent_in_simulation(edges: int, small: int, large: int, model_error: float) -> None:
    caches = [[Lru(small) for _ in range(edges)], [Lru(large)]]
    ratios = _through(caches, 2_000, 0.9, seed=5)
    for tier, value in (
        (0, lru.hit_ratio(small, 2_000, 0.9)),
        (1, hierarchy.parent_hit_ratio(edges, small, large, 2_000, 0.9)),
    ):
        mean, noise = _mean(ratios[:, tier])
        assert abs(float(value) - mean) < noise + model_error


@pytest.mark.parametrize("exponent", [0.7, 1.1])
@pytest.mark.parametrize(
    ("sizes", "model_error"), [([40, 250, 1_000], 0.002), ([100, 150, 400], 0.02)]
)
def test_chain_in_simulation(sizes: list[int], model_error: float, exponent: float) -> None:
    ratios = _through([[Lru(size)] for size in sizes], 2_000, exponent, seed=6)
    for tier, value in enumerate(hierarchy.chain_hit_ratios(sizes, 2_000, exponent)):
        mean, noise = _mean(ratios[:, tier])
        assert abs(value - mean) < noise + model_error


# --- hierarchy ---------------------------------------------------------------------------------


def _full_sum(edges: float, small: float, large: float, number: int, exponent: float) -> float:
    """The model by a sum over each object, solved by bisection."""
    share = _popularity(number, exponent)
    stay = float(
        np.exp(brentq(lambda y: np.sum(-np.expm1(-share * np.exp(y))) - small, -30, 90, xtol=1e-13))
    )
    rate = share * np.exp(-share * stay)
    fast = rate / (1 - rate * stay)

    def present(time: float) -> Any:
        gone = (1 - rate * min(time, stay)) * np.exp(-fast * max(time - stay, 0))
        return 1 - gone**edges

    top = 60.0
    later = float(np.exp(brentq(lambda y: np.sum(present(np.exp(y))) - large, -30, top)))
    gone = 1 - rate * min(later, stay)
    found = 1 - gone ** (edges - 1) * np.exp(-edges * fast * max(later - stay, 0))
    return float(np.sum(rate * found) / np.sum(rate))


@settings(max_examples=60, deadline=None)
@given(
    st.integers(20, 3_000),
    st.floats(0, 1.6),
    st.floats(0.01, 0.6),
    st.floats(0.02, 0.95),
    st.integers(1, 1_000),
)
def test_parent_is_the_sum_over_objects(
    number: int, exponent: float, small: float, large: float, edges: int
) -> None:
    sizes = number * small, number * large
    value = float(hierarchy.parent_hit_ratio(edges, *sizes, number, exponent))
    assert value == pytest.approx(_full_sum(edges, *sizes, number, exponent), rel=1e-7, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.floats(1, 1e12), EXPONENTS, st.floats(0, 1.2), st.floats(0, 1.2), st.floats(1, 1e6))
def test_parents_have_bounds(
    number: float, exponent: float, small: float, large: float, edges: float
) -> None:
    sizes = number**small, number**large
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for function in (hierarchy.parent_hit_ratio, hierarchy.corrected_parent_hit_ratio):
            here = float(function(edges, *sizes, number, exponent))
            more = float(function(edges, sizes[0], 1.5 * sizes[1], number, exponent))
            assert 0 <= here <= more + 1e-9 <= 1 + 1e-9


@settings(max_examples=40, deadline=None)
@given(st.floats(2, 1e9), EXPONENTS, st.floats(0, 0.95), st.floats(0, 1))
def test_chain_of_two_is_one_edge_and_its_parent(
    number: float, exponent: float, small: float, large: float
) -> None:
    sizes = number**small, number**large
    first, second = hierarchy.chain_hit_ratios(sizes, number, exponent)
    assert first == pytest.approx(float(lru.hit_ratio(sizes[0], number, exponent)), rel=1e-8)
    parent = float(hierarchy.parent_hit_ratio(1, *sizes, number, exponent))
    assert second == pytest.approx(parent, rel=1e-7, abs=1e-9)


def test_parent_behind_no_edge_is_alone() -> None:
    alone = float(lru.hit_ratio(500, 1e6, 0.8))
    assert float(hierarchy.parent_hit_ratio(7, 0, 500, 1e6, 0.8)) == pytest.approx(alone, rel=1e-9)
    chain = hierarchy.chain_hit_ratios([0, 500, 0, 1e6, 3, 1e7], 1e6, 0.8)
    assert chain == pytest.approx([0, alone, 0, 1, 0, 1], rel=1e-9)


def test_hierarchies_broadcast_and_keep_elements_apart() -> None:
    edges = np.array([1.0, np.nan, 4.0, np.inf, 0.5, 2.0])
    parents = hierarchy.parent_hit_ratio(edges, 10.0, np.array([[50.0], [-1.0], [500.0]]), 200, 0.8)
    assert np.shape(parents) == (3, 6)
    for (row, column), value in np.ndenumerate(parents):
        alone = hierarchy.parent_hit_ratio(edges[column], 10.0, [50, -1, 500][row], 200, 0.8)
        assert np.array_equal(value, alone, equal_nan=True)
    assert np.isnan(parents[1]).all()
    assert np.isnan(parents[:, [1, 3, 4]]).all()
    assert (parents[2, [0, 2, 5]] == 1).all()
    chains = hierarchy.chain_hit_ratios([[10, 50], [10, np.nan], [20, 30]], 200, [0.8, 0.8, 1.0])
    assert chains.shape == (3, 2)
    assert np.isnan(chains[1]).all()
    assert np.array_equal(chains[2], hierarchy.chain_hit_ratios([20, 30], 200, 1.0))
    assert float(hierarchy.parent_hit_ratio(1, 300, 100, 200, 1)) == 0


# --- warming up --------------------------------------------------------------------------------


def _stay(capacity: float, share: Any) -> float:
    there = brentq(lambda y: np.sum(-np.expm1(-share * np.exp(y))) - capacity, -30, 90, xtol=1e-13)
    return float(np.exp(there))


@settings(max_examples=60, deadline=None)
@given(st.integers(10, 3_000), st.floats(0, 2), st.floats(0.01, 0.9), st.floats(0, 3))
def test_warming_is_the_sum_over_objects(
    number: int, exponent: float, part: float, after: float
) -> None:
    share, capacity = _popularity(number, exponent), part * number
    full = _stay(capacity, share)
    time = after * full
    sizes = (capacity, number, exponent)
    seen = min(time, full)
    here = np.sum(share * -np.expm1(-share * seen))
    assert float(warm_up.hit_ratio(time, *sizes)) == pytest.approx(here, rel=1e-8)
    left = np.sum(share * np.exp(-share * full))
    misses = np.sum(-np.expm1(-share * seen)) + (time - seen) * left
    assert float(warm_up.misses(time, *sizes)) == pytest.approx(misses, rel=1e-8, abs=1e-12)
    assert float(warm_up.extra_misses(*sizes)) == pytest.approx(capacity - full * left, rel=1e-6)


@settings(max_examples=60, deadline=None)
@given(
    st.floats(1, 1e12),
    EXPONENTS,
    st.floats(0.1, 1.1),
    st.floats(1e-3, 1e9),
    st.floats(1e-3, 2),
)
def test_hits_and_misses_add_up(
    number: float, exponent: float, part: float, time: float, window: float
) -> None:
    sizes = (number**part, number, exponent)
    end = time * (1 + window)
    hits = float(warm_up.mean_hit_ratio(time, end, *sizes)) * (end - time)
    misses = warm_up.misses(end, *sizes) - warm_up.misses(time, *sizes)
    assert hits + misses == pytest.approx(end - time, rel=1e-7 / window)
    low, high = warm_up.hit_ratio(np.array([time, end]), *sizes)
    assert 0 <= low <= hits / (end - time) * (1 + 1e-9)
    assert hits / (end - time) <= high * (1 + 1e-9) <= 1 + 1e-9


@settings(max_examples=40, deadline=None)
@given(st.floats(2, 1e12), EXPONENTS, st.floats(0.05, 1.1), st.floats(1e-6, 1))
def test_requests_to_warm_is_the_inverse(
    number: float, exponent: float, part: float, share: float
) -> None:
    sizes = (number**part, number, exponent)
    time = warm_up.requests_to_warm(share, *sizes)
    here = float(warm_up.hit_ratio(time, *sizes))
    assert here == pytest.approx(share * float(lru.hit_ratio(*sizes)), rel=1e-8)


def test_early_hits_keep_their_digits() -> None:
    squares = np.sum(_popularity(1_000, 0.8) ** 2)
    assert float(warm_up.hit_ratio(1e-9, 100, 1_000, 0.8)) == pytest.approx(1e-9 * squares)
    mean = float(warm_up.mean_hit_ratio(0, 1e-9, 100, 1_000, 0.8))
    assert mean == pytest.approx(0.5e-9 * squares, rel=1e-8)


def test_warming_in_simulation() -> None:
    """Hits in windows after a flush, and all misses of the first 1,500 requests."""
    rng, share = np.random.default_rng(7), _popularity(1_000, 0.9)
    found = []
    for _ in range(400):
        cache = Lru(200)
        found.append([cache.ask(thing) for thing in rng.choice(1_000, 1_500, p=share).tolist()])
    hits = np.array(found)
    for first, last in ((0, 50), (100, 200), (300, 400), (1_000, 1_500)):
        mean, noise = _mean(hits[:, first:last].mean(axis=1))
        value = float(warm_up.mean_hit_ratio(first, last, 200, 1_000, 0.9))
        assert abs(value - mean) < noise + 0.003
    mean, noise = _mean((~hits).sum(axis=1))
    assert abs(float(warm_up.misses(1_500, 200, 1_000, 0.9)) - mean) < noise + 2


def test_warming_at_the_ends() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        times = np.array([0.0, 1e-300, 5.0, 1e300, np.inf, -1.0, np.nan])
        hits = warm_up.hit_ratio(times, 10, 100, 1.0)
        assert hits[0] == 0
        assert hits[3] == hits[4] == pytest.approx(float(lru.hit_ratio(10, 100, 1.0)))
        assert np.isnan(hits[5:]).all()
        assert warm_up.hit_ratio(times, 100, 100, 1.0)[4] == 1
        assert (warm_up.hit_ratio(times[:5], 0, 100, 1.0) == 0).all()
        assert float(warm_up.mean_hit_ratio(0, np.inf, 10, 100, 1.0)) == hits[4]
        assert float(warm_up.mean_hit_ratio(7, np.inf, 200, 100, 1.0)) == 1
        assert float(warm_up.mean_hit_ratio(5, 5, 10, 100, 1.0)) == pytest.approx(hits[2])
        assert float(warm_up.misses(np.inf, 100, 100, 1.0)) == pytest.approx(100)
        assert float(warm_up.misses(np.inf, 50, 100, 1.0)) == np.inf
        assert float(warm_up.extra_misses(100, 100, 1.0)) == pytest.approx(100)
        warm = warm_up.requests_to_warm([0, 1, 1, 2, np.nan], [9, 9, 100, 9, 9], 100, 1.0)
        assert warm[0] == 0
        assert warm[1] == pytest.approx(float(lru.characteristic_time(9, 100, 1.0)))
        assert warm[2] == np.inf
        assert np.isnan(warm[3:]).all()
        assert np.isnan(warm_up.mean_hit_ratio([5, -1], [4, 3], 10, 100, 1.0)).all()
        assert np.isnan(warm_up.extra_misses([-1, np.nan, 1], [9, 9, 0], 1.0)).all()


# --- loss of a node ----------------------------------------------------------------------------


def test_node_loss_in_simulation() -> None:
    """Four nodes of 80 of 1,000 objects; the lost one's objects go to any of the others."""
    rng, share = np.random.default_rng(8), _popularity(1_000, 0.8)
    found = []
    for _ in range(250):
        home = rng.integers(4, size=1_000)
        nodes = [Lru(80) for _ in range(4)]
        things = rng.choice(1_000, 4_000, p=share).tolist()
        homes = home.tolist()
        for thing in things[:2_500]:
            nodes[homes[thing]].ask(thing)
        homes = np.where(home == 0, rng.integers(1, 4, size=1_000), home).tolist()
        found.append([nodes[homes[thing]].ask(thing) for thing in things[2_500:]])
    hits = np.array(found)
    for first, last in ((0, 40), (100, 200), (300, 500), (900, 1_500)):
        mean, noise = _mean(hits[:, first:last].mean(axis=1))
        value = float(node_loss.mean_hit_ratio(first, last, 4, 320, 1_000, 0.8))
        assert abs(value - mean) < noise + 0.006


@settings(max_examples=60, deadline=None)
@given(st.integers(20, 2_000), st.floats(0, 1.6), st.floats(0.05, 0.95), st.integers(2, 60))
def test_node_loss_is_the_sum_over_objects(
    number: int, exponent: float, part: float, nodes: int
) -> None:
    share, capacity = _popularity(number, exponent), part * number
    settled = _stay(capacity * (1 - 1 / nodes), share)
    for time in (0.0, 0.01 * settled, 0.5 * settled, 2 * settled):

        def weighted(y: float, by: Any, time: float = time) -> float:
            stay = np.exp(y)
            old, new = -np.expm1(-share * stay), -np.expm1(-share * min(time, stay))
            return float(np.sum(by * ((1 - 1 / nodes) * old + new / nodes)))

        wanted = (1 - 1 / nodes) * capacity
        log_stay = brentq(lambda y, goal=wanted: weighted(y, 1.0) - goal, -30, 90, xtol=1e-13)
        value = float(node_loss.hit_ratio(time, nodes, capacity, number, exponent))
        assert value == pytest.approx(weighted(log_stay, share), rel=1e-7)


@pytest.mark.parametrize(
    "place", [(2, 1e3, 1e6, 2.0), (5, 3e3, 1e4, 0.8), (50, 1e8, 1e10, 0.9), (10, 2e3, 2.1e3, 0.8)]
)
@pytest.mark.parametrize("end", [0.01, 0.9, 30])
def test_mean_after_a_loss_is_the_integral(
    place: tuple[float, float, float, float], end: float
) -> None:
    nodes, capacity, objects, exponent = place
    settled = float(lru.characteristic_time(capacity * (1 - 1 / nodes), objects, exponent))
    edges = end * settled * np.concatenate([[0.0], np.logspace(-9, 0, 4_000)])
    edges = np.sort(np.append(edges, min(settled, end * settled)))
    values = node_loss.hit_ratio(0.5 * (edges[1:] + edges[:-1]), *place)
    mean = np.sum(np.diff(edges) * values) / edges[-1]
    assert float(node_loss.mean_hit_ratio(0, edges[-1], *place)) == pytest.approx(mean, rel=2e-5)


@settings(max_examples=40, deadline=None)
@given(st.floats(1, 1e10), EXPONENTS, st.floats(0, 1.1), st.integers(1, 1_000))
def test_a_loss_begins_and_ends_as_it_should(
    number: float, exponent: float, part: float, nodes: int
) -> None:
    place = (nodes, number**part, number, exponent)
    before = lru.hit_ratio(number**part, number, exponent)
    begin, end = node_loss.hit_ratio(np.array([0.0, np.inf]), *place)
    at_once = float(node_loss.immediate_hit_ratio(before, nodes))
    assert begin == pytest.approx(at_once, rel=1e-8)
    assert end == pytest.approx(float(node_loss.final_hit_ratio(*place)), rel=1e-8)
    more = float(node_loss.multiplier(before, nodes))
    if before < 0.999:
        assert more * (1 - before) == pytest.approx(1 - at_once, rel=1e-9)
        assert node_loss.modulo_multiplier(before, nodes) >= more - 1e-12 or nodes <= 2
    assert float(node_loss.mean_hit_ratio(0, np.inf, *place)) == pytest.approx(end, rel=1e-9)


def test_remainders_agree_for_one_in_n() -> None:
    for nodes in (2, 3, 7, 10):
        keys = np.arange(nodes * (nodes - 1))
        for lost in range(nodes):
            kept = np.delete(np.arange(nodes), lost)
            stay = np.mean(keys % nodes == kept[keys % (nodes - 1)])
            value = float(node_loss.modulo_hit_ratio(1.0, nodes))
            assert value == pytest.approx(stay, rel=1e-12)


def test_node_loss_of_bad_input() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        hits = np.array([0.5, -0.1, 1.1, np.nan, 1.0])
        for function in (node_loss.immediate_hit_ratio, node_loss.modulo_hit_ratio):
            assert np.isnan(function(hits, 4)[1:4]).all()
        assert node_loss.multiplier(hits, 4)[4] == np.inf
        assert node_loss.modulo_multiplier(hits, 4)[4] == np.inf
        assert np.isnan(node_loss.multiplier(0.5, [0, np.nan, np.inf])).all()
        assert np.isnan(node_loss.multiplier(0.5, 3, [0, 4])).all()
        assert float(node_loss.multiplier(0.9, 3, 2)) == 1
        assert float(node_loss.immediate_hit_ratio(0.9, 1)) == 0
        assert float(node_loss.modulo_hit_ratio(0.9, 1)) == 0
        assert np.array_equal(
            np.isnan(node_loss.hit_ratio([0, -1, 0, 0, 0, np.nan], [4, 4, 0, 4, 4, 4], 10, 100, 1)),
            [False, True, True, False, False, True],
        )
        assert float(node_loss.hit_ratio(0, 1, 10, 100, 1)) == 0
        assert float(node_loss.mean_hit_ratio(0, 10, 1, 10, 100, 1)) == 0
        assert float(node_loss.mean_hit_ratio(0, np.inf, 4, 900, 100, 1)) == 1
        assert np.isnan(node_loss.mean_hit_ratio([5, -1], [4, 3], 4, 10, 100, 1.0)).all()
        two = float(node_loss.final_hit_ratio(4, 60, 100, 1, copies=2))
        assert two == pytest.approx(float(lru.hit_ratio(22.5, 100, 1)))


# --- time to live ------------------------------------------------------------------------------


def _poisson_tail(least: int, mean: mpmath.mpf) -> mpmath.mpf:
    """P[Poisson >= least] by its terms, from the largest on."""
    if least <= mean:
        below = mpmath.fsum(
            mpmath.exp(j * mpmath.log(mean) - mean - mpmath.loggamma(j + 1)) for j in range(least)
        )
        return 1 - below
    term = mpmath.exp(least * mpmath.log(mean) - mean - mpmath.loggamma(least + 1))
    total, j = mpmath.mpf(0), least
    while term > total * mpmath.mpf(10) ** -30:
        total, j = total + term, j + 1
        term *= mean / j
    return total


@pytest.mark.parametrize("stages", [1, 2, 3, 7, 30])
@pytest.mark.parametrize("held", [1e-5, 0.03, 0.5, 1.0, 2.75, 9.5, 11.5, 25.0])
def test_erlang_requests_are_the_renewal_sum(stages: int, held: float) -> None:
    with mpmath.workdps(50):
        mean, total, n = stages * mpmath.mpf(held), mpmath.mpf(0), 1
        while True:
            term = _poisson_tail(n * stages, mean)
            total, n = total + term, n + 1
            if term < total * mpmath.mpf(10) ** -25:
                break
        reference = total / (1 + total)
        value = mpmath.mpf(float(ttl.hit_ratio_erlang(held, 1.0, stages)))
        assert abs(value / reference - 1) < 1e-12


@pytest.mark.parametrize("stages", [1, 2, 5])
def test_ttl_in_simulation(stages: int) -> None:
    """Gaps of Erlang's law: fixed, exponential and sliding times to live."""
    rng = np.random.default_rng(9)
    life, fixed, memoryless, sliding = 1.7, [], [], []
    for _ in range(30):
        gaps = rng.gamma(stages, 1 / stages, 4_000)
        lives = rng.exponential(life, gaps.size)
        sliding.append(np.mean(gaps < life))
        for limits, found in ((np.full(gaps.size, life), fixed), (lives, memoryless)):
            age, limit, hits = 0.0, limits[0], 0
            for gap, next_limit in zip(gaps.tolist(), limits.tolist(), strict=True):
                age += gap
                if age < limit:
                    hits += 1
                else:
                    age, limit = 0.0, next_limit
            found.append(hits / gaps.size)
    expected = [
        (fixed, ttl.hit_ratio_erlang(1, life, stages)),
        (memoryless, ttl.exponential_hit_ratio(1, life, stages)),
    ]
    if stages == 1:
        expected += [(fixed, ttl.hit_ratio(1, life)), (memoryless, ttl.hit_ratio(1, life))]
        expected += [(sliding, ttl.sliding_hit_ratio(1, life))]
    for samples, value in expected:
        mean, noise = _mean(samples)
        assert abs(float(value) - mean) < noise


@settings(max_examples=60, deadline=None)
@given(st.floats(1e-9, 1e9), st.floats(1e-6, 1e6), st.integers(1, 10**9))
def test_ttl_orders(rate: float, life: float, stages: int) -> None:
    once, again = float(ttl.hit_ratio(rate, life)), float(ttl.sliding_hit_ratio(rate, life))
    assert 0 <= once <= again <= 1
    even = float(ttl.hit_ratio_erlang(rate, life, stages))
    assert 0 <= even <= once * (1 + 1e-12)
    assert 0 <= float(ttl.exponential_hit_ratio(rate, life, stages)) <= once * (1 + 1e-12)
    renewals = even / (1 - even) if even < 0.999 else None
    if renewals is not None:
        assert rate * life - 1 - 1e-9 <= renewals <= rate * life * (1 + 1e-9)


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 4_000), st.floats(0, 2.2), st.floats(-3, 7), st.floats(0.001, 1.1))
def test_catalogues_are_sums_over_objects(
    number: int, exponent: float, log_held: float, part: float
) -> None:
    share, held = _popularity(number, exponent), 10.0**log_held
    sizes, rate, life = (number, exponent), 4.0, held / 4.0
    kept = share * held / (1 + share * held)
    once = float(ttl.catalogue_hit_ratio(rate, life, *sizes))
    assert once == pytest.approx(np.sum(share * kept), rel=1e-9)
    assert float(ttl.catalogue_contents(rate, life, *sizes)) == pytest.approx(kept.sum(), rel=1e-9)
    again = float(ttl.sliding_catalogue_hit_ratio(rate, life, *sizes))
    assert again == pytest.approx(np.sum(share * -np.expm1(-share * held)), rel=1e-9)
    origin = 3 * rate * np.sum(share / (1 + share * held))
    assert float(ttl.origin_rate(rate, life, *sizes, caches=3)) == pytest.approx(origin, rel=1e-9)
    capacity = part * number
    stay = _stay(capacity, share) if part < 0.99 else np.inf
    if part < 0.99 or part >= 1:
        smaller = np.minimum(-np.expm1(-share * stay), kept)
        value = float(lru_ttl.catalogue_hit_ratio(rate, life, capacity, *sizes))
        assert value == pytest.approx(np.sum(share * smaller), rel=1e-7)

    def held_at(y: float) -> Any:
        return kept * -np.expm1(-(share + 1 / held) * np.exp(y))

    if kept.sum() <= capacity:
        wanted = np.sum(share * kept)
    else:
        y = brentq(lambda y: np.sum(held_at(y)) - capacity, -40, 60, xtol=1e-13)
        wanted = np.sum(share * held_at(y))
    value = float(lru_ttl.exponential_catalogue_hit_ratio(rate, life, capacity, *sizes))
    assert value == pytest.approx(wanted, rel=1e-6)


#: How far the rule of the smaller limit lies above simulations at most.
FIXED_ERROR = 0.057


@pytest.mark.parametrize(("rate", "life", "stay"), [(1, 3, 1), (1, 3, 1.39), (2, 1, 4), (1, 8, 2)])
def test_eviction_and_expiry_in_simulation(rate: float, life: float, stay: float) -> None:
    rng = np.random.default_rng(10)
    fixed, random = [], []
    for _ in range(25):
        gaps = rng.exponential(1 / rate, 8_000)
        lives = rng.exponential(life, gaps.size)
        for limits, found in ((np.full(gaps.size, life), fixed), (lives, random)):
            age, limit, hits = 0.0, limits[0], 0
            for gap, next_limit in zip(gaps.tolist(), limits.tolist(), strict=True):
                age += gap
                if gap < stay and age < limit:
                    hits += 1
                else:
                    age, limit = 0.0, next_limit
            found.append(hits / gaps.size)
    mean, noise = _mean(random)
    assert abs(float(lru_ttl.exponential_hit_ratio(rate, life, stay)) - mean) < noise
    mean, noise = _mean(fixed)
    bound = float(lru_ttl.fixed_hit_ratio(rate, life, stay))
    assert mean - noise < bound < mean + noise + FIXED_ERROR


@settings(max_examples=40, deadline=None)
@given(st.floats(1, 1e12), EXPONENTS, st.floats(0, 1.1), st.floats(1e-3, 1e15))
def test_both_limits_bound(number: float, exponent: float, part: float, held: float) -> None:
    sizes = (number**part, number, exponent)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        either = float(lru_ttl.catalogue_hit_ratio(held, 1.0, *sizes))
        random = float(lru_ttl.exponential_catalogue_hit_ratio(held, 1.0, *sizes))
        alone = float(lru.hit_ratio(*sizes)), float(ttl.catalogue_hit_ratio(held, 1, *sizes[1:]))
    assert 0 <= either <= min(alone) * (1 + 1e-8)
    assert 0 <= random <= min(alone) * (1 + 1e-8)


def test_ttl_at_the_ends() -> None:
    bad = np.array([-1.0, np.nan])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for function in (ttl.hit_ratio, ttl.sliding_hit_ratio, ttl.exponential_hit_ratio):
            assert np.array_equal(
                function([0, np.inf, 5, 5], [5, 5, 0, np.inf]), np.array([0.0, 1.0, 0.0, 1.0])
            )
            assert np.isnan(function(bad, 1.0)).all()
            assert np.isnan(function(1.0, bad)).all()
        ends = ttl.hit_ratio_erlang([0, np.inf, 5, 5], [5, 5, 0, np.inf], 3)
        assert np.array_equal(ends, [0, 1, 0, 1])
        for stages in (0, 1.5, np.inf, np.nan):
            assert np.isnan(ttl.hit_ratio_erlang(1, 1, stages))
            assert np.isnan(ttl.exponential_hit_ratio(1, 1, stages))
        catalogues = (
            ttl.catalogue_hit_ratio,
            ttl.sliding_catalogue_hit_ratio,
            ttl.catalogue_contents,
            ttl.origin_rate,
        )
        for function in catalogues:
            assert np.isnan(
                function(
                    [-1, 1, 1, 1, 1], [1, np.nan, 1, 1, 1], [9, 9, 0, np.inf, 9], [1, 1, 1, 1, -1]
                )
            ).all()
        ends = ttl.catalogue_hit_ratio([0, np.inf, 1], [1, 1, np.inf], 9, 1)
        assert ends == pytest.approx([0, 1, 1], rel=1e-14)
        assert float(ttl.catalogue_contents(np.inf, 1, 9, 1)) == pytest.approx(9)
        rates = ttl.origin_rate([0, 7, 7], [3, 0, np.inf], 9, 1)
        assert rates == pytest.approx([0, 7, 0], rel=1e-14)
        assert float(ttl.origin_rate(np.inf, 3, 9.5, 1, caches=2)) == 6
        assert np.isnan(
            ttl.origin_rate([1, np.inf, np.inf], 1, [9, 0.5, 9], 1, caches=[-1, 1, -1])
        ).all()
        for both in (lru_ttl.exponential_hit_ratio, lru_ttl.fixed_hit_ratio):
            assert np.isnan(both([-1, 1, 1], [1, np.nan, 1], [1, 1, -1])).all()
            assert np.array_equal(
                both([0, 1, 1, 2], [1, 0, 1, np.inf], [1, 1, 0, np.inf]), [0, 0, 0, 1]
            )
        for whole in (lru_ttl.catalogue_hit_ratio, lru_ttl.exponential_catalogue_hit_ratio):
            assert np.isnan(
                whole([-1, 1, 1, 1], [1, np.nan, 1, 1], [5, 5, -1, 5], [9, 9, 9, np.nan], 1)
            ).all()
            ends = whole([0, 1, 1, np.inf], [1, 0, 1, 1], [5, 5, 0, 50], 9, 1)
            assert ends == pytest.approx([0, 0, 0, 1], rel=1e-14)
            full = float(lru.hit_ratio(5, 9, 1))
            assert float(whole(np.inf, 1, 5, 9, 1)) == pytest.approx(full, rel=1e-9)


# --- stampedes ---------------------------------------------------------------------------------


def test_stampede_in_simulation() -> None:
    rng = np.random.default_rng(14)
    rate, life, fetch = 8.0, 1.5, 0.4
    shares, calls, early = [], [], []
    for _ in range(40):
        times = np.cumsum(rng.exponential(1 / rate, 5_000)).tolist()
        draws = rng.random(5_000).tolist()
        hits = delayed = misses = late = cycles = 0
        wait, ready, expiry, refreshed = 0.0, -1.0, -1.0, True
        for time, draw in zip(times, draws, strict=True):
            if time < ready:
                delayed, wait = delayed + 1, wait + ready - time
            elif time < expiry:
                hits += 1
                refreshed = refreshed or time - fetch * 0.3 * np.log(draw) >= expiry
            else:
                cycles, late = cycles + (misses > 0), late + (misses > 0 and not refreshed)
                misses, wait = misses + 1, wait + fetch
                ready, expiry, refreshed = time + fetch, time + fetch + life, False
        shares.append([hits / 5_000, delayed / 5_000, misses / 5_000, wait / 5_000])
        calls.append((delayed + misses) / times[-1])
        early.append(late / cycles)
    functions = (
        stampede.hit_ratio,
        stampede.delayed_ratio,
        stampede.miss_ratio,
        stampede.mean_added_delay,
    )
    for column, function in zip(np.array(shares).T, functions, strict=True):
        mean, noise = _mean(column)
        assert abs(float(function(rate, life, fetch)) - mean) < noise
    mean, noise = _mean(calls)
    assert abs(float(stampede.call_rate(rate, life, fetch)) - mean) < noise
    mean, noise = _mean(early)
    assert abs(float(stampede.late_refresh_ratio(rate, life, fetch, 0.3)) - mean) < noise


@settings(max_examples=80, deadline=None)
@given(st.floats(0, 1e9), st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0, 100))
def test_stampede_adds_up(rate: float, life: float, fetch: float, eager: float) -> None:
    parts = [
        float(function(rate, life, fetch))
        for function in (stampede.hit_ratio, stampede.delayed_ratio, stampede.miss_ratio)
    ]
    assert sum(parts) == pytest.approx(1, rel=1e-14)
    calls = float(stampede.call_rate(rate, life, fetch))
    assert calls == pytest.approx(rate * (parts[1] + parts[2]), rel=1e-13)
    several = float(stampede.calls_per_expiry(rate, fetch))
    assert calls == pytest.approx(rate * parts[2] * several, rel=1e-13)
    delay = float(stampede.mean_added_delay(rate, life, fetch))
    assert delay == pytest.approx(fetch * (parts[2] + parts[1] / 2), rel=1e-14)
    without = float(stampede.hit_ratio(rate, life, 0))
    assert without == pytest.approx(float(ttl.hit_ratio(rate, life)), rel=1e-14)
    late = float(stampede.late_refresh_ratio(rate, life, fetch, eager))
    assert 0 <= float(stampede.late_refresh_ratio(rate, life, fetch, 2 * eager)) <= late <= 1


# --- revalidation ------------------------------------------------------------------------------


def test_revalidation_in_simulation() -> None:
    rng = np.random.default_rng(15)
    rate, age, changes, window = 0.7, 3.0, 0.2, 0.8
    kinds = []
    for _ in range(40):
        times = np.cumsum(rng.exponential(1 / rate, 4_000))
        edits = np.cumsum(rng.exponential(1 / changes, 4_000))
        versions = np.searchsorted(edits, times).tolist()
        fresh = same = full = stale = seen = 0
        since, held = -np.inf, -1
        for time, version in zip(times.tolist(), versions, strict=True):
            if time < since + age:
                fresh, stale = fresh + 1, stale + (version != held)
                continue
            seen += time >= since + age + window
            same, full = same + (version == held), full + (version != held)
            since, held = time, version
        kinds.append(np.array([fresh, same, full, stale, seen]) / times.size)
    expected = [
        revalidation.fresh_ratio(rate, age),
        revalidation.not_modified_ratio(rate, age, changes),
        revalidation.full_ratio(rate, age, changes),
        revalidation.stale_ratio(rate, age, changes),
        revalidation.visible_miss_ratio(rate, age, window),
    ]
    for column, value in zip(np.array(kinds).T, expected, strict=True):
        mean, noise = _mean(column)
        assert abs(float(value) - mean) < noise


@settings(max_examples=80, deadline=None)
@given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0, 1e6))
def test_answers_add_up(rate: float, age: float, changes: float) -> None:
    fresh = float(revalidation.fresh_ratio(rate, age))
    same = float(revalidation.not_modified_ratio(rate, age, changes))
    full = float(revalidation.full_ratio(rate, age, changes))
    assert fresh + same + full == pytest.approx(1, rel=1e-13)
    assert 0 <= float(revalidation.stale_ratio(rate, age, changes)) <= fresh
    sent = float(revalidation.origin_bytes(rate, age, changes, 5_000, 500))
    assert sent == pytest.approx(5_000 * full + 500 * same, rel=1e-13)
    alone = float(revalidation.visible_miss_ratio(rate, age, 0))
    assert alone == pytest.approx(same + full, rel=1e-12)


@pytest.mark.parametrize("product", [1e-12, 1e-3, 0.49, 0.51, 30.0])
def test_stale_share_keeps_its_digits(product: float) -> None:
    with mpmath.workdps(40):
        y = mpmath.mpf(product)
        old = 1 + mpmath.expm1(-y) / y
        value = float(revalidation.stale_ratio(1, 1, product))
        assert value == pytest.approx(float(old / 2), rel=1e-13)


def test_users_with_objects_of_their_own() -> None:
    """The sum over all objects of all users."""
    share = np.tile(_popularity(50, 0.9) / 20, 20)
    stay = _stay(300, share)
    whole = np.sum(share * -np.expm1(-share * stay))
    value = float(revalidation.per_user_hit_ratio(300, 50, 0.9, users=20))
    assert value == pytest.approx(whole, rel=1e-9)
    assert float(revalidation.per_user_hit_ratio(300, 50, 0.9, 1e9)) < 1e-6


def test_pages_of_fragments() -> None:
    hits, times = [[0.5, 1.0], [0.0, 0.0]], [2.0, 4.0]
    assert revalidation.page_time(1, hits, times).tolist() == [2, 7]
    assert revalidation.page_time(1, hits, times, 0.5, [1, 0]).tolist() == [1, 7]
    assert np.isnan(revalidation.page_time(1, [0.5, 1.1], times))
    assert np.isnan(revalidation.page_time([-1, 1, 1], hits[0], times, [0, 2, 0], [1, 1, -1])).all()
    assert np.isnan(revalidation.page_time(1, [0.5, 1.1], times, 1, 1))
    assert float(revalidation.page_time(3, [], [])) == 3


def test_stampedes_and_answers_of_bad_input() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        bad = ([-1, 1, 1, np.nan], [1, -1, 1, 1], [1, 1, -1, 1])
        for function in (
            stampede.call_rate,
            stampede.hit_ratio,
            stampede.delayed_ratio,
            stampede.miss_ratio,
            stampede.mean_added_delay,
            stampede.late_refresh_ratio,
            revalidation.not_modified_ratio,
            revalidation.full_ratio,
            revalidation.stale_ratio,
            revalidation.visible_miss_ratio,
        ):
            assert np.isnan(function(*bad)).all()
            assert np.isfinite(function([0, 0, 1e300, 1e-300], [0, 1e300, 1, 1e300], 1)).all()
        assert np.isnan(stampede.calls_per_expiry([-1, 1, np.nan], [1, -1, 1])).all()
        assert np.isnan(stampede.late_refresh_ratio(1, 1, 1, [-1, np.nan])).all()
        ends = stampede.late_refresh_ratio(2, 1, 1, [0, np.inf])
        assert ends == pytest.approx([1, np.exp(-2)])
        assert np.isnan(revalidation.origin_bytes(1, 1, 1, [-1, 1], [1, -1])).all()
        assert np.isnan(revalidation.origin_bytes(np.nan, 1, 1, 0, 0))
        assert np.isnan(revalidation.per_user_hit_ratio(9, 9, 1, [0, np.nan, np.inf])).all()
        assert float(stampede.hit_ratio(1, np.inf, 1)) == 1
        assert float(stampede.delayed_ratio(1, 1, np.inf)) == 1
        assert np.isnan(stampede.hit_ratio(1, np.inf, np.inf))
        assert float(revalidation.full_ratio(0, 1, 0)) == 1
