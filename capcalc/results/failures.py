"""The answer to `failures`: what every single failure does to every tier."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class TierAfter:
    """One tier before and after one failure. Rates per second, times in seconds."""

    tier: str
    arrival_rate_before: float | None
    arrival_rate: float | None
    utilization_before: float | None
    utilization: float | None
    response_p99_before: float | None
    response_p99: float | None
    hit_ratio: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestAfter:
    """One request class before and after one failure, server side. [s]"""

    request_class: str
    p99_before: float | None
    p99: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureResult:
    """One failure.

    Attributes
    ----------
    failure, kind, phase : str
        In words; what fails; ``at once`` or ``refilled``.
    tiers : tuple of str
        Where.
    stable : bool
        Whether every tier can serve all that comes.
    busiest : str
        The tier nearest to its limit, or furthest beyond it.
    utilization : float
        Its utilization.
    shed : float
        Share of all requests to turn away so that every tier that the failure makes busier
        stays within ``max_utilization_after_failure``.
    objectives_kept : bool or None
        None where there are no latency objectives.
    broken : tuple of str
        The objectives that are not kept.
    recovery_time : float or None
        Until things are as before; None where the scenario does not say enough. [s]
    says : tuple of str
        What else happens: sessions and writes lost, what recovery consists of, what is unknown.
    survive : bool
        Whether the scenario asks to survive this.
    after, requests : tuple
        Every tier and every request class.
    course : tuple of (time, hit_ratio)
        How the hits of a cache come back, where that is modelled. [s]
    """

    failure: str
    kind: str
    phase: str
    tiers: tuple[str, ...]
    stable: bool
    busiest: str
    utilization: float
    shed: float
    objectives_kept: bool | None
    broken: tuple[str, ...]
    recovery_time: float | None
    says: tuple[str, ...]
    survive: bool
    after: tuple[TierAfter, ...]
    requests: tuple[RequestAfter, ...]
    course: tuple[tuple[float, float], ...] = ()

    def misses_by_time(self) -> Iterator[tuple[float, float, float]]:
        """Time since the failure [s], hit ratio and misses [1/s] of the cache concerned."""
        gets = self.tier(self.tiers[0]).arrival_rate_before or 0.0
        for time, hit in self.course:
            yield time, hit, gets * (1.0 - hit)

    def tier(self, name: str) -> TierAfter:
        """One tier after the failure."""
        return next(each for each in self.after if each.tier == name)


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureStudy:
    """All single failures of a scenario."""

    name: str
    results: tuple[FailureResult, ...]
    warnings: tuple[str, ...] = ()

    def failure(self, text: str) -> FailureResult:
        """One failure by its words, e.g. ``web loses a host``."""
        return next(each for each in self.results if each.failure == text)

    def rows(self) -> Iterator[dict[str, Any]]:
        """One row for each failure and tier."""
        for each in self.results:
            for tier in each.after:
                yield {
                    "failure": each.failure,
                    "tier": tier.tier,
                    "stable": each.stable,
                    "objectives_kept": each.objectives_kept,
                    "shed": each.shed,
                    "recovery_time": each.recovery_time,
                    "arrival_rate_before": tier.arrival_rate_before,
                    "arrival_rate": tier.arrival_rate,
                    "utilization_before": tier.utilization_before,
                    "utilization": tier.utilization,
                    "response_p99_before": tier.response_p99_before,
                    "response_p99": tier.response_p99,
                    "hit_ratio": tier.hit_ratio,
                }

    @property
    def table(self) -> pd.DataFrame:
        """All rows as a DataFrame."""
        import pandas as pd

        return pd.DataFrame(list(self.rows()))
