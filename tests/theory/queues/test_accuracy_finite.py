"""Stations with finite room or sources against 50 digits: a table of worst errors by region."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import mpmath as mp
import numpy as np
import pytest
import references
from accuracy import Table

from capcalc.theory.queues import finite_source, mmcc, mmck

Values = tuple[mp.mpf, ...]
#: Servers of a region, and points tried there of each sort of load.
REGIONS = {
    "1 server": (1, 1, 8),
    "2 to 20": (2, 20, 8),
    "20 to 1e4": (20, 1e4, 6),
    "1e4 to 1e9": (1e4, 1e9, 2),
}


def inverse_b(servers: mp.mpf, load: mp.mpf) -> mp.mpf:
    """1/B at any load: above the servers as the sum that it is."""
    if load <= servers:
        return references.inverse_erlang_b(servers, load)
    total, term = mp.mpf(1), mp.mpf(1)
    for k in range(int(servers)):  # c (c - 1) ... / a^k, falling from the start
        term *= (servers - k) / load
        total += term
        if term < total * mp.mpf(10) ** -60:
            break
    return total


def sums(rate: mp.mpf, speed: mp.mpf, servers: mp.mpf, capacity: mp.mpf) -> Values:
    rho, m = rate / (servers * speed), int(capacity - servers)
    idle = inverse_b(servers, rate / speed)
    if rho == 1:
        return idle, rho, mp.mpf(m), mp.mpf(m) * (m + 1) / 2, m  # type: ignore[return-value]
    one = (1 - rho**m) / (1 - rho)
    weighted = rho * (1 - (m + 1) * rho**m + m * rho ** (m + 1)) / (1 - rho) ** 2
    return idle, rho, one, weighted, m  # type: ignore[return-value]


def of_mmck(question: str) -> Callable[..., mp.mpf]:
    def reference(rate: mp.mpf, speed: mp.mpf, servers: mp.mpf, capacity: mp.mpf) -> mp.mpf:
        idle, rho, one, weighted, m = sums(rate, speed, servers, capacity)
        whole = idle + rho * one
        last = rho ** int(m)
        if question == "prob_loss":
            return last / whole
        if question == "prob_wait":
            return one / (whole - last)
        if question == "mean_queue_length":
            return weighted / whole
        if question == "mean_wait":
            return weighted / (whole - last) / rate
        if question == "throughput":
            return rate * (whole - last) / whole
        return weighted / whole + rate * (whole - last) / whole / speed

    return reference


QUESTIONS = (
    "prob_loss",
    "prob_wait",
    "mean_queue_length",
    "mean_wait",
    "throughput",
    "mean_number",
)


def points() -> Iterator[tuple[str, tuple[float, float, int, int]]]:
    generator = np.random.default_rng(11)
    for region, (least, most, count) in REGIONS.items():
        for sort in ("idle", "busy", "saturated", "above", "overload"):
            for _ in range(count):
                servers = round(np.exp(generator.uniform(np.log(least), np.log(most))))
                if sort in ("above", "overload") and servers > 1e6:
                    servers = 10**6
                room = int(10 ** generator.uniform(0, 9)) - 1
                share = {
                    "idle": 10 ** generator.uniform(-12, -1),
                    "busy": 1 - 10 ** generator.uniform(-4, -0.3),
                    "saturated": 1 - 10 ** generator.uniform(-12, -4),
                    "above": 1 + 10 ** generator.uniform(-12, -2),
                    "overload": 10 ** generator.uniform(0.1, 3),
                }[sort]
                speed = float(np.exp(generator.uniform(-5, 5)))
                arguments = (float(servers * speed * share), speed, servers, servers + room)
                yield f"{region} servers, {sort}", arguments


def chain(rate: mp.mpf, speed: mp.mpf, servers: mp.mpf, people: mp.mpf) -> list[mp.mpf]:
    weights, term = [mp.mpf(1)], mp.mpf(1)
    for n in range(int(people)):
        term *= (people - n) * rate / (min(n + 1, int(servers)) * speed)
        weights.append(term)
    return weights


def of_sources(question: str) -> Callable[..., mp.mpf]:
    def reference(rate: mp.mpf, speed: mp.mpf, servers: mp.mpf, people: mp.mpf) -> mp.mpf:
        weights = chain(rate, speed, servers, people)
        whole, c, many = mp.fsum(weights), int(servers), int(people)
        if question == "prob_empty":
            return 1 / whole
        if question == "mean_number":
            return mp.fsum(n * w for n, w in enumerate(weights)) / whole
        if question == "mean_queue_length":
            return mp.fsum((n - c) * w for n, w in enumerate(weights) if n > c) / whole
        if question == "throughput":
            return speed * mp.fsum(min(n, c) * w for n, w in enumerate(weights)) / whole
        seen = [(many - n) * w for n, w in enumerate(weights)]
        return mp.fsum(seen[c:]) / mp.fsum(seen)

    return reference


def source_points() -> Iterator[tuple[str, tuple[float, float, int, int]]]:
    generator = np.random.default_rng(12)
    for region, most, count in (("few sources", 30, 15), ("to 3,000 sources", 3000, 4)):
        for sort in ("idle", "balanced", "overload"):
            for _ in range(count):
                people = int(np.exp(generator.uniform(0, np.log(most)))) + 1
                servers = int(generator.integers(1, people + 2))
                share = {"idle": (-9, -1), "balanced": (-1, 0.5), "overload": (0.5, 6)}[sort]
                rate = servers / people * 10 ** generator.uniform(*share)
                yield f"{region}, {sort}", (float(rate), 1.5, servers, people)


@pytest.fixture(scope="module")
def table() -> Table:
    found = Table()
    with mp.workdps(references.DIGITS + 30):
        for region, arguments in points():
            for question in QUESTIONS:
                function: Any = getattr(mmck, question)
                found.add("M/M/c/K", question, region, function, of_mmck(question), arguments)
            if arguments[2] <= 1e6:
                found.add(
                    "M/M/c/c",
                    "throughput",
                    region,
                    mmcc.throughput,
                    lambda rate, speed, servers: rate * (1 - 1 / inverse_b(servers, rate / speed)),
                    arguments[:3],
                )
        for region, arguments in source_points():
            for question in (
                "prob_empty",
                "prob_wait",
                "throughput",
                "mean_queue_length",
                "mean_number",
            ):
                function = getattr(finite_source, question)
                found.add("M/M/c//N", question, region, function, of_sources(question), arguments)
    return found


def test_worst_errors(table: Table, capsys: pytest.CaptureFixture[str]) -> None:
    table.show(capsys)
    assert table.points >= 900
    table.assert_within_bounds()
