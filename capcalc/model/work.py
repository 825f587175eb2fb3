"""What one visit to a tier does, as data: the language in which components answer.

A component turns architecture into a sequence of steps. Traffic counts them, ``solve``
convolves their times; neither knows any kind of tier.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from capcalc.units.types import Numbers

#: Where a visit enters the system: the paths of all request classes begin here.
ENTRY = ("", "entry")

#: A way into a tier: its name and the port, ``visit`` or ``reads``/``writes`` of a database.
Node: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Serve:
    """One service at a station of the tier; ``branches`` > 1 are parallel, the slowest counts."""

    role: str
    label: str
    service_time: Numbers
    scv: Numbers = 1.0
    branches: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Work that a visit leaves behind without waiting for it; ``copies`` pieces of it."""

    role: str
    label: str
    service_time: Numbers
    scv: Numbers = 1.0
    copies: Numbers = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """``count`` calls, one after another: floor(count) certain ones, one more by chance.

    Calls that are not ``waited_for`` bring work, but the caller goes on at once.
    """

    node: Node
    count: Numbers = 1.0
    waited_for: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A wait for something outside all stations, as for the network or for others' answers."""

    time: Numbers
    scv: Numbers = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Either:
    """With probability ``share`` the steps of ``then``, else those of ``otherwise``."""

    share: Numbers
    then: tuple[Step, ...]
    otherwise: tuple[Step, ...] = ()


Step: TypeAlias = Serve | Load | Call | Pause | Either


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """Hosts with a queue each (or one queue for all): where work waits.

    ``servers`` serve in parallel on each host; ``balancing`` says how visits find a host.
    """

    tier: str
    role: str
    hosts: Numbers
    servers: Numbers
    balancing: str
    #: places on each host, in service and waiting; None where all may wait
    room: Numbers | None = None
    #: after which a waiting request is taken back; None where all wait on
    patience: Numbers | None = None
    #: arrivals that are dealt out by the balancing; the rest (replays) come as they come
    dealt_labels: frozenset[str] | None = None


#: What one visit at each way into the system does, for one request class.
Paths: TypeAlias = Mapping[Node, tuple[Step, ...]]
