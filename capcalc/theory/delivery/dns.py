"""Names: what resolvers remember, and how long after a change they still do."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Numbers, broadcast


def hit_ratio(arrival_rate: Numbers, ttl: Numbers) -> Numbers:
    r"""Share of look-ups that a resolver answers itself, :math:`\lambda T / (1 + \lambda T)`.

    Parameters
    ----------
    arrival_rate, ttl : array_like
        Poisson :math:`\lambda` at one resolver [1/s] and time to live :math:`T` [s].

    References
    ----------
    .. [1] J. Jung, A. W. Berger, H. Balakrishnan, "Modeling TTL-based Internet caches",
       INFOCOM, 2003.

    Examples
    --------
    >>> float(hit_ratio(0.05, 60))
    0.75
    """
    rate, life = broadcast(arrival_rate, ttl)
    with np.errstate(all="ignore"):
        good = (rate >= 0) & (life >= 0)
        held = np.where((rate == 0) | (life == 0), 0.0, rate * life)
        return np.where(good, 1.0 / (1.0 + 1.0 / held), np.nan)[()]


def mean_delay(
    arrival_rate: Numbers, ttl: Numbers, hit_time: Numbers, miss_time: Numbers
) -> Numbers:
    r"""Mean delay of a look-up, :math:`(\lambda T d_h + d_m) / (1 + \lambda T)`. [s]

    Parameters
    ----------
    arrival_rate, ttl : array_like
        Poisson :math:`\lambda` at one resolver [1/s] and time to live :math:`T` [s].
    hit_time, miss_time : array_like
        Delay :math:`d_h` of an answer held and :math:`d_m` of one fetched. [s]

    References
    ----------
    .. [1] J. Jung, A. W. Berger, H. Balakrishnan, "Modeling TTL-based Internet caches",
       INFOCOM, 2003.

    Examples
    --------
    >>> float(mean_delay(0.05, 60, 0.005, 0.080))
    0.02375
    """
    rate, life, near, far = broadcast(arrival_rate, ttl, hit_time, miss_time)
    with np.errstate(all="ignore"):
        good = (rate >= 0) & (life >= 0) & (near >= 0) & (far >= 0)
        held = np.where((rate == 0) | (life == 0), 0.0, rate * life)
        return np.where(good, near * (1.0 / (1.0 + 1.0 / held)) + far / (1.0 + held), np.nan)[()]


def authoritative_rate(arrival_rate: Numbers, ttl: Numbers, resolvers: Numbers = 1.0) -> Numbers:
    r"""Look-ups at the authority from K resolvers.

    .. math:: K \lambda / (1 + \lambda T) \le K / T

    [1/s]

    Parameters
    ----------
    arrival_rate, ttl : array_like
        Poisson :math:`\lambda` at one resolver [1/s] and time to live :math:`T` [s].
    resolvers : array_like
        :math:`K \ge 0`, each with that rate.

    References
    ----------
    .. [1] J. Jung, A. W. Berger, H. Balakrishnan, "Modeling TTL-based Internet caches",
       INFOCOM, 2003.

    Examples
    --------
    >>> float(authoritative_rate(0.05, 60, 10_000))
    125.0
    """
    rate, life, count = broadcast(arrival_rate, ttl, resolvers)
    with np.errstate(all="ignore"):
        good = (rate >= 0) & (life >= 0) & (count >= 0)
        held = np.where((rate == 0) | (life == 0), 0.0, rate * life)
        return np.where(good, count * rate / (1.0 + held), np.nan)[()]


def failover_time(detection: Numbers, ttl: Numbers) -> Numbers:
    r"""Mean time until a user of an old answer is moved.

    .. math:: t_d + T / 2

    At most :math:`t_d + T`. [s]

    Parameters
    ----------
    detection, ttl : array_like
        Time to notice and to publish, time to live. [s]

    References
    ----------
    .. [1] D. R. Cox, *Renewal Theory*, Methuen, 1962, sec. 5.2 (residual life).

    Examples
    --------
    >>> float(failover_time(30, 60))
    60.0
    """
    seen, life = broadcast(detection, ttl)
    with np.errstate(all="ignore"):
        good = (seen >= 0) & (life >= 0)
        return np.where(good, seen + 0.5 * life, np.nan)[()]


def lost_requests(arrival_rate: Numbers, detection: Numbers, ttl: Numbers) -> Numbers:
    r"""Mean requests lost in a failover, :math:`\lambda (t_d + T / 2)`.

    Parameters
    ----------
    arrival_rate : array_like
        Of the region that fails. [1/s]
    detection, ttl : array_like
        As for :func:`failover_time`. [s]

    References
    ----------
    .. [1] D. R. Cox, *Renewal Theory*, Methuen, 1962, sec. 5.2.

    Examples
    --------
    >>> float(lost_requests(100, 30, 60))
    6000.0
    """
    rate, seen, life = broadcast(arrival_rate, detection, ttl)
    with np.errstate(all="ignore"):
        good = (rate >= 0) & (seen >= 0) & (life >= 0)
        return np.where(good, np.where(rate == 0, 0.0, rate * (seen + 0.5 * life)), np.nan)[()]


def old_answers(
    time: Numbers, arrival_rate: Numbers, ttl: Numbers, violators: Numbers = 0.0
) -> Numbers:
    r"""Share of resolvers that hold the old answer a time after a change.

    .. math:: v + (1 - v) \frac{\lambda T}{1 + \lambda T} \left(1 - \frac tT\right)^+

    Parameters
    ----------
    time : array_like
        Since the change. [s]
    arrival_rate, ttl : array_like
        Poisson :math:`\lambda` at one resolver [1/s] and time to live :math:`T` [s].
    violators : array_like
        Share :math:`v` that never asks again.

    References
    ----------
    .. [1] J. Jung, A. W. Berger, H. Balakrishnan, "Modeling TTL-based Internet caches",
       INFOCOM, 2003.

    Examples
    --------
    >>> round(float(old_answers(20, 0.05, 60)), 12)
    0.5
    """
    after, rate, life, never = broadcast(time, arrival_rate, ttl, violators)
    with np.errstate(all="ignore"):
        good = (rate >= 0) & (life >= 0) & (after >= 0) & (never >= 0) & (never <= 1)
        held = np.where((rate == 0) | (life == 0), 0.0, rate * life)
        left = np.where(after < life, 1.0 - np.where(np.isinf(life), 0.0, after / life), 0.0)
        return np.where(good, never + (1.0 - never) * (left / (1.0 + 1.0 / held)), np.nan)[()]
