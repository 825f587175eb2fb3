"""M/D/c: outside references, the embedded chain, a simulation, limits, and bad input."""

from __future__ import annotations

import itertools
import math
import warnings
from fractions import Fraction
from functools import cache
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats
from shared import cases

from capcalc.theory.queues import md1, mdc, mmc

MEANS = ("prob_wait", "mean_wait", "mean_response", "mean_queue_length", "mean_number")
CASES = cases("priority_mdc.json", "mdc")


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_reference_cases(case: dict[str, Any]) -> None:
    rate, mean = (float(Fraction(case["params"][key])) for key in ("arrival_rate", "mean_service"))
    arguments = (rate, 1 / mean, case["params"]["servers"])
    expected = {key: float(value) for key, value in case["expected"].items()}
    for key, name in (
        ("utilization", "utilization"),
        ("p_wait", "prob_wait"),
        ("Wq", "mean_wait"),
        ("W", "mean_response"),
        ("Lq", "mean_queue_length"),
        ("L", "mean_number"),
    ):
        wanted = pytest.approx(expected[key], rel=case["rtol"])
        assert float(getattr(mdc, name)(*arguments)) == wanted, key
    ratio = float(mdc.mean_wait(*arguments)) / float(mmc.mean_wait(*arguments))
    assert ratio == pytest.approx(expected["ratio_wq_to_mmc"], rel=case["rtol"])


@cache
def embedded(load: float, servers: int) -> NDArray[np.float64]:
    """Probabilities of the number there, from the chain of instants one service time apart.

    Whoever is served at the start of such a time is gone at its end, and nobody else.
    """
    states = servers + 40 + int(40 * servers / (servers - load))
    left = np.maximum(np.arange(states) - servers, 0)
    more = np.arange(states) - left[:, np.newaxis]
    moves = stats.poisson.pmf(more, load)
    moves[:, -1] += 1 - moves.sum(axis=1)
    balance = moves.T - np.eye(states)
    balance[0] = 1.0
    return np.linalg.solve(balance, np.eye(states)[0])


STATIONS = [(0.3, 1), (0.5, 2), (1.6, 2), (2.4, 3), (2.0, 4), (3.6, 4), (9.0, 10), (24.0, 32)]


@pytest.mark.parametrize(("load", "servers"), STATIONS)
def test_against_the_embedded_chain(load: float, servers: int) -> None:
    chain = embedded(load, servers)
    waiting = np.maximum(np.arange(chain.size) - servers, 0)
    found = [float(getattr(mdc, name)(load, 1, servers)) for name in MEANS]
    queue = float(chain @ waiting)
    wanted = [
        float(chain[servers:].sum()),
        queue / load,
        queue / load + 1,
        queue,
        float(chain @ np.arange(chain.size)),
    ]
    assert found == pytest.approx(wanted, rel=1e-10)


#: Absolute errors of the law by servers, measured at 250 times each; more servers smooth it.
LAW_ERRORS = {2: 1e-6, 3: 5e-8, 4: 1e-9}


@pytest.mark.parametrize(("load", "servers"), STATIONS)
@pytest.mark.parametrize("time", [0.0, 0.13, 0.5, 0.92, 1.4, 2.75])
def test_law_against_the_embedded_chain(load: float, servers: int, time: float) -> None:
    """At most t: so few are in queue, and so few come later, that their turn is over (Franx)."""
    at_most = np.cumsum(embedded(load, servers))[servers:]  # that many in queue
    turns = math.floor(time) + 1
    j = np.arange(turns * servers)
    wanted = float(stats.poisson.pmf(j, load * (turns - time)) @ at_most[turns * servers - 1 - j])
    error = LAW_ERRORS.get(servers, 3e-11)
    assert float(mdc.wait_cdf(time, load, 1, servers)) == pytest.approx(wanted, abs=error)
    assert float(mdc.response_cdf(time + 1, load, 1, servers)) == pytest.approx(wanted, abs=error)


def crommelin(load: mp.mpf, servers: int) -> tuple[mp.mpf, mp.mpf]:
    """Probability of waiting and mean queue by the roots of z^c = exp(a (z - 1))."""
    z = []
    for k in range(1, servers):
        turn = mp.expjpi(mp.mpf(2 * k) / servers)
        share = load / servers
        z.append(-mp.lambertw(-share * mp.exp(-share) * turn, 0) / share)
    gap = servers - load
    none = gap / mp.fprod(1 - root for root in z).real
    rest = mp.fsum(1 / (1 - root) for root in z).real
    return 1 - none, (load**2 - servers * (servers - 1)) / (2 * gap) + rest


@pytest.mark.parametrize("servers", [1, 2, 5, 16, 60])
@pytest.mark.parametrize(
    "share", [2**-30, 0.01, 0.3, 0.8, 0.96, 0.999, 1 - 2**-20, 1 - 2**-30, 1 - 2**-39]
)
def test_against_fifty_digits(servers: int, share: float) -> None:
    load = servers * share
    with mp.workdps(60 + 10 * servers):
        waits, queue = crommelin(mp.mpf(load), servers)
        if waits < 1e-300:
            assert float(mdc.prob_wait(load, 1.0, servers)) < 1e-299
            return
        wanted = [float(waits), float(queue / mp.mpf(load))]
    found = [float(mdc.prob_wait(load, 1.0, servers)), float(mdc.mean_wait(load, 1.0, servers))]
    assert found == pytest.approx(wanted, rel=1e-12, abs=0)


@pytest.mark.parametrize("share", [1e-9, 0.3, 0.7, 0.95, 1 - 1e-9])
def test_one_server_is_md1(share: float) -> None:
    mean = float(mdc.mean_wait(share, 1, 1))
    assert mean == pytest.approx(0.5 * share / float(1 - Fraction(share)), rel=1e-13)
    assert float(mdc.prob_wait(share, 1, 1)) == pytest.approx(share, rel=1e-13)
    if share > 1e-3:
        times = np.array([0, 0.2, 0.99, 1.0, 1.7]) * max(1.0, mean)
        levels = np.array([0.1, 0.5, 0.9, 0.99])
        for kind, inputs in (("cdf", times), ("quantile", levels)):
            for what in ("wait", "response"):
                found = getattr(mdc, f"{what}_{kind}")(inputs, share, 1, 1)
                wanted = getattr(md1, f"{what}_{kind}")(inputs, share, 1)
                np.testing.assert_allclose(found, wanted, rtol=1e-13, atol=0)


def lindley(load: float, servers: int, batches: int, size: int) -> NDArray[np.float64]:
    """Waits of so many batches; the c-th next takes the same server, as services are alike."""
    rng = np.random.default_rng(20261123)
    warm = 20
    gaps = rng.exponential(1 / load, ((batches + warm) * size // servers, servers))
    arrivals = np.cumsum(gaps.ravel()).reshape(gaps.shape)
    steps = 1.0 - np.diff(arrivals, axis=0, prepend=np.zeros((1, servers)))
    walk = np.cumsum(steps, axis=0)
    waits = walk - np.minimum.accumulate(np.minimum(walk, 0), axis=0)
    before = np.vstack([np.zeros((1, servers)), waits[1:]])
    return before.ravel()[warm * size :].reshape(batches, size)


def test_against_a_simulation() -> None:
    """Mean, share that waits and two points of the law within 99.9 % intervals."""
    load, servers, batches, size = 3.2, 4, 100, 40_000
    waits = lindley(load, servers, batches, size)
    t = stats.t.ppf(0.9995, batches - 1)
    for sample, wanted in (
        (waits, mdc.mean_wait(load, 1, servers)),
        (waits > 1e-12, mdc.prob_wait(load, 1, servers)),
        (waits <= 0.3, mdc.wait_cdf(0.3, load, 1, servers)),
        (waits <= 1.1, mdc.wait_cdf(1.1, load, 1, servers)),
    ):
        means = sample.mean(axis=1)
        half = t * means.std(ddof=1) / np.sqrt(batches)
        assert half < 0.02 * means.mean()
        assert abs(means.mean() - float(wanted)) < half


@pytest.mark.parametrize(("load", "servers"), [(0.7, 1), (1.4, 2), (7.5, 8), (18.0, 20)])
def test_mean_is_the_area_above_the_law(load: float, servers: int) -> None:
    nodes, weights = np.polynomial.legendre.leggauss(24)
    times = np.arange(60)[:, np.newaxis] + 0.5 * (nodes + 1)  # a panel between two kinks
    for kind, wanted in (("wait", mdc.mean_wait), ("response", mdc.mean_response)):
        cdf = getattr(mdc, f"{kind}_cdf")
        area = float(((1 - cdf(times, load, 1, servers)) @ weights).sum() / 2)
        assert area == pytest.approx(float(wanted(load, 1, servers)), abs=3e-8), kind


@pytest.mark.parametrize("kind", ["wait", "response"])
@given(
    share=st.floats(0.3, 0.98),
    servers=st.sampled_from([1, 2, 3, 8, 30]),
    level=st.floats(0.02, 0.999),
    speed=st.floats(0.01, 100),
)
@settings(max_examples=40, deadline=None)
def test_quantile_inverts_cdf(
    kind: str, share: float, servers: int, level: float, speed: float
) -> None:
    rest = (share * servers * speed, speed, servers)
    time = float(getattr(mdc, f"{kind}_quantile")(level, *rest))
    none = 1 - float(mdc.prob_wait(*rest))
    if level <= none:
        assert time == (0 if kind == "wait" else 1 / speed)
    else:
        wait = time if kind == "wait" else time - 1 / speed
        assert float(mdc.wait_cdf(wait, *rest)) == pytest.approx(level, abs=1e-7)


@given(
    share=st.floats(1e-3, 0.999),
    more=st.floats(1.0001, 1.5),
    servers=st.integers(1, 64),
    speed=st.floats(1e-3, 1e3),
)
@settings(deadline=None)
def test_monotone_and_little(share: float, more: float, servers: int, speed: float) -> None:
    rates = np.array([share, share * more]) * servers * speed
    for name in MEANS:
        low, high = getattr(mdc, name)(rates, speed, servers)
        assert low <= high * (1 + 1e-12), name
    rate = float(rates[0])
    wait = float(mdc.mean_wait(rate, speed, servers))
    assert float(mdc.mean_queue_length(rate, speed, servers)) == pytest.approx(rate * wait)
    assert float(mdc.mean_response(rate, speed, servers)) == pytest.approx(wait + 1 / speed)
    other = float(mmc.mean_wait(rate, speed, servers))
    assert 0.5 * other * (1 - 1e-12) <= wait <= other  # half of it in heavy traffic and alone
    fewer = float(mdc.mean_wait(rate, speed, servers + 1))
    assert fewer < wait or wait < 1e-290


def test_law_is_monotone() -> None:
    times = np.linspace(0, 12, 241)
    law = np.asarray(mdc.wait_cdf(times, 7.2, 1, 8))
    assert law[0] == pytest.approx(1 - float(mdc.prob_wait(7.2, 1, 8)), abs=1e-12)
    assert (np.diff(law) > -1e-9).all()
    loads = np.linspace(0.5, 7.9, 30)
    assert (np.diff(mdc.wait_cdf(0.4, loads, 1, 8)) < 1e-9).all()


@pytest.mark.parametrize(("servers", "speed"), [(3, 0.1), (10, 0.1), (49, 1 / 49)])
def test_saturated_without_rounding(servers: int, speed: float) -> None:
    capacity = servers * Fraction(speed)
    for rate in (np.nextafter(float(capacity), 0), float(capacity), float(capacity) * 1.1):
        stable = Fraction(float(rate)) < capacity
        assert np.isfinite(mdc.mean_wait(rate, speed, servers)) == stable
        if not stable:
            assert float(mdc.prob_wait(rate, speed, servers)) == 1
            assert float(mdc.wait_cdf(3.0, rate, speed, servers)) == 0
            assert float(mdc.wait_quantile(0.5, rate, speed, servers)) == np.inf


def test_bad_input() -> None:
    """Out of domain is nan, saturated infinite; nothing warns or raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        bad = [(np.nan, 1, 2), (-1, 1, 2), (np.inf, 1, 2), (1, 0, 2), (1, -1, 2), (1, np.nan, 2)]
        bad += [(1, np.inf, 2), (1, 1, 0), (1, 1, 2.5), (1, 1, np.nan), (1, 1, np.inf), (1, 1, -3)]
        for arguments in bad:
            for name in MEANS:
                assert np.isnan(getattr(mdc, name)(*arguments)), (name, arguments)
            for name in ("wait_cdf", "wait_quantile", "response_cdf", "response_quantile"):
                assert np.isnan(getattr(mdc, name)(0.5, *arguments)), (name, arguments)
        for level in (-0.1, 1.0, 1.5, np.nan, np.inf):
            assert np.isnan(mdc.wait_quantile(level, 1.5, 1, 2))
            assert np.isnan(mdc.response_quantile(level, 1.5, 1, 2))
        for cdf in (mdc.wait_cdf, mdc.response_cdf):
            assert list(cdf(np.array([-1, -np.inf, np.inf]), 1.5, 1, 2)) == [0, 0, 1]
            assert np.isnan(cdf(np.nan, 1.5, 1, 2))
        assert float(mdc.utilization(6, 1, 4)) == 1.5
        assert [float(getattr(mdc, name)(0, 1, 4)) for name in MEANS] == [0, 0, 1, 0, 0]
        assert float(mdc.wait_quantile(0.0, 1.5, 1, 2)) == 0
        assert float(mdc.response_quantile(0.0, 1.5, 1, 2)) == 0
        for rate, speed in itertools.product((1e-300, 1e-12, 1.0, 1e300), repeat=2):
            for name in MEANS:
                assert not np.isnan(getattr(mdc, name)(rate, speed, 3)), (name, rate, speed)


def test_neighbours_do_not_matter() -> None:
    rates = np.array([[0.0, 0.3, 0.9, 0.99], [0.999999, 1.0, np.nan, -1]])
    servers = np.array([[[1.0]], [[2.0]], [[7.0]]])
    for name in MEANS:
        function = getattr(mdc, name)
        together = function(rates * servers, 1.0, servers)
        alone = [
            [[float(function(r * c, 1.0, c)) for r in row] for row in rates] for c in (1, 2, 7)
        ]
        assert together.shape == (3, 2, 4)
        np.testing.assert_allclose(together, alone, rtol=1e-13, atol=0)
    for name, first in (("wait_cdf", 0.7), ("wait_quantile", 0.9), ("response_quantile", 0.95)):
        function = getattr(mdc, name)
        together = function(first, rates * servers, 1.0, servers)
        alone = [
            [[float(function(first, r * c, 1.0, c)) for r in row] for row in rates]
            for c in (1, 2, 7)
        ]
        np.testing.assert_allclose(together, alone, rtol=1e-10, atol=1e-12)
        assert isinstance(function(first, 1.5, 1.0, 2.0), float)
