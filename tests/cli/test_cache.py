"""`capcalc cache`: traces and popularity to curves, in every format."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from capcalc.cli.cache import POLICIES
from capcalc.cli.main import main
from capcalc.theory.caches import policies
from capcalc.theory.caches.traces import hit_ratio_curve, stack_distances


def run(*arguments: str, typed: str | None = None) -> Any:
    return CliRunner().invoke(main, ["cache", *arguments], input=typed)


def found(*arguments: str, typed: str | None = None) -> Any:
    result = run(*arguments, "--format", "json", typed=typed)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture
def trace(tmp_path: Path) -> str:
    ranks = np.arange(1, 3_001) ** -0.9
    keys = np.random.default_rng(1).choice(3_000, 60_000, p=ranks / ranks.sum())
    path = tmp_path / "keys.txt"
    path.write_text("".join(f"/object/{key}\n" for key in keys))
    return str(path)


def test_the_hand_case() -> None:
    answer = found("-", "--sizes", "1,2,3,4", typed="a b c a b b c d a d".replace(" ", "\n"))
    assert [row["hit_ratio"] for row in answer["curve"]] == [0.1, 0.2, 0.5, 0.6]
    assert (answer["references"], answer["distinct"], answer["exact"]) == (10, 4, True)


def test_the_curve_is_the_exact_one(trace: str) -> None:
    answer = found(trace)
    lines = Path(trace).read_text().split()
    exact = hit_ratio_curve(
        stack_distances(lines), np.array([row["capacity"] for row in answer["curve"]])
    )
    assert [row["hit_ratio"] for row in answer["curve"]] == exact.tolist()
    assert answer["zipf_exponent"] == pytest.approx(0.9, abs=4 * answer["zipf_exponent_error"])
    assert answer["cold_misses"] == len(set(lines))
    assert answer["warnings"] == []


def test_sampled_says_so(trace: str) -> None:
    exact, answer = found(trace), found(trace, "--keys", "1k")
    assert answer["exact"] is False
    assert 0 < answer["sampling_rate"] < 1
    for row, known in zip(answer["curve"], exact["curve"], strict=False):
        off = abs(row["hit_ratio"] - known["hit_ratio"])
        assert off < max(4 * row["hit_error"], 1e-3)
    table = run(trace, "--keys", "1k", "--format", "table").output
    assert "costs a standard error of up to" in table
    assert "± " in table
    assert "exact: every key followed" in run(trace, "--format", "table").output


@pytest.mark.parametrize("style", ["table", "csv", "json", "markdown"])
def test_formats(trace: str, style: str, tmp_path: Path) -> None:
    printed = run(trace, "--format", style)
    assert printed.exit_code == 0
    assert "None" not in printed.output
    output = str(tmp_path / "out")
    assert run(trace, "--format", style, "-o", output).exit_code == 0
    assert Path(output).read_text().split() == printed.stdout.split() or style == "table"
    again = run(trace, "--format", style, "-o", output)
    assert (again.exit_code, "add --force" in again.stderr) == (2, True)
    assert run(trace, "--format", style, "-o", output, "--force").exit_code == 0


def test_a_log_with_bytes_and_odd_lines(tmp_path: Path) -> None:
    line = '::1 - - [10/Oct/2000:13:55:36 -0700] "{} {} HTTP/1.1" 200 {}'
    rows = [line.format("GET", "/a", 30), line.format("GET", "/b", 10), "rubbish"]
    rows += [line.format("POST", "/a", 5), line.format("GET", "/a", 30)]
    path = tmp_path / "access.log"
    path.write_text("\n".join(rows))
    answer = found(str(path))
    assert answer["form"] == "common"
    assert (answer["unreadable_lines"], answer["first_unreadable_line"]) == (1, 3)
    assert answer["other_methods"] == 1
    assert answer["mean_size_bytes"] == pytest.approx(70 / 3)
    assert answer["curve"][1]["byte_hit_ratio"] == pytest.approx(30 / 70)
    assert answer["curve"][1]["hit_ratio"] == pytest.approx(1 / 3)
    table = run(str(path), "--format", "table").output
    assert "1 line could not be read in the form 'common'" in table
    assert "the first is line 3" in table
    assert "1 requests by other methods" not in table
    assert "One request by another method was left out" in table
    assert found(str(path), "--method", "post", "--method", "get")["references"] == 4
    assert found(str(path), "--method", "any")["references"] == 4


def test_names_are_told_as_text_only(tmp_path: Path) -> None:
    """Neither keys nor names reach a spreadsheet or a terminal as anything but text."""
    path = tmp_path / "=cmd|' [bold]x"
    path.write_text("=1+1\n@SUM(A1)\n=1+1\n")
    for style in ("csv", "table", "markdown", "json"):
        result = run(str(path), "--format", style)
        assert result.exit_code == 0
        assert "=1+1" not in result.output
    rows = list(csv.reader(io.StringIO(run(str(path), "--format", "csv").output)))
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@", "-"))]
    assert "[bold]" in run(str(path), "--format", "table").output


@pytest.mark.parametrize("policy", POLICIES)
def test_popularity(policy: str) -> None:
    answer = found("--objects", "10k", "--zipf", "0.8", "--policy", policy, "--sizes", "200,1k")
    sizes = np.array([200.0, 1_000.0])
    wanted = np.asarray(policies.hit_ratio(policy, sizes, 10_000, 0.8))
    assert [row["hit_ratio"] for row in answer["curve"]] == wanted.tolist()
    assert "references" not in answer


def test_policies_are_all_of_theory() -> None:
    assert set(POLICIES) == set(policies.POLICIES)


def test_a_warning_where_the_approximation_is_rough() -> None:
    line = ["--objects", "1M", "--zipf", "0.9", "--format", "table"]
    assert "may be up to" in run(*line, "--sizes", "5").output
    assert "Warnings" not in run(*line, "--sizes", "5k").output


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", "there is nothing to count; name a trace, or give --objects and --zipf"),
        ("--objects 1M", "there is nothing to count; name a trace, or give --objects and --zipf"),
        ("x --zipf 1", "--zipf: a trace has a popularity of its own, and LRU; leave TRACE out"),
        ("x --policy fifo", "--policy: a trace has a popularity of its own, and LRU; leave TRACE out"),
        ("nowhere.log", "there is no file 'nowhere.log'"),
        ("- --keys 10", "--keys: 10 is out of range; a number from 1,000 is needed"),
        ("- --sizes 10,x", "--sizes: 'x' is not a number; write e.g. 12, 1.2M, 400k"),
        ("- --sizes -1", "--sizes: -1 is out of range; a number from 0 is needed"),
        ("--objects 0 --zipf 1", "--objects: 0 is out of range; a number from 1 is needed"),
        ("--objects 10 --zipf -1", "--zipf: -1 is out of range; a number from 0 is needed"),
        ("--objects 10 --zipf 1e400", "--zipf: "),
        ("-", "standard input: there are no references in it"),
    ],
)  # fmt: skip
def test_refusals(line: str, message: str) -> None:
    result = run(*line.split(), typed="")
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.output


def test_extremes_of_popularity() -> None:
    for line in (
        ["--objects", "1", "--zipf", "0"],
        ["--objects", "1T", "--zipf", "1"],
        ["--objects", "1M", "--zipf", "40"],
        ["--objects", "1e300", "--zipf", "2"],
        ["--objects", "10", "--zipf", "0.5", "--sizes", "0,1e300"],
    ):
        answer = found(*line)
        ratios = [row["hit_ratio"] for row in answer["curve"]]
        assert all(0 <= ratio <= 1 for ratio in ratios)
