"""Laws that every queue obeys, whatever its parameters."""

from __future__ import annotations

import itertools
import warnings
from fractions import Fraction
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capcalc.theory.queues import em1, ggc, mg1, mgc, mm1, mmc

SERVERS = 5.0
#: Queue, and what its questions take after the arrival rate and the service rate.
QUEUES: dict[str, tuple[ModuleType, tuple[float, ...], float]] = {
    "mm1": (mm1, (), 1.0),
    "mmc": (mmc, (SERVERS,), SERVERS),
    "mg1": (mg1, (2.5,), 1.0),
    "mg1 regular": (mg1, (0.4,), 1.0),
    "mgc": (mgc, (SERVERS, 2.5), SERVERS),
    "ggc": (ggc, (SERVERS, 0.5, 2.5), SERVERS),
    "ggc bursty": (ggc, (SERVERS, 3.0, 0.5), SERVERS),
    "em1": (em1, (4.0,), 1.0),
}
MEANS = ("mean_wait", "mean_response")
every_queue = pytest.mark.parametrize("name", list(QUEUES))
loads = st.floats(1e-6, 0.999)
speeds = st.floats(1e-4, 1e4)


@every_queue
@given(load=loads, speed=speeds)
def test_little(name: str, load: float, speed: float) -> None:
    queue, rest, servers = QUEUES[name]
    rate = load * servers * speed
    response, wait = queue.mean_response(rate, speed, *rest), queue.mean_wait(rate, speed, *rest)
    assert float(response) == pytest.approx(float(wait) + 1 / speed, rel=1e-13)
    for number, time in (("mean_number", response), ("mean_queue_length", wait)):
        if hasattr(queue, number):
            found = float(getattr(queue, number)(rate, speed, *rest))
            assert found == pytest.approx(rate * float(time), rel=1e-13, abs=1e-300)


@every_queue
@given(load=loads, more=st.floats(1.001, 1.5), speed=speeds)
def test_waits_grow_with_load(name: str, load: float, more: float, speed: float) -> None:
    queue, rest, servers = QUEUES[name]
    rates = np.array([load, load * more]) * servers * speed
    for question in MEANS:
        low, high = getattr(queue, question)(rates, speed, *rest)
        assert low <= high * (1 + 1e-13)


@every_queue
@given(load=loads, speed=speeds)
def test_time_has_no_unit(name: str, load: float, speed: float) -> None:
    queue, rest, servers = QUEUES[name]
    for question in MEANS:
        function = getattr(queue, question)
        alone = float(function(load * servers, 1.0, *rest))
        assert float(function(load * servers * speed, speed, *rest)) * speed == pytest.approx(
            alone, rel=1e-9
        )


@every_queue
def test_limits(name: str) -> None:
    queue, rest, servers = QUEUES[name]
    for question in MEANS:
        function = getattr(queue, question)
        own = 0.5 if question == "mean_response" else 0.0
        assert float(function(0.0, 2.0, *rest)) == own
        assert float(function(1e-12, 2.0, *rest)) == pytest.approx(own, abs=1e-9)
        assert np.isinf(function(2.0 * servers, 2.0, *rest))
        assert np.isinf(function(3.0 * servers, 2.0, *rest))
        below = function(np.nextafter(2.0 * servers, 0), 2.0, *rest)
        assert 1e12 < below < np.inf


@every_queue
@pytest.mark.parametrize("place", [0, 1, 2, -1])
def test_out_of_domain_is_nan(name: str, place: int) -> None:
    queue, rest, servers = QUEUES[name]
    for bad in (np.nan, -1.0):
        arguments = [0.5 * servers, 1.0, *rest]
        arguments[min(place, len(arguments) - 1)] = bad
        for question in MEANS:
            assert np.isnan(getattr(queue, question)(*arguments)), (question, arguments)


@pytest.mark.parametrize(("servers", "speed"), [(3, 0.1), (7, 0.1), (10, 0.1), (49, 1 / 49)])
def test_saturated_without_rounding(servers: int, speed: float) -> None:
    """The product c mu itself decides, not its rounded value."""
    capacity = servers * Fraction(speed)
    near = float(capacity)
    for rate in (np.nextafter(near, 0), near, np.nextafter(near, np.inf)):
        stable = Fraction(float(rate)) < capacity
        assert np.isfinite(mmc.mean_wait(rate, speed, servers)) == stable
        assert np.isfinite(mgc.mean_wait(rate, speed, servers, 2.0)) == stable
        assert np.isfinite(ggc.mean_wait(rate, speed, servers, 0.5, 2.0)) == stable


@every_queue
def test_arrays_are_as_one_by_one(name: str) -> None:
    queue, rest, servers = QUEUES[name]
    rates = np.array([[0.0, 0.3, 0.9], [0.999999, 1.0, np.nan]]) * servers
    speeds = np.array([[1.0], [1.0]])
    questions = [q for q in dir(queue) if q in {*MEANS, "prob_wait", "utilization", "mean_number"}]
    for question in questions:
        function = getattr(queue, question)
        together = function(rates, speeds, *rest)
        alone = [[float(function(r, 1.0, *rest)) for r in row] for row in rates]
        assert together.shape == (2, 3)
        np.testing.assert_allclose(together, alone, rtol=1e-12, atol=0)
        assert isinstance(function(0.5, 1.0, *rest), float)


DISTRIBUTIONS = [name for name, (queue, *_) in QUEUES.items() if hasattr(queue, "response_cdf")]


@pytest.mark.parametrize("name", DISTRIBUTIONS)
@pytest.mark.parametrize("kind", ["wait", "response"])
@given(load=st.floats(0.05, 0.99), level=st.floats(0.01, 0.999))
@settings(max_examples=25)
def test_quantile_inverts_cdf(name: str, kind: str, load: float, level: float) -> None:
    queue, rest, servers = QUEUES[name]
    rate = load * servers
    quantile, cdf = getattr(queue, f"{kind}_quantile"), getattr(queue, f"{kind}_cdf")
    time = float(quantile(level, rate, 1.0, *rest))
    assert time >= 0
    within = float(cdf(time, rate, 1.0, *rest))
    if time > 0:
        assert 1 - within == pytest.approx(1 - level, rel=3e-9, abs=1e-15)
    else:
        assert within >= level - 1e-12


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_mean_is_the_area_above_the_cdf(name: str) -> None:
    queue, rest, servers = QUEUES[name]
    rate = 0.7 * servers
    nodes, weights = np.polynomial.legendre.leggauss(20)
    edges = np.concatenate([[0.0], np.geomspace(1e-7, 400.0, 60)])
    half = np.diff(edges) / 2
    times = (edges[:-1, None] + half[:, None] * (nodes + 1)).ravel()
    for kind in ("wait", "response"):
        tail = 1.0 - getattr(queue, f"{kind}_cdf")(times, rate, 1.0, *rest)
        area = float(((half[:, None] * weights).ravel() * tail).sum())
        wanted = float(getattr(queue, f"mean_{kind}")(rate, 1.0, *rest))
        assert area == pytest.approx(wanted, rel=2e-8)


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_edges_of_distributions(name: str) -> None:
    queue, rest, servers = QUEUES[name]
    rate = 0.5 * servers
    for kind in ("wait", "response"):
        cdf, quantile = getattr(queue, f"{kind}_cdf"), getattr(queue, f"{kind}_quantile")
        assert cdf(-1.0, rate, 1.0, *rest) == 0
        assert cdf(np.inf, rate, 1.0, *rest) == 1
        assert np.isnan(cdf(np.nan, rate, 1.0, *rest))
        assert quantile(0.0, rate, 1.0, *rest) == 0
        assert np.isnan(quantile(np.array([-0.1, 1.0, np.nan]), rate, 1.0, *rest)).all()
        assert cdf(1.0, servers, 1.0, *rest) == 0
        assert quantile(0.5, servers, 1.0, *rest) == np.inf
    assert mm1.response_quantile(0.5, 0.0, 2.0) == pytest.approx(np.log(2) / 2, rel=1e-14)


@given(load=st.floats(0.001, 0.9999), level=st.floats(0.001, 0.99999))
def test_exponential_service_is_one_family(load: float, level: float) -> None:
    """M/M/1 by four routes: closed form, M/M/c, M/G/1 by inversion, E_1/M/1."""
    wanted = -np.log1p(-level) / (1.0 - load)
    assert float(mm1.response_quantile(level, load, 1.0)) == pytest.approx(wanted, rel=3e-13)
    assert float(mg1.response_quantile(level, load, 1.0, 1.0)) == pytest.approx(wanted, rel=1e-8)
    assert float(em1.mean_wait(load, 1.0, 1)) == pytest.approx(load / (1 - load), rel=1e-12)
    assert float(ggc.mean_wait(load, 1.0, 1, 1, 1)) == pytest.approx(load / (1 - load), rel=1e-12)


@every_queue
def test_extremes_neither_raise_nor_warn(name: str) -> None:
    queue, rest, _ = QUEUES[name]
    extremes = [0.0, -1.0, np.nan, np.inf, 1e308, 1e-308, 3.0][:: 1 if len(rest) < 3 else 2]
    grid = np.array(list(itertools.product(extremes, repeat=2 + len(rest)))).T
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for question in MEANS:
            found = getattr(queue, question)(*grid)
            assert np.isnan(found[np.isnan(grid).any(axis=0)]).all()


def test_neighbours_do_not_matter_to_quantiles() -> None:
    generator = np.random.default_rng(5)
    servers = np.exp(generator.uniform(0, 7, 2000)).round()
    rates = servers * (1 - 10 ** generator.uniform(-9, -0.01, servers.size))
    levels = generator.uniform(0, 1, servers.size)
    together = mmc.response_quantile(levels, rates, 1.0, servers)
    for i in range(0, servers.size, 20):
        assert mmc.response_quantile(levels[i], rates[i], 1.0, servers[i]) == together[i]
