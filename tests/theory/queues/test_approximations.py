"""The kept table of errors: recomputed, its exact waits checked by other routes, and its use."""

from __future__ import annotations

import csv
import itertools
import re
import warnings
from collections import defaultdict

import numpy as np
import pytest
from approximation_references import (
    ARRIVALS,
    COLUMNS,
    FIXED,
    LOADS,
    SERVERS,
    SERVICES,
    TABLE,
    Law,
    by_levels,
    cells,
    exact_wait,
    known,
    regular_arrivals,
    rows,
)
from scipy import stats

from capcalc.theory.queues import approximations, em1, ggc, mdc, mg1, mmc

EXPONENTIAL = Law("exponential", 1.0)
FIELDS = [name for name in COLUMNS if name.startswith(("law", "arr", "scv", "ser", "util"))]


@pytest.fixture(scope="module")
def table() -> dict[tuple[str, ...], list[dict[str, str]]]:
    """Lines by cell."""
    found = defaultdict(list)
    with TABLE.open(newline="") as stream:
        for line in csv.DictReader(stream):
            found[tuple(line[name] for name in FIELDS)].append(line)
    return dict(found)


def key(cell: tuple[Law, Law, int, float]) -> tuple[str, ...]:
    arrivals, service, *rest = cell
    return tuple(map(str, (arrivals.name, service.name, arrivals.scv, service.scv, *rest)))


def check(
    table: dict[tuple[str, ...], list[dict[str, str]]], cell: tuple[Law, Law, int, float]
) -> None:
    kept = table[key(cell)]
    found = list(rows(cell))
    assert [line["formula"] for line in kept] == [row[0] for row in found]
    for line, row in zip(kept, found, strict=True):
        for name, value in list(zip(COLUMNS, row, strict=True))[-3:]:
            wanted = float(str(value))
            assert float(line[name]) == pytest.approx(wanted, rel=1e-6, abs=2e-6 * wanted), name


CELLS = cells()


@pytest.mark.parametrize("cell", CELLS[::17], ids=lambda cell: "-".join(key(cell)))
def test_a_sample_of_the_table(
    table: dict[tuple[str, ...], list[dict[str, str]]], cell: tuple[Law, Law, int, float]
) -> None:
    check(table, cell)


@pytest.mark.slow
def test_the_whole_table(table: dict[tuple[str, ...], list[dict[str, str]]]) -> None:
    for cell in CELLS:
        check(table, cell)


def test_the_table_is_whole(table: dict[tuple[str, ...], list[dict[str, str]]]) -> None:
    assert set(table) == {key(cell) for cell in CELLS}
    assert {cell[2] for cell in CELLS} == set(SERVERS)
    assert {cell[3] for cell in CELLS} == set(LOADS)
    assert {line["formula"] for part in table.values() for line in part} == set(
        approximations.NAMES
    )
    for line in itertools.chain(*table.values()):
        exact, found = float(line["exact_wait"]), float(line["approximate_wait"])
        assert float(line["relative_error"]) == pytest.approx(found / exact - 1, rel=1e-6, abs=1e-6)


# --- the exact waits by other routes ----------------------------------------------------------


@pytest.mark.parametrize("load", LOADS)
def test_levels_against_closed_forms(load: float) -> None:
    for servers in SERVERS:
        found = by_levels(EXPONENTIAL, EXPONENTIAL, load * servers, servers)
        assert found == pytest.approx(float(mmc.mean_wait(load * servers, 1, servers)), rel=1e-12)
    for service in SERVICES[1:]:
        found = by_levels(EXPONENTIAL, service, load, 1)
        assert found == pytest.approx(float(mg1.mean_wait(load, 1, service.scv)), rel=1e-11)
    for arrivals in ARRIVALS[1:3]:
        found = by_levels(arrivals, EXPONENTIAL, load, 1)
        wanted = float(em1.mean_wait(load, 1, 1 / arrivals.scv))
        assert found == pytest.approx(wanted, rel=1e-11)
    share = float(em1.prob_wait(load, 1, 1e9))
    assert regular_arrivals(load, 1) == pytest.approx(share / (1 - share), rel=1e-7)


@pytest.mark.parametrize("load", [0.3, 0.9])
def test_many_stages_become_fixed_times(load: float) -> None:
    """E_k/M/2 and M/E_k/2 in powers of 1/k, and of its root, reach D/M/2 and M/D/2."""
    k = np.array([4.0, 8.0, 16.0, 32.0])
    stages = [Law("erlang", 1 / each) for each in k]
    arrivals = [by_levels(law, EXPONENTIAL, 2 * load, 2) for law in stages]
    found = np.linalg.solve(k[:, np.newaxis] ** [0, -1, -2, -3], arrivals)[0]
    assert found == pytest.approx(regular_arrivals(2 * load, 2), rel=1e-3)
    services = [by_levels(EXPONENTIAL, law, 2 * load, 2) for law in stages]
    found = np.linalg.solve(k[:, np.newaxis] ** [0, -1, -1.5, -2], services)[0]
    assert found == pytest.approx(float(mdc.mean_wait(2 * load, 1, 2)), rel=1e-3)


@pytest.mark.parametrize("service", [SERVICES[2], SERVICES[4]])
@pytest.mark.parametrize("arrivals", [ARRIVALS[2], ARRIVALS[4]])
def test_levels_against_a_chain_of_named_servers(arrivals: Law, service: Law) -> None:
    """Two phases each, two servers: who serves in which phase, and up to 120 in queue."""
    begin, between = arrivals.phases()
    start, inner = service.phases()
    comes, ends, rate, top = -between.sum(axis=1), -inner.sum(axis=1), 0.8, 120
    states = {
        state: i
        for i, state in enumerate(
            itertools.product(range(top), range(2), (None, 0, 1), (None, 0, 1))
        )
    }  # in queue, phase of arrivals, phase of each server
    moves = np.zeros((len(states), len(states)))
    for (queue, phase, *each), row in states.items():
        if queue and None in each:
            continue
        moves[row, states[queue, 1 - phase, *each]] += rate * between[phase, 1 - phase]
        for after in range(2):
            pace = rate * comes[phase] * begin[after]
            if None in each:  # whoever is idle, the first of them
                for j in range(2):
                    new = list(each)
                    new[each.index(None)] = j
                    moves[row, states[0, after, *new]] += pace * start[j]
            else:
                moves[row, states[min(queue + 1, top - 1), after, *each]] += pace
        for server, stage in enumerate(each):
            if stage is None:
                continue
            changed = list(each)
            changed[server] = 1 - stage
            moves[row, states[queue, phase, *changed]] += inner[stage, 1 - stage]
            for j in (0, 1) if queue else (None,):
                changed[server] = j
                share = 1.0 if j is None else start[j]
                moves[row, states[max(queue - 1, 0), phase, *changed]] += ends[stage] * share
    used = np.array([i for (queue, _, *each), i in states.items() if not (queue and None in each)])
    moves = moves[np.ix_(used, used)]
    np.fill_diagonal(moves, 0)
    balance = (moves - np.diag(moves.sum(axis=1))).T
    balance[0] = 1.0
    share = np.linalg.solve(balance, np.eye(used.size)[0])
    queue = np.array([state[0] for state in states])[used]
    assert by_levels(arrivals, service, rate, 2) == pytest.approx(share @ queue / rate, rel=1e-8)


def test_laws_have_their_moments() -> None:
    for law in SERVICES[1:]:
        start, rates = law.phases()
        inverse = np.linalg.inv(-rates)
        mean, square = (
            start @ inverse @ np.ones(start.size),
            start @ inverse @ inverse @ np.ones(start.size),
        )
        assert mean == pytest.approx(1, rel=1e-13)
        assert 2 * square - 1 == pytest.approx(law.scv, rel=1e-12)
        if "gamma" in law.name:
            cube = 6 * (start @ np.linalg.matrix_power(inverse, 3)).sum()
            assert cube == pytest.approx((1 + law.scv) * (1 + 2 * law.scv), rel=1e-12)


def times(law: Law, rng: np.random.Generator, count: int) -> np.ndarray:
    start, rates = law.phases()
    if law.name == "erlang":
        return rng.gamma(1 / law.scv, law.scv, count)
    return rng.exponential(1 / -np.diag(rates)[rng.choice(start.size, count, p=start)])


@pytest.mark.parametrize(
    ("arrivals", "service", "servers", "load"),
    [
        (ARRIVALS[4], SERVICES[1], 2, 0.7),
        (ARRIVALS[1], SERVICES[5], 8, 0.7),
        (ARRIVALS[4], SERVICES[4], 8, 0.8),
    ],
)
def test_levels_against_a_simulation(
    arrivals: Law, service: Law, servers: int, load: float
) -> None:
    """Kiefer and Wolfowitz' recursion in 2,000 stations at once, a 99.9 % interval."""
    rng = np.random.default_rng(11)
    stations, steps = 2000, 1500
    work, total = np.zeros((stations, servers)), np.zeros(stations)
    for step in range(steps):
        if step >= steps // 3:
            total += work[:, 0]
        work[:, 0] += times(service, rng, stations)
        gap = times(arrivals, rng, stations) / (load * servers)
        work = np.sort(np.maximum(work - gap[:, np.newaxis], 0), axis=1)
    means = total / (steps - steps // 3)
    half = stats.t.ppf(0.9995, stations - 1) * means.std(ddof=1) / np.sqrt(stations)
    assert half < 0.08 * means.mean()
    assert abs(means.mean() - exact_wait(arrivals, service, servers, load)) < half


# --- its use ----------------------------------------------------------------------------------


@pytest.mark.parametrize("formula", approximations.NAMES)
def test_errors_are_the_extremes_of_the_lines(
    table: dict[tuple[str, ...], list[dict[str, str]]], formula: str
) -> None:
    lines = [line for part in table.values() for line in part if line["formula"] == formula]
    found = [float(line["relative_error"]) for line in lines]
    assert approximations.errors(formula) == (min(found), max(found))
    some = [
        float(line["relative_error"])
        for line in lines
        if line["servers"] == "1" and line["utilization"] == "0.7"
    ]
    assert approximations.errors(formula, servers=1, utilization=0.7) == (min(some), max(some))


def test_errors_between_the_lines() -> None:
    """Both neighbours count; outside nothing is known, but for the last bit of load."""
    errors = approximations.errors
    between = errors("allen_cunneen", servers=5, utilization=0.8)
    four = [errors("allen_cunneen", servers=c, utilization=u) for c in (2, 8) for u in (0.7, 0.9)]
    assert between == (min(low for low, _ in four), max(high for _, high in four))
    assert errors("bolch", utilization=0.99) == errors("bolch", utilization=0.95)
    for known_part in (
        {"servers": 33},
        {"servers": 0.5},
        {"servers": np.nan},
        {"utilization": 0.2},
        {"utilization": 1.0},
        {"arrival_scv": -1},
        {"arrival_scv": 4.1},
        {"scv": np.inf},
        {"arrival_scv": 0, "scv": 0},
    ):
        assert np.isnan(errors("bolch", **known_part)).all(), known_part
    assert np.isnan(errors("marchal", servers=2)).all()
    assert np.isnan(errors("lee_longton", arrival_scv=0.5)).all()


def test_errors_broadcast() -> None:
    servers, load = np.array([[1.0], [2.0], [64.0]]), np.array([0.3, 0.82, np.nan, 0.97])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        low, high = approximations.errors("sakasegawa", servers=servers, utilization=load, scv=2.0)
    assert np.shape(low) == np.shape(high) == (3, 4)
    for i, j in np.ndindex(3, 4):
        alone = approximations.errors(
            "sakasegawa", servers=servers[i, 0], utilization=load[j], scv=2.0
        )
        np.testing.assert_array_equal((low[i, j], high[i, j]), alone)
    assert isinstance(approximations.errors("bolch", servers=1)[0], float)


def test_what_is_known_of_the_formulas() -> None:
    """Exact for M/M/c and M/G/1; the bound is one; errors shrink towards saturation."""
    errors = approximations.errors
    for formula in approximations.NAMES:
        if formula not in ("kingman_bound", "bolch"):
            low, high = errors(formula, servers=1, arrival_scv=1)
            assert max(-low, high) < 1e-5, formula
        spreads = [
            np.subtract(*errors(formula, servers=1, utilization=u)[::-1]) for u in (0.3, 0.7, 0.95)
        ]
        assert spreads == sorted(spreads, reverse=True), formula
    for formula in ("kraemer_langenbach_belz", "allen_cunneen", "lee_longton"):
        low, high = errors(formula, arrival_scv=1, scv=1)
        assert max(-low, high) < 1e-5, formula
    assert errors("kingman_bound")[0] > 0
    worse = errors("heavy_traffic", servers=1)[1]
    assert errors("kraemer_langenbach_belz", servers=1)[1] < worse


def test_new_cells_lie_within_the_range() -> None:
    """Parameters between those of the table, with E_3 (scv 1/3) and H_2 of scv 2."""
    laws = [Law("erlang", 1 / 3), Law("hyperexponential", 2.0)]
    for arrivals, service, servers, load in itertools.product(laws, laws, (1, 4), (0.6, 0.8)):
        wait = exact_wait(arrivals, service, servers, load)
        for formula, function in (
            ("kraemer_langenbach_belz", ggc.mean_wait),
            ("allen_cunneen", ggc.mean_wait_allen_cunneen),
            ("sakasegawa", ggc.mean_wait_sakasegawa),
        ):
            error = (
                float(function(load * servers, 1, servers, arrivals.scv, service.scv)) / wait - 1
            )
            low, high = approximations.errors(
                formula,
                servers=servers,
                utilization=load,
                arrival_scv=arrivals.scv,
                scv=service.scv,
            )
            assert low <= error <= high, (formula, arrivals, service, servers, load)


def test_sentences() -> None:
    for formula, name in approximations.NAMES.items():
        text = approximations.sentence(formula)
        low, high = approximations.errors(formula, least_wait=approximations.LEAST)
        told = re.fullmatch(r"(.*): (\S+) % to (\S+) % off .* in (\d+) measured cases.*", text)
        assert told is not None
        assert told[1] == name
        assert float(told[2]) == pytest.approx(100 * low, abs=0.5)
        assert float(told[3]) == pytest.approx(100 * high, abs=0.5)
        assert int(told[4]) >= 90
        assert "load 0.3 to 0.95" in text
    text = approximations.sentence("lee_longton", servers=1)
    assert text == (
        "Lee and Longton's formula: exact in 30 measured cases (arrival scv 1, service scv 0 to 4, "
        "1 server, load 0.3 to 0.95)"
    )
    assert approximations.sentence("bolch", servers=100).endswith(
        "nothing was measured near these parameters"
    )
    text = approximations.sentence("allen_cunneen", servers=32)
    assert "with a wait of 1 % of a service or more" in text


@pytest.mark.parametrize("formula", ["", "kingman", "Bolch"])
def test_unknown_formula(formula: str) -> None:
    for function in (approximations.errors, approximations.sentence):
        with pytest.raises(ValueError, match="heavy_traffic, kingman_bound"):
            function(formula)


def test_grid_leaves_out_what_is_out_of_reach() -> None:
    assert not known(FIXED, FIXED, 1)
    assert not known(EXPONENTIAL, SERVICES[1], 32)
    assert known(FIXED, EXPONENTIAL, 32)
