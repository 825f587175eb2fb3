"""A file of measurements opened: unpacked, its first bytes looked at, refused in words."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from capcalc.errors import Problem, UsageError
from capcalc.scenarios import examples
from capcalc.scenarios.words import nearest, shown

#: Bytes that are looked at to tell what a file is.
HEAD = 65_536
#: The longest first line that is taken for the head of a table.
LONGEST_LINE = 1_000_000
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclass(slots=True)
class File:
    """A file, its first bytes unpacked, and how its text is written."""

    name: str
    path: Path
    head: bytes
    encoding: str
    total_bytes: int
    stream: IO[bytes] | None = None

    @contextmanager
    def bytes_of(self) -> Iterator[IO[bytes]]:
        """The whole content, unpacked."""
        try:
            with self.path.open("rb") as raw:
                self.stream = raw
                if packed(self.path):
                    unpacked: Any = gzip.GzipFile(fileobj=raw)
                    yield unpacked
                else:
                    yield raw
        except (OSError, EOFError) as error:
            raise refused(self.name, f"the file cannot be read: {reason(error)}") from None
        finally:
            self.stream = None

    def position(self) -> int:
        """Bytes of the (packed) file that have been read."""
        return 0 if self.stream is None or self.stream.closed else self.stream.tell()

    @contextmanager
    def text(self) -> Iterator[IO[str]]:
        """The whole content as text; what is no text is replaced."""
        with self.bytes_of() as raw:
            yield io.TextIOWrapper(raw, encoding=self.encoding, errors="replace", newline="")

    def first_text(self) -> str:
        """What the first bytes say."""
        return self.head.decode(self.encoding, errors="replace")


def packed(path: Path) -> bool:
    """Whether a file is gzip, by its name."""
    return path.suffix.lower() == ".gz"


def opened(file: str) -> File:
    """Look at a file.

    Raises
    ------
    UsageError
        When it is missing, a directory, empty, or cannot be read.
    """
    path = Path(file)
    try:
        if path.is_dir():
            raise refused(file, "this is a directory", "name the file in it")
        if not path.exists() and (builtin := examples.metrics(file)) is not None:
            path = builtin
        if not path.exists():
            near = nearest(path.name, _siblings(path.parent))
            hint = f"did you mean {str(path.parent / near)!r}?" if near else ""
            raise UsageError(Problem(message=f"there is no file {shown(file)}", hint=hint))
        size = path.stat().st_size
    except (OSError, ValueError) as error:
        raise refused(file, f"the file cannot be read: {reason(error)}") from None
    found = File(name=file, path=path, head=b"", encoding="utf-8", total_bytes=size)
    with found.bytes_of() as raw:
        found.head = raw.read(HEAD)
    if not found.head.strip():
        raise refused(file, "the file is empty", "export the metrics again")
    found.encoding = _encoding(found)
    return found


def _encoding(found: File) -> str:
    for mark, name in _MARKS:
        if found.head.startswith(mark):
            return name
    if found.head.startswith(b"PAR1"):
        return "binary"
    if b"\0" in found.head or found.head.startswith((b"PK\x03\x04", b"\x1f\x8b", b"%PDF")):
        kind = "a spreadsheet or archive" if found.head.startswith(b"PK") else "a binary file"
        hint = "gzip files end in .gz" if found.head.startswith(b"\x1f\x8b") else "export it as CSV"
        raise refused(found.name, f"this is {kind}, not measurements", hint)
    return "utf-8"


def reason(error: BaseException) -> str:
    """What the system says, in words."""
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def refused(file: str, message: str, hint: str = "", line: int | None = None) -> UsageError:
    """The complaint about a file."""
    return UsageError(Problem(file=file, line=line, message=message, hint=hint))


def _siblings(folder: Path) -> list[str]:
    try:
        return [entry.name for entry in folder.iterdir() if entry.is_file()][:300]
    except (OSError, ValueError):
        return []
