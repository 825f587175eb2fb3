"""The answer to `plan`: what breaks when, what to do by then, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from capcalc.results.advice import Choice

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class Runway:
    """How far one limit is away, in one state of today's system.

    Attributes
    ----------
    subject : str
        A tier (``measure`` is ``utilization``) or a request class.
    role : str
        The station within the tier (``primary``, ``replica``), else empty.
    measure : str
        ``utilization``, ``mean``, ``p50``, ``p90``, ``p95``, ``p99`` or ``p999``.
    state : str
        ``everything up``, or the failure to be survived, e.g. ``web loses a zone``.
    limit, value : float
        What may be, and what is at today's load. Shares of 1, or seconds.
    load_factor : float
        The factor on today's demand at which the limit breaks: ``inf`` if never, below 1 if it
        is broken today, 0 if no load is small enough.
    months : float
        Months from the start until demand has grown so much: ``inf`` if never, 0 if the limit
        is broken today.
    date : str or None
        The month in which it breaks, as ``2027-03``; None without a start or if never.
    binds : str
        What it is, in one short sentence.
    """

    subject: str
    role: str
    measure: str
    state: str
    limit: float
    value: float
    load_factor: float
    months: float
    date: str | None
    binds: str

    @property
    def broken_today(self) -> bool:
        """Whether the limit is not kept at today's load."""
        return self.load_factor < 1 - 1e-9

    @property
    def name(self) -> str:
        """E.g. ``db primary``, ``browse p95``."""
        last = self.role if self.measure == "utilization" else self.measure
        return f"{self.subject} {last}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One change of one tier.

    Attributes
    ----------
    tier : str
        Which tier.
    needed : int
        The month, counted from the start, from whose first day on it has to serve.
    begin : float
        When to begin: the lead time earlier; below 0 it is too late to be in time. [months]
    date, begin_date : str or None
        Both as calendar months; None without a start. Nothing begins before the start.
    before, after : Choice
        What the tier runs on.
    because : str
        What would break in that month without it.
    until : int
        The month of the tier's next change, or that of the horizon.
    load_factor : float
        The highest load of the month, as a factor on today's.
    cost_before, cost_after : float or None
        The tier's hosts; None where no price is known. [USD per month]
    side_by_side : float
        For both generations while a machine is replaced. [USD, once]
    added : float or None
        What the change adds until the horizon, side by side included. [USD]
    """

    tier: str
    needed: int
    begin: float
    date: str | None
    begin_date: str | None
    before: Choice
    after: Choice
    because: str
    until: int
    load_factor: float
    cost_before: float | None
    cost_after: float | None
    side_by_side: float
    added: float | None

    @property
    def overdue(self) -> bool:
        """Whether the lead time is longer than what is left."""
        return self.begin < -1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class TierMonth:
    """One tier in one month of the plan, at the month's highest load.

    ``utilization`` is that of its busiest station with everything up, ``after_failure`` after
    the worst failure to be survived, ``used`` the largest share of a limit that is used, in any
    of these states. ``cost`` is in USD per month.
    """

    month: int
    date: str | None
    load_factor: float
    tier: str
    machines: Choice
    utilization: float | None
    after_failure: float | None
    used: float | None
    cost: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to grow until the horizon: the plan, bigger machines only, or more hosts only.

    Attributes
    ----------
    name : str
        ``plan``, ``vertical`` or ``horizontal``.
    hosts_cost : tuple of float
        All hosts with a price, month by month. [USD per month]
    hosts_total : float
        Until the horizon, generations side by side included. [USD]
    edge_total : float
        What CDNs cost beside that, the same in every way. [USD]
    side_by_side : float
        The part of the total for machines that are being replaced. [USD]
    least : float
        The hosts of any plan under the same rules cost no less. [USD]
    proved : bool
        Whether every limit is kept at this least cost.
    unpriced_servers : float
        Servers of tiers without a price, in the last month.
    machines : tuple of tuple of Choice
        Month by month, what every tier runs on.
    carried : int
        Months until the first in which something breaks.
    reachable : int
        Months that no plan under the same rules carries beyond.
    ends : str
        What breaks in the first month that is not carried.
    """

    name: str
    hosts_cost: tuple[float, ...]
    hosts_total: float
    edge_total: float
    side_by_side: float
    least: float
    proved: bool
    unpriced_servers: float
    machines: tuple[tuple[Choice, ...], ...]
    carried: int
    reachable: int
    ends: str

    @property
    def total(self) -> float:
        """All that is known to cost, until the horizon. [USD]"""
        return self.hosts_total + self.edge_total


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one way to grow costs in one month, CDNs included. [USD per month]"""

    way: str
    month: int
    date: str | None
    occasion: str
    load_factor: float
    machines: str
    cost: float
    keeps: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The answer to `plan`.

    Attributes
    ----------
    name : str
        The system's.
    start : str or None
        The month of today's load.
    growth : float
        Of demand, per month.
    asked, horizon, lasting : int
        Months asked for; months planned, less where no machine carries more; months that a
        change lasts at least.
    lead_time : float
        [months]
    runways : tuple of Runway
        Every limit of today's system, the one that breaks first first.
    steps : tuple of Step
        What to do, in order of time.
    months : tuple of TierMonth
        Every tier in every month, as planned.
    ways : tuple of Way
        The plan, and growing by bigger machines or by more hosts alone.
    costs : tuple of Cost
        These ways at today's load, at each step of the plan and at the horizon.
    cost_today : float
        What runs today, CDNs included, as far as prices are known. [USD per month]
    reasons, out_of_reach, rules, warnings : tuple of str
        What follows, what nothing can keep, how it was planned, what to bear in mind.
    """

    name: str
    start: str | None
    growth: float
    asked: int
    horizon: int
    lead_time: float
    lasting: int
    runways: tuple[Runway, ...]
    steps: tuple[Step, ...]
    months: tuple[TierMonth, ...]
    ways: tuple[Way, ...]
    costs: tuple[Cost, ...]
    cost_today: float
    reasons: tuple[str, ...] = ()
    out_of_reach: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def way(self, name: str) -> Way:
        """One way to grow by its name."""
        return next(each for each in self.ways if each.name == name)

    @property
    def total(self) -> float:
        """What the plan costs until the horizon. [USD]"""
        return self.way("plan").total

    @property
    def frame(self) -> pd.DataFrame:
        """One row for each month and tier."""
        import pandas as pd

        return pd.DataFrame(self.rows())

    def rows(self) -> list[dict[str, object]]:
        """One record for each month and tier; what changes in a month stands in its row."""
        steps = {(step.needed, step.tier): step for step in self.steps}
        return [_row(each, steps.get((each.month, each.tier))) for each in self.months]


def _row(each: TierMonth, step: Step | None) -> dict[str, object]:
    return {
        "month": each.month,
        "date": each.date,
        "load_factor": each.load_factor,
        "tier": each.tier,
        "instance": each.machines.instance,
        "hosts": each.machines.hosts,
        "servers_per_host": each.machines.servers,
        "utilization": each.utilization,
        "utilization_after_failure": each.after_failure,
        "limit_used": each.used,
        "cost_usd_per_month": each.cost,
        "change_from": None if step is None else str(step.before),
        "begin_month": None if step is None else step.begin,
        "begin_date": None if step is None else step.begin_date,
        "because": None if step is None else step.because,
        "side_by_side_usd": None if step is None else step.side_by_side,
        "added_until_horizon_usd": None if step is None else step.added,
    }
