"""Request classes by what is asked for: the user's patterns, else files and all else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from capcalc.errors import Problem, UsageError

#: Ends of paths that are files.
STATIC = re.compile(
    r"\.(?:css|js|mjs|map|png|jpe?g|gif|svg|ico|webp|avif|woff2?|ttf|eot|mp4|webm|pdf|zip|gz|xbm)$",
    re.IGNORECASE,
)
#: What no pattern names.
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Told:
    """What the user says of a file."""

    #: of columns, by name
    roles: Mapping[str, str]
    time_zone: str | None
    classes: Classes


class Classes:
    """Names paths; remembers what it has named."""

    def __init__(self, patterns: Mapping[str, str]) -> None:
        """Take regular expressions by the name of the class.

        Raises
        ------
        UsageError
            When one is no regular expression.
        """
        self._patterns = []
        for name, pattern in patterns.items():
            try:
                self._patterns.append((name, re.compile(pattern)))
            except re.error as error:
                raise UsageError(
                    Problem(
                        key=f"--class {name}",
                        message=f"{pattern!r} is no regular expression: {error}",
                        hint="write e.g. --class 'buy=^/(cart|buy)'",
                    )
                ) from None
        self._known: dict[str, str] = {}

    @property
    def told(self) -> bool:
        """Whether the user named any."""
        return bool(self._patterns)

    def of(self, path: str) -> str:
        """The class of a path (its query aside)."""
        if path not in self._known:
            if len(self._known) > 100_000:
                self._known.clear()
            self._known[path] = self._found(path)
        return self._known[path]

    def _found(self, path: str) -> str:
        for name, pattern in self._patterns:
            if pattern.search(path):
                return name
        plain = path.split("?", maxsplit=1)[0]
        if self._patterns:
            return OTHER
        return "static" if STATIC.search(plain) else "dynamic"

    def named(self, text: str) -> str:
        """A class as a column tells it; what looks like a path is named like one."""
        if self._patterns or text.startswith("/"):
            return self.of(text)
        return text
