"""The floors hold: lower rooms never import upper ones, and breaking that is noticed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def contracts(folder: Path) -> subprocess.CompletedProcess[str]:
    lint = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]
    return subprocess.run(
        [*lint, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "capcalc", tmp_path / "capcalc", ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_contracts_hold(copy: Path) -> None:
    result = contracts(copy)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "5 kept, 0 broken" in result.stdout


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("theory/caches/lru.py", "from capcalc.model import system"),
        ("model/work.py", "from capcalc.solve import stations"),
        ("solve/stations.py", "from capcalc.advice import options"),
        ("results/solution.py", "from capcalc.traffic import flows"),
        ("reports/text.py", "import click"),
        ("model/system.py", "import pydantic"),
        ("cli/formula.py", "import sympy"),
        ("symbolic/formula.py", "from capcalc.theory import arrays"),
    ],
)
def test_a_broken_contract_is_noticed(copy: Path, file: str, line: str) -> None:
    path = copy / "capcalc" / file
    path.write_text(path.read_text() + f"\n{line}\n")
    result = contracts(copy)
    assert result.returncode == 1, result.stdout
    assert "BROKEN" in result.stdout


def test_an_unknown_room_is_noticed(copy: Path) -> None:
    (copy / "capcalc" / "helpers").mkdir()
    (copy / "capcalc" / "helpers" / "__init__.py").write_text('"""A room on no floor."""\n')
    assert contracts(copy).returncode == 1


def test_no_loop_over_elements_in_theory() -> None:
    for path in (ROOT / "capcalc" / "theory").rglob("*.py"):
        text = path.read_text()
        assert "np.vectorize" not in text, path
        assert "frompyfunc" not in text, path


@pytest.mark.parametrize(
    ("arguments", "absent"),
    [
        (["--help"], ("numpy", "scipy", "pandas", "sympy", "pydantic", "ruamel", "rich")),
        (["--version"], ("numpy", "scipy", "pandas", "sympy", "pydantic", "ruamel", "rich")),
        (["solve", "--help"], ("numpy", "scipy", "pandas", "sympy", "pydantic", "ruamel")),
        (
            ["solve", "bookshop", "--format", "json"],
            ("pandas", "sympy", "scipy.optimize", "scipy.stats", "matplotlib", "rich"),
        ),
    ],
)
def test_imports_are_lazy(arguments: list[str], absent: tuple[str, ...]) -> None:
    program = (
        "import sys\n"
        "from capcalc.cli.main import main\n"
        f"main({arguments!r}, standalone_mode=False)\n"
        "print('LOADED', *sorted(sys.modules), file=sys.stderr)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    loaded = set(result.stderr.split("LOADED")[1].split())
    assert not loaded & set(absent)


def test_public_names_are_few_and_there() -> None:
    import capcalc

    assert len(capcalc.__all__) <= 17
    for name in capcalc.__all__:
        assert getattr(capcalc, name) is not None
    system = capcalc.load("saas")
    assert capcalc.solve(system).bottleneck == "db"
    from capcalc.solve.system import solve

    assert capcalc.solve(system).headroom == solve(system).headroom
    assert capcalc.solve.system.solve is solve  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match="no attribute 'solv'"):
        capcalc.solv  # noqa: B018
