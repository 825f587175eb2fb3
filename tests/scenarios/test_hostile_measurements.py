"""Hostile files of measurements: words and exit code 2, never a traceback, never a half-written file."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from capcalc.cli.main import main

GOOD = "time,requests,web_cpu_pct\n" + "".join(
    f"{60 * n},{600 + 37 * (n * 7 % 11)},{20 + (n * 7 % 11)}\n" for n in range(30)
)


def fit(file: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["fit", str(file), "--format", "json", *options])


def refused(result: Result, *words: str) -> None:
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    text = result.output.strip()
    assert text.count("\n") == 0, text
    for word in words:
        assert word in text, text


BROKEN = {
    "empty": (b"", "the file is empty"),
    "blank": (b"\n\n  \n", "the file is empty"),
    "zeros": (b"\0\1\2\3" * 100, "binary"),
    "png": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "binary"),
    "xlsx": (b"PK\x03\x04" + b"x" * 100, "spreadsheet"),
    "head only": (b"time,requests\n", "no row"),
    "no names": (b"1,2\n3,4\n", "names"),
    "one word": (b"hello\n", "says what it is"),
    "text only": (b"time,requests\na,b\nc,d\n", "no row"),
    "latin": ("zeit,anfragen\n".encode("latin-1") + b"\xe4,\xff\n", "says what it is"),
    "json": (b'{"a": [1, 2,', "JSON"),
    "json scalar": (b"[1, 2, 3]", "without names"),
    "json empty": (b"[]", "no rows"),
    "json shapes": (b'{"a": [1, 2], "b": [1]}', "neither"),
    "deep": (b"[" * 100_000, "JSON"),
    "parquet": (b"PAR1" + b"x" * 100, "Parquet"),
    "html": (b"<html><body>502 Bad Gateway</body></html>\n", "says what it is"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_measurement_is_refused_in_words(name: str, tmp_path: Path) -> None:
    content, word = BROKEN[name]
    file = tmp_path / "m.csv"
    file.write_bytes(content)
    refused(fit(file), word)


def test_missing_directory_and_truncated(tmp_path: Path) -> None:
    (tmp_path / "metrics.csv").write_text(GOOD)
    refused(fit(tmp_path / "metric.csv"), "did you mean", "metrics.csv")
    refused(fit(tmp_path), "directory")
    packed = gzip.compress(GOOD.encode() * 200)
    (tmp_path / "cut.csv.gz").write_bytes(packed[: len(packed) // 2])
    refused(fit(tmp_path / "cut.csv.gz"), "cannot be read")
    (tmp_path / "fake.csv.gz").write_text(GOOD)
    refused(fit(tmp_path / "fake.csv.gz"), "cannot be read")


def test_a_line_without_end_and_a_million_columns(tmp_path: Path) -> None:
    wide = tmp_path / "wide.csv"
    wide.write_text(",".join(f"c{n}" for n in range(20_000)) + "\n")
    refused(fit(wide), "columns")
    long = tmp_path / "long.csv"
    long.write_bytes(b"a" * 3_000_000)
    assert fit(long).exit_code == 2


def test_ragged_rows_are_counted_and_the_rest_is_used(tmp_path: Path) -> None:
    lines = GOOD.splitlines()
    lines.insert(5, "60,1,2,3,4,5,6")
    lines.insert(9, "1")
    lines.insert(12, '"unclosed,1,2')
    file = tmp_path / "ragged.csv"
    file.write_text("\n".join([*lines[:12], *lines[13:]]) + "\n")
    result = fit(file)
    assert result.exit_code == 0, result.output
    dropped = json.loads(result.output)["files"][0]["dropped"]
    assert any("more cells" in each["why"] and each["rows"] == 1 for each in dropped)


def test_text_in_numbers_and_formulas_are_left_out_and_neutralised(tmp_path: Path) -> None:
    text = GOOD.replace("\n300,", "\n300,=cmd|'/C calc'!A0,20\n360,", 1)
    file = tmp_path / "=formula.csv"
    file.write_text(text)
    result = fit(file)
    assert result.exit_code == 0, result.output
    told = json.loads(result.output)["files"][0]
    assert any("text in 'requests'" in each["why"] for each in told["dropped"])
    flat = CliRunner().invoke(main, ["fit", str(file), "--format", "csv"])
    assert flat.exit_code == 0
    for line in flat.output.splitlines()[1:]:
        assert not any(cell.startswith(("=", "@")) for cell in line.split(","))


def test_a_hostile_name_does_not_reach_the_scenario_as_code(tmp_path: Path) -> None:
    file = tmp_path / 'a": {evil: yes} # .csv'
    file.write_text(GOOD)
    into = tmp_path / "s.yaml"
    into.write_text(
        "capcalc: 1\ndemand: {requests: {page: {rate: 10/s}}}\ntiers: {web: {kind: web, service_time: 1ms}}\n"
    )
    result = fit(file, "--into", str(into))
    assert result.exit_code == 0, result.output
    checked = CliRunner().invoke(main, ["solve", str(into), "--format", "json"])
    assert checked.exit_code == 0, checked.output
    assert "measured in a" in into.read_text()


def test_nothing_is_written_when_something_is_wrong(tmp_path: Path) -> None:
    into = tmp_path / "s.yaml"
    before = "capcalc: 1\ndemand: {requests: {page: {rate: 10/s}}}\ntiers: {web: {kind: webb}}\n"
    into.write_text(before)
    file = tmp_path / "m.csv"
    file.write_text(GOOD)
    refused(fit(file, "--into", str(into)), "did you mean 'web'")
    assert into.read_text() == before
    missing = tmp_path / "new.yaml"
    bare = tmp_path / "bare.csv"
    bare.write_text("time,web_cpu_pct\n0,1\n60,2\n")
    refused(fit(bare, "--into", str(missing)), "no such file", "capcalc init")
    assert not missing.exists()


def test_a_whole_scenario_is_begun_from_one_file(tmp_path: Path) -> None:
    file, into = tmp_path / "m.csv", tmp_path / "new.yaml"
    file.write_text(GOOD)
    result = fit(file, "--into", str(into), "--column", "requests=requests page")
    assert result.exit_code in (0, 2)
    if result.exit_code == 2:
        assert "no such file" in result.output


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (("--level", "101%"), "out of range"),
        (("--level", "x"), "--level"),
        (("--interval", "0"), "length of time"),
        (("--interval", "ten"), "--interval"),
        (("--column", "requests"), "NAME=ROLE"),
        (("--column", "nope=requests"), "no such column"),
        (("--time-zone", "Mars/Base"), "--time-zone"),
    ],
)
def test_wrong_options_are_refused(options: tuple[str, ...], word: str, tmp_path: Path) -> None:
    file = tmp_path / "m.csv"
    file.write_text(GOOD)
    refused(fit(file, *options), word)


def test_validate_refuses_in_words_too(tmp_path: Path) -> None:
    file = tmp_path / "m.csv"
    file.write_bytes(b"\0\0\0")
    result = CliRunner().invoke(main, ["validate", "single-server", str(file)])
    refused(result, "binary")
    file.write_text(GOOD)
    result = CliRunner().invoke(main, ["validate", "nope", str(file)])
    refused(result, "no file")


# peak memory as the process itself reads it: getrusage would count the tests' own, from the fork
OWN_PEAK = """
import sys
from pathlib import Path

from capcalc.cli.main import main

main(sys.argv[1:], standalone_mode=False)
status = Path("/proc/self/status").read_text().splitlines()
print(next(line for line in status if line.startswith("VmHWM")), file=sys.stderr)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads Linux's /proc")
def test_ten_million_rows_in_bounded_memory(tmp_path: Path) -> None:
    """The promise is of files of any size; 10 million rows of four columns."""
    file = tmp_path / "big.csv"
    block = "".join(f"{{}},{600 + n % 97},{40 + n % 37}.5,{100 + n % 53}\n" for n in range(1000))
    with file.open("w") as out:
        out.write("time,requests,web_cpu_pct,p95_ms\n")
        for start in range(10_000):
            out.write(block.format(*range(start * 1000, start * 1000 + 1000)))
    done = subprocess.run(
        [sys.executable, "-c", OWN_PEAK, "fit", str(file), "--format", "json"],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["files"][0]["rows"] == 10_000_000
    most = int(done.stderr.split("VmHWM:")[1].split()[0]) / 1024
    print(f"\n10 million rows, {file.stat().st_size / 1e6:,.0f} MB: {most:,.0f} MB resident")
    assert most < 800
