"""All that is known of one solved system, and every number of it that can be explained."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from capcalc.advice.explain.draft import Draft
from capcalc.advice.explain.inputs import Origins, input_of
from capcalc.model import paths
from capcalc.model.facts import Seen
from capcalc.model.system import System
from capcalc.results.solution import Solution
from capcalc.solve.facts import seen
from capcalc.solve.loads import Loads, loads
from capcalc.solve.system import solve

#: Paths of the answer with what explains each.
Entries: TypeAlias = Iterator[tuple[str, Callable[[], Draft]]]


class Book:
    """The solution, what it was made of, and one draft for every path, made when asked for."""

    def __init__(self, system: System, origins: Origins) -> None:
        """Solve the system; ``pages`` are entered by those who know them."""
        self.given = system
        self.origins = origins
        self.solution: Solution = solve(system)
        self.loaded: Loads = loads(system)
        self.system = self.loaded.system
        self.pages: dict[str, Callable[[], Draft]] = {}
        self._made: dict[str, Draft] = {}
        self._views: Mapping[str, Seen] | None = None
        set_there = (leaf.path for leaf in paths.leaves(system))
        self._set = frozenset((*set_there, *system.inputs.defaults))

    def enter(self, entries: Entries) -> None:
        """Further paths; the first who knows one explains it."""
        for path, make in entries:
            self.pages.setdefault(path, make)

    def draft(self, path: str) -> Draft:
        """What explains a path of the answer."""
        return self.once(path, self.pages[path])

    def input(self, path: str) -> Draft:
        """What explains a path of the file."""
        return self.once(f"{path} ", lambda: input_of(self.given, self.origins, path))

    def once(self, key: str, make: Callable[[], Draft]) -> Draft:
        """The same draft whenever the same number is asked for."""
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]

    def has(self, path: str) -> bool:
        """Whether the scenario has a value at a path of the file."""
        return path in self._set

    def views(self) -> Mapping[str, Seen]:
        """What each tier sees of itself."""
        if self._views is None:
            found, solved = self.loaded, self.solution
            self._views = seen(
                found.system, found.flows, found.queues, solved.tier_results, solved.request_results
            )
        return self._views

    def inputs(self) -> Iterator[str]:
        """All paths of the file that have a value."""
        return (leaf.path for leaf in paths.leaves(self.given))

    def said(self, beginning: str) -> tuple[str, ...]:
        """The assumptions of the solution that begin so."""
        return tuple(each for each in self.solution.assumptions if each.startswith(beginning))
