"""M/M/c and M/M/1 over the range of doubles, against 50 digits: a table of worst errors."""

from __future__ import annotations

from collections.abc import Iterator

import mpmath as mp
import numpy as np
import pytest
import references
from accuracy import Table

from capcalc.theory.queues import mm1, mmc

#: Servers of a region, and how many loads of each sort are tried there.
REGIONS = {
    "1 server": (1, 1, 30),
    "2 to 20 servers": (2, 20, 30),
    "20 to 1e3 servers": (20, 1e3, 30),
    "1e3 to 1e6 servers": (1e3, 1e6, 12),
    "1e6 to 1e9 servers": (1e6, 1e9, 3),
}


def points() -> Iterator[tuple[str, float, float, int]]:
    """Loads from 1e-12 to one part in 1e12 of saturation, at a speed that is no round number."""
    generator = np.random.default_rng(20261123)
    for region, (least, most, count) in REGIONS.items():
        for sort in ("idle", "middle", "busy", "saturated"):
            for _ in range(count):
                servers = round(np.exp(generator.uniform(np.log(least), np.log(most))))
                speed = float(np.exp(generator.uniform(-7, 7)))
                share = {
                    "idle": 10 ** generator.uniform(-12, -1),
                    "middle": generator.uniform(0.1, 0.9),
                    "busy": 1 - 10 ** generator.uniform(-4, -1),
                    "saturated": 1 - 10 ** generator.uniform(-12, -4),
                }[sort]
                yield f"{region}, {sort}", servers * speed * share, speed, servers


def wait_quantile(p: float) -> references.mp.mpf:
    def reference(rate: mp.mpf, speed: mp.mpf, servers: mp.mpf) -> mp.mpf:
        waits = references.erlang_c(servers, rate / speed)
        beyond = 1 - mp.mpf(p)
        return mp.log(waits / beyond) / (servers * speed - rate) if waits > beyond else mp.mpf(0)

    return reference


QUESTIONS = {
    "utilization": lambda rate, speed, servers: rate / (servers * speed),
    "prob_wait": lambda rate, speed, servers: references.erlang_c(servers, rate / speed),
    "mean_wait": references.mean_wait,
    "mean_response": lambda rate, speed, servers: (
        references.mean_wait(rate, speed, servers) + 1 / speed
    ),
    "mean_queue_length": lambda rate, speed, servers: (
        rate * references.mean_wait(rate, speed, servers)
    ),
    "mean_number": lambda rate, speed, servers: (
        rate * (references.mean_wait(rate, speed, servers) + 1 / speed)
    ),
}


@pytest.fixture(scope="module")
def table() -> Table:
    found = Table()
    with mp.workdps(references.DIGITS):
        for region, rate, speed, servers in points():
            for question, reference in QUESTIONS.items():
                function = getattr(mmc, question)
                found.add("M/M/c", question, region, function, reference, (rate, speed, servers))
            found.add(
                "M/M/c",
                "wait_quantile 99 %",
                region,
                lambda rate, speed, servers: mmc.wait_quantile(0.99, rate, speed, servers),
                wait_quantile(0.99),
                (rate, speed, servers),
            )
            if servers == 1:
                for question in ("mean_wait", "mean_number"):
                    found.add(
                        "M/M/1",
                        question,
                        region,
                        getattr(mm1, question),
                        lambda rate, speed, question=question: QUESTIONS[question](
                            rate, speed, mp.mpf(1)
                        ),
                        (rate, speed),
                    )
    return found


def test_worst_errors(table: Table, capsys: pytest.CaptureFixture[str]) -> None:
    table.show(capsys)
    assert table.points >= 2000
    table.assert_within_bounds()


def test_response_quantiles_are_roots() -> None:
    """The tail at the quantile is 1 - p, to the conditioning of the tail in the time."""
    generator = np.random.default_rng(7)
    with mp.workdps(references.DIGITS):
        for region, rate, speed, servers in points():
            if "1e9" in region:
                continue
            level = float(1 - 10 ** generator.uniform(-4, -0.3))
            time = float(mmc.response_quantile(level, rate, speed, servers))
            arguments = [mp.mpf(value) for value in (rate, speed, servers)]
            tail = references.response_survival(mp.mpf(time), *arguments)
            step = mp.mpf(time) * mp.mpf("1e-20")
            slope = (references.response_survival(mp.mpf(time) + step, *arguments) - tail) / step
            miss = abs((tail - (1 - mp.mpf(level))) / slope) / time
            # near saturation the rate itself, rounded, decides: rho / (1 - rho) ulps
            spare = (servers * mp.mpf(speed) - mp.mpf(rate)) / mp.mpf(rate)
            allowed = max(mp.mpf("1e-12"), 4 * mp.mpf(2) ** -52 / spare)
            assert miss <= allowed, (region, rate, speed, servers, level, float(miss))
