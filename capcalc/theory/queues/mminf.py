"""M/M/infinity: a server for everybody; the numbers hold for any law of service."""

from __future__ import annotations

import numpy as np
from scipy import special

from capcalc.theory.arrays import Array, Numbers, broadcast


def mean_number(arrival_rate: Numbers, service_rate: Numbers) -> Numbers:
    r"""Mean number there, the offered load :math:`a = \lambda / \mu`, for any law of service.

    Parameters
    ----------
    arrival_rate, service_rate : array_like
        :math:`\lambda` and :math:`\mu` of one server. [1/s]

    References
    ----------
    .. [1] L. Takacs, *Introduction to the Theory of Queues*, Oxford University Press, 1962, ch. 3.

    Examples
    --------
    >>> float(mean_number(4, 2))
    2.0
    """
    rate, speed = broadcast(arrival_rate, service_rate)
    with np.errstate(all="ignore"):
        return _valid(rate, speed, rate / speed)


def mean_queue_length(arrival_rate: Numbers, service_rate: Numbers) -> Numbers:
    r"""Mean number waiting: nobody does.

    Parameters
    ----------
    arrival_rate, service_rate : array_like
        As for :func:`mean_number`.

    References
    ----------
    .. [1] L. Takacs, *Introduction to the Theory of Queues*, Oxford University Press, 1962, ch. 3.

    Examples
    --------
    >>> float(mean_queue_length(4, 2))
    0.0
    """
    return mean_wait(arrival_rate, service_rate)


def prob_wait(arrival_rate: Numbers, service_rate: Numbers) -> Numbers:
    r"""Share of arrivals that wait: nobody does.

    Parameters
    ----------
    arrival_rate, service_rate : array_like
        As for :func:`mean_number`.

    References
    ----------
    .. [1] L. Takacs, *Introduction to the Theory of Queues*, Oxford University Press, 1962, ch. 3.

    Examples
    --------
    >>> float(prob_wait(4, 2))
    0.0
    """
    return mean_wait(arrival_rate, service_rate)


def mean_wait(arrival_rate: Numbers, service_rate: Numbers) -> Numbers:
    r"""Mean wait: nobody waits. [s]

    Parameters
    ----------
    arrival_rate, service_rate : array_like
        As for :func:`mean_number`.

    References
    ----------
    .. [1] L. Takacs, *Introduction to the Theory of Queues*, Oxford University Press, 1962, ch. 3.

    Examples
    --------
    >>> float(mean_wait(4, 2))
    0.0
    """
    rate, speed = broadcast(arrival_rate, service_rate)
    return _valid(rate, speed, np.zeros(rate.shape))


def mean_response(arrival_rate: Numbers, service_rate: Numbers) -> Numbers:
    r"""Mean time there, :math:`1 / \mu`. [s]

    Parameters
    ----------
    arrival_rate, service_rate : array_like
        As for :func:`mean_number`.

    References
    ----------
    .. [1] L. Takacs, *Introduction to the Theory of Queues*, Oxford University Press, 1962, ch. 3.

    Examples
    --------
    >>> float(mean_response(4, 2))
    0.5
    """
    rate, speed = broadcast(arrival_rate, service_rate)
    with np.errstate(all="ignore"):
        return _valid(rate, speed, 1.0 / speed)


def prob_empty(arrival_rate: Numbers, service_rate: Numbers) -> Numbers:
    r"""Probability that nobody is there, :math:`e^{-a}`, for any law of service.

    Parameters
    ----------
    arrival_rate, service_rate : array_like
        As for :func:`mean_number`.

    References
    ----------
    .. [1] L. Takacs, *Introduction to the Theory of Queues*, Oxford University Press, 1962, ch. 3.

    Examples
    --------
    >>> round(float(prob_empty(4, 2)), 6)
    0.135335
    """
    rate, speed = broadcast(arrival_rate, service_rate)
    with np.errstate(all="ignore"):
        return _valid(rate, speed, np.exp(-rate / speed))


def number_quantile(p: Numbers, arrival_rate: Numbers, service_rate: Numbers) -> Numbers:
    r"""The number that is not exceeded for a share ``p`` of the time: Poisson of mean a.

    Parameters
    ----------
    p : array_like
        :math:`0 \le p < 1`.
    arrival_rate, service_rate : array_like
        As for :func:`mean_number`; up to loads of 1e5 the integer is certain.

    References
    ----------
    .. [1] L. Takacs, *Introduction to the Theory of Queues*, Oxford University Press, 1962, ch. 3.

    Examples
    --------
    >>> float(number_quantile(0.99, 4, 1.2))
    8.0
    """
    level, rate, speed = broadcast(p, arrival_rate, service_rate)
    with np.errstate(all="ignore"):
        load = rate / speed
        good = (level >= 0) & (level < 1)
        number = np.ceil(special.pdtrik(np.where(good, level, 0.5), load))
        number = np.where(np.isnan(number) | (load == 0), 0.0, np.maximum(number, 0.0))
        for _ in range(3):  # the inverse is a root in the reals: settle the integer
            below = special.pdtr(number - 1.0, load)
            number = np.where((number >= 1) & (below >= level), number - 1.0, number)
            number = np.where(special.pdtr(number, load) < level, number + 1.0, number)
        return _valid(rate, speed, np.where(good, number, np.nan))


def response_cdf(time: Numbers, arrival_rate: Numbers, service_rate: Numbers) -> Numbers:
    r"""Probability of being served within ``time``, :math:`1 - e^{-\mu t}`.

    Parameters
    ----------
    time : array_like
        [s]
    arrival_rate, service_rate : array_like
        As for :func:`mean_number`.

    References
    ----------
    .. [1] L. Takacs, *Introduction to the Theory of Queues*, Oxford University Press, 1962, ch. 3.

    Examples
    --------
    >>> round(float(response_cdf(1.0, 4, 1)), 6)
    0.632121
    """
    time, rate, speed = broadcast(time, arrival_rate, service_rate)
    with np.errstate(all="ignore"):
        return _valid(rate, speed, np.where(time < 0, 0.0, -np.expm1(-speed * time)))


def response_quantile(p: Numbers, arrival_rate: Numbers, service_rate: Numbers) -> Numbers:
    r"""The time within which a share ``p`` is served. [s]

    Parameters
    ----------
    p : array_like
        :math:`0 \le p < 1`.
    arrival_rate, service_rate : array_like
        As for :func:`mean_number`.

    References
    ----------
    .. [1] L. Takacs, *Introduction to the Theory of Queues*, Oxford University Press, 1962, ch. 3.

    Examples
    --------
    >>> round(float(response_quantile(0.5, 4, 2)), 6)
    0.346574
    """
    level, rate, speed = broadcast(p, arrival_rate, service_rate)
    with np.errstate(all="ignore"):
        time = np.where((level >= 0) & (level < 1), -np.log1p(-level) / speed, np.nan)
        return _valid(rate, speed, time)


def _valid(rate: Array, speed: Array, value: Array) -> Numbers:
    with np.errstate(all="ignore"):
        good = (rate >= 0) & (speed > 0) & np.isfinite(rate) & np.isfinite(speed)
        return np.where(good, value, np.nan)[()]
