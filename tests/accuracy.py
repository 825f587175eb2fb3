"""Errors of theory against references of many digits, by region, as a table that is printed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import mpmath as mp
import numpy as np
import pytest

EPS = float(np.finfo(float).eps)
#: Relative error that exact models keep, and the conditioning beyond which it is scaled.
LIMIT, SENSITIVE = 1e-12, 1e3
#: Below this a probability is left to its logarithm.
TINY = 1e-300

Reference = Callable[..., mp.mpf]


def conditioning(reference: Reference, arguments: Sequence[float]) -> float:
    """Relative change of the value for a relative change of the worst real input.

    ``arguments`` that are Python ints are exact and count as given without error.
    """
    value = reference(*map(mp.mpf, arguments))
    if value == 0 or not mp.isfinite(value):
        return 0.0
    worst = mp.mpf(0)
    step = mp.mpf(10) ** (-mp.mp.dps // 3)
    for place, argument in enumerate(arguments):
        if isinstance(argument, int):
            continue
        moved = [mp.mpf(each) for each in arguments]
        moved[place] *= 1 + step
        worst = max(worst, abs(reference(*moved) / value - 1) / step)
    return float(worst)


@dataclass
class Row:
    """The worst error of one question in one region."""

    model: str
    question: str
    region: str
    points: int = 0
    worst: float = 0.0
    sensitivity: float = 0.0
    over: float = 0.0  # worst error as a share of what is allowed
    at: tuple[float, ...] = ()


@dataclass
class Table:
    """Collects errors, prints them, and says whether all are within bounds."""

    rows: dict[tuple[str, str, str], Row] = field(default_factory=dict)

    def add(
        self,
        model: str,
        question: str,
        region: str,
        function: Callable[..., object],
        reference: Reference,
        arguments: Sequence[float],
    ) -> None:
        """One point: doubles go in as they are; ints are exact for the conditioning."""
        wanted = reference(*map(mp.mpf, arguments))
        if abs(wanted) < TINY:
            return
        found = mp.mpf(float(function(*map(float, arguments))))  # type: ignore[arg-type]
        error = float(abs(found - wanted) / abs(wanted)) if mp.isfinite(found) else np.inf
        sensitivity = conditioning(reference, arguments)
        allowed = max(LIMIT, 4 * EPS * sensitivity) if sensitivity > SENSITIVE else LIMIT
        row = self.rows.setdefault((model, question, region), Row(model, question, region))
        row.points += 1
        row.sensitivity = max(row.sensitivity, sensitivity)
        row.worst = max(row.worst, error)
        if not error / allowed <= row.over:
            row.over, row.at = error / allowed, tuple(arguments)

    def show(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Print the table, whatever the outcome."""
        with capsys.disabled():
            print()
            for row in self.rows.values():
                print(
                    f"{row.model:14} {row.question:20} {row.region:24} {row.points:5} points, "
                    f"worst {row.worst:.1e}, conditioning {row.sensitivity:.0e}, "
                    f"{row.over:.2f} of the bound"
                )

    @property
    def points(self) -> int:
        """All points together."""
        return sum(row.points for row in self.rows.values())

    def assert_within_bounds(self) -> None:
        """Fail with the worst point of every row that is over its bound."""
        late = [
            (r.model, r.question, r.region, r.worst, r.at)
            for r in self.rows.values()
            if not r.over <= 1
        ]
        assert not late, late
