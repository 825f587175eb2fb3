"""`capcalc queue` and `capcalc network`: every model, their numbers, and what is refused."""

from __future__ import annotations

import csv
import io
import json
from importlib import import_module
from inspect import signature
from typing import Any

import pytest
from click.testing import CliRunner

from capcalc.cli.main import main
from capcalc.cli.stations import PARAMETERS, STATIONS
from capcalc.solve.station import QUESTIONS


def run(*arguments: str) -> Any:
    return CliRunner().invoke(main, arguments)


@pytest.mark.parametrize("name", STATIONS)
def test_the_table_is_what_theory_asks_for(name: str) -> None:
    """Parameters in the order of the formulas, and nothing that no formula takes."""
    model = STATIONS[name]
    theory = import_module(model.module)
    asked = (model.questions or {}).values() or [q for q in QUESTIONS if hasattr(theory, q)]
    for question in asked:
        taken = signature(getattr(theory, question)).parameters
        assert [each for each in model.parameters if each in taken] == list(taken), question
    assert all(each in PARAMETERS for each in model.parameters)


@pytest.mark.parametrize("name", STATIONS)
def test_every_model_answers_in_every_format(name: str) -> None:
    line = STATIONS[name].example.split()
    found = json.loads(run("queue", name, *line, "--format", "json").output)
    assert found["model"] == STATIONS[name].title
    assert found["status"] == "ok"
    records = found.get("classes", [found])
    numbers = [
        value for each in records for value in each.values() if isinstance(value, float | int)
    ]
    assert len(numbers) >= 2
    rows = list(csv.DictReader(io.StringIO(run("queue", name, *line, "--format", "csv").output)))
    assert len(rows) == len(records)
    table = run("queue", name, *line, "--format", "table")
    assert table.exit_code == 0
    assert "How the numbers were got" in table.output
    assert "None" not in table.output
    assert "nan" not in table.output


@pytest.mark.parametrize(
    ("line", "key", "value"),
    [
        ("mmc -l 90/s -s 100ms -c 12", "mean_wait", 0.00886782),
        ("mmck -l 50/s -s 100ms -c 4 -k 6", "prob_loss", 0.2935429935),
        ("finite-source -l 0.0333333333333/s -s 3s -c 2 -n 5", "prob_empty", 0.6185917758),
        ("erlang-a -l 110/s -s 1s -c 100 --patience 1s", "prob_loss", 0.0991915641),
        ("mdc -l 95/s -s 1s -c 100", "mean_wait", 0.0534460391),
        ("mg1-ps -l 80/s -s 10ms", "mean_response", 0.05),
        ("breakdowns -l 1.5/s -s 1s -c 3 --uptime 1000s --repair-time 100s", "mean_number", 3.596),
        ("gg1 -l 0.8/s -s 1s --arrival-scv 0.5 --scv 1.5", "mean_wait_kingman_bound", 4.5625),
        ("mh1 -l 3/s -p 20%,80% -s 500ms,100ms", "mean_wait", 0.3782608696),
    ],
)
def test_published_numbers(line: str, key: str, value: float) -> None:
    found = json.loads(run("queue", *line.split(), "--format", "json").output)
    assert found[key] == pytest.approx(value, rel=1e-4)


def test_saturated_is_an_answer() -> None:
    found = json.loads(run("queue", "mmc", *"-l 13/s -s 1s -c 12 --format json".split()).output)
    assert found["status"] == "saturated"
    assert found["mean_wait"] is None
    lower = json.loads(
        run("queue", "preemptive", *"-l 5/s,9/s -s 100ms --format json".split()).output
    )
    assert [each["status"] for each in lower["classes"]] == ["ok", "saturated"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("preemptive -l 3/s,4/s -s 1s,1s,2s", "--arrival-rate: 2 values, but --service-time has 3; give as many, or one for all"),
        ("mh1 -l 3/s -s 100ms,100ms -p 0.3,0.3", "--probability: the shares add up to 0.6; they must make 1"),
        ("mmc -l 90 -s 100ms -c 1.5", "1.5 is out of range; a whole number above 0 is needed"),
        ("mmc -l x -s 100ms -c 1", "'x' is not a rate; write e.g. 900/s, 9k/s, 5M/day"),
        ("mmck -l 5/s -s 1s -c 4 -k 2", "these parameters have no answer in this model"),
    ],
)  # fmt: skip
def test_refusals(line: str, message: str) -> None:
    result = run("queue", *line.split())
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.output + result.stderr


def test_network_end_to_end() -> None:
    line = ["network", "thread-pool", "--set", "classes.users.population=100"]
    found = json.loads(run(*line, "--format", "json").output)
    assert found["classes"][0]["throughput"] == pytest.approx(48.10515073, abs=1e-7)
    assert found["bottleneck"] == "threads"
    assert found["bounds"][0]["throughput_high"] == pytest.approx(49.7512438)
    rows = list(csv.DictReader(io.StringIO(run(*line, "--format", "csv").output)))
    assert [row["record"] for row in rows] == ["station", "station", "class", "visit", "visit"]
    mixed = run("network", "shop-and-batch", "--format", "table")
    assert "Each class at each station" in mixed.output
    saturated = run("network", "api-gateway", "--set", "classes.requests.arrival_rate=2000/s")
    assert saturated.exit_code == 0
    assert "inf" in saturated.output
    table = run(
        "network", "api-gateway", "--set", "classes.requests.arrival_rate=2k/s", "--format", "table"
    )
    assert "SATURATED: search is asked for 270 % of what it can serve" in table.output


def test_network_refusals() -> None:
    result = run("network", "bookshop")
    assert result.exit_code == 2
    assert "use `capcalc solve bookshop.yaml`" in result.stderr
    result = run("network", "thread-pool", "--set", "stations.disk.servers=0")
    assert result.exit_code == 2
    assert "0 is out of range: a whole number at least 1 is needed" in result.stderr
    large = run(
        "network", "thread-pool", "--set", "classes.users.population=1e9", "--method", "exact"
    )
    assert large.exit_code == 3
    assert "Traceback" not in large.stderr
