"""All that the page tells: what every question about one system was answered with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from capcalc.model.system import System
from capcalc.results.advice import Advice
from capcalc.results.failures import FailureStudy
from capcalc.results.solution import Solution
from capcalc.results.timeline import Timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """One system and what was found; ``unanswered`` says why a part is None."""

    system: System
    solution: Solution
    failures: FailureStudy | None = None
    advice: Advice | None = None
    timeline: Timeline | None = None
    unanswered: Mapping[str, str] = field(default_factory=dict)
