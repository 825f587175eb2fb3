"""What a user installs is whole."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from importlib.resources import files
from pathlib import Path

import pytest

import capcalc

ROOT = Path(__file__).parent.parent
NEEDED = (
    "py.typed",
    "scenarios/data/aws-us-east-1.csv",
    "scenarios/examples/metrics/web-day.csv",
    "theory/queues/erlang_remainder.csv",
    "theory/queues/erlang_overload.csv",
    *(f"scenarios/examples/{name}.yaml" for name in capcalc.examples()),
)


@pytest.mark.parametrize("name", NEEDED)
def test_package_data_is_there(name: str) -> None:
    assert files("capcalc").joinpath(name).is_file()


def test_examples_are_the_shared_ones() -> None:
    shared = ROOT.parent / "shared" / "scenarios"
    if not shared.exists():
        assert len(capcalc.examples()) == 5
        return
    for path in shared.glob("*.yaml"):
        copy = files("capcalc").joinpath("scenarios", "examples", path.name)
        assert copy.read_bytes() == path.read_bytes()


def test_licence_and_changelog() -> None:
    assert "Apache License" in (ROOT / "LICENSE").read_text()
    headings = re.findall(r"^## \[([^]]+)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] in ("Unreleased", capcalc.__version__)


def test_nothing_that_does_not_belong() -> None:
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split()
    assert not [name for name in tracked if name.endswith((".pyc", ".whl", "uv.lock"))]
    tops = {name.split("/")[0] for name in tracked if not name.startswith(".")}
    assert tops <= {
        *("pyproject.toml", "capcalc", "notebooks", "tests", "README.md", "LICENSE"),
        "CHANGELOG.md",
    }


def test_wheel(tmp_path: Path) -> None:
    """The wheel holds the package, its data and its licence, and nothing else."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("capcalc-*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for name in NEEDED:
        assert f"capcalc/{name}" in names
    assert any(name.endswith("LICENSE") for name in names)
    assert {name.split("/")[0].split("-")[0] for name in names} == {"capcalc"}
