"""What a tier can say of itself once its stations are solved: numbers beside its latency."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from capcalc.units.types import Numbers

if TYPE_CHECKING:
    from capcalc.model.system import System


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One number of a tier, with its words and its source.

    Attributes
    ----------
    name : str
        In files and code, e.g. ``lag``.
    value : float or ndarray
        In SI units.
    kind : str
        What it is: ``duration``, ``rate``, ``share``, ``size``, ``money`` or ``number``.
    says : str
        What a person reads before the value.
    source : str
        The formula, and where it is from.
    """

    name: str
    value: Numbers
    kind: str
    says: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StationSeen:
    """One solved station of the tier: all hosts of one role."""

    hosts: Numbers
    servers: Numbers
    arrival_rate: Numbers
    service_time: Numbers
    utilization: Numbers
    wait: Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a tier sees when it is asked for its facts.

    Attributes
    ----------
    name : str
        The tier's.
    system : System
        The whole, for what stands behind or before the tier.
    stations : mapping of str to StationSeen
        By role.
    rates : mapping of (str, str) to float or ndarray
        Pieces of work by role and label. [1/s]
    response : float or ndarray or None
        Mean stay of one visit. [s]
    around : mapping of (str, str) to StationSeen
        All stations of the system, by tier and role.
    """

    name: str
    system: System
    stations: Mapping[str, StationSeen] = field(default_factory=dict)
    rates: Mapping[tuple[str, str], Numbers] = field(default_factory=dict)
    response: Numbers | None = None
    #: all stations of the system, by tier and role
    around: Mapping[tuple[str, str], StationSeen] = field(default_factory=dict)
    #: calls per second to other tiers, by tier
    calls: Mapping[str, Numbers] = field(default_factory=dict)
    #: requests per second of every class, before the edge
    arriving: Mapping[str, Numbers] = field(default_factory=dict)
    #: server-side mean of every class's answer [s]
    answers: Mapping[str, Numbers] = field(default_factory=dict)
    #: mean stay of one visit to every tier [s]
    responses: Mapping[str, Numbers | None] = field(default_factory=dict)

    def rate(self, role: str = "", label: str | None = None) -> Numbers:
        """Pieces of work per second of one role, of one label or of all."""
        total: Numbers = 0.0
        for (at, what), rate in self.rates.items():
            if at == role and (label is None or what == label):
                total = total + rate
        return total


class Observed:
    """A part of the system that may have more to say than its stations do."""

    __slots__ = ()

    def facts(self, seen: Seen) -> Iterator[Fact]:
        """Numbers that follow from the model beside utilization and latency."""
        return iter(())

    def usage_cost(self, seen: Seen) -> Numbers | None:
        """US dollars per month for use, beside the hosts; None where none is priced."""
        return None

    def aftermath(self, failure: str, seen: Seen) -> Iterator[str]:
        """What a failure here does beside changing loads: what is lost, what is not known."""
        return iter(())

    def recovery_time(self, failure: str, seen: Seen) -> Numbers | None:
        """Seconds until things are as before; None where the scenario does not say."""
        return None

    def cautions(self, seen: Seen) -> Iterator[str]:
        """Sentences on what to beware of: approximations out of their range, dangers ahead."""
        return iter(())
