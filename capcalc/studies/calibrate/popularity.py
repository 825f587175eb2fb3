"""Zipf's exponent from a table of ranks and requests."""

from __future__ import annotations

import numpy as np

from capcalc.results.fit import Estimate, Finding
from capcalc.results.measurements import Measurements
from capcalc.studies.calibrate.context import Context
from capcalc.theory.arrays import Array
from capcalc.units.format import significant

#: Difference of exponents from which on popularity is not of one power.
BENT = 0.1
#: Objects that are ranked at most: those asked for most.
MOST_OBJECTS = 5_000_000


def found(measured: Measurements, context: Context) -> Finding:
    """Zipf's exponent from a table of ranks and requests."""
    from capcalc.theory.caches.popularity_fit import fit_zipf

    ranks = next(measured.of_role("rank"), None)
    counts = next(measured.of_role("requests"), None)
    objects = next(measured.of_role("objects"), None)
    if measured.time is not None or counts is None or (ranks is None and objects is None):
        return Finding()
    asked = _asked(counts.values, None if objects is None else objects.values)
    least = 20.0 if (asked >= 20).sum() >= 20 else 1.0
    exponent, error = fit_zipf(asked, least=least)
    if not np.isfinite(exponent):
        return Finding()
    tier = counts.tier or context.of_kind("cache")
    from scipy.special import ndtri

    reach = float(ndtri(0.5 + context.level / 2)) * error
    head, spread = _head(asked[asked >= least])
    bent = abs(head - exponent) > max(BENT, 3.0 * float(np.hypot(error, spread)))
    caution = "" if least > 1 else "objects that are asked for seldom bend it: up to 0.2 too low"
    if bent:
        caution = (
            f"popularity is not Zipf's: the objects asked for most have exponent"
            f" {significant(head)}, which the interval holds too; a hit ratio computed from either"
            " is rough, one that was measured is better"
        )
    estimate = Estimate(
        name="zipf",
        tier=tier,
        path=f"tiers.{tier}.objects.zipf" if tier else "",
        value=exponent,
        low=max(min(exponent - reach, head if bent else np.inf), 0.0),
        high=max(exponent + reach, head if bent else -np.inf),
        level=context.level,
        unit="1",
        n=int(asked.size),
        method=f"maximum likelihood over objects asked for {least:g} times or more",
        reference="Clauset, Shalizi & Newman 2009, app. B",
        assumptions=("popularity falls with the rank to one power, and stays as it is",),
        caution=caution,
    )
    return Finding(estimates=(estimate,))


def _asked(counts: Array, objects: Array | None) -> Array:
    """Requests to each object; of a table of how many objects have how many, the most asked for."""
    if objects is None:
        return np.asarray(counts[np.isfinite(counts) & (counts > 0)])
    known = np.isfinite(counts) & (counts > 0) & np.isfinite(objects) & (objects >= 1)
    order = np.argsort(-counts[known])
    many = objects[known][order].astype(np.int64)
    inside = np.minimum(np.cumsum(many), MOST_OBJECTS)
    return np.repeat(counts[known][order], np.diff(inside, prepend=0))


def _head(asked: Array) -> tuple[float, float]:
    """Exponent and error of the objects asked for most: as many as the root of all, 20 at least."""
    from capcalc.theory.caches.popularity_fit import fit_zipf

    size = max(20, round(np.sqrt(asked.size)))
    if asked.size < 2 * size:
        return float("nan"), float("nan")
    return fit_zipf(np.sort(asked)[::-1][:size])
