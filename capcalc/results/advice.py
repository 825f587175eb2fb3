"""The answer to `advise`: plans with their cost, what binds, and the reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from capcalc.results.deciding import Deciding, Growing


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What one tier runs on: so many hosts of an instance type, or of so many servers."""

    tier: str
    instance: str | None
    hosts: int
    servers: int
    #: US dollars per month; None where no price is known
    cost: float | None

    def __str__(self) -> str:
        """E.g. ``6 x c7g.xlarge``, ``3 x 4 servers``."""
        plural = "" if self.servers == 1 else "s"
        return f"{self.hosts} x {self.instance or f'{self.servers} server{plural}'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that a plan must keep, in one state of the system."""

    state: str
    subject: str
    measure: str
    value: float
    limit: float

    @property
    def met(self) -> bool:
        """Whether it is kept; a billionth of slack for rounding."""
        return self.value <= self.limit * (1 + 1e-9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One way to run a tier or the whole system.

    Attributes
    ----------
    kind : str
        ``today``, ``vertical`` (same hosts, bigger instances), ``horizontal`` (more hosts of
        the same instance) or ``mixed`` (any).
    choices : tuple of Choice
        One for each tier that the plan covers; empty where there is no such plan.
    cost : float or None
        US dollars per month of the tiers covered, as far as prices are known.
    unpriced_servers : int
        Servers of tiers without a price.
    utilization, utilization_after_failure : float or None
        Of the busiest tier covered, at today's load; after the worst failure to be survived.
    p99 : float or None
        Worst p99 of a class with an objective, everything up, today's load. [s]
    load_factor : float or None
        Today's load may grow by this factor before something to be kept breaks.
    survives : tuple of str
        The failures after which everything still holds at today's load.
    why_not : str
        Why there is no such plan.
    nearest : bool
        Whether some objective or limit is out of every plan's reach and left out here: the
        plan keeps all that can be kept.
    """

    kind: str
    choices: tuple[Choice, ...] = ()
    cost: float | None = None
    unpriced_servers: int = 0
    utilization: float | None = None
    utilization_after_failure: float | None = None
    p99: float | None = None
    load_factor: float | None = None
    survives: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    why_not: str = ""
    nearest: bool = False

    @property
    def feasible(self) -> bool:
        """Whether there is a plan and it keeps everything."""
        return self.usable and not self.nearest

    @property
    def usable(self) -> bool:
        """Whether there is a plan that keeps at least all that can be kept."""
        return bool(self.choices) and not self.why_not


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakEven:
    """The load from which the other way to grow is the cheaper one.

    Loads are factors of today's; ``first`` is cheaper below ``factor``, ``then`` above it.
    ``vertical_end`` and ``horizontal_end`` are the loads that the largest options carry.
    """

    factor: float | None
    first: str | None
    then: str | None
    vertical_end: float
    horizontal_end: float
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TierAdvice:
    """One tier: up, out or both."""

    tier: str
    today: Plan
    vertical: Plan
    horizontal: Plan
    mixed: Plan
    recommendation: str
    recommended: Plan
    reasons: tuple[str, ...]
    break_even: BreakEven
    deciding: Deciding | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """Every tier, and the system as a whole."""

    name: str
    tiers: tuple[TierAdvice, ...]
    today: Plan
    vertical: Plan
    horizontal: Plan
    mixed: Plan
    recommendation: str
    recommended: Plan
    reasons: tuple[str, ...]
    planned_load: float
    states: tuple[str, ...]
    growing: tuple[Growing, ...] = ()
    infeasible: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def plans(self) -> tuple[Plan, ...]:
        """The plans for the whole system."""
        return (self.today, self.vertical, self.horizontal, self.mixed)

    @property
    def frame(self) -> pd.DataFrame:
        """One row for each tier and plan, and for the system."""
        import pandas as pd

        return pd.DataFrame(self.rows())

    def rows(self) -> list[dict[str, object]]:
        """The plans as flat records, times in seconds, money in US dollars per month."""
        subjects = [(each.tier, each) for each in self.tiers] + [("system", self)]
        return [
            _row(name, plan, plan.kind == advice.recommendation)
            for name, advice in subjects
            for plan in (advice.today, advice.vertical, advice.horizontal, advice.mixed)
        ]


def _row(subject: str, plan: Plan, recommended: bool) -> dict[str, object]:
    return {
        "subject": subject,
        "plan": plan.kind,
        "recommended": recommended,
        "feasible": plan.feasible,
        "nearest": plan.usable and plan.nearest,
        "choice": ", ".join(_named(choice, subject) for choice in plan.choices),
        "cost_usd_per_month": plan.cost,
        "unpriced_servers": plan.unpriced_servers,
        "utilization": plan.utilization,
        "utilization_after_failure": plan.utilization_after_failure,
        "p99_s": plan.p99,
        "load_factor": plan.load_factor,
        "survives": ", ".join(plan.survives),
        "why_not": plan.why_not,
    }


def _named(choice: Choice, subject: str) -> str:
    return str(choice) if subject == choice.tier else f"{choice.tier}: {choice}"
