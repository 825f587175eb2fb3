"""Everything broadcasts: a sweep equals its scenarios solved one by one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import capcalc as cc
from capcalc.model import paths
from capcalc.solve.chunks import mapped
from capcalc.solve.system import solve

EVERYTHING = sorted((Path(__file__).parent.parent / "data" / "everything").glob("*.yaml"))
SYSTEMS = {name: cc.load(name) for name in cc.examples()} | {
    path.stem: cc.load(path) for path in EVERYTHING
}
NUMERIC = [(name, leaf.path) for name, system in SYSTEMS.items() for leaf in paths.numeric(system)]


def flat(solution: cc.Solution, size: int) -> np.ndarray:
    """Every number of a solution, one row each."""
    rows: list[np.ndarray] = []

    def collect(value: object) -> object:
        rows.append(np.broadcast_to(np.asarray(value, dtype=float), (size,)))
        return value

    for part in (
        *solution.stations,
        *solution.tier_results,
        *solution.request_results,
        *solution.objective_results,
    ):
        mapped(part, collect)
    rows.append(np.broadcast_to(np.asarray(solution.headroom, float), (size,)))
    return np.stack(rows)


def saturating(path: str, value: float) -> float:
    """A value at which something saturates, where this path can do that."""
    if path.endswith((".hosts", ".cores", ".replicas", ".zones", ".fan_out")):
        return 1.0
    if path.endswith(("hit_ratio", "primary_read_share", "max_utilization")):
        return 0.01
    return value * 1000


@pytest.mark.parametrize(("name", "path"), NUMERIC, ids=[f"{n}:{p}" for n, p in NUMERIC])
def test_every_numeric_path(name: str, path: str) -> None:
    system = SYSTEMS[name]
    leaf = paths.find(system, path)
    assert leaf.quantity is not None
    value = float(leaf.value)
    values = np.array([value, value * 1.1, value * 0.9, saturating(path, value), np.nan])
    if leaf.quantity.whole:
        values = np.array([value, value + 1, max(value - 1, leaf.quantity.low), 1.0, np.nan])
    values = np.clip(values, leaf.quantity.low, leaf.quantity.high)
    if path.endswith(".replicas"):  # one alone without replicas has no such station: see below
        values = np.array([value, value + 1, value + 2, 1.0, np.nan])
    together = solve(system.replace({path: values}))
    swept = flat(together, 5)
    assert np.isnan(np.asarray(together.headroom)[4]), "an undefined element has no headroom"
    facts = {(each.tier, each.name): each.value for each in together.fact_results}
    for at, one in enumerate(values):
        solution = solve(system.replace({path: float(one)}))
        alone = flat(solution, 1)[:, 0]
        np.testing.assert_allclose(swept[:, at], alone, rtol=1e-12, atol=1e-300)
        for each in solution.fact_results:
            if (each.tier, each.name) in facts:
                many = np.broadcast_to(np.asarray(facts[each.tier, each.name], float), (5,))[at]
                np.testing.assert_allclose(many, each.value, rtol=1e-9, err_msg=each.name)


def test_outer_grid_of_64000_equals_one_by_one_in_time() -> None:
    system = SYSTEMS["bookshop"]
    hosts, users = np.arange(1.0, 65.0), np.linspace(1e5, 3e6, 1000)
    grid = solve(
        system.replace(
            {"tiers.web.hosts": hosts[:, None], "demand.daily_active_users": users[None, :]}
        ),
        quantiles=False,
    )
    assert grid.shape == (64, 1000)
    rng = np.random.default_rng(7)
    for i, j in zip(rng.integers(0, 64, 12), rng.integers(0, 1000, 12), strict=True):
        alone = solve(
            system.replace({"tiers.web.hosts": hosts[i], "demand.daily_active_users": users[j]}),
            quantiles=False,
        )
        for tier in alone.tier_results:
            swept = grid.tier(tier.name)
            for key in ("utilization", "wait", "response", "queue_length", "cost"):
                one, many = getattr(tier, key), getattr(swept, key)
                if one is None:
                    continue
                at = np.broadcast_to(np.asarray(many), (64, 1000))[i, j]
                np.testing.assert_allclose(at, one, rtol=1e-12)
        np.testing.assert_allclose(
            grid.request("browse").mean[i, j], alone.request("browse").mean, rtol=1e-12
        )  # type: ignore[index]


def test_chunks_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    from capcalc.solve import chunks

    system = SYSTEMS["bookshop"].replace({"tiers.db.replicas": np.arange(0.0, 6.0)})
    whole = flat(solve(system), 6)
    monkeypatch.setattr(chunks, "CHUNK_WITH_QUANTILES", 2)
    np.testing.assert_array_equal(flat(solve(system), 6), whole)


def test_an_undefined_element_does_not_touch_its_neighbours() -> None:
    system = SYSTEMS["bookshop"]
    good = solve(system.replace({"tiers.web.hosts": np.array([6.0, 8.0])}))
    mixed = solve(system.replace({"tiers.web.hosts": np.array([6.0, -3.0, 2.5, 8.0])}))
    np.testing.assert_array_equal(flat(mixed, 4)[:, [0, 3]], flat(good, 2))
    assert list(np.asarray(mixed.defined)) == [True, False, False, True]


def test_saturated_elements_are_answers() -> None:
    system = SYSTEMS["bookshop"].replace({"demand.daily_active_users": np.array([1.2e6, 1.2e7])})
    solution = solve(system)
    assert list(np.asarray(solution.saturated)) == [False, True]
    browse = solution.request("browse")
    assert np.isinf(np.asarray(browse.p99)[1])
    assert np.isfinite(np.asarray(browse.p99)[0])
    for tier in solution.tier_results:
        if tier.utilization is not None:
            assert np.isfinite(np.asarray(tier.utilization)).all()


def test_paths_that_avoid_a_saturated_station_end() -> None:
    """Nine in ten product reads are hits and end, though the database is overloaded."""
    system = SYSTEMS["microservices"].replace({"tiers.db.read_time": 1.0})
    solution = solve(system)
    assert np.isinf(solution.tier("db").wait)
    assert np.isinf(solution.request("browse").mean)
    assert np.isfinite(solution.request("browse").p50)
    assert np.isinf(solution.request("browse").p99)
    assert np.isfinite(solution.tier("payments").response_p99)


def test_no_replicas_among_some() -> None:
    """Without replicas the primary answers all reads, in a sweep as alone."""
    system = SYSTEMS["bookshop"]
    swept = solve(system.replace({"tiers.db.replicas": np.array([2.0, 0.0])}))
    alone = solve(system.replace({"tiers.db.replicas": 0.0}))
    for name in ("mean", "p50", "p99", "user_p99"):
        for request in alone.request_results:
            many = np.broadcast_to(getattr(swept.request(request.name), name), (2,))
            np.testing.assert_allclose(many[1], getattr(request, name), rtol=1e-12)
    for name in ("utilization", "wait", "response_p99", "cost"):
        many = np.broadcast_to(getattr(swept.tier("db"), name), (2,))
        np.testing.assert_allclose(many[1], getattr(alone.tier("db"), name), rtol=1e-12)
