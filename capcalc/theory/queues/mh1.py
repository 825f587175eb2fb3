"""M/H_k/1: Poisson arrivals, hyperexponential service (a mixture of k), one FCFS server."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from capcalc.theory.arrays import Array, Numbers
from capcalc.theory.distributions import inversion
from capcalc.theory.queues.single_server import Station

#: Probabilities may miss their sum by so much.
NEAR = 1e-9


def utilization(arrival_rate: Numbers, probabilities: Numbers, rates: Numbers) -> Numbers:
    r"""Share of time that the server is busy, :math:`\rho = \lambda E S`.

    Parameters
    ----------
    arrival_rate : array_like
        :math:`\lambda`. [1/s]
    probabilities, rates : array_like, shape (..., branches)
        :math:`p_i`, which sum to 1, and :math:`\mu_i` of each branch of the service. [1/s]

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.2.

    Examples
    --------
    >>> round(float(utilization(3, [0.2, 0.8], [2, 10])), 6)
    0.54
    """
    return _station(arrival_rate, probabilities, rates).utilization()


def prob_wait(arrival_rate: Numbers, probabilities: Numbers, rates: Numbers) -> Numbers:
    r"""Share of arrivals that wait, :math:`\rho`; 1 when saturated.

    Parameters
    ----------
    arrival_rate, probabilities, rates : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.3.

    Examples
    --------
    >>> round(float(prob_wait(3, [0.2, 0.8], [2, 10])), 6)
    0.54
    """
    return _station(arrival_rate, probabilities, rates).prob_wait()


def mean_wait(arrival_rate: Numbers, probabilities: Numbers, rates: Numbers) -> Numbers:
    r"""Mean time in queue by Pollaczek and Khinchine, exact. [s]

    Parameters
    ----------
    arrival_rate, probabilities, rates : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.6.

    Examples
    --------
    >>> round(float(mean_wait(3, [0.2, 0.8], [2, 10])), 6)
    0.378261
    """
    return _station(arrival_rate, probabilities, rates).mean_wait()


def mean_response(arrival_rate: Numbers, probabilities: Numbers, rates: Numbers) -> Numbers:
    r"""Mean time from arrival to departure, exact. [s]

    Parameters
    ----------
    arrival_rate, probabilities, rates : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.6.

    Examples
    --------
    >>> round(float(mean_response(3, [0.2, 0.8], [2, 10])), 6)
    0.558261
    """
    return _station(arrival_rate, probabilities, rates).mean_response()


def mean_queue_length(arrival_rate: Numbers, probabilities: Numbers, rates: Numbers) -> Numbers:
    r"""Mean number waiting, :math:`L_q = \lambda W_q`.

    Parameters
    ----------
    arrival_rate, probabilities, rates : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.6.

    Examples
    --------
    >>> round(float(mean_queue_length(3, [0.2, 0.8], [2, 10])), 6)
    1.134783
    """
    return _station(arrival_rate, probabilities, rates).mean_queue_length()


def mean_number(arrival_rate: Numbers, probabilities: Numbers, rates: Numbers) -> Numbers:
    r"""Mean number waiting or served, :math:`L = \lambda W`.

    Parameters
    ----------
    arrival_rate, probabilities, rates : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.6.

    Examples
    --------
    >>> round(float(mean_number(3, [0.2, 0.8], [2, 10])), 6)
    1.674783
    """
    return _station(arrival_rate, probabilities, rates).mean_number()


def wait_cdf(
    time: Numbers, arrival_rate: Numbers, probabilities: Numbers, rates: Numbers
) -> Numbers:
    r"""Probability of waiting at most ``time``, by inversion of the transform.

    Parameters
    ----------
    time : array_like
        [s]
    arrival_rate, probabilities, rates : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.7.

    Examples
    --------
    >>> round(float(wait_cdf(0.5, 3, [0.2, 0.8], [2, 10])), 6)
    0.76005
    """
    return _station(arrival_rate, probabilities, rates).wait_cdf(time)


def wait_quantile(
    p: Numbers, arrival_rate: Numbers, probabilities: Numbers, rates: Numbers
) -> Numbers:
    r"""The wait that a share ``p`` does not exceed; 0 up to :math:`1 - \rho`. [s]

    Parameters
    ----------
    p : array_like
        :math:`0 \le p < 1`.
    arrival_rate, probabilities, rates : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.7.

    Examples
    --------
    >>> round(float(wait_quantile(0.9, 3, [0.2, 0.8], [2, 10])), 6)
    1.236447
    """
    return _station(arrival_rate, probabilities, rates).wait_quantile(p)


def response_cdf(
    time: Numbers, arrival_rate: Numbers, probabilities: Numbers, rates: Numbers
) -> Numbers:
    r"""Probability of a response within ``time``, by inversion of the transform.

    Parameters
    ----------
    time : array_like
        [s]
    arrival_rate, probabilities, rates : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.7.

    Examples
    --------
    >>> round(float(response_cdf(0.5, 3, [0.2, 0.8], [2, 10])), 6)
    0.661035
    """
    return _station(arrival_rate, probabilities, rates).response_cdf(time)


def response_quantile(
    p: Numbers, arrival_rate: Numbers, probabilities: Numbers, rates: Numbers
) -> Numbers:
    r"""The response that a share ``p`` does not exceed. [s]

    Parameters
    ----------
    p : array_like
        :math:`0 \le p < 1`.
    arrival_rate, probabilities, rates : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.7.

    Examples
    --------
    >>> round(float(response_quantile(0.9, 3, [0.2, 0.8], [2, 10])), 6)
    1.517659
    """
    return _station(arrival_rate, probabilities, rates).response_quantile(p)


def _station(arrival_rate: Numbers, probabilities: Numbers, rates: Numbers) -> Station:
    share, speed = np.broadcast_arrays(
        np.asarray(probabilities, dtype=float), np.asarray(rates, dtype=float)
    )
    with np.errstate(all="ignore"):
        good = np.all((share >= 0) & (speed > 0) & (speed < np.inf), axis=-1)
        good &= np.abs(share.sum(axis=-1) - 1.0) <= NEAR
        mean = np.where(good, (share / speed).sum(axis=-1), np.nan)
        scv = 2.0 * (share / speed**2).sum(axis=-1) / mean**2 - 1.0

    def service(
        part: Mapping[str, Array], s: NDArray[np.complex128]
    ) -> tuple[NDArray[np.complex128], ...]:
        own = np.zeros(s.shape, dtype=complex)
        residual, missing = own.copy(), own.copy()
        whole = part["mean"]
        for branch in range(share.shape[-1]):
            weight, pace = part["share"][..., branch], part["speed"][..., branch]
            ends = pace / (pace + s)
            own += weight * ends
            residual += weight / pace / whole * ends
            missing += weight / pace / whole * (s / (pace + s))
        return own, residual, missing

    shape = np.broadcast_shapes(np.shape(arrival_rate), mean.shape)
    wide = {
        "mean": np.broadcast_to(mean, shape),
        "share": np.broadcast_to(share, (*shape, share.shape[-1])),
        "speed": np.broadcast_to(speed, (*shape, share.shape[-1])),
    }
    return Station(arrival_rate, mean, scv, wide, service, inversion.survival_by_hyperbola)
