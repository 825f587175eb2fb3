"""What a rule says of a column's name."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Guess:
    """A role, what is left of the name, and which word told it."""

    role: str
    used: frozenset[str]
    why: str


def made(role: str, said: set[str], used: Collection[str]) -> Guess:
    """A guess by these words, of which some were said."""
    hit = [word for word in used if word in said]
    return Guess(role, frozenset(used), ", ".join(sorted(hit)) or role)
