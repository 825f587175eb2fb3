"""Zipf's exponent from a table of ranks and requests."""

from __future__ import annotations

import numpy as np

from capcalc.results.fit import Estimate, Finding
from capcalc.results.measurements import Measurements
from capcalc.studies.calibrate.context import Context


def found(measured: Measurements, context: Context) -> Finding:
    """Zipf's exponent from a table of ranks and requests."""
    from capcalc.theory.caches.popularity_fit import fit_zipf

    ranks = next(measured.of_role("rank"), None)
    counts = next(measured.of_role("requests"), None)
    if measured.time is not None or ranks is None or counts is None:
        return Finding()
    known = np.isfinite(counts.values) & (counts.values > 0)
    least = 20.0 if (counts.values[known] >= 20).sum() >= 20 else 1.0
    exponent, error = fit_zipf(counts.values[known], least=least)
    if not np.isfinite(exponent):
        return Finding()
    tier = counts.tier or context.of_kind("cache")
    from scipy.special import ndtri

    reach = float(ndtri(0.5 + context.level / 2)) * error
    estimate = Estimate(
        name="zipf",
        tier=tier,
        path=f"tiers.{tier}.objects.zipf" if tier else "",
        value=exponent,
        low=max(exponent - reach, 0.0),
        high=exponent + reach,
        level=context.level,
        unit="1",
        n=int(known.sum()),
        method=f"maximum likelihood over objects asked for {least:g} times or more",
        reference="Clauset, Shalizi & Newman 2009, app. B",
        caution="" if least > 1 else "objects that are asked for seldom bend it: up to 0.2 too low",
    )
    return Finding(estimates=(estimate,))
