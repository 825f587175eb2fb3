"""How far a prediction is from what was measured."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from capcalc.results.validation import Compared
from capcalc.theory.calibration.series_mean import ratio

Array = NDArray[np.float64]
#: Errors below this are rounding.
_ROUNDING = 1e-12


def compared(
    measured: Array,
    predicted: Array,
    *,
    load: Array,
    known: NDArray[np.bool_],
    weighted: bool,
    quantity: str,
    tier: str,
    label: str,
    unit: str,
) -> Compared:
    """Means, mean error and mean absolute error over the intervals in which both are known.

    Parameters
    ----------
    measured, predicted : ndarray of shape (intervals,)
        In SI units; a gap is ``nan``, a saturated prediction ``inf``.
    load : ndarray of shape (intervals,)
        Requests per second.
    known : ndarray of bool
        Intervals whose load is known.
    weighted : bool
        Whether an interval counts as often as it has requests: true of response times.
    quantity, tier, label, unit : str
        As :class:`~capcalc.results.validation.Compared` has them.
    """
    shared = known & np.isfinite(measured) & ~np.isnan(predicted)
    saturated = int((shared & np.isinf(predicted)).sum())
    both = shared & np.isfinite(predicted)
    seen, said = measured[both], predicted[both]
    weights = np.where(load[both] > 0, load[both], 0.0) if weighted else np.ones(seen.size)
    total = weights.sum()
    if not total:
        mean = guess = error = absolute = np.nan
    else:
        mean, guess = float(weights @ seen / total), float(weights @ said / total)
        error = guess / mean - 1.0 if mean else np.nan
        absolute = float(weights @ np.abs(said - seen) / total) / mean if mean else np.nan
        error, absolute = _plain(error), _plain(absolute)
    low, high = _interval(seen, said, weights)
    return Compared(
        quantity=quantity,
        tier=tier,
        label=label,
        unit=unit,
        n=int(both.sum()),
        measured=mean,
        predicted=guess,
        low=low,
        high=high,
        error=error,
        mean_absolute_error=absolute,
        saturated=saturated,
        measured_values=np.where(known, measured, np.nan),
        predicted_values=np.where(known, predicted, np.nan),
        load=load,
    )


def _plain(number: float) -> float:
    """Zero for what is only rounding."""
    return 0.0 if abs(number) < _ROUNDING else number


def _interval(seen: Array, said: Array, weights: Array) -> tuple[float, float]:
    """95 % interval of the weighted mean at these loads.

    From what is left of each interval when the prediction is taken off: how much the load itself
    moved is no uncertainty, as both are at the same load.
    """
    rest = ratio((seen - said) * weights, weights)
    mean = ratio(seen * weights, weights).value
    return mean + rest.low - rest.value, mean + rest.high - rest.value
