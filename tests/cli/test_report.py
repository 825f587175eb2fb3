"""`capcalc report` end to end: where the page goes, what it refuses, what it holds."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result

from capcalc.cli.main import COMMANDS, main

SMALL = """
capcalc: 1
name: corner shop
demand:
  requests: {page: {rate: {value: 30/s, source: "the access log of May, <b>peak</b> hour"}}}
tiers:
  lb: {kind: load_balancer, policy: round_robin, hosts: 2, service_time: 0.1ms}
  web: {kind: web, hosts: 3, cores: 2, service_time: {page: [20ms, 40ms]}}
objectives: {page: {p95: 200ms}}
"""


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(COMMANDS, "report", "The whole answer as one page.")


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL)
    return path


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["report", *map(str, arguments)])


def test_a_file(scenario: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    result = run(scenario, "-o", page)
    assert (result.exit_code, result.output) == (0, "")
    text = page.read_text(encoding="utf-8")
    assert text.startswith("<!DOCTYPE html>")
    assert "<h1>corner shop</h1>" in text
    assert text.rstrip().endswith("</html>")


def test_piped(scenario: Path) -> None:
    """Without -o the page is what is printed, the same every time."""
    first, second = run(scenario), run(scenario)
    assert first.exit_code == 0
    assert first.stdout == second.stdout
    assert first.stdout.startswith("<!DOCTYPE html>")


def test_no_page_for_a_terminal(scenario: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = SimpleNamespace(stdout=SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr("capcalc.cli.report.sys", terminal)
    result = run(scenario)
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "add -o small.html" in result.stderr
    assert result.stdout == ""


def test_nothing_is_overwritten_unasked(scenario: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.write_text("mine")
    result = run(scenario, "-o", page)
    assert result.exit_code == 2
    assert "exists; add --force" in result.stderr
    assert page.read_text() == "mine"
    assert run(scenario, "-o", page, "--force").exit_code == 0
    assert page.read_text().startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["bokshop"], "did you mean"),
        (["bookshop", "--set", "tiers.web.hosts=none"], "tiers.web.hosts"),
        (["saas", "--set", "plan.horizon=300 months"], "at most 120 months"),
        (["saas", "-o", "no/such/folder/page.html"], "cannot be written"),
    ],
)
def test_bad_input_is_one_line(arguments: list[str], says: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert says in result.stderr
    assert "Traceback" not in result.output
    assert result.stdout == ""


def test_where_numbers_are_from(scenario: Path) -> None:
    """The source of an input, a range, a setting, and the defaults that were used."""
    text = run(scenario, "--set", "tiers.web.hosts=5").stdout
    rows = dict(re.findall(r'<tr><th scope="row"[^>]*>([^<]*)</th>(.*?)</tr>', text))
    assert (
        "the access log of May, &lt;b&gt;peak&lt;/b&gt; hour" in rows["demand.requests.page.rate"]
    )
    assert "20 ms to 40 ms, solved at 30 ms" in rows["tiers.web.service_time.page"]
    assert ">5</td>" in rows["tiers.web.hosts"]
    assert ">--set</td>" in rows["tiers.web.hosts"]
    assert "small.yaml line 7" in rows["tiers.lb.policy"]
    assert "<li>max_utilization = 0.7 (lb, web)</li>" in text


def test_hostile_names_of_files(tmp_path: Path) -> None:
    """The name of the system and of the file may be anything."""
    path = tmp_path / "<img src=x onerror=alert(1)>.yaml"
    path.write_text(SMALL.replace("corner shop", "'</h1><script>alert(1)</script>'"))
    text = run(path).stdout
    assert "<script" not in text
    assert "<img" not in text
    assert text.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 2
    assert "&lt;img src=x onerror=alert(1)&gt;.yaml line 3" in text


def test_not_only_in_this_process(scenario: Path) -> None:
    """The same bytes whatever seed hashes have."""
    code = "from capcalc.cli.report import command; command()"
    pages = {
        subprocess.run(
            [sys.executable, "-c", code, str(scenario)],
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(pages) == 1
    assert b"corner shop" in pages.pop()
