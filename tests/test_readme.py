"""Everything in the README is true: its commands run, its outputs are what they print."""

from __future__ import annotations

import json
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


def printed_there(expected: str, output: str) -> None:
    """Each expected line is in one that was printed, in this order; a line ``...`` skips."""
    printed = iter(words(line) for line in output.splitlines())
    for line in expected.splitlines():
        if line.strip() != "...":
            assert any(words(line) in each for each in printed), line


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
        elif kind == "yaml":
            Path(body.splitlines()[0].removeprefix("# ")).write_text(body)
        elif kind == "python":
            exec(compile(body, "README.md", "exec"), {})
            ran += 1
        elif kind == "text":
            printed_there(body, output)
            compared += sum(line.strip() != "..." for line in body.splitlines())
    assert ran >= 12
    assert compared >= 8


def test_the_two_set_up_lines() -> None:
    for heading, last in (("## Try it", "advise bookshop"), ("## Run the tests", "pytest")):
        section = TEXT.split(f"\n{heading}\n")[1].split("\n## ")[0]
        (first, *_) = BLOCK.findall(section)
        assert first[0] == "sh"
        assert len(first[1].splitlines()) == 1
        assert last in first[1]
        assert extracted(heading) == first[1]


def extracted(heading: str) -> str:
    """What CI's own function finds under a heading."""
    script = (ROOT / ".ci" / "run").read_text()
    function = re.search(r"^command_after\(\).*?^\}$", script, re.MULTILINE | re.DOTALL)
    assert function
    assert f"command_after '{heading}'" in script
    line = f"{function[0]}\ncommand_after '{heading}'"
    return subprocess.run(
        ["bash", "-c", line], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout


def test_everything_is_mentioned() -> None:
    for command in COMMANDS:
        assert f"capcalc {command}" in TEXT, command
    for option in ("--set", "--format", "-o", "--force", "--instances", "--vary", "--quantiles"):
        assert option in TEXT
    for name in (
        "sticky",
        "timeout",
        "retries",
        "pool",
        "max_connections",
        "boot_time",
        "spike",
        "shards",
    ):
        assert name in TEXT
    linked = re.findall(r"\]\(([^)]+)\)", TEXT)
    named = re.findall(r"`((?:notebooks|capcalc)/[^`\s]+)`", TEXT)
    assert linked
    assert named
    for path in (*linked, *named, "CHANGELOG.md", "LICENSE"):
        assert (ROOT / path).exists(), path


def test_the_picture_says_what_is_so() -> None:
    path = ROOT / "notebooks" / "bookshop.svg"
    assert path.stat().st_size <= 60_000
    picture = path.read_text()
    advice = {each.tier: each for each in cc.advise(cc.load("bookshop")).tiers}
    assert f"64 hosts end at x{advice['web'].break_even.horizontal_end:.1f}<" in picture
    for tier in advice.values():
        for busy in (tier.today.utilization, tier.today.utilization_after_failure):
            if busy is not None:
                assert f">{busy:.0%}<" in picture, tier.tier


@pytest.mark.parametrize(
    "path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem
)
def test_notebooks_are_short_and_stripped(path: Path) -> None:
    cells = json.loads(path.read_text())["cells"]
    assert len(cells) <= 15
    for cell in cells:
        if cell["cell_type"] == "code":
            assert not cell["outputs"]
            assert cell["execution_count"] is None
            assert not re.search(r"^\s*def ", "".join(cell["source"]), re.MULTILINE)
