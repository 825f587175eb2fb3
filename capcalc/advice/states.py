"""The states in which a plan must hold: everything up, and after each failure, at some load."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from capcalc.model.failures import Failure, to_survive
from capcalc.model.system import System
from capcalc.units.kinds import MONTH
from capcalc.units.types import Numbers

UP = "everything up"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """One state: at most one failure, and a factor on today's demand."""

    failure: Failure | None
    load: Numbers = 1.0

    @property
    def name(self) -> str:
        """E.g. ``everything up``, ``web loses a zone``."""
        return UP if self.failure is None else str(self.failure)

    def of(self, system: System) -> System:
        """The system in this state."""
        loaded = scaled(system, self.load)
        return loaded if self.failure is None else self.failure.applied(loaded)


def states(system: System, load: Numbers) -> tuple[State, ...]:
    """Everything up first, then one state for each failure to be survived."""
    failures = (State(failure=failure, load=load) for failure in to_survive(system))
    return (State(failure=None, load=load), *failures)


def scaled(system: System, load: Numbers) -> System:
    """The same system with all demand multiplied (DESIGN ruling 16)."""
    demand = system.demand
    users = demand.daily_active_users
    requests = {
        name: request if request.rate is None else replace(request, rate=request.rate * load)
        for name, request in demand.requests.items()
    }
    more = replace(
        demand, requests=requests, daily_active_users=None if users is None else users * load
    )
    return replace(system, demand=more)


def planned_load(system: System) -> float:
    """The factor that demand reaches within ``min_runway`` at the given growth; at least 1."""
    runway = system.objectives.min_runway
    if runway is None:
        return 1.0
    return float(np.maximum(1.0, (1.0 + system.demand.growth) ** (np.asarray(runway) / MONTH)))


def months(system: System, load: float) -> float:
    """Months until demand has grown by a factor. ``inf`` without growth."""
    growth = float(system.demand.growth)
    if growth <= 0:
        return float("inf")
    if load <= 0:
        return float("-inf")
    return float(np.log(load) / np.log1p(growth))
