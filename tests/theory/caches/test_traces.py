"""Stack distances against a list that is searched, models and fits against what they fit."""

from __future__ import annotations

import time
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp
from shared import cases

from capcalc.theory.caches import lru
from capcalc.theory.caches.popularity_fit import fit_zipf
from capcalc.theory.caches.traces import (
    aet_hit_ratio,
    hit_ratio_curve,
    reuse_times,
    shuffled_hit_ratio,
    stack_distances,
)

traces = st.lists(st.integers(0, 30), max_size=200)


def zipf(objects: int, exponent: float, count: int, seed: int = 1) -> Any:
    p = np.arange(1, objects + 1) ** -exponent
    return np.random.default_rng(seed).choice(objects, count, p=p / p.sum())


def searched(keys: list[int], sizes: Any = None) -> list[float]:
    """The definition: how deep the key lies in a list of the last ones."""
    stack: list[int] = []
    found = []
    for key in keys:
        if key in stack:
            place = stack.index(key)
            above = stack[: place + 1]
            found.append(float(len(above) if sizes is None else sum(sizes[k] for k in above)))
            stack.pop(place)
        else:
            found.append(np.inf)
        stack.insert(0, key)
    return found


def simulated(keys: list[int], capacity: int) -> int:
    """Hits of an LRU cache that is played through."""
    cache: dict[int, None] = {}
    hits = 0
    for key in keys:
        if key in cache:
            hits += 1
            del cache[key]
        cache[key] = None
        if len(cache) > capacity:
            del cache[next(iter(cache))]
    return hits


CASES = cases("models.json", "trace.stack_distances")


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_reference_case(case: dict[str, Any]) -> None:
    wanted = [np.inf if each is None else each for each in case["expected"]]
    assert stack_distances(case["params"]["trace"]).tolist() == wanted


@given(traces)
def test_distances_are_those_of_a_list(keys: list[int]) -> None:
    assert stack_distances(keys).tolist() == searched(keys)


@given(traces, st.lists(st.integers(1, 10**9), min_size=31, max_size=31))
def test_distances_in_bytes(keys: list[int], sizes: list[int]) -> None:
    weights = [sizes[key] for key in keys]
    assert stack_distances(keys, weights).tolist() == searched(keys, sizes)


@given(traces.filter(bool))
@settings(max_examples=50)
def test_the_curve_is_a_simulation_at_every_size(keys: list[int]) -> None:
    sizes = np.arange(33)
    curve = hit_ratio_curve(stack_distances(keys), sizes)
    assert curve.tolist() == [simulated(keys, size) / len(keys) for size in sizes]


@pytest.mark.parametrize("exponent", [0.0, 0.8, 1.3])
def test_the_curve_of_a_long_trace_is_a_simulation(exponent: float) -> None:
    keys = zipf(3_000, exponent, 40_000)
    curve = hit_ratio_curve(stack_distances(keys), np.array([1, 10, 100, 1_000, 2_999, 3_000]))
    hits = [simulated(keys.tolist(), size) for size in (1, 10, 100, 1_000, 2_999, 3_000)]
    assert (curve * keys.size).round(6).tolist() == hits


@given(traces)
def test_reuse_times(keys: list[int]) -> None:
    found = reuse_times(keys)
    for place, key in enumerate(keys):
        earlier = [other for other in range(place) if keys[other] == key]
        assert found[place] == (place - earlier[-1] if earlier else np.inf)
    assert np.all(stack_distances(keys) <= found)


def test_a_million_references_in_seconds() -> None:
    keys = zipf(100_000, 0.8, 1_000_000)
    start = time.perf_counter()
    stack_distances(keys)
    assert time.perf_counter() - start < 10  # measured: 0.5


def test_bad_input() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert stack_distances([]).size == 0
        assert reuse_times([]).size == 0
        assert stack_distances([7]).tolist() == [np.inf]
        assert stack_distances([7, 7, 7]).tolist() == [np.inf, 1, 1]
        for function in (hit_ratio_curve, aet_hit_ratio, shuffled_hit_ratio):
            assert np.isnan(function([], 3.0))
            found = np.asarray(function([1.0, 1, 2], np.array([np.nan, -1, 0, np.inf])))
            assert np.isnan(found).tolist() == [True, True, False, False]
            assert found[2] == 0
            assert np.asarray(function([1, 1], np.ones((2, 3)))).shape == (2, 3)
        assert np.isnan(fit_zipf([])).all()
        assert np.isnan(fit_zipf([5])).all()
        assert np.isnan(fit_zipf([5, np.nan])).all()
        assert np.isnan(fit_zipf([3, 2, 1], objects=2)).all()
        assert np.isnan(fit_zipf([3, 2, 1], objects=np.inf)).all()
    assert hit_ratio_curve([1.0, np.inf], 2.5) == 0.5


def test_aet_against_exact() -> None:
    """The error its docstring names."""
    keys = zipf(100_000, 0.8, 2_000_000)
    sizes = np.array([10, 100, 1_000, 3_000, 10_000])
    exact = hit_ratio_curve(stack_distances(keys), np.append(sizes, 60_000))
    assert np.abs(aet_hit_ratio(keys, sizes) - exact[:5]).max() < 1.2e-4
    assert 0 < exact[5] - aet_hit_ratio(keys, 60_000) < 6e-3
    steady = lru.hit_ratio(1_000, 100_000, 0.8)
    assert exact[2] == pytest.approx(steady, abs=2e-3)


def test_aet_of_a_loop_is_exact() -> None:
    keys = np.tile(np.arange(50), 40)
    sizes = np.array([1, 49, 50, 51, 1e9])
    assert aet_hit_ratio(keys, sizes) == pytest.approx([0, 0, 39 / 40, 39 / 40, 39 / 40])


@pytest.mark.parametrize(
    ("objects", "exponent", "count", "error"),
    [(1_000, 0.8, 20_000, 2.6e-3), (100_000, 0.6, 300_000, 3e-4), (50_000, 1.3, 300_000, 2.6e-3)],
)
def test_shuffled(objects: int, exponent: float, count: int, error: float) -> None:
    keys = zipf(objects, exponent, count, seed=2)
    sizes = np.array([10, 30, 100, 300, 1_000, 10_000, 60_000])
    exact = hit_ratio_curve(stack_distances(keys), sizes)
    counts = np.bincount(keys)
    counts = counts[counts > 0]
    assert np.abs(shuffled_hit_ratio(counts, sizes) - exact).max() < error
    whole = shuffled_hit_ratio(counts, 1e9)
    assert whole == pytest.approx(1 - counts.size / count, rel=1e-12)
    doubled = shuffled_hit_ratio(np.unique(counts), sizes, np.unique(counts, return_counts=True)[1])
    assert doubled == pytest.approx(shuffled_hit_ratio(counts, sizes), rel=1e-12)


def test_recency_is_what_lies_beyond_shuffled() -> None:
    keys = (np.arange(100_000) // 100) % 200 * 50 + zipf(50, 0.5, 100_000)
    exact = hit_ratio_curve(stack_distances(keys), 100.0)
    assert exact > shuffled_hit_ratio(np.bincount(keys), 100.0) + 0.3


@pytest.mark.parametrize("exponent", [0.3, 0.8, 1.0, 1.7])
def test_fit_where_ranks_are_known(exponent: float) -> None:
    """Counts that follow the law to the digit give its exponent back."""
    ranks = np.arange(1.0, 501.0)
    found, error = fit_zipf(1e6 * ranks**-exponent)
    assert found == pytest.approx(exponent, rel=1e-9)
    with mp.workdps(30):
        weights = [mp.mpf(int(rank)) ** -mp.mpf(exponent) for rank in ranks]
        logs = [mp.log(int(rank)) for rank in ranks]
        total = sum(weights)
        mean = sum(w * x for w, x in zip(weights, logs, strict=True)) / total
        variance = sum(w * (x - mean) ** 2 for w, x in zip(weights, logs, strict=True)) / total
        wanted = 1 / mp.sqrt(total * mp.mpf(10) ** 6 * variance)
    assert error == pytest.approx(float(wanted), rel=1e-9)


@pytest.mark.parametrize("exponent", [0.0, 0.8, 1.0, 1.3])
def test_fit_over_a_large_catalogue(exponent: float) -> None:
    """The integrals beyond the head against the sum over a million ranks."""
    counts = 1e9 * np.arange(1.0, 1e6 + 1) ** -exponent
    assert fit_zipf(counts)[0] == pytest.approx(exponent, abs=1e-9)


def test_fit_of_samples_and_its_error() -> None:
    """Popular keys of random traces: scatter as the error says, bias as the docstring says."""
    p = np.arange(1, 100_001) ** -0.8
    rng = np.random.default_rng(3)
    samples = [rng.multinomial(20_000, p / p.sum()) for _ in range(100)]
    fits = np.array([fit_zipf(sample, least=20) for sample in samples])
    assert fits[:, 0].mean() == pytest.approx(0.8, abs=0.012)
    assert fits[:, 0].std() == pytest.approx(fits[:, 1].mean(), rel=0.5)
    assert fit_zipf(samples[0])[0] < 0.7  # all objects: the unseen are missing


def test_ends_of_the_range() -> None:
    assert fit_zipf([7, 7, 7, 7])[0] == 0
    assert fit_zipf([1e300, 1])[0] == 50


@given(st.lists(st.integers(1, 10**6), min_size=3, max_size=60), st.randoms())
@settings(max_examples=50)
def test_order_does_not_matter(counts: list[int], random: Any) -> None:
    mixed = counts.copy()
    random.shuffle(mixed)
    assert fit_zipf(mixed) == pytest.approx(fit_zipf(counts), nan_ok=True)
    assert fit_zipf(counts)[0] >= 0
