"""Batch arrivals against solved chains, simulation and the queues that they contain."""

from __future__ import annotations

import warnings

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capcalc.theory.queues import batch, batch_servers, mg1, mmc


def chain_mean(rate: float, speed: float, servers: int, law: list[float], most: int) -> float:
    """Mean number by the balance equations of a truncated chain."""
    generator = np.zeros((most + 1, most + 1))
    for number in range(most + 1):
        for size, share in enumerate(law, start=1):
            generator[number, min(number + size, most)] += rate * share
        if number:
            generator[number, number - 1] += min(number, servers) * speed
    np.fill_diagonal(generator, 0.0)
    np.fill_diagonal(generator, -generator.sum(axis=1))
    system = generator.T.copy()
    system[0] = 1.0
    share_of = np.linalg.solve(system, np.eye(most + 1)[0])
    return float(share_of @ np.arange(most + 1))


LAWS = [[1.0], [0.0, 0.0, 1.0], [0.5, 0.2, 0.0, 0.3], [0.1] * 10]


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("servers", [1, 2, 7])
def test_chain(law: list[float], servers: int) -> None:
    mean = sum(size * share for size, share in enumerate(law, start=1))
    rate = 0.6 * servers * 1.3 / mean
    wanted = chain_mean(rate, 1.3, servers, law, 500)
    assert batch_servers.mean_number(rate, 1.3, servers, law) == pytest.approx(wanted, rel=1e-9)


def test_one_server_both_ways() -> None:
    for law in LAWS:
        sizes = np.arange(1, len(law) + 1)
        mean = float(sizes @ law)
        scv = float(sizes**2 @ law) / mean**2 - 1
        rate = 0.9 / mean
        for name in (
            "utilization",
            "mean_wait",
            "mean_response",
            "mean_queue_length",
            "mean_number",
        ):
            one = getattr(batch, name)(rate, 1.0, mean, scv)
            assert getattr(batch_servers, name)(rate, 1.0, 1, law) == pytest.approx(one, rel=1e-12)


@given(st.floats(0.01, 0.99), st.integers(1, 400))
def test_batches_of_one_are_mmc(load: float, servers: int) -> None:
    found = batch_servers.mean_number(load * servers, 1.0, servers, [1.0])
    assert found == pytest.approx(mmc.mean_number(load * servers, 1.0, servers), rel=1e-11)


@given(st.floats(0.01, 0.99), st.floats(0, 9))
def test_batches_of_one_are_mg1(load: float, scv: float) -> None:
    assert batch.mean_wait(load, 1.0, 1.0, 0.0, scv) == pytest.approx(
        mg1.mean_wait(load, 1.0, scv), rel=1e-13
    )


@given(st.floats(0.05, 0.9), st.floats(1, 50), st.floats(0, 3))
def test_waits_grow_with_batches_and_load(load: float, size: float, spread: float) -> None:
    wait = float(batch.mean_wait(load / size, 1.0, size, spread))
    assert wait < batch.mean_wait(1.05 * load / size, 1.0, size, spread)
    assert wait < batch.mean_wait(load / size / 2, 1.0, 2 * size, spread)
    assert wait < batch.mean_wait(load / size, 1.0, size, spread + 0.5)


def test_waits_of_a_simulated_station_with_batches() -> None:
    """Lindley's recursion for the batch, then request by request; sizes 1 to 5, H2 service."""
    generator = np.random.default_rng(7)
    means = []
    for _ in range(12):
        count = 20_000
        size = generator.integers(1, 6, count)
        slow = generator.random(size.sum()) < 0.25
        service = generator.exponential(np.where(slow, 2.0, 2 / 3), size.sum())
        ends = np.cumsum(size)
        within = np.cumsum(service) - service
        own = within - np.repeat(within[ends - size], size)
        work = np.add.reduceat(service, ends - size)
        gap = generator.exponential(5.0, count)
        steps = np.concatenate([[0.0], np.cumsum(work[:-1] - gap[1:])])
        first = steps - np.minimum.accumulate(steps)
        means.append(np.mean((np.repeat(first, size) + own)[1000:]))
    # second moment of the service: 0.25 * 2 * 4 + 0.75 * 2 * 4 / 9
    scv = 0.25 * 8 + 0.75 * 8 / 9 - 1
    wanted = float(batch.mean_wait(0.2, 1.0, 3.0, 2 / 9, scv))
    error = np.std(means, ddof=1) / np.sqrt(len(means))
    assert abs(np.mean(means) - wanted) < 4 * error
    assert error < 0.05 * wanted


@pytest.mark.parametrize("load", [1e-9, 0.3, 0.999999])
@pytest.mark.parametrize("servers", [3, 200, 1500])
def test_digits(load: float, servers: int) -> None:
    """The same recursion with 40 digits, summed to the end of the law by its balance."""
    law = [0.25, 0.0, 0.5, 0.25]
    rate = servers * load / 2.75
    with mp.workdps(40):
        tails = [mp.mpf(1), mp.mpf("0.75"), mp.mpf("0.75"), mp.mpf("0.25")]
        shares = [mp.mpf(1)]
        for number in range(1, servers):
            shares.append(
                sum(shares[-1 - k] * tails[k] for k in range(min(4, number))) * rate / number
            )
        idle = sum((servers - m) * share for m, share in enumerate(shares))
        held = sum(m * (servers - m) * share for m, share in enumerate(shares))
        spare = servers - mp.mpf(rate) * mp.mpf("2.75")
        pairs = (mp.mpf("2.75") + mp.mpf("8.75")) / 2
        wanted = mp.mpf(rate) * pairs / spare + held / idle
        found = mp.mpf(float(batch_servers.mean_number(rate, 1.0, servers, law)))
        assert abs(found / wanted - 1) < 1e-12


def test_out_of_range_and_neighbours() -> None:
    rates = np.array([0.1, np.nan, -1.0, 0.5, 3.0, np.inf, 0.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in ("mean_wait", "mean_number", "mean_queue_length", "mean_response"):
            found = np.asarray(getattr(batch, name)(rates, 1.0, 2.0))
            several = np.asarray(getattr(batch_servers, name)(rates, 1.0, 1, [0.0, 1.0]))
            for values in (found, several):
                assert np.isfinite(values[0])
                assert np.isnan(values[[1, 2, 5]]).all(), name
                assert (values[[3, 4]] == np.inf).all(), name
            together = [getattr(batch_servers, name)(r, 1.0, 1, [0.0, 1.0]) for r in rates]
            assert np.array_equal(several, together, equal_nan=True)
        mixed = np.asarray(batch_servers.mean_number(1.0, 1.0, [3, 2000, 2.5, 5000], [1.0]))
        assert mixed[0] == batch_servers.mean_number(1.0, 1.0, 3, [1.0])
        assert np.isnan(mixed[[2, 3]]).all()
        assert np.isnan(batch.mean_wait(0.1, 1.0, 0.5))
        assert np.isnan(batch_servers.mean_number(0.1, 1.0, 1, [0.5, -0.5, 1.0]))
        assert np.isnan(batch_servers.mean_number(0.1, 1.0, 1, [0.0, 0.0]))
    assert batch.utilization(3.0, 1.0, 2.0) == 6.0
