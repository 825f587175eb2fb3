"""Erlang B and C against 60-digit values, the recurrence, and their laws."""

from __future__ import annotations

import csv
from fractions import Fraction

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared import case_file, cases

from capcalc.theory.queues import erlang

with case_file("erlang_grid.csv").open(encoding="utf-8", newline="") as _file:
    GRID = list(csv.DictReader(_file))
SERVERS = np.array([float(row["servers"]) for row in GRID])
LOAD = np.array([float(row["offered_load"]) for row in GRID])


def column(name: str) -> np.ndarray:
    return np.array([float(row[name]) if row[name] else np.nan for row in GRID])


@pytest.mark.parametrize(
    ("name", "tolerance", "least"),
    [
        ("erlang_b", 1e-13, 1000),
        ("erlang_c", 1e-13, 800),
        ("log_erlang_b", 1e-14, 1250),
        ("log_erlang_c", 1e-14, 1000),
    ],
)
def test_grid(name: str, tolerance: float, least: int) -> None:
    wanted, found = column(name), getattr(erlang, name)(SERVERS, LOAD)
    usable = np.isfinite(wanted) & (np.abs(wanted) >= 1e-300)
    if name.endswith("c"):
        usable &= LOAD < SERVERS
    assert usable.sum() >= least
    np.testing.assert_allclose(found[usable], wanted[usable], rtol=tolerance, atol=0)


@pytest.mark.parametrize("case", cases("erlang.json", "erlang_bc"), ids=lambda c: c["id"])
def test_published(case: dict) -> None:
    servers, load = (float(Fraction(case["params"][key])) for key in ("servers", "offered_load"))
    for name in ("erlang_b", "erlang_c"):
        wanted = float(case["expected"][name]) if name in case["expected"] else 0.0
        if wanted > 1e-300:
            found = getattr(erlang, name)(servers, load)
            assert found == pytest.approx(wanted, rel=case["rtol"], abs=0)


def reciprocal(servers: float, load: float) -> mp.mpf:
    """1 / B at 40 digits by the recurrence, from an integral for the fraction of a server."""
    c, a = mp.mpf(servers), mp.mpf(load)
    k = c - mp.floor(c)
    value = mp.mpf(1)
    if k:
        value += k * mp.quad(lambda t: mp.exp(-t) * (a + t) ** (k - 1), [0, 1, 9, 99]) / a**k
    while k < c - mp.mpf("0.5"):
        k += 1
        value = 1 + k / a * value
    return value


@given(
    st.one_of(st.integers(1, 400), st.floats(0.05, 400)),
    st.floats(0.05, 5.0),
)
def test_against_the_recurrence(servers: float, ratio: float) -> None:
    load = servers * ratio
    with mp.workdps(40):
        inverse = reciprocal(servers, load)
        lost, spare = 1 / inverse, mp.mpf(servers) - mp.mpf(load)
        waits = servers / (mp.mpf(load) + spare * inverse) if spare > 0 else mp.mpf(1)
    for question, wanted in ((erlang.erlang_b, lost), (erlang.erlang_c, waits)):
        found = float(question(servers, load))
        assert found == pytest.approx(float(wanted), rel=1e-13, abs=1e-300)
    found = float(erlang.log_erlang_b(servers, load))
    assert found == pytest.approx(float(mp.log(lost)), rel=5e-14, abs=0)


@pytest.mark.parametrize("servers", [1.0, 19.0, 19.5, 20.0, 20.5, 500.0, 1e6, 1e9])
@pytest.mark.parametrize("slack", [1e-15, 1e-12, 1e-9, 1e-6])
def test_log_c_next_to_saturation(servers: float, slack: float) -> None:
    """ln C = -(1 - a/c)(1/B - 1) there, which rounding must not swamp."""
    load = servers * (1 - slack)
    spare = (servers - load) / servers
    lost = float(erlang.erlang_b(servers, load))
    wanted = -np.log1p(spare * (1 - lost) / lost)
    assert erlang.log_erlang_c(servers, load) == pytest.approx(wanted, rel=1e-12, abs=0)


@pytest.mark.parametrize("servers", [0.5, 3.7, 19.99, 20.0, 137.0, 1e5])
def test_regimes_meet(servers: float) -> None:
    """No step where one form takes over from another."""
    for load in (servers, 2 * servers, 0.7 * servers, 20.0):
        sides = np.array([load * (1 - 1e-15), load, load * (1 + 1e-15)])
        found = np.asarray(erlang.log_erlang_b(servers, sides))
        # a relative change x of the load moves ln B by (c - a + a B) x
        lost = float(erlang.erlang_b(servers, load))
        expected = 4e-15 * (1 + abs(servers - load + load * lost))
        assert np.ptp(found) <= expected + 2e-14 * np.abs(found).max()


def test_overload_is_bounded_in_work() -> None:
    """Next to critical with ten million servers: as precise, and not ten million steps."""
    servers = np.array([1e7, 1e7, 1e7, 1e4])
    load = np.array([1.0000001e7, 1.5e7, 2.0000001e7, 1e8])
    lost = np.asarray(erlang.erlang_b(servers, load))
    upper, lower = (np.asarray(erlang.erlang_b(servers + k, load)) for k in (0, 1))
    step = load * upper / (servers + 1 + load * upper)
    np.testing.assert_allclose(lower, step, rtol=1e-12)
    assert np.all(lost >= (load - servers) / load)


@given(st.floats(0.01, 1e6), st.floats(1e-3, 1.5), st.floats(1.0001, 2.0))
def test_laws(servers: float, ratio: float, more: float) -> None:
    load = servers * ratio
    lost, waits = erlang.erlang_b(servers, load), erlang.erlang_c(servers, load)
    assert 0 <= lost <= waits <= 1
    assert erlang.erlang_b(servers, load * more) >= lost
    assert erlang.erlang_c(servers, load * more) >= waits
    assert erlang.erlang_b(servers * more, load) <= lost


def test_domain() -> None:
    bad = erlang.erlang_b(np.array([0, -1, np.nan, 5, 5]), np.array([1, 1, 1, -1, np.nan]))
    assert np.isnan(bad).all()
    assert erlang.erlang_b(5, 0) == 0
    assert erlang.erlang_c(5, 0) == 0
    assert erlang.erlang_c(5, 5) == 1
    assert erlang.erlang_c(5, 7) == 1
    assert erlang.log_erlang_b(5, 0) == -np.inf
    assert isinstance(erlang.erlang_b(5, 3), float)


def test_neighbours_do_not_matter() -> None:
    generator = np.random.default_rng(1)
    servers = np.exp(generator.uniform(np.log(0.1), np.log(1e6), 40_000))
    servers[::2] = np.ceil(servers[::2])
    load = servers * generator.uniform(0.01, 3.0, servers.size)
    chosen = generator.integers(0, servers.size, 300)
    for name in ("erlang_b", "erlang_c", "log_erlang_b", "log_erlang_c"):
        function = getattr(erlang, name)
        together = np.asarray(function(servers, load))[chosen]
        alone = np.array([function(servers[i], load[i]) for i in chosen])
        np.testing.assert_allclose(together, alone, rtol=1e-14, atol=0)


@pytest.mark.parametrize("servers", [1.0, 19.0, 20.0, 20.5, 1e6])
def test_the_smallest_loads(servers: float) -> None:
    """Down to denormal numbers: nothing is lost, nobody waits, the logarithms are right."""
    load = np.array([1e-290, 1e-305, 2.0**-1070])
    assert (erlang.erlang_b(servers, load) <= load * (1 + 1e-15)).all()
    wanted = [float(servers * mp.log(each) - mp.loggamma(servers + 1)) for each in load]
    assert erlang.log_erlang_b(servers, load) == pytest.approx(wanted, rel=1e-14)
