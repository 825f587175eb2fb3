"""E_n/M/1: Erlang arrivals, exponential service, one server; one host of n in round robin."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Array, Numbers, broadcast, spare_rate
from capcalc.theory.queues import mm1, mmc


def prob_wait(arrival_rate: Numbers, service_rate: Numbers, phases: Numbers) -> Numbers:
    r"""Share of arrivals that wait, the root :math:`\sigma` in (0, 1) of

    .. math:: \sigma = \left(\frac{n\rho}{n\rho + 1 - \sigma}\right)^n

    Parameters
    ----------
    arrival_rate, service_rate : array_like
        :math:`\lambda` and :math:`\mu` of this server. [1/s]
    phases : array_like
        :math:`n \ge 1`; times between arrivals are Erlang with n phases.

    Returns
    -------
    float or ndarray
        Probability; 1 where saturated.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 6.4.

    Examples
    --------
    >>> round(float(prob_wait(0.8, 1, 10)), 5)
    0.6578
    """
    return _solved(arrival_rate, service_rate, phases)[0][()]


def _solved(rate: Numbers, speed: Numbers, phases: Numbers) -> tuple[Array, Array]:
    """Sigma and 1 - sigma, each to full relative precision."""
    rate, speed, count = broadcast(rate, speed, phases)
    spare = spare_rate(rate, speed, 1.0)
    with np.errstate(all="ignore"):
        valid = (rate >= 0) & (speed > 0) & (count >= 1) & np.isfinite(rate + speed + count)
        sigma = np.where(valid, np.where(spare > 0, 0.0, 1.0), np.nan)
        gap = np.asarray(1.0 - sigma)
        some = valid & (spare > 0) & (rate > 0)
        load, missing, n = rate[some] / speed[some], spare[some] / speed[some], count[some]
        gap[some] = _gap(load, missing, n)
        sigma[some] = np.exp(-n * np.log1p(gap[some] / (n * load)))
    return sigma, gap


def _gap(load: Array, missing: Array, count: Array) -> Array:
    r"""The root x = 1 - sigma of ln(1 - x) + n ln(1 + x / (n rho)) = 0 in (0, 1].

    Newton from the right inside a bracket, element by element. For small x the leading terms
    cancel all but :math:`x (1 - \rho) / \rho`, which is therefore kept apart.
    """
    low = count * missing / (count + 1.0)  # the summit lies left of the root
    high = np.ones_like(load)
    x = np.minimum(2.0 * low, 0.5 * (1.0 + low))
    moving = np.ones(load.shape, dtype=bool)
    for _ in range(100):
        value = x * missing / load + count * _log_rest(x / (count * load)) + _log_rest(-x)
        slope = missing / load - x / (count * load * (load + x / count)) - x / (1.0 - x)
        low, high = np.where(value > 0, x, low), np.where(value > 0, high, x)
        newton = x - value / slope
        after = np.where((newton > low) & (newton < high), newton, 0.5 * (low + high))
        step = np.abs(after - x)
        x = np.where(moving, after, x)
        moving &= step > 2e-16 * x
        if not moving.any():
            break
    return x


def _log_rest(y: Array) -> Array:
    """ln(1 + y) - y, by the series of the inverse hyperbolic tangent where y is small."""
    ratio = y / (2.0 + y)
    square = ratio * ratio
    series = np.zeros_like(y)
    for k in range(9, -1, -1):
        series = series * square + 2.0 / (2 * k + 3)
    return np.where(np.abs(y) < 0.3, -ratio * y + ratio * square * series, np.log1p(y) - y)


def mean_wait(arrival_rate: Numbers, service_rate: Numbers, phases: Numbers) -> Numbers:
    r"""Mean time in queue, :math:`W_q = S \sigma / (1 - \sigma)`, exact. [s]

    Parameters
    ----------
    arrival_rate, service_rate, phases : array_like
        As for :func:`prob_wait`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 6.4.

    Examples
    --------
    >>> round(float(1 + mean_wait(0.8, 1, 10)), 4)
    2.9223
    """
    sigma, gap = _solved(arrival_rate, service_rate, phases)
    with np.errstate(all="ignore"):
        wait: Array = np.asarray(sigma / gap / np.asarray(service_rate, float))
        return wait[()]


def mean_response(arrival_rate: Numbers, service_rate: Numbers, phases: Numbers) -> Numbers:
    r"""Mean time from arrival to departure, :math:`W = S / (1 - \sigma)`, exact. [s]

    Parameters
    ----------
    arrival_rate, service_rate, phases : array_like
        As for :func:`prob_wait`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 6.4.

    Examples
    --------
    >>> round(float(mean_response(0.8, 1, 10)), 4)
    2.9223
    """
    own = mm1.mean_response(0.0, service_rate)
    return np.add(mean_wait(arrival_rate, service_rate, phases), own)[()]


def utilization(arrival_rate: Numbers, service_rate: Numbers, phases: Numbers) -> Numbers:
    r"""Share of time that the server is busy, :math:`\rho = \lambda / \mu`.

    Parameters
    ----------
    arrival_rate, service_rate, phases : array_like
        As for :func:`prob_wait`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 6.4.

    Examples
    --------
    >>> float(utilization(0.8, 1, 10))
    0.8
    """
    sigma = _solved(arrival_rate, service_rate, phases)[0]
    return np.where(np.isnan(sigma), np.nan, mm1.utilization(arrival_rate, service_rate))[()]


def mean_queue_length(arrival_rate: Numbers, service_rate: Numbers, phases: Numbers) -> Numbers:
    r"""Mean number waiting, :math:`L_q = \lambda W_q` (Little).

    Parameters
    ----------
    arrival_rate, service_rate, phases : array_like
        As for :func:`prob_wait`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 6.4.

    Examples
    --------
    >>> round(float(mean_queue_length(0.8, 1, 10)), 4)
    1.5378
    """
    return mmc.held(arrival_rate, mean_wait(arrival_rate, service_rate, phases))


def mean_number(arrival_rate: Numbers, service_rate: Numbers, phases: Numbers) -> Numbers:
    r"""Mean number waiting or served, :math:`L = \lambda W` (Little).

    Parameters
    ----------
    arrival_rate, service_rate, phases : array_like
        As for :func:`prob_wait`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 6.4.

    Examples
    --------
    >>> round(float(mean_number(0.8, 1, 10)), 4)
    2.3378
    """
    return mmc.held(arrival_rate, mean_response(arrival_rate, service_rate, phases))


def wait_cdf(
    time: Numbers, arrival_rate: Numbers, service_rate: Numbers, phases: Numbers
) -> Numbers:
    r"""Probability of waiting at most ``time``, :math:`1 - \sigma e^{-(1-\sigma)\mu t}`, exact.

    Parameters
    ----------
    time : array_like
        [s]
    arrival_rate, service_rate, phases : array_like
        As for :func:`prob_wait`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 6.4.

    Examples
    --------
    >>> round(float(wait_cdf(0.0, 0.8, 1, 10)), 5)
    0.3422
    """
    return _within(time, arrival_rate, service_rate, phases, served=False)


def wait_quantile(
    p: Numbers, arrival_rate: Numbers, service_rate: Numbers, phases: Numbers
) -> Numbers:
    r"""The wait that a share ``p`` does not exceed, exact; 0 up to :math:`1 - \sigma`. [s]

    Parameters
    ----------
    p : array_like
        :math:`0 \le p < 1`.
    arrival_rate, service_rate, phases : array_like
        As for :func:`prob_wait`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 6.4.

    Examples
    --------
    >>> round(float(wait_quantile(0.9, 0.8, 1, 10)), 4)
    5.5048
    """
    return _time(p, arrival_rate, service_rate, phases, served=False)


def response_cdf(
    time: Numbers, arrival_rate: Numbers, service_rate: Numbers, phases: Numbers
) -> Numbers:
    r"""Probability of a response within ``time``, :math:`1 - e^{-(1-\sigma)\mu t}`, exact.

    Parameters
    ----------
    time : array_like
        [s]
    arrival_rate, service_rate, phases : array_like
        As for :func:`prob_wait`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 6.4.

    Examples
    --------
    >>> round(float(response_cdf(2.9223, 0.8, 1, 10)), 4)
    0.6321
    """
    return _within(time, arrival_rate, service_rate, phases, served=True)


def response_quantile(
    p: Numbers, arrival_rate: Numbers, service_rate: Numbers, phases: Numbers
) -> Numbers:
    r"""The response that a share ``p`` does not exceed, exact. [s]

    Parameters
    ----------
    p : array_like
        :math:`0 \le p < 1`.
    arrival_rate, service_rate, phases : array_like
        As for :func:`prob_wait`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 6.4.

    Examples
    --------
    >>> round(float(response_quantile(0.9, 0.8, 1, 10)), 4)
    6.7288
    """
    return _time(p, arrival_rate, service_rate, phases, served=True)


def _within(
    time: Numbers, rate: Numbers, speed: Numbers, phases: Numbers, *, served: bool
) -> Numbers:
    time, rate, speed, phases = broadcast(time, rate, speed, phases)
    sigma, gap = _solved(rate, speed, phases)
    with np.errstate(all="ignore"):
        decay = gap * speed * time
        within = -np.expm1(-decay) if served else gap - sigma * np.expm1(-decay)
        within = np.where((time < 0) | (gap == 0), 0.0, np.where(time == np.inf, 1.0, within))
        return np.where(np.isnan(time + sigma), np.nan, within)[()]


def _time(p: Numbers, rate: Numbers, speed: Numbers, phases: Numbers, *, served: bool) -> Numbers:
    level, rate, speed, phases = broadcast(p, rate, speed, phases)
    sigma, gap = _solved(rate, speed, phases)
    with np.errstate(all="ignore"):
        beyond = -np.log1p(-level) + (0.0 if served else np.log(sigma))
        time = np.where(gap > 0, np.maximum(beyond, 0.0) / (gap * speed), np.inf)
        good = (level >= 0) & (level < 1) & ~np.isnan(sigma)
        return np.where(good, np.where(level == 0, 0.0, time), np.nan)[()]
