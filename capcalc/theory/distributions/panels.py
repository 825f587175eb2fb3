"""Where the slowest of several stays is still under way, and intervals that resolve it."""

from __future__ import annotations

import numpy as np
from scipy import special

from capcalc.theory.arrays import Array
from capcalc.theory.distributions import delayed_exponential

#: What may still be under way after the last panel.
NEGLIGIBLE = 1e-18
_HALVES = 0.5 ** np.arange(46)
_DEVIATIONS = np.arange(-9.0, 9.5)
_WAITS = np.array([*0.5 ** np.arange(8, 0, -1), *range(1, 9), 10, 12, 16, 24, 32])


def unfinished(
    k: int, time: Array, prob_wait: Array, wait: Array, service_time: Array, scv: Array
) -> Array:
    """Probability that at least one of k stays lasts longer."""
    done = np.asarray(delayed_exponential.cdf(time, prob_wait, wait, service_time, scv))
    return np.asarray(-np.expm1(k * np.log(done)))


def panels(k: int, prob_wait: Array, wait: Array, service_time: Array, scv: Array) -> Array:
    """Ends of intervals, in order on the first axis, on each of which that is a smooth curve.

    They halve towards 0, where powers of the time may be singular, and are as fine as the
    service law around its mean and as the wait after that.
    """
    delay = np.where(prob_wait > 0, wait / np.where(prob_wait > 0, prob_wait, 1.0), 0.0)
    shape = 1.0 / np.where(scv > 0, scv, 1.0)
    last = special.gammainccinv(shape, NEGLIGIBLE / k) * service_time * scv
    served = np.where(scv > 0, last, service_time)
    last = served + delay * (np.log(k) - np.log(NEGLIGIBLE))
    deviation = service_time * np.sqrt(scv)
    ends = np.concatenate(
        [
            np.zeros((1, *last.shape)),
            last[np.newaxis],
            _HALVES[:, np.newaxis] * served,
            service_time + _DEVIATIONS[:, np.newaxis] * deviation,
            service_time + _WAITS[:, np.newaxis] * delay,
        ]
    )
    return np.sort(np.clip(ends, 0.0, last), axis=0)
