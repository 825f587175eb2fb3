"""`capcalc explain` end to end, as a person uses it."""

from __future__ import annotations

import csv
import io
import json
import re
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

import capcalc as cc
from capcalc.cli.main import COMMANDS, main
from capcalc.scenarios import examples

ROOT = Path(__file__).parent.parent.parent
SMALL = """\
capcalc: 1
name: small
demand:
  requests:
    page: {rate: {value: 200/s, source: "load test of May"}}
tiers:
  web: {kind: web, hosts: 4, cores: 2, service_time: [10ms, 20ms]}
  db:
    kind: database
    cores: 4
    read_time: 2ms
    write_time: 5ms
calls:
  page: {db: {reads: 3}}
"""


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(COMMANDS, "explain", COMMANDS.get("explain", "How a number came about."))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["explain", *arguments])


def answer(*arguments: str) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def read_json(*arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer(*arguments, "--format", "json"))
    return found


@pytest.fixture
def small(tmp_path: Path) -> str:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL)
    return str(path)


def test_a_table_reads_like_a_derivation() -> None:
    lines = answer("bookshop", "tiers.web.utilization", "--format", "table").splitlines()
    assert lines[0] == "bookshop: tiers.web.utilization = 50.1 %"
    first = next(line for line in lines if line.startswith("utilization"))
    assert "arrival_rate × service_time / (hosts × servers) = 1640.9/s × 7.32 ms / (6 × 4)" in first
    hosts = next(line for line in lines if line.startswith("· hosts"))
    assert hosts.split()[2] == "6"
    assert re.search(r"tiers\.web\.hosts, given, bookshop\.yaml line \d+$", hosts)
    assert any(line.startswith("· · rate_browse") for line in lines)
    assert "What is assumed, and how far off it may be" in lines


def test_every_line_number_is_that_of_the_key() -> None:
    text = examples.text("bookshop").splitlines()
    found = read_json("bookshop", "requests.browse.p99")
    given = [each for each in found["inputs"] if each["provenance"]["kind"] == "given"]
    assert len(given) > 20
    for each in given:
        line = text[each["provenance"]["line"] - 1]
        assert re.search(rf"\b{each['path'].rpartition('.')[2]}:", line), each["path"]


def test_json_is_nested_with_latex_and_provenance() -> None:
    found = read_json("bookshop", "tiers.web.response_p99", "--depth", "4")
    solved = cc.solve(cc.load("bookshop")).tier("web")
    assert found["value"] == float(np.asarray(solved.response_p99))
    assert (found["result"], found["unit"]) == ("tiers.web.response_p99", "s")
    assert found["latex"] == r"t: \Pr(T > t) = 0.01"
    assert found["model"] == "M/G/k per host"
    assert found["provenance"]["kind"] == "derived"
    stay = next(each for each in found["parts"] if each["name"] == "stay_browse")
    wait = next(each for each in stay["parts"] if each["name"] == "wait")
    assert wait["formula"].startswith("(1 + scv) / 2 × (prob_wait × service_time")
    assert wait["latex"].startswith(r"\frac{1 + c_s^2}{2} \, \frac{P_w \, S}{k -")
    assert {each["name"] for each in wait["parts"]} == {
        *("prob_wait", "arrival_rate", "service_time", "hosts", "servers", "scv")
    }
    assert found["all_assumptions"]
    assert found["all_sources"]


def test_csv_has_a_row_for_each_step() -> None:
    rows = list(csv.DictReader(io.StringIO(answer("bookshop", "headroom", "--format", "csv"))))
    assert (rows[0]["depth"], rows[0]["name"], rows[0]["path"]) == ("0", "headroom", "headroom")
    assert float(rows[0]["value"]) == pytest.approx(1.5573, abs=1e-3)
    assert {row["provenance"] for row in rows} >= {"derived", "given"}
    assert all(row["status"] == "ok" for row in rows)


def test_markdown_has_the_same_steps() -> None:
    text = answer("bookshop", "tiers.db.lag", "--format", "markdown")
    assert text.startswith("# bookshop: tiers.db.lag = 1.44 ms")
    assert "| · apply_time | 1.4 ms | tiers.db.apply_time, given, bookshop.yaml line" in text


def test_provenance_of_a_file(small: str) -> None:
    rate = read_json(small, "demand.requests.page.rate")
    assert rate["value"] == 200
    assert rate["provenance"] == {
        "kind": "given",
        "says": f"given, {small} line 5",
        "line": 5,
        "source": "load test of May",
    }
    time = read_json(small, "tiers.web.service_time")
    assert (time["value"], time["provenance"]["kind"]) == (0.015, "range")
    assert time["provenance"]["line"] == 7
    scv = read_json(small, "tiers.web.scv")
    assert scv["provenance"]["kind"] == "default"
    busy = read_json(small, "tiers.web.utilization", "--depth", "3")
    assert busy["value"] == pytest.approx(200 * 0.015 / 8, rel=1e-12)
    table = answer(small, "tiers.web.utilization", "--format", "table")
    assert "load test of May" in table
    assert "the middle of a range, 0.01 to 0.02" in " ".join(table.split())


def test_a_setting_is_told_as_one(small: str) -> None:
    found = read_json(small, "tiers.web.utilization", "--set", "tiers.web.hosts=5")
    assert found["value"] == pytest.approx(200 * 0.015 / 10, rel=1e-12)
    hosts = next(each for each in found["parts"] if each["name"] == "hosts")
    assert hosts["value"] == 5
    assert hosts["provenance"]["kind"] == "setting"
    assert hosts["provenance"]["says"] == "given, --set tiers.web.hosts"
    assert hosts["provenance"]["line"] is None
    whole = read_json(small, "tiers.db.utilization", "--set", "calls.page.db={reads: 2}")
    assert whole["value"] == pytest.approx(200 * 2 * 0.002 / 4, rel=1e-12)
    reads = next(each for each in whole["inputs"] if each["path"] == "calls.page.db.reads")
    assert reads["provenance"]["kind"] == "setting"


def test_an_unstable_system_is_an_answer(small: str) -> None:
    found = read_json(small, "tiers.web.response_p99", "--set", "tiers.web.hosts=1")
    assert found["value"] is None
    assert found["status"] == "saturated"
    assert "without end" in found["formula"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["bookshop", "tiers.web.respons_p99"], "did you mean tiers.web.response_p99"),
        (["bookshop", "tiers.web.cores"], "has no value in this scenario"),
        (["bookshop", "tiers.web.hosts", "--set", "tiers.web.hosts"], "is not PATH=VALUE"),
        (["no-such-file", "headroom"], "no-such-file"),
        (["bookshop"], "RESULT"),
        (["bookshop", "headroom", "--depth", "-1"], "--depth"),
    ],
)
def test_bad_input_is_refused_in_a_line(arguments: list[str], words: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert words in result.stderr
    assert "Traceback" not in result.output


def test_the_answer_may_go_to_a_file(tmp_path: Path) -> None:
    path = tmp_path / "lag.json"
    answer("bookshop", "tiers.db.lag", "-o", str(path))
    assert json.loads(path.read_text())["result"] == "tiers.db.lag"
    assert run("bookshop", "tiers.db.lag", "-o", str(path)).exit_code == 2
    assert run("bookshop", "tiers.db.lag", "-o", str(path), "--force").exit_code == 0


def test_it_is_quick() -> None:
    program = (
        "from capcalc.cli.explain import command\n"
        "command(['bookshop', 'tiers.web.response_p99', '--format', 'json'])"
    )
    took = []
    for _ in range(3):  # processor time, the least: other programs may be running
        started = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True)
        took.append(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - started)
    assert min(took) < 1.5


def test_help_has_an_example() -> None:
    text = answer("--help")
    assert "capcalc explain bookshop tiers.web.response_p99" in text
