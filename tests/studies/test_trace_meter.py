"""The measure of long traces: exact while keys fit, close and honest about it beyond."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capcalc.studies.cache_curves import ladder, of_popularity, of_trace
from capcalc.studies.traces import Measured, TraceMeter
from capcalc.theory.caches import lru, policies
from capcalc.theory.caches.traces import hit_ratio_curve, stack_distances

SIZES = np.array([1, 2, 3, 5, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 60_000, 1e5])


def zipf(objects: int, exponent: float, count: int, seed: int = 1) -> Any:
    p = np.arange(1, objects + 1) ** -exponent
    return np.random.default_rng(seed).choice(objects, count, p=p / p.sum()).astype(np.uint64)


def measured(keys: Any, pieces: int = 50, sizes: Any = None, **options: Any) -> Measured:
    meter = TraceMeter(SIZES, **options)
    amounts = np.array_split(sizes, pieces) if sizes is not None else [None] * pieces
    for piece, amount in zip(np.array_split(keys, pieces), amounts, strict=True):
        meter.feed(piece, amount)
    return meter.result()


@given(st.lists(st.lists(st.integers(0, 40), max_size=60), max_size=20))
@settings(max_examples=50, deadline=None)
def test_pieces_make_the_whole(pieces: list[list[int]]) -> None:
    """However a trace is cut, even with results asked for between."""
    sizes = np.arange(1.0, 45.0)
    meter = TraceMeter(sizes)
    for piece in pieces:
        meter.feed(np.array(piece, dtype=np.uint64))
        meter.result()
    keys = [key for piece in pieces for key in piece]
    found = meter.result()
    assert found.references == len(keys)
    assert found.distinct == len(set(keys))
    assert found.rate == 1
    if keys:
        exact = hit_ratio_curve(stack_distances(keys), sizes)
        assert found.hit_ratio == pytest.approx(exact, abs=1e-15)
        assert sorted(found.counts) == sorted(np.unique(keys, return_counts=True)[1])
        assert not found.hit_error.any()


def test_exact_up_to_the_limit_and_not_beyond() -> None:
    keys = np.concatenate((np.arange(5_000), np.arange(5_000))).astype(np.uint64)
    at = measured(keys, most_keys=5_000)
    assert (at.rate, at.distinct, at.hit_ratio[9], at.hit_ratio[10]) == (1, 5_000, 0, 0.5)
    assert measured(keys, most_keys=4_999).rate < 1


def test_sampled_against_exact(capsys: pytest.CaptureFixture[str]) -> None:
    """A table of errors: mean and worst over sizes and six sets of keys."""
    bounds = {(20_000, 0.25): (1.5e-3, 0.01), (2_000, 0.25): (0.012, 0.06)}
    lines = []
    for exponent in (0.6, 0.8, 1.0):
        keys = zipf(100_000, exponent, 600_000)
        exact = hit_ratio_curve(stack_distances(keys), SIZES)
        for most, share in ((20_000, 0.0), *bounds):
            errors, scores, sizes = [], [], []
            for salt in range(4):
                salted = keys + np.uint64(salt * 1_000_003)
                found = measured(salted, 8, most_keys=most, head_share=share)
                assert found.rate < 1
                assert found.keys_followed <= most
                errors.append(found.hit_ratio - exact)
                scores.append(errors[-1] / np.maximum(found.hit_error, 1e-4))
                off = (found.distinct - np.unique(keys).size) / found.distinct_error
                sizes.append(off)
            mean, worst = float(np.abs(errors).mean()), float(np.abs(errors).max())
            score = float(np.sqrt(np.mean(np.square(scores))))
            name = "head and sample" if share else "SHARDS-adj"
            lines.append(
                f"alpha {exponent}, {most:6} keys, {name:15}: mean {mean:.4f}, "
                f"worst {worst:.4f}, {score:.2f} standard errors"
            )
            assert np.abs(sizes).max() < 4
            if share:
                assert mean < bounds[most, share][0]
                assert worst < bounds[most, share][1]
                assert score < 1.5, "the standard error says what the error is"
    with capsys.disabled():
        print("\n" + "\n".join(lines))


def test_a_sampled_key_takes_one_place_itself() -> None:
    """Each key twice in a row: half of the references hit in a cache of one object."""
    found = measured(np.repeat(np.arange(40_000), 2).astype(np.uint64), most_keys=2_000)
    assert found.rate < 0.1
    assert found.hit_ratio == pytest.approx(np.full(SIZES.size, 0.5), abs=1e-3)


def test_popularity_that_drifts_is_told_within_its_error() -> None:
    """A head chosen at the start grows old; the scatter between groups shows it."""
    keys = zipf(20_000, 0.9, 600_000) + (np.arange(600_000) // 60_000 * 8_000).astype(np.uint64)
    exact = hit_ratio_curve(stack_distances(keys), SIZES)
    scores = []
    for salt in range(4):
        found = measured(keys + np.uint64(salt * 1_000_003), 8, most_keys=20_000)
        scores.append((found.hit_ratio - exact) / np.maximum(found.hit_error, 1e-4))
        assert np.abs(found.hit_ratio - exact).max() < 0.08
    assert np.sqrt(np.mean(np.square(scores))) < 2


def test_the_same_in_every_run() -> None:
    keys = zipf(30_000, 0.8, 100_000)
    first, second = (measured(keys, most_keys=5_000) for _ in range(2))
    assert np.array_equal(first.hit_ratio, second.hit_ratio)
    assert first.rate == pytest.approx(0.16, abs=0.04)


def test_hits_by_bytes() -> None:
    keys = zipf(1_000, 0.8, 50_000)
    amounts = (keys % np.uint64(97) + np.uint64(1)).astype(float)
    amounts[::10] = np.nan  # not told
    found = measured(keys, sizes=amounts)
    distances, told = stack_distances(keys), np.isfinite(amounts)
    wanted = [amounts[told & (distances <= size)].sum() / np.nansum(amounts) for size in SIZES]
    assert found.byte_hit_ratio == pytest.approx(wanted, rel=1e-12)
    assert found.mean_size == pytest.approx(np.nanmean(amounts))


def test_bounded_memory() -> None:
    """Two million references to new keys nearly all, 50,000 followed."""

    def stream() -> Iterator[Any]:
        rng = np.random.default_rng(5)
        for _ in range(40):
            yield rng.integers(0, 2**60, 50_000).astype(np.uint64), None

    tracemalloc.start()
    found = of_trace(stream(), most_keys=50_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.objects == pytest.approx(2e6, rel=0.03)
    assert peak < 40e6
    assert found.trace is not None
    assert found.trace.keys_followed <= 50_000


def test_a_curve_that_is_told() -> None:
    keys = zipf(2_000, 1.0, 100_000)
    found = of_trace([(keys, None)])
    assert found.capacities.tolist() == ladder()[:11].tolist()  # up to 2,000
    assert found.hit_ratio[-1] == pytest.approx(1 - found.objects / keys.size)
    assert found.exponent == pytest.approx(1.0, abs=0.01)
    assert found.shuffled == pytest.approx(found.hit_ratio, abs=5e-3)
    chosen = of_trace([(keys, None)], sizes=[700.0, 7.0])
    exact = hit_ratio_curve(stack_distances(keys), np.array([7.0, 700.0]))
    assert chosen.hit_ratio.tolist() == exact.tolist()
    assert chosen.curve["capacity"].tolist() == [7, 700]


def test_nothing_and_one_key() -> None:
    empty = of_trace([])
    assert empty.objects == 0
    assert empty.hit_ratio.tolist() == [0]
    one = of_trace([(np.array([5], dtype=np.uint64), None)])
    assert one.hit_ratio.tolist() == [0]
    assert np.isnan(one.exponent)


@pytest.mark.parametrize("policy", policies.POLICIES)
def test_popularity(policy: str) -> None:
    found = of_popularity(10_000, 0.8, policy=policy)
    assert found.capacities[-1] == 10_000
    assert np.all(np.diff(found.hit_ratio) >= 0)
    assert found.hit_ratio[-1] == 1
    assert found.trace is None
    if policy == "lru":
        assert found.hit_ratio.tolist() == lru.hit_ratio(found.capacities, 10_000, 0.8).tolist()
