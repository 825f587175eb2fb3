"""Service times from response times, where nobody measured how busy the servers are."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Array, Numbers, broadcast
from capcalc.theory.queues import mgc

_STEPS = 90


def service_time(
    response: Numbers, arrival_rate: Numbers, servers: Numbers = 1.0, scv: Numbers = 1.0
) -> Numbers:
    r"""Service time at which an M/G/c queue has this mean response.

    The root of :math:`R(S) = R`, which grows with :math:`S`; for one server and scv 1 it is
    :math:`S = R / (1 + \lambda R)`. The response has to be that of the queue alone: what is
    spent elsewhere (network, other tiers) makes the service time too long, and the more the
    lower the load.

    Parameters
    ----------
    response : array_like
        Mean response. [s]
    arrival_rate : array_like
        Requests that come. [1/s]
    servers : array_like
        At least 1.
    scv : array_like
        Squared coefficient of variation of the service time.

    Returns
    -------
    float or ndarray
        Seconds; ``nan`` out of the domain.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 3.5, 5.6.
    .. [2] A. M. Lee, P. A. Longton, "Queueing processes associated with airline passenger
       check-in", Oper. Res. Quart. 10(1), 1959 (several servers, scv other than 1).

    Examples
    --------
    >>> round(float(service_time(0.05, 10)), 6), round(float(service_time(0.02, 300, 4)), 7)
    (0.033333, 0.0108633)
    """
    seen, rate, count, spread = broadcast(response, arrival_rate, servers, scv)
    good = (seen > 0) & np.isfinite(seen) & (rate >= 0) & np.isfinite(rate)
    good &= (count >= 1) & (spread >= 0) & np.isfinite(count) & np.isfinite(spread)
    held = [np.where(good, each, 1.0) for each in (seen, rate, count, spread)]
    found = _root(*held)
    return np.where(good, found, np.nan)[()]


def light_load(responses: Numbers, share: float = 0.1) -> float:
    """Response at the lightest load: a low quantile of the mean responses of intervals. [s]

    Where hardly anybody waits the response is the service time and what is spent outside the
    queue; a bound from above for the service time.

    Parameters
    ----------
    responses : array_like of shape (n,)
        Mean responses of intervals; ``nan`` is left out. [s]
    share : float
        Which quantile, 0.05 to 0.1 as a rule.

    References
    ----------
    .. [1] D. A. Menasce, V. A. F. Almeida, L. W. Dowdy, *Performance by Design*, Prentice Hall,
       2004, ch. 12 (demands from light load).

    Examples
    --------
    >>> round(light_load(np.array([0.02, 0.021, 0.03, 0.05])), 6)
    0.0203
    """
    known = np.asarray(responses, dtype=float).ravel()
    known = known[np.isfinite(known)]
    return float(np.quantile(known, share)) if known.size else float("nan")


def _root(seen: Array, rate: Array, count: Array, spread: Array) -> Array:
    """Bisection between 0 and the smaller of the response and what saturates."""
    with np.errstate(all="ignore"):
        high = np.minimum(seen, np.where(rate > 0, count / rate, np.inf))
        low = np.zeros(high.shape)
        for _ in range(_STEPS):
            middle = 0.5 * (low + high)
            wait = np.asarray(mgc.mean_wait(rate, 1.0 / middle, count, spread))
            above = ~(middle + wait <= seen)
            high, low = np.where(above, middle, high), np.where(above, low, middle)
    return np.asarray(0.5 * (low + high))
