"""`capcalc plan` end to end: formats, settings, the plot, refusals."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import math
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from capcalc.cli.main import COMMANDS, main


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(COMMANDS, "plan", "What growth breaks when.")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["plan", *arguments])


def answer(*arguments: str) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize("name", ["bookshop", "microservices", "newsroom", "saas", "single-server"])
def test_table(name: str) -> None:
    text = answer(name, "--format", "table")
    for part in (
        "What breaks first",
        "What follows",
        "How it was planned",
        "nothing is bought twice",
    ):
        assert part in text
    assert "horizon and lead time: defaults" in " ".join(text.split())
    assert "nan" not in text


def test_the_timeline_is_dated() -> None:
    lines = answer("saas", "--format", "table").splitlines()
    first = next(line for line in lines if "3 x r7g.2xlarge" in line)
    assert first.split()[:3] == ["now", "2027-01", "db"]
    assert lines[0] == "saas: 1 change to begin now, 7 more by 2028-09; $88,812 until 2028-11"


def test_csv_has_one_row_for_each_month_and_tier() -> None:
    rows = list(csv.DictReader(io.StringIO(answer("saas", "--format", "csv"))))
    assert len(rows) == 24 * 3
    assert {row["status"] for row in rows} == {"ok"}
    changes = [row for row in rows if row["change_from"]]
    assert [(row["date"], row["tier"]) for row in changes][:2] == [
        ("2027-01", "db"),
        ("2027-08", "api"),
    ]
    for row in rows:
        assert float(row["load_factor"]) == pytest.approx(
            1.08 ** (int(row["month"]) + 1), rel=1e-12
        )
        assert float(row["limit_used"]) <= 1 + 1e-9
    lb = next(row for row in rows if row["tier"] == "lb")
    assert lb["cost_usd_per_month"] == ""


def test_json_agrees_with_csv() -> None:
    found: dict[str, Any] = json.loads(answer("saas", "--format", "json"))
    rows = list(csv.DictReader(io.StringIO(answer("saas", "--format", "csv"))))
    assert [row["utilization"] for row in found["months"]] == [
        float(r["utilization"]) for r in rows
    ]
    assert len(found["steps"]) == sum(bool(row["change_from"]) for row in rows)
    first = found["steps"][0]
    assert (first["needed_date"], first["begin_date"]) == ("2027-01", "2026-12")
    assert first["before"]["instance"] == "r7g.xlarge"
    assert found["runways"][0]["load_factor"] == pytest.approx(1.161, abs=1e-3)
    assert {way["way"] for way in found["ways"]} == {"plan", "vertical", "horizontal"}
    assert found["total_usd"] == pytest.approx(88_811.95, abs=0.01)


def test_what_never_breaks_is_null() -> None:
    found = json.loads(answer("newsroom", "--format", "json"))
    assert {each["months"] for each in found["runways"]} == {None}
    assert {each["date"] for each in found["runways"]} == {None}


def test_markdown() -> None:
    text = answer("single-server", "--format", "markdown")
    assert "## What to do" in text
    assert "| 2027-05 | 2027-06 | web | 1 x c7g.large | 1 x c7g.xlarge |" in text


def test_horizon_and_lead_time() -> None:
    text = answer(
        *("single-server", "--horizon", "10 months", "--lead-time", "2 months", "--format", "json")
    )
    found = json.loads(text)
    assert (found["horizon_months"], found["lead_time_months"]) == (10, 2)
    assert [step["begin_date"] for step in found["steps"]] == ["2027-04"]
    assert "default)" not in found["rules"][0]
    same = answer(
        "single-server",
        "--set",
        "plan={horizon: 10 months, lead_time: 2 months}",
        "--format",
        "json",
    )
    assert json.loads(same) == found


def test_set_changes_the_plan() -> None:
    found = json.loads(answer("saas", "--set", "demand.growth=0", "--format", "json"))
    assert found["steps"] == []
    assert math.isclose(found["ways"][0]["total_usd"], 24 * (9 * 105.85 + 3 * 156.366))


def test_output_file(tmp_path: Path) -> None:
    out = tmp_path / "plan.csv"
    answer("single-server", "-o", str(out))
    assert out.read_text().startswith("month,date,load_factor,tier,")
    again = run("single-server", "-o", str(out))
    assert again.exit_code == 2
    assert "add --force" in again.stderr


def test_plot(tmp_path: Path) -> None:
    out = tmp_path / "timeline.svg"
    answer("saas", "--plot", str(out), "--format", "csv")
    drawn = out.read_text()
    root = ET.fromstring(drawn)
    assert root.tag.endswith("svg")
    for text in ("2026-12", "api", "db", "utilization", "bigger machines alone"):
        assert text in drawn
    again = run("saas", "--plot", str(out))
    assert again.exit_code == 2
    assert again.stderr == f"capcalc: {out}: exists; add --force to overwrite it\n"
    answer("saas", "--plot", str(out), "--force", "--format", "csv")
    assert out.read_text() == drawn  # the same plan, the same file


@pytest.mark.parametrize("name", ["microservices", "newsroom", "single-server"])
def test_every_example_can_be_drawn(name: str, tmp_path: Path) -> None:
    out = tmp_path / "timeline.svg"
    answer(name, "--plot", str(out), "--horizon", "3 months", "--format", "csv")
    ET.fromstring(out.read_text())


def test_plot_without_matplotlib(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    known = importlib.util.find_spec
    monkeypatch.setattr(
        "importlib.util.find_spec",
        lambda name, *rest: None if name == "matplotlib" else known(name, *rest),
    )
    result = run("saas", "--plot", str(tmp_path / "timeline.svg"))
    assert result.exit_code == 2
    assert result.stderr == (
        "capcalc: a plot needs matplotlib, which is not installed; pip install 'capcalc[plot]'\n"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("--horizon", "soon"), "'soon' is not a duration; write e.g."),
        (("--horizon", "0 months"), "a number above 0 is needed"),
        (("--horizon", "11 years"), "at most 120 months (10 years) are planned"),
        (("--lead-time=-1",), "a number at least 0 is needed"),
        (("--plot", "timeline.png"), "plots are drawn as .svg; write e.g. --plot timeline.svg"),
        (("--set", "plan.horizont=1"), "horizon"),
    ],
)
def test_refusals(arguments: tuple[str, ...], text: str) -> None:
    result = run("saas", *arguments)
    assert result.exit_code == 2
    assert text in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout == ""
