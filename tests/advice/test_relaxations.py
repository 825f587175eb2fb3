"""Prices of requirements against hosts counted by hand, and sentences that vanish."""

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
from capcalc.advice import search
from capcalc.advice.relaxations import relaxations
from capcalc.cli.advise import command
from capcalc.errors import NoVerdict, UsageError
from capcalc.results.relaxations import Relaxation, Relaxations

TABLE = "instance,vcpus,price_usd_per_hour,family\na.one,1,0.1,a\n"
HOST = 0.1 * 730
TEXT = """
capcalc: 1
name: small
demand: {growth: 1%/month, requests: {page: {rate: 95/s}}}
tiers: {web: {kind: web, instance: a.one, hosts: 3, service_time: 20ms, MORE}}
objectives: {OBJECTIVES}
"""
WRITES = """
capcalc: 1
name: writes
demand: {requests: {page: {rate: RATE/s}}}
tiers:
  web: {kind: web, instance: a.one, hosts: 3, service_time: 1ms}
  db: {kind: database, instance: a.one, replicas: 1, read_time: 1ms, write_time: 20ms, apply_time: 1ms}
calls: {page: {db: {reads: 1, writes: 1}}}
"""
ZONE = "zones: 3, survive: zone"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "table.csv"
    path.write_text(TABLE)
    return path


def found(table: Path, more: str, objectives: str = "min_runway: 0 months") -> Relaxations:
    text = TEXT.replace("MORE", more).replace("OBJECTIVES", objectives)
    return relaxations(cc.loads(text, instances=table))


def of_kind(every: Relaxations, kind: str) -> list[Relaxation]:
    return [each for each in every.found if each.kind == kind]


def test_a_failure_costs_the_hosts_held_for_it(table: Path) -> None:
    # 1.9 erlangs: 3 hosts are 63 % busy; after a zone 3 must be left: 5 hosts (of 4, 2 are left)
    every = found(table, ZONE)
    assert every.feasible
    assert every.cost == pytest.approx(5 * HOST)
    (survive,) = every.found
    assert survive.kind == "survive"
    assert survive.saves == pytest.approx(2 * HOST)
    assert survive.sentence == (
        "without `survive: zone` of web: $146 a month less (web: 2 hosts fewer)"
    )


def test_what_costs_nothing_is_not_said(table: Path) -> None:
    every = found(table, "max_utilization: 35%, zones: 3, survive: zone")  # 6 hosts for today
    assert every.cost == pytest.approx(6 * HOST)
    assert every.found == ()
    assert "no requirement costs anything" in every.notes[0]


def test_a_maximum_that_binds(table: Path) -> None:
    every = found(table, f"max_hosts: 4, {ZONE}")
    assert not every.feasible
    assert every.cost is None
    assert any(
        "web is 95 % busy (limit 90 %) when web loses a zone" in each for each in every.binds
    )
    by_kind = {each.kind: each for each in every.found}
    assert set(by_kind) == {"survive", "max_hosts"}
    assert by_kind["survive"].cost == pytest.approx(3 * HOST)
    assert by_kind["max_hosts"].change == "more than `max_hosts: 4` of web (5 hosts)"
    assert by_kind["max_hosts"].sentence.endswith("feasible at $365 a month")
    assert every.found[0].kind == "survive"  # the cheapest first
    roomier = found(table, f"max_hosts: 5, {ZONE}")
    assert roomier.feasible
    assert of_kind(roomier, "max_hosts") == []


def test_an_objective_out_of_reach_is_loosened_to_what_can_be_kept(table: Path) -> None:
    every = found(table, "max_hosts: 10", "page: {p99: 90ms}")
    assert not every.feasible
    free, near = of_kind(every, "objective")
    assert free.cost == pytest.approx(3 * HOST)
    loose = log(100) / (50 - 95 / 3) * 1.0005
    assert free.change == f"page p99 90 ms -> {loose * 1e3:.0f} ms"
    assert near.cost == pytest.approx(10 * HOST)
    least = log(100) / (50 - 95 / 10) * 1.0005
    assert near.change == f"page p99 90 ms -> {least * 1e3:.0f} ms"


def test_an_objective_that_can_be_kept_has_its_price(table: Path) -> None:
    every = found(table, "max_hosts: 10", "page: {p99: 150ms}")
    # 4.605 / (50 - 95 / n) <= .15 from 4.92 hosts on
    assert every.cost == pytest.approx(5 * HOST)
    (objective,) = of_kind(every, "objective")
    assert objective.saves == pytest.approx(2 * HOST)
    assert of_kind(found(table, "max_hosts: 10", "page: {p99: 300ms}"), "objective") == []


def test_the_longest_runway_that_can_be_had(table: Path) -> None:
    # 3 hosts carry 2.1 / 1.9 = 1.105 times today's load: 10 whole months at 1 % each
    every = found(table, "max_hosts: 3", "min_runway: 24 months")
    assert not every.feasible
    (runway,) = of_kind(every, "min_runway")
    assert runway.change == "min_runway of 10 instead of 24 months"
    assert runway.cost == pytest.approx(3 * HOST)
    assert of_kind(found(table, "max_hosts: 3", "min_runway: 9 months"), "min_runway") == []


@pytest.mark.parametrize(("rate", "walled"), [(20.0, False), (34.0, False), (36.0, True)])
def test_shards_are_said_only_at_the_write_wall(table: Path, rate: float, walled: bool) -> None:
    every = relaxations(cc.loads(WRITES.replace("RATE", str(rate)), instances=table))
    assert every.feasible != walled  # 35 writes of 20 ms are 70 % of the one vCPU there is
    shards = of_kind(every, "shards")
    assert bool(shards) == walled
    if walled:
        assert shards[0].change.startswith("db in 2 shards")


def test_two_things_at_once_are_not_one_change(table: Path) -> None:
    text = TEXT.replace("hosts: 3", "hosts: 2").replace("MORE", "max_hosts: 2")
    text = text.replace("OBJECTIVES", "page: {p99: 60ms}")
    every = relaxations(cc.loads(text, instances=table))
    assert not every.feasible
    assert every.found == ()
    assert "no single change" in every.notes[0]


def test_prices_agree_with_advise() -> None:
    for name in ("saas", "newsroom"):
        system = cc.load(name)
        every = relaxations(system)
        assert every.cost == pytest.approx(cc.advise(system).mixed.cost)
        for each in every.found:
            assert each.saves == pytest.approx((every.cost or 0) - (each.cost or 0))
            assert (each.saves or 0) > 0


def test_a_sweep_is_refused() -> None:
    with pytest.raises(UsageError, match="one scenario"):
        relaxations(cc.load("saas").replace({"tiers.api.hosts": np.arange(1.0, 5.0)}))


def test_command() -> None:
    out = CliRunner().invoke(command, ["bookshop", "--relax", "--format", "table"])
    assert out.exit_code == 0, out.output
    assert "no plan keeps everything; cheapest way out: without `survive: tier` of cache" in (
        out.output
    )
    out = CliRunner().invoke(command, ["bookshop", "--relax", "--format", "json"])
    data = json.loads(out.output)
    assert not data["feasible"]
    rows = csv.DictReader(
        io.StringIO(CliRunner().invoke(command, ["saas", "--relax", "--format", "csv"]).output)
    )
    assert {row["kind"] for row in rows} == {"survive", "min_runway"}


def test_an_unproved_search_is_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search that gives up must not call a feasible system infeasible."""

    def gives_up(*_: object) -> None:
        raise search.TooMany(1)

    monkeypatch.setattr(search, "cheapest", gives_up)
    with pytest.raises(NoVerdict, match="not proved"):
        relaxations(cc.load("newsroom"))
