"""G/G/1 and G/G/c: each named formula against outside numbers, limits, order, and bad input."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from fractions import Fraction
from types import ModuleType
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shared import cases

from capcalc.theory.queues import gg1, ggc, mg1, mgc, mmc

GG1 = (
    "mean_wait",
    "mean_wait_heavy_traffic",
    "mean_wait_kingman_bound",
    "mean_wait_marchal",
)
GGC = ("mean_wait", "mean_wait_allen_cunneen", "mean_wait_bolch", "mean_wait_sakasegawa")
REST = ("mean_response", "mean_queue_length", "mean_number")
FORMULAS: list[tuple[ModuleType, str]] = [(gg1, n) for n in GG1] + [(ggc, n) for n in GGC]
every = pytest.mark.parametrize(
    ("queue", "name"), FORMULAS, ids=[f"{q.__name__[-3:]}.{n}" for q, n in FORMULAS]
)

CASES = cases("single_station_general.json", "gg1_approximations", "ggc_approximations")
#: What the cases call the formulas, and their functions.
NAMED: dict[str, Callable[..., Any]] = {
    "wq_heavy_traffic_vut": gg1.mean_wait_heavy_traffic,
    "wq_kingman_upper_bound": gg1.mean_wait_kingman_bound,
    "wq_klb": gg1.mean_wait,
    "wq_allen_cunneen_erlang_c": ggc.mean_wait_allen_cunneen,
    "wq_allen_cunneen_bolch_pm": ggc.mean_wait_bolch,
    "wq_sakasegawa": ggc.mean_wait_sakasegawa,
}


def number(value: Any) -> float:
    return float(Fraction(value)) if isinstance(value, str) else float(value)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_reference_cases(case: dict[str, Any]) -> None:
    names = ["arrival_rate", "service_rate", "servers", "arrival_scv", "service_scv"]
    arguments = [number(case["params"][key]) for key in names if key in case["params"]]
    for key, wanted in case["expected"].items():
        found = float(NAMED[key](*arguments))
        assert found == pytest.approx(number(wanted), rel=case["rtol"]), key


STREAMS = cases("advanced.json", "qna_whitt")


@pytest.mark.parametrize("case", STREAMS, ids=[case["id"] for case in STREAMS])
def test_nodes_of_whitts_analyzer(case: dict[str, Any]) -> None:
    """The wait at each node from its own stream; without the factor for bursty arrivals."""
    params, expected = case["params"], case["expected"]
    for i, wanted in enumerate(expected["Wq"]):
        rate, arrivals = expected["node_arrival_rate"][i], expected["arrival_scv"][i]
        mean, scv = number(params["service_times"][i]), number(params["service_scv"][i])
        servers = params["servers"][i]
        regular = arrivals < 1 and servers == 1
        formula = ggc.mean_wait if regular else ggc.mean_wait_allen_cunneen
        found = float(formula(rate, 1 / mean, servers, arrivals, scv))
        assert found == pytest.approx(number(wanted), rel=case["rtol"])
        load = float(ggc.utilization(rate, 1 / mean, servers, arrivals, scv))
        assert load == pytest.approx(number(expected["utilization"][i]), rel=case["rtol"])


def arguments(queue: ModuleType, share: float, servers: int, *rest: Any) -> tuple[Any, ...]:
    return (share, 1.0, *rest) if queue is gg1 else (share * servers, 1.0, servers, *rest)


@pytest.mark.parametrize("share", [2**-20, 0.3, 0.75, 0.96875, 1 - 2**-36])
@pytest.mark.parametrize(("arrivals", "scv"), [(0.0, 0.0), (0.25, 0.5), (1.0, 3.0), (4.0, 0.25)])
@mp.workdps(40)
def test_one_server_against_forty_digits(share: float, arrivals: float, scv: float) -> None:
    """The printed formulas, typed in anew."""
    rho, a, s = mp.mpf(share), mp.mpf(arrivals), mp.mpf(scv)
    plain = rho / (1 - rho) * (a + s) / 2
    bound = rho * (a / rho**2 + s) / (2 * (1 - rho))
    if arrivals < 1:
        power = -2 * (1 - rho) * (1 - a) ** 2 / (3 * rho * (a + s)) if a + s else mp.mpf(0)
    else:
        power = -(1 - rho) * (a - 1) / (a + 4 * s)
    wanted = {
        "mean_wait": plain * mp.exp(power),
        "mean_wait_heavy_traffic": plain,
        "mean_wait_kingman_bound": bound,
        "mean_wait_marchal": bound * (1 + s) / (1 / rho**2 + s),
    }
    for name, value in wanted.items():
        found = float(getattr(gg1, name)(share, 1.0, arrivals, scv))
        assert found == pytest.approx(float(value), rel=1e-12, abs=1e-290), name
    for name in ("mean_wait_allen_cunneen", "mean_wait_sakasegawa"):  # both exact for M/M/1
        found = float(getattr(ggc, name)(share, 1.0, 1, arrivals, scv))
        assert found == pytest.approx(float(plain), rel=1e-12, abs=0), name


shares, scvs, counts = st.floats(0.01, 0.999), st.floats(0, 20), st.integers(1, 300)


@given(share=shares, scv=scvs)
def test_poisson_arrivals_at_one_server_are_exact(share: float, scv: float) -> None:
    wanted = float(mg1.mean_wait(share, 1.0, scv))
    for name in ("mean_wait", "mean_wait_heavy_traffic", "mean_wait_marchal"):
        found = float(getattr(gg1, name)(share, 1.0, 1.0, scv))
        assert found == pytest.approx(wanted, rel=1e-12), name
    assert float(gg1.mean_wait_kingman_bound(share, 1.0, 1.0, scv)) > wanted
    for name in ("mean_wait", "mean_wait_allen_cunneen", "mean_wait_sakasegawa"):
        found = float(getattr(ggc, name)(share, 1.0, 1, 1.0, scv))
        assert found == pytest.approx(wanted, rel=1e-12), name
    # Bolch's share that waits is the load itself, where it is used
    bolch = float(ggc.mean_wait_bolch(share, 1.0, 1, 1.0, scv))
    assert bolch == pytest.approx(wanted, rel=1e-12)


@given(share=shares, scv=scvs, servers=counts)
def test_poisson_arrivals_at_several_servers(share: float, scv: float, servers: int) -> None:
    rate = share * servers
    for name in ("mean_wait", "mean_wait_allen_cunneen"):
        found = float(getattr(ggc, name)(rate, 1.0, servers, 1.0, scv))
        wanted = float(mgc.mean_wait(rate, 1.0, servers, scv))
        assert found == pytest.approx(wanted, rel=1e-12), name
        found = float(getattr(ggc, name)(rate, 1.0, servers, 1.0, 1.0))
        assert found == float(mmc.mean_wait(rate, 1.0, servers)), name


@every
@given(
    share=st.floats(0.01, 0.98),
    more=st.floats(1.0001, 1.02),
    servers=st.integers(1, 64),
    arrivals=scvs,
    scv=scvs,
)
@settings(deadline=None)
def test_waits_grow_with_load_and_spread(
    queue: ModuleType,
    name: str,
    share: float,
    more: float,
    servers: int,
    arrivals: float,
    scv: float,
) -> None:
    function = getattr(queue, name)
    wait = float(function(*arguments(queue, share, servers, arrivals, scv)))
    busier = float(function(*arguments(queue, share * more, servers, arrivals, scv)))
    rough = float(function(*arguments(queue, share, servers, arrivals, scv * 1.1 + 0.01)))
    assert rough >= wait * (1 - 1e-12)
    if name != "mean_wait_kingman_bound":  # which falls with load while it is light
        crossed = name == "mean_wait_bolch" and share < 0.7 <= share * more
        assert crossed or busier >= wait * (1 - 1e-12)
    if name != "mean_wait":  # Kraemer and Langenbach-Belz' factor falls with bursts at light load
        burst = float(function(*arguments(queue, share, servers, arrivals * 1.1 + 0.01, scv)))
        assert burst >= wait * (1 - 1e-12)


@given(share=shares, arrivals=scvs, scv=scvs)
def test_no_formula_is_above_the_bound(share: float, arrivals: float, scv: float) -> None:
    top = float(gg1.mean_wait_kingman_bound(share, 1.0, arrivals, scv)) * (1 + 1e-12)
    for name in ("mean_wait", "mean_wait_heavy_traffic", "mean_wait_marchal"):
        assert float(getattr(gg1, name)(share, 1.0, arrivals, scv)) <= top, name
    factor = float(ggc.correction(*(np.asarray(x) for x in (share, arrivals, scv + 1e-9))))
    assert 0 <= factor <= 1


@given(arrivals=st.floats(0.01, 20), scv=st.floats(0.01, 20), servers=counts)
def test_heavy_traffic_joins_the_formulas(arrivals: float, scv: float, servers: int) -> None:
    """A hair below saturation they are all (c_a^2 + c_s^2) / 2 over the rate to spare."""
    spare = 2.0**-34
    for queue, name in FORMULAS:
        count = servers if queue is ggc else 1
        rest = (count,) if queue is ggc else ()
        found = float(getattr(queue, name)(count - spare, 1.0, *rest, arrivals, scv))
        wanted = (arrivals + scv) / 2 / spare
        assert found == pytest.approx(wanted, rel=3e-6), (queue.__name__, name)


@given(
    share=shares, arrivals=scvs, scv=scvs, servers=st.integers(1, 64), speed=st.floats(1e-3, 1e3)
)
def test_little_and_units(
    share: float, arrivals: float, scv: float, servers: int, speed: float
) -> None:
    for queue, head in (
        (gg1, (share * speed, speed)),
        (ggc, (share * servers * speed, speed, servers)),
    ):
        rest = (*head, arrivals, scv)
        wait, response = float(queue.mean_wait(*rest)), float(queue.mean_response(*rest))
        assert response == pytest.approx(wait + 1 / speed, rel=1e-13)
        assert float(queue.mean_queue_length(*rest)) == pytest.approx(head[0] * wait, rel=1e-13)
        assert float(queue.mean_number(*rest)) == pytest.approx(head[0] * response, rel=1e-13)
        assert float(queue.utilization(*rest)) == pytest.approx(share, rel=1e-13)
    one = (share * speed, speed)
    assert float(gg1.mean_wait(*one, arrivals, scv)) == float(ggc.mean_wait(*one, 1, arrivals, scv))


def test_bolch_against_the_book() -> None:
    """Both branches of the probability of waiting, in exact fractions."""
    for share, servers in ((Fraction(1, 2), 3), (Fraction(9, 10), 4), (Fraction(3, 4), 5)):
        waits = (
            (share**servers + share) / 2
            if share > Fraction(7, 10)
            else share ** ((servers + 1) // 2)
        )
        wanted = waits / (servers * (1 - share)) * Fraction(3, 2) / 2
        found = float(ggc.mean_wait_bolch(float(share * servers), 1.0, servers, 0.5, 1.0))
        assert found == pytest.approx(float(wanted), rel=1e-13)


@every
def test_bad_input(queue: ModuleType, name: str) -> None:
    """Out of domain is nan, saturated infinite; nothing warns or raises."""
    function = getattr(queue, name)
    good = arguments(queue, 0.5, 4, 0.5, 2.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for place in range(len(good)):
            bad = [np.nan, -1.0] + ([0.0] if place == 1 else [])
            bad += [0.0, 0.5] if queue is ggc and place == 2 else []
            for value in bad:
                given_ = list(good)
                given_[place] = value
                assert np.isnan(function(*given_)), (place, value)
                for other in REST:
                    assert np.isnan(getattr(queue, other)(*given_)), (other, place, value)
        for share in (1.0, 1.5):
            full = arguments(queue, share, 4, 0.5, 2.0)
            assert function(*full) == np.inf
            for other in REST:
                assert getattr(queue, other)(*full) == np.inf
            assert float(queue.utilization(*full)) == share
        idle = arguments(queue, 0.0, 4, 0.5, 2.0)
        if name == "mean_wait_kingman_bound":
            assert np.isnan(function(*idle))  # the bound has no value without arrivals
        else:
            assert float(function(*idle)) == 0
        assert float(function(*arguments(queue, 0.5, 4, 0.0, 0.0))) == 0  # nothing varies
        grid = [0.0, -1.0, np.nan, np.inf, 1e308, 1e-308, 3.0][:: 1 if queue is gg1 else 2]
        mesh = np.meshgrid(*[grid] * len(good))
        found = function(*mesh)
        assert np.isnan(found[np.isnan(np.array(mesh)).any(axis=0)]).all()


@every
def test_neighbours_do_not_matter(queue: ModuleType, name: str) -> None:
    function = getattr(queue, name)
    parts = np.array([[0.0, 0.3, 0.9], [0.99999, 1.0, np.nan]])
    arrivals = np.array([[[0.0]], [[1.0]], [[4.0]]])
    together = function(*arguments(queue, parts, 3, arrivals, 0.5))
    assert together.shape == (3, 2, 3)
    for index in np.ndindex(together.shape):
        alone = function(
            *arguments(queue, parts[index[1:]], 3, float(arrivals[index[0], 0, 0]), 0.5)
        )
        np.testing.assert_allclose(together[index], alone, rtol=1e-14, atol=0)
    assert isinstance(function(*arguments(queue, 0.5, 3, 0.5, 2.0)), float)
