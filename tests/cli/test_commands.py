"""The command line end to end, as a person uses it."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

import capcalc as cc
from capcalc.cli.main import COMMANDS, main

EXAMPLES = cc.examples()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def answer(*arguments: str) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def read_json(*arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer(*arguments, "--format", "json"))
    return found


def read_csv(*arguments: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer(*arguments, "--format", "csv"))))


@pytest.mark.parametrize("name", EXAMPLES)
def test_solve_json(name: str) -> None:
    found = read_json("solve", name)
    keys = {
        *("name", "kind", "hosts", "servers", "arrival_rate", "utilization", "wait"),
        *("response", "response_p99", "headroom"),
    }
    for tier in found["tiers"]:
        assert keys <= tier.keys()
        assert tier["status"] == "ok"
    for request in found["requests"]:
        assert {"arrival_rate", "mean", "p50", "p90", "p95", "p99", "p999"} <= request.keys()
        assert 0 < request["p50"] < request["p90"] < request["p95"] < request["p99"]
    assert found["bottleneck"] in {tier["name"] for tier in found["tiers"]}
    assert found["headroom"] > 1
    assert isinstance(found["warnings"], list)


@pytest.mark.parametrize("name", EXAMPLES)
def test_solve_formats_agree(name: str) -> None:
    found = read_json("solve", name)
    rows = read_csv("solve", name)
    for tier in found["tiers"]:
        row = next(r for r in rows if (r["record"], r["name"]) == ("tier", tier["name"]))
        if tier["utilization"] is not None:
            assert float(row["utilization"]) == tier["utilization"]
    table = answer("solve", name, "--format", "table")
    markdown = answer("solve", name, "--format", "markdown")
    for tier in found["tiers"]:
        assert tier["name"] in table
        assert tier["name"] in markdown


def test_csv_when_piped() -> None:
    command = [sys.executable, "-m", "capcalc", "solve", "bookshop"]
    piped = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert piped.splitlines()[0].startswith("record,name,kind,status,hosts")


def test_saturated_is_an_answer() -> None:
    found = read_json("solve", "bookshop", "--set", "demand.daily_active_users=5M")
    assert found["saturated"] is True
    states = {tier["name"]: tier["status"] for tier in found["tiers"]}
    assert states["web"] == "saturated"
    web = next(tier for tier in found["tiers"] if tier["name"] == "web")
    assert web["wait"] is None
    assert web["utilization"] > 1
    fixes = {remedy["tier"]: remedy for remedy in found["remedies"]}
    # 12.016 erlangs x 5 / 1.2 = 50.07 on hosts of 4 servers at 65 %: 20 hosts
    assert fixes["web"]["hosts"] == 20
    table = answer(
        "solve", "bookshop", "--set", "demand.daily_active_users=5M", "--format", "table"
    )
    assert "SATURATED" in table
    assert "20 hosts of this size" in table
    rows = read_csv("solve", "bookshop", "--set", "demand.daily_active_users=5M")
    assert next(r for r in rows if r["name"] == "web")["wait_s"] == "inf"


@pytest.mark.parametrize("name", EXAMPLES)
def test_advise(name: str) -> None:
    found = read_json("advise", name)
    mixed = found["system"]["mixed"]
    assert mixed["feasible"] is not bool(found["infeasible"])
    assert mixed["feasible"] or mixed["nearest"]
    assert found["reasons"]
    for tier in found["tiers"]:
        assert tier["recommendation"] in ("today", "vertical", "horizontal", "mixed")
        assert tier["reasons"]
        for kind in ("vertical", "horizontal", "mixed"):
            plan = tier[kind]
            assert plan["feasible"] or plan["nearest"] or plan["why_not"]
    assert {"subject", "plan", "cost_usd_per_month"} <= read_csv("advise", name)[0].keys()
    assert "Why" in answer("advise", name, "--format", "table")


def test_advise_names_what_binds() -> None:
    found = read_json("advise", "bookshop")
    assert any("browse p95" in text and "cache lost" in text for text in found["infeasible"])
    assert not any("min_runway" in text for text in found["infeasible"]), "less load does not help"
    web = next(tier for tier in found["tiers"] if tier["tier"] == "web")
    assert any("host number 7 buys no load" in reason for reason in web["reasons"])
    db = next(tier for tier in found["tiers"] if tier["tier"] == "db")
    assert any("write wall" in reason for reason in db["reasons"])
    assert any("days old" in warning for warning in found["warnings"])


def test_sweep_to_file(tmp_path: Path) -> None:
    out = tmp_path / "grid.csv"
    grid = ("sweep", "bookshop", "--vary", "tiers.web.hosts=3:12")
    grid = (*grid, "--vary", "tiers.cdn.hit_ratio=80%,94%", "-o", str(out))
    assert run(*grid).exit_code == 0
    rows = list(csv.DictReader(out.open()))
    assert len(rows) == 20
    assert rows[0]["tiers.web.hosts"] == "3"
    assert rows[0]["tiers.cdn.hit_ratio"] == "0.8"
    again = run(*grid)
    assert again.exit_code == 2
    assert "exists" in again.stderr
    assert run(*grid, "--force").exit_code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["grid.csv"]


def test_sweep_over_names_and_saturation() -> None:
    text = answer(
        *("sweep", "bookshop", "--vary", "tiers.web.instance=c7g.large,c7g.xlarge"),
        *("--vary", "tiers.web.hosts=4,6"),
    )
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["tiers.web.instance"] for row in rows] == ["c7g.large"] * 2 + ["c7g.xlarge"] * 2
    assert rows[0]["status"] == "saturated"
    assert rows[0]["web.wait"] == "inf"
    assert rows[3]["status"] == "ok"


def test_queue_models() -> None:
    mmc = read_json(*"queue mmc -l 90/s -s 100ms -c 12".split())
    # C(12, 9) = 0.2660725...; W = C / (120 - 90)
    assert mmc["mean_wait"] == pytest.approx(mmc["prob_wait"] / 30)
    assert mmc["mean_queue_length"] == pytest.approx(90 * mmc["mean_wait"])
    mm1 = read_json(*"queue mm1 -l 8/s -s 100ms".split())
    assert mm1["mean_response"] == pytest.approx(0.5)
    mg1 = read_json(*"queue mg1 -l 8/s -s 100ms --scv 4".split())
    assert mg1["mean_wait"] == pytest.approx(0.4 * 2.5)
    b = read_json(*"queue erlang-b -c 20 -a 16".split())
    assert b["prob_loss"] == pytest.approx(0.06441092478156991, rel=1e-12)
    c = read_json(*"queue erlang-c -c 20 -a 16".split())
    assert c["prob_wait"] == pytest.approx(0.2561, abs=1e-4)
    saturated = read_json(*"queue mmc -l 200/s -s 100ms -c 12".split())
    assert saturated["status"] == "saturated"
    assert saturated["mean_wait"] is None


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (("solv", "bookshop"), ("did you mean 'solve'?",)),
        (("solve", "bookshp"), ("bookshop",)),
        (("solve", "no/such/file.yaml"), ("no/such/file.yaml",)),
        (("solve", "bookshop", "--set", "tiers.web.hosst=7"), ("tiers.web.hosst", "hosts")),
        (("solve", "bookshop", "--set", "tiers.web.hosts=-3"), ("tiers.web.hosts", "at least 1")),
        (("solve", "bookshop", "--set", "tiers.web.hosts"), ("PATH=VALUE",)),
        (("solve", "bookshop", "--set", "tiers.lb.service_time=8 parsecs"), ("parsecs",)),
        (("sweep", "bookshop", "--vary", "tiers.web.hosst=1:3"), ("tiers.web.hosts",)),
        (("sweep", "bookshop", "--vary", "tiers.web.hosts=3:1"), ("empty",)),
        (("sweep", "bookshop", "--vary", "tiers.web.hosts=0:3"), ("at least 1",)),
        (("sweep", "bookshop", "--vary", "tiers.cdn.hit_ratio=80ms"), ("unknown unit",)),
        (("queue", "mmc", "-l", "90/s", "-s", "1s", "-c", "-3"), ("out of range",)),
        (("queue", "mmc", "-l", "90 parsecs", "-s", "1s", "-c", "3"), ("parsecs",)),
        (("init", "nosuch"), ("nosuch",)),
    ],
)
def test_bad_input_is_one_clear_line(arguments: tuple[str, ...], parts: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    for part in parts:
        assert part in result.output


def test_a_wrong_name_in_a_sweep_is_refused() -> None:
    result = run("sweep", "bookshop", "--vary", "tiers.web.instance=c7g.huge")
    assert result.exit_code == 2
    assert "c7g.huge" in result.output


def test_output_is_whole_or_not_there(tmp_path: Path) -> None:
    missing = tmp_path / "nowhere" / "x.json"
    result = run("solve", "bookshop", "-o", str(missing))
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr
    assert not list(tmp_path.iterdir())
    good = tmp_path / "x.json"
    assert run("solve", "bookshop", "-o", str(good)).exit_code == 0
    assert json.loads(good.read_text())["name"] == "bookshop"


def test_formulas_in_names_are_neutralised(tmp_path: Path) -> None:
    from capcalc.reports.text import cell

    assert cell("=HYPERLINK(1)") == "'=HYPERLINK(1)"
    assert cell("+1") == "'+1"
    assert cell(-1.5) == "-1.5"


def commands() -> list[tuple[tuple[str, ...], click.Command]]:
    found: list[tuple[tuple[str, ...], click.Command]] = []
    context = click.Context(main)
    for name in COMMANDS:
        command = main.get_command(context, name)  # type: ignore[attr-defined]
        found.append(((name,), command))
        if isinstance(command, click.Group):
            found += [((name, sub), each) for sub, each in command.commands.items()]
    return found


@pytest.mark.parametrize(
    ("name", "command"), commands(), ids=[" ".join(name) for name, _ in commands()]
)
def test_help_ends_with_an_example_that_runs(
    name: tuple[str, ...],
    command: click.Command,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = answer(*name, "--help")
    examples = re.findall(r"^ +capcalc (.+)$", text, re.MULTILINE)
    assert examples, text
    assert text.rstrip().splitlines()[-1].strip().startswith("capcalc "), "the example comes last"
    monkeypatch.chdir(tmp_path)
    for example in examples:
        assert run(*shlex.split(example)).exit_code == 0, example


def test_init_writes_what_solve_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in EXAMPLES:
        assert name in answer("init", "--list")
        assert run("init", name).exit_code == 0
        assert run("solve", f"{name}.yaml").exit_code == 0
        assert run("init", name).exit_code == 2
