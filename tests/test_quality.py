"""The code's own house rules, by the tools that know them."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "capcalc").rglob("*.py"))


def run(*command: str) -> subprocess.CompletedProcess[str]:
    tool = [sys.executable, "-m", *command]
    return subprocess.run(tool, cwd=ROOT, capture_output=True, text=True, check=False)


def test_ruff() -> None:
    result = run("ruff", "check", "--no-cache", "capcalc", "tests", "notebooks")
    assert result.returncode == 0, result.stdout


def test_format() -> None:
    result = run("ruff", "format", "--no-cache", "--check", "capcalc", "tests")
    assert result.returncode == 0, result.stdout


def test_types() -> None:
    result = run("mypy", "--no-incremental")
    assert result.returncode == 0, result.stdout


def code_lines(tree: ast.Module) -> int:
    """Lines that hold a statement or a part of one, docstrings aside."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    texts = {
        line
        for node in ast.walk(tree)
        if isinstance(node, documented) and ast.get_docstring(node)
        for line in range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)
    }
    lines = {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt)
        for line in range(node.lineno, (node.end_lineno or 0) + 1)
    }
    return len(lines - texts)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_are_small_and_say_what_they_are(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree), "a module says what it is"
    assert code_lines(tree) <= 250
    if "theory" not in path.parts:
        return
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            text = ast.get_docstring(node) or ""
            if path.name in (
                "arrays.py",
                "rank_sums.py",
                "tail_integrals.py",
                "legendre.py",
                "panels.py",
            ):
                continue
            for section in ("Parameters", "References", "Examples"):
                assert section in text, f"{node.name} has no section {section}"
