"""Cache policies against reference cases, full sums, exact laws, and simulations."""

from __future__ import annotations

import itertools
import warnings
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capcalc.theory.caches import (
    clock,
    fifo,
    k_lru,
    lfu,
    lru,
    policies,
    q_lru,
    ranks,
    s3_fifo,
    sizes,
    small,
    writes,
)
from tests.shared import cases

EXPONENTS = st.one_of(st.floats(0, 2.5), st.sampled_from([0.0, 0.5, 1.0, 2.0]))
#: Hit ratios by capacity, objects and exponent.
Policy = Callable[[Any, Any, Any], Any]
FORMS: dict[str, Policy] = {
    "fifo": fifo.hit_ratio,
    "clock": clock.hit_ratio,
    "clock3": lambda c, n, a: clock.hit_ratio(c, n, a, 3),
    "clock15": lambda c, n, a: clock.hit_ratio(c, n, a, 15),
    "q": lambda c, n, a: q_lru.hit_ratio(c, n, a, 0.1),
    "q-small": lambda c, n, a: q_lru.hit_ratio(c, n, a, 1e-4),
    "2": k_lru.hit_ratio,
    "3": lambda c, n, a: k_lru.hit_ratio(c, n, a, 3),
    "2-independent": k_lru.independent_hit_ratio,
    "s3": s3_fifo.hit_ratio,
    "lfu": lfu.hit_ratio,
}


# --- reference cases ---------------------------------------------------------------------------


def _zipf(function: Policy) -> Callable[[dict[str, Any]], float]:
    return lambda p: float(function(p["C"], p["N"], p["alpha"]))


def _sized(p: dict[str, Any], function: Callable[..., Any]) -> float:
    rng = np.random.default_rng(3)
    size = np.ceil(rng.lognormal(np.log(1e4) - 1.125, 1.5, p["N"]))
    share = np.arange(1, p["N"] + 1) ** -p["alpha"]
    return float(function(p["cache_fraction_of_bytes"] * size.sum(), share, size))


def _s3(p: dict[str, Any]) -> float:
    assert p["K"] == s3_fifo.COUNTER
    rest = (p["small"], p["ghost"], p["threshold"])
    return float(s3_fifo.hit_ratio(p["C"], p["N"], p["alpha"], *rest))


MODELS: dict[str, Callable[[dict[str, Any]], float]] = {
    "cache.fifo_random.hit_ratio": _zipf(fifo.hit_ratio),
    "cache.fifo_zipf_O1.hit_ratio": _zipf(fifo.hit_ratio),
    "cache.clockK.hit_ratio": lambda p: float(
        clock.hit_ratio(p["C"], p["N"], p["alpha"], p["K"])  # type: ignore[arg-type]
    ),
    "cache.qlru.hit_ratio": lambda p: float(q_lru.hit_ratio(p["C"], p["N"], p["alpha"], p["q"])),
    "cache.klru2_martina.hit_ratio": lambda p: float(
        k_lru.independent_hit_ratio(p["C"], p["N"], p["alpha"], 2, p["C1"])
    ),
    "cache.klru2_refined.hit_ratio": lambda p: float(
        k_lru.hit_ratio(p["C"], p["N"], p["alpha"], 2, p["C1"])
    ),
    "cache.lfu_static.hit_ratio": _zipf(lfu.hit_ratio),
    "cache.s3fifo_ttl.hit_ratio": _s3,
    "cache.lru_exact_king.hit_ratio": _zipf(small.lru_hit_ratio),
    "cache.fifo_exact.hit_ratio": _zipf(small.fifo_hit_ratio),
    "cache.lru_vs_lfu_miss_ratio_limit": lambda p: float(lfu.lru_miss_ratio_limit(p["alpha"])),
    "cache.lru_sizes.request_hit_ratio": lambda p: _sized(p, sizes.request_hit_ratio),
    "cache.lru_sizes.byte_hit_ratio": lambda p: _sized(p, sizes.byte_hit_ratio),
    "cache.lru_write_invalidate.hit_ratio": lambda p: float(
        writes.hit_ratio(p["C"], p["N"], p["alpha"], p["write_share"])
    ),
}
CASES = cases("models.json", *MODELS)


def test_every_model_has_cases() -> None:
    assert {case["model"] for case in CASES} == set(MODELS)


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["id"]))
def test_reference_case(case: dict[str, Any]) -> None:
    found = MODELS[case["model"]](case["params"])
    assert found == pytest.approx(case["expected"], rel=case["rtol"])


# --- sums over ranks ---------------------------------------------------------------------------


def directly(
    form: Callable[..., Any], capacity: float, objects: int, exponent: float, *parameters: float
) -> tuple[float, float]:
    """Hit ratio and time by summing over every single rank, and bisection."""
    share = np.arange(1.0, objects + 1.0) ** -exponent
    share /= share.sum()
    low, high = -5.0, np.log(capacity) + 60.0
    for _ in range(56):
        middle = 0.5 * (low + high)
        if form(share * np.exp(middle), *parameters).sum() < capacity:
            low = middle
        else:
            high = middle
    return float((share * form(share * np.exp(low), *parameters)).sum()), float(np.exp(low))


def _clock_bit(x: Any) -> Any:
    return 1.0 / (1.0 + np.exp(-np.minimum(x, 600.0)) / x)


def _chance(x: Any, q: float) -> Any:
    return q * -np.expm1(-x) / (np.exp(-x) - q * np.expm1(-x))


@pytest.mark.parametrize("exponent", [0.3, 0.8, 1.0, 1.4, 2.2])
@pytest.mark.parametrize("part", [0.2, 0.5, 0.8])
def test_a_million_ranks(exponent: float, part: float) -> None:
    objects = 10**6
    capacity = objects**part
    hit, time = directly(lambda x: x / (1.0 + x), capacity, objects, exponent)
    assert fifo.hit_ratio(capacity, objects, exponent) == pytest.approx(hit, rel=1e-11)
    assert fifo.characteristic_time(capacity, objects, exponent) == pytest.approx(time, rel=1e-11)


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 20_000), st.floats(0.05, 0.95), st.floats(0, 4))
def test_is_the_sum_over_all_ranks(objects: int, part: float, exponent: float) -> None:
    capacity = objects**part
    place = (capacity, objects, exponent)
    for form, parameters, hits, times in (
        (_clock_bit, (), clock.hit_ratio, clock.characteristic_time),
        (_chance, (0.1,), q_lru.hit_ratio, q_lru.characteristic_time),
        (_chance, (0.001,), q_lru.hit_ratio, q_lru.characteristic_time),
    ):
        hit, time = directly(form, *place, *parameters)
        assert hits(*place, *parameters) == pytest.approx(hit, rel=1e-9)
        assert times(*place, *parameters) == pytest.approx(time, rel=1e-8)


def test_ranks_of_a_trillion_objects_against_a_finer_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    """No sum reaches so far; twice the panels and twice the head have to say the same."""
    capacity, exponent = np.array([[30.0], [1e5], [1e9]]), np.array([0.6, 0.9, 1.0, 1.2, 2.0])
    coarse = {name: form(capacity, 1e12, exponent) for name, form in FORMS.items()}
    monkeypatch.setattr(ranks, "HEAD", 2 * ranks.HEAD)
    monkeypatch.setattr(ranks, "WIDTH", 0.5 * ranks.WIDTH)
    for name, form in FORMS.items():
        np.testing.assert_allclose(coarse[name], form(capacity, 1e12, exponent), rtol=2e-10)


def test_lru_is_the_same_by_its_own_module() -> None:
    objects = np.floor(10.0 ** np.linspace(0.5, 12, 24))
    capacity, exponent = objects[:, np.newaxis] ** 0.6, np.array([0.0, 0.5, 0.9, 1.0, 1.3, 2.0])
    expected = lru.hit_ratio(capacity, objects[:, np.newaxis], exponent)
    for found in (
        q_lru.hit_ratio(capacity, objects[:, np.newaxis], exponent, 1.0),
        k_lru.hit_ratio(capacity, objects[:, np.newaxis], exponent, 1),
        writes.hit_ratio(capacity, objects[:, np.newaxis], exponent, 0.0),
        writes.lazy_hit_ratio(capacity, objects[:, np.newaxis], exponent, 0.0),
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-9)


@pytest.mark.parametrize("highest", [1, 2, 3, 5])
@pytest.mark.parametrize("requests", [0.01, 0.5, 2.0, 5.0])
def test_rounds_solve_the_counter_chain(highest: int, requests: float) -> None:
    """From a counter c, after n requests, the hand leaves min(K, c + n) - 1."""
    with mpmath.workdps(40):
        chain = mpmath.eye(highest)
        chance = mpmath.exp(-mpmath.mpf(requests))
        for n in range(150):
            for c in range(highest):
                if c + n:
                    chain[c, min(highest, c + n) - 1] -= chance
            chance *= mpmath.mpf(requests) / (n + 1)
        expected = mpmath.lu_solve(chain, mpmath.ones(highest, 1))[0]
        found = clock.rounds(np.array([requests]), highest)[0][0]
        assert abs(found / (expected * mpmath.exp(-highest * mpmath.mpf(requests))) - 1) < 1e-14


# --- properties --------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(st.floats(0.5, 9e5), st.floats(2, 9e5), EXPONENTS)
def test_hit_ratios_are_in_order(capacity: float, objects: float, exponent: float) -> None:
    place = (capacity, objects, exponent)
    up = [
        fifo.hit_ratio(*place),
        clock.hit_ratio(*place),
        clock.hit_ratio(*place, 3),
        clock.hit_ratio(*place, 15),
        lfu.hit_ratio(*place),
    ]
    assert np.all(np.diff(up) > -1e-10)
    up = [
        fifo.hit_ratio(*place),
        lru.hit_ratio(*place),
        q_lru.hit_ratio(*place, 0.5),
        q_lru.hit_ratio(*place, 0.05),
        lfu.hit_ratio(*place),
    ]
    assert np.all(np.diff(up) > -1e-10)
    for two_lists in (k_lru.hit_ratio, k_lru.independent_hit_ratio):
        up = [lru.hit_ratio(*place), two_lists(*place), lfu.hit_ratio(*place)]
        assert np.all(np.diff(up) > -1e-10)
    assert s3_fifo.hit_ratio(*place) < lfu.hit_ratio(*place) + 1e-10


@settings(max_examples=25, deadline=None)
@given(st.floats(0, 9e5), EXPONENTS, st.sampled_from(sorted(FORMS)))
def test_more_room_hits_more(capacity: float, exponent: float, name: str) -> None:
    room = capacity * np.array([1, 1.01, 1.1]) + np.array([0.01, 0.02, 0.03])
    hits = FORMS[name](room, 1e6, exponent)
    assert np.all(np.diff(hits) > 0)
    assert np.all((hits > 0) & (hits <= 1))


@pytest.mark.parametrize("name", sorted(FORMS))
def test_uniform_popularity(name: str) -> None:
    """Where all are alike every policy holds C of N; S3-FIFO and others too."""
    capacity = np.array([1.0, 17.5, 400.0, 900.0, 999.0])
    np.testing.assert_allclose(FORMS[name](capacity, 1000, 0.0), capacity / 1000, rtol=1e-9)


@given(st.floats(1, 1e5), st.floats(0, 2))
def test_fifo_misses_once_in_its_time(capacity: float, exponent: float) -> None:
    time = fifo.characteristic_time(capacity, 123_456, exponent)
    hit = fifo.hit_ratio(capacity, 123_456, exponent)
    assert hit == pytest.approx(1 - capacity / time, rel=1e-9, abs=1e-11) or hit == 1.0


def test_no_counter_is_fifo_and_rare_insertion_is_lfu() -> None:
    capacity, exponent = np.array([[10.0], [1e3], [1e5]]), np.array([0.5, 1.0, 1.5])
    np.testing.assert_allclose(
        clock.hit_ratio(capacity, 1e6, exponent, 0), fifo.hit_ratio(capacity, 1e6, exponent)
    )
    best = lfu.hit_ratio(1e3, 1e6, exponent)
    assert np.all(best - q_lru.hit_ratio(1e3, 1e6, exponent, 1e-12) < 0.01 * best)


def test_more_lists_of_names() -> None:
    """Each list more sharpens the choice, and a list for all names is none."""
    hits = k_lru.hit_ratio(5_000, 100_000, 0.9, np.arange(1, 7))
    assert np.all(np.diff(hits) > 0)
    assert hits[-1] < lfu.hit_ratio(5_000, 100_000, 0.9)
    assert k_lru.hit_ratio(500, 1e4, 0.9, 2, 1e4) == pytest.approx(lru.hit_ratio(500, 1e4, 0.9))


@given(st.floats(1.000001, 1e9))
def test_limit_of_lru_misses(exponent: float) -> None:
    with mpmath.workdps(40):
        rest = 1 - 1 / mpmath.mpf(exponent)
        expected = rest * mpmath.gamma(rest) ** mpmath.mpf(exponent)
        assert abs(lfu.lru_miss_ratio_limit(exponent) / expected - 1) < 1e-13


@given(st.integers(1, 10**12), st.floats(0, 1), st.sampled_from([0.0, 0.6, 0.99, 1.5, 3.0]))
def test_the_best_is_a_ratio_of_harmonic_numbers(
    objects: int, part: float, exponent: float
) -> None:
    capacity = max(1, int(objects**part))
    with mpmath.workdps(40):
        a = mpmath.mpf(exponent)
        expected = (mpmath.zeta(a) - mpmath.zeta(a, capacity + 1)) / (
            mpmath.zeta(a) - mpmath.zeta(a, objects + 1)
        )
        found = lfu.hit_ratio(float(capacity), float(objects), exponent)
        assert abs(found / expected - 1) < 1e-12


@given(st.floats(1.000001, 1e9))
def test_lru_misses_at_most_so_much_more(exponent: float) -> None:
    limit = lfu.lru_miss_ratio_limit(exponent)
    assert 1 <= limit <= np.exp(np.euler_gamma) * (1 + 1e-9)
    assert lfu.lru_miss_ratio_limit(exponent * 1.5) >= limit * (1 - 1e-9)


def test_lru_misses_so_much_more_in_a_large_catalogue() -> None:
    found = (1 - lru.hit_ratio(1e4, 1e12, 2.0)) / (1 - lfu.hit_ratio(1e4, 1e12, 2.0))
    assert found == pytest.approx(lfu.lru_miss_ratio_limit(2.0), rel=1e-3)


# --- exact laws --------------------------------------------------------------------------------


def ordered(capacity: int, share: np.ndarray) -> tuple[float, float]:
    """LRU and FIFO by every arrangement of their contents."""
    lru_hit, weights, hits = 0.0, 0.0, 0.0
    for held in itertools.permutations(range(share.size), capacity):
        chance, left = 1.0, 1.0
        for one in held:
            chance *= share[one] / left
            left -= share[one]
        lru_hit += chance * share[list(held)].sum()
        product = share[list(held)].prod()
        weights += product
        hits += product * share[list(held)].sum()
    return lru_hit, hits / weights


@pytest.mark.parametrize(("capacity", "objects"), [(1, 4), (2, 6), (3, 7), (5, 6)])
@pytest.mark.parametrize("exponent", [0.0, 0.8, 2.5])
def test_exact_laws(capacity: int, objects: int, exponent: float) -> None:
    share = np.arange(1.0, objects + 1) ** -exponent
    expected = ordered(capacity, share / share.sum())
    assert small.lru_hit_ratio(capacity, objects, exponent) == pytest.approx(expected[0], rel=1e-12)
    found = small.fifo_hit_ratio(capacity, objects, exponent)
    assert found == pytest.approx(expected[1], rel=1e-12)


def test_exact_laws_broadcast_and_end() -> None:
    capacity, objects = np.array([0, 1, 2.9, 7, 20, -1, 2]), np.array([5, 5, 5, 7, 20, 5, 21])
    hits = small.lru_hit_ratio(capacity, objects, 1.0)
    alone = [small.lru_hit_ratio(*pair, 1.0) for pair in zip(capacity, objects, strict=True)]
    np.testing.assert_allclose(hits, alone, rtol=1e-13)
    assert hits[2] == pytest.approx(small.lru_hit_ratio(2, 5, 1.0), rel=1e-14)
    np.testing.assert_array_equal(hits[[0, 3, 4, 5, 6]], [0, 1, 1, np.nan, np.nan])
    assert np.isnan(small.fifo_hit_ratio(5, 2001, 1.0))


def test_error_of_the_approximations_for_tiny_caches() -> None:
    """The figures that the documentation gives, by the exact laws."""
    gap = fifo.hit_ratio([5, 10, 100], [100, 1000, 2000], 0.8)
    gap = gap - small.fifo_hit_ratio([5, 10, 100], [100, 1000, 2000], 0.8)
    assert np.all((gap < 0) & (gap > [-3.3e-3, -1.2e-3, -6e-4]))
    gap = lru.hit_ratio([5, 10], 20, 0.8) - small.lru_hit_ratio([5, 10], 20, 0.8)
    assert np.all(np.abs(gap) < 3e-3)


# --- simulations -------------------------------------------------------------------------------

OBJECTS, CAPACITY, EXPONENT, REQUESTS = 1000, 100, 0.9, 200_000


def stream(seed: int) -> list[int]:
    share = np.cumsum(np.arange(1.0, OBJECTS + 1) ** -EXPONENT)
    drawn = np.random.default_rng(seed).uniform(0, share[-1], REQUESTS)
    return [int(one) for one in np.searchsorted(share, drawn)]


def _lru_sim(seed: int, chance: float = 1.0) -> Iterator[bool]:
    held: OrderedDict[int, None] = OrderedDict()
    luck = np.random.default_rng(seed + 50).random(REQUESTS)
    for one, drawn in zip(stream(seed), luck, strict=True):
        found = one in held
        if found:
            held.move_to_end(one)
        elif drawn < chance:
            held[one] = None
            if len(held) > CAPACITY:
                held.popitem(last=False)
        yield found


def _two_lru_sim(seed: int) -> Iterator[bool]:
    names: OrderedDict[int, None] = OrderedDict()
    held: OrderedDict[int, None] = OrderedDict()
    for one in stream(seed):
        found = one in held
        if found or one in names:
            held[one] = None
            held.move_to_end(one)
            if len(held) > CAPACITY:
                held.popitem(last=False)
        names[one] = None
        names.move_to_end(one)
        if len(names) > CAPACITY:
            names.popitem(last=False)
        yield found


def _clock_sim(seed: int, highest: int) -> Iterator[bool]:
    queue: deque[int] = deque()
    count: dict[int, int] = {}
    for one in stream(seed):
        found = one in count
        if found:
            count[one] = min(highest, count[one] + 1)
        else:
            while len(queue) >= CAPACITY:
                oldest = queue.popleft()
                if count[oldest]:
                    count[oldest] -= 1
                    queue.append(oldest)
                else:
                    del count[oldest]
            queue.append(one)
            count[one] = 0
        yield found


def _random_sim(seed: int) -> Iterator[bool]:
    places: list[int] = []
    held: set[int] = set()
    luck = np.random.default_rng(seed + 50).integers(0, CAPACITY, REQUESTS)
    for one, place in zip(stream(seed), luck, strict=True):
        found = one in held
        if not found:
            held.add(one)
            if len(places) < CAPACITY:
                places.append(one)
            else:
                held.discard(places[place])
                places[place] = one
        yield found


class _S3:
    """Small queue of a tenth, main queue with counters up to 3, names of the evicted."""

    def __init__(self) -> None:
        self.small: OrderedDict[int, int] = OrderedDict()
        self.main: OrderedDict[int, int] = OrderedDict()
        self.ghost: OrderedDict[int, None] = OrderedDict()

    def to_main(self, one: int) -> None:
        while len(self.main) >= CAPACITY * 9 // 10:
            oldest, count = self.main.popitem(last=False)
            if count:
                self.main[oldest] = count - 1
        self.main[one] = 0

    def ask(self, one: int) -> bool:
        for queue in (self.small, self.main):
            if one in queue:
                queue[one] = min(3, queue[one] + 1)
                return True
        if one in self.ghost:
            del self.ghost[one]
            self.to_main(one)
            return False
        if len(self.small) >= CAPACITY // 10:
            oldest, count = self.small.popitem(last=False)
            if count >= 2:
                self.to_main(oldest)
            else:
                self.ghost[oldest] = None
                if len(self.ghost) > CAPACITY * 9 // 10:
                    self.ghost.popitem(last=False)
        self.small[one] = 0
        return False


def _s3_sim(seed: int) -> Iterator[bool]:
    cache = _S3()
    for one in stream(seed):
        yield cache.ask(one)


def _writes_sim(seed: int, lazy: bool) -> Iterator[bool]:
    """Hits of reads; a fifth of all requests writes and spoils."""
    held: OrderedDict[int, bool] = OrderedDict()
    write = np.random.default_rng(seed + 50).random(REQUESTS) < 0.2
    for one, spoils in zip(stream(seed), write, strict=True):
        if spoils:
            if lazy and one in held:
                held[one] = False
            elif not lazy:
                held.pop(one, None)
            continue
        yield held.get(one, False)
        held[one] = True
        held.move_to_end(one)
        if len(held) > CAPACITY:
            held.popitem(last=False)


#: A simulation, what it should give, and the approximation's own error.
SIMULATIONS: dict[str, tuple[Callable[[int], Iterator[bool]], Callable[[], Any], float]] = {
    "lru": (_lru_sim, lambda: lru.hit_ratio(CAPACITY, OBJECTS, EXPONENT), 6e-4),
    "fifo": (lambda s: _clock_sim(s, 0), lambda: fifo.hit_ratio(CAPACITY, OBJECTS, EXPONENT), 6e-4),
    "random": (_random_sim, lambda: fifo.hit_ratio(CAPACITY, OBJECTS, EXPONENT), 6e-4),
    "clock": (
        lambda s: _clock_sim(s, 1),
        lambda: clock.hit_ratio(CAPACITY, OBJECTS, EXPONENT),
        6e-4,
    ),
    "clock3": (
        lambda s: _clock_sim(s, 3),
        lambda: clock.hit_ratio(CAPACITY, OBJECTS, EXPONENT, 3),
        6e-4,
    ),
    "q-lru": (
        lambda s: _lru_sim(s, 0.1),
        lambda: q_lru.hit_ratio(CAPACITY, OBJECTS, EXPONENT, 0.1),
        1e-3,
    ),
    "2-lru": (_two_lru_sim, lambda: k_lru.hit_ratio(CAPACITY, OBJECTS, EXPONENT), 1e-3),
    "s3-fifo": (_s3_sim, lambda: s3_fifo.hit_ratio(CAPACITY, OBJECTS, EXPONENT), 1e-3),
    "writes": (
        lambda s: _writes_sim(s, False),
        lambda: writes.hit_ratio(CAPACITY, OBJECTS, EXPONENT, 0.2),
        6e-4,
    ),
    "lazy": (
        lambda s: _writes_sim(s, True),
        lambda: writes.lazy_hit_ratio(CAPACITY, OBJECTS, EXPONENT, 0.2),
        6e-4,
    ),
}


@pytest.mark.parametrize("name", sorted(SIMULATIONS))
def test_simulation(name: str) -> None:
    """Within four standard errors of batches, and the documented error of the approximation."""
    simulate, formula, error = SIMULATIONS[name]
    hits = np.fromiter(simulate(sum(map(ord, name))), dtype=float)[20_000:]
    batches = hits[: hits.size // 30 * 30].reshape(30, -1).mean(axis=1)
    noise = batches.std(ddof=1) / np.sqrt(batches.size)
    assert noise < 0.003
    assert abs(formula() - batches.mean()) < 4 * noise + error


# --- sizes and writes --------------------------------------------------------------------------


def test_one_size_is_lru_of_objects() -> None:
    share = np.arange(1.0, 501.0) ** -0.8
    capacity = np.array([[10.0], [100.0], [499.0], [500.0]])
    expected = lru.hit_ratio(capacity[:, 0], 500, 0.8)
    both = sizes.request_hit_ratio(7 * capacity[:, 0], share, 7.0)
    np.testing.assert_allclose(both, expected, rtol=1e-10)
    np.testing.assert_allclose(sizes.byte_hit_ratio(7 * capacity[:, 0], share, 7.0), both)
    time = sizes.characteristic_time(7 * capacity[:, 0], share, 7.0)
    np.testing.assert_allclose(time, lru.characteristic_time(capacity[:, 0], 500, 0.8))


def test_sizes_by_bisection() -> None:
    rng = np.random.default_rng(2)
    share, size = rng.random((3, 40)), rng.lognormal(5, 2, (3, 40))
    share /= share.sum(axis=1, keepdims=True)
    room = 0.3 * size.sum(axis=1)
    for row in range(3):
        low, high = 0.0, 1e6
        for _ in range(200):
            middle = 0.5 * (low + high)
            held = (size[row] * -np.expm1(-share[row] * middle)).sum()
            low, high = (middle, high) if held < room[row] else (low, middle)
        found = -np.expm1(-share[row] * low)
        traffic = share[row] * size[row]
        assert sizes.characteristic_time(room, share, size)[row] == pytest.approx(low, rel=1e-9)
        hit = sizes.byte_hit_ratio(room, share, size)[row]
        assert hit == pytest.approx((traffic * found).sum() / traffic.sum(), rel=1e-9)
        hit = sizes.request_hit_ratio(room, share, size)[row]
        assert hit == pytest.approx((share[row] * found).sum(), rel=1e-9)


def test_sizes_edges() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        hits = sizes.request_hit_ratio([0, 1, 2, 3, -1, np.nan], [1, 1, 0], [1, 1, 5])
        np.testing.assert_allclose(hits, [0, 0.5, 1, 1, np.nan, np.nan], rtol=1e-12)
        assert np.isnan(sizes.byte_hit_ratio(1, [1, -1], [1, 1]))
        assert np.isnan(sizes.byte_hit_ratio(1, [1, 1], [1, 0]))
        assert np.isnan(sizes.byte_hit_ratio(1, [0, 0], [1, 1]))
        assert np.isnan(sizes.byte_hit_ratio(1, [1, np.nan], [1, 1]))


@given(st.floats(1, 1e4), st.floats(0, 2), st.floats(0, 1))
def test_writes(capacity: float, exponent: float, share: float) -> None:
    place = (capacity, 10_000, exponent)
    at_once, late = writes.hit_ratio(*place, share), writes.lazy_hit_ratio(*place, share)
    assert late <= at_once + 1e-10 <= writes.ceiling(share) + 2e-10
    assert writes.write_through_hit_ratio(*place, share) == lru.hit_ratio(*place)
    assert writes.hit_ratio(10_001, 10_000, exponent, share) == writes.ceiling(share)
    assert writes.lazy_hit_ratio(10_001, 10_000, exponent, share) == writes.ceiling(share)


def test_writes_edges() -> None:
    share = np.array([-0.1, 1.1, np.nan, 1.0])
    expected = [np.nan, np.nan, np.nan, 0.0]
    np.testing.assert_array_equal(writes.ceiling(share), expected)
    np.testing.assert_array_equal(writes.hit_ratio(5, 10, 1.0, share), expected)
    np.testing.assert_array_equal(writes.lazy_hit_ratio(5, 10, 1.0, share), expected)
    assert np.isnan(writes.lazy_hit_ratio(-5, 10, 1.0, 1.0))
    assert np.isnan(writes.write_through_hit_ratio(5, 10, 1.0, 2.0))


# --- bad input ---------------------------------------------------------------------------------

CAPACITIES = [0, 10, 11, np.inf, -1, np.nan, 5, 5, 5, 5, 5]
CATALOGUES = [10, 10, 10, 10, 10, 10, 0, np.inf, 10, 10, np.nan]
POWERS = [1, 1, 1, 1, 1, 1, 1, 1, -1, np.nan, 1]


@pytest.mark.parametrize("name", sorted(FORMS))
def test_edges(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        hits = FORMS[name](*map(np.array, (CAPACITIES, CATALOGUES, POWERS)))
        np.testing.assert_array_equal(hits, [0, 1, 1, 1] + 7 * [np.nan])
        extreme = FORMS[name](np.array([1e-9, 0.5, 3, 1e11]), 1e12, np.array([[0], [1], [12]]))
    assert np.all((extreme >= 0) & (extreme <= 1))
    assert isinstance(FORMS[name](1.0, 2.0, 1.0), np.floating)


@pytest.mark.parametrize(
    "form",
    [
        fifo.characteristic_time,
        clock.characteristic_time,
        lambda *place: q_lru.characteristic_time(*place, 0.1),
        k_lru.characteristic_time,
        s3_fifo.characteristic_time,
    ],
)
def test_times_at_the_edges(form: Policy) -> None:
    times = form(*map(np.array, (CAPACITIES, CATALOGUES, POWERS)))
    np.testing.assert_array_equal(times, [0, np.inf, np.inf, np.inf] + 7 * [np.nan])
    assert 0 < form(5, 10, 1) < np.inf


def test_parameters_out_of_their_domain() -> None:
    counter = np.array([-1, 0.5, 16, np.nan, np.inf])
    assert np.all(np.isnan(clock.hit_ratio(5, 10, 1, counter)))
    assert np.all(np.isnan(q_lru.hit_ratio(5, 10, 1, np.array([0, -1, 1.1, np.nan]))))
    assert np.all(np.isnan(k_lru.hit_ratio(5, 10, 1, np.array([0, 1.5, 17, np.nan]))))
    assert np.all(np.isnan(k_lru.hit_ratio(5, 10, 1, 2, np.array([-1, 0, np.nan]))))
    assert np.all(np.isnan(s3_fifo.hit_ratio(5, 10, 1, np.array([0, 1, -1, np.nan]))))
    assert np.all(np.isnan(s3_fifo.hit_ratio(5, 10, 1, 0.1, np.array([0, np.inf, np.nan]))))
    assert np.all(np.isnan(s3_fifo.hit_ratio(5, 10, 1, 0.1, 0.9, np.array([0, np.inf, np.nan]))))
    assert np.all(np.isnan(lfu.lru_miss_ratio_limit(np.array([1, 0, -1, np.nan]))))


@pytest.mark.parametrize("name", sorted(FORMS))
def test_neighbours_do_not_matter(name: str) -> None:
    random = np.random.default_rng(5)
    objects = np.floor(10 ** random.uniform(0.5, 12, 60))
    capacity, exponent = objects ** random.uniform(0, 1, 60), random.uniform(0, 2.5, 60)
    together = FORMS[name](capacity, objects, exponent)
    alone = [FORMS[name](*x) for x in zip(capacity, objects, exponent, strict=True)]
    np.testing.assert_allclose(together, alone, rtol=1e-11)


@pytest.mark.parametrize(("small_share", "ghost"), [(0.1, 0.9), (0.01, 5.0), (0.5, 0.1)])
def test_queues_hold_what_they_should(small_share: float, ghost: float) -> None:
    """S3-FIFO's three contents, by sums over all ranks at the times found."""
    random = np.random.default_rng(3)
    objects = np.floor(10 ** random.uniform(1, 12, 60))
    capacity, exponent = objects ** random.uniform(0, 0.99, 60), random.uniform(0, 2.5, 60)
    for at, these in ranks.groups(objects, exponent, 4.0):
        parts = np.array([small_share, ghost, 1 - small_share])
        held = capacity[at, np.newaxis] * parts
        threshold = np.full((at.size, 1), 2.0)
        times = s3_fifo._times(these, held, threshold)
        shares = s3_fifo._shares(these, times, threshold, slice(None))[0]
        contents = np.stack([these.objects(each) for each in shares], axis=1)
        np.testing.assert_allclose(contents[:, [0, 2]], held[:, [0, 2]], rtol=1e-9)
        endless = np.isinf(times[:, 1])
        np.testing.assert_allclose(contents[~endless, 1], held[~endless, 1], rtol=1e-9)
        assert np.all(contents[endless, 1] <= held[endless, 1] * (1 + 1e-9))


# --- by name -----------------------------------------------------------------------------------


def test_policies_by_name() -> None:
    for name, form in (
        ("lru", lru.hit_ratio),
        ("fifo", fifo.hit_ratio),
        ("random", fifo.hit_ratio),
        ("clock", clock.hit_ratio),
        ("lfu", lfu.hit_ratio),
        ("2-lru", k_lru.hit_ratio),
        ("s3-fifo", s3_fifo.hit_ratio),
    ):
        assert policies.hit_ratio(name, 100, 5000, 0.9) == form(100, 5000, 0.9)
    found = policies.hit_ratio("q-lru", 100, 5000, 0.9)
    assert found == q_lru.hit_ratio(100, 5000, 0.9, 0.1)
    found = policies.hit_ratio("clock", 100, 5000, 0.9, counter=3)
    assert found == clock.hit_ratio(100, 5000, 0.9, 3)
    assert set(policies.POLICIES) == set(policies.LIMITS)


@pytest.mark.parametrize("name", sorted(policies.POLICIES))
def test_validity(name: str) -> None:
    assert policies.validity(name, 1000) is None
    told = policies.validity(name, np.array([5, 5000]))
    assert (told is None) == (name in ("lfu", "clock"))
    assert told is None or (told.endswith(".") and "objects" in told)


def test_unknown_policies() -> None:
    with pytest.raises(ValueError, match="unknown policy 'arc': one of lru, fifo"):
        policies.hit_ratio("arc", 1, 2, 1)
    with pytest.raises(ValueError, match="unknown policy 'arc'"):
        policies.validity("arc", 1)
