"""The built-in example scenarios."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from capcalc.errors import Problem, UsageError
from capcalc.scenarios.words import did_you_mean, shown

#: Where web systems lie, and general networks of stations.
_SYSTEMS = Path(__file__).parent / "examples"
_NETWORKS = _SYSTEMS / "networks"


@cache
def names() -> tuple[str, ...]:
    """Names of the example systems, each to be used wherever a file is asked for.

    Examples
    --------
    >>> names()
    ('bookshop', 'microservices', 'newsroom', 'saas', 'single-server')
    """
    return _names(_SYSTEMS)


@cache
def networks() -> tuple[str, ...]:
    """Names of the example networks, each to be used wherever a network is asked for.

    Examples
    --------
    >>> networks()
    ('api-gateway', 'shop-and-batch', 'thread-pool')
    """
    return _names(_NETWORKS)


def metrics(file: str) -> Path | None:
    """The built-in measurements of this name, with or without ``.csv``; None if there are none.

    Examples
    --------
    >>> metrics("web-day").name
    'web-day.csv'
    """
    folder = _SYSTEMS / "metrics"
    stem = file.removesuffix(".csv")
    found = {entry.name.removesuffix(".csv"): entry for entry in folder.iterdir()}
    return found.get(stem)


def _names(folder: Path) -> tuple[str, ...]:
    found = (entry.name for entry in folder.iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in found if name.endswith(".yaml")))


def text(name: str) -> str:
    """The YAML text of an example, with its comments.

    Parameters
    ----------
    name : str
        One of :func:`names` or :func:`networks`, with or without ``.yaml``.

    Raises
    ------
    UsageError
        When there is no such example.
    """
    stem = name.removesuffix(".yaml")
    known = (*names(), *networks())
    if stem not in known:
        hint = did_you_mean(stem, known, "there are")
        raise UsageError(Problem(message=f"there is no example {shown(name)}", hint=hint))
    folder = _SYSTEMS if stem in names() else _NETWORKS
    return (folder / f"{stem}.yaml").read_text(encoding="utf-8")


def summary(name: str) -> str:
    """The first line of an example's own description."""
    return text(name).splitlines()[0].lstrip("# ")
