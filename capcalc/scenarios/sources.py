"""Where a file's text comes from: the disk, or the built-in examples."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from capcalc.errors import Problem, UsageError
from capcalc.scenarios import examples, nodes
from capcalc.scenarios.words import did_you_mean, nearest, shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A text, the name that stands for it in messages, and the folder beside it."""

    text: str
    name: str
    folder: Path


def read(file: str | Path) -> Source:
    """The text of a file or, if there is none of that name, of a built-in example.

    Raises
    ------
    UsageError
        When there is neither, or the file cannot be read.
    ScenarioError
        When it is no text.
    """
    path = Path(file)
    if _exists(path):
        text = nodes.decode(_content(path), str(file))
        return Source(text=text, name=str(file), folder=path.parent)
    name = _example(str(file))
    return Source(text=examples.text(name), name=f"{name}.yaml", folder=Path())


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(nodes.MOST_BYTES + 1)
    except IsADirectoryError:
        reason, hint = "this is a directory", "name the scenario file in it"
    except OSError as error:
        reason, hint = f"the file cannot be read: {error.strerror}", ""
    raise UsageError(Problem(file=str(path), message=reason, hint=hint))


def _example(name: str) -> str:
    stem, known = name.removesuffix(".yaml"), (*examples.names(), *examples.networks())
    if stem in known:
        return stem
    near = nearest(Path(name).name, _siblings(Path(name).parent))
    hint = f"did you mean {str(Path(name).parent / near)!r}?" if near else ""
    hint = hint or did_you_mean(stem, known, "built-in examples are")
    raise UsageError(Problem(message=f"there is no file {shown(name)}", hint=hint))


def _siblings(folder: Path) -> list[str]:
    try:
        return [entry.name for entry in folder.iterdir() if entry.suffix in (".yaml", ".yml")]
    except (OSError, ValueError):
        return []
