"""A scenario solved at the measured load of every interval, beside what was measured there."""

from __future__ import annotations

from collections.abc import Sequence

from capcalc.model.system import System
from capcalc.results.measurements import Measurements
from capcalc.results.validation import Compared, Validation
from capcalc.solve.system import solve
from capcalc.studies.measured.joined import joined
from capcalc.studies.validate import diagnosis, driving, pairs

__all__ = ["validated"]


def validated(
    system: System, measurements: Sequence[Measurements], *, tier: str = ""
) -> Validation:
    """Prediction beside measurement, per tier and request class.

    The request rates of each interval drive the scenario, all intervals in one pass; what else
    was measured in them is compared.

    Parameters
    ----------
    system : System
        The scenario.
    measurements : sequence of Measurements
        Files, each with its own intervals.
    tier : str
        The tier that series without one belong to.

    Returns
    -------
    Validation
        With what could not be compared, and why.
    """
    compared: list[Compared] = []
    driven: list[str] = []
    left_out: list[str] = []
    findings: list[str] = []
    together = joined(measurements)
    for each in measurements if together is None else (together,):
        base = solve(system, quantiles=False)
        load = driving.load(system, base, each, tier)
        left_out += load.left_out
        counted, steady = solve(load.system, quantiles=False), solve(load.steady)
        found, missing = pairs.compared(load, counted, steady, each, tier)
        driven.append(f"{each.source}: {load.says}")
        compared += found
        left_out += missing
        findings += diagnosis.findings(found, each)
    return Validation(
        name=system.name,
        measurements=tuple(measurements),
        driven_by=tuple(driven),
        compared=tuple(compared),
        findings=tuple(dict.fromkeys(findings)),
        left_out=tuple(dict.fromkeys(left_out)),
        warnings=tuple(dict.fromkeys(note for each in measurements for note in each.notes)),
    )
