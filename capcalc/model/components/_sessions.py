"""Sessions: where their state lives, what they take, and what goes with a host."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from capcalc.model.facts import Fact, Seen
from capcalc.theory.balancing import sessions as theory
from capcalc.theory.balancing import sticky
from capcalc.units.format import share as percent
from capcalc.units.format import significant
from capcalc.units.types import Bytes, Numbers, PositiveSeconds, Rate

#: In which users of lost sessions are taken to come back [s], and at which a new host is looked at.
WINDOW, LATER = 60.0, 600.0
_SOURCE = "exponential sessions (M/M/inf)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessions:
    """Where session state lives: in a store that all hosts share, or on the hosts."""

    state: Literal["shared", "sticky", "none"]
    store: str | None = None
    #: mean length, and sessions begun per second at the peak
    length: PositiveSeconds | None = None
    rate: Rate | None = None
    #: of one on a sticky host
    size: Bytes | None = None

    def begun(self, seen: Seen) -> Numbers | None:
        """Sessions begun per second: given, else the visits of the users."""
        return self.rate if self.rate is not None else seen.system.demand.visit_rate()

    def at_a_time(self, seen: Seen) -> Numbers | None:
        """Sessions that are open; None where the scenario does not say."""
        begun = self.begun(seen)
        if begun is None or self.length is None:
            return None
        return theory.concurrent(begun, self.length)


def facts(sessions: Sessions, hosts: Numbers, seen: Seen) -> Iterator[Fact]:
    """How many there are and, where they stick to hosts, how slowly those take up and let go."""
    there = sessions.at_a_time(seen)
    if there is not None:
        yield Fact(
            name="sessions",
            value=there,
            kind="number",
            says="sessions open at a time",
            source="sessions begun x length (Little)",
        )
    if sessions.state != "sticky":
        return
    if there is not None:
        lost = 1.0 / np.asarray(hosts, dtype=float)
        yield Fact(
            name="login_storm",
            value=theory.login_storm(there, WINDOW, lost),
            kind="rate",
            says="logins while those of a lost host come back within a minute",
            source="sessions / hosts / 60 s",
        )
        busiest = _busiest(there, hosts, seen)
        if busiest is not None:
            yield Fact(
                name="busiest_host",
                value=busiest,
                kind="share",
                says="busy: the host with the most sessions",
                source="largest of gamma shares, sessions of exponential weight",
            )
        if sessions.size is not None:
            yield Fact(
                name="session_memory",
                value=np.divide(np.multiply(there, sessions.size), hosts)[()],
                kind="size",
                says="of session state on each host",
                source="sessions x size / hosts",
            )
    if sessions.length is not None:
        yield Fact(
            name="drain_time",
            value=theory.drain_time(0.01, sessions.length),
            kind="duration",
            says="to drain a host of all but 1 % of its sessions",
            source=_SOURCE,
        )
        yield Fact(
            name="new_host_share",
            value=theory.new_host_share(LATER, sessions.length, hosts),
            kind="share",
            says="of all load at a new host after 10 min",
            source=_SOURCE,
        )
        yield Fact(
            name="fair_share",
            value=(1.0 / (1.0 + np.asarray(hosts, dtype=float)))[()],
            kind="share",
            says="of all load that it will have in the end",
            source="1 / (hosts + 1)",
        )


def _busiest(there: Numbers, hosts: Numbers, seen: Seen) -> Numbers | None:
    """Utilization of the host on which chance has put the most sessions, on average."""
    station = seen.stations.get("")
    if station is None:
        return None
    most = sticky.expected_max_over_mean_gamma(there, hosts, 1.0)
    return np.multiply(station.utilization, most)[()]


def cautions(sessions: Sessions, hosts: Numbers, seen: Seen) -> Iterator[str]:
    """Few sessions on many hosts: some host has far more than its share."""
    there = sessions.at_a_time(seen)
    if sessions.state != "sticky":
        return
    if there is None:
        yield (
            f"{seen.name}: sessions are sticky, but how many there are is not known: hosts are "
            f"taken as evenly loaded; give tiers.{seen.name}.sessions.length and rate"
        )
        return
    busiest = _busiest(there, hosts, seen)
    station = seen.stations.get("")
    if busiest is None or station is None:
        return
    if np.any((np.asarray(busiest) >= 1) & (np.asarray(station.utilization) < 1)):
        yield (
            f"{seen.name}: the host with the most sticky sessions is asked for more than it can "
            "serve, though the mean host is not"
        )


def aftermath(sessions: Sessions, lost: Numbers, seen: Seen) -> Iterator[str]:
    """Sessions that go with lost hosts, whose share of all is given."""
    if sessions.state != "sticky":
        return
    there = sessions.at_a_time(seen)
    text = f"{percent(float(np.asarray(lost)))} of all sessions are lost with their host"
    if there is not None:
        storm = float(np.asarray(theory.login_storm(there, WINDOW, lost)))
        text += f": some {significant(storm)} logins a second while they come back within a minute"
    yield text
