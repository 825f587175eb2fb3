"""Gates: each limit kept, broken or without a verdict, and what a change costs in runway."""

from __future__ import annotations

import json
import math
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from click.testing import CliRunner

import capcalc as cc
from capcalc.cli.main import main
from capcalc.errors import UsageError
from capcalc.reports.annotations import github
from capcalc.reports.junit import junit
from capcalc.results.gates import Gate, GateReport

TEXT = """
capcalc: 1
demand:
  daily_active_users: 864k
  growth: {growth}
  start: 2026-12
  requests: {{page: {{per_user_day: 10}}}}
tiers:
  web: {{kind: web, instance: c7g.xlarge, hosts: 2, cores: 1, service_time: 10ms, balancing: random}}
objectives: {{{objectives}}}
"""


def system(objectives: str = "", growth: str = "10%/month") -> cc.System:
    return cc.loads(TEXT.format(objectives=objectives, growth=growth))


def test_every_sort_of_gate_by_hand() -> None:
    """100/s on two M/M/1 of 100/s each: half busy, p99 = ln(100) / 50."""
    limits = (
        "page: {p99: 100ms}, min_runway: 3 months, max_cost_per_thousand_users: 0.2 USD, "
        "availability: 99%"
    )
    report = cc.check(system(limits))
    found = {gate.gate: gate for gate in report.gates if gate.subject != "page p99"}
    busy = found["max_utilization"]
    assert busy.kept
    assert (busy.value, busy.limit) == (pytest.approx(0.5), 0.7)
    latency = next(gate for gate in report.gates if gate.gate == "objective")
    assert latency.value == pytest.approx(math.log(100) / 50, rel=1e-6)
    assert latency.kept
    cost = found["max_cost_per_thousand_users"]
    assert cost.value == pytest.approx(2 * 0.145 * 730 / 864, rel=1e-9)
    assert cost.kept is False
    assert found["availability"].kept is None
    # 0.7 / 0.5 = 1.4 times the load: ln 1.4 / ln 1.1 = 3.5 months; p99 of 100 ms at 107.9/s,
    # 0.8 months
    runway = {gate.subject: gate for gate in report.gates if gate.gate == "min_runway"}
    assert runway["web"].kept
    months = math.log(2 * (100 - math.log(100) / 0.1) / 100) / math.log(1.1)
    assert runway["page p99"].value == pytest.approx(months * 730 * 3600, rel=1e-3)
    assert runway["page p99"].kept is False
    assert report.exit_code == 1


def test_what_is_not_known_is_no_verdict() -> None:
    assert cc.check(system("availability: 99%")).exit_code == 3
    assert cc.check(system()).exit_code == 0
    free = cc.loads(
        TEXT.format(objectives="max_cost_per_thousand_users: 1 USD", growth="1%/month")
        .replace("daily_active_users: 864k", "peak_to_average: 1")
        .replace("per_user_day: 10", "rate: 100/s")
    )
    assert cc.check(free).exit_code == 3


def test_without_growth_the_runway_has_no_end() -> None:
    report = cc.check(system("min_runway: 60 months", growth="0%/month"))
    assert report.exit_code == 0
    assert any("for ever" in gate.says for gate in report.gates)


def test_a_change_that_spends_its_runway_is_broken() -> None:
    old = system("max_runway_loss: 2 months")
    new = old.replace({"tiers.web.service_time": 0.013})
    report = cc.check(new, old)
    (broken,) = report.broken
    # 1.4 -> 0.7 / 0.65: ln 1.3 / ln 1.1 = 2.75 months
    assert broken.gate == "max_runway_loss"
    assert broken.value == pytest.approx(math.log(1.3) / math.log(1.1) * 730 * 3600, rel=1e-6)
    (change,) = report.changes
    assert (change.utilization_before, change.utilization) == (
        pytest.approx(0.5),
        pytest.approx(0.65),
    )
    assert cc.check(old, new).exit_code == 0


def test_sweeps_are_refused() -> None:
    import numpy as np

    with pytest.raises(UsageError, match="one scenario"):
        cc.check(system().replace({"tiers.web.hosts": np.array([2.0, 3.0])}))


HOSTILE = 'a<b>&"\x01\x0b,:%\r\n]]>'


def hostile() -> GateReport:
    gates = tuple(
        Gate(
            gate="objective",
            subject=HOSTILE,
            state="everything up",
            limit=1.0,
            value=2.0,
            kept=kept,
            path=f"objectives.{HOSTILE}.p99",
            says=f"{HOSTILE} is late",
        )
        for kept in (True, False, None)
    )
    return GateReport(name=HOSTILE, gates=gates, file="a,b:c%.yaml")


def test_junit_is_xml_whatever_the_names() -> None:
    root = ET.fromstring(junit(hostile()))
    (suite,) = root
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("3", "1", "1")
    assert [len(case) for case in suite] == [0, 1, 1]
    assert "\ufffd" in str(suite.get("name"))


def test_annotations_are_escaped() -> None:
    text = github(hostile(), {f"objectives.{HOSTILE}.p99": 7})
    lines = text.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("::error file=a%2Cb%3Ac%25.yaml,line=7,title=objective%3A ")
    assert lines[1].startswith("::warning ")
    assert lines[0].count("::") == 2


def run(*args: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["check", *args])
    return result.exit_code, result.stdout if result.exit_code in (0, 1, 3) else result.output


def test_command_exit_codes_and_formats(tmp_path: Path) -> None:
    assert run("microservices")[0] == 0
    code, text = run(
        "saas",
        "--set",
        "tiers.api.service_time.call=17ms",
        "--compare",
        "saas",
        "--max-runway-loss",
        "2 months",
        "--format",
        "table",
    )
    assert code == 1
    assert "30 % → 42.5 %" in text
    assert "max_runway_loss: api, api loses a zone: runway 9 months → 4.5 months" in text
    code, text = run("saas", "--format", "json")
    data = json.loads(text)
    assert (code, data["exit_code"]) == (1, 1)
    assert {gate["gate"] for gate in data["gates"]} >= {"objective", "max_utilization"}
    code, text = run("saas", "--format", "csv")
    assert text.startswith("gate,subject,state,verdict,value,limit,path,says\n")
    code, text = run("saas", "--format", "junit")
    assert ET.fromstring(text).tag == "testsuites"
    code, text = run("saas", "--format", "github")
    assert code == 1
    assert all(
        each.startswith("::error file=saas.yaml,line=38,title=min_runway%3A ")
        for each in text.splitlines()
        if not each.startswith("::notice ")
    )


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("saas", "--min-runway", "soon"), "min_runway"),
        (("saas", "--compare", "nowhere.yaml"), "nowhere.yaml"),
        (("saas", "--max-runway-loss", "2 months"), "needs --compare"),
        (("sas",), "did you mean"),
    ],
)
def test_command_refuses(args: tuple[str, ...], says: str) -> None:
    code, text = run(*args)
    assert code == 2
    assert says in text
    assert "Traceback" not in text


def test_output_is_not_overwritten(tmp_path: Path) -> None:
    target = tmp_path / "gates.xml"
    assert run("microservices", "--format", "junit", "-o", str(target))[0] == 0
    assert run("microservices", "--format", "junit", "-o", str(target))[0] == 2
    assert ET.parse(target).getroot().tag == "testsuites"


AGING = """
capcalc: 1
demand: {growth: 10%/month, start: 2026-12, requests: {page: {rate: 50/s}}}
tiers:
  web: {kind: web, hosts: 4, cores: 4, service_time: 5ms, balancing: random}
  cache: {kind: cache, service_time: 0.1ms, capacity: 5k, max_age: 10s, objects: {count: 10k, zipf: 0.9}, fronts: db}
  db: {kind: database, cores: 8, read_time: 5ms, write_time: 5ms}
calls: {page: {cache: 1}}
objectives: {page: {mean: LIMIT}}
"""


@pytest.mark.parametrize(("part", "kept"), [(0.95, False), (1.0, True), (1.05, True)])
def test_limits_are_judged_by_what_is_also_where_more_load_hits_more(
    part: float, kept: bool
) -> None:
    mean = float(cc.solve(cc.loads(AGING.replace("LIMIT", "1s"))).request("page").mean)
    report = cc.check(cc.loads(AGING.replace("LIMIT", repr(mean * part))))
    (gate,) = [each for each in report.gates if each.gate == "objective"]
    assert gate.kept is kept


def test_no_users_have_no_cost() -> None:
    none = system("max_cost_per_thousand_users: 1 USD").replace({"demand.daily_active_users": 0.0})
    assert cc.check(none).exit_code == 3


def test_a_range_that_breaks_at_one_end_has_no_verdict() -> None:
    report = cc.check(cc.load("newsroom"))
    assert report.exit_code == 3
    told = next(
        gate for gate in report.gates if gate.subject == "web" and gate.state == "everything up"
    )
    assert told.kept is None
    assert "at tiers.cdn.hit_ratio = 0.9 broken" in told.says
    sure = cc.loads((cc_file("newsroom")).replace("[90%, 97%]", "97%"), "newsroom.yaml")
    assert cc.check(sure).exit_code == 0


def cc_file(name: str) -> str:
    from capcalc.scenarios import sources

    return sources.read(name).text


def test_part_of_a_cost_or_an_availability_never_keeps_a_gate() -> None:
    bookshop = cc.load("bookshop")
    for most, kept in ((6.0, None), (4.0, False)):
        limited = bookshop.replace({"objectives.max_cost_per_thousand_users": most})
        gates = {gate.gate: gate for gate in cc.check(limited).gates}
        assert gates["max_cost_per_thousand_users"].kept is kept
        assert "not in it: lb (no price)" in gates["max_cost_per_thousand_users"].says
    for share, kept in ((0.9999, None), (0.99, False)):
        partial = bookshop.replace({"tiers.lb.availability": share, "tiers.lb.hosts": 1.0})
        gates = {gate.gate: gate for gate in cc.check(partial).gates}
        assert gates["availability"].kept is kept


def test_loosened_limits_do_not_hide_what_a_change_costs() -> None:
    old = system("page: {p99: 100ms}, max_runway_loss: 1 month")
    slower = old.replace({"tiers.web.service_time": 0.0103})
    looser = slower.replace({"tiers.web.max_utilization": 0.99, "objectives.page.p99": 9.0})
    assert [gate.subject for gate in cc.check(looser, old).broken] == [
        gate.subject for gate in cc.check(slower, old).broken if gate.gate == "max_runway_loss"
    ]
    assert any("the change moves limits" in each for each in cc.check(looser, old).warnings)
    assert not any("moves limits" in each for each in cc.check(slower, old).warnings)


def test_another_name_does_not_hide_it_either() -> None:
    old = system("max_runway_loss: 1 month")
    text = TEXT.format(objectives="max_runway_loss: 1 month", growth="10%/month")
    renamed = cc.loads(
        text.replace("  web:", "  lb: {kind: load_balancer, service_time: 0.01ms}\n  app:").replace(
            "service_time: 10ms", "service_time: 13ms"
        )
    )
    with pytest.raises(UsageError, match="no tier and no class in common"):
        cc.check(renamed, old)
    same = cc.loads(text.replace("objectives: {", "objectives: {page: {p99: 9s}, "))
    other = cc.loads(
        text.replace("objectives: {", "objectives: {page: {p99: 9s}, ")
        .replace("  web:", "  app:")
        .replace("service_time: 10ms", "service_time: 13ms")
    )
    assert "system" in [gate.subject for gate in cc.check(other, same).broken]
    assert "system" not in [
        gate.subject for gate in cc.check(same, same).gates if gate.gate == "max_runway_loss"
    ]


def test_a_loss_without_anything_to_compare_is_told() -> None:
    report = cc.check(system("max_runway_loss: 1 month"))
    assert any("nothing to compare with" in each for each in report.warnings)


def test_logs_hold_a_line_for_each_broken_gate() -> None:
    result = CliRunner().invoke(main, ["check", "saas", "--format", "csv"])
    assert result.exit_code == 1
    assert [line.split()[0] for line in result.stderr.splitlines()] == ["BROKEN", "BROKEN"]
