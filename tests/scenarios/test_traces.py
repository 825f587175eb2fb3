"""Traces from files: every form, and every file that is none."""

from __future__ import annotations

import gzip
import io
import sys
import time
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capcalc.errors import UsageError
from capcalc.scenarios.traces import Trace

LOG = '10.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "{} {} HTTP/1.1" {} {}'
TIME = "[10/Oct/2000:13:55:36 -0700]"


def write(folder: Path, text: str | bytes, name: str = "trace") -> str:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def read(file: str, **options: Any) -> tuple[Trace, list[int], list[float] | None]:
    """The trace, its keys numbered by first appearance, and its bytes."""
    trace = Trace(file=file, **options)
    keys: list[int] = []
    sizes: list[float] | None = None
    for block, amounts in trace.blocks():
        keys += block.tolist()
        if amounts is not None:
            sizes = (sizes or []) + amounts.tolist()
    names = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    return trace, [names[key] for key in keys], sizes


def refused(file: str, **options: Any) -> str:
    with pytest.raises(UsageError) as caught:
        read(file, **options)
    assert caught.value.exit_code == 2
    assert len(caught.value.problems) == 1
    return str(caught.value).replace(file, "FILE")


def test_keys(tmp_path: Path) -> None:
    trace, keys, sizes = read(write(tmp_path, "a\nb c\r\n\n  a  \nb c"))
    assert (keys, sizes, trace.form, trace.references) == ([0, 1, 0, 1], None, "keys", 4)


def test_keys_are_the_same_numbers_in_every_run(tmp_path: Path) -> None:
    block, _ = next(Trace(file=write(tmp_path, "/index.html\n")).blocks())
    assert block.tolist() == [13024811446251418598]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_csv(tmp_path: Path, mark: str) -> None:
    rows = [["time", "who", "size"], ["1", '"a ""x"""', "10"], ["2", "b", ""], ["3", "b", "7"]]
    file = write(tmp_path, "\n".join(mark.join(row) for row in rows))
    trace, keys, sizes = read(file, column="who")
    assert (keys, trace.form, trace.unreadable) == ([0, 1, 1], "csv", 0)
    assert sizes == pytest.approx([10, np.nan, 7], nan_ok=True)


def test_csv_by_its_name_and_known_columns(tmp_path: Path) -> None:
    text = "\ufefftime,key,method\n1,x,GET\n2,y,POST\n3,x,get\n"
    trace, keys, _ = read(write(tmp_path, text, "t.csv"))
    assert (keys, trace.other_methods) == ([0, 0], 1)
    assert read(write(tmp_path, "whatever\na\nb\na\n", "u.csv"))[1] == [0, 1, 0]
    text = 'key,note\na,"two\nlines"\nb,"x"\n'
    assert read(write(tmp_path, text), form="csv")[1] == [0, 1]


def test_ragged_rows_are_counted(tmp_path: Path) -> None:
    file = write(tmp_path, "t,key\n1,a\n2\n3,b,c\n4,\n5,a\n")
    trace, keys, _ = read(file, column="key")
    assert (keys, trace.unreadable, trace.first_unreadable) == ([0, 0], 3, 3)


def test_access_logs(tmp_path: Path) -> None:
    lines = [
        LOG.format("GET", "/a", 200, 120),
        LOG.format("GET", "/b?x=1", 304, "-"),
        LOG.format("POST", "/a", 200, 5),
        LOG.format("GET", "/a", 200, 120) + ' "http://example.org/" "Mozilla/5.0 (\\"x\\")"',
        f'host:443 ::1 - "frank" {TIME} "GET /c HTTP/1.1" 200 9',
        f'::1 - - {TIME} "\\x16\\x03\\x01" 400 0',
        f'::1 - - {TIME} "GET /q\\"uote HTTP/1.1" 200 7',
        f'::1 - - {TIME} "-" 408 -',
        "rubbish",
    ]
    trace, keys, sizes = read(write(tmp_path, "\n".join(lines)))
    assert trace.form == "common"
    assert keys == [0, 1, 0, 2]
    assert sizes == pytest.approx([120, np.nan, 120, 7], nan_ok=True)
    assert (trace.unreadable, trace.first_unreadable, trace.other_methods) == (4, 5, 1)
    every, keys, _ = read(write(tmp_path, "\n".join(lines)), methods=())
    assert (len(keys), every.other_methods) == (5, 0)


def test_an_open_quote_in_a_log_costs_no_time(tmp_path: Path) -> None:
    line = LOG.format("GET", "/a", 200, 1) + "\n"
    odd = '::1 [x] "' + 'a\\"' * 21_000 + "\n"
    start = time.perf_counter()
    trace, keys, _ = read(write(tmp_path, line * 40 + odd * 20))
    assert time.perf_counter() - start < 5
    assert (len(keys), trace.unreadable, trace.first_unreadable) == (40, 20, 41)


def test_json_lines(tmp_path: Path) -> None:
    lines = [
        '{"method": "GET", "uri": "/a", "bytes": 10}',
        '{"request": {"method": "GET", "uri": "/b"}, "size": "20"}',
        '{"id": 9, "request": "GET /a HTTP/1.1", "body_bytes_sent": 10}',
        '{"request": "POST /a HTTP/1.1"}',
        '{"path": 7}',
        '{"path": true}',
        '{"other": 1}',
        "[1, 2]",
        '{"path": "unfinished',
        "[" * 5_000,
        '{"path": ' + "9" * 5_000 + "}",
    ]
    trace, keys, sizes = read(write(tmp_path, "\n".join(lines)), form="json")
    assert keys == [0, 1, 0, 2]
    assert sizes == pytest.approx([10, 20, 10, np.nan], nan_ok=True)
    assert (trace.unreadable, trace.first_unreadable, trace.other_methods) == (6, 6, 1)
    assert read(write(tmp_path, '{"asset": "x"}\n{"asset": "x"}\n'), column="asset")[1] == [0, 0]


def test_json_is_recognised(tmp_path: Path) -> None:
    assert read(write(tmp_path, '{"path": "a"}\n' * 3))[0].form == "json"


def test_gzip(tmp_path: Path) -> None:
    packed = gzip.compress(b"a\nb\na\n")
    assert read(write(tmp_path, packed, "t.gz"))[1] == [0, 1, 0]
    assert refused(write(tmp_path, packed)) == (
        "FILE: this is compressed; unpack it, or let its name end in .gz"
    )
    assert "cannot be read" in refused(write(tmp_path, packed[:-9], "half.gz"))
    assert "cannot be read" in refused(write(tmp_path, b"not packed", "plain.gz"))
    spoiled = bytearray(gzip.compress(np.random.default_rng(1).bytes(5_000)))
    spoiled[40:60] = bytes(20)
    assert "FILE: " in refused(write(tmp_path, bytes(spoiled), "spoiled.gz"))


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a\nb\n")))
    trace, keys, _ = read("-")
    assert (keys, trace.name, trace.position()) == ([0, 1], "standard input", 0)


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        (b"", {}, "FILE: there are no references in it"),
        (b"\n \n\r\n", {}, "FILE: there are no references in it"),
        (b"\x7fELF\0\0\0" * 100, {}, "FILE: this is no text; one key a line, CSV or an access log is needed"),
        ("äöü\n".encode("utf-16"), {}, "FILE: this is no text; one key a line, CSV or an access log is needed"),
        (b"a\nb\n", {"form": "json"}, "FILE:1: none of 2 lines can be read in the form 'json'; forms are keys, csv, common, json"),
        (b"x" * 3_000_000, {}, "FILE:1: none of 1 lines can be read in the form 'keys'; forms are keys, csv, common, json"),
        (b"a,b\n1,2\n", {"column": "c"}, "FILE:1: there is no column 'c'; columns are a, b"),
        (b"a,b\n1,2\n", {"form": "csv"}, "FILE:1: no column is known to hold the keys; name it by --column; there are 'a', 'b'"),
        (b"key\n", {"form": "csv"}, "FILE: there are no references in it"),
        (LOG.format("HEAD", "/a", 200, 1).encode(), {}, "FILE: no request is by GET; choose methods by --method"),
    ],
)  # fmt: skip
def test_refusals(tmp_path: Path, content: bytes, options: dict[str, Any], message: str) -> None:
    assert refused(write(tmp_path, content), **options) == message


def test_files_that_are_not_there(tmp_path: Path) -> None:
    write(tmp_path, "a", "access.log")
    assert "there is no file" in refused(str(tmp_path / "acess.log"))
    assert "did you mean" in refused(str(tmp_path / "acess.log"))
    assert refused(str(tmp_path)) == "FILE: this is a directory; name the trace in it"
    assert refused("a\0b")
    assert "File name too long" in refused("x" * 10_000)


def test_lines_too_long_are_counted_where_they_stand(tmp_path: Path) -> None:
    long = b"y" * 2_500_000
    file = write(tmp_path, b"a\nb\n" + long + b"\na\n" + b"z" * 70_000 + b"\nb\0\nc\n")
    trace, keys, _ = read(file)
    assert (keys, trace.unreadable, trace.first_unreadable) == ([0, 1, 0, 2], 3, 3)


def test_one_endless_line_fills_no_memory(tmp_path: Path) -> None:
    file = write(tmp_path, b"y" * 30_000_000)
    tracemalloc.start()
    assert "none of 1 lines" in refused(file)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10e6


def test_a_key_that_is_cut_is_no_key(tmp_path: Path) -> None:
    file = write(tmp_path, "key\na\n" + "y" * 2_100_000 + "\nb\n", "t.csv")
    trace, keys, _ = read(file)
    assert (keys, trace.unreadable, trace.first_unreadable) == ([0, 1], 1, 3)


def test_an_open_quote_swallows_no_memory(tmp_path: Path) -> None:
    file = write(tmp_path, "key,n\na,1\n" + '"' + "b,2\n" * 200_000, "t.csv")
    tracemalloc.start()
    trace, keys, _ = read(file)
    assert tracemalloc.get_traced_memory()[1] < 60e6
    tracemalloc.stop()
    assert trace.unreadable >= 1
    assert trace.first_unreadable > 1
    assert keys[0] == 0


@pytest.mark.parametrize("count", [300_000, pytest.param(2_000_000, marks=pytest.mark.slow)])
def test_a_pipe_in_bounded_memory(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """From a pipe that never has more than a piece ready."""

    class Pipe(io.RawIOBase):
        place = 0

        def readable(self) -> bool:
            return True

        def read(self, size: int = -1) -> bytes:
            first, self.place = self.place, min(self.place + 50_000, count)
            return b"".join(b"/object/%d\n" % number for number in range(first, self.place))

    class Stdin:
        buffer = Pipe()

    monkeypatch.setattr(sys, "stdin", Stdin())
    trace = Trace(file="-")
    tracemalloc.start()
    last = 0
    for keys, _ in trace.blocks():
        last = int(keys[-1])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert trace.references == count
    assert last
    assert peak < 30e6


@given(st.binary(max_size=300), st.sampled_from(["auto", "keys", "csv", "common", "json"]))
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_file_is_a_traceback(tmp_path: Path, content: bytes, form: str) -> None:
    file = write(tmp_path, content)
    told = ""
    try:
        trace, keys, _ = read(file, form=form)
        assert trace.references == len(keys) > 0
    except UsageError as error:
        told = str(error)
    assert "\n" not in told
