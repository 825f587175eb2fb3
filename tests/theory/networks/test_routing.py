"""Traffic equations against exact arithmetic, one method against the others, and refusals."""

from __future__ import annotations

import warnings
from fractions import Fraction

import mpmath as mp
import numpy as np
import pytest
from accuracy import Table
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from capcalc.errors import ScenarioError
from capcalc.theory.networks import routing_checks
from capcalc.theory.networks import sparse as large
from capcalc.theory.networks.elimination import eliminate
from capcalc.theory.networks.routing import arrival_rates, topological_order
from capcalc.theory.networks.traffic import visits

EPS = float(np.finfo(float).eps)
METHODS = ("elimination", "factorization")


def network(seed: int, size: int, exits: float = 0.2) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Arrivals, routing with some zeros, exits: all of positive probability up to `exits`."""
    random = np.random.default_rng(seed)
    weights = random.uniform(size=(size, size)) * (random.uniform(size=(size, size)) < 0.6)
    weights[np.arange(size), random.permutation(size)] += 0.3
    leave = exits * random.uniform(0.1, 1.0, size)
    calls = weights / weights.sum(axis=1, keepdims=True) * (1.0 - leave)[:, None]
    first = random.uniform(size=size) * (random.uniform(size=size) < 0.7)
    return first, calls, leave


def exact(external: list[Fraction], others: list[list[Fraction]], leave: list[Fraction]) -> list:
    """Gauss-Jordan elimination in fractions: nothing is rounded."""
    size = len(external)
    matrix = [
        [
            (leave[j] + sum(others[j][k] for k in range(size) if k != j))
            if i == j
            else -others[i][j]
            for i in range(size)
        ]
        + [external[j]]
        for j in range(size)
    ]
    for k in range(size):
        pivot = next(row for row in range(k, size) if matrix[row][k] != 0)
        matrix[k], matrix[pivot] = matrix[pivot], matrix[k]
        matrix[k] = [value / matrix[k][k] for value in matrix[k]]
        for row in range(size):
            if row != k and matrix[row][k]:
                factor = matrix[row][k]
                matrix[row] = [a - factor * b for a, b in zip(matrix[row], matrix[k], strict=True)]
    return [row[-1] for row in matrix]


REGIONS = {
    "leaves easily": (0.5, 60),
    "leaves 1e-3": (1e-3, 60),
    "leaves 1e-10": (1e-10, 120),
    "leaves 1e-100": (1e-100, 60),
}


def test_elimination_is_right_to_2e_15_in_all_loops(capsys: pytest.CaptureFixture[str]) -> None:
    """300 networks of 1 to 8 stations against fractions, exits given as data; LAPACK beside it."""
    for region, (leaves, points) in REGIONS.items():
        worst = dict.fromkeys(METHODS, 0.0)
        for seed in range(points):
            size = 1 + seed % 8
            first, calls, leave = network(seed, size, leaves)
            first[seed % size] += 1.0
            wanted = exact(
                [Fraction(x) for x in first.tolist()],
                [[Fraction(x) for x in row] for row in calls.tolist()],
                [Fraction(x) for x in leave.tolist()],
            )
            for method in METHODS:
                if leaves < 1e-20 and method == "factorization":
                    continue
                found = arrival_rates(first, calls, leave, method=method)
                error = max(
                    float(abs(Fraction(float(a)) - b) / b) if np.isfinite(a) else np.inf
                    for a, b in zip(found, wanted, strict=True)
                    if b
                )
                worst[method] = max(worst[method], error)
        with capsys.disabled():
            print(
                f"\ntraffic equations, {region:14} {points:4} points: elimination "
                f"{worst['elimination']:.1e}, LAPACK {worst['factorization']:.1e}",
                end="",
            )
        assert worst["elimination"] <= 2e-15


def loop(*numbers: object) -> mp.mpf:
    """Arrivals at the first of two stations; all that leaves is one minus the rows."""
    one, two, there, here, back = (mp.mpf(x) for x in numbers)
    return (one + two * back) / (1 - here - there * back)


def test_rows_alone_are_as_good_as_their_conditioning(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table()
    random = np.random.default_rng(5)
    with mp.workdps(60):
        for region, gap in {"open loop": 0.5, "loop 1e-3": 1e-3, "loop 1e-8": 1e-8}.items():
            for _ in range(40):
                here = random.uniform(0, 0.5)
                there = (1.0 - here) * (1.0 - gap * random.uniform(0.3, 1))
                back = 1.0 - gap * random.uniform(0.3, 1)
                table.add(
                    "routing",
                    "arrival_rates",
                    region,
                    lambda a, b, t, h, k: arrival_rates([a, b], [[h, t], [k, 0.0]])[0],
                    loop,
                    (random.uniform(0.1, 1), random.uniform(0, 1), there, here, back),
                )
    table.show(capsys)
    table.assert_within_bounds()


@given(st.integers(0, 10**6), st.integers(1, 7))
def test_what_comes_in_goes_out(seed: int, size: int) -> None:
    first, calls, leave = network(seed, size)
    rates = arrival_rates(first, calls, leave)
    assert (rates >= 0).all()
    assert (rates * leave).sum() == pytest.approx(first.sum(), rel=1e-13)
    np.testing.assert_allclose(first + rates @ calls, rates, rtol=1e-13)


@given(st.integers(0, 10**6), st.integers(1, 7))
def test_all_methods_agree(seed: int, size: int) -> None:
    first, calls, _ = network(seed, size)
    wanted = visits(calls, first)
    for method in METHODS:
        found = arrival_rates(first, calls, method=method)
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-300)
    sparsely = sparse.csr_array(calls)
    np.testing.assert_allclose(arrival_rates(first, sparsely), wanted, rtol=1e-12, atol=1e-300)
    iterated = large.by_iteration(first, sparsely)
    np.testing.assert_allclose(iterated, wanted, rtol=1e-12, atol=1e-300)
    ahead = np.triu(calls, 1)
    np.testing.assert_allclose(
        arrival_rates(first, ahead, method="feed-forward"), visits(ahead, first), rtol=1e-14
    )
    np.testing.assert_allclose(
        arrival_rates(first, sparse.csr_array(ahead)), visits(ahead, first), rtol=1e-14
    )


@given(st.integers(0, 10**6), st.integers(1, 7))
def test_labels_do_not_matter(seed: int, size: int) -> None:
    first, calls, leave = network(seed, size, 1e-9)
    order = np.random.default_rng(seed).permutation(size)
    moved = arrival_rates(first[order], calls[np.ix_(order, order)], leave[order])
    np.testing.assert_allclose(moved, arrival_rates(first, calls, leave)[order], rtol=4e-15)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("size", [3, 7, 40])
def test_stacks_are_as_one_by_one(size: int, method: str) -> None:
    parts = [network(seed, size) for seed in range(9)]
    first, calls, leave = (np.stack(values) for values in zip(*parts, strict=True))
    each = np.stack([arrival_rates(*part, method=method) for part in parts])
    np.testing.assert_allclose(
        arrival_rates(first, calls, leave, method=method), each, rtol=1e-14, atol=1e-300
    )
    grid = arrival_rates(first[:, None], calls, leave, method=method)
    assert grid.shape == (9, 9, size)
    np.testing.assert_allclose(grid[np.arange(9), np.arange(9)], each, rtol=1e-14, atol=1e-300)
    shared = arrival_rates(first.reshape(3, 3, size), calls[0], leave[0], method=method)
    np.testing.assert_allclose(
        shared[2, 1], arrival_rates(first[7], calls[0], leave[0]), rtol=1e-13, atol=1e-300
    )


def test_more_networks_than_a_block() -> None:
    parts = [network(seed, 6) for seed in range(5)]
    first, calls, _ = (np.stack(values * 4000) for values in zip(*parts, strict=True))
    found = arrival_rates(first, calls)
    np.testing.assert_array_equal(found[:5], found[-5:])
    np.testing.assert_allclose(found[2], visits(*reversed(parts[2][:2])), rtol=1e-12)


def test_bad_numbers_stay_alone() -> None:
    first = np.array([[1.0, 0.0]] * 6)
    calls = np.array([[[0.0, 0.5], [0.5, 0.0]]] * 6)
    first[1, 0], first[2, 1], calls[3, 0, 1], calls[4, 0, 1] = np.nan, np.inf, np.nan, np.inf
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = arrival_rates(first, calls, refuse=False)
    alone = arrival_rates(first[0], calls[0])
    np.testing.assert_array_equal(found[[0, 5]], [alone, alone])
    assert np.isnan(found[1:5]).all()
    np.testing.assert_array_equal(np.isnan(arrival_rates(first, calls)), np.isnan(found))
    dense = arrival_rates(first[0], calls[3])
    np.testing.assert_array_equal(arrival_rates(first[0], sparse.csr_array(calls[3])), dense)
    exits = [0.5, np.nan]
    assert np.isnan(arrival_rates(first[0], calls[0], exits)).all()
    assert np.isnan(arrival_rates(first[0], sparse.csr_array(calls[0]), exits)).all()
    acyclic = np.triu(calls)[:3]
    assert np.isnan(arrival_rates(first[:3], acyclic)[1:]).all()
    found = large.arrival_rates(first[:3], sparse.csr_array(calls[0]))
    np.testing.assert_allclose(found[0], alone, rtol=1e-15)
    assert np.isnan(found[1:]).all()


NAMES = ["web", "cache", "db"]


@pytest.mark.parametrize("form", [np.array, sparse.csr_array])
@pytest.mark.parametrize(
    ("calls", "exits", "message"),
    [
        (
            [[0, 0.5, 0], [0, 0, 1], [0, 1, 0]],
            None,
            "no request ever leaves cache and db, which requests reach",
        ),
        ([[0, 1.0, 0], [0, 1, 0], [0, 0, 1]], None, "no request ever leaves cache, which"),
        ([[0, 0.5, 0.6], [0, 0, 0], [0, 0, 0]], None, "the probabilities after web sum to 1.1,"),
        ([[0, 0.5, 0.6], [0, 0, 0], [2, 0, 0]], None, "after web and db sum to up to 2, more"),
        ([[0, 0.5, 0], [-0.1, 0, 0], [0, 0, 0]], None, "after cache must not be negative"),
        ([[0, 0.5, 0], [0, 0, 1], [0, 0, 0]], [0.5, 0.1, 1], "after cache and of leaving there"),
        ([[0, 0.5, 0], [0, 0, 1], [0, 0.5, 0]], [0.5, 0, -0.5], "after db must not be negative"),
        ([[0, 1.0, 0], [0.1, 0, 0.9], [0, 1, 0]], [0, 0, 0], "leaves web, cache and db, which"),
        ([[0, 1.0, 0], [0, 0, 1], [0, 1, 0]], None, "no request ever leaves cache and db, which"),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    form: type, calls: list, exits: list | None, message: str
) -> None:
    matrix = form(np.array(calls, dtype=float))
    with pytest.raises(ScenarioError) as refused:
        arrival_rates([1.0, 0.0, 0.0], matrix, exits, names=NAMES)
    assert message in str(refused.value)
    assert refused.value.problems[0].key == "routing"


def test_a_closed_loop_that_nothing_reaches_is_no_harm() -> None:
    calls = np.array([[0, 0.5, 0, 0], [0, 0, 0, 0], [0, 0, 0, 1], [0, 0.5, 0.5, 0]])
    closed = np.array([[0, 0.5, 0, 0], [0, 0, 0, 0], [0, 0, 0, 1.0], [0, 0, 1, 0]])
    for matrix in (calls, closed, sparse.csr_array(closed)):
        np.testing.assert_array_equal(arrival_rates([2.0, 0, 0, 0], matrix), [2, 1, 0, 0])
    found = arrival_rates([[2.0, 0, 0, 0], [2, 0, 1, 0]], closed, refuse=False)
    np.testing.assert_array_equal(found, [[2, 1, 0, 0], [2, 1, np.nan, np.nan]])
    with pytest.raises(ScenarioError, match="leaves station 2 and station 3, which"):
        arrival_rates([[2.0, 0, 0, 0], [2, 0, 1, 0]], closed)


def test_rounding_is_no_exit() -> None:
    """Rows that sum to 1 but for rounding are closed, and not refused as more than 1."""
    third = np.array([[0.1, 0.2, 0.7], [0.3, 0.3, 0.4], [1 / 3, 1 / 3, 1 / 3]])
    for calls in (third, sparse.csr_array(third)):
        with pytest.raises(ScenarioError, match="no request ever leaves"):
            arrival_rates([1.0, 0, 0], calls)
    random = np.random.default_rng(1)
    wide = random.uniform(size=(200, 200))
    wide /= wide.sum(axis=1, keepdims=True)
    assert (routing_checks.exit_shares(wide) == 0).all()


@given(st.integers(0, 10**6), st.integers(1, 30))
def test_exits_are_exact(seed: int, size: int) -> None:
    random = np.random.default_rng(seed)
    row = random.uniform(size=size) * 10.0 ** random.integers(-20, 1, size)
    row = row / row.sum() * (1 - 10.0 ** -random.uniform(0, 13))
    wanted = float(1 - sum(Fraction(x) for x in row.tolist()))
    found = float(routing_checks.exit_shares(row[np.newaxis])[0])
    assert found == (pytest.approx(wanted, rel=1e-15) if wanted > 16 * EPS else 0.0)


def test_elimination_of_complex_flows() -> None:
    first, calls, leave = network(8, 5)
    lost = leave + 1j * np.arange(5)
    system = np.diag(lost + calls.sum(axis=1) - np.diag(calls)) - (calls - np.diag(np.diag(calls)))
    np.testing.assert_allclose(
        eliminate(first.astype(complex), calls, lost), np.linalg.solve(system.T, first), rtol=1e-13
    )


def test_exits_broadcast_without_loops_too() -> None:
    calls = np.array([[0.0, 0.5], [0.0, 0.0]])
    found = arrival_rates([1.0, 0.0], calls, [[[0.5, 1.0]], [[0.5, 1.0]]])
    np.testing.assert_array_equal(found, np.full((2, 1, 2), [1.0, 0.5]))


def test_feed_forward_needs_no_loop() -> None:
    assert topological_order(np.eye(2, dtype=bool)) is None
    with pytest.raises(ValueError, match="loop"):
        arrival_rates([1.0, 0.0], [[0, 0.5], [0.5, 0]], method="feed-forward")
    with pytest.raises(ValueError, match="method gauss is none of auto"):
        arrival_rates([1.0], [[0.0]], method="gauss")


@settings(max_examples=20)
@given(st.integers(0, 10**6), st.integers(2, 60))
def test_order_of_sparse_calls(seed: int, size: int) -> None:
    random = np.random.default_rng(seed)
    order = random.permutation(size)
    mask = np.triu(random.uniform(size=(size, size)) < 3 / size, 1)[np.ix_(order, order)]
    place = large.topological_order(sparse.csr_array(mask.astype(float)))
    assert place is not None
    assert sorted(place.tolist()) == list(range(size))
    assert all(place[i] < place[j] for i, j in zip(*np.nonzero(mask), strict=True))
    assert topological_order(mask) is not None
    mask[order[0], order[0]] = True
    assert large.topological_order(sparse.csr_array(mask.astype(float))) is None


COUNT = 100_000


def hundred_thousand(kind: str) -> sparse.csr_array:
    """A long chain, shortcuts ahead in random order, or calls among neighbours with loops."""
    random = np.random.default_rng(2)
    if kind == "chain":
        return sparse.csr_array(sparse.diags_array(np.full(COUNT - 1, 0.999), offsets=1))
    source = np.repeat(np.arange(COUNT), 3)
    step = random.integers(1, 40, source.size)
    if kind == "loops":
        step = step - 20
    target = source + step
    inside = (target < COUNT) & (target >= 0)
    values = random.uniform(0, 1 / 3, source.size)[inside]
    order = random.permutation(COUNT)
    places = (order[source[inside]], order[target[inside]])
    return sparse.csr_array((values, places), shape=(COUNT, COUNT))


@pytest.mark.parametrize("kind", ["chain", "ahead", "loops"])
def test_a_hundred_thousand_stations(kind: str) -> None:
    calls = hundred_thousand(kind)
    first = np.random.default_rng(3).uniform(size=COUNT)
    rates = arrival_rates(first, calls)
    assert (rates >= first).all()
    np.testing.assert_allclose(first + calls.T @ rates, rates, rtol=1e-13)
    leave = 1.0 - np.asarray(calls.sum(axis=1)).ravel()
    assert (rates * leave).sum() == pytest.approx(first.sum(), rel=1e-12)
    if kind == "loops":
        np.testing.assert_allclose(large.by_iteration(first, calls), rates, rtol=1e-13)


def test_the_last_of_a_hundred_thousand_is_named() -> None:
    calls = hundred_thousand("chain").tolil()
    calls[COUNT - 1, COUNT - 1] = 1.0
    with pytest.raises(ScenarioError, match=f"leaves station {COUNT - 1}, which"):
        arrival_rates(np.ones(COUNT), calls.tocsr())


def test_unsettled_iterations_are_undefined() -> None:
    calls = sparse.csr_array([[0.0, 1.0], [1.0 - 1e-9, 0.0]])
    assert np.isnan(large.by_iteration([1.0, 0.0], calls, steps=100)).all()
