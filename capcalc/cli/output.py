"""Output that is whole or not there at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import click

from capcalc.errors import Problem, UsageError


def write(text: str, output: str | None, force: bool) -> None:
    """Print, or write a file in one step."""
    if output is None:
        click.echo(text, nl=False)
        return
    with replacing(output, force) as stream:
        stream.write(text)


@contextmanager
def replacing(output: str, force: bool) -> Iterator[IO[str]]:
    """A stream that takes the file's place only when everything has been written.

    Raises
    ------
    UsageError
        When the file exists and may not be overwritten, or cannot be written.
    """
    path = Path(output)
    if path.exists() and not force:
        raise UsageError(Problem(file=output, message="exists", hint="add --force to overwrite it"))
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise UsageError(Problem(file=output, message=_reason(error))) from None
    part = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            yield stream
        part.chmod(0o666 & ~_umask())
        part.replace(path)
    except OSError as error:
        raise UsageError(Problem(file=output, message=_reason(error))) from None
    finally:
        part.unlink(missing_ok=True)


def _reason(error: OSError) -> str:
    return f"cannot be written: {error.strerror or error}"


def _umask() -> int:
    """The process's file mode mask, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
