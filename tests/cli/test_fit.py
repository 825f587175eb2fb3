"""`capcalc fit` and `validate` end to end, as a person runs them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from capcalc.cli.main import main


def run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def test_fit_into_an_example_and_validate_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("init", "single-server", "-o", "one.yaml").exit_code == 0
    before = Path("one.yaml").read_text()
    result = run("fit", "web-day", "--into", "one.yaml", "--format", "json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["into"] == "one.yaml"
    assert {each["path"] for each in told["written"]} == {
        "tiers.web.service_time.page",
        "tiers.web.service_time.asset",
    }
    after = Path("one.yaml").read_text()
    changed = [
        pair
        for pair in zip(before.splitlines(), after.splitlines(), strict=True)
        if pair[0] != pair[1]
    ]
    assert len(changed) == 1
    result = run("validate", "one.yaml", "web-day", "--plot", "v.svg", "--format", "json")
    assert result.exit_code == 0, result.output
    found = {each["quantity"]: each for each in json.loads(result.stdout)["compared"]}
    assert found["response_mean"]["verdict"] == "good"
    assert found["response_p95"]["verdict"] == "good"
    assert abs(found["response_mean"]["error"]) < 0.05
    assert ET.parse("v.svg").getroot().tag.endswith("svg")
    # the example as it was predicts worse
    result = run("validate", "single-server", "web-day", "--format", "json")
    worse = {each["quantity"]: each for each in json.loads(result.stdout)["compared"]}
    assert abs(worse["response_mean"]["error"]) > 0.15


def test_every_format_of_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for words in (
        ("fit", "web-day", "--scenario", "single-server"),
        ("validate", "single-server", "web-day"),
    ):
        for style in ("table", "csv", "json", "markdown"):
            result = run(*words, "--format", style)
            assert result.exit_code == 0, result.output
            assert result.stdout.strip()
        rows = list(csv.DictReader(io.StringIO(run(*words, "--format", "csv").stdout)))
        assert rows
        assert all(None not in row for row in rows)
        assert "nan" not in run(*words, "--format", "json").stdout.lower().replace("finance", "")


def test_files_in_the_way_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("out.json").write_text("mine")
    Path("v.svg").write_text("mine")
    run("init", "single-server", "-o", "one.yaml")
    before = Path("one.yaml").read_text()
    result = run("fit", "web-day", "--into", "one.yaml", "-o", "out.json")
    assert result.exit_code == 2
    assert "exists" in result.output
    assert Path("one.yaml").read_text() == before
    result = run("validate", "one.yaml", "web-day", "--plot", "v.svg")
    assert result.exit_code == 2
    assert Path("v.svg").read_text() == "mine"
    result = run("validate", "one.yaml", "web-day", "--plot", "v.png")
    assert result.exit_code == 2
    assert ".svg" in result.output


def test_a_new_scenario_from_measurements_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = "".join(
        f"{300 * n},{3000 + 70 * (n * 13 % 29)},{10 + 0.23 * (n * 13 % 29)}\n" for n in range(60)
    )
    Path("m.csv").write_text(f"time,page_requests,web_cpu_pct\n{rows}")
    result = run("fit", "m.csv", "--into", "new.yaml", "--servers", "2", "--format", "json")
    if result.exit_code:
        assert "no such file" in result.output
        assert not Path("new.yaml").exists()
        pytest.fail(result.output)
    solved = run("solve", "new.yaml", "--format", "json")
    assert solved.exit_code == 0, solved.output


def test_what_columns_are_is_shown_and_can_be_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = "".join(f"{60 * n},{n % 7 + 5},{20 + n % 7}\n" for n in range(40))
    Path("m.csv").write_text(f"time,alpha,beta\n{rows}")
    assert "says what it is" in run("fit", "m.csv").output
    result = run(
        *("fit", "m.csv", "--column", "alpha=throughput", "--column", "beta=utilization web cpu %"),
        *("--format", "table"),
    )
    assert result.exit_code == 0, result.output
    assert "told" in result.output
    assert "service time" in result.output


def test_a_business_dashboard_into_a_scenario(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """200 days that grow by 4.5 % a month, weekends lower: growth, users, habits and order value."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(3)
    level, rows = 0.0, ["date,DAU,sessions,orders,revenue_usd,browse_requests,search_requests"]
    for day, date in enumerate(pd.date_range("2026-05-01", periods=200)):
        level = 0.8 * level + 0.02 * rng.standard_normal()
        week = 0.8 if date.weekday() > 4 else 1.05
        users = 900_000 * 1.045 ** (day / (730 / 24)) * week * np.exp(level)
        orders = users * 0.0118 * np.exp(0.03 * rng.standard_normal())
        browse = users * 21 * np.exp(0.02 * rng.standard_normal())
        cells = (users, users * 1.4, orders, orders * 47.5, browse, users * 3.9)
        rows.append(",".join([f"{date:%Y-%m-%d}", *(f"{cell:.0f}" for cell in cells)]))
    Path("dash.csv").write_text("\n".join(rows) + "\n")
    run("init", "bookshop", "-o", "shop.yaml")
    result = run("fit", "dash.csv", "--into", "shop.yaml", "--format", "json")
    assert result.exit_code == 0, result.output
    told = {each["path"]: each for each in json.loads(result.stdout)["estimates"] if each["path"]}
    for path, truth in {
        "demand.growth": 0.045,
        "demand.requests.browse.per_user_day": 21.0,
        "demand.requests.search.per_user_day": 3.9,
        "demand.visits_per_user_day": 1.4,
        "demand.business.orders_per_user_day": 0.0118,
        "demand.business.order_value": 47.5,
    }.items():
        assert told[path]["low"] * 0.995 <= truth <= told[path]["high"] * 1.005, path
    assert told["demand.daily_active_users"]["value"] == pytest.approx(1.2e6, rel=0.15)
    result = run("fit", "dash.csv", "--forecast", "3 months", "--format", "json")
    assert result.exit_code == 0, result.output
    ahead = [
        each
        for each in json.loads(result.stdout)["estimates"]
        if each["name"] == "forecast" and each["label"].startswith("daily active users")
    ]
    assert len(ahead) == 2  # in one month and in three
    truth = 900_000 * 1.045 ** ((199 + 91.25) / (730 / 24)) * (5 * 1.05 + 2 * 0.8) / 7
    assert ahead[1]["low"] <= truth <= ahead[1]["high"]
    assert ahead[1]["value"] == pytest.approx(truth, rel=0.1)
    planned = run("plan", "shop.yaml", "--format", "json")
    assert planned.exit_code == 0, planned.output


def test_roles_are_listed() -> None:
    result = run("fit", "--roles")
    assert result.exit_code == 0
    assert "utilization " in result.output
    assert "share of the time that a resource was busy" in result.output
