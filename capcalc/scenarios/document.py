"""A file as it was read: the plain tree, and where every key and value stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from capcalc.errors import Problem
from capcalc.scenarios.words import dotted

#: Keys and list positions from the root of the tree.
Path: TypeAlias = tuple[str | int, ...]
#: Line and column, from 1.
Place: TypeAlias = tuple[int, int]
#: Problems that are told at once.
MOST_SHOWN = 50
#: Problems that are looked for, of each sort.
MOST_SOUGHT = 4 * MOST_SHOWN


@dataclass(slots=True)
class Document:
    """Plain dicts, lists and scalars, with the places of keys and values.

    ``settings`` are the paths that were given from outside, with the text that names them.
    """

    tree: Any
    file: str
    keys: dict[Path, Place]
    values: dict[Path, Place]
    found: list[Problem] = field(default_factory=list)
    settings: dict[Path, str] = field(default_factory=dict)

    def at(self, path: Path) -> Any:
        """The value at a path, or None where there is none."""
        node = self.tree
        for part in path:
            try:
                node = node[part]
            except (KeyError, IndexError, TypeError):
                return None
        return node

    def mapping(self, *path: str) -> dict[str, Any]:
        """The mapping at a path; empty where there is none."""
        node = self.at(path)
        return node if isinstance(node, dict) else {}

    def problem(self, path: Path, message: str, hint: str = "", *, key: Path = ()) -> Problem:
        """A problem at a path; ``key`` names it differently, e.g. for a missing key."""
        return self._told(path, Problem(message=message, key=dotted(key or path), hint=hint))

    def key_problem(self, path: Path, message: str, hint: str = "") -> Problem:
        """A problem with the key itself, not with its value."""
        found = Problem(message=message, key=dotted(path), hint=hint)
        return self._told(path, found, self.keys.get(path))

    def _told(self, path: Path, found: Problem, place: Place | None = None) -> Problem:
        setting = self._setting(path)
        if setting is None:
            line, column = place or self._place(path)
            return replace(found, file=self.file, line=line, column=column)
        name = "" if setting == f"--set {found.key}" else found.key
        return replace(found, file=setting, key=name)

    def line(self, path: Path) -> int:
        """The line in which something stands."""
        return self._place(path)[0]

    def _setting(self, path: Path) -> str | None:
        """The setting that gave the value at a path, or that made the key."""
        tops = (path[:length] for length in range(len(path), 0, -1))
        above = next((self.settings[top] for top in tops if top in self.settings), None)
        if above or path in self.keys or self.at(path) is None:
            return above
        below = (given for given in self.settings if given[: len(path)] == path)
        return next((self.settings[given] for given in below), None)

    def _place(self, path: Path) -> Place:
        """A scalar's own place, a collection's key, else the nearest that is known above."""
        if not isinstance(self.at(path), dict | list | None) and path in self.values:
            return self.values[path]
        tops = (path[:length] for length in range(len(path), 0, -1))
        places = (self.keys.get(top) or self.values.get(top) for top in tops)
        return next((place for place in places if place), (1, 1))


def in_order(problems: Iterable[Problem], most: int = MOST_SHOWN) -> Iterator[Problem]:
    """One problem a place, from the top of the file down, as many as a person will read."""
    first: dict[object, Problem] = {}
    for problem in problems:
        first.setdefault((problem.file, problem.line, problem.key or problem.message), problem)
    ordered = sorted(
        first.values(),
        key=lambda problem: (problem.line is None, problem.line or 0, problem.column or 0),
    )
    yield from ordered[:most]
    if len(ordered) > most:
        yield Problem(message=f"and more: these are the first {most}")
