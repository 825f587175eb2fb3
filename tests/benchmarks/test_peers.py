"""The same work beside other packages: `pytest -m bench -s tests/benchmarks/test_peers.py`.

They come with the extra `peers`; what is not installed is skipped with its name.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from capcalc.theory.networks import convolution
from capcalc.theory.queues import erlang, mmc

pytestmark = pytest.mark.bench


def seconds(work: Callable[[], object], rounds: int = 5) -> float:
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def told(what: str, ours: float, theirs: float, peer: str) -> None:
    print(
        f"\n{what}: capcalc {ours * 1e6:,.1f} µs, {peer} {theirs * 1e6:,.1f} µs, "
        f"{theirs / ours:,.1f} times as long"
    )


def test_mmc_in_bulk_beside_line() -> None:
    """10,000 stations of 1 to 200 servers at once; LINE's function takes one at a time."""
    basic: Any = pytest.importorskip("line_solver.api.qsys.basic", reason="line-solver is missing")
    servers = np.arange(1, 201)
    rates = servers[:, np.newaxis] * np.linspace(0.1, 0.99, 50)
    ours = seconds(lambda: mmc.mean_response(rates, 1.0, servers[:, np.newaxis]))
    found = np.asarray(mmc.mean_response(rates, 1.0, servers[:, np.newaxis]))
    sample = [(place, each) for place in range(0, 200, 20) for each in range(0, 50, 10)]

    def loop() -> list[float]:
        return [basic.qsys_mmk(rates[i, j], 1.0, int(servers[i]))["W"] for i, j in sample]

    theirs = seconds(loop) / len(sample) * rates.size
    told("10,000 x M/M/c", ours, theirs, "LINE")
    assert loop() == pytest.approx([found[i, j] for i, j in sample], rel=1e-9)
    assert ours < theirs


def test_erlang_c_of_many_servers_beside_line() -> None:
    """A million servers: LINE's station gives nan from about 780 servers on, capcalc does not."""
    basic: Any = pytest.importorskip("line_solver.api.qsys.basic", reason="line-solver is missing")
    with np.errstate(all="ignore"):
        assert not np.isfinite(basic.qsys_mmk(990.0, 1.0, 1000)["W"])
    assert float(mmc.mean_wait(990.0, 1.0, 1000)) == pytest.approx(0.0659080420880854, rel=1e-6)
    assert float(erlang.erlang_c(1e6, 1e6 - 1000)) == pytest.approx(0.22330339, rel=1e-7)


def test_erlang_c_beside_pyworkforce() -> None:
    queuing: Any = pytest.importorskip("pyworkforce.queuing", reason="pyworkforce is missing")
    peer = queuing.ErlangC(transactions=900, aht=1.0, asa=0.1, interval=10)
    theirs = seconds(lambda: peer.waiting_probability(positions=100))
    ours = seconds(lambda: erlang.erlang_c(100, 90))
    told("one Erlang C of 100 servers", ours, theirs, "pyworkforce")
    bulk = np.full(10_000, 90.0)
    many = seconds(lambda: erlang.erlang_c(100, bulk)) / bulk.size
    told("one of 10,000 of them", many, theirs, "pyworkforce")
    assert peer.waiting_probability(positions=100) == pytest.approx(
        float(erlang.erlang_c(100, 90)), rel=1e-9
    )


DEMANDS = np.array([0.01, 0.02, 0.03, 0.015, 0.005, 0.02])


def test_closed_network_beside_line() -> None:
    pfqn: Any = pytest.importorskip("line_solver.api.pfqn", reason="line-solver is missing")

    def peer() -> float:
        return float(pfqn.pfqn_mva(DEMANDS[:, None], np.array([1000]), np.array([1.0]))[0][0, 0])

    theirs = seconds(peer)
    ours = seconds(lambda: convolution.solve(1000, DEMANDS, 1.0))
    told("closed network, N = 1000, 6 stations", ours, theirs, "LINE pfqn_mva")
    assert float(convolution.solve(1000, DEMANDS, 1.0).throughput) == pytest.approx(peer())


def test_busy_multi_server_station_beside_line() -> None:
    """Think time 1 s, 50 servers of 1 s, one of 10 ms: where recursions on probabilities fail."""
    pfqn: Any = pytest.importorskip("line_solver.api.pfqn", reason="line-solver is missing")
    ours = [
        float(convolution.solve(n, [1.0, 0.01], 1.0, [50, 1]).throughput) for n in (60, 100, 200)
    ]
    with np.errstate(all="ignore"):
        theirs = [
            float(
                np.ravel(
                    pfqn.pfqn_mvams(
                        np.zeros(1),
                        np.array([[1.0], [0.01]]),
                        np.array([float(n)]),
                        np.array([1.0]),
                        np.ones(2),
                        np.array([50, 1]),
                    )[0]
                )[0]
            )
            for n in (60, 100, 200)
        ]
    print(f"\nthroughput at N = 60, 100, 200: capcalc {ours}, LINE pfqn_mvams {theirs}")
    assert ours == pytest.approx([29.7899, 48.1052, 50.0], abs=1e-4)


def test_simulation_beside_ciw() -> None:
    """One M/M/100 answered in closed form, and by a simulation of 18,000 customers."""
    ciw: Any = pytest.importorskip("ciw", reason="ciw is missing")

    def simulate() -> float:
        ciw.seed(1)
        network = ciw.create_network(
            arrival_distributions=[ciw.dists.Exponential(rate=90.0)],
            service_distributions=[ciw.dists.Exponential(rate=1.0)],
            number_of_servers=[100],
        )
        simulation = ciw.Simulation(network)
        simulation.simulate_until_max_time(200)
        records = simulation.get_all_records()
        return statistics.fmean(r.waiting_time for r in records if r.arrival_date > 20)

    theirs = seconds(simulate, 1)
    ours = seconds(lambda: mmc.mean_wait(90.0, 1.0, 100))
    told("mean wait of M/M/100", ours, theirs, "Ciw, 18,000 customers")
    assert simulate() == pytest.approx(float(mmc.mean_wait(90.0, 1.0, 100)), rel=0.8)
