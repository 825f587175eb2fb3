"""How far a replica is behind that replays writes one after another."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Array, Numbers, broadcast, spare_rate


def mean_lag(write_rate: Numbers, apply_time: Numbers) -> Numbers:
    r"""Mean time from a write's arrival to its replay, exponential times: :math:`D/(1-\rho)`. [s]

    The delay of the network comes on top.

    Parameters
    ----------
    write_rate : array_like
        :math:`\lambda_w`. [1/s]
    apply_time : array_like
        Mean :math:`D` of a replay. [s]

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 3.2.

    Examples
    --------
    >>> round(float(mean_lag(700, 0.001)), 9)
    0.003333333
    """
    rate, time = broadcast(write_rate, apply_time)
    idle = _idle(rate, time)
    with np.errstate(all="ignore"):
        lag = np.where(idle > 0, time / idle, np.inf)
        return np.where((rate >= 0) & (time >= 0) & np.isfinite(rate), lag, np.nan)[()]


def mean_lag_constant(write_rate: Numbers, apply_time: Numbers) -> Numbers:
    r"""Mean time to the replay when each takes as long: :math:`D (1 + \rho / (2 (1 - \rho)))`.

    Parameters
    ----------
    write_rate, apply_time : array_like
        As for :func:`mean_lag`. [1/s], [s]

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.6.

    Examples
    --------
    >>> round(float(mean_lag_constant(700, 0.001)), 9)
    0.002166667
    """
    rate, time = broadcast(write_rate, apply_time)
    idle = _idle(rate, time)
    with np.errstate(all="ignore"):
        lag = np.where(idle > 0, time * (1.0 + 0.5 * rate * time / idle), np.inf)
        return np.where((rate >= 0) & (time >= 0) & np.isfinite(rate), lag, np.nan)[()]


def prob_stale(time: Numbers, write_rate: Numbers, apply_time: Numbers) -> Numbers:
    r"""Probability that a write is not yet replayed after ``time``, :math:`e^{-(1-\rho) t / D}`.

    Parameters
    ----------
    time : array_like
        From the write's arrival at the replica to the read. [s]
    write_rate, apply_time : array_like
        As for :func:`mean_lag`; 1 where the replica never keeps up.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.11 (response of
       M/M/1).

    Examples
    --------
    >>> round(float(prob_stale(0.005, 700, 0.001)), 4)
    0.2231
    """
    after, rate, mean = broadcast(time, write_rate, apply_time)
    idle = _idle(rate, mean)
    with np.errstate(all="ignore"):
        stale = np.where(after > 0, np.exp(-idle * after / mean), 1.0)
        stale = np.where((idle > 0) & (mean > 0), stale, np.where(idle > 0, after < 0, 1.0))
        good = (rate >= 0) & (mean >= 0) & np.isfinite(rate) & ~np.isnan(after)
        return np.where(good, stale, np.nan)[()]


def catch_up_time(
    duration: Numbers, burst_rate: Numbers, write_rate: Numbers, apply_time: Numbers
) -> Numbers:
    r"""Time to replay what a burst has left behind, on average (a fluid).

    .. math:: t_b \frac{(\lambda_b D - 1)^+}{1 - \lambda_w D}

    Exact for the mean of what is left when the replica is never idle in the burst; else low.

    Parameters
    ----------
    duration : array_like
        :math:`t_b` of the burst. [s]
    burst_rate, write_rate : array_like
        :math:`\lambda_b` in it, :math:`\lambda_w` after it. [1/s]
    apply_time : array_like
        :math:`D`. [s]

    Returns
    -------
    float or ndarray
        Seconds from its end; ``inf`` where the replica does not keep up afterwards.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 2: Computer Applications*, Wiley, 1976, sec. 2.7
       (fluid approximation).

    Examples
    --------
    >>> round(float(catch_up_time(60, 1500, 700, 0.001)), 6)
    100.0
    """
    span, burst, rate, time = broadcast(duration, burst_rate, write_rate, apply_time)
    with np.errstate(all="ignore"):
        left = span * np.maximum(spare_rate(1.0, burst, time), 0.0)
    return _caught_up(left, span, burst, rate, time)


def catch_up_after_outage(duration: Numbers, write_rate: Numbers, apply_time: Numbers) -> Numbers:
    r"""Mean time to replay what has come while the replica was away, :math:`t\rho/(1-\rho)`. [s]

    Parameters
    ----------
    duration : array_like
        :math:`t` of the outage. [s]
    write_rate, apply_time : array_like
        As for :func:`mean_lag`. [1/s], [s]

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.8 (delayed busy
       period).

    Examples
    --------
    >>> round(float(catch_up_after_outage(60, 700, 0.001)), 6)
    140.0
    """
    span, rate, time = broadcast(duration, write_rate, apply_time)
    with np.errstate(all="ignore"):
        left = span * rate * time
    return _caught_up(left, span, rate, rate, time)


def _idle(rate: Array, time: Array) -> Array:
    """What replaying leaves of the time, 1 - lambda D, rounded once."""
    return np.asarray(-spare_rate(1.0, rate, time))


def _caught_up(left: Array, span: Array, burst: Array, rate: Array, time: Array) -> Numbers:
    idle = _idle(rate, time)
    with np.errstate(all="ignore"):
        after = np.where(left == 0, 0.0, np.where(idle > 0, left / idle, np.inf))
        good = (span >= 0) & (burst >= 0) & (rate >= 0) & (time >= 0) & ~np.isnan(left)
        return np.where(good & np.isfinite(rate), after, np.nan)[()]
