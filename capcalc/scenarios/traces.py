"""Traces of requests from files and pipes: plain keys, CSV and access logs, in blocks."""

from __future__ import annotations

import csv
import gzip
import sys
import zlib
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import chain, count
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from capcalc.errors import Problem, UsageError
from capcalc.scenarios.trace_lines import (
    KEY_NAMES,
    LONGEST,
    METHOD_NAMES,
    SIZE_NAMES,
    Reference,
    Unreadable,
    common,
    json_line,
    pieces,
    size_of,
    too_odd,
)
from capcalc.scenarios.words import did_you_mean, nearest, shown

FORMS = ("keys", "csv", "common", "json")
#: References in one block.
BLOCK = 65_536


@dataclass(slots=True, kw_only=True)
class Trace:
    """A trace that is read once; the counters are true of what has been read so far."""

    file: str
    form: str = "auto"
    column: str = ""
    methods: Collection[str] = ("GET",)
    references: int = 0
    other_methods: int = 0
    unreadable: int = 0
    first_unreadable: int = 0
    sized: bool = False
    total_bytes: int = 0
    _stream: IO[bytes] | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """What stands for the file in messages."""
        return "standard input" if self.file == "-" else self.file

    def position(self) -> int:
        """Bytes of the file that have been read; 0 for a pipe."""
        if self._stream is None or self._stream.closed or not self.total_bytes:
            return 0
        return self._stream.tell()

    def blocks(self) -> Iterator[tuple[NDArray[np.uint64], NDArray[np.float64] | None]]:
        """The keys as integers, the same in every run, and the bytes if any are told.

        Raises
        ------
        UsageError
            When the file cannot be read, is no text, or holds no reference at all.
        """
        with ExitStack() as stack:
            try:
                for keys, sizes in self._batches(pieces(self._open(stack), self._check)):
                    self.references += len(keys)
                    numbers = np.array(sizes) if sizes else np.full(len(keys), np.nan)
                    self.sized = self.sized or bool(np.isfinite(numbers).any())
                    yield _hashed(keys), numbers if self.sized else None
            except (OSError, EOFError, zlib.error) as error:
                raise self._refused(f"the file cannot be read: {_reason(error)}") from None
        if not self.references:
            raise self._nothing()

    def _open(self, stack: ExitStack) -> IO[bytes]:
        if self.file == "-":
            return sys.stdin.buffer
        path = Path(self.file)
        try:
            if path.is_dir():
                raise self._refused("this is a directory", "name the trace in it")
            if not path.exists():
                near = nearest(path.name, _siblings(path.parent))
                hint = f"did you mean {str(path.parent / near)!r}?" if near else ""
                raise UsageError(Problem(message=f"there is no file {shown(self.file)}", hint=hint))
            self._stream = stack.enter_context(path.open("rb"))
            self.total_bytes = path.stat().st_size if path.is_file() else 0
        except ValueError as error:
            raise self._refused(f"the file cannot be read: {error}") from None
        if path.suffix == ".gz":
            unpacked: Any = gzip.GzipFile(fileobj=self._stream)
            return stack.enter_context(unpacked)
        return self._stream

    def _batches(self, parts: Iterator[list[bytes]]) -> Iterator[tuple[list[bytes], list[float]]]:
        """Keys and bytes, in blocks, by the form that the first lines show."""
        first = next(parts, [])
        if first and first[0].startswith(b"\xef\xbb\xbf"):
            first[0] = first[0][3:]
        if self.form == "auto":
            self.form = self._guess(first)
        together = chain([first], parts)
        if self.form == "keys":
            yield from self._plain(together)
            return
        keys: list[bytes] = []
        sizes: list[float] = []
        for key, size in self._parsed(chain.from_iterable(together)):
            keys.append(key)
            sizes.append(size)
            if len(keys) >= BLOCK:
                yield keys, sizes
                keys, sizes = [], []
        if keys:
            yield keys, sizes

    def _check(self, start: bytes) -> None:
        """Refuse what is no text by its first bytes."""
        if start.startswith(b"\x1f\x8b"):
            raise self._refused("this is compressed", "unpack it, or let its name end in .gz")
        if b"\0" in start[:1024]:
            raise self._refused("this is no text", "one key a line, CSV or an access log is needed")

    def _guess(self, lines: list[bytes]) -> str:
        """The form of the first lines that say something."""
        if self.column and not (lines and lines[0].lstrip().startswith(b"{")):
            return "csv"
        some = [line for line in lines if line.strip()][:20]
        for form, parse in (("json", self._json), ("common", self._common)):
            good = 0
            for line in some:
                try:
                    parse(line)
                    good += 1
                except Unreadable:
                    pass
            if 2 * good > len(some):
                return form
        name = self.file.removesuffix(".gz")
        return "csv" if name.endswith((".csv", ".tsv")) else "keys"

    def _plain(self, parts: Iterator[list[bytes]]) -> Iterator[tuple[list[bytes], list[float]]]:
        number = 0
        for lines in parts:
            bad = [place for place, line in enumerate(lines, number + 1) if too_odd(line)]
            for place in bad:
                self._bad(place)
            number += len(lines)
            good = (line.strip() for line in lines if not bad or not too_odd(line))
            if keys := [line for line in good if line]:
                yield keys, []

    def _parsed(self, lines: Iterator[bytes]) -> Iterator[tuple[bytes, float]]:
        if self.form == "csv":
            yield from self._rows(lines)
            return
        parse: Callable[[bytes], Reference] = self._json if self.form == "json" else self._common
        for number, line in enumerate(lines, 1):
            if not line or line.isspace():
                continue
            try:
                found = parse(line)
            except Unreadable:
                self._bad(number)
                continue
            if found is None:
                self.other_methods += 1
            else:
                yield found

    def _bad(self, number: int) -> None:
        self.unreadable += 1
        self.first_unreadable = self.first_unreadable or number

    def _wanted(self, method: str) -> bool:
        return not self.methods or method.upper() in self.methods

    def _common(self, line: bytes) -> Reference:
        return common(line, self._wanted)

    def _json(self, line: bytes) -> Reference:
        return json_line(line, self._wanted, self.column)

    def _rows(self, lines: Iterator[bytes]) -> Iterator[tuple[bytes, float]]:
        text = (line.decode("utf-8", "surrogateescape") for line in lines)
        first = next(text, "")
        mark = max(",;\t", key=first.count)
        rows = csv.reader(chain([first], text), delimiter=mark)
        heads = [head.strip() for head in self._next(rows) or []]
        place = self._column(heads)
        size = next((heads.index(name) for name in SIZE_NAMES if name in heads), None)
        method = next((heads.index(name) for name in METHOD_NAMES if name in heads), None)
        for _ in count():
            row = self._next(rows)
            if row is None:
                return
            if not row:
                continue
            key = row[place] if place < len(row) == len(heads) else ""
            if not key or len(key) > LONGEST:
                self._bad(rows.line_num)
            elif method is not None and not self._wanted(row[method]):
                self.other_methods += 1
            else:
                told = float("nan") if size is None else size_of(row[size])
                yield key.encode("utf-8", "surrogateescape"), told

    def _next(self, rows: Any) -> list[str] | None:
        """The next row that can be read; None at the end."""
        while True:
            try:
                return next(rows)  # type: ignore[no-any-return]
            except StopIteration:
                return None
            except csv.Error:
                self._bad(rows.line_num)

    def _column(self, heads: list[str]) -> int:
        if self.column in heads:
            return heads.index(self.column)
        if self.column:
            hint = did_you_mean(self.column, heads, "columns are")
            raise self._refused(f"there is no column {shown(self.column)}", hint, line=1)
        found = [heads.index(name) for name in KEY_NAMES if name in heads]
        if not found and len(heads) != 1:
            hint = f"name it by --column; there are {', '.join(map(shown, heads[:20]))}"
            raise self._refused("no column is known to hold the keys", hint, line=1)
        return found[0] if found else 0

    def _refused(self, message: str, hint: str = "", line: int | None = None) -> UsageError:
        return UsageError(Problem(file=self.name, line=line, message=message, hint=hint))

    def _nothing(self) -> UsageError:
        if self.unreadable:
            message = f"none of {self.unreadable:,} lines can be read in the form '{self.form}'"
            hint = f"forms are {', '.join(FORMS)}"
            return self._refused(message, hint, line=self.first_unreadable)
        if self.other_methods:
            wanted = " or ".join(self.methods)
            return self._refused(f"no request is by {wanted}", "choose methods by --method")
        return self._refused("there are no references in it")


def _hashed(keys: list[bytes]) -> NDArray[np.uint64]:
    """64 bits of each key."""
    known = {key: blake2b(key, digest_size=8).digest() for key in set(keys)}
    return np.frombuffer(b"".join(map(known.__getitem__, keys)), dtype="<u8").astype(np.uint64)


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)


def _siblings(folder: Path) -> list[str]:
    try:
        return [entry.name for entry in folder.iterdir()]
    except (OSError, ValueError):
        return []
