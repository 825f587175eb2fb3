"""Everything in the README is true: its commands run, its outputs are what they print."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

import capcalc as cc
from capcalc.cli.main import COMMANDS, main

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "README.md").read_text()
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks() -> Iterator[tuple[str, str]]:
    for match in BLOCK.finditer(TEXT):
        yield match[1], match[2]


def words(line: str) -> str:
    return " ".join(re.sub(r"[│─•]", " ", line).split())


def shell(line: str) -> str:
    """Run one line of a how-to, in process where it is ours."""
    if line.startswith("capcalc "):
        result = CliRunner().invoke(main, shlex.split(line)[1:])
        assert result.exit_code == 0, f"{line}\n{result.output}"
        return str(result.stdout)
    assert line.startswith("printf "), line
    return subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True).stdout


def test_every_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "140")
    output, ran, compared = "", 0, 0
    for kind, body in blocks():
        if kind == "sh":
            output = ""
            for line in body.splitlines():
                ours = line.split("capcalc ", 1)[-1] if line.startswith("python3 -m pip") else ""
                if ours and "pytest" not in line:
                    output += shell(f"capcalc {ours}")
                elif not line.startswith("python3 -m pip"):
                    output += shell(line)
                ran += 1
        elif kind == "python":
            exec(compile(body, "README.md", "exec"), {})
            ran += 1
        elif kind == "text":
            printed = words(output)
            for line in body.splitlines():
                if line.strip() != "...":
                    assert words(line) in printed, line
                    compared += 1
    assert ran >= 12
    assert compared >= 8


def test_the_two_set_up_lines() -> None:
    for heading, last in (("## Try it", "advise bookshop"), ("## Run the tests", "pytest")):
        section = TEXT.split(f"\n{heading}\n")[1].split("\n## ")[0]
        (first, *_) = BLOCK.findall(section)
        assert first[0] == "sh"
        assert len(first[1].splitlines()) == 1
        assert last in first[1]
        assert heading in (ROOT / ".ci" / "run").read_text()


def test_everything_is_mentioned() -> None:
    for command in COMMANDS:
        assert f"capcalc {command}" in TEXT, command
    for option in ("--set", "--format", "-o", "--force", "--instances", "--vary"):
        assert option in TEXT
    for name in ("sticky", "timeout", "retries", "pool", "max_connections", "boot_time", "spike"):
        assert name in TEXT
    for path in re.findall(r"\]\(([^)]+)\)", TEXT):
        assert (ROOT / path).exists(), path


def test_the_picture_says_what_is_so() -> None:
    picture = (ROOT / "notebooks" / "bookshop.svg").read_text()
    advice = cc.advise(cc.load("bookshop"))
    web = next(each for each in advice.tiers if each.tier == "web")
    assert f"{web.break_even.horizontal_end:.1f}" in picture
    system = cc.solve(cc.load("bookshop"), quantiles=False)
    for tier in ("web", "cache", "db"):
        busy = float(system.tier(tier).utilization or 0)
        assert f"{busy:.0%}" in picture
