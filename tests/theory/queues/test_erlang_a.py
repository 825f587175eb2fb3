"""Erlang A: cases, its Markov chain, limits, laws, accuracy over the range of doubles."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import mpmath as mp
import numpy as np
import pytest
import references
from accuracy import Table
from hypothesis import given
from hypothesis import strategies as st
from shared import cases

from capcalc.theory.queues import erlang, erlang_a, mmc, mminf

NAMES = {
    "utilization": "utilization",
    "throughput": "throughput",
    "p_wait": "prob_wait",
    "p_abandon": "prob_loss",
    "p_abandon_given_wait": "prob_abandon_given_wait",
    "p0": "prob_empty",
    "Wq": "mean_wait",
    "Lq": "mean_queue_length",
    "L": "mean_number",
}
CASES = cases("single_station_general.json", "erlang_a")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_cases(case: dict[str, Any]) -> None:
    keys = ("arrival_rate", "service_rate", "servers", "abandonment_rate")
    arguments = [float(Fraction(case["params"][key])) for key in keys]
    assert len(case["expected"]) >= 6
    for key, wanted in case["expected"].items():
        found = float(getattr(erlang_a, NAMES[key])(*arguments))
        assert found == pytest.approx(float(wanted), rel=case["rtol"], abs=1e-300), key


def chain(rate: float, servers: int, leaving: float) -> np.ndarray[Any, Any]:
    """Stationary law of the truncated chain; service at rate 1."""
    most = int(servers + 60 + 4 * (rate + 10 * np.sqrt(rate)) / min(leaving, 1.0))
    n = np.arange(1, most)
    logs = np.cumsum(np.log(rate / (np.minimum(n, servers) + leaving * np.maximum(n - servers, 0))))
    logs = np.concatenate([[0.0], logs])
    weights = np.exp(logs - logs.max())
    return weights / weights.sum()


@given(
    load=st.floats(0.05, 3.0),
    servers=st.integers(1, 60),
    leaving=st.floats(0.05, 30.0),
)
def test_is_its_chain(load: float, servers: int, leaving: float) -> None:
    rate = load * servers
    law = chain(rate, servers, leaving)
    n = np.arange(law.size)
    arguments = (rate, 1.0, servers, leaving)
    near = {"rel": 1e-9, "abs": 1e-16}
    waiting = (np.maximum(n - servers, 0) * law).sum()
    assert erlang_a.mean_queue_length(*arguments) == pytest.approx(waiting, **near)
    assert erlang_a.mean_number(*arguments) == pytest.approx((n * law).sum(), **near)
    assert erlang_a.prob_wait(*arguments) == pytest.approx(law[servers:].sum(), **near)
    assert erlang_a.prob_empty(*arguments) == pytest.approx(law[0], **near)
    served, lost = (
        float(getattr(erlang_a, name)(*arguments)) for name in ("throughput", "prob_loss")
    )
    assert served + lost * rate == pytest.approx(rate, rel=1e-12)  # all come to one of two ends
    assert float(erlang_a.utilization(*arguments)) * servers == pytest.approx(served, rel=1e-13)


@given(load=st.floats(0.2, 2.0), servers=st.integers(1, 200), leaving=st.floats(0.01, 30.0))
def test_law_of_the_wait(load: float, servers: int, leaving: float) -> None:
    """Area above the law is the mean wait; quantiles are its roots; none wait at 0 who may go on."""
    arguments = (load * servers, 1.0, servers, leaving)
    level = np.array([0.2, 0.9, 0.999])
    times = np.asarray(erlang_a.wait_quantile(level, *arguments))
    within = np.asarray(erlang_a.wait_cdf(times, *arguments))
    positive = times > 0
    assert within[positive] == pytest.approx(level[positive], abs=1e-11)
    assert (within >= level - 1e-11).all()
    assert erlang_a.wait_cdf(0.0, *arguments) == pytest.approx(
        1 - float(erlang_a.prob_wait(*arguments)), abs=1e-13
    )
    end = float(erlang_a.wait_quantile(1 - 1e-12, *arguments))
    nodes, weights = np.polynomial.legendre.leggauss(40)
    edges = np.linspace(0.0, 1.2 * end, 30)
    half = np.diff(edges) / 2
    t = edges[:-1, None] + half[:, None] * (nodes + 1)
    area = (half[:, None] * weights * (1 - np.asarray(erlang_a.wait_cdf(t, *arguments)))).sum()
    assert area == pytest.approx(float(erlang_a.mean_wait(*arguments)), rel=1e-6, abs=1e-12)


def test_limits() -> None:
    rates = np.array([5.0, 9.5, 99.0])
    servers = np.array([10.0, 10.0, 100.0])
    for question in ("mean_wait", "mean_number", "prob_wait", "utilization"):
        patient = np.asarray(getattr(mmc, question)(rates, 1.0, servers))
        function: Any = getattr(erlang_a, question)
        assert np.asarray(function(rates, 1.0, servers, 0.0)) == pytest.approx(patient, rel=1e-13)
        assert np.asarray(function(rates, 1.0, servers, 1e-13)) == pytest.approx(patient, rel=1e-8)
    hasty = np.asarray(erlang_a.prob_loss(rates, 1.0, servers, 1e12))
    assert hasty == pytest.approx(np.asarray(erlang.erlang_b(servers, rates)), rel=1e-9)
    equal = np.asarray(erlang_a.mean_number(rates, 2.0, servers, 2.0))
    assert equal == pytest.approx(np.asarray(mminf.mean_number(rates, 2.0)), rel=1e-13)
    saturated = (11.0, 1.0, 10.0, 0.0)
    assert erlang_a.mean_wait(*saturated) == np.inf
    assert erlang_a.throughput(*saturated) == 10.0
    assert erlang_a.wait_quantile(0.5, *saturated) == np.inf
    # ever so impatient or patient, thousands too many: what fits is served
    overload = float(erlang_a.prob_loss(2000.0, 1.0, 1000, 1e-4))
    assert overload == pytest.approx(0.5, rel=1e-12)


@pytest.mark.parametrize(
    ("rate", "speed", "servers", "leaving"),
    [
        (7.450114706433669e-06, 3.4490630685400587, 70699, 2509.063431879512),
        (166.1557029078768, 0.00381088480105873, 275157, 3052.9440904737894),
    ],
)
def test_given_a_wait_that_hardly_ever_happens(
    rate: float, speed: float, servers: int, leaving: float
) -> None:
    """The wait's own probability underflows; what follows from it does not."""
    assert erlang_a.prob_wait(rate, speed, servers, leaving) == 0
    with mp.workdps(references.DIGITS):
        x, y = mp.mpf(servers) * mp.mpf(speed) / mp.mpf(leaving), mp.mpf(rate) / mp.mpf(leaving)
        terms = [y**j / mp.rf(x + 1, j) for j in range(60)]
        queue = mp.fsum(j * term for j, term in enumerate(terms)) / mp.fsum(terms)
        wanted = float(queue / y)
    found = float(erlang_a.prob_abandon_given_wait(rate, speed, servers, leaving))
    assert found == pytest.approx(wanted, rel=1e-12)


def test_who_is_patient_never_leaves() -> None:
    """Without impatience nobody is lost, saturated or not: the station is M/M/c."""
    rates = np.array([5.0, 10.0, 11.0])
    for question in ("prob_loss", "prob_abandon_given_wait"):
        assert (getattr(erlang_a, question)(rates, 1.0, 10.0, 0.0) == 0).all()


@given(servers=st.integers(1, 500), load=st.floats(0.3, 2.0), leaving=st.floats(1e-4, 100.0))
def test_monotone(servers: int, load: float, leaving: float) -> None:
    rate = load * servers
    slack = 1 + 1e-12
    for question, more in (("prob_loss", 1), ("prob_wait", 1), ("mean_queue_length", 1)):
        function: Any = getattr(erlang_a, question)
        here = float(function(rate, 1.0, servers, leaving))
        assert float(function(rate * 1.01, 1.0, servers, leaving)) * slack >= here * more
        assert float(function(rate, 1.0, servers + 1, leaving)) <= here * slack
    here = float(erlang_a.mean_queue_length(rate, 1.0, servers, leaving))
    assert float(erlang_a.mean_queue_length(rate, 1.0, servers, leaving * 1.1)) <= here * slack


def test_bad_input() -> None:
    extremes = [0.0, -1.0, np.nan, np.inf, 1e308, 1e-308, 3.0]
    grid = np.array(list(itertools.product(extremes, repeat=4))).T
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in (*NAMES.values(), "mean_response"):
            found = np.asarray(getattr(erlang_a, name)(*grid))
            assert np.isnan(found[np.isnan(grid).any(axis=0)]).all()
            assert np.isnan(found[(grid < 0).any(axis=0)]).all()
        for name in ("wait_cdf", "wait_quantile"):
            found = np.asarray(getattr(erlang_a, name)(0.5, *grid))
            assert np.isnan(found[np.isnan(grid).any(axis=0)]).all()
    for place in range(0, grid.shape[1], 97):
        alone = erlang_a.mean_wait(*grid[:, place])
        together = np.asarray(erlang_a.mean_wait(*grid))[place]
        assert np.array_equal(alone, together, equal_nan=True)


def sums(rate: mp.mpf, speed: mp.mpf, servers: mp.mpf, leaving: mp.mpf) -> tuple[mp.mpf, ...]:
    """1/B, and the sums over those with somebody waiting, plain and weighted."""
    load, x, y = rate / speed, servers * speed / leaving, rate / leaving
    if load <= servers:
        free = references.inverse_erlang_b(servers, load)
    else:
        free, term = mp.mpf(1), mp.mpf(1)
        for k in range(int(servers)):
            term *= (servers - k) / load
            free += term
            if term < free * mp.mpf(10) ** -60:
                break
    bits = 300
    term_, plain, weighted, j = 1 << bits, 0, 0, 0
    top, base = int(y * mp.mpf(2) ** bits), int(x * mp.mpf(2) ** bits)
    while term_ * (j + 1) > (weighted >> 180):
        j += 1
        term_ = term_ * top // (base + (j << bits))
        plain += term_
        weighted += j * term_
    scale = mp.mpf(2) ** bits
    return free, plain / scale, weighted / scale


def reference(question: str) -> Callable[..., mp.mpf]:
    def value(rate: mp.mpf, speed: mp.mpf, servers: mp.mpf, leaving: mp.mpf) -> mp.mpf:
        free, plain, weighted = sums(rate, speed, servers, leaving)
        total = free + plain
        if question == "prob_wait":
            return (1 + plain) / total
        if question == "prob_loss":
            return leaving * weighted / total / rate
        if question == "mean_wait":
            return weighted / total / rate
        busy = (servers * plain + rate / speed * (free - 1)) / total
        return busy * speed if question == "throughput" else weighted / total + busy

    return value


def points() -> Iterator[tuple[str, tuple[float, float, int, float]]]:
    generator = np.random.default_rng(5)
    for region, most, count in (("few servers", 20, 14), ("to 1e4 servers", 1e4, 10)):
        for sort in ("idle", "busy", "near a = c", "overload"):
            for _ in range(count):
                servers = round(np.exp(generator.uniform(0, np.log(most))))
                share = {
                    "idle": 10 ** generator.uniform(-12, -1),
                    "busy": generator.uniform(0.1, 0.99),
                    "near a = c": 1 + generator.choice([-1, 1]) * 10 ** generator.uniform(-12, -2),
                    "overload": generator.uniform(1.01, 4),
                }[sort]
                leaving = float(10 ** generator.uniform(-1.5, 3))
                yield f"{region}, {sort}", (float(servers * share), 1.0, servers, leaving)


def test_worst_errors(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table()
    with mp.workdps(references.DIGITS):
        for region, arguments in points():
            for question in ("prob_wait", "prob_loss", "mean_wait", "throughput", "mean_number"):
                function: Any = getattr(erlang_a, question)
                table.add("Erlang A", question, region, function, reference(question), arguments)
    table.show(capsys)
    assert table.points >= 400
    table.assert_within_bounds()
