"""Exact mean waits of G/G/c, and from them the table of errors of the named approximations.

Run as a script, this writes the table anew.
"""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from capcalc.theory.queues import gg1, ggc, mdc, mgc

Matrix = NDArray[np.float64]

TABLE = Path(mdc.__file__).with_name("approximations.csv")
COLUMNS = (
    "formula",
    "law_of_arrivals",
    "law_of_service",
    "arrival_scv",
    "scv",
    "servers",
    "utilization",
    "exact_wait",
    "approximate_wait",
    "relative_error",
)
LOADS = (0.3, 0.5, 0.7, 0.9, 0.95)
SERVERS = (1, 2, 8, 32)


@dataclass(frozen=True)
class Law:
    """A law of times of mean 1: its name, its scv, and its phases unless it is a fixed time."""

    name: str
    scv: float

    def phases(self) -> tuple[Matrix, Matrix]:
        """Shares that start in each phase, and the rates between them and out of them."""
        if self.name == "exponential":
            return np.ones(1), -np.ones((1, 1))
        if self.name == "erlang":
            stages = round(1 / self.scv)
            between = np.diag(np.full(stages - 1, float(stages)), 1)
            return np.eye(stages)[0], between - stages * np.eye(stages)
        share, rates = (_balanced if self.name == "hyperexponential" else _gamma_like)(self.scv)
        return share, -np.diag(rates)


def _balanced(scv: float) -> tuple[Matrix, Matrix]:
    """Two branches that bring the same work each."""
    share = 0.5 * (1 + np.sqrt((scv - 1) / (scv + 1)))
    shares = np.array([share, 1 - share])
    return shares, 2 * shares


def _gamma_like(scv: float) -> tuple[Matrix, Matrix]:
    """Two branches with three moments of a gamma time, as roots of the moments' equation."""
    first, second, third = 1.0, (1 + scv) / 2, (1 + scv) * (1 + 2 * scv) / 6  # over factorials
    slope = (third - first * second) / (second - first**2)
    means = np.roots([1.0, -slope, slope * first - second])
    share = (first - means[1]) / (means[0] - means[1])
    return np.array([share, 1 - share]), 1 / means


FIXED = Law("fixed", 0.0)
ARRIVALS = (
    FIXED,
    Law("erlang", 0.25),
    Law("erlang", 0.5),
    Law("exponential", 1.0),
    Law("hyperexponential", 4.0),
)
SERVICES = (*ARRIVALS, Law("hyperexponential of gamma's moments", 4.0))


def known(arrivals: Law, service: Law, servers: int) -> bool:
    """Whether the exact wait is within reach."""
    if FIXED in (arrivals, service):
        return "exponential" in (arrivals.name, service.name)
    return servers < 32 or service.scv != 0.25


def exact_wait(arrivals: Law, service: Law, servers: int, utilization: float) -> float:
    """Mean wait, in services."""
    rate = utilization * servers
    if service == FIXED:
        return float(mdc.mean_wait(rate, 1.0, servers))
    if arrivals == FIXED:
        return regular_arrivals(rate, servers)
    return by_levels(arrivals, service, rate, servers)


def regular_arrivals(rate: float, servers: int) -> float:
    """D/M/c by the chain just before arrivals: who is there then only leaves, for a fixed time."""
    load = rate / servers
    share = 0.0  # of the geometric tail: x = exp(-(1 - x) / load)
    for _ in range(2000):
        share = np.exp(-(1 - share) / load)
    states = servers + 2 + int(np.ceil(-40 / np.log(share)))
    leaving = np.minimum(np.arange(states), servers)
    fewer = np.diag(leaving[1:].astype(float), -1) - np.diag(leaving.astype(float))
    after = linalg.expm(fewer / rate)
    moves = np.vstack([after[1:], after[-1:]])  # one more is there at once; the last is turned away
    seen = _stationary(moves - np.eye(states))
    return float(seen[servers:] @ np.arange(1, states - servers + 1)) / servers


def _stationary(generator: Matrix) -> Matrix:
    """Elimination without subtraction (Grassmann, Taksar, Heyman)."""
    rates = generator.copy()
    size = rates.shape[0]
    for last in range(size - 1, 0, -1):
        rates[:last, last] /= rates[last, :last].sum()
        rates[:last, :last] += np.outer(rates[:last, last], rates[last, :last])
    found = np.zeros(size)
    found[0] = 1
    for state in range(1, size):
        found[state] = found[:state] @ rates[:state, state]
    return np.asarray(found / found.sum())


@cache
def _configurations(phases: int, busy: int) -> dict[tuple[int, ...], int]:
    """Busy servers by phase, numbered."""
    kept = (
        tuple(np.bincount(np.array(each, dtype=int), minlength=phases).tolist())
        for each in map(list, itertools.combinations_with_replacement(range(phases), busy))
    )
    return {each: place for place, each in enumerate(kept)}


def _moved(place: tuple[int, ...], out: int | None, into: int | None) -> tuple[int, ...]:
    new = list(place)
    if out is not None:
        new[out] -= 1
    if into is not None:
        new[into] += 1
    return tuple(new)


def _service_matrices(service: Law, busy: int) -> tuple[Matrix, Matrix, Matrix, Matrix]:
    """With so many busy: one starts, phases change, one ends, one ends and the next starts."""
    start, rates = service.phases()
    ends = -rates.sum(axis=1)
    count = start.size
    here, more = _configurations(count, busy), _configurations(count, busy + 1)
    less = _configurations(count, busy - 1) if busy else {}
    begin = np.zeros((len(here), len(more)))
    within, again = np.zeros((len(here), len(here))), np.zeros((len(here), len(here)))
    end = np.zeros((len(here), max(1, len(less))))
    for place, row in here.items():
        for j in range(count):
            begin[row, more[_moved(place, None, j)]] += start[j]
        for i in np.flatnonzero(place):
            within[row, row] += place[i] * rates[i, i]
            end[row, less[_moved(place, i, None)]] += place[i] * ends[i]
            for j in range(count):
                again[row, here[_moved(place, i, j)]] += place[i] * ends[i] * start[j]
                if j != i:
                    within[row, here[_moved(place, i, j)]] += place[i] * rates[i, j]
    return begin, within, end, again


def by_levels(arrivals: Law, service: Law, rate: float, servers: int) -> float:
    """PH/PH/c as a quasi-birth-death process; levels are the numbers there."""
    start, between = arrivals.phases()
    quiet, arrive = rate * between, rate * np.outer(-between.sum(axis=1), start)
    up, local, down = [], [], []
    for busy in range(servers + 1):
        begin, within, end, again = _service_matrices(service, busy)
        up.append(np.kron(arrive, begin))
        local.append(np.kron(quiet, np.eye(len(within))) + np.kron(np.eye(start.size), within))
        down.append(np.kron(np.eye(start.size), end))
    full = np.kron(arrive, np.eye(len(within)))
    renew = np.kron(np.eye(start.size), again)
    ratio = np.linalg.solve(-(local[-1] + full @ _passage(full, local[-1], renew)).T, full.T).T
    ratios = [np.zeros(0)] * (servers + 1)
    following = local[-1] + ratio @ renew
    for level in range(servers, 0, -1):
        ratios[level] = np.linalg.solve(-following.T, up[level - 1].T).T
        following = local[level - 1] + ratios[level] @ down[level]
    share = _stationary(following)
    total = share.sum()
    for level in range(1, servers):
        share = share @ ratios[level]
        total += share.sum()
    share = share @ ratios[servers]
    tail = np.linalg.inv(np.eye(len(ratio)) - ratio)
    total += (share @ tail).sum()
    return float((share @ ratio @ tail @ tail).sum() / total / rate)


def _passage(up: Matrix, local: Matrix, down: Matrix) -> Matrix:
    """First passage to the level below, by logarithmic reduction (Latouche, Ramaswami)."""
    eye = np.eye(len(local))
    higher, lower = np.linalg.solve(-local, up), np.linalg.solve(-local, down)
    found, climbed = lower.copy(), higher.copy()
    for _ in range(60):
        stay = eye - higher @ lower - lower @ higher
        both = np.linalg.solve(stay, np.hstack([higher @ higher, lower @ lower]))
        higher, lower = both[:, : len(eye)], both[:, len(eye) :]
        added = climbed @ lower
        found += added
        if added.max() < 1e-15:
            break
        climbed = climbed @ higher
    return found


def approximations(
    arrivals: Law, service: Law, servers: int, utilization: float
) -> Iterator[tuple[str, float]]:
    """Names and waits of the formulas that are made for this cell."""
    rate = utilization * servers
    spread = arrivals.scv, service.scv
    if servers == 1:
        yield "heavy_traffic", float(gg1.mean_wait_heavy_traffic(rate, 1.0, *spread))
        yield "kingman_bound", float(gg1.mean_wait_kingman_bound(rate, 1.0, *spread))
        yield "marchal", float(gg1.mean_wait_marchal(rate, 1.0, *spread))
    yield "kraemer_langenbach_belz", float(ggc.mean_wait(rate, 1.0, servers, *spread))
    yield "allen_cunneen", float(ggc.mean_wait_allen_cunneen(rate, 1.0, servers, *spread))
    yield "bolch", float(ggc.mean_wait_bolch(rate, 1.0, servers, *spread))
    yield "sakasegawa", float(ggc.mean_wait_sakasegawa(rate, 1.0, servers, *spread))
    if arrivals.scv == 1:
        yield "lee_longton", float(mgc.mean_wait(rate, 1.0, servers, service.scv))


def cells() -> list[tuple[Law, Law, int, float]]:
    """All that is measured."""
    every = itertools.product(ARRIVALS, SERVICES, SERVERS, LOADS)
    return [cell for cell in every if known(*cell[:3])]


def rows(cell: tuple[Law, Law, int, float]) -> Iterator[tuple[object, ...]]:
    """Lines of the table for a cell."""
    arrivals, service, servers, utilization = cell
    wait = exact_wait(*cell)
    for formula, found in approximations(*cell):
        yield (
            formula,
            arrivals.name,
            service.name,
            arrivals.scv,
            service.scv,
            servers,
            utilization,
            f"{wait:.9g}",
            f"{found:.9g}",
            f"{round(found / wait - 1, 6) + 0.0:.9g}",
        )


def write() -> None:
    """The table of errors, by formula."""
    found = [row for cell in cells() for row in rows(cell)]
    order = list(dict.fromkeys(str(row[0]) for row in found))
    found.sort(key=lambda row: order.index(str(row[0])))
    with TABLE.open("w", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(found)


if __name__ == "__main__":
    write()
