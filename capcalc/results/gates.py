"""The answer to `check`: gates, each kept, broken or without a verdict."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

#: Exit codes (DESIGN, "Commands").
KEPT, BROKEN, NO_VERDICT = 0, 1, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """One thing that has to be so.

    Attributes
    ----------
    gate : str
        Which limit: ``objective``, ``max_utilization``, ``availability``, ``min_runway``,
        ``max_cost_per_thousand_users`` or ``max_runway_loss``.
    subject : str
        A tier with its role, a request class with its measure, or ``system``.
    state : str
        ``everything up``, or after which failure.
    limit, value : float or None
        In SI units, runways in seconds, costs in US dollars a month; None where not known.
    kept : bool or None
        None where there is no verdict.
    path : str
        Of the limit in the scenario.
    says : str
        One line for a person.
    """

    gate: str
    subject: str
    state: str
    limit: float | None
    value: float | None
    kept: bool | None
    path: str
    says: str

    @property
    def name(self) -> str:
        """E.g. ``min_runway: db primary`` or ``objective: page p99, web loses a zone``."""
        when = "" if self.state == "everything up" else f", {self.state}"
        return f"{self.gate}: {self.subject}{when}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One tier now and in what it is compared with; runways in months."""

    tier: str
    utilization_before: float | None
    utilization: float | None
    response_p99_before: float | None
    response_p99: float | None
    runway_before: float | None
    runway: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GateReport:
    """All gates of a scenario, and what changed against another."""

    name: str
    gates: tuple[Gate, ...]
    changes: tuple[Change, ...] = ()
    compared_with: str = ""
    file: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def broken(self) -> tuple[Gate, ...]:
        """The gates that are not kept."""
        return tuple(gate for gate in self.gates if gate.kept is False)

    @property
    def unknown(self) -> tuple[Gate, ...]:
        """The gates without a verdict."""
        return tuple(gate for gate in self.gates if gate.kept is None)

    @property
    def exit_code(self) -> int:
        """0 when every gate is kept, 1 when one is broken, 3 when one has no verdict."""
        if self.broken:
            return BROKEN
        return NO_VERDICT if self.unknown else KEPT

    def rows(self) -> Iterator[dict[str, object]]:
        """One row for each gate."""
        for gate in self.gates:
            verdict = {True: "kept", False: "broken", None: "unknown"}[gate.kept]
            yield {
                "gate": gate.gate,
                "subject": gate.subject,
                "state": gate.state,
                "verdict": verdict,
                "value": gate.value,
                "limit": gate.limit,
                "path": gate.path,
                "says": gate.says,
            }

    @property
    def table(self) -> pd.DataFrame:
        """All gates as a DataFrame."""
        import pandas as pd

        return pd.DataFrame(list(self.rows()))
