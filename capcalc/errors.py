"""What can go wrong, as a person is told of it: three named errors, one line for each problem."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong with an input, where it stands and what would be right."""

    message: str
    file: str = ""
    line: int | None = None
    column: int | None = None
    key: str = ""
    hint: str = ""

    def __str__(self) -> str:
        """``file:line:column: key: message; hint``, leaving out what is not known."""
        numbers = (str(number) for number in (self.line, self.column) if number is not None)
        place = ":".join(part for part in (self.file, *numbers) if part)
        text = ": ".join(part for part in (place, self.key, self.message) if part)
        return f"{text}; {self.hint}" if self.hint else text


class CapcalcError(Exception):
    """Base of all errors that capcalc raises on purpose; ``exit_code`` is the command's."""

    exit_code = 2

    def __init__(self, problems: str | Problem | Iterable[Problem]) -> None:
        """Take one sentence, one problem or several."""
        if isinstance(problems, str):
            problems = Problem(message=problems)
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class ScenarioError(CapcalcError):
    """The scenario, or a value given for it, cannot be accepted."""


class UsageError(CapcalcError):
    """A request that cannot be carried out: an unknown path, a file in the way, a bad range."""


class NoVerdict(CapcalcError):
    """The question has no answer with what was given."""

    exit_code = 3
