"""The map against every option solved in every cell, and its lines, files and words."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from click.testing import CliRunner, Result

import capcalc as cc
from capcalc.advice.crossover import LOADS, crossover
from capcalc.cli.advise import command
from capcalc.errors import UsageError
from capcalc.model.failures import to_survive
from capcalc.model.system import System
from capcalc.reports import crossover as report
from capcalc.results.crossover import MARKS, Crossover

HOURS = 730.0
WEB = """
capcalc: 1
name: one
demand: {requests: {page: {rate: 150/s}}}
tiers:
  web: {kind: web, instance: c7g.large, hosts: 3, zones: 3, survive: zone, service_time: 20ms}
objectives: {page: {p95: 65ms}}
instances: {from: aws-us-east-1, families: [c7g, r7g]}
"""
PLAIN = WEB.replace("objectives: {page: {p95: 65ms}}", "")


def kept(system: System, hosts: np.ndarray, cores: np.ndarray, load: float, factor: float) -> Any:
    """Option by option by the public solution, latency limits (else utilization's) multiplied."""
    rate = float(np.asarray(system.demand.requests["page"].rate)) * load
    wide = system.replace(
        {"tiers.web.hosts": hosts, "tiers.web.cores": cores, "demand.requests.page.rate": rate}
    )
    objective = system.objectives.requests.get("page")
    ok = np.ones(hosts.shape, dtype=bool)
    for failure in (None, *to_survive(system)):
        solution = cc.solve(wide if failure is None else failure.applied(wide))
        limit = (0.9 if failure else 0.7) * (1.0 if objective else factor)
        ok &= np.broadcast_to(solution.stations[0].utilization <= limit * (1 + 1e-9), ok.shape)
        if objective is not None:
            p95 = np.asarray(solution.request("page").p95)
            ok &= np.broadcast_to(p95 <= float(np.asarray(objective.p95)) * factor, ok.shape)
    return ok


@pytest.mark.parametrize("text", [WEB, PLAIN])
def test_every_cell_is_the_cheapest_that_does(text: str) -> None:
    system = cc.loads(text)
    loads, factors = (0.5, 0.97, 1.4, 2.3, 3.9, 7.7), (0.93, 0.97, 1.0, 1.08)
    found = crossover(system, "web", loads, factors)
    assert found.varied == ("latency" if text is WEB else "utilization")
    table = system.catalogue
    assert table is not None
    rows = [row for row, family in enumerate(table.family) if family in ("c7g", "r7g")]
    rows = [row for row in rows if table.vcpus[row] >= 2]
    cores, price = table.vcpus[rows], table.price[rows] * HOURS
    counts, now = np.arange(3.0, 65.0), table.position("c7g.large")
    for at, factor in enumerate(factors):
        for column, load in enumerate(loads):
            up = kept(system, np.full(len(rows), 3.0), cores, load, factor)
            out = kept(system, counts, np.full(len(counts), 2.0), load, factor)
            vertical = float(np.min(np.where(up, price * 3, np.inf)))
            horizontal = float(np.min(np.where(out, table.price[now] * HOURS * counts, np.inf)))
            assert found.vertical_cost[at, column] == pytest.approx(vertical)
            assert found.horizontal_cost[at, column] == pytest.approx(horizontal)
            assert found.cheaper[at, column] == _name(vertical, horizontal, price[0] * 3)


def _name(vertical: float, horizontal: float, today: float) -> str:
    if np.isinf(vertical) or np.isinf(horizontal):
        both = np.isinf(vertical) and np.isinf(horizontal)
        only = "only_horizontal" if np.isinf(vertical) else "only_vertical"
        return "neither" if both else only
    if abs(vertical - horizontal) < 0.005:
        return "today" if abs(vertical - today) < 0.005 else "same"
    return "vertical" if vertical < horizontal else "horizontal"


def test_lines_are_where_cells_change() -> None:
    system = cc.loads(WEB)
    lines = crossover(system, "web", (1.0,), (0.97, 1.0))
    assert {turn.strictness for turn in lines.turns} == {0.97, 1.0}
    for row, strictness in enumerate((0.97, 1.0)):
        turns = [turn for turn in lines.turns if turn.strictness == strictness]
        assert turns == sorted(turns, key=lambda turn: turn.load_factor)
        for turn, later in zip(turns[:-1], turns[1:], strict=True):
            assert turn.after == later.before
        beside = [turn.load_factor * side for turn in turns for side in (0.998, 1.002)]
        cells = crossover(system, "web", beside, (0.97, 1.0)).cheaper[row]
        wide = [
            at
            for at in range(len(turns))
            if all(
                abs(turns[at].load_factor / turns[other].load_factor - 1) > 0.01
                for other in (at - 1, at + 1)
                if 0 <= other < len(turns)
            )
        ]
        assert len(wide) > 3
        for at in wide:
            assert (cells[2 * at], cells[2 * at + 1]) == (turns[at].before, turns[at].after)


def test_looser_limits_and_less_load_never_cost_more() -> None:
    found = crossover(cc.load("bookshop"), "web")
    assert found.load_factors.tolist() == list(LOADS)
    for cost in (found.vertical_cost, found.horizontal_cost):
        assert (cost[:-1] >= cost[1:] - 1e-9).all()
        assert (cost[:, :-1] <= cost[:, 1:] + 1e-9).all()
    assert found.waived == ("browse p95 is 40.05 ms (limit 40 ms) when cache lost",)


def test_sentences_follow_the_cells() -> None:
    found = crossover(cc.loads(WEB), "web", LOADS, (0.5, 0.93, 1.0))
    hopeless = [text for text in found.sentences if "beyond both ways" in text]
    assert (found.cheaper[0] == "neither").all()
    assert not (found.cheaper[1] == "neither").all()
    (said,) = hopeless
    assert said == (
        "limits of x0.5 of today's or stricter are beyond both ways at every load shown: no more "
        "of this tier's machines bring them"
    )
    counts = [int((found.cheaper == name).sum()) for name in ("horizontal", "vertical")]
    assert any(
        f"horizontal is cheaper in {counts[0]}, vertical in {counts[1]}" in text
        for text in found.sentences
    )
    saved = found.saves[found.cheaper == "vertical"].max()
    assert any(f"vertical saves the most, ${saved:,.0f} a month" in t for t in found.sentences)
    loose = crossover(cc.loads(WEB), "web", LOADS, (1.0, 1.5))
    assert not any("beyond both ways" in text for text in loose.sentences)


def test_a_database_on_the_hosts_only_grows_up() -> None:
    found = crossover(cc.load("single-server"), "web")
    assert set(found.cheaper.ravel()) == {"today", "only_vertical"}
    assert any("cannot be copied" in text for text in found.sentences)


def test_a_tier_without_a_price_counts_servers() -> None:
    found = crossover(cc.load("microservices"), "storefront")
    assert not found.priced
    assert found.frame.unit.unique().tolist() == ["servers"]
    row = next(row for row in found.rows() if row["cheaper"] == "horizontal")
    assert row["saves"] == row["vertical_cost"] - row["horizontal_cost"] > 0


@pytest.mark.parametrize(
    ("tier", "said"),
    [("wbe", "did you mean 'web'?"), ("nothing", "there are lb, web"), ("cdn", "no tier 'cdn'")],
)
def test_unknown_tiers_are_named(tier: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        crossover(cc.load("bookshop"), tier)
    assert said in str(error.value)


def test_a_tier_on_others_hosts_and_sweeps_are_refused() -> None:
    with pytest.raises(UsageError, match="map web instead"):
        crossover(cc.load("single-server"), "db")
    sweep = cc.load("bookshop").replace({"tiers.web.hosts": np.array([6.0, 7.0])})
    with pytest.raises(UsageError, match="not of a sweep"):
        crossover(sweep, "web")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


def test_command_in_every_format(tmp_path: Path) -> None:
    shown = run("saas", "--map", "api", "--format", "table").output
    found = crossover(cc.load("saas"), "api")
    assert all(marks in shown for marks in found.marks())
    record = json.loads(run("saas", "--map", "api", "--format", "json").output)
    assert len(record["cells"]) == found.cheaper.size
    assert len(record["break_even_lines"]) == len(found.turns)
    rows = list(csv.DictReader(io.StringIO(run("saas", "--map", "api", "--format", "csv").output)))
    assert [row["cheaper"] for row in rows] == found.cheaper.ravel().tolist()
    drawn = tmp_path / "map.svg"
    assert run("saas", "--map", "api", "--plot", str(drawn)).exit_code == 0
    colours = {each.get("fill") for each in ET.parse(drawn).iter() if each.get("fill")}
    names = {name for turn in found.turns for name in (turn.before, turn.after)}
    assert {report.COLORS[name] for name in names} <= colours
    assert run("saas", "--map", "api", "--plot", str(drawn)).exit_code != 0  # exists


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("saas", "--plot", "x.svg"), "add --map TIER"),
        (("saas", "--map", "api", "--pareto"), "ask for one at a time"),
        (("saas", "--map", "api", "--plot", "x.png"), ".svg"),
    ],
)
def test_bad_questions(arguments: tuple[str, ...], said: str) -> None:
    result = run(*arguments)
    assert result.exit_code != 0
    assert said in result.output + str(result.exception)


def test_svg_is_drawn_to_scale() -> None:
    found: Crossover = crossover(cc.loads(WEB), "web", (0.25, 4.0), (1.0,))
    boxes = [
        each
        for each in ET.fromstring(report.svg(found)).iter()
        if each.tag.endswith("rect") and len(each) and float(each.get("height", 0)) > 20
    ]
    turns = [turn.load_factor for turn in found.turns if 0.25 < turn.load_factor < 4.0]
    assert len(boxes) == len(turns) + 1
    for box, end in zip(boxes, turns, strict=False):
        right = float(box.get("x", 0)) + float(box.get("width", 0))
        assert right == pytest.approx(120 + 640 * np.log2(end / 0.25) / 4, abs=0.01)
    assert set(MARKS) == set(report.LEGEND) == set(report.COLORS)
