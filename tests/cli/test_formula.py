"""`capcalc formula` end to end, as a person uses it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from capcalc.cli.main import main

ROOT = Path(__file__).parent.parent.parent


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ("formula", *arguments))


def answer(*arguments: str) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_one_question() -> None:
    text = answer("mmc", "mean_wait")
    assert text.startswith("M/M/c: Poisson arrivals, exponential service, c servers\n")
    assert "    W_q = ───────\n" in text
    assert "arrival_rate: mean rate of arrivals [1/s]" in text
    assert "Validity: Exact" in text
    assert "Source: L. Kleinrock, Queueing Systems" in text
    assert "mean_number" not in text


def test_all_questions() -> None:
    text = answer("M/M/1")
    for question in ("utilization", "mean_wait", "mean_response", "wait_cdf", "response_quantile"):
        assert f"\n{question}: " in text
    assert text.count("Source: ") == 1


def test_derivative_and_elasticity() -> None:
    text = answer("mmc", "mean_wait", "--derivative", "arrival_rate", "--elasticity", "μ")
    assert "derivative of mean_wait by arrival_rate [s per 1/s]" in text
    assert "elasticity of mean_wait by service_rate: per cent for each per cent" in text
    everything = answer("mm1", "--derivative", "arrival_rate")
    assert everything.count("derivative of ") == 11, "every answer of M/M/1 depends on it"
    some = answer("mm1", "--derivative", "p")
    assert some.count("derivative of ") == 2


def test_latex() -> None:
    text = answer("usl", "throughput", "--derivative", "workers", "--format", "latex")
    assert r"\frac{\mathrm{d} X}{\mathrm{d} n}" in text
    assert r"\begin{description}" in text
    assert "─" not in text


def test_list() -> None:
    text = answer("--list")
    assert "mmc                   M/M/c: Poisson arrivals" in text
    assert len(text.splitlines()) >= 40


def test_to_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mmc.tex"
    assert answer("mmc", "mean_wait", "--format", "latex", "-o", str(path)) == ""
    assert r"\frac" in path.read_text()
    assert run("mmc", "-o", str(path)).exit_code == 2
    assert run("mmc", "-o", str(path), "--force").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("mmk",), "no such model 'mmk'; did you mean 'mmck'?"),
        (("nosuch",), "no such model 'nosuch'; there are: mm1, "),
        (("mmc", "mean_weight"), "no such question 'mean_weight'; did you mean 'mean_wait'?"),
        (
            ("mmc", "mean_wait", "--derivative", "servrs"),
            "mean_wait of mmc does not depend on 'servrs'; did you mean 'servers'?",
        ),
        (
            ("em1", "mean_wait", "--elasticity", "phases"),
            "there is no closed form of how mean_wait of em1 changes with phases",
        ),
        ((), "which MODEL? capcalc formula --list names them"),
        (("mmc", "--format", "word"), "'word' is not one of 'text', 'latex'"),
    ],
)
def test_bad_input_is_one_clear_line(arguments: tuple[str, ...], part: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    assert part in result.output


def test_sympy_is_imported_only_for_a_formula() -> None:
    for arguments, there in ((["--list"], False), (["--help"], False), (["mm1"], True)):
        program = (
            "import sys\n"
            "from capcalc.cli.main import main\n"
            f"main({['formula', *arguments]!r}, standalone_mode=False)\n"
            "print('sympy' in sys.modules, file=sys.stderr)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
        )
        assert done.stderr.split()[-1] == str(there)
