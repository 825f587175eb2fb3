"""The built-in example scenarios."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from capcalc.errors import Problem, UsageError
from capcalc.scenarios.words import did_you_mean, shown

_FOLDER = Path(__file__).parent / "examples"


@cache
def names() -> tuple[str, ...]:
    """Names of the examples, each to be used wherever a file is asked for.

    Examples
    --------
    >>> names()
    ('bookshop', 'microservices', 'newsroom', 'saas', 'single-server')
    """
    found = (entry.name for entry in _FOLDER.iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in found if name.endswith(".yaml")))


def text(name: str) -> str:
    """The YAML text of an example, with its comments.

    Parameters
    ----------
    name : str
        One of :func:`names`, with or without ``.yaml``.

    Raises
    ------
    UsageError
        When there is no such example.
    """
    stem = name.removesuffix(".yaml")
    if stem not in names():
        hint = did_you_mean(stem, names(), "there are")
        raise UsageError(Problem(message=f"there is no example {shown(name)}", hint=hint))
    return (_FOLDER / f"{stem}.yaml").read_text(encoding="utf-8")


def summary(name: str) -> str:
    """The first line of an example's own description."""
    return text(name).splitlines()[0].lstrip("# ")
