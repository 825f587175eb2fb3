"""Every command on files that use every key, also at the ends of their ranges."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from capcalc.cli.main import main

FILES = Path(__file__).parent.parent / "data" / "everything"
ENDS = {
    "magazine": [
        "demand.daily_active_users=0",
        "demand.daily_active_users=1e12",
        "demand.requests.page.max_age=0s",
        "demand.requests.page.objects.count=1",
        "tiers.cdn.edges=1000000",
        "tiers.far.max_age=1ns",
        "tiers.near.capacity=1",
        "tiers.proxy.hosts=1",
        "tiers.db.shards.count=1",
        "tiers.web.scaling.contention=100%",
        "tiers.web.hosts=1000000",
        "demand.spike.ramp=0s",
    ],
    "backend": [
        "demand.requests.call.rate=0",
        "demand.requests.call.rate=1e9",
        "tiers.api.timeout=1ns",
        "tiers.api.hosts=1",
        "tiers.weighed.hosts=1000000",
        "tiers.single.availability=0%",
        "tiers.single.availability=100%",
    ],
}
CASES = [(name, end) for name, ends in ENDS.items() for end in ("", *ends)]


@pytest.mark.parametrize(("name", "end"), CASES, ids=[f"{n} {e}".strip() for n, e in CASES])
def test_ends_are_answers(name: str, end: str) -> None:
    file = str(FILES / f"{name}.yaml")
    settings = ["--set", end] if end else []
    for command in ("solve", "failures"):
        result = CliRunner().invoke(main, [command, file, *settings, "--format", "table"])
        assert result.exit_code == 0, result.output
        assert "nan" not in result.stdout.split("How the numbers")[0].lower().split()
    if name == "magazine" or not end:  # retries make every runway a search
        result = CliRunner().invoke(main, ["check", file, *settings, "--format", "json"])
        assert result.exit_code in (0, 1, 3), result.output


@pytest.mark.parametrize("name", list(ENDS))
def test_the_other_commands_answer(name: str, tmp_path: Path) -> None:
    file = str(FILES / f"{name}.yaml")
    result = CliRunner().invoke(main, ["explain", file, "headroom", "--format", "table"])
    assert result.exit_code == 0, result.output
    assert "1 / " in result.stdout
    swept = [
        "sweep",
        file,
        "--vary",
        "tiers.web.hosts=2:6" if name == "magazine" else "tiers.api.hosts=2:6",
    ]
    result = CliRunner().invoke(main, swept)
    assert result.exit_code == 0, result.output
    assert len(result.stdout.splitlines()) == 6
