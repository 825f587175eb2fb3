"""Stations with finite room or finitely many sources: cases, laws, limits, bad input."""

from __future__ import annotations

import warnings
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared import cases

from capcalc.theory.queues import engset, erlang, finite_source, mm1k, mmc, mmcc, mmck, mminf

NAMES = {
    "utilization": "utilization",
    "p_wait": "prob_wait",
    "p_block": "prob_loss",
    "p0": "prob_empty",
    "throughput": "throughput",
    "Wq": "mean_wait",
    "W": "mean_response",
    "Lq": "mean_queue_length",
    "L": "mean_number",
}
LEVELS = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99, "p999": 0.999}
MODULES = {"mmck": mmck, "mm1k": mm1k, "mmc_finite_source": finite_source, "mminf": mminf}
PARAMETERS = ("arrival_rate", "source_rate", "service_rate", "servers", "capacity", "population")
CASES = cases("single_station.json", *MODULES)


def number(value: Any) -> float:
    return float(Fraction(value)) if isinstance(value, str) else float(value)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_cases(case: dict[str, Any]) -> None:
    module, params = MODULES[case["model"]], case["params"]
    arguments = [number(params[name]) for name in PARAMETERS if name in params]
    if case["model"] == "mm1k":
        del arguments[2:-1]
    compared = 0
    for key, wanted in case["expected"].items():
        kind, _, level = key.partition("_")
        if key in NAMES and hasattr(module, NAMES[key]):
            found = float(getattr(module, NAMES[key])(*arguments))
        elif kind in ("w", "wq") and level in LEVELS:
            name = "response_quantile" if kind == "w" else "wait_quantile"
            if not hasattr(module, name):
                continue
            found = float(getattr(module, name)(LEVELS[level], *arguments))
        elif key == "n_p99":
            found = float(mminf.number_quantile(0.99, *arguments))
        else:
            continue
        near = {"rel": max(case["rtol"], 1e-10), "abs": 1e-13}
        assert found == pytest.approx(number(wanted), **near), key
        compared += 1
    assert compared >= 4


INVERSE = cases("erlang.json", "erlang_b_inverse_load")


@pytest.mark.parametrize("case", INVERSE, ids=lambda case: case["id"])
def test_load_of_a_given_loss(case: dict[str, Any]) -> None:
    params = case["params"]
    found = float(mmcc.offered_load(number(params["blocking"]), number(params["servers"])))
    (wanted,) = case["expected"].values()
    assert found == pytest.approx(number(wanted), rel=max(case["rtol"], 1e-13))


def test_fewest_servers_are_certain() -> None:
    for case in cases("erlang.json", "erlang_b_min_servers"):
        loss, load = (number(case["params"][key]) for key in ("blocking", "offered_load"))
        assert mmcc.fewest_servers(loss, load) == case["expected"]["servers"]
    generator = np.random.default_rng(3)
    load = 10 ** generator.uniform(-3, 6, 300)
    loss = 10 ** generator.uniform(-9, -0.05, 300)
    servers = np.asarray(mmcc.fewest_servers(loss, load))
    assert (erlang.erlang_b(servers, load) <= loss).all()
    fewer = servers - 1
    assert (np.where(fewer > 0, erlang.erlang_b(np.maximum(fewer, 1), load), 1.0) > loss).all()


@given(loss=st.floats(1e-200, 0.999), servers=st.floats(1.0, 1e7))
def test_load_and_loss_undo_each_other(loss: float, servers: float) -> None:
    load = float(mmcc.offered_load(loss, servers))
    assert float(mmcc.prob_loss(load, 1.0, servers)) == pytest.approx(loss, rel=1e-9)


def chain(rates: list[float], deaths: list[float]) -> np.ndarray[Any, Any]:
    """Stationary law of a birth-death chain, by logarithms of its products."""
    with np.errstate(divide="ignore"):
        logs = np.concatenate([[0.0], np.cumsum(np.log(rates) - np.log(deaths))])
    weights = np.exp(logs - logs.max())
    return weights / weights.sum()


@given(
    load=st.floats(0.05, 3.0),
    servers=st.integers(1, 12),
    room=st.integers(0, 60),
    speed=st.floats(0.1, 10.0),
)
def test_mmck_is_its_chain(load: float, servers: int, room: int, speed: float) -> None:
    capacity, rate = servers + room, load * servers * speed
    law = chain([rate] * capacity, [min(n, servers) * speed for n in range(1, capacity + 1)])
    n = np.arange(capacity + 1)
    arguments = (rate, speed, servers, capacity)
    accepted = 1 - law[-1]
    near = {"rel": 1e-9, "abs": 1e-15}
    assert mmck.prob_loss(*arguments) == pytest.approx(law[-1], **near)
    assert mmck.mean_number(*arguments) == pytest.approx((n * law).sum(), **near)
    waiting = (np.maximum(n - servers, 0) * law).sum()
    assert mmck.mean_queue_length(*arguments) == pytest.approx(waiting, **near)
    assert mmck.prob_wait(*arguments) == pytest.approx(law[servers:-1].sum() / accepted, **near)
    assert mmck.prob_empty(*arguments) == pytest.approx(law[0], **near)
    assert mmck.mean_wait(*arguments) == pytest.approx(waiting / (rate * accepted), **near)
    # Little and flow
    assert mmck.mean_number(*arguments) == pytest.approx(
        float(mmck.throughput(*arguments)) * float(mmck.mean_response(*arguments)), rel=1e-12
    )
    assert mmck.throughput(*arguments) == pytest.approx(
        float(mmck.utilization(*arguments)) * servers * speed, rel=1e-12
    )


@given(rate=st.floats(0.01, 20.0), servers=st.integers(1, 12), people=st.integers(1, 60))
def test_finite_sources_are_their_chain(rate: float, servers: int, people: int) -> None:
    law = chain(
        [(people - n) * rate for n in range(people)],
        [float(min(n, servers)) for n in range(1, people + 1)],
    )
    n = np.arange(people + 1)
    arguments = (rate, 1.0, servers, people)
    near = {"rel": 1e-11, "abs": 1e-15}
    assert finite_source.mean_number(*arguments) == pytest.approx((n * law).sum(), **near)
    assert finite_source.throughput(*arguments) == pytest.approx(
        (np.minimum(n, servers) * law).sum(), **near
    )
    seen = (people - n) * law
    assert finite_source.prob_wait(*arguments) == pytest.approx(
        seen[servers:].sum() / seen.sum(), **near
    )
    assert finite_source.prob_empty(*arguments) == pytest.approx(law[0], **near)
    # who comes and who leaves
    idle = people - float(finite_source.mean_number(*arguments))
    assert float(finite_source.throughput(*arguments)) == pytest.approx(rate * idle, rel=1e-10)


@given(rate=st.floats(0.01, 20.0), servers=st.integers(1, 12), people=st.integers(1, 60))
def test_engset_is_its_chain(rate: float, servers: int, people: int) -> None:
    def law(sources: int) -> np.ndarray[Any, Any]:
        most = min(servers, sources)
        return chain(
            [(sources - n) * rate for n in range(most)], [float(n) for n in range(1, most + 1)]
        )

    arguments = (rate, 1.0, servers, people)
    own, seen = law(people), law(people - 1)
    full = own[-1] if people >= servers else 0.0
    lost = seen[-1] if people > servers else 0.0
    near = {"rel": 1e-11, "abs": 1e-15}
    assert engset.prob_time_congestion(*arguments) == pytest.approx(full, **near)
    assert engset.prob_loss(*arguments) == pytest.approx(lost, **near)
    assert engset.mean_number(*arguments) == pytest.approx(
        (np.arange(own.size) * own).sum(), **near
    )


@given(load=st.floats(0.05, 3.0), servers=st.integers(1, 10), room=st.integers(1, 30))
def test_waits_of_the_accepted(load: float, servers: int, room: int) -> None:
    """The law is the chain's mixture of Erlang waits; quantiles are its roots, means its area."""
    from scipy import special

    capacity, rate = servers + room, load * servers
    law = chain([rate] * capacity, [float(min(n, servers)) for n in range(1, capacity + 1)])
    arguments = (rate, 1.0, servers, capacity)
    times = np.array([0.0, 0.01, 0.3, 1.0, 4.0])
    beyond = sum(
        law[n] * special.gammaincc(n - servers + 1, servers * times)
        for n in range(servers, capacity)
    ) / (1 - law[-1])
    assert mmck.wait_cdf(times, *arguments) == pytest.approx(1 - beyond, abs=2e-14)
    levels = np.array([0.3, 0.9, 0.999])
    for kind, tolerance in (("wait", 1e-13), ("response", 1e-8)):
        quantile, cdf = getattr(mmck, f"{kind}_quantile"), getattr(mmck, f"{kind}_cdf")
        found = np.asarray(quantile(levels, *arguments))
        within = np.asarray(cdf(found, *arguments))
        positive = found > 0
        assert within[positive] == pytest.approx(levels[positive], abs=tolerance)
        assert (within >= levels - tolerance).all()
    nodes, weights = np.polynomial.legendre.leggauss(80)
    end = float(mmck.response_quantile(1 - 1e-9, *arguments)) * 1.2
    area = (weights * (1 - np.asarray(mmck.response_cdf(end / 2 * (nodes + 1), *arguments)))).sum()
    assert area * end / 2 == pytest.approx(float(mmck.mean_response(*arguments)), rel=2e-6)


def test_limits() -> None:
    """Room without end is M/M/c, no room is Erlang B, many idle sources are a Poisson stream."""
    for rate, servers in ((0.7, 1), (8.5, 10), (95.0, 100)):
        for question in ("mean_wait", "mean_number", "prob_wait"):
            whole = float(getattr(mmc, question)(rate, 1.0, servers))
            assert float(getattr(mmck, question)(rate, 1.0, servers, 1e9)) == pytest.approx(
                whole, rel=1e-12
            )
            many = float(getattr(finite_source, question)(rate / 1e8, 1.0, servers, 1e8))
            assert many == pytest.approx(whole, rel=1e-4)
        lost = float(erlang.erlang_b(servers, rate))
        assert float(mmck.prob_loss(rate, 1.0, servers, servers)) == pytest.approx(lost, rel=1e-14)
        assert float(mmcc.prob_loss(rate, 1.0, servers)) == lost
        assert float(engset.prob_loss(rate / 1e6, 1.0, servers, 1e6)) == pytest.approx(
            lost, rel=2e-3
        )
    assert float(finite_source.mean_number(2.0, 1.0, 50, 50)) == pytest.approx(100 / 3)


def test_where_others_overflow() -> None:
    """M/M/c/K with K = 2c: some tools fail from c = 150 on (PEERS.md)."""
    servers = np.array([150.0, 1e3, 1e6, 1e9])
    lost = np.asarray(mmck.prob_loss(1.01 * servers, 1.0, servers, 2 * servers))
    assert lost == pytest.approx([0.0129, 0.0099, 0.0099, 0.0099], abs=1e-3)
    assert float(mmck.prob_loss(190.0, 1.0, 200, 250)) > 0


ALL = {
    mmck: (9.0, 1.0, 10.0, 15.0),
    mm1k: (0.9, 1.0, 15.0),
    mmcc: (9.0, 1.0, 10.0),
    mminf: (9.0, 1.0),
    finite_source: (0.2, 1.0, 3.0, 12.0),
    engset: (0.2, 1.0, 3.0, 12.0),
}


@pytest.mark.parametrize("module", ALL, ids=lambda module: module.__name__.split(".")[-1])
def test_bad_input_and_neighbours(module: Any) -> None:
    good = ALL[module]
    questions = [
        name for name in (*NAMES.values(), "prob_time_congestion") if hasattr(module, name)
    ]
    assert len(questions) >= 5
    extremes = np.array([0.0, -1.0, np.nan, np.inf, 1e308, 1e-308, 2.5])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for question in questions:
            function = getattr(module, question)
            alone = float(function(*good))
            for place in range(len(good)):
                mixed = [np.full(8, value) for value in good]
                mixed[place][1:] = extremes
                found = np.asarray(function(*mixed))
                assert found[0] == alone
                assert np.isnan(found[3]), (question, place)
                assert np.isnan(found[2]), (question, place)
                for at in range(8):
                    single = np.asarray(function(*(value[at] for value in mixed)))
                    assert np.array_equal(single, found[at], equal_nan=True), (question, place, at)
    with pytest.raises(ValueError, match="shape mismatch"):
        module.mean_number(np.ones(2), np.ones(3), *good[2:])
