"""Both fronts against hosts counted by hand: each host is an M/M/1 queue."""

from __future__ import annotations

import csv
import io
import json
from math import log
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import capcalc as cc
from capcalc.advice.pareto import pareto
from capcalc.cli.advise import command
from capcalc.errors import UsageError
from capcalc.model.system import System

TABLE = "instance,vcpus,price_usd_per_hour,family\na.one,1,0.1,a\n"
TEXT = """
capcalc: 1
name: small
demand: {requests: {page: {rate: RATE/s}}}
tiers: {web: {kind: web, instance: a.one, hosts: 3, max_hosts: 10, service_time: 20ms}}
objectives: {page: {p99: 400ms}}
"""
RATE = 90.0


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "table.csv"
    path.write_text(TABLE)
    return path


def small(table: Path, rate: float = RATE) -> System:
    return cc.loads(TEXT.replace("RATE", str(rate)), instances=table)


def p99(hosts: int) -> float:
    return log(100) / (50 - RATE / hosts)


def enough(hosts: int) -> bool:
    return RATE / 50 / hosts <= 0.7 and p99(hosts) <= 0.4


def test_each_point_is_the_least_that_is_as_good(table: Path) -> None:
    found = pareto(small(table))
    assert found.fastest == pytest.approx(p99(10), rel=1e-9)
    assert not found.nearest
    points = found.front("p99")
    assert len(points) >= 4
    for point in points:
        (choice,) = point.choices
        bound = np.inf if point.bound is None else point.bound
        assert choice.hosts == min(n for n in range(1, 11) if enough(n) and p99(n) <= bound)
        assert point.cost == pytest.approx(choice.hosts * 0.1 * 730)
        assert point.p99 == pytest.approx(p99(choice.hosts), rel=1e-9)
    points = found.front("headroom")
    assert len(points) == 5
    for point in points:
        (choice,) = point.choices
        bound = 0.0 if point.bound is None else point.bound
        least = min(n for n in range(1, 11) if enough(n) and n * 50 / RATE >= bound * (1 - 1e-9))
        assert choice.hosts == least
        assert point.headroom == pytest.approx(least * 50 / RATE, rel=1e-12)


def test_more_money_buys_more_on_each_front() -> None:
    found = pareto(cc.load("saas"))
    points = found.front("headroom")
    assert len(points) > 2
    for cheap, dear in zip(points, points[1:], strict=False):
        assert cheap.price < dear.price
        assert cheap.headroom < dear.headroom


def test_the_first_point_is_the_cheapest_plan() -> None:
    for name in ("saas", "newsroom", "single-server"):
        system = cc.load(name)
        first = pareto(system).front("headroom")[0]
        assert first.cost == pytest.approx(cc.advise(system).mixed.cost)


@pytest.mark.parametrize(("rate", "own"), [(0.5, True), (30.0, False), (90.0, False)])
def test_the_tail_is_the_service_times_own_only_where_no_machine_betters_it(
    table: Path, rate: float, own: bool
) -> None:
    said = " ".join(pareto(small(table, rate)).sentences)
    assert ("more hosts will not fix it" in said) == own
    assert ("machines can take" in said) != own


def test_a_front_ends_where_no_plan_goes_on(table: Path) -> None:
    full = pareto(small(table, 300.0))  # of ten hosts nine are needed; 1.25 times takes more
    assert any("no plan has a headroom of" in each for each in full.sentences)
    assert not any("no plan has" in each for each in pareto(small(table)).sentences)


def test_nothing_will_do(table: Path) -> None:
    found = pareto(small(table, 700.0))
    assert found.nearest


def test_a_sweep_is_refused() -> None:
    with pytest.raises(UsageError, match="one scenario"):
        pareto(cc.load("saas").replace({"tiers.api.hosts": np.arange(1.0, 5.0)}))


def test_command() -> None:
    out = CliRunner().invoke(command, ["saas", "--pareto", "--format", "csv"])
    assert out.exit_code == 0, out.output
    rows = list(csv.DictReader(io.StringIO(out.output)))
    assert {row["front"] for row in rows} == {"p99", "headroom"}
    out = CliRunner().invoke(command, ["saas", "--pareto", "--format", "json"])
    data = json.loads(out.output)
    assert len(data["points"]) == len(rows)
    assert data["points"][0]["choices"][0]["tier"] == "lb"
    out = CliRunner().invoke(command, ["saas", "--pareto", "--format", "table"])
    assert "Cost against headroom" in out.output
    assert CliRunner().invoke(command, ["saas", "--pareto", "--relax"]).exit_code == 2
