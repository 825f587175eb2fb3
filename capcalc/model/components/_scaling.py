"""Cores that get in each other's way: the Universal Scalability Law of one host."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from capcalc.model.work import Either, Load, Serve, Step
from capcalc.theory.scaling import usl
from capcalc.units.types import Numbers, Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaling:
    """What the servers of one host cost each other; service times are those of a lone one.

    ``contention`` is the part of the work that only one server can do at a time, ``coherency``
    what each pair of servers costs in keeping its data alike, both as parts of a service time
    (N. J. Gunther, *Guerrilla Capacity Planning*, 2007, ch. 4-6).
    """

    contention: Share
    coherency: Share

    def slowdown(self, servers: Numbers) -> Numbers:
        """Service time with so many servers in the host, over that of a lone one."""
        return np.divide(1.0, usl.efficiency(servers, self.contention, self.coherency))[()]

    def kept(self, servers: Numbers) -> Numbers:
        """Share of a lone server's speed that each of so many has."""
        return usl.efficiency(servers, self.contention, self.coherency)

    def best(self) -> Numbers:
        """Servers of a host beyond which it serves less; ``inf`` where there is no such number."""
        return usl.best_integer(self.contention, self.coherency)

    def peak(self) -> Numbers:
        """The same as a formula has it, seldom a whole number: sqrt((1 - contention)/coherency)."""
        return usl.peak_size(self.contention, self.coherency)


def slowed(steps: tuple[Step, ...], scaling: Scaling | None, servers: Numbers) -> tuple[Step, ...]:
    """The steps at a host of so many servers: its own services take longer, pauses do not."""
    if scaling is None:
        return steps
    factor = scaling.slowdown(servers)
    return tuple(_slowed(step, factor) for step in steps)


def _slowed(step: Step, factor: Numbers) -> Step:
    if isinstance(step, Serve | Load):
        return replace(step, service_time=np.multiply(step.service_time, factor)[()])
    if isinstance(step, Either):
        then, otherwise = (
            tuple(_slowed(each, factor) for each in part) for part in (step.then, step.otherwise)
        )
        return replace(step, then=then, otherwise=otherwise)
    return step
