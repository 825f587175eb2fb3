"""Rows of caches against a simulation, against simpler theory, and at their ends."""

from __future__ import annotations

import warnings
from collections import OrderedDict

import numpy as np
import pytest

from capcalc.theory.caches import hierarchy, lru, lru_ttl, ttl
from capcalc.theory.caches.stages import Catalogue, Passed, Stage, hit_ratios


class Cache:
    """An LRU cache of objects with a maximum age, that counts what it is asked for."""

    def __init__(self, capacity: float, age: float) -> None:
        self.capacity, self.age = capacity, age
        self.fetched: OrderedDict[int, float] = OrderedDict()

    def ask(self, key: int, now: float) -> bool:
        fetched = self.fetched.pop(key, None)
        hit = fetched is not None and now - fetched <= self.age
        self.fetched[key] = fetched if hit and fetched is not None else now
        if len(self.fetched) > self.capacity:
            self.fetched.popitem(last=False)
        return hit


def simulated(
    rate: float,
    objects: int,
    exponent: float,
    users: int,
    rows: list[tuple[int, float, float, bool]],
    requests: int,
) -> list[float]:
    """Hit ratios of what reaches each row of (caches, capacity, age, scattered)."""
    rng = np.random.default_rng(7)
    share = np.arange(1, objects + 1.0) ** -exponent
    keys = rng.choice(objects, requests, p=share / share.sum())
    times = np.cumsum(rng.exponential(1 / rate, requests))
    who = rng.integers(0, users, requests)
    pick = rng.random((requests, len(rows)))
    tiers = [[Cache(capacity, age) for _ in range(count)] for count, capacity, age, _ in rows]
    asked, hits = np.zeros(len(rows)), np.zeros(len(rows))
    for number in range(requests):
        for level, (count, _, _, scattered) in enumerate(rows):
            place = int(pick[number, level] * count) if scattered else who[number] % count
            hit = tiers[level][place].ask(int(keys[number]), times[number])
            if number > requests // 3:
                asked[level] += 1
                hits[level] += hit
            if hit:
                break
    return list(hits / asked)


@pytest.mark.parametrize(
    ("users", "rows"),
    [
        pytest.param(60, [(60, 1e9, 40.0, False), (4, 1e9, 20.0, False)], id="browsers, ttl edges"),
        pytest.param(60, [(60, 1e9, 40.0, False), (4, 60, 1e9, False)], id="browsers, small edges"),
        pytest.param(
            60,
            [(60, 1e9, 30.0, False), (4, 60, 1e9, False), (1, 200, 1e9, False)],
            id="browsers, edges, shield",
        ),
        pytest.param(
            12, [(12, 60, 1e9, False), (3, 150, 1e9, True)], id="edges, scattered proxies"
        ),
    ],
)
def test_rows_of_caches_against_a_simulation(
    users: int, rows: list[tuple[int, float, float, bool]]
) -> None:
    rate, objects, exponent = 40.0, 600, 0.8
    catalogue = Catalogue(rate, objects, exponent)
    stages = [Stage(count, size, [age], scattered) for count, size, age, scattered in rows]
    found = [float(each.hit_ratio[0]) for each in hit_ratios([catalogue], stages)]
    seen = simulated(rate, objects, exponent, users, rows, 240_000)
    assert found == pytest.approx(seen, abs=0.012)


def test_both_limits_at_once_are_an_upper_bound_within_what_is_said() -> None:
    rows = [(12, 60.0, 1e9, False), (3, 150.0, 30.0, True)]
    stages = [Stage(count, size, [age], apart) for count, size, age, apart in rows]
    found = hit_ratios([Catalogue(40.0, 600, 0.8)], stages)[1].hit_ratio[0]
    seen = simulated(40.0, 600, 0.8, 12, rows, 240_000)[1]
    assert -0.005 < float(found) - seen < 0.057


def test_two_stages_are_the_parent_of_equal_edges() -> None:
    edges, small = np.array([1, 4, 10]), np.array([[100], [500]])
    pages = Catalogue(50.0, 10_000, 0.8)
    first, second = hit_ratios([pages], [Stage(edges, small), Stage(1, 1_000)])
    assert first.hit_ratio[0] == pytest.approx(
        np.broadcast_to(lru.hit_ratio(small, 10_000, 0.8), (2, 3)), rel=1e-12
    )
    parent = hierarchy.parent_hit_ratio(edges, small, 1_000, 10_000, 0.8)
    assert second.hit_ratio[0] == pytest.approx(np.asarray(parent), rel=1e-10)


def test_a_chain_of_single_caches() -> None:
    sizes = [100, 1_000, 5_000]
    found = hit_ratios([Catalogue(3.0, 10_000, 0.8)], [Stage(1, size) for size in sizes])
    chain = hierarchy.chain_hit_ratios(sizes, 10_000, 0.8)
    assert [float(each.hit_ratio[0]) for each in found] == pytest.approx(list(chain), rel=1e-10)


def test_one_stage_with_an_age() -> None:
    pages = Catalogue(50.0, 10_000, 0.8)
    only = hit_ratios([pages], [Stage(max_age=[60.0])])[0]
    assert only.hit_ratio[0] == pytest.approx(ttl.catalogue_hit_ratio(50, 60, 10_000, 0.8), 1e-10)
    both = hit_ratios([pages], [Stage(1, 1_000, [60.0])])[0]
    smaller = lru_ttl.catalogue_hit_ratio(50, 60, 1_000, 10_000, 0.8)
    assert both.hit_ratio[0] == pytest.approx(smaller, abs=1e-5)
    evicted = lru.hit_ratio(1_000, 10_000, 0.8)
    # nothing changes: what is there and too old may all be answered with 304
    assert both.unchanged[0] == pytest.approx(float(evicted) - float(both.hit_ratio[0]), abs=1e-9)
    assert float(both.stale[0]) == 0.0


def test_revalidation_and_stale_answers_of_one_object() -> None:
    """MODELS.md a8: l = .1, mu = .005, D = 60."""
    one = Catalogue(0.1, 1, 0.0, change_rate=0.005, stale_window=30.0)
    found = hit_ratios([one], [Stage(max_age=[60.0])])[0]
    assert float(found.hit_ratio[0]) == pytest.approx(0.857143, abs=1e-6)
    assert float(found.unchanged[0]) == pytest.approx(0.100792, abs=1e-6)
    # next request after expiry within 30 s: all but exp(-3)
    assert float(found.stale[0]) == pytest.approx((1 - 0.857143) * (1 - np.exp(-3.0)), abs=1e-6)


def test_private_caches_divide_the_requests() -> None:
    users = 1_000.0
    found = hit_ratios([Catalogue(10.0, 500, 0.9)], [Stage(users, max_age=[600.0])])[0]
    assert found.hit_ratio[0] == pytest.approx(
        ttl.catalogue_hit_ratio(10.0 / users, 600.0, 500, 0.9), rel=1e-10
    )


def test_content_of_each_user_is_a_catalogue_as_many_times_as_large() -> None:
    own = Catalogue(10.0, 500, 0.9, owners=20)
    found = hit_ratios([own], [Stage(1, 1_000)])[0]
    assert found.hit_ratio[0] == pytest.approx(lru.hit_ratio(50, 500, 0.9), rel=1e-10)
    # behind the users' own caches of that age a shared cache of the same age has nothing of it
    first, second = hit_ratios([own], [Stage(20, max_age=[60.0]), Stage(2, max_age=[60.0])])
    assert float(first.hit_ratio[0]) > 0.2
    assert float(second.hit_ratio[0]) < 1e-12


def test_catalogues_share_the_room() -> None:
    one = hit_ratios([Catalogue(10.0, 1_000, 0.8)], [Stage(1, 100)])[0]
    alike = [Catalogue(5.0, 1_000, 0.8), Catalogue(5.0, 1_000, 0.8)]
    two = hit_ratios(alike, [Stage(1, 200)])[0]
    assert two.hit_ratio == pytest.approx((one.hit_ratio[0],) * 2, rel=1e-10)


def flat(found: tuple[Passed, ...]) -> np.ndarray:
    return np.stack(
        [np.stack([each.hit_ratio, each.unchanged, each.stale, each.object_rate]) for each in found]
    )


def test_elements_do_not_see_their_neighbours_and_ends_are_quiet() -> None:
    rates = np.array([0.0, 1e-300, 50.0, np.nan, 1e12, 3.0])
    sizes = np.array([0.0, 10.0, 1e9, 100.0, 100.0, np.inf])
    ages = np.array([60.0, 0.0, np.inf, 1.0, 1e-9, 1e9])

    def row(at: slice | int) -> np.ndarray:
        catalogues = [Catalogue(rates[at], 1e5, 0.9), Catalogue(5.0, 100.0, 1.1, owners=30.0)]
        stages = [Stage(40, max_age=[ages[at], 10.0]), Stage(4, sizes[at]), Stage(2, 50.0)]
        return flat(hit_ratios(catalogues, stages))

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        together = row(slice(None))
        for place in range(rates.size):
            alone = row(place)
            assert np.array_equal(together[..., place], alone, equal_nan=True), place
    shares = together[:, :3]
    assert np.isnan(together[..., 3]).all()
    good = np.delete(shares, 3, axis=-1)
    assert ((good >= 0) & (good <= 1)).all()


@pytest.mark.parametrize("wrong", [{"caches": 0.5}, {"capacity": -1.0}, {"max_age": [-1.0]}])
def test_out_of_the_domain(wrong: dict[str, object]) -> None:
    found = hit_ratios([Catalogue(1.0, 10.0, 1.0)], [Stage(**wrong)])  # type: ignore[arg-type]
    assert np.isnan(found[0].hit_ratio[0])
