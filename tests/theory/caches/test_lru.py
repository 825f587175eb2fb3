"""Zipf sums and LRU's hit ratio against direct sums and reference values."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from capcalc.theory.caches import lru
from capcalc.theory.caches.zipf import harmonic

EXPONENTS = st.one_of(
    st.floats(0, 3), st.sampled_from([0.0, 0.01, 0.5, 1.0, 1 + 1e-9, 1 - 1e-7, 2.0])
)

#: Characteristic-time approximation by direct sum and root: C, N, alpha, hit ratio, T.
CASES = [
    (1_000, 10_000, 0.8, 0.4366597222307187, 1472.4795322065913),
    (1_000, 10_000, 1.0, 0.6756017935096079, 2352.1784197336683),
    (100, 10_000, 1.2, 0.6563414468009114, None),
    (1_000, 100_000, 0.9, 0.3420611650583768, 1362.1534210282305),
    (10_000, 100_000, 0.6, 0.2521483435484564, 11871.94176837992),
    (5, 100, 0.8, 0.14714540939354628, None),
    (10_000, 1_000_000, 0.8, None, 12106.14328091581),
    (10_000, 1_000_000, 1.0, 0.5851380802582556, None),
]
#: The O(1) form at sizes that no sum reaches (its own error there: 9 digits).
HUGE = [
    (10**7, 10**9, 0.8, 0.2645688349628944),
    (10**6, 10**10, 1.1, 0.7992336898085523),
    (10**9, 10**12, 0.9, 0.3699906792158073),
]


def directly(capacity: float, objects: int, exponent: float) -> tuple[float, float]:
    """Hit ratio and characteristic time by summing over all ranks and bisection."""
    share = np.arange(1, objects + 1) ** -exponent
    share /= share.sum()
    low, high = np.log(capacity), np.log(capacity) + 1.0
    while (-np.expm1(-share * np.exp(high))).sum() < capacity:
        low, high = high, high + 1.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        if (-np.expm1(-share * np.exp(middle))).sum() < capacity:
            low = middle
        else:
            high = middle
    return float((share * -np.expm1(-share * np.exp(low))).sum()), float(np.exp(low))


@given(st.integers(1, 10**13), EXPONENTS)
def test_harmonic_is_the_sum(objects: int, exponent: float) -> None:
    with mpmath.workdps(40):
        a = mpmath.mpf(exponent)
        if exponent == 1:
            expected = mpmath.harmonic(objects)
        else:
            expected = mpmath.zeta(a) - mpmath.zeta(a, objects + 1)
        # the difference of the two near 1 loses what mpmath has to spare
        assert abs(harmonic(objects, exponent) / expected - 1) < 1e-13


def test_harmonic_references() -> None:
    values = harmonic(np.array([1e12, 1e12, 1e10, 1e12]), np.array([0.99, 1.2, 0.6, 1.0]))
    expected = [32.40216087791318, 5.571677082650078, 24998.047339051776, 28.208236780830582]
    np.testing.assert_allclose(values, expected, rtol=1e-14)


def test_harmonic_edges() -> None:
    values = harmonic(np.array([0.5, np.nan, np.inf, 3.7, 3.0]), np.array([1, 1, 1, 0, -1.0]))
    np.testing.assert_array_equal(values, [np.nan, np.nan, np.nan, 3.0, np.nan])


@pytest.mark.parametrize(("capacity", "objects", "exponent", "hit", "time"), CASES)
def test_references(
    capacity: float, objects: float, exponent: float, hit: float | None, time: float | None
) -> None:
    if hit is not None:
        assert lru.hit_ratio(capacity, objects, exponent) == pytest.approx(hit, rel=2e-10)
    if time is not None:
        found = lru.characteristic_time(capacity, objects, exponent)
        assert found == pytest.approx(time, rel=1e-12)


@pytest.mark.parametrize(("capacity", "objects", "exponent", "hit"), HUGE)
def test_huge_catalogues(capacity: float, objects: float, exponent: float, hit: float) -> None:
    assert lru.hit_ratio(capacity, objects, exponent) == pytest.approx(hit, rel=1e-8)
    assert lru.fast_hit_ratio(capacity, objects, exponent) == pytest.approx(hit, rel=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 30_000), st.floats(0, 1), EXPONENTS)
def test_is_the_sum_over_all_ranks(objects: int, part: float, exponent: float) -> None:
    capacity = float(objects**part)
    assume(capacity < objects - 0.5)
    hit, time = directly(capacity, objects, exponent)
    assert lru.hit_ratio(capacity, objects, exponent) == pytest.approx(hit, rel=1e-11, abs=1e-13)
    assert lru.characteristic_time(capacity, objects, exponent) == pytest.approx(time, rel=1e-8)


@given(st.floats(0.1, 0.99), st.floats(3, 12), st.floats(0.05, 2.5))
def test_both_ways_agree_where_they_meet(part: float, digits: float, exponent: float) -> None:
    """The integrals of large caches continue the sums over ranks."""
    from capcalc.theory.caches import rank_sums, tail_integrals

    number = np.floor(np.array([10.0**digits]))
    capacity, power = number**part, np.array([exponent])
    total = harmonic(number, power)
    by_integral = tail_integrals.solve(capacity, number, power)
    assume(tail_integrals.holds(by_integral, number, power)[0])
    by_sum = rank_sums.solve(capacity, number, power, np.log(capacity / total))
    np.testing.assert_allclose(by_integral, by_sum, rtol=1e-10)
    np.testing.assert_allclose(
        tail_integrals.hit_ratio(by_integral, number, power, total),
        rank_sums.hit_ratio(by_sum, number, power, total),
        rtol=1e-9,
        atol=1e-12,
    )


@given(st.floats(0.5, 1e6), st.floats(1e6, 1e9))
def test_uniform_popularity(capacity: float, objects: float) -> None:
    share = capacity / np.floor(objects)
    assert lru.hit_ratio(capacity, objects, 0.0) == pytest.approx(share, rel=1e-12)


@pytest.mark.parametrize(
    ("objects", "exponent", "exact"),
    [(5, 1.0, 0.518884563817009), (10, 1.2, 0.4012696993997321)],
)
def test_errs_low_for_tiny_caches(objects: float, exponent: float, exact: float) -> None:
    """King's stationary law for C = 2 lies above, but by no more than 0.01."""
    assert exact - 0.012 < lru.hit_ratio(2, objects, exponent) < exact


@given(st.floats(1, 9e5), st.floats(0, 2.5))
def test_more_room_hits_more(capacity: float, exponent: float) -> None:
    hits = lru.hit_ratio(capacity * np.array([1, 1.01, 1.1]), 1e6, exponent)
    assert np.all(np.diff(hits) > 0)
    assert np.all((hits > 0) & (hits <= 1))


def test_edges() -> None:
    capacity = np.array([0, 10, 11, np.inf, -1, np.nan, 5, 5, 5, 5])
    objects = np.array([10, 10, 10, 10, 10, 10, 0, np.inf, 10, 10])
    exponent = np.array([1, 1, 1, 1, 1, 1, 1, 1, -1, np.nan])
    hits = lru.hit_ratio(capacity, objects, exponent)
    np.testing.assert_array_equal(hits, [0, 1, 1, 1] + 6 * [np.nan])
    times = lru.characteristic_time(capacity, objects, exponent)
    np.testing.assert_array_equal(times, [0, np.inf, np.inf, np.inf] + 6 * [np.nan])


@pytest.mark.parametrize("form", [lru.hit_ratio, lru.fast_hit_ratio, lru.characteristic_time])
def test_neighbours_do_not_matter(form: object) -> None:
    random = np.random.default_rng(5)
    objects = np.floor(10 ** random.uniform(0.5, 12, 300))
    capacity, exponent = objects ** random.uniform(0, 1, 300), random.uniform(0, 2.5, 300)
    together = form(capacity, objects, exponent)  # type: ignore[operator]
    alone = [form(*x) for x in zip(capacity, objects, exponent, strict=True)]  # type: ignore[operator]
    np.testing.assert_allclose(together, alone, rtol=1e-12)
